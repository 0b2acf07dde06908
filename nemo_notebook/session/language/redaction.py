"""Text that comes in pieces, passed on in whole words with secrets struck out: none is seen, not even in part."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.outside import strike

LONGEST_WORD: Final = 400  # characters of a word that are held back at most
LONGEST_SECRET: Final = 2000  # the same where it may be a secret; what is longer is cut there
_KEPT: Final = 24  # of a word that is too long: more than the beginning of any secret
_MOST_JOINED: Final = 3  # words that are looked at together

_NAMES: Final = (
    r"(?:authorization|x-auth-token|cookie|token|secret|passw(?:or)?d|passphrase"
    r"|(?:api|access|private|secret)[-_]?key|signature|credential|key-pair-id)"
)
_WORD: Final = re.compile(r"[^\s\u2e80-\U0010ffff]+")  # Chinese has no spaces: its characters stand for themselves
_OTHER: Final = re.compile(r"[\s\u2e80-\U0010ffff]+")
_NEXT: Final = re.compile(r"\s*[^\s\u2e80-\U0010ffff]*")
_LINE: Final = re.compile(r"[^\n]*")
_VALUE: Final = re.compile(r"\s*[^\n]*")
_SUSPECT: Final = re.compile(
    rf"(?i)nmv_|clm_|sk-|eyJ|:[\\/]|[?&#;][\w.~\[\]%-]*(?:=|%3D)|%3F|%26|\\u0026|/files|bearer|auth=|{_NAMES}"
)
_AWAITS_ITS_VALUE: Final = re.compile(rf"(?i)(?:bearer|{_NAMES})[\\\"'`*]*\s*\Z")
_NAMED: Final = re.compile(rf"(?i){_NAMES}[\\\"'`*]{{0,4}}\s{{0,8}}[:=]")

_QUERY_KEY: Final = re.compile(r"[?&#;][\w.~%-]*\Z")  # the value of one ends with the word


class StruckWords:
    """The whole words of a text that comes in pieces; they do not depend on where it was cut."""

    def __init__(self) -> None:
        self._rest = ""
        self._left_out: re.Pattern[str] | None = None  # how far the rest of a secret that was cut goes

    def feed(self, piece: str) -> list[str]:
        """Take the next piece; give the words, spaces and signs that are complete, secrets struck out."""
        return self._read(self._rest + piece, is_all=False)

    def flush(self) -> list[str]:
        """The rest, when nothing more comes."""
        return self._read(self._rest, is_all=True)

    def _read(self, text: str, *, is_all: bool) -> list[str]:
        words: list[str] = []
        start = 0
        while start < len(text):
            if self._left_out is not None:
                start = _end(self._left_out, text, start, len(text))
                if start == len(text):
                    break
                self._left_out = None
            taken = self._take(text, start, is_all)
            if taken is None:
                break
            word, start = taken
            words.append(word)
        self._rest = text[start:]
        return words

    def _take(self, text: str, start: int, is_all: bool) -> tuple[str, int] | None:
        """The word that starts here and where it ends, or None as long as it may go on."""
        if other := _OTHER.match(text, start):
            return other[0], other.end()
        end = _end(_WORD, text, start, start + LONGEST_WORD)
        word = text[start:end]
        if end == len(text) and len(word) < LONGEST_WORD and not is_all:
            return None
        if _SUSPECT.search(word):
            return self._take_secret(text, start, is_all)
        return (word, end) if len(word) < LONGEST_WORD else (word[:-_KEPT], end - _KEPT)

    def _take_secret(self, text: str, start: int, is_all: bool) -> tuple[str, int] | None:
        """The same for a word that may be a secret or name one: then with what belongs to it."""
        limit = start + LONGEST_SECRET
        goes_on = _WORD
        before = end = _end(_WORD, text, start, limit)
        for _ in range(_MOST_JOINED):
            if any(_goes_on_behind(found) for found in _NAMED.finditer(text, start, end)):
                goes_on = _LINE
                end = _end(_VALUE, text, end, limit)
                break
            further = _end(_NEXT, text, end, limit)
            if further == end or not _AWAITS_ITS_VALUE.search(text, max(start, end - 2 * _KEPT), end):
                break
            before, end = end, further
            if end == len(text) < limit and not is_all:
                return None
        else:
            end = before  # each of them names a secret: the last one is looked at afresh
        if end == limit:
            self._left_out = goes_on
            return strike(text[start:end]).removesuffix("…") + "…", end
        return (strike(text[start:end]), end) if is_all or end < len(text) else None


def _goes_on_behind(named: re.Match[str]) -> bool:
    return named[0][-1] == ":" or not _QUERY_KEY.search(named.string, max(0, named.start() - 64), named.start())


def _end(pattern: re.Pattern[str], text: str, start: int, limit: int) -> int:
    found = pattern.match(text, start, limit)
    return found.end() if found else start
