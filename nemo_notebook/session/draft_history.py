"""Client-side undo history for backends without versioning: the drafts that were served, and edits made on top.

They live as long as the session's object does: a draft can hold signed addresses, which are written nowhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.film.model import Version
from nemo_notebook.outside import strike

Json = Mapping[str, Any]

_MOST: Final = 100
_ENDLESS: Final = "The service gave a timeline that is nested without end."


class SeenDrafts:
    """The drafts in their order, and which of them the user has now.

    Attributes:
        entries: Each with its draft; of `chat` if it came from the service, else it was edited here.
        at: Which of them holds.
        lost: Whether edits of this kernel have been overtaken by the service's draft, and nobody was told yet.
    """

    def __init__(self) -> None:
        self.lost = False
        self.entries: list[Version] = []
        self.at = -1
        self._served: Json | None = None

    @property
    def is_edited(self) -> bool:
        """Whether the user has a draft that was edited here."""
        return bool(self.entries) and self.entries[self.at].origin != "chat"

    @property
    def later(self) -> int:
        """How many drafts were gone back from."""
        return len(self.entries) - 1 - self.at

    @property
    def pending(self) -> Json | None:
        """The draft that was edited here, if it holds."""
        return renewed(self.entries[self.at].draft or {}, self._served or {}) if self.is_edited else None

    def see(self, draft: Json, said: str = "") -> None:
        """Take note of the service's draft. Where it is another by now, edits that were made here hold no longer."""
        if self._served is None or not same(self._served, draft):
            self.lost = self.lost or self.is_edited
            self._put(Version("chat", said, draft=draft))
        self._served = draft

    def edit(self, version: Version) -> None:
        """Keep a draft that was edited here."""
        self._put(version)

    def is_own(self, number: int) -> bool:
        """Whether there is a draft of that number that was edited here, of one before it."""
        return 0 < number < len(self.entries) and self.entries[number].origin != "chat"

    def go(self, number: int) -> None:
        """Make a draft the one that holds; one from before a change of the service's as a new one, on top of it."""
        crossed = range(min(number, self.at) + 1, max(number, self.at) + 1)
        if all(map(self.is_own, crossed)):
            self.at = number
        else:
            self._put(Version("table", draft=self.entries[number].draft))

    def before(self, number: int) -> Json:
        """What a draft is to be compared with: one from the service with the service's one before it."""
        is_served = self.entries[number].origin == "chat"
        earlier = (e.draft or {} for e in reversed(self.entries[:number]) if not is_served or e.origin == "chat")
        return next(earlier, {})

    def _put(self, version: Version) -> None:
        self.entries = [*self.entries[: self.at + 1], replace(version, made_s=time.time())][-_MOST:]
        self.at = len(self.entries) - 1


def same(one: object, other: object) -> bool:
    """Whether two drafts are the same but for signatures: addresses are signed anew each time that they are read.

    Raises:
        ProtocolError: They are nested without end.
    """
    try:
        return one == other or _same(one, other)
    except RecursionError:
        raise errors.ProtocolError(_ENDLESS) from None


def _same(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one == other or ("://" in one and strike(one) == strike(other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other


def renewed(draft: Json, served: Json) -> Json:
    """A draft with addresses as the service has signed them last.

    Raises:
        ProtocolError: It is nested without end.
    """
    signed: dict[str, set[str]] = {}
    try:
        for text in _texts(served):
            if "://" in text and (struck := strike(text)) != text:
                signed.setdefault(struck, set()).add(text)
        if not signed:
            return draft
        fresh: Json = _mended(draft, {struck: each.pop() for struck, each in signed.items() if len(each) == 1})
    except RecursionError:
        raise errors.ProtocolError(_ENDLESS) from None
    return fresh


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def _mended(value: Any, signed: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return signed.get(strike(value), value) if "://" in value else value
    if isinstance(value, Mapping):
        return {key: _mended(each, signed) for key, each in value.items()}
    return [_mended(each, signed) for each in value] if isinstance(value, list) else value
