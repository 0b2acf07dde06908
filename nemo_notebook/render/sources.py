"""The pictures at the bottom of a shot, frame by frame: clips, photos and backdrops in their fit and their colours."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import Final, cast

import av
import numpy as np
from av import Packet, VideoFrame
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from PIL import Image as Pictures, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from nemo_notebook.errors import MediaTooLarge, UnsupportedMedia
from nemo_notebook.media.opening import MAX_SIDE_PX, UNREADABLE, head_of, open_media, open_picture
from nemo_notebook.render import drawing
from nemo_notebook.render.camera import Framer, view_at
from nemo_notebook.render.fit import Fitter
from nemo_notebook.render.formats import Output
from nemo_notebook.render.grading import apply, grade_of
from nemo_notebook.render.layers import Backdrop, Clip, Image
from nemo_notebook.render.placement import source_times
from nemo_notebook.render.planes import Planes

_BACKWARDS: Final = 16  # frames that are decoded ahead of what runs backwards; of 4K 200 MB
_REORDERED: Final = 24  # H.264 and HEVC hold back 16 frames at most
_WITH_ALPHA: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
_IN_ORDER: Final = frozenset({"avi"})  # it keeps no presentation times: only the order of decoding tells them


def clip_frames(clip: Clip, fps: int, count: int) -> Iterator[tuple[VideoFrame, float]]:
    """The decoded frames that a shot shows: frame k is the source's last one at or before its time.

    The source is decoded from the keyframe before. Before its start its first frame stays, after its end its last.
    Damaged packets are left out, as players do. What runs backwards is decoded in short stretches.

    Args:
        clip: The stretch.
        fps: Frames per second of the film.
        count: Frames of the shot.

    Yields:
        The frame as decoded, the same object again where it stays, and the width of its pixels by their height.

    Raises:
        FileMissing: The file is gone.
        UnsupportedMedia: There is no picture in it, or none that decodes.
    """
    times_s = source_times(clip, fps, count)
    if not clip.reverse:
        yield from _forward(clip, times_s)
        return
    first = 0
    while first < count:
        stretch = times_s[first : first + _BACKWARDS]
        yield from reversed(list(_forward(clip, stretch[::-1])))
        first += _BACKWARDS


def _forward(clip: Clip, times_s: Sequence[Fraction]) -> Iterator[tuple[VideoFrame, float]]:
    """The frames at times that do not go back."""
    with open_media(Path(clip.path), clip.name) as container:
        stream = _video_stream(container, clip.name)
        aspect = float(stream.sample_aspect_ratio or 1) or 1.0
        frames = _decoded(container, stream, times_s)
        shown = next(frames, None)
        if shown is None:
            raise UnsupportedMedia(f"{clip.name}: no picture in it decodes; the file is damaged.")
        coming = next(frames, None)
        for now_s in times_s:
            while coming is not None and coming[0] <= now_s:
                shown, coming = coming, next(frames, None)
            yield shown[1], aspect


def _is_seen(times_s: Sequence[Fraction], shown_s: Fraction, until_s: Fraction | None) -> bool:
    """Whether one of some ascending times lies where a frame of the source is shown."""
    at = bisect_left(times_s, shown_s)
    return until_s is None or (at < len(times_s) and times_s[at] < until_s)


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    if not container.streams.video:
        raise UnsupportedMedia(f"{name} has no picture.")
    stream = container.streams.video[0]
    context = stream.codec_context
    if max(context.width, context.height) > MAX_SIDE_PX:
        raise UnsupportedMedia(
            f"{name} has {context.width} × {context.height} pixels.", hint=f"Scale it to {MAX_SIDE_PX} a side at most."
        )
    context.thread_count = 1  # there is a worker for each core already
    return stream


def _decoded(
    container: InputContainer, stream: VideoStream, times_s: Sequence[Fraction]
) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Frames with their times from the one that is seen first, or an earlier one, on.

    What is decoded between two frames that are seen only serves the second: what no other one refers to is left out.
    """
    base = stream.time_base or Fraction(1, 90_000)
    origin = stream.start_time or 0
    in_order = container.format.name in _IN_ORDER
    decoder = _decoder(stream)
    first_dts: int | None = None
    delay: int | None = None
    last = origin
    for packet, follows in _followed(_packets(container, stream, int(times_s[0] / base) + origin)):
        first_dts = packet.dts if first_dts is None else first_dts
        unseen = packet.pts is not None and not _is_seen(
            times_s, (packet.pts - origin) * base, None if follows is None else (follows - origin) * base
        )
        decoder.skip_frame = "NONREF" if unseen and not in_order else "DEFAULT"
        for frame in _frames(packet, decoder):
            stamp = frame.dts if in_order else frame.pts
            if stamp is not None and in_order:
                delay = stamp - (first_dts or 0) if delay is None else delay
                stamp -= delay
            last = last if stamp is None else max(last, stamp)
            yield (last - origin) * base, frame


