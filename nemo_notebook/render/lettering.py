"""Titles: words set by Pillow once, blended into frames where they stand and nowhere else.

How a title comes and goes is in `animation.py`; a size or a number of letters that it passes through is set once, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

from nemo_notebook.render.drawing import halve, to_yuv
from nemo_notebook.render.layers import TitleLayer
from nemo_notebook.render.planes import Planes
from nemo_notebook.render.typography import TextBlock, set_block

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


_Words = npt.NDArray[np.uint16]

_WHOLE: Final = 256
_SAFE: Final = 0.90  # of the canvas; what older screens and apps' own controls leave free
_INSET: Final = 0.04
_SIZES: Final = {"small": 0.048, "medium": 0.086, "large": 0.13}  # letter height as a share of the short side
_HEIGHTS: Final = {"top": 0.42, "center": 0.86, "bottom": 0.42, "lower-third": 0.30}  # most of the canvas' height
_WIDTHS: Final = {True: 0.46, False: 0.62}  # of a title at one side: of a wide canvas' width, and of another's
_LEAST_ROOM: Final = (0.4, 0.3)  # of the canvas, across and down: rather moved towards the middle than set smaller
_SIDES: Final = {"left": 0.0, "right": 1.0}
_EDGE: Final = 0.07  # of the height: where a title at the top or bottom begins
_LOWER: Final = 0.88  # of the height: where a lower third ends
_APPS: Final = 0.19  # of a tall picture's height: TikTok, Reels and Shorts write there
_BARS: Final = 0.25  # of the short side: the highest that bars over a picture reach, and some air
_RULE_GAP: Final = 0.42  # from a lower third's stroke to its letters, in letter sizes
_SHADOW: Final = 0.60
_HALO: Final = 0.50
_DARK_TEXT: Final = 90  # luma under which a title gets a light halo
_BOX: Final = (0.42, 0.16)  # room around the words in a box, across and down, in letter sizes
_BOX_ALPHA: Final = 0.66
_OUTLINE: Final = 0.055  # of the letter size
_SECOND: Final = 0.58  # size of the later lines of a lower third against its first
_SCALES: Final = 48  # steps of size between nothing and the title as set
_REACH: Final = 2.6  # how far halo and shadow go, in letter sizes


@dataclass(frozen=True, slots=True)
class Title:
    """What is written where.

    Attributes:
        text: The words; line breaks stay. In a lower third the lines after the first are smaller.
        position: `top`, `bottom`, `lower-third`, `left`, `right`, or a corner such as `top-left`; else the centre.
        size: `small`, `medium` or `large`; anything else is medium.
        color: Such as `#ffffff`; what is no colour is white.
        width: Width of the canvas in pixels, even.
        height: Height of the canvas in pixels, even.
        style: `plain`, `box` (on a rounded ground) or `outline`; anything else is plain.
        raised: Whether one at the foot stands above what is drawn there.
        x: The centre of its words, 0–1 of the width, as near as they fit; None for that of the position.
        y: Likewise of the height.
    """

    text: str
    position: str
    size: str
    color: str
    width: int
    height: int
    style: str = "plain"
    raised: bool = False
    x: float | None = None
    y: float | None = None

    @property
    def row(self) -> str:
        """`top`, `bottom`, `lower-third` or `center`."""
        row = self.position if self.position == "lower-third" else self.position.partition("-")[0]
        return row if row in _HEIGHTS else "center"

    @property
    def align(self) -> float:
        """How lines lie: 0 at the left, 0.5 centred, 1 at the right."""
        if self.row == "lower-third":
            return 0.0
        return _SIDES.get(self.position.rpartition("-")[2], 0.5) if self.x is None else 0.5


@dataclass(frozen=True, slots=True)
class DrawnTitle:
    """A part picture to lay over a frame: luma (h, w) and chroma (h / 2, w / 2), multiplied by their alphas of 0–256.

    `left` and `top` are its place on the canvas in pixels; they and its sides are even.
    """

    left: int
    top: int
    y: _Words
    u: _Words
    v: _Words
    alpha: _Words
    alpha_half: _Words


@lru_cache(maxsize=16)
def render(title: Title) -> DrawnTitle:
    """Sets a title inside the safe area: wrapped evenly, made smaller until it fits, never cut at the canvas' edge."""
    block = _block(title)
    return _drawn_title(*_picture(title, block, len(block.stops)), title)


