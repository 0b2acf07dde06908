"""The timeline as a vector picture (SVG), like a video editor's: a ruler, and a lane for each track.

It has a background of its own, because an image cannot know whether the page around it is light or dark. It has no ids,
styles or scripts, so that it may also be inlined in a page.
"""

from __future__ import annotations

import base64
import html
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from nemo_notebook.errors import InputError
from nemo_notebook.film.table import ems, fit, width
from nemo_notebook.film.timeline import NOTHING, Sounds, file_of, track_label
from nemo_notebook.film.tracks import Segment, Track
from nemo_notebook.film.wording import Told, tell
from nemo_notebook.outside import finite

WIDTH: Final = 960  # of a picture, in CSS pixels, where there is room for it

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG with its text alternative. Shows itself in a notebook, also in one that is not trusted.

    Attributes:
        svg: The whole document, without scripts and without references to anything outside.
        words: The text alternative.
    """

    svg: str = field(repr=False)
    words: str = ""

    @property
    def html(self) -> str:
        """The picture as an image element: Jupyter removes inline SVG from untrusted notebooks, but not images."""
        data = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        return (
            f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(self.words)}" width="{WIDTH}" '
            'style="max-width:100%;height:auto">'
        )

    def save(self, path: str | Path) -> Path:
        """Write the SVG to a file and return its path.

        Raises:
            InputError: It cannot be written there.
        """
        target = Path(path).expanduser()
        try:
            target.write_text(self.svg, encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "that is no path"
            raise InputError(f"{target.name} cannot be written: {reason}.", hint="Choose another place.") from error
        return target

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.words, "text/html": self.html}


def element(tag: str, inner: str = "", /, **attributes: object) -> str:
    """Write an element; `_` in a name stands for `-`, and numbers are written by `num`."""
    written = (
        f'{name.replace("_", "-")}="{num(value) if isinstance(value, float) else value}"'
        for name, value in attributes.items()
    )
    start = f"<{tag} {' '.join(written)}"
    return f"{start}>{inner}</{tag}>" if inner else f"{start}/>"


def path(pieces: Iterable[str], **attributes: object) -> list[str]:
    """Write one path of several pieces, outlined unless there is a `fill`; nothing where there are no pieces."""
    drawn = "".join(pieces)
    return [element("path", "", **{"fill": "none", **attributes, "d": drawn})] if drawn else []


def num(value: float) -> str:
    """Format a coordinate; one decimal is enough."""
    return f"{value:.1f}".removesuffix(".0")


def escape(text: str) -> str:
    """Escape a text for XML content and attributes, without the characters that XML forbids."""
    return html.escape(_NO_XML.sub("", text))


PANEL: Final = "#17191f"
LANE: Final = "#21252d"
QUIET: Final = "#a3a9b5"
LABEL: Final = "#dfe3ea"
BEAT: Final = "#f4d58d"

_WIDE: Final = 800.0
_LEFT: Final = 92.0
_RIGHT: Final = 778.0
_TOP: Final = 30.0  # below the ruler
_BETWEEN: Final = 4.0
_HEIGHTS: Final = {"video": 42.0, "audio": 46.0, "text": 24.0, "other": 24.0}
_STRIP: Final = 9.0  # for the beats above a sound
_NAME: Final = 16.0  # for the name of a sound above its waveform
_MOST_LANES: Final = 12
_MOST_BLOCKS: Final = 2_400
_FONT: Final = (
    "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',"
    "sans-serif"
)
_STEPS_S: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000)
_LABEL: Final = 50.0  # the least distance of labels

# `PALE` or `INK` has a contrast of at least 4.5 on each of them.
COLORS: Final = {"audio": "#1d7458", "text": "#e3b25b", "other": "#5b6472"}
SHOT_COLORS: Final = ("#3463c4", "#9a4a2c", "#1f7289", "#8c4596", "#4f6485", "#2f6f4f", "#7a5b16", "#6b4fc0")
INK: Final = {"text": "#241a05"}
PALE: Final = "#ffffff"

# Sizes are in units of the view box.
_ALONE: Final = 2.0  # narrower blocks that touch are merged
_GAP: Final = 0.8
_ROUNDED: Final = 14.0  # the least width for rounded corners
_MOST_ROUNDED: Final = 60  # per track; more only where segments overlap
_NAMED: Final = 26.0  # the least width for a name
_SIZE: Final = 11.0
_TOLD: Final = 2.5  # ems: a name is left out rather than cut shorter
_LOUD: Final = 120.0  # the least width for the volume in percent
_SLOPE: Final = 18.0  # room for the name above the slope of a transition
_MOST_SLOPES: Final = 100

_BAR: Final = 3.0  # distance of the bars of a waveform
_LINED: Final = 20.0  # the least width for a volume curve
_NEAREST: Final = 5.0  # beats that are closer together are not drawn
_NEARLY_MS: Final = 0.5  # frames do not fall on whole milliseconds
_MOST_BARS: Final = 240  # per track; more only where sounds overlap
_MOST_LINE: Final = 1_500  # characters, likewise
_PIECES: Final = 6  # straight ones of a fade


@dataclass(frozen=True, slots=True)
class Scale:
    """The time axis: a linear map from milliseconds to x.

    Attributes:
        left: Where it begins, in units of the view box.
        right: Where it ends.
        total_ms: The time from left to right, in milliseconds; more than 0.
    """

    left: float
    right: float
    total_ms: float

    @property
    def per_ms(self) -> float:
        """Units of the view box per millisecond."""
        return (self.right - self.left) / self.total_ms

    def x(self, time_ms: float) -> float:
        """The x of a time."""
        return self.left + time_ms * self.per_ms


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle that shows one segment, or several that are too narrow to be drawn alone.

    Attributes:
        x: Where it begins, in units of the view box.
        width: Its width.
        segment: Its segment; None if there are several.
        count: How many segments it shows.
    """

    x: float
    width: float
    segment: Segment | None
    count: int = 1


