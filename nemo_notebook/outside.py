"""Values and words from outside, made fit to use: nothing in them is trusted to be of its type or harmless."""

from __future__ import annotations

import re
from typing import Final

_LARGEST: Final = 1e15
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_SECRET: Final = re.compile(
    r"(?:nmv_usr_|clm_|sk-)[^\s\"'&<>]+|(?i:bearer)\s+[^\s\"',<>]+|(?<=[?&])[^=\s&]+=[^\s&\"'<>]+"
)


def finite(value: object) -> float | None:
    """A number that can be worked with, or None: no truth value, no NaN, no infinity, nothing absurdly large."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -_LARGEST < value < _LARGEST else None


def plain(text: str) -> str:
    """Without terminal codes, control characters, lone surrogates and marks that turn the direction of writing."""
    return _CONTROL.sub("", _ANSI.sub("", text.replace("\r\n", "\n")))


def redact(text: str, limit: int = 300) -> str:
    """What a service said, on one line, cut where it is long, without anything that looks like a secret."""
    line = " ".join(_SECRET.sub("…", plain(text)).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
