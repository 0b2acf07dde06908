"""Sound into WAV or AAC: the first sample of the result is the first of the source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from nemo_notebook.errors import MediaTooLarge, UnsupportedMedia
from nemo_notebook.files import disk_full, is_full
from nemo_notebook.media.opening import MAX_DURATION_S, OPTIONS, check_sound, frames_of, head_of, is_text, unreadable
from nemo_notebook.media_types import TYPES, readers

# As in `opening`: nothing that opens other files. More containers, because these files are read once, to be replaced.
_FORMATS: Final = ",".join(readers(TYPES, stills=False))
# Their length stands in the header and is no guess, so that what is missing at the end can be told.
_LENGTH_IS_STATED: Final = frozenset({"flac", "aiff", "wv", "caf", "tta", "mov", "matroska"})
_TAGS: Final = ("title", "artist", "album")
_TAG_CHARACTERS: Final = 200
_JUMPING: Final = frozenset({"mpeg", "mpegts"})
_JUMP_S: Final = 10.0
_MAX_GAP_S: Final = 600.0
_TOLD_STEP: Final = 0.01


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion.

    Attributes:
        source: The file.
        filename: What people call it, for messages.
        folder: Where the result goes.
        max_bytes: Most bytes that the result may have.
        tell: Told the fraction done, 0–1.
    """

    source: Path
    filename: str
    folder: Path
    max_bytes: int
    tell: Callable[[float], None]

    def too_large(self) -> MediaTooLarge:
        """The error of a result that would not be accepted."""
        return MediaTooLarge(f"{self.filename} has more than {self.max_bytes // 1_000_000} MB when it is converted.")


@contextmanager
def open_source(job: Conversion) -> Iterator[InputContainer]:
    """Open the file with FFmpeg.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: FFmpeg cannot read it, or breaks at it later on.
        DiskFull: There is no room left.
    """
    head = head_of(job.source, job.filename)
    if is_text(head):  # FFmpeg believes the ending of a short one
        raise unreadable(head, job.filename)
    options = {**OPTIONS, "format_whitelist": _FORMATS}
    try:
        with av.open(str(job.source.resolve()), options=options, metadata_errors="replace") as container:
            yield container
    except av.error.FFmpegError as error:
        check_disk(error, job)
        raise unreadable(head, job.filename) from error


def check_disk(error: OSError | av.error.FFmpegError, job: Conversion) -> None:
    """Say so if it was the disk.

    Raises:
        DiskFull: There is no room left.
    """
    if is_full(error):
        needed_bytes = job.source.stat().st_size  # a conversion is seldom smaller
        raise disk_full(f"{job.filename}, converted,", job.folder, needed_bytes, at_least=True) from error


class Result:
    """A file that is being written. Use it with `with`.

    Args:
        job: The conversion.
        path: Where it goes.
        muxer: FFmpeg's name of the container.
        length_s: Seconds of the source as far as they are known, 0 where not; what progress is reckoned with.
        tags: Written into it, as far as it can hold them.
    """

    def __init__(self, job: Conversion, path: Path, muxer: str, length_s: float, tags: Mapping[str, str]) -> None:
        options = {"movflags": "+faststart"} if muxer == "mp4" else {}
        self.container: OutputContainer = av.open(str(path), "w", format=muxer, options=options)
        self.container.metadata.update(tags)
        self._job = job
        self._length_s = length_s
        self._bytes = 0
        self._told = 0.0

    def __enter__(self) -> Result:
        return self

    def __exit__(self, *_: object) -> None:
        self.container.close()

    def mux(self, packets: Iterable[Packet[Any]]) -> None:
        """Write packets.

        Raises:
            MediaTooLarge: They are more than the result may have.
        """
        for packet in packets:
            self._bytes += packet.size
            if self._bytes > self._job.max_bytes:
                raise self._job.too_large()
            self.container.mux_one(packet)

    def check_gap(self, gap_s: float) -> None:
        """Refuse a pause that nobody makes: it is one damaged time stamp, and what follows would be lost.

        Raises:
            UnsupportedMedia: It is longer than ten minutes.
        """
        if gap_s > _MAX_GAP_S:
            raise UnsupportedMedia(
                f"{self._job.filename} has a gap of {gap_s / 60:.0f} minutes: its time stamps are damaged.",
                hint="Copy or download it again, or convert it to MP4 (H.264) first.",
            )

    def reached(self, time_s: float) -> None:
        """Tell how far it is.

        Raises:
            MediaTooLarge: It goes on for too many hours.
        """
        if time_s > MAX_DURATION_S:
            raise MediaTooLarge(f"{self._job.filename} lasts more than {MAX_DURATION_S / 3600:.0f} hours.")
        done = min(0.99, time_s / self._length_s) if self._length_s else 0.0
        if done >= self._told + _TOLD_STEP:
            self._told = done
            self._job.tell(done)


