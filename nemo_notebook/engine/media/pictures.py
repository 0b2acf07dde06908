"""Still pictures, read with Pillow: their size is known before a pixel is decoded."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Final

from PIL import ExifTags, Image, UnidentifiedImageError

from nemo_notebook.engine.media.opening import MAX_SIDE_PX
from nemo_notebook.errors import MediaTooLarge, UnsupportedMedia

MAX_PIXELS: Final = 50_000_000

# Clockwise turn of each EXIF orientation; mirrored ones (2, 4, 5, 7) count as their turn.
_TURNS: Final = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}


def picture_format(head: bytes) -> str | None:
    """Pillow's name of the still picture that starts with these bytes, or None.

    Signatures: JPEG (ITU T.81), PNG (ISO 15948), WebP container (RFC 9649). A gif may move, so it is read as a video.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return None


def picture_size(path: Path, filename: str, format_name: str) -> tuple[int, int, int]:
    """Width and height in pixels as displayed, and the clockwise turn in degrees; the picture is decoded once.

    Raises:
        MediaTooLarge: More than `MAX_SIDE_PX` a side or `MAX_PIXELS` in all; nothing was decoded then.
        UnsupportedMedia: It does not decode as a whole.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is tighter
            picture = Image.open(path, formats=[format_name])
        with picture:
            width, height = picture.size
            if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
                raise MediaTooLarge(
                    f"{filename} is {width}×{height} pixels; at most {MAX_SIDE_PX} a side "
                    f"and {MAX_PIXELS // 1_000_000} million in all are accepted.",
                    hint="Scale it down, then upload it again.",
                )
            turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1), 0)
            picture.draft("L", (width // 8, height // 8))  # a JPEG decodes at an eighth: a damaged one still shows
            picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnsupportedMedia(
            f"{filename} does not decode as a {format_name} picture: it is cut off or damaged.",
            hint="Copy or download it again, or save it anew as JPEG or PNG.",
        ) from error
    return (height, width, turn) if turn in (90, 270) else (width, height, turn)
