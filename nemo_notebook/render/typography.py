"""Fonts, line breaking, and blocks of drawn letters, with fonts that come along."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_BUNDLED: Final = Path(__file__).parent / "typefaces"
_TEXT_FONT: Final = _BUNDLED / "NotoSansCJKsc-Bold.subset.otf"
_EMOJI_FONT: Final = _BUNDLED / "NotoColorEmoji.subset.ttf"  # without skin tones and joined emoji
_SUFFIXES: Final = frozenset({".ttf", ".otf", ".ttc", ".otc"})
# Best first; matched against file names without case, spaces, hyphens and underscores.
_FAMILIES: Final = (
    "inter montserrat poppins segoeui seguisb avenirnext helveticaneue sfns roboto opensans "
    "notosanscjk sourcehansans notosanssc pingfang hiraginosansgb stheiti msyh microsoftyahei "
    "notosans ubuntu liberationsans arial dejavusans wqy simhei"
).split()
_WEIGHTS: Final = ("semibold", "demibold", "bold", "heavy", "bd", "medium", "w6")
_UNWANTED: Final = re.compile(r"italic|oblique|mono|condensed|narrow|emoji|symbol|black|thin|light|lastresort|math|ui$")
_COLOUR: Final = re.compile(r"coloremoji|applecoloremoji|seguiemj|twemoji|emojione", re.IGNORECASE)
# Bitmap emoji fonts have one size each: Noto 109, Apple 160, others scale.
_COLOUR_SIZES: Final = (109, 160, 96, 128, 136)
_TEST_SIZE: Final = 24
_NO_CHARACTER: Final = "\uffff"

# Emoji as the Unicode standard's annex 51 draws them: pictographs with modifiers, joined sequences, flags, keycaps.
_PICTOGRAPH: Final = r"[\U0001F000-\U0001FAFF\u2300-\u23FF\u2600-\u27BF\u2B00-\u2BFF\u3030\u303D\u3297\u3299]"
_EMOJI_PATTERN: Final = re.compile(
    rf"[\U0001F1E6-\U0001F1FF]{{2}}|[0-9#*]\ufe0f?\u20e3"
    rf"|{_PICTOGRAPH}[\ufe0f\U0001F3FB-\U0001F3FF]*(?:\u200d{_PICTOGRAPH}[\ufe0f\U0001F3FB-\U0001F3FF]*)*"
)
_EMOJI_JOINED: Final = re.compile("[\u200d\U0001f3fb-\U0001f3ff]")
_INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff\u00ad")


@dataclass(frozen=True, slots=True)
class TextRun:
    """A stretch of text that one font draws.

    Attributes:
        text: The characters.
        path: The font's file; None is Pillow's own font.
        emoji: Whether it is one colour emoji.
    """

    text: str
    path: Path | None
    emoji: bool = False


def runs_of(text: str) -> tuple[TextRun, ...]:
    """A line of text, split where the font changes; every emoji is a run of its own."""
    runs: list[TextRun] = []
    end = 0
    for match in _EMOJI_PATTERN.finditer(text):
        if len(match.group()) == 1 and match.group() < "\U0001f000" and font_for(match.group()) is not None:
            continue  # a plain symbol such as ★ that a text font draws in the title's colour
        runs += _plain_runs(text[end : match.start()])
        runs.append(_emoji_run(match.group()))
        end = match.end()
    return (*runs, *_plain_runs(text[end:]))


def missing_characters(text: str) -> str:
    """The characters that no font on this machine draws, each once, in order; usually none."""
    drawn = "".join(run.text for run in runs_of(text) if not run.emoji)
    missing = (c for c in drawn if not c.isspace() and c not in _INVISIBLE and _missing_everywhere(c))
    return "".join(dict.fromkeys(missing))


@cache
def font_at(path: Path | None, size_px: int) -> Font:
    """A font at a size in pixels; None is Pillow's own."""
    if path is None:
        return ImageFont.load_default(size_px)
    return ImageFont.truetype(str(path), size_px)


@cache
def font_for(character: str) -> Path | None:
    """The best font that has a character; None if Pillow's own has to do."""
    return next((path for path in _text_fonts() if _has(path, character)), None)


@cache
def colour_font() -> Path | None:
    """An installed font of colour emoji, for those that the package's own lacks."""
    return next((path for path in _installed() if _COLOUR.search(_plain_name(path)) and colour_size(path)), None)


