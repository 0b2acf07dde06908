"""The apology that the agent appends to replies that were fine; it is shown only where it is all there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

APOLOGY: Final = "I encountered a temporary issue"

_STOPS: Final = ".!?。！？…"
_SENTENCE: Final = rf"[^{_STOPS}\n]{{0,200}}[{_STOPS}]{{0,3}}\s{{0,20}}"  # bounded, as is all that is held back
_TO_THE_END: Final = re.compile(rf"{APOLOGY}(?:(?!\w){_SENTENCE})?(?:(?:Please|Try)\b{_SENTENCE})?\Z")
_MORE_TO_COME: Final = re.compile(rf"{APOLOGY}(?!\w){_SENTENCE}(?:P|Pl|Ple|Plea|Pleas|T|Tr)\Z")
_GOES_ON: Final = ",;:，；：、([{（【“‘«-–—/&+="  # what stands before the words in these is no whole reply
_MEMORY_CHARS: Final = 64


class ApologyFilter:
    """Passes on a text that comes in pieces, and holds back what may be the apology at its end.

    Args:
        has_reply: Whether a reply has been given before this text begins.
    """

    def __init__(self, *, has_reply: bool) -> None:
        self._has_reply = has_reply
        self._before = ""  # the end of what has been passed on
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take the next piece; give what can be shown by now."""
        text = self._held + piece
        at = next((at for at in _candidates(text) if self._is_trailing(text, at)), len(text))
        shown, self._held = text[:at], text[at:]
        self._before = (self._before + shown)[-_MEMORY_CHARS:]
        return shown

    def finish(self) -> str:
        """What was held back and is no apology, now that the text is over."""
        held, self._held = self._held, ""
        return "" if held.startswith(APOLOGY) else held

    def _is_trailing(self, text: str, at: int) -> bool:
        if len(text) - at > len(APOLOGY) and not (_TO_THE_END.match(text, at) or _MORE_TO_COME.match(text, at)):
            return False
        before = (self._before + text[max(0, at - _MEMORY_CHARS) : at])[-_MEMORY_CHARS:]
        return _is_whole(before) if before.strip() else self._has_reply


def without_apology(text: str, *, has_reply: bool) -> str:
    """A whole text without an apology at its end, unless that is all that there is."""
    apology = ApologyFilter(has_reply=has_reply)
    shown = apology.feed(text) + apology.finish()
    return text if shown == text else shown.rstrip()


def _candidates(text: str) -> Iterator[int]:
    """Where the apology begins, or could begin if more came."""
    at = text.find(APOLOGY)
    while at >= 0:
        yield at
        at = text.find(APOLOGY, at + 1)
    for at in range(max(0, len(text) - len(APOLOGY) + 1), len(text)):
        if APOLOGY.startswith(text[at:]):
            yield at


def _is_whole(before: str) -> bool:
    """Whether what goes before is a reply of its own, rather than the beginning of the same sentence."""
    said = before.rstrip()
    gap = before[len(said) :]
    if "\n" in gap or said[-1] in _STOPS:
        return True
    return not (said[-1].isalnum() or said[-1] in _GOES_ON) if gap else said[-1].isalnum()
