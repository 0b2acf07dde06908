"""The bearer token and the client id behind it. Nothing here has a repr that could show them."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import secrets
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from nemo_notebook import errors, settings
from nemo_notebook.files import replace_durably
from nemo_notebook.outside import Secret

_LOG: Final = logging.getLogger("nemo_notebook.tokens")
_VISIBLE: Final = re.compile(r"[\x21-\x7e]{1,4096}")


class Bearer(httpx.Auth):
    """Puts a token on a request at the moment of sending, so that no frame of ours holds the header."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Give the request with its header."""
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request


def client_id() -> str:
    """The id of this client: `NEMO_CLIENT_ID`, else the kept one, else a new one that is kept from now on.

    It is created once for all: the service gives one anonymous token a week for an id.
    """
    if own := os.environ.get("NEMO_CLIENT_ID"):
        return own
    try:
        return str(uuid.UUID(settings.client_id_path().read_text(encoding="ascii", errors="replace").strip()))
    except (OSError, ValueError):
        return new_client_id()


def new_client_id() -> str:
    """Make a new id for this client, which is kept from now on in place of the old one."""
    new = str(uuid.uuid4())
    _write(settings.client_id_path(), Secret(new))
    return new


def kept_token(base_url: str) -> Secret | None:
    """The anonymous token of that service from an earlier session; once it has expired, the service refuses it."""
    return _fit(_all_kept().get(base_url))


def keep_token(base_url: str, token: Secret) -> None:
    """Keep an anonymous token for later sessions, in a file that only its owner can read.

    The file is made from what is there now, as another process may just have added its own token.
    """
    _write(_tokens_path(), Secret(json.dumps({**_all_kept(), base_url: token.reveal()})))


def _fit(token: object) -> Secret | None:
    return Secret(token) if isinstance(token, str) and _VISIBLE.fullmatch(token) else None


def _tokens_path() -> Path:
    return settings.client_id_path().with_name("tokens.json")


def _all_kept() -> dict[str, Any]:
    try:
        found = json.loads(_tokens_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # a damaged file counts as none
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, text: Secret) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text.reveal())
        replace_durably(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise errors.InputError(f"{path} cannot be written.", hint="Set NEMO_HOME to a folder that can.") from error


class TapeTokens:
    """The tokens of a session that is played from a tape: names, which open nothing."""

    def __init__(self, *, renewable: bool) -> None:
        self.renewable = renewable
        self._count = 1

    async def get(self, refused: Secret | None = None) -> Secret:
        """The name of the token, or of the next one."""
        self._count += refused is not None
        return Secret(f"nmv_usr_tape_{self._count}")


class TokenHolder:
    """Holds the token of one backend and renews it once for all who wait.

    Args:
        own: A token that is known from the start (`NEMO_TOKEN`, or the local engine's), which cannot be renewed.
        base_url: The backend.
        ask: Asks the backend for a new anonymous token, given a client id; gives the data of its answer.
    """

    def __init__(self, own: Secret | None, base_url: str, ask: Callable[[str], Awaitable[Mapping[str, Any]]]) -> None:
        self._token = own
        self._base_url = base_url
        self._ask = ask
        self._lock = asyncio.Lock()
        self._own = own is not None

    @property
    def renewable(self) -> bool:
        """Whether an expired token can be replaced without the user."""
        return not self._own

    async def get(self, refused: Secret | None = None) -> Secret:
        """The token; another where there is none yet, or where it is the one that was `refused`.

        One that another process has got and kept meanwhile is taken before a new one is asked for.

        Raises:
            NemoError: The service gave none.
        """
        async with self._lock:
            if self._token is None or (refused is not None and refused == self._token and self.renewable):
                found = kept_token(self._base_url)
                self._token = found if found and found != refused else await self._new()
            return self._token

    async def _new(self) -> Secret:
        try:
            data = await self._with_client_id()
        except errors.RateLimited as error:
            error.hint = (
                "The service gives one anonymous token a week: set NEMO_TOKEN to your own, "
                "or work offline with `%nemo connect --backend local`."
            )
            raise
        token = _fit(data.get("token"))
        if token is None:
            raise errors.ProtocolError("The service gave no token.")
        try:
            keep_token(self._base_url, token)
        except errors.InputError as error:
            _LOG.warning("The anonymous token cannot be kept for later: %s", error)  # it is good for now
        return token

    async def _with_client_id(self) -> Mapping[str, Any]:
        try:
            return await self._ask(client_id())
        except errors.MissingClientId:
            if os.environ.get("NEMO_CLIENT_ID"):
                raise
        return await self._ask(new_client_id())
