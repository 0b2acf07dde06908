"""The studio: all parts in one panel over a session, and the static output that stays in a saved notebook."""

from __future__ import annotations

import asyncio
import concurrent.futures
import html
import logging
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets
import traitlets

from nemo_notebook.notebook.display import Bundle, CellDisplay, Outlet, register_panel_here
from nemo_notebook.notebook.execution import session_here
from nemo_notebook.notebook.widgets.chat_panel import Chat
from nemo_notebook.notebook.widgets.export_panel import ExportPanel
from nemo_notebook.notebook.widgets.film_player import Player
from nemo_notebook.notebook.widgets.part import PanelPart, labels, let_go
from nemo_notebook.notebook.widgets.plain import PlainStudio
from nemo_notebook.notebook.widgets.timeline_view import TimelineView
from nemo_notebook.notebook.widgets.uploader import Uploader
from nemo_notebook.session.core import Moved, News, Settled
from nemo_notebook.session.results import Video
from nemo_notebook.session.sync import Session

if TYPE_CHECKING:
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.session.records import Job

_PATIENCE_S: Final = 10.0  # for a page to show the panel; then the plain one is put below
# Where a page has an error in place of every part, it is told to show none of them.
_NO_RUINS: Final = "<style>.nemo-studio:not(:has(.nemo)) { display: none !important; }</style>"


class StudioHeader(PanelPart, files=("studio",)):
    """The studio's head: what is worked on, and where. It brings the stylesheet by which the parts are laid out."""

    title = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    is_local = traitlets.Bool().tag(sync=True)
    model_name = traitlets.Unicode().tag(sync=True)

    def __init__(self, session: Session) -> None:
        names = {
            "title": session.skill.title,
            "name": session.name or session.id,
            "model_name": str(session.model or ""),
        }
        super().__init__(session, is_local=session.backend.is_local, **names)


class Studio(widgets.VBox):  # type: ignore[misc]
    """The panel in which a music video is made by clicking: drop files, chat, watch, edit, export, download.

    Each of its parts can be used alone as well. Where a page cannot run them, plain ipywidgets appear in their place.

    Args:
        session: The session that is worked on; that of the magics without.

    Attributes:
        uploader: Where files are dropped.
        chat: Where one says what is wanted.
        player: Where the film is watched.
        timeline: Where it is edited.
        exports: Where it is exported and downloaded.
    """

    children: tuple[widgets.Widget, ...]

    def __init__(self, session: Session | None = None) -> None:
        self._patience: threading.Timer | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self.session = session or session_here()
        self.header = StudioHeader(self.session)
        self.uploader = Uploader(self.session)
        self.chat = Chat(self.session)
        self.player = Player(self.session)
        self.timeline = TimelineView(self.session)
        self.exports = ExportPanel(self.session)
        names = ("header", "uploader", "chat", "player", "timeline", "exports")  # as a film is made
        parts: list[PanelPart] = [getattr(self, name) for name in names]
        for name, part in zip(names, parts, strict=True):
            part.is_within = True
            part.add_class(f"nemo-in-{name}")
        grid = widgets.Box(parts)
        grid.add_class("nemo-studio")
        super().__init__([grid], layout=widgets.Layout(width="100%"))
        self.add_class("nemo-frame")
        self.header.observe(self._be_rich, "is_viewed")

    def __repr__(self) -> str:
        return self.header.word("closed").format(name="Studio")

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        register_panel_here(self)
        if self._patience is None and not self.header.is_viewed:
            self._patience = threading.Timer(_PATIENCE_S, self._be_plain)
            self._patience.daemon = True
            self._patience.start()
        return super()._repr_mimebundle_(**kwargs)

    def close(self) -> None:
        """Leave the page. What was begun at the backend goes on."""
        if self._patience is not None:
            self._patience.cancel()
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            let_go(self)
        super().close()

    def _be_plain(self) -> None:
        """No page has shown the panel by now: it may be one that cannot."""
        with self._lock:
            if not self._is_closed and not self.header.is_viewed:
                note = widgets.HTML(f"{_NO_RUINS}<div>{self.header.word('plain')}</div>")
                self.children = (*self.children, note, PlainStudio(self.session))

    def _be_rich(self, _: object) -> None:
        """A page shows it, be it late: a kernel that is busy hears of it when it is free."""
        with self._lock:
            panel, *plain = self.children
            self.children = (panel,)
            for each in plain:
                let_go(each)
                each.close()


_LOG: Final = logging.getLogger("nemo_notebook.widgets")
_PAUSE_S: Final = 1.0  # an edit rarely comes alone
# Beside a panel that lives it is not shown, and beside one that does not, Jupyter's error is not.
_STYLE: Final = (
    "<style>.jp-OutputArea:has(.nemo-header,.nemo-plain) .nemo-snapshot,"
    ".jp-OutputArea:has(.nemo-snapshot) .jp-OutputArea-output.jupyter-widgets:not(:has(*)){display:none}</style>"
)


class Snapshot:
    """One plain output that follows a session for as long as it is watched.

    Args:
        part: The part of the panel whose session and language it has.
        outlet: The cell that it is shown in.
    """

    def __init__(self, part: PanelPart, outlet: Outlet) -> None:
        self._part, self._session = part, part.session
        self._shown: CellDisplay = outlet.show(Bundle(""))
        self._timeline: Timeline | None = None
        self._film: Job | None = None
        self._due: concurrent.futures.Future[None] | None = None
        self._is_closed = False
        self._leave: Callable[[], None] = self._session.watch(self._hear)
        self._session.begin(self._look())

    def close(self) -> None:
        """Follow no longer; what is shown stays."""
        self._leave()
        self._is_closed = True

    async def _look(self) -> None:
        asynchronous = self._session.asynchronous
        films = [job for job in await asynchronous.jobs() if job.kind == "render" and job.state == "done"]
        self._film = next((job for job in films if job.target is not None and job.target.is_file()), None)
        self._timeline = await asynchronous.timeline()
        self._soon()

    def _hear(self, news: News) -> None:
        if isinstance(news, Moved):
            self._timeline = news.timeline
        elif isinstance(news, Settled) and news.job.kind == "render" and news.job.state == "done":
            self._film = news.job
        else:
            return
        self._soon()

    def _soon(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = self._session.begin(self._draw())

    async def _draw(self) -> None:
        await asyncio.sleep(_PAUSE_S)
        try:
            await asyncio.to_thread(self._show)
        except Exception:
            _LOG.exception("What a notebook keeps of its studio could not be drawn.")

    def _show(self) -> None:
        if self._is_closed:
            return  # the cell shows something else by now
        if self._timeline is not None:
            self._shown.update(snapshot(self._timeline, self._film, chinese=self._part.is_chinese))


def snapshot(timeline: Timeline, film: Job | None, *, chinese: bool = False) -> Bundle:
    """The output: how the panel is opened again, and below it the picture and the film.

    Args:
        timeline: What is on the timeline.
        film: The last export that was saved, if there is one.
        chinese: Whether the label is Chinese.
    """
    label = labels("studio")["reopen"][chinese]
    words, body = [label], f"<p>{html.escape(label)}</p>"
    if timeline.is_ready:
        words.append(timeline.summary)
        body += timeline.plot().html
    if film is not None and film.target is not None and film.target.is_file():
        video = Video(film.target, "", float(film.detail.get("duration_s") or 0.0))
        words.append(str(video))
        body += video._repr_mimebundle_()["text/html"]
    page = f'{_STYLE}<div class="nemo-snapshot">{body}</div>'
    return Bundle("\n".join(words), text_html=re.sub(r"\n\s*", "", page))
