"""The pictures at the bottom of a shot, frame by frame: clips, photos and backdrops in their fit and their colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import repeat
from pathlib import Path

from av import VideoFrame

from nemo_notebook.render.fit import Fitter
from nemo_notebook.render.footage import clip_frames
from nemo_notebook.render.layers import Backdrop, Clip, Image, Output
from nemo_notebook.render.looks import apply, grade_of
from nemo_notebook.render.picture import Planes
from nemo_notebook.render.still import image_frames


def source_frames(
    picture: Clip | Image | Backdrop | None, output: Output, count: int, style: str = ""
) -> Iterator[VideoFrame]:
    """The frames of a picture as the canvas shows them, yuv420p in BT.709; none at all is black.

    Args:
        picture: What is shown.
        output: Size and rate.
        count: Frames of the shot.
        style: Of the visualizer over it, which cover art leaves room for.

    Yields:
        A frame to be read only, and only until the next one is asked for.

    Raises:
        NemoError: A source is missing or unreadable.
    """
    if isinstance(picture, Clip):
        return _clip(picture, output, count)
    if isinstance(picture, Image):
        return image_frames(picture, output.width, output.height, count)
    drawn = (
        _backdrop(picture, output.width, output.height, style) if picture else Planes.black(output.width, output.height)
    )
    return repeat(drawn.to_video_frame(), count)


def _clip(clip: Clip, output: Output, count: int) -> Iterator[VideoFrame]:
    fitter, grade = Fitter(output.width, output.height, clip.fit), grade_of(clip.look)
    fitted, graded = (Planes.black(output.width, output.height).to_video_frame() for _ in range(2))
    before: VideoFrame | None = None
    shown = fitted
    for frame, aspect in clip_frames(clip, output.fps, count):
        if frame is not before:
            before, shown = frame, frame
            if not fitter.fits_as_is(frame, aspect):
                if clip.skip and fitter.chooses_a_part(frame, aspect):
                    _choose(fitter, clip, output, fitted)
                fitter.place(frame, aspect, Planes.of_frame(fitted))
                shown = fitted
            if grade:
                apply(grade, Planes.of_frame(shown), Planes.of_frame(graded))
                shown = graded
        yield shown


def _choose(fitter: Fitter, clip: Clip, output: Output, canvas: VideoFrame) -> None:
    """Lets the segment's first frame tell what to crop, so that all its shots are cropped alike."""
    for frame, aspect in clip_frames(replace(clip, skip=0), output.fps, 1):
        fitter.place(frame, aspect, Planes.of_frame(canvas))


@lru_cache(maxsize=4)
def _backdrop(backdrop: Backdrop, width: int, height: int, style: str) -> Planes:
    """A drawn ground, to be read only; the shots of a film have it in common, and it takes as long as 40 frames."""
    from nemo_notebook.render import visualizer

    if backdrop.cover:
        from nemo_notebook.media.thumbnails import cover_art
        from nemo_notebook.render.covers import cover_backdrop

        path = Path(backdrop.cover_path)
        art = cover_art(path, path.name)
        drawn = cover_backdrop(art, width, height, style) if art else None
        if drawn is not None:
            return drawn
    palette = backdrop.palette if backdrop.palette in visualizer.PALETTES else next(iter(visualizer.PALETTES))
    return visualizer.backdrop(width, height, palette, backdrop.colors)
