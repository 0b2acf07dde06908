"""The engine as a process, and its log.

Started by a session, it reads one line of JSON (`token`, `home`) on its standard input, answers with one (`port`), and
ends when that input ends. Started by `serve`, it speaks to whoever asks for a token, until it is interrupted.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TextIO

import uvicorn

from nemo_notebook import errors, settings
from nemo_notebook.engine.api import Api, build_app
from nemo_notebook.engine.middleware import BACKLOG, Connection
from nemo_notebook.engine.store import Store
from nemo_notebook.files import DATABASE_BYTES, disk_full, is_full

MOST_BYTES: Final = 4 << 20


def set_up_log(path: Path | None = None) -> None:
    """Write warnings and errors of all libraries to the standard error.

    Args:
        path: The file that the standard error goes to, if it is to be rotated.
    """
    handler = _Rotated(path) if path else logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


class _Rotated(logging.StreamHandler[TextIO]):
    """Writes to the standard error, a file that other processes write to as well: it is emptied, not replaced."""

    def __init__(self, path: Path) -> None:
        super().__init__(sys.stderr)
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        with contextlib.suppress(OSError):
            seen = os.fstat(2)
            if seen.st_size > MOST_BYTES and os.path.samestat(seen, self._path.stat()):
                shutil.copyfile(self._path, self._path.with_suffix(".old.log"))
                os.ftruncate(2, 0)
                os.lseek(2, 0, os.SEEK_SET)  # where the system does not append by itself (Windows)


_LAST_SECONDS: Final = 3.0
_MOST_UPLOAD_BYTES: Final = 500_000_000  # of a file, where many share a server


def main() -> None:
    """Run as the child of a session."""
    config = json.loads(sys.stdin.buffer.readline())
    home = Path(config["home"])
    try:
        store, listener = _open(home), _listen(0)
    except errors.NemoError as error:
        print(json.dumps({"error": error.message, "hint": error.hint}), flush=True)  # noqa: T201 - the protocol
        return
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)  # noqa: T201 - the protocol
    os.dup2(2, 1)  # what anything prints from here on goes to the log
    set_up_log(home / "engine.log")
    server = _server(Api(store, config["token"]))
    _end_with_parent(server)
    asyncio.run(server.serve(sockets=[listener]))


def serve(home: Path, port: int, on_start: Callable[[str], None]) -> None:
    """Run in the foreground, for anyone on this machine: each who asks for a token is a user of their own.

    Args:
        home: Where everything is kept.
        port: The port to listen on; 0 takes a free one.
        on_start: Told the address.

    Raises:
        EngineError: The port is taken, or the home cannot be used.
        UsageError: The number of workers that is set is none.
    """
    store, listener = _open(home), _listen(port)
    on_start(f"http://127.0.0.1:{listener.getsockname()[1]}")
    set_up_log()
    server = _server(Api(store, anonymous=True, max_upload_bytes=_MOST_UPLOAD_BYTES))
    asyncio.run(server.serve(sockets=[listener]))


def _open(home: Path) -> Store:
    settings.engine_workers()  # what is wrong with it is told at once
    try:
        return Store(home)
    except (OSError, RuntimeError, sqlite3.Error) as error:
        if is_full(error, home):
            raise disk_full("the engine", home, DATABASE_BYTES) from error
        raise errors.EngineError(
            f"The engine cannot keep things in {home}: {error}.",
            hint="Move that folder away, or set NEMO_HOME to another.",
        ) from error


def _listen(port: int) -> socket.socket:
    # Named as TCP: asyncio gives TCP_NODELAY only to such sockets, and without it each answer takes 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise errors.EngineError(
            f"Port {port} cannot be used: it is taken or not allowed.", hint="Choose another, or leave --port out."
        ) from error
    listener.listen(BACKLOG)
    return listener


def _server(api: Api) -> uvicorn.Server:
    config = uvicorn.Config(
        build_app(api),
        http=Connection,
        backlog=BACKLOG,
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,  # uvicorn's own shows the keys of files
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _end_with_parent(server: uvicorn.Server) -> None:
    def watch() -> None:
        while os.read(0, 1):  # not by `sys.stdin`: its lock would be held when the process comes to its end
            pass
        server.should_exit = True
        last = threading.Timer(_LAST_SECONDS, os._exit, (0,))
        last.daemon = True  # it is for an end that hangs; one in order does not wait for it
        last.start()

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main()
