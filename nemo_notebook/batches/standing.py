"""How the films of a batch stand while it runs, as rows for people. A row that stands as before is not made again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nemo_notebook.batches.ledger import DONE, RUNNING, WAITING, Entry, Told
from nemo_notebook.batches.order import Order
from nemo_notebook.batches.rows import Film
from nemo_notebook.session.results import near


@dataclass(slots=True)
class State:
    """One film while the batch runs.

    Attributes:
        entry: As it is kept.
        told: How far it is.
        begun_s: When it was begun.
        not_before_s: When it may be begun again.
        tries: How often it was begun.
        row: The row that was made last, and of which entry.
    """

    entry: Entry
    told: Told = field(default_factory=Told)
    begun_s: float | None = None
    not_before_s: float = 0.0
    tries: int = 0
    row: tuple[Entry, Film] | None = None


def rows(states: Sequence[State], order: Order) -> tuple[Film, ...]:
    """A row each, as it stands now.

    Args:
        states: How each film stands.
        order: What was asked for.
    """
    now_s, mean_s = time.monotonic(), _mean_s(states)
    return tuple(_row(at, state, order, now_s, mean_s) for at, state in enumerate(states))


def _row(at: int, state: State, order: Order, now_s: float, mean_s: float | None) -> Film:
    entry, told, begun_s = state.entry, state.told, state.begun_s  # the conductor may go on meanwhile
    if state.row is not None and state.row[0] is entry and entry.state != RUNNING:
        return state.row[1]
    source, is_done, is_running = order.sources[at], entry.state == DONE, entry.state == RUNNING
    left_s = told.left_s
    if left_s is None and mean_s is not None and begun_s is not None:
        left_s = max(0.0, mean_s - (now_s - begun_s)) or None
    film = Film(
        source=source,
        state=entry.state,
        output=order.out / entry.name if is_done else None,
        reason=_near(entry.reason, source),
        hint=entry.hint,
        stage=told.stage if is_running else "",
        share=told.share if is_running else 0.0,
        left_s=left_s if is_running else None,
        duration_s=entry.duration_s,
        size_bytes=entry.film_bytes if is_done else 0,
        took_s=entry.took_s,
        session=entry.session,
        reply=entry.reply if is_done else "",
        poster=entry.poster,
        is_anew=entry.is_anew,
        was_there=is_done and not state.tries,
    )
    state.row = (entry, film)
    return film


def _near(reason: str, source: Path) -> str:
    """A reason that names the file as people here do: it need not tell where its folder lies."""
    return reason.replace(str(source), near(source).as_posix())


def left_s(states: Sequence[State], size: int) -> float | None:
    """Seconds until the end of all, as far as it can be told from the films that were made so far.

    Args:
        states: How each film stands.
        size: How many are made at once.
    """
    mean_s, now_s = _mean_s(states), time.monotonic()
    if mean_s is None:
        return None
    seen = [(state.entry.state, state.begun_s) for state in states]
    begun = sum(max(0.0, mean_s - (now_s - begun_s)) for state, begun_s in seen if state == RUNNING and begun_s)
    return (begun + mean_s * sum(state == WAITING for state, _ in seen)) / size


def _mean_s(states: Sequence[State]) -> float | None:
    took = [state.entry.took_s for state in states if state.entry.state == DONE and state.tries]
    return sum(took) / len(took) if took else None
