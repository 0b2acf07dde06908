"""Matching: which exchange of a tape answers a request, and how the error reads where none does."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nemo_notebook.errors import TapeMismatch
from nemo_notebook.outside import redact
from nemo_notebook.tapes.format import Exchange, Request

_MOST_REPEATS: Final = 100  # of one answer, while nothing new comes: whoever asks on waits for what was never recorded
_SIDE_BY_SIDE_MS: Final = 1000.0  # what takes no longer may have run beside another GET that is asked for later here


@dataclass(frozen=True, slots=True)
class Missing:
    """No exchange answers a request now.

    Attributes:
        due: The exchange that is next on the tape, if there is one.
        may_come: Whether one would answer it after others that are due: they may just be on their way.
        is_stuck: Whether the last answer was given again and again, and the tape holds no other.
        played: The exchange that has answered the same before, if one has: a cell was run again.
    """

    due: Exchange | None
    may_come: bool = False
    is_stuck: bool = False
    played: Exchange | None = None


class Matcher:
    """The exchanges of a tape, and how far it was played.

    A request that does something is answered once, in the order of the tape, or in any order among those that ran side
    by side. A GET is answered with the next one in the same turn that is not earlier than what was played already;
    if there is no further one, with the last again, or with the last of an earlier turn.

    Args:
        exchanges: All of them.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._actions: list[Exchange] = []
        self._reads: dict[str, dict[int, list[Exchange]]] = defaultdict(lambda: defaultdict(list))
        for exchange in sorted(exchanges, key=lambda each: (each.turn, each.at_ms)):
            if exchange.request.method == "GET":
                self._reads[request_key(exchange.request)][exchange.turn].append(exchange)
            else:
                self._actions.append(exchange)
        self._keys = [request_key(exchange.request) for exchange in self._actions]
        self._is_played = [False] * len(self._actions)
        self._floor_ms = 0.0
        self._next: dict[tuple[str, int], int] = {}
        self._open: set[int] = set()
        self._asking = 0
        self._given: set[int] = set()
        self._repeats: Counter[int] = Counter()  # how often each answer was given since there was a new one

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
        return self._actions[left[0]] if left else None

    def find(self, request: Request) -> Exchange | Missing:
        """The exchange that answers a request; it counts as played."""
        found = self._find_read(request) if request.method == "GET" else self._find_action(request)
        if isinstance(found, Missing):
            return found
        if self._is_stuck(found):
            return Missing(self.due, is_stuck=True)
        self._open.add(found.number)
        return found

    def _is_stuck(self, found: Exchange) -> bool:
        if found.number not in self._given:
            self._given.add(found.number)
            self._repeats.clear()
        self._repeats[found.number] += 1
        if self._repeats[found.number] <= _MOST_REPEATS:
            return False
        self._repeats.clear()
        return True

    def end(self, exchange: Exchange) -> None:
        """An exchange was played to its end: no GET is answered with what came before it."""
        self._open.discard(exchange.number)
        is_short = exchange.took_ms < _SIDE_BY_SIDE_MS
        self._floor_ms = max(self._floor_ms, exchange.at_ms if is_short else _ends_ms(exchange))

    def _left(self) -> list[int]:
        return [at for at, is_played in enumerate(self._is_played) if not is_played]

    def _find_action(self, request: Request) -> Exchange | Missing:
        key, left = request_key(request), self._left()
        at = next((at for at in left if self._keys[at] == key), None)
        if at is None:
            return Missing(self.due, played=self._actions[self._keys.index(key)] if key in self._keys else None)
        wanted = self._actions[at]
        if any(_ends_ms(self._actions[before]) <= wanted.at_ms for before in left if before < at):
            return Missing(self.due, may_come=True)
        self._is_played[at] = True
        return wanted

    def _find_read(self, request: Request) -> Exchange | Missing:
        key, turn = request_key(request), self.turn
        by_turn = self._reads.get(key, {})
        if turn in by_turn:
            return self._next_of(by_turn[turn], (key, turn))
        if earlier := [other for other in by_turn if other < turn]:
            return by_turn[max(earlier)][-1]
        return Missing(self.due, may_come=bool(by_turn))

    def _next_of(self, answers: Sequence[Exchange], key: tuple[str, int]) -> Exchange:
        first = self._next.get(key, 0)
        later = [at for at in range(first, len(answers)) if answers[at].at_ms >= self._floor_ms]
        at = later[0] if later else len(answers) - 1
        self._next[key] = max(at + 1, first)
        return answers[at]


def request_key(request: Request) -> str:
    """What a request is known by: everything but its headers, of which only the range counts."""
    files = [[file.name, file.size_bytes, file.sha256] for file in request.files]
    span = request.headers.get("range", "")
    what: list[Any] = [request.method, request.path, dict(request.query), span, request.json, files]
    return json.dumps(what, sort_keys=True)


