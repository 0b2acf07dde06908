"""What takes the place of what: `crossfades instead of the flashes` is `add crossfades`."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.words import look_words
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.mood_words import named_wish
from nemo_notebook.engine.agent.words.wording import Clause

_OLD: Final = r"(?P<old>[^,;，；]+?)"
_FOR: Final = r"(?:instead of|rather than|in place of|in lieu of)"
_WANTED: Final = (
    r"(?:i(?:'d| would)? (?:want|like|prefer|need)|let'?s (?:have|use|do)|use|put|give me|have|add|make it)"
)
_FORMS: Final = (
    re.compile(rf"^\W*{_FOR} {_OLD}(?:\s*,\s*|\s+(?={_WANTED}\b))(?:{_WANTED}\s+)?(?P<new>.+)$"),
    re.compile(rf"^(?P<new>.+?)\b{_FOR} (?P<old>[^,;，；]+)$"),
    re.compile(
        rf"\b(?:swap(?: out)?|replace|change|switch|exchange|substitute|turn)\s+{_OLD}\s+(?:for|with|to|into|by)\s+"
        r"(?P<new>.+)$"
    ),
    re.compile(rf"\b(?:not|no(?: more)?) {_OLD}(?:,?\s*\b(?:but|just|rather)\s+|\s*,\s*)(?P<new>.+)$"),
    re.compile(r"\b(?:rather|prefer)\b(?: have| see| use)?\s+(?P<new>.+?)\s+(?:than|over|to)\s+(?P<old>[^,;]+)$"),
    re.compile(r"\b(?:make|turn) (?:all )?(?:the|those|these) (?P<old>[a-z-]+) (?:into )?(?P<new>[a-z -]+)$"),
    re.compile(rf"^\W*(?:请|把|将)*{_OLD}(?:都|全)?(?:换成|改成|改为|换为|变成|替换成|替换为|换做)(?P<new>.+)$"),
    re.compile(r"用(?P<new>.+?)(?:来)?(?:代替|替代|替换掉?|取代|换掉)(?P<old>.+)$"),
    re.compile(rf"不(?:要|用){_OLD},?\s*(?:而?是?要|而是|改用|换成|改成)(?P<new>.+)$"),
)
_JOINS: Final = (*(pattern for _, pattern in look_words.TRANSITIONS), look_words.TRANSITION, look_words.HARD_CUTS)
_FADES: Final = re.compile(r"(?<![-\w])(?<!cross )fad(?:es?|ing)\b(?! (?:in|out|to|from|through))|淡入淡出|淡化|渐变")
_FADES_INSTEAD: Final = re.compile(r"\W*(?:use |make (?:it|them) |rather )*(?:just )?fades?(?: instead| please)+\W*")
_CUTS: Final = re.compile(r"\W*(?:just |plain |normal |simple |straight |hard )*cuts?\W*|\W*(?:硬切|直切|普通剪辑)\W*")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_LEADS: Final = {
    "join": ("add ", "加"),
    "look": ("make it ", "画面改成"),
    "shape": ("make it ", "画面改成"),
    "mood": ("change the music to ", "把音乐换成"),
    "drawing": ("change the visualizer to ", "把可视化换成"),
}


def without_replaced(clause: Clause, context: Context) -> Clause:
    """The clause with only what is wanted, where something of the same kind goes for it; else itself."""
    if clause.quotes or clause.has(words.TITLE):
        return clause
    if context.topic == "transition" and _FADES_INSTEAD.fullmatch(clause.text):
        return Clause("add crossfades", "add crossfades", ())
    for form in _FORMS:
        found = form.search(clause.text)
        kind = _kind_of_both(found["old"], found["new"]) if found is not None else ""
        if found is None or not kind:
            continue
        new = found["new"].strip()
        if kind == "join":
            new = "hard cuts" if _CUTS.fullmatch(new) else _FADES.sub("叠化" if _HAN.search(new) else "crossfades", new)
        if kind == "mood" and not context.has_music:
            text = f"加{new}音乐" if _HAN.search(new) else f"add {new} music"
        else:
            text = _LEADS[kind][1 if _HAN.search(new) else 0] + new
        return Clause(text, text, ())
    return clause


def _kind_of_both(old: str, new: str) -> str:
    """What both of two texts name: `join`, `look`, `shape`, `drawing` or `mood`; else empty."""
    if (_names_join(old) or _FADES.search(old)) and (_names_join(new) or _FADES.search(new) or _CUTS.fullmatch(new)):
        return "join"
    if all(any(pattern.search(text) for _, pattern in look_words.FILTERS) for text in (old, new)):
        return "look"
    if all(any(pattern.search(text) for pattern, *_ in (*words.SHAPES, *words.PLATFORMS)) for text in (old, new)):
        return "shape"
    if all(any(pattern.search(text) for pattern in words.STYLES.values()) for text in (old, new)):
        return "drawing"
    if named_wish(old) is not None and named_wish(new) is not None:
        return "mood"
    return ""


def _names_join(text: str) -> bool:
    return any(pattern.search(text) for pattern in _JOINS)
