"""The bearer token and the client id behind it. Nothing here has a repr that could show them."""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, settings
from nemo_notebook.outside import finite

_LIFETIME_S: Final = 7 * 86_400.0


def client_id() -> str:
    """The id of this client: `NEMO_CLIENT_ID`, else the kept one, else a new one that is kept from now on.

    It is created once for all: the service gives one anonymous token a week for an id.
    """
    if own := os.environ.get("NEMO_CLIENT_ID"):
        return own
    path = settings.client_id_path()
    found = _read_uuid(path.read_text(encoding="ascii", errors="replace")) if path.is_file() else None
    if found:
        return found
    new = str(uuid.uuid4())
    _write(path, new)
    return new


@dataclass(frozen=True, slots=True)
class Anonymous:
    """An anonymous token and when it expires, in seconds since 1970."""

    token: str = field(repr=False)
    expires_s: float


def kept(base_url: str) -> Anonymous | None:
    """The anonymous token of that service from an earlier session, if it is still good."""
    found = _all_kept().get(base_url)
    if not isinstance(found, dict) or not isinstance(found.get("token"), str):
        return None
    expires_s = finite(found.get("expires_s")) or 0.0
    return Anonymous(found["token"], expires_s) if expires_s > time.time() else None


def keep(base_url: str, anonymous: Anonymous) -> None:
    """Keep it for later sessions, in a file that only its owner can read: the service gives one a week."""
    entry = {"token": anonymous.token, "expires_s": anonymous.expires_s}
    _write(settings.client_id_path().with_name("tokens.json"), json.dumps({**_all_kept(), base_url: entry}))


def expiry_s(value: object) -> float:
    """When a token expires, from the service's `expires_at`: seconds or milliseconds since 1970, or ISO 8601."""
    if (number := finite(value)) is not None:
        return number / 1000 if number > 1e11 else number
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return time.time() + _LIFETIME_S


def _all_kept() -> dict[str, Any]:
    try:
        found = json.loads(settings.client_id_path().with_name("tokens.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        raise errors.InputError(f"{path} cannot be written.", hint="Set NEMO_HOME to a folder that can.") from error


def _read_uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        return None


class TokenHolder:
    """Holds the token of one backend and renews it once for all who wait.

    Args:
        token: A token that is known from the start (`NEMO_TOKEN`, or the local engine's), which cannot be renewed.
        remembered: An anonymous token from an earlier session, if there is one.
        renew: Gets a new anonymous token.
    """

    def __init__(self, token: str | None, remembered: str | None, renew: Callable[[], Awaitable[str]]) -> None:
        self._token = token or remembered
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
