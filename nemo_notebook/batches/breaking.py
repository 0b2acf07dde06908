"""Workers that end in the middle of a film, and with them all that their pool has in hand.

Which of the films that it had at the time has ended it cannot be seen. So all of them are made last, and one at a time:
whose worker ends again is told of that, and the others are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from nemo_notebook.batches.ledger import FAILED, WAITING, Entry
from nemo_notebook.batches.standing import State

_OFTEN: Final = 2
_REASON: Final = "Its worker ended twice while this was made."
_HINT: Final = "Look whether the file plays; the machine may be short of memory: try fewer workers."


def in_turn(states: Sequence[State]) -> list[int]:
    """The films that wait, in the order in which they are begun: last those with which a worker has ended."""
    waiting = [at for at, state in enumerate(states) if state.entry.state == WAITING]
    return sorted(waiting, key=lambda at: states[at].entry.ended)


def is_made_alone(entry: Entry) -> bool:
    """Whether nothing else is to be made beside it."""
    return entry.ended > 0


def with_its_worker(entry: Entry) -> Entry:
    """How a film stands that was being made when the workers ended."""
    return replace(entry, state=WAITING, reason="", hint="", ended=entry.ended + 1)


def given_up(entry: Entry) -> Entry:
    """How a film stands when no worker is left: one that has ended its own often enough is not waited for."""
    if entry.state != WAITING or entry.ended < _OFTEN:
        return entry
    return replace(entry, state=FAILED, reason=_REASON, hint=_HINT)
