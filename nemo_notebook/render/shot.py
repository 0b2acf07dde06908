"""One shot, rendered: its picture, what is drawn over it, and its file in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from av import VideoFrame

from nemo_notebook.render.blends import Blender
from nemo_notebook.render.encode import Encoder
from nemo_notebook.render.files import whole_file
from nemo_notebook.render.layers import (
    Backdrop,
    Blend,
    Clip,
    Fade,
    Image,
    Output,
    Shot,
    TitleLayer,
    VisualizerLayer,
)
from nemo_notebook.render.mixing import dim, ease, share_of
from nemo_notebook.render.picture import Planes
from nemo_notebook.render.sources import source_frames

if TYPE_CHECKING:
    from nemo_notebook.render.spectrum import Spectrum

Draw = Callable[[Planes, int], None]


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
    draws = _draws(shot, spectrum)
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
    if not drawn_over:
        yield from frames
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


def _draws(shot: Shot, spectrum: Spectrum | None) -> list[Draw]:
    draws: list[Draw] = []
    for layer in shot.layers:
        if isinstance(layer, VisualizerLayer) and spectrum is not None:
            draws.append(_visualizer(layer, spectrum.slice(shot.first_frame, shot.frames)))
        elif isinstance(layer, TitleLayer):
            draws.append(_title(layer))
        elif isinstance(layer, Fade):
            draws.append(_fade(layer))
    return draws


def _fade(layer: Fade) -> Draw:
    def draw(planes: Planes, index: int) -> None:
        dim(planes, share_of(fade_light(layer, index)), planes)

    return draw


def fade_light(layer: Fade, index: int) -> float:
    """What is left of the light, 0–1, in frame `index` of its shot; the film's first or last frame is black."""
    frame = layer.skip + index
    return ease((layer.of - 1 - frame if layer.out else frame) / layer.of)


def _visualizer(layer: VisualizerLayer, spectrum: Spectrum) -> Draw:
    from nemo_notebook.render import visualizer

    style = layer.style if layer.style in visualizer.STYLES else next(iter(visualizer.STYLES))
    palette = layer.palette if layer.palette in visualizer.PALETTES else next(iter(visualizer.PALETTES))

    def draw(planes: Planes, index: int) -> None:
        visualizer.draw(planes, style, palette, spectrum, index, layer.over_picture, layer.colors)

    return draw


def _title(layer: TitleLayer) -> Draw:
    from nemo_notebook.render import titles

    def draw(planes: Planes, index: int) -> None:
        titles.draw(planes, layer, index)

    return draw
