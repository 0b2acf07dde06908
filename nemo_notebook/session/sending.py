"""Uploads: converted where they must be, noted before they are sent, and not sent again where the service has them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, settings
from nemo_notebook.client.connections import is_loopback
from nemo_notebook.files import passing_folder
from nemo_notebook.outside import strike
from nemo_notebook.session import conversion, uploads
from nemo_notebook.session.arrived import SHA256_DIGITS, facts, find, key, keys
from nemo_notebook.session.core import Core
from nemo_notebook.session.meter import Meter, OnProgress
from nemo_notebook.session.news import Arrived
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Media, MediaList

Json = Mapping[str, Any]

_TRIES: Final = 3
_LOOKS: Final = 4


@dataclass(slots=True)
class _Batch:
    """One call of `upload`."""

    media: MediaList
    there: list[Json] = field(repr=False)
    on_progress: OnProgress
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
        async with self._core.uploading:
            try:
                return await self._upload(what, on_progress)
            except errors.FileMissing as error:
                if hook := self._core.service.hook:
                    error.hint = hook.needed_files() or error.hint
                raise

    async def _upload(self, what: Sequence[str | Path], on_progress: OnProgress | None) -> MediaList:
        core = self._core
        wanted = await asyncio.to_thread(uploads.resolve, what, core.skill, is_local=core.backend.is_local)
        core.sources.update(path.resolve() for path in wanted.paths)
        notes: list[str] = []
        try:
            state = await core.look()
        except errors.SessionNotFound as ended:
            notes.append(await self._renewed(ended))
            state = await core.look()
        earlier = await core.note(core.journal.jobs, core.id, kind="upload", limit=1000)
        sizes, tell = {path: _mark(path)[0] for path in wanted.paths}, core.watched(on_progress)
        batch = _Batch(MediaList(notes=notes), list(state.media), tell, sum(sizes.values()), earlier=earlier)
        for path, size in sizes.items():
            batch.media += self._arrived([await self._file(path, batch, wanted.targets.get(path))])
            batch.before += size
        if wanted.urls:
            batch.media += self._arrived(await self._urls(wanted.urls, batch))
        batch.media.notes += await core.storage_notes()
        return batch.media

    def _arrived(self, media: Iterable[Media]) -> MediaList:
        there = MediaList(media)
        self._core.watchers.tell(Arrived(there))
        return there

    async def resume(self, job: Job, on_progress: OnProgress | None = None) -> MediaList:
        """What has come of an upload that was not seen to its end; sent again if the service does not have it."""
        core = self._core
        if not job.is_open:
            raise errors.UsageError(f"{job.id} is over: {job.state}.", hint="To send a file again, upload it again.")
        if "path" in job.detail:
            try:
                media = await self.upload([job.detail["path"]], on_progress)
            except errors.FileMissing as error:
                hint = "Upload it from where it is now."
                raise errors.FileMissing(f"{job.title} is not where it was.", hint=hint) from error
        else:
            media = await self._resume_urls(job, on_progress)
        await core.note(core.journal.settle, job, "done")
        return media

    async def _resume_urls(self, job: Job, on_progress: OnProgress | None) -> MediaList:
        """Look for what an upload of addresses has brought; they are sent again only if nothing is there."""
        core, seen, count = self._core, set(job.detail.get("seen") or ()), len(job.title.split(", "))
        others = await core.note(core.journal.jobs, core.id, kind="upload", limit=1000)
        claimed = {other.detail.get("hash") for other in others if other.id != job.id}
        new = [each for each in (await core.look()).media if key(each) not in seen and each.get("hash") not in claimed]
        if len(new) >= count:
            return self._arrived(Media.read(entry, was_there=True) for entry in new[:count])
        if job.detail.get("urls"):
            return await self.upload(job.detail["urls"], on_progress)
        await core.note(core.journal.settle, job, "failed")
        hint = "Signed addresses are not kept: upload it again."
        raise errors.InputError(f"{job.title} did not arrive at the service.", hint=hint)

    async def _renewed(self, ended: errors.SessionNotFound) -> str:
        try:
            return await self._core.renew(ended)
        except errors.SessionNotFound as lost:
            return f"{lost.message} Earlier uploads have to be repeated."

    async def _file(self, path: Path, batch: _Batch, target: str | None) -> Media:
        core, (size, mtime_ns), is_local = self._core, _mark(path), self._core.backend.is_local
        place = str(path.resolve())
        same = [job for job in batch.earlier if job.detail.get("path") == place and job.detail.get("size") == size]
        if same or any(entry.get("filename") == path.name for entry in batch.there):
            digest = await asyncio.to_thread(_sha256, path)
            found = find(same, batch.earlier, batch.there, digest=digest, mtime_ns=mtime_ns)
            if found is not None and await self._is_whole(found):
                await self._settle_earlier(place, batch, sha256=digest, **facts(found))
                return Media.read(found, path.name, size, was_there=True)
        with passing_folder() if target else contextlib.nullcontext() as folder:
            sent = path
            if target and folder is not None:
                meter, most = Meter("convert", batch.on_progress), None if is_local else core.skill.max_bytes
                sent = await conversion.converted(path, target, most, folder, lambda done: meter.at(done, path.name))
            uploads.check_size(sent, core.skill, is_local=is_local)
            media = await self._send_file(path, sent, batch)
        await self._settle_earlier(place, batch)
        return media

    async def _is_whole(self, found: Json) -> bool:
        """Whether what the session has can be used; only the engine on this machine can be asked."""
        core = self._core
        if not core.is_engine:
            return True
        return await core.service.has_upload(core.id, str(found.get("hash")))

    async def _settle_earlier(self, place: str, batch: _Batch, **found: Any) -> None:
        """Note that a file is there, for all that were begun with it and not seen to their end."""
        for job in batch.earlier:
            if job.is_open and job.detail.get("path") == place:
                await self._core.note(self._core.journal.settle, job, "done", **found)

    async def _send_file(self, path: Path, sent: Path, batch: _Batch) -> Media:
        core, begun = self._core, _mark(path)
        detail = {
            "path": str(path.resolve()),
            "size": begun[0],
            "mtime_ns": begun[1],
            "sent_as": sent.name,
            "seen": keys(batch.there),
        }
        job = await core.note(core.journal.begin, "upload", core.id, path.name, detail)
        tell = Meter("upload", batch.on_progress, job.id)
        tell.at(batch.before / batch.total if batch.total else 0.0, path.name)
        progress = tell.bytes(path.name, batch.before, batch.total) if sent == path else tell.bytes(path.name)
        digesting = asyncio.create_task(asyncio.to_thread(_sha256, path))
        sent_bytes = _mark(sent)[0]

        async def is_it(entry: Json) -> bool:
            theirs = str(entry.get("hash"))
            if entry.get("filename") not in (sent.name, None):
                return False
            return len(theirs) != SHA256_DIGITS or theirs == await asyncio.to_thread(_sha256, sent)

        try:
            records = await self._send(lambda: core.service.upload(core.id, [sent], progress), 1, batch, is_it)
        except errors.NemoError as error:
            await self._give_up(job, error)
            raise
        finally:
            digest, after = await asyncio.gather(digesting, asyncio.to_thread(_mark, path), return_exceptions=True)
        record = records[0] if records else {}
        same = isinstance(digest, str) and begun == after
        await core.note(core.journal.settle, job, "done", sha256=digest if same else "", **facts(record))
        return Media.read(record, sent.name, sent_bytes)

    async def _urls(self, urls: Sequence[str], batch: _Batch) -> list[Media]:
        core = self._core
        if not core.backend.is_local and not is_loopback(core.backend.url) and any(is_loopback(url) for url in urls):
            raise errors.InputError("The service cannot fetch from this machine.", hint="Upload the file itself.")
        # A signed address must not be noted: such an upload can be looked for, but not repeated from the journal.
        noted = [url for url in urls if strike(url) == url]
        title = ", ".join(urls)
        detail = {"urls": noted if len(noted) == len(urls) else [], "seen": keys(batch.there)}
        job = await core.note(core.journal.begin, "upload", core.id, title, detail)
        try:
            records = await self._send(lambda: core.service.upload_urls(core.id, urls), len(urls), batch, _any)
        except errors.NemoError as error:
            await self._give_up(job, error)
            raise
        await core.note(core.journal.settle, job, "done")
        return [Media.read(record) for record in records]

    async def _give_up(self, job: Job, error: errors.NemoError) -> None:
        """A refusal is an end; anything else may still have been taken, which a later look can tell."""
        await self._core.note(self._core.journal.settle, job, "open" if _may_be_repeated(error) else "failed")

    async def _send(
        self,
        post: Callable[[], Awaitable[Sequence[Json]]],
        count: int,
        batch: _Batch,
        is_it: Callable[[Json], Awaitable[bool]],
    ) -> Sequence[Json]:
        """Send from the start, again only if the service shows that nothing of it was taken."""
        for attempt in range(1, _TRIES + 1):
            try:
                records = await post()
                break
            except (errors.NetworkError, errors.ServiceError) as error:
                if not _may_be_repeated(error) or attempt == _TRIES:
                    raise
                taken = await self._taken(batch, is_it, wait=error.may_have_acted)
                if taken is None or 0 < len(taken) < count:
                    raise
                if taken:
                    records = taken
                    break
        batch.there.extend(records)
        return records

    async def _taken(self, batch: _Batch, is_it: Callable[[Json], Awaitable[bool]], *, wait: bool) -> list[Json] | None:
        """What the session has now that it had not before; None if that cannot be told."""
        pause_s = settings.backoff_s()
        for _ in range(_LOOKS if wait else 1):
            await self._core.clock.sleep(pause_s)
            pause_s *= 2
            try:
                state = await self._core.look()
            except errors.NemoError:
                return None
            known = keys(batch.there)
            if new := [entry for entry in state.media if key(entry) not in known and await is_it(entry)]:
                return new
        return []


def _may_be_repeated(error: errors.NemoError) -> bool:
    """Whether an upload was not refused: it never arrived, or may have been taken all the same."""
    return isinstance(error, errors.NetworkError) or error.may_have_acted


async def _any(_: Json) -> bool:
    return True


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise errors.FileMissing(
            f"{path.name} cannot be read any more.", hint="Check that it is still there."
        ) from error


def _mark(path: Path) -> tuple[int, int]:
    """Size and time of change: what differs when a file was written to."""
    try:
        found = path.stat()
    except OSError as error:
        raise errors.FileMissing(f"{path.name} is not there any more.") from error
    return found.st_size, found.st_mtime_ns
