"""The one way in which pictures become H.264."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final

import av
from av import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from nemo_notebook.engine.render.layers import Output

CRF: Final = {"low": 30, "medium": 26, "high": 22}
REORDER_FRAMES: Final = 2  # three B-frames as a pyramid: a frame is decoded at most two frames before it is shown
_KEYFRAME_S: Final = 2
# Nearly as fast as x264's ultrafast, at half its size: entropy coding, deblocking and B-frames cost little.
_X264: Final = (
    "cabac=1:deblock=1,0,0:bframes=3:b-adapt=0:b-pyramid=normal:partitions=i8x8,i4x4:8x8dct=1:open-gop=0:scenecut=0"
    ":colorprim=bt709:transfer=bt709:colormatrix=bt709:fullrange=off"
)


class Encoder:
    """Writes frames to an MP4 of one shot; frame k is shown at k / fps.

    All shots of the same output have the same parameter sets, so that they can be joined by copy. Use it with `with`.

    Args:
        path: File to write.
        output: Size, rate and quality.
    """

    def __init__(self, path: Path, output: Output) -> None:
        self._container = av.open(str(path), "w", format="mp4")
        options = {"preset": "ultrafast", "crf": str(CRF[output.quality]), "x264-params": _X264}
        stream = self._container.add_stream("libx264", rate=output.fps, options=options)
        stream.width, stream.height, stream.pix_fmt = output.width, output.height, "yuv420p"
        stream.gop_size = _KEYFRAME_S * output.fps
        context = stream.codec_context
        context.thread_count = 1
        context.time_base = Fraction(1, output.fps)
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
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
