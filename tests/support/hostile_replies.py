"""Replies that try to bring something to life in whatever shows them: `hostile_replies.toml` beside this file."""

from __future__ import annotations

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

RUNS: Final = "<img src=https://evil.test/x.png onerror=alert(1)>"
MATH: Final = r"\href{javascript:alert(1)}{x}"
_FILE: Final = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
REPLIES: Final = tuple(
    reply.replace("@RUNS@", RUNS).replace("@MATH@", MATH) for reply in tomllib.loads(_FILE)["replies"]
)
_TAGS: Final = frozenset(
    "p a code pre em strong del s br hr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote span div".split()
    + "table thead tbody tr th td".split()
)
_SAFE_ADDRESS: Final = re.compile(r"(?:https?://|mailto:|#)")


class _Harm(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in {"href", "class", "id", "start", "style", "align"} or (
                name == "href" and not _SAFE_ADDRESS.match(value or "")
            ):
                self.found.append(f"{name}={value}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)

    handle_pi = handle_comment = unknown_decl = handle_decl


def harm_in(page: str) -> list[str]:
    """Whatever a page of HTML has that runs, loads, or leads elsewhere than to the web."""
    reader = _Harm()
    reader.feed(page)
    reader.close()
    return reader.found


def formulas_in(page: str) -> list[str]:
    """What MathJax would take for one: it looks at each run of text outside code."""
    runs = re.split(r"<[^>]*>", re.sub(r"(?s)<(pre|code)\b.*?</\1>", "<>", page))
    return [run for run in runs if re.search(r"(?s)\$.*\$|\\[(\[]|\\begin|\\ref|\\eqref", run)]