def _emoji_run(text: str) -> TextRun:
    """An emoji in the package's font; one with a skin tone or joined from several needs a font of this machine."""
    if _EMOJI_JOINED.search(text):
        path = colour_font()
        return TextRun(text, path, emoji=True) if path else TextRun(text[0], _EMOJI_FONT, emoji=True)
    plain = text.replace("\ufe0f", "")
    if len(plain) > 1 or _has(_EMOJI_FONT, plain):
        return TextRun(plain, _EMOJI_FONT, emoji=True)
    path = colour_font()
    return TextRun(text, path, emoji=path is not None)


@cache
def colour_size(path: Path) -> int | None:
    """A size in pixels at which an emoji font can be loaded."""
    for size in _COLOUR_SIZES:
        try:
            font_at(path, size)
        except OSError:
            continue
        return size
    return None


def _plain_runs(text: str) -> list[TextRun]:
    main = _main_font(text)
    fonts = [main if c.isspace() or c in _INVISIBLE or (main and _has(main, c)) else font_for(c) for c in text]
    pairs = groupby(zip(text, fonts, strict=True), key=lambda pair: pair[1])
    return [TextRun("".join(character for character, _ in group), path) for path, group in pairs]


def _main_font(text: str) -> Path | None:
    """The font of the first visible character, so that punctuation follows the letters."""
    first = next((c for c in text if c.isalnum()), next((c for c in text if not c.isspace()), "A"))
    return font_for(first)


@cache
def _missing_everywhere(character: str) -> bool:
    return font_for(character) is None and not _has(None, character)


@cache
def _has(path: Path | None, character: str) -> bool:
    """Whether a font draws a character otherwise than one that no font has (U+FFFF is no character)."""
    try:
        font = font_at(path, (colour_size(path) or _TEST_SIZE) if path == _EMOJI_FONT else _TEST_SIZE)
        return bytes(font.getmask(character)) != bytes(font.getmask(_NO_CHARACTER))
    except (OSError, UnicodeEncodeError):
        return False  # a font file that FreeType does not read has nothing


@cache
def _text_fonts() -> tuple[Path, ...]:
    fonts = [path for path in _installed() if not _COLOUR.search(_plain_name(path))]
    return (_TEXT_FONT, *sorted(fonts, key=_rank))


def _rank(path: Path) -> tuple[int, int, int, str]:
    """Wanted families first, then upright bold ones; the name last, so that the order is always the same."""
    name = _plain_name(path)
    family = next((rank for rank, known in enumerate(_FAMILIES) if name.startswith(known)), len(_FAMILIES))
    weight = next((rank for rank, known in enumerate(_WEIGHTS) if known in name), len(_WEIGHTS))
    return (1 if _UNWANTED.search(name) else 0, family, weight, name)


def _plain_name(path: Path) -> str:
    return re.sub(r"[\s_-]", "", path.stem).lower()


@cache
def _installed() -> tuple[Path, ...]:
    found: list[Path] = []
    for folder in _folders():
        for parent, _, names in os.walk(folder):
            found += [Path(parent, name) for name in names if Path(name).suffix.lower() in _SUFFIXES]
    return tuple(sorted(found))


def _folders() -> tuple[Path, ...]:
    home = Path.home()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
        return (Path(os.environ.get("WINDIR") or "C:/Windows") / "Fonts", local / "Microsoft" / "Windows" / "Fonts")
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts")
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), data / "fonts", home / ".fonts")


_Measure = Callable[[str], float]

# Characters that Chinese and Japanese may break between; the punctuation stays with what it belongs to.
_WIDE: Final = r"[\u2e80-\u2fdf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_CLOSING: Final = r"[、。，．！？：；）」』】》〉”’…—～ー々!?,.:;)\]}]"
_OPENING: Final = r"[（「『【《〈“‘(\[{]"
_WORD: Final = re.compile(rf"\s+|{_OPENING}*{_WIDE}{_CLOSING}*|(?:(?!{_WIDE})\S)+")


def wrapped(text: str, measure: _Measure, width: float, break_words: bool) -> list[str] | None:
    """Breaks a text into as few lines as fit.

    Args:
        text: The text; its own line breaks stay.
        measure: Width of a line of text.
        width: Room for a line.
        break_words: Whether words wider than a line may be broken.

    Returns:
        The lines, or None if a word is wider than a line and may not be broken.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        words = _words(paragraph, measure, width, break_words)
        if words is None:
            return None
        lines += _filled(words, measure, width)
    return lines


def balanced(text: str, measure: _Measure, width: float, break_words: bool) -> list[str]:
    """The same number of lines as `wrapped`, each paragraph's as even as they can be; none if it does not fit."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += _evened(_words(paragraph, measure, width, break_words) or [], measure, width)
    return lines


