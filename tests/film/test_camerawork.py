"""How the camera moves over the shots of a cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from nemo_notebook.film.camerawork import camera_of, split_camera
from nemo_notebook.film.footage import Source, Take
from nemo_notebook.film.style import Style, all_styles

TAKE = Take(0, 0, 60, 0)
STYLE = all_styles()["usual"]


@given(
    number=st.integers(0, 20),
    frames=st.integers(12, 900),
    level=st.floats(0, 1.2),
    view=st.sampled_from([(0.5, 0.5, 1.0), (0.06, 0.4, 1.5), (0.94, 0.5, 1.5), (0.5, 0.45, 2.2)]),
    focus=st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1)),
    style=st.sampled_from([*all_styles().values()]),
)
def test_camera__any_shot__stays_within_the_picture_and_moves(number, frames, level, view, focus, style):
    take = replace(TAKE, last=frames, view=view, level=level)
    camera = camera_of(take, number, Source(900, focus=(focus,) * 30 if focus else ()), style)
    assert camera["from"] != camera["to"]
    for x, y, scale in (camera["from"], camera["to"]):
        assert 0 <= x <= 1
        assert 0 <= y <= 1
        assert 1 <= scale <= 4


def test_camera__moves_take_turns():
    cameras = [camera_of(TAKE, number, Source(900), STYLE) for number in range(6)]
    assert len({str(camera) for camera in cameras}) >= 4


def test_camera__style_without_movement__stands_still():
    assert camera_of(TAKE, 1, Source(900), Style(movement=0)) == {}


def test_camera__comes_nearer_to_what_the_eye_goes_to():
    camera = camera_of(TAKE, 0, Source(900, focus=((0.9, 0.2),) * 30), STYLE)
    assert camera["to"][:2] == [1.0, 0.0]
    mirrored = camera_of(replace(TAKE, mirrored=True), 0, Source(900, focus=((0.9, 0.2),) * 30), STYLE)
    assert mirrored["to"][:2] == [0.0, 0.0]


@pytest.mark.parametrize("number", range(6))
def test_camera__over_a_picture_that_pans__does_not_pan(number):
    camera = camera_of(TAKE, number, Source(900, pan=((0.2, 0.0),) * 30), STYLE)
    assert camera["from"][2] != camera["to"][2]


def test_camera__jumps_at_beats_where_it_is_loud_alone():
    assert "pulse" in camera_of(replace(TAKE, level=0.9), 0, Source(900), STYLE)
    assert "pulse" not in camera_of(replace(TAKE, level=0.3), 0, Source(900), STYLE)


def test_camera__a_build__comes_ever_nearer():
    for number in range(6):
        camera = camera_of(replace(TAKE, kind="build"), number, Source(900), STYLE)
        assert camera["to"][2] > camera["from"][2]


@pytest.mark.parametrize(
    "camera", [{}, {"pulse": 1}, {"from": 3}, {"from": [1, 2]}, {"to": ["x", 1, 2], "from": [0, 0, 1]}]
)
def test_split_camera__what_cannot_be_read__stays(camera):
    assert split_camera(camera, 0.5) == (camera, camera)
