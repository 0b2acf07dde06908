"""What can be exported: the table of file types, their codecs, and the form of an output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from msgspec import toml

from nemo_notebook.errors import InputError, UnsupportedMedia, UsageError
from nemo_notebook.film.tracks import Json, duration_ms, meta_of
from nemo_notebook.settings import FRAME_RATE

FormatKind = Literal["video", "animation", "still", "sound", "score"]


@dataclass(frozen=True, slots=True)
class Format:
    """One file type.

    Attributes:
        kind: `video` (pictures and sound), `animation` (pictures that loop), `still`, `sound`, or `score` (notes).
        mime: What it is served as.
        pictures: A name in `PICTURE_CODECS`: how its shots are kept; empty where none are seen.
        sound: A name in `SOUND_CODECS`; empty where nothing is heard.
        muxer: FFmpeg's name of the container; empty where FFmpeg does not write it.
        options: The muxer's options.
        cover: How a cover is put in: `picture` as a stream of one picture, `file` as an attached file, or not at all.
    """

    kind: FormatKind
    mime: str
    pictures: str = ""
    sound: str = ""
    muxer: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    cover: Literal["picture", "file", ""] = ""


# What a player can begin with anywhere: each fragment stands alone, with its pictures and its sound, and begins with a
# picture that needs no other. Without an edit list, which not every player of pieces heeds, pictures begin at 0.
IN_PIECES: Final[Mapping[str, str]] = {
    "movflags": "+frag_keyframe+empty_moov+default_base_moof+negative_cts_offsets+skip_trailer",
    "min_frag_duration": "500000",  # microseconds: a film with many cuts need not have as many pieces
}
OTHER_NAMES: Final[Mapping[str, str]] = {"jpeg": "jpg", "midi": "mid"}
QUALITIES: Final = ("preview", "low", "medium", "high")


def format_name(name: str) -> str:
    """The name under which a format is in the table, if it is: lower case, without a dot."""
    plain = name.strip().lower().lstrip(".")
    return OTHER_NAMES.get(plain, plain)


@dataclass(frozen=True, slots=True)
class Output:
    """The film's form.

    Attributes:
        format: A name in `FORMATS`.
        quality: `preview`, `low`, `medium` or `high`.
        width: Canvas width in pixels, even.
        height: Canvas height in pixels, even.
        fps: Frames per second.
        in_pieces: Whether a player may read the file in pieces, from anywhere: for previews, as MP4.
    """

    format: str
    quality: str
    width: int
    height: int
    fps: int
    in_pieces: bool = False

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """The form in words, as a film tells of it; see `Provenance.output`."""
        kind = FORMATS[self.format]
        seen = (("size", f"{self.width}×{self.height}"),) if kind.pictures else ()
        moving = (("fps", str(self.fps)),) if kind.kind in {"video", "animation"} else ()
        return ("format", self.format), ("quality", self.quality), *seen, *moving


@dataclass(frozen=True, slots=True)
class PictureCodec:
    """A way to keep a shot.

    Attributes:
        encoder: FFmpeg's name.
        muxer: Container of a shot, also FFmpeg's name.
        suffix: How a shot's file ends; tells the codecs apart in the cache.
        reorder_frames: A frame is decoded at most so many frames before it is shown.
        options: For every quality.
        rate_control: The options that a quality goes by, with their values for `preview`, `low`, `medium` and `high`.
        tag: The four characters by which a container knows the codec, where FFmpeg's own choice is little known.
    """

    encoder: str
    muxer: str
    suffix: str
    reorder_frames: int
    options: Mapping[str, str]
    rate_control: Mapping[str, tuple[int, int, int, int]]
    tag: str = ""


@dataclass(frozen=True, slots=True)
class SoundCodec:
    """A way to keep sound.

    Attributes:
        encoder: For every quality, FFmpeg's name.
        form: For every quality, the sample format that it takes.
        kbits_per_s: For every quality; 0 where it follows from the form.
        track: Muxer and suffix of a film's track in the cache, with the muxer's options.
        options: Of the encoder.
        lead: Samples of silence that fill the encoder's delay up to one packet, which is then left out where the
            container cannot tell players to skip it.
        says_delay: Whether the track's container can.
    """

    encoder: tuple[str, str, str, str]
    form: tuple[str, str, str, str]
    kbits_per_s: tuple[int, int, int, int]
    track: tuple[str, str, Mapping[str, str]]
    options: Mapping[str, str] = field(default_factory=dict)
    lead: int = 0
    says_delay: bool = True


@dataclass(frozen=True, slots=True)
class _Tables:
    """The file `formats.toml`."""

    formats: dict[str, Format]
    pictures: dict[str, PictureCodec]
    sounds: dict[str, SoundCodec]
    last_steps: dict[str, str]


_TABLES: Final = toml.decode(Path(__file__).with_name("formats.toml").read_bytes(), type=_Tables)
FORMATS: Final = _TABLES.formats
PICTURE_CODECS: Final = _TABLES.pictures
SOUND_CODECS: Final = _TABLES.sounds
LAST_STEPS: Final = _TABLES.last_steps


def codec_for(output: Output) -> PictureCodec:
    """How the shots of an output are kept."""
    return PICTURE_CODECS[FORMATS[output.format].pictures]


LARGEST_SIDE_PX: Final = 8192
MIN_SIDE_PX: Final = 16
MAX_FPS: Final = 120
SHORT_SIDES_PX: Final = {f"{side}p": side for side in (480, 540, 720, 1080, 1440)} | {"2k": 1440, "4k": 2160}
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
    meta = meta_of(draft or {})
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
    if not (min(size) >= MIN_SIDE_PX and max(size) <= LARGEST_SIDE_PX and 1 <= fps <= MAX_FPS):
        raise InputError(
            f"A canvas of {size[0]} × {size[1]} at {fps} frames per second cannot be rendered.",
            hint=f"Sides from {MIN_SIDE_PX} to {LARGEST_SIDE_PX} pixels and 1 to {MAX_FPS} frames per second can.",
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
    at_ms = number_of(meta_of(draft or {}), "poster_ms", -1)
    frame = at_ms * fps / 1000 + 0.5 if at_ms >= 0 else _POSTER_AT * frames
    return max(0, min(frames - 1, int(frame)))


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
