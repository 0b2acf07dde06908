"""When to try again, and when to stop: waits that grow, waits that the service asks for, and deadlines."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from nemo_notebook import errors, settings

REPEATS: Final = 4
_GROWTH: Final = 2.0
_LONGEST_S: Final = 20.0
_UNITS: Final = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def waits(chance: Callable[[], float] = random.random) -> Iterator[float]:
    """The waits in seconds before each repeat; when they are over, it is time to give up.

    Args:
        chance: Gives numbers in [0, 1): each wait is shortened by up to a half, so that not all come back at once.
    """
    wait_s = settings.backoff_s()
    for _ in range(REPEATS):
        yield min(wait_s, _LONGEST_S) * (1 - chance() / 2)
        wait_s *= _GROWTH


def next_wait_s(error: errors.NemoError, waits: Iterator[float]) -> float | None:
    """Seconds until the same request may be answered; None if it will not be, or not soon.

    Args:
        error: What became of the request.
        waits: The waits that are left.
    """
    if isinstance(error, errors.NetworkError):
        return next(waits, None)
    if not isinstance(error, errors.ServiceError) or not error.may_have_acted:
        return None
    asked_s = error.retry_after_s or 0.0
    wait_s = next(waits, None)
    return None if wait_s is None or asked_s > settings.RETRY_AFTER_MAX_S else max(wait_s, asked_s)


def retry_after_s(header: str, now_s: float) -> float | None:
    """Seconds to wait by a `Retry-After` header (RFC 9110, 10.2.3): a number or a date; None if it is neither.

    Args:
        header: Its value.
        now_s: The time now, in seconds since 1970.
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])  # longer than anyone lives, and still a number
    try:
        when = parsedate_to_datetime(text)
        return max(0.0, (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now_s)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None


def in_words(wait_s: float) -> str:
    """A wait as people say it, in the largest unit that it fills, rounded up."""
    size, unit = next(((size, unit) for size, unit in _UNITS if wait_s >= size), _UNITS[-1])
    count = -int(-wait_s // size) or 1
    return f"{count} {unit}{'s' if count != 1 else ''}"


@asynccontextmanager
async def within(deadline_s: float | None, doing: str) -> AsyncIterator[asyncio.Timeout]:
    """Let what is done inside take no longer; `doing` completes "… while …".

    Raises:
        DeadlineExceeded: It took longer.
    """
    limit = asyncio.timeout(deadline_s)
    try:
        async with limit:
            yield limit
    except TimeoutError:
        if not limit.expired():
            raise
        raise errors.DeadlineExceeded(f"The service did not come to an end in time while {doing}.") from None
