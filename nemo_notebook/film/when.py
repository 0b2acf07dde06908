"""A stretch of time as people ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Anchor = Literal["start", "end", "middle", "whole"]


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time as it was asked for, in milliseconds; what was not said is None.

    Attributes:
        anchor: `start`, `end`, `middle` or `whole` of the video.
        start_ms: Start on the timeline.
        end_ms: End on the timeline.
        length_ms: Length.
    """

    anchor: Anchor | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    length_ms: int | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything was said of time."""
        return self != When()

    def within(self, total_ms: int, length_ms: int, start_ms: int = 0) -> tuple[int, int]:
        """Start and length in a video of `total_ms`; the arguments stand in for what was not said."""
        if self.anchor == "whole":
            return 0, total_ms
        length = min(self.length_ms or length_ms, total_ms)
        start = self.start_ms if self.start_ms is not None else start_ms
        if self.end_ms is not None:
            length = min(max(self.end_ms, start + 1), max(total_ms, start + 1)) - start
            length = min(max(self.end_ms - start, 1), total_ms) if start >= total_ms else length
        elif self.start_ms is None and self.anchor is not None:
            start = {"start": 0, "end": total_ms - length, "middle": (total_ms - length) // 2}[self.anchor]
        if start >= total_ms:
            start = total_ms - length
        return max(0, start), max(1, min(length, total_ms - max(0, start)))


ANY_TIME: Final = When()
