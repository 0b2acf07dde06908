"""What recipes sound like, by measurement."""

from __future__ import annotations

import numpy as np
import pytest

from nemo_notebook.engine.music import MOODS, RATE, Recipe, beat_times_ms, compose, make_recipe, synthesize
from nemo_notebook.engine.music.drums import DRUMS, hit
from nemo_notebook.engine.music.instruments import VOICES
from nemo_notebook.engine.music.master import CEILING, limit, loudness_lufs
from nemo_notebook.engine.music.tone import hertz, wave


def _level_db(sound):
    return 20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64))) + 1e-12)


def _onsets(sound, frame=240):
    """Rise of the level of each 5 ms of the mono sum, in log steps."""
    mono = sound.mean(axis=1)
    level = np.sqrt(np.mean(mono[: mono.size // frame * frame].reshape(-1, frame) ** 2, axis=1))
    return np.maximum(0, np.diff(np.log(level + 1e-3), prepend=np.log(1e-3)))


@pytest.fixture(scope="module")
def song():
    recipe = make_recipe("upbeat", 24_000, 8, 120)
    return recipe, synthesize(recipe)


@pytest.mark.parametrize("mood", MOODS)
def test_every_mood_is_loud_enough_clean_and_wide(mood):
    sound = synthesize(make_recipe(mood, 16_000, 3))
    assert sound.dtype == np.float32
    assert sound.shape == (16 * RATE, 2)
    assert np.abs(sound).max() <= 0.89
    assert loudness_lufs(sound) == pytest.approx(-14, abs=0.7)
    assert np.abs(sound.mean(axis=0)).max() < 2e-3
    assert 0.1 < np.corrcoef(sound.T)[0, 1] < 0.98


@pytest.mark.parametrize("length_ms", [1_000, 1_001, 4_567, 11_000])
def test_length_is_exact_and_both_ends_are_silent(length_ms):
    sound = synthesize(make_recipe("lofi", length_ms, 2))
    assert sound.shape == (length_ms * 48, 2)
    assert np.abs(sound[0]).max() == 0
    assert np.abs(sound[-1]).max() < 1e-6
    assert np.isfinite(sound).all()
    assert _level_db(sound) > -30


def test_same_recipe_gives_the_same_samples_and_another_seed_does_not():
    recipe = make_recipe("house", 6_000, 5)
    assert np.array_equal(synthesize(recipe), synthesize(recipe))
    assert not np.array_equal(synthesize(recipe), synthesize(Recipe("house", recipe.bpm, 6, 6_000)))


def test_long_track_has_no_seam_between_blocks():
    sound = synthesize(make_recipe("ambient", 12_000, 1))
    seam = 1 << 18
    jumps = np.abs(np.diff(sound, axis=0)).max(axis=1)
    assert jumps[seam - 2 : seam + 2].max() <= np.percentile(jumps[seam - RATE : seam + RATE], 99.9)


def test_tempo_can_be_read_back_from_the_sound(song):
    recipe, sound = song
    onsets = _onsets(sound)
    onsets -= onsets.mean()
    alike = np.fft.irfft(np.abs(np.fft.rfft(onsets, 1 << 14)) ** 2)
    eight_beats = 700 + int(alike[700:900].argmax())  # in frames of 5 ms
    assert 8 * 60 / (eight_beats * 0.005) == pytest.approx(recipe.bpm, abs=0.4)


def test_onsets_gather_on_the_beats(song):
    recipe, sound = song
    onsets = _onsets(sound)
    frames = [round(ms / 5) for ms in beat_times_ms(recipe)[16:40]]
    on = np.mean([onsets[f - 2 : f + 5].max() for f in frames])
    off = np.mean([onsets[f + 10 : f + 17].max() for f in frames])
    assert on > 2 * off


def test_song_rises_from_intro_over_build_to_drop(song):
    recipe, sound = song
    bar = 4 * recipe.beat_s * RATE
    level = {s.kind: _level_db(sound[int(s.start * bar) : int(s.end * bar)]) for s in compose(recipe).sections}
    assert level["intro"] + 2 < level["build"]
    assert level["build"] + 2 < level["drop"]
    assert level["outro"] < level["drop"]


def test_spectrum_is_balanced(song):
    _, sound = song
    power = np.abs(np.fft.rfft(sound.mean(axis=1))) ** 2
    frequency = np.fft.rfftfreq(sound.shape[0], 1 / RATE)

    def share_db(low, high):
        return 10 * np.log10(power[(frequency >= low) & (frequency < high)].sum() / power.sum())

    assert -8 < share_db(20, 100) < -1
    assert share_db(250, 2000) > -10
    assert share_db(5000, 16_000) > -27


@pytest.mark.parametrize("name", VOICES)
def test_voice_sounds_its_pitch(name):
    sound = np.atleast_2d(VOICES[name].play(hertz(57), 1.0)).mean(axis=0)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size)))
    frequency = np.fft.rfftfreq(sound.size, 1 / RATE)
    around = [spectrum[np.abs(frequency - f) < 6].max() for f in (220, 233, 208)]
    assert around[0] > 5 * max(around[1:])
    assert np.abs(sound).max() < 2
    assert abs(sound[-1]) < 1e-3


@pytest.mark.parametrize("name", sorted(DRUMS))
def test_drum_starts_and_ends_without_a_click(name):
    sound = hit(name, 2.0)
    assert np.abs(sound).max() == pytest.approx(1, abs=1e-3)
    assert abs(sound[0]) < 0.05
    assert abs(sound[-1]) < 1e-3


def test_wave_does_not_alias():
    sound = wave(3000.0, RATE, 1.0)
    spectrum = np.abs(np.fft.rfft(sound))
    assert spectrum[np.arange(spectrum.size) % 3000 != 0].max() < 0.01 * spectrum.max()


@pytest.mark.parametrize(("frequency", "expected"), [(997.0, -20.0), (60.0, -23.6)])
def test_loudness_follows_the_standard(frequency, expected):
    turns = 2 * np.pi * frequency * np.arange(3 * RATE) / RATE
    tone = (0.1 * np.sin(turns)).astype(np.float32)
    assert loudness_lufs(np.stack((tone, tone), 1)) == pytest.approx(expected, abs=0.4)


def test_loudness_of_silence_is_minus_infinity():
    assert loudness_lufs(np.zeros((RATE, 2), np.float32)) == float("-inf")


def test_limiter_holds_the_ceiling_and_leaves_quiet_sound_alone():
    rng = np.random.default_rng(1)
    sound = (rng.standard_normal((3 * RATE + 17, 2)) * 0.05).astype(np.float32)
    sound[RATE] = 3.0
    before = sound.copy()
    limit(sound, CEILING)
    assert np.abs(sound).max() <= CEILING + 1e-6
    assert np.array_equal(sound[: RATE // 2], before[: RATE // 2])
