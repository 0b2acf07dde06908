"""A sunset over moving waves, with a sailing boat and gulls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from _draw import FPS, HEIGHT, WIDTH, clouds, colour, glow, gradient, window
from PIL import Image, ImageDraw

HORIZON = 560
SUN = (1240.0, 478.0)
SKY = ((0, "#2a2a6b"), (0.3, "#7a3f86"), (0.55, "#d8607a"), (0.78, "#f5824e"), (0.93, "#fba04e"), (1, "#ffb860"))


def frames(seconds: float) -> Iterator[np.ndarray]:
    """The pictures of the clip."""
    sky, veil = _sky(), _veil()
    water = _Water()
    boat = _boat()
    for k in range(round(seconds * FPS)):
        t = k / FPS
        picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
        top = picture[:HORIZON]
        cloud = window(veil, 10 + 12 * t)
        top[:] = sky * (1 - cloud[..., 3:]) + cloud[..., :3]
        picture[HORIZON:] = water.at(t)
        glow(picture, SUN[0], HORIZON, (520, 26), colour("#ffb060") * np.float32(0.28))
        _birds(picture, t)
        _sail(picture, boat, t)
        yield picture


def _sky() -> np.ndarray:
    sky = np.repeat(gradient(HORIZON, *SKY)[:, None], WIDTH, 1)
    for size, level in ((430, 0.16), (150, 0.16)):
        glow(sky, *SUN, (size * 1.25, size), colour("#ffc070") * np.float32(level))
    y, x = np.mgrid[:HORIZON, :WIDTH]
    disc = np.clip(92.5 - np.hypot(x - SUN[0], y - SUN[1]), 0, 1)[..., None]
    face = gradient(185, (0, "#fff4c4"), (0.5, "#ffe08a"), (1, "#ffae3e"))
    rows = np.clip(np.arange(HORIZON) - int(SUN[1]) + 92, 0, 184)
    return (sky * (1 - disc) + disc * face[rows][:, None] * 1.35).astype(np.float32)


def _veil() -> np.ndarray:
    """Clouds with alpha: violet above, lit from below near the sun; colours multiplied."""
    wide = WIDTH + 140
    noise = clouds(HORIZON, wide, 31, 6)
    y = np.linspace(0, 1, HORIZON, dtype=np.float32)[:, None]
    away = np.hypot((np.arange(wide)[None, :] - SUN[0]) / 2.2, (y - SUN[1] / HORIZON) * HORIZON)
    alpha = np.clip((noise - 0.42) * 3.0, 0, 1) * (0.8 - 0.3 * y) * np.clip(away / 190, 0.12, 1)
    lower = np.concatenate((noise[9:], np.repeat(noise[-1:], 9, 0)))
    rim = np.clip((noise - lower) * 9 + 0.35, 0, 1)[..., None]
    near = np.exp(-(((np.arange(wide) - SUN[0]) / 800) ** 2))[None, :, None] * (0.35 + 0.65 * y[..., None])
    tone = colour("#5a3a7c") * (1 - rim) + (colour("#ff8a78") * (1 - near) + colour("#ffd890") * near) * rim
    return np.concatenate((tone * alpha[..., None], alpha[..., None]), 2).astype(np.float32)


class _Water:
    """The sea as a plane in perspective: slopes of fourteen wave trains decide what part of the sky a point reflects."""

    def __init__(self) -> None:
        rng = np.random.default_rng(41)
        row = np.arange(HEIGHT - HORIZON, dtype=np.float32)[:, None] + 1.5
        self._row = row
        self._z = 640.0 / row
        self._x = (np.arange(WIDTH, dtype=np.float32)[None, :] - WIDTH / 2) * self._z / 1100
        self._trains = [
            (float(k), float(rng.normal(0, 0.5)), float(rng.uniform(0, 6.28))) for k in np.geomspace(2.2, 46, 14)
        ]
        self._sky = gradient(1024, *((1 - place, code) for place, code in reversed(SKY)))

    def at(self, t: float) -> np.ndarray:
        steep = np.zeros((HEIGHT - HORIZON, WIDTH), np.float32)
        sideways = np.zeros_like(steep)
        for k, angle, phase in self._trains:
            across, along = float(np.sin(angle)), float(np.cos(angle))
            turn = float(np.sqrt(9.8 * k)) * 0.42 * t + phase
            keen = np.exp(-((k * self._z * self._z / 900) ** 2)) * 0.125
            wave = np.cos(k * across * self._x + k * along * self._z + turn) * keen
            steep += wave * along
            sideways += wave * across
        return self._shade(steep, sideways)

    def _shade(self, steep: np.ndarray, sideways: np.ndarray) -> np.ndarray:
        down = self._row / (HEIGHT - HORIZON)
        up = np.clip(0.03 + 0.62 * down + 0.75 * steep * (0.25 + down), 0, 0.999)
        reflected = self._sky[(up * 1023).astype(np.int32)]
        bare = np.clip(0.10 + 0.62 * down - 0.55 * steep, 0, 0.88)[..., None]
        sea = reflected * (1 - bare) * 0.92 + (colour("#3a1f5c") * (1 - 0.45 * down[..., None])) * bare
        away = (np.arange(WIDTH, dtype=np.float32)[None, :] - SUN[0]) / (46 + 250 * down) + sideways * 3.2
        height = (0.10 + 0.75 * steep + 0.05 - 0.10 * down) / 0.20
        glitter = np.exp(-0.5 * away**2) * np.clip(0.18 + height, 0, 1.5) ** 1.7
        return sea + glitter[..., None] * colour("#ffb763") * np.float32(0.85)


def _boat() -> np.ndarray:
    """A boat's outline, 240 × 300, as alpha from 0 to 1, drawn four times as large."""
    drawing = Image.new("L", (960, 1200))
    pen = ImageDraw.Draw(drawing)
    pen.polygon([(180, 1010), (800, 1000), (720, 1100), (270, 1105)], 255)
    pen.rectangle((488, 110, 500, 1010), 255)
    pen.polygon([(512, 120), (770, 930), (512, 955)], 235)
    pen.polygon([(474, 190), (474, 940), (235, 930)], 225)
    return np.asarray(drawing.resize((240, 300), Image.Resampling.LANCZOS), np.float32) / 255


