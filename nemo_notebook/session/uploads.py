"""Uploads: resolved and checked, converted where needed, noted before they are sent, and deduplicated."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors, media_types, settings
from nemo_notebook.client.service import Service
from nemo_notebook.client.transport import is_loopback
from nemo_notebook.files import check_room, passing_folder, size_words, user_path
from nemo_notebook.film.tracks import Json
from nemo_notebook.outside import strike
from nemo_notebook.session import conversion
from nemo_notebook.session.backend import engine_installed
from nemo_notebook.session.conversion import check_target
from nemo_notebook.session.core import Arrived, Core, SessionPart
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Media, MediaList, ReportProgress, StageMeter
from nemo_notebook.skills import Skill

_MAGIC: Final = "*?["


def resolve_files(
    what: Iterable[str | Path], skill: Skill, *, is_local: bool = False
) -> tuple[dict[Path, str | None], list[str]]:
    """Find the files behind paths, patterns and addresses, and check every one of them.

    Args:
        what: Paths, patterns and addresses.
        skill: Whose limits hold for what leaves this machine.
        is_local: Whether nothing does. The engine looks into files itself, and its disk is the only limit.

    Returns:
        The files, each with the type that it has to be converted to first, if it has to; and the addresses.

    Raises:
        FileMissing: A path does not exist or is empty, or a pattern matches nothing.
        UnsupportedMedia: A file type that the service does not take and that cannot be converted here, or a file whose
            first bytes are those of no media.
        MediaTooLarge: A file over the skill's limit.
        InputError: An address holds a password.
    """
    paths: list[Path] = []
    urls: list[str] = []
    for item in what:
        text = os.fspath(user_path(item)) if isinstance(item, os.PathLike) else item
        if not isinstance(text, str):
            raise errors.UsageError(f"{text!r} is no file.", hint='Name files: upload("song.mp3", "clips/*.mp4")')
        if text.lower().startswith(("http://", "https://")):
            urls.append(_checked_url(text))
        else:
            paths.extend(expand(text))
    if not paths and not urls:
        raise errors.UsageError("There is nothing to upload.", hint="Name files: %nemo upload song.mp3 clips/*.mp4")
    targets = {path: _check(path, skill, is_local=is_local) for path in dict.fromkeys(paths)}
    return targets, list(dict.fromkeys(urls))


def check_facts(name: str, size_bytes: int, skill: Skill, *, is_local: bool, target: str | None = None) -> None:
    """Hold what is known of a file against the rules, before it need be there.

    Args:
        name: Its name.
        size_bytes: How large it is.
        skill: Whose limits hold for what leaves this machine.
        is_local: Whether nothing does.
        target: The type that its content has to be converted to, if that is known; else its name tells.

    Raises:
        FileMissing: It is empty.
        UnsupportedMedia: A file type that the service does not take and that cannot be converted here.
        MediaTooLarge: It is over the skill's limit.
    """
    target = target or media_types.convertible_to(name)
    is_sent_so = target is None and media_types.is_accepted(name)
    if not is_sent_so:
        check_target(name, target)
    if size_bytes <= 0:
        raise errors.FileMissing(f"{name} is empty.", hint="Record or download it again.")
    if is_sent_so and not is_local:
        _check_bytes(name, size_bytes, skill)


def check_size(path: Path, skill: Skill, *, is_local: bool) -> None:
    """Hold a file that is to be sent against the limit: of the skill, or of the engine's disk.

    Raises:
        MediaTooLarge: It is over the skill's.
        InputError: The disk has no room for it.
    """
    size_bytes = path.stat().st_size
    if is_local:
        check_room(path.name, size_bytes, settings.home() / "engine")
    else:
        _check_bytes(path.name, size_bytes, skill)


def _check_bytes(name: str, size_bytes: int, skill: Skill) -> None:
    if size_bytes > skill.max_bytes:
        raise errors.MediaTooLarge(
            f"{name} has {size_words(size_bytes)}; the limit of {skill.title} is {skill.max_size_mb} MB."
        )


def _checked_url(url: str) -> str:
    if "@" in re.split("[/?#]", url, maxsplit=3)[2]:  # not parsed: an error would show the address
        hint = "Download the file yourself, then upload it."
        raise errors.InputError("An address with a user name or password is not sent.", hint=hint)
    return url


def expand(text: str) -> list[Path]:
    """The files behind a path or a pattern; of a path it is not asked here whether it is there.

    As in a shell, a pattern finds hidden files (such as the `._song.mp3` that a Mac leaves on other disks) only if it
    begins with a dot itself.

    Raises:
        FileMissing: A pattern matches nothing, or cannot be searched.
    """
    path = user_path(text)
    if path.exists() or not any(mark in text for mark in _MAGIC):
        return [path]
    try:
        finds_hidden = path.name.startswith(".")
        found = sorted(
            file for file in _matches(path) if file.is_file() and (finds_hidden or not file.name.startswith("."))
        )
    except (OSError, ValueError, NotImplementedError) as error:
        raise errors.FileMissing(f"{text} cannot be searched.") from error
    accepted = [file for file in found if media_types.is_accepted(file.name)]
    media = [file for file in found if media_types.kind(file.name) != "other"]
    # Where nothing can be converted, a stray picture must not spoil a folder; if there is nothing else, it is refused.
    files = media if engine_installed() or not accepted else accepted
    if not files:
        raise errors.FileMissing(f"Nothing matches {text}.")
    return files


def _matches(pattern: Path) -> Iterator[Path]:
    """The paths that match. `**` does not follow links to folders, which may lead round in circles."""
    fixed = next(i for i, part in enumerate(pattern.parts) if any(mark in part for mark in _MAGIC))
    return Path(*pattern.parts[:fixed]).glob(str(Path(*pattern.parts[fixed:])))


def _check(path: Path, skill: Skill, *, is_local: bool) -> str | None:
    """Check a file; gives the type that it has to be converted to first, if it has to."""
    if not path.exists():
        raise errors.FileMissing(f"There is no file {path}.")
    if path.is_dir():
        raise errors.FileMissing(f"{path} is a folder.", hint=f"Name its files: {path.as_posix()}/*")
    if not path.is_file():
        raise errors.UnsupportedMedia(f"{path} is no ordinary file.")
    try:
        head, size = media_types.file_head(path), path.stat().st_size
    except OSError as error:
        raise errors.FileMissing(f"{path.name} cannot be read.", hint="Check who may read it.") from error
    target = media_types.conversion_target(path.name, head)
    check_facts(path.name, size, skill, is_local=is_local, target=target)
    # A link named like a film may lead to a private file; whatever is converted is decoded first.
    if target is None and not is_local and not media_types.sniff(head):
        raise errors.UnsupportedMedia(f"{path.name} holds no video, picture or sound; nothing was sent.")
    return target


SHA256_DIGITS: Final = 64
_KEPT: Final = ("filename", "file_type", "duration", "width", "height", "fps", "hash")


def find(
    same: Sequence[Job], earlier: Sequence[Job], there: Sequence[Json], *, digest: str, mtime_ns: int
) -> Json | None:
    """The service's record of bytes that were sent before, if it has them.

    By the hash of the bytes where the service's is SHA-256; else by the record that an earlier, finished upload of the
    same bytes was given; else, for one whose end was not heard, by the name: if the file has not changed since, the
    record was not there before, and no other upload was given it.

    Args:
        same: Earlier uploads from the same place and of the same size.
        earlier: All earlier uploads of the session.
        there: What the session has.
        digest: SHA-256 of the file now.
        mtime_ns: When the file was changed last.
    """
    by_hash = {str(entry.get("hash")): entry for entry in there if entry.get("hash")}
    if digest in by_hash:
        return by_hash[digest]
    for job in same:
        if job.state == "done" and job.detail.get("sha256") == digest and job.detail.get("hash") in by_hash:
            return by_hash[job.detail["hash"]]
    given = {job.detail.get("hash") for job in earlier if job.state == "done"} - {None}
    for job in same:
        if not job.is_open or job.detail.get("mtime_ns") != mtime_ns:
            continue
        seen, was_converted = set(job.detail.get("seen") or ()), job.detail.get("sent_as") != job.title
        for entry in there:
            could_be = was_converted or len(str(entry.get("hash"))) != SHA256_DIGITS  # else its hash would have told
            is_new = key(entry) not in seen and entry.get("hash") not in given
            if could_be and is_new and entry.get("filename") == job.detail.get("sent_as"):
                return entry
    return None


def key(entry: Json) -> str:
    """What tells one record of the state from another."""
    return f"{entry.get('filename')}|{entry.get('hash')}"


def facts(record: Json) -> dict[str, Any]:
    """What the journal keeps of a record: no address, since that may be signed."""
    return {key: record[key] for key in _KEPT if isinstance(record.get(key), (str, int, float))}


_MOST_BYTES: Final = 100_000  # of one; a thumbnail that is larger is none
_JPEG: Final = b"\xff\xd8\xff"


class ThumbnailCache:
    """Reads the thumbnails of media, and remembers them by the content's hash."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    async def read(self, service: Service, record: Json) -> Media:
        """The media of a service's record; a thumbnail that cannot be had is empty."""
        name, url = str(record.get("hash") or ""), record.get("thumbnail_url")
        if name and name not in self._kept and isinstance(url, str):
            try:
                picture = await service.fetch_small(url)
                fits = picture.startswith(_JPEG) and len(picture) <= _MOST_BYTES
                self._kept[name] = picture if fits else b""
            except errors.ProtocolError:
                self._kept[name] = b""  # there is none
            except errors.NemoError:
                pass  # it may come another time
        return Media.read(record, thumbnail=self._kept.get(name, b""))


