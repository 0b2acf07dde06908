"""SVG for notebooks: numbers, text that fits its room, and the finished picture.

Text widths are estimates, since the fonts of whoever looks at it are unknown; they serve plain-text tables too.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from nemo_notebook.errors import InputError

WIDTH: Final = 960  # of a picture, in CSS pixels, where there is room for it

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW: Final = frozenset("iljI|!.,:;'`()[]{}/\\ ftr-")
_BROAD: Final = frozenset("mwMW@%—…")
_JOINER: Final = "\u200d"
_SKIN: Final = range(0x1F3FB, 0x1F400)


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG with its text alternative. Shows itself in a notebook, also in one that is not trusted.

    Attributes:
        svg: The whole document, without scripts and without references to anything outside.
        words: The text alternative.
    """

    svg: str = field(repr=False)
    words: str = ""

    @property
    def html(self) -> str:
        """The picture as an image element: Jupyter removes inline SVG from untrusted notebooks, but not images."""
        data = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        return (
            f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(self.words)}" width="{WIDTH}" '
            'style="max-width:100%;height:auto">'
        )

    def save(self, path: str | Path) -> Path:
        """Write the SVG to a file and return its path.

        Raises:
            InputError: It cannot be written there.
        """
        target = Path(path).expanduser()
        try:
            target.write_text(self.svg, encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "that is no path"
            raise InputError(f"{target.name} cannot be written: {reason}.", hint="Choose another place.") from error
        return target

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.words, "text/html": self.html}


def element(tag: str, inner: str = "", /, **attributes: object) -> str:
    """Write an element; `_` in a name stands for `-`, and numbers are written by `num`."""
    written = (
        f'{name.replace("_", "-")}="{num(value) if isinstance(value, float) else value}"'
        for name, value in attributes.items()
    )
    start = f"<{tag} {' '.join(written)}"
    return f"{start}>{inner}</{tag}>" if inner else f"{start}/>"


def path(pieces: Iterable[str], **attributes: object) -> list[str]:
    """Write one path of several pieces, outlined unless there is a `fill`; nothing where there are no pieces."""
    drawn = "".join(pieces)
    return [element("path", "", **{"fill": "none", **attributes, "d": drawn})] if drawn else []


def num(value: float) -> str:
    """Format a coordinate; one decimal is enough."""
    return f"{value:.1f}".removesuffix(".0")


@lru_cache(maxsize=4096)
def cells(char: str) -> int:
    """Terminal columns of a character: 2 for Chinese and emoji, 0 for combining characters."""
    if _is_joined(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@lru_cache(maxsize=4096)
def ems(char: str) -> float:
    """Estimated width of a character in a wide sans-serif font, in multiples of the font size."""
    wide = cells(char)
    if wide != 1:
        return 0.5 * wide + 0.1 * (wide > 0 and ord(char) >= 0x1F000)
    if char in _NARROW:
        return 0.38
    if char in _BROAD:
        return 0.95
    return 0.7 if char.isupper() else 0.62


def width(text: str, measure: Callable[[str], float] = cells) -> float:
    """Width of a text, in the unit of `measure`."""
    return sum(map(measure, text))


def fit(text: str, most: float, measure: Callable[[str], float] = cells) -> str:
    """Cut a line of text that is wider than `most`, with an ellipsis; empty where no character fits."""
    so_far, kept, mark = 0.0, 0, measure("…")
    for at, char in enumerate(text):
        so_far += measure(char)
        if so_far <= most - mark:
            kept = at + 1
        if so_far > most:
            while kept and (_is_joined(text[kept]) or text[kept - 1] == _JOINER):
                kept -= 1  # do not split a grapheme
            return f"{text[:kept].rstrip()}…" if kept else ""
    return text


def escape(text: str) -> str:
    """Escape a text for XML content and attributes, without the characters that XML forbids."""
    return html.escape(_NO_XML.sub("", text))


def _is_joined(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me", "Cf"} or ord(char) in _SKIN
