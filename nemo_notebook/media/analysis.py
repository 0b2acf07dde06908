"""Analysis of sounds: loudness, silences, and all that is known of a song before it is edited.

A moment is silent below a threshold that adapts to the sound, as in voice activity detection by energy: a little above
the noise floor, which is the quietest stretch of the sound (minimum statistics, after Martin, "Noise power spectral
density estimation based on optimal smoothing and minimum statistics", IEEE Transactions on Speech and Audio Processing,
2001). A room's noise has a smooth spectrum; a quiet passage of music has lines in it, and is no silence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.filter.context import FilterContext

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.media import beats, content, structure, thumbnails
from nemo_notebook.media.beats import Doubles, Floats, measure_onsets
from nemo_notebook.media.opening import MAX_DURATION_S, open_media, sound_frames

ANALYSIS_RATE: Final = 22050


def mono(
    path: Path, filename: str, rate: int = ANALYSIS_RATE, longest_s: float = MAX_DURATION_S
) -> npt.NDArray[np.float32]:
    """Decodes a file's first sound stream, mixed down and resampled.

    FFmpeg drops the encoder's delay (MP3, AAC), so sample 0 is where the song starts. Damaged packets are left out, as
    players do.

    Args:
        path: The file.
        filename: What people call it, for messages.
        rate: Samples per second of the result, in Hz.
        longest_s: The most that is read, in seconds.

    Returns:
        Samples, shape (n,), in −1…1.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no sound in it, or none that decodes.
    """
    blocks = [block.to_ndarray().reshape(-1) for block in sound_blocks(path, filename, "mono", rate, longest_s)]
    if not blocks:
        raise UnsupportedMedia(f"{filename}: its sound does not decode; the file is damaged.")
    return np.concatenate(blocks)[: int(longest_s * rate)].astype(np.float32, copy=False)


def sound_blocks(path: Path, filename: str, layout: str, rate: int, longest_s: float) -> Iterator[AudioFrame]:
    """A file's first sound stream, block by block, as interleaved floats at a rate and with the channels of a layout.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no sound in it.
    """
    left = int(longest_s * rate)
    with open_media(path, filename) as container:
        if not container.streams.audio:
            raise UnsupportedMedia(f"{filename} has no sound.")
        resampler = av.AudioResampler(format="flt", layout=layout, rate=rate)
        for frame in chain(sound_frames(container), [None]):  # None: what the resampler still holds
            for block in resampler.resample(frame):
                yield block
                left -= block.samples
            if left <= 0:
                return


_QUIETEST_LUFS: Final = -60.0
_RATE: Final = 48_000


def integrated_lufs(path: Path, filename: str, longest_s: float) -> float | None:
    """Integrated loudness by EBU R 128 (ITU-R BS.1770 with gates), measured by FFmpeg; None for silence.

    Args:
        path: The file.
        filename: What people call it, for messages.
        longest_s: So much of it is measured, in seconds.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no sound in it.
    """
    with open_media(path, filename) as container:
        alone = bool(container.streams.audio) and container.streams.audio[0].codec_context.channels == 1
    layout = "mono" if alone else "stereo"
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=_RATE, format="flt", layout=layout, time_base=Fraction(1, _RATE))
    # One channel is played by two loudspeakers.
    meter, sink = graph.add("ebur128", "metadata=1:dualmono=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    told, done = "", 0
    for block in sound_blocks(path, filename, layout, _RATE, longest_s):
        block.pts = done
        done += block.samples
        source.push(block)
        told = _read(sink) or told
    lufs = float(told) if told else -math.inf
    return round(lufs, 2) if lufs > _QUIETEST_LUFS else None


def _read(sink: FilterContext) -> str:
    """The newest reading of the meter; empty where there is none."""
    told = ""
    while True:
        try:
            told = sink.pull().metadata.get("lavfi.r128.I", told)
        except (BlockingIOError, av.error.EOFError):
            return told


_FRAMES_S: Final = 100  # a level for each 10 ms
_SHORTEST: Final = 40  # frames
_CLICK: Final = 4  # frames: what is shorter does not end a silence, where there is
_PAUSE: Final = 10  # frames of it on either side
_FLOOR: Final = 30  # frames in which the noise floor is looked for
_STEADY_DB: Final = 2.5  # standard deviation of its levels; within words it is 5 and more
_NOTHING_DB: Final = -65.0  # of full scale: silent, and no measure of a room's noise
_FAR_DB: Final = -42.0  # of the loud passages: silent whatever is heard in it
_NEAR_DB: Final = -14.0  # of the loud passages: what is louder is never silent
_NOISE_DB: Final = 8.0  # how far a room's noise rises above its floor
_LINES_DB: Final = 9.0  # how far lines stand out of the spectrum of music; noise reaches 6
_WINDOW: Final = 1024
_LINE_BINS: Final = slice(8, 300)  # 170 Hz to 6.4 kHz: below is the hum of the mains
_AROUND_BINS: Final = 10
_SLOW: Final = 3  # coefficients of the parabola: under 100 Hz
_LONGEST_S: Final = 3600.0


def find_silences(samples: Floats, rate: int, *, room_noise: bool = True) -> list[list[int]]:
    """Find the silent stretches of a sound that last 0.4 s or more.

    Args:
        samples: Mono sound, shape (n,), in −1…1.
        rate: Samples per second, in Hz; tuned for 22 050.
        room_noise: Whether the noise of a room is silence, too; in music it may be a part of it.

    Returns:
        Start and end of each in whole milliseconds, ascending.
    """
    step = rate // _FRAMES_S
    levels_db = _measure_levels(samples, step, rumble=not room_noise)
    heard = levels_db > _NOTHING_DB
    far_db = near_db = _NOTHING_DB
    if heard.any():
        loud_db = float(np.percentile(levels_db[heard], 95))
        far_db = near_db = max(loud_db + _FAR_DB, _NOTHING_DB)
        if room_noise:
            near_db = max(far_db, min(_floor_db(levels_db) + _NOISE_DB, loud_db + _NEAR_DB))
    return [
        [round(1000 * first * step / rate), round(1000 * min(end * step, len(samples)) / rate)]
        for first, end in _runs_below(levels_db, near_db)
        if levels_db[first:end].max() < far_db or not _has_lines(samples[first * step : end * step])
    ]


def hear_video(path: Path, filename: str) -> dict[str, Any]:
    """Listens to the sound of a video.

    Args:
        path: The file.
        filename: What people call it, for messages.

    Returns:
        `silences_ms` ([start, end], …), `sound` (loudness 0–1 a second) and `voices` (how much it sounds like voices,
        0–1 a second), as JSON values; all empty where it has no sound, or none that decodes.
    """
    try:
        samples = mono(path, filename, longest_s=_LONGEST_S)
    except UnsupportedMedia:
        return {"silences_ms": [], "sound": [], "voices": []}
    samples -= samples.mean()
    return {
        "silences_ms": find_silences(samples, ANALYSIS_RATE),
        "sound": list(structure.measure_energy(samples, ANALYSIS_RATE)),
        "voices": list(content.hear_voices(samples, ANALYSIS_RATE)),
    }


def _measure_levels(samples: Floats, step: int, *, rumble: bool) -> Doubles:
    """Level of each frame in decibels of full scale, smoothed over three; the last may be shorter.

    Rumble, most of a room's noise, varies from frame to frame: it is what a parabola follows, and left out on demand.
    """
    whole = len(samples) // step * step
    frames, rest = samples[:whole].reshape(-1, step), samples[whole:]
    power = np.einsum("ij,ij->i", frames, frames, dtype=np.float64)
    if not rumble:
        slow = np.linalg.qr(np.vander(np.linspace(-1, 1, step), _SLOW))[0]
        power = np.maximum(power - ((frames @ slow.astype(np.float32)).astype(np.float64) ** 2).sum(axis=1), 0)
    power /= step
    if len(rest):
        power = np.append(power, np.mean(np.square(rest, dtype=np.float64)))
    if not len(power):
        return np.empty(0)
    padded = np.pad(power, 1, mode="edge")
    return np.asarray(10 * np.log10((padded[:-2] + padded[1:-1] + padded[2:]) / 3 + 1e-12), np.float64)


def _floor_db(levels_db: Doubles) -> float:
    """Level of the quietest stretch that is heard and as steady as the noise of a room."""
    if len(levels_db) < _FLOOR:
        return _NOTHING_DB
    stretches = np.lib.stride_tricks.sliding_window_view(levels_db, _FLOOR)[:: _FLOOR // 6]
    rooms = stretches[(stretches.min(axis=1) > _NOTHING_DB) & (stretches.std(axis=1) < _STEADY_DB)]
    return float(rooms.mean(axis=1).min(initial=0.0)) if len(rooms) else _NOTHING_DB


def _runs_below(levels_db: Doubles, threshold_db: float) -> list[tuple[int, int]]:
    """First frame and end of each long run under a threshold, clicks passed over."""
    edges = np.flatnonzero(np.diff(levels_db < threshold_db, prepend=False, append=False))
    runs: list[tuple[int, int]] = []
    for first, end in edges.reshape(-1, 2).tolist():
        if end - first < _PAUSE:
            continue
        if runs and first - runs[-1][1] < _CLICK:
            runs[-1] = runs[-1][0], end
        else:
            runs.append((first, end))
    return [(first, end) for first, end in runs if end - first >= _SHORTEST]


def _has_lines(samples: Floats) -> bool:
    """Whether tones stand out of the mean spectrum of a stretch (at least 0.4 s)."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[:: _WINDOW // 4]
    power = (np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)) ** 2).mean(axis=0)
    spectrum_db = 10 * np.log10(power[_LINE_BINS] + 1e-14)
    padded = np.pad(spectrum_db, _AROUND_BINS, mode="edge")
    around_db = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND_BINS + 1), axis=1)
    return float(np.percentile(spectrum_db - around_db, 97)) > _LINES_DB


