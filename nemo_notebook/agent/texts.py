"""Words for titles: where in a message they begin and end, with and without quotation marks.

What announces words is data (`[texts]` of `frames.toml`): concepts in their order, `?` for what may be missing, `*` for
what may come any number of times, and `{text}` for the words. They end where a wish of its own begins, or where the
message goes on about the place, the time or the look of a title.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Final

from nemo_notebook.agent.frames import FREE, is_joint
from nemo_notebook.agent.lexicon import HAN
from nemo_notebook.agent.tokens import Text, Token

Reads = Callable[[Sequence[Token]], bool]
"""Whether some tokens are a wish of their own."""

_ENDS: Final = re.compile(r"[.!?;。！？；\n]+")
_ABBREVIATED: Final = frozenset("dr mr mrs ms st vs ep no vol feat ft jr sr".split())
_PLACED: Final = frozenset("position start finish middle time range whole lowerthird now_on".split())
_LOOKING: Final = frozenset("bigger smaller color style animation letters allcaps title text_end".split())
_STANDS: Final = frozenset("position start finish it them there picture film file shot clip photo lowerthird".split())
_OVER: Final = frozenset("file shot clip photo it them ordinal film picture there".split())
_BEFORE: Final = frozenset("at from to until for in on before after between with as when off up down".split())
_COMMENTS: Final = frozenset(
    "be too bigger smaller ugly praise louder quieter enough much bit color style position can_you not at in on for to "
    "until from when while it more less off remove back whole time where automatic".split()
)
_ASKS: Final = ("what", "how_long", "how_many", "where", "how_to", "who", "changes_asked", "unused")
_SHORT: Final = 3  # words that may ask what a title says
_CHANGES: Final = frozenset("longer shorter lengthen shorten bigger smaller style animation fit transition".split())


def with_texts(tokens: Sequence[Token], text: Text, reads: Reads) -> list[Token]:
    """Put one token with the concept `text` in place of all words for a title."""
    made, at = list(tokens), 0
    for token in made:  # what stands in quotation marks is read as such
        if "quote" in token.concepts and not {"file", "song", "title_text"} & set(token.concepts):
            made[made.index(token)] = Token(token.start, token.end, token.text, {"text": token.concepts["quote"]})
    while at < len(made):
        found = _announced(made, at)
        if found is None:
            at += 1
            continue
        start, kind = found
        end, is_placed = _end_of(made, start, text, reads)
        start = _after_colon(made, start, end)
        is_told = not _is_asked(made, at) and not all(_ENDS.fullmatch(token.text) for token in made[start:end])
        is_told = is_told and (made[end - 1].text.isascii() or end - start > _SHORT or not made[end - 1].is_a(*_ASKS))
        is_told = is_told and (made[start].text.isascii() or not made[start].is_a(*_ASKS, "places_asked"))
        is_told = is_told and not (end - start == 1 and made[start].is_a("manner"))
        is_told = is_told and (kind == "sure" or not made[start].is_a("help", *_ASKS[1:]))
        is_told = is_told and (kind == "sure" or end - start > _SHORT or not any(t.is_a("unable") for t in made[start:end]))
        if not is_told or end <= start or (kind == "placed" and not is_placed) or (kind != "sure" and not _is_telling(made[start:end])):
            at += 1
            continue
        first, last = made[start], made[end - 1]
        words = text.original(first.start, last.end).strip(" ,;:，；：、")
        made[start:end] = [Token(first.start, last.end, text.folded[first.start : last.end], {"text": words})]
        at = start + 1
    return made


@cache
def _patterns() -> tuple[tuple[str, tuple[tuple[frozenset[str], str], ...]], ...]:
    """What announces words: how sure that is, and the concepts before `{text}` each with `?`, `*` or nothing."""
    text = resources.files(__package__).joinpath("frames.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    made = []
    for kind, rows in data["texts"].items():
        for row in rows:
            parts = [word for word in row.split() if word != "{text}"]
            made.append((kind, tuple(_part(word, data["sets"]) for word in parts)))
    return tuple(made)


def _part(word: str, sets: Mapping[str, str]) -> tuple[frozenset[str], str]:
    sign = word[-1] if word[-1] in "?*" else ""
    each = [sets[part[1:]].split() if part[0] == "$" else [part] for part in word.removesuffix(sign).split("|")]
    return frozenset(concept for concepts in each for concept in concepts), sign


def _is_asked(tokens: Sequence[Token], at: int) -> bool:
    """Whether what stands before a place makes a question of it: "what is the name of …"."""
    begin = next((n for n in range(at, 0, -1) if _ENDS.fullmatch(tokens[n - 1].text)), 0)
    return any(token.is_a(*_ASKS) for token in tokens[begin:at])


def _announced(tokens: Sequence[Token], at: int) -> tuple[int, str] | None:
    """Where words begin that are announced from a place on, and how sure it is that there are some."""
    if not tokens[at].concepts:
        return None
    for kind, parts in _patterns():
        start = _after(tokens, at, parts)
        if start is not None and start < len(tokens) and "text" not in tokens[start].concepts:
            return start, kind
    return None


def _after(tokens: Sequence[Token], at: int, parts: Sequence[tuple[frozenset[str], str]]) -> int | None:
    """The place after what announces words."""
    for number, (concepts, sign) in enumerate(parts):
        count = 0
        while True:
            place = at if number == 0 else _next_content(tokens, at, concepts)
            if place >= len(tokens) or concepts.isdisjoint(tokens[place].concepts):
                break
            at, count = place + 1, count + 1
            if sign != "*":
                break
        if not count and not sign:
            return None
    while at < len(tokens) and tokens[at].text in (":", ",", "-", "=", "："):
        at += 1
    return at


def _next_content(tokens: Sequence[Token], at: int, concepts: frozenset[str]) -> int:
    """The next token that is more than a filler, unless that is what is looked for."""
    while at < len(tokens) and concepts.isdisjoint(tokens[at].concepts) and "filler" in tokens[at].concepts:
        at += 1
    return at


def _after_colon(tokens: Sequence[Token], start: int, end: int) -> int:
    """Where words begin that are said to stand somewhere: "over the last shot: The End"."""
    for at in range(start + 1, end - 1):
        if tokens[at].text in (":", "："):
            is_place = tokens[start].is_a("of", "on", "at", "in", "before", "after", "for", "when")
            return at + 1 if is_place else start
    return start


def _end_of(tokens: Sequence[Token], start: int, text: Text, reads: Reads) -> tuple[int, bool]:
    """Where words for a title end that begin at a place, and whether it is said behind them where they stand."""
    end = start
    while end < len(tokens):
        token = tokens[end]
        if end > start and _is_end(tokens, end, text):
            break
        if end > start and "text" in token.concepts:
            break
        if end > start and _begins_piece(tokens, end, text):
            rest = _piece(tokens, end + is_joint(token), text)
            if rest and ("not" in rest[0].concepts or reads(rest)):
                break
        end += 1
    last = _without_tail(tokens, start, end)
    return last, any(_STANDS & token.concepts.keys() for token in tokens[last:end])


def _is_end(tokens: Sequence[Token], at: int, text: Text) -> bool:
    token = tokens[at]
    if not _ENDS.fullmatch(token.text):
        return "\n" in text.folded[tokens[at - 1].end : token.start]
    is_last = at + 1 == len(tokens) or tokens[at + 1].start > token.end or not token.text.isascii()
    return is_last and not (token.text == "." and tokens[at - 1].text in _ABBREVIATED)


def _begins_piece(tokens: Sequence[Token], at: int, text: Text) -> bool:
    """Whether a piece of its own may begin here: behind a joint, or behind a space in Chinese."""
    if is_joint(tokens[at]):
        return True
    gap = text.folded[tokens[at - 1].end : tokens[at].start]
    return gap.isspace() and re.search(f"[{HAN}]", tokens[at].text + tokens[at - 1].text) is not None


def _piece(tokens: Sequence[Token], at: int, text: Text) -> list[Token]:
    end = at
    while end < len(tokens) and (end == at or not _begins_piece(tokens, end, text)):
        end += 1
    return list(tokens[at:end])


def _without_tail(tokens: Sequence[Token], start: int, end: int) -> int:
    """Where words end when what is said behind them of their place, time and look does not count."""
    while end > start + 1 and is_joint(tokens[end - 1]):
        end -= 1
    best, strong = end, False
    for at in range(end - 1, start, -1):
        token = tokens[at]
        said = set(token.concepts)
        is_over = bool(_OVER & said) and bool(_BEFORE & {c for t in tokens[max(start, at - 3) : at] for c in t.concepts})
        if said & (_PLACED | _LOOKING) or is_over:
            strong = True
        elif not (said & FREE or said & _BEFORE or is_joint(token) or "much" in said or "bit" in said):
            break
        is_begin = bool(_BEFORE & said) or is_joint(token) or not token.text.isascii()
        is_begin = is_begin or bool(said & _PLACED) or is_joint(tokens[at - 1])
        if strong and is_begin and not (said <= {"filler"} and not is_joint(token)):
            best = at
    while best > start + 1 and (is_joint(tokens[best - 1]) or not re.search(r"\w", tokens[best - 1].text)):
        best -= 1
    return best


def _is_telling(tokens: Sequence[Token]) -> bool:
    """Whether some words may well stand on a title: they are no remark about one."""
    return not (_COMMENTS & tokens[0].concepts.keys() or any(_CHANGES & token.concepts.keys() for token in tokens))
