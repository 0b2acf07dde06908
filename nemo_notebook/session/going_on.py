"""Going on with a tape where it was recorded: what its names stand for is kept, and its backend found again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, settings, skills
from nemo_notebook.client.service import Service
from nemo_notebook.files import replace_durably
from nemo_notebook.session import backend as backends
from nemo_notebook.tapes.deck import Deck, Live
from nemo_notebook.tapes.format import Header
from nemo_notebook.tapes.names import Names

_LOG: Final = logging.getLogger("nemo_notebook.tapes")
_ELSEWHERE: Final = "the tape was recorded elsewhere."


def _table(header: Header) -> Path:
    """Where it is kept what the names of a tape stand for: beside what else only this user's kernels read."""
    return settings.home() / "tapes" / f"{header.id}.json"


def know(deck: Deck) -> None:
    """Keep what the names of a tape stand for, so that it can be gone on with; without it, it can still be played."""
    value = {"backend": deck.backend, "url": deck.url, "names": deck.names.to_value()}
    path = _table(deck.header)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(value, file)
        replace_durably(part, path)
    except OSError as error:
        _LOG.warning("The tape cannot be gone on with later: %s", error)


def known(header: Header) -> Mapping[str, Any] | None:
    """What is known here of a tape that was recorded here."""
    with contextlib.suppress(OSError, ValueError, RecursionError, errors.TapeError):
        value = json.loads(_table(header).read_text(encoding="utf-8"))
        if isinstance(value, dict) and isinstance(value.get("backend"), str):
            Names.from_value(value.get("names"))  # a damaged one is as good as none
            return value
    return None


def obstacle(header: Header) -> str:
    """Why a tape cannot be gone on with, as far as that is known before it is tried; empty where nothing is."""
    return "" if known(header) else _ELSEWHERE


async def reach(header: Header, table: Mapping[str, Any] | None) -> Live:
    """The backend that a tape was recorded at.

    Raises:
        NemoError: It cannot be gone on with.
    """
    if table is None:
        raise errors.TapeError(_ELSEWHERE)
    backend = await asyncio.to_thread(backends.choose, table["backend"])
    if backend.is_local is not (header.backend == "local"):
        raise errors.TapeError("the tape was recorded at another backend.")
    service = Service(backend.url, skills.load(skills.DEFAULT), token=backend.token)
    try:
        await service.credits()
        return Live(backend.url, await service.token())
    finally:
        await service.close()
