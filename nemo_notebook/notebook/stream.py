"""The reply of a turn while it comes: Markdown that grows in a notebook, pieces in a terminal.

All calls come from one thread, and none of them waits.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from nemo_notebook.notebook.outlet import Bundle
from nemo_notebook.notebook.passages import Clear, Passages, Show
from nemo_notebook.notebook.text import markdown
from nemo_notebook.notebook.working import clock, kind_of_work, working, working_words
from nemo_notebook.outside import plain

if TYPE_CHECKING:
    from nemo_notebook.notebook.outlet import Outlet, Shown

__all__ = ["RichStream", "TextStream", "kind_of_work", "stream"]

_GLIMPSE: Final = 60  # characters of plain text beside Markdown that will be replaced
_QUIET_S: Final = 1.0  # silence after which a terminal shows the time, at the begin of a line
_QUIET_IN_LINE_S: Final = 3.0  # and within one, which is then broken off
_WIPE: Final = "\r\x1b[K"


def stream(
    outlet: Outlet,
    *,
    on_stop: Callable[[], object] | None = None,
    chinese: bool = False,
    now: Callable[[], float] = time.monotonic,
) -> RichStream | TextStream:
    """A text that grows while it comes.

    Args:
        outlet: Where to.
        on_stop: What stops the work if no cell waits for it; a cell that waits is interrupted.
        chinese: Whether our own words are Chinese.
        now: The clock, in seconds.
    """
    if outlet.is_rich:
        return RichStream(outlet, on_stop=on_stop, chinese=chinese, now=now)
    return TextStream(outlet, chinese=chinese, now=now)


class RichStream:
    """Streamed Markdown in a notebook; what is left of it is static. See `stream` for the arguments."""

    def __init__(
        self,
        outlet: Outlet,
        *,
        on_stop: Callable[[], object] | None = None,
        chinese: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outlet = outlet
        self._now = now
        self._passages = Passages()
        self._places: dict[int, Shown] = {}
        self._heard_s = now()
        self._working = working(outlet, self._heard_s, on_stop, chinese=chinese)

    def feed(self, piece: str) -> None:
        """Show a further piece."""
        self._heard_s = self._now()
        self._do(self._passages.feed(piece, self._heard_s))

    def replace(self, passage: str) -> None:
        """The passage that came in pieces, whole."""
        self._heard_s = self._now()
        self._do(self._passages.replace(passage, self._heard_s))

    def begin(self, job: str) -> None:
        """The turn is known under this id; the line on top says that it runs."""

    def notice(self, words: str) -> None:
        """A word of our own, which stays."""
        self._do(self._passages.part(self._now()))
        self._outlet.show(Bundle(plain(words), text_markdown=markdown(words)))

    def note(self, kind: str) -> None:
        """The kind of work that goes on, see `kind_of_work`."""
        self._working.note(kind)

    def tick(self) -> None:
        """Show what is due; called about ten times a second."""
        now_s = self._now()
        self._do(self._passages.tick(now_s))
        self._working.tick(now_s, now_s - self._heard_s)

    def close(self) -> None:
        """Show what is left, and nothing but the text."""
        self._do(self._passages.end(self._now()))
        self._working.end()

    def _do(self, steps: Iterable[Show | Clear]) -> None:
        for step in steps:
            shown = self._places.get(step.place)
            if isinstance(step, Clear):
                if shown is not None:
                    shown.clear()
                continue
            whole = plain(step.whole)
            face = Bundle(whole if step.is_last else _glimpse(whole), text_markdown=markdown(whole))
            if shown is None:
                self._places[step.place] = self._outlet.show(face)
            else:
                shown.update(face)


def _glimpse(text: str) -> str:
    return text if len(text) <= _GLIMPSE else f"{text[: _GLIMPSE - 1]}…"


class TextStream:
    """Streamed text in a terminal: the pieces as they come, and the time while none does. See `stream`."""

    def __init__(
        self,
        outlet: Outlet,
        *,
        chinese: bool = False,
        now: Callable[[], float] = time.monotonic,
        moves: bool | None = None,
    ) -> None:
        self._outlet = outlet
        self._chinese = chinese
        self._now = now
        self._moves = sys.stdout.isatty() if moves is None else moves
        self._begun_s = self._heard_s = now()
        self._passage = ""  # that is coming, as it came
        self._in_line = False
        self._doing = ""
        self._status = ""

    def feed(self, piece: str) -> None:
        """Show a further piece."""
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

    def begin(self, job: str) -> None:
        """The turn is known under this id; nothing that would stay is said of it."""

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
        status = working_words(clock(now_s - self._begun_s), self._doing, chinese=self._chinese)
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
