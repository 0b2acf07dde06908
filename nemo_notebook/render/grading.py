"""Filters and amounts of light and colour, as tables of 256 levels: made once a shot, applied in passes over bytes.

Brightness goes through a curve. The two colours are scaled around grey and get an offset that depends on the
brightness, so that shadows and lights can lean to different sides while black and white stay what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import toml

from nemo_notebook.extensions import extensions
from nemo_notebook.render.layers import PLAIN, Look
from nemo_notebook.render.planes import BLACK, WHOLE, Plane, Planes, PlaneScaler, mix_plane, share_of

_Doubles = npt.NDArray[np.float64]

_SPAN: Final = 219  # levels from black to white
_NEUTRAL: Final = 128
_LEANS_FROM: Final = 0.10  # darker than that, and as near to white, colours lean less and less
_GLOW_SHRINK: Final = 8
_GLOW_RADIUS: Final = 0.022  # of the longer side
_GLOW_FROM: Final = 0.30  # only what is brighter glows


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """What a filter does to light and colour.

    Attributes:
        lift: Where black comes to lie, 0–1.
        top: Where white does.
        gamma: Over 1 darkens what lies between.
        contrast: −1…1, around the middle.
        saturation: Factor.
        shadows: Offset of blue and red difference in dark parts, in levels.
        mids: Likewise between.
        lights: Likewise in bright parts.
        vignette: How much darker the corners are, 0–1.
        glow: How much bright parts shine over their edges, 0–1.
    """

    lift: float = 0.0
    top: float = 1.0
    gamma: float = 1.0
    contrast: float = 0.0
    saturation: float = 1.0
    shadows: tuple[float, float] = (0.0, 0.0)
    mids: tuple[float, float] = (0.0, 0.0)
    lights: tuple[float, float] = (0.0, 0.0)
    vignette: float = 0.0
    glow: float = 0.0


_AS_IS: Final = FilterSettings()
_FILTERS: Final = toml.decode(Path(__file__).with_name("grading.toml").read_bytes(), type=dict[str, FilterSettings])


@dataclass(frozen=True, slots=True)
class Grade:
    """A look made ready.

    Attributes:
        tables: New levels of brightness and of the two colours, 256 bytes each.
        leans: What the two colours gain by brightness, as bytes that wrap around; None where nothing does.
        vignette: As in a filter.
        glow: As in a filter.
    """

    tables: tuple[bytes, bytes, bytes]
    leans: tuple[bytes, bytes] | None
    vignette: float
    glow: float


@lru_cache(maxsize=64)
def grade_of(look: Look) -> Grade | None:
    """The tables of a look: its amounts first, then its filter; None where it changes nothing."""
    other = extensions("looks").get(look.filter, {})
    chosen = _FILTERS.get(look.filter) or FilterSettings(**other)
    if look == PLAIN or (chosen == _AS_IS and not (look.brightness or look.contrast or look.saturation)):
        return None
    light = np.clip((np.arange(256) - BLACK[0]) / _SPAN, 0, 1)
    lit = _amounts(light, look.brightness, look.contrast)
    curved = chosen.lift + (chosen.top - chosen.lift) * _steeper(lit**chosen.gamma, chosen.contrast)
    luma = np.rint(BLACK[0] + _SPAN * curved)
    # More contrast alone would look paler, less too colourful.
    much = chosen.saturation * (1 + (0.9 if look.saturation > 0 else 1.0) * look.saturation) * (1 + 0.3 * look.contrast)
    leaning = np.stack([np.array([*chosen.shadows]), np.array([*chosen.mids]), np.array([*chosen.lights])])
    leans = np.rint(_weights(light) @ leaning).astype(np.int64)
    return Grade(
        (_bytes(luma), _colour_table(much, leans[:, 0]), _colour_table(much, leans[:, 1])),
        (_bytes(leans[:, 0] % 256), _bytes(leans[:, 1] % 256)) if leans.any() else None,
        chosen.vignette,
        chosen.glow,
    )


@lru_cache(maxsize=1)
def pq_grade() -> Grade:
    """Light of HDR coded by SMPTE ST 2084 (PQ) for an ordinary screen: plausible, not exact.

    Code → nits is ST 2084, 5.1. Diffuse white at 203 nits (ITU-R BT.2408) comes to lie at three quarters; what is
    brighter is rolled off, x · (1 + x / w²) / (1 + x) with w the brightest light. Colours of a PQ code are weaker.
    """
    code = np.clip((np.arange(256) - BLACK[0]) / _SPAN, 0, 1)
    root = code ** (1 / 78.84375)
    nits = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    light = nits / 203
    rolled = np.clip(light * (1 + light / 24) / (1 + light), 0, 1) * 1.05
    luma = np.rint(BLACK[0] + _SPAN * np.clip(rolled, 0, 1) ** (1 / 2.2))
    colour = _colour_table(1.7, np.zeros(256, np.int64))
    return Grade((_bytes(luma), colour, colour), None, 0.0, 0.0)


def _amounts(light: _Doubles, brightness: float, contrast: float) -> _Doubles:
    lit = light ** (2.0 ** (-1.1 * brightness))
    return _steeper(lit, contrast) if contrast >= 0 else 0.5 + (lit - 0.5) * (1 + 0.7 * contrast)


def _steeper(light: _Doubles, contrast: float) -> _Doubles:
    """Towards an S that keeps its ends, so that nothing is cut off; a negative contrast flattens it likewise."""
    return np.asarray(light + contrast * (light * light * (3 - 2 * light) - light))


def _weights(light: _Doubles) -> _Doubles:
    """How much each level is shadow, middle and light; shape (256, 3). None at all for black and white."""
    edge = np.clip(np.minimum(light, 1 - light) / _LEANS_FROM, 0, 1)
    edge = (edge * edge * (3 - 2 * edge))[:, None]
    return np.asarray(edge * np.stack([(1 - light) ** 2, 2 * light * (1 - light), light**2], axis=1))


def _colour_table(much: float, leans: npt.NDArray[np.int64]) -> bytes:
    """Scaled around grey; it ends where adding any of the offsets could leave the range of a byte."""
    low, high = 16 - min(0, int(leans.min())), 240 - max(0, int(leans.max()))
    return _bytes(np.clip(np.rint(_NEUTRAL + (np.arange(256) - _NEUTRAL) * much), low, high))


def _bytes(levels: npt.NDArray[np.int64] | _Doubles) -> bytes:
    return levels.astype(np.uint8).tobytes()


def apply(grade: Grade, picture: Planes, out: Planes) -> None:
    """Overwrites `out` with a picture as the look shows it; it may be the picture."""
    leans = [_looked_up(picture.y[::2, ::2], table) for table in grade.leans] if grade.leans else None
    for number, (plane, target) in enumerate(((picture.u, out.u), (picture.v, out.v))):
        colour = _looked_up(plane, grade.tables[number + 1])
        if leans:
            np.add(colour, leans[number], out=target)
        else:
            np.copyto(target, colour)
    np.copyto(out.y, _looked_up(picture.y, grade.tables[0]))
    if grade.glow:
        _shine(out.y, grade.glow)
    if grade.vignette:
        shade(out, grade.vignette)


def _looked_up(plane: Plane, table: bytes) -> Plane:
    return np.frombuffer(plane.tobytes().translate(table), np.uint8).reshape(plane.shape)


def _shine(luma: Plane, glow: float) -> None:
    """Adds a soft copy of the bright parts, as two lights are added: never over white."""
    from PIL import Image, ImageFilter

    height, width = luma.shape
    small = Image.fromarray(luma).reduce(_GLOW_SHRINK)
    start = BLACK[0] + _SPAN * _GLOW_FROM
    bright = small.point([min(255, max(0, round((level - start) * 235 / (235 - start)))) for level in range(256)])
    soft = bright.filter(ImageFilter.GaussianBlur(max(width, height) * _GLOW_RADIUS / _GLOW_SHRINK))
    light = PlaneScaler().scaled(np.array(soft), width, height).astype(np.uint16)
    light *= np.uint16(share_of(glow))
    light >>= np.uint16(8)
    mix_plane(luma, np.full((), 235, np.uint8), light, luma)


def shade(picture: Planes, vignette: float) -> None:
    """Darkens the corners of a picture, by 0–1."""
    luma, chroma, floor = _vignette(picture.width, picture.height, vignette)
    lit = np.multiply(picture.y, luma, dtype=np.uint16)
    lit += floor
    lit >>= np.uint16(8)
    np.copyto(picture.y, lit, casting="unsafe")
    for plane in (picture.u, picture.v):
        mix_plane(np.full((), _NEUTRAL, np.uint8), plane, chroma, plane)


@lru_cache(maxsize=4)
def _vignette(
    width: int, height: int, strength: float
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
    """What is left of brightness and of colours, and what is added to the product: black, and noise against bands."""
    x, y = (np.arange(width) + 0.5) / width * 2 - 1, (np.arange(height) + 0.5) / height * 2 - 1
    away = np.clip((np.hypot(x, y[:, None]) / np.sqrt(2) - 0.42) / 0.58, 0, 1)
    left = np.rint(WHOLE * (1 - strength * away * away * (3 - 2 * away))).astype(np.uint16)
    noise = np.random.default_rng(7).integers(64, 192, left.shape, np.uint16)
    return left, left[::2, ::2], np.asarray(BLACK[0] * (WHOLE - left) + noise, np.uint16)
