"""A service with plans, credits and a web page, whose turns are played by the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from planted import PLANTED
from stage import Stage
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

CLAIM = f"clm_{PLANTED[8:]}"


class Cloud(Stage):
    """The service.

    Attributes:
        available: Credits.
        claims: How often the address of the web page was asked for.
        is_down: Whether that is refused.
    """

    available = 42
    claims = 0
    is_down = False

    def opens(self, page: Any, press: Callable[[], None]) -> None:
        """Do what opens the web page, and look at it."""
        with page.context.expect_page() as coming:
            press()
        project = coming.value
        project.wait_for_url("**/workspace/claim?**")
        assert project.title() == "The project"
        assert project.url.endswith(f"/workspace/claim?ct={CLAIM}")
        assert project.evaluate("[window.opener, document.referrer]") == [None, ""]
        project.close()

    def _routes(self) -> list[Route]:
        return [
            Route("/api/credits/balance/simple", self._balance),
            *super()._routes(),
            Route("/api/auth/claim-token", self._claim, methods=["POST"]),
            Route("/workspace/claim", self._page),
            Route("/api/render/proxy/lambda", self._render, methods=["POST"]),
        ]

    async def _balance(self, _: Request) -> Response:
        return JSONResponse({"code": 0, "data": {"available": self.available, "frozen": 8, "total": 50}})

    async def _claim(self, _: Request) -> Response:
        self.claims += 1
        if self.is_down:
            return JSONResponse({"code": 1002, "message": "no such session"})
        return JSONResponse({"code": 0, "data": {"claim_token": CLAIM}})

    async def _page(self, _: Request) -> Response:
        return HTMLResponse("<title>The project</title>")

    async def _render(self, _: Request) -> Response:
        return JSONResponse({"code": 402, "message": "Export is not part of this plan"}, status_code=402)
