"""Text from outside, made fit to show: a reply must not bring markup, links or control codes to life."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.outside import plain

_MARKUP: Final = re.compile(r"(\\*)([<&])")
_LIVE_SCHEME: Final = re.compile(r"(javascript|vbscript|data|file)([\s\\]*:)", re.IGNORECASE)


def markdown(text: str) -> str:
    """As Markdown without raw HTML, without links that run something and without pictures that call elsewhere.

    `<` and `&` get a backslash where they have none: CommonMark then takes them literally, and where it does not
    (inside code) it escapes them itself, so that no reading of the text makes them markup. A picture becomes a link.
    """
    harmless = _LIVE_SCHEME.sub(lambda found: f"{found[1]}\u200b{found[2]}", plain(text)).replace("![", "!\u200b[")
    return _MARKUP.sub(lambda found: found[0] if len(found[1]) % 2 else f"{found[1]}\\{found[2]}", harmless)
