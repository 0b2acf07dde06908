"""How often each user may ask for what: a token bucket for each route and user."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nemo_notebook import errors
from nemo_notebook.engine.policy import Rate

_MOST_BUCKETS: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    seen_s: float


class RateLimiter:
    """Counts requests, in the memory of this process.

    Args:
        rates: The limits, by route.
    """

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._rates = rates
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, route: str, who: str) -> None:
        """Count a request.

        Raises:
            RateLimited: It is one too many; nothing is counted then.
        """
        rate = self._rates.get(route)
        if rate is None:
            return
        now_s = time.monotonic()
        self._forget(now_s)
        bucket = self._buckets.setdefault((route, who), _Bucket(float(rate.count), now_s))
        bucket.left = min(float(rate.count), bucket.left + (now_s - bucket.seen_s) * rate.count / rate.seconds)
        bucket.seen_s = now_s
        if bucket.left < 1:
            raise limited("Too many requests.", (1 - bucket.left) * rate.seconds / rate.count)
        bucket.left -= 1

    def _forget(self, now_s: float) -> None:
        """Let go of buckets that have long been full again, so that made-up names do not fill the memory."""
        if len(self._buckets) < _MOST_BUCKETS:
            return
        full = [key for key, bucket in self._buckets.items() if now_s - bucket.seen_s > self._rates[key[0]].seconds]
        for key in full or list(self._buckets)[: _MOST_BUCKETS // 2]:
            del self._buckets[key]


def limited(message: str, wait_s: float) -> errors.RateLimited:
    """The refusal of what may be asked for again in so many seconds."""
    error = errors.RateLimited(message)
    error.retry_after_s = wait_s
    return error
