"""Titles: words set by Pillow once, blended into frames where they stand and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

from nemo_notebook.engine.render.fonts import missing_characters
from nemo_notebook.engine.render.lettering import Block, set_block
from nemo_notebook.engine.render.palettes import halve, to_yuv

if TYPE_CHECKING:
    from nemo_notebook.engine.render.picture import Planes

__all__ = ["Overlay", "Title", "blend", "missing_characters", "render"]

Words = npt.NDArray[np.uint16]

_WHOLE: Final = 256
_SAFE: Final = 0.90  # of the canvas; what older screens and apps' own controls leave free
_INSET: Final = 0.04
_SIZES: Final = {"small": 0.048, "medium": 0.075, "large": 0.115}  # letter height as a share of the short side
_HEIGHTS: Final = {"top": 0.42, "center": 0.86, "bottom": 0.42, "lower-third": 0.30}  # most of the canvas' height
_EDGE: Final = 0.07  # of the height: where a title at the top or bottom begins
_LOWER: Final = 0.88  # of the height: where a lower third ends
_RULE_GAP: Final = 0.42  # from a lower third's stroke to its letters, in letter sizes
_SHADOW: Final = 0.60
_HALO: Final = 0.50
_DARK_TEXT: Final = 90  # luma under which a title gets a light halo


@dataclass(frozen=True, slots=True)
class Title:
    """What is written where.

    Attributes:
        text: The words; line breaks stay.
        position: `top`, `center`, `bottom` or `lower-third`; anything else is the centre.
        size: `small`, `medium` or `large`; anything else is medium.
        color: Such as `#ffffff`; what is no colour is white.
        width: Width of the canvas in pixels, even.
        height: Height of the canvas in pixels, even.
    """

    text: str
    position: str
    size: str
    color: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Overlay:
    """A part picture to blend: luma (h, w) and chroma (h / 2, w / 2), multiplied by their alphas of 0–256.

    `left` and `top` are its place on the canvas in pixels; they and its sides are even.
    """

    left: int
    top: int
    y: Words
    u: Words
    v: Words
    alpha: Words
    alpha_half: Words


@lru_cache(maxsize=16)
def render(title: Title) -> Overlay:
    """Sets a title inside the safe area: wrapped evenly, made smaller until it fits, never cut at the canvas' edge."""
    lower_third = title.position == "lower-third"
    wanted = max(6, round(min(title.width, title.height) * _SIZES.get(title.size, _SIZES["medium"])))
    room = (
        round(title.width * (0.6 if lower_third and title.width > title.height else _SAFE - _INSET)),
        round(title.height * _HEIGHTS.get(title.position, _HEIGHTS["center"])),
    )
    colour = _rgb(title.color)
    block = set_block(title.text, wanted, (max(8, room[0]), max(8, room[1])), colour, to_left=lower_third)
    return _overlay(_picture(title, block, colour))


def blend(planes: Planes, overlay: Overlay, alpha: float) -> None:
    """Lays a title over a frame in place.

    Args:
        planes: The frame.
        overlay: The title, set for a canvas of this size.
        alpha: 0 (not there) to 1 (as set).
    """
    share = round(min(1.0, max(0.0, alpha)) * _WHOLE)
    if share == 0:
        return
    for plane, light, opacity, step in (
        (planes.y, overlay.y, overlay.alpha, 1),
        (planes.u, overlay.u, overlay.alpha_half, 2),
        (planes.v, overlay.v, overlay.alpha_half, 2),
    ):
        top, left = overlay.top // step, overlay.left // step
        box = plane[top : top + light.shape[0], left : left + light.shape[1]]
        if share == _WHOLE:
            box[:] = (box * (_WHOLE - opacity) + light) >> 8
        else:
            faded = box * (_WHOLE * _WHOLE - opacity.astype(np.uint32) * share) + light * np.uint32(share)
            box[:] = faded >> 16


def _rgb(color: str) -> tuple[int, int, int]:
    try:
        red, green, blue = ImageColor.getrgb(color)[:3]
    except ValueError:
        return (255, 255, 255)
    return (red, green, blue)


