"""The letters of a page of PDF: which font has them, how wide they are, and how the fonts are named in the file."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from nemo_notebook.film.picture.lettering import cells

# Every reader has these fonts or stands in for them, so nothing is embedded. A character is taken from the first that
# has it, and what a font has is what Python's codec of its standard has.
LATIN: Final = "F1"
HELVETICA: Final = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
ASIAN: Final = {  # each: its name, how its text is encoded, and its collection of characters with the edition
    "F2": ("STSong-Light", "UniGB-UCS2-H", "GB1", 4),
    "F3": ("HYSMyeongJo-Medium", "UniKS-UCS2-H", "Korea1", 1),
}
_HOLDS: Final = {LATIN: "cp1252", "F2": "gbk", "F3": "cp949"}
_TIGHT: Final = -0.38  # Chinese fonts set Greek and Russian letters as far apart as Chinese ones
# How wide the letters of Helvetica are from the space to the tilde, in thousandths of its size, by Adobe's metrics.
_WIDTHS: Final = [
    int(width)
    for width in (
        "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 "
        "278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 "
        "667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 "
        "556 333 500 278 556 500 722 500 500 500 334 260 334 584 "
    ).split()
]
_USUAL: Final = 556  # of other letters


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one font.

    Attributes:
        font: Its name in the file.
        apart: How much farther apart the letters are set, by the font's size.
        text: The words.
    """

    font: str
    apart: float
    text: str

    @property
    def code(self) -> str:
        """The words as the file has them, in hexadecimal digits."""
        return self.text.encode("cp1252" if self.font == LATIN else "utf-16-be").hex()

    @property
    def width(self) -> float:
        """How wide the words are, by the font's size."""
        if self.font == LATIN:
            return sum(_WIDTHS[ord(char) - 32] if char <= "~" else _USUAL for char in self.text) / 1000
        return len(self.text) * (1 + self.apart)


def split_by_font(text: str) -> Iterator[Run]:
    """Words by their fonts; what none has becomes a question mark, what takes no room is left out."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    seen = [(*_look(char), char) for char in composed if cells(char) and char.isprintable()]
    for (font, apart), letters in groupby(seen, lambda letter: letter[:2]):
        chars = "".join(char for _, _, char in letters)
        yield Run(font or LATIN, apart, chars if font else "?" * len(chars))


def _look(char: str) -> tuple[str, float]:
    """The font that has a character, empty for none, and how much farther apart it is set there."""
    font = next((font for font, codec in _HOLDS.items() if char.encode(codec, "ignore")), "")
    return font, _TIGHT if font in ASIAN and char.isalpha() and cells(char) == 1 else 0.0


def font_objects(number: int, name: str, encoding: str, ordering: str, edition: int) -> tuple[str, str, str]:
    """The three objects of a font, the first of which has that number."""
    return (
        f"<</Type/Font/Subtype/Type0/BaseFont/{name}-{encoding}/Encoding/{encoding}"
        f"/DescendantFonts[{number + 1} 0 R]>>",
        f"<</Type/Font/Subtype/CIDFontType0/BaseFont/{name}/FontDescriptor {number + 2} 0 R/DW 1000"
        f"/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement {edition}>>>>",
        f"<</Type/FontDescriptor/FontName/{name}/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880"
        "/Descent -120/CapHeight 880/StemV 93>>",
    )
