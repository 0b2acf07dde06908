"""Uploads: converted where they must be, noted before they are sent, and not sent again where the service has them."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, settings
from nemo_notebook.client.assets import is_loopback
from nemo_notebook.outside import strike
from nemo_notebook.session import conversion, uploads
from nemo_notebook.session.core import Core
from nemo_notebook.session.meter import Meter, OnProgress
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Media, MediaList

Json = Mapping[str, Any]

_TRIES: Final = 3
_LOOKS: Final = 4
_KEPT: Final = ("filename", "file_type", "duration", "width", "height", "fps", "hash")


@dataclass(slots=True)
class _Batch:
    """One call of `upload`."""

    media: MediaList
    there: list[Json] = field(repr=False)
    on_progress: OnProgress | None
    total: int
    before: int = 0
    earlier: list[Job] = field(default_factory=list)


class Sender:
    """The uploads of one session.

    Args:
        core: The session's shared middle.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    async def upload(self, what: Sequence[str | Path], on_progress: OnProgress | None = None) -> MediaList:
        """Send files, patterns and addresses; see `AsyncSession.upload`."""
        core = self._core
        wanted = await asyncio.to_thread(uploads.resolve, what, core.skill)
        core.sources.update(path.resolve() for path in wanted.paths)
        notes: list[str] = []
        try:
            state = await core.look()
        except errors.SessionNotFound as ended:
            notes.append(await self._renewed(ended))
            state = await core.look()
        earlier = await core.note(core.journal.jobs, core.id, kind="upload", limit=1000)
        total = sum(map(_size, wanted.paths))
        batch = _Batch(MediaList(notes=notes), list(state.media), on_progress, total, earlier=earlier)
        for path in wanted.paths:
            batch.media.append(await self._file(path, batch, must_convert=path in wanted.convertible))
            batch.before += _size(path)
        if wanted.urls:
            batch.media.extend(await self._urls(wanted.urls, batch))
        return batch.media

    async def resume(self, job: Job, on_progress: OnProgress | None = None) -> MediaList:
        """What has come of an upload that was not seen to its end; sent again if the service does not have it."""
        what = job.detail.get("urls") or [job.detail.get("path", "")]
        try:
            return await self.upload(what, on_progress)
        except errors.FileMissing as error:
            raise errors.FileMissing(
                f"{job.title} is not where it was.", hint="Upload it from where it is now."
            ) from error

    async def _renewed(self, ended: errors.SessionNotFound) -> str:
        try:
            return await self._core.renew(ended)
        except errors.SessionNotFound as lost:
            return f"{lost.message} Earlier uploads have to be repeated."

    async def _file(self, path: Path, batch: _Batch, *, must_convert: bool) -> Media:
        core, size = self._core, _size(path)
        same = [
            job
            for job in batch.earlier
            if (job.detail.get("path"), job.detail.get("size")) == (str(path.resolve()), size)
        ]
        if same:
            digest = await asyncio.to_thread(_sha256, path)
            if (found := _there(same, digest, batch.there)) is not None:
                for job in same:
                    if job.is_open:
                        await core.note(core.journal.settle, job, "done", sha256=digest, **_facts(found))
                return Media.read(found, path.name, size, was_there=True)
        with tempfile.TemporaryDirectory(prefix="nemo-", ignore_cleanup_errors=True) as folder:
            sent = path
            if must_convert:
                meter = Meter("convert", batch.on_progress)
                sent = await conversion.converted(
                    path, core.skill, Path(folder), lambda done: meter.at(done, path.name)
                )
            uploads.check_size(sent, core.skill)
            return await self._send_file(path, sent, batch)

    async def _send_file(self, path: Path, sent: Path, batch: _Batch) -> Media:
        core, begun = self._core, _mark(path)
        detail = {"path": str(path.resolve()), "size": begun[0], "sent_as": sent.name, "seen": _keys(batch.there)}
        job = await core.note(core.journal.begin, "upload", core.id, path.name, detail)
        tell = Meter("upload", batch.on_progress, job.id)
        tell.at(batch.before / batch.total if batch.total else 0.0, path.name)
        progress = tell.bytes(path.name, batch.before, batch.total) if sent == path else tell.bytes(path.name)
        digesting = asyncio.create_task(asyncio.to_thread(_sha256, path))
        try:
            records = await self._send(lambda: core.service.upload(core.id, [sent], progress), 1, batch)
        except errors.NemoError as error:
            await self._give_up(job, error)
            raise
        finally:
            digest, after = await asyncio.gather(digesting, asyncio.to_thread(_mark, path), return_exceptions=True)
        record = records[0] if records else {}
        same = isinstance(digest, str) and begun == after
        await core.note(core.journal.settle, job, "done", sha256=digest if same else "", **_facts(record))
        return Media.read(record, sent.name, _size(sent))

    async def _urls(self, urls: Sequence[str], batch: _Batch) -> list[Media]:
        core = self._core
        if not core.backend.is_local and not is_loopback(core.backend.url) and any(is_loopback(url) for url in urls):
            raise errors.InputError("The service cannot fetch from this machine.", hint="Upload the file itself.")
        # A signed address must not be noted: such an upload can be looked for, but not repeated from the journal.
        noted = [url for url in urls if strike(url) == url]
        title = ", ".join(urls)
        detail = {"urls": noted if len(noted) == len(urls) else [], "seen": _keys(batch.there)}
        job = await core.note(core.journal.begin, "upload", core.id, title, detail)
        try:
            records = await self._send(lambda: core.service.upload_urls(core.id, urls), len(urls), batch)
        except errors.NemoError as error:
            await self._give_up(job, error)
            raise
        await core.note(core.journal.settle, job, "done")
        return [Media.read(record) for record in records]

    async def _give_up(self, job: Job, error: errors.NemoError) -> None:
        """A refusal is an end; anything else may still have been taken, which a later look can tell."""
        await self._core.note(self._core.journal.settle, job, "open" if _is_unclear(error) else "failed")

    async def _send(self, post: Callable[[], Awaitable[Sequence[Json]]], count: int, batch: _Batch) -> Sequence[Json]:
        """Send from the start, again only if the service shows that nothing of it was taken."""
        for attempt in range(1, _TRIES + 1):
            try:
                records = await post()
                break
            except (errors.NetworkError, errors.ServiceError) as error:
                if not _is_unclear(error) or attempt == _TRIES:
                    raise
                taken = await self._taken(batch, wait=getattr(error, "sent", True))
                if taken is None or 0 < len(taken) < count:
                    raise
                if taken:
                    records = taken
                    break
        batch.there.extend(records)
        return records

    async def _taken(self, batch: _Batch, *, wait: bool) -> list[Json] | None:
        """What the session has now that it had not before; None if that cannot be told."""
        pause_s = settings.backoff_s()
        for _ in range(_LOOKS if wait else 1):
            await asyncio.sleep(pause_s)
            pause_s *= 2
            try:
                state = await self._core.look()
            except errors.NemoError:
                return None
            known = _keys(batch.there)
            if new := [entry for entry in state.media if _key(entry) not in known]:
                return new
        return []


