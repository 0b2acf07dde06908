"""Still pictures into PNG or JPEG, with Pillow: their size is known before a pixel is decoded."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from nemo_notebook.errors import MediaTooLarge, UnsupportedMedia
from nemo_notebook.media.convert_files import Job, check_disk
from nemo_notebook.media.opening import MAX_SIDE_PX, read_head
from nemo_notebook.media.pictures import MAX_PIXELS
from nemo_notebook.media_types import TYPES, readers

_FORMATS: Final = readers(TYPES, stills=True)
_LOSSLESS: Final = frozenset({"PNG", "TIFF", "BMP", "ICO", "TGA", "PPM"})
_SMALL_PIXELS: Final = 1920 * 1080  # up to here a PNG is no burden
_JPEG_QUALITY: Final = 92


def convert_picture(job: Job, target: Path) -> Path:
    """A picture, upright, as PNG if it has transparency or is lossless and small, else as JPEG; the first of several.

    Args:
        job: The conversion.
        target: The name of a PNG.

    Returns:
        The file; its ending is that of its type.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: It does not decode as a whole.
        MediaTooLarge: It has more pixels than are worked with, or more bytes than are accepted.
        DiskFull: There is no room left.
    """
    read_head(job.source, job.filename)
    picture, lossless = _read(job)
    has_alpha = picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255)
    as_png = has_alpha or (lossless and picture.width * picture.height <= _SMALL_PIXELS)
    path = target if as_png else target.with_suffix(".jpg")
    profile = picture.info.get("icc_profile") or b""
    if picture.mode == "RGBA" and not has_alpha:
        picture = picture.convert("RGB")
    try:
        if as_png:
            picture.save(path, "PNG", icc_profile=profile)
        else:
            picture.save(path, "JPEG", quality=_JPEG_QUALITY, icc_profile=profile)
    except OSError as error:
        check_disk(error, job)
        raise
    if path.stat().st_size > job.max_bytes:
        raise job.too_large()
    return path


def _read(job: Job) -> tuple[Image.Image, bool]:
    """The decoded picture in mode L, RGB or RGBA, and whether its type loses nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of bombs, the limit here is tighter; of damage, it shows when it decodes
            with Image.open(job.source, formats=_formats()) as opened:
                _check_size(opened, job.filename)
                lossless = opened.format in _LOSSLESS and opened.info.get("compression") != "jpeg"
                return _plain(ImageOps.exif_transpose(opened)), lossless
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError, Image.DecompressionBombError) as error:
        raise UnsupportedMedia(
            f"{job.filename} does not decode as a picture: it is cut off, damaged or of another type.",
            hint="Copy or download it again, or save it anew as JPEG or PNG.",
        ) from error


def _formats() -> list[str]:
    try:
        import pillow_heif
    except ImportError:  # the extra `local` was installed before it was part of it
        return [each for each in _FORMATS if each != "HEIF"]
    pillow_heif.register_heif_opener(thumbnails=False, aux_images=False, depth_images=False, decode_threads=1)
    return _FORMATS


def _check_size(picture: Image.Image, filename: str) -> None:
    width, height = picture.size
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise MediaTooLarge(
            f"{filename} is {width}×{height} pixels; at most {MAX_SIDE_PX} a side "
            f"and {MAX_PIXELS // 1_000_000} million in all are accepted.",
            hint="Scale it down, then upload it again.",
        )


def _plain(picture: Image.Image) -> Image.Image:
    mode = picture.mode
    if mode in {"L", "RGB", "RGBA"}:
        return picture
    if mode.startswith("I"):  # 16 bits a sample: Pillow's own conversion cuts off what is above 255
        deep = np.asarray(picture).clip(0, 65535).astype(np.uint16)
        return Image.fromarray((deep >> 8).astype(np.uint8))
    if mode == "F":
        raise ValueError("floating-point pixels have no fixed white")
    if mode == "1":
        return picture.convert("L")
    has_alpha = mode in {"LA", "PA", "La", "RGBa"} or "transparency" in picture.info
    plain = picture.convert("RGBA" if has_alpha else "RGB")
    if mode != "P":
        plain.info.pop("icc_profile", None)  # it described other channels, such as CMYK
    return plain