BeatPlaces = tuple[tuple[float, ...], tuple[float, ...]]
"""The x of beats, and of the downbeats apart from the others; empty where they are too close together."""


def draw_timeline(
    tracks: Sequence[Track], duration_s: float, sounds: Sounds = NOTHING, language: str = "en", told: str = "Timeline"
) -> Picture:
    """Draw tracks over a time axis.

    Args:
        tracks: The tracks; only the first dozen are drawn, the others are counted.
        duration_s: Length of the axis in seconds, if no segment ends later.
        sounds: Beats and waveforms, where they are known.
        language: The language of its texts.
        told: The text alternative.
    """
    if not any(track.segments for track in tracks):
        empty = tell(Told("timeline.empty"), language)
        return Picture(_document(60.0, [_text(_WIDE / 2, 34, empty, QUIET, text_anchor="middle")], empty), empty)
    longest_ms = max(segment.end_ms for track in tracks for segment in track.segments)
    scale = Scale(_LEFT, _RIGHT, max(1000 * duration_s, longest_ms, 1.0))
    lanes, bottom = _lanes(lanes_in_order(tracks[:_MOST_LANES]), sounds, scale, language)
    parts = [*_axis(scale, bottom), *lanes]
    if more := max(0, len(tracks) - _MOST_LANES):
        parts.append(_text(_LEFT, bottom + 17, tell(Told("timeline.more", n=more), language), QUIET))
    return Picture(_document(bottom + (26 if more else 10), parts, told), told)


def lanes_in_order(tracks: Sequence[Track]) -> list[Track]:
    """Sort tracks as video editors show them: from the uppermost picture down, then the sounds."""
    seen = [track for track in reversed(tracks) if track.kind != "audio"]
    seen.sort(key=lambda track: track.kind == "video")  # titles are above all pictures
    return [*seen, *(track for track in tracks if track.kind == "audio")]


def ruler(scale: Scale) -> tuple[list[tuple[float, str]], list[float]]:
    """The labels of the time axis with their x, and the x of the small ticks between them."""
    step_s = _step_s(scale)
    count = int(scale.total_ms / 1000 / step_s + 1e-6)
    labels = [(scale.x(1000 * step_s * k), ruler_label(step_s * k, scale.total_ms / 1000)) for k in range(count + 1)]
    strokes = (scale.x(200 * step_s * k) for k in range(5 * count + 5) if k % 5)
    return labels, [x for x in strokes if x <= scale.right]


def ruler_label(time_s: float, total_s: float) -> str:
    """Format a time for a film of that length: `2.5s`, `1:05`, `1:00:00`."""
    if total_s < 60:
        return f"{round(time_s, 1):g}s"
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if total_s >= 3600 else f"{minutes}:{seconds:02}"


