"""Recipes and what is composed from them: no sound here."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from cases import cases

from nemo_notebook.errors import InputError
from nemo_notebook.music import MOODS, Recipe, beat_times_ms, compose, make_recipe
from nemo_notebook.music.drums import DRUMS
from nemo_notebook.music.harmony import bass_tone, read_chord, voice
from nemo_notebook.music.instruments import VOICES
from nemo_notebook.music.tempo import LEVELS, plan_form


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("length_ms", [20_000, 24_000, 37_400, 180_000, 600_000])
def test_tempo_fills_the_length_with_whole_or_half_bars(mood, length_ms):
    recipe = make_recipe(mood, length_ms, 5)
    low, high = MOODS[mood].bpm
    assert low - 1e-6 <= recipe.bpm <= high + 1e-6
    assert recipe.beats / 2 == pytest.approx(round(recipe.beats / 2), abs=1e-3)


def test_asked_tempo_moves_three_percent_at_most():
    assert make_recipe("upbeat", 24_000, 1, 119).bpm == pytest.approx(120)
    assert make_recipe("upbeat", 3_100, 1, 137).bpm == pytest.approx(137, rel=0.03)
    assert make_recipe("upbeat", 1_100, 1, 137).bpm == 137


def test_recipe_survives_json():
    recipe = make_recipe("lofi", 31_234, 77)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_recipe_reads_a_segment_whose_length_lies_beside_it():
    recipe = Recipe.from_json({"mood": "House", "bpm": 124, "seed": 3, "extra": None}, length_ms=12_000)
    assert recipe == Recipe("house", 124.0, 3, 12_000)
    assert Recipe.from_json({"mood": "sad"}, 30_000) == make_recipe("sad", 30_000, 0)


@cases
def test_recipe_refuses_what_cannot_be_played_and_says_what_can(mapping):
    with pytest.raises(InputError) as caught:
        Recipe.from_json(mapping)
    assert caught.value.hint


def test_make_recipe_refuses_an_unknown_mood():
    with pytest.raises(InputError, match="polka"):
        make_recipe("polka", 9000, 1)


def test_beats_are_an_even_grid_from_zero_to_before_the_end():
    assert beat_times_ms(Recipe("upbeat", 120, 1, 2_000)) == pytest.approx([0, 500, 1000, 1500])
    assert beat_times_ms(Recipe("upbeat", 120, 1, 2_100)) == pytest.approx([0, 500, 1000, 1500, 2000])
    assert len(beat_times_ms(make_recipe("house", 600_000, 1))) == round(make_recipe("house", 600_000, 1).beats)


@pytest.mark.parametrize("bars", range(1, 330))
def test_form_has_no_gaps_and_ends_with_the_track(bars):
    sections = plan_form(bars)
    assert sections[0].start == 0
    assert sections[-1].end == bars
    assert all(a.end == b.start for a, b in pairwise(sections))
    assert all(s.end > s.start and s.kind in LEVELS for s in sections)
    assert any(s.kind == "drop" for s in sections)


def test_form_of_a_song_goes_intro_build_drop_outro():
    assert [s.kind for s in plan_form(12)] == ["intro", "build", "drop", "outro"]


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("length_ms", [1_000, 2_500, 7_300, 24_000, 95_000])
def test_notes_are_playable_and_within_the_track(mood, length_ms):
    score = compose(make_recipe(mood, length_ms, 9))
    assert score.notes
    for note in score.notes:
        assert note.voice in VOICES or note.voice in DRUMS
        assert 0 <= note.start_s < length_ms / 1000
        assert 0 < note.velocity <= 1
        assert note.duration_s > 0
        assert note.voice in DRUMS or 28 <= note.pitch <= 100
    assert [n.start_s for n in score.notes] == sorted(n.start_s for n in score.notes)


def test_same_seed_composes_the_same_and_another_seed_differs():
    def pitches(seed):
        return [(n.voice, n.pitch) for n in compose(make_recipe("chill", 30_000, seed, 96)).notes]

    assert pitches(1) == pitches(1)
    assert len({tuple(pitches(seed)) for seed in range(6)}) == 6


def test_kicks_of_house_lie_on_the_beats():
    recipe = make_recipe("house", 32_000, 4)
    beats = beat_times_ms(recipe)
    kicks = [n.start_s * 1000 for n in compose(recipe).notes if n.voice == "kick"]
    assert len(kicks) > 30
    assert max(min(abs(k - b) for b in beats) for k in kicks) < 0.01


def test_last_bar_rings_a_chord_and_nothing_follows_it():
    recipe = make_recipe("cinematic", 30_000, 6)
    score = compose(recipe)
    last_bar_s = (score.sections[-1].end - 1) * 4 * recipe.beat_s
    ending = [n for n in score.notes if n.start_s > last_bar_s - 0.05]
    assert all(n.start_s < last_bar_s + recipe.beat_s for n in ending)
    assert max(n.start_s + n.duration_s for n in ending) >= 29.9


def test_form_begins_sections_at_cuts_that_are_near_enough():
    plain = plan_form(20)
    drop = next(s.start for s in plain if s.kind == "drop")
    assert any(s.kind == "drop" and s.start == drop + 1 for s in plan_form(20, [drop + 1]))
    assert plan_form(20, [19]) == plain


@pytest.mark.parametrize("bars", [1, 3, 8, 20, 50, 120])
def test_form_has_no_gaps_wherever_the_cuts_lie(bars):
    for cut_bars in ([], [0], range(bars), [bars // 2], [bars - 1]):
        sections = plan_form(bars, cut_bars)
        assert (sections[0].start, sections[-1].end) == (0, bars)
        assert all(a.end == b.start and a.end > a.start for a, b in pairwise(sections))


@pytest.mark.parametrize("mood", MOODS)
def test_something_is_struck_at_every_cut(mood):
    cuts = (2_300, 5_100, 7_450, 10_800, 13_000)
    recipe = make_recipe(mood, 16_000, 2, cuts_ms=cuts)
    starts = [n.start_s * 1000 for n in compose(recipe).notes if n.velocity > 0.5]
    assert max(min(abs(cut - start) for start in starts) for cut in cuts) <= 45


@pytest.mark.parametrize("mood", MOODS)
def test_last_chord_is_the_tonic(mood):
    recipe = make_recipe(mood, 20_000, 3)
    score = compose(recipe)
    ending_s = recipe.tempo.ms_at(4 * (score.sections[-1].end - 1)) / 1000
    lowest = min((n for n in score.notes if n.part == "bass" and n.start_s > ending_s - 0.05), key=lambda n: n.pitch)
    key = compose(Recipe("sad", 60, recipe.seed, 4_000)).notes
    keys = {n.pitch % 12 for n in key if n.part == "bass"}  # a track of one bar is its tonic, A in the seed's key
    tonic = read_chord(MOODS[mood].tonic, 0).root - read_chord("Am", 0).root
    assert (lowest.pitch - tonic) % 12 in keys


def test_chord_names_move_with_the_key():
    assert read_chord("Am7", 0).tones == (9, 0, 4, 7)
    assert read_chord("C", 2).tones == (2, 6, 9)
    with pytest.raises(ValueError, match="H7"):
        read_chord("H7", 0)


def test_voices_move_little_between_chords():
    first = voice(read_chord("C", 0), (), 62)
    second = voice(read_chord("Am", 0), first, 62)
    assert sum(abs(a - b) for a, b in zip(first, second, strict=True)) <= 4
    assert {p % 12 for p in second} == {9, 0, 4}


def test_a_bass_letter_is_a_tone_of_its_chord_or_leads_to_the_next():
    chord, after = read_chord("Dm9", 0), read_chord("G13", 0)
    root = bass_tone(chord, after, "r")
    assert root % 12 == 2
    assert [bass_tone(chord, after, letter) - root for letter in "8tfso"] == [0, 3, 7, 10, 12]
    assert abs(bass_tone(chord, after, "a") - bass_tone(after, after, "r")) == 1


def test_flat_roots_are_read():
    assert read_chord("Bb", 0).tones == (10, 2, 5)
