"""A message as the clauses that a turn acts on, with the shots and the words of titles that it refers to.

A stretch that points at a shot ("the one after the boat", "the longest clip", "the shot at 0:12", "that photo") becomes
one token, which names the upload of that shot and says which of its shots it is. Words of a title, and those that take
their place ("change dad to grandpa"), become tokens as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from nemo_notebook.agent.classifiers import with_texts
from nemo_notebook.agent.clauses import FREE, WEAK, Clause, Scene, atoms_of, cover, is_joint
from nemo_notebook.agent.lexicon import Text, concepts_of, lexicon, names_of, pairs_of
from nemo_notebook.agent.match import FIELDS, Match, last_edits
from nemo_notebook.agent.tokens import Token, bars_of, tokens_of
from nemo_notebook.film.draft import Part, editable
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.titles import SetTitle
from nemo_notebook.film.model import Situation
from nemo_notebook.film.target import Kind, Target, of_kind, voices_of

_PARTS: Final[dict[str, Kind]] = {"titles": "title", "music": "music", "visualizer": "visualizer", "speech": "speech"}
_NEAR_NOT: Final = 12  # tokens between "not" and what is not meant
_DOMAINS: Final = pairs_of("$edited")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a message is read.

    Attributes:
        tokens: All that it says.
        plain: The same without what it says not to be meant.
        clauses: What it wishes for, and what was not understood.
        lasts: The edits before it.
    """

    tokens: Sequence[Token]
    plain: Sequence[Token]
    clauses: Sequence[Clause]
    lasts: Sequence[Edit]

    @property
    def is_unclear(self) -> bool:
        """Whether no wish was understood for certain."""
        read = (each for each in self.clauses if each.is_read and each.frame is not None and not each.frame.alone)
        return all(clause.domain == "talk" for clause in read)

    def is_other(self, score: float) -> bool:
        """Whether it is clearly about something else than the edits before it."""
        clear = {each.domain for each in self.clauses if each.score >= score} - {"", "talk", "history"}
        return bool(clear) and clear.isdisjoint(_DOMAINS.get(edit.tag) for edit in self.lasts)


def tokens_in(message: str, situation: Situation) -> list[Token]:
    """A message as tokens, with the names of the uploads and the times of bars in it."""
    text = Text(message, situation.spoken)
    return tokens_of(text, [*names_of(situation, lexicon()), *bars_of(text.folded, situation)], lexicon())


def read(message: str, situation: Situation) -> Reading:
    """Read a message: the clauses that account for most of it."""
    text, lasts = Text(message, situation.spoken), last_edits(situation)
    scene = scene_of(situation, lasts)
    is_after = any(edit.tag in ("add_title", "set_title") for edit in lasts)
    tokens = with_parts(tokens_in(message, situation), text, _titles(situation))
    tokens = with_texts(tokens, text, is_after=is_after)
    if any("text" in token.concepts for token in tokens):
        scene = scene.with_also("titles")
    film = editable(situation.draft)
    tokens = pointed(tokens, Match(tokens, film, situation, lasts))
    plain = negated(tokens)
    return Reading(tokens, plain, cover(atoms_of(plain, text), scene), lasts)


def _titles(situation: Situation) -> dict[str, str]:
    """The words of the titles by id, those first that were changed last."""
    titles = of_kind(editable(situation.draft), "title")
    parts = sorted(titles, key=lambda part: part.get("id") not in situation.touched)
    return {str(part["id"]): part.text for part in parts}


def scene_of(situation: Situation, lasts: Sequence[Edit]) -> Scene:
    """What is in the film and what was done last, for the `where` and `after` of frames."""
    film = editable(situation.draft)
    there = {name for name, kind in _PARTS.items() if of_kind(film, kind)} | {edit.tag for edit in lasts}
    is_music_last = any(edit.tag in ("add_music", "use_song") for edit in lasts)
    signs = {
        "film": film.end_ms > 0,
        "nothing": not film.end_ms,
        "drawn": film.end_ms > 0 and not film.shots,
        "drawing": bool(of_kind(film, "visualizer")) and not of_kind(film, "title"),
        "unscored": "music" not in there,
        "scored": bool(of_kind(film, "composed")) and (not film.is_cut_to_music or not film.shots or is_music_last),
        "unspoken": "speech" not in there and bool(voices_of(film, situation)),
        "fresh": not lasts,
        "fresh_film": not lasts and film.end_ms > 0,
        "fresh_music": not lasts and "music" in there,
    }
    there |= {name for name, is_so in signs.items() if is_so}
    return Scene(there, {_DOMAINS.get(edit.tag, "") for edit in lasts})


