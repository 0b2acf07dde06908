"""Moods are told apart by what is composed and by what is heard."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from cases import cases

from nemo_notebook.music import MOODS, RATE, compose, make_recipe, synthesize
from nemo_notebook.music.drums import DRUMS

LENGTH_MS = 4_000
SEEDS = (1, 2)
MINOR = {"cinematic", "sad", "dark", "epic", "rock", "hiphop"}
MAJOR = {"happy", "acoustic", "romantic", "corporate", "upbeat"}
_MAJOR_KEY = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR_KEY = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])  # Krumhansl, Kessler


@cache
def _heard(mood, seed, length_ms=LENGTH_MS):
    """Recipe, score and sound of a short track."""
    recipe = make_recipe(mood, length_ms, seed)
    return recipe, compose(recipe), synthesize(recipe)


def _features(mood, seed):
    """Tempo, brightness, lows, highs, dynamics, width, density of onsets, mode."""
    recipe, score, sound = _heard(mood, seed)
    mono = sound.mean(axis=1)
    power = np.abs(np.fft.rfft(mono)) ** 2
    hertz = np.fft.rfftfreq(mono.size, 1 / RATE)
    bands = [
        10 * np.log10(power[(hertz >= low) & (hertz < high)].sum() / power.sum() + 1e-9)
        for low, high in ((20, 100), (100, 300), (300, 1000), (1000, 3000), (3000, 7000), (7000, 16_000))
    ]
    level = 20 * np.log10(np.sqrt(np.mean(mono[: mono.size // 2400 * 2400].reshape(-1, 2400) ** 2, axis=1)) + 1e-4)
    jumps = np.mean(np.maximum(0, np.diff(level)))
    wide = np.corrcoef(sound.T)[0, 1]
    drums = sum(note.part == "drums" for note in score.notes) / LENGTH_MS * 1000
    return np.array([recipe.bpm / 8, *bands, level.std(), 4 * jumps, 10 * wide, drums, 6 * _mode(score)])


def _mode(score):
    """How much more a score is in major than in minor (correlation with key profiles)."""
    chroma = np.zeros(12)
    for note in score.notes:
        if note.part != "drums":
            chroma[note.pitch % 12] += note.velocity * min(note.duration_s, 1.5) * (2 if note.part == "bass" else 1)
    fits = [
        max(np.corrcoef(np.roll(profile, key), chroma)[0, 1] for key in range(12))
        for profile in (_MAJOR_KEY, _MINOR_KEY)
    ]
    return fits[0] - fits[1]


def test_a_track_is_nearest_to_the_others_of_its_own_mood():
    features = {mood: np.array([_features(mood, seed) for seed in SEEDS]) for mood in MOODS}
    spread = np.concatenate(list(features.values())).std(axis=0) + 1e-9
    right = 0
    for mood in MOODS:
        for place in range(len(SEEDS)):
            centres = {
                other: np.delete(rows, place, 0).mean(axis=0) if other == mood else rows.mean(axis=0)
                for other, rows in features.items()
            }
            mine = features[mood][place]
            right += min(centres, key=lambda other: np.abs((centres[other] - mine) / spread).sum()) == mood
    assert right / (len(SEEDS) * len(MOODS)) >= 0.7  # chance: 0.06


def test_asked_for_moods_are_there_and_no_two_are_alike():
    asked = {"lofi", "chill", "upbeat", "cinematic", "sad", "ambient", "house", "dark", "romantic", "corporate"}
    asked |= {"hiphop", "rock", "jazz", "acoustic", "epic", "edm", "happy"}
    assert asked <= set(MOODS)
    for attribute in ("label_en", "label_zh", "progressions", "melodies"):
        assert len({getattr(mood, attribute) for mood in MOODS.values()}) == len(MOODS)
    assert len({tuple(sorted(mood.voices.items())) for mood in MOODS.values()}) == len(MOODS)


def test_dark_moods_are_in_minor_and_bright_ones_in_major():
    modes = {mood: np.mean([_mode(compose(make_recipe(mood, 40_000, seed))) for seed in range(6)]) for mood in MOODS}
    assert max(modes[mood] for mood in MINOR) < min(modes[mood] for mood in MAJOR)


@cases
def test_a_mood_is_played_by_its_own_band(mood, voices):
    assert {*voices} <= {note.voice for note in compose(make_recipe(mood, 40_000, 3)).notes}


def test_jazz_swings_and_walks():
    recipe = make_recipe("jazz", 30_000, 2)
    score = compose(recipe)
    beats = [recipe.tempo.beat_at(n.start_s * 1000) % 1 for n in score.notes if n.voice == "ride"]
    off = [beat for beat in beats if 0.3 < beat < 0.9]
    assert len(off) > 10
    assert np.mean(off) == pytest.approx(0.665, abs=0.02)
    bass = [n.pitch for n in score.notes if n.part == "bass"]
    assert np.mean(np.abs(np.diff(bass)) <= 7) > 0.8
    assert np.mean(np.diff(bass) == 0) < 0.2


def test_hiphop_rolls_its_hats():
    for seed in range(4):
        recipe = make_recipe("hiphop", 30_000, seed)
        hits = [recipe.tempo.beat_at(n.start_s * 1000) for n in compose(recipe).notes if n.voice == "tick"]
        assert (np.diff(hits) < 0.16).sum() >= 4  # thirty-second notes


def test_edm_breathes_with_its_kick():
    _, score, sound = _heard("edm", 1, 7_000)
    kicks = [n.start_s for n in score.notes if n.voice == "kick" and 2.5 < n.start_s < 5]
    mono = sound.mean(axis=1)
    spectrum = np.fft.rfft(mono)
    spectrum[np.fft.rfftfreq(mono.size, 1 / RATE) < 250] = 0
    middle = np.fft.irfft(spectrum, mono.size)

    def level(at_s):
        return np.sqrt(np.mean(middle[int(at_s * RATE) : int((at_s + 0.06) * RATE)] ** 2))

    assert np.mean([level(k + 0.05) for k in kicks]) < 0.8 * np.mean([level(k + 0.2) for k in kicks])


def test_melodies_come_again_with_changes():
    score = compose(make_recipe("happy", 60_000, 5))
    tempo = score.tempo
    bars: dict[int, list[tuple[float, int]]] = {}
    for note in score.notes:
        if note.part == "lead":
            beat = tempo.beat_at(note.start_s * 1000)
            bars.setdefault(int((beat + 0.1) // 8), []).append((round((beat + 0.1) % 8, 0), note.pitch))
    phrases = [tuple(place for place, _ in bar) for bar in bars.values()]
    assert len(set(phrases)) < len(phrases)  # rhythms are repeated
    assert len({tuple(bar) for bar in bars.values()}) > 2  # tones are not


def test_drum_parts_have_fills():
    score = compose(make_recipe("rock", 40_000, 1))
    drop = next(s for s in score.sections if s.kind == "drop")
    rows = []
    for bar in range(drop.start, drop.end):
        low, high = (score.tempo.ms_at(4 * b) / 1000 - 0.03 for b in (bar, bar + 1))
        rows.append(sum(n.voice in ("rocksnare", "tom") for n in score.notes if low <= n.start_s < high))
    assert rows[-1] > 1.5 * rows[1]
    assert all(n.voice in DRUMS for n in score.notes if n.part == "drums")
