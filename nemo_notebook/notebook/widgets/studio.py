"""The studio: a panel that does what the magics do, for those who would rather click.

Everything that takes time runs on the background loop; handlers return at once, on whichever thread they are called.
"""

from __future__ import annotations

import concurrent.futures
import html
from collections.abc import Coroutine
from typing import Any, Final

import ipywidgets as widgets

from nemo_notebook import console, errors
from nemo_notebook.client.events import Event, Notice, Text, TextFinal
from nemo_notebook.outside import plain
from nemo_notebook.session.language.routing import Intent, classify
from nemo_notebook.session.results import Progress, Reply, Video
from nemo_notebook.session.sync import Session, connect
from nemo_notebook.timeline.table import to_html
from nemo_notebook.timeline.timeline import Timeline

_WIDE: Final = widgets.Layout(width="100%")


class Studio(widgets.VBox):  # type: ignore[misc]
    """A prompt box, the timeline and an Export button over one session.

    Args:
        session: The session that is worked on; a new one without.
    """

    def __init__(self, session: Session | None = None) -> None:
        self.session = session or connect()
        self._is_ready = False
        self._work: set[concurrent.futures.Future[None]] = set()
        self.prompt = widgets.Textarea(
            placeholder=f"Say what you want, for example: {self.session.skill.example}",
            layout=widgets.Layout(width="100%", height="64px"),
        )
        self.send = widgets.Button(description="Send", icon="paper-plane", button_style="primary")
        self.export = widgets.Button(description="Export", icon="film", button_style="success", disabled=True)
        self.reply = widgets.HTML(layout=_WIDE)
        self.progress = widgets.FloatProgress(min=0, max=1, layout=widgets.Layout(width="240px", visibility="hidden"))
        self.note = widgets.HTML(layout=_WIDE)
        self.timeline = widgets.HTML(layout=_WIDE)
        self.film = widgets.Output(layout=_WIDE)
        self.send.on_click(lambda _: self._start(self._say(self.prompt.value)))
        self.export.on_click(lambda _: self._start(self._render()))
        title = widgets.HTML(f"<b>{html.escape(self.session.skill.title)}</b>")
        buttons = widgets.HBox([self.send, self.export, self.progress])
        super().__init__([title, self.prompt, buttons, self.note, self.reply, self.timeline, self.film], layout=_WIDE)
        self._start(self._look())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            self.send.disabled = self.export.disabled = True
            self._tell("")
            try:
                await work
            except errors.NemoError as error:
                self._tell(f"⚠️ {error.message} {error.hint}")
            except Exception as error:
                self._tell(f"⚠️ Something went wrong inside ({type(error).__name__}).")
                raise
            finally:
                self.progress.layout.visibility = "hidden"
                self.send.disabled = False
                self.export.disabled = not self._is_ready

        future = self.session.begin(guarded())
        self._work.add(future)
        future.add_done_callback(self._work.discard)

    async def _look(self) -> None:
        self._show_timeline(await self.session.asynchronous.timeline())

    async def _say(self, message: str) -> None:
        intent = classify(message)
        if intent.action != "chat":
            await self._do(intent)
            self.prompt.value = ""
            return
        heard = ""

        def hear(event: Event) -> None:
            nonlocal heard
            if isinstance(event, Text):
                heard += event.text
            elif isinstance(event, TextFinal):
                heard = event.text
            elif isinstance(event, Notice):
                self._tell(event.text)
            self._show_reply(heard)

        reply: Reply = await self.session.asynchronous.chat(message, hear)
        self.prompt.value = ""
        self._show_reply(reply.text)
        self._show_timeline(reply.timeline)

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

    async def _render(self, intent: Intent | None = None) -> None:
        wanted = intent or Intent("export")
        self.progress.layout.visibility = "visible"
        video: Video = await self.session.asynchronous.export(
            wanted.path, format=wanted.format, resolution=wanted.resolution, on_progress=self._show_progress
        )
        self._tell(f"✓ {video}")
        self.film.outputs = ()
        self.film.append_display_data(video)

    def _show_progress(self, progress: Progress) -> None:
        self.progress.value = progress.done
        self._tell(console.words(progress))

    def _show_reply(self, words: str) -> None:
        lines = html.escape(plain(words)).replace("\n", "<br>")
        self.reply.value = f"<div style='line-height:1.5'>{lines}</div>"

    def _show_timeline(self, timeline: Timeline) -> None:
        self._is_ready = timeline.is_ready
        table = f"<details><summary>Table</summary>{to_html(timeline.frame)}</details>" if timeline.is_ready else ""
        self.timeline.value = f"<p>{html.escape(timeline.summary)}</p>{timeline.plot().svg}{table}"

    def _tell(self, words: str) -> None:
        self.note.value = html.escape(words).replace("\n", "<br>")
