"""The tempo map: beats fall on cuts, and bend little for it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nemo_notebook.music import MOODS, Recipe, beat_times_ms, compose, make_recipe
from nemo_notebook.music.tempo import TempoMap, least_bent, tempo_map

cut_lists = st.lists(st.integers(-5_000, 70_000), max_size=40)


def _random_cuts(rng, length_ms, shortest_ms=1_000, longest_ms=4_000):
    cuts, at = [], 0.0
    while (at := at + rng.uniform(shortest_ms, longest_ms)) < length_ms - 900:
        cuts.append(round(at))
    return cuts


def _half_beats_ms(recipe):
    tempo = recipe.tempo
    return np.array([tempo.ms_at(k / 2) for k in range(int(2 * tempo.total_beats) + 1)])


def _bends(recipe):
    tempo = recipe.tempo
    bpm = 60_000 * np.diff(tempo.beats[:-1]) / np.diff(tempo.times_ms[:-1])
    return np.abs(bpm / recipe.bpm - 1)


@pytest.mark.parametrize("mood", MOODS)
def test_beats_and_half_beats_fall_on_nearly_all_cuts_with_small_bends(mood):
    rng = np.random.default_rng(sorted(MOODS).index(mood))
    beside, bends = [], []
    for seed in range(3):
        length_ms = int(rng.integers(15_000, 60_000))
        cuts = _random_cuts(rng, length_ms)
        recipe = make_recipe(mood, length_ms, seed, cuts_ms=cuts)
        grid = _half_beats_ms(recipe)
        beside += [np.abs(grid - cut).min() for cut in cuts]
        bends += list(_bends(recipe))
    assert np.mean(np.array(beside) <= 40) >= 0.95
    assert np.median(bends) <= 0.025
    assert np.max(bends) <= 0.09


def test_cuts_every_two_seconds_need_no_bend_at_all():
    recipe = make_recipe("upbeat", 24_000, 1, cuts_ms=range(2_000, 24_000, 2_000))
    assert recipe.bpm == pytest.approx(120, abs=0.5)
    assert _bends(recipe).max() < 0.005


def test_asked_tempo_moves_three_percent_at_most_for_cuts():
    recipe = make_recipe("house", 30_000, 3, 124, cuts_ms=_random_cuts(np.random.default_rng(2), 30_000))
    assert abs(recipe.bpm / 124 - 1) <= 0.0301


def test_drops_begin_at_cuts_where_bars_allow():
    rng, on_cut = np.random.default_rng(5), []
    for seed, mood in enumerate(MOODS):
        cuts = _random_cuts(rng, 40_000)
        recipe = make_recipe(mood, 40_000, seed, cuts_ms=cuts)
        drops = [s.start for s in compose(recipe).sections if s.kind == "drop" and s.start]
        on_cut += [min(abs(recipe.tempo.ms_at(4 * bar) - cut) for cut in cuts) <= 40 for bar in drops]
    assert np.mean(on_cut) >= 0.75


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([*MOODS]), st.integers(1_000, 60_000), st.integers(0, 99), cut_lists)
def test_any_cuts_give_a_map_that_only_goes_forward_and_ends_with_the_track(mood, length_ms, seed, cuts):
    recipe = make_recipe(mood, length_ms, seed, cuts_ms=cuts)
    tempo = recipe.tempo
    assert (np.diff(tempo.beats) > 0).all()
    assert (np.diff(tempo.times_ms) > 0).all()
    assert tempo.ms_at(0) == 0
    assert tempo.ms_at(tempo.total_beats) == pytest.approx(length_ms)
    assert all(2 * beat == round(2 * beat) for beat in tempo.cut_beats)
    beats = beat_times_ms(recipe)
    assert beats[0] == 0
    assert beats[-1] < length_ms
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


@settings(max_examples=60, deadline=None)
@given(st.floats(40, 220), st.integers(1_000, 600_000), cut_lists, st.floats(0, 1))
def test_times_and_beats_are_each_others_inverse(bpm, length_ms, cuts, share):
    tempo = tempo_map(bpm, length_ms, tuple(cuts))
    beat = share * tempo.total_beats
    assert tempo.beat_at(tempo.ms_at(beat)) == pytest.approx(beat, abs=1e-6)
    assert tempo.bpm_at(beat) > 0


def test_without_cuts_the_tempo_stays():
    tempo = tempo_map(120.0, 10_000)
    assert (tempo.total_beats, tempo.cut_beats) == (20.0, ())
    assert tempo.ms_at(7.5) == 3750
    assert tempo.ms_at(24) == 12_000
    assert {tempo.bpm_at(b) for b in (0.0, 9.9, 25.0)} == {120.0}


def test_shots_shorter_than_half_a_beat_are_one():
    cuts = (2_000, 2_040, 2_080, 4_000)
    recipe = make_recipe("lofi", 8_000, 1, 80, cuts_ms=cuts)
    assert _bends(recipe).max() < 0.08
    assert len(recipe.tempo.cut_beats) <= 2


def test_thousands_of_cuts_are_taken_in_a_moment():
    recipe = make_recipe("edm", 400_000, 1, cuts_ms=range(100, 400_000, 100))
    assert isinstance(recipe.tempo, TempoMap)
    assert _bends(recipe).max() < 0.2


def test_the_least_bent_of_two_tempi_is_chosen():
    assert least_bent(100, 90, 126, 16_000, tuple(range(1_000, 16_000, 1_000))) == pytest.approx(120, abs=1.0)


@pytest.mark.parametrize(
    "junk", [None, "soon", 7, {"a": 1}, ["x", None, True, float("nan"), -5, 10**12, 99_000], [[1]]]
)
def test_cuts_that_are_no_times_within_the_track_are_dropped(junk):
    recipe = Recipe.from_json({"mood": "lofi", "bpm": 80, "seed": 1, "length_ms": 9_000, "cuts_ms": junk})
    assert recipe.cuts_ms == ()


def test_cuts_are_read_in_any_order_as_list_or_tuple():
    for cuts in ([4_000, 2_000.4, 2_000], (2_000, 4_000)):
        assert Recipe.from_json({"mood": "lofi", "bpm": 80, "length_ms": 9_000, "cuts_ms": cuts}).cuts_ms == (
            2_000,
            4_000,
        )
