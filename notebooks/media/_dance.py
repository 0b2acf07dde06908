"""A summer evening of dancing before a low sun: the crowd sways, all jump at once, and coloured powder bursts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from _draw import FPS, HEIGHT, WIDTH, blur, clouds, colour, cover, glow, gradient, ridge, stamp, window
from _people import Point, Sheet, bend, shade

BEAT_S = 0.5  # the song's
BURST_S = 3.5
PUSH_S = 8.0  # that the camera takes to come closer
SUN = (1130.0, 470.0)
FLOOR = 800
SKY = ((0, "#5b4a9c"), (0.25, "#b45c96"), (0.5, "#f3836a"), (0.75, "#ffb056"), (1, "#ffd98a"))
LIGHT = colour("#ffc878")


def frames(seconds: float) -> Iterator[np.ndarray]:
    """The pictures of the clip."""
    sky, hills, floor = _sky(), _hills(), _floor()
    puffs = [_puff(seed) for seed in range(3)]
    people = _people()
    for k in range(round(seconds * FPS)):
        t = k / FPS
        ease = t / PUSH_S
        near = ease * ease * (3 - 2 * ease)  # the camera goes closer
        picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
        picture[:FLOOR], picture[FLOOR:] = window(sky, 20 + 30 * near), floor
        _wheel(picture, t, near)
        cover(picture[FLOOR - hills.shape[0] :], window(hills, 24 + 50 * near))
        _lamps(picture, t, near)
        for number, one in enumerate(people):
            if number == _BEHIND:
                _powder(picture, puffs, t, near, range(0, len(_BURSTS), 2))
            _dancer(picture, one, t, near)
        _powder(picture, puffs, t, near, range(1, len(_BURSTS), 2))
        _confetti(picture, t)
        _crowd(picture, t, near)
        for size, level in ((640, 0.16), (230, 0.15)):
            glow(picture, *SUN, (size * 1.3, size), colour("#ffae55") * np.float32(level))
        yield picture


def _sky() -> np.ndarray:
    wide = WIDTH + 120
    sky = np.repeat(gradient(FLOOR, *SKY)[:, None], wide, 1)
    noise = clouds(FLOOR, wide, 131, 6)
    y = np.linspace(0, 1, FLOOR, dtype=np.float32)[:, None]
    alpha = (np.clip((noise - 0.5) * 3.4, 0, 1) * np.clip(1.1 - 1.5 * y, 0, 1) * 0.8)[..., None]
    lit = np.clip((np.roll(noise, -12, 0) - noise) * 6 + 0.5, 0, 1)[..., None]
    sky = sky * (1 - alpha) + alpha * (colour("#7a4f94") * (1 - lit) + colour("#ffb98c") * lit)
    for size, level in ((420, 0.2), (170, 0.25)):
        glow(sky, SUN[0] + 30, SUN[1], (1.2 * size, size), colour("#ffcf7e") * np.float32(level))
    yy, xx = np.mgrid[:FLOOR, :wide]
    disc = np.clip(118.5 - np.hypot(xx - SUN[0] - 30, yy - SUN[1]), 0, 1)[..., None].astype(np.float32)
    return (sky + disc * (colour("#fff0c0") * np.float32(1.2) - sky)).astype(np.float32)


def _hills() -> np.ndarray:
    """Trees and tents at the end of the meadow, in haze, with alpha."""
    high, wide = 300, WIDTH + 140
    back = blur(ridge(wide, 141, 110, 190, 3)[None], 30, 0)[0]
    front = ridge(wide, 144, 190, 262, 11)
    y = np.arange(high, dtype=np.float32)[:, None]
    layer = np.zeros((high, wide, 4), np.float32)
    for line, top, foot in ((back, "#b56a72", "#f0a868"), (front, "#7a4656", "#c97f58")):
        alpha = np.clip(y - line + 0.5, 0, 1)[..., None]
        sink = np.clip((y - line) / 110, 0, 1)[..., None]
        layer *= 1 - alpha
        layer[..., :3] += alpha * (colour(top) * (1 - sink) + colour(foot) * sink)
        layer[..., 3:] += alpha
    return layer


def _floor() -> np.ndarray:
    """The meadow: dark grass with the long light of the sun on it."""
    high = HEIGHT - FLOOR
    floor = np.repeat(gradient(high, (0, "#d9934f"), (0.25, "#a8693f"), (1, "#4a2f33"))[:, None], WIDTH, 1)
    floor *= (0.85 + 0.35 * clouds(high, WIDTH, 151, 8))[..., None]
    glow(floor, SUN[0], 0, (430, 120), colour("#ffbf6a") * np.float32(0.5))
    return floor


def _wheel(picture: np.ndarray, t: float, near: float) -> None:
    """A Ferris wheel that turns far away."""
    x, y, radius = 400 - 36 * near, 520 + 4 * near, 196 * (1 + 0.03 * near)
    sheet = Sheet(x - 240, y - 240, 480, 540)
    tone = "#9a5a72"
    for foot in (-90, 90):
        sheet.limb((x, y), (x + foot, y + 290), (6, 8), tone)
    for ring in (1.0, 0.9, 0.45):
        sheet.ring((x, y), ring * radius, 3, tone)
    for number in range(16):
        angle = 0.22 * t + number * np.pi / 8
        tip = x + radius * np.cos(angle), y + radius * np.sin(angle)
        sheet.line([(x, y), tip], 1.4, tone)
        sheet.shape(
            [(tip[0] + a, tip[1] + b) for a, b in ((-12, 2), (12, 2), (11, 24), (-11, 24))],
            shade(("#e0705c", "#f0b050", "#c85a80")[number % 3], 0.9),
        )
    sheet.lay(picture, LIGHT * np.float32(0.5), (1, -0.1), 3, 0.9)


def _lamps(picture: np.ndarray, t: float, near: float) -> None:
    """A string of bunting and one of lamps that hang over the meadow."""
    for string, (left, right, sag, high) in enumerate(((-90, 2010, 150, 84), (-200, 2100, 190, 16))):
        scale = 1 + (0.06 + 0.04 * string) * near
        part = np.linspace(0, 1, 24)
        sway = 6 * np.sin(1.3 * t + string)
        x = WIDTH / 2 + ((left + (right - left) * part) - WIDTH / 2) * scale
        y = (high + 4 * sag * part * (1 - part) + sway * np.sin(np.pi * part)) * scale - 20 * near
        sheet = Sheet(0, -40, WIDTH, 460)
        sheet.line(list(zip(x.tolist(), y.tolist(), strict=True)), 2.2, "#4a2f4a")
        if string == 0:
            for a, b, tone in zip(x[:-1], y[:-1], ("#e8544f", "#f5c04a", "#35a39a", "#f2eadc") * 6, strict=False):
                flap = 5 * np.sin(3.1 * t + a / 60)
                corners = ((2, 2), (38 * scale, 4), (20 * scale + flap, 46 * scale))
                sheet.shape([(a + p, b + q) for p, q in corners for _ in (0, 1)], shade(tone, 0.86))
        sheet.lay(picture, LIGHT * np.float32(0.25), (0.3, 1), 4, 0.7)
        if string == 1:
            for number, (a, b) in enumerate(zip(x[1:-1:2], y[1:-1:2], strict=True)):
                level = np.float32(0.85 + 0.15 * np.sin(2.2 * t + 1.7 * number))
                glow(picture, a, b + 12, (9, 11), colour("#fff0c0") * level * np.float32(0.9))
                glow(picture, a, b + 12, (44, 44), colour("#ffb860") * level * np.float32(0.30))


@dataclass(frozen=True, slots=True)
class _Dancer:
    """One of the crowd: place and height in pixels, what the arms do, and what is worn."""

    x: float
    ground: float
    tall: float
    phase: float
    moves: int
    top: str
    legs: str
    skin: str
    hair: str
    has_skirt: bool
    haze: float


_TOPS = ("#e8544f", "#f0b43c", "#2f9c94", "#f1e6d4", "#d65a8c", "#4f74c4", "#f08a4b", "#8a5cb8")
_LEGS = ("#35507c", "#4a3a5a", "#7a4a3a", "#2f4a4c")
_SKINS = ("#c98a62", "#a8683f", "#e0a67c", "#7e4a30", "#b9794f")
_HAIRS = ("#2a1b18", "#5a3420", "#3a2420", "#8a5a2a", "#1f1820")
_BEHIND = 15  # so many dancers stand behind the powder


def _people() -> list[_Dancer]:
    """Far ones first."""
    rng = np.random.default_rng(161)
    rows = ((9, 832, 250, 0.42, 236), (6, 868, 345, 0.22, 345))
    people: list[_Dancer] = []
    for count, ground, tall, haze, step in rows:
        for number in range(count):
            x = 960 + (number - (count - 1) / 2) * step + rng.uniform(-34, 34)
            people.append(_drawn(rng, x, ground + rng.uniform(-6, 6), tall * rng.uniform(0.92, 1.06), haze, number))
    for number, (x, tall) in enumerate(((350.0, 610.0), (770.0, 650.0), (1185.0, 620.0), (1590.0, 655.0))):
        people.append(_drawn(rng, x, 1010 + 12 * (number % 2), tall, 0.0, number))
    return people


def _drawn(rng: np.random.Generator, x: float, ground: float, tall: float, haze: float, number: int) -> _Dancer:
    top, legs, skin, hair = (str(rng.choice(tones)) for tones in (_TOPS, _LEGS, _SKINS, _HAIRS))
    if not haze:
        top = ("#f0b43c", "#d65a8c", "#2f9c94", "#e8544f")[number]
        skin, hair = (("#c98a62", "#2a1b18"), ("#b9794f", "#5a3420"), ("#7e4a30", "#1f1820"), ("#e0a67c", "#8a5a2a"))[
            number
        ]
    return _Dancer(
        x, ground, tall, rng.uniform(0, 1), (number * 5 + 1) % 4, top, legs, skin, hair, number % 2 == 1, haze
    )


def _jump(t: float) -> float:
    """How high the jump is at a time, 0–1: bent knees before it, then twice up."""
    height = 0.0
    for start_s, strength in ((BURST_S - 0.12, 1.0), (BURST_S + 0.88, 0.7)):
        s = (t - start_s) / 0.62
        height += strength * 4 * s * (1 - s) if 0 < s < 1 else 0.0
        crouch = (t - start_s + 0.22) / 0.22
        height -= 0.28 * np.sin(np.pi * crouch) if 0 < crouch < 1 else 0.0
    return float(height)


def _dancer(picture: np.ndarray, one: _Dancer, t: float, near: float) -> None:
    depth = (one.ground - 780) / 240
    scale = 1 + 0.15 * near * (0.3 + depth)
    p = one.tall * scale
    x = WIDTH / 2 + (one.x - WIDTH / 2) * scale - 30 * near * depth
    ground = 700 + (one.ground - 700) * scale
    beat = t / BEAT_S + (0.12 * one.phase if not one.haze else one.phase * 0.3)
    swing = np.sin(np.pi * beat)  # from one side to the other in a beat
    bounce = abs(np.cos(np.pi * beat)) ** 1.5
    jump = _jump(t - 0.05 * one.phase)
    excited = float(np.clip((t - BURST_S + 0.5) / 0.4, 0, 1))
    if not one.haze:
        glow(picture, x, ground + 2, (0.22 * p, 11), colour("#3a2020") * np.float32(-0.5))
    sheet = Sheet(x - 0.55 * p, ground - 1.62 * p, int(1.1 * p), int(1.7 * p))
    lift = max(0.0, jump) * 0.2 * p
    sink = (0.030 * (1 - bounce) + 0.3 * max(0.0, -jump)) * p
    hip = x + 0.035 * p * swing, ground - 0.52 * p + sink - lift
    chest = x - 0.010 * p * swing, ground - 0.80 * p + 1.25 * sink - lift - 0.01 * p * bounce
    tones = _tones(one)
    for side in (-1, 1):
        step = max(0.0, side * swing) * 0.035 * p * (1 - excited * min(1.0, max(0.0, jump)))
        tuck = max(0.0, jump) * (0.10 + 0.06 * (side > 0)) * p
        foot = x + side * 0.085 * p + 0.02 * p * swing, ground - step - lift - tuck
        start = hip[0] + side * 0.045 * p, hip[1]
        away = float(np.hypot(foot[0] - start[0], foot[1] - 0.03 * p - start[1]))
        bone = min(0.25 * p, 0.518 * away)  # a knee that bends comes towards the camera more than it goes aside
        knee, ankle = bend(start, (foot[0], foot[1] - 0.03 * p), bone, bone, -side)
        bare = one.has_skirt
        sheet.limb(start, knee, (0.10 * p, 0.066 * p), tones["skin" if bare else "legs"])
        sheet.limb(knee, ankle, (0.064 * p, 0.042 * p), tones["skin" if bare else "legs"])
        sheet.limb(
            (ankle[0], ankle[1] + 0.018 * p),
            (ankle[0] + side * 0.035 * p, ankle[1] + 0.024 * p),
            (0.046 * p, 0.034 * p),
            tones["shoe"],
        )
    _dressed(sheet, one, hip, chest, p, swing, jump, tones)
    sheet.lay(
        picture,
        LIGHT * np.float32(0.75 - 0.5 * one.haze),
        (SUN[0] - x, SUN[1] - chest[1] - 60),
        max(2.0, 0.016 * p),
        2.2 * one.haze,
    )


def _tones(one: _Dancer) -> dict[str, str]:
    """Colours against the light, the more in haze the farther away."""
    haze = np.array((232, 150, 104))
    tones = {"top": one.top, "legs": one.legs, "skin": one.skin, "hair": one.hair, "shoe": "#3a2a30"}
    mixed: dict[str, str] = {}
    for name, code in tones.items():
        bare = colour(code) * 255 * (0.74 if name in ("top", "skin") else 0.7)
        mixed[name] = "#" + "".join(f"{round(float(value)):02x}" for value in bare * (1 - one.haze) + haze * one.haze)
    return mixed


def _dressed(
    sheet: Sheet, one: _Dancer, hip: Point, chest: Point, p: float, swing: float, jump: float, tones: dict[str, str]
) -> None:
    """Trunk, arms and head."""
    head = chest[0] - 0.012 * p * swing, chest[1] - 0.155 * p
    if one.has_skirt:
        _hair(sheet, head, p, swing, jump, tones["hair"])
    arms = [_arms(one, chest, p, side, swing, max(0.0, jump)) for side in (-1, 1)]
    for number, (shoulder, elbow, hand) in enumerate(arms):
        level = 0.88 if number == 0 else 1.0
        sheet.limb(shoulder, elbow, (0.056 * p, 0.044 * p), shade(tones["skin"], level))
        sheet.limb(elbow, hand, (0.043 * p, 0.032 * p), shade(tones["skin"], level))
        sheet.oval(hand, (0.044 * p, 0.05 * p), shade(tones["skin"], level))
        sheet.limb(
            shoulder,
            ((shoulder[0] + elbow[0]) / 2, (shoulder[1] + elbow[1]) / 2),
            (0.07 * p, 0.062 * p),
            shade(tones["top"], level),
        )
    if one.has_skirt:
        flare = 0.15 + 0.06 * max(0.0, jump)
        hem = hip[1] + (0.20 - 0.05 * max(0.0, jump)) * p
        corners = [
            (hip[0] - 0.07 * p, hip[1] - 0.09 * p),
            (hip[0] + 0.07 * p, hip[1] - 0.09 * p),
            (hip[0] + (flare - 0.05 * swing) * p, hem),
        ]
        sheet.shape(
            [*corners, (hip[0] - 0.05 * swing * p, hem + 0.03 * p), (hip[0] - (flare + 0.05 * swing) * p, hem)],
            shade(tones["top"], 0.95),
        )
    else:
        sheet.limb((hip[0] - 0.03 * p, hip[1]), (hip[0] + 0.03 * p, hip[1]), (0.11 * p, 0.11 * p), tones["legs"])
    outline = [(-0.055, -0.05), (0.0, -0.062), (0.055, -0.05), (0.112, -0.02), (0.1, 0.05)]
    trunk = [(chest[0] + a * p, chest[1] + b * p) for a, b in outline]
    trunk += [
        (hip[0] + a * p, hip[1] + b * p) for a, b in ((0.062, -0.1), (0.085, 0.02), (-0.085, 0.02), (-0.062, -0.1))
    ]
    trunk += [(chest[0] - 0.1 * p, chest[1] + 0.05 * p), (chest[0] - 0.112 * p, chest[1] - 0.02 * p)]
    sheet.shape(trunk, tones["top"])
    sheet.limb(
        (chest[0], chest[1] - 0.03 * p),
        (head[0], head[1] + 0.04 * p),
        (0.058 * p, 0.052 * p),
        shade(tones["skin"], 0.85),
    )
    sheet.oval(head, (0.105 * p, 0.135 * p), tones["skin"])
    if not one.haze:
        _face(sheet, head, p, tones["skin"])
    cap = (
        (-0.06, 0.01),
        (-0.058, -0.055),
        (0.0, -0.088),
        (0.058, -0.055),
        (0.06, 0.01),
        (0.03, -0.035),
        (-0.03, -0.035),
    )
    sheet.shape([(head[0] + a * p, head[1] + b * p) for a, b in cap], tones["hair"])


def _face(sheet: Sheet, head: Point, p: float, skin: str) -> None:
    """Eyes closed in a laugh, and a mouth."""
    dark = shade(skin, 0.42)
    for side in (-1, 1):
        eye = [
            (head[0] + (side * 0.022 + a) * p, head[1] + (0.002 + 9 * a * a) * p)
            for a in (-0.011, -0.005, 0.0, 0.005, 0.011)
        ]
        sheet.line([(x, 2 * head[1] + 0.006 * p - y) for x, y in eye], 0.0055 * p, dark)
    mouth = [(-0.024, 0.03), (0.024, 0.03), (0.014, 0.052), (-0.014, 0.052)]
    sheet.shape([(head[0] + a * p, head[1] + b * p) for a, b in mouth], dark)
    sheet.limb(
        (head[0] - 0.011 * p, head[1] + 0.034 * p),
        (head[0] + 0.011 * p, head[1] + 0.034 * p),
        (0.007 * p, 0.007 * p),
        "#f4e4d4",
    )


def _hair(sheet: Sheet, head: Point, p: float, swing: float, jump: float, tone: str) -> None:
    """Long hair that swings behind the movement and flies up in a jump's fall."""
    for strand in range(9):
        away = (strand - 4) / 4
        way = [
            (
                head[0] + (0.05 * away + 0.05 * away * part - 0.11 * swing * part**1.5) * p,
                head[1] + (-0.05 + (0.25 - 0.16 * jump * abs(away)) * part) * p,
            )
            for part in np.linspace(0, 1, 6)
        ]
        for start, end, width in zip(way, way[1:], np.linspace(0.052, 0.03, 5), strict=False):
            sheet.limb(start, end, (width * p, width * p), shade(tone, 0.9 + 0.04 * strand))


