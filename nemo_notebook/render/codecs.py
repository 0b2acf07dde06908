"""How pictures and sound are encoded: one fixed setting for each codec, so that shots can be joined by copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from nemo_notebook.render.formats import FORMATS
from nemo_notebook.render.layers import Output

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
