"""Where in a body a fault may fall."""

from __future__ import annotations

import itertools
import random


def event_boundaries(body: bytes) -> list[int]:
    """The offset after each blank line of an event stream, whether its lines end in LF, CR or CRLF."""
    lines = body.splitlines(keepends=True)  # of bytes: at these three alone
    ends = itertools.accumulate(map(len, lines))
    return [end for line, end in zip(lines, ends, strict=True) if not line.strip(b"\r\n")]


def random_offsets(length: int, n: int, seed: int) -> list[int]:
    """At most `n` offsets into a body of `length` bytes, from 0 to `length` itself; sorted, each once."""
    return sorted(random.Random(seed).sample(range(length + 1), min(n, length + 1)))
