"""Files that the service does not take, made into such that it takes. Pure file work, at constant memory."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageOps

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.media import convert_sound, opening
from nemo_notebook.media.opening import UNREADABLE, frames_of, open_picture, picture_streams
from nemo_notebook.media_types import TYPES, readers

_FORMATS: Final = readers(TYPES, stills=True)
_LOSSLESS: Final = frozenset({"PNG", "TIFF", "BMP", "ICO", "TGA", "PPM"})
_SMALL_PIXELS: Final = 1920 * 1080  # up to here a PNG is no burden
_JPEG_QUALITY: Final = 92


def convert_picture(job: convert_sound.Conversion, target: Path) -> Path:
    """A picture, upright, as PNG if it has transparency or is lossless and small, else as JPEG; the first of several.

    Args:
        job: The conversion.
        target: The name of a PNG.

    Returns:
        The file; its ending is that of its type.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: It does not decode as a whole.
        MediaTooLarge: It has more pixels than are worked with, or more bytes than are accepted.
        DiskFull: There is no room left.
    """
    opening.head_of(job.source, job.filename)
    picture, lossless = _read(job)
    has_alpha = picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255)
    as_png = has_alpha or (lossless and picture.width * picture.height <= _SMALL_PIXELS)
    path = target if as_png else target.with_suffix(".jpg")
    profile = picture.info.get("icc_profile") or b""
    if picture.mode == "RGBA" and not has_alpha:
        picture = picture.convert("RGB")
    try:
        if as_png:
            picture.save(path, "PNG", icc_profile=profile)
        else:
            picture.save(path, "JPEG", quality=_JPEG_QUALITY, icc_profile=profile)
    except OSError as error:
        convert_sound.check_disk(error, job)
        raise
    if path.stat().st_size > job.max_bytes:
        raise job.too_large()
    return path


def _read(job: convert_sound.Conversion) -> tuple[Image.Image, bool]:
    """The decoded picture in mode L, RGB or RGBA, and whether its type loses nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damage: it shows when it decodes
            with open_picture(job.source, job.filename, _formats()) as opened:
                lossless = opened.format in _LOSSLESS and opened.info.get("compression") != "jpeg"
                return _plain(ImageOps.exif_transpose(opened)), lossless
    except (KeyError, *UNREADABLE) as error:
        raise UnsupportedMedia(
            f"{job.filename} does not decode as a picture: it is cut off, damaged or of another type.",
            hint="Copy or download it again, or save it anew as JPEG or PNG.",
        ) from error


def _formats() -> list[str]:
    try:
        import pillow_heif
    except ImportError:  # the extra `local` was installed before it was part of it
        return [each for each in _FORMATS if each != "HEIF"]
    pillow_heif.register_heif_opener(thumbnails=False, aux_images=False, depth_images=False, decode_threads=1)
    return _FORMATS


def _plain(picture: Image.Image) -> Image.Image:
    mode = picture.mode
    if mode in {"L", "RGB", "RGBA"}:
        return picture
    if mode.startswith("I"):  # 16 bits a sample: Pillow's own conversion cuts off what is above 255
        deep = np.asarray(picture).clip(0, 65535).astype(np.uint16)
        return Image.fromarray((deep >> 8).astype(np.uint8))
    if mode == "F":
        raise ValueError("floating-point pixels have no fixed white")
    if mode == "1":
        return picture.convert("L")
    has_alpha = mode in {"LA", "PA", "La", "RGBa"} or "transparency" in picture.info
    plain = picture.convert("RGBA" if has_alpha else "RGB")
    if mode != "P":
        plain.info.pop("icc_profile", None)  # it described other channels, such as CMYK
    return plain


_X264: Final = {"preset": "veryfast", "crf": "18"}
_TICKS_PER_S: Final = 90_000  # whole numbers of ticks for all usual frame rates
_KEYFRAME_S: Final = 2
_THREADS: Final = 4  # on every machine: with another number the same pictures would be other bytes
_USUAL_FPS: Final = Fraction(25)
_MAX_FPS: Final = 240
_MAX_STRETCH: Final = 4  # of a pixel; more is damage
_DRIFT_S: Final = 0.04  # sound is moved when its time stamps are further off than this
_TURNS: Final = {90: "transpose=clock,", 180: "hflip,vflip,", 270: "transpose=cclock,"}


