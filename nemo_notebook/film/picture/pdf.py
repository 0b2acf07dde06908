"""The picture as a page of PDF, for paper: LaTeX takes no SVG, and nbconvert needs Inkscape to make PDF of it.

Written is PDF 1.4 (Adobe's PDF Reference, third edition). Read is the SVG that this package writes: groups, rectangles,
straight paths and words with their colours, opacities and dashes. Whatever else there is, is left out.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree

from nemo_notebook.film.picture.pdf_fonts import ASIAN, HELVETICA, LATIN, font_objects, split_by_font

_POINTS: Final = 0.75  # in a CSS pixel
_BLANK: Final = ([0.0, 0.0, 800.0, 60.0], 960.0)  # view box and width of what has none
_INHERITED: Final = {
    "fill": "#000",
    "fill-opacity": "1",
    "stroke": "none",
    "stroke-opacity": "1",
    "stroke-width": "1",
    "stroke-dasharray": "none",
    "font-size": "16",
    "text-anchor": "start",
}
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_STEP: Final = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_HEX: Final = re.compile(r"#(?:[0-9A-Fa-f]{3}){1,2}")
_CORNER: Final = 0.5523  # how far a quarter of a circle pulls at its ends
_ANCHORS: Final = {"start": 0.0, "middle": 0.5, "end": 1.0}
_PAINTS: Final = {(True, True): "B", (True, False): "f", (False, True): "S"}


def to_pdf(svg: str) -> bytes:
    """A page as large as a picture of this package, with the same vectors and words on it; the same bytes each time.

    Args:
        svg: The whole document. What cannot be read of it is left out, in the worst case everything.
    """
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314 - written by this package, and expat limits what entities become
    except (ElementTree.ParseError, ValueError):
        root = ElementTree.Element("svg")
    box, width = _numbers(root.get("viewBox", "")), _number(root.get("width"))
    if len(box) != 4 or min(*box[2:], width) <= 0:
        box, width = _BLANK
    scale = _POINTS * width / box[2]
    page = _Page()
    page.operators = [f"{_n(scale)} 0 0 {_n(-scale)} {_n(-scale * box[0])} {_n(scale * (box[1] + box[3]))} cm 4 M"]
    for element, style in _elements(root):
        page.draw(element, style)
    return _file(_objects(page, scale * box[2], scale * box[3]))


@dataclass(slots=True)
class _Page:
    """What draws a page.

    Attributes:
        operators: In their order.
        dims: The names of pairs of opacities, of areas and of lines.
        fonts: The names of the fonts that are used.
    """

    operators: list[str] = field(default_factory=list)
    dims: dict[str, str] = field(default_factory=dict)
    fonts: set[str] = field(default_factory=set)
    _current: dict[str, str] = field(default_factory=dict)

    def draw(self, element: ElementTree.Element, style: Mapping[str, str]) -> None:
        """Draw an element, if it is a known one."""
        kind = _kind(element)
        if kind == "text":
            self._write(element, style)
            return
        pieces = _pieces(element.get("d", "")) if kind == "path" else []
        shape = _rectangle(element) if kind == "rect" else "\n".join(map(_outline, pieces))
        # A line has nothing within, but readers would show an area without width as a hair.
        has_area = kind == "rect" or any(len(piece.points) > 2 for piece in pieces)
        fill, stroke = _color(style["fill"]) if has_area else "", _color(style["stroke"])
        if shape and (fill or stroke):
            self._set(style, fill, stroke)
            self.operators += [shape, _PAINTS[bool(fill), bool(stroke)]]

    def _write(self, element: ElementTree.Element, style: Mapping[str, str]) -> None:
        runs, fill, size = list(split_by_font(element.text or "")), _color(style["fill"]), _number(style["font-size"])
        if not runs or not fill:
            return
        self._set(style, fill, "")
        wide = sum(run.width for run in runs) * size
        x = _number(element.get("x")) - wide * _ANCHORS.get(style["text-anchor"], 0.0)
        self.operators.append(f"BT 1 0 0 -1 {_n(x)} {_n(_number(element.get('y')))} Tm")
        for run in runs:
            self.fonts.add(run.font)
            self.operators.append(f"/{run.font} {_n(size)} Tf {_n(run.apart * size)} Tc <{run.code}> Tj")
        self.operators.append("ET")

    def _set(self, style: Mapping[str, str], fill: str, stroke: str) -> None:
        """Set how the next thing is painted, as far as it is not set so already."""
        dim = f"/ca {_n(_number(style['fill-opacity']))}/CA {_n(_number(style['stroke-opacity']))}"
        wanted = {"gs": f"/{self.dims.setdefault(dim, f'G{len(self.dims)}')}"}
        if fill:
            wanted["rg"] = fill
        if stroke:
            dashes = " ".join(map(_n, _numbers(style["stroke-dasharray"])))
            wanted |= {"RG": stroke, "w": _n(_number(style["stroke-width"])), "d": f"[{dashes}] 0"}
        self.operators += [f"{value} {key}" for key, value in wanted.items() if self._current.get(key) != value]
        self._current |= wanted


# Reading


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a path that is drawn without lifting the pen."""

    points: list[tuple[float, float]]
    is_closed: bool


