"""What the steps of an export cost, in CPU seconds as measured: by these it is told how far it is."""

from __future__ import annotations

from typing import Final

from nemo_notebook.engine.render.formats import FORMATS
from nemo_notebook.engine.render.layers import Output, Shot
from nemo_notebook.engine.render.plan import FilmPlan

_FRAME_S: Final = 0.004
_MEGAPIXEL_S: Final = 0.009
_MIX_S: Final = 0.012  # a second of film
_TRACK_S: Final = 0.014
_JOIN_S: Final = 0.004
_ANIMATION_S: Final = 0.1  # a megapixel
_OTHER_S: Final = 1.0


def shot_s(shot: Shot, output: Output) -> float:
    """Rendering a shot."""
    return shot.frames * (_FRAME_S + _MEGAPIXEL_S * _megapixels(output))


def mix_s(plan: FilmPlan) -> float:
    """Mixing the sound."""
    return _MIX_S * _length_s(plan)


def track_s(plan: FilmPlan) -> float:
    """Encoding the sound of a film."""
    return _TRACK_S * _length_s(plan)


def last_step_s(plan: FilmPlan) -> float:
    """Writing the file itself."""
    of_kind = {
        "video": _JOIN_S * _length_s(plan),
        "animation": _ANIMATION_S * _megapixels(plan.output) * plan.frames,
        "sound": _TRACK_S * _length_s(plan),
    }
    return of_kind.get(FORMATS[plan.output.format].kind, _OTHER_S)


def _length_s(plan: FilmPlan) -> float:
    return plan.frames / plan.output.fps


def _megapixels(output: Output) -> float:
    return output.width * output.height / 1e6
