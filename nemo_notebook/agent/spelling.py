"""Titles with a word of them written otherwise: "it is Parabéns, with an accent"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from nemo_notebook.agent.clauses import WEAK, is_joint
from nemo_notebook.agent.frames import concepts_of
from nemo_notebook.agent.match import Match
from nemo_notebook.agent.tokens import Text, Token
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.titles import SetTitle
from nemo_notebook.film.target import Target, of_kind

_ALIKE: Final = 0.7  # of the letters of a title, from which on it is written anew
_ALIKE_SHORTER: Final = 0.85  # where it has fewer words
_SHORTEST_ALIKE: Final = 3  # letters of it
_SHORTEST_WORD: Final = 2
_WORD: Final = re.compile(r"[^\W_]+|[$€£¥]\d+")
_NUMERAL: Final = re.compile(r"\d+|[零一二两三四五六七八九十百千万]+")
_MARKS: Final = ("spelled", "actually", "no", "wrong", "not", "is_now")
_LONGEST: Final = 12  # tokens of words of a title, or in place of some
_LATIN: Final = "[0-9A-Za-z\u00c0-\u024f]"
_EDGES: Final = " .,;:，；：。、'\"“”‘’"
_LINKS: Final = ("is_now", "to", "with", "for", "says", "spelled", "wrong")  # between words and those that replace them
_DENIALS: Final = ("not", "in_place", "no")
_LEADS: Final = concepts_of(
    "filler change replace title letters in actually no is_now make start finish ordinal one it"
)
_STOPS: Final = ("is_now", "says", "be", "is", "be_a", "it", "make", "put", "write", "change", "name_it", "joint")
_POINTS: Final = ("it", "them", "title", "letters", "bigger", "smaller", "color", "position", "style", "animation")
_ACTS, _NO_WORDS = (
    concepts_of("$acts"),
    tuple(concepts_of("$when color position bigger smaller file film title text style animation allcaps it")),
)
_NAMED: Final = ("file", "song", "speech")
_NOT_TITLED: Final = ("file", "song", "music", "mood", "shot", "clip", "photo", "film", "something", "genre")
_QUALIFIES: Final = ("ordinal", "start", "finish", "color", "position", "all", "other", "both", "bigger", "smaller")
_DOING: Final = ("remove", "move", "make", "put", "change")
_DONE: Final = concepts_of(
    "$weak move put change bigger smaller color position remove longer shorter later earlier style"
)
_POINTING: Final = ("the", "that", "this", "my", "our", "your", "把", "将")
_TAILS: Final = ("please", "now", "吧", "了", "啊", "哦", "哈")
_SPELLED: Final = ("file", "ordinary", "number", "song", "speech", "text")


def respelled(match: Match, edits: Sequence[Edit]) -> Edit | None:
    """A title with a word of it as a message writes it: "it is Parabéns, with an accent"."""
    titles = of_kind(match.film, "title")
    if not match.has(*_MARKS) or not any(hasattr(edit, "text") for edit in edits) or not titles:
        return None
    title = next((t for t in titles if t.get("id") in match.situation.touched), titles[-1])
    said = match.said()
    if (text := _alike(said, title.text)) is not None:
        return SetTitle(target=Target(id=str(title["id"])), text=text)
    numbers, said_numbers = _NUMERAL.findall(title.text), _NUMERAL.findall(said)
    is_like = len(numbers) == len(said_numbers) == 1 and (
        len(numbers[0]) == len(said_numbers[0]) or match.has("spelled")
    )
    if is_like and not match.has("text") and numbers != said_numbers:
        return SetTitle(target=Target(id=str(title["id"])), text=title.text.replace(numbers[0], said_numbers[0]))
    text = _with_word(match, title.text)
    return None if text is None else SetTitle(target=Target(id=str(title["id"])), text=text)


def _with_word(match: Match, text: str) -> str | None:
    """A text with one of its words as a message writes it; None where it writes none of them otherwise."""
    words, is_told = _WORD.findall(text), match.has("spelled")
    named = {word for word in words if any(token.text == word.lower() for token in match.tokens)}
    for token in match.tokens:
        if not token.text.isalnum() or token.is_a("spelled") or (token.concepts and not token.is_a(*_SPELLED)):
            continue
        raw = match.raw(token).strip()
        for word in words:
            far = _distance(token.text, word.lower())
            is_near = 0 < far <= max(1, len(word) // 4) or (is_told and (raw != word if far == 0 else named == {word}))
            if len(word) > _SHORTEST_WORD and is_near:
                return text.replace(word, raw.capitalize() if word[:1].isupper() else raw)
    return None


def with_parts(tokens: Sequence[Token], text: Text, titles: Mapping[str, str]) -> list[Token]:
    """Put tokens for words of a title, and for those that take their place: "change dad to grandpa", "70th not 40th".

    Args:
        tokens: The message, before words for titles are looked for.
        text: Its letters.
        titles: The words of the titles, by id; those that are likeliest meant come first.
    """
    if any(token.is_a("add") and not token.is_a("title", "change") for token in tokens[:1]):
        return [*tokens]
    finder = _Finder(tokens, text, titles)
    for find, concepts in ((finder.replaced, _LINKS), (finder.denied, _DENIALS)):
        for at in (at for at, token in enumerate(tokens) if token.is_a(*concepts)):
            if (found := find(at)) is not None:
                (start, end), (own, old), new = found
                both = f"{new.partition(' ')[0]} {old}"  # "lesson 5, not 4"
                part = (own, both if both.lower() in titles[own].lower() else old)
                spans: list[tuple[Token, dict[str, Any]]] = [
                    (tokens[start], {"title_part": part}),
                    (tokens[end - 1], {"text": new}),
                ]
                made = [Token(each.start, each.end, each.text, said) for each, said in spans]
                return [*tokens[:start], *made, *tokens[end:]]
    return finder.with_names()


@dataclass(frozen=True)
class _Finder:
    """Finds words of titles in a message."""

    tokens: Sequence[Token]
    text: Text
    titles: Mapping[str, str]

    def raw(self, start: int, end: int) -> str:
        """What some tokens say; in quotation marks, what stands in them."""
        own = self.tokens[start:end]
        if len(own) == 1 and (quote := own[0].concepts.get("quote")):
            return str(quote)
        return self.text.original(own[0].start, own[-1].end).strip(_EDGES) if own else ""

    def new(self, start: int, end: int) -> str:
        """What some tokens say as new words: what stands in quotation marks, if something does."""
        quotes = [token.concepts["quote"] for token in self.tokens[start:end] if "quote" in token.concepts]
        return str(quotes[0]) if len(quotes) == 1 else self.raw(start, end)

    def owner(self, start: int, end: int) -> str | None:
        """The title in which some words are."""
        said, own = self.raw(start, end), self.tokens[start:end]
        if not said or all(token.is_a("filler", "at", "joint") for token in own) or _is_letter(said):
            return None
        edge = rf"(?<!{_LATIN})", rf"(?!{_LATIN})"
        edges = [edge[n] if said[-n].isascii() else "" for n in range(2)]
        pattern = re.compile(edges[0] + re.escape(said) + edges[1], re.IGNORECASE)
        return next((own for own, words in self.titles.items() if pattern.search(words)), None)

    def before(self, end: int) -> tuple[int, str] | None:
        """Where the longest stretch before a place begins that is in a title, and in which."""
        starts = range(max(0, end - _LONGEST), end)
        return next(((start, own) for start in starts if (own := self.owner(start, end)) is not None), None)

    def behind(self, start: int) -> tuple[int, str] | None:
        """Where the longest stretch from a place on ends that is in a title, and in which."""
        ends = range(min(len(self.tokens), start + _LONGEST), start, -1)
        return next(((end, own) for end in ends if (own := self.owner(start, end)) is not None), None)

    def over(self, at: int, way: int, *concepts: str) -> int:
        """The next place, in one direction, at which no token of some concepts stands, nor a sign."""
        while 0 <= at < len(self.tokens) and (self.tokens[at].is_a(*concepts) or is_joint(self.tokens[at])):
            at += way
        return at

    def new_words(self, start: int) -> int:
        """Where words end that begin at a place: before a joint with another wish behind it, or what is not meant."""
        end = start
        while end < len(self.tokens) and not self.tokens[end].is_a("not", "in_place", "no", "rather"):
            if is_joint(self.tokens[end]) and any(t.is_a(*_ACTS, *_POINTS) for t in self.tokens[end : end + 4]):
                break
            end += 1
        inside = next((at for at in range(end - 1, start, -1) if self.tokens[at].is_a("in")), end)
        if all(token.is_a("in", "title", "letters", "filler") for token in self.tokens[inside:end]):
            end = inside  # "… in the title"
        while end > start and (self.tokens[end - 1].is_a("aside") or self.tokens[end - 1].text in _TAILS):
            end -= 1
        return end

    def replaced(self, at: int) -> tuple[tuple[int, int], tuple[str, str], str] | None:
        """Words before a link that those behind it replace: "dad to grandpa", "Jon is wrong, it's John"."""
        last = self.over(at - 1, -1, "filler", "be", "change", "replace") + 1
        found = self.before(last)
        if found is None:
            return None
        first, own = found
        begin = next((n for n in range(first, 0, -1) if is_joint(self.tokens[n - 1])), 0)
        lead = [*self.tokens[begin:first], *self.tokens[last:at]]
        if not all(token.is_a(*_LEADS) for token in lead):
            return None
        is_wrong = self.tokens[at].is_a("spelled", "wrong")
        if (
            not is_wrong
            and not self.tokens[at].is_a("is_now", "says")
            and not any(t.is_a("change", "replace") for t in lead)
        ):
            return None
        start = self.over(at + 1, 1, *((*_STOPS, *_LINKS) if is_wrong else ()), "colon")
        end = self.new_words(start)
        old = self.raw(first, last)
        return ((first, end), (own, old), self.new(start, end)) if self.fits(first, old, start, end) else None

    def denied(self, at: int) -> tuple[tuple[int, int], tuple[str, str], str] | None:
        """Words behind a "not", and those before it or behind them: "busker, not baker", "not 5 but 6"."""
        found = self.behind(first := self.over(at + 1, 1, "at"))
        if found is None:
            return None
        end, own = found
        rest = self.over(end, 1, "filler", "aside")
        stop = self.over(at - 1, -1, "actually", "joint") + 1
        start = next((n for n in range(stop, 0, -1) if self.tokens[n - 1].is_a(*_STOPS)), 0)
        if rest == len(self.tokens) and self.fits(first, self.raw(first, end), start, stop):
            return (start, rest), (own, self.raw(first, end)), self.new(start, stop)
        says = [n + 1 for n in range(end, len(self.tokens)) if self.tokens[n].is_a("says", "is_now", "write")]
        start = self.over(says[0], 1, *_LINKS, "write") if says else self.over(end, 1, *_STOPS, "actually", "filler")
        stop = self.new_words(start)
        if not self.fits(first, self.raw(first, end), start, stop):
            return None
        return (at, stop), (own, self.raw(first, end)), self.new(start, stop)

    def fits(self, first: int, old: str, start: int, end: int) -> bool:
        """Whether some words may take the place of others: they are no value, nor another upload."""
        said, named = self.new(start, end), self.tokens[first].concepts
        if any("quote" in token.concepts for token in self.tokens[start:end]):
            return said not in ("", old)
        same = [ids for name in _NAMED if (ids := named.get(name))]
        others = [t for t in self.tokens[start:end] if not any(t.concepts.get(name) in same for name in _NAMED if same)]
        if (
            not said
            or said == old
            or _is_letter(said)
            or end - start > _LONGEST
            or (all(t.is_a(*_NO_WORDS, "filler", *WEAK) for t in others) and any(t.is_a(*_NO_WORDS) for t in others))
        ):
            return False
        if same and any(token.is_a(*_NOT_TITLED) for token in others):
            return False
        return any(map(str.isdigit, said)) or not old.isdigit()

    def with_names(self) -> list[Token]:
        """The message with titles that are named by words of theirs: "the slow nights one", "remove make a wish"."""
        made = [*self.tokens]
        at = self.over(0, 1, "filler", *_DOING)
        is_verb = any(token.is_a(*_DOING) for token in made[:at])
        if at < len(made) and (found := self.behind(at)) is not None:
            end, own = found
            is_name = end - at > 1 or not made[at].concepts or " " in made[at].text or not made[at].text.isascii()
            is_done = (
                (end == len(made)) if is_verb and end == len(made) else any(t.is_a(*_DONE) for t in made[end : end + 1])
            )
            if is_name and is_done and not any(token.is_a("title_text", "file") for token in made[at:end]):
                first, last = made[at], made[end - 1]
                named = Token(first.start, last.end, self.text.folded[first.start : last.end], {"title_text": own})
                return [*made[:at], named, *made[end:]]
        for at in range(len(made) - 1, 0, -1):
            if not made[at].is_a("one", "title", "letters") or made[at].is_a("title_text"):
                continue
            if (found := self.before(at)) is None or any(t.is_a(*_QUALIFIES) for t in self.tokens[found[0] : at]):
                continue
            lead = self.tokens[found[0] - 1 : found[0]]
            is_one = not made[at].is_a("title") and any(t.is_a("file") for t in self.tokens[found[0] : at])
            if is_one or not lead or lead[0].text not in _POINTING:
                continue
            first, last = made[found[0]], made[at]
            made[found[0] : at + 1] = [
                Token(first.start, last.end, self.text.folded[first.start : last.end], {"title_text": found[1]})
            ]
            break
        return made


def _is_letter(said: str) -> bool:
    return len(said) < _SHORTEST_WORD and said.isascii() and not said.isdigit()


def _alike(said: str, text: str) -> str | None:
    """The words of a message that are a text written otherwise; None where there are none."""
    is_spaced = " " in text or text.isascii()
    units = said.split() if is_spaced else list(said)
    size = len(text.split()) if is_spaced else len(text)
    best, found = _ALIKE, None
    for length in range(max(1, size - 1), size + 3):
        for at in range(len(units) - length + 1):
            part = (" " if is_spaced else "").join(units[at : at + length]).strip(" .,!?，。！？" + _EDGES)
            ratio = SequenceMatcher(None, part.lower(), text.lower(), autojunk=False).ratio()
            least = best if length >= size else max(best, _ALIKE_SHORTER)
            if part != text and ratio > least and len(text) > _SHORTEST_ALIKE:
                best, found = ratio, part
    return found


def _distance(one: str, other: str) -> int:
    """How many letters have to be changed, added or left out to make one word of another (Levenshtein)."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        before, row[0] = row[0], at
        for place, wanted in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != wanted))
    return row[-1]
