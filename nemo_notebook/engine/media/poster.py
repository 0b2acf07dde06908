"""A small still of a film."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import av
from PIL import Image

_JPEG_QUALITY: Final = 80


def save(path: Path, out: Path, *, at_s: float, width: int) -> None:
    """Save one frame of a film as a JPEG.

    Args:
        path: The film; one of the engine's own.
        out: Where the picture goes.
        at_s: The time that is shown, in seconds; the last frame if the film is shorter.
        width: Pixels across; the height follows.
    """
    with av.open(str(path), options={"protocol_whitelist": "file"}) as film:
        stream = film.streams.video[0]
        film.seek(int(at_s * av.time_base))
        shown = None
        for frame in film.decode(stream):
            shown = frame
            if frame.time is not None and frame.time >= at_s:
                break
        if shown is not None:
            height = max(2, round(shown.height * width / shown.width / 2) * 2)
            small = shown.reformat(width=width, height=height, format="rgb24").to_ndarray()
            Image.fromarray(small).save(out, "JPEG", quality=_JPEG_QUALITY)
