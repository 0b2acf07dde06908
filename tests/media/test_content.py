"""Speech told from music, on sounds that are made here."""

from __future__ import annotations

import numpy as np
import pytest
from songs import make_song
from voices import RATE, make_speech

from nemo_notebook.media.beats import measure_onsets
from nemo_notebook.media.content import hear_voices, tell_content
from nemo_notebook.music import MOODS, make_recipe, synthesize

PAUSES_S = (0.5, 0.3, 0.9, 0.4, 0.6, 0.3, 0.7)


def told(samples):
    samples = np.asarray(samples, np.float32)
    return tell_content(samples, RATE, measure_onsets(samples, RATE))


def noise(length_s, level=1.0):
    return level * np.random.default_rng(0).standard_normal(int(length_s * RATE))


@pytest.mark.parametrize("pitch_hz", [105.0, 210.0])
@pytest.mark.parametrize("level", [1.0, 0.02])
def test_speech_is_speech_at_any_level(pitch_hz, level):
    assert told(level * make_speech(PAUSES_S, seed=1, pitch_hz=pitch_hz)[0]) == "speech"


def test_speech_in_a_noisy_room_or_on_the_phone_is_speech():
    samples = make_speech(PAUSES_S, seed=2)[0]
    assert told(samples + noise(len(samples) / RATE, 0.01)[: len(samples)]) == "speech"
    spectrum, hz = np.fft.rfft(samples), np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    assert told(np.fft.irfft(spectrum, len(samples))) == "speech"


@pytest.mark.parametrize("mood", MOODS)
def test_composed_music_is_music_in_every_mood(mood):
    stereo = synthesize(make_recipe(mood, 10_000, 3))
    samples = np.interp(np.arange(0, 10, 1 / RATE), np.arange(len(stereo)) / 48_000, stereo.mean(axis=1))
    assert told(samples) == "music"


@pytest.mark.parametrize("pattern", ["rock", "house", "eighths", "ballad"])
def test_songs_of_drums_and_chords_are_never_speech(pattern):
    assert told(make_song(110, 12, pattern=pattern, seed=1).samples) == "music"


def test_a_melody_of_held_notes_without_a_beat_is_not_speech():
    rng = np.random.default_rng(4)
    notes = [
        sum(np.sin(2 * np.pi * k * 220 * 2 ** (step / 12) * np.arange(n) / RATE) / k for k in range(1, 8))
        * np.exp(-np.arange(n) / RATE)
        for step, n in zip(rng.integers(0, 12, 24), rng.integers(RATE // 2, 2 * RATE, 24), strict=True)
    ]
    assert told(0.1 * np.concatenate(notes)) != "speech"


@pytest.mark.parametrize("samples", [noise(8, 0.1), np.cumsum(noise(8, 0.001))], ids=["white", "brown"])
def test_noise_is_neither(samples):
    assert told(samples) == ""


def test_chirps_that_come_and_go_as_syllables_do_are_no_speech():
    rng = np.random.default_rng(0)
    samples = noise(12, 0.001)
    for _ in range(26):
        first, length = rng.integers(0, 11 * RATE), rng.integers(RATE // 15, RATE // 4)
        t = np.arange(length) / RATE
        chirp = np.sin(2 * np.pi * (rng.uniform(2500, 5000) * t + rng.uniform(-4000, 4000) * t**2))
        samples[first : first + length] += np.hanning(length) * chirp
    assert told(samples) != "speech"


@pytest.mark.parametrize("length_s", [0, 0.01, 0.5, 10])
def test_silence_and_what_is_too_short_are_neither(length_s):
    assert told(np.zeros(int(length_s * RATE))) == ""
    assert told(make_speech(PAUSES_S)[0][: int(min(length_s, 0.5) * RATE)]) == ""


def test_voices_are_heard_in_the_seconds_in_which_somebody_speaks():
    speech, song = make_speech((0.2,) * 12, seed=1)[0], make_song(110, 6, seed=1).samples
    parts = [0.3 * part[: 6 * RATE] / np.abs(part).max() for part in (speech, song, noise(6), speech)]
    voices = hear_voices(np.concatenate([*parts, np.zeros(2 * RATE)]).astype(np.float32), RATE)
    spoken, sung, noisy, again, silent = np.split(np.array(voices), (6, 12, 18, 24))
    assert min(spoken[1:5].mean(), again[1:5].mean()) > 0.5
    assert max(sung[2:4].max(), noisy[2:4].max(), silent[-1]) < 0.2
