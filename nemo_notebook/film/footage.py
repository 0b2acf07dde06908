"""Which stretch of which clip is seen in each shot. Numbers only, in frames.

Every clip has its turn, and a stretch that was seen does not come again while there are others. What has to come again
looks different: nearer, from another side of the picture, or mirrored. A stretch lies within one scene of its clip,
leaves out what is black, and rather shows what is sharp, steady and as lively as the music.
"""

from __future__ import annotations

import bisect
import itertools
import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nemo_notebook.film.draft import to_frame
from nemo_notebook.film.fitting import fit_size, view_inside
from nemo_notebook.film.model import FPS, MediaItem, View
from nemo_notebook.film.passages import Passage, PassageKind

SHORTEST: Final = 12  # frames of a shot: 0.4 s
_SECOND: Final = FPS
_BIN: Final = 10  # frames that are noted as seen together
_SLIVER: Final = 12  # frames of another scene that look like a mistake
_DARK: Final = 0.04  # brightness at which nothing is to be seen
_DIM, _GLARING = 0.12, 0.9  # brightness below and above which a picture loses
_SHAKEN: Final = 0.6  # what is left of a second that shakes as much as can be
_LIVELY: Final = 0.3  # what laughter and calls add to how good a second is
_MOST_CHOICES: Final = 160
_FULLY_TRIED: Final = 20 * _SECOND  # frames of room up to which a shot may begin at every half second
_SAME_FRAME: Final = 0.03  # of a frame, by which whole milliseconds may be late
_GOLDEN: Final = 0.6180339887498949
_RECENT: Final = 12  # shots among which no two may look alike
_NEIGHBOURS: Final = 2  # shots before one, of which the eye remembers where things were
_AROUND: Final = 20  # frames that have to lie between stretches for them to look different
_UNSEEN: Final = 0.34  # how often a stretch may have been seen on average to count as new
_PHOTO_FRAMES: Final = 50  # of a photo, as if it were a clip of that length
_PHOTO_VIEWS: Final = 3  # how often a photo can be shown so that there is something new in it
# What a choice costs.
_ALIKE: Final = 6.0
_SAME_SCENE: Final = 0.4  # of that, where another moment of the scene is seen
_FAULT: Final = 2.5
_SEEN: Final = 1.6
_CHARM: Final = 0.9
_AGAIN: Final = 1.0  # the same clip again
_USED_UP: Final = 0.6  # a clip of which nothing new is left
_TURNED: Final = 0.8  # mirrored, where it was not just before, or the other way round: things would change sides
_CHANCE: Final = 0.5
_LEAD: Final = 0.25  # a second of frames, or more, that have to be decoded first
# How what was seen before is shown again: part of the room across and down, share of the enlargement that is allowed,
# whether it is mirrored, and what it costs.
_VARIANTS: Final[tuple[tuple[float, float, float, bool, float], ...]] = (
    (0.5, 0.5, 0.0, False, 0.0),
    (0.06, 0.4, 0.6, False, 0.1),
    (0.94, 0.5, 0.6, False, 0.1),
    (0.5, 0.45, 1.0, False, 0.15),
    (0.5, 0.5, 0.0, True, 0.25),
    (0.94, 0.4, 0.6, True, 0.3),
    (0.06, 0.5, 0.6, True, 0.3),
    (0.5, 0.45, 1.0, True, 0.35),
)
_NEAREST: Final = 1.85  # enlargement of a picture that has as many pixels as the canvas
_LEAST_NEAR, _MOST_NEAR = 1.35, 2.2
_HELD: Final = 0.28  # of a view: where the eye goes lies no nearer to its edge
_AS_LARGE, _AS_FAR = 0.12, 0.06  # in enlargement, and in shares of the picture: views that look the same
_CANVAS_WIDTH: Final = 1920


