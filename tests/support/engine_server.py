"""Servers in this process, each with a thread and a loop of its own: the engine, and services made up for a test."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import uvicorn
from cloud_service import CloudApi, Manners
from starlette.types import ASGIApp
from tcp_ends import listen, stop_accepting

from nemo_notebook.engine.api import Api, build_app
from nemo_notebook.engine.middleware import Connection
from nemo_notebook.engine.store import Store

_PLAIN: Final = Manners()
_START_S: Final = 60.0
_STOP_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Serving:
    """A live engine. Its loop is another thread's: look into it, but run nothing of it.

    Attributes:
        token: Lets in as the user `local`; anonymous tokens are given out too.
    """

    url: str
    api: Api
    store: Store
    token: str = field(repr=False)


@contextlib.contextmanager
def serving(folder: Path, manners: Manners = _PLAIN) -> Iterator[Serving]:
    """The engine, keeping its things in `folder`."""
    store = Store(folder)
    token = f"nmv_usr_{secrets.token_urlsafe(32)}"
    api = CloudApi(store, token, manners)
    with _listening(build_app(api), lifespan="on", http=Connection) as url:
        yield Serving(url, api, store, token)


@contextlib.contextmanager
def stub_serving(app: ASGIApp) -> Iterator[str]:
    """Any application; gives its address."""
    with _listening(app, lifespan="off") as url:
        yield url


class _Server(uvicorn.Server):
    """Tells when it has started, or failed to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.tried = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.tried.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            await stop_accepting(server)
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):  # what was still busy is left open by uvicorn
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


@contextlib.contextmanager
def _listening(
    app: ASGIApp, lifespan: Literal["on", "off"], http: type[asyncio.Protocol] | str = "auto"
) -> Iterator[str]:
    # No logging set up by uvicorn: its handlers would hold on to the stream that pytest captures one test with.
    quiet: dict[str, Any] = {"log_config": None, "log_level": "error", "access_log": False}
    server = _Server(uvicorn.Config(app, http=http, lifespan=lifespan, timeout_graceful_shutdown=1, **quiet))
    with listen() as listener:
        thread = threading.Thread(target=asyncio.run, args=(server.serve([listener]),), name="server", daemon=True)
        thread.start()
        try:
            if not server.tried.wait(_START_S) or not server.started:
                raise RuntimeError("The server did not start.")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_STOP_S)
        if thread.is_alive():
            raise RuntimeError("The server did not end.")