def negated(tokens: Sequence[Token]) -> list[Token]:
    """A message without what it says not to be meant: "not the sunset", "不是五秒"."""
    kept: list[Token] = []
    end = 0  # of what is left out
    for at, token in enumerate(tokens):
        if at >= end and token.is_a("not", "instead") and not token.is_a("remove"):
            end = max(end, _end_of_not(tokens, at))
        if at >= end:
            kept.append(token)
    return kept


def _end_of_not(tokens: Sequence[Token], at: int) -> int:
    """The place behind the values that a "not" is about; its own place where it is about none."""
    small = {"filler", "it", "one", "at", "in", "on", "is", "be", *FREE}
    first = at + 1
    while (
        first < min(len(tokens), at + _NEAR_NOT) and tokens[first].is_a(*small) and not tokens[first].is_a("actually")
    ):
        if is_joint(tokens[first]):
            break
        first += 1
    end = first
    is_cut = tokens[at].is_a("in_place") and end < len(tokens) and tokens[end].is_a("hard_cuts")
    end += is_cut
    others = ("alter",) if tokens[at].is_a("in_place") else ("shot", "clip", "photo") if end > first else ()
    while end < len(tokens) and (_is_value(tokens[end]) or tokens[end].is_a(*others)):
        others = ("shot", "clip", "photo")
        end += 1
    return at if end == first or _is_replaced(tokens, at, end) else end


