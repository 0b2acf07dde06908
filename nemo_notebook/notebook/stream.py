"""The reply of a turn while it streams: Markdown that grows in a notebook, pieces in a terminal, and the time.

All calls come from one thread, and none of them blocks.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import time
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from nemo_notebook import clock
from nemo_notebook.client.events import Event, Notice, Text, TextFinal, ToolCall
from nemo_notebook.notebook.display import Bundle, LiveDisplay, line_of
from nemo_notebook.notebook.markdown import markdown
from nemo_notebook.outside import plain
from nemo_notebook.session.language import is_chinese

if TYPE_CHECKING:
    from nemo_notebook.notebook.context import Call
    from nemo_notebook.notebook.display import Outlet, Shown
    from nemo_notebook.session.results import Reply

_log: Final = logging.getLogger(__name__)
_TICK_S: Final = 0.1
_PREVIEW_CHARS: Final = 60  # plain text beside Markdown that will be replaced
_QUIET_S: Final = 1.0  # silence after which a terminal shows the time, at the begin of a line
_QUIET_IN_LINE_S: Final = 3.0  # and within one, which is then broken off
_COUNT_S: Final = 10.0  # between two changes of the time in a notebook that nobody sits before
_WIPE: Final = "\r\x1b[K"
_NAME_PARTS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def _language(*, chinese: bool) -> str:
    return "zh" if chinese else "en"


def kind_of_work(tool_name: str, *, chinese: bool = False) -> str:
    """What a tool does, in a few words of our own; nothing of its name is shown."""
    parts = {part.lower() for part in _NAME_PARTS.findall(tool_name[:80])}
    row = next(
        row for row in _words()["kinds"] if all(parts & set(row[key].split()) for key in row.keys() & {"does", "of"})
    )
    return str(row[_language(chinese=chinese)])


def working_words(so_long: str, doing: str, *, chinese: bool) -> str:
    """That a turn goes on, for how long, and with what."""
    working = _words()[_language(chinese=chinese)]["working"]
    return f"⏳ {working} {so_long}{f' · {doing}' if doing else ''}"


class _Events:
    """What streams in notebooks and in terminals have in common."""

    chinese = False

    def __call__(self, event: Event) -> None:
        """Show one event; most kinds are not shown."""
        shown = cast("ReplyStream", self)
        if isinstance(event, Text):
            shown.feed(event.text)
        elif isinstance(event, TextFinal):
            shown.replace(event.text)
        elif isinstance(event, Notice):
            shown.notice(event.text)
        elif isinstance(event, ToolCall):
            shown.note(kind_of_work(event.name, chinese=self.chinese))

    def conclude(self, reply: Reply) -> None:
        """Show what of a reply has not been streamed."""
        if not reply.shown:
            cast("ReplyStream", self).replace(plain(reply.text))


def stream(
    outlet: Outlet,
    *,
    on_stop: Callable[[], object] | None = None,
    chinese: bool = False,
    now: Callable[[], float] = time.monotonic,
) -> ReplyStream:
    """A text that grows while it comes.

    Args:
        outlet: The cell's output.
        on_stop: What stops the work if no cell waits for it; a cell that waits is interrupted.
        chinese: Whether our own words are Chinese.
        now: A monotonic clock, in seconds.
    """
    if outlet.is_rich:
        return RichStream(outlet, on_stop=on_stop, chinese=chinese, now=now)
    return TextStream(outlet, chinese=chinese, now=now)


class RichStream(_Events):
    """Streamed Markdown in a notebook, a display for each passage; what is left is static. See `stream`."""

    def __init__(
        self,
        outlet: Outlet,
        *,
        on_stop: Callable[[], object] | None = None,
        chinese: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.chinese = chinese
        self._outlet = outlet
        self._now = now
        self._text = ""
        self._is_drawn = True
        self._display = LiveDisplay(outlet, now)
        self._parts: list[tuple[str, LiveDisplay]] = []  # of this passage, that notices stand behind
        self._heard_s = now()
        self._working = _working(outlet, self._heard_s, on_stop, chinese=chinese)

    def feed(self, piece: str) -> None:
        """Show a further piece of a passage."""
        self._heard_s = self._now()
        self._text += piece
        self._is_drawn = False
        self._draw()

    def replace(self, passage: str) -> None:
        """The passage that came in pieces, whole; another one may follow."""
        self._heard_s = self._now()
        before = "".join(text for text, _ in self._parts)
        if not passage.startswith(before):
            before = ""
            for _, display in self._parts:
                display.clear()
        self._text = passage[len(before) :]
        self._seal()
        self._parts.clear()

    def notice(self, words: str) -> None:
        """A word of our own, which stays."""
        self._seal()
        self._outlet.show(Bundle(plain(words), text_markdown=markdown(words)))

    def note(self, kind: str) -> None:
        """The kind of work that goes on, see `kind_of_work`."""
        self._working.note(kind)

    def tick(self) -> None:
        """Show what is due; called about ten times a second."""
        now_s = self._now()
        self._draw()
        self._working.tick(now_s, now_s - self._heard_s)

    def close(self) -> None:
        """Show what is left, and nothing but the text."""
        self._seal()
        self._working.end()

    def _draw(self) -> None:
        if not self._is_drawn and self._text.strip():
            self._is_drawn = self._display.draw(self._preview)

    def _seal(self) -> None:
        if self._text.strip():
            whole = plain(self._text)
            self._display.draw(lambda: Bundle(whole, text_markdown=markdown(whole)), is_last=True)
            self._parts.append((self._text, self._display))
            self._display = LiveDisplay(self._outlet, self._now)
        else:
            self._display.clear()
        self._text, self._is_drawn = "", True

    def _preview(self) -> Bundle:
        whole = plain(self._text)
        short = whole if len(whole) <= _PREVIEW_CHARS else f"{whole[: _PREVIEW_CHARS - 1]}…"
        return Bundle(short, text_markdown=markdown(whole))


class TextStream(_Events):
    """Streamed text in a terminal: the pieces as they come, and the time while none does. See `stream`."""

    def __init__(
        self,
        outlet: Outlet,
        *,
        chinese: bool = False,
        now: Callable[[], float] = time.monotonic,
        moves: bool | None = None,
    ) -> None:
        self.chinese = chinese
        self._outlet = outlet
        self._now = now
        self._moves = sys.stdout.isatty() if moves is None else moves
        self._begun_s = self._heard_s = now()
        self._passage = ""  # as it came
        self._in_line = False
        self._doing = ""
        self._status = ""

    def feed(self, piece: str) -> None:
        """Show a further piece of a passage."""
        self._passage += piece
        self._write(plain(piece))

    def replace(self, passage: str) -> None:
        """The passage whole; what is there already is not shown again."""
        if passage.startswith(self._passage):
            rest = passage[len(self._passage) :]
        else:
            self._end_line()
            rest = passage
        self._passage = ""
        self._write(plain(rest))
        self._end_line()

    def notice(self, words: str) -> None:
        """A word of our own, on lines of its own."""
        self._end_line()
        self._write(plain(words))
        self._end_line()

    def note(self, kind: str) -> None:
        """The kind of work that goes on, see `kind_of_work`."""
        self._doing = kind

    def tick(self) -> None:
        """Show the time where it has been silent and the cursor can go back; called about ten times a second."""
        now_s = self._now()
        if not self._moves or now_s - self._heard_s < (_QUIET_IN_LINE_S if self._in_line else _QUIET_S):
            return
        self._end_line()
        minutes, seconds = divmod(int(now_s - self._begun_s), 60)
        status = working_words(f"{minutes}:{seconds:02d}", self._doing, chinese=self.chinese)
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


ReplyStream: TypeAlias = RichStream | TextStream


class _LiveWorking:
    """A line with a Stop button; its seconds are counted by the browser."""

    def __init__(self, outlet: Outlet, on_stop: Callable[[], object] | None, *, chinese: bool) -> None:
        from nemo_notebook.notebook.widgets.live import LiveLine

        words = _words()[_language(chinese=chinese)]
        self._line: LiveLine = LiveLine(words["working"], words["stop"], words["stopping"], on_stop)
        self._shown: Shown = outlet.show(self._line)

    def note(self, kind: str) -> None:
        self._line.doing = kind

    def tick(self, now_s: float, silent_s: float) -> None:
        """Nothing: the browser counts."""

    def end(self) -> None:
        """Leave nothing behind: a saved view of a widget would reopen as an error."""
        self._shown.clear()
        self._line.end()


class _PlainWorking:
    """A line for a notebook that nobody sits before: it comes after a silence, and changes seldom."""

    def __init__(self, outlet: Outlet, begun_s: float, *, chinese: bool) -> None:
        self._chinese = chinese
        self._begun_s = self._next_s = begun_s
        self._doing = ""
        self._display = LiveDisplay(outlet)
        self._is_taped = clock.current() is not clock.MACHINE

    def note(self, kind: str) -> None:
        self._doing = kind

    def tick(self, now_s: float, silent_s: float) -> None:
        """Show how long it has been, or nothing while the reply comes; a tape shows the same, however fast it goes."""
        if silent_s < _COUNT_S or self._is_taped:
            self._display.clear()
        elif now_s >= self._next_s:
            self._next_s = now_s + _COUNT_S
            so_long = f"{now_s - self._begun_s:.0f} {_words()[_language(chinese=self._chinese)]['seconds']}"
            words = working_words(so_long, self._doing, chinese=self._chinese)
            self._display.draw(lambda: line_of(words), is_last=True)

    def end(self) -> None:
        self._display.clear()


def _working(
    outlet: Outlet, now_s: float, on_stop: Callable[[], object] | None, *, chinese: bool
) -> _LiveWorking | _PlainWorking:
    if outlet.has_reader:
        try:
            return _LiveWorking(outlet, on_stop, chinese=chinese)
        except Exception:  # what is wrong with the widgets here must not cost the turn
            _log.info("The line with the Stop button cannot be shown here.", exc_info=True)
    return _PlainWorking(outlet, now_s, chinese=chinese)


@asynccontextmanager
async def streamed(call: Call, message: str = "") -> AsyncIterator[ReplyStream]:
    """A stream for a turn, whose time is shown while the body of the `async with` runs.

    Args:
        call: The use of a command that it shows in.
        message: What is said; our own words are in its language.
    """
    on_stop = None if call.handle is None else call.handle.cancel
    shown = stream(call.outlet, on_stop=on_stop, chinese=is_chinese(message))
    ticking = asyncio.create_task(_tick(shown))
    try:
        yield shown
    finally:
        ticking.cancel()
        shown.close()


async def _tick(shown: ReplyStream) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        shown.tick()


def show_timeline(call: Call, reply: Reply) -> None:
    """After a reply that has changed it: the timeline in brief, which opens to a picture in a notebook."""
    outlet, timeline = call.outlet, reply.timeline
    if reply.changes and outlet.is_rich:
        outlet.show(Bundle(timeline.brief, text_html=timeline.folded))
    elif reply.changes:
        outlet.print(timeline.brief)
    call.is_shown = True
