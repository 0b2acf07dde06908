"""The file of a shot, written frame by frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final

import av
from av import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from nemo_notebook.render.codecs import codec_for
from nemo_notebook.render.formats import QUALITIES
from nemo_notebook.render.layers import Output

_KEYFRAME_S: Final = 2


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
