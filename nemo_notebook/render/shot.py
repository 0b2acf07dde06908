"""One shot, rendered: its picture, what is drawn over it, and its file in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final

import av
from av import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from nemo_notebook.render import drawing, lettering, visualizers
from nemo_notebook.render.blends import Blender
from nemo_notebook.render.cache import whole_file
from nemo_notebook.render.effects import draw_effect
from nemo_notebook.render.formats import QUALITIES, Output, codec_for
from nemo_notebook.render.layers import (
    Backdrop,
    Blend,
    Clip,
    Effect,
    Fade,
    Image,
    Overlay,
    Shot,
    TitleLayer,
    VisualizerLayer,
)
from nemo_notebook.render.overlays import overlay_drawer
from nemo_notebook.render.planes import Planes, dim, ease, share_of
from nemo_notebook.render.sources import source_frames
from nemo_notebook.render.spectrum import Spectrum

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


_Draw = Callable[[Planes, int], None]


def render_shot(
    shot: Shot, output: Output, path: Path, spectrum: Spectrum | None, on_frame: Callable[[int], None]
) -> None:
    """Renders a shot to a file of exactly its number of frames.

    Args:
        shot: What is seen.
        output: Size, rate and quality.
        path: The file; it is there only when it is whole.
        spectrum: The whole film's, for a shot that is drawn from the sound.
        on_frame: Called with the number of frames done.

    Raises:
        NemoError: A source is missing or unreadable, or the disk is full.
    """
    draws = _draws(shot, output, spectrum)
    with whole_file(path) as part, Encoder(part, output) as encoder:
        for index, frame in enumerate(_pictures(shot, output, bool(draws))):
            if draws:
                planes = Planes.of_frame(frame)
                for draw in draws:
                    draw(planes, index)
            encoder.add(frame)
            on_frame(index + 1)


def _pictures(shot: Shot, output: Output, drawn_over: bool) -> Iterator[VideoFrame]:
    """The bottom layer, frame by frame; one that is drawn over is a copy that may be written to."""
    bottom = shot.layers[0] if shot.layers else None
    style = next((layer.style for layer in shot.layers if isinstance(layer, VisualizerLayer)), "")
    if isinstance(bottom, Blend):
        yield from _blended(bottom, output, shot.frames, style)
        return
    picture = bottom if isinstance(bottom, (Clip, Image, Backdrop)) else None
    frames = source_frames(picture, output, shot.frames, style)
    if not drawn_over or (isinstance(picture, (Clip, Image)) and picture.camera):
        yield from frames  # what a camera shows is drawn anew for each frame, and may be written to
        return
    canvas = Planes.black(output.width, output.height).to_video_frame()
    planes = Planes.of_frame(canvas)
    for frame in frames:
        planes.paste(Planes.of_frame(frame))
        yield canvas


def _blended(blend: Blend, output: Output, count: int, style: str) -> Iterator[VideoFrame]:
    canvas = Planes.black(output.width, output.height).to_video_frame()
    planes, blender = Planes.of_frame(canvas), Blender(blend.kind, blend.of)
    pictures = (source_frames(picture, output, count, style) for picture in (blend.under, blend.over))
    for index, (under, over) in enumerate(zip(*pictures, strict=True)):
        blender.draw(Planes.of_frame(under), Planes.of_frame(over), planes, blend.skip + index)
        yield canvas


def _draws(shot: Shot, output: Output, spectrum: Spectrum | None) -> list[_Draw]:
    draws: list[_Draw] = []
    for layer in shot.layers:
        if isinstance(layer, VisualizerLayer) and spectrum is not None:
            draws.append(_visualizer(layer, spectrum.slice(shot.first_frame, shot.frames)))
        elif isinstance(layer, Effect):
            draws.append(_effect(layer))
        elif isinstance(layer, Overlay):
            draws.append(overlay_drawer(layer, output, shot.frames))
        elif isinstance(layer, TitleLayer):
            draws.append(_title(layer))
        elif isinstance(layer, Fade):
            draws.append(_fade(layer))
    return draws


def _effect(layer: Effect) -> _Draw:
    return lambda planes, index: draw_effect(planes, layer, index)


def _title(layer: TitleLayer) -> _Draw:
    return lambda planes, index: lettering.draw_title(planes, layer, index)


def _fade(layer: Fade) -> _Draw:
    return lambda planes, index: dim(planes, share_of(fade_light(layer, index)), planes)


def fade_light(layer: Fade, index: int) -> float:
    """What is left of the light, 0–1, in frame `index` of its shot; the film's first or last frame is black."""
    frame = layer.skip + index
    return ease((layer.of - 1 - frame if layer.out else frame) / layer.of)


def _visualizer(layer: VisualizerLayer, spectrum: Spectrum) -> _Draw:
    style = layer.style if layer.style in visualizers.styles() else next(iter(visualizers.STYLES))
    palette = layer.palette if layer.palette in drawing.PALETTES else next(iter(drawing.PALETTES))
    return lambda planes, index: visualizers.draw(
        planes, style, palette, spectrum, index, layer.over_picture, layer.colors
    )
