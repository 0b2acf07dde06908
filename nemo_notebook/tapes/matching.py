"""Which exchange of a tape answers a request: by turn and content."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from nemo_notebook.tapes.format import Exchange, Request

# Of one answer, while nothing new comes: whoever still asks waits for what was never recorded.
_MOST_REPEATS: Final = 1000
_MANY_REPEATS: Final = 20  # if they have gone on for longer than this
_PATIENCE_S: Final = 5.0
_SIDE_BY_SIDE_MS: Final = 1000.0  # what takes no longer may have run beside another look that is asked for later here


@dataclass(frozen=True, slots=True)
class Missing:
    """No exchange answers a request now.

    Attributes:
        due: The exchange that is next on the tape, if there is one.
        may_come: Whether one would answer it after others that are due: they may just be on their way.
        waits_in_vain: Whether the last answer was given again and again, and the tape holds no other.
        played: The exchange that has answered the same before, if one has: a cell was run again.
    """

    due: Exchange | None
    may_come: bool = False
    waits_in_vain: bool = False
    played: Exchange | None = None


class Matcher:
    """The exchanges of a tape, and how far it was played.

    A request that does something is answered once, in the order of the tape, or in any order among those that ran side
    by side. A look is answered with the next one in the same turn that is not earlier than what was played already;
    if there is no further one, with the last again, or with the last of an earlier turn.

    Args:
        exchanges: All of them.
        now_s: Tells the seconds here.
    """

    def __init__(self, exchanges: Iterable[Exchange], now_s: Callable[[], float] = time.monotonic) -> None:
        self._deeds: list[Exchange] = []
        self._looks: dict[str, dict[int, list[Exchange]]] = defaultdict(lambda: defaultdict(list))
        for exchange in sorted(exchanges, key=lambda each: (each.turn, each.at_ms)):
            if exchange.request.method == "GET":
                self._looks[known_by(exchange.request)][exchange.turn].append(exchange)
            else:
                self._deeds.append(exchange)
        self._keys = [known_by(exchange.request) for exchange in self._deeds]
        self._is_played = [False] * len(self._deeds)
        self._floor_ms = 0.0
        self._next: dict[tuple[str, int], int] = {}
        self._now_s = now_s
        self._open: set[int] = set()
        self._asking = 0
        self._given: set[int] = set()
        self._again: dict[int, tuple[int, float]] = {}  # answers that were given again: how often, and since when

    @property
    def turn(self) -> int:
        """How many requests that do something were played."""
        return sum(self._is_played)

    @property
    def is_busy(self) -> bool:
        """Whether something is being asked or answered now, but for what waits for others."""
        return bool(self._open or self._asking)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While a request is made ready, which may take long with large files."""
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1

    @property
    def due(self) -> Exchange | None:
        """What was recorded next, of all that does something."""
        left = self._left()
        return self._deeds[left[0]] if left else None

    def is_behind_end(self, request: Request) -> bool:
        """Whether all that does something was played, and a request is one look more than there is on the tape.

        Such a look can be answered only with what was so earlier.
        """
        key, turn = known_by(request), self.turn
        by_turn = self._looks.get(key, {})
        if self.due is not None or request.method != "GET" or not by_turn:
            return False
        return self._next.get((key, turn), 0) >= len(by_turn.get(turn, ()))

    def find(self, request: Request) -> Exchange | Missing:
        """The exchange that answers a request; it counts as played."""
        found = self._look(request) if request.method == "GET" else self._deed(request)
        if isinstance(found, Missing):
            return found
        if self._is_in_vain(found):
            return Missing(self.due, waits_in_vain=True)
        self._open.add(found.number)
        return found

    def _is_in_vain(self, found: Exchange) -> bool:
        if found.number not in self._given:
            self._given.add(found.number)
            self._again.clear()
            return False
        now_s = self._now_s()
        count, since_s = self._again.get(found.number, (0, now_s))
        self._again[found.number] = count + 1, since_s
        is_long = count >= _MANY_REPEATS and now_s - since_s > _PATIENCE_S
        if not is_long and count < _MOST_REPEATS:
            return False
        self._again.clear()
        return True

    def end(self, exchange: Exchange) -> None:
        """An exchange was played to its end: no look goes back behind it."""
        self._open.discard(exchange.number)
        is_short = exchange.took_ms < _SIDE_BY_SIDE_MS
        self._floor_ms = max(self._floor_ms, exchange.at_ms if is_short else _ends_ms(exchange))

    def _left(self) -> list[int]:
        return [at for at, is_played in enumerate(self._is_played) if not is_played]

    def _deed(self, request: Request) -> Exchange | Missing:
        key, left = known_by(request), self._left()
        at = next((at for at in left if self._keys[at] == key), None)
        if at is None:
            return Missing(self.due, played=self._deeds[self._keys.index(key)] if key in self._keys else None)
        wanted = self._deeds[at]
        if any(_ends_ms(self._deeds[before]) <= wanted.at_ms for before in left if before < at):
            return Missing(self.due, may_come=True)
        self._is_played[at] = True
        return wanted

    def _look(self, request: Request) -> Exchange | Missing:
        key, turn = known_by(request), self.turn
        by_turn = self._looks.get(key, {})
        if turn in by_turn:
            return self._next_of(by_turn[turn], (key, turn))
        if earlier := [other for other in by_turn if other < turn]:
            return by_turn[max(earlier)][_last(by_turn[max(earlier)])]
        return Missing(self.due, may_come=bool(by_turn))

    def _next_of(self, answers: Sequence[Exchange], key: tuple[str, int]) -> Exchange:
        first = self._next.get(key, 0)
        later = [at for at in range(first, len(answers)) if answers[at].at_ms >= self._floor_ms]
        at = later[0] if later else _last(answers)
        self._next[key] = max(at + 1, first)
        return answers[at]


def _last(answers: Sequence[Exchange]) -> int:
    """Which answer is given again when there is no other: whoever was stopped was so once."""
    stays = [at for at, exchange in enumerate(answers) if not exchange.answer.was_left]
    return stays[-1] if stays else len(answers) - 1


def known_by(request: Request) -> str:
    """What a request is known by: everything but its headers, of which only the range counts."""
    files = [[file.name, file.size_bytes, file.sha256] for file in request.files]
    span = request.headers.get("range", "")
    what: list[Any] = [request.method, request.path, dict(request.query), span, request.json, files]
    return json.dumps(what, sort_keys=True)


def _ends_ms(exchange: Exchange) -> float:
    return exchange.at_ms + exchange.took_ms