@dataclass(frozen=True, slots=True)
class Source:
    """What shots can be taken from.

    Attributes:
        length: Frames; 0 for what lasts as long as wanted (an image).
        scenes: Frames of the cuts within, ascending.
        motion: How much moves, 0–1, one value a second; may be empty.
        brightness: How bright it is, likewise.
        nearest: How far it can be enlarged.
        focus: Where the eye goes, 0–1 across and down, one value a second, one in all for an image; may be empty.
        pan: How fast the picture moves as a whole, in widths and heights a second, one value a second; may be empty.
        quality: How good each second looks, 0–1; may be empty.
        keyframes: Frames at which it can be begun without decoding those before, ascending; may be empty.
        filled: How much of the canvas it takes across and down, 0–1.
    """

    length: int
    scenes: tuple[int, ...] = ()
    motion: tuple[float, ...] = ()
    brightness: tuple[float, ...] = ()
    nearest: float = _NEAREST
    focus: tuple[tuple[float, float], ...] = ()
    pan: tuple[tuple[float, float], ...] = ()
    quality: tuple[float, ...] = ()
    keyframes: tuple[int, ...] = ()
    filled: tuple[float, float] = (1.0, 1.0)

    @classmethod
    def of(cls, item: MediaItem, canvas: tuple[int, int] = (0, 0), fit: str = "auto") -> Source:
        """An upload as a source; the last frame of a video is left out, for it may not decode.

        Args:
            item: The upload.
            canvas: Width and height; zeros for one of the upload's shape.
            fit: How it lies in there, as in `fit_size`.
        """
        filled, focus = (1.0, 1.0), item.focus
        if all(canvas) and item.width and item.height:
            lies = fit_size(item.width, item.height, *canvas, fit)
            filled = min(1.0, lies.width / canvas[0]), min(1.0, lies.height / canvas[1])
            focus = tuple((0.5 + (x - 0.5) * filled[0], 0.5 + (y - 0.5) * filled[1]) for x, y in focus)
        width = max(item.width, item.height) or _CANVAS_WIDTH
        nearest = min(_MOST_NEAR, max(_LEAST_NEAR, _NEAREST * width / _CANVAS_WIDTH))
        if item.kind != "video":
            return cls(0, nearest=nearest, focus=focus, filled=filled)
        length = max(1, to_frame(item.duration_ms) - 1)
        scenes = tuple(frame for ms in item.scenes_ms if 0 < (frame := to_frame(ms)) < length)
        looks = (item.motion, item.brightness, nearest, focus, item.pan, _quality_of(item))
        keyframes = tuple(math.ceil(ms * FPS / 1000 - _SAME_FRAME) for ms in item.keyframes_ms)
        return cls(length, scenes, *looks, keyframes, filled)

    def focus_at(self, frame: int) -> tuple[float, float] | None:
        """Where the eye goes at a frame; None where that is not known."""
        second = frame // FPS if self.length else 0
        return self.focus[second] if second < len(self.focus) else None


def _quality_of(item: MediaItem) -> tuple[float, ...]:
    """How good each second of a video looks and sounds: sharp, steady, neither dark nor glaring, and full of life."""
    seconds = max(map(len, (item.sharpness, item.brightness, item.voices)))
    series = (item.sharpness, item.steadiness, item.brightness, item.voices)

    def quality(second: int) -> float:
        sharp, steady, bright, voices = (values[second] if second < len(values) else None for values in series)
        light = 1.0 if bright is None else min(1.0, bright / _DIM, (1 - bright) / (1 - _GLARING))
        held = 1.0 if steady is None else _SHAKEN + (1 - _SHAKEN) * steady  # a crowd that jumps looks shaken, too
        looks = (1.0 if sharp is None else sharp) * held * max(0.0, light)
        return round(min(1.0, looks + _LIVELY * (voices or 0.0)), 3)

    return tuple(quality(second) for second in range(seconds))


def _place_of(point: float, share: float, scale: float) -> float:
    """Where in its room a view lies, 0–1, in which a point of the picture is so far from its right, or lower, end."""
    return round(min(1.0, max(0.0, (point - (1 - share) / scale) / (1 - 1 / scale))), 3)


