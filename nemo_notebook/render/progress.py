"""Progress of an export: what each step costs, how far all is, and how long it still takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from nemo_notebook.render.formats import FORMATS, Output
from nemo_notebook.render.layers import SOUND_RATE, Blend, Clip, Image, Shot
from nemo_notebook.render.plan import FilmPlan

_TELLING_S: Final = 1.0  # before that, and before so much is done, nothing can be told
_TELLING_DONE: Final = 0.02
_TREND_S: Final = 6.0  # a wrong estimate is put right within about this time, not at once
_TREND_SHARE: Final = 0.6  # of the time spent so far, where that is less

_MORE: Final = 0.65  # of a core that each further one brings: they share memory, and often are but threads of one


class ProgressMeter:
    """Adds up the progress of parts of different weight, as time goes; what is told never goes back.

    Args:
        tell: Called with the fraction done.
        cores: How many parts are worked on at once; the more these are, the less each of them does.
    """

    def __init__(self, tell: Callable[[float], None], cores: int = 1) -> None:
        self._tell = tell
        self._cores = 1 + _MORE * (cores - 1)
        self._alone: set[str] = set()
        self._weights: dict[str, float] = {}
        self._done: dict[str, float] = {}
        self._told = -1.0

    def part(self, name: str, weight: float, *, is_alone: bool = False) -> Callable[[float], None]:
        """A part of the whole, all of which are to be named before work begins; gives what tells its fraction.

        Args:
            name: Of the part.
            weight: How long it takes one core.
            is_alone: Whether nothing else is worked on meanwhile.
        """
        self._weights[name] = max(weight, 1e-6)
        if is_alone:
            self._alone.add(name)

        def update(fraction: float) -> None:
            self._done[name] = max(self._done.get(name, 0.0), min(1.0, fraction))
            self._update()

        return update

    def leave_out(self, name: str) -> None:
        """A part turns out to be done already: the others are the whole then."""
        self._weights.pop(name, None)

    def finish(self) -> None:
        """All is done."""
        self._weights = {"": 1.0}
        self._done = {"": 1.0}
        self._update()

    def _update(self) -> None:
        left = self._wall({name: weight * (1 - self._done.get(name, 0.0)) for name, weight in self._weights.items()})
        whole = self._wall(self._weights)
        now = 1 - left / whole if whole else 0.0
        if now > self._told:
            self._told = now
            self._tell(now)

    def _wall(self, weights: Mapping[str, float]) -> float:
        """How long parts take together: no less than the longest of those that are worked on at once."""
        alone = sum(weight for name, weight in weights.items() if name in self._alone)
        others = [weight for name, weight in weights.items() if name not in self._alone]
        return alone + max(sum(others) / self._cores, max(others, default=0.0))


class TimeLeft:
    """Estimates how long a work still takes; it counts down evenly, however unevenly the work goes on.

    Args:
        begun_s: When the work was seen to go on, on any clock: later than it was asked for, if workers had to start.
        begun: How much was done by then.
    """

    def __init__(self, begun_s: float, begun: float = 0.0) -> None:
        self._begun_s = begun_s
        self._begun = begun
        self._looked_s = begun_s
        self._left_s: float | None = None

    def look(self, done: float, now_s: float) -> float | None:
        """Seconds left, on the same clock; None while it cannot be told.

        Args:
            done: Fraction of the work.
            now_s: The time.
        """
        spent_s = now_s - self._begun_s
        if done - self._begun < _TELLING_DONE or spent_s < _TELLING_S:
            return None
        fresh_s = spent_s * (1 - done) / (done - self._begun)
        if self._left_s is None:
            self._left_s = fresh_s
        else:
            passed_s = max(0.0, now_s - self._looked_s)
            trend_s = min(_TREND_S, _TREND_SHARE * spent_s)
            counted_s = max(0.0, self._left_s - passed_s)
            self._left_s = counted_s + (1 - math.exp(-passed_s / trend_s)) * (fresh_s - counted_s)
        self._looked_s = now_s
        return self._left_s


_FRAME_S: Final = 0.007
_MEGAPIXEL_S: Final = 0.0042
_BLENDED: Final = 2.8  # times as much, of two pictures
_DRAWN: Final = 0.55  # of a picture that no file is decoded for
_ENCODED: Final = {"h264": 1.0, "vp9": 1.5, "mpeg4": 0.75, "master": 1.8}
_MIX_S: Final = 0.006  # a second of film
_SPECTRUM_S: Final = 0.008  # where something is drawn from the sound
_COMPOSE_S: Final = (0.2, 0.015)  # each piece of music, and a second of it
_TRACK_S: Final = 0.014
_SOUND_S: Final = 0.026
_JOIN_S: Final = (0.04, 0.004)
_POSTER_S: Final = (0.04, 0.0007)  # a megapixel, and one of each frame that is decoded on the way to it
_ANIMATION_S: Final = 0.057  # a megapixel
_OTHER_S: Final = 0.4


def shot_s(shot: Shot, output: Output) -> float:
    """Rendering a shot."""
    kinds = set(map(type, shot.layers))
    drawn = _BLENDED if Blend in kinds else 1.0 if kinds & {Clip, Image} else _DRAWN
    frame_s = (_FRAME_S + _MEGAPIXEL_S * _megapixels(output)) * _ENCODED[FORMATS[output.format].pictures]
    return shot.frames * frame_s * drawn


def mix_s(plan: FilmPlan) -> float:
    """Mixing the sound, with the music that is composed for it."""
    composed = [sound.samples / SOUND_RATE for sound in plan.sound.sounds if sound.recipe]
    is_measured = any(shot.needs_spectrum for shot in plan.shots)
    each_s = _MIX_S + (_SPECTRUM_S if is_measured else 0.0)
    return each_s * _length_s(plan) + sum(_COMPOSE_S[0] + _COMPOSE_S[1] * length_s for length_s in composed)


def track_s(plan: FilmPlan) -> float:
    """Encoding the sound of a film."""
    return _TRACK_S * _length_s(plan)


def last_step_s(plan: FilmPlan) -> float:
    """Writing the file itself, and the poster, which lies within a shot."""
    frames = plan.frames / max(1, len(plan.shots)) / 2
    poster_s = (_POSTER_S[0] + _POSTER_S[1] * frames) * _megapixels(plan.output)
    of_kind = {
        "video": _JOIN_S[0] + _JOIN_S[1] * _length_s(plan) + poster_s,
        "animation": _ANIMATION_S * _megapixels(plan.output) * plan.frames,
        "sound": _SOUND_S * _length_s(plan),
    }
    return of_kind.get(FORMATS[plan.output.format].kind, _OTHER_S)


def _length_s(plan: FilmPlan) -> float:
    return plan.frames / plan.output.fps


def _megapixels(output: Output) -> float:
    return output.width * output.height / 1e6
