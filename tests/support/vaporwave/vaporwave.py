"""A package that adds a look, a visualizer and a mood: what its entry points stand for."""

from __future__ import annotations

from typing import Any

LOOK = {"lift": 0.06, "saturation": 1.2, "shadows": (14, 6), "lights": (4, 12), "glow": 0.3}

MOOD = {
    "label_en": "Vaporwave",
    "label_zh": "蒸汽波",
    "bpm": [70, 84],
    "progressions": ["Dm9 G9 Cmaj9 Am9", "Fmaj9 Em7 Dm9 Cmaj9"],
    "tonic": "Cmaj9",
    "melodies": ["7...6.7...6.........7..6.5......"],
    "voices": {"chords": "rhodes", "bass": "sub", "pad": "warm"},
    "grooves": [{"drums": {"kick": "9.......8......."}, "bass": "8.......7......."}],
}


def draw_grid(planes: Any, palette: Any, spectrum: Any, index: int, over_picture: bool) -> None:
    """Draw lines that are as bright as the sound is loud."""
    planes.y[::8] = 16 + int(200 * float(spectrum.bands[index].mean()))
