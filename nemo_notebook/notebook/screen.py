"""What the commands show: results, lines of our own words, progress."""

from __future__ import annotations

import contextlib
import html
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from nemo_notebook import console
from nemo_notebook.notebook.outlet import Bundle, Outlet, Shown
from nemo_notebook.session.results import Progress

if TYPE_CHECKING:
    from nemo_notebook.errors import NemoError

_INTERVAL_S: Final = 0.25
STYLE: Final = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px"


class Screen:
    """Shows what one use of a command has to show.

    Args:
        outlet: Where to.
    """

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet

    def show(self, value: object) -> None:
        """Show a result."""
        self.outlet.show(value)

    def say(self, words: str) -> None:
        """Show a line of our own words."""
        self._line(words)

    def tell_error(self, error: NemoError) -> None:
        """Show an error that nobody waits for, as a cell's own would be."""
        words = "\n".join(error._render_traceback_())
        if self.outlet.is_rich:
            self.outlet.show(Bundle(words, text_html=f'<pre style="margin:0">{html.escape(words)}</pre>'))
        else:
            self.outlet.print(words)

    def _line(self, words: str) -> Shown | None:
        if self.outlet.is_rich:
            return self.outlet.show(line(words))
        self.outlet.print(words)
        return None

    @contextlib.contextmanager
    def line(self, words: str) -> Iterator[Line]:
        """A line that changes while something goes on; it is gone if that fails."""
        changing = Line(self.outlet, self._line(words))
        try:
            yield changing
        except BaseException:
            changing.clear()
            raise

    @contextlib.contextmanager
    def meter(self) -> Iterator[Meter | TextMeter]:
        """A progress bar that shows itself with the first progress, and is gone at the end."""
        meter = Meter(self.outlet) if self.outlet.is_rich else TextMeter()
        try:
            yield meter
        finally:
            meter.close()


class Line:
    """One line of words that can change."""

    def __init__(self, outlet: Outlet, shown: Shown | None) -> None:
        self._outlet = outlet
        self._shown = shown

    def done(self, words: str) -> None:
        """The last words."""
        if self._shown is not None:
            self._shown.update(line(words))
        else:
            self._outlet.print(words)

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._shown is not None:
            self._shown.clear()


def line(words: str) -> Bundle:
    """A line of our own words, or a few."""
    page = html.escape(words).replace("\n", "<br>")
    return Bundle(words, text_html=f'<div style="{STYLE}">{page}</div>')


class Meter:
    """A progress bar in a notebook: one display, updated a few times a second."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._shown: Shown | None = None
        self._next_s = 0.0

    def __call__(self, progress: Progress) -> None:
        """Show the newest progress."""
        now_s = time.monotonic()
        if now_s < self._next_s and progress.done < 1:
            return
        self._next_s = now_s + _INTERVAL_S
        words = console.words(progress)
        face = (
            f'<div style="{STYLE}"><progress value="{progress.done:.4f}" max="1" style="width:240px;vertical-align:'
            f'middle" aria-label="{html.escape(words)}"></progress>&nbsp; {html.escape(words)}</div>'
        )
        bundle = Bundle(words, text_html=face)
        if self._shown is None:
            self._shown = self._outlet.show(bundle)
        else:
            self._shown.update(bundle)

    def close(self) -> None:
        """Leave nothing behind."""
        if self._shown is not None:
            self._shown.clear()


class TextMeter(console.TextBar):
    """The same in a terminal."""
