"""The same work with plain ipywidgets, for front ends in which the panel's own parts cannot run."""

from __future__ import annotations

import html
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Final

import ipywidgets as widgets

from nemo_notebook import console, errors
from nemo_notebook.client.events import Event, Notice
from nemo_notebook.film.table import to_html
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.execution import language_here
from nemo_notebook.notebook.grammar import tokens
from nemo_notebook.notebook.widgets.part import error_text, labels, let_go
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
        note: What the agent says, how far something is, and what went wrong.
        timeline: The timeline's picture and table.
        film: The last export.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        is_chinese = language_here(session).lower().startswith("zh")
        self._words = {key: pair[is_chinese] for key, pair in labels("plain").items()}
        self._busy = threading.Lock()
        self._is_ready = False
        prompt = self._words["prompt"].format(example=session.skill.example)
        self.files = widgets.Text(placeholder='song.mp3 "my clips/*.mp4" https://…', layout={**_WIDE, "flex": "1 1 0"})
        self.prompt = widgets.Textarea(placeholder=prompt, layout={**_WIDE, "height": "64px"})
        self.upload, self.send, self.export = (
            widgets.Button(description=self._words[name]) for name in ("upload", "send", "export")
        )
        self.note, self.timeline = (widgets.HTML(layout=_WIDE) for _ in range(2))
        self.film = widgets.Output(layout=_WIDE)
        self.upload.on_click(
            lambda _: self._start(Intent("upload", arguments=named_files(self.files.value)), self.files)
        )
        self.send.on_click(lambda _: self._start(classify(self.prompt.value), self.prompt))
        self.export.on_click(lambda _: self._start(Intent("export")))
        title = widgets.HTML(f"<b>{html.escape(session.skill.title)}</b>")
        uploads, buttons = widgets.HBox([self.files, self.upload]), widgets.HBox([self.send, self.export])
        shown = [title, uploads, self.prompt, buttons, self.note, self.timeline, self.film]
        super().__init__(shown, layout={"width": "100%"})
        self.add_class("nemo-plain")
        self._leave: Callable[[], None] = session.watch(self._hear)
        self._start(Intent("status"))

    def close(self) -> None:
        """Leave the page. What was begun at the backend goes on."""
        self._leave()
        let_go(self)
        super().close()

    def _start(self, intent: Intent, field: widgets.Text | widgets.Textarea | None = None) -> None:
        """Begin what is asked for in a field, unless other work is under way."""
        if self._busy.acquire(blocking=False):
            self._show_buttons()
            self._say("")
            self.session.begin(self._do(intent, field))

    async def _do(self, intent: Intent, field: widgets.Text | widgets.Textarea | None) -> None:
        try:
            self._say(await self._run(intent, field.value if field is not None else ""))
            if field is not None:
                field.value = ""
        except Exception as error:
            if not isinstance(error, errors.NemoError):
                _LOG.exception("The plain panel has failed.")
            self._say(f"⚠️ {error_text(error)}")
        finally:
            self._busy.release()
            self._show_buttons()

    async def _run(self, intent: Intent, message: str) -> str:
        """Do what is asked for; gives what there is to say of it."""
        session = self.session.asynchronous
        if intent.action == "chat":
            return (await session.chat(message, self._follow_reply())).text
        if intent.action == "export":
            form = {"format": intent.format, "resolution": intent.resolution}
            video: Video = await session.export(intent.path, **form, on_progress=self._show_progress)
            data = video._repr_mimebundle_()
            self.film.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)
            return f"✓ {video}"
        if intent.action == "credits":
            return str(await session.credits())
        if intent.action == "upload":
            return (await session.upload(*intent.arguments, on_progress=self._show_progress)).words
        self._show_timeline(await session.timeline())
        return ""

    def _follow_reply(self) -> Callable[[Event], None]:
        heard: list[Event] = []
        shown_s = 0.0

        def hear(event: Event) -> None:
            nonlocal shown_s
            heard.append(event)
            if isinstance(event, Notice):
                self._say(event.text)
            elif time.monotonic() - shown_s >= _PAUSE_S and (words := spoken(heard)):
                self._say(words)
                shown_s = time.monotonic()

        return hear

    def _hear(self, news: News) -> None:
        if isinstance(news, Moved):
            self._show_timeline(news.timeline)

    def _show_buttons(self) -> None:
        is_busy = self._busy.locked()
        self.upload.disabled = self.send.disabled = is_busy
        self.export.disabled = is_busy or not self._is_ready

    def _show_progress(self, progress: Progress) -> None:
        self._say(console.progress_words(progress))

    def _show_timeline(self, timeline: Timeline) -> None:
        self._is_ready = timeline.is_ready
        page = f"<p>{html.escape(timeline.summary)}</p>"
        if timeline.is_ready:
            table = to_html(timeline.frame)
            page += f"{timeline.plot().html}<details><summary>{self._words['table']}</summary>{table}</details>"
        self.timeline.value = page
        self._show_buttons()

    def _say(self, words: str) -> None:
        style = "line-height:1.5;white-space:pre-wrap"
        self.note.value = f'<div style="{style}">{html.escape(plain(words))}</div>' if words else ""


def named_files(line: str) -> tuple[str, ...]:
    """What a line names: one file, if all of it is the name of one; else its words, some held together by quotes.

    Args:
        line: Names, patterns and addresses.
    """
    whole = line.strip()
    if os.path.isfile(os.path.expanduser(whole)):  # noqa: PTH111, PTH113 - those of `Path` raise at odd names
        return (whole,)
    return tuple(token.text for token in tokens(line) if token.text)