def _packets(container: InputContainer, stream: VideoStream, start: int) -> Iterator[Packet[VideoStream]]:
    """Packets from the keyframe before `start` on."""
    if start > (stream.start_time or 0):
        _read_head(container, stream)
        container.seek(start, stream=stream)
    yield from container.demux(stream)


def _followed(packets: Iterator[Packet[VideoStream]]) -> Iterator[tuple[Packet[VideoStream], int | None]]:
    """Each packet with the time stamp of the frame that is shown after its own, None for the last."""
    near: deque[int] = deque(maxlen=2 * _REORDERED)
    waiting: deque[Packet[VideoStream]] = deque()

    def follows(packet: Packet[VideoStream]) -> int | None:
        own = packet.pts
        return None if own is None else min((stamp for stamp in near if stamp > own), default=None)

    for packet in packets:
        waiting.append(packet)
        if packet.pts is not None:
            near.append(packet.pts)
        if len(waiting) > _REORDERED:
            yield waiting[0], follows(waiting.popleft())
    while waiting:
        yield waiting[0], follows(waiting.popleft())


def _read_head(container: InputContainer, stream: VideoStream) -> None:
    """Let the decoder see the first packet of a 4:4:4 stream before a jump.

    Only there does x264 note its version, and the decoder must know it: old versions coded 4:4:4 differently.
    """
    if stream.codec_context.name == "h264" and "444" in (stream.codec_context.pix_fmt or ""):
        for packet in container.demux(stream):
            if packet.size:
                for _ in _frames(packet, stream.codec_context):
                    pass
                stream.codec_context.flush_buffers()
                return


def _decoder(stream: VideoStream) -> VideoCodecContext:
    """The stream's own decoder, or the one that knows transparency where WebM says that there is some."""
    own = stream.codec_context
    said = {key.lower(): value for key, value in stream.metadata.items()}
    name = _WITH_ALPHA.get(own.name) if said.get("alpha_mode") == "1" else None
    if name is None:
        return own
    decoder = cast(VideoCodecContext, VideoCodecContext.create(name, "r"))
    decoder.thread_count = 1
    return decoder


def _frames(packet: Packet[VideoStream], decoder: VideoCodecContext) -> Iterator[VideoFrame]:
    try:
        yield from decoder.decode(packet if packet.size else None)
    except av.error.InvalidDataError:
        return
    except EOFError:  # flushed twice
        return


_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_MOST_RESERVE: Final = 1.5  # a camera that goes nearer loses sharpness instead of taking memory
_SPARE: Final = 1.2  # sizes in a ratio close to 1 : 1 are few and far between, so the camera stays below it


def image_frames(image: Image, width: int, height: int, count: int) -> Iterator[VideoFrame]:
    """The canvas for each frame of a shot of a photo, always in the same memory.

    Raises:
        FileMissing: The file is gone.
        UnsupportedMedia: It is not readable as a picture.
        MediaTooLarge: It is over a limit of `open_picture`.
    """
    camera, canvas = image.camera, Planes.black(width, height).to_video_frame()
    planes, grade = Planes.of_frame(canvas), grade_of(image.look)
    if camera is None:
        Fitter(width, height, image.fit, image.flip, image.turn).place(_photo(image, width, height), 1.0, planes)
        if grade:
            apply(grade, planes, planes)
        yield from repeat(canvas, count)
        return
    reserve = min(max(camera.start[2], camera.end[2]), _MOST_RESERVE) * _SPARE
    wide, high = (4 * math.ceil(side * reserve / 4) for side in (width, height))
    fitter, framer = Fitter(wide, high, image.fit, image.flip, image.turn), Framer()
    picture = fitter.whole(_photo(image, wide, high), 1.0)
    if grade:
        apply(grade, picture, picture)
    for index in range(count):
        framer.draw(picture, view_at(camera, index), planes)
        yield canvas


def _photo(image: Image, width: int, height: int) -> VideoFrame:
    path = Path(image.path)
    head_of(path, image.name)
    try:
        rgb = np.asarray(_upright(path, image.name, (width, height)))
    except UNREADABLE as error:
        raise UnsupportedMedia(f"{image.name} is not readable as a picture: damaged, or of another type.") from error
    return VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")


def _upright(source: Path | bytes, name: str, size: tuple[int, int] | None = None) -> Pictures.Image:
    """A picture as it is to be seen, on black; where a size is given, decoded no larger than need be."""
    with open_picture(source, name, _FORMATS) as opened:
        if size:
            opened.draft("RGB", size)
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    black = Pictures.new("RGBA", upright.size, (0, 0, 0, 255))
    return Pictures.alpha_composite(black, upright).convert("RGB")


_Box = tuple[int, int, int, int]