def _are_near(one: View, other: View) -> bool:
    """Whether two views of a picture show about the same part of it."""
    lefts, tops = ([view[axis] * (1 - 1 / view[2]) for view in (one, other)] for axis in (0, 1))
    is_as_large = abs(one[2] - other[2]) < _AS_LARGE
    return is_as_large and abs(lefts[0] - lefts[1]) < _AS_FAR and abs(tops[0] - tops[1]) < _AS_FAR


@dataclass(frozen=True, slots=True)
class Take:
    """A stretch of a source on the timeline, in frames.

    Attributes:
        source: Index of the clip.
        first: First frame on the timeline.
        last: Frame after the last one.
        in_frame: First frame within the clip.
        view: What is shown of the picture.
        mirrored: Whether left and right are changed.
        level: How loud the music is against the rest, 0–1; more at the end of a build.
        kind: What the music does.
    """

    source: int
    first: int
    last: int
    in_frame: int
    view: View = (0.5, 0.5, 1.0)
    mirrored: bool = False
    level: float = 0.5
    kind: PassageKind = "steady"


def takes(
    points: Sequence[int],
    sources: Sequence[Source],
    beats: Sequence[int],
    seed: int,
    passages: Sequence[Passage] = (),
) -> tuple[Take, ...]:
    """Fill shots with sources.

    All sources come in order first. A shot that is longer than its source, or than the scene that is left of it, is
    split, on a beat where one is near.

    Args:
        points: Boundaries of shots.
        sources: What they are taken from.
        beats: Frames of the beats, ascending.
        seed: Chooses where there is no better reason.
        passages: What the music does, tiling the film.
    """
    long_enough = [i for i, source in enumerate(sources) if source.length == 0 or source.length >= SHORTEST]
    reels = [_Reel(i, sources[i], seed * 7919 + i) for i in long_enough or range(len(sources))]
    chance = random.Random(seed)  # noqa: S311 - an order of clips is no secret
    made: list[Take] = []
    recent: deque[Take] = deque(maxlen=_RECENT)
    unseen = list(reversed(reels))
    for shot_first, shot_last in itertools.pairwise(points):
        first = shot_first
        while first < shot_last:
            frames = shot_last - first
            reel = unseen.pop() if unseen else _next_reel(reels, frames, recent, chance)
            passage = next((each for each in passages if each.first <= first < each.last), None)
            level, kind = (passage.level_at(first), passage.kind) if passage else (0.5, "steady")
            in_frame, view, mirrored = reel.choose(frames, level, recent)
            last = _within(first, shot_last, reel.left_of_scene(in_frame), beats)
            take = Take(reel.number, first, last, in_frame, view, mirrored, level, kind)
            reel.note(take)
            recent.append(take)
            made.append(take)
            first = last
    return tuple(made)


def _next_reel(reels: Sequence[_Reel], frames: int, recent: Sequence[Take], chance: random.Random) -> _Reel:
    """The source whose turn it is: of those with something new, the one that was seen least."""
    last = recent[-1].source if recent else -1
    used = {reel.number: reel.used for reel in reels}
    least = min(used.values())

    def cost(reel: _Reel) -> float:
        again = _AGAIN if reel.number == last and len(reels) > 1 else 0.0
        used_up = 0.0 if reel.has_new(frames) else _USED_UP
        return again + used_up + used[reel.number] - least + _CHANCE * chance.random() * reel.share_of(frames)

    return min(reels, key=cost)


def _within(first: int, last: int, length: int, beats: Sequence[int]) -> int:
    """The end of what one source can show of a shot, leaving no crumb behind."""
    if length == 0 or last - first <= length:
        return last
    longest = min(first + max(length, SHORTEST), last - SHORTEST)
    if longest - first < SHORTEST:
        return last
    at = bisect.bisect_right(beats, longest)
    beat = beats[at - 1] if at else 0
    return beat if beat - first >= SHORTEST else longest


