"""A skyline at night over a river: three depths of houses that pass at their own speeds, a train, cars, a plane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from _draw import FPS, HEIGHT, WIDTH, blur, clouds, colour, cover, glow, gradient, mirror, window

SHORE = 770
WARM = ("#ffc46e", "#ffdfa0", "#ffb45a", "#fff0d0", "#9fd8ff")
SKY = ((0, "#060a24"), (0.35, "#141346"), (0.55, "#43206f"), (0.74, "#a8408a"), (0.9, "#ff8f7a"), (1, "#ffb98a"))


def frames(seconds: float) -> Iterator[np.ndarray]:
    """The pictures of the clip."""
    sky = _sky()
    rows = [(_houses(depth), depth.speed) for depth in DEPTHS]
    traffic = _traffic()
    for k in range(round(seconds * FPS)):
        t = k / FPS
        picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
        picture[:SHORE] = window(sky, 20 + 5 * t)
        _plane(picture, t)
        for houses, speed in rows:
            cover(picture, window(houses, speed * t))
        _train(picture, t)
        _cars(picture, traffic, t)
        mirror(picture, SHORE, t, 0.62, colour("#070a20") * 0.9)
        yield picture


def _sky() -> np.ndarray:
    wide = WIDTH + 120
    sky = np.repeat(gradient(SHORE, *SKY)[:, None], wide, 1)
    haze = clouds(SHORE, wide, 4, 5)[..., None]
    fall = np.linspace(0, 1, SHORE, dtype=np.float32)[:, None, None]
    sky += np.clip(haze - 0.48, 0, 1) * colour("#a0508f") * (0.15 + 0.6 * fall)
    rng = np.random.default_rng(5)
    for _ in range(240):
        x, y = rng.uniform(0, wide), rng.power(0.6) * 420
        glow(sky, x, y, (0.9, 0.9), np.float32(rng.uniform(0.2, 0.9) * (1 - y / 520)) * colour("#cfdcff"))
    yy, xx = np.mgrid[:SHORE, :wide]
    away = np.hypot(xx - 1500, yy - 190)
    disc = np.clip(62.5 - away, 0, 1)[..., None].astype(np.float32)
    seas = blur(clouds(SHORE, wide, 8, 1)[50:330, 1360:1640], 3)
    face = np.ones((SHORE, wide, 1), np.float32)
    face[50:330, 1360:1640, 0] = 0.92 - 0.30 * np.clip((seas - seas.mean()) * 5, -0.2, 1)
    sky = sky * (1 - disc) + disc * colour("#f4e6cc") * face
    for size, level in ((70, 0.28), (190, 0.16)):
        glow(sky, 1500, 190, (size, size), np.float32(level) * colour("#e8c8ff"))
    return sky.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Depth:
    """One row of houses: sizes in pixels, `lit` the share of lit windows, `bright` how much the air lets through."""

    seed: int
    heights: tuple[int, int]
    widths: tuple[int, int]
    gaps: tuple[int, int]
    wall: str
    cell: tuple[int, int]
    pane: tuple[int, int]
    lit: float
    bright: float
    speed: float


DEPTHS = (
    Depth(1, (170, 380), (46, 110), (-6, 10), "#4a2c68", (8, 11), (3, 5), 0.30, 0.45, 9.0),
    Depth(2, (120, 520), (70, 170), (-6, 10), "#241a4a", (12, 17), (6, 9), 0.36, 0.75, 24.0),
    Depth(3, (70, 420), (120, 260), (0, 120), "#0c0d26", (19, 26), (10, 15), 0.33, 1.0, 62.0),
)


def _houses(depth: Depth) -> np.ndarray:
    """A row of houses with alpha (…, 4), colours multiplied, and the glow of its windows added."""
    rng = np.random.default_rng(depth.seed)
    wide = WIDTH + 480
    layer = np.zeros((SHORE, wide, 4), np.float32)
    light = np.zeros((SHORE, wide, 3), np.float32)
    x, (low, high) = -20, depth.heights
    while x < wide:
        width = int(rng.integers(*depth.widths))
        top = SHORE - int(low + (high - low) * rng.random() ** 1.7)
        left, right = max(0, x), min(wide, x + width)
        if left < right:
            _walls(layer, light, rng, depth, (left, right, top))
            _windows(light, rng, depth, (left, right, top))
        x += width + int(rng.integers(*depth.gaps))
    layer[..., :3] += light + (blur(light, 5) * 1.1 + blur(light, 22) * 0.9) * depth.bright
    return layer


def _walls(
    layer: np.ndarray, light: np.ndarray, rng: np.random.Generator, depth: Depth, box: tuple[int, int, int]
) -> None:
    left, right, top = box
    wall = colour(depth.wall)
    fall = np.linspace(0.8, 1.15, SHORE - top, dtype=np.float32)[:, None, None]
    side = np.linspace(1.25, 0.8, right - left, dtype=np.float32)[None, :, None]
    layer[top:, left:right, :3], layer[top:, left:right, 3] = wall * side * fall, 1
    if rng.random() < 0.45 and right - left > 40:
        mast, tip = (left + right) // 2, max(0, top - int(rng.integers(20, 70)))
        layer[tip:top, mast : mast + 3, :3], layer[tip:top, mast : mast + 3, 3] = wall, 1
        glow(light, mast + 1, tip, (2.2, 2.2), colour("#ff4040") * np.float32(1.6 * depth.bright))


def _windows(light: np.ndarray, rng: np.random.Generator, depth: Depth, box: tuple[int, int, int]) -> None:
    left, right, top = box
    share = depth.lit * rng.uniform(0.5, 1.6)
    tone = colour(WARM[int(rng.integers(len(WARM)))])
    for y in range(top + depth.cell[1] // 2 + 3, SHORE - 26, depth.cell[1]):
        whole = rng.random() < 0.06  # a floor where everybody still works
        for x in range(left + depth.cell[0] // 2, right - depth.cell[0], depth.cell[0]):
            if whole or rng.random() < share:
                mixed = 0.6 * tone + 0.4 * colour(WARM[int(rng.integers(len(WARM)))])
                pane = light[y : y + depth.pane[1], x : x + depth.pane[0]]
                pane[:] = mixed * np.float32(depth.bright * rng.uniform(0.35, 1.0))


def _train(picture: np.ndarray, t: float) -> None:
    picture[688:698] = colour("#06071a")
    picture[698:701] = colour("#15153a")
    for x in range(-200, WIDTH + 260, 240):
        at = int(x - 90 * t % 240)
        picture[700:SHORE, max(0, at) : max(0, at + 16)] = colour("#06071a")
    for car in range(7):
        x = -1300 + 560 * t + car * 186
        left, right = int(np.clip(x, 0, WIDTH)), int(np.clip(x + 178, 0, WIDTH))
        picture[650:688, left:right] = colour("#1d2350")
        for pane in range(6):
            a, b = (int(np.clip(x + 10 + pane * 28 + d, 0, WIDTH)) for d in (0, 20))
            picture[658:673, a:b] = colour("#ffe9b8")
        glow(picture, x + 89, 668, (70, 20), colour("#ffc070") * np.float32(0.30))
    glow(picture, -1300 + 560 * t + 7 * 186, 672, (60, 14), colour("#fff2d0") * np.float32(0.9))


def _traffic() -> list[tuple[float, float, bool]]:
    rng = np.random.default_rng(6)
    return [(rng.uniform(0, 2400), rng.uniform(150, 330), bool(i % 2)) for i in range(26)]


def _cars(picture: np.ndarray, traffic: list[tuple[float, float, bool]], t: float) -> None:
    picture[744:SHORE] = colour("#080920")
    picture[742:744] = colour("#2a2558")
    for x in range(0, WIDTH + 200, 200):
        glow(picture, x - 62 * t % 200, 736, (3, 3), colour("#ffd9a0") * np.float32(1.2))
        glow(picture, x - 62 * t % 200, 744, (42, 14), colour("#ff9f50") * np.float32(0.35))
    for start, speed, leaves in traffic:
        x = (start + (-speed if leaves else speed) * t) % 2400 - 240
        light = colour("#ff3040" if leaves else "#fff4dc")
        y = 752.0 if leaves else 760.0
        glow(picture, x, y, (4, 2), light * np.float32(1.5))
        glow(picture, x + (22 if leaves else -22), y, (20, 2.2), light * np.float32(0.55))
        glow(picture, x, y, (26, 9), light * np.float32(0.22))


def _plane(picture: np.ndarray, t: float) -> None:
    x, y = 260 + 70 * t, 250 - 9 * t
    glow(picture, x, y, (1.6, 1.6), colour("#ffffff") * np.float32(0.9))
    flash = np.float32(np.exp(-9 * (t % 1.0)))
    glow(picture, x - 6, y + 1, (4, 4), colour("#ff5050") * flash)
