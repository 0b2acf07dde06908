"""The export panel: what a film is to be, several in a row, how far each is, and what the session has exported."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict
from typing import Any, Final

import traitlets

from nemo_notebook import errors
from nemo_notebook.files import user_path
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.film.tracks import meta_of
from nemo_notebook.notebook.execution import session_here
from nemo_notebook.notebook.widgets.export_queue import ExportQueue, ExportRequest, progress_told, unused_path
from nemo_notebook.notebook.widgets.part import PageAnswer, PanelPart, Refresh, WholeNumber, error_text, panel_words
from nemo_notebook.notebook.widgets.served_files import ServedFiles, kind_of
from nemo_notebook.outside import finite, redact
from nemo_notebook.session.core import Answered, Moved, Progressed, Settled
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.presets import EXPORT_FORMATS, EXPORT_QUALITIES, PRESETS, RESOLUTIONS
from nemo_notebook.session.results import Progress
from nemo_notebook.session.sync import Session
from nemo_notebook.session.targets import next_path, title_of

_CANVAS: Final = {"width": 1920, "height": 1080}  # of a draft that names none
_CHINESE: Final = panel_words("zh")["export_panel"]
_PRESET_WORDS: Final = {
    key: (english, str(_CHINESE.get(key, english)))
    for each in PRESETS.values()
    for key, english in ((f"preset {each.name}", each.title), (f"note {each.name}", each.note))
}
_LOW: Final = 50  # credits: about what a session of edits takes
_FORMS: Final = {"gif": "animation", "mid": "score", **dict.fromkeys(("jpg", "png", "webp"), "still")}


class ExportPanel(PanelPart, files=("export_panel",)):
    """Exports of one session: begun here in a row, or by cells and other code, with what came of them.

    Args:
        session: The session that is worked on; that of the magics without.
    """

    WORDS = _PRESET_WORDS

    rows: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    film = traitlets.Dict().tag(sync=True)  # the timeline: whether it can be exported, its title, shape and length
    chosen = traitlets.Dict().tag(sync=True)  # what the page has set its controls to, for when it is loaded again
    choices = traitlets.Dict().tag(sync=True)
    balance = traitlets.Dict().tag(sync=True)
    is_cloud = traitlets.Bool().tag(sync=True)

    def __init__(self, session: Session | None = None) -> None:
        session = session or session_here()  # what is heard of it needs all of these
        self._files = ServedFiles()
        self._queue = ExportQueue(session.asynchronous, self._show, self._tell_progress, self._fail)
        self._refresh_balance = Refresh(self._read_balance)
        super().__init__(session, choices=_choices(), is_cloud=not session.backend.is_local)
        self.begin(self._refresh_balance())
        self.begin(self._look())

    async def _look(self) -> None:
        await self._queue.find()
        self._take(await self.session.asynchronous.timeline())

    def _take(self, timeline: Timeline) -> None:
        meta = meta_of(timeline.draft)
        shape = {key: round(max(finite(meta.get(key)) or 0.0, 0.0)) or usual for key, usual in _CANVAS.items()}
        title = redact(self.session.name or title_of(timeline), 120)
        self.film = {
            "is_ready": timeline.is_ready,
            "title": title,
            "duration_s": round(timeline.duration_s, 2),
            "fit": redact(str(meta.get("fit") or ""), 20),
            **shape,
        }

    def _show(self) -> None:
        self.rows = [row.told() for row in self._queue.rows]

    async def _read_balance(self) -> None:
        if not self.is_cloud:
            self.balance = {"is_free": True}
            return
        try:
            now = await self.session.asynchronous.credits()
        except errors.NemoError as error:  # good to know, but its lack is no trouble of the panel's
            self.balance = {**self.balance, "why": error_text(error)}
        else:
            numbers = {name: f"{getattr(now, name):g}" for name in ("available", "frozen", "total")}
            self.balance = {**numbers, "is_low": now.available < _LOW}

    def _tell_progress(self, key: str, progress: Progress) -> None:
        self.tell({"say": "progress", "key": key, **progress_told(progress)})

    # From the session

    def on_moved(self, news: Moved) -> None:
        """The timeline is another one."""
        self._take(news.timeline)

    def on_progressed(self, news: Progressed) -> None:
        """Something is so far."""
        if news.progress.stage in {"render", "download"}:
            self._queue.hear_progress(news.progress)

    def on_settled(self, news: Settled) -> None:
        """Something was begun, or has ended."""
        self._queue.hear_job(news.job)
        if not news.job.is_open:
            self.begin(self._refresh_balance())

    def on_answered(self, _: Answered) -> None:
        """A turn is over, which may have cost something."""
        self.begin(self._refresh_balance())

    # From the page; each on the session's loop, as the queue is

    async def do_look(self) -> None:
        """A page shows this part, perhaps anew: files may have gone, and another kernel may have been at work."""
        self._show()
        self.begin(self._look())

    async def do_balance(self) -> None:
        """Read the balance now."""
        await self._refresh_balance()

    async def do_export(self, content: ExportRequest) -> dict[str, str]:
        """Put an export at the end of the row."""
        if not self.film.get("is_ready"):
            raise errors.NothingToExport("There is nothing to export yet: the timeline is empty.")
        self.tell_trouble(None)
        return {"key": self._queue.add(content)}

    async def do_cancel(self, key: str) -> None:
        """Stop an export, or take it out of the row."""
        await self._queue.cancel(key)

    async def do_remove(self, key: str) -> None:
        """Take an export that is over out of the list."""
        await self._queue.remove(key)

    async def do_name(self, content: ExportRequest) -> dict[str, str]:
        """The name that the file of an export would get if it was begun now; empty where there is none."""
        with contextlib.suppress(errors.NemoError):
            return {"name": await asyncio.to_thread(self._name_for, content)}
        return {"name": ""}

    def _name_for(self, request: ExportRequest) -> str:
        if request.path:
            return unused_path(user_path(request.path)).name
        promised = {job.target for job in Journal().jobs(kind="render", only_open=True) if job.target}
        return next_path(f"{self.film.get('title', '')} {request.preset}", request.format, promised=promised).name

    async def do_retry(self, key: str) -> None:
        """Export once more, or look again."""
        self.tell_trouble(None)
        self._queue.retry(key)

    async def do_poster(self, key: str) -> PageAnswer:
        """The small picture of a film."""
        return PageAnswer(None, [self._queue.posters.get(key, b"")])

    async def do_offer(self, key: str) -> dict[str, Any]:
        """Let the page read a film piece by piece, where no server gives it."""
        row = self._queue.named(key)
        if row.state != "done" or row.target is None:
            raise errors.FileMissing("That export has no file.")
        try:
            file = self._files.offer(row.target)
        except errors.FileMissing:
            self._show()  # it has gone, and says so now
            raise
        return {"file": file, "size_bytes": self._files.size(file), "name": row.target.name}

    async def do_read(self, key: str, offset: WholeNumber, size: WholeNumber) -> PageAnswer:
        """A piece of it."""
        return self._files.read(key, offset, size)

    async def do_link(self) -> PageAnswer:
        """The address that opens the project in the service's page: a secret, never in a trait or an output."""
        return PageAnswer({"address": await self.session.asynchronous.link()})


def _choices() -> dict[str, Any]:
    """What there is to choose from, for the page."""
    formats = {each: "sound" if kind_of(each) == "sound" else "video" for each in EXPORT_FORMATS} | _FORMS
    presets = [asdict(preset) for preset in PRESETS.values()]
    return {"formats": formats, "qualities": [*EXPORT_QUALITIES], "resolutions": [*RESOLUTIONS], "presets": presets}