def _words(paragraph: str, measure: _Measure, width: float, break_words: bool) -> list[str] | None:
    words: list[str] = []
    for word in _WORD.findall(paragraph.strip()):
        if word.isspace():
            words.append(" ")
        elif measure(word) <= width:
            words.append(word)
        elif break_words:
            words += _pieces(word, measure, width)
        else:
            return None
    return words


def _pieces(word: str, measure: _Measure, width: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and measure(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _evened(words: Sequence[str], measure: _Measure, width: float) -> list[str]:
    lines = _filled(words, measure, width)
    if len(lines) < 2:
        return lines
    low, high = max(measure(word) for word in words), width
    for _ in range(8):  # narrower until a line more would be needed
        middle = (low + high) / 2
        narrower = _filled(words, measure, middle)
        if len(narrower) > len(lines):
            low = middle
        else:
            high, lines = middle, narrower
    return lines


def _filled(words: Sequence[str], measure: _Measure, width: float) -> list[str]:
    lines = [""]
    for word in words:
        if lines[-1].strip() and measure((lines[-1] + word).rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines if line.strip()]


_REFERENCE_PX: Final = 96
_SMALLEST_PX: Final = 6
_LINE: Final = 1.24  # line height in letter sizes
_ASCENT: Final = 0.98  # from a line's top to its baseline, in letter sizes
_BLEED: Final = 0.3  # room around the lines for what leans or hangs out
_TRACKING: Final = 0.018
_EMOJI_SIZE: Final = 1.12
_BREAK_WORDS_AT: Final = 0.6  # of the wanted size: rather smaller letters than a broken word, down to here
_SHRINK: Final = 0.94
# Scripts whose letters join or stack: set as a whole, without space between letters.
_MARKS_JOINED: Final = re.compile(r"[\u0300-\u036f\u0590-\u08ff\u0900-\u109f\u1780-\u18af\ufb1d-\ufdff\ufe70-\ufefc]")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Words as set: RGBA on nothing, and how large the letters became.

    The picture has a margin of `bleed_px` on all sides around the lines. `stops` are the letters in order, each as its
    line's top and bottom and its own right edge, in pixels of the picture.
    """

    picture: Image.Image
    letter_px: int
    bleed_px: int
    stops: tuple[tuple[int, int, int], ...] = ()


def set_block(
    text: str, wanted_px: int, room: tuple[int, int], colour: tuple[int, int, int], *, align: float
) -> TextBlock:
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
    return TextBlock(picture, size, bleed, tuple(stops))


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


def _run_width(run: TextRun, size_px: int) -> float:
    if run.emoji:
        return size_px * _EMOJI_SIZE
    length = float(font_at(run.path, size_px).getlength(run.text))
    return length if _MARKS_JOINED.search(run.text) else length + _TRACKING * size_px * len(run.text)


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
    draw: ImageDraw.ImageDraw, start: tuple[float, float], run: TextRun, size_px: int, colour: tuple[int, int, int]
) -> None:
    font = font_at(run.path, size_px)
    if _MARKS_JOINED.search(run.text):
        draw.text(start, run.text, font=font, fill=colour, anchor="ls")
        return
    for index, character in enumerate(run.text):
        before = font.getlength(run.text[: index + 1]) - font.getlength(character)  # with kerning to the letter before
        x = start[0] + before + index * _TRACKING * size_px
        draw.text((x, start[1]), character, font=font, fill=colour, anchor="ls")


def _paste_emoji(picture: Image.Image, run: TextRun, start: tuple[int, int], size_px: int) -> None:
    """Draws an emoji at the one size that its font has, and scales it to the letters."""
    native = (colour_size(run.path) if run.path else None) or _REFERENCE_PX
    font = font_at(run.path, native)
    assert isinstance(font, ImageFont.FreeTypeFont)
    box = font.getbbox(run.text, anchor="ls")
    glyph = Image.new("RGBA", (max(1, round(box[2] - box[0])), max(1, round(box[3] - box[1]))))
    ImageDraw.Draw(glyph).text((-box[0], -box[1]), run.text, font=font, embedded_color=True, anchor="ls")
    glyph.thumbnail((round(size_px * _EMOJI_SIZE), round(size_px * _EMOJI_SIZE)), Image.Resampling.LANCZOS)
    picture.alpha_composite(glyph, (start[0], max(0, start[1] - round(size_px * 0.86))))
