"""Draws `notebooks/looks.jpg`: what the local engine can do with the bundled media, one tile each."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from nemo_notebook.media.analysis import mono
from nemo_notebook.render.images import frame_of
from nemo_notebook.render.layers import (
    Backdrop,
    Blend,
    Clip,
    Layer,
    Look,
    Output,
    Shot,
    TitleLayer,
    VisualizerLayer,
)
from nemo_notebook.render.shot import render_shot
from nemo_notebook.render.spectrum import Spectrum, measure_spectrum

HERE = Path(__file__).parent
TILE, GAP, COLUMNS, FRAME = (480, 270), 6, 4, 300
WIDE, TALL = (960, 540), (540, 960)
RATE = 48_000


def clip(name: str, at_s: float, **how: Any) -> Clip:
    """A bundled clip from a time on."""
    return Clip(name, str(HERE / f"{name}.mp4"), f"{name}.mp4", at_s * 1000, 0, **how)


def title(text: str, position: str = "center", size: str = "medium", color: str = "#ffffff", **how: Any) -> TitleLayer:
    """A title that is there as a whole."""
    return TitleLayer(text, position, size, color, 30, 90, 10, **how)


def drawn(style: str, palette: str, over: bool = False) -> VisualizerLayer:
    """A visualizer."""
    return VisualizerLayer(style, palette, over)


LOOKS: Mapping[str, tuple[tuple[int, int], tuple[Layer, ...]]] = {
    "bars": (WIDE, (clip("lanterns", 2), drawn("bars", "sunset", True), title("Paper Lanterns", size="large"))),
    "waveform": (WIDE, (Backdrop("candy"), drawn("waveform", "candy"))),
    "circular": (WIDE, (Backdrop("aurora"), drawn("circular", "aurora"))),
    "spectrum": (WIDE, (Backdrop("fire"), drawn("spectrum", "fire"))),
    "zh": (WIDE, (clip("city", 1), title("城市之梦 🌃✨", "center", "large", "#ffd76a"))),
    "lower third": (WIDE, (clip("sea", 3), title("Ana Diaz\nGuitar and voice", "lower-third"))),
    "box": (WIDE, (clip("city", 3), title("that feeling at 2 a.m.", "bottom", "small", style="box"))),
    "noir": (WIDE, (clip("city", 4, look=Look("noir")), title("NOIR", "center", "large", style="outline"))),
    "circle": (WIDE, (Blend("circle", clip("sea", 2), clip("lanterns", 3), 13, 30),)),
    "vintage": (WIDE, (clip("sea", 1, look=Look("vintage")),)),
    "cinematic": (WIDE, (clip("lanterns", 4, look=Look("cinematic")), drawn("line", "ice", True))),
    "tall": (TALL, (clip("sea", 4), drawn("bars", "ocean", True), title("小满", "top", "large"))),
}


def tile(size: tuple[int, int], layers: tuple[Layer, ...], spectrum: Spectrum, folder: Path) -> Image.Image:
    """One frame, as large as a tile; a tall one stands in the middle."""
    path = folder / "shot.mp4"
    render_shot(Shot(FRAME, 1, layers), Output("mp4", "high", *size, 30), path, spectrum, lambda _: None)
    picture = frame_of(path)
    picture.thumbnail(TILE, Image.Resampling.LANCZOS)
    ground = Image.new("RGB", TILE, (16, 17, 22))
    ground.paste(picture, ((TILE[0] - picture.width) // 2, (TILE[1] - picture.height) // 2))
    return ground


def main() -> None:
    """Draws the sheet."""
    heard = mono(HERE / "song.mp3", "song.mp3", RATE)
    spectrum = measure_spectrum(heard[:, None].repeat(2, axis=1), RATE, 30)
    rows = -(-len(LOOKS) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (TILE[0] + GAP) - GAP, rows * (TILE[1] + GAP) - GAP), "white")
    with tempfile.TemporaryDirectory() as folder:
        for number, (size, layers) in enumerate(LOOKS.values()):
            row, column = divmod(number, COLUMNS)
            at = (column * (TILE[0] + GAP), row * (TILE[1] + GAP))
            sheet.paste(tile(size, layers, spectrum, Path(folder)), at)
    sheet.resize((sheet.width * 2 // 3, sheet.height * 2 // 3), Image.Resampling.LANCZOS).save(
        HERE.parent / "looks.jpg", quality=86, optimize=True
    )


if __name__ == "__main__":
    main()
