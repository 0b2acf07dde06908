"""The player: the newest export of the timeline as it is now, else a quick preview of it, else what there was before.

The page gets at the bytes by itself, and can seek in all ways: from the Jupyter server where the file lies below its
root, else piece by piece through the kernel (see `served_files.py`). Nothing of a film is ever a trait.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import traitlets

from nemo_notebook import errors, media_types
from nemo_notebook.film.provenance import hash_of
from nemo_notebook.film.tracks import meta_of
from nemo_notebook.notebook.widgets.part import Number, PageAnswer, PanelPart, WholeNumber
from nemo_notebook.notebook.widgets.served_files import ServedFiles, keep_newest, kind_of, relative_path
from nemo_notebook.outside import finite, plain
from nemo_notebook.session.core import Moved, Settled
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.records import Job

if TYPE_CHECKING:
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.session.previews import Preview
    from nemo_notebook.session.results import Progress
    from nemo_notebook.session.sync import Session

DEBOUNCE_S: Final = 0.4

_KEPT: Final = 16  # previews that are remembered
_FPS: Final = 30.0


class Player(PanelPart, files=("film_player",)):
    """Plays the film of one session.

    Attributes:
        playhead_s: Where it is, in seconds; to set it is to go there.
        auto: Whether a preview is made after each edit; else only when it is asked for.

    Args:
        session: The session; a new one without.
    """

    film = traitlets.Dict().tag(sync=True)  # what is shown, in a few words; empty for nothing
    work = traitlets.Dict().tag(sync=True)  # how far a preview is; empty where none is made
    is_ready = traitlets.Bool().tag(sync=True)
    can_preview = traitlets.Bool().tag(sync=True)
    has_failed = traitlets.Bool().tag(sync=True)
    auto = traitlets.Bool(default_value=True).tag(sync=True)
    aspect = traitlets.Float().tag(sync=True)  # the timeline's width by its height; 0 until it is known
    playhead_s = traitlets.Float().tag(sync=True)

    def __init__(self, session: Session | None = None, **traits: Any) -> None:
        self._files = ServedFiles()
        self._timeline: Timeline | None = None
        self._draft = ""  # the present one's mark
        self._previews: dict[str, Preview] = {}  # by the mark of their draft
        self._readable: dict[str, Preview] = {}  # by the key that pages read them by
        self._rendering: concurrent.futures.Future[Any] | None = None
        self._heard_s = 0.0
        self._choosing = asyncio.Lock()
        super().__init__(session, **traits)
        self.can_preview = self.session.backend.is_local
        self.begin(self._look())

    def close(self) -> None:
        """Leave the page; a preview that is being made is ended."""
        self._stop()
        super().close()

    # From the page

    def do_read(self, key: str, offset: WholeNumber, size: WholeNumber) -> PageAnswer:
        """A piece of a film."""
        return self._files.read(key, offset, size)

    def do_pieces(self, key: str) -> dict[str, Any]:
        """Where the pieces of a preview are, each `[start_s, offset, size]`."""
        preview = self._readable.get(key)
        if preview is None:
            raise errors.FileMissing("That preview is not on offer.", hint="Make it again.")
        pieces = [[piece.start_s, piece.offset, piece.size] for piece in preview.pieces]
        return {"head_bytes": preview.head_bytes, "codecs": preview.codecs, "pieces": pieces}

    async def do_preview(self) -> None:
        """Make a preview now."""
        self.tell_trouble(None)
        self._render()

    def do_cancel(self) -> None:
        """Make none."""
        self._stop()
        self.work = {}

    async def do_show(self, job: str) -> str:
        """Show one export; gives the key of its film."""
        found = await asyncio.to_thread(Journal().job, job)
        if found is None or found.session_id != self.session.id or found.target is None:
            raise errors.JobNotFound("There is no such export in this session.")
        async with self._choosing:
            self.film = await asyncio.to_thread(self._export, found)
        return str(self.film["key"])

    def do_at(self, at_s: Number) -> None:
        """The page's player is there."""
        self._heard_s = self.playhead_s = max(0.0, at_s)

    @traitlets.observe("playhead_s")
    def _go(self, change: Mapping[str, Any]) -> None:
        if change["new"] != getattr(self, "_heard_s", None):
            self._heard_s = change["new"]
            self.tell({"say": "seek", "at_s": change["new"]})

    # From the session

    def on_moved(self, news: Moved) -> None:
        """The timeline was edited."""
        self.begin(self._take(news.timeline, is_edit=True))

    def on_settled(self, news: Settled) -> None:
        """An export is there."""
        if news.job.kind == "render" and news.job.state == "done":
            self.begin(self._choose())

    async def _look(self) -> None:
        timeline = await self.session.asynchronous.timeline()
        if self._timeline is None:  # else it was edited meanwhile
            await self._take(timeline, is_edit=False)

    async def _take(self, timeline: Timeline, *, is_edit: bool) -> None:
        """Take a timeline as the present one."""
        self._timeline = timeline
        mark = await asyncio.to_thread(hash_of, timeline.draft)
        if self._timeline is not timeline:  # there is a newer one by now
            return
        is_other = mark != self._draft
        self._draft = mark
        self.is_ready = timeline.is_ready
        self.aspect = _aspect(timeline)
        if is_edit and is_other:
            self.tell_trouble(None)  # it was of another film
        await self._choose()
        if is_other and self._is_wanted(is_edit=is_edit):
            self._render(DEBOUNCE_S)
        elif is_other:
            self.do_cancel()

    def _is_wanted(self, *, is_edit: bool) -> bool:
        """Whether a preview is to be made without being asked for."""
        if not (self.can_preview and self.is_ready) or (self.film and not self.film["is_old"]):
            return False
        is_under_way = self._rendering is not None and not self._rendering.done()
        return (self.auto and is_edit) or is_under_way

    # Previews

    def _render(self, wait_s: float = 0.0) -> None:
        """Make a preview of the present draft, in place of one that is being made."""
        self._stop()
        self._rendering = self.begin(self._preview(self._draft, wait_s))

    def _stop(self) -> None:
        rendering, self._rendering = self._rendering, None
        if rendering is not None:
            rendering.cancel()

    async def _preview(self, draft: str, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        mine = self._rendering
        self.has_failed = False
        self.work = {"done": 0.0, "left_s": None}
        try:
            preview = await self.session.asynchronous.preview(self._progressed)
        except Exception:
            self.has_failed = True
            raise
        finally:
            if self._rendering is mine:  # else a newer one tells how far it is
                self.work = {}
        keep_newest(self._previews, draft, preview, _KEPT)
        self.tell_trouble(None)
        await self._choose()

    def _progressed(self, progress: Progress) -> None:
        if self._rendering is not None:
            left_s = None if progress.left_s is None else max(0, round(progress.left_s))
            self.work = {"done": round(progress.done, 2), "left_s": left_s}

    # What is shown

    async def _choose(self) -> None:
        """Show the best that there is of the present draft."""
        async with self._choosing:  # else what is known of an earlier draft may come last, and stay
            self.film = await asyncio.to_thread(self._best)

    def _best(self) -> dict[str, Any]:
        exports = [job for job in Journal().jobs(self.session.id, kind="render") if _is_there(job)]
        ours = [job for job in exports if job.detail.get("draft") == self._draft]
        if film := next((job for job in ours if self._is_whole(job)), None):
            return self._export(film)
        preview = self._previews.get(self._draft)
        if preview is not None and preview.path.is_file():
            return self._film(preview.path, "preview", preview)
        if self.film:
            return {**self.film, "is_old": self.film["draft"] != self._draft}
        return next((self._export(job) for job in (*ours, *exports)), {})

    def _is_whole(self, job: Job) -> bool:
        """Whether an export is a film of the whole timeline: no still, no sound alone, no excerpt."""
        if job.target is None or _look(job.target.name) != "video" or self._timeline is None:
            return False
        duration_s = finite(job.detail.get("duration_s")) or 0.0
        return abs(duration_s - self._timeline.duration_s) < 1.0

    def _export(self, job: Job) -> dict[str, Any]:
        film, draft = self._film(job.target or Path(), "export"), str(job.detail.get("draft", ""))
        duration_s = finite(job.detail.get("duration_s")) or 0.0
        return {**film, "duration_s": duration_s, "draft": draft, "is_old": draft != self._draft}

    def _film(self, path: Path, kind: str, preview: Preview | None = None) -> dict[str, Any]:
        key = self._files.offer(path)
        if preview is not None:
            keep_newest(self._readable, key, preview, _KEPT)
        return {
            "key": key,
            "kind": kind,
            "draft": self._draft,
            "is_old": False,
            "name": plain(path.name),
            "near": "" if preview else relative_path(path),
            "size": self._files.size(key),
            "mime": media_types.mime(path.name),
            "look": _look(path.name),
            "fps": (preview and preview.fps) or _FPS,
            "duration_s": preview.duration_s if preview else 0.0,
            "is_pieces": preview is not None,
        }


def _is_there(job: Job) -> bool:
    return job.state == "done" and job.target is not None and job.target.is_file()


def _look(name: str) -> str:
    """How a file is shown: `video`, `sound`, `picture`, or as a mere `file`."""
    kind = kind_of(name)
    return "file" if kind in {"film", "score"} else kind


def _aspect(timeline: Timeline) -> float:
    canvas = meta_of(timeline.draft)
    width, height = (finite(canvas.get(key)) for key in ("width", "height"))
    return width / height if width and height and min(width, height) > 0 else 16 / 9
