"""`%nemo chat`: a turn, with its reply as it streams: Markdown that grows in a notebook, pieces in a terminal.

All calls of a stream come from one thread, and none of them blocks.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import time
import tomllib
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.client.events import Event, Notice, Text, TextFinal, ToolCall
from nemo_notebook.notebook.display import Bundle, LiveDisplay
from nemo_notebook.notebook.markdown import read_markdown, write_html
from nemo_notebook.outside import plain

if TYPE_CHECKING:
    from nemo_notebook.notebook.display import CellDisplay, Outlet
    from nemo_notebook.notebook.execution import Call
    from nemo_notebook.notebook.grammar import Arguments
    from nemo_notebook.notebook.widgets.live import LiveLine
    from nemo_notebook.session.results import Explanation, Reply

_log: Final = logging.getLogger(__name__)
_TICK_S: Final = 0.1
_PREVIEW_CHARS: Final = 60  # of plain text beside a page that will be replaced
_QUIET_S: Final = 1.0  # silence after which a terminal shows the time, at the begin of a line
_QUIET_IN_LINE_S: Final = 3.0  # and within one, which is then broken off
_WIPE: Final = "\r\x1b[K"
_NAME_PARTS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


async def run_chat(call: Call, arguments: Arguments) -> Reply | Explanation:
    """Send a message and stream its reply."""
    if arguments.options.get("explain"):
        return await (await call.session()).explain(arguments.text)

    async def turn(stream: ReplyStream) -> Reply:
        return await (await call.session()).chat(arguments.text, stream)

    return await show_turn(call, turn, arguments.text)


async def show_turn(call: Call, turn: Callable[[ReplyStream], Awaitable[Reply]], message: str = "") -> Reply:
    """Show a turn while it runs, then the timeline in brief if it changed.

    Args:
        call: The use of a command that it shows in.
        turn: Runs the turn; its events go to the stream.
        message: What is said; our own words are in its language.
    """
    from nemo_notebook.session.language import is_chinese

    on_stop = None if call.handle is None else call.handle.cancel
    kind = RichStream if call.outlet.is_rich else ReplyStream
    stream = kind(call.outlet, on_stop=on_stop, chinese=is_chinese(message))
    ticking = asyncio.create_task(_tick(stream))
    try:
        reply = await turn(stream)
        if not reply.shown:
            stream.replace(plain(reply.text))
    finally:
        ticking.cancel()
        stream.close()
    outlet, timeline = call.outlet, reply.timeline
    if reply.changes and outlet.is_rich:
        outlet.show(Bundle(timeline.brief, text_html=timeline.folded))
    elif reply.changes:
        outlet.print(timeline.brief)
    call.is_shown = True
    return reply


async def _tick(stream: ReplyStream) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        stream.tick()


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("chat.toml").read_text(encoding="utf-8"))


def kind_of_work(tool_name: str, *, chinese: bool = False) -> str:
    """What a tool does, in a few words of our own; nothing of its name is shown."""
    parts = {part.lower() for part in _NAME_PARTS.findall(tool_name[:80])}
    row = next(
        row for row in _words()["kinds"] if all(parts & set(row[key].split()) for key in row.keys() & {"does", "of"})
    )
    return str(row["zh" if chinese else "en"])


class ReplyStream:
    """A reply while it streams, in a terminal: the pieces as they come, and the time while none does.

    It is called with each event of the turn.

    Args:
        outlet: The cell's output.
        on_stop: What stops the work if no cell waits for it; a cell that waits is interrupted.
        chinese: Whether our own words are Chinese.
        now: A monotonic clock, in seconds.
    """

    def __init__(
        self,
        outlet: Outlet,
        *,
        on_stop: Callable[[], object] | None = None,
        chinese: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outlet = outlet
        self._on_stop = on_stop
        self._now = now
        self._chinese = chinese
        self._words: dict[str, str] = _words()["zh" if chinese else "en"]
        self._begun_s = self._heard_s = now()
        self._doing = ""
        self._can_wipe = sys.stdout.isatty()
        self._passage = ""  # as it came
        self._in_line = False
        self._status = ""

    def __call__(self, event: Event) -> None:
        """Show one event; most kinds are not shown."""
        if isinstance(event, Text):
            self.feed(event.text)
        elif isinstance(event, TextFinal):
            self.replace(event.text)
        elif isinstance(event, Notice):
            self.notice(event.text)
        elif isinstance(event, ToolCall):
            self.note(kind_of_work(event.name, chinese=self._chinese))

    def feed(self, piece: str) -> None:
        """Show a further piece of a passage."""
        self._passage += piece
        self._write(plain(piece))

    def replace(self, passage: str) -> None:
        """Show the passage whole, but for what is there already."""
        if passage.startswith(self._passage):
            rest = passage[len(self._passage) :]
        else:
            self._end_line()
            rest = passage
        self._passage = ""
        self._write(plain(rest))
        self._end_line()

    def notice(self, words: str) -> None:
        """Show a sentence of our own, on lines of its own."""
        self._end_line()
        self._write(plain(words))
        self._end_line()

    def note(self, kind: str) -> None:
        """Name the kind of work that goes on, see `kind_of_work`."""
        self._doing = kind

    def tick(self) -> None:
        """Show the time after a silence, where the cursor can go back."""
        now_s = self._now()
        if not self._can_wipe or now_s - self._heard_s < (_QUIET_IN_LINE_S if self._in_line else _QUIET_S):
            return
        self._end_line()
        minutes, seconds = divmod(int(now_s - self._begun_s), 60)
        doing = f" · {self._doing}" if self._doing else ""
        status = f"⏳ {self._words['working']} {minutes}:{seconds:02d}{doing}"
        if status != self._status:
            self._outlet.print(f"{_WIPE}{status}", end="")
            self._status = status

    def close(self) -> None:
        """End the line."""
        self._end_line()
        self._wipe()

    def _write(self, words: str) -> None:
        self._heard_s = self._now()
        if words:
            self._wipe()
            self._outlet.print(words, end="")
            self._in_line = not words.endswith("\n")

    def _end_line(self) -> None:
        if self._in_line:
            self._outlet.print("")
        self._in_line = False

    def _wipe(self) -> None:
        if self._status:
            self._outlet.print(_WIPE, end="")
        self._status = ""


class RichStream(ReplyStream):
    """Streamed Markdown in a notebook, a display for each passage; what is left is static.

    Above it, while it runs, stands a line with a Stop button, where there is somebody to press it.
    """

    def __init__(self, outlet: Outlet, **how: Any) -> None:
        super().__init__(outlet, **how)
        self._text = ""
        self._is_drawn = True
        self._display = LiveDisplay(self._outlet, self._now)
        self._parts: list[tuple[str, LiveDisplay]] = []  # of this passage, before a notice
        self._line: LiveLine | None = None
        self._line_shown: CellDisplay | None = None
        if self._outlet.has_reader:
            self._show_line()

    def feed(self, piece: str) -> None:
        """Show a further piece of a passage."""
        self._text += piece
        self._is_drawn = False
        self._draw()

    def replace(self, passage: str) -> None:
        """Show the passage that came in pieces, whole; another one may follow."""
        before = "".join(text for text, _ in self._parts)
        if not passage.startswith(before):
            before = ""
            for _, display in self._parts:
                display.clear()
        self._text = passage[len(before) :]
        self._seal()
        self._parts.clear()

    def notice(self, words: str) -> None:
        """Show a sentence of our own, which stays."""
        self._seal()
        self._outlet.show(_bundle(words))

    def note(self, kind: str) -> None:
        """Name the kind of work that goes on."""
        super().note(kind)
        if self._line is not None:
            self._line.doing = kind

    def tick(self) -> None:
        """Show what is due; the line with the button counts by itself."""
        self._draw()

    def close(self) -> None:
        """Show what is left, and nothing but the text: a saved view of a widget would reopen as an error."""
        self._seal()
        if self._line is not None and self._line_shown is not None:
            self._line_shown.clear()
            self._line.end()

    def _show_line(self) -> None:
        try:
            from nemo_notebook.notebook.widgets.live import LiveLine

            line = LiveLine(self._words["working"], self._words["stop"], self._words["stopping"], self._on_stop)
            self._line_shown = self._outlet.show(line)
            self._line = line
        except Exception:  # what is wrong with the widgets here must not cost the turn
            _log.info("The line with the Stop button cannot be shown here.", exc_info=True)

    def _draw(self) -> None:
        if not self._is_drawn and self._text.strip():
            self._is_drawn = self._display.draw(lambda: _bundle(self._text, _PREVIEW_CHARS))

    def _seal(self) -> None:
        if self._text.strip():
            text = self._text
            self._display.draw(lambda: _bundle(text), is_last=True)
            self._parts.append((text, self._display))
            self._display = LiveDisplay(self._outlet, self._now)
        else:
            self._display.clear()
        self._text, self._is_drawn = "", True


def _bundle(text: str, most_plain: int = sys.maxsize) -> Bundle:
    """Markdown of others as a page, and as plain text, which is cut where it will be replaced."""
    whole = plain(text)
    short = whole if len(whole) <= most_plain else f"{whole[: most_plain - 1]}…"
    return Bundle(short, text_html=write_html(read_markdown(whole)))
