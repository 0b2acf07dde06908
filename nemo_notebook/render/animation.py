"""How a title comes and goes: where it is, how large, and how much of it is seen in a frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from nemo_notebook.render.layers import TitleLayer

_WAY: Final = 1.1  # letter sizes that a sliding title travels
_SMALLEST: Final = 0.55
_OVERSHOOT: Final = 1.70158  # of Penner's "back" easing: a tenth beyond
_FRAMES_A_LETTER: Final = 2
_MOST_TYPING: Final = 0.6  # of the time that the title is seen


@dataclass(frozen=True, slots=True)
class Motion:
    """What becomes of a title in one frame.

    Attributes:
        alpha: How much of it is seen, 0–1.
        drop: How far below its place it is, in letter sizes.
        scale: Its size against what it is set at.
        shown: The share of its letters that are written, 0–1.
    """

    alpha: float = 1.0
    drop: float = 0.0
    scale: float = 1.0
    shown: float = 1.0


def motion(layer: TitleLayer, index: int) -> Motion:
    """What becomes of a title in frame `index` of its shot."""
    frame = layer.skip + index
    come = (frame + 1) / (_frames(layer, layer.animate_in) + 1)
    go = (layer.of - frame) / (_frames(layer, layer.animate_out) + 1)
    if come < 1 and come <= go:
        return _MOVES.get(layer.animate_in, _fade)(come, 1)
    return _MOVES.get(layer.animate_out, _fade)(go, -1) if go < 1 else Motion()


def _frames(layer: TitleLayer, move: str) -> int:
    """How long a move takes; typing takes as long as there are letters."""
    if move != "type":
        return layer.fade
    return max(layer.fade, min(_FRAMES_A_LETTER * len(layer.text), int(layer.of * _MOST_TYPING)))


def _fade(along: float, _: int) -> Motion:
    return Motion(alpha=along)


def _slide(along: float, way: int) -> Motion:
    return Motion(alpha=min(1.0, 1.6 * along), drop=way * _WAY * (1 - along) ** 3)


def _pop(along: float, way: int) -> Motion:
    left = along - 1
    size = 1 + (_OVERSHOOT + 1) * left**3 + _OVERSHOOT * left**2 if way > 0 else along
    return Motion(alpha=min(1.0, 2.5 * along), scale=_SMALLEST + (1 - _SMALLEST) * size)


def _type(along: float, _: int) -> Motion:
    return Motion(shown=along)


def _stay(_: float, __: int) -> Motion:
    return Motion()


_MOVES: Final[Mapping[str, Callable[[float, int], Motion]]] = {
    "fade": _fade,
    "slide": _slide,
    "pop": _pop,
    "type": _type,
    "none": _stay,
}
