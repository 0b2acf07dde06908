"""The timeline as a vector picture: one lane a track, one block a segment."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from nemo_notebook.timeline.draft import Segment, Track
from nemo_notebook.timeline.summary import short

_WIDTH: Final = 800
_LEFT: Final = 64
_LANE: Final = 30
_GAP: Final = 6
_AXIS: Final = 22
_COLORS: Final = {"video": "#5b8def", "audio": "#35b08b", "text": "#e0a526", "other": "#9aa0a6"}
_BLOCKS_DRAWN: Final = 2000


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG that shows itself in a notebook and is plain text elsewhere."""

    svg: str

    def __repr__(self) -> str:
        return f"<Picture, {len(self.svg)} characters of SVG>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "image/svg+xml": self.svg}


def draw(tracks: Sequence[Track], duration_s: float) -> Picture:
    """Draw the tracks over a time axis; readable on light and on dark pages."""
    total_ms = max(1000 * duration_s, max((s.end_ms for t in tracks for s in t.segments), default=0.0), 1.0)
    height = len(tracks) * (_LANE + _GAP) + _AXIS
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%" '
        f'style="max-width:{_WIDTH}px" font-family="system-ui,sans-serif" font-size="11" role="img" '
        'aria-label="Timeline">'
    ]
    for lane, track in enumerate(tracks):
        parts.extend(_lane(track, lane * (_LANE + _GAP), total_ms))
    parts.extend(_axis(total_ms, height))
    return Picture("".join([*parts, "</svg>"]))


def _x(ms: float, total_ms: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - 2) * ms / total_ms


def _lane(track: Track, top: float, total_ms: float) -> list[str]:
    label = f'<text x="0" y="{top + _LANE / 2 + 4:g}" fill="#8a9099">{track.number} {html.escape(track.kind)}</text>'
    return [label, *(_block(s, top, total_ms) for s in track.segments[:_BLOCKS_DRAWN])]


def _block(segment: Segment, top: float, total_ms: float) -> str:
    x, end = _x(segment.start_ms, total_ms), _x(segment.end_ms, total_ms)
    width = max(end - x - 1, 1.0)
    color = _COLORS[segment.kind]
    name = html.escape(short(segment.name, max(1, int(width / 6.5))))
    title = html.escape(f"{segment.name} · {segment.start_ms / 1000:.2f}-{segment.end_ms / 1000:.2f} s")
    text = (
        f'<text x="{x + 5:.1f}" y="{top + _LANE / 2 + 4:g}" fill="#fff">{name}</text>' if width > 34 else ""
    )  # narrower blocks have no room for words
    return (
        f'<g><title>{title}</title><rect x="{x:.1f}" y="{top:g}" width="{width:.1f}" height="{_LANE}" rx="4" '
        f'fill="{color}"/>{text}</g>'
    )


def _axis(total_ms: float, height: float) -> list[str]:
    total_s = total_ms / 1000
    step = next(
        (s for s in (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600) if total_s / s <= 10), total_s / 10
    )
    ticks: list[str] = []
    for n in range(int(total_s / step) + 1):
        x = _x(1000 * n * step, total_ms)
        ticks.append(f'<text x="{x:.1f}" y="{height - 6:g}" fill="#8a9099">{n * step:g}s</text>')
    return ticks