_TRIES: Final = 3
_LOOKS: Final = 4


@dataclass(slots=True)
class _Batch:
    """One call of `upload`."""

    media: MediaList
    there: list[Json] = field(repr=False)
    on_progress: ReportProgress
    total: int
    before: int = 0
    earlier: list[Job] = field(default_factory=list)


class UploadPart(SessionPart):
    """The uploads of one session, and the media it has."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._thumbnails = ThumbnailCache()

    async def upload(self, *what: str | Path, on_progress: ReportProgress | None = None) -> MediaList:
        """Upload files, patterns and addresses. All are checked before the first byte is sent.

        Files of a type that the service does not take are converted first, if the extra `local` is there. Bytes that
        the service has already from an earlier upload of this session are not sent again.

        Raises:
            InputError: One of them is missing, empty, too large or of a wrong type; none is sent then.
        """
        async with self._core.uploading:
            try:
                return await self._upload(what, on_progress)
            except errors.FileMissing as error:
                if hook := self._core.service.hook:
                    error.hint = hook.needed_files() or error.hint
                raise

    async def media(self) -> MediaList:
        """The media that the session has."""
        records = (await self._core.look()).media
        return MediaList(
            await asyncio.gather(*(self._thumbnails.read(self._core.service, record) for record in records))
        )

    async def _upload(self, what: Sequence[str | Path], on_progress: ReportProgress | None) -> MediaList:
        core = self._core
        targets, urls = await asyncio.to_thread(resolve_files, what, core.skill, is_local=core.backend.is_local)
        core.sources.update(path.resolve() for path in targets)
        notes: list[str] = []
        try:
            state = await core.look()
        except errors.SessionNotFound as ended:
            try:
                notes.append(await core.renew(ended))
            except errors.SessionNotFound as lost:
                notes.append(f"{lost.message} Earlier uploads have to be repeated.")
            state = await core.look()
        earlier = await core.note(core.journal.jobs, core.id, kind="upload", limit=1000)
        sizes, tell = {path: _mark(path)[0] for path in targets}, core.watched(on_progress)
        batch = _Batch(MediaList(notes=notes), list(state.media), tell, sum(sizes.values()), earlier=earlier)
        for path, size in sizes.items():
            batch.media += self._arrived([await self._file(path, batch, targets[path])])
            batch.before += size
        if urls:
            batch.media += self._arrived(await self._urls(urls, batch))
        batch.media.notes += await core.storage_notes()
        return batch.media

    def _arrived(self, media: Iterable[Media]) -> MediaList:
        there = MediaList(media)
        self._core.watchers.tell(Arrived(there))
        return there

    async def _resume_upload(self, job: Job, on_progress: ReportProgress | None = None) -> MediaList:
        """What has come of an upload that was not seen to its end; sent again if the service does not have it."""
        core = self._core
        if not job.is_open:
            raise errors.UsageError(f"{job.id} is over: {job.state}.", hint="To send a file again, upload it again.")
        if "path" in job.detail:
            try:
                media = await self.upload(job.detail["path"], on_progress=on_progress)
            except errors.FileMissing as error:
                hint = "Upload it from where it is now."
                raise errors.FileMissing(f"{job.title} is not where it was.", hint=hint) from error
        else:
            media = await self._resume_urls(job, on_progress)
        await core.note(core.journal.settle, job, "done")
        return media

    async def _resume_urls(self, job: Job, on_progress: ReportProgress | None) -> MediaList:
        """Look for what an upload of addresses has brought; they are sent again only if nothing is there."""
        core, seen, count = self._core, set(job.detail.get("seen") or ()), len(job.title.split(", "))
        others = await core.note(core.journal.jobs, core.id, kind="upload", limit=1000)
        claimed = {other.detail.get("hash") for other in others if other.id != job.id}
        new = [each for each in (await core.look()).media if key(each) not in seen and each.get("hash") not in claimed]
        if len(new) >= count:
            return self._arrived(Media.read(entry, was_there=True) for entry in new[:count])
        if job.detail.get("urls"):
            return await self.upload(*job.detail["urls"], on_progress=on_progress)
        await core.note(core.journal.settle, job, "failed")
        hint = "Signed addresses are not kept: upload it again."
        raise errors.InputError(f"{job.title} did not arrive at the service.", hint=hint)

    async def _file(self, path: Path, batch: _Batch, target: str | None) -> Media:
        core, (size, mtime_ns), is_local = self._core, _mark(path), self._core.backend.is_local
        place = str(path.resolve())
        same = [job for job in batch.earlier if job.detail.get("path") == place and job.detail.get("size") == size]
        if same or any(entry.get("filename") == path.name for entry in batch.there):
            digest = await asyncio.to_thread(_sha256, path)
            found = find(same, batch.earlier, batch.there, digest=digest, mtime_ns=mtime_ns)
            is_there = found is not None and (
                not core.is_engine or await core.service.has_upload(core.id, str(found.get("hash")))
            )
            if found is not None and is_there:
                await self._settle_earlier(place, batch, sha256=digest, **facts(found))
                return Media.read(found, path.name, size, was_there=True)
        with passing_folder() if target else contextlib.nullcontext() as folder:
            sent = path
            if target and folder is not None:
                meter, most = StageMeter("convert", batch.on_progress), None if is_local else core.skill.max_bytes
                sent = await conversion.converted(path, target, most, folder, lambda done: meter.at(done, path.name))
            check_size(sent, core.skill, is_local=is_local)
            media = await self._send_file(path, sent, batch)
        await self._settle_earlier(place, batch)
        return media

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
            "seen": [*map(key, batch.there)],
        }
        job = await core.note(core.journal.begin, "upload", core.id, path.name, detail)
        tell = StageMeter("upload", batch.on_progress, job.id)
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
        detail = {"urls": noted if len(noted) == len(urls) else [], "seen": [*map(key, batch.there)]}
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
            known = set(map(key, batch.there))
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