def draw_title(planes: Planes, layer: TitleLayer, index: int) -> None:
    """Draws frame `index` of a shot of a title in place."""
    height, width = planes.y.shape
    look = (layer.position, layer.size, layer.color)
    title = Title(layer.text, *look, width, height, layer.style, layer.raised, layer.x, layer.y)
    now = motion(layer, index)
    drawn = render(title)
    if now.shown < 1:
        drawn = _written(title, round(now.shown * len(_block(title).stops)))
    elif now.scale != 1:
        drawn = _scaled(title, round(now.scale * _SCALES))
    draw_over(planes, _moved(drawn, title, now.drop) if now.drop else drawn, now.alpha)


def draw_over(planes: Planes, drawn: DrawnTitle, alpha: float) -> None:
    """Lays a title over a frame in place.

    Args:
        planes: The frame.
        drawn: The title, set for a canvas of this size.
        alpha: 0 (not there) to 1 (as set).
    """
    share = round(min(1.0, max(0.0, alpha)) * _WHOLE)
    if share == 0:
        return
    lights, half = (drawn.y, drawn.u, drawn.v), drawn.alpha_half
    for plane, light, opacity, step in zip(planes, lights, (drawn.alpha, half, half), (1, 2, 2), strict=True):
        top, left = drawn.top // step, drawn.left // step
        box = plane[top : top + light.shape[0], left : left + light.shape[1]]
        if share == _WHOLE:
            box[:] = (box * (_WHOLE - opacity) + light + _WHOLE // 2) >> 8
        else:
            faded = box * (_WHOLE * _WHOLE - opacity.astype(np.uint32) * share) + light * np.uint32(share)
            box[:] = (faded + _WHOLE * _WHOLE // 2) >> 16


@lru_cache(maxsize=64)
def _written(title: Title, letters: int) -> DrawnTitle:
    return _drawn_title(*_picture(title, _block(title), letters), title)


@lru_cache(maxsize=64)
def _scaled(title: Title, steps: int) -> DrawnTitle:
    """The title at another size around its middle."""
    block = _block(title)
    picture, (left, top) = _picture(title, block, len(block.stops))
    width, height = (max(1, round(side * steps / _SCALES)) for side in picture.size)
    resized = picture.convert("RGBa").resize((width, height), Image.Resampling.BICUBIC).convert("RGBA")
    return _drawn_title(resized, (left + (picture.width - width) // 2, top + (picture.height - height) // 2), title)


def _moved(drawn: DrawnTitle, title: Title, drop: float) -> DrawnTitle:
    """The title further down, by letter sizes, as far as the canvas goes."""
    wanted = drawn.top + round(drop * _block(title).letter_px / 2) * 2
    top = min(max(0, wanted), max(0, title.height - drawn.y.shape[0]) // 2 * 2)
    return replace(drawn, top=top)


@lru_cache(maxsize=16)
def _block(title: Title) -> TextBlock:
    lower_third = title.position == "lower-third"
    wanted = max(6, round(min(title.width, title.height) * _SIZES.get(title.size, _SIZES["medium"])))
    across, down = (2 * wanted * share if title.style == "box" else 0.0 for share in _BOX)
    width, height = _room(title)
    room = (max(8, round(title.width * width - across)), max(8, round(title.height * height - down)))
    colour = _rgb(title.color)
    first, _, rest = title.text.strip().partition("\n")
    if not lower_third or not rest.strip():
        return set_block(title.text, wanted, room, colour, align=title.align)
    upper = set_block(first, wanted, (room[0], round(room[1] * 0.6)), colour, align=0.0)
    lower_px = max(6, round(upper.letter_px * _SECOND))
    return _stacked(upper, set_block(rest, lower_px, (room[0], round(room[1] * 0.4)), colour, align=0.0))


def _room(title: Title) -> tuple[float, float]:
    """The most that its lines take of the canvas, across and down."""
    is_wide = title.width > title.height
    width, height = _SAFE - _INSET, _HEIGHTS[title.row]
    if title.row == "lower-third":
        width = 0.6 if is_wide else width
    elif title.align != 0.5:
        width = _WIDTHS[is_wide]
    if title.x is not None:
        width = min(width, max(_LEAST_ROOM[0], 2 * min(title.x, 1 - title.x) - (1 - _SAFE) - _INSET))
    if title.y is not None:
        height = min(_HEIGHTS["center"], max(_LEAST_ROOM[1], 2 * (min(title.y, 1 - title.y) - _EDGE)))
    return width, height


def _stacked(upper: TextBlock, lower: TextBlock) -> TextBlock:
    """Two blocks as one, the lower lines under the upper ones."""
    bleed = upper.bleed_px
    across, down = bleed - lower.bleed_px, upper.picture.height - bleed - lower.bleed_px
    size = (
        max(upper.picture.width, lower.picture.width + 2 * max(0, across)),
        down + lower.picture.height - lower.bleed_px + bleed,
    )
    picture = Image.new("RGBA", size, (*upper.picture.getpixel((0, 0))[:3], 0))  # type: ignore[index]
    picture.paste(upper.picture, (0, 0))
    picture.alpha_composite(lower.picture, (max(0, across), max(0, down)))
    below = ((top + down, bottom + down, right + across) for top, bottom, right in lower.stops)
    return TextBlock(picture, upper.letter_px, bleed, (*upper.stops, *below))


def _rgb(color: str) -> tuple[int, int, int]:
    try:
        red, green, blue = ImageColor.getrgb(color)[:3]
    except ValueError:
        return (255, 255, 255)
    return (red, green, blue)


def _picture(title: Title, block: TextBlock, letters: int) -> tuple[Image.Image, tuple[int, int]]:
    """The title with its ground, shadow and halo, its first `letters` letters written; and its place on the canvas."""
    em, colour = block.letter_px, _rgb(title.color)
    x, y = _place(title, block)
    reach = round(em * _REACH)
    box = (x - reach, y - reach, x + block.picture.width + reach, y + block.picture.height + reach)
    words = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]), (*colour, 0))
    words.paste(_first(block, letters), (reach, reach))
    if title.position == "lower-third" and block.picture.height > 2 * block.bleed_px and title.style != "box":
        _rule(words, block, (reach, reach), colour)
    shape = words.getchannel("A")
    dark_text = to_yuv(np.array(colour, np.float64))[0] < _DARK_TEXT
    ground = Image.new("RGBA", words.size, (255, 255, 255, 0) if dark_text else (0, 0, 0, 0))
    ground.putalpha(_behind(title, block, shape, (reach, reach), dark_text))
    ground.alpha_composite(words)
    return ground, (box[0], box[1])


def _first(block: TextBlock, letters: int) -> Image.Image:
    """A block of which only the first letters are written."""
    if letters >= len(block.stops):
        return block.picture
    picture = block.picture.copy()
    if letters <= 0:
        picture.putalpha(0)
        return picture
    top, bottom, right = block.stops[letters - 1]
    above = top if top > block.bleed_px else 0  # what leans out of the first and the last line belongs to them
    below = bottom if bottom < picture.height - block.bleed_px - 1 else picture.height
    seen = Image.new("L", picture.size, 0)
    seen.paste(255, (0, 0, picture.width, above))
    seen.paste(255, (0, above, max(0, min(right, picture.width)), below))
    picture.putalpha(ImageChops.multiply(picture.getchannel("A"), seen))
    return picture


def _behind(title: Title, block: TextBlock, shape: Image.Image, at: tuple[int, int], dark_text: bool) -> Image.Image:
    """How opaque the ground is that the letters read on: a box, an outline, or a halo and a shadow."""
    em = block.letter_px
    if title.style == "box" and block.stops:
        ground = Image.new("L", shape.size, 0)
        bleed = block.bleed_px
        across, down = (round(em * share) for share in _BOX)
        left, top = at[0] + bleed - across, at[1] + bleed - down
        right, bottom = at[0] + block.picture.width - bleed + across, at[1] + block.picture.height - bleed + down
        ImageDraw.Draw(ground).rounded_rectangle(
            (left, top, right, bottom), round(em * 0.28), fill=round(255 * _BOX_ALPHA)
        )
        return ground
    if title.style == "outline":
        width = max(1.0, em * _OUTLINE)
        spread = shape.filter(ImageFilter.GaussianBlur(width * 0.75))
        edge = spread.point([min(255, max(0, round((level - 18) * 9))) for level in range(256)])
        return ImageChops.screen(edge, _blurred(shape, em * 0.35, 0.25))
    behind = _blurred(shape, em * 0.6, _HALO)
    if dark_text:
        return behind
    shadow = ImageChops.offset(_blurred(shape, em * 0.06, _SHADOW), 0, max(1, round(em * 0.03)))
    return ImageChops.screen(behind, shadow)


def _place(title: Title, block: TextBlock) -> tuple[int, int]:
    """Left and top of the block's picture on the canvas; its bleed may lie outside the safe area, its lines never."""
    width, height = block.picture.size
    bleed = block.bleed_px
    margin_x, margin_y = round(title.width * (1 - _SAFE) / 2), round(title.height * _EDGE)
    across, down = (round(block.letter_px * share) if title.style == "box" else 0 for share in _BOX)
    low, high = margin_x - bleed + across, title.width - margin_x + bleed - across - width
    top, bottom = margin_y - bleed + down, title.height - margin_y + bleed - down - height
    if title.row == "lower-third":
        low += 0 if across else round(block.letter_px * _RULE_GAP)
    x = low if title.align == 0 else high if title.align == 1 else (title.width - width) // 2
    if title.x is not None:
        x = max(low, min(round(title.x * title.width - width / 2), high))
    if title.y is not None:
        return x, max(top, min(round(title.y * title.height - height / 2), bottom))
    foot = round(title.height * (1 - _LOWER)) if title.row == "lower-third" else margin_y
    y = title.height - max(foot, _foot(title)) - height + bleed - down
    return x, {"top": top, "center": (title.height - height) // 2}.get(title.row, y)


def _foot(title: Title) -> int:
    """What is kept free below a title: where apps write over tall pictures, and where a visualizer is."""
    apps = title.height * _APPS if title.height > 1.4 * title.width else 0.0
    return round(max(apps, min(title.width, title.height) * _BARS if title.raised else 0.0))


def _rule(letters: Image.Image, block: TextBlock, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    """The upright stroke before a lower third."""
    bleed, em = block.bleed_px, block.letter_px
    left, top, bottom = at[0] + bleed - em * _RULE_GAP, at[1] + bleed, at[1] + block.picture.height - bleed
    box = (round(left), round(top + em * 0.12), round(left + max(2, em * 0.09)), round(bottom - em * 0.12))
    ImageDraw.Draw(letters).rounded_rectangle(box, max(1, round(em * 0.045)), fill=colour)


def _blurred(shape: Image.Image, radius_px: float, strength: float) -> Image.Image:
    """A soft spread of a shape, as strong at its middle as `strength` says however thin the shape is."""
    soft = shape.filter(ImageFilter.GaussianBlur(radius_px))
    most = max(2, int(np.asarray(soft).max()))
    # What is but a level strong is left out: it ends somewhere, and its end would be seen as an edge.
    shares = [max(0, level - 1) / (most - 1) for level in range(256)]
    return soft.point([min(255, round(255 * strength * share**0.8)) for share in shares])


def _drawn_title(picture: Image.Image, at: tuple[int, int], title: Title) -> DrawnTitle:
    """The part of a picture where anything is seen, inside the canvas, as premultiplied planes."""
    seen = picture.getchannel("A").getbbox() or (0, 0, 0, 0)
    left, top = max(0, at[0] + seen[0]) // 2 * 2, max(0, at[1] + seen[1]) // 2 * 2
    right = min(title.width, (at[0] + seen[2] + 1) // 2 * 2)
    bottom = min(title.height, (at[1] + seen[3] + 1) // 2 * 2)
    if right <= left or bottom <= top:
        left, top, right, bottom = 0, 0, 2, 2
    part = picture.crop((left - at[0], top - at[1], right - at[0], bottom - at[1]))
    pixels = np.asarray(part, np.float64)
    yuv = to_yuv(pixels[..., :3])
    alpha = pixels[..., 3] * (_WHOLE / 255)
    alpha_half = np.round(halve(alpha))
    chroma = (np.round(halve(yuv[..., channel] * alpha)) for channel in (1, 2))
    # Colour counts as much as it is seen, and never more than its alpha allows, so that blending stays within bytes.
    blue, red = (np.minimum(values, 255 * alpha_half).astype(np.uint16) for values in chroma)
    whole = np.round(alpha)
    luma = np.round(yuv[..., 0] * whole).astype(np.uint16)
    return DrawnTitle(left, top, luma, blue, red, whole.astype(np.uint16), alpha_half.astype(np.uint16))
