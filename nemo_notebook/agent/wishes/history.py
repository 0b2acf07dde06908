"""Wishes to go back or forth."""

from __future__ import annotations

from collections.abc import Iterable

from nemo_notebook.agent.match import Match
from nemo_notebook.agent.model import Redo, Undo
from nemo_notebook.film.edits.lengths import Clear


def undo(m: Match) -> Iterable[Undo]:
    """Take the last change back, or several."""
    number = int(m.value("number") or 1)
    return [Undo(0 if m.has("all") else number)]


def better(m: Match) -> Iterable[Undo]:
    """Go back to how it was."""
    return [Undo(1)]


def redo(m: Match) -> Iterable[Redo]:
    """Make again what was taken back."""
    return [Redo(0 if m.has("all") else int(m.value("number") or 1))]


def reset(m: Match) -> Iterable[Undo]:
    """Go back to the first version."""
    return [Undo(0)]


restore = better
restore_part = better


def clear(m: Match) -> Iterable[Clear]:
    """Empty the timeline."""
    return [Clear()]