class PictureTrack:
    """Pictures on their way to H.264: whole ones, upright, with square pixels, all of the first one's size.

    Args:
        result: The file.
        source: Where they come from.
        first: The first of them, which tells their form. It has to be added too.
    """

    def __init__(self, result: convert_sound.Result, source: VideoStream, first: VideoFrame) -> None:
        rate = source.average_rate or source.guessed_rate or _USUAL_FPS
        self._rate = rate if 1 <= rate <= _MAX_FPS else _USUAL_FPS
        self._result = result
        self._source = source
        self._start_s = first.time or 0.0
        self._graph: Graph | None = None
        self._form: tuple[object, ...] = ()
        self._last = -1
        self.end_s = 0.0
        self._out = result.container.add_stream("libx264", rate=self._rate, options=dict(_X264))
        self._set_up(first)

    def add(self, frame: VideoFrame) -> None:
        """One picture; it is left out if it comes before the start."""
        form = (frame.width, frame.height, frame.format.name)
        if self._graph is None or form != self._form:
            self._drain()
            self._graph, self._form = self._filters(frame), form
        step_s = 1 / float(self._rate)
        time_s = self.end_s if frame.time is None else frame.time - self._start_s
        if time_s > -step_s / 2:
            self._result.check_gap(time_s - self.end_s)
            frame.pts, frame.time_base = round(max(0.0, time_s) * _TICKS_PER_S), Fraction(1, _TICKS_PER_S)
            self.end_s = max(self.end_s, time_s + step_s)
            self._graph.vpush(frame)
            self._pull()

    def finish(self) -> None:
        """Encode what is still held back."""
        self._drain()
        self._mux(self._out.encode(None))

    def _filters(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, _TICKS_PER_S)
        )
        turn = _TURNS.get(_turn(frame), "")
        size = f"{self._out.width}:{self._out.height}"
        steps = f"bwdif=mode=send_frame:deint=interlaced,{turn}scale={size}:flags=bicubic"
        chain = [source]
        for step in (*steps.split(","), "format=pix_fmts=yuv420p", "buffersink"):
            name, _, args = step.partition("=")
            chain.append(graph.add(name, args or None))
        graph.link_nodes(*chain).configure()
        return graph

    def _set_up(self, frame: VideoFrame) -> None:
        pixel = self._source.sample_aspect_ratio or Fraction(1)
        if not Fraction(1, _MAX_STRETCH) <= pixel <= _MAX_STRETCH or frame.width * pixel > opening.MAX_SIDE_PX:
            pixel = Fraction(1)
        width, height = _even(frame.width * pixel), _even(Fraction(frame.height))
        out = self._out
        out.width, out.height = (height, width) if _turn(frame) in {90, 270} else (width, height)
        out.pix_fmt = "yuv420p"
        out.gop_size = round(_KEYFRAME_S * self._rate)
        context = out.codec_context
        context.time_base = Fraction(1, _TICKS_PER_S)
        context.thread_count = _THREADS
        if not frame.format.is_rgb:
            context.colorspace, context.color_primaries = frame.colorspace, frame.color_primaries
            context.color_trc = frame.color_trc

    def _drain(self) -> None:
        if self._graph is not None:
            self._graph.vpush(None)
            self._pull()
            self._graph = None

    def _pull(self) -> None:
        assert self._graph is not None
        while True:
            try:
                frame = self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if frame.pts is None or frame.pts <= self._last:
                continue
            self._last = frame.pts
            frame.pict_type = 0  # a decoded frame remembers its type, and x264 would keep to it
            self._mux(self._out.encode(frame))

    def _mux(self, packets: list[Packet[Any]]) -> None:
        for packet in packets:
            packet.duration = packet.duration or round(1 / (self._rate * packet.time_base))
        self._result.mux(packets)


def _turn(frame: VideoFrame) -> int:
    """The clockwise turn, in degrees, that a player applies."""
    return -round(frame.rotation) % 360


def _even(pixels: Fraction) -> int:
    return max(2, round(pixels / 2) * 2)


