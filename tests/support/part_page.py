"""A part of the panel on a page of its own, over its Python in this process: no notebook, no waiting for one."""

from __future__ import annotations

import asyncio
import html
import json
import queue
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from stage import LoopbackServer
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from nemo_notebook.notebook.widgets.part import PanelPart

_PAGE = Path(__file__).with_suffix(".html")


class PartPage(LoopbackServer):
    """Shows a part; use it as a context manager.

    Args:
        page: Where.
        part: Which.
        dark: Whether the page is dark.

    Attributes:
        asked: What the page has asked.
        faults: What went wrong in the page.
    """

    def __init__(self, page: Page, part: PanelPart, *, dark: bool = False) -> None:
        self.page, self.part, self._is_dark = page, part, dark
        self.asked: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self._answered: set[str] = set()
        self._told: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._names = [name for name in part.keys if name[0] != "_" and name not in {"layout", "tabbable", "tooltip"}]
        part.tell = self._tell  # type: ignore[method-assign]
        part.observe(lambda change: self._told.put({"state": {change["name"]: change["new"]}}), self._names)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)

    def __enter__(self) -> PartPage:
        super().__enter__()
        self.page.goto(self.url)
        return self

    def __exit__(self, *error: object) -> None:
        self.page.goto("about:blank")
        super().__exit__(*error)
        self.part.close()

    def answered(self, message: Mapping[str, Any]) -> bool:
        """Whether the page has the answer to what it has asked."""
        return message["ask"] in self._answered

    def _tell(self, content: Mapping[str, Any], _: Sequence[Any] = ()) -> None:
        self._told.put(dict(content))

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._show),
            Route("/part.js", self._source),
            Route("/hear", self._hear, methods=["POST"]),
            Route("/told", self._follow),
        ]

    async def _show(self, _: Request) -> Response:
        state = html.escape(json.dumps({name: getattr(self.part, name) for name in self._names}))
        light = str(not self._is_dark).lower()
        page = _PAGE.read_text(encoding="utf-8").replace("@light@", light)
        return HTMLResponse(page.replace("@css@", self.part._css).replace("@state@", state))

    async def _source(self, _: Request) -> Response:
        return Response(self.part._esm, media_type="text/javascript")

    async def _hear(self, request: Request) -> Response:
        content = await request.json()
        for name, value in content.get("state", {}).items():
            setattr(self.part, name, value)
        if "do" in content:
            self.asked.append(content)
            await asyncio.to_thread(self.part._hear, self.part, content, ())
        return Response()

    async def _follow(self, _: Request) -> Response:
        return StreamingResponse(self._frames(), media_type="text/event-stream")

    async def _frames(self) -> AsyncIterator[str]:
        while not self._server.should_exit:
            while not self._told.empty():
                told = self._told.get()
                yield f"data: {json.dumps(told)}\n\n"
                self._answered.add(told.get("answer", ""))
            await asyncio.sleep(0.005)
