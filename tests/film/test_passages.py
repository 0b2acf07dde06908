"""What the music of a film does, passage after passage, and how a cut follows it."""

from __future__ import annotations

import itertools
from statistics import mean

import pytest
from talk import CITY, PHOTOS, SEA

from nemo_notebook.film.cutting import Pace, Rhythm, cut_points
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import apply_edits, parse_all
from nemo_notebook.film.model import Situation
from nemo_notebook.film.passages import find_passages
from nemo_notebook.film.soundtrack import score_rhythm
from nemo_notebook.film.style import all_styles

PARTS = (  # seconds, loudness at the start and at the end, whether it begins with a drop, what it is
    (16, 0.2, 0.2, False, "calm"),
    (32, 0.5, 0.5, False, "steady"),
    (16, 0.45, 0.6, False, "build"),
    (32, 0.95, 1.0, True, "peak"),
    (16, 0.25, 0.25, False, "calm"),
    (8, 0.0, 0.0, False, "silence"),
    (24, 1.0, 1.0, False, "peak"),
)


def song(bpm: float = 120) -> tuple[Rhythm, int]:
    energy = [low + (high - low) * s / seconds for seconds, low, high, *_ in PARTS for s in range(seconds)]
    starts_s = [0, *itertools.accumulate(part[0] for part in PARTS)]
    drops_ms = [1000 * at for at, part in zip(starts_s, PARTS, strict=False) if part[3]]
    beats = [k * 60_000 / bpm for k in range(int(starts_s[-1] * bpm / 60))]
    rhythm = Rhythm.of(beats, beats[::4], energy, [1000 * at for at in starts_s[1:-1]], drops_ms)
    return rhythm, 30 * starts_s[-1]


def test_passages__are_what_is_heard():
    rhythm, frames = song()
    found = rhythm.passages(frames)
    assert [passage.kind for passage in found] == [part[4] for part in PARTS]
    assert (found[0].first, found[-1].last) == (0, frames)
    assert all(one.last == other.first for one, other in itertools.pairwise(found))


def test_passages__nothing_known__are_one_steady_one():
    (only,) = find_passages((), frozenset(), (), 300)
    assert (only.first, only.last, only.kind, only.level_at(150)) == (0, 300, "steady", 0.5)


@pytest.mark.parametrize("name", all_styles())
@pytest.mark.parametrize("bpm", [75, 120, 168])
def test_cut__follows_the_passages_in_every_style(name, bpm):
    rhythm, frames = song(bpm)
    points = cut_points(rhythm, frames, Pace(), all_styles()[name])
    means = {}
    for passage in rhythm.passages(frames):
        assert passage.first in points  # a cut where each begins
        lengths = [b - a for a, b in itertools.pairwise(points) if passage.first <= a < passage.last]
        means.setdefault(passage.kind, []).append(sum(lengths) / len(lengths))
        if passage.kind == "build" and len(lengths) > 2:
            assert lengths[0] + 2 >= lengths[-2]  # ever faster; the last one takes what is left
        if passage.kind == "calm":
            assert all(a in rhythm.downbeats for a in points if passage.first < a < passage.last)  # phrases flow
    assert min(means["calm"]) >= 1.5 * max(means["peak"])
    assert set(points[1:-1]) <= set(rhythm.beats)


@pytest.mark.parametrize(("mood", "length_s"), [("edm", 60), ("lofi", 120), ("cinematic", 30)])
def test_a_film_cut_to_composed_music__follows_its_sections(mood: str, length_s: int) -> None:
    edits = [
        {"edit": "make_video"},
        {"edit": "set_length", "duration_s": length_s},
        {"edit": "add_music", "mood": mood, "pace": {}},
    ]
    film = editable(apply_edits({}, parse_all(edits), Situation({}, (CITY, SEA, *PHOTOS))).draft)
    passages = score_rhythm(film).passages(film.last_frame("bgm"))
    assert passages[0].kind == "calm"
    assert {"build", "peak"} <= {passage.kind for passage in passages}
    lengths = {kind: [] for kind in ("calm", "peak")}
    for passage in passages:
        lengths.get(passage.kind, []).extend(
            shot.frames for shot in film.shots if passage.first <= shot.first and shot.last <= passage.last + 2
        )
    assert mean(lengths["calm"]) > 1.5 * mean(lengths["peak"])
