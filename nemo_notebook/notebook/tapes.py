"""Tapes in a notebook: which file is meant, what is said of it, and the badge below what was played."""

from __future__ import annotations

import html
import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.display import Bundle, Outlet
from nemo_notebook.outside import plain, redact

if TYPE_CHECKING:
    from nemo_notebook.tapes.tape import LeftOut, TapeState

ENDING: Final = ".nemotape"
_MOST_NAMED: Final = 5
_NAME_CHARS: Final = 60
_NAMELESS: Final = "notebook"
_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_STYLE: Final = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:11px;opacity:.75"


def tape_path(word: str = "") -> Path:
    """The file that is meant; without a word, the one that is named after the notebook.

    Raises:
        UsageError: It is called as no tape is, so that it may be something else.
        InputError: It cannot be a path.
    """
    from nemo_notebook.files import user_path

    if not word:  # Jupyter's server tells its kernels what their notebook is called
        return Path((Path(os.environ.get("JPY_SESSION_NAME", "")).stem or _NAMELESS) + ENDING)
    path = user_path(word)
    if path.suffix == ENDING:
        return path
    if path.suffix or path.name in {"", ".."}:
        raise UsageError(f"{redact(word, 80)} is not called as a tape is.", hint=f"Tapes end in {ENDING}.")
    return path.with_name(path.name + ENDING)


def day(seconds: float) -> str:
    """A day (of a moment in seconds since 1970, in UTC) as people write it, whatever the language here."""
    then = time.gmtime(seconds)
    return f"{then.tm_mday} {_MONTHS[then.tm_mon - 1]} {then.tm_year}"


def begun_words(state: TapeState) -> str:
    """What is said when a tape comes into use."""
    if state.is_recording:
        words = f"● Recording on {_name(state)}: every exchange from here on, without tokens and ids."
    else:
        held = _count(state.exchanges, "exchange")
        words = f"▸ {_known(state)}: {held}. Answers come from it; nothing goes over the network."
    return _lines(words, state)


def state_words(state: TapeState | None) -> str:
    """How it stands."""
    if state is None:
        return "No tape is in use. `%nemo tape record` begins one, `%nemo tape replay` plays one."
    held = _count(state.exchanges, "exchange")
    if state.is_recording:
        return _lines(f"● Recording on {_name(state)}: {held} by now. `%nemo tape off` saves it.", state)
    again = ", some more than once" if state.played > state.exchanges else ""
    so_far = f"{_count(state.played, 'answer')} came from it so far{again} ({state.speed})"
    held = f"it holds {held}, each a request with its answer"
    return _lines(f"▸ {_known(state)}: {held}; {so_far}. `%nemo tape off` ends it.", state)


def ended_words(state: TapeState | None) -> str:
    """What is said when a tape is out of use."""
    if state is None:
        return "No tape is in use."
    if not state.is_recording:
        words = f"{_name(state)} is out of use: {_count(state.played, 'answer')} came from it."
    elif not state.exchanges:
        words = f"Nothing was asked of any backend: {_name(state)} was not written."
    else:
        from nemo_notebook.files import size_words

        media = f"{state.media} medi{'um' if state.media == 1 else 'a'}, " if state.media else ""
        words = (
            f"▸ {_count(state.exchanges, 'exchange')}, {media}{size_words(state.size_bytes)} saved as {_name(state)}."
        )
    return _lines(words, state)


def _lines(words: str, state: TapeState) -> str:
    """What is said, with what was left out and what else there is to say, a line each."""
    more = [*left_words(state.left_out, state.path), *([plain(state.note)] if state.note else [])]
    return "\n  ".join([words, *more])


def _known(state: TapeState) -> str:
    return f"{_name(state)}, recorded {day(state.recorded_s)}"


def _name(state: TapeState) -> str:
    return plain(state.path.name)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def left_words(left: Sequence[LeftOut], tape: Path) -> list[str]:
    """Which files were not kept, and how they would be: a sentence or two each."""
    large, others = [[each for each in left if each.is_too_large is is_large] for is_large in (True, False)]
    told = []
    if large:
        many = "1 file was too large and is" if len(large) == 1 else f"{len(large)} files were too large and are"
        told += [f"{many} not kept: {_some([_large(each) for each in large])}.", _way(large, tape)]
    if others:
        many = "1 file is" if len(others) == 1 else f"{len(others)} files are"
        told.append(f"{many} not kept for what it holds: {_some([_short(each) for each in others])}.")
    return told


def _large(each: LeftOut) -> str:
    from nemo_notebook.files import size_words

    return f"{_short(each)} ({size_words(each.size_bytes)})"


def _way(large: Sequence[LeftOut], tape: Path) -> str:
    """How they would be kept."""
    from nemo_notebook.session.results import near

    fit = [each for each in large if each.keep_mb]
    huge = [_short(each) for each in large if not each.keep_mb]
    what = "it" if len(fit) == 1 else "them"
    if huge:
        what = _some([_short(each) for each in fit])
    file = shlex.quote(plain(near(tape).as_posix()))
    parts = [f"`%nemo tape record {file} --keep {max(each.keep_mb for each in fit)}` keeps {what}"] if fit else []
    parts += [f"{_some(huge)} {'is' if len(huge) == 1 else 'are'} larger than any tape keeps"] if huge else []
    return f"{'; '.join(parts)}."


def _some(names: Sequence[str]) -> str:
    more = [f"… {len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    return ", ".join([*names[:_MOST_NAMED], *more])


def _short(each: LeftOut) -> str:
    return redact(each.name, _NAME_CHARS)


class Badge(Bundle):
    """Says of a cell that what it shows was played from a tape, and of when that is."""

    def __init__(self, state: TapeState) -> None:
        words = f"📼 {_name(state)} · recorded {day(state.recorded_s)}"
        super().__init__(words, text_html=f'<div style="{_STYLE}">{html.escape(words)}</div>')
        self.metadata = {"nemo": {"tape": True}}


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
        state = taping.current()
        if state is None or state.is_recording:  # in which case what came last is not from the tape
            return
        self._shown.add(label)
        if outlet.is_rich:
            outlet.show(Badge(state))
        else:
            outlet.print(repr(Badge(state)))


def _number(shell: Any) -> int:
    """The number of the cell that begins: newer shells have counted it by now, none has kept its input yet."""
    count, kept = int(shell.execution_count), getattr(shell.history_manager, "input_hist_parsed", None)
    return min(count, len(kept)) if kept else count


def _taping() -> ModuleType | None:
    """What knows of tapes, where anything has asked for one: cells without tapes import nothing for them."""
    return sys.modules.get("nemo_notebook.tapes.tape")