class _Reel:
    """One source: what was seen of it, and what comes next."""

    def __init__(self, number: int, source: Source, seed: int) -> None:
        self.number = number
        self.used = 0.0
        self._source = source
        self._phase = (seed % 1009) / 1009
        self._turn = 0
        self._seen = [0] * (max(1, source.length) // _BIN + 1)
        self._capacity: float = 10 * float(source.length or _PHOTO_FRAMES) ** 0.5
        self._starts = frozenset((0, *source.scenes))
        self._last = (-_SECOND, -_SECOND)  # where the shot before began and ended
        self._liveliest = max(source.motion, default=0.0)

    def has_new(self, frames: int) -> bool:
        """Whether there is a stretch of so many frames that was hardly seen."""
        if not self._source.length:
            return self._seen[0] < _PHOTO_VIEWS
        return any(self._times_seen(at, frames) < _UNSEEN for at in self._choices(frames))

    def left_of_scene(self, in_frame: int) -> int:
        """How many frames there are from a frame on until its scene ends; 0 for as many as wanted."""
        scenes, length = self._source.scenes, self._source.length
        at = bisect.bisect_right(scenes, in_frame)
        end = scenes[at] if at < len(scenes) else length
        return length if end - in_frame < SHORTEST else end - in_frame if scenes else length

    def share_of(self, frames: int) -> float:
        """How much of its due a source has had with so many frames."""
        return frames / self._capacity

    def note(self, take: Take) -> None:
        """Remember that a stretch is seen."""
        frames = take.last - take.first
        self.used += self.share_of(frames)
        self._last = take.in_frame, take.in_frame + frames
        for number in self._bins(take.in_frame, frames):
            self._seen[number] += 1

    def choose(self, frames: int, energy: float, recent: Sequence[Take]) -> tuple[int, View, bool]:
        """The in-point of the next shot, so many frames long, and how it is shown."""
        own = [take for take in recent if take.source == self.number]
        length, turn = self._source.length, self._turn
        self._turn += 1
        wanted = (self._phase + turn * _GOLDEN) % 1.0 * max(0, length - frames)
        choices = self._choices(frames) if length else [0]
        places = [(self._cost_of_place(at, frames, wanted, energy), at) for at in choices]
        best: tuple[float, int, int] = (float("inf"), 0, 0)
        just_seen = {take.mirrored for take in list(recent)[-_NEIGHBOURS:] if take.source == self.number}
        for cost, at in places:
            for number, variant in enumerate(_VARIANTS):
                turned = _TURNED * ((not variant[3]) in just_seen)
                cost_of_both = cost + variant[4] + turned + _ALIKE * self._is_alike(at, frames, variant, own)
                best = min(best, (cost_of_both, at, number))
        x, y, share, mirrored, _ = _VARIANTS[best[2]]
        return best[1], self._view(best[1] + frames // 2, (x, y), share, mirrored=mirrored), mirrored

    def _view(self, at: int, side: tuple[float, float], share: float, *, mirrored: bool) -> View:
        """What is shown of the canvas: from a side, but where the eye goes at a frame stays in it."""
        scale = round(1 + share * (self._source.nearest - 1), 3)
        focus = self._source.focus_at(at)
        if focus is None or scale == 1:
            return view_inside((*side, scale), self._source.filled)
        across = 1 - focus[0] if mirrored else focus[0]
        x, y = (
            min(max(place, _place_of(at, _HELD, scale)), _place_of(at, 1 - _HELD, scale))
            for place, at in zip(side, (across, focus[1]), strict=True)
        )
        return view_inside((x, y, scale), self._source.filled)

    def _choices(self, frames: int) -> list[int]:
        room = self._source.length - frames
        if room <= 0:
            return [0]
        step = max(_SECOND // 2 if room < _FULLY_TRIED else _SECOND, room // _MOST_CHOICES)
        regular = range(0, room + 1, step)
        at_keyframes = {self._keyframe_after(at, step) for at in regular}
        rest = regular if room < _FULLY_TRIED or not self._source.keyframes else ()
        choices = {*rest, *at_keyframes, *self._source.scenes}
        return sorted(at for at in choices if at <= room)

    def _keyframe_after(self, at: int, within: int) -> int:
        """The first keyframe from a frame on, if it is near; else the frame itself."""
        keyframes = self._source.keyframes
        place = bisect.bisect_left(keyframes, at)
        return keyframes[place] if place < len(keyframes) and keyframes[place] < at + within else at

    def _lead(self, at: int) -> float:
        """How much has to be decoded before a frame can be shown, in seconds, one at most; 0 where it is not known."""
        keyframes = self._source.keyframes
        place = bisect.bisect_right(keyframes, at)
        return min(1.0, (at - keyframes[place - 1]) / FPS) if place else 0.0

    def _cost_of_place(self, at: int, frames: int, wanted: float, energy: float) -> float:
        source = self._source
        if not source.length:
            return _SEEN * self._seen[0]
        off = abs(at - wanted) / max(1, source.length)
        bad = _FAULT * self._faults(at, at + frames) + _SEEN * self._times_seen(at, frames)
        goes_on = abs(at - self._last[0]) < _SECOND or abs(at - self._last[1]) < _SECOND // 2
        return bad + _ALIKE * goes_on + off + _LEAD * self._lead(at) - self._charm(at, frames, energy)

    def _charm(self, at: int, frames: int, energy: float) -> float:
        """How good a stretch is: a scene's start, what moves as much as the music does, what looks good throughout."""
        source, seconds = self._source, slice(at // _SECOND, (at + frames - 1) // _SECOND + 1)
        motion, looks = source.motion[seconds], source.quality[seconds]
        moves = sum(motion) / len(motion) / self._liveliest if motion and self._liveliest else 0.5
        starts = at in self._starts and bool(source.scenes)
        return _CHARM * (0.5 * starts + (1 - abs(moves - energy)) + min(looks, default=0.5))

    def _faults(self, first: int, last: int) -> int:
        """What is wrong with a stretch: slivers of other scenes, a cut within, black."""
        scenes = self._source.scenes
        inside = scenes[bisect.bisect_right(scenes, first) : bisect.bisect_left(scenes, last)]
        slivers = sum(scene - first < _SLIVER or last - scene < _SLIVER for scene in inside)
        light = self._source.brightness[first // _SECOND : (last - 1) // _SECOND + 1]
        return 2 * slivers + bool(inside) + 4 * any(value < _DARK for value in light)

    def _is_alike(self, at: int, frames: int, variant: tuple[float, ...], own: Sequence[Take]) -> float:
        """How much a recent shot shows the same, 0–1: most of the last one, less where only the scene is the same."""
        mirrored, scene = bool(variant[3]), self._scene_at(at)
        view = self._view(at + frames // 2, (variant[0], variant[1]), variant[2], mirrored=mirrored)
        alike = 0.0
        for age, take in enumerate(reversed(own)):
            is_same = take.mirrored == mirrored and _are_near(take.view, view)
            if is_same and self._scene_at(take.in_frame) == scene:
                near = at < take.in_frame + (take.last - take.first) + _AROUND and take.in_frame < at + frames + _AROUND
                alike = max(alike, (1.0 if near else _SAME_SCENE) * (1 - age / _RECENT))
        return alike

    def _scene_at(self, frame: int) -> int:
        return bisect.bisect_right(self._source.scenes, frame)

    def _times_seen(self, first: int, frames: int) -> float:
        bins = self._bins(first, frames)
        return sum(self._seen[bins.start : bins.stop]) / len(bins)

    def _bins(self, first: int, frames: int) -> range:
        if not self._source.length:
            return range(1)
        last = min(first + max(1, frames) - 1, self._source.length - 1)
        return range(first // _BIN, max(first // _BIN, last // _BIN) + 1)
