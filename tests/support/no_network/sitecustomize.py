"""For a Python that has this folder in PYTHONPATH: no connection, no look-up of a name and no engine.

What is tried is refused, and written down in the file that `NEMO_TEST_TRIED` names.
"""

from __future__ import annotations

import os
import sys

_REFUSED = {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}


def _is_pair() -> bool:
    """Whether it is an event loop that connects to itself, as it does on Windows."""
    caller = sys._getframe(2)
    return caller.f_code.co_name in {"socketpair", "_fallback_socketpair"}


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _is_pair():
        return
    is_engine = event == "subprocess.Popen" and "nemo_notebook" in repr(arguments[1])
    if event in _REFUSED or is_engine:
        what = f"{event} {arguments[1]!r}" if len(arguments) > 1 else event
        with open(os.environ["NEMO_TEST_TRIED"], "a", encoding="utf-8") as tried:  # noqa: PTH123 - before all else
            tried.write(what + "\n")
        raise PermissionError(what)


sys.addaudithook(_watch)
