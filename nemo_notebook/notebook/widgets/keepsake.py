"""What a saved notebook keeps of a studio: the timeline's picture and the last film, as a plain output below the panel.

A panel lives as long as its kernel; whoever opens the notebook later sees this.
"""

from __future__ import annotations

import asyncio
import html
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from nemo_notebook.notebook.outlet import Bundle, Outlet, Shown
from nemo_notebook.session.event_bus import Moved, News, Settled
from nemo_notebook.session.results import Video

if TYPE_CHECKING:
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.notebook.widgets.part import Part
    from nemo_notebook.session.records import Job

_LOG: Final = logging.getLogger("nemo_notebook.widgets")
_PAUSE_S: Final = 1.0  # an edit rarely comes alone
_LABELS: Final = ("Run this cell to open the studio again.", "运行此单元格即可再次打开工作室。")
# Beside a panel that lives it is not shown, and beside one that does not, Jupyter's error is not.
_STYLE: Final = (
    "<style>.jp-OutputArea:has(.nemo-header,.nemo-plain) .nemo-keepsake,"
    ".jp-OutputArea:has(.nemo-keepsake) .jp-OutputArea-output.jupyter-widgets:not(:has(*)){display:none}</style>"
)


class Keepsake:
    """One plain output that follows a session for as long as it is watched.

    Args:
        part: The part of the panel whose session and language it has.
        outlet: The cell that it is shown in.
    """

    def __init__(self, part: Part, outlet: Outlet) -> None:
        self._part, self._session = part, part.session
        self._shown: Shown = outlet.show(Bundle(""))
        self._timeline: Timeline | None = None
        self._film: Job | None = None
        self._due: asyncio.TimerHandle | None = None
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
        loop = asyncio.get_running_loop()
        self._due = loop.call_later(_PAUSE_S, lambda: self._session.begin(self._draw()))

    async def _draw(self) -> None:
        try:
            await asyncio.to_thread(self._show)
        except Exception:
            _LOG.exception("What a notebook keeps of its studio could not be drawn.")

    def _show(self) -> None:
        if self._is_closed:
            return  # the cell shows something else by now
        if self._timeline is not None:
            self._shown.update(keepsake(self._timeline, self._film, chinese=self._part.is_chinese))


def keepsake(timeline: Timeline, film: Job | None, *, chinese: bool = False) -> Bundle:
    """The output: how the panel is opened again, and below it the picture and the film.

    Args:
        timeline: What is on the timeline.
        film: The last export that was saved, if there is one.
        chinese: Whether our own words are Chinese.
    """
    words, body = [_LABELS[chinese]], f"<p>{html.escape(_LABELS[chinese])}</p>"
    if timeline.is_ready:
        words.append(timeline.summary)
        body += timeline.plot().html
    if film is not None and film.target is not None and film.target.is_file():
        video = Video(film.target, "", float(film.detail.get("duration_s") or 0.0))
        words.append(str(video))
        body += video._repr_mimebundle_()["text/html"]
    page = f'{_STYLE}<div class="nemo-keepsake">{body}</div>'
    return Bundle("\n".join(words), text_html=re.sub(r"\n\s*", "", page))