def _ends_ms(exchange: Exchange) -> float:
    return exchange.at_ms + exchange.took_ms


_SHOWN: Final = 3  # differences
_WIDE: Final = 72  # characters of what differs
_AROUND: Final = 20  # that is shown before the first difference
_NAMED: Final = 8
_FILES: Final = "The tape needs the same files, byte for byte."
_MESSAGE: Final = "new_message.parts[0].text"
_EXPORT: Final = "how an export stands"
_ACTIONS: Final[list[list[str]]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))[
    "actions"
]
_ONCE: Final = (
    "A tape plays each once: run the notebook from the top, where `%nemo tape replay` begins it anew, or record it "
    "again with `%nemo tape record`."
)
_STUCK: Final = "The tape goes only that far: record it anew, and end it when all that was begun has ended."


def mismatch(request: Request, cell: str, missing: Missing) -> TapeMismatch:
    """The error of a request that a tape does not answer.

    Args:
        request: What is asked.
        cell: Which cell asks.
        missing: What the tape has instead.
    """
    who, what, due = cell or "This", _words_of(request), missing.due
    there = due.cell or "the recording" if due else ""
    hint = TapeMismatch.hint
    if missing.is_stuck:
        looks = "waits for an export" if what == _EXPORT else f"looks for {what} again and again"
        changed = "the export did" if what == _EXPORT else "anything changed"
        words, hint = f"{who} {looks}, but the recording ended before {changed}.", _STUCK
    elif missing.played:
        before = f"that was played already ({missing.played.cell or 'the recording'})"
        words = f"{who} asks again for {what} {before}{'' if due else ', and the tape is at its end'}."
        hint = _ONCE
    elif due is None:
        words = f"{who} asks for {what}, and the tape is at its end."
    else:
        if _words_of(due.request) != what:
            words = f"{who} asks for {what}; on the tape, {_words_of(due.request)} is next ({there})."
        else:
            lines = [f"{who} asks for {what} that is another than the recorded one ({there}):"]
            words = "\n".join(lines + _differences(request, due.request))
        if request.files or due.request.files:
            hint = needed_files([due])
    return TapeMismatch(words, hint=hint)


def needed_files(exchanges: Iterable[Exchange]) -> str:
    """Which files have to be there for uploads that are played, a sentence."""
    names = list(dict.fromkeys(file.name for exchange in exchanges for file in exchange.request.files))
    if not names:
        return _FILES
    more = f" … ({len(names) - _NAMED} more)" if len(names) > _NAMED else ""
    named = ", ".join(redact(name, _WIDE) for name in names[:_NAMED])
    return f"{_FILES[:-1]}, as were uploaded to it: {named}{more}."


def _words_of(request: Request) -> str:
    for method, path, words in _ACTIONS:
        if request.method == method and re.fullmatch(path, request.path):
            return words
    return f"{request.method} {redact(request.path, _WIDE)}"


def _differences(now: Request, then: Request) -> list[str]:
    found = list(_values(_comparable(now), _comparable(then), ""))
    more = len(found) - _SHOWN
    lines = [line for difference in found[:_SHOWN] for line in _pair(*difference)]
    return lines + ([f"  … {more} more differences"] if more > 0 else [])


def _comparable(request: Request) -> dict[str, Any]:
    files = {
        f"file {at}": f"{file.name}, {file.size_bytes:,} bytes, SHA-256 {file.sha256[:12]}…"
        for at, file in enumerate(request.files, 1)
    }
    body = request.json if isinstance(request.json, Mapping) else {"body": request.json}
    return {"path": request.path, "query": request.query, **files, **body}


def _values(new: Any, old: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """The places of two JSON values where they differ, with what stands there."""
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        for key in sorted({*new, *old}):
            yield from _values(new.get(key), old.get(key), f"{where}.{key}" if where else str(key))
    elif isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        for at, (left, right) in enumerate(zip(new, old, strict=True)):
            yield from _values(left, right, f"{where}[{at}]")
    elif new != old:
        yield "message" if where == _MESSAGE else where, _text(new), _text(old)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _pair(what: str, new: str, old: str) -> list[str]:
    """Two texts, from shortly before they begin to differ."""
    same = len(os.path.commonprefix([new, old]))  # noqa: RUF071 - texts, no paths
    start = max(0, same - _AROUND) if max(len(new), len(old)) > _WIDE else 0
    dots = "…" if start else ""
    return [f"  {what} now:  {dots}{redact(new[start:], _WIDE)}", f"  recorded: {dots}{redact(old[start:], _WIDE)}"]
