"""One shot, rendered: its picture, what is drawn over it, and its file in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from av import VideoFrame

from nemo_notebook.engine.render.encode import Encoder
from nemo_notebook.engine.render.files import whole_file
from nemo_notebook.engine.render.fit import Fitter
from nemo_notebook.engine.render.footage import clip_frames
from nemo_notebook.engine.render.layers import Backdrop, Clip, Image, Layer, Output, Shot, TitleLayer, VisualizerLayer
from nemo_notebook.engine.render.picture import Planes
from nemo_notebook.engine.render.still import image_frames

if TYPE_CHECKING:
    from nemo_notebook.engine.render.spectrum import Spectrum

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
    canvas = Planes.black(output.width, output.height).to_video_frame()
    planes = Planes.of_frame(canvas)
    bottom = shot.layers[0] if shot.layers else None
    if isinstance(bottom, Clip):
        fitter = Fitter(output.width, output.height)
        for frame, aspect in clip_frames(bottom, output.fps, shot.frames):
            as_is = fitter.fits_as_is(frame, aspect)
            if as_is and not drawn_over:
                yield frame
                continue
            if as_is:
                planes.paste(Planes.of_frame(frame))
            else:
                fitter.place(frame, aspect, planes)
            yield canvas
        return
    for picture in _stills(bottom, output, shot.frames):
        planes.paste(picture)
        yield canvas


def _stills(bottom: Layer | None, output: Output, count: int) -> Iterator[Planes]:
    if isinstance(bottom, Image):
        yield from image_frames(bottom, output.width, output.height, count)
        return
    picture = Planes.black(output.width, output.height)
    if isinstance(bottom, Backdrop):
        from nemo_notebook.engine.render import visualizer

        picture = visualizer.backdrop(output.width, output.height, bottom.palette)
    yield from (picture for _ in range(count))


def _draws(shot: Shot, output: Output, spectrum: Spectrum | None) -> list[Draw]:
    draws: list[Draw] = []
    for layer in shot.layers:
        if isinstance(layer, VisualizerLayer) and spectrum is not None:
            draws.append(_visualizer(layer, spectrum.slice(shot.first_frame, shot.frames)))
        elif isinstance(layer, TitleLayer):
            draws.append(_title(layer, output))
    return draws


def _visualizer(layer: VisualizerLayer, spectrum: Spectrum) -> Draw:
    from nemo_notebook.engine.render import visualizer

    def draw(planes: Planes, index: int) -> None:
        visualizer.draw(planes, layer.style, layer.palette, spectrum, index, layer.over_picture)

    return draw


def _title(layer: TitleLayer, output: Output) -> Draw:
    from nemo_notebook.engine.render import titles

    overlay = titles.render(
        titles.Title(layer.text, layer.position, layer.size, layer.color, output.width, output.height)
    )

    def draw(planes: Planes, index: int) -> None:
        titles.blend(planes, overlay, title_alpha(layer, index))

    return draw


def title_alpha(layer: TitleLayer, index: int) -> float:
    """How much of a title is seen, 0–1, in frame `index` of its shot."""
    frame = layer.skip + index
    edge = min(frame + 1, layer.of - frame)
    return min(1.0, edge / (layer.fade + 1))
