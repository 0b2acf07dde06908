"""Which stretch of which clip is seen: inside the clips and their scenes, never the same twice in a row."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings, strategies as st

from nemo_notebook.film.footage import SHORTEST, Source, takes
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.passages import Loudness, Passage


@given(
    points=st.lists(st.integers(SHORTEST, 300), min_size=1, max_size=40).map(lambda d: (0, *itertools.accumulate(d))),
    sources=st.lists(st.just(0) | st.integers(1, 600), min_size=1, max_size=5),
    seed=st.integers(0, 10**9),
)
@settings(max_examples=120, deadline=None)
def test_takes__any_sources__tile_the_film_inside_the_sources(points, sources, seed):
    made = takes(points, [Source(length) for length in sources], tuple(range(0, points[-1], 15)), seed)
    assert made[0].first == 0
    assert made[-1].last == points[-1]
    assert all(one.last == other.first for one, other in itertools.pairwise(made))
    long_enough = [length for length in sources if length >= 2 * SHORTEST]
    if long_enough and len(long_enough) == len(sources):
        assert all(t.in_frame + t.last - t.first <= sources[t.source] for t in made)


def test_takes__one_long_clip__neighbours_show_different_places():
    points = tuple(range(0, 601, 60))
    made = takes(points, [Source(300)], (), 5)
    for one, other in itertools.pairwise(made):
        assert abs(one.in_frame - other.in_frame) >= 30
        assert abs(one.in_frame + 60 - other.in_frame) >= 15


def test_takes__clip_with_scenes__leaves_no_slivers_of_other_scenes():
    item = MediaItem("v", "v.mp4", "video", 40_000, scenes_ms=(4_000, 9_300, 17_700, 26_200, 33_000))
    source = Source.of(item)
    for take in takes(tuple(range(0, 541, 60)), [source], (), 3):
        for scene in source.scenes:
            assert not 0 < scene - take.in_frame < 12
            assert not 0 < take.in_frame + 60 - scene < 12


def test_takes__black_stretch__is_not_shown():
    item = MediaItem("v", "v.mp4", "video", 20_000, brightness=(0.5,) * 8 + (0.01,) * 6 + (0.5,) * 6)
    for take in takes(tuple(range(0, 301, 60)), [Source.of(item)], (), 3):
        assert take.in_frame + 60 <= 240 or take.in_frame >= 420


def test_rounds_of_clips_are_shuffled_without_the_same_clip_twice_in_a_row():
    sources = [Source(900)] * 5
    order = [take.source for take in takes(tuple(range(0, 30 * 41, 30)), sources, (), 3)]
    rounds = [tuple(order[at : at + 5]) for at in range(0, 40, 5)]
    assert rounds[0] == (0, 1, 2, 3, 4)
    assert len(set(rounds)) > 3
    assert all(sorted(row) == [0, 1, 2, 3, 4] for row in rounds)
    assert all(one != other for one, other in itertools.pairwise(order))
    assert order == [take.source for take in takes(tuple(range(0, 30 * 41, 30)), sources, (), 3)]


EVERY_2_S = tuple(range(0, 60 * 151, 60))


@pytest.mark.parametrize(
    ("lengths", "shots"), [((150, 300), 10), ((300, 0), 10), ((200, 200, 0), 10), ((150,), 6), ((0,), 8)]
)
def test_takes__little_material_under_a_long_song__look_different_for_some_shots(lengths, shots):
    made = takes(EVERY_2_S, [Source(length) for length in lengths], (), 1)
    for number, take in enumerate(made):
        for other in made[max(0, number - shots + 1) : number]:
            same = (take.source, take.view, take.mirrored) == (other.source, other.view, other.mirrored)
            assert not same or (lengths[take.source] and abs(take.in_frame - other.in_frame) >= 60)


def test_takes__long_clips_beside_a_short_one__nothing_comes_again_while_there_is_something_new():
    made = takes(tuple(range(0, 60 * 61, 60)), [Source(150), Source(9000)], (), 1)
    seen: list[tuple[int, int]] = []
    for take in made:
        if take.source == 1:
            assert all(abs(take.in_frame - frame) >= 40 for frame, _ in seen)
            seen.append((take.in_frame, take.last))
    assert len(seen) > 45


def test_takes__scenes_shorter_than_shots__are_not_left_within_a_shot():
    item = MediaItem("v", "v.mp4", "video", 30_000, scenes_ms=tuple(range(1_500, 30_000, 1_500)))
    beats = tuple(range(0, 1801, 15))
    for take in takes(tuple(range(0, 1801, 90)), [Source.of(item)], beats, 3):
        inside = [at for at in Source.of(item).scenes if take.in_frame < at < take.in_frame + take.last - take.first]
        assert not inside


def test_takes__loud_music__takes_what_moves():
    motion = (0.1,) * 30 + (0.9,) * 30
    loud, calm = (Passage(0, 900, kind, Loudness(())) for kind in ("peak", "calm"))
    seen = [
        [take.in_frame for take in takes(tuple(range(0, 901, 90)), [Source(1800, motion=motion)], (), 3, [each])]
        for each in (loud, calm)
    ]
    assert sum(at >= 870 for at in seen[0]) > sum(at >= 870 for at in seen[1]) + 3


def test_takes__long_footage__shows_its_good_seconds():
    shaky = MediaItem(
        *("v", "v.mp4", "video", 60_000),
        sharpness=(0.9,) * 20 + (0.2,) * 20 + (0.4,) * 20,
        steadiness=(1.0,) * 40 + (0.2,) * 20,
        brightness=(0.5,) * 60,
    )
    made = takes(tuple(range(0, 601, 60)), [Source.of(shaky)], (), 3)
    assert sum(take.in_frame + 60 <= 600 for take in made) >= 8


def test_takes__keyframes__are_where_most_shots_begin():
    keyframes = tuple(range(0, 1800, 37))
    made = takes(range(0, 900, 30), [Source(1800, keyframes=keyframes)], range(0, 900, 15), 3)
    assert sum(take.in_frame in keyframes for take in made) >= 0.9 * len(made)
    assert len({take.in_frame for take in made}) == len(made)
