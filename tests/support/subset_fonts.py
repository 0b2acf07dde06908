"""Makes the fonts that travel with the package: `python tests/support/subset_fonts.py CJK.ttc EMOJI.ttf FOLDER`.

It needs fonttools, and the two fonts of Debian's `fonts-noto-cjk` (NotoSansCJK-Bold.ttc) and `fonts-noto-color-emoji`.
"""

from __future__ import annotations

import sys
from io import BytesIO
from itertools import chain, product
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image

SIMPLIFIED_CHINESE = 2  # number of the SC font in the collection
RANGES = (
    (0x20, 0x7F),
    (0xA0, 0x250),  # Latin with all its marks
    (0x370, 0x530),  # Greek, Cyrillic
    (0x2000, 0x2070),
    (0x20A0, 0x20C0),
    (0x2190, 0x2200),
    (0x2460, 0x2500),
    (0x25A0, 0x2700),  # shapes, stars, notes
    (0x3000, 0x3100),  # Chinese punctuation, kana
    (0xFF00, 0xFFF0),
)
JOINERS = {0x200D, 0xFE0F, *range(0x1F3FB, 0x1F400), *range(0xE0000, 0xE0080)}
COLOURS = 96
NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]


def gb2312() -> set[int]:
    pairs = (bytes(pair).decode("gb2312", "ignore") for pair in product(range(0xA1, 0xF8), range(0xA1, 0xFF)))
    return {ord(character) for character in pairs if character}


def subset_of(font: TTFont, characters: set[int], features: list[str], dropped: list[str]) -> None:
    options = subset.Options()
    options.layout_features, options.name_IDs = features, NAMES
    options.hinting, options.notdef_outline = False, True
    options.drop_tables += dropped
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def text_font(source: Path, target: Path) -> None:
    font = TTFont(source, fontNumber=SIMPLIFIED_CHINESE, lazy=True)
    characters = gb2312() | set(chain.from_iterable(range(*pair) for pair in RANGES))
    subset_of(font, characters, ["kern", "liga"], ["vhea", "vmtx", "VORG", "BASE", "GDEF"])
    font.save(target)


def emoji_font(source: Path, target: Path) -> None:
    font = TTFont(source)
    subset_of(font, set(font.getBestCmap()) - JOINERS, ["*"], ["vhea", "vmtx"])
    for strike in font["CBDT"].strikeData:
        for glyph in strike.values():
            if getattr(glyph, "imageData", None):
                glyph.imageData = min(glyph.imageData, fewer_colours(glyph.imageData), key=len)
    font.save(target)


def fewer_colours(png: bytes) -> bytes:
    picture = Image.open(BytesIO(png)).convert("RGBA")
    small = BytesIO()
    picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True
    )
    return small.getvalue()


if __name__ == "__main__":
    cjk, emoji, folder = map(Path, sys.argv[1:])
    text_font(cjk, folder / "NotoSansCJKsc-Bold.subset.otf")
    emoji_font(emoji, folder / "NotoColorEmoji.subset.ttf")
