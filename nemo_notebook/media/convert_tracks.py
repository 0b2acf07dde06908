"""Decoded pictures and sound on their way into an MP4, each at the time that its time stamp says."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from nemo_notebook.media.convert_files import Result
from nemo_notebook.media.convert_sound import Resampler, aac_rate_hz, add_aac, layout_of
from nemo_notebook.media.opening import MAX_SIDE_PX

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

    def __init__(self, result: Result, source: VideoStream, first: VideoFrame) -> None:
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
        if not Fraction(1, _MAX_STRETCH) <= pixel <= _MAX_STRETCH or frame.width * pixel > MAX_SIDE_PX:
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

    def __init__(self, result: Result, source: AudioStream, start_s: float) -> None:
        self._rate = aac_rate_hz(source)
        self._layout = layout_of(source)
        self._channels = 1 if self._layout == "mono" else 2
        self._resampler = Resampler("fltp", self._layout, self._rate)
        self._out = add_aac(result, source)
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
