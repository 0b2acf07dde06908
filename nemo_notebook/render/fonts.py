"""Which font draws which character.

Two fonts travel with the package and come first, so that titles look the same on every machine. For what they lack the
usual font folders are looked through once; of the fonts that have a character the one that looks best in a title is
taken, and what no font has is reported instead of being lost silently.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_BUNDLED: Final = Path(__file__).parent / "typefaces"
_TEXT_FONT: Final = _BUNDLED / "NotoSansCJKsc-Bold.subset.otf"
_EMOJI_FONT: Final = _BUNDLED / "NotoColorEmoji.subset.ttf"  # without skin tones and joined emoji
_SUFFIXES: Final = frozenset({".ttf", ".otf", ".ttc", ".otc"})
# Best first; matched against file names without case, spaces, hyphens and underscores.
_FAMILIES: Final = (
    "inter",
    "montserrat",
    "poppins",
    "segoeui",
    "seguisb",
    "avenirnext",
    "helveticaneue",
    "sfns",
    "roboto",
    "opensans",
    "notosanscjk",
    "sourcehansans",
    "notosanssc",
    "pingfang",
    "hiraginosansgb",
    "stheiti",
    "msyh",
    "microsoftyahei",
    "notosans",
    "ubuntu",
    "liberationsans",
    "arial",
    "dejavusans",
    "wqy",
    "simhei",
)
_WEIGHTS: Final = ("semibold", "demibold", "bold", "heavy", "bd", "medium", "w6")
_UNWANTED: Final = re.compile(r"italic|oblique|mono|condensed|narrow|emoji|symbol|black|thin|light|lastresort|math|ui$")
_COLOUR: Final = re.compile(r"coloremoji|applecoloremoji|seguiemj|twemoji|emojione", re.IGNORECASE)
# Bitmap emoji fonts have one size each: Noto 109, Apple 160, others scale.
_COLOUR_SIZES: Final = (109, 160, 96, 128, 136)
_TEST_SIZE: Final = 24
_NO_CHARACTER: Final = "\uffff"

# Emoji as the Unicode standard's annex 51 draws them: pictographs with modifiers, joined sequences, flags, keycaps.
_PICTOGRAPH: Final = r"[\U0001F000-\U0001FAFF\u2300-\u23FF\u2600-\u27BF\u2B00-\u2BFF\u3030\u303D\u3297\u3299]"
_EMOJI: Final = re.compile(
    rf"[\U0001F1E6-\U0001F1FF]{{2}}|[0-9#*]\ufe0f?\u20e3"
    rf"|{_PICTOGRAPH}[\ufe0f\U0001F3FB-\U0001F3FF]*(?:\u200d{_PICTOGRAPH}[\ufe0f\U0001F3FB-\U0001F3FF]*)*"
)
_JOINED: Final = re.compile("[\u200d\U0001f3fb-\U0001f3ff]")
_INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff\u00ad")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that one font draws.

    Attributes:
        text: The characters.
        path: The font's file; None is Pillow's own font.
        emoji: Whether it is one colour emoji.
    """

    text: str
    path: Path | None
    emoji: bool = False


def runs_of(text: str) -> tuple[Run, ...]:
    """A line of text, split where the font changes; every emoji is a run of its own."""
    runs: list[Run] = []
    end = 0
    for match in _EMOJI.finditer(text):
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
def load(path: Path | None, size_px: int) -> Font:
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


def _emoji_run(text: str) -> Run:
    """An emoji in the package's font; one with a skin tone or joined from several needs a font of this machine."""
    if _JOINED.search(text):
        path = colour_font()
        return Run(text, path, emoji=True) if path else Run(text[0], _EMOJI_FONT, emoji=True)
    plain = text.replace("\ufe0f", "")
    if len(plain) > 1 or _has(_EMOJI_FONT, plain):
        return Run(plain, _EMOJI_FONT, emoji=True)
    path = colour_font()
    return Run(text, path, emoji=path is not None)


@cache
def colour_size(path: Path) -> int | None:
    """A size in pixels at which an emoji font can be loaded."""
    for size in _COLOUR_SIZES:
        try:
            load(path, size)
        except OSError:
            continue
        return size
    return None


def _plain_runs(text: str) -> list[Run]:
    main = _main_font(text)
    fonts = [main if c.isspace() or c in _INVISIBLE or (main and _has(main, c)) else font_for(c) for c in text]
    pairs = groupby(zip(text, fonts, strict=True), key=lambda pair: pair[1])
    return [Run("".join(character for character, _ in group), path) for path, group in pairs]


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
        font = load(path, (colour_size(path) or _TEST_SIZE) if path == _EMOJI_FONT else _TEST_SIZE)
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
        return (
            Path(os.environ.get("WINDIR") or "C:/Windows") / "Fonts",
            local / "Microsoft" / "Windows" / "Fonts",
        )
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts")
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), data / "fonts", home / ".fonts")