def _arms(one: _Dancer, chest: Point, p: float, side: int, swing: float, jump: float) -> tuple[Point, Point, Point]:
    """Shoulder, elbow and hand: four ways to dance, and all throw their arms up when they jump."""
    shoulder = chest[0] + side * 0.095 * p, chest[1] - 0.012 * p
    waves = (
        (side * (0.13 + 0.05 * side * swing), -0.27 + 0.03 * swing * side),
        (side * 0.17 + 0.10 * swing, -0.24 + 0.02 * abs(swing)),
        (side * 0.21, -0.05 - 0.16 * max(0.0, side * swing)),
        (0.06 * swing - side * 0.04, -0.29) if side > 0 else (-0.18, 0.12 - 0.06 * abs(swing)),
    )
    a, b = waves[one.moves]
    reach = jump if jump < 1 else 1.0
    a, b = a + reach * (side * 0.11 - a), b + reach * (-0.30 - b)
    hand = shoulder[0] + a * p, shoulder[1] + b * p
    elbow, hand = bend(shoulder, hand, 0.16 * p, 0.155 * p, side if b < -0.15 else -side)
    return shoulder, elbow, hand


# x, y, time after the burst, size, seed of the shape, colour
_BURSTS = (
    (520.0, 640.0, 0.0, 1.5, 0, "#ff4f9a"),
    (980.0, 700.0, 0.05, 1.25, 1, "#ffb02e"),
    (1400.0, 610.0, 0.0, 1.6, 2, "#2fc4c9"),
    (330.0, 720.0, 0.22, 1.1, 1, "#9a5cf0"),
    (1120.0, 560.0, 0.14, 1.5, 0, "#ff5a44"),
    (1700.0, 690.0, 0.18, 1.3, 1, "#ff7fc2"),
    (770.0, 560.0, 0.30, 1.35, 2, "#46c77a"),
    (80.0, 640.0, 0.12, 1.3, 2, "#ffcf4a"),
)


