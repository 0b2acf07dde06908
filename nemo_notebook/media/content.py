"""Whether a sound is speech or music.

A few features of excerpts are weighed together (logistic regression). Scheirer and Slaney, "Construction and evaluation
of a robust multifeature speech/music discriminator" (ICASSP 1997): syllables modulate the level of speech some four
times a second, and the pauses between them leave many quiet moments. Seyerlehner and others, "Automatic music
detection in television productions" (DAFx 2007): the tones of music are lines in the spectrum that stay where they are,
while the pitch of a voice glides. Music mostly has a steady beat, and singers hold notes.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from nemo_notebook.media.beats import Doubles, Floats, Onsets, measure_onsets, measure_rhythm

Content = Literal["speech", "music", ""]

_EXCERPTS: Final = 3
_EXCERPT_S: Final = 12.0
_SHORTEST_S: Final = 0.8
_RHYTHM: Final = (-0.1, 0.6)
# Log odds, fitted to 588 sounds: quiet moments, syllables, lines, held notes, rhythm, and a constant.
_WEIGHTS: Final = np.array([
    (3.3, 4.3, -5.7, -4.1, -7.2, 0.8),  # speech rather than music
    (6.7, 17.9, -1.2, -5.2, -0.8, -6.8),  # speech rather than noise
    (3.4, 13.6, 4.5, -1.1, 6.4, -7.6),  # music rather than noise
])  # fmt: skip
_SURE: Final = 0.5
_VOICED_SHARE: Final = 0.15  # birds and rain, which come and go as syllables do, have next to none
_HEARD: Final = 0.02  # of the loud moments: silence at the ends is cut off
_SILENT: Final = 3e-4
_FRAMES_S: Final = 100
_STRETCH_S: Final = 1.0  # in which quiet moments are counted
_SYLLABLES_HZ: Final = (2.4, 7.1)
_MODULATION_HZ: Final = (0.9, 20.0)
_MODULATION_S: Final = 2.0
_SYLLABLE_BANDS: Final = ((6, 12), (12, 20), (20, 28), (28, 36))  # mel bands, 0.3 to 5 kHz
_WINDOW: Final = 2048
_LINES_HZ: Final = (100.0, 5000.0)
_AROUND_BINS: Final = 21
_ABOVE: Final = 0.46  # natural logarithm of magnitude: twice in power and a quarter more
_LINES_S: Final = 2.6
_LINES: Final = 5
_VALLEY_BINS: Final = 6
_PITCH_HZ: Final = (75.0, 600.0)
_VOICE_HZ: Final = (40.0, 1500.0)  # the lower harmonics
_VOICE_POWER: Final = 0.1  # of all, that they have at least
_PITCH_WINDOW: Final = 1024  # at half the rate
_PITCH_FRAMES_S: Final = 40
_VOICED: Final = 0.6  # autocorrelation at the period
_VIBRATO: Final = 7  # frames
_NOTE: Final = 8  # frames after each other that are on one note
_ON_NOTE: Final = 0.4  # semitones


def tell_content(samples: Floats, rate: int, onsets: Onsets) -> Content:
    """Tell speech from music; "" where it is not clear, as in noise or birds.

    Music is taken for speech far more rarely than speech for music: a song that is treated as a voice is worse.

    Args:
        samples: Mono sound, shape (n,), in −1…1.
        rate: Samples per second, in Hz; tuned for 22 050.
        onsets: Of the same samples.
    """
    features = _measure_features(samples, rate, onsets)
    if features is None:
        return ""
    voiced, *weighed = features.tolist()
    speech_not_music, speech_not_noise, music_not_noise = (_WEIGHTS @ [*weighed, 1.0]).tolist()
    if min(speech_not_music, speech_not_noise) > _SURE and voiced > _VOICED_SHARE:
        return "speech"
    return "music" if music_not_noise > 0 and speech_not_music < 0 else ""


_VOICES_STEP_S: Final = 2
_VOICES_S: Final = 3.0  # window around each step: some syllables, or a peal of laughter
_HUSHED: Final = 0.05  # of the loud seconds: nobody speaks so softly
_USUAL_RHYTHM: Final = 0.15  # a beat is not looked for in a few seconds


def hear_voices(samples: Floats, rate: int) -> tuple[float, ...]:
    """How much each second sounds like voices: speech, laughter or calls, but neither singing nor applause, 0–1.

    The model of `tell_content` for windows of three seconds, one for every two. Laughter is told like speech, by bursts
    that have a pitch which glides. Applause is noise to it, as rain is.

    Args:
        samples: Mono sound, shape (n,), in −1…1.
        rate: Samples per second, in Hz; tuned for 22 050.
    """
    count, frame = -(-len(samples) // rate), rate // _FRAMES_S
    heard: list[float] = []
    for second in range(0, count, _VOICES_STEP_S):
        middle = (second + _VOICES_STEP_S / 2) * rate
        window = samples[max(0, int(middle - _VOICES_S / 2 * rate)) : int(middle + _VOICES_S / 2 * rate)]
        whole = window[: len(window) // frame * frame].reshape(-1, frame)
        envelope = np.sqrt(np.einsum("ij,ij->i", whole, whole, dtype=np.float64) / frame)
        share = 0.0
        if len(window) >= _SHORTEST_S * rate and envelope.max() > _SILENT:
            onsets = measure_onsets(window, rate)
            bands = np.expm1(onsets.bands.astype(np.float64))
            voiced, *weighed = _measure(window, rate, envelope, bands, onsets.rate)
            odds = float((_WEIGHTS[:2] @ [*weighed, _USUAL_RHYTHM, 1.0]).min()) - _SURE
            share = min(1.0, voiced / _VOICED_SHARE) / (1 + np.exp(-odds))
        heard += [round(float(share), 3)] * _VOICES_STEP_S
    levels = np.array([float(np.abs(samples[second * rate : (second + 1) * rate]).mean()) for second in range(count)])
    is_loud = levels > _HUSHED * np.percentile(levels, 95) if count else levels
    return tuple(share if loud else 0.0 for share, loud in zip(heard, is_loud, strict=False))


def _measure_features(samples: Floats, rate: int, onsets: Onsets) -> Doubles | None:
    """The share that has a pitch, and the features in the order of the weights; None where too little is heard."""
    frame = rate // _FRAMES_S
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame)
    rms = np.sqrt(np.einsum("ij,ij->i", whole, whole, dtype=np.float64) / frame)
    loud = float(np.percentile(rms, 95)) if len(rms) else 0.0
    if loud < _SILENT:
        return None
    heard = np.flatnonzero(rms > _HEARD * loud)
    first_s, end_s = heard[0] * frame / rate, (heard[-1] + 1) * frame / rate
    if end_s - first_s < _SHORTEST_S:
        return None
    found = []
    for start_s, stop_s in _excerpts(first_s, end_s):
        excerpt = samples[int(start_s * rate) : int(stop_s * rate)]
        envelope = rms[int(start_s * rate / frame) : int(stop_s * rate / frame)]
        bands = np.expm1(onsets.bands[int(start_s * onsets.rate) : int(stop_s * onsets.rate)].astype(np.float64))
        if len(bands) and envelope.max() > _HEARD * loud:
            found.append(_measure(excerpt, rate, envelope, bands, onsets.rate))
    if not found:
        return None
    return np.append(np.mean(found, axis=0), np.clip(measure_rhythm(onsets), *_RHYTHM))


def _excerpts(first_s: float, end_s: float) -> list[tuple[float, float]]:
    """Some stretches spread evenly over what is heard, or all of it."""
    if end_s - first_s <= _EXCERPTS * _EXCERPT_S:
        return [(first_s, end_s)]
    gap_s = (end_s - first_s - _EXCERPTS * _EXCERPT_S) / (_EXCERPTS + 1)
    starts_s = [first_s + gap_s + number * (gap_s + _EXCERPT_S) for number in range(_EXCERPTS)]
    return [(start_s, start_s + _EXCERPT_S) for start_s in starts_s]


def _measure(samples: Floats, rate: int, envelope: Doubles, bands: Doubles, bands_rate: float) -> list[float]:
    """The same of an excerpt, without its rhythm."""
    smooth = np.convolve(envelope, np.hanning(7) / np.hanning(7).sum(), "same")
    loudness = (np.sqrt((bands[:, low:high] ** 2).sum(axis=1)) for low, high in _SYLLABLE_BANDS)
    semitones, voiced, share = _track_pitch(samples, rate)
    return [
        share,
        _quiet_moments(smooth),
        float(np.mean([_syllables(each, bands_rate) for each in loudness])),
        _lines(samples, rate),
        _held_notes(semitones, voiced),
    ]


def _quiet_moments(envelope: Doubles) -> float:
    """Share of the moments that are half as loud as the second around them, or less."""
    width = min(len(envelope), round(_STRETCH_S * _FRAMES_S))
    seconds = np.lib.stride_tricks.sliding_window_view(envelope, width)[:: max(1, width // 2)]
    return float((seconds < 0.5 * seconds.mean(axis=1, keepdims=True)).mean())


def _syllables(envelope: Doubles, frames_s: float) -> float:
    """Share of the envelope's modulation that is as fast as syllables are."""
    width = round(_MODULATION_S * frames_s)
    padded = np.pad(envelope, (0, max(0, width - len(envelope))), mode="edge")
    parts = np.lib.stride_tricks.sliding_window_view(padded, width)[:: width // 2]
    parts = (parts - parts.mean(axis=1, keepdims=True)) * np.hanning(width)
    power = (np.abs(np.fft.rfft(parts, axis=1)) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(width, 1 / frames_s)
    share = [power[_between(hz, band)].sum() for band in (_SYLLABLES_HZ, _MODULATION_HZ)]
    return float(share[0] / (share[1] + 1e-12))


def _lines(samples: Floats, rate: int) -> float:
    """How far tones that stay where they are stand out: share of the time in which a bin is a peak of the spectrum."""
    samples = np.pad(samples, (0, max(0, 2 * _WINDOW - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[:: _WINDOW // 2]
    hz = np.fft.rfftfreq(_WINDOW, 1 / rate)
    used = slice(*np.searchsorted(hz, _LINES_HZ))
    spectrum = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1))[:, used]
    logs = np.log(spectrum + 1e-5 * spectrum.max() + 1e-9)
    sums = np.cumsum(np.pad(logs, ((0, 0), (_AROUND_BINS + 1, _AROUND_BINS)), mode="edge"), axis=1)
    width = 2 * _AROUND_BINS + 1
    peaks = logs - (sums[:, width:] - sums[:, :-width]) / width > _ABOVE
    count = max(1, round(len(peaks) / (_LINES_S * rate / (_WINDOW // 2))))
    return float(np.mean([_stands_out(part.mean(axis=0)) for part in np.array_split(peaks, count)]))


def _stands_out(activity: Doubles) -> float:
    """Mean height of the highest peaks over the lower of the valleys beside them."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(activity, _VALLEY_BINS, mode="edge"), 2 * _VALLEY_BINS + 1)
    valleys = np.maximum(around[:, : _VALLEY_BINS + 1].min(axis=1), around[:, _VALLEY_BINS:].min(axis=1))
    heights = np.where(activity >= around.max(axis=1), activity - valleys, 0)
    return float(np.sort(heights)[-_LINES:].mean())


def _held_notes(semitones: Doubles, voiced: npt.NDArray[np.bool_]) -> float:
    """Share of the voiced moments in which the pitch stays on a note for a third of a second."""
    long = _VIBRATO + _NOTE - 1
    if len(voiced) < long or not voiced.any():
        return 0.0
    smooth = np.convolve(semitones, np.full(_VIBRATO, 1 / _VIBRATO), "valid")
    spread = np.ptp(np.lib.stride_tricks.sliding_window_view(smooth, _NOTE), axis=1)
    held = (spread < _ON_NOTE) & np.lib.stride_tricks.sliding_window_view(voiced, long).all(axis=1)
    return float(np.convolve(held, np.ones(long)).astype(bool).sum() / voiced.sum())


def _track_pitch(samples: Floats, rate: int) -> tuple[Doubles, npt.NDArray[np.bool_], float]:
    """Pitch of each frame in semitones, by autocorrelation; whether it has one; the share of those heard that do."""
    half = samples[: len(samples) // 2 * 2].reshape(-1, 2).mean(axis=1)
    rate //= 2
    half = np.pad(half, (0, max(0, _PITCH_WINDOW - len(half))))
    shape = np.hanning(_PITCH_WINDOW)
    windows = np.lib.stride_tricks.sliding_window_view(half, _PITCH_WINDOW)[:: rate // _PITCH_FRAMES_S]
    power = np.abs(np.fft.rfft(windows * shape, 2 * _PITCH_WINDOW, axis=1)) ** 2
    loudness = power.sum(axis=1)
    power[:, ~_between(np.fft.rfftfreq(2 * _PITCH_WINDOW, 1 / rate), _VOICE_HZ)] = 0
    longest = int(rate / _PITCH_HZ[0]) + 2
    likeness = np.fft.irfft(power, axis=1)[:, :longest]
    taper = np.fft.irfft(np.abs(np.fft.rfft(shape, 2 * _PITCH_WINDOW)) ** 2)[:longest]
    likeness /= (likeness[:, :1] + 1e-12) * (taper / taper[0])
    lags = likeness[:, int(rate / _PITCH_HZ[1]) : -1].argmax(axis=1) + int(rate / _PITCH_HZ[1])
    left, middle, right = (likeness[np.arange(len(lags)), lags + step] for step in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, -1e-9)
    periods = lags + np.clip(0.5 * (left - right) / bend, -0.5, 0.5)
    heard = loudness > 1e-3 * np.percentile(loudness, 95)
    voiced = heard & (middle > _VOICED) & (power.sum(axis=1) > _VOICE_POWER * loudness)
    return 12 * np.log2(rate / periods), voiced, float(voiced.sum() / max(1, heard.sum()))


def _between(hz: npt.NDArray[np.floating], band: tuple[float, float]) -> npt.NDArray[np.bool_]:
    return np.asarray((hz >= band[0]) & (hz <= band[1]), np.bool_)
