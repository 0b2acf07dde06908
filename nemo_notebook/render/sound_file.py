"""The mix as a file: turned down or limited where it has to be, and encoded so that nothing is distorted as decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt
from av import Packet
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from nemo_notebook.errors import RenderFailed
from nemo_notebook.music import weighted_power
from nemo_notebook.music.dsp import Samples
from nemo_notebook.render.audio import MIXED_AT_ONCE, PEAK_CEILING, at_samples, gain_to, limiting, true_peaks
from nemo_notebook.render.cache import Mix
from nemo_notebook.render.formats import QUALITIES, SoundCodec
from nemo_notebook.render.layers import SOUND_RATE
from nemo_notebook.render.muxing import add_cover

_HEADROOM: Final = 10 ** (-1.5 / 20)  # what is encoded stays lower: codecs overshoot
_MOST_DOWN: Final = 10 ** (
    -3 / 20
)  # of any loudness, all is turned down by at most 3 dB; what is still too loud is limited
_ATTEMPTS: Final = 4

_Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Container:
    """The file that sound goes into.

    Attributes:
        muxer: FFmpeg's name.
        options: Of the muxer.
        says_delay: Whether players know from it what to skip at the start.
        tags: `title`, `artist`, `comment`.
        cover: A JPEG or PNG; empty for none.
    """

    muxer: str
    options: Mapping[str, str] = field(default_factory=dict)
    says_delay: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)
    cover: bytes = b""


def write_sound(
    mix: Mix, codec: SoundCodec, quality: str, path: Path, container: Container, progress: _Progress
) -> None:
    """Writes the mix as loud as it is to be, no peak of which is over −1 dBTP as decoded.

    Args:
        mix: From `mix_sound`.
        codec: How it is encoded.
        quality: A name in `QUALITIES`.
        path: The file.
        container: What kind of file.
        progress: Called with the fraction done.

    Raises:
        RenderFailed: It cannot be encoded without distortion.
        OSError: The disk is full.
    """
    peaks, ceiling = np.load(mix.peaks, allow_pickle=False) * np.float32(mix.gain), _HEADROOM
    power = weighted_power(mix.samples()) * mix.gain**2 if mix.lufs else None
    highest = float(peaks.max(initial=0.0))
    for _ in range(_ATTEMPTS):
        gain = _gain(mix, peaks, power, ceiling)
        limited = limiting(gain * peaks, ceiling) if gain * highest > ceiling else None

        def shaped(first: int, count: int, gain: float = gain, limited: Samples | None = limited) -> Samples:
            block = mix.samples()[first : first + count] * np.float32(mix.gain * gain)
            return block if limited is None else block * at_samples(limited, first, count)[:, None]

        _encode(shaped, len(mix.samples()), codec, QUALITIES.index(quality), path, container, progress)
        if not any(codec.kbits_per_s) or (loudest := decoded_peak(path)) <= PEAK_CEILING:
            return
        ceiling = min(ceiling, gain * highest) * 0.98 * PEAK_CEILING / loudest
    raise RenderFailed("The sound could not be encoded without distortion.", hint="Turn a volume down.")


def _gain(mix: Mix, peaks: Samples, power: npt.NDArray[np.float64] | None, ceiling: float) -> float:
    """What all is multiplied by before it is limited."""
    if mix.lufs is not None and power is not None:
        return gain_to(mix.lufs, power, peaks, ceiling)
    highest = float(peaks.max(initial=0.0))
    return max(min(1.0, _HEADROOM / highest), _MOST_DOWN) if highest else 1.0


def decoded_peak(path: Path) -> float:
    """The highest true peak of an encoded sound, as a player hears it."""
    peak, held = 0.0, [np.zeros((0, 2), np.float32)]
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            values = np.asarray(frame.to_ndarray(), np.float32)
            held.append(values.T if frame.format.is_planar else values.reshape(-1, 2))
            if sum(map(len, held)) >= MIXED_AT_ONCE:
                peak = max(peak, _peak(np.concatenate(held)))
                held.clear()
    return max(peak, _peak(np.concatenate(held))) if held else peak


def _peak(sound: Samples) -> float:
    return float(true_peaks(sound, PEAK_CEILING).max(initial=0.0))


def _encode(
    shaped: Callable[[int, int], Samples],
    count: int,
    codec: SoundCodec,
    level: int,
    path: Path,
    container: Container,
    progress: _Progress,
) -> None:
    lead = 0 if container.says_delay else codec.lead
    with av.open(str(path), "w", format=container.muxer, options=dict(container.options)) as file:
        file.metadata.update({key: text for key, text in container.tags.items() if text})
        stream = file.add_stream(codec.encoder[level], rate=SOUND_RATE, layout="stereo", options=dict(codec.options))
        assert isinstance(stream, AudioStream)
        if codec.kbits_per_s[level]:
            stream.bit_rate = 1000 * codec.kbits_per_s[level]
        cover = add_cover(file, container.cover)
        writer = _Writer(stream, codec.form[level], None if container.says_delay else lead)
        if cover is not None:
            file.start_encoding()
            file.mux_one(cover)
        for first in range(0, count, MIXED_AT_ONCE):
            file.mux(writer.take(shaped(first, min(MIXED_AT_ONCE, count - first))))
            progress(0.95 * min(1.0, (first + MIXED_AT_ONCE) / count))
        file.mux(writer.rest())
    progress(1.0)


class _Writer:
    """Blocks into packets; with a lead, the first packet, which holds nothing but the encoder's delay, is left out."""

    def __init__(self, stream: AudioStream, form: str, lead: int | None) -> None:
        self._stream = stream
        self._resampler = None if form == "fltp" else av.AudioResampler(format=form, layout="stereo", rate=SOUND_RATE)
        self._at = lead or 0
        self._lead = lead or 0
        self._skip = 0 if lead is None else 1

    def take(self, block: Samples) -> list[Packet[Any]]:
        if self._lead:
            block, self._at, self._lead = np.pad(block, ((self._lead, 0), (0, 0))), 0, 0
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._at, Fraction(1, SOUND_RATE)
        self._at += len(block)
        frames = [frame] if self._resampler is None else self._resampler.resample(frame)
        return self._kept([packet for part in frames for packet in self._stream.encode(part)])

    def rest(self) -> list[Packet[Any]]:
        frames = [] if self._resampler is None else self._resampler.resample(None)
        packets = [packet for part in frames for packet in self._stream.encode(part)]
        return self._kept([*packets, *self._stream.encode(None)])

    def _kept(self, packets: list[Packet[Any]]) -> list[Packet[Any]]:
        left_out = min(self._skip, len(packets))
        self._skip -= left_out
        return packets[left_out:]
