"""Sound into WAV or AAC: the first sample of the result is the first of the source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from nemo_notebook.errors import MediaTooLarge, UnsupportedMedia
from nemo_notebook.media.convert_files import (
    Job,
    Result,
    check_whole,
    decode,
    length_s,
    open_source,
    read_tags,
)
from nemo_notebook.media.opening import check_sound

AAC_BITS_PER_S: Final = 256_000
_AAC_RATES_HZ: Final = frozenset({96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000})
_AAC_FALLBACK_HZ: Final = 48000
_SIXTEEN_BITS: Final = frozenset({"u8", "u8p", "s16", "s16p"})
_WAV_BYTES: Final = 4_000_000_000  # its head counts to 2**32
_COVERS: Final = frozenset({"mjpeg", "png"})  # what the tags of an M4A can hold


def convert_sound(job: Job, target: Path) -> Path:
    """Sound as a WAV of 16 or 24 bits, whichever the source has, or as an M4A; mono stays mono, the rest is stereo.

    Args:
        job: The conversion.
        target: A name that ends in `.wav` or `.m4a`.

    Returns:
        The file. In place of a WAV that would be too large it is an M4A.

    Raises:
        UnsupportedMedia: There is no sound in it, or none that decodes, or it breaks off.
        MediaTooLarge: It is too large even so.
    """
    if target.suffix == ".wav":
        try:
            with open_source(job) as container:
                _write_wav(job, container, target)
        except MediaTooLarge:
            target.unlink(missing_ok=True)
            target = target.with_suffix(".m4a")
        else:
            return target
    with open_source(job) as container:
        write_m4a(job, container, target)
    return target


def sound_of(job: Job, container: InputContainer) -> AudioStream:
    """The sound that is meant: the first that can be decoded.

    Raises:
        UnsupportedMedia: There is none, or its head states what no sound has.
    """
    for stream in container.streams.audio:
        context = stream.codec_context
        if context is not None and context.sample_rate and context.format is not None:
            check_sound(stream, job.filename)
            return stream
    raise UnsupportedMedia(f"{job.filename} has no sound that can be read.")


def layout_of(stream: AudioStream) -> str:
    """`mono` or `stereo`: more channels are mixed down."""
    return "mono" if stream.codec_context.channels == 1 else "stereo"


def aac_rate_hz(stream: AudioStream) -> int:
    """The source's sample rate in Hz, or the nearest habit where AAC does not know it."""
    rate = stream.codec_context.sample_rate
    return rate if rate in _AAC_RATES_HZ else _AAC_FALLBACK_HZ


class Resampler:
    """Brings sound to one form, also where the source changes its own in the middle, as broadcasts do.

    Args:
        format: FFmpeg's name of the sample format.
        layout: `mono` or `stereo`.
        rate: Samples per second, in Hz.
    """

    def __init__(self, format: str, layout: str, rate: int) -> None:  # noqa: A002 - FFmpeg's word
        self._form = (format, layout, rate)
        self._source: tuple[str, str, int] | None = None
        self._inner = av.AudioResampler(*self._form)

    def resample(self, frame: AudioFrame) -> list[AudioFrame]:
        """Some of the sound; the last of it comes with `flush`."""
        source = (frame.format.name, frame.layout.name, frame.sample_rate)
        before = self.flush() if self._source not in {None, source} else []
        self._source = source
        return [*before, *self._inner.resample(frame)]

    def flush(self) -> list[AudioFrame]:
        """What was still held back."""
        rest = self._inner.resample(None) if self._source else []
        self._inner, self._source = av.AudioResampler(*self._form), None
        return rest


def _write_wav(job: Job, container: InputContainer, path: Path) -> None:
    stream = sound_of(job, container)
    bits = 16 if stream.codec_context.format.name in _SIXTEEN_BITS else 24
    rate, layout = stream.codec_context.sample_rate, layout_of(stream)
    bytes_per_s = rate * (1 if layout == "mono" else 2) * bits // 8
    if length_s(container) * bytes_per_s > min(job.max_bytes, _WAV_BYTES):
        raise job.too_large()
    resampler = Resampler("s16" if bits == 16 else "s32", layout, rate)
    with Result(job, path, "wav", length_s(container), read_tags(container)) as result:
        out = result.container.add_stream(f"pcm_s{bits}le", rate=rate, layout=layout)
        assert isinstance(out, AudioStream)
        count = _encode(result, out, _resampled(container.demux(stream), resampler))
    check_whole(job, container, count / rate)


def write_m4a(job: Job, container: InputContainer, path: Path) -> None:
    """The sound of an open file as AAC, with its cover if it has one.

    Raises:
        UnsupportedMedia: There is no sound in it, or none that decodes, or it breaks off.
        MediaTooLarge: It is too large.
    """
    stream = sound_of(job, container)
    rate = aac_rate_hz(stream)
    resampler = Resampler("fltp", layout_of(stream), rate)
    with Result(job, path, "mp4", length_s(container), read_tags(container)) as result:
        out = add_aac(result, stream)
        packets = _with_cover(result, container, stream)
        count = _encode(result, out, _resampled(packets, resampler))
    check_whole(job, container, count / rate)


def add_aac(result: Result, source: AudioStream) -> AudioStream:
    """A track of AAC in a result, in the form that fits a source."""
    out = result.container.add_stream("aac", rate=aac_rate_hz(source), layout=layout_of(source))
    out.bit_rate = AAC_BITS_PER_S
    return out


def _with_cover(result: Result, container: InputContainer, stream: AudioStream) -> Iterator[Packet[Any]]:
    """The packets of the sound; the cover's is written into the result as it comes by."""
    cover = next((s for s in container.streams.video if _is_cover(s)), None)
    if cover is None:
        yield from container.demux(stream)
        return
    out = result.container.add_stream_from_template(cover)
    out.disposition = Disposition.attached_pic
    for packet in container.demux(stream, cover):
        if packet.stream_index == stream.index:
            yield packet
        elif packet.size:
            packet.stream = out
            result.mux([packet])


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic) and stream.codec_context.name in _COVERS


def _resampled(packets: Iterable[Packet[Any]], resampler: Resampler) -> Iterator[AudioFrame]:
    for packet in packets:
        for frame in decode(packet):
            if isinstance(frame, AudioFrame):
                yield from resampler.resample(frame)
    yield from resampler.flush()


def _encode(result: Result, out: AudioStream, frames: Iterable[AudioFrame]) -> int:
    """Encode frames one after another, whatever times they claim; gives the number of samples."""
    count = 0
    rate = out.codec_context.sample_rate
    for frame in frames:
        frame.pts, frame.time_base = count, Fraction(1, rate)
        result.mux(out.encode(frame))
        count += frame.samples
        result.reached(count / rate)
    result.mux(out.encode(None))
    return count
