"""Text from outside, made fit to show: a reply must not bring markup, links or control codes to life."""

from __future__ import annotations

import re
from typing import Final

_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MARKUP: Final = re.compile(r"[<&]")
_LIVE_SCHEME: Final = re.compile(r"(javascript|vbscript|data|file)([\s\\]*:)", re.IGNORECASE)


def plain(text: str) -> str:
    """Without terminal codes, control characters and marks that turn the direction of writing."""
    return _CONTROL.sub("", _ANSI.sub("", text.replace("\r\n", "\n")))


def markdown(text: str) -> str:
    """As Markdown without raw HTML and without links that run something.

    `<` and `&` get a backslash: CommonMark then takes them literally, and where it does not (inside code) it escapes
    them itself, so that no reading of the text can turn them into markup.
    """
    harmless = _LIVE_SCHEME.sub(lambda found: f"{found[1]}\u200b{found[2]}", plain(text))
    return _MARKUP.sub(lambda found: f"\\{found[0]}", harmless)