def _axis(scale: Scale, bottom: float) -> list[str]:
    labels, strokes = ruler(scale)
    return [
        *path((f"M{num(x)} 24V{num(bottom)}" for x, _ in labels), stroke="#343a45"),
        *path((f"M{num(x)} 24v-3" for x in strokes), stroke="#6d7480"),
        *(_text(x, 17, label, QUIET, font_size=10, text_anchor="middle") for x, label in labels),
    ]


def _step_s(scale: Scale) -> float:
    least_s = _LABEL / scale.per_ms / 1000
    step_s = next((float(step) for step in _STEPS_S if step >= least_s), 0.0)
    # Whole days: no film is that long, but a draft may claim so.
    return step_s or 86_400.0 * max(1, round(least_s / 86_400.0 + 0.5))


def _lanes(tracks: Sequence[Track], sounds: Sounds, scale: Scale, language: str) -> tuple[list[str], float]:
    """Draw a lane for each track, one below the other, and give where they end."""
    back: list[str] = []
    bodies: list[str] = []
    written: list[str] = []
    shots, top, picture_top = shot_colors(tracks, sounds), _TOP, math.inf
    across: list[str] = []
    for track in tracks:
        kind, height = track.kind, _HEIGHTS[track.kind]
        beats = _beat_places(track.segments, sounds, scale) if kind == "audio" else ((), ())
        if any(beats) and not across and top > picture_top:  # fine lines show which cuts fall on them
            across = _beats(beats, top, (top - picture_top, top - picture_top), (".16", ".42"))
        top += _STRIP if any(beats) else 0
        blocks = lay_blocks(track.segments, scale, _MOST_BLOCKS // len(tracks))
        back.append(f"M{num(_LEFT)} {num(top)}H{num(_RIGHT)}v{num(height)}H{num(_LEFT)}z")
        bodies += _paint(blocks, kind, top, height, shots)
        if kind == "audio":
            bodies += _waves(blocks, sounds, scale, top + _NAME, height - _NAME)
            bodies += _beats(beats, top - 2, (3.0, _STRIP - 2), (".7", "1"))
        elif kind == "video":
            picture_top = min(picture_top, top)
            bodies += _transitions(blocks, scale, top, height)
        middle = top + height / 2 + 4
        named = "".join(_names(blocks, kind, top + 13 if kind in {"audio", "video"} else middle, language))
        written.append(_text(26, middle, str(track.number), QUIET, text_anchor="end"))
        written.append(_text(32, middle, fit(track_label(track, language), 5.2, ems), LABEL))
        written.append(element("g", named, fill=INK.get(kind, PALE)))
        top += height + _BETWEEN
    return [*path(back, fill=LANE), *bodies, *across, *written], top - _BETWEEN


def _beats(beats: BeatPlaces, y: float, rises: tuple[float, float], opacities: tuple[str, str]) -> list[str]:
    """Draw beats, and downbeats, as strokes that rise from a height."""
    parts: list[str] = []
    for places, rise, opacity in zip(beats, rises, opacities, strict=True):
        strokes = [f"M{num(x)} {num(y)}v-{num(rise)}" for x in places]
        parts += path(strokes, stroke=BEAT, stroke_opacity=opacity)
    return parts


def _text(x: float, y: float, words: str, color: str, **more: object) -> str:
    return element("text", escape(words), x=float(x), y=float(y), fill=color, **more)


def _document(height: float, parts: Sequence[str], told: str) -> str:
    tall = round(height * WIDTH / _WIDE)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(_WIDE)} {num(height)}" width="{WIDTH}" '
        f'height="{tall}" style="max-width:100%;height:auto" font-family="{_FONT}" font-size="11" role="img" '
        f'aria-label="{escape(told)}"><rect x=".5" y=".5" width="{num(_WIDE - 1)}" height="{num(height - 1)}" rx="8" '
        f'fill="{PANEL}" stroke="#3a404c"/>{"".join(parts)}</svg>'
    )


def lay_blocks(segments: Iterable[Segment], scale: Scale, most: int) -> list[Block]:
    """Lay out segments in time order as at most `most` blocks; the rest, which overlap by then, become one block."""
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
    """Choose a colour for each visible file, as an index of `SHOTS`, whatever its place on the timeline.

    Uploads take the colours in upload order; other files take the last ones, by name.
    """
    shown = {file_of(segment) for track in tracks if track.kind == "video" for segment in track.segments}
    others = sorted(shown.difference(sounds.uploads), reverse=True)
    places = {**sounds.uploads, **{file: at - len(others) for at, file in enumerate(others)}}
    return {file: places[file] % len(SHOT_COLORS) for file in shown}