def _is_unclear(error: errors.NemoError) -> bool:
    """Whether the service may have done what was asked all the same."""
    return isinstance(error, errors.NetworkError) or getattr(error, "may_have_acted", False)


def _there(jobs: Iterable[Job], digest: str, media: Sequence[Json]) -> Json | None:
    """The service's record of bytes that were sent before, if it has them.

    By the hash of the bytes where the service's is SHA-256; else by the record that an earlier, finished upload of the
    same bytes was given; else by the name, if it was not there before that upload began.
    """
    by_hash = {str(entry.get("hash")): entry for entry in media if entry.get("hash")}
    for job in jobs:
        if digest in by_hash and job.state in {"open", "done"}:
            return by_hash[digest]
        if job.state == "done" and job.detail.get("sha256") == digest and job.detail.get("hash") in by_hash:
            return by_hash[job.detail["hash"]]
        if job.is_open:
            seen = set(job.detail.get("seen") or ())
            for entry in media:
                is_other = len(str(entry.get("hash"))) == len(digest) and job.detail.get("sent_as") == job.title
                if entry.get("filename") == job.detail.get("sent_as") and _key(entry) not in seen and not is_other:
                    return entry
    return None


def _key(entry: Json) -> str:
    return f"{entry.get('filename')}|{entry.get('hash')}"


def _keys(entries: Iterable[Json]) -> list[str]:
    return [_key(entry) for entry in entries]


def _facts(record: Json) -> dict[str, Any]:
    return {key: record[key] for key in _KEPT if isinstance(record.get(key), (str, int, float))}


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise errors.FileMissing(
            f"{path.name} cannot be read any more.", hint="Check that it is still there."
        ) from error


def _size(path: Path) -> int:
    return _mark(path)[0]


def _mark(path: Path) -> tuple[int, int]:
    """Size and time of change: what differs when a file was written to."""
    try:
        found = path.stat()
    except OSError as error:
        raise errors.FileMissing(f"{path.name} is not there any more.") from error
    return found.st_size, found.st_mtime_ns
