"""What can be exported: the table of file types, their codecs, and the form of an output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from nemo_notebook.errors import InputError, UnsupportedMedia, UsageError
from nemo_notebook.film.tracks import Json, duration_ms
from nemo_notebook.settings import FRAME_RATE

Kind = Literal["video", "animation", "still", "sound", "score"]


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

    kind: Kind
    mime: str
    pictures: str = ""
    sound: str = ""
    muxer: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    cover: Literal["picture", "file", ""] = ""


_INDEX_FIRST: Final = {"movflags": "+faststart"}  # a player can start before it has the whole file
_NO_CHANCE: Final = {"fflags": "+bitexact"}  # Matroska would have numbers by chance: the same film, other bytes

FORMATS: Final[Mapping[str, Format]] = {
    "mp4": Format("video", "video/mp4", "h264", "aac", "mp4", _INDEX_FIRST, "picture"),
    "mov": Format("video", "video/quicktime", "h264", "aac", "mov", _INDEX_FIRST),
    "mkv": Format(
        "video", "video/x-matroska", "h264", "aac", "matroska", {"avoid_negative_ts": "disabled"} | _NO_CHANCE, "file"
    ),
    "webm": Format("video", "video/webm", "vp9", "opus", "webm", {"cues_to_front": "1"} | _NO_CHANCE),
    "avi": Format("video", "video/x-msvideo", "mpeg4", "mp3", "avi"),
    "gif": Format("animation", "image/gif", "master", muxer="gif", options={"loop": "0"}),
    "jpg": Format("still", "image/jpeg", "master"),
    "png": Format("still", "image/png", "master"),
    "webp": Format("still", "image/webp", "master"),
    "mp3": Format("sound", "audio/mpeg", sound="mp3", muxer="mp3", cover="picture"),
    "wav": Format("sound", "audio/wav", sound="pcm", muxer="wav"),
    "m4a": Format(
        "sound", "audio/mp4", sound="aac", muxer="mp4", options=_INDEX_FIRST | {"brand": "M4A "}, cover="picture"
    ),
    "aac": Format("sound", "audio/aac", sound="aac", muxer="adts", options={"write_id3v2": "1"}),
    "mid": Format("score", "audio/midi"),
}
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


# Nearly as fast as x264's ultrafast, at half its size: entropy coding, deblocking and B-frames cost little.
_X264: Final = (
    "cabac=1:deblock=1,0,0:bframes=3:b-adapt=0:b-pyramid=normal:partitions=i8x8,i4x4:8x8dct=1:open-gop=0:scenecut=0"
    ":colorprim=bt709:transfer=bt709:colormatrix=bt709:fullrange=off"
)
# No frame is held back or hidden, so that a shot's packets are its frames and stand alone.
_VP9: Final = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"}


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


PICTURE_CODECS: Final[Mapping[str, PictureCodec]] = {
    "h264": PictureCodec(
        "libx264",
        "mp4",
        ".mp4",
        2,  # three B-frames as a pyramid
        {"preset": "ultrafast", "x264-params": _X264},
        {"crf": (30, 30, 26, 22)},
    ),
    "vp9": PictureCodec(
        "libvpx-vp9",
        "webm",
        ".webm",
        0,
        _VP9,
        {"crf": (44, 44, 36, 29)},
    ),
    "mpeg4": PictureCodec(
        "mpeg4",
        "avi",
        ".avi",
        0,
        {"bf": "0"},
        {"qmin": (9, 9, 5, 3), "qmax": (9, 9, 5, 3)},
        "XVID",
    ),
    # What stills and animations are made from afterwards: as good as the drawn pictures.
    "master": PictureCodec(
        "libx264",
        "mp4",
        ".master.mp4",
        2,
        {"preset": "ultrafast", "x264-params": _X264},
        {"crf": (6, 6, 6, 6)},
    ),
}


def codec_for(output: Output) -> PictureCodec:
    """How the shots of an output are kept."""
    return PICTURE_CODECS[FORMATS[output.format].pictures]


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


SOUND_CODECS: Final[Mapping[str, SoundCodec]] = {
    # The fast coder takes 40 % of the time; what it lacks, some more bits make good. With intensity stereo, two
    # processes would now and then come to different bytes.
    "aac": SoundCodec(
        ("aac",) * 4,
        ("fltp",) * 4,
        (128, 128, 192, 256),
        ("mp4", ".m4a", {}),
        {"aac_coder": "fast", "aac_is": "0"},
    ),
    "opus": SoundCodec(("libopus",) * 4, ("flt",) * 4, (64, 64, 96, 128), ("webm", ".webm", {})),
    "mp3": SoundCodec(
        ("libmp3lame",) * 4,
        ("fltp",) * 4,
        (128, 128, 192, 256),
        ("mp3", ".mp3", {"write_xing": "0", "id3v2_version": "0"}),
        {"compression_level": "7", "reservoir": "0"},
        lead=47,  # LAME and its decoders are 1105 samples late, a packet has 1152
        says_delay=False,
    ),
    "pcm": SoundCodec(
        ("pcm_s16le", "pcm_s16le", "pcm_s16le", "pcm_s24le"),
        ("s16", "s16", "s16", "s32"),
        (0, 0, 0, 0),
        ("wav", ".wav", {}),
    ),
}


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
