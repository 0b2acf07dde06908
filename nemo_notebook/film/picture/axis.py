"""Time across a picture: where a moment lies, and the ruler that tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_STEPS_S: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000)
_FILM_S: Final = 360_000.0  # no film lasts a hundred hours
_LABEL: Final = 50.0  # room for a label, in units of the picture


@dataclass(frozen=True, slots=True)
class Scale:
    """How time becomes place.

    Attributes:
        left: Where it begins, in units of the picture.
        right: Where it ends.
        total_ms: The time from left to right, in milliseconds; more than 0.
    """

    left: float
    right: float
    total_ms: float

    @property
    def per_ms(self) -> float:
        """Units of the picture in a millisecond."""
        return (self.right - self.left) / self.total_ms

    def x(self, time_ms: float) -> float:
        """Where a time lies."""
        return self.left + time_ms * self.per_ms


def num(value: float) -> str:
    """A number of a picture: one digit behind the point is enough."""
    return f"{value:.1f}".removesuffix(".0")


def ruler(scale: Scale) -> tuple[list[tuple[float, str]], list[float]]:
    """Labels with their places, and the places of small strokes between them."""
    step_s = _step_s(scale)
    count = int(scale.total_ms / 1000 / step_s + 1e-6)
    labels = [(scale.x(1000 * step_s * k), clock(step_s * k, scale.total_ms / 1000)) for k in range(count + 1)]
    strokes = (scale.x(200 * step_s * k) for k in range(5 * count + 5) if k % 5)
    return labels, [x for x in strokes if x <= scale.right]


def clock(time_s: float, total_s: float) -> str:
    """A time as a film of that length shows it: `2.5s`, `1:05`, `1:00:00`; in hours where it cannot be a film."""
    if total_s < 60:
        return f"{round(time_s, 1):g}s"
    if total_s >= _FILM_S:
        return f"{time_s / 3600:.2g}h" if total_s >= 100 * _FILM_S else f"{time_s / 3600:g}h"
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if total_s >= 3600 else f"{minutes}:{seconds:02}"


def _step_s(scale: Scale) -> float:
    least_s = _LABEL / scale.per_ms / 1000
    step_s = next((float(step) for step in _STEPS_S if step >= least_s), 0.0)
    # Longer ones come in whole days: no film is, but a draft may say so.
    return step_s or 86_400.0 * max(1, round(least_s / 86_400.0 + 0.5))
