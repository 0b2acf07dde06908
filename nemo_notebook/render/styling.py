"""What a draft says about how things look, read tolerantly: what cannot be meant is as if it were not said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from nemo_notebook.film.draft import Json
from nemo_notebook.render.form import number_of, text_of
from nemo_notebook.render.layers import Look

FILTERS: Final = (
    "bw",
    "sepia",
    "warm",
    "cool",
    "vivid",
    "vintage",
    "cinematic",
    "dreamy",
    "noir",
    "faded",
)
BLENDS: Final = ("dissolve", "black", "white", "slide", "push", "wipe", "zoom", "circle")
FITS: Final = ("auto", "crop", "blur", "pad")
MIN_SPEED: Final = 0.1
MAX_SPEED: Final = 10.0
_NO_FILTER: Final = ("", "none")
_AMOUNTS: Final = ("brightness", "contrast", "saturation")
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_COLORS: Final = 3


def between(low: float, value: float, high: float) -> float:
    """A value, held within limits."""
    return min(high, max(low, value))


def speed_of(meta: Json) -> float:
    """Source seconds in a second."""
    return between(MIN_SPEED, number_of(meta, "speed", 1.0), MAX_SPEED)


def choice(meta: Json, key: str, known: tuple[str, ...], default: str) -> str:
    """One of the known words, or the default."""
    word = text_of(meta, key)
    return word if word in known else default


def fit_of(meta: Json, film: Json) -> str:
    """The segment's fit, else the film's."""
    return choice(meta, "fit", FITS, choice(film, "fit", FITS, "auto"))


def look_of(meta: Json, film: Json) -> Look:
    """The segment's filter and amounts, each else the film's; a filter of `none` keeps the film's away."""
    own = meta.get("filter")
    name = "" if own in _NO_FILTER else choice(meta, "filter", FILTERS, choice(film, "filter", FILTERS, ""))
    adjust = next((a for a in (meta.get("adjust"), film.get("adjust")) if isinstance(a, Mapping)), {})
    return Look(name, *(round(between(-1.0, number_of(adjust, key, 0.0), 1.0), 3) for key in _AMOUNTS))


def colors_of(meta: Json) -> tuple[str, ...]:
    """Three colours from low to high, whatever number is given; or none."""
    value = meta.get("colors")
    given = value if isinstance(value, (list, tuple)) else ()
    valid = [item.lower() for item in given if isinstance(item, str) and _COLOR.fullmatch(item)]
    last = len(valid) - 1
    return tuple(valid[round(k * last / (_COLORS - 1))] for k in range(_COLORS)) if valid else ()


def transition_of(meta: Json) -> tuple[str, float]:
    """Kind and length in milliseconds of how the picture before goes over into this one; 0 for a plain cut."""
    value = meta.get("transition")
    said = value if isinstance(value, Mapping) else {}
    kind = text_of(said, "kind")
    return (kind, max(0.0, number_of(said, "ms", 0.0))) if kind in BLENDS else ("", 0.0)
