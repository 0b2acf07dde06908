"""One film of a batch, made in a worker: a thread, a process, or another machine that sees the same files.

What is wrong with one file is part of its entry; what ends the whole batch is raised. A film that an earlier worker
has begun is resumed: the journal knows its session by the film, and no message is sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import logging
import os
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.batches.folder import mark_of
from nemo_notebook.batches.ledger import BEGUN, FilmProgress, Ledger, LedgerEntry, MadeFilm, State
from nemo_notebook.batches.order import BatchOrder
from nemo_notebook.batches.status import OTHER_WORDS, hint_of
from nemo_notebook.outside import redact
from nemo_notebook.session.journal import Journal, new_journal
from nemo_notebook.session.project import AsyncClient, AsyncSession
from nemo_notebook.session.results import Progress

_LOG: Final = logging.getLogger("nemo_notebook.batch")
_EVERY_S: Final = 0.5  # between two reports
_GOODBYE_S: Final = 10.0
_POSTER: Final = (96, 54)  # pixels
_POSTER_BYTES: Final = 3000
_ENDS_ALL: Final = (errors.OutOfCredits, errors.PlanRequired, errors.AuthError, errors.MissingExtra, errors.DiskFull)
_PASSES: Final = (errors.NetworkError, errors.RateLimited)
_REASON: Final = 300  # characters
_REPLY: Final = 400


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker needs to make one film; it can be pickled.

    Attributes:
        source: The file.
        order: What is asked for, without the other files.
        entry: The film's entry in the ledger.
        target: The film's path in its work directory.
        ledger: The ledger's folder.
        batch: The ledger's id.
        claim: The claim that the film is made under.
    """

    source: str
    order: BatchOrder
    entry: LedgerEntry
    target: str
    ledger: str
    batch: str
    claim: str

    @property
    def session_key(self) -> str:
        """The film's session in the journal: one ledger never sends the same message about the same file twice."""
        key = f"{self.batch}\n{self.entry.place}\n{self.entry.said}"
        return hashlib.sha256(key.encode()).hexdigest()[:16]


@dataclass(slots=True)
class _Listener:
    """Keeps the progress of a film, and its session's id."""

    progress: FilmProgress = field(default_factory=partial(FilmProgress, BEGUN))
    session: str = ""

    def __call__(self, progress: Progress) -> None:
        self.progress = FilmProgress(progress.stage, progress.done, progress.left_s)


def make_film(work: Work) -> LedgerEntry:
    """Make one film. Returns its entry: made, failed, or waiting if a retry may succeed.

    Raises:
        NemoError: No other film can be begun now either.
    """
    listener, entry = _Listener(), work.entry
    try:
        film = asyncio.run(_claimed(work, listener))
    except asyncio.CancelledError:
        return replace(entry, state="waiting", reason="Its claim has ended.")
    except errors.NemoError as error:
        reason, hint = redact(error.message, _REASON), redact(hint_of(error), _REASON)
        if isinstance(error, _ENDS_ALL):
            raise errors.NemoError(reason, hint=hint) from None
        state: State = "waiting" if isinstance(error, _PASSES) else "failed"
    except Exception as error:
        _LOG.exception("A film of a batch failed.")
        state, reason, hint = "failed", f"It failed inside: {type(error).__name__}.", "The log says how."
    else:
        return entry.with_film(film, listener.session)
    return entry.without_film(state, reason, hint, listener.session)


async def _claimed(work: Work, listener: _Listener) -> MadeFilm:
    """Make the film for as long as the claim holds, and report its progress."""
    ledger = Ledger(Path(work.ledger))
    task: asyncio.Task[MadeFilm] | None = None
    try:
        while task is None or not task.done():
            if not await asyncio.to_thread(ledger.report, work.entry.place, work.claim, listener.progress):
                raise asyncio.CancelledError
            if task is None:  # not before: a worker may end in its first moment
                task = asyncio.create_task(_film(work, listener))
            await asyncio.wait({task}, timeout=_EVERY_S)
        return task.result()
    finally:
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_GOODBYE_S)


async def _film(work: Work, listener: _Listener) -> MadeFilm:
    begun_s, order, journal = time.monotonic(), work.order, new_journal()
    journal.place = f"film:{work.session_key}"  # no notebook comes back to it
    async with AsyncClient(order.backend, journal=journal) as client:
        session = await _session(work, client, journal)
        listener.session = session.id
        if not await _has_timeline(session):
            files = [work.source, *map(str, order.more)]
            for path in files:  # the name of one that is gone might be taken for a pattern, and match others
                if not os.path.exists(path):  # noqa: PTH110 - it raises nothing
                    raise errors.FileMissing(f"There is no file {path}.")
            listener.progress = FilmProgress("upload")
            await session.upload(*files, on_progress=listener)
            listener.progress = FilmProgress("chat")
            reply = await session.chat(order.prompt)
            if not reply.timeline.is_ready:
                raise errors.NothingToExport(f"Nothing was made of it: {redact(reply.text, _REASON)}", hint=OTHER_WORDS)
        replies = [turn.reply for turn in await session.turns(1)]
        is_local = session.backend.is_local
        try:
            video = await session.export(work.target, on_progress=listener, **order.form)
        except asyncio.CancelledError:
            if is_local:  # elsewhere it costs nothing, and may be resumed
                with contextlib.suppress(errors.NemoError):
                    await session.cancel()
            raise
        poster = await asyncio.to_thread(_tiny, video.poster) if is_local else b""
    mark, took_s = mark_of(video.path), time.monotonic() - begun_s
    return MadeFilm(mark.sha256, mark.size_bytes, video.duration, took_s, redact("".join(replies[:1]), _REPLY), poster)


async def _session(work: Work, client: AsyncClient, journal: Journal) -> AsyncSession:
    """The film's session: that of an earlier worker, else a new one."""
    where = await client.backend()
    known = await asyncio.to_thread(journal.session_at, journal.place, "local" if where.is_local else where.url)
    if known is not None:
        with contextlib.suppress(errors.SessionNotFound):
            return await client.connect(session=known.id)
    return await client.connect(work.order.skill, name=Path(work.target).stem)


async def _has_timeline(session: AsyncSession) -> bool:
    """Whether an earlier worker got so far that there is something to export.

    Raises:
        DeadlineExceeded: Its message may still be worked on.
    """
    for job in await session.jobs():
        if job.kind == "turn" and job.is_open:
            await session.resume(job.id)
    if any(job.kind == "turn" and job.is_open for job in await session.jobs()):
        hint = "Run the batch again in some minutes."
        raise errors.DeadlineExceeded("What was said before may still be worked on.", hint=hint)
    return (await session.timeline()).is_ready


def _tiny(poster: bytes) -> bytes:
    """A poster so small that a table can hold many; empty if there is none."""
    try:
        from PIL import Image

        with Image.open(io.BytesIO(poster), formats=["JPEG"]) as picture:
            picture.thumbnail(_POSTER)
            small = io.BytesIO()
            picture.convert("RGB").save(small, "JPEG", quality=60, optimize=True)
    except Exception:  # an ornament: the film is there
        return b""
    return small.getvalue() if small.tell() <= _POSTER_BYTES else b""
