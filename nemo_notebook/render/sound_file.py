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
from nemo_notebook.music import loudness_lufs, weighted_power
from nemo_notebook.render.cache import Mix
from nemo_notebook.render.formats import QUALITIES, SoundCodec
from nemo_notebook.render.layers import SOUND_RATE
from nemo_notebook.render.muxing import add_cover
from nemo_notebook.render.soundtrack import BLOCK, CEILING, Samples

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

STEP: Final = SOUND_RATE // 1000  # samples
_TAPS: Final = 12  # of each phase of the four-fold interpolation, as in ITU-R BS.1770-4, annex 2
_NEAR_PEAK: Final = 0.6  # beside a sample that is lower than this share of a level, the wave hardly reaches it

_LOOK_AHEAD: Final = 5  # ms, by which the limiter turns down before a peak
_RECOVERY_DB: Final = 0.06  # in a millisecond: 6 dB in a tenth of a second; faster, and bass would be bent

_LOUD_LUFS: Final = -14.0  # what the limiter takes away is made up for as far as this
_MOST_UP_DB: Final = 6.0  # a voice that is heard now and then is not blown up for the quiet around it
_NEAR_LU: Final = 0.05
_ROUNDS: Final = 8

_ATTACK: Final = 20  # ms before a voice in which others give way
_RELEASE: Final = 400  # ms after it in which they come back
_HOLD: Final = 200  # ms that a voice may pause, as between words
_VOICE_BELOW_DB: Final = 22.0  # what is so much quieter than its loud passages is no voice but what is around it
_VOICE_LEAST_DB: Final = -50.0


def _phases() -> npt.NDArray[np.float64]:
    """Interpolation at a quarter, half and three quarters between two samples; shape (_TAPS, 3)."""
    places = np.arange(_TAPS)[:, None] - (_TAPS / 2 - 1) - np.array([0.25, 0.5, 0.75])
    taps = np.sinc(places) * np.cos(np.pi * places / _TAPS) ** 2
    return np.asarray(taps / taps.sum(axis=0))


_PHASES: Final = _phases()