def _puff(seed: int) -> np.ndarray:
    """A cloud of powder, 420 × 420, as alpha."""
    y, x = np.mgrid[-1:1:420j, -1:1:420j].astype(np.float32)
    noise = clouds(420, 420, 171 + seed, 1.0)
    fine = clouds(420, 420, 181 + seed, 1.0)[::-1, ::-1]
    away = np.hypot(x, y) + 0.75 * (noise - 0.5)
    return blur((np.clip((1 - away / 0.86) * 2.1, 0, 1) * np.clip(0.45 + 0.95 * fine, 0, 1)).astype(np.float32), 3)


def _powder(picture: np.ndarray, puffs: list[np.ndarray], t: float, near: float, which: range) -> None:
    for number in which:
        x, y, later_s, size, seed, code = _BURSTS[number]
        s = t - BURST_S - later_s
        if s <= 0:
            continue
        grown = 1 - np.exp(-3.4 * s)
        level = min(1.0, s / 0.08) * np.exp(-0.55 * max(0.0, s - 0.7))
        alpha = puffs[seed]
        rows = np.linspace(1.25, 0.82, alpha.shape[0], dtype=np.float32)[:, None, None]
        sprite = np.concatenate((colour(code) * rows * alpha[..., None], alpha[..., None]), 2) * np.float32(
            0.97 * level
        )
        at = x + 26 * s * np.sin(number) - 20 * near, y - 190 * grown * size * 0.55 - 14 * s
        stamp(picture, sprite, at, size * (0.3 + 1.25 * grown), 0.15 * np.sin(number) + 0.06 * s, 1.0)


