"""Effects look as they were drawn, work where they are meant to, and go on from shot to shot."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from picture_hash import Fingerprint, colour_card, fingerprint, look_alike

from nemo_notebook.film.model import EffectKind
from nemo_notebook.render.effects import draw_effect
from nemo_notebook.render.layers import Effect

GOLDEN = json.loads((Path(__file__).parent / "golden_drawings.json").read_text(encoding="utf-8"))
DRAWN = [kind for kind in get_args(EffectKind) if kind not in ("shake", "pulse")]  # the camera makes these two
PART = (0.25, 0.25, 0.5, 0.5)


def drawn(effect, index=2, size=(640, 360)):
    planes = colour_card(*size)
    draw_effect(planes, effect, index)
    return planes


def differs(one, other):
    return sum(float(np.abs(a.astype(int) - b.astype(int)).mean()) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", DRAWN)
def test_every_effect_looks_as_it_was_drawn(kind):
    seen = fingerprint(drawn(Effect(kind, 0.8, 30, (0,))))
    assert f"effect {kind}" in GOLDEN, seen
    assert look_alike(seen, Fingerprint(*GOLDEN[f"effect {kind}"])), seen


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("size", [(64, 36), (98, 66), (480, 854), (2, 2)])
def test_an_effect__any_size_and_strength__stays_a_picture(kind, size):
    shift = 0.0
    for amount in (0.0, 0.3, 0.7, 1.0):
        for region in ((), (0, 0, 0.01, 0.01), (0.95, 0.95, 0.05, 0.05)):
            planes = drawn(Effect(kind, amount, -5, (0,), region), size=size)
            assert planes.y.shape == size[::-1]
        assert amount or not differs(planes, colour_card(*size))
        shift = max(shift, differs(drawn(Effect(kind, amount, 0, (0,)), size=size), colour_card(*size)))
    assert shift > 0 or min(size) < 36


@pytest.mark.parametrize("kind", ["blur", "pixelate"])
def test_what_is_hidden_in_a_part_leaves_the_rest(kind):
    seen, card = drawn(Effect(kind, 1.0, region=PART)), colour_card(640, 360)
    inside = np.zeros(card.y.shape, bool)
    inside[90:270, 160:480] = True
    assert np.array_equal(seen.y[~inside], card.y[~inside])
    assert np.abs(seen.y[inside].astype(int) - card.y[inside]).mean() > 1


def test_pixels__cannot_be_recognised():
    text = colour_card(640, 360)
    text.y[100:260:4] = 235  # fine lines
    draw_effect(text, Effect("pixelate", 0.5, region=PART), 0)
    rows = text.y[120:240, 200:440].astype(int)
    assert np.abs(np.diff(rows, axis=0)).astype(bool).sum(axis=0).max() <= 120 // 12


@pytest.mark.parametrize("kind", DRAWN)
def test_an_effect__in_a_later_piece__goes_on_where_the_one_before_ended(kind):
    whole = Effect(kind, 0.6, 0, (3, 20, 40))
    later = replace(whole, skip=15, beats=(-12, 5, 25))
    for index in range(0, 12, 4):
        assert not differs(drawn(whole, 15 + index), drawn(later, index))


@pytest.mark.parametrize("kind", ["flash", "glitch"])
def test_an_effect_of_beats__is_seen_at_beats_alone(kind):
    effect, card = Effect(kind, 1.0, 0, (10,)), colour_card(640, 360)
    seen = [differs(drawn(effect, index), card) for index in (9, 10, 11, 30)]
    assert seen[1] > 0 < seen[2]
    assert seen[3] == 0
