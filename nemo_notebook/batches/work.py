"""One film of a batch, made in a worker: a thread, a process, or another machine that sees the same files.

Nothing is raised across: what went wrong is part of the result. A film that was begun before, by a worker that has
gone, is come back to: the journal knows its session by the film, and nothing is said twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.batches.hints import OTHER_WORDS, next_step
from nemo_notebook.batches.ledger import BEGUN, Entry, Ledger, Told
from nemo_notebook.outside import redact
from nemo_notebook.session.client import AsyncClient
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.project import AsyncSession
from nemo_notebook.session.results import Progress, Video
from nemo_notebook.session.tape_journal import new_journal

_LOG: Final = logging.getLogger("nemo_notebook.batches")
_EVERY_S: Final = 0.5  # between two signs of life
_GOODBYE_S: Final = 10.0
_POSTER: Final = (96, 54)  # pixels
_POSTER_BYTES: Final = 3000
_ENDS_ALL: Final = (errors.OutOfCredits, errors.PlanRequired, errors.AuthError, errors.MissingExtra)
_PASSES: Final = (errors.NetworkError, errors.RateLimited)
_REASON: Final = 300  # characters
_REPLY: Final = 400


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker needs to make one film; it can be sent anywhere.

    Attributes:
        source: The file.
        more: What else goes into the film.
        prompt: What is said.
        skill: As which skill.
        backend: Where.
        form: As of an export.
        target: Where the film is to be; it has a folder to itself.
        film: What the film's session is known by to the journal.
        ledger: The ledger's folder.
        place: What the file is known by there.
        claim: By whose order it is made.
    """

    source: str
    more: tuple[str, ...]
    prompt: str
    skill: str
    backend: str
    form: Mapping[str, str | None]
    target: str
    film: str
    ledger: str
    place: str
    claim: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it.

    Attributes:
        is_made: Whether the film is where it was to be.
        sha256: Of its bytes.
        size_bytes: How many these are.
        duration_s: Its length in seconds.
        took_s: How long it took, in seconds.
        poster: A tiny JPEG of it; empty where there is none.
        session: The id of the session that it was made in, as far as it came to one.
        reply: What was answered to the prompt.
        reason: Why there is none.
        hint: What to do about it.
        ends_all: Whether no other film could be begun either.
        others_may_end: Whether those that are being made then may still come to their end.
        again_s: Seconds after which it may go well; None where it would not.
        was_stopped: Whether it was not wanted any more.
    """

    is_made: bool = False
    sha256: str = ""
    size_bytes: int = 0
    duration_s: float = 0.0
    took_s: float = 0.0
    poster: bytes = field(default=b"", repr=False)
    session: str = ""
    reply: str = ""
    reason: str = ""
    hint: str = ""
    ends_all: bool = False
    others_may_end: bool = False
    again_s: float | None = None
    was_stopped: bool = False


def make(work: Work) -> Result:
    """Make one film."""
    begun_s, listener = time.monotonic(), _Listener()
    try:
        video = asyncio.run(_wanted(work, listener))
        path = video.path
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        took_s = time.monotonic() - begun_s
        return Result(
            True,
            sha256,
            path.stat().st_size,
            video.duration,
            took_s,
            video.poster,
            listener.session,
            redact(listener.reply, _REPLY),
        )
    except asyncio.CancelledError:
        return Result(was_stopped=True)
    except errors.NemoError as error:
        return _failed(error, listener.session)
    except Exception as error:
        _LOG.exception("A film of a batch failed.")
        reason = f"It failed inside: {type(error).__name__}."
        return Result(session=listener.session, reason=reason, hint="The log says how.")


def _failed(error: errors.NemoError, session: str) -> Result:
    again_s = None
    if isinstance(error, _PASSES):
        again_s = getattr(error, "retry_after_s", None) or 1.0
    is_full = isinstance(error, errors.DiskFull)
    reason, hint = redact(error.message, _REASON), redact(next_step(error), _REASON)
    return Result(
        session=session,
        reason=reason,
        hint=hint,
        ends_all=isinstance(error, _ENDS_ALL) or is_full,
        others_may_end=isinstance(error, errors.OutOfCredits) or is_full,  # what was said is paid
        again_s=again_s,
    )


class _Listener:
    """Hears how far a film is, in which session, and what was answered there."""

    def __init__(self) -> None:
        self.told = Told(BEGUN)
        self.session = ""
        self.reply = ""

    def __call__(self, progress: Progress) -> None:
        self.told = Told(progress.stage, progress.done, progress.left_s)


async def _wanted(work: Work, listener: _Listener) -> Video:
    """Make the film for as long as it is wanted, with a sign of life now and then."""
    ledger = Ledger(Path(work.ledger))
    if not await asyncio.to_thread(ledger.tell, work.place, work.claim, listener.told):
        raise asyncio.CancelledError
    task = asyncio.create_task(_film(work, listener))  # not before: a worker may end in its first moment
    try:
        while not task.done():
            if not await asyncio.to_thread(ledger.tell, work.place, work.claim, listener.told):
                break
            await asyncio.wait({task}, timeout=_EVERY_S)
        else:
            return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_GOODBYE_S)
    raise asyncio.CancelledError


async def _film(work: Work, listener: _Listener) -> Video:
    journal = new_journal()
    journal.place = f"film:{work.film}"  # where the film's session is found again, and no notebook comes back to
    async with AsyncClient(work.backend, journal=journal) as client:
        session = await _session(work, client, journal)
        listener.session = session.id
        if not await _is_begun(session):
            _check([work.source, *work.more])
            listener.told = Told("upload")
            await session.upload(work.source, *work.more, on_progress=listener)
            listener.told = Told("chat")
            reply = await session.chat(work.prompt)
            if not reply.timeline.is_ready:
                raise errors.NothingToExport(f"Nothing was made of it: {redact(reply.text, _REASON)}", hint=OTHER_WORDS)
        listener.reply = next((turn.reply for turn in await session.turns(1)), "")
        try:
            video = await session.export(work.target, on_progress=listener, **work.form)
        except asyncio.CancelledError:
            if session.backend.is_local:  # elsewhere it costs nothing, and may be come back to
                with contextlib.suppress(errors.NemoError):
                    await session.cancel()
            raise
        poster = await asyncio.to_thread(_tiny, video.poster) if session.backend.is_local else b""
        return Video(video.path, "", video.duration, poster=poster)


def _check(files: Sequence[str]) -> None:
    """See that files are there: the name of one that is not might be taken for a pattern, and mean others.

    Raises:
        FileMissing: One is not.
    """
    for file in files:
        if not os.path.exists(file):  # noqa: PTH110 - it raises nothing
            raise errors.FileMissing(f"There is no file {file}.")


async def _session(work: Work, client: AsyncClient, journal: Journal) -> AsyncSession:
    """The film's session: the one that an earlier worker has left, else a new one."""
    where = await client.backend()
    backend = "local" if where.is_local else where.url
    known = await asyncio.to_thread(journal.session_at, journal.place, backend)
    if known is not None:
        with contextlib.suppress(errors.SessionNotFound):
            return await client.connect(session=known.id)
    return await client.connect(work.skill, name=Path(work.target).stem)