def _paint(blocks: Sequence[Block], kind: str, top: float, height: float, shots: Mapping[str, int]) -> list[str]:
    """Draw blocks: wide ones with rounded corners, narrow ones of the same colour as one path."""
    narrow: dict[str, list[str]] = {}
    parts: list[str] = []
    for block in blocks:
        segment, wide = block.segment, max(block.width - _GAP, 0.8)
        color = COLORS.get(kind) or SHOT_COLORS[shots[file_of(segment)] if segment else 0]
        if wide >= _ROUNDED and len(parts) < _MOST_ROUNDED:
            parts.append(element("rect", x=block.x, y=top, width=wide, height=height, rx=3, fill=color))
        else:
            outline = f"M{num(block.x)} {num(top)}h{num(wide)}v{num(height)}h-{num(wide)}z"
            narrow.setdefault(color, []).append(outline)
        if block.count > 1 and wide >= _ROUNDED:
            middle = f"M{num(block.x)} {num(top + height / 2)}h{num(wide)}"
            parts += path([middle], stroke=PALE, stroke_opacity=".1", stroke_width=height, stroke_dasharray="1 2")
    return [*parts, *(one for color, outlines in narrow.items() for one in path(outlines, fill=color))]


def _names(blocks: Sequence[Block], kind: str, baseline: float, language: str) -> list[str]:
    """Draw the names of blocks and the volumes of sounds, where there is room.

    Args:
        blocks: The blocks from left to right.
        kind: The kind of their track.
        baseline: The y of the text.
        language: The language of the name of a block of several segments.
    """
    parts: list[str] = []
    free = 0.0
    for block in blocks:
        if block.width < _NAMED or block.x < free:
            continue
        segment, x, right = block.segment, block.x + 5, block.x + block.width - 4
        if kind == "audio" and segment and segment.volume is not None and block.width > _LOUD:
            loud = f"{min(round(100 * segment.volume), 999)}%"
            parts.append(element("text", loud, x=right, y=baseline, text_anchor="end"))
            right -= 36
        many = Told("timeline.segments", n=block.count)
        words = " ".join((segment.text or segment.name)[:400].split()) if segment else tell(many, language)
        name = fit(words, (right - x) / _SIZE, ems)
        if name == words or width(name, ems) >= _TOLD:
            parts.append(element("text", escape(name), x=x, y=baseline))
        free = block.x + block.width - 1
    return parts


def _transitions(blocks: Sequence[Block], scale: Scale, top: float, height: float) -> list[str]:
    """Draw transitions as wide as they last, with the slope that video editors draw."""
    top, height = top + _SLOPE, height - _SLOPE
    areas: list[str] = []
    slopes: list[str] = []
    for block in blocks:
        change = block.segment.meta.get("transition") if block.segment and len(areas) < _MOST_SLOPES else None
        length_ms = finite(change.get("ms")) if isinstance(change, Mapping) else None
        if length_ms is None or not 3 <= length_ms * scale.per_ms <= 2 * block.width:
            continue
        half = length_ms * scale.per_ms / 2
        x, end = max(block.x - half, scale.left), min(block.x + half, scale.right)
        areas.append(f"M{num(x)} {num(top)}H{num(end)}V{num(top + height)}H{num(x)}z")
        slopes.append(f"M{num(x)} {num(top + height)}L{num(end)} {num(top)}")
    return [*path(areas, fill="#fff", fill_opacity=".22"), *path(slopes, stroke="#fff", stroke_opacity=".6")]


def _beat_places(segments: Iterable[Segment], sounds: Sounds, scale: Scale) -> BeatPlaces:
    """Find the beats of the sounds of a track, each within its own segment."""
    beats: set[float] = set()
    downs: set[float] = set()
    for segment in segments:
        if sound := sounds.of(segment):
            beats |= _places(segment, sound.beats_ms, scale)
            downs |= _places(segment, sound.downbeats_ms, scale)
    return _apart(beats - downs, beats | downs), _apart(downs, downs)