def _picture(title: Title, block: Block, colour: tuple[int, int, int]) -> Image.Image:
    """The title on its own transparent canvas: halo, shadow, letters."""
    x, y = _place(title, block)
    letters = Image.new("RGBA", (title.width, title.height), (*colour, 0))
    letters.paste(block.picture, (x, y))
    if title.position == "lower-third" and block.picture.height > 2 * block.bleed_px:
        _rule(letters, block, (x, y), colour)
    shape = letters.getchannel("A")
    dark_text = to_yuv(np.array(colour, np.float64))[0] < _DARK_TEXT
    em = block.letter_px
    behind = _blurred(shape, em * 0.6, _HALO)
    if not dark_text:
        shadow = ImageChops.offset(_blurred(shape, em * 0.06, _SHADOW), 0, max(1, round(em * 0.03)))
        behind = ImageChops.screen(behind, shadow)
    ground = Image.new("RGBA", letters.size, (255, 255, 255, 0) if dark_text else (0, 0, 0, 0))
    ground.putalpha(behind)
    ground.alpha_composite(letters)
    return ground


def _place(title: Title, block: Block) -> tuple[int, int]:
    """Left and top of the block's picture on the canvas; its bleed may lie outside the safe area, its lines never."""
    width, height = block.picture.size
    bleed = block.bleed_px
    margin_x, margin_y = round(title.width * (1 - _SAFE) / 2), round(title.height * _EDGE)
    x = (title.width - width) // 2
    if title.position == "top":
        return x, margin_y - bleed
    if title.position == "bottom":
        return x, title.height - margin_y - height + bleed
    if title.position == "lower-third":
        return margin_x + round(block.letter_px * _RULE_GAP) - bleed, round(title.height * _LOWER) - height + bleed
    return x, (title.height - height) // 2


def _rule(letters: Image.Image, block: Block, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    """The upright stroke before a lower third."""
    bleed, em = block.bleed_px, block.letter_px
    left, top, bottom = at[0] + bleed - em * _RULE_GAP, at[1] + bleed, at[1] + block.picture.height - bleed
    box = (round(left), round(top + em * 0.12), round(left + max(2, em * 0.09)), round(bottom - em * 0.12))
    ImageDraw.Draw(letters).rounded_rectangle(box, max(1, round(em * 0.045)), fill=colour)


def _blurred(shape: Image.Image, radius_px: float, strength: float) -> Image.Image:
    """A soft spread of a shape, as strong at its middle as `strength` says however thin the shape is."""
    soft = shape.filter(ImageFilter.GaussianBlur(radius_px))
    most = max(1, int(np.asarray(soft).max()))
    return soft.point([min(255, round(255 * strength * (level / most) ** 0.8)) for level in range(256)])


def _overlay(picture: Image.Image) -> Overlay:
    """The part of a canvas where anything is seen, as premultiplied planes."""
    box = picture.getchannel("A").getbbox() or (0, 0, 2, 2)
    left, top = box[0] // 2 * 2, box[1] // 2 * 2
    right, bottom = min(picture.width, (box[2] + 1) // 2 * 2), min(picture.height, (box[3] + 1) // 2 * 2)
    pixels = np.asarray(picture.crop((left, top, right, bottom)), np.float64)
    yuv = to_yuv(pixels[..., :3])
    alpha = pixels[..., 3] * (_WHOLE / 255)
    alpha_half = np.round(halve(alpha))
    chroma = (np.round(halve(yuv[..., channel] * alpha)) for channel in (1, 2))
    # Colour counts as much as it is seen, and never more than its alpha allows, so that blending stays within bytes.
    blue, red = (np.minimum(values, 255 * alpha_half).astype(np.uint16) for values in chroma)
    whole = np.round(alpha)
    luma = np.round(yuv[..., 0] * whole).astype(np.uint16)
    return Overlay(left, top, luma, blue, red, whole.astype(np.uint16), alpha_half.astype(np.uint16))