def _is_replaced(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether what stands behind "instead of" is an upload or a shot in whose place another one is to be seen."""
    named = any(token.is_a("file", "shot", "clip", "photo") for token in tokens[at:end])
    return named and tokens[at].is_a("in_place") and any(token.is_a("file", "another") for token in tokens[:at])


def _is_value(token: Token) -> bool:
    return token.is_a("time", "file", "number", "ordinal", "percent", "factor", "songpart", *FIELDS)


_SHOWN: Final[tuple[Kind, ...]] = ("shot", "clip", "photo")
_NOUNS: Final = (*_SHOWN, "one")
_THAT: Final = ("this", "it", "one")
_BESIDE: Final = ("after", "before")
_PLACING: Final = tuple("move add put split want begin transition join".split())  # behind which a place is named
_SAID: Final = ("filler", "of")
_LONE: Final = ("also", "be")  # small words that stand for something by themselves


def pointed(tokens: Sequence[Token], match: Match) -> list[Token]:
    """Tokens in which each stretch that points at a shot names it."""
    said = [at for at, t in enumerate(tokens) if not t.is_a(*_SAID) or t.is_a(*_LONE, *_BESIDE, *_NOUNS)]
    words = [tokens[at] for at in said]
    placing = next((at for at, word in enumerate(words) if word.is_a(*_PLACING)), len(words))
    found, done = [], 0
    for at in range(len(words)):
        if said[at] < done:
            continue
        has_article = said[at] > 0 and tokens[said[at] - 1].is_a("filler")
        pointer = _Pointer(words, at, match, has_article=has_article, is_placed=placing < at)
        end, shot = pointer.beside() or pointer.most() or pointer.seen_at() or pointer.that() or (at, None)
        if shot is None:
            continue
        while end + 1 < len(words) and said[end + 1] == said[end] + 1 and words[end + 1].is_a(*_SHOWN, "one"):
            if words[end + 1].is_a("file"):
                break
            end += 1
        found += [*tokens[done : said[at]], _named(tokens[said[at] : said[end] + 1], shot, match)]
        done = said[end] + 1
    return [*found, *tokens[done:]]


def _named(tokens: Sequence[Token], shot: Part, match: Match) -> Token:
    """Some tokens as the name of a shot."""
    media = shot.meta.get("media")
    same = [each for each in match.film.shots if each.meta.get("media") == media]
    concepts = {"file": (media,)} | ({"nth": same.index(shot) + 1} if len(same) > 1 else {})
    return Token(tokens[0].start, tokens[-1].end, " ".join(token.text for token in tokens), concepts)


class _Pointer:
    """The ways to point at a shot, each from one word on: the last word of it, and the shot; None where it is none."""

    def __init__(self, words: Sequence[Token], at: int, match: Match, *, has_article: bool, is_placed: bool) -> None:
        self.words, self.at, self.match, self.has_article, self.is_placed = words, at, match, has_article, is_placed

    def _is(self, by: int, *concepts: str) -> bool:
        """Whether a word so many places from here on may stand for one of some concepts."""
        return 0 <= self.at + by < len(self.words) and self.words[self.at + by].is_a(*concepts)

    def _is_han(self, by: int, *concepts: str) -> bool:
        """The same for a word in Chinese, where what is named stands behind its place."""
        return self._is(by, *concepts) and not self.words[self.at + by].text.isascii()

    def beside(self) -> tuple[int, Part] | None:
        """As in "the one after the boat", "the next one", 海边后面那段."""
        if self._is(0, "next_one", "previous_one") and not any(word.is_a("transition") for word in self.words):
            return self._step(self.at, self._focus(), is_after=self._is(0, "next_one"))
        if self._is(0, "better_before") and (found := self._reference(1)):
            return self._step(*found, is_after=False)
        is_noun = self._is(0, *_NOUNS) and self.has_article and not self._is(0, "file") and not self._is(-1, "file")
        if is_noun and self._is(1, *_BESIDE) and self.words[self.at + 1].text.isascii():
            if (self.is_placed and not self._is(0, "one")) or self._is(2, "time", "number"):
                return None
            end, shot = self._reference(2) or (self.at + 1, self._focus())
            return self._step(end, shot, is_after=self._is(1, "after"))
        end, shot = self._reference(0) or (self.at - 1, None)
        sign = end + 1 - self.at
        if not self._is_han(sign, *_BESIDE) or not self._is(sign + 1, *_THAT):
            return None
        return self._step(end + 2, shot or self._focus(), is_after=self._is(sign, "after"))

    def _reference(self, by: int) -> tuple[int, Part | None] | None:
        """The shot that a word so many places from here on names, and its last word."""
        if self._is(by, "it"):
            return self.at + by, self._focus()
        if not self._is(by, "file", "ordinal"):
            return None
        word = self.words[self.at + by]
        media = next(iter(word.concepts.get("file") or ()), None)
        target = (
            Target(kind="shot", media=media) if media else Target(kind="shot", number=word.concepts["ordinal"] or 1)
        )
        is_more = self._is(by + 1, *_NOUNS) and not self._is(by + 1, "file", *_BESIDE)
        return self.at + by + is_more, next(iter(self.match.parts(target)), None)

    def _step(self, end: int, shot: Part | None, *, is_after: bool) -> tuple[int, Part] | None:
        """The shot after or before another one."""
        shots = self.match.film.shots
        at = shots.index(shot) + (1 if is_after else -1) if shot in shots else self._gap(is_after=is_after)
        return (end, shots[at]) if at is not None and 0 <= at < len(shots) else None

    def _gap(self, *, is_after: bool) -> int | None:
        """The number of the shot after or before one that was just taken out."""
        situation = self.match.situation
        if not self.match.edits or self.match.edits[-1].tag != "remove" or not situation.earlier:
            return None
        kept = {shot.get("id") for shot in self.match.film.shots}
        before = enumerate(editable(situation.earlier[-1]).shots)
        gone = next((at for at, shot in before if shot.get("id") not in kept), None)
        return gone if gone is None or is_after else gone - 1

    def most(self) -> tuple[int, Part] | None:
        """As in "the longest clip", "the middle one"."""
        shots = of_kind(self.match.film, "photo" if self._is(1, "photo") else "clip" if self._is(1, "clip") else "shot")
        if not shots or self._is(1, "time", "number"):
            return None
        if self._is(0, "middle") and self._is(1, *_NOUNS):
            return self.at + 1, shots[(len(shots) - 1) // 2]
        if self._is(0, "longest", "shortest"):
            return self.at, sorted(shots, key=lambda shot: shot["d"])[-1 if self._is(0, "longest") else 0]
        return None

    def seen_at(self) -> tuple[int, Part] | None:
        """As in "the shot at 0:12", 10秒那个镜头."""
        if self._is(0, *_NOUNS) and self.has_article and self._is(1, "at") and not self.is_placed:
            end = self.at + (1 if self._is(1, "time") else 2)
        elif self._is(0, "time") and self._is_han(1, "this", "it") and not self._is(-1, "before", "after", "ordinal"):
            end = self.at
        else:
            return None
        time = self.words[end].concepts.get("time") if end < len(self.words) else None
        shots = self.match.parts(Target(kind="shot", at_s=time)) if time is not None else []
        return (end + (end == self.at), shots[0]) if shots else None

    def that(self) -> tuple[int, Part] | None:
        """As in "that photo", 刚才那段."""
        is_that = self._is(0, "this") or (
            self._is(0, "it") and self._is(1, *_SHOWN) and not self._is(0, "one", "other")
        )
        if not is_that or self._is(-1, "file", "ordinal", "time", *_BESIDE, "not"):
            return None
        shot = None if any(word.is_a("file") for word in self.words[: self.at + 2]) else self._focus()
        noun = self.at + (not self._is(0, "this"))
        return (noun, shot) if shot is not None and self._fits(shot, self.words[noun]) else None

    def _fits(self, shot: Part, noun: Token) -> bool:
        """Whether a shot may be called so."""
        return noun.is_a("shot", "one") or noun.is_a("photo" if shot.role == "image" else "clip")

    def _focus(self) -> Part | None:
        """The shot that was changed last."""
        targets = self.match.focused(_SHOWN)
        parts = [part for target in targets for part in self.match.parts(target)]
        media = {part.meta.get("media") for part in parts}
        return parts[0] if len(media) == 1 else None


_LONGEST_PART: Final = 12  # tokens of words of a title, or in place of some
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
_NAMES: Final = ("file", "song", "speech")
_NOT_TITLED: Final = ("file", "song", "music", "mood", "shot", "clip", "photo", "film", "something", "genre")
_QUALIFIES: Final = ("ordinal", "start", "finish", "color", "position", "all", "other", "both", "bigger", "smaller")
_DOING: Final = ("remove", "move", "make", "put", "change")
_DONE: Final = concepts_of(
    "$weak move put change bigger smaller color position remove longer shorter later earlier style"
)
_POINTING: Final = ("the", "that", "this", "my", "our", "your", "把", "将")
_TAILS: Final = ("please", "now", "吧", "了", "啊", "哦", "哈")


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
        starts = range(max(0, end - _LONGEST_PART), end)
        return next(((start, own) for start in starts if (own := self.owner(start, end)) is not None), None)

    def behind(self, start: int) -> tuple[int, str] | None:
        """Where the longest stretch from a place on ends that is in a title, and in which."""
        ends = range(min(len(self.tokens), start + _LONGEST_PART), start, -1)
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
        same = [ids for name in _NAMES if (ids := named.get(name))]
        others = [t for t in self.tokens[start:end] if not any(t.concepts.get(name) in same for name in _NAMES if same)]
        if (
            not said
            or said == old
            or _is_letter(said)
            or end - start > _LONGEST_PART
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


_ALIKE: Final = 0.7  # of the letters of a title, from which on it is written anew
_ALIKE_SHORTER: Final = 0.85  # where it has fewer words
_SHORTEST_ALIKE: Final = 3  # letters of it
_SHORTEST_WORD: Final = 2
_WORD: Final = re.compile(r"[^\W_]+|[$€£¥]\d+")
_NUMERAL: Final = re.compile(r"\d+|[零一二两三四五六七八九十百千万]+")
_MARKS: Final = ("spelled", "actually", "no", "wrong", "not", "is_now")
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