def _confetti(picture: np.ndarray, t: float) -> None:
    """Scraps of paper that shoot up and float down, turning."""
    if t <= BURST_S:
        return
    rng = np.random.default_rng(191)
    sheet = Sheet(0, 0, WIDTH, HEIGHT)
    for _ in range(150):
        x, up, side = rng.uniform(0, WIDTH), rng.uniform(700, 1500), rng.normal(0, 90)
        size, phase, spin = rng.uniform(6, 13), rng.uniform(0, 6.28), rng.uniform(4, 9)
        tone = str(rng.choice(("#ff4f9a", "#ffd24a", "#37c8c2", "#ffffff", "#ff6a4a", "#a070ff")))
        s = t - BURST_S - rng.uniform(0, 0.25)
        if s <= 0:
            continue
        drag = 1 - np.exp(-1.9 * s)
        place_x = x + side * drag + 16 * np.sin(2.6 * s + phase)
        place_y = 1020 - up * drag * 0.95 + 105 * s * s / (0.6 + s)
        if not -20 < place_y < HEIGHT + 20:
            continue
        turn, tilt = spin * s + phase, abs(np.cos(1.7 * spin * s + phase)) * 0.8 + 0.2
        corners = [
            (
                a * size * np.cos(turn) - b * size * tilt * np.sin(turn),
                a * size * np.sin(turn) + b * size * tilt * np.cos(turn),
            )
            for a, b in ((-1, -0.6), (1, -0.6), (1, 0.6), (-1, 0.6))
        ]
        sheet.shape([(place_x + a, place_y + b) for a, b in corners for _ in (0, 1)], shade(tone, 0.62 + 0.38 * tilt))
    sheet.lay(picture, LIGHT * np.float32(0.2), (0, -1), 2)


