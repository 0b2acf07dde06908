"""What happens in a video: where it cuts, how much moves, how bright it is, and what of it is worth showing.

A cut is a frame that differs from the one before far more than its neighbours do from theirs, and to which the picture
does not return: so fast motion, shaking hands, fades and flashes are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from av.codec.context import ThreadType
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.media import moments
from nemo_notebook.media.opening import open_media, picture_streams

_Doubles = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

_LARGE_PX: Final = 640  # longer side of the pictures whose sharpness is measured
_LARGE_APART_S: Final = 0.4
_ALL_PIXELS: Final = 1920 * 1080 * 30 * 60  # a minute of 1080p, 9 s of work: in what is longer, only keyframes are seen
_ALL_FRAMES: Final = 60_000  # half an hour at 30 a second, 10 s of work and 140 MB however small they are
_KEYFRAMES: Final = 1500
_KEYFRAMES_APART_S: Final = 1.0
_KEYS_APART_S: Final = 0.3  # of those that are noted
_NEAR_FRAMES: Final = 8  # on either side, that a cut stands out from
_LEAST: Final = 7.0  # mean difference of a cut, in levels of 255 of the square root of light
_TIMES: Final = 3.0  # of the neighbours' median
_MOVED: Final = (6, 4)  # pixels of 64 × 36 that a camera moves between frames
_LEAST_KEYFRAMES: Final = 26.0  # with seconds between them, only another picture is a cut
_BACK_FRAMES: Final = (3, 6)  # a flash has gone after so many
_BACK: Final = 0.42  # of a cut's difference: what is left if the picture returned
_APART_S: Final = 0.3
_NOMINAL_FPS: Final = 30.0
_FAST: Final = 24.0  # mean difference of frames at 30 a second that counts as 1
_FAST_KEYFRAMES: Final = 60.0
_BLACK, _WHITE = 16.0, 235.0


@dataclass(frozen=True, slots=True)
class Scenes:
    """What happens in a video.

    Attributes:
        scenes_s: Times of the first frames after cuts, in seconds, ascending, without 0.
        motion: How much moves in each second, 0–1.
        brightness: How bright each second is, 0–1.
        sharpness: How sharp each second is, 0–1, beside the sharpest one and on an absolute scale.
        steadiness: How steadily each second is held, 0–1; empty where only keyframes were seen.
        focus: Where in the picture the eye goes in each second, as shares of width and height.
        pan: How the whole picture moves to the right and down in each second, in widths and heights a second; empty
            where only keyframes were seen.
        colors: How colourful each second is, 0–1.
        keyframes_s: Times of frames that need no other to be decoded, in seconds, 0.3 s apart at least.
    """

    scenes_s: tuple[float, ...]
    motion: tuple[float, ...]
    brightness: tuple[float, ...]
    sharpness: tuple[float, ...] = ()
    steadiness: tuple[float, ...] = ()
    focus: tuple[tuple[float, float], ...] = ()
    pan: tuple[tuple[float, float], ...] = ()
    colors: tuple[float, ...] = ()
    keyframes_s: tuple[float, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All attributes as JSON values."""
        return {name: list(values) for name, values in asdict(self).items()}


def watch(path: Path, filename: str) -> Scenes:
    """Watches a video: all frames that others refer to, or of a long one a keyframe now and then.

    Args:
        path: The file.
        filename: What people call it, for messages.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no video in it, or none that decodes.
    """
    with open_media(path, filename) as container:
        videos = picture_streams(container)
        if not videos:
            raise UnsupportedMedia(f"{filename} has no picture.")
        stream, every_s = videos[0], _keyframes_apart_s(container, videos[0])
        stream.thread_type = ThreadType.NONE
        stream.codec_context.thread_count = 1  # the engine's processes share the cores
        stream.codec_context.skip_frame = "NONKEY" if every_s else "NONREF"
        at_s, pictures, meter, keys_s = _look(container, stream, every_s)
    if not pictures:
        raise UnsupportedMedia(f"{filename}: none of its pictures decode; the file is damaged.")
    found = find_scenes(np.array(at_s), np.stack(pictures), keyframes=bool(every_s))
    found = replace(found, keyframes_s=tuple(keys_s))
    return replace(found, **asdict(meter.moments(found.scenes_s, len(found.brightness), keyframes=bool(every_s))))


