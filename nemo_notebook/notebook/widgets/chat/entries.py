"""One thing that was said in a session and what came of it, as the pages of the chat show it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from nemo_notebook.outside import plain

WAITING: Final = "waiting"  # to be sent
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
STOPPED: Final = "stopped"  # nobody waits here any more; it may go on at the backend
OPEN: Final = "open"  # its end was not seen
BUSY: Final = frozenset({WAITING, RUNNING})
_MARKS: Final = re.compile("[\u061c\u200e\u200f]")  # of the direction of writing, beside those that `plain` takes out
_LINES: Final = re.compile("[\u2028\u2029]")


@dataclass(slots=True)
class Part:
    """A part of an answer.

    Attributes:
        kind: `text` for the reply itself, Markdown; `note` for a word of our own.
        told: What was drained of it.
    """

    kind: str
    told: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """One thing that was said, and what came of it.

    Attributes:
        key: What pages call it.
        message: What was said.
        state: One of the states above.
        turn: What it is called in the journal; empty where it is no turn, or none yet.
        is_mine: Whether it was said in the panel, so that it can be stopped there.
        begun_s: When, on the monotonic clock.
        chinese: Whether our own words about it are Chinese.
        parts: The answer so far, as far as it was drained.
        pieces: How many pieces of it were drained.
        doing: The kind of work that goes on.
        is_slow: Whether it has been silent for long.
        changes: What it changed, a sentence each.
        cost: Credits that it took, where they are known.
        error: Why it failed.
        hint: What to do next then.
        can_repeat: Whether to say it again does no harm: nothing of it was done.
    """

    key: str
    message: str
    state: str
    turn: str = ""
    is_mine: bool = False
    begun_s: float = 0.0
    chinese: bool = False
    parts: list[Part] = field(default_factory=list)
    pieces: int = 0
    doing: str = ""
    is_slow: bool = False
    changes: tuple[str, ...] = ()
    cost: float | None = None
    error: str = ""
    hint: str = ""
    can_repeat: bool = False
    coming: list[str] = field(default_factory=list)  # the passage that is coming, as far as it has come
    held: str = ""
    place: int | None = None  # the part that it comes into
    count: int = 0  # parts, with those that are not drained yet

    def face(self, now_s: float) -> dict[str, Any]:
        """What a page is told of it, but for the answer."""
        names = ("key", "message", "state", "turn", "is_mine", "pieces", "doing", "is_slow", "cost", "error", "hint")
        face = {name: getattr(self, name) for name in names}
        more = {"changes": list(self.changes), "can_repeat": self.can_repeat}
        return {**face, **more, "elapsed_s": max(0.0, now_s - self.begun_s)}


def fit(text: str) -> str:
    """Text from outside without what a page would do something with other than show it."""
    return _MARKS.sub("", _LINES.sub("\n", plain(text)))