def _elements(root: ElementTree.Element) -> Iterator[tuple[ElementTree.Element, dict[str, str]]]:
    """What is drawn, in its order, with what it inherits from the groups around it."""
    waiting = [(root, dict(_INHERITED))]
    while waiting:
        element, style = waiting.pop()
        style = style | {key: element.attrib[key] for key in _INHERITED if key in element.attrib}
        if _kind(element) in {"svg", "g"}:
            waiting += [(child, style) for child in reversed(element)]
        else:
            yield element, style


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _pieces(path: str) -> list[_Piece]:
    """The pieces of a path of straight lines; none where it has curves, since it would be another shape without."""
    pieces: list[_Piece] = []
    points: list[tuple[float, float]] = []
    x, y = 0.0, 0.0
    for step, rest in _STEP.findall(path):
        if step not in "MmLlHhVvZz":
            return []
        if step in "MmZz":
            pieces.append(_Piece(points, is_closed=step in "Zz"))
            x, y = points[0] if points and step in "Zz" else (x, y)
            points = []
        elif not points:
            points = [(x, y)]
        for across, down in _moves(step, _numbers(rest)):
            x = (x if step.islower() else 0.0) + across if across is not None else x
            y = (y if step.islower() else 0.0) + down if down is not None else y
            x, y = round(x, 3), round(y, 3)  # so that a corner is met again after relative steps
            points.append((x, y))
    pieces.append(_Piece(points, is_closed=False))
    return [piece for piece in pieces if len(piece.points) > 1]


def _moves(step: str, numbers: Sequence[float]) -> list[tuple[float | None, float | None]]:
    """How far across and down a step of a path goes, one or several times; None where it keeps its place."""
    if step in "Hh":
        return [(number, None) for number in numbers]
    if step in "Vv":
        return [(None, number) for number in numbers]
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text)]


def _number(text: str | None) -> float:
    """The first number of an attribute; 0 where it has none."""
    return next(iter(_numbers(text or "")), 0.0)


# Writing


def _n(value: float) -> str:
    """A number; three digits behind the point are enough for places and for colours."""
    return f"{value or 0.0:.3f}".rstrip("0").rstrip(".")


def _color(value: str) -> str:
    """A colour as PDF wants it; empty for none, and for what is none."""
    if not _HEX.fullmatch(value):
        return ""
    digits = value[1:] if len(value) == 7 else "".join(2 * digit for digit in value[1:])
    return " ".join(_n(part / 255) for part in bytes.fromhex(digits))


def _outline(piece: _Piece) -> str:
    points = piece.points
    if piece.is_closed and len(points) == 4:
        (left, top), (right, second), (third, bottom), last = points
        if second == top and third == right and last == (left, bottom):
            return f"{_n(left)} {_n(top)} {_n(right - left)} {_n(bottom - top)} re"
    lines = [f"{_n(x)} {_n(y)} {'l' if at else 'm'}" for at, (x, y) in enumerate(points)]
    return " ".join([*lines, "h"] if piece.is_closed else lines)


def _rectangle(element: ElementTree.Element) -> str:
    """A rectangle, with round corners if it has them; empty where it has no area."""
    x, y, wide, high, round_ = (_number(element.get(key)) for key in ("x", "y", "width", "height", "rx"))
    if min(wide, high) <= 0:
        return ""
    r = min(max(round_, 0.0), wide / 2, high / 2)
    if not r:
        return f"{_n(x)} {_n(y)} {_n(wide)} {_n(high)} re"
    pull, right, bottom = r * (1 - _CORNER), x + wide, y + high
    return " ".join(
        " ".join([*map(_n, numbers), operator])
        for operator, *numbers in (
            ("m", x + r, y),
            ("l", right - r, y),
            ("c", right - pull, y, right, y + pull, right, y + r),
            ("l", right, bottom - r),
            ("c", right, bottom - pull, right - pull, bottom, right - r, bottom),
            ("l", x + r, bottom),
            ("c", x + pull, bottom, x, bottom - pull, x, bottom - r),
            ("l", x, y + r),
            ("c", x, y + pull, x + pull, y, x + r, y),
            ("h",),
        )
    )


def _objects(page: _Page, width: float, height: float) -> list[bytes]:
    drawn = zlib.compress("\n".join(page.operators).encode("ascii"), 9)
    dims = "".join(f"/{name}<<{dim}>>" for dim, name in page.dims.items())
    first = {font: 6 + 3 * at for at, font in enumerate(sorted(page.fonts & ASIAN.keys()))}
    fonts = "".join(f"/{font} {number} 0 R" for font, number in {LATIN: 5, **first}.items())
    leaf = (
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {_n(width)} {_n(height)}]/Contents 4 0 R"
        f"/Resources<</Font<<{fonts}>>/ExtGState<<{dims}>>>>>>"
    )
    return [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        leaf.encode("ascii"),
        b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(drawn), drawn),
        HELVETICA,
        *(body.encode("ascii") for font, number in first.items() for body in font_objects(number, *ASIAN[font])),
    ]


def _file(objects: Sequence[bytes]) -> bytes:
    """A file of objects, the first of them the catalogue, with the table of where each begins."""
    written = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    table = b"0000000000 65535 f \n"
    for number, body in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    end, size = len(written), len(objects) + 1
    written += b"xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, table, size, end)
    return bytes(written)
