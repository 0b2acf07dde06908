"""Cover art on a backdrop: a blurred copy fills the canvas, the cover itself lies sharp where no bars stand."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps, UnidentifiedImageError

from nemo_notebook.render.picture import Planes

Box = tuple[int, int, int, int]

_MAX_PIXELS: Final = 50_000_000
_SHARES: Final = {"": 0.62, "circular": 0.36}  # of the short side, by the visualizer's style
_ABOVE_SHARES: Final = (0.50, 0.66)  # with any other style below it, on a wide and on a tall canvas
_ABOVE_CENTRE: Final = 0.36  # of the height
_CORNER: Final = 0.045  # of the cover's side
_DISC: Final = 0.5  # in a ring, the cover is a disc
_SHADOW_REACH: Final = 0.06
_SHADOW: Final = 0.6
_SOFTNESS: Final = 0.035  # of the longer side
_BLUR_SHRINK: Final = 8
_DIM: Final = 0.46
_VIVID: Final = 1.15


def cover_box(width: int, height: int, style: str = "") -> Box:
    """Where the cover lies on a canvas.

    Args:
        width: Of the canvas in pixels.
        height: Likewise.
        style: Of the visualizer that is drawn over it, empty for none.

    Returns:
        Left, top, width and height in pixels, all even: a square in the middle, inside a ring, or above what stands or
        runs along the foot.
    """
    short = min(width, height)
    below = style not in _SHARES
    side = _even(short * (_ABOVE_SHARES[height > width] if below else _SHARES[style]))
    middle = height * (_ABOVE_CENTRE if below else 0.5)
    return _even((width - side) / 2), max(0, _even(middle - side / 2)), side, side


def cover_backdrop(art: bytes, width: int, height: int, style: str = "") -> Planes | None:
    """A backdrop made of cover art; None where it is not readable as a picture.

    Args:
        art: A JPEG, PNG, WebP or GIF file.
        width: Pixels, even.
        height: Pixels, even.
        style: As in `cover_box`.
    """
    cover = _read(art)
    if cover is None:
        return None
    canvas = _ground(cover, width, height)
    left, top, wide, high = cover_box(width, height, style)
    # Drawn twice as large and made smaller: the corners are smooth then.
    mask = Image.new("L", (2 * wide, 2 * high))
    corner = round(2 * wide * (_DISC if style == "circular" else _CORNER))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 2 * wide - 1, 2 * high - 1), corner, fill=255)
    shape = mask.resize((wide, high), Image.Resampling.LANCZOS)
    canvas.paste((0, 0, 0), (0, 0), _shadow(shape, (left, top), (width, height)))
    canvas.paste(ImageOps.fit(cover, (wide, high), Image.Resampling.LANCZOS), (left, top), shape)
    return Planes.from_rgb(np.asarray(canvas))


def _read(art: bytes) -> Image.Image | None:
    try:
        with Image.open(BytesIO(art), formats=("JPEG", "PNG", "WEBP", "GIF")) as opened:
            if opened.width * opened.height > _MAX_PIXELS:
                return None
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    black = Image.new("RGBA", upright.size, (0, 0, 0, 255))
    return Image.alpha_composite(black, upright).convert("RGB")


def _ground(cover: Image.Image, width: int, height: int) -> Image.Image:
    """The cover over the whole canvas, so soft that only its colours are left, with noise against bands."""
    small = ImageOps.fit(cover, (max(2, width // _BLUR_SHRINK), max(2, height // _BLUR_SHRINK)))
    soft = small.filter(ImageFilter.GaussianBlur(max(width, height) * _SOFTNESS / _BLUR_SHRINK))
    rich = ImageEnhance.Color(soft).enhance(_VIVID).resize((width, height), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(5).random((height, width, 1), np.float32)
    return Image.fromarray(np.asarray(np.asarray(rich, np.float32) * _DIM + noise, np.uint8))


def _shadow(shape: Image.Image, at: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    """A soft shadow a little below a shape, as a mask of the canvas."""
    reach = shape.width * _SHADOW_REACH
    mask = Image.new("L", size)
    mask.paste(shape, (at[0], at[1] + round(reach / 3)))
    return ImageChops.multiply(mask.filter(ImageFilter.GaussianBlur(reach)), Image.new("L", size, round(255 * _SHADOW)))


def _even(value: float) -> int:
    return 2 * round(value / 2)
