"""Looks: every filter as it was drawn, light kept in range, blacks kept open, skin believable."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from picture_hash import Fingerprint, colour_card, fingerprint, look_alike

from nemo_notebook.render.grading import apply, grade_of, pq_grade
from nemo_notebook.render.layers import PLAIN, Look
from nemo_notebook.render.placement import FILTERS
from nemo_notebook.render.planes import Planes

GOLDEN = json.loads((Path(__file__).parent / "golden_pictures.json").read_text(encoding="utf-8"))
SKIN = ((255, 224, 196), (226, 172, 140), (198, 134, 96), (141, 85, 54), (84, 50, 36))


def seen_with(look, picture):
    out = picture.copy()
    apply(grade_of(look), picture, out)
    return out


def flat(rgb, width=64, height=64):
    return Planes.from_rgb(np.full((height, width, 3), rgb, np.uint8))


def middle(picture):
    return [int(plane[plane.shape[0] // 2, plane.shape[1] // 2]) for plane in (picture.y, picture.u, picture.v)]


def ramp():
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :], 16, axis=0)
    return Planes.from_rgb(np.repeat(grey[..., None], 3, axis=2))


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_looks_as_it_was_drawn(name):
    seen = fingerprint(seen_with(Look(name), colour_card(320, 180)))
    line = f'"filter {name}": {json.dumps(seen)}'
    assert f"filter {name}" in GOLDEN, f"golden_pictures.json lacks {line}"
    assert look_alike(seen, Fingerprint(*GOLDEN[f"filter {name}"])), line


@pytest.mark.parametrize("look", [PLAIN, Look("none"), Look("unknown")])
def test_a_look_that_changes_nothing_has_no_tables(look):
    assert grade_of(look) is None


@pytest.mark.parametrize("name", FILTERS)
def test_a_brighter_grey_never_gets_darker_than_a_darker_one(name):
    chosen = grade_of(Look(name))
    levels = np.frombuffer(chosen.tables[0], np.uint8).astype(int)
    assert np.diff(levels).min() >= 0
    assert levels[16] <= 16 + 0.14 * 219
    assert levels[235] >= 16 + 0.92 * 219
    assert levels[40] - levels[16] >= 4  # what is dark keeps its shape


@given(st.sampled_from(["", *FILTERS]), st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.integers(0, 2**32 - 1))
def test_any_look_of_any_picture_stays_in_legal_levels(name, brightness, contrast, saturation, seed):
    rng = np.random.default_rng(seed)
    noise = Planes(*(rng.integers(0, 256, size, np.uint8) for size in ((16, 24), (8, 12), (8, 12))))
    look = Look(name, brightness, contrast, saturation)
    if grade_of(look) is None:
        return
    seen = seen_with(look, noise)
    assert 15 <= seen.y.min() <= seen.y.max() <= 236
    assert all(16 <= plane.min() <= plane.max() <= 240 for plane in (seen.u, seen.v))


@pytest.mark.parametrize("name", [name for name in FILTERS if name not in ("bw", "noir", "sepia")])
@pytest.mark.parametrize("rgb", SKIN)
def test_skin_stays_skin(name, rgb):
    _, u, v = middle(seen_with(Look(name), flat(rgb)))
    angle = np.degrees(np.arctan2(v - 128, u - 128))
    assert 95 <= angle <= 170  # between red and yellow: neither green, blue nor magenta
    assert np.hypot(u - 128, v - 128) < 62


@pytest.mark.parametrize("name", ["bw", "noir"])
def test_without_colour_there_is_none(name):
    seen = seen_with(Look(name), colour_card(64, 64))
    assert {*np.unique(seen.u), *np.unique(seen.v)} == {128}


@pytest.mark.parametrize(("name", "blue", "red"), [("warm", -1, 1), ("cool", 1, -1), ("sepia", -1, 1)])
def test_grey_leans_to_the_side_that_the_filter_is_named_after(name, blue, red):
    _, u, v = middle(seen_with(Look(name), flat((128, 128, 128))))
    assert (u - 128) * blue > 2
    assert (v - 128) * red > 2


@pytest.mark.parametrize("name", [name for name in FILTERS if name not in ("vintage", "faded", "dreamy", "sepia")])
def test_black_and_white_stay_black_and_white(name):
    for rgb, level in (((0, 0, 0), 16), ((255, 255, 255), 235)):
        y, u, v = middle(seen_with(Look(name), flat(rgb)))
        told = "A look that lifts black or lowers white is named as an exception here."
        assert (abs(y - level) <= 1, u, v) == (True, 128, 128), told


@pytest.mark.parametrize("amount", [-1.0, -0.4, 0.4, 1.0])
def test_amounts_go_the_way_they_are_named(amount):
    card = colour_card(64, 64)
    brighter = seen_with(Look("", amount), card)
    assert (float(brighter.y.mean()) - float(card.y.mean())) * amount > 0
    steeper = seen_with(Look("", 0, amount), ramp())
    assert (float(steeper.y.std()) - float(ramp().y.std())) * amount > 0
    richer = seen_with(Look("", 0, 0, amount), card)
    assert (
        float(np.abs(richer.u.astype(int) - 128).mean()) - float(np.abs(card.u.astype(int) - 128).mean())
    ) * amount > 0


def test_no_saturation_at_all_is_grey():
    seen = seen_with(Look("", 0, 0, -1), colour_card(64, 64))
    assert {*np.unique(seen.u), *np.unique(seen.v)} == {128}


def test_a_look_may_be_applied_in_place():
    card = colour_card(64, 48)
    apart, place = seen_with(Look("vintage", 0.2), card), card.copy()
    apply(grade_of(Look("vintage", 0.2)), place, place)
    assert all(np.array_equal(a, b) for a, b in ((apart.y, place.y), (apart.u, place.u), (apart.v, place.v)))


def test_a_vignette_darkens_the_corners_and_spares_the_middle():
    seen = seen_with(Look("noir"), flat((128, 128, 128), 320, 180)).y.astype(float)
    assert abs(seen[85:95, 150:170].mean() - seen[60, 120]) < 1.5
    assert seen[:6, :6].mean() < seen[85:95, 150:170].mean() - 25


def test_a_glow_shines_over_the_edge_of_what_is_bright():
    picture = Planes.black(320, 180)
    picture.y[60:120, 120:200] = 235
    seen = seen_with(Look("dreamy"), picture).y.astype(float)
    assert seen[90, 110] > seen[90, 10] + 8


def test_hdr_white_lands_below_white_and_its_order_stays():
    levels = np.frombuffer(pq_grade().tables[0], np.uint8).astype(int)
    assert np.diff(levels).min() >= 0
    diffuse = levels[16 + round(219 * 0.58)]  # 203 nits
    assert 165 <= diffuse <= 215
    assert levels[16] == 16
