"""Figures of jointed limbs, drawn three times as large on a sheet and lit along the edges that face the light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFilter

Point = tuple[float, float]
_FINER = 3


class Sheet:
    """A part of the picture that one figure is drawn on; places and widths are pixels of the picture."""

    def __init__(self, left: float, top: float, width: int, height: int) -> None:
        self.left, self.top = int(left), int(top)
        self._image = Image.new("RGBA", (width * _FINER, height * _FINER))
        self._pen = ImageDraw.Draw(self._image)

    def _at(self, point: Point) -> Point:
        return (point[0] - self.left) * _FINER, (point[1] - self.top) * _FINER

    def limb(self, start: Point, end: Point, widths: Point, code: str) -> None:
        """A rounded limb that narrows from one width to the other."""
        (ax, ay), (bx, by) = self._at(start), self._at(end)
        ra, rb = (width * _FINER / 2 for width in widths)
        length = max(1e-6, float(np.hypot(bx - ax, by - ay)))
        nx, ny = (ay - by) / length, (bx - ax) / length
        corners = [
            (ax + nx * ra, ay + ny * ra),
            (bx + nx * rb, by + ny * rb),
            (bx - nx * rb, by - ny * rb),
            (ax - nx * ra, ay - ny * ra),
        ]
        self._pen.polygon(corners, code)
        for x, y, radius in ((ax, ay, ra), (bx, by, rb)):
            self._pen.ellipse((x - radius, y - radius, x + radius, y + radius), code)

    def shape(self, points: Sequence[Point], code: str) -> None:
        """A polygon whose corners are rounded off by a curve through the middles of its sides."""
        ring = np.array([self._at(point) for point in points])
        middles = (ring + np.roll(ring, -1, 0)) / 2
        curve: list[Point] = []
        for corner, before, after in zip(ring, np.roll(middles, 1, 0), middles, strict=True):
            for part in np.linspace(0, 1, 7)[:-1]:
                place = (1 - part) ** 2 * before + 2 * part * (1 - part) * corner + part**2 * after
                curve.append((float(place[0]), float(place[1])))
        self._pen.polygon(curve, code)

    def line(self, points: Sequence[Point], width: float, code: str) -> None:
        """A line through points."""
        self._pen.line([self._at(point) for point in points], code, max(1, round(width * _FINER)), joint="curve")

    def ring(self, centre: Point, radius: float, width: float, code: str) -> None:
        """A circle."""
        (x, y), reach = self._at(centre), radius * _FINER
        self._pen.ellipse((x - reach, y - reach, x + reach, y + reach), None, code, max(1, round(width * _FINER)))

    def oval(self, centre: Point, size: Point, code: str) -> None:
        """A filled ellipse, `size` wide and high."""
        x, y = self._at(centre)
        across, down = size[0] * _FINER / 2, size[1] * _FINER / 2
        self._pen.ellipse((x - across, y - down, x + across, y + down), code)

    def lay(self, picture: np.ndarray, light: np.ndarray, towards: Point, rim_px: float, soft_px: float = 0.0) -> None:
        """Lays the figure over a picture.

        Args:
            picture: (height, width, 3).
            light: Colour of the edges that face the light.
            towards: Where the light comes from, as a direction.
            rim_px: How wide these edges are.
            soft_px: How far out of focus the figure is.
        """
        box = self._image.getbbox()
        if box is None:
            return
        margin = (round(3 * soft_px + rim_px) + 2) * _FINER
        box = tuple(edge // _FINER * _FINER + way * margin for edge, way in zip(box, (-1, -1, 1, 1), strict=True))
        small = self._image.crop(box).reduce(_FINER).convert("RGBa")
        if soft_px:
            small = small.filter(ImageFilter.GaussianBlur(soft_px))
        sheet = np.asarray(small, np.float32) / 255
        soft_alpha = np.asarray(small.getchannel("a").filter(ImageFilter.GaussianBlur(rim_px / 3)), np.float32) / 255
        length = float(np.hypot(*towards))
        moved = [round(-part / length * rim_px) for part in towards]
        rim = np.clip(sheet[..., 3] - np.roll(soft_alpha, (moved[1], moved[0]), (0, 1)), 0, 1) ** 1.3
        sheet[..., :3] += rim[..., None] * light
        left, top = self.left + box[0] // _FINER, self.top + box[1] // _FINER
        height, width = picture.shape[:2]
        y0, y1 = max(0, top), min(height, top + sheet.shape[0])
        x0, x1 = max(0, left), min(width, left + sheet.shape[1])
        if y0 < y1 and x0 < x1:
            drawn = sheet[y0 - top : y1 - top, x0 - left : x1 - left]
            part = picture[y0:y1, x0:x1]
            part *= 1 - drawn[..., 3:]
            part += drawn[..., :3]


def shade(code: str, level: float) -> str:
    """A colour, darker or lighter."""
    return "#" + "".join(f"{min(255, round(level * value)):02x}" for value in ImageColor.getrgb(code)[:3])


def bend(start: Point, end: Point, first: float, second: float, side: float) -> tuple[Point, Point]:
    """Elbow or knee of two bones of given lengths, and where the second one ends if `end` is out of reach.

    It lies to the right of the way from start to end for a `side` of 1, to the left for −1.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    away = float(np.hypot(dx, dy)) or 1e-6
    reach = min(away, 0.999 * (first + second))
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    across = side * float(np.sqrt(max(0.0, first**2 - along**2)))
    ux, uy = dx / away, dy / away
    joint = start[0] + ux * along - uy * across, start[1] + uy * along + ux * across
    return joint, (start[0] + ux * reach, start[1] + uy * reach)