def length_s(container: InputContainer) -> float:
    """Seconds that the file states or FFmpeg guesses; 0 where neither."""
    return max(0.0, (container.duration or 0) / av.time_base)


def check_whole(job: Conversion, container: InputContainer, reached_s: float) -> None:
    """Refuse what breaks off: nobody would notice the missing end.

    Raises:
        UnsupportedMedia: Nothing has decoded, or over a second and 2 % of a stated length are missing.
    """
    if reached_s <= 0:
        raise UnsupportedMedia(
            f"{job.filename}: nothing in it decodes; the file is cut off or damaged.",
            hint="Copy or download it again, then upload it.",
        )
    stated_s = length_s(container) if _LENGTH_IS_STATED & set(container.format.name.split(",")) else 0.0
    if stated_s - reached_s > max(1.0, 0.02 * stated_s):
        raise UnsupportedMedia(
            f"{job.filename} breaks off after {reached_s:.1f} of {stated_s:.1f} s: it is cut off or damaged.",
            hint="Copy or download it again, then upload it.",
        )


def read_tags(container: InputContainer) -> dict[str, str]:
    """Title, artist and album, made harmless; an Ogg file keeps them at its streams."""
    found: dict[str, str] = {}
    for tags in (container.metadata, *(stream.metadata for stream in container.streams)):
        for key, value in tags.items():
            text = "".join(c for c in value if c.isprintable()).strip()[:_TAG_CHARACTERS]
            if key.lower() in _TAGS and text:
                found.setdefault(key.lower(), text)
    return found


def steady(container: InputContainer, *streams: Stream) -> Iterator[Packet[Any]]:
    """The packets of streams without long pauses, on one clock that does not jump.

    A disc's chapters and a broadcast's programs may each begin at a time of their own: a jump of more than ten seconds,
    to and fro, is such a seam, and what follows it is moved to where it was left. Other containers have one clock.
    """
    if container.format.name not in _JUMPING:
        yield from container.demux(*streams)
        return
    offset_s = 0.0
    ends_s: dict[int, float] = {}
    for packet in container.demux(*streams):
        time = packet.dts if packet.dts is not None else packet.pts
        if time is not None and packet.size:
            base = packet.time_base
            due_s = ends_s.get(packet.stream_index)
            if due_s is not None and abs(float(time * base) + offset_s - due_s) > _JUMP_S:
                offset_s = due_s - float(time * base)
            move = round(offset_s / base)
            packet.pts = None if packet.pts is None else packet.pts + move
            packet.dts = None if packet.dts is None else packet.dts + move
            ends_s[packet.stream_index] = float((time + move + (packet.duration or 0)) * base)
        yield packet


AAC_BITS_PER_S: Final = 256_000
_AAC_RATES_HZ: Final = frozenset({96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000})
_AAC_FALLBACK_HZ: Final = 48000
_SIXTEEN_BITS: Final = frozenset({"u8", "u8p", "s16", "s16p"})
_WAV_BYTES: Final = 4_000_000_000  # its head counts to 2**32
_COVERS: Final = frozenset({"mjpeg", "png"})  # what the tags of an M4A can hold


def convert_sound(job: Conversion, target: Path) -> Path:
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


def usable_sound(job: Conversion, container: InputContainer) -> AudioStream:
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


def _write_wav(job: Conversion, container: InputContainer, path: Path) -> None:
    stream = usable_sound(job, container)
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


def write_m4a(job: Conversion, container: InputContainer, path: Path) -> None:
    """The sound of an open file as AAC, with its cover if it has one.

    Raises:
        UnsupportedMedia: There is no sound in it, or none that decodes, or it breaks off.
        MediaTooLarge: It is too large.
    """
    stream = usable_sound(job, container)
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
        for frame in frames_of(packet):
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
