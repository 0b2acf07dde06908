"""Paper lanterns that rise over a lake between mountains, at dusk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from _draw import FPS, HEIGHT, WIDTH, blur, clouds, colour, cover, glow, gradient, mirror, ridge, stamp, window

SHORE = 850
SKY = ((0, "#071a3a"), (0.3, "#0f3a63"), (0.58, "#2f6f8f"), (0.8, "#8fa3a4"), (0.93, "#f0b088"), (1, "#ffd0a0"))
COUNT = 104


def frames(seconds: float) -> Iterator[np.ndarray]:
    """The pictures of the clip."""
    sky, hills = _sky(), [(_hills(*spec)[spec[1] :], spec[1], speed) for spec, speed in _RIDGES]
    sharp = _lantern()
    soft = blur(np.pad(sharp, ((40, 40), (40, 40), (0, 0))), 9)
    flock = _flock()
    for k in range(round(seconds * FPS)):
        t = k / FPS
        picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
        picture[:SHORE] = window(sky, 4 * t)
        small = [one for one in flock if one[2] < 0.16]
        for one in small:
            _hang(picture[:SHORE], sharp, one, t)
        for layer, top, speed in hills:
            cover(picture[top:], window(layer, speed * t))
        for one in flock:
            if 0.16 <= one[2] < 0.34:
                _hang(picture[:SHORE], sharp, one, t)
        mirror(picture, SHORE, t, 0.66, colour("#04182c") * 0.7)
        for one in flock:
            if one[2] >= 0.34:
                _hang(picture, soft if one[2] > 0.95 else sharp, one, t)
        yield picture


def _sky() -> np.ndarray:
    wide = WIDTH + 80
    sky = np.repeat(gradient(SHORE, *SKY)[:, None], wide, 1)
    fall = np.linspace(0, 1, SHORE, dtype=np.float32)[:, None, None]
    streaks = np.clip(clouds(SHORE, wide, 12, 7)[..., None] - 0.5, 0, 1)
    sky += streaks * (colour("#ff9c78") * fall + colour("#4f7fa8") * (1 - fall)) * 0.55
    rng = np.random.default_rng(3)
    for _ in range(170):
        y = rng.power(0.7) * 430
        glow(sky, rng.uniform(0, wide), y, (0.9, 0.9), np.float32(rng.uniform(0.15, 0.7) * (1 - y / 460)) * np.ones(3))
    return sky.astype(np.float32)


# seed, lowest and highest row of the ridge, waves, colour at the ridge and in the mist at its foot
_RIDGES = (
    ((21, 610, 790, 3, "#6f8796", "#d9b6a0"), 5.0),
    ((22, 690, 820, 4, "#39566e", "#9aa0a4"), 10.0),
    ((23, 765, 846, 6, "#11283d", "#31506a"), 19.0),
)


def _hills(seed: int, high: int, low: int, waves: int, top: str, foot: str) -> np.ndarray:
    wide = WIDTH + 240
    line = ridge(wide, seed, low, high, waves)
    y = np.arange(SHORE, dtype=np.float32)[:, None]
    alpha = np.clip(y - line + 0.5, 0, 1)
    sink = np.clip((y - high) / (SHORE - high), 0, 1)[..., None] ** 1.6
    tone = colour(top) * (1 - sink) + colour(foot) * sink
    return np.concatenate((tone * alpha[..., None], alpha[..., None]), 2).astype(np.float32)


def _lantern() -> np.ndarray:
    """One lantern, 220 × 300: paper over a frame, lit from below; colours multiplied by alpha."""
    y, x = np.mgrid[:300, :220].astype(np.float32)
    v = (y - 20) / 250
    half = 62 + 34 * np.sin(np.clip(v, 0, 1) * np.pi * 0.55) - 26 * np.clip(v - 0.72, 0, 1) * 2.2
    u = (x - 110) / half
    cap = 20 - 15 * np.sqrt(np.clip(1 - u * u, 0, 1))
    alpha = np.clip((1 - np.abs(u)) * half + 0.5, 0, 1) * np.clip(y - cap + 0.5, 0, 1) * np.clip(268.5 - y, 0, 1)
    fire = np.exp(-(((x - 110) / 62) ** 2) - (((y - 232) / 105) ** 2))
    edge = np.clip(1 - u * u, 0, 1) ** 0.5
    lit = np.clip(0.34 + 0.30 * edge + 0.85 * fire, 0, 1.5)[..., None]
    tone = colour("#e2531b") * 0.8 * (1 - fire[..., None]) + colour("#ffd27a") * fire[..., None]
    for rib in (-0.62, 0.0, 0.62):
        lit = lit * (1 - 0.13 * np.exp(-(((u - rib) * half / 1.6) ** 2)))[..., None]
    rim = np.exp(-(((y - 264) / 3.0) ** 2))[..., None]
    tone = tone * (1 - 0.55 * rim)
    shine = tone * lit * 1.25 + np.exp(-(((x - 110) / 16) ** 2) - (((y - 250) / 12) ** 2))[..., None] * 0.7
    return np.concatenate((shine * alpha[..., None], alpha[..., None]), 2).astype(np.float32)


def _flock() -> list[tuple[float, float, float, float, float]]:
    """Lanterns, far ones first: x, y at the start, scale, phase, and how fast they rise."""
    rng = np.random.default_rng(17)
    flock = []
    for i in range(COUNT):
        scale = float(0.045 + 0.5 * (i / COUNT) ** 3.2)
        lowest = SHORE - 20 - 150 * scale if scale < 0.34 else 1350
        x, y = rng.uniform(-40, WIDTH + 40), rng.uniform(60, lowest)
        flock.append((x, y, scale, rng.uniform(0, 6.28), 14 + 190 * scale))
    flock += [(330.0, 830.0, 0.78, 1.0, 88.0), (1530.0, 1190.0, 1.15, 2.4, 128.0), (1010.0, 980.0, 0.62, 4.0, 76.0)]
    return flock


def _hang(picture: np.ndarray, sprite: np.ndarray, one: tuple[float, float, float, float, float], t: float) -> None:
    x, y, scale, phase, rise = one
    x += (18 + 60 * scale) * np.sin(0.5 * t + phase) * 0.5 + 9 * scale * t
    y -= rise * t
    flicker = np.float32(1 + 0.07 * np.sin(9 * t + 5 * phase) * np.sin(5.3 * t + phase))
    light = colour("#ff9a42")
    glow(picture, x, y + 60 * scale, (200 * scale, 200 * scale), light * np.float32(0.20))
    glow(picture, x, y + 50 * scale, (95 * scale, 110 * scale), light * np.float32(0.22))
    stamp(picture, sprite, (x, y), scale, 0.07 * np.sin(0.9 * t + phase), flicker)