def _look(
    container: InputContainer, stream: VideoStream, every_s: float
) -> tuple[list[float], list[Pixels], moments.MomentMeter, list[float]]:
    """When each frame is seen, in seconds from the first, its luma at 64 × 36, what was measured, and keyframes."""
    small_scaler, large_scaler = VideoReformatter(), VideoReformatter()  # one for each takes 30 kB and most of the time
    meter, first_s, next_s = moments.MomentMeter(stream.height / max(1, stream.width)), 0.0, 0.0
    at_s: list[float] = []
    pictures: list[Pixels] = []
    keys_s: list[float] = []
    for frame in islice(_frames(container, stream, every_s), _ALL_FRAMES):
        if frame.time is None or (at_s and frame.time <= first_s + at_s[-1]):
            continue
        if not at_s:
            first_s = frame.time
            meter = moments.MomentMeter(frame.height / frame.width, round(frame.rotation / 90))
        at_s.append(frame.time - first_s)
        if frame.key_frame and (not keys_s or at_s[-1] - keys_s[-1] >= _KEYS_APART_S):
            keys_s.append(round(at_s[-1], 3))
        picture = _small(small_scaler, frame)
        pictures.append(picture[: moments.HEIGHT])
        is_due = at_s[-1] >= next_s
        if is_due:
            next_s = at_s[-1] + _LARGE_APART_S
        meter.see(at_s[-1], picture, _large(large_scaler, frame) if is_due else None)
    return at_s, pictures, meter, keys_s


def find_scenes(times_s: _Doubles, pictures: Pixels, *, keyframes: bool = False) -> Scenes:
    """Finds cuts, motion and brightness in small pictures.

    Args:
        times_s: When each is seen, in seconds, ascending from 0, shape (n,).
        pictures: Luma in limited range, shape (n, height, width).
        keyframes: Whether seconds lie between them.
    """
    eyes = (np.sqrt(np.arange(256) / 255) * 255).astype(np.float32)  # dark scenes differ as bright ones do
    change = np.array([0.0, *(_difference(eyes, pictures, k, k - 1) for k in range(1, len(pictures)))])
    cuts = np.flatnonzero(change >= _LEAST_KEYFRAMES) if keyframes else _cuts(eyes, pictures, change)
    scenes = _apart(times_s[cuts], change[cuts])
    pace = change / _FAST_KEYFRAMES
    if not keyframes:
        pace = change / np.maximum(np.diff(times_s, prepend=-1.0) * _NOMINAL_FPS, 0.5) / _FAST
    pace[cuts] = np.nan  # a cut is no motion
    light = np.array([float(picture.mean()) for picture in pictures])
    return Scenes(
        tuple(round(float(scene), 3) for scene in scenes),
        _each_second(times_s[1:], pace[1:]) or (0.0,),
        _each_second(times_s, (light - _BLACK) / (_WHITE - _BLACK)),
    )


def _cuts(eyes: npt.NDArray[np.float32], pictures: Pixels, change: _Doubles) -> npt.NDArray[np.int64]:
    """Indices of the frames after cuts."""
    change = _steadied(eyes, pictures, change)
    padded = np.pad(change[1:], _NEAR_FRAMES, mode="reflect") if len(change) > _NEAR_FRAMES + 1 else None
    if padded is None:
        usual = np.full(len(change), float(np.median(change[1:])) if len(change) > 1 else 0.0)
    else:
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEAR_FRAMES + 1)
        usual = np.concatenate([[0.0], np.median(windows, axis=1)])
    found: list[int] = []
    for k in np.flatnonzero((change >= _LEAST) & (change >= _TIMES * usual)).tolist():
        after = [min(k + frames, len(pictures) - 1) for frames in _BACK_FRAMES]
        before = [max(k - 1 - frames, 0) for frames in (0, *_BACK_FRAMES)]
        left = min(_difference(eyes, pictures, late, early) for late in after for early in before)
        if left >= _BACK * change[k] and change[k] >= change[max(1, k - 2) : k + 3].max():
            found.append(k)
    return np.array(found, np.int64)