_SHARES: Final = {"": 0.62, "circular": 0.36}  # of the short side, by the visualizer's style
_ABOVE_SHARES: Final = (0.50, 0.66)  # with any other style below it, on a wide and on a tall canvas
_ABOVE_CENTRE: Final = 0.36  # of the height
_CORNER: Final = 0.045  # of the cover's side
_DISC: Final = 0.5  # in a ring, the cover is a disc
_SHADOW_REACH: Final = 0.06
_SHADOW: Final = 0.6
_SOFTNESS: Final = 0.035  # of the longer side
_BLUR_SHRINK: Final = 8
_DIM: Final = 0.46
_VIVID: Final = 1.15


def cover_box(width: int, height: int, style: str = "") -> _Box:
    """Where the cover lies on a canvas.

    Args:
        width: Of the canvas in pixels.
        height: Likewise.
        style: Of the visualizer that is drawn over it, empty for none.

    Returns:
        Left, top, width and height in pixels, all even: a square in the middle, inside a ring, or above what stands or
        runs along the foot.
    """
    short = min(width, height)
    below = style not in _SHARES
    side = _even(short * (_ABOVE_SHARES[height > width] if below else _SHARES[style]))
    middle = height * (_ABOVE_CENTRE if below else 0.5)
    return _even((width - side) / 2), max(0, _even(middle - side / 2)), side, side


def cover_backdrop(art: bytes, width: int, height: int, style: str = "") -> Planes | None:
    """A backdrop made of cover art; None where it is not readable as a picture.

    Args:
        art: A JPEG, PNG, WebP or GIF file.
        width: Pixels, even.
        height: Pixels, even.
        style: As in `cover_box`.
    """
    try:
        cover = _upright(art, "The cover")
    except (MediaTooLarge, *UNREADABLE):
        return None
    canvas = _ground(cover, width, height)
    left, top, wide, high = cover_box(width, height, style)
    # Drawn twice as large and made smaller: the corners are smooth then.
    mask = Pictures.new("L", (2 * wide, 2 * high))
    corner = round(2 * wide * (_DISC if style == "circular" else _CORNER))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 2 * wide - 1, 2 * high - 1), corner, fill=255)
    shape = mask.resize((wide, high), Pictures.Resampling.LANCZOS)
    canvas.paste((0, 0, 0), (0, 0), _shadow(shape, (left, top), (width, height)))
    canvas.paste(ImageOps.fit(cover, (wide, high), Pictures.Resampling.LANCZOS), (left, top), shape)
    return Planes.from_rgb(np.asarray(canvas))


def _ground(cover: Pictures.Image, width: int, height: int) -> Pictures.Image:
    """The cover over the whole canvas, so soft that only its colours are left, with noise against bands."""
    small = ImageOps.fit(cover, (max(2, width // _BLUR_SHRINK), max(2, height // _BLUR_SHRINK)))
    soft = small.filter(ImageFilter.GaussianBlur(max(width, height) * _SOFTNESS / _BLUR_SHRINK))
    rich = ImageEnhance.Color(soft).enhance(_VIVID).resize((width, height), Pictures.Resampling.BICUBIC)
    noise = np.random.default_rng(5).random((height, width, 1), np.float32)
    return Pictures.fromarray(np.asarray(np.asarray(rich, np.float32) * _DIM + noise, np.uint8))


def _shadow(shape: Pictures.Image, at: tuple[int, int], size: tuple[int, int]) -> Pictures.Image:
    """A soft shadow a little below a shape, as a mask of the canvas."""
    reach = shape.width * _SHADOW_REACH
    mask = Pictures.new("L", size)
    mask.paste(shape, (at[0], at[1] + round(reach / 3)))
    return ImageChops.multiply(
        mask.filter(ImageFilter.GaussianBlur(reach)), Pictures.new("L", size, round(255 * _SHADOW))
    )


def _even(value: float) -> int:
    return 2 * round(value / 2)


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
    fitter = Fitter(output.width, output.height, clip.fit, clip.flip, clip.turn)
    grade, camera = grade_of(clip.look), clip.camera
    fitted, graded = (Planes.black(output.width, output.height).to_video_frame() for _ in range(2))
    before: VideoFrame | None = None
    shown = fitted
    for index, (frame, aspect) in enumerate(clip_frames(clip, output.fps, count)):
        if camera or frame is not before:
            before, shown = frame, frame
            if camera:
                fitter.place(frame, aspect, Planes.of_frame(fitted), view_at(camera, index))
                shown = fitted
            elif not fitter.fits_as_is(frame, aspect):
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
    if backdrop.cover:
        from nemo_notebook.media.thumbnails import cover_art

        path = Path(backdrop.cover_path)
        art = cover_art(path, path.name)
        drawn = cover_backdrop(art, width, height, style) if art else None
        if drawn is not None:
            return drawn
    palette = backdrop.palette if backdrop.palette in drawing.PALETTES else next(iter(drawing.PALETTES))
    return drawing.backdrop(width, height, palette, backdrop.colors)
