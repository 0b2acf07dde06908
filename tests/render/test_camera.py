"""The camera: what it shows, how evenly it moves, and what the plan tells it of beats."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from nemo_notebook.film.camerawork import split_camera
from nemo_notebook.render.camera import Framer, view_at
from nemo_notebook.render.fit import Fitter
from nemo_notebook.render.formats import output_for
from nemo_notebook.render.layers import Camera, Clip, Effect, Image
from nemo_notebook.render.placement import MediaFile
from nemo_notebook.render.plan import make_plan, one_frame
from nemo_notebook.render.planes import Planes

_views = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(1, 4))
MEDIA = {
    "a": MediaFile("a", Path("a.mp4"), "video", 8000, 1920, 1080),
    "p": MediaFile("p", Path("p.png"), "image"),
    "s": MediaFile("s", Path("s.mp3"), "audio", 9000, has_audio=True, beats_ms=tuple(range(200, 9000, 500))),
}


@given(
    start=_views,
    end=_views,
    skip=st.integers(-30, 300),
    of=st.integers(1, 300),
    amounts=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    ease=st.sampled_from(["linear", "smooth"]),
)
def test_view__whatever_is_asked_for__stays_in_the_picture(start, end, skip, of, amounts, ease):
    camera = Camera(start, end, skip, of, ease, *amounts, beats=(-8, 0, 7))
    for index in (0, 3, 8, 200):
        x, y, scale = view_at(camera, index)
        assert 0 <= x <= 1
        assert 0 <= y <= 1
        assert scale >= min(start[2], end[2])


def test_view__begins_and_ends_where_it_is_said():
    camera = Camera((0.2, 0.5, 1.5), (0.8, 0.4, 2.0), of=31)
    inset = 1.03
    assert view_at(camera, 0) == pytest.approx((0.2, 0.5, 1.5 * inset))
    assert view_at(camera, 30) == pytest.approx((0.8, 0.4, 2.0 * inset))
    assert view_at(replace(camera, skip=10), 5) == view_at(camera, 15)


def test_view__jumps_at_a_beat_and_goes_back():
    scales = [view_at(Camera(pulse=1.0, beats=(10,)), index)[2] for index in range(30)]
    assert scales[9] < scales[10] > scales[13] > scales[25] == scales[0]


def test_view__in_a_piece_without_beats__is_as_in_the_one_before():
    still = Camera(pulse=0.5, beats=(0,))
    assert view_at(still, 20) == view_at(replace(still, beats=()), 0)


@pytest.mark.parametrize("view", [(0, 0, 1.3), (1, 1, 1.3), (0.31, 0.77, 1.517), (0.5, 0.5, 3.0)])
def test_framer__shows_the_part_that_is_meant_to_a_tenth_of_a_pixel(view):
    across, down = np.meshgrid(np.arange(960), np.arange(540))
    ramp = (across / 960 * 200 + 20).astype(np.float64)
    picture = Planes.of_frame(Planes.black(960, 540).to_video_frame())
    picture.y[...] = np.round(ramp + 0 * down)
    canvas = Planes.black(960, 540)
    Framer().draw(picture, view, canvas)
    x, _, scale = view
    left = x * (960 - 960 / scale)
    wanted = (left + (np.arange(960) + 0.5) / scale - 0.5) / 960 * 200 + 20
    seen = canvas.y[270].astype(float)
    assert abs(float((seen - wanted)[48:-48].mean())) < 0.1  # levels; a pixel is a fifth of one
    assert np.abs(seen - wanted)[48:-48].max() <= 1.5


def test_framer__two_frames_of_a_slow_move_differ_by_little_and_in_one_direction():
    rng = np.random.default_rng(3)
    picture = Planes.of_frame(Planes.black(640, 360).to_video_frame())
    picture.y[...] = np.repeat(np.repeat(rng.integers(30, 220, (45, 80)), 8, axis=0), 8, axis=1)
    camera, framer, canvas = Camera((0.3, 0.5, 1.2), (0.5, 0.5, 1.2), of=60), Framer(), Planes.black(640, 360)
    frames = []
    for index in range(20):
        framer.draw(picture, view_at(camera, index), canvas)
        frames.append(canvas.y.astype(float).copy())
    steps = [np.abs(one - other).mean() for one, other in itertools.pairwise(frames)]
    assert max(steps) < 1.6 * np.median(steps)  # no jerk


@pytest.mark.parametrize(
    ("flip", "turn", "corner"),
    [("", 0, (0, 0)), ("h", 0, (0, 1)), ("v", 0, (1, 0)), ("hv", 0, (1, 1)), ("", 180, (1, 1)), ("h", 180, (1, 0))],
)
@pytest.mark.parametrize("view", [None, (0.5, 0.5, 1.0)])
def test_a_picture_is_mirrored_and_turned(flip, turn, corner, view):
    picture = Planes.black(128, 72)
    picture.y[:20, :20] = 235  # a light at the top on the left
    canvas = Planes.black(128, 72)
    Fitter(128, 72, "crop", flip, turn).place(picture.to_video_frame(), 1.0, canvas, view)
    bright = [[float(part.mean()) for part in np.split(half, 2, axis=1)] for half in np.split(canvas.y, 2, axis=0)]
    assert np.unravel_index(int(np.argmax(bright)), (2, 2)) == corner


@pytest.mark.parametrize(("turn", "corner"), [(90, (0, 1)), (270, (1, 0))])
def test_a_picture_is_turned_clockwise(turn, corner):
    picture = Planes.black(72, 128)
    picture.y[:20, :20] = 235
    canvas = Planes.black(128, 72)
    Fitter(128, 72, "crop", "", turn).place(picture.to_video_frame(), 1.0, canvas)
    bright = [[float(part.mean()) for part in np.split(half, 2, axis=1)] for half in np.split(canvas.y, 2, axis=0)]
    assert np.unravel_index(int(np.argmax(bright)), (2, 2)) == corner


def plan_of(*segments, **meta):
    parts = [
        {"s": start, "d": length, "m": {"role": role, "media": media, **own}}
        for role, media, start, length, own in segments
    ]
    tracks = [{"tt": 1 if part["m"]["role"] == "song" else 0, "sg": [part]} for part in parts]
    draft = {"d": 4000, "m": meta, "t": tracks}
    return make_plan(draft, MEDIA, output_for(draft))


def test_plan__gives_a_camera_the_beats_of_its_shot_and_effects_the_film_has():
    own = {"camera": {"pulse": 0.5}, "effects": [{"kind": "flash", "amount": 0.3}, {"kind": "grain"}]}
    plan = plan_of(("clip", "a", 1000, 3000, own), ("song", "s", 0, 4000, {"in_ms": 100}))
    clip, flash, grain = plan.shots[1].layers
    assert clip.camera.pulse == 0.5
    assert clip.camera.beats == tuple(beat - 30 for beat in (18, 33, 48, 63, 78, 93, 108))
    assert (flash.kind, flash.amount, flash.beats) == ("flash", 0.3, clip.camera.beats)
    assert (grain.amount, grain.beats) == (0.5, ())
    still = one_frame(plan, 40).layers
    assert still[0].camera.beats[1] == clip.camera.beats[1] - 10
    assert still[1].skip == 10


@pytest.mark.parametrize(
    "own", [{}, {"camera": 3}, {"camera": {"from": [1]}}, {"effects": [{"kind": "?"}]}, {"turn": 45}]
)
def test_plan__what_cannot_be_meant__is_left_out(own):
    (shot,) = plan_of(("image", "p", 0, 4000, own)).shots
    (image,) = shot.layers
    assert image == Image("p", "p.png", "Clip", image.fit) or image.camera is None
    assert (image.flip, image.turn) == ("", 0)


def test_plan__a_shots_own_effects_go_before_the_films():
    shots = plan_of(
        ("clip", "a", 0, 2000, {"effects": []}), ("clip", "a", 2000, 2000, {}), effects=[{"kind": "blur"}]
    ).shots
    assert [[type(layer) for layer in shot.layers] for shot in shots] == [[Clip], [Clip, Effect]]


@given(share=st.floats(0.05, 0.95), index=st.integers(0, 99))
def test_split_camera__both_parts_show_what_the_whole_showed(share, index):
    camera = {"from": [0.2, 0.4, 1.1], "to": [0.8, 0.5, 1.5], "pulse": 0.3}
    first = max(1, round(100 * share))
    parts = split_camera(camera, first / 100)
    whole = Camera(tuple(camera["from"]), tuple(camera["to"]), of=101)
    part, at, of = (parts[0], index, first) if index < first else (parts[1], index - first, 100 - first)
    seen = Camera(tuple(part["from"]), tuple(part["to"]), of=of + 1)
    assert view_at(seen, at) == pytest.approx(view_at(whole, index), abs=0.002)
    assert part["pulse"] == 0.3
