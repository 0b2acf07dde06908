"""How pictures are encoded: one fixed setting for each codec, so that shots can be joined by copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final

import av
from av import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from nemo_notebook.engine.render.formats import FORMATS, QUALITIES
from nemo_notebook.engine.render.layers import Output

_KEYFRAME_S: Final = 2
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


class Encoder:
    """Writes frames to the file of one shot; frame k is shown at k / fps.

    All shots of the same output have the same parameter sets, so that they can be joined by copy. Use it with `with`.

    Args:
        path: File to write.
        output: Format, size, rate and quality.
    """

    def __init__(self, path: Path, output: Output) -> None:
        codec = codec_for(output)
        self._container = av.open(str(path), "w", format=codec.muxer)
        level = QUALITIES.index(output.quality)
        options = {**codec.options, **{name: str(values[level]) for name, values in codec.rate_control.items()}}
        stream = self._container.add_stream(codec.encoder, rate=output.fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = output.width, output.height, "yuv420p"
        stream.gop_size = _KEYFRAME_S * output.fps
        context = stream.codec_context
        context.thread_count = 1
        context.time_base = Fraction(1, output.fps)
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        if codec.encoder == "libvpx-vp9":
            context.bit_rate = 0  # else it would aim at a bit rate rather than at a quality
        if codec.tag:
            context.codec_tag = codec.tag
        self._stream = stream
        self._count = 0

    def __enter__(self) -> Encoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()

    def add(self, frame: VideoFrame) -> None:
        """Encodes one yuv420p frame of the output's size; it may be changed or added again afterwards."""
        frame.pts, frame.time_base = self._count, Fraction(1, self._stream.codec_context.framerate)
        frame.pict_type = 0  # a decoded frame remembers its type, and x264 would keep to it
        self._container.mux(self._stream.encode(frame))
        self._count += 1
