"""Which picture is seen when: segments, and between them the stretches in which one goes over into the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nemo_notebook.render.placing import PICTURES, Placed, frame_at
from nemo_notebook.render.styling import transition_of


@dataclass(frozen=True, slots=True)
class Span:
    """Whole frames in which one segment is seen, or a blend of two.

    Attributes:
        item: The segment; in a blend the one that comes.
        first: First frame.
        end: First frame after it.
        blend: How it comes, empty where it is simply there.
        before: The segment that goes in a blend; None: whatever lies below.
    """

    item: Placed
    first: int
    end: int
    blend: str = ""
    before: Placed | None = None

    @property
    def covers(self) -> bool:
        """Whether nothing below it is seen."""
        return self.item.role in PICTURES


def spans_of(items: Sequence[Placed], fps: int) -> tuple[Span, ...]:
    """The spans of one track's segments that are drawn.

    A transition lies in the middle of the cut and reaches at most to the middle of either picture; where nothing
    touches its picture before, it begins with it.

    Args:
        items: In time order.
        fps: Frames per second.
    """
    pictures = [item for item in items if item.role in PICTURES]
    blends = [_blend(before, item, fps) for before, item in zip([None, *pictures], pictures, strict=False)]
    others = (Span(item, item.first, item.end) for item in items if item.role not in PICTURES)
    return (*_between(pictures, blends), *others)


def _blend(before: Placed | None, item: Placed, fps: int) -> Span | None:
    kind, length_ms = transition_of(item.meta)
    touches = before is not None and before.end == item.first
    if before is not None and touches:
        half = min(frame_at(length_ms / 2, fps), before.frames // 2, item.frames // 2)
        return Span(item, item.first - half, item.first + half, kind, before) if half else None
    length = min(frame_at(length_ms, fps), item.frames // 2)
    return Span(item, item.first, item.first + length, kind) if length else None


def _between(pictures: Sequence[Placed], blends: Sequence[Span | None]) -> Iterator[Span]:
    """Each picture's own frames, which the blends on either side of it leave over, and the blends."""
    for item, blend, coming in zip(pictures, blends, [*blends, None][1:], strict=True):
        if blend:
            yield blend
        first = blend.end if blend else item.first
        end = coming.first if coming and coming.before is item else item.end
        if end > first:
            yield Span(item, first, end)


def last_blend_end(spans: Iterable[Span]) -> int:
    """The frame in which no blend is left to come."""
    return max((span.end for span in spans if span.blend), default=0)