class SoundTrack:
    """Sound on its way to AAC.

    Args:
        result: The file.
        source: Where it comes from.
        start_s: The time stamp that becomes time 0; what comes before is cut off, and where there is none is silence.
    """

    def __init__(self, result: convert_sound.Result, source: AudioStream, start_s: float) -> None:
        self._rate = convert_sound.aac_rate_hz(source)
        self._layout = convert_sound.layout_of(source)
        self._channels = 1 if self._layout == "mono" else 2
        self._resampler = convert_sound.Resampler("fltp", self._layout, self._rate)
        self._out = convert_sound.add_aac(result, source)
        self._result = result
        self._start_s = start_s
        self._count = 0
        self._due: int | None = None  # where the next sample out of the resampler belongs

    @property
    def end_s(self) -> float:
        """How far the sound goes, in seconds."""
        return self._count / self._rate

    def add(self, frame: AudioFrame) -> None:
        """Some sound."""
        if frame.time is not None:
            due = round((frame.time - self._start_s) * self._rate)
            if self._due is None or abs(due - self._due) > _DRIFT_S * self._rate:
                self._put(self._resampler.flush())
                self._due = due
        frame.pts = None
        self._put(self._resampler.resample(frame))

    def finish(self) -> None:
        """Encode what is still held back."""
        self._put(self._resampler.flush())
        self._result.mux(self._out.encode(None))

    def _put(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            samples = frame.to_ndarray().astype(np.float32, copy=False)
            due = self._count if self._due is None else self._due
            self._due = due + samples.shape[1]
            if due < self._count:
                samples = samples[:, self._count - due :]
            self._result.check_gap((due - self._count) / self._rate)
            while due > self._count:  # in pieces: a gap may be long
                silence = min(due - self._count, self._rate)
                self._write(np.zeros((self._channels, silence), np.float32))
            if samples.shape[1]:
                self._write(samples)

    def _write(self, samples: npt.NDArray[np.float32]) -> None:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._count, Fraction(1, self._rate)
        self._result.mux(self._out.encode(frame))
        self._count += samples.shape[1]
        self._result.reached(self.end_s)


_COPIED: Final = frozenset({"mov", "flv", "mpegts", "matroska"})
_PREROLL_S: Final = 0.1  # AAC needs a packet or two from before its start
_LATE_S: Final = 0.05  # sound that sets in later is led by silence, for players that take its first packet for time 0


class _NotCopyableError(Exception):
    """The file's packets do not fit an MP4 as they are."""


def convert_video(job: convert_sound.Conversion, target: Path) -> Path:
    """A film as MP4, upright and with square pixels; what is interlaced is made whole pictures.

    Time 0 is the first picture that decodes. Sound from before it is cut off, and silence is put where there is none.

    Args:
        job: The conversion.
        target: The name of an MP4.

    Returns:
        The file. Where there is only sound it is an M4A.

    Raises:
        UnsupportedMedia: Nothing in it decodes, or it breaks off.
        MediaTooLarge: It has more pixels or hours than are worked with, or more bytes than are accepted.
    """
    with convert_sound.open_source(job) as container:
        pictures, sound = _streams(job, container)
        if pictures is None:
            target = target.with_suffix(".m4a")
            convert_sound.write_m4a(job, container, target)
            return target
        copyable = _is_copyable(container, pictures, sound)
    if copyable:
        try:
            return _written(job, target, _copy)
        except _NotCopyableError:
            target.unlink(missing_ok=True)
    return _written(job, target, _encode)


def _written(
    job: convert_sound.Conversion,
    target: Path,
    write: Callable[[InputContainer, convert_sound.Conversion, Path, VideoFrame], float],
) -> Path:
    with convert_sound.open_source(job) as container:
        first = _first_picture(job, container)
    with convert_sound.open_source(job) as container:
        convert_sound.check_whole(job, container, write(container, job, target, first))
    return target


def _streams(job: convert_sound.Conversion, container: InputContainer) -> tuple[VideoStream | None, AudioStream | None]:
    """The picture and the sound that are meant; a file may hold one of them alone."""
    shown = picture_streams(container)
    pictures = next((s for s in shown if s.codec_context is not None), None)
    if pictures is not None:
        opening.check_sides(pictures, job.filename)
    if shown and pictures is None:
        raise UnsupportedMedia(f"{job.filename}: its pictures are of a type that cannot be read.")
    return pictures, convert_sound.usable_sound(job, container) if container.streams.audio else None


def _is_copyable(container: InputContainer, pictures: VideoStream, sound: AudioStream | None) -> bool:
    return (
        bool(_COPIED & set(container.format.name.split(",")))
        and pictures.codec_context.name == "h264"
        and pictures.codec_context.pix_fmt in {"yuv420p", "yuvj420p"}
        and (sound is None or sound.codec_context.name == "aac")
    )


def _first_picture(job: convert_sound.Conversion, container: InputContainer) -> VideoFrame:
    """The first picture that decodes: the film begins with it."""
    pictures, sound = _streams(job, container)
    assert pictures is not None
    for packet in _packets(container, pictures, sound):
        if packet.stream_index == pictures.index:
            for frame in frames_of(packet):
                if isinstance(frame, VideoFrame):
                    return frame
    raise UnsupportedMedia(
        f"{job.filename}: none of its pictures decode; the file is cut off or damaged.",
        hint="Copy or download it again, or convert it to MP4 (H.264) first.",
    )


def _copy(container: InputContainer, job: convert_sound.Conversion, path: Path, first: VideoFrame) -> float:
    pictures, sound = _streams(job, container)
    assert pictures is not None
    reached_s = 0.0
    begun: set[int] = set()
    try:
        with convert_sound.Result(
            job, path, "mp4", convert_sound.length_s(container), convert_sound.read_tags(container)
        ) as result:
            outs = {s.index: result.container.add_stream_from_template(s) for s in (pictures, sound) if s is not None}
            for packet in _packets(container, pictures, sound):
                begin_s, end_s = _move(packet, first.time or 0.0) if packet.size else (0.0, -1.0)
                is_picture = packet.stream_index == pictures.index
                if end_s <= (0 if is_picture else -_PREROLL_S):
                    continue
                if packet.stream_index not in begun:
                    begun.add(packet.stream_index)
                    if not packet.is_keyframe or begin_s > _LATE_S:
                        raise _NotCopyableError
                packet.stream = outs[packet.stream_index]
                result.mux([packet])
                reached_s = max(reached_s, end_s)
                result.reached(reached_s)
    except av.error.FFmpegError as error:
        raise _NotCopyableError from error
    return reached_s


def _move(packet: Packet[Any], start_s: float) -> tuple[float, float]:
    """Move a packet so that `start_s` becomes time 0; gives the times at which it begins and ends, in seconds."""
    if packet.pts is None or packet.dts is None:
        raise _NotCopyableError
    start = round(start_s / packet.time_base)
    packet.pts, packet.dts = packet.pts - start, packet.dts - start
    base = packet.time_base
    return float(packet.pts * base), float((packet.pts + (packet.duration or 0)) * base)


def _packets(container: InputContainer, pictures: VideoStream, sound: AudioStream | None) -> Iterator[Packet[Any]]:
    return convert_sound.steady(container, pictures, sound) if sound else convert_sound.steady(container, pictures)


def _encode(container: InputContainer, job: convert_sound.Conversion, path: Path, first: VideoFrame) -> float:
    pictures, sound = _streams(job, container)
    assert pictures is not None
    pictures.thread_type = "AUTO"
    with convert_sound.Result(
        job, path, "mp4", convert_sound.length_s(container), convert_sound.read_tags(container)
    ) as result:
        seen = PictureTrack(result, pictures, first)
        heard = SoundTrack(result, sound, first.time or 0.0) if sound else None
        for packet in _packets(container, pictures, sound):
            for frame in frames_of(packet):
                if isinstance(frame, VideoFrame):
                    seen.add(frame)
                elif heard:
                    heard.add(frame)
            result.reached(seen.end_s)
        seen.finish()
        if heard:
            heard.finish()
    return max(seen.end_s, heard.end_s if heard else 0.0) if seen.end_s else 0.0


_WAYS: Final = {
    "wav": convert_sound.convert_sound,
    "m4a": convert_sound.convert_sound,
    "mp4": convert_video,
    "png": convert_picture,
}
_NAME_BYTES: Final = 240


def convert(source: Path, folder: Path, target: str, *, max_bytes: int, tell: Callable[[float], None]) -> Path:
    """Convert one file. The source stays as it is.

    Args:
        source: The file.
        folder: Where the result goes; it is there and holds nothing of its name.
        target: `wav`, `m4a`, `mp4` or `png`. A WAV that would be too large becomes an M4A, a film without pictures too,
            and a picture that would be a needlessly large PNG a JPEG.
        max_bytes: Most bytes that the result may have.
        tell: Told the fraction done, 0–1.

    Returns:
        The result: the source's name with the ending of its type.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: It cannot be read, or it is damaged.
        MediaTooLarge: It has more pixels or hours than are worked with, or its result more bytes than it may.
        DiskFull: There is no room left.
    """
    job = convert_sound.Conversion(source, source.name, folder, max_bytes, tell)
    # FFmpeg reads more than a name out of some names, so that it gets a plain one to write to.
    plain = _WAYS[target](job, folder.resolve() / f"converted.{target}")
    result = plain.replace(folder / f"{_short(source.stem)}{plain.suffix}")
    tell(1.0)
    return result


def _short(stem: str) -> str:
    """Short enough for a file system, also where the new ending is longer than the old one."""
    raw = os.fsencode(stem)
    return stem if len(raw) <= _NAME_BYTES else raw[:_NAME_BYTES].decode("utf-8", "ignore")
