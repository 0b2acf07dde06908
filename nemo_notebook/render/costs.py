"""What the steps of an export cost, in CPU seconds as measured: by these it is told how far it is."""

from __future__ import annotations

from typing import Final

from nemo_notebook.render.formats import FORMATS
from nemo_notebook.render.layers import SOUND_RATE, Blend, Clip, Image, Output, Shot
from nemo_notebook.render.plan import FilmPlan

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
