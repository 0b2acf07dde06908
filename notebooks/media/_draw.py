"""Brushes of the clips: pictures are (height, width, 3) float32 from 0 to 1, y down."""

from __future__ import annotations

import numpy as np

WIDTH, HEIGHT, FPS = 1920, 1080, 30
_Y, _X = np.ogrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
VIGNETTE = (1 - 0.16 * (_X * _X + _Y * _Y))[..., None].astype(np.float32)
DITHER = np.random.default_rng(9).triangular(-1.0, 0.0, 1.0, (HEIGHT, WIDTH, 1)).astype(np.float32) / 255


def colour(code: str) -> np.ndarray:
    """`#rrggbb` as three floats."""
    return np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def gradient(height: int, *stops: tuple[float, str]) -> np.ndarray:
    """A column (height, 3) through colours at places from 0 to 1, blended in linear light."""
    places = [place for place, _ in stops]
    light = np.stack([colour(code) ** 2.2 for _, code in stops])
    at = np.linspace(0, 1, height)
    return np.stack([np.interp(at, places, light[:, c]) for c in range(3)], 1).astype(np.float32) ** (1 / 2.2)


def blur(picture: np.ndarray, across: float, down: float | None = None) -> np.ndarray:
    """Gaussian blur by three box blurs along each axis; sizes in pixels."""
    for axis, sigma in ((0, across if down is None else down), (1, across)):
        size = max(1, round(sigma * 1.88)) | 1
        for _ in range(3 if size > 1 else 0):
            pad = [(0, 0)] * picture.ndim
            pad[axis] = (size // 2 + 1, size // 2)
            total = np.cumsum(np.pad(picture, pad, mode="edge"), axis=axis, dtype=np.float64)
            ahead = np.take(total, range(size, total.shape[axis]), axis)
            behind = np.take(total, range(total.shape[axis] - size), axis)
            picture = ((ahead - behind) / size).astype(np.float32)
    return picture


def clouds(height: int, width: int, seed: int, stretch: float = 4.0) -> np.ndarray:
    """Fractal noise (height, width) from 0 to 1, `stretch` times as wide as high."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width), np.float32)
    for octave in range(6):
        step = 260 / 2**octave
        grid = rng.random((int(height / step) + 4, int(width / step / stretch) + 4)).astype(np.float32)
        total += _stretched(grid, height, width, step, step * stretch) * 0.52**octave
    return (total - total.min()) / (total.max() - total.min())


def _stretched(grid: np.ndarray, height: int, width: int, step_y: float, step_x: float) -> np.ndarray:
    for axis, (size, step) in enumerate(((height, step_y), (width, step_x))):
        at = np.arange(size) / step
        low = at.astype(int)
        part = (at - low).astype(np.float32)
        part = part * part * (3 - 2 * part)
        part = part[:, None] if axis == 0 else part[None, :]
        grid = np.take(grid, low, axis) * (1 - part) + np.take(grid, low + 1, axis) * part
    return grid


def window(layer: np.ndarray, left: float) -> np.ndarray:
    """`WIDTH` columns of a wider picture from a place between pixels."""
    first = int(left)
    part = np.float32(left - first)
    return layer[:, first : first + WIDTH] * (1 - part) + layer[:, first + 1 : first + 1 + WIDTH] * part


def cover(picture: np.ndarray, layer: np.ndarray) -> None:
    """Lays a picture with alpha (…, 4), colours already multiplied, over the top rows of another."""
    top = picture[: layer.shape[0]]
    top *= 1 - layer[..., 3:]
    top += layer[..., :3]


def glow(picture: np.ndarray, x: float, y: float, sigma: tuple[float, float], light: np.ndarray) -> None:
    """Adds a soft light, `sigma` pixels wide and high."""
    height, width = picture.shape[:2]
    reach_x, reach_y = (3.0 * s for s in sigma)
    x0, x1 = max(0, int(x - reach_x)), min(width, int(x + reach_x) + 1)
    y0, y1 = max(0, int(y - reach_y)), min(height, int(y + reach_y) + 1)
    if x0 >= x1 or y0 >= y1:
        return
    across = np.exp(-0.5 * ((np.arange(x0, x1) - x) / sigma[0]) ** 2).astype(np.float32)
    down = np.exp(-0.5 * ((np.arange(y0, y1) - y) / sigma[1]) ** 2).astype(np.float32)
    picture[y0:y1, x0:x1] += (down[:, None] * across)[..., None] * light


def stamp(
    picture: np.ndarray, sprite: np.ndarray, at: tuple[float, float], scale: float, turn: float, light: float
) -> None:
    """Lays a sprite with alpha (colours multiplied) over a picture.

    Its centre lies at x, y; it is scaled, turned by at most a few tenths of a radian, and its light multiplied.
    """
    x, y = at
    height, width = picture.shape[:2]
    rows, columns = sprite.shape[:2]
    reach_x = 0.5 * scale * (columns + rows * abs(turn)) + 1
    reach_y = 0.5 * scale * (rows + columns * abs(turn)) + 1
    x0, x1 = max(0, int(x - reach_x)), min(width, int(x + reach_x) + 2)
    y0, y1 = max(0, int(y - reach_y)), min(height, int(y + reach_y) + 2)
    if x0 >= x1 or y0 >= y1:
        return
    dx, dy = np.meshgrid(np.arange(x0, x1) - x, np.arange(y0, y1) - y)
    u = np.clip((dx * np.cos(turn) + dy * np.sin(turn)) / scale + columns / 2, 0, columns - 1.001).astype(np.float32)
    v = np.clip((dy * np.cos(turn) - dx * np.sin(turn)) / scale + rows / 2, 0, rows - 1.001).astype(np.float32)
    ui, vi = u.astype(int), v.astype(int)
    fu, fv = (u - ui)[..., None], (v - vi)[..., None]
    top = sprite[vi, ui] * (1 - fu) + sprite[vi, ui + 1] * fu
    bottom = sprite[vi + 1, ui] * (1 - fu) + sprite[vi + 1, ui + 1] * fu
    drawn = top * (1 - fv) + bottom * fv
    part = picture[y0:y1, x0:x1]
    part *= 1 - drawn[..., 3:]
    part += drawn[..., :3] * np.float32(light)


def mirror(picture: np.ndarray, shore: int, time_s: float, dim: float, tint: np.ndarray) -> None:
    """Draws water below row `shore` that reflects what is above it, with ripples that grow towards the viewer."""
    depth = np.arange(HEIGHT - shore, dtype=np.float32)[:, None]
    x = np.arange(WIDTH, dtype=np.float32)[None, :]
    near = depth / depth.max()
    far = 1.0 / (0.06 + near)
    wave = np.sin(0.9 * far * 9 + 1.4 * time_s + 0.012 * x * (1.2 - near)) + 0.6 * np.sin(
        far * 17 - 2.0 * time_s - 0.021 * x
    )
    columns = np.clip(x + wave * (1 + 3 * near), 0, WIDTH - 1).astype(int)
    smeared = np.zeros((HEIGHT - shore, WIDTH, 3), np.float32)
    for tap in (-1.5, -0.5, 0.5, 1.5):  # rough water draws every light out downwards
        rows = shore - 1 - depth * 1.5 - wave * (1 + 5 * near) + tap * (1 + 11 * near)
        smeared += 0.25 * picture[np.clip(rows, 0, shore - 1).astype(int), columns]
    shade = (dim * (1 - 0.45 * near) * (1 + 0.10 * wave * near))[..., None]
    picture[shore:] = smeared * shade + tint * (0.35 + 0.65 * near[..., None])


def ridge(width: int, seed: int, low: float, high: float, waves: int) -> np.ndarray:
    """Heights of a mountain ridge, one for each column, between two values."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, width)
    line = sum(
        rng.uniform(0.4, 1) * np.abs(np.sin(np.pi * (waves * 1.83**k * x + rng.random()))) / 1.9**k for k in range(7)
    )
    line = (line - line.min()) / (line.max() - line.min())
    return (low + (high - low) * line).astype(np.float32)


def finish(picture: np.ndarray) -> np.ndarray:
    """The picture as 8-bit RGB: highlights rolled off, corners darker, dithered so that skies show no bands."""
    shaded = picture * VIGNETTE
    over = np.maximum(shaded - np.float32(0.8), 0)
    rolled = shaded - over + np.float32(0.2) * (1 - np.exp(over * np.float32(-5)))
    return np.clip((rolled + DITHER) * 255 + 0.5, 0, 255).astype(np.uint8)
