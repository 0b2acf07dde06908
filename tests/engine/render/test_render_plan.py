"""Plans: shots tile the film, sound is as long as it, hostile drafts are refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook.engine.render import MediaFile, make_plan, output_for
from nemo_notebook.engine.render.layers import Clip, Image, TitleLayer, VisualizerLayer, from_json, shot_key, to_json
from nemo_notebook.errors import FileMissing, InputError, NemoError, NothingToExport, UnsupportedMedia, UsageError

MEDIA = {
    "a": MediaFile("a", Path("a.mp4"), "video", 8000, 1920, 1080, has_audio=True),
    "b": MediaFile("b", Path("b.png"), "image"),
    "s": MediaFile("s", Path("s.mp3"), "audio", 24000, has_audio=True),
}


def draft_of(length_ms, *tracks):
    return {"d": length_ms, "m": {"fps": 30}, "t": [{"tt": kind, "sg": list(segments)} for kind, segments in tracks]}


def seg(role, start, length, **meta):
    return {"s": start, "d": length, "v": meta.pop("v", 1), "m": {"role": role, **meta}}


def plan_of(draft):
    return make_plan(draft, MEDIA, output_for(draft))


_segments = st.builds(
    lambda role, start, length: seg(role, start, length, media={"image": "b", "song": "s"}.get(role, "a"), text="x"),
    st.sampled_from(["clip", "image", "backdrop", "visualizer", "title", "song", "bgm"]),
    st.integers(0, 40_000),
    st.integers(0, 20_000),
)


@given(st.integers(17, 60_000), st.lists(_segments, min_size=1, max_size=12), st.sampled_from([24, 25, 30, 60]))
def test_shots_tile_the_film_without_hole_or_overlap(length_ms, segments, fps):
    draft = draft_of(length_ms, (0, segments)) | {"m": {"fps": fps}}
    frames = int(length_ms * fps / 1000 + 0.5)
    if frames == 0:
        return
    plan = plan_of(draft)
    at = 0
    for shot in plan.shots:
        assert shot.first_frame == at
        assert 0 < shot.frames <= 6 * fps
        at += shot.frames
    assert at == plan.frames == frames
    assert plan.sound.samples == frames * 48000 // fps
    assert all(0 <= s.start < s.start + s.samples <= plan.sound.samples for s in plan.sound.sounds)
    assert from_json(json.loads(json.dumps(to_json(plan.shots)))) == plan.shots
    assert from_json(json.loads(json.dumps(to_json(plan.sound)))) == plan.sound


_junk = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["t", "sg", "m", "d", "s", "v", "tt", "role", "media", "in_ms"]), inner)
    ),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(["t", "d", "m"]), _junk))
def test_junk_is_planned_or_refused_but_never_breaks(draft):
    try:
        plan = plan_of(draft)
    except NemoError:
        return
    assert sum(shot.frames for shot in plan.shots) == plan.frames


def test_a_picture_hides_what_lies_under_it_and_titles_stay_on_top():
    draft = draft_of(
        2000,
        (7, [seg("title", 0, 2000, text="Hello")]),
        (0, [seg("clip", 0, 2000, media="a")]),
        (0, [seg("image", 1000, 1000, media="b")]),
        (0, [seg("visualizer", 0, 2000)]),
    )
    kinds = [[type(layer) for layer in shot.layers] for shot in plan_of(draft).shots]
    assert kinds == [[Clip, VisualizerLayer, TitleLayer], [Image, VisualizerLayer, TitleLayer]]


def test_a_visualizer_knows_whether_a_picture_lies_below():
    over = draft_of(1000, (0, [seg("clip", 0, 1000, media="a")]), (0, [seg("visualizer", 0, 1000)]))
    alone = draft_of(1000, (0, [seg("backdrop", 0, 1000)]), (0, [seg("visualizer", 0, 1000)]))
    assert [plan_of(d).shots[0].layers[1].over_picture for d in (over, alone)] == [True, False]


def test_a_title_and_a_clip_go_on_over_shots():
    draft = draft_of(7000, (0, [seg("clip", 0, 7000, media="a", in_ms=500)]), (7, [seg("title", 1000, 3000, text="T")]))
    shots = plan_of(draft).shots
    assert [(s.first_frame, s.frames) for s in shots] == [(0, 30), (30, 90), (120, 90)]
    assert [s.layers[0].skip for s in shots] == [0, 30, 120]
    assert shots[1].layers[1] == TitleLayer("T", "center", "medium", "#ffffff", 0, 90, 12)


def test_a_longer_film_leaves_its_first_pieces_as_they_are():
    keys = []
    for length in (14_000, 17_000):
        draft = draft_of(length, (0, [seg("clip", 0, length, media="a")]))
        keys.append([shot_key(shot, output_for(draft)) for shot in plan_of(draft).shots])
    assert keys[0][:2] == keys[1][:2]
    assert keys[0][2] != keys[1][2]


def test_a_shots_key_counts_what_is_seen_and_not_where():
    def key(start, digest="", **meta):
        draft = draft_of(3000, (0, [seg("clip", start, 1000, media="a", **meta)]))
        shot = next(s for s in plan_of(draft).shots if s.layers)
        return shot_key(shot, output_for(draft), digest)

    assert key(0) == key(2000) == key(0, source="renamed.mp4")
    assert len({key(0), key(0, in_ms=40), key(0, digest="x")}) == 3


def test_a_clip_is_heard_only_where_its_volume_says_so():
    silent = [seg("clip", 0, 1000, media="a", v=v) for v in (0, None)]
    assert plan_of(draft_of(1000, (0, silent))).sound.sounds == ()
    heard = plan_of(draft_of(1000, (0, [seg("clip", 0, 1000, media="a", v=0.4, in_ms=200)]))).sound.sounds
    assert [(s.gain, s.in_ms, s.start, s.samples) for s in heard] == [(0.4, 200, 0, 48000)]


@pytest.mark.parametrize(
    ("draft", "error", "said"),
    [
        (None, NothingToExport, "empty"),
        ({}, NothingToExport, "empty"),
        ({"t": "junk", "d": 1000}, NothingToExport, "empty"),
        (draft_of(0, (0, [seg("clip", 0, 0, media="a")])), NothingToExport, "empty"),
        (draft_of(9e9, (0, [seg("clip", 0, 1000, media="a")])), InputError, "hours"),
        (draft_of(1000, (0, [seg("clip", 0, 1000, media="gone", source="x.mp4")])), FileMissing, "x.mp4"),
        (draft_of(1000, (0, [seg("image", 0, 1000, media="s", source="s.mp3")])), UnsupportedMedia, "s.mp3"),
        (draft_of(1000, (0, [seg("clip", 0, 1000, media="a")] * 10_001)), InputError, "10001 segments"),
        (draft_of(10_000, (7, [seg("title", k, 9000, text="x") for k in range(0, 1000, 2)] * 9)), InputError, "over"),
        (draft_of(10_000, (1, [seg("song", 0, 9000, media="s")] * 33)), InputError, "sounds"),
    ],
)
def test_a_draft_that_cannot_be_rendered_is_refused_in_words(draft, error, said):
    with pytest.raises(error, match=said):
        plan_of(draft)


@pytest.mark.parametrize(
    ("canvas", "resolution", "size"),
    [
        ((1920, 1080), None, (1920, 1080)),
        ((1920, 1080), "720p", (1280, 720)),
        ((1080, 1920), "4k", (2160, 3840)),
        ((1080, 1350), "720p", (720, 900)),
        ((641, 361), None, (640, 360)),
    ],
)
def test_a_resolution_scales_the_canvas_by_its_short_side(canvas, resolution, size):
    output = output_for({"m": {"width": canvas[0], "height": canvas[1]}}, "MP4", "low", resolution)
    assert (output.format, output.width, output.height, output.fps) == ("mp4", *size, 30)


@pytest.mark.parametrize(
    ("draft", "choice", "error"),
    [
        ({}, {"format": "webm"}, UnsupportedMedia),
        ({}, {"quality": "best"}, UsageError),
        ({}, {"resolution": "8k"}, UsageError),
        ({"m": {"width": 1e8}}, {}, InputError),
        ({"m": {"width": 0, "height": 0}}, {"resolution": "720p"}, InputError),
        ({"m": {"fps": 0}}, {}, InputError),
    ],
)
def test_a_form_that_cannot_be_had_is_refused(draft, choice, error):
    with pytest.raises(error) as caught:
        output_for(draft, **choice)
    assert caught.value.hint
