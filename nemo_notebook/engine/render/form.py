"""The form of a film, and tolerant readers for what a draft says about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nemo_notebook.engine.render.layers import Output
from nemo_notebook.errors import InputError, UnsupportedMedia, UsageError
from nemo_notebook.settings import FRAME_RATE
from nemo_notebook.timeline.draft import Json

MAX_SIDE_PX: Final = 8192
MIN_SIDE_PX: Final = 16
MAX_FPS: Final = 120
FORMATS: Final = ("mp4", "mov", "mkv")
QUALITIES: Final = ("low", "medium", "high")
SHORT_SIDES_PX: Final = {"720p": 720, "1080p": 1080, "4k": 2160}


def output_for(draft: Json | None, format: str = "mp4", quality: str = "high", resolution: str | None = None) -> Output:  # noqa: A002
    """The form of a draft's film.

    Args:
        draft: Its `m` gives width, height and fps (1920 × 1080 at 30 without).
        format: Container.
        quality: `low`, `medium` or `high`.
        resolution: `720p`, `1080p` or `4k` scales the canvas by its short side; None keeps it.

    Raises:
        UnsupportedMedia: A container that cannot be had yet.
        UsageError: An unknown quality or resolution.
        InputError: A canvas or a frame rate that cannot be meant.
    """
    kind = format.lower().lstrip(".")
    if kind not in FORMATS:
        raise UnsupportedMedia(f"The local engine cannot write '{kind}' yet.", hint=f"Choose {', '.join(FORMATS)}.")
    if quality not in QUALITIES:
        raise UsageError(f"There is no quality '{quality}'.", hint=f"Choose {', '.join(QUALITIES)}.")
    if resolution is not None and resolution.lower() not in SHORT_SIDES_PX:
        raise UsageError(f"There is no resolution '{resolution}'.", hint=f"Choose {', '.join(SHORT_SIDES_PX)}.")
    meta = meta_of(draft)
    width, height = number_of(meta, "width", 1920), number_of(meta, "height", 1080)
    fps = round(number_of(meta, "fps", FRAME_RATE))
    short = min(width, height)
    scale = SHORT_SIDES_PX[resolution.lower()] / short if resolution and short > 0 else 1.0
    size = (_even(width * scale), _even(height * scale))
    if not (min(size) >= MIN_SIDE_PX and max(size) <= MAX_SIDE_PX and 1 <= fps <= MAX_FPS):
        raise InputError(
            f"A canvas of {size[0]} × {size[1]} at {fps} frames per second cannot be rendered.",
            hint=f"Sides from {MIN_SIDE_PX} to {MAX_SIDE_PX} pixels and 1 to {MAX_FPS} frames per second can.",
        )
    return Output(kind, quality, *size, fps)


def meta_of(raw: Json | None) -> Json:
    """The metadata of a draft, a track or a segment, empty where there is none."""
    meta = (raw or {}).get("m")
    return meta if isinstance(meta, Mapping) else {}


def text_of(meta: Json, key: str) -> str:
    """A text, empty where there is none."""
    value = meta.get(key)
    return value if isinstance(value, str) else ""


def number_of(meta: Json, key: str, default: float) -> float:
    """A number, or the default where there is none that can be meant."""
    value = meta.get(key)
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and -1e9 < value < 1e9
    return float(value) if usable and value is not None else default


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))
