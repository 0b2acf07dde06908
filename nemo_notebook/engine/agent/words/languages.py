"""Which language a message is in, and numbers and lists as it writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nemo_notebook.film.model import Language
from nemo_notebook.film.phrasing import enumerated

HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN = re.compile(r"[a-z]{2,}", re.IGNORECASE)


def detect(message: str, default: Language = "en") -> Language:
    """The language of a message from its letters; `default` where it has none of either."""
    if HAN.search(message) and not _KANA.search(message):
        return "zh"
    return "en" if _LATIN.search(message) and not HAN.search(message) else default


def listed(names: Sequence[str], language: Language, most: int = 3) -> str:
    """Names as an enumeration; beyond `most` only their number is told."""
    shown = list(dict.fromkeys(names))
    rest = len(shown) - most
    if rest > 0:
        shown = shown[:most]
        if language == "zh":
            return "、".join(shown) + f"等 {rest + most} 个素材"
        return ", ".join(shown) + f" and {rest} more"
    if language == "zh":
        return "、".join(shown)
    return enumerated(shown)


def counted(number: int, one: str) -> str:
    """An English number with its noun: `1 cut`, `3 cuts`."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
