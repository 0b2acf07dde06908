"""Phrases about a web page that is not there, put into words that hold in a notebook.

The agent believes that the user has its page. What describes the content stays; what describes the page is replaced.
Quoted text is never touched: a title may well be "Click the Export button".
"""

from __future__ import annotations

import re
from typing import Final

_QUOTED: Final = re.compile(r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"\n]*\"|`[^`]*`")
_RULES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"(?:click|tap|press|hit|use)(?: on)? (?:the )?(?:\S+ )?(?:export|download) button", "run `%nemo export`"),
        (r"(?:the )?export button", "`%nemo export`"),
        (r"(?:click|tap|press)(?: on)? (?:the )?([\w ]{1,30}?) (?:button|icon|tab)", r"ask for “\1”"),
        (r"open (?:the )?[\w ]{1,30}? (?:panel|sidebar|tab)", "run `%nemo status`"),
        (
            r"drag(?:[ -]and[ -]drop)? (?:it |them |the [\w ]{1,30}? )?(?:in)?to (?:the )?timeline",
            "ask for it in the chat",
        ),
        (r"(?:preview|see|check) (?:it )?in the timeline", "see it with `%nemo status`"),
        (r"check (?:your )?(?:account|billing)(?: page| settings)?", "run `%nemo credits`"),
        (r"点击[^，。！？\n]{0,12}?(?:导出|下载)[^，。！？\n]{0,4}?按钮", "运行 `%nemo export`"),
        (r"导出按钮", "`%nemo export`"),
        (r"点击[“「]?([^，。！？\n“”「」]{1,12}?)[”」]?按钮", r"直接说“\1”"),
        (r"打开[^，。！？\n]{0,12}?面板", "运行 `%nemo status`"),
        (r"拖拽?[^，。！？\n]{0,12}?到时间[线轴]上?", "在对话里说明"),
        (r"在时间[线轴](?:上|中)?预览", "用 `%nemo status` 查看"),
    )
)
# A sentence that holds one of these waits for its end before it is shown, since a rule may still match.
_HINTS: Final = re.compile(
    r"click|tap|press|hit|use|open|drag|export|preview|see|check|点击|导出|打开|拖|在时间", re.IGNORECASE
)
_SENTENCE_END: Final = re.compile(r"[.!?。！？](?=\s|$|[^\x00-\x7f])|\n")
_LONGEST_WAIT: Final = 400


def translate(text: str) -> str:
    """A whole passage with the page's phrases replaced, quoted text untouched."""
    parts: list[str] = []
    end = 0
    for quoted in _QUOTED.finditer(text):
        parts += [_replace(text[end : quoted.start()]), quoted.group()]
        end = quoted.end()
    return "".join([*parts, _replace(text[end:])])


def _replace(text: str) -> str:
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    return text


class PhraseFilter:
    """The same for text that comes in pieces: a sentence that may hold a phrase is held back until it is complete."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take the next piece; give what can be shown now."""
        self._held += piece
        ends = [match.end() for match in _SENTENCE_END.finditer(self._held)]
        cut = ends[-1] if ends else 0
        if len(self._held) - cut > _LONGEST_WAIT:
            cut = len(self._held)
        elif not _HINTS.search(self._held, cut):
            cut = max(cut, self._held.rfind(" ") + 1)
        ready, self._held = self._held[:cut], self._held[cut:]
        return translate(ready)

    def flush(self) -> str:
        """The rest, when nothing more comes."""
        rest, self._held = self._held, ""
        return translate(rest)
