"""Blends: every kind as it was drawn, from one picture alone to the other, without jumps or flicker."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from picture_hash import Fingerprint, colour_card, fingerprint, look_alike

from nemo_notebook.render.blends import Blender
from nemo_notebook.render.placement import BLENDS
from nemo_notebook.render.planes import WHOLE, Planes, dim, mix, share_of, tint

GOLDEN = json.loads((Path(__file__).parent / "golden_pictures.json").read_text(encoding="utf-8"))
UNDER, OVER = colour_card(320, 180), colour_card(320, 180, turned=True)


def blended(kind, frame, of=15, under=UNDER, over=OVER):
    out = Planes.black(under.width, under.height)
    out.y[...] = 77  # what was there before must not shine through
    Blender(kind, of).draw(under, over, out, frame)
    return out


def distance(one, other):
    return float(np.abs(one.y.astype(int) - other.y).mean())


@pytest.mark.parametrize("kind", BLENDS)
@pytest.mark.parametrize("frame", [2, 7, 11])
def test_every_blend_looks_as_it_was_drawn(kind, frame):
    seen = fingerprint(blended(kind, frame))
    assert look_alike(seen, Fingerprint(*GOLDEN[f"blend {kind} {frame}"])), seen


@pytest.mark.parametrize("kind", BLENDS)
@pytest.mark.parametrize("of", [2, 15, 60])
def test_a_blend_begins_with_one_picture_and_ends_with_the_other(kind, of):
    apart = distance(UNDER, OVER)
    first, last = blended(kind, 0, of), blended(kind, of - 1, of)
    if of > 2 or kind not in ("black", "white"):  # of two frames, both are nearly black or white
        assert distance(first, UNDER) < distance(first, OVER)
        assert distance(last, OVER) < distance(last, UNDER)
    if of >= 15:
        assert distance(first, UNDER) < 0.15 * apart
        assert distance(last, OVER) < 0.15 * apart


@pytest.mark.parametrize("kind", [kind for kind in BLENDS if kind not in ("black", "white")])
def test_a_blend_goes_on_evenly(kind):
    seen = [blended(kind, frame, 30) for frame in range(30)]
    steps = [distance(a, b) for a, b in pairwise(seen)]
    assert max(steps) < 0.4 * distance(UNDER, OVER)  # a cut would be a step of all of it
    assert distance(seen[14], UNDER) > 0.15 * distance(UNDER, OVER)


@pytest.mark.parametrize("kind", ["dissolve", "wipe", "circle"])
def test_what_is_the_same_in_both_pictures_stays_as_it_is(kind):
    for frame in range(15):
        seen = blended(kind, frame, 15, UNDER, UNDER)
        assert all(np.array_equal(a, b) for a, b in ((seen.y, UNDER.y), (seen.u, UNDER.u), (seen.v, UNDER.v)))


@pytest.mark.parametrize(("kind", "level"), [("black", 16), ("white", 235)])
def test_the_middle_of_a_dip_is_the_plain_colour(kind, level):
    middle = blended(kind, 7)
    assert (set(np.unique(middle.y)), set(np.unique(middle.u))) == ({level}, {128})


def test_a_dissolve_is_symmetrical():
    for frame in range(15):
        there, back = blended("dissolve", frame), blended("dissolve", 14 - frame, 15, OVER, UNDER)
        assert int(np.abs(there.y.astype(int) - back.y).max()) <= 1


def test_an_unknown_kind_is_a_dissolve():
    assert np.array_equal(blended("explode", 7).y, blended("dissolve", 7).y)


@pytest.mark.parametrize("kind", BLENDS)
@pytest.mark.parametrize("size", [(16, 16), (18, 34), (540, 22)])
def test_a_blend_fits_any_canvas(kind, size):
    under, over = colour_card(*size), colour_card(*size, turned=True)
    for frame in range(4):
        assert blended(kind, frame, 4, under, over).y.shape == size[::-1]


@pytest.mark.parametrize("share", [0, 1, 77, 128, 255, WHOLE])
def test_a_mix_is_exact_to_a_level_and_may_be_made_in_place(share):
    out = UNDER.copy()
    mix(out, OVER, share, out)
    wanted = UNDER.y * (1 - share / 256) + OVER.y * (share / 256)
    assert np.abs(out.y - wanted).max() <= 0.51
    shaded = UNDER.copy()
    dim(shaded, share, shaded)
    assert np.abs(shaded.y - (16 + (UNDER.y - 16.0) * share / 256)).max() <= 0.51
    tint(UNDER, share, (235, 128, 128), shaded)
    assert np.abs(shaded.u - (128 + (UNDER.u - 128.0) * share / 256)).max() <= 0.51


def test_an_amount_outside_of_its_limits_is_held():
    assert [share_of(amount) for amount in (-1, 0, 0.5, 1, 7)] == [0, 0, 128, 256, 256]
