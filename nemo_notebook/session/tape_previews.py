"""Previews of the films that a tape could not keep: rendered by the local engine when the recording has ended."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from nemo_notebook import errors, skills
from nemo_notebook.client.service import Service
from nemo_notebook.files import passing_folder
from nemo_notebook.film.provenance import hash_of
from nemo_notebook.session import backend as backends
from nemo_notebook.session import loop
from nemo_notebook.session.backend import Backend
from nemo_notebook.tapes.deck import Deck
from nemo_notebook.tapes.format import Medium, Tape
from nemo_notebook.tapes.names import Names
from nemo_notebook.tapes.tape_file import Writer

_LOG: Final = logging.getLogger("nemo_notebook.tapes")
_DOWNLOAD: Final = re.compile(r"/api/render/proxy/([^/]+)/download")
_PATIENCE_S: Final = 120.0
_LOOKS_S: Final = 0.2
_DIGITS: Final = 32
_TYPE: Final = "mp4"
_ENDED: Final = frozenset({"failed", "cancelled", "canceled"})


def add_previews(deck: Deck, saved: Tape) -> Tape:
    """Save a tape once more, with previews of the films that were too large for it; gives it as it is then.

    Args:
        deck: What it was recorded with.
        saved: As it was saved.
    """
    if all(medium.data is not None or medium.preview for medium in saved.media.values()):
        return saved
    try:
        backend = backends.choose("local")
        tape = loop.shared().run(with_previews(saved, deck.names, backend))
        if tape != saved:
            Writer(deck.path, tape.header, tape).finish({*deck.secrets, *deck.names.secrets()})
            deck.media |= {sha256 for sha256, medium in tape.media.items() if medium.data is not None}
    except errors.NemoError as error:
        _LOG.warning("Films that were too large for the tape have no previews: %s", error)
        return saved
    return tape


async def with_previews(tape: Tape, names: Names, backend: Backend) -> Tape:
    """The tape with a preview for each film that is only noted on it, as far as such can be had.

    Args:
        tape: As it was recorded.
        names: What its names stand for.
        backend: The local engine that it was recorded with.
    """
    media = dict(tape.media)
    service = Service(backend.url, skills.load(skills.DEFAULT), token=backend.token)
    try:
        for sha256, medium in tape.media.items():
            job = render_of(tape, sha256) if medium.data is None and not medium.preview else None
            if job is None or not _is_mp4(job):
                continue
            try:
                data = await asyncio.wait_for(_render(service, names.real(job)), _PATIENCE_S)
            except (errors.NemoError, TimeoutError, OSError) as error:
                _LOG.info("No preview of %s: %s", medium.name, error)
                continue
            if len(data) <= tape.header.keep_bytes:
                known_by = hashlib.sha256(data).hexdigest()
                media[known_by] = Medium(known_by, len(data), "video/mp4", f"preview-{medium.name}", data)
                media[sha256] = replace(medium, preview=known_by)
    finally:
        await service.close()
    return replace(tape, media=media)


def render_of(tape: Tape, sha256: str) -> Mapping[str, Any] | None:
    """What was submitted for a film, if it is of an export or a preview."""
    fetched = [each for each in tape.exchanges if each.answer.media and each.answer.media.sha256 == sha256]
    paths = {each.request.path for each in fetched}
    renders = {found[1] for path in paths if (found := _DOWNLOAD.fullmatch(path))}
    for each in tape.exchanges:
        if paths & _films(each.answer.json):
            renders.add(each.request.path.rpartition("/")[2])
    bodies = (each.request.json for each in tape.exchanges if isinstance(each.request.json, Mapping))
    return next((body for body in bodies if body.get("id") in renders and isinstance(body.get("draft"), dict)), None)


def _is_mp4(job: Mapping[str, Any]) -> bool:
    """Whether a film is of the type of previews: what is played in its place has its name."""
    output = job.get("output")
    return not isinstance(output, Mapping) or output.get("format", _TYPE) == _TYPE


def _films(answer: Any) -> set[str]:
    """The address of the film that an answer tells of, if it does."""
    status = answer.get("data", answer) if isinstance(answer, Mapping) else None
    output = status.get("output") if isinstance(status, Mapping) else None
    url = output.get("url") if isinstance(output, Mapping) else None
    return {url} if isinstance(url, str) else set()


async def _render(service: Service, job: Mapping[str, Any]) -> bytes:
    session_id, draft = str(job.get("sessionId")), job["draft"]
    render_id = f"preview_{hash_of([session_id, draft, 'tape'])[:_DIGITS]}"
    await service.submit_render(session_id, draft, {"preview": True}, render_id)
    while (status := await service.render_status(render_id)).status != "completed":
        if status.status in _ENDED:
            raise errors.RenderFailed("It cannot be rendered.")
        await asyncio.sleep(_LOOKS_S)
    with passing_folder() as folder:
        target = folder / "preview.mp4"
        await service.download(render_id, status.url, target)
        return await asyncio.to_thread(target.read_bytes)
