"""The form of a film, and tolerant readers for what a draft says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from nemo_notebook.errors import InputError, UnsupportedMedia, UsageError
from nemo_notebook.film.draft import Json, duration_ms
from nemo_notebook.render.formats import FORMATS, QUALITIES, format_name
from nemo_notebook.render.layers import Output
from nemo_notebook.settings import FRAME_RATE

MAX_SIDE_PX: Final = 8192
MIN_SIDE_PX: Final = 16
MAX_FPS: Final = 120
SHORT_SIDES_PX: Final = {
    "480p": 480,
    "540p": 540,
    "720p": 720,
    "1080p": 1080,
    "1440p": 1440,
    "2k": 1440,
    "4k": 2160,
}
_PREVIEW_PX: Final = 540
_LONG_PREVIEW_PX: Final = 360  # what is drawn from the sound takes less than half as long
_LONG_PREVIEW_MS: Final = 60_000
_ANIMATION: Final = {"preview": (270, 10), "low": (270, 10), "medium": (360, 12), "high": (480, 15)}  # pixels, fps
_POSTER_AT: Final = 0.4  # of the film's length: past the title, before the end


def output_for(draft: Json | None, format: str = "mp4", quality: str = "high", resolution: str | None = None) -> Output:  # noqa: A002
    """The form of a draft's film.

    Args:
        draft: Its `m` gives width, height and fps (1920 × 1080 at 30 without).
        format: A name in `FORMATS`, in any case, or one that people also use (`jpeg`).
        quality: `low`, `medium` or `high`; `preview` is quick and small.
        resolution: A name in `SHORT_SIDES_PX` scales the canvas by its short side; None keeps it. Previews and
            animations are smaller where they have to be.

    Raises:
        UnsupportedMedia: A format that cannot be written.
        UsageError: An unknown quality or resolution.
        InputError: A canvas or a frame rate that cannot be meant.
    """
    kind, quality = format_name(format), quality.strip().lower()
    if kind not in FORMATS:
        raise UnsupportedMedia(f"The local engine cannot write '{kind}'.", hint=f"Choose {', '.join(FORMATS)}.")
    if quality not in QUALITIES:
        raise UsageError(f"There is no quality '{quality}'.", hint=f"Choose {', '.join(QUALITIES)}.")
    if resolution is not None and resolution.lower() not in SHORT_SIDES_PX:
        raise UsageError(f"There is no resolution '{resolution}'.", hint=f"Choose {', '.join(SHORT_SIDES_PX)}.")
    meta = meta_of(draft)
    width, height = number_of(meta, "width", 1920), number_of(meta, "height", 1080)
    fps = round(number_of(meta, "fps", FRAME_RATE))
    short = min(width, height)
    wanted = SHORT_SIDES_PX[resolution.lower()] if resolution and short > 0 else short
    if FORMATS[kind].kind == "animation":
        most, most_fps = _ANIMATION[quality]
        wanted, fps = min(wanted, most), min(fps, most_fps)
    elif quality == "preview":
        wanted = min(wanted, _PREVIEW_PX)
    scale = wanted / short if short > 0 else 1.0
    size = (_even(width * scale), _even(height * scale))
    if not (min(size) >= MIN_SIDE_PX and max(size) <= MAX_SIDE_PX and 1 <= fps <= MAX_FPS):
        raise InputError(
            f"A canvas of {size[0]} × {size[1]} at {fps} frames per second cannot be rendered.",
            hint=f"Sides from {MIN_SIDE_PX} to {MAX_SIDE_PX} pixels and 1 to {MAX_FPS} frames per second can.",
        )
    return Output(kind, quality, *size, fps)


def preview_for(draft: Json | None) -> Output:
    """The form of a draft's preview: small, smaller still for a long film, and such that it can be read in pieces.

    Raises:
        InputError: A canvas or a frame rate that cannot be meant.
    """
    output = output_for(draft, quality="preview")
    most = _LONG_PREVIEW_PX if duration_ms(draft) > _LONG_PREVIEW_MS else _PREVIEW_PX
    scale = min(1.0, most / min(output.width, output.height))
    return replace(output, width=_even(output.width * scale), height=_even(output.height * scale), in_pieces=True)


def poster_frame(draft: Json | None, frames: int, fps: int) -> int:
    """The frame that stands for a film of so many: where the draft's `poster_ms` is, else at 40 % of its length."""
    at_ms = number_of(meta_of(draft), "poster_ms", -1)
    frame = at_ms * fps / 1000 + 0.5 if at_ms >= 0 else _POSTER_AT * frames
    return max(0, min(frames - 1, int(frame)))


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
