"""The engine as a process.

Started by a session, it reads one line of JSON (`token`, `home`) on its standard input, answers with one (`port`), and
ends when that input ends. Started by `serve`, it speaks to whoever asks for a token, until it is interrupted.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn

from nemo_notebook import errors, settings
from nemo_notebook.engine.api import Api, build_app
from nemo_notebook.engine.connections import BACKLOG, Connection
from nemo_notebook.engine.engine import Engine
from nemo_notebook.engine.limits import raise_descriptors
from nemo_notebook.engine.log import set_up_log
from nemo_notebook.engine.store import Store
from nemo_notebook.files import DATABASE_BYTES, disk_full, is_full

_LAST_SECONDS: Final = 3.0
_MOST_UPLOAD_BYTES: Final = 500_000_000  # of a file, where many share a server


def main() -> None:
    """Run as the child of a session."""
    config = json.loads(sys.stdin.buffer.readline())
    try:
        settings.engine_workers()
        store, listener = _open(Path(config["home"])), _listen(0)
    except errors.NemoError as error:
        print(json.dumps({"error": error.message, "hint": error.hint}), flush=True)  # noqa: T201 - the protocol
        return
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)  # noqa: T201 - the protocol
    os.dup2(2, 1)  # what anything prints from here on goes to the log
    set_up_log(Path(config["home"]) / "engine.log")
    asyncio.run(_serve(listener, Api(Engine(store), config["token"]), on_start=_end_with_parent))


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
    settings.engine_workers()
    store, listener = _open(home), _listen(port)
    on_start(f"http://127.0.0.1:{listener.getsockname()[1]}")
    set_up_log()
    _log_access()
    asyncio.run(_serve(listener, Api(Engine(store), anonymous=True, max_upload_bytes=_MOST_UPLOAD_BYTES)))


def _log_access() -> None:
    """Show each request on the standard error."""
    shown = logging.StreamHandler()
    shown.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    access = logging.getLogger("nemo_notebook.access")
    access.addHandler(shown)
    access.setLevel(logging.INFO)


def _open(home: Path) -> Store:
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


async def _serve(listener: socket.socket, api: Api, on_start: Callable[[uvicorn.Server], None] | None = None) -> None:
    raise_descriptors()
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
    server = uvicorn.Server(config)
    if on_start:
        on_start(server)
    await server.serve(sockets=[listener])


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
