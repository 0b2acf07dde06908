"""The bearer token and the client id behind it. Nothing here has a repr that could show them."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable

from nemo_notebook import settings


def client_id() -> str:
    """The id of this client: `NEMO_CLIENT_ID`, else the kept one, else a new one that is kept from now on.

    It is created once for all: the service gives one anonymous token a week for an id.
    """
    if own := os.environ.get("NEMO_CLIENT_ID"):
        return own
    path = settings.client_id_path()
    kept = _read_uuid(path.read_text(encoding="ascii", errors="replace")) if path.is_file() else None
    if kept:
        return kept
    path.parent.mkdir(parents=True, exist_ok=True)
    new = str(uuid.uuid4())
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    draft.write_text(new, encoding="ascii")
    draft.replace(path)
    return new


def _read_uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        return None


class TokenHolder:
    """Holds the token of one backend and renews it once for all who wait.

    Args:
        token: A token that is known from the start (`NEMO_TOKEN`, or the local engine's), which cannot be renewed.
        renew: Gets a new anonymous token.
    """

    def __init__(self, token: str | None, renew: Callable[[], Awaitable[str]]) -> None:
        self._token = token
        self._own = token is not None
        self._renew = renew
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return "TokenHolder(…)"

    @property
    def renewable(self) -> bool:
        """Whether an expired token can be replaced without the user."""
        return not self._own

    async def get(self, refused: str | None = None) -> str:
        """The token; a new one where there is none yet, or where it is the one that was `refused`."""
        async with self._lock:
            if self._token is None or (refused is not None and refused == self._token and self.renewable):
                self._token = await self._renew()
            return self._token