def true_peaks(sound: Floats, floor: float) -> Floats:
    """The highest level of the wave itself, also between samples, in each millisecond.

    Args:
        sound: Shape (n, 2).
        floor: Peaks under this need not be exact: some are those of their samples.

    Returns:
        Shape (⌈n / 48⌉,).
    """
    count = -(-len(sound) // STEP)
    highest = np.zeros(count, np.float32)
    for channel in np.ascontiguousarray(sound.T, np.float32):
        level = np.abs(channel)
        peaks = np.pad(level, (0, count * STEP - len(level))).reshape(-1, STEP).max(axis=1)
        # Near the ends there is too little around a sample to tell.
        inner = level[_TAPS // 2 : -_TAPS // 2]
        before, after = level[_TAPS // 2 - 1 : -_TAPS // 2 - 1], level[_TAPS // 2 + 1 : len(level) - _TAPS // 2 + 1]
        bumps = _TAPS // 2 + np.flatnonzero((inner > _NEAR_PEAK * floor) & (inner >= before) & (inner >= after))
        if bumps.size:
            windows = np.lib.stride_tricks.sliding_window_view(channel, _TAPS)
            for shift in (0, 1):  # the wave is highest between the highest sample and one of its neighbours
                # With twice the digits: the last bits of a product of matrices depend on the kind of CPU.
                between = np.abs(windows[bumps - _TAPS // 2 + shift].astype(np.float64) @ _PHASES).max(axis=1)
                np.maximum.at(peaks, bumps // STEP, between.astype(np.float32))
        highest = np.maximum(highest, peaks)
    return highest


def limiting(peaks: Floats, ceiling: float) -> Floats:
    """Gain that holds peaks under a ceiling: down 5 ms ahead of a peak, and back so slowly that bass stays clean.

    Args:
        peaks: One a millisecond, from `true_peaks`.
        ceiling: The most that is left of them.

    Returns:
        Gains of 0–1, as many as there are peaks.
    """
    needed_db = 20 * np.log10(np.minimum(1.0, ceiling / np.maximum(peaks.astype(np.float64), 1e-9)))
    ahead = np.pad(needed_db, (_LOOK_AHEAD, _LOOK_AHEAD + 1))
    held_db = np.lib.stride_tricks.sliding_window_view(ahead, 2 * _LOOK_AHEAD + 2).min(axis=1)
    rise = _RECOVERY_DB * np.arange(len(held_db))
    # Backwards in time it jumps, forwards it climbs: the lowest line of that slope through all that was needed so far.
    slow_db = np.minimum.accumulate(held_db - rise) + rise
    gain = 10 ** (np.minimum(slow_db, held_db) / 20)
    smooth = np.hanning(_LOOK_AHEAD + 2)[1:-1]
    edge = _LOOK_AHEAD // 2
    return np.asarray(np.convolve(np.pad(gain, edge, mode="edge"), smooth / smooth.sum(), "valid"), np.float32)


def gain_to(lufs: tuple[float, float], power: Doubles, peaks: Floats, ceiling: float) -> float:
    """Gain that brings a sound to a loudness before its peaks are limited, which takes loudness away again.

    Args:
        lufs: The least and the most that it is to be.
        power: K-weighted, of each millisecond.
        peaks: True peaks of each millisecond.
        ceiling: What these are limited to.

    Returns:
        A factor; to a hundredth of a decibel, as the last bits of the power depend on the kind of CPU.
    """
    now = loudness_lufs(power)
    if now == float("-inf"):
        return 1.0
    wanted = min(max(now, lufs[0]), lufs[1])
    gain_db = round(min(wanted - now, _MOST_UP_DB), 2)
    for _ in range(_ROUNDS):
        gain = 10 ** (gain_db / 20)
        missing = min(wanted, _LOUD_LUFS) - loudness_lufs(power * (gain * limiting(gain * peaks, ceiling)) ** 2)
        more_db = round(min(gain_db + missing, _MOST_UP_DB), 2)
        if missing < _NEAR_LU or more_db <= gain_db:
            break
        gain_db = more_db
    return float(10 ** (gain_db / 20))


def levels_db(sound: Floats) -> Floats:
    """Loudness of each millisecond in dB of full scale; shape (⌈n / 48⌉,)."""
    count = -(-len(sound) // STEP)
    power = np.square(sound, dtype=np.float32).mean(axis=1)
    power = np.pad(power, (0, count * STEP - len(power))).reshape(-1, STEP).mean(axis=1)
    return np.asarray(10 * np.log10(power + 1e-12), np.float32)


def presence(voice_db: Floats) -> Floats:
    """How much a voice asks others to give way, 0–1, smooth.

    It is 1 while the voice is heard and in its short pauses, and comes and goes within 20 and 400 ms.

    Args:
        voice_db: Its loudness in each millisecond.
    """
    width = 2 * _ATTACK + 1
    power = np.convolve(10 ** (voice_db.astype(np.float64) / 10), np.full(width, 1 / width), "same")[: len(voice_db)]
    level_db = 10 * np.log10(power + 1e-12)
    audible = level_db[level_db > _VOICE_LEAST_DB]
    if not audible.size:
        return np.zeros(len(voice_db), np.float32)
    heard = level_db > max(_VOICE_LEAST_DB, float(np.percentile(audible, 95)) - _VOICE_BELOW_DB)
    place, never = np.arange(len(heard)), 10 * len(heard) + 10_000
    since = place - np.maximum.accumulate(np.where(heard, place, -never))
    until = np.minimum.accumulate(np.where(heard, place, never)[::-1])[::-1] - place
    share = np.maximum(1 - (since - _HOLD) / _RELEASE, 1 - until / _ATTACK).clip(0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def at_samples(curve: Floats, first: int, count: int) -> Floats:
    """A curve of a value a millisecond, at each of `count` samples from `first` on; shape (count,)."""
    middles = (np.arange(first, first + count) + 0.5) / STEP - 0.5
    return np.interp(middles, np.arange(len(curve)), curve).astype(np.float32)


_HEADROOM: Final = 10 ** (-1.5 / 20)  # what is encoded stays lower: codecs overshoot
_MOST_DOWN: Final = 10 ** (
    -3 / 20
)  # of any loudness, all is turned down by at most 3 dB; what is still too loud is limited
_ATTEMPTS: Final = 4

Progress = Callable[[float], None]


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
    mix: Mix, codec: SoundCodec, quality: str, path: Path, container: Container, progress: Progress
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
        if not any(codec.kbits_per_s) or (loudest := decoded_peak(path)) <= CEILING:
            return
        ceiling = min(ceiling, gain * highest) * 0.98 * CEILING / loudest
    raise RenderFailed("The sound could not be encoded without distortion.", hint="Turn a volume down.")


def _gain(mix: Mix, peaks: Floats, power: Doubles | None, ceiling: float) -> float:
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
            if sum(map(len, held)) >= BLOCK:
                peak = max(peak, _peak(np.concatenate(held)))
                held.clear()
    return max(peak, _peak(np.concatenate(held))) if held else peak


def _peak(sound: Samples) -> float:
    return float(true_peaks(sound, CEILING).max(initial=0.0))


def _encode(
    shaped: Callable[[int, int], Samples],
    count: int,
    codec: SoundCodec,
    level: int,
    path: Path,
    container: Container,
    progress: Progress,
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
        for first in range(0, count, BLOCK):
            file.mux(writer.take(shaped(first, min(BLOCK, count - first))))
            progress(0.95 * min(1.0, (first + BLOCK) / count))
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
