"""The blocks of a lane: one a segment, and one for many where these are too narrow to be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nemo_notebook.film.draft import Segment, Track
from nemo_notebook.film.known import NOTHING, Sounds, file_of, meta
from nemo_notebook.film.picture.axis import Scale, num
from nemo_notebook.film.picture.lettering import ems, escape, fit, width
from nemo_notebook.outside import finite

# White, or the dark below, can be read on each of them (contrast 4.5 and more).
COLORS: Final = {"audio": "#1d7458", "text": "#e3b25b", "other": "#5b6472"}
SHOTS: Final = ("#3463c4", "#9a4a2c", "#1f7289", "#8c4596", "#4f6485", "#2f6f4f", "#7a5b16", "#6b4fc0")
INK: Final = {"text": "#241a05"}
PALE: Final = "#ffffff"

_ALONE: Final = 2.0  # narrower ones that touch become one
_GAP: Final = 0.8
_ROUNDED: Final = 14.0
_MOST_ROUNDED: Final = 60  # of a lane; more only where segments overlap
_NAMED: Final = 26.0
_SIZE: Final = 11.0
_TOLD: Final = 2.5  # ems: less than that of a longer name tells nothing
_LOUD: Final = 120.0
_SLOPE: Final = 18.0  # a name stands above it
_MOST_SLOPES: Final = 100


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a lane.

    Attributes:
        x: Where it begins, in units of the picture.
        width: How wide it is.
        segment: What it shows; None for many.
        count: How many segments it stands for.
    """

    x: float
    width: float
    segment: Segment | None
    count: int = 1


def lay_blocks(segments: Iterable[Segment], scale: Scale, most: int) -> list[Block]:
    """The blocks of segments that come in time order; beyond so many, which overlap then, the rest are drawn as one."""
    blocks: list[Block] = []
    run: list[Segment] = []
    run_x, run_end = 0.0, 0.0
    left, per_ms = scale.left, scale.per_ms
    for segment in segments:
        x = left + segment.start_ms * per_ms
        end = x + segment.duration_ms * per_ms
        if end - x >= _ALONE and len(blocks) < most:
            blocks.append(Block(x, end - x, segment))
        elif run and (x <= run_end + 1 or len(blocks) >= most):
            run.append(segment)
            run_end = max(run_end, end)
        else:
            blocks += _together(run, run_x, run_end)
            run, run_x, run_end = [segment], x, end
    return sorted([*blocks, *_together(run, run_x, run_end)], key=lambda block: block.x)


def _together(run: Sequence[Segment], x: float, end: float) -> list[Block]:
    return [Block(x, max(end - x, 1.0), run[0] if len(run) == 1 else None, len(run))] if run else []


def shot_colors(tracks: Iterable[Track], sounds: Sounds = NOTHING) -> Mapping[str, int]:
    """The colour of each file that is seen, as its place in `SHOTS`, whatever lies where on the timeline.

    Uploads have the colours in the order in which they came; what is no upload has the last ones, by name.
    """
    shown = {file_of(segment) for track in tracks if track.kind == "video" for segment in track.segments}
    others = sorted(shown.difference(sounds.uploads), reverse=True)
    places = {**sounds.uploads, **{file: at - len(others) for at, file in enumerate(others)}}
    return {file: places[file] % len(SHOTS) for file in shown}


def paint(blocks: Sequence[Block], kind: str, top: float, height: float, shots: Mapping[str, int]) -> list[str]:
    """The blocks as SVG: wide ones with round corners, narrow ones of one colour as one path."""
    narrow: dict[str, list[str]] = {}
    parts: list[str] = []
    for block in blocks:
        segment, wide = block.segment, max(block.width - _GAP, 0.8)
        color = COLORS.get(kind) or SHOTS[shots[file_of(segment)] if segment else 0]
        if wide >= _ROUNDED and len(parts) < _MOST_ROUNDED:
            parts.append(
                f'<rect x="{num(block.x)}" y="{num(top)}" width="{num(wide)}" height="{num(height)}" rx="3" '
                f'fill="{color}"/>'
            )
        else:
            path = f"M{num(block.x)} {num(top)}h{num(wide)}v{num(height)}h-{num(wide)}z"
            narrow.setdefault(color, []).append(path)
        if block.count > 1 and wide >= _ROUNDED:
            parts.append(
                f'<path stroke="{PALE}" stroke-opacity=".1" stroke-width="{num(height)}" stroke-dasharray="1 2" '
                f'd="M{num(block.x)} {num(top + height / 2)}h{num(wide)}"/>'
            )
    parts += [f'<path fill="{color}" d="{"".join(paths)}"/>' for color, paths in narrow.items()]
    return parts


def names(blocks: Sequence[Block], kind: str, baseline: float, many: str) -> list[str]:
    """What the blocks are called, and how loud sounds are, as far as there is room.

    Args:
        blocks: In their order.
        kind: Of their track.
        baseline: Where the words stand.
        many: What a block of many is called, with `{n}` for how many.
    """
    parts: list[str] = []
    free = 0.0
    for block in blocks:
        if block.width < _NAMED or block.x < free:
            continue
        segment, x, right = block.segment, block.x + 5, block.x + block.width - 4
        if kind == "audio" and segment and segment.volume is not None and block.width > _LOUD:
            loud = f"{min(round(100 * segment.volume), 999)}%"
            parts.append(f'<text x="{num(right)}" y="{num(baseline)}" text-anchor="end">{loud}</text>')
            right -= 36
        words = " ".join((segment.text or segment.name)[:400].split()) if segment else many.format(n=block.count)
        name = fit(words, (right - x) / _SIZE, ems)
        if name == words or width(name, ems) >= _TOLD:
            parts.append(f'<text x="{num(x)}" y="{num(baseline)}">{escape(name)}</text>')
        free = block.x + block.width - 1
    return parts


def transitions(blocks: Sequence[Block], scale: Scale, top: float, height: float) -> list[str]:
    """Where one picture goes over into the next: as wide as it takes, with the slope that editors draw."""
    top, height = top + _SLOPE, height - _SLOPE
    areas: list[str] = []
    slopes: list[str] = []
    for block in blocks:
        change = meta(block.segment).get("transition") if block.segment and len(areas) < _MOST_SLOPES else None
        length_ms = finite(change.get("ms")) if isinstance(change, Mapping) else None
        if length_ms is None or not 3 <= length_ms * scale.per_ms <= 2 * block.width:
            continue
        half = length_ms * scale.per_ms / 2
        x, end = max(block.x - half, scale.left), min(block.x + half, scale.right)
        areas.append(f"M{num(x)} {num(top)}H{num(end)}V{num(top + height)}H{num(x)}z")
        slopes.append(f"M{num(x)} {num(top + height)}L{num(end)} {num(top)}")
    if not areas:
        return []
    return [
        f'<path fill="#fff" fill-opacity=".22" d="{"".join(areas)}"/>',
        f'<path stroke="#fff" stroke-opacity=".6" fill="none" d="{"".join(slopes)}"/>',
    ]
