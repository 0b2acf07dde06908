"""The badge below a cell that was answered from a tape."""

from __future__ import annotations

import html
import sys
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.notebook.display import Bundle, Outlet
from nemo_notebook.outside import plain

if TYPE_CHECKING:
    from nemo_notebook.tapes.tape import TapeState

_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_STYLE: Final = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:11px;opacity:.75"


def day(seconds: float) -> str:
    """A day (of a moment in seconds since 1970, in UTC) as people write it, whatever the language here."""
    then = time.gmtime(seconds)
    return f"{then.tm_mday} {_MONTHS[then.tm_mon - 1]} {then.tm_year}"


def badge_of(state: TapeState) -> Bundle:
    """Says of a cell that what it shows was played from a tape, and of when that is."""
    words = f"📼 {plain(state.path.name)} · recorded {day(state.recorded_s)}"
    badge = Bundle(words, text_html=f'<div style="{_STYLE}">{html.escape(words)}</div>')
    badge.metadata = {"nemo": {"tape": True}}
    return badge


class Badges:
    """Tells tapes which cell runs, and puts a badge below each that was answered from one.

    Args:
        shell: The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._shown: set[str] = set()  # labels of cells that have theirs
        self.label = ""

    def install(self) -> None:
        """From the next cell on."""
        self._shell.events.register("pre_run_cell", self.begin)
        self._shell.events.register("post_run_cell", self.end)

    def remove(self) -> None:
        """Take that back."""
        self._shell.events.unregister("pre_run_cell", self.begin)
        self._shell.events.unregister("post_run_cell", self.end)

    def begin(self, *_: object) -> None:
        """A cell begins."""
        self.label = f"In [{_number(self._shell)}]"
        self._shown.discard(self.label)
        if taping := _taping():
            taping.label_cell(self.label)

    def end(self, result: object = None) -> None:
        """A cell has ended.

        What the tape lacks for an ornament, such as a poster, is no error of the cell: it is told here.
        """
        taping = _taping()
        if taping is None:
            return
        missed, raised = taping.mismatches(), getattr(result, "error_in_exec", None)
        outlet = Outlet(self._shell)
        if missed and str(missed[0]) != str(raised):
            outlet.tell_error(missed[0])
        self.show_below(self.label, outlet)

    def show_below(self, label: str, outlet: Outlet) -> None:
        """Show the badge of a cell, once, if answers to it came from the tape in use."""
        taping = _taping()
        if taping is None or label in self._shown or not taping.was_played(label):
            return
        state = taping.current_tape()
        if state is None or state.is_recording:  # in which case what came last is not from the tape
            return
        self._shown.add(label)
        badge = badge_of(state)
        if outlet.is_rich:
            outlet.show(badge)
        else:
            outlet.print(repr(badge))


def _number(shell: Any) -> int:
    """The number of the cell that begins: newer shells have counted it by now, none has kept its input yet."""
    count, kept = int(shell.execution_count), getattr(shell.history_manager, "input_hist_parsed", None)
    return min(count, len(kept)) if kept else count


def _taping() -> ModuleType | None:
    """What knows of tapes, where anything has asked for one: cells without tapes import nothing for them."""
    return sys.modules.get("nemo_notebook.tapes.tape")
