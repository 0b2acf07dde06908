"""The timeline as a vector picture, like a video editor's: a ruler, and a lane for each track.

It has a background of its own, because an image cannot know whether the page around it is light or dark. It has no ids,
styles or scripts, so that it may also be inlined in a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from nemo_notebook.film.draft import Track
from nemo_notebook.film.picture.blocks import (
    INK,
    PALE,
    BeatPlaces,
    Scale,
    beat_places,
    lay_blocks,
    names,
    paint,
    shot_colors,
    transitions,
    waves,
)
from nemo_notebook.film.picture.svg import WIDTH, Picture, element, ems, escape, fit, num, path
from nemo_notebook.film.sounds import NOTHING, Sounds
from nemo_notebook.film.summary import track_label
from nemo_notebook.film.telling import Told, tell

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
_FILM_S: Final = 360_000.0  # from a hundred hours on, the ruler counts in hours
_LABEL: Final = 50.0  # the least distance of labels


class _Lane(NamedTuple):
    """A track with the y where its blocks begin; the beats of a sound are drawn above it."""

    track: Track
    top: float
    height: float
    beats: BeatPlaces


def draw(
    tracks: Sequence[Track],
    duration_s: float,
    sounds: Sounds = NOTHING,
    language: str = "en",
    told: str = "Timeline",
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
    lanes = _lay(in_order(tracks[:_MOST_LANES]), sounds, scale)
    bottom = lanes[-1].top + lanes[-1].height
    parts = [
        *_axis(scale, bottom),
        *_labels(lanes, language),
        *_lanes(lanes, sounds, scale, language),
    ]
    if more := len(tracks) - len(lanes):
        parts.append(_text(_LEFT, bottom + 17, tell(Told("timeline.more", n=more), language), QUIET))
    return Picture(_document(bottom + (26 if more else 10), parts, told), told)


def in_order(tracks: Sequence[Track]) -> list[Track]:
    """Sort tracks as video editors show them: from the uppermost picture down, then the sounds."""
    above = [track for track in reversed(tracks) if track.kind in {"text", "other"}]
    pictures = [track for track in reversed(tracks) if track.kind == "video"]
    return [*above, *pictures, *(track for track in tracks if track.kind == "audio")]


def ruler(scale: Scale) -> tuple[list[tuple[float, str]], list[float]]:
    """The labels of the time axis with their x, and the x of the small ticks between them."""
    step_s = _step_s(scale)
    count = int(scale.total_ms / 1000 / step_s + 1e-6)
    labels = [(scale.x(1000 * step_s * k), clock(step_s * k, scale.total_ms / 1000)) for k in range(count + 1)]
    strokes = (scale.x(200 * step_s * k) for k in range(5 * count + 5) if k % 5)
    return labels, [x for x in strokes if x <= scale.right]


def clock(time_s: float, total_s: float) -> str:
    """Format a time for a film of that length: `2.5s`, `1:05`, `1:00:00`; beyond a hundred hours in hours."""
    if total_s < 60:
        return f"{round(time_s, 1):g}s"
    if total_s >= _FILM_S:
        return f"{time_s / 3600:.2g}h" if total_s >= 100 * _FILM_S else f"{time_s / 3600:g}h"
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if total_s >= 3600 else f"{minutes}:{seconds:02}"


def _lay(tracks: Sequence[Track], sounds: Sounds, scale: Scale) -> list[_Lane]:
    lanes: list[_Lane] = []
    top = _TOP
    for track in tracks:
        beats = beat_places(track.segments, sounds, scale) if track.kind == "audio" else BeatPlaces()
        lane = _Lane(track, top + (_STRIP if any(beats) else 0), _HEIGHTS[track.kind], beats)
        top = lane.top + lane.height + _BETWEEN
        lanes.append(lane)
    return lanes


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


def _labels(lanes: Sequence[_Lane], language: str) -> list[str]:
    parts: list[str] = []
    for lane in lanes:
        middle = lane.top + lane.height / 2 + 4
        parts.append(_text(26, middle, str(lane.track.number), QUIET, text_anchor="end"))
        name = fit(track_label(lane.track, language), 5.2, ems)
        parts.append(_text(32, middle, name, LABEL))
    return parts


def _lanes(lanes: Sequence[_Lane], sounds: Sounds, scale: Scale, language: str) -> list[str]:
    back: list[str] = []
    bodies: list[str] = []
    written: list[str] = []
    shots = shot_colors((lane.track for lane in lanes), sounds)
    for lane in lanes:
        kind, top, height = lane.track.kind, lane.top, lane.height
        blocks = lay_blocks(lane.track.segments, scale, _MOST_BLOCKS // len(lanes))
        back.append(f"M{num(_LEFT)} {num(top)}H{num(_RIGHT)}v{num(height)}H{num(_LEFT)}z")
        bodies += paint(blocks, kind, top, height, shots)
        if kind == "audio":
            bodies += waves(blocks, sounds, scale, top + _NAME, height - _NAME)
            bodies += _strip(lane)
        elif kind == "video":
            bodies += transitions(blocks, scale, top, height)
        baseline = top + (13 if kind in {"audio", "video"} else height / 2 + 4)
        named = "".join(names(blocks, kind, baseline, language))
        written.append(element("g", named, fill=INK.get(kind, PALE)))
    return [*path(back, fill=LANE), *bodies, *_across(lanes), *written]


def _strip(lane: _Lane) -> list[str]:
    """Draw the beats of a sound as ticks above it."""
    small = (f"M{num(x)} {num(lane.top - 2)}v-3" for x in lane.beats.beats)
    tall = (f"M{num(x)} {num(lane.top - 2)}v-{num(_STRIP - 2)}" for x in lane.beats.downbeats)
    return [
        *path(small, stroke=BEAT, stroke_opacity=".7", stroke_width=1),
        *path(tall, stroke=BEAT, stroke_opacity=1, stroke_width=1.6),
    ]


def _across(lanes: Sequence[_Lane]) -> list[str]:
    """Draw the beats of the first sound as fine lines over the pictures, to show which cuts fall on them."""
    pictures = [lane for lane in lanes if lane.track.kind == "video"]
    heard = next((lane for lane in lanes if any(lane.beats)), None)
    if not pictures or heard is None:
        return []
    top, end = pictures[0].top, heard.top - _STRIP
    beats, downbeats = ([f"M{num(x)} {num(top)}V{num(end)}" for x in places] for places in heard.beats)
    return [
        *path(beats, stroke=BEAT, stroke_opacity=".16"),
        *path(downbeats, stroke=BEAT, stroke_opacity=".42"),
    ]


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