def _sail(picture: np.ndarray, boat: np.ndarray, t: float) -> None:
    x, bob = 470 + 34 * t, 3.0 * np.sin(1.5 * t)
    lean = 0.035 * np.sin(1.1 * t + 0.6)
    height, width = boat.shape
    shape = Image.fromarray((boat * 255).astype(np.uint8))
    left, top = int(x), 318
    part_x, part_y = x - left, bob
    moved = shape.transform(
        (width + 40, height + 20),
        Image.Transform.AFFINE,
        (1, lean, -20 - part_x - lean * height, 0, 1, -8 - part_y),
        Image.Resampling.BICUBIC,
    )
    alpha = np.asarray(moved, np.float32)[..., None] / 255
    area = picture[top : top + height + 20, left - 20 : left + width + 20]
    area[:] = area * (1 - alpha * 0.93) + colour("#24163f") * alpha * 0.93
    shade = np.flipud(alpha)[32 : 32 + 224 : 2] * np.linspace(0.6, 0, 112, dtype=np.float32)[:, None, None]
    foot = picture[top + 286 : top + 398, left - 20 : left + width + 20]
    rows = np.arange(112)
    sway = (4 * np.sin(0.5 * rows + 3 * t) * rows / 40).astype(int)
    columns = np.clip(np.arange(width + 40)[None, :] + sway[:, None], 0, width + 39)
    shade = np.take_along_axis(shade, columns[..., None], 1)
    foot[:] = foot * (1 - shade) + colour("#24163f") * shade


def _birds(picture: np.ndarray, t: float) -> None:
    for i in range(6):
        x = 760 + 58 * t + 74 * i - 30 * (i % 2)
        y = 236 + 30 * (i % 3) - 15 * (i % 2) - 5 * t
        flap = np.sin(6.5 * t + 1.3 * i)
        size = 13 + 2 * (i % 3)
        sheet = Image.new("L", (240, 240))
        pen = ImageDraw.Draw(sheet)
        for side in (-1, 1):
            reach = np.linspace(0, 1, 12)
            rise = size * (5.2 * reach * (1 - reach) ** 1.3 + 1.1 * flap * reach)
            wing = list(zip(120 + side * size * 5 * reach, 120 - rise, strict=True))
            pen.line(wing, 255, 9, joint="curve")
        alpha = np.asarray(sheet.resize((60, 60), Image.Resampling.LANCZOS, box=(0, 0, 240, 240)), np.float32) / 255
        left, top = int(x) - 30, int(y) - 30
        part = picture[top : top + 60, left : left + 60]
        part[:] = part * (1 - alpha[..., None]) + colour("#3a1d4a") * alpha[..., None]
