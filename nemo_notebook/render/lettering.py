"""Setting words: run by run, letter by letter, as large as they may be in the room there is."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from nemo_notebook.render.fonts import Run, colour_size, load, runs_of
from nemo_notebook.render.wrapping import balanced, wrapped

_REFERENCE_PX: Final = 96
_SMALLEST_PX: Final = 6
_LINE: Final = 1.24  # line height in letter sizes
_ASCENT: Final = 0.98  # from a line's top to its baseline, in letter sizes
_BLEED: Final = 0.3  # room around the lines for what leans or hangs out
_TRACKING: Final = 0.018
_EMOJI: Final = 1.12
_BREAK_WORDS_AT: Final = 0.6  # of the wanted size: rather smaller letters than a broken word, down to here
_SHRINK: Final = 0.94
# Scripts whose letters join or stack: set as a whole, without space between letters.
_JOINED: Final = re.compile(r"[\u0300-\u036f\u0590-\u08ff\u0900-\u109f\u1780-\u18af\ufb1d-\ufdff\ufe70-\ufefc]")


@dataclass(frozen=True, slots=True)
class Block:
    """Words as set: RGBA on nothing, and how large the letters became.

    The picture has a margin of `bleed_px` on all sides around the lines. `stops` are the letters in order, each as its
    line's top and bottom and its own right edge, in pixels of the picture.
    """

    picture: Image.Image
    letter_px: int
    bleed_px: int
    stops: tuple[tuple[int, int, int], ...] = ()


def set_block(text: str, wanted_px: int, room: tuple[int, int], colour: tuple[int, int, int], *, align: float) -> Block:
    """Sets a text in even lines.

    Args:
        text: The text; its own line breaks stay.
        wanted_px: Letter size, if it fits.
        room: Width and height for the lines, in pixels.
        colour: sRGB 0–255.
        align: 0 for lines that start at the left, 0.5 for centred ones, 1 for those that end at the right.
    """
    printable = "".join(c if c.isprintable() or c in "\n\u200d" else " " for c in text).strip()
    lines, size = _fitted(printable, wanted_px, room)
    bleed = round(size * _BLEED) + 1
    widths = [line_width(line, size) for line in lines]
    width, height = round(max(widths, default=0)), round(len(lines) * _LINE * size)
    picture = Image.new("RGBA", (width + 2 * bleed, height + 2 * bleed), (*colour, 0))
    draw = ImageDraw.Draw(picture)
    stops: list[tuple[int, int, int]] = []
    for number, (line, line_px) in enumerate(zip(lines, widths, strict=True)):
        x, top = bleed + align * (width - line_px), bleed + number * _LINE * size
        _draw_line(picture, draw, (x, top + _ASCENT * size), line, size, colour)
        edges = (math.ceil(x + line_width(line[: end + 1], size)) for end in range(len(line)))
        stops += [(round(top), round(top + _LINE * size), edge) for edge in edges]
    return Block(picture, size, bleed, tuple(stops))


@lru_cache(maxsize=4096)
def line_width(line: str, size_px: int) -> float:
    """Width of a line in pixels."""
    return sum(_run_width(run, size_px) for run in runs_of(line))


def _fitted(text: str, wanted_px: int, room: tuple[int, int]) -> tuple[list[str], int]:
    size = wanted_px
    while size > _SMALLEST_PX:
        width = room[0] * _REFERENCE_PX / size
        breakable = size <= wanted_px * _BREAK_WORDS_AT
        if _fits(wrapped(text, _reference_width, width, breakable), size, room[1]):
            lines = balanced(text, _reference_width, width, breakable)
            if max((line_width(line, size) for line in lines), default=0) <= room[0]:
                return lines, size
        size = min(size - 1, int(size * _SHRINK))
    size = min(size, wanted_px)
    lines = wrapped(text, lambda line: line_width(line, size), room[0], break_words=True) or []
    kept = max(1, int(room[1] / (size * _LINE)))
    if len(lines) > kept:
        lines = [*lines[: kept - 1], lines[kept - 1][:-1] + "…"]
    return lines, size


def _fits(lines: list[str] | None, size_px: int, height: int) -> bool:
    return lines is not None and len(lines) * _LINE * size_px <= height


def _reference_width(line: str) -> float:
    return line_width(line, _REFERENCE_PX)


def _run_width(run: Run, size_px: int) -> float:
    if run.emoji:
        return size_px * _EMOJI
    length = float(load(run.path, size_px).getlength(run.text))
    return length if _JOINED.search(run.text) else length + _TRACKING * size_px * len(run.text)


def _draw_line(
    picture: Image.Image,
    draw: ImageDraw.ImageDraw,
    start: tuple[float, float],
    line: str,
    size_px: int,
    colour: tuple[int, int, int],
) -> None:
    x, baseline = start
    for run in runs_of(line):
        if run.emoji:
            _paste_emoji(picture, run, (round(x), round(baseline)), size_px)
        else:
            _draw_run(draw, (x, baseline), run, size_px, colour)
        x += _run_width(run, size_px)


def _draw_run(
    draw: ImageDraw.ImageDraw, start: tuple[float, float], run: Run, size_px: int, colour: tuple[int, int, int]
) -> None:
    font = load(run.path, size_px)
    if _JOINED.search(run.text):
        draw.text(start, run.text, font=font, fill=colour, anchor="ls")
        return
    for index, character in enumerate(run.text):
        before = font.getlength(run.text[: index + 1]) - font.getlength(character)  # with kerning to the letter before
        x = start[0] + before + index * _TRACKING * size_px
        draw.text((x, start[1]), character, font=font, fill=colour, anchor="ls")


def _paste_emoji(picture: Image.Image, run: Run, start: tuple[int, int], size_px: int) -> None:
    """Draws an emoji at the one size that its font has, and scales it to the letters."""
    native = (colour_size(run.path) if run.path else None) or _REFERENCE_PX
    font = load(run.path, native)
    assert isinstance(font, ImageFont.FreeTypeFont)
    box = font.getbbox(run.text, anchor="ls")
    glyph = Image.new("RGBA", (max(1, round(box[2] - box[0])), max(1, round(box[3] - box[1]))))
    ImageDraw.Draw(glyph).text((-box[0], -box[1]), run.text, font=font, embedded_color=True, anchor="ls")
    glyph.thumbnail((round(size_px * _EMOJI), round(size_px * _EMOJI)), Image.Resampling.LANCZOS)
    picture.alpha_composite(glyph, (start[0], max(0, start[1] - round(size_px * 0.86))))