def _waves(blocks: Sequence[Block], sounds: Sounds, scale: Scale, top: float, height: float) -> list[str]:
    """Draw waveforms as bars, and volume curves as lines above them."""
    bars: list[str] = []
    lines: list[str] = []
    for block in blocks:
        if block.segment is None or block.width < 3 * _BAR:
            continue
        if block.width >= _LINED and sum(map(len, lines)) < _MOST_LINE:
            lines.append(_line(block, block.segment, scale, top, height))
        for x, level in _levels(block, block.segment, sounds, scale) if len(bars) < _MOST_BARS else ():
            tall = max(1.0, (height - 2) * level * _height_at(block.segment, (x - scale.left) / scale.per_ms))
            bars.append(f"M{num(x)} {num(top + height)}v-{num(tall)}")
    drawn = path(bars, stroke="#7fe0bd", stroke_opacity=".75", stroke_width=2)
    return drawn + path(lines, stroke="#fff", stroke_opacity=".6")


def _fades_ms(segment: Segment) -> list[float]:
    """The lengths of the fades at its start and its end."""
    lengths_ms = (finite(segment.meta.get(key)) or 0.0 for key in ("fade_in_ms", "fade_out_ms"))
    return [min(max(length_ms, 0.0), segment.duration_ms) for length_ms in lengths_ms]


def _height_at(segment: Segment, time_ms: float) -> float:
    """The volume of a segment at a time, with its fades, 0–1: a square root, as loudness is perceived."""
    fade_in_ms, fade_out_ms = _fades_ms(segment)
    come = (time_ms - segment.start_ms) / fade_in_ms if fade_in_ms else 1.0
    go = (segment.end_ms - time_ms) / fade_out_ms if fade_out_ms else 1.0
    level = 1.0 if segment.volume is None else min(max(segment.volume, 0.0), 1.0)
    return math.sqrt(level * max(0.0, min(come, go, 1.0)))


def _line(block: Block, segment: Segment, scale: Scale, top: float, height: float) -> str:
    """The path of a volume curve: fades are split into straight pieces, which are shorter where they are steep."""
    fade_in_ms, fade_out_ms = _fades_ms(segment)
    steps = [(step / _PIECES) ** 2 for step in range(_PIECES + 1)]
    times = {segment.start_ms + fade_in_ms * step for step in steps}
    times |= {segment.end_ms - fade_out_ms * step for step in steps}
    last = block.x + block.width - 1
    points = (
        f"{num(min(scale.x(ms), last))} {num(top + height - 1 - (height - 2) * _height_at(segment, ms))}"
        for ms in sorted(times)
    )
    return "M" + "L".join(points)


def _levels(block: Block, segment: Segment, sounds: Sounds, scale: Scale) -> Iterable[tuple[float, float]]:
    """The x and height, 0–1, of the bars of a block: from the waveform, else from the beats, higher at downbeats."""
    sound = sounds.of(segment)
    if sound is None:
        return []
    if not (sound.peaks and sound.duration_ms):
        beats, downbeats = _beat_places([segment], sounds, scale)
        return sorted([*((x, 0.5) for x in beats), *((x, 0.9) for x in downbeats)])
    each_ms, step_ms = sound.duration_ms / len(sound.peaks), _BAR / scale.per_ms * segment.speed
    found: list[tuple[float, float]] = []
    for k in range(int((block.width - 2) / _BAR)):
        x = block.x + 2 + k * _BAR
        first_ms = segment.moment_at((x - scale.left) / scale.per_ms)
        span = sound.peaks[max(0, int(first_ms / each_ms)) : max(0, int((first_ms + step_ms) / each_ms)) + 1]
        if span and first_ms + step_ms >= 0:
            found.append((x, max(span) / 100))
    return found


def _places(segment: Segment, moments_ms: Sequence[float], scale: Scale) -> set[float]:
    """The x of those moments of a sound, in ascending order, that a segment plays; rounded to a tenth."""
    first = bisect_left(moments_ms, segment.moment_at(segment.start_ms - _NEARLY_MS))
    last = bisect_right(moments_ms, segment.moment_at(segment.end_ms + _NEARLY_MS))
    return {round(scale.x(segment.time_of(moment)), 1) for moment in moments_ms[first:last]}


def _apart(places: set[float], among: set[float]) -> tuple[float, ...]:
    """The places in order; none if they are too close together among all of them."""
    ordered = sorted(among)
    gaps = sorted(after - before for before, after in pairwise(ordered))
    return tuple(sorted(places)) if not gaps or gaps[len(gaps) // 2] >= _NEAREST else ()
