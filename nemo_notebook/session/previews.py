"""Previews: the timeline as a small film that a player can read in pieces, kept here so that it is there again at once.

The local engine makes them. They are named after what they show, so that the same draft is found again: here by its
file, at the engine by its id.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from nemo_notebook import errors
from nemo_notebook.client.transfers import disk_error
from nemo_notebook.film.provenance import hash_of
from nemo_notebook.session.exports import ExportPart, follow
from nemo_notebook.session.results import ReportProgress, StageMeter

_DIGITS: Final = 32  # of a hash
_FORM: Final = 2  # raise it when the same draft would come out as another preview
_TRIES: Final = 5
_SUBMITS: Final = 2
_TAKEN: Final = 409
_PAUSES_S: Final = (0.05, 0.15)  # it is on this machine, and somebody watches
_CANCEL_S: Final = 2.0
_MOST_KEPT: Final = 20
_MOST_BYTES: Final = 500_000_000


_Count = Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class PreviewPiece:
    """A part of a film that can be played without those before it.

    Attributes:
        start_s: When its first picture is shown, in seconds.
        offset: Where it begins in the file, in bytes.
        size: Its bytes.
    """

    start_s: float
    offset: _Count
    size: _Count


@dataclass(frozen=True, slots=True)
class Preview:
    """A film to look at: a fragmented MP4, of which a player need only read the pieces that it shows.

    Attributes:
        path: The file; it may be gone once twenty newer ones are there.
        key: What it shows: the same for the same draft.
        duration_s: Length in seconds.
        width: Pixels across.
        height: Pixels down.
        fps: Pictures a second.
        codecs: As in the MIME type of media sources, such as `avc1.64001F, mp4a.40.2`.
        head_bytes: So many bytes at the beginning initialise a player.
        pieces: The rest, in time order; each can be begun with.
    """

    path: Path
    key: str
    duration_s: Annotated[float, Meta(gt=0, le=86_400)]
    width: _Count
    height: _Count
    fps: Annotated[float, Meta(gt=0)]
    codecs: str = field(repr=False)
    head_bytes: _Count = field(repr=False)
    pieces: Annotated[tuple[PreviewPiece, ...], Meta(min_length=1)] = field(repr=False)


class PreviewPart(ExportPart):
    """The previews of one session: small renders for a player."""

    async def preview(self, on_progress: ReportProgress | None = None) -> Preview:
        """Render the timeline small and quickly, as a film that a player can read in pieces; only what is new of it.

        It is no export: neither noted nor listed. A newer preview of the session ends an older one, and who no longer
        waits for one ends it.

        Args:
            on_progress: Told how far it is.

        Raises:
            NothingToExport: The timeline is empty.
            UsageError: The backend makes no previews: only the local engine does.
            RenderFailed: It failed.
            Conflict: The timeline changes faster than it can be rendered.
        """
        for _ in range(_TRIES):
            state = await self._look_to_export()
            if state.version is None:
                raise errors.UsageError("This backend makes no previews.", hint="`%nemo export` renders the film.")
            key = hash_of([_FORM, state.timeline.draft])[:_DIGITS]
            path = self._core.journal.path.parent / "previews" / f"{key}.mp4"
            found = await asyncio.to_thread(_kept, path)
            if found is not None:
                return found
            try:
                await self._fetch_preview(state.timeline.draft, path, on_progress)
            except errors.JobNotFound:
                continue  # let go for newer ones before it was fetched
            except errors.RenderFailed as error:
                if not error.was_cancelled:
                    raise
                continue  # there is a newer timeline, or another who asked for this one has gone
            return await asyncio.to_thread(_taken, path)
        raise errors.Conflict("The timeline changes faster than it can be shown.", hint="Try again in a moment.")

    async def _fetch_preview(self, draft: Mapping[str, Any], path: Path, on_progress: ReportProgress | None) -> None:
        """Have the preview rendered and save it; the render ends when this is cancelled."""
        core = self._core
        hook = core.service.hook
        whose = [core.id, path.stem, *([hook.id] if hook else [])]  # on a tape, other tapes have such a session
        render_id = f"preview_{hash_of(whose)[:_DIGITS]}"
        try:
            await self._submit_preview(draft, render_id)
            meter = StageMeter("render", on_progress)
            status = await follow(core, render_id, meter, "ask for the preview again.", _PAUSES_S)
        except asyncio.CancelledError:
            with contextlib.suppress(errors.NemoError, TimeoutError):
                async with asyncio.timeout(_CANCEL_S):
                    await core.service.cancel_render(render_id)
            raise
        await asyncio.to_thread(_make_room, path.parent)
        saving = StageMeter("download", on_progress).bytes("preview")
        await core.service.download(render_id, status.url, path, saving)

    async def _submit_preview(self, draft: Mapping[str, Any], render_id: str) -> None:
        """Submit it; one that the engine knows already is followed."""
        for attempt in range(1, _SUBMITS + 1):
            try:
                await self._core.service.submit_render(self._core.id, draft, {"preview": True}, render_id)
                break
            except errors.NetworkError:
                if attempt == _SUBMITS:
                    raise  # else: under the same id it is not rendered twice
            except errors.ServiceError as error:
                if error.code != _TAKEN:
                    raise
                break


def _kept(path: Path) -> Preview | None:
    """A preview that is here already, if it is whole."""
    try:
        preview = read_preview(path)
        os.utime(path)  # those that were looked at last are kept
    except (errors.ProtocolError, OSError):
        return None
    return preview


def _taken(path: Path) -> Preview:
    try:
        return read_preview(path)
    except OSError as error:
        raise disk_error(error, path) from error


def read_preview(path: Path) -> Preview:
    """Read what the renderer has noted at the end of a preview: JSON, and behind it the size of its box.

    Raises:
        ProtocolError: There is no such thing: the file is damaged, or cut short.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        try:
            end = file.seek(-4, os.SEEK_END)
            (size,) = struct.unpack(">I", file.read())
            file.seek(end + 4 - size + 8)
            index = msgspec.json.decode(file.read(size - 12))
            return msgspec.convert({**index, "path": path, "key": path.stem}, Preview)
        except (OSError, ValueError, TypeError, struct.error) as error:
            raise errors.ProtocolError("The preview cannot be read.", hint="Ask for it again.") from error


def _make_room(folder: Path) -> None:
    """Make the folder, and keep of what is in it only the newest, so that one more is not too much."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # like the media that they show
    except OSError as error:
        raise disk_error(error, folder) from error
    files: list[tuple[float, int, Path]] = []
    for path in folder.glob("*.mp4*"):  # also what a killed kernel has left half
        with contextlib.suppress(OSError):  # another kernel may have been quicker
            seen = path.stat()
            files.append((seen.st_mtime, seen.st_size, path))
    taken = 0
    for number, (_, size, path) in enumerate(sorted(files, reverse=True), start=1):
        taken += size
        if number >= _MOST_KEPT or taken > _MOST_BYTES:
            with contextlib.suppress(OSError):  # it is being read, on Windows
                path.unlink()
