"""Two people cycle through summer fields in the late sun; one waves to the balloons as birds rise from the corn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from _draw import FPS, HEIGHT, WIDTH, blur, clouds, colour, cover, glow, gradient, ridge, window
from _people import Point, Sheet, bend, shade
from PIL import Image, ImageDraw

HORIZON = 640
PATH_Y = 968  # where the wheels touch the ground
SUN = (1500.0, 392.0)
TALL = 510.0  # a person, in pixels
TURNS = 1.15  # of the pedals a second
WAVE_S = 3.9
SKY = ((0, "#2f78bd"), (0.35, "#6fabd2"), (0.62, "#f0cf9c"), (0.85, "#ffbd6c"), (1, "#ff9f4c"))
LIGHT = colour("#ffd894")


def frames(seconds: float) -> Iterator[np.ndarray]:
    """The pictures of the clip."""
    sky, veil = _sky(), _veil(seconds)
    rows = [(_hills(*spec), spec[1], speed) for spec, speed in _RIDGES]
    trees, ground = _trees(seconds), _Ground(seconds)
    ears = _ears(seconds)
    for k in range(round(seconds * FPS)):
        t = k / FPS
        picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
        picture[: HORIZON + 60] = sky
        cover(picture, window(veil, 9 * t))
        for x, y, size, stripes in _BALLOONS:
            _balloon(picture, (x - 7 * t * size / 90, y - 5 * t * size / 90 + 3 * np.sin(0.8 * t + x)), size, stripes)
        for layer, top, speed in rows:
            cover(picture[top:], window(layer, speed * t))
        picture[HORIZON:] = ground.at(t)
        glow(picture, WIDTH / 2, HORIZON, (WIDTH, 16), colour("#ffd9a0") * np.float32(0.30))
        cover(picture[330:], window(trees, 150 * t))
        _birds(picture, t)
        _bicycle(picture, (330 + 22 * np.sin(0.5 * t + 1), PATH_Y - 8), t + 0.37, _HIS)
        _bicycle(picture, (960 + 34 * np.sin(0.45 * t), PATH_Y), t, _HERS)
        cover(picture[HEIGHT - ears.shape[0] :], window(ears, 1750 * t))
        for size, level in ((620, 0.13), (170, 0.10)):
            glow(picture, *SUN, (size * 1.3, size), colour("#ffb45c") * np.float32(level))
        yield picture


def _sky() -> np.ndarray:
    sky = np.repeat(gradient(HORIZON + 60, *SKY)[:, None], WIDTH, 1)
    for size, level in ((430, 0.20), (150, 0.22)):
        glow(sky, *SUN, (1.3 * size, size), colour("#ffc97c") * np.float32(level))
    y, x = np.mgrid[: HORIZON + 60, :WIDTH]
    disc = np.clip(64.5 - np.hypot(x - SUN[0], y - SUN[1]), 0, 1)[..., None].astype(np.float32)
    sky += disc * (colour("#fff3c8") * np.float32(1.25) - sky)
    return sky


def _veil(seconds: float) -> np.ndarray:
    """Clouds with alpha, white towards the sun and blue below; colours multiplied."""
    high, wide = 470, WIDTH + round(9 * seconds) + 8
    noise = clouds(high, wide, 63, 2.6)
    y = np.linspace(0, 1, high, dtype=np.float32)[:, None]
    alpha = np.clip((noise - 0.47) * 4.2, 0, 1) ** 1.3 * np.clip(1.15 - y, 0, 1) * np.clip(y * 6 + 0.2, 0, 1) * 0.92
    lower = np.roll(noise, -14, 0)
    lit = np.clip((lower - noise) * 5 + 0.62, 0, 1)[..., None]
    tone = colour("#a9bfd2") * (1 - lit) + colour("#fff6e2") * lit
    return np.concatenate((tone * alpha[..., None], alpha[..., None]), 2).astype(np.float32)


# seed, highest and lowest row of the ridge, waves, colour at the ridge and at its foot
_RIDGES = (
    ((71, 470, 560, 2, "#8fa6c0", "#f5bd84"), 8.0),
    ((75, 530, 610, 3, "#7f9484", "#e9bd76"), 18.0),
    ((78, 575, 640, 3, "#68854e", "#d8b25c"), 36.0),
)


def _hills(seed: int, high: int, low: int, waves: int, top: str, foot: str) -> np.ndarray:
    wide = WIDTH + 300
    line = blur(ridge(wide, seed, low, high, waves)[None], 60, 0)[0]
    y = np.arange(high, HORIZON + 6, dtype=np.float32)[:, None]
    alpha = np.clip(y - line + 0.5, 0, 1)
    sink = np.clip((y - line) / 90, 0, 1)[..., None]
    fields = clouds(len(y), wide, seed + 1, 9)[..., None] - 0.5
    tone = (colour(top) * (1 - sink) + colour(foot) * sink) * (1 + 0.28 * fields)
    return np.concatenate((tone * alpha[..., None], alpha[..., None]), 2).astype(np.float32)


class _Ground:
    """Fields and the path in perspective: each row passes at its own speed, blurred as far as a shutter lets it."""

    def __init__(self, seconds: float) -> None:
        high = HEIGHT - HORIZON
        down = np.arange(high, dtype=np.float32) / high
        self._speed = 60 + 1250 * down**1.25
        wide = WIDTH + int(self._speed[-1] * seconds) + 8
        noise = clouds(high, wide, 81, 7)
        rows = np.random.default_rng(82).normal(0, 1, (high, wide)).astype(np.float32)
        for row in range(high):
            rows[row] = blur(rows[row : row + 1], 3 + self._speed[row] / 70, 0)[0]
            rows[row] /= rows[row].std() + 1e-6
        base = gradient(high, (0, "#d6c46c"), (0.2, "#c3b757"), (0.48, "#9aa548"), (0.62, "#a8a14a"), (1, "#7c7a35"))
        ground = base[:, None] * (0.86 + 0.34 * noise + 0.045 * rows)[..., None]
        y = np.arange(HORIZON, HEIGHT, dtype=np.float32)[:, None]
        edge = 5 * (noise - 0.5)
        way = np.clip((y - 916 + 8 * edge) / 7, 0, 1) * np.clip((1004 + 8 * edge - y) / 9, 0, 1)
        earth = colour("#e2c592") * (0.92 + 0.14 * noise + 0.03 * rows)[..., None]
        self._ground = (ground * (1 - way[..., None]) + earth * way[..., None]).astype(np.float32)
        self._columns = np.arange(WIDTH)[None]

    def at(self, t: float) -> np.ndarray:
        left = self._speed * np.float32(t)
        first = left.astype(int)
        part = (left - first)[:, None, None].astype(np.float32)
        columns = (first[:, None] + self._columns)[..., None]
        here = np.take_along_axis(self._ground, columns, 1)
        return here * (1 - part) + np.take_along_axis(self._ground, columns + 1, 1) * part


def _trees(seconds: float) -> np.ndarray:
    """An avenue at the edge of the field, with alpha; its crowns are lit from the right."""
    high, wide = 410, WIDTH + round(150 * seconds) + 8
    rng = np.random.default_rng(91)
    sheet = Image.new("RGBA", (2 * wide, 2 * high))
    pen = ImageDraw.Draw(sheet)
    x = 40.0
    while x < wide:
        size = rng.uniform(62, 108)
        foot = high - 38 + rng.uniform(-6, 10)
        pen.line((2 * x, 2 * foot, 2 * x, 2 * (foot - 1.5 * size)), "#5c4630", round(size / 5))
        pen.ellipse((2 * x - 130, 2 * foot - 9, 2 * x + 90, 2 * foot + 9), "#75783a")
        for tone, count, shift, span in (
            ("#39522a", 150, 0.0, 1.0),
            ("#5f7d36", 150, 0.14, 0.88),
            ("#9da545", 110, 0.3, 0.66),
            ("#e0c860", 45, 0.46, 0.46),
        ):
            for _ in range(count):
                angle, away = rng.uniform(0, 6.28), span * size * rng.random() ** 0.6
                cx = x + shift * size + 0.82 * away * np.cos(angle)
                cy = foot - 1.95 * size - shift * 0.55 * size + 1.1 * away * np.sin(angle)
                r = size * rng.uniform(0.05, 0.115)
                pen.ellipse(
                    (2 * (cx - r), 2 * (cy - r), 2 * (cx + r), 2 * (cy + r)), shade(tone, rng.uniform(0.9, 1.1))
                )
        x += rng.uniform(1.7, 4.2) * size + (260 if rng.random() < 0.3 else 0)
    layer = np.asarray(sheet.convert("RGBa").reduce(2), np.float32) / 255
    layer = blur(layer, 2.0, 0.8)
    haze = np.float32(0.16) * layer[..., 3:]
    layer[..., :3] = layer[..., :3] * np.float32(0.84) + colour("#ffc880") * haze
    return layer


def _ears(seconds: float) -> np.ndarray:
    """Corn and poppies close to the camera, out of focus, with alpha."""
    high, wide = 250, WIDTH + round(1750 * seconds) + 8
    rng = np.random.default_rng(95)
    sheet = Image.new("RGBA", (wide, high))
    pen = ImageDraw.Draw(sheet)
    for _ in range(wide // 7):
        x, top, lean = rng.uniform(0, wide), high - rng.power(1.6) * 165 - 12, rng.normal(0, 16)
        tone = shade("#c99f3e", rng.uniform(0.55, 1.15))
        pen.line((x, high, x + lean, top), tone, 4)
        pen.ellipse((x + lean - 7, top - 22, x + lean + 7, top + 18), shade(tone, 1.12))
    for _ in range(wide // 210):
        x, y, r = rng.uniform(0, wide), rng.uniform(110, 220), rng.uniform(13, 24)
        pen.ellipse((x - r, y - 0.8 * r, x + r, y + 0.8 * r), shade("#d8432a", rng.uniform(0.8, 1.15)))
    return blur(np.asarray(sheet.convert("RGBa"), np.float32) / 255, 19, 5)


_BALLOONS = (
    (470.0, 205.0, 92.0, ("#e2583e", "#ffd06b")),
    (905.0, 300.0, 46.0, ("#3f7fb5", "#f7ead0")),
    (1745.0, 240.0, 60.0, ("#d9714a", "#f7ead0")),
)


def _balloon(picture: np.ndarray, at: Point, size: float, stripes: tuple[str, str]) -> None:
    x, y = at
    sheet = Sheet(x - size, y - size, int(2 * size), int(2.9 * size))
    for number, part in enumerate((1.0, 0.78, 0.48, 0.16)):
        width = 0.66 * size * part
        corners = [(x - width, y - 0.1 * size), (x - width, y - 0.72 * size), (x, y - 0.95 * size)]
        corners += [
            (x + width, y - 0.72 * size),
            (x + width, y - 0.1 * size),
            (x + 0.12 * part * size, y + 0.82 * size),
        ]
        sheet.shape([*corners, (x - 0.12 * part * size, y + 0.82 * size)], stripes[number % 2])
    for side in (-1, 1):
        sheet.line(
            [(x + side * 0.09 * size, y + 0.6 * size), (x + side * 0.07 * size, y + 0.98 * size)], 1.2, "#6a5038"
        )
    sheet.shape(
        [(x + a * size, y + b * size) for a, b in ((-0.12, 0.95), (0.12, 0.95), (0.1, 1.2), (-0.1, 1.2))], "#7a5636"
    )
    sheet.lay(picture, LIGHT * np.float32(0.55), (1.0, 0.1), size / 4, 0.6)


def _birds(picture: np.ndarray, t: float) -> None:
    """Thirteen birds that rise from the field when she waves."""
    rng = np.random.default_rng(97)
    for _ in range(13):
        start_s, x, y = WAVE_S - 0.5 + rng.uniform(0, 0.7), rng.uniform(1180, 1720), rng.uniform(690, 730)
        speed, climb, beat = rng.uniform(60, 170), rng.uniform(150, 235), rng.uniform(5.2, 6.6)
        s = t - start_s
        if s <= 0:
            continue
        x, y = x + speed * s - 40, y - climb * s * min(1.0, 0.5 + s / 2) + 10 * np.sin(2 * s)
        size = 12.0
        flap = np.sin(2 * np.pi * beat * s)
        sheet = Sheet(x - 40, y - 40, 80, 80)
        for side in (-1, 1):
            elbow = x + side * size, y - size * (0.35 + 0.75 * flap)
            tip = x + side * 2.1 * size, y - size * (0.1 + 1.1 * flap)
            sheet.shape(
                [(x - 3, y), elbow, tip, (x + side * size, y - size * (0.05 + 0.6 * flap)), (x + 3, y + 3)], "#4a4640"
            )
        sheet.oval((x, y + 1), (13, 7), "#4a4640")
        sheet.lay(picture, LIGHT * np.float32(0.3), (1, -0.6), 2)


_HERS = {
    "top": "#f2b632",
    "legs": "#d2966d",
    "skin": "#d99f76",
    "hair": "#6b3a22",
    "frame": "#2f8f8a",
    "shoe": "#b3402e",
}
_HIS = {
    "top": "#d8573d",
    "legs": "#34517a",
    "skin": "#b97f58",
    "hair": "#2e211c",
    "frame": "#7a2f3a",
    "shoe": "#f3ead8",
}


def _bicycle(picture: np.ndarray, at: Point, t: float, tones: dict[str, str]) -> None:
    """A bicycle and who rides it; `at` is where its rear wheel stands."""
    is_hers = tones is _HERS
    p, (x, ground) = TALL, at
    ground += 1.5 * np.sin(9 * t)
    lift = (
        float(np.clip((t - WAVE_S + 0.45) / 0.55, 0, 1) * np.clip((WAVE_S + 2.1 - t) / 0.5, 0, 1)) if is_hers else 0.0
    )
    lift = lift * lift * (3 - 2 * lift)

    def place(right: float, up: float) -> Point:
        return x + right * p, ground - up * p

    glow(picture, x + 0.22 * p, ground + 4, (0.36 * p, 7), colour("#5a4a2a") * np.float32(-0.42))
    glow(picture, x - 0.05 * p, ground + 8, (0.5 * p, 9), colour("#5a4a2a") * np.float32(-0.2))
    sheet = Sheet(x - 0.75 * p, ground - 1.35 * p, int(1.9 * p), int(1.4 * p))
    turn = 2 * np.pi * TURNS * t
    crank, bracket = 0.094 * p, place(0.245, 0.165)
    pedals = [(bracket[0] + side * crank * np.cos(turn), bracket[1] + side * crank * np.sin(turn)) for side in (1, -1)]
    hip = place(0.165, 0.545 + 0.004 * np.sin(2 * turn))
    shoulder = place(0.335 - 0.03 * lift, 0.80 + 0.006 * np.sin(2 * turn))
    _leg(sheet, hip, pedals[1], tones, 0.78)
    _machine(sheet, place, p, tones, turn, bracket, pedals)
    hand = place(0.50, 0.60)
    high = place(0.60 + 0.06 * np.sin(2 * np.pi * 1.5 * t), 1.09)
    far_hand = hand[0] + 0.02 * p + lift * (high[0] - hand[0]), hand[1] + lift * (high[1] - hand[1])
    _arm(sheet, (shoulder[0] + 0.02 * p, shoulder[1] + 0.01 * p), far_hand, tones, 0.84)
    _body(sheet, hip, shoulder, t, tones)
    _leg(sheet, hip, pedals[0], tones, 1.0)
    if is_hers:
        _skirt(sheet, hip, pedals[0], t)
    _arm(sheet, shoulder, hand, tones, 1.0)
    sheet.lay(picture, LIGHT * np.float32(0.46), (1.0, -0.75), 7)


def _machine(
    sheet: Sheet,
    place: Callable[[float, float], Point],
    p: float,
    tones: dict[str, str],
    turn: float,
    bracket: Point,
    pedals: list[Point],
) -> None:
    hubs = place(0, 0.195), place(0.6, 0.195)
    for hub in hubs:
        for spoke in range(9):
            angle = 1.9 * turn + spoke * np.pi / 9
            reach = 0.18 * p * np.cos(angle), 0.18 * p * np.sin(angle)
            sheet.line([(hub[0] - reach[0], hub[1] - reach[1]), (hub[0] + reach[0], hub[1] + reach[1])], 0.8, "#b8ad92")
        sheet.ring(hub, 0.194 * p, 6, "#2b2823")
        sheet.ring(hub, 0.18 * p, 2.5, "#a59c88")
        sheet.oval(hub, (11, 11), "#3a342c")
    seat, head, bar = place(0.175, 0.50), place(0.50, 0.50), place(0.525, 0.60)
    for start, end in ((hubs[0], bracket), (bracket, seat), (seat, hubs[0]), (bracket, head), (place(0.2, 0.42), head)):
        sheet.limb(start, end, (7, 7), tones["frame"])
    sheet.limb(hubs[1], head, (6, 7), tones["frame"])
    sheet.limb(head, bar, (6, 6), "#6b655a")
    sheet.limb(bar, place(0.47, 0.61), (7, 6), "#4a3626")
    sheet.limb(place(0.125, 0.525), place(0.225, 0.515), (13, 7), "#4a3020")
    sheet.oval(bracket, (34, 34), "#4d483f")
    sheet.limb(pedals[0], pedals[1], (5, 5), "#3b372f")
    if tones is _HERS:
        corners = ((0.535, 0.575), (0.70, 0.575), (0.68, 0.44), (0.55, 0.44))
        for spot, tone in zip(
            ((0.56, 0.6), (0.605, 0.625), (0.65, 0.61), (0.63, 0.59)),
            ("#e4573f", "#f6d25a", "#f2eee0", "#d8556e"),
            strict=True,
        ):
            sheet.oval(place(*spot), (23, 23), tone)
        sheet.shape([place(*corner) for corner in corners], "#9a6b3a")


def _leg(sheet: Sheet, hip: Point, pedal: Point, tones: dict[str, str], level: float) -> None:
    p = TALL
    knee, ankle = bend(hip, (pedal[0] - 0.02 * p, pedal[1] - 0.035 * p), 0.245 * p, 0.235 * p, -1)
    tone = shade(tones["legs"], level)
    sheet.limb(hip, knee, (0.095 * p, 0.062 * p), tone)
    sheet.limb(knee, ankle, (0.06 * p, 0.038 * p), tone)
    sheet.limb(
        (ankle[0] - 0.012 * p, ankle[1] + 0.014 * p),
        (pedal[0] + 0.055 * p, pedal[1] - 0.008 * p),
        (0.04 * p, 0.026 * p),
        shade(tones["shoe"], level),
    )


def _arm(sheet: Sheet, shoulder: Point, hand: Point, tones: dict[str, str], level: float) -> None:
    p = TALL
    elbow, wrist = bend(shoulder, hand, 0.16 * p, 0.155 * p, 1)
    half = (shoulder[0] + elbow[0]) / 2, (shoulder[1] + elbow[1]) / 2
    sheet.limb(shoulder, elbow, (0.052 * p, 0.04 * p), shade(tones["skin"], level))
    sheet.limb(shoulder, half, (0.064 * p, 0.058 * p), shade(tones["top"], level))
    sheet.limb(elbow, wrist, (0.04 * p, 0.03 * p), shade(tones["skin"], level))
    sheet.oval(wrist, (0.04 * p, 0.042 * p), shade(tones["skin"], level))


def _skirt(sheet: Sheet, hip: Point, pedal: Point, t: float) -> None:
    """Its front lies on the thigh, its hem flutters behind."""
    p, (x, y) = TALL, hip
    knee, _ = bend(hip, (pedal[0] - 0.02 * p, pedal[1] - 0.035 * p), 0.245 * p, 0.235 * p, -1)
    front = x + 0.8 * (knee[0] - x), y + 0.8 * (knee[1] - y)
    hem = [
        (x - (0.10 + 0.02 * number) * p, y + (0.03 + 0.052 * number + 0.018 * np.sin(9 * t - 1.1 * number)) * p)
        for number in range(4)
    ]
    corners = [
        (x - 0.02 * p, y - 0.07 * p),
        (x + 0.07 * p, y - 0.06 * p),
        (front[0], front[1] - 0.05 * p),
        (front[0] + 0.01 * p, front[1] + 0.06 * p),
    ]
    sheet.shape(
        [*corners, (x + 0.06 * p, y + 0.17 * p), *hem[::-1], (x - 0.06 * p, y - 0.01 * p)], shade(_HERS["top"], 0.97)
    )


def _body(sheet: Sheet, hip: Point, shoulder: Point, t: float, tones: dict[str, str]) -> None:
    p = TALL
    sheet.limb(hip, shoulder, (0.125 * p, 0.105 * p), tones["top"])
    middle = (hip[0] + shoulder[0]) / 2 + 0.012 * p, (hip[1] + shoulder[1]) / 2
    sheet.limb(middle, shoulder, (0.125 * p, 0.11 * p), tones["top"])
    head = shoulder[0] + 0.045 * p, shoulder[1] - 0.118 * p
    sheet.limb(
        (shoulder[0] + 0.01 * p, shoulder[1] - 0.01 * p),
        (head[0] - 0.008 * p, head[1] + 0.02 * p),
        (0.05 * p, 0.044 * p),
        shade(tones["skin"], 0.9),
    )
    if tones is _HERS:
        _hair(sheet, head, t)
    sheet.oval(head, (0.098 * p, 0.122 * p), tones["skin"])
    sheet.shape(
        [
            (head[0] + 0.035 * p, head[1] - 0.025 * p),
            (head[0] + 0.066 * p, head[1] + 0.012 * p),
            (head[0] + 0.035 * p, head[1] + 0.028 * p),
        ],
        tones["skin"],
    )
    sheet.oval((head[0] + 0.03 * p, head[1] - 0.008 * p), (5, 6), "#3a2a22")
    cap = [
        (-0.062, 0.03),
        (-0.058, -0.05),
        (-0.01, -0.085),
        (0.045, -0.062),
        (0.05, -0.028),
        (0.012, -0.03),
        (-0.012, 0.005),
        (-0.025, 0.05),
    ]
    sheet.shape([(head[0] + a * p, head[1] + b * p) for a, b in cap], tones["hair"])
    if tones is _HIS:
        _scarf(sheet, shoulder, t)


def _hair(sheet: Sheet, head: Point, t: float) -> None:
    p = TALL
    for strand in range(7):
        root = head[0] - 0.03 * p, head[1] + (-0.03 + 0.012 * strand) * p
        way = [
            (
                root[0] - part * (0.23 - 0.01 * strand) * p,
                root[1] + (0.02 + 0.14 * part + 0.05 * part * np.sin(7 * t + 0.5 * strand - 4 * part)) * part * p,
            )
            for part in np.linspace(0, 1, 9)
        ]
        for start, end, width in zip(way, way[1:], np.linspace(0.034, 0.008, 8), strict=False):
            sheet.limb(start, end, (width * p, width * p), shade(_HERS["hair"], 0.9 + 0.05 * strand))


def _scarf(sheet: Sheet, shoulder: Point, t: float) -> None:
    p = TALL
    way = [
        (
            shoulder[0] - 0.01 * p - 0.2 * p * part,
            shoulder[1] - 0.03 * p + (0.03 + 0.035 * np.sin(8 * t - 4 * part)) * p * part,
        )
        for part in np.linspace(0, 1, 8)
    ]
    for start, end in pairwise(way):
        sheet.limb(start, end, (0.034 * p, 0.03 * p), "#f1e3c2")
    sheet.limb(
        (shoulder[0] - 0.02 * p, shoulder[1] - 0.02 * p),
        (shoulder[0] + 0.04 * p, shoulder[1] - 0.03 * p),
        (0.045 * p, 0.04 * p),
        "#f1e3c2",
    )
