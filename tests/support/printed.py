"""What can be read and seen in a PDF that Chromium has printed."""

from __future__ import annotations

import re
import unicodedata
import zlib

_OBJECT = re.compile(rb"(?s)(\d+) 0 obj\b(.*?)\bendobj")
_STREAM = re.compile(rb"(?s)stream\r?\n(.*?)\r?\nendstream")
_FONT = re.compile(rb"/F(\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj")


def read(pdf: bytes) -> tuple[str, int]:
    """The words, those in vector pictures too, without their gaps; and how many photographs there are."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    plain = {number: _unpacked(body) for number, body in objects.items()}
    letters = {
        number: _letters(plain[int(found[1])])
        for number, body in objects.items()
        if (found := re.search(rb"/ToUnicode (\d+) 0 R", body))
    }
    words: list[str] = []
    for body in plain.values():
        font: dict[int, str] = {}
        for number, codes in _FONT.findall(body) if b" Tf" in body else ():
            if number:
                font = letters.get(int(number), {})
            else:
                words += [font.get(int(codes[at : at + 4], 16), "") for at in range(0, len(codes), 4)]
    read = unicodedata.normalize("NFKC", "".join(words))  # without ligatures
    return re.sub(r"\s", "", read), sum(b"/DCTDecode" in body for body in objects.values())


def _unpacked(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None or b"FlateDecode" not in body:
        return b""
    return zlib.decompressobj().decompress(found[1])


def _letters(table: bytes) -> dict[int, str]:
    """The characters behind a font's glyphs."""
    letters: dict[int, str] = {}
    for block in re.findall(rb"(?s)beginbfchar(.*?)endbfchar", table):
        for glyph, text in re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>", block):
            letters[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"(?s)beginbfrange(.*?)endbfrange", table):
        for first, last, text in re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>", block):
            begin = int(text, 16)
            for glyph in range(int(first, 16), int(last, 16) + 1):
                letters[glyph] = chr(begin + glyph - int(first, 16))
    return letters
