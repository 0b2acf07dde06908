"""The lines of a tape: one JSON value each, written in one way only, with a sum over itself and all before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, Never

from nemo_notebook import errors

MAX_LINE_BYTES: Final = 96 << 20
MAX_VALUES: Final = 8_000_000  # of a whole tape: small values take much more room in memory than on the disk
_DEEPEST: Final = 100
_SUM_DIGITS: Final = 16


def canonical(value: object) -> bytes:
    """The one way in which a value is written: keys sorted, no spaces, UTF-8.

    Raises:
        TapeError: It is no JSON: a number that is none, a key that is no text, or nested without end.
    """
    _check(value)
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise errors.TapeError("A value cannot be written as JSON.") from error
    try:
        return text.encode()
    except UnicodeEncodeError:  # halves of characters; two that belong together are one
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return joined.encode("utf-8", "backslashreplace")


def chained(value: Mapping[str, Any], before: str) -> tuple[bytes, str]:
    """A value as a line with its end, and the line's sum.

    Args:
        value: It has no `sum` yet.
        before: The sum of the line before; empty for the first.
    """
    own = _sum(canonical(value), before)
    return canonical({**value, "sum": own}) + b"\n", own


def unchained(line: bytes, before: str) -> tuple[dict[str, Any], str]:
    """The value of a line, and the line's sum.

    Raises:
        TapeError: It is not as `chained` has written it; the message completes "Line 7 of film.nemotape …".
    """
    if not line.endswith(b"\n"):
        raise errors.TapeError("breaks off: the tape is not whole.")
    value = parsed(line)
    own = value.pop("sum", None)
    if _sum(canonical(value), before) != own or canonical({**value, "sum": own}) != line[:-1]:
        raise errors.TapeError("is not as it was recorded: it was changed, or a line before it is missing.")
    return value, own


def parsed(line: bytes) -> dict[str, Any]:
    """A line's value, whatever its sum.

    Raises:
        TapeError: It is no JSON object; the message completes "Line 7 of film.nemotape …".
    """
    if weight(line) > MAX_VALUES or len(line) > MAX_LINE_BYTES:
        raise errors.TapeError("is larger than any that was recorded.")
    try:
        value = json.loads(line.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise errors.TapeError("is no JSON: the tape is damaged.") from None
    if not isinstance(value, dict):
        raise errors.TapeError("is no JSON object: the tape is damaged.")
    return value


def weight(line: bytes) -> int:
    """How many values a line can hold at most."""
    return line.count(b",") + 1


def _no_number(name: str) -> Never:
    raise ValueError(name)


def _sum(written: bytes, before: str) -> str:
    return hashlib.sha256(before.encode() + written).hexdigest()[:_SUM_DIGITS]


def _check(value: object) -> None:
    """Refuse what would be read back as something else, and what is nested too deep to work with."""
    level = [value]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for item in level:
            if isinstance(item, Mapping):
                if not all(isinstance(key, str) for key in item):
                    raise errors.TapeError("A value has a key that is no text.")
                below += item.values()
            elif isinstance(item, (list, tuple)):
                below += item
        if not below:
            return
        level = below
    raise errors.TapeError("A value is nested too deep.")
