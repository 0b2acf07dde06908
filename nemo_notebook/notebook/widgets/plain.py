"""The same work with plain ipywidgets, for front ends in which the panel's own parts cannot run."""

from __future__ import annotations

import asyncio
import html
import logging
import os
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import ipywidgets as widgets

from nemo_notebook import console, errors
from nemo_notebook.client.events import Event, Notice, Text, TextFinal
from nemo_notebook.film.table import to_html
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.execution import language_here
from nemo_notebook.notebook.grammar import tokens
from nemo_notebook.notebook.widgets.part import labels, let_go, told
from nemo_notebook.outside import plain
from nemo_notebook.session.chat import spoken
from nemo_notebook.session.core import Moved, News
from nemo_notebook.session.language import Intent, classify
from nemo_notebook.session.results import Progress, Video
from nemo_notebook.session.sync import Session

_PAUSE_S: Final = 0.25  # between two looks of a reply that is streamed: each is sent whole
_WIDE: Final = {"width": "auto"}
_LOG: Final = logging.getLogger("nemo_notebook.widgets")


class PlainStudio(widgets.VBox):  # type: ignore[misc]
    """Files by name, a prompt box, the timeline and an Export button over one session.

    Handlers return at once, on whichever thread they are called; what takes time runs on the session's loop, one thing
    at a time.

    Args:
        session: The session that is worked on.

    Attributes:
        files: Names, patterns and addresses of what is to be uploaded.
        upload: The button that does it.
        prompt: What is wanted.
        send: The button that says it.
        export: The button that makes the film.
        progress: How far an upload or an export is.
        note: A line of our own words, and what went wrong.
        reply: What the agent says.
        timeline: The timeline's picture and table.
        film: The last export.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        is_chinese = language_here(session).lower().startswith("zh")
        self._words = {key: pair[is_chinese] for key, pair in labels("plain").items()}
        self._lock = threading.Lock()
        self._is_busy = self._is_ready = False
        self.files = widgets.Text(placeholder='song.mp3 "my clips/*.mp4" https://…', layout={**_WIDE, "flex": "1 1 0"})
        self.upload = widgets.Button(description=self._words["upload"], icon="upload")
        self.prompt = widgets.Textarea(
            placeholder=self._words["prompt"].format(example=session.skill.example), layout={**_WIDE, "height": "64px"}
        )
        self.send = widgets.Button(description=self._words["send"], icon="paper-plane", button_style="primary")
        self.export = widgets.Button(description=self._words["export"], icon="film", button_style="success")
        self.progress = widgets.FloatProgress(min=0, max=1, layout={"width": "240px", "visibility": "hidden"})
        self.note, self.reply, self.timeline = (widgets.HTML(layout=_WIDE) for _ in range(3))
        self.film = widgets.Output(layout=_WIDE)
        self.upload.on_click(lambda _: self._start(self._send_files))
        self.send.on_click(lambda _: self._start(self._say))
        self.export.on_click(lambda _: self._start(lambda: self._render(Intent("export"))))
        title = widgets.HTML(f"<b>{html.escape(session.skill.title)}</b>")
        uploads = widgets.HBox([self.files, self.upload], layout=_WIDE)
        buttons = widgets.HBox([self.send, self.export, self.progress], layout=_WIDE)
        shown = [title, uploads, self.prompt, buttons, self.note, self.reply, self.timeline, self.film]
        super().__init__(shown, layout={"width": "100%"})
        self.add_class("nemo-plain")
        self._leave: Callable[[], None] = session.watch(self._hear)
        self._start(self._look)

    def close(self) -> None:
        """Leave the page. What was begun at the backend goes on."""
        self._leave()
        let_go(self)
        super().close()

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin some work, unless other work is under way."""
        with self._lock:
            if self._is_busy:
                return
            self._is_busy = True
        self._show_buttons()
        self._tell("")
        self.session.begin(self._guarded(work))

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Exception as error:
            if not isinstance(error, errors.NemoError):
                _LOG.exception("The plain panel has failed.")
            self._tell(f"⚠️ {told(error)}")
        finally:
            self.progress.layout.visibility = "hidden"
            self._is_busy = False
            self._show_buttons()

    async def _look(self) -> None:
        self._show_timeline(await self.session.asynchronous.timeline())

    async def _send_files(self) -> None:
        names = await asyncio.to_thread(named_files, self.files.value)
        await self._do(Intent("upload", arguments=names))
        self.files.value = ""

    async def _say(self) -> None:
        message = self.prompt.value
        intent = classify(message)
        await (self._chat(message) if intent.action == "chat" else self._do(intent))
        self.prompt.value = ""

    async def _chat(self, message: str) -> None:
        self._show_reply("")
        heard: list[Event] = []
        shown_s = 0.0

        def hear(event: Event) -> None:
            nonlocal shown_s
            if isinstance(event, Notice):
                self._tell(event.text)
            elif isinstance(event, (Text, TextFinal)):
                heard.append(event)
                if isinstance(event, TextFinal) or time.monotonic() - shown_s >= _PAUSE_S:
                    self._show_reply(spoken(heard))
                    shown_s = time.monotonic()

        reply = await self.session.asynchronous.chat(message, hear)
        self._show_reply(reply.text)

    async def _do(self, intent: Intent) -> None:
        if intent.action == "export":
            await self._render(intent)
        elif intent.action == "credits":
            self._tell(str(await self.session.asynchronous.credits()))
        elif intent.action == "upload":
            media = await self.session.asynchronous.upload(*intent.arguments, on_progress=self._show_progress)
            self._tell(media.words)
        else:
            await self._look()

    async def _render(self, wanted: Intent) -> None:
        video: Video = await self.session.asynchronous.export(
            wanted.path, format=wanted.format, resolution=wanted.resolution, on_progress=self._show_progress
        )
        self._tell(f"✓ {video}")
        self.film.outputs = ({"output_type": "display_data", "data": video._repr_mimebundle_(), "metadata": {}},)

    def _hear(self, news: News) -> None:
        if isinstance(news, Moved):
            self._show_timeline(news.timeline)

    def _show_buttons(self) -> None:
        self.upload.disabled = self.send.disabled = self._is_busy
        self.export.disabled = self._is_busy or not self._is_ready

    def _show_progress(self, progress: Progress) -> None:
        self.progress.value = progress.done
        self.progress.layout.visibility = "visible"
        self._tell(console.words(progress))

    def _show_reply(self, words: str) -> None:
        self.reply.value = _as_html(words)

    def _show_timeline(self, timeline: Timeline) -> None:
        self._is_ready = timeline.is_ready
        page = f"<p>{html.escape(timeline.summary)}</p>"
        if timeline.is_ready:
            table = to_html(timeline.frame)
            page += f"{timeline.plot().html}<details><summary>{self._words['table']}</summary>{table}</details>"
        self.timeline.value = page
        self._show_buttons()

    def _tell(self, words: str) -> None:
        self.note.value = _as_html(words)


def named_files(line: str) -> tuple[str, ...]:
    """What a line names: one file, if all of it is the name of one; else its words, some held together by quotes.

    Args:
        line: Names, patterns and addresses.
    """
    whole = line.strip()
    if os.path.isfile(os.path.expanduser(whole)):  # noqa: PTH111, PTH113 - those of `Path` raise at odd names
        return (whole,)
    return tuple(token.text for token in tokens(line) if token.text)


def _as_html(words: str) -> str:
    return f'<div style="line-height:1.5;white-space:pre-wrap">{html.escape(plain(words))}</div>' if words else ""