def _crowd(picture: np.ndarray, t: float, near: float) -> None:
    """Heads and raised hands right before the camera, dark and out of focus."""
    jump = max(0.0, _jump(t - 0.04))
    for number, (start, top, size) in enumerate(
        ((90.0, 930.0, 1.0), (540.0, 1020.0, 0.86), (985.0, 1035.0, 0.82), (1400.0, 1000.0, 0.9), (1850.0, 915.0, 1.05))
    ):
        scale = size * (1 + 0.22 * near)
        beat = np.pi * (t / BEAT_S + 0.1 * number)
        x = WIDTH / 2 + (start - WIDTH / 2) * (1 + 0.22 * near) + 10 * np.sin(beat)
        y = top + 40 * near - 12 * abs(np.cos(beat)) - 70 * jump
        sheet = Sheet(x - 300 * scale, y - 420 * scale, int(600 * scale), int(760 * scale))
        tone = ("#3a2030", "#42242c", "#331d2e", "#40222e", "#361e30")[number]
        sheet.oval((x, y), (128 * scale, 160 * scale), tone)
        sheet.limb((x, y + 60 * scale), (x, y + 130 * scale), (70 * scale, 90 * scale), tone)
        sheet.limb(
            (x - 110 * scale, y + 190 * scale), (x + 110 * scale, y + 190 * scale), (150 * scale, 150 * scale), tone
        )
        for side in (-1, 1) if number % 2 == 0 else (1,):
            sway = 26 * np.sin(beat + 0.4 * side) * scale
            elbow = x + side * 165 * scale, y + (60 - 60 * jump) * scale
            hand = x + side * 150 * scale + sway, y - (170 + 90 * jump) * scale
            sheet.limb((x + side * 125 * scale, y + 175 * scale), elbow, (72 * scale, 60 * scale), tone)
            sheet.limb(elbow, hand, (58 * scale, 42 * scale), tone)
            for finger in range(4):
                lean = (finger - 1.5) * 0.3 + 0.1 * side
                tip = hand[0] + 88 * scale * np.sin(lean), hand[1] - (88 - 9 * abs(finger - 1.5)) * scale * np.cos(lean)
                sheet.limb(hand, tip, (19 * scale, 14 * scale), tone)
            sheet.oval(hand, (50 * scale, 56 * scale), tone)
        sheet.lay(picture, LIGHT * np.float32(0.55), (SUN[0] - x, -700), 9, 4.5)