async def _is_begun(session: AsyncSession) -> bool:
    """Whether an earlier worker has come so far that there is something to export.

    Raises:
        DeadlineExceeded: What it said may still be worked on.
    """
    for job in await session.jobs():
        if job.kind == "turn" and job.is_open:
            await session.resume(job.id)
    if any(job.kind == "turn" and job.is_open for job in await session.jobs()):
        raise errors.DeadlineExceeded(
            "What was said before may still be worked on.", hint="Run the batch again in some minutes."
        )
    return (await session.timeline()).is_ready


def _tiny(poster: bytes) -> bytes:
    """A poster made so small that a table can hold many; nothing where that cannot be."""
    try:
        from PIL import Image

        with Image.open(io.BytesIO(poster), formats=["JPEG"]) as picture:
            picture.thumbnail(_POSTER)
            small = io.BytesIO()
            picture.convert("RGB").save(small, "JPEG", quality=60, optimize=True)
    except Exception:  # an ornament: the film is there
        return b""
    return small.getvalue() if small.tell() <= _POSTER_BYTES else b""


def film_id(entry: Entry, batch: str) -> str:
    """What a film's session is known by to the journal: nothing is said twice of the same file by the same batch."""
    return hashlib.sha256(f"{batch}\n{entry.place}\n{entry.said}".encode()).hexdigest()[:16]
