"""Where films are cut: on beats, without holes, never the same place twice in a row."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings, strategies as st

from nemo_notebook.film.cutting import Pace, Rhythm, cut_points, even_points
from nemo_notebook.film.draft import to_frame, to_ms
from nemo_notebook.film.footage import SHORTEST


def beats_at(bpm: float, length_s: float, first_s: float = 0.13) -> list[float]:
    step = 60_000 / bpm
    return [first_s * 1000 + k * step for k in range(int((length_s - first_s) * 1000 / step))]


def lengths(points: tuple[int, ...]) -> list[float]:
    return [(last - first) / 30 for first, last in itertools.pairwise(points)]


@given(
    bpm=st.floats(50, 210),
    length_s=st.floats(3, 200),
    first_s=st.floats(0, 2),
    energy=st.lists(st.floats(0, 1), max_size=60),
    every=st.none() | st.integers(1, 16),
    factor=st.floats(0.2, 8),
)
@settings(max_examples=80, deadline=None)
def test_cut_points__any_song__tile_it_on_beats_without_slivers(bpm, length_s, first_s, energy, every, factor):
    beats = beats_at(bpm, length_s, min(first_s, length_s / 2))
    frames = to_frame(length_s * 1000)
    rhythm = Rhythm.of(beats, beats[::4], energy)
    points = cut_points(rhythm, frames, Pace(every, factor))
    assert points[0] == 0
    assert points[-1] == frames
    assert all(last - first >= SHORTEST for first, last in itertools.pairwise(points))
    if rhythm.is_steady:
        assert all(min(abs(to_ms(p) - beat) for beat in beats) <= 17 for p in points[1:-1])


def test_cut_points__loud_second_half__is_cut_faster():
    beats = beats_at(120, 40)
    points = cut_points(Rhythm.of(beats, beats[::4], [0.2] * 20 + [0.9] * 20), 1200, Pace())
    calm = [b - a for a, b in itertools.pairwise(points) if b <= 600]
    loud = [b - a for a, b in itertools.pairwise(points) if a >= 600]
    assert sum(loud) / len(loud) < 0.7 * sum(calm) / len(calm)


def test_cut_points__steady_song__prefer_downbeats_and_about_two_seconds():
    beats = beats_at(120, 60)
    points = cut_points(Rhythm.of(beats, beats[::4]), 1800, Pace())
    downs = {to_frame(t) for t in beats[::4]}
    assert sum(p in downs for p in points[1:-1]) >= 0.75 * (len(points) - 2)
    assert 1.5 <= sum(lengths(points)) / len(lengths(points)) <= 2.6


@pytest.mark.parametrize(("every", "shot_s"), [(1, 0.5), (2, 1.0), (4, 2.0), (8, 4.0)])
def test_cut_points__every_n_beats__makes_shots_of_n_beats(every, shot_s):
    points = cut_points(Rhythm.of(beats_at(120, 30, 0.0)), 900, Pace(every))
    assert lengths(points)[1:-1] == pytest.approx([shot_s] * (len(points) - 3), abs=0.04)


def test_cut_points__no_beats__are_even():
    points = cut_points(Rhythm(), 301, Pace())
    assert len(points) == 6
    assert max(lengths(points)) - min(lengths(points)) <= 0.05


def test_cut_points__long_silent_intro__is_not_one_shot():
    points = cut_points(Rhythm.of([20_000 + 500 * k for k in range(60)]), 1800, Pace())
    assert max(lengths(points)) < 5


def test_cut_points__sections_and_drops__always_have_a_cut():
    beats = beats_at(120, 60, 0.0)
    sections = [7_500, 15_000, 31_000, 44_500]
    rhythm = Rhythm.of(beats, beats[::4], [0.5] * 60, accents_ms=sections)
    points = cut_points(rhythm, 1800, Pace())
    assert {to_frame(ms) for ms in sections} <= set(points)
    assert all(min(abs(to_ms(p) - beat) for beat in beats) <= 17 for p in points[1:-1])


def test_cut_points__accent_far_from_any_beat__is_none():
    beats = [500.0 * k for k in range(10)]
    points = cut_points(Rhythm.of(beats, accents_ms=[2_250]), 150, Pace())
    assert to_frame(2_250) not in points


@pytest.mark.parametrize(("bpm", "tempo", "step"), [(128.0, 1.0, 14.0625), (120.0, 0.5, 30.0), (120.0, 2.0, 7.5)])
def test_cut_points__tempo_that_was_said__is_a_regular_grid_from_the_first_downbeat(bpm, tempo, step):
    rhythm = Rhythm.of([130.0 + 487 * k for k in range(100)])
    points = cut_points(rhythm, 900, Pace(every=2, bpm=bpm, tempo=tempo))
    off = [(point - to_frame(130)) / step for point in points[1:-1]]
    assert len(off) > 4
    assert all(abs(beat - round(beat)) * step <= 1.01 for beat in off)


def test_cut_points__offset__moves_every_cut_by_it():
    rhythm = Rhythm.of(beats_at(120, 30, 0.0))
    plain, later = (cut_points(rhythm, 900, Pace(4, offset_s=offset_s)) for offset_s in (0, 0.1))
    assert {point + 3 for point in plain[1:-1]} <= set(later)


@pytest.mark.parametrize(("frames", "count"), [(600, 10), (590, 10), (610, 10), (660, 11)])
def test_cut_points__seconds__leave_no_crumb_at_the_end(frames, count):
    points = cut_points(Rhythm(), frames, Pace(every_s=2))
    assert len(points) - 1 == count
    assert all(last - first == 60 for first, last in itertools.pairwise(points[:-1]))


@pytest.mark.parametrize(("bpm", "shots"), [(120, 6), (87, 7), (140, 12)])
def test_shots_of_a_slide_show_are_alike_and_end_on_beats(bpm, shots):
    rhythm = Rhythm.of(beats_at(bpm, 30))
    points = even_points(rhythm, 900, shots)
    assert (points[0], points[-1], len(points)) == (0, 900, shots + 1)
    assert set(points[1:-1]) <= set(rhythm.beats)
    assert all(abs(length - 30 / shots) <= 2 * 60 / bpm for length in lengths(points))
    assert even_points(Rhythm(), 900, 3) == (0, 300, 600, 900)
