"""Edits of how clips run: what a split or frozen clip shows is what the whole one showed."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cases import cases
from hypothesis import given, strategies as st
from small_films import check_story, film, refused
from talk import CITY, SEA, SONG

from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import Situation
from nemo_notebook.render.formats import output_for
from nemo_notebook.render.layers import Clip
from nemo_notebook.render.placement import MediaFile, source_times
from nemo_notebook.render.plan import make_plan

UPLOADS = {"city": (CITY,), "sea": (SEA,), "song": (SONG,)}
FILES = {item.id: MediaFile(item.id, Path("x.mp4"), "video", item.duration_ms, 1920, 1080) for item in (CITY, SEA)}


def shown(draft: Any) -> list[Fraction]:
    """The time in its file of every frame of a film."""
    shots = make_plan(draft, FILES, output_for(draft)).shots
    clips = [(shot, shot.layers[0]) for shot in shots]
    return [time_s for shot, clip in clips if isinstance(clip, Clip) for time_s in source_times(clip, 30, shot.frames)]


def made(*edits: dict[str, Any]) -> Any:
    return apply_edits({}, [parse(edit) for edit in edits], Situation({}, (CITY,))).draft


@cases
def test_playback_of_a_film(of: str, steps: list[Any]) -> None:
    check_story(UPLOADS, of, steps)


@given(
    how=st.fixed_dictionaries(
        {"from_speed": st.floats(0.3, 1.0)}, optional={"to_speed": st.floats(0.3, 1.0), "reverse": st.booleans()}
    ),
    at_s=st.floats(0.5, 7.0),
)
def test_a_split__shows_the_same_frames(how: dict[str, Any], at_s: float) -> None:
    row = ({"edit": "make_video"}, {"edit": "set_playback", **how})
    whole, split = shown(made(*row)), shown(made(*row, {"edit": "split", "at_s": at_s}))
    assert len(split) == len(whole) == 240
    assert max(abs(float(one - other)) for one, other in zip(whole, split, strict=True)) <= 0.012


@pytest.mark.parametrize(("start_s", "end_s"), [(0, 2), (3, 5), (6, 8)])
@pytest.mark.parametrize("how", [{"reverse": True}, {"from_speed": 0.4, "to_speed": 1.0}])
def test_what_is_cut_out__leaves_the_other_frames_as_they_were(
    how: dict[str, Any], start_s: float, end_s: float
) -> None:
    row = ({"edit": "make_video"}, {"edit": "set_playback", **how})
    whole = shown(made(*row))
    left = shown(made(*row, {"edit": "cut_time", "start_s": start_s, "end_s": end_s}))
    wanted = whole[: 30 * int(start_s)] + whole[30 * int(end_s) :]
    assert len(left) == len(wanted)
    assert max(abs(float(one - other)) for one, other in zip(left, wanted, strict=True)) <= 0.012


def test_backwards__shows_the_same_frames_the_other_way_round() -> None:
    there, back = (
        shown(made({"edit": "make_video"}, {"edit": "set_playback", "reverse": way})) for way in (False, True)
    )
    assert back == there[::-1]


def test_a_ramp__goes_from_one_speed_to_the_other() -> None:
    times = shown(made({"edit": "make_video"}, {"edit": "set_playback", "from_speed": 0.25, "to_speed": 1.5}))
    steps = [30 * float(b - a) for a, b in itertools.pairwise(times)]
    assert steps[0] == pytest.approx(0.25, abs=0.01)
    assert steps[-1] == pytest.approx(1.5, abs=0.01)
    assert times[-1] < 8


@pytest.mark.parametrize(("at_s", "frame"), [(3.0, 89), (None, 239)])
def test_a_moment__is_held_and_then_it_goes_on(at_s: float | None, frame: int) -> None:
    before = shown(made({"edit": "make_video"}))
    times = shown(made({"edit": "make_video"}, {"edit": "freeze", "at_s": at_s, "duration_s": 1.0}))
    assert len(times) == 270
    assert times[: frame + 1] == before[: frame + 1]
    held = times[frame + 1 : frame + 31]
    assert len(set(held)) == 1
    assert abs(float(held[0] - before[frame])) <= 0.002
    assert times[frame + 31 :] == before[frame + 1 :]


def test_playback__that_cannot_be_is_refused() -> None:
    assert refused(film(), {"edit": "set_playback"})[0] == "reverse"
    assert "too short" in refused(film(), {"edit": "set_playback", "to_speed": 4.0})[1]


def test_a_clip__that_is_frozen_or_runs_backwards_is_silent() -> None:
    draft = apply_edits({}, [parse({"edit": "make_video"})], Situation({}, (SEA,))).draft
    files = {SEA.id: MediaFile(SEA.id, Path("x.mp4"), "video", SEA.duration_ms, 1920, 1080, has_audio=True)}
    for meta, sounds in (({}, 1), ({"freeze": True}, 0), ({"reverse": True}, 0), ({"end_speed": 0.5}, 1)):
        other = editable(draft)
        other.shots[0].meta.update(meta)
        assert len(make_plan(other, files, output_for(other)).sound.sounds) == sounds
