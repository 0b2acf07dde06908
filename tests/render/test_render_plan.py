"""Plans: shots tile the film, sound is as long as it, hostile drafts are refused in words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cases import cases
from hypothesis import given, strategies as st
from odd_drafts import any_json

from nemo_notebook import errors
from nemo_notebook.render import MediaFile, cache, layers, make_plan, output_for
from nemo_notebook.render.cache import Mix, shot_key
from nemo_notebook.render.layers import Blend, Clip, Fade, Image, Look, TitleLayer, as_json, from_json
from nemo_notebook.render.placement import BLENDS

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


_styles = st.fixed_dictionaries(
    {},
    optional={
        "transition": st.fixed_dictionaries({"kind": st.sampled_from([*BLENDS, "?"]), "ms": st.integers(-10, 9000)}),
        "speed": st.sampled_from([0, 0.1, 0.5, 1, 3, 99, "fast"]),
        "camera": st.sampled_from(
            [3, {}, {"from": [0, 2, "x"]}, {"to": [0.2, 1, 9]}, {"from": [0, 0, 1.1], "ease": "smooth"}]
        ),
        "effects": st.sampled_from(
            ["x", [1], [{"kind": "pulse"}, {"kind": "?"}], [{"kind": "flash", "region": [0, 9, 1, 1]}]]
        ),
        "flip": st.sampled_from(["h", 1]),
        "turn": st.sampled_from([90, 33, "x"]),
        "filter": st.sampled_from(["bw", "none", "?"]),
    },
)
_segments = st.builds(
    lambda role, start, length, style: seg(
        role, start, length, media={"image": "b", "song": "s", "speech": "s"}.get(role, "a"), text="x", **style
    ),
    st.sampled_from(["clip", "image", "backdrop", "visualizer", "title", "song", "speech", "bgm"]),
    st.integers(0, 40).map(lambda n: 1000 * n),
    st.integers(0, 20_000),
    _styles,
)
_ends = st.fixed_dictionaries(
    {}, optional={k: st.integers(-5, 20_000) for k in ("fade_in_ms", "fade_out_ms", "loop_ms")}
)


@given(st.integers(17, 60_000), st.lists(_segments, min_size=1, max_size=12), st.sampled_from([24, 25, 30, 60]), _ends)
def test_shots_tile_the_film_without_hole_or_overlap(length_ms, segments, fps, ends):
    draft = draft_of(length_ms, (0, segments[::2]), (0, segments[1::2])) | {"m": {"fps": fps, **ends}}
    frames = int(length_ms * fps / 1000 + 0.5)
    if frames == 0:
        return
    plan = plan_of(draft)
    at = 0
    for shot in plan.shots:
        assert shot.first_frame == at
        assert 0 < shot.frames <= 6 * fps
        assert all(
            0 <= layer.skip < layer.skip + shot.frames <= layer.of
            for layer in shot.layers
            if isinstance(layer, (Blend, Fade, TitleLayer))
        )
        at += shot.frames
    assert at == plan.frames == frames
    assert plan.sound.samples == frames * 48000 // fps
    assert all(0 <= s.start < s.start + s.samples <= plan.sound.samples for s in plan.sound.sounds)
    assert from_json(json.loads(json.dumps(as_json(plan.shots)))) == plan.shots
    assert from_json(json.loads(json.dumps(as_json(plan.sound)))) == plan.sound


_junk = any_json(*"t sg m d s v tt role media in_ms transition kind ms adjust speed loop_ms".split())


@given(st.dictionaries(st.sampled_from(["t", "d", "m"]), _junk))
def test_junk_is_planned_or_refused_but_never_breaks(draft):
    try:
        plan = plan_of(draft)
    except errors.NemoError:
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
    assert kinds == [[Clip, layers.VisualizerLayer, TitleLayer], [Image, layers.VisualizerLayer, TitleLayer]]


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


def cut_of(transition, first_ms=4000, second_ms=12_000, **film):
    shots = [
        seg("clip", 0, first_ms, media="a", in_ms=1000),
        seg("clip", first_ms, second_ms, media="a", in_ms=5000, transition=transition),
    ]
    draft = draft_of(first_ms + second_ms, (0, shots))
    return draft | {"m": draft["m"] | film}


def blends_of(plan):
    return [
        (shot.first_frame, shot.frames, layer)
        for shot in plan.shots
        for layer in shot.layers
        if isinstance(layer, Blend)
    ]


@pytest.mark.parametrize("kind", BLENDS)
def test_a_transition_lies_in_the_middle_of_the_cut(kind):
    ((first, frames, blend),) = blends_of(plan_of(cut_of({"kind": kind, "ms": 500})))
    assert (first, frames, blend.kind, blend.skip, blend.of) == (120 - 8, 16, kind, 0, 16)
    assert (blend.under.in_ms, blend.under.skip) == (1000, 112)
    assert (blend.over.in_ms, blend.over.skip) == (5000, -8)


def test_a_transition_reaches_at_most_to_the_middle_of_either_picture():
    ((first, frames, _),) = blends_of(plan_of(cut_of({"kind": "wipe", "ms": 9000}, 4000, 1000)))
    assert (first, frames) == (120 - 15, 30)


@cases
def test_without_a_transition_that_can_be_meant_there_is_a_plain_cut(transition):
    assert plan_of(cut_of(transition)) == plan_of(cut_of(None))


def test_a_transition_leaves_the_rest_of_its_pictures_as_they_are():
    def keys(transition):
        draft = cut_of(transition)
        return {shot_key(shot, output_for(draft)) for shot in plan_of(draft).shots}

    plain, blended = keys(None), keys({"kind": "dissolve", "ms": 600})
    assert len(plain - blended) == 2  # the two pieces that it shortens
    assert len(blended - plain) == 3


def test_a_transition_of_the_first_picture_comes_out_of_black():
    draft = draft_of(4000, (0, [seg("clip", 0, 4000, media="a", transition={"kind": "black", "ms": 1000})]))
    ((first, frames, blend),) = blends_of(plan_of(draft))
    assert (first, frames, blend.under, blend.over.skip) == (0, 30, None, 0)


def test_a_transition_after_a_gap_comes_out_of_what_lies_below():
    over = seg("clip", 2000, 2000, media="a", transition={"kind": "slide", "ms": 500})
    draft = draft_of(6000, (0, [seg("image", 0, 6000, media="b")]), (0, [over]))
    ((first, _, blend),) = blends_of(plan_of(draft))
    assert first == 60
    assert isinstance(blend.under, Image)


def test_a_fade_lies_over_the_words_and_takes_half_the_film_at_most():
    draft = draft_of(2000, (0, [seg("clip", 0, 2000, media="a")]), (7, [seg("title", 0, 2000, text="x")]))
    draft["m"] |= {"fade_in_ms": 500, "fade_out_ms": 60_000}
    shots = plan_of(draft).shots
    assert [shot.first_frame for shot in shots] == [0, 15, 30]
    assert [shot.layers[-1] for shot in shots[::2]] == [Fade(False, 0, 15), Fade(True, 0, 30)]
    assert isinstance(shots[1].layers[-1], TitleLayer)


def test_the_end_of_a_loop_goes_over_into_what_leads_to_its_first_frame():
    draft = cut_of(None, loop_ms=1000)
    plan = plan_of(draft)
    ((first, frames, blend),) = blends_of(plan)
    assert (first + frames, frames, blend.kind) == (plan.frames, 30, "dissolve")
    assert (blend.over.in_ms, blend.over.skip + frames) == (1000, plan.shots[0].layers[0].skip)
    assert blend.under.skip == first - 120


def test_a_still_picture_needs_nothing_to_loop():
    plain = draft_of(6000, (0, [seg("backdrop", 0, 6000)]))
    seen = [shot.layers for shot in plan_of(plain | {"m": plain["m"] | {"loop_ms": 1000}}).shots]
    assert all(shown == (layers.Backdrop("aurora"),) for shown in seen)


def test_a_picture_has_its_own_look_before_the_films():
    film = {"fit": "pad", "filter": "bw", "adjust": {"brightness": 0.5, "contrast": "x", "saturation": 9}}
    own = [
        {},
        {"fit": "crop", "filter": "sepia", "adjust": {"contrast": -0.25}},
        {"filter": "none", "adjust": {}, "fit": "stretch"},
        {"filter": "of another house"},
    ]
    shots = [seg("clip", 1000 * k, 1000, media="a", **meta) for k, meta in enumerate(own)]
    draft = draft_of(4000, (0, shots))
    draft["m"] |= film
    seen = [(shot.layers[0].fit, shot.layers[0].look) for shot in plan_of(draft).shots]
    assert seen == [
        ("pad", Look("bw", 0.5, 0.0, 1.0)),
        ("crop", Look("sepia", 0.0, -0.25, 0.0)),
        ("pad", Look()),
        ("pad", Look("bw", 0.5, 0.0, 1.0)),
    ]


def test_what_cannot_be_meant_is_as_if_it_were_not_said():
    odd = {"speed": "x", "fit": 4, "filter": [], "adjust": "y", "transition": 7}
    plain, strange = (plan_of(draft_of(3000, (0, [seg("clip", 0, 3000, media="a", **meta)]))) for meta in ({}, odd))
    assert plain == strange
    assert plain.shots[0].layers[0].look == layers.PLAIN


@pytest.mark.parametrize(("said", "speed"), [(2, 2.0), (0.5, 0.5), (0, 0.1), (-3, 0.1), (1e6, 10.0), (None, 1.0)])
def test_speed_is_held_within_its_limits_for_picture_and_sound(said, speed):
    plan = plan_of(draft_of(1000, (0, [seg("clip", 0, 1000, media="a", v=1, speed=said)])))
    assert (plan.shots[0].layers[0].speed, plan.sound.sounds[0].speed) == (speed, speed)


@cases
def test_colours_reach_the_backdrop_and_what_is_drawn_on_it(given, read):
    draft = draft_of(
        1000, (0, [seg("backdrop", 0, 1000, colors=given)]), (0, [seg("visualizer", 0, 1000, colors=given)])
    )
    assert [layer.colors for layer in plan_of(draft).shots[0].layers] == [read, read]


def test_a_cover_is_that_of_an_uploaded_song():
    covers = [seg("backdrop", 1000 * k, 1000, cover=cover) for k, cover in enumerate(["s", "gone", "b", 4])]
    seen = [shot.layers[0] for shot in plan_of(draft_of(4000, (0, covers))).shots]
    assert [(layer.cover, layer.cover_path) for layer in seen] == [("s", "s.mp3"), ("", ""), ("", ""), ("", "")]


def test_a_title_carries_its_style_and_how_it_moves():
    titles = [
        seg("title", 0, 1000, text="x", style="box", animate_in="type", animate_out="none"),
        seg("title", 1000, 1000, text="y", style="?", animate_in=3),
    ]
    seen = [shot.layers[0] for shot in plan_of(draft_of(2000, (7, titles))).shots]
    assert [(t.style, t.animate_in, t.animate_out) for t in seen] == [
        ("box", "type", "none"),
        ("plain", "fade", "fade"),
    ]


def test_a_title_stands_at_any_place_and_only_then_is_another_shot():
    bars = (0, [seg("visualizer", 0, 3000)])
    places = ({}, {"x": 0.25}, {"x": 0, "y": 1.0}, {"x": -0.1, "y": 1.1}, {"x": "left", "y": None})
    seen = []
    for place in places:
        title = (7, [seg("title", 0, 3000, text="x", position="bottom-left", **place)])
        draft = draft_of(3000, (0, [seg("clip", 0, 3000, media="a")]), bars, title)
        (shot,) = plan_of(draft).shots
        layer = shot.layers[-1]
        seen.append((layer.x, layer.y, layer.raised, shot_key(shot, output_for(draft))))
    assert [s[:3] for s in seen] == [
        (None, None, True),
        (0.25, None, True),
        (0.0, 1.0, False),
        *[(None, None, True)] * 2,
    ]
    assert len({key for *_, key in seen}) == 3
    assert seen[0] == seen[3] == seen[4]


def test_music_gives_way_to_voices_and_knows_its_cuts():
    music = {"mood": "calm", "seed": 4, "bpm": 90, "cuts_ms": [2000, "x", 500.4, -3, 99_000, 500, None]}
    draft = draft_of(
        3000,
        (0, [seg("clip", 0, 3000, media="a", v=1, duck=0.1)]),
        (1, [seg("bgm", 0, 3000, music=music, duck=0.3), seg("song", 0, 3000, media="s", duck=7)]),
    )
    clip, bgm, song = plan_of(draft).sound.sounds
    assert [(s.voice, s.duck) for s in (clip, bgm, song)] == [(True, 1.0), (False, 0.3), (False, 1.0)]
    assert bgm.recipe == (("bpm", 90), ("cuts_ms", (500, 2000)), ("length_ms", 3000), ("mood", "calm"), ("seed", 4))


@pytest.mark.parametrize("cuts", [None, [], "12", {"a": 1}, [[1]]])
def test_music_without_cuts_is_the_recipe_that_it_was(cuts):
    (bgm,) = plan_of(draft_of(3000, (1, [seg("bgm", 0, 3000, music={"cuts_ms": cuts})]))).sound.sounds
    assert bgm.recipe == (("length_ms", 3000),)


def test_a_clip_is_heard_only_where_its_volume_says_so():
    silent = [seg("clip", 0, 1000, media="a", v=v) for v in (0, None)]
    assert plan_of(draft_of(1000, (0, silent))).sound.sounds == ()
    heard = plan_of(draft_of(1000, (0, [seg("clip", 0, 1000, media="a", v=0.4, in_ms=200)]))).sound.sounds
    assert [(s.gain, s.in_ms, s.start, s.samples) for s in heard] == [(0.4, 200, 0, 48000)]


@cases
def test_a_draft_that_cannot_be_rendered_is_refused_in_words(length_ms, kind, segments, times, error, said):
    made = [seg(role, start, length, **meta) for role, start, length, meta in segments] * times
    with pytest.raises(getattr(errors, error), match=said):
        plan_of(draft_of(length_ms, (kind, made)))


@pytest.mark.parametrize("draft", [None, {}, {"t": "junk", "d": 1000}])
def test_an_empty_draft_is_refused(draft):
    with pytest.raises(errors.NothingToExport, match="empty"):
        plan_of(draft)


def test_too_much_over_one_another_is_refused():
    titles = [seg("title", k, 9000, text="x") for k in range(0, 1000, 2)] * 9
    with pytest.raises(errors.InputError, match="over"):
        plan_of(draft_of(10_000, (7, titles)))


@cases
def test_a_resolution_scales_the_canvas_by_its_short_side(canvas, resolution, size):
    output = output_for({"m": {"width": canvas[0], "height": canvas[1]}}, "MP4", "low", resolution)
    assert (output.format, output.width, output.height, output.fps) == ("mp4", *size, 30)


@cases
def test_a_form_that_cannot_be_had_is_refused(draft, choice, error):
    with pytest.raises(getattr(errors, error)) as caught:
        output_for(draft, **choice)
    assert caught.value.hint


@pytest.mark.parametrize(("lufs", "decibels"), [(-14.0, 0), (-20.0, 6), (-8.0, -6), (-40.0, 9), (0.0, -8), (None, 0)])
@pytest.mark.parametrize("role", ["song", "speech"])
def test_a_song_and_a_voice_are_levelled_to_what_is_streamed(role, lufs, decibels):
    song = MediaFile("s", Path("s.mp3"), "audio", 4000, has_audio=True, lufs=lufs)
    segment = {"s": 0, "d": 4000, "v": 0.5, "m": {"role": role, "media": "s"}}
    plan = make_plan({"d": 4000, "t": [{"tt": 1, "sg": [segment]}]}, {"s": song}, output_for({}))
    assert plan.sound.sounds[0].gain == pytest.approx(0.5 * 10 ** (decibels / 20))


@cases
def test_a_film_is_as_loud_as_its_loudest_sound_would_be_alone(sounds, song, lufs):
    of = {"clip": "a", "song": "s", "speech": "s", "bgm": ""}
    lanes = ((role, [seg(role, 0, 4000, media=of[role], v=volume)]) for role, volume in sounds)
    draft = draft_of(4000, *((0 if role == "clip" else 1, lane) for role, lane in lanes))
    media = MEDIA | {"s": replace(MEDIA["s"], lufs=song)}
    found = make_plan(draft, media, output_for(draft)).sound.lufs
    assert found == (lufs and pytest.approx(lufs, abs=0.1))


def test_a_voice_over_is_given_way_to_and_plays_at_its_own_speed():
    speech = seg("speech", 500, 2000, media="s", in_ms=300, fade_in_ms=100, fade_out_ms=50, duck=0.2, speed=2, v=1)
    (sound,) = plan_of(draft_of(3000, (1, [speech]))).sound.sounds
    assert (sound.voice, sound.duck, sound.speed, sound.in_ms) == (True, 1.0, 1.0, 300)
    assert (sound.start, sound.samples, sound.fade_in, sound.fade_out) == (24_000, 96_000, 4800, 2400)


@pytest.mark.parametrize("role", ["clip", "song", "speech", "bgm"])
def test_volumes_go_up_to_four(role):
    draft = draft_of(4000, *((0, [seg(role, 0, 4000, media="a", v=v)]) for v in (2.5, 4, 9)))
    assert [sound.gain for sound in plan_of(draft).sound.sounds] == [2.5, 4, 4]


def test_what_was_kept_of_shots_and_mixes_is_found_again(monkeypatch):
    monkeypatch.setattr(cache, "drawn_with", lambda: ())
    draft = draft_of(
        6000,
        (0, [seg("clip", 0, 6000, media="a", v=0.4, in_ms=500, fade_in_ms=200)]),
        (0, [seg("visualizer", 0, 3000, style="bars")]),
        (1, [seg("song", 0, 4000, media="s", v=0.35, duck=0.25, fade_out_ms=1000)]),
        (1, [seg("bgm", 3000, 3000, v=0.8, music={"mood": "calm", "seed": 4, "bpm": 90}, fade_in_ms=1000)]),
    )
    media = {**MEDIA, "s": MediaFile("s", Path("s.mp3"), "audio", 24000, has_audio=True, lufs=-14.0)}
    plan = make_plan(draft, media, output_for(draft))
    shots = [shot_key(shot, plan.output) for shot in plan.shots]
    assert shots == ["1012c7769b1e3adb64d52eeba6575746", "55a3c1ac1cf125c287d1544e26cfb716"]
    assert Mix.of(plan.sound, Path()).raw.stem == "aae38a527bf58cf6452634a00e11e61b"
    assert cache.sound_key(plan.sound) != cache.sound_key(replace(plan.sound, lufs=(-20.0, -20.0)))
