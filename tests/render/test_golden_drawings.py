"""Visualizers and titles look as they were drawn: fingerprints of frames that were looked at."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from picture_hash import Fingerprint, colour_card, fingerprint, look_alike

from nemo_notebook.render import lettering
from nemo_notebook.render.drawing import PALETTES, backdrop
from nemo_notebook.render.layers import TitleLayer
from nemo_notebook.render.spectrum import BANDS, WAVE_POINTS, Spectrum
from nemo_notebook.render.visualizers import STYLES, draw

GOLDEN = json.loads((Path(__file__).parent / "golden_drawings.json").read_text(encoding="utf-8"))
SIZES = {"16x9": (640, 360), "9x16": (360, 640), "1x1": (480, 480), "4x5": (384, 480)}
WORDS = {
    "centre": TitleLayer("Urban Dreams", "center", "large", "#ffffff", 30, 90, 12),
    "chinese": TitleLayer("城市之梦 🎉", "top", "medium", "#ffd700", 30, 90, 12),
    "caption": TitleLayer("that feeling at two in the morning", "bottom", "small", "#ffffff", 30, 90, 12, "box"),
    "lower third": TitleLayer("Ana Diaz\nGuitar and voice", "lower-third", "medium", "#ffffff", 30, 90, 12),
    "outline": TitleLayer("NOIR", "center", "large", "#ffffff", 30, 90, 12, "outline"),
    "corner": TitleLayer("Ana Diaz\nGuitar and voice", "bottom-right", "small", "#ffffff", 30, 90, 12, "box"),
    "anywhere": TitleLayer("Urban Dreams", "center", "medium", "#ffd700", 30, 90, 12, x=0.3, y=0.35),
    "slide": TitleLayer("Urban Dreams", "center", "large", "#ffffff", 0, 90, 12, "plain", "slide"),
    "pop": TitleLayer("Urban Dreams", "center", "large", "#ffffff", 0, 90, 12, "plain", "pop"),
    "type": TitleLayer("Urban Dreams", "center", "large", "#ffffff", 0, 90, 12, "box", "type"),
}


@pytest.fixture(scope="module")
def sound():
    """Sixty frames in which a hill of loudness runs from the bass upwards, twice a second."""
    places, frames = np.arange(BANDS) / BANDS, np.arange(60)
    hill = np.exp(-(((places - (frames[:, None] % 15) / 15) / 0.2) ** 2))
    wave = np.round(110 * np.sin(np.linspace(0, 6 * np.pi, WAVE_POINTS) + frames[:, None] / 4)).astype(np.int8)
    return Spectrum(hill.astype(np.float32), (0.2 + 0.8 * (frames % 15 < 4)).astype(np.float32), wave)


def check(name, planes):
    seen = fingerprint(planes)
    assert name in GOLDEN, (name, seen)
    assert look_alike(seen, Fingerprint(*GOLDEN[name])), (name, seen)


@pytest.mark.parametrize("aspect", SIZES)
@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_every_visualizer_looks_as_it_was_drawn(style, over, aspect, sound):
    width, height = SIZES[aspect]
    planes = colour_card(width, height) if over else backdrop(width, height, "aurora").copy()
    draw(planes, style, "aurora", sound, 47, over)
    # Over a picture it is a band at its foot; the ring is in the middle.
    part = planes.crop(0, height // 4 * 2, width, height // 4 * 2) if over and style != "circular" else planes
    check(f"{style} {'over' if over else 'alone'} {aspect}", part)


@pytest.mark.parametrize("palette", PALETTES)
def test_every_palette_looks_as_it_was_chosen(palette, sound):
    planes = backdrop(320, 180, palette).copy()
    draw(planes, "bars", palette, sound, 47, False)
    check(f"palette {palette}", planes)


@pytest.mark.parametrize("aspect", SIZES)
@pytest.mark.parametrize("name", WORDS)
def test_every_title_looks_as_it_was_set(name, aspect):
    width, height = SIZES[aspect]
    planes = colour_card(width, height)
    before = planes.copy()
    lettering.draw_title(planes, WORDS[name], 5)
    rows, columns = (np.flatnonzero((planes.y != before.y).any(axis=axis)) for axis in (1, 0))
    left, top = columns[0] // 2 * 2, rows[0] // 2 * 2
    check(f"title {name} {aspect}", planes.crop(left, top, (columns[-1] - left) // 2 * 2, (rows[-1] - top) // 2 * 2))