def _steadied(eyes: npt.NDArray[np.float32], pictures: Pixels, change: _Doubles) -> _Doubles:
    """The differences where the later picture is moved to where the earlier one was: a moved camera is no new scene."""
    still = change.copy()
    x, y = _MOVED
    height, width = pictures.shape[1:]
    for k in np.flatnonzero(change >= _LEAST / 2).tolist():
        middle = eyes[pictures[k - 1][y : height - y, x : width - x]]
        moved = np.lib.stride_tricks.sliding_window_view(eyes[pictures[k]], middle.shape)
        still[k] = min(change[k], float(np.abs(moved - middle).mean(axis=(2, 3)).min()))
    return still


def _difference(eyes: npt.NDArray[np.float32], pictures: Pixels, one: int, other: int) -> float:
    return float(np.abs(eyes[pictures[one]] - eyes[pictures[other]]).mean())


def _apart(times_s: _Doubles, change: _Doubles) -> list[float]:
    """The times without those that follow a stronger one too soon."""
    kept: list[tuple[float, float]] = []
    for time_s, strength in zip(times_s.tolist(), change.tolist(), strict=True):
        if kept and time_s - kept[-1][0] < _APART_S:
            if strength > kept[-1][1]:
                kept[-1] = (time_s, strength)
        else:
            kept.append((time_s, strength))
    return [time_s for time_s, _ in kept]


def _each_second(times_s: _Doubles, values: _Doubles) -> tuple[float, ...]:
    """Means of each second, 0–1."""
    if not len(times_s):
        return ()
    means = moments.each_second(times_s.astype(np.int64), np.clip(values, 0, 1), int(times_s[-1]) + 1)
    return tuple(round(mean, 3) for mean in means)


def _keyframes_apart_s(container: InputContainer, stream: VideoStream) -> float:
    """How many seconds to leave between keyframes; 0 if the video is short enough to look at all frames."""
    length_s = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    length_s = length_s or (container.duration or 0) / 1_000_000
    fps = float(stream.average_rate or stream.guessed_rate or _NOMINAL_FPS)
    frames = fps * length_s
    if frames <= _ALL_FRAMES and stream.width * stream.height * frames <= _ALL_PIXELS:
        return 0.0
    return max(_KEYFRAMES_APART_S, length_s / _KEYFRAMES)


def _frames(container: InputContainer, stream: VideoStream, every_s: float) -> Iterator[VideoFrame]:
    """Frames in order; with `every_s`, of the keyframes alone, so far apart."""
    next_s = -1e9
    for packet in container.demux(stream):
        if every_s and packet.size and not (packet.is_keyframe and _time_s(packet) >= next_s):
            continue
        if every_s and packet.size:
            next_s = _time_s(packet) + every_s
        try:
            yield from (frame for frame in packet.decode() if isinstance(frame, VideoFrame))
        except (ValueError, EOFError):  # a damaged packet, or the end: players leave it out, too
            continue


def _time_s(packet: Packet[Any]) -> float:
    at = packet.pts if packet.pts is not None else packet.dts
    return float(at * packet.time_base) if at is not None and packet.time_base else 0.0


def _small(scaler: VideoReformatter, frame: VideoFrame) -> Pixels:
    """The planes at 64 × 36, in limited range."""
    size = moments.WIDTH, moments.HEIGHT
    small = scaler.reformat(frame, *size, "yuv420p", interpolation="AREA", dst_color_range="MPEG")
    return np.array(small.to_ndarray(), np.uint8)


def _large(scaler: VideoReformatter, frame: VideoFrame) -> Pixels:
    """The luma with the longer side that sharpness is measured at."""
    scale = _LARGE_PX / max(frame.width, frame.height)
    width, height = (max(16, 2 * round(side * scale / 2)) for side in (frame.width, frame.height))
    large = scaler.reformat(frame, width, height, "yuv420p", interpolation="AREA", dst_color_range="MPEG")
    return np.array(large.to_ndarray()[:height], np.uint8)
