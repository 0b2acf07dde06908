"""A machine without a network: `python offline.py COMMAND …` runs a command that reaches nothing but itself.

Where Linux lets us, it gets a network namespace of its own, in which there is only loopback. Elsewhere every Python
that it starts is kept from connecting to anything else.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

NAMESPACES = (("unshare", "--net"), ("unshare", "--map-root-user", "--net"))
SET_FLAGS, UP_AND_RUNNING = 0x8914, 0x41  # SIOCSIFFLAGS; IFF_UP | IFF_RUNNING
OUTSIDE = ("192.0.2.1", 53)  # an address that is for documents only, behind the way out

GUARD = """\
import socket

_connect, _connect_ex, _look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
_HERE = ("127.", "::1", "localhost")


def _checked(address):
    if isinstance(address, tuple) and not str(address[0]).startswith(_HERE):
        raise OSError(101, "Network is unreachable")


def _refusing(connect):
    def wrapped(self, address):
        _checked(address)
        return connect(self, address)

    return wrapped


def _look_up_here(host, *more, **how):
    if host is not None and not str(host).startswith(_HERE):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _look_up(host, *more, **how)


socket.socket.connect, socket.socket.connect_ex = _refusing(_connect), _refusing(_connect_ex)
socket.getaddrinfo = _look_up_here
"""


def offline(*command: str) -> list[str]:
    """The command that runs this one without a network."""
    return [sys.executable, __file__, *command]


def main(command: Sequence[str]) -> int:
    """Cut the network off, see that it is, and run the command; gives its exit status."""
    if command[0] == "--inside":
        _wake_loopback()
        _see_that_it_is_cut()
        return subprocess.call(command[1:])
    for namespace in NAMESPACES if sys.platform == "linux" else ():
        if _works(*namespace):
            print(f"without a network: {' '.join(namespace)}", file=sys.stderr)
            return subprocess.call([*namespace, *offline("--inside", *command)])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
        print("without a network: every Python is kept from it", file=sys.stderr)
        return subprocess.call(command, env={**os.environ, "PYTHONPATH": folder})


def _works(*namespace: str) -> bool:
    """Whether we may have one, and loopback in it."""
    nothing = offline("--inside", sys.executable, "-c", "")
    try:
        return subprocess.run([*namespace, *nothing], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _wake_loopback() -> None:
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh14x", b"lo", UP_AND_RUNNING))


def _see_that_it_is_cut() -> None:
    try:
        with socket.create_connection(OUTSIDE, timeout=3):
            pass
    except TimeoutError:
        sys.exit("the network is not cut off: a connection outwards was tried")
    except OSError:
        return
    sys.exit("the network is not cut off")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
