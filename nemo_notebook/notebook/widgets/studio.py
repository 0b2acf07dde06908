"""The studio: the parts put together, over one session that cells see as well."""

from __future__ import annotations

import threading
from typing import Any, ClassVar, Final

import ipywidgets as widgets
import traitlets

from nemo_notebook.notebook import panels
from nemo_notebook.notebook.context import session_here
from nemo_notebook.notebook.widgets.chat.chat import Chat
from nemo_notebook.notebook.widgets.exports.panel import ExportPanel
from nemo_notebook.notebook.widgets.part import Part, let_go, module, style
from nemo_notebook.notebook.widgets.plain import PlainStudio
from nemo_notebook.notebook.widgets.player.player import Player
from nemo_notebook.notebook.widgets.timeline.view import TimelineView
from nemo_notebook.notebook.widgets.uploads.uploader import Uploader
from nemo_notebook.session.sync import Session

_PATIENCE_S: Final = 10.0  # for a page to show the panel; then the plain one is put below
# Where a page has an error in place of every part, it is told to show none of them.
_NO_RUINS: Final = "<style>.nemo-studio:not(:has(.nemo)) { display: none !important; }</style>"


class Header(Part):
    """The studio's head: what is worked on, and where. It brings the stylesheet by which the parts are laid out."""

    WORDS: ClassVar = {
        "local": ("On this machine · free and private", "在本机运行 · 免费、私密"),
        "cloud": ("NemoVideo cloud", "NemoVideo 云端"),
        "model": ("On this machine · words are read by {model}", "在本机运行 · 文字由 {model} 理解"),
        "plain": (
            "This page does not show the studio's own parts, so here is a plain panel.",
            "此页面无法显示工作室的组件，下面是一个简单的面板。",
        ),
    }

    _esm = module("studio")
    _css = style("studio")
    title = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    is_local = traitlets.Bool().tag(sync=True)
    model_name = traitlets.Unicode().tag(sync=True)

    def __init__(self, session: Session) -> None:
        super().__init__(
            session,
            title=session.skill.title,
            name=session.name or session.id,
            is_local=session.backend.is_local,
            model_name=str(session.model or ""),
        )


class Studio(widgets.VBox):  # type: ignore[misc]
    """The panel in which a music video is made by clicking: drop files, chat, watch, edit, export, download.

    Each of its parts can be used alone as well. Where a page cannot run them, plain ipywidgets appear in their place.

    Args:
        session: The session that is worked on; that of the magics without.
        is_plain: Whether to begin with the plain widgets.

    Attributes:
        uploader: Where files are dropped.
        chat: Where one says what is wanted.
        player: Where the film is watched.
        timeline: Where it is edited.
        exports: Where it is exported and downloaded.
    """

    children: tuple[widgets.Widget, ...]

    def __init__(self, session: Session | None = None, *, is_plain: bool = False) -> None:
        self._patience: threading.Timer | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self._parts: dict[str, Part] = {}
        self.session = session or session_here()
        if is_plain:
            super().__init__([PlainStudio(self.session)], layout=widgets.Layout(width="100%"))
            return
        self.header = Header(self.session)
        self.uploader = Uploader(self.session)
        self.chat = Chat(self.session)
        self.player = Player(self.session)
        self.timeline = TimelineView(self.session)
        self.exports = ExportPanel(self.session)
        self._parts = {
            "header": self.header,
            "uploader": self.uploader,
            "chat": self.chat,
            "player": self.player,
            "timeline": self.timeline,
            "exports": self.exports,
        }
        for name, part in self._parts.items():
            part.is_within = True
            part.add_class(f"nemo-in-{name}")
        grid = widgets.Box(list(self._parts.values()))  # in the order in which a film is made
        grid.add_class("nemo-studio")
        super().__init__([grid], layout=widgets.Layout(width="100%"))
        self.add_class("nemo-frame")
        self.header.on_first_view(self._be_rich)

    def __repr__(self) -> str:
        return self.header.word("closed").format(name="Studio") if self._parts else "Studio"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        panels.register_here(self)
        self._watch_for_a_page()
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

    def _watch_for_a_page(self) -> None:
        if self._patience is not None or not self._parts or self.header.viewed.is_set():
            return
        self._patience = threading.Timer(_PATIENCE_S, self._be_plain)
        self._patience.daemon = True
        self._patience.start()

    def _be_plain(self) -> None:
        """No page has shown the panel by now: it may be one that cannot."""
        with self._lock:
            if not self._is_closed and not self.header.viewed.is_set():
                note = widgets.HTML(f"{_NO_RUINS}<div>{self.header.word('plain')}</div>")
                self.children = (*self.children, note, PlainStudio(self.session))

    def _be_rich(self) -> None:
        """A page shows it, be it late: a kernel that is busy hears of it when it is free."""
        with self._lock:
            panel, *plain = self.children
            self.children = (panel,)
            for each in plain:
                let_go(each)
                each.close()