_PEAKS_PER_S: Final = 10
_MOST_PEAKS: Final = 2000


def listen(path: Path, filename: str) -> dict[str, Any]:
    """Listens to a sound.

    Args:
        path: The file.
        filename: What people call it, for messages.

    Returns:
        `beats_s`, `first_downbeat` (index, 0–3), `tempo` (BPM; 0 without a steady beat), `energy` (0–1 a second),
        `sections` ([start in s, loudness 0–1], …), `drops_s`, `cover_colors` (three #rrggbb, or none), `lufs`
        (integrated loudness; None for silence), `peaks` and `length_s` (see `peaks_of`; the length that they span),
        `content` ("speech", "music", or "" where it is not clear), `silences_ms` ([start, end], …), as JSON values.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no sound in it, or none that decodes.
    """
    samples = mono(path, filename, longest_s=_LONGEST_S)
    samples -= samples.mean()
    onsets = measure_onsets(samples, ANALYSIS_RATE)
    rhythm = beats.track_beats(samples, ANALYSIS_RATE, onsets)
    kind = content.tell_content(samples, ANALYSIS_RATE, onsets)
    form = structure.find_structure(samples, ANALYSIS_RATE, onsets, rhythm.downbeats_s)
    return {
        "beats_s": list(rhythm.beats_s),
        "first_downbeat": rhythm.first_downbeat,
        "tempo": rhythm.tempo,
        "energy": list(form.energy),
        "sections": [list(section) for section in form.sections],
        "drops_s": list(form.drops_s),
        "cover_colors": list(thumbnails.cover_colors(path, filename)),
        "lufs": integrated_lufs(path, filename, _LONGEST_S),
        "peaks": peaks_of(samples, ANALYSIS_RATE),
        "length_s": round(len(samples) / ANALYSIS_RATE, 4),
        "content": kind,
        "silences_ms": find_silences(samples, ANALYSIS_RATE, room_noise=kind != "music"),
    }


def peaks_of(samples: npt.NDArray[np.float32], rate: int) -> list[int]:
    """The loudest moments in equal stretches of a sound, for its waveform: ten a second, of long ones 2000 in all.

    Args:
        samples: Mono sound, shape (n,).
        rate: Samples per second, in Hz.

    Returns:
        0–100 of the loudest; zeros for silence.
    """
    count = min(_MOST_PEAKS, max(1, round(_PEAKS_PER_S * len(samples) / rate)), len(samples))
    if not count:
        return []
    starts = np.linspace(0, len(samples), count, endpoint=False).astype(np.int64)
    peaks = np.maximum.reduceat(np.abs(samples), starts)
    return [round(100 * float(peak)) for peak in peaks / max(float(peaks.max()), 1e-9)]
