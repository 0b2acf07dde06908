"""What the headers of an answer say about its body: which bytes of a file it is, and how to ask for the rest.

After RFC 9110: section 13.1.5 (`If-Range`), 14.2 (`Range`), 14.4 (`Content-Range`), 15.3.7 (206).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)
_UNPACKED: Final = frozenset({"", "identity"})


@dataclass(frozen=True, slots=True)
class Span:
    """Which bytes of a file a body is.

    Attributes:
        start: The first one.
        stop: The one behind the last; None if it is not told.
        total: How many the file has; None if it is not told.
        validator: What the rest can be asked for with, as long as the file is the same; empty if nothing can.
    """

    start: int
    stop: int | None
    total: int | None
    validator: str

    def is_followed_by(self, later: Span, size: int) -> bool:
        """Whether a later answer goes on with the same file behind its first `size` bytes."""
        same_total = self.total is None or later.total in (None, self.total)
        same_file = not later.validator or later.validator == self.validator
        return later.start == size and same_total and same_file


def whole(headers: Mapping[str, str]) -> Span:
    """The span of a body with the status 200."""
    if headers.get("content-encoding", "").strip().lower() not in _UNPACKED:
        return Span(0, None, None, "")  # lengths and ranges would count the packed bytes
    length = headers.get("content-length", "")
    total = int(length) if _NUMBER.fullmatch(length) else None
    return Span(0, total, total, _validator(headers))


def partial(headers: Mapping[str, str]) -> Span | None:
    """The span of a body with the status 206; None if the headers do not tell it, or contradict themselves."""
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if not found or headers.get("content-encoding", "").strip().lower() not in _UNPACKED:
        return None
    start, last = int(found[1]), int(found[2])
    total = None if found[3] == "*" else int(found[3])
    if last < start or (total is not None and last >= total):
        return None
    return Span(start, last + 1, total, _validator(headers))


def rest(size: int, validator: str) -> dict[str, str]:
    """The headers that ask for all behind the first `size` bytes; none if it cannot be had."""
    return {"Range": f"bytes={size}-", "If-Range": validator} if size and validator else {}


def _validator(headers: Mapping[str, str]) -> str:
    tag = headers.get("etag", "").strip()
    is_strong = len(tag) > 2 and tag.startswith('"') and tag.endswith('"')
    found = tag if is_strong else headers.get("last-modified", "").strip()
    return found if found.isascii() and found.isprintable() else ""
