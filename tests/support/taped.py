"""Sessions on tapes at a service that is made up, or with nothing behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from nemo_notebook.session.project import AsyncClient, AsyncSession

URL = "https://svc.example"
Service = Callable[[httpx.Request], httpx.Response]


def nobody(request: httpx.Request) -> httpx.Response:
    """The service of what is played."""
    raise AssertionError(f"{request.url} was asked")


async def connect(service: Service = nobody, **how: Any) -> AsyncSession:
    return await AsyncClient(URL, transport=httpx.MockTransport(service)).connect(**how)
