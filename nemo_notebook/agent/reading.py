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
from typing import Final

from nemo_notebook.agent.classifiers import with_texts
from nemo_notebook.agent.clauses import FREE, Clause, Scene, atoms_of, cover, is_joint
from nemo_notebook.agent.lexicon import Message, concepts_of, lexicon, names_in, pairs_of
from nemo_notebook.agent.match import FIELDS, Match, last_edits
from nemo_notebook.agent.tokenizer import Token, bars_of, tokens_of
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
    text = Message(message, situation.spoken)
    return tokens_of(text, [*names_in(situation, lexicon()), *bars_of(text.folded, situation)], lexicon())


def read_clauses(message: str, situation: Situation) -> Reading:
    """Read a message: the clauses that account for most of it."""
    text, lasts = Message(message, situation.spoken), last_edits(situation)
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
    while first < min(len(tokens), at + _NEAR_NOT) and tokens[first].is_a(*small) and not is_joint(tokens[first]):
        first += 1
    end = first
    while end < len(tokens) and _is_value(tokens[end]):
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
        is_noun = said[at] > 0 and tokens[said[at] - 1].is_a("filler") and words[at].is_a(*_NOUNS)
        end, shot = _Pointer(words, match).shot_from(at, is_noun=is_noun, is_placed=placing < at) or (at, None)
        if shot is None:
            continue
        while words[end + 1 :] and words[end + 1].is_a(*_NOUNS) and not words[end + 1].is_a("file"):
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


@dataclass(frozen=True)
class _Pointer:
    """Finds shots that some words of a message point at."""

    words: Sequence[Token]
    match: Match

    def has(self, at: int, *concepts: str) -> bool:
        """Whether a word may stand for one of some concepts."""
        return 0 <= at < len(self.words) and self.words[at].is_a(*concepts)

    def has_han(self, at: int, *concepts: str) -> bool:
        """The same for a word in Chinese, where what is named stands behind its place."""
        return self.has(at, *concepts) and not self.words[at].text.isascii()

    def shot_from(self, at: int, *, is_noun: bool, is_placed: bool) -> tuple[int, Part] | None:
        """The shot that words from a place on point at, and the last of these words.

        Args:
            at: The place.
            is_noun: Whether a noun with an article stands there.
            is_placed: Whether something is put beside what is named.
        """
        if self.has(at, "next_one", "previous_one"):
            return self.beside(at, self.last_changed(), is_after=self.has(at, "next_one"))
        if is_noun and self.has(at + 1, *_BESIDE) and not self.has_han(at + 1) and not self.has(at, "file"):
            if (is_placed and not self.has(at, "one")) or self.has(at + 2, "time", "number"):
                return None
            end, shot = self.named(at + 2) or (at + 1, self.last_changed())  # "the one after the boat"
            return self.beside(end, shot, is_after=self.has(at + 1, "after"))
        end, shot = self.named(at) or (at - 1, None)
        if self.has_han(end + 1, *_BESIDE) and self.has(end + 2, *_THAT):  # 海边后面那段
            return self.beside(end + 2, shot or self.last_changed(), is_after=self.has(end + 1, "after"))
        return self.most(at) or self.seen_at(at, is_noun=is_noun and not is_placed) or self.that(at)

    def named(self, at: int) -> tuple[int, Part | None] | None:
        """The shot that a word names, and its last word."""
        if self.has(at, "it"):
            return at, self.last_changed()
        if not self.has(at, "file", "ordinal"):
            return None
        media, number = (self.words[at].concepts.get(name) for name in ("file", "ordinal"))
        target = Target(kind="shot", media=media[0]) if media else Target(kind="shot", number=number or 1)
        is_more = self.has(at + 1, *_NOUNS) and not self.has(at + 1, "file", *_BESIDE)
        return at + is_more, next(iter(self.match.parts(target)), None)

    def beside(self, end: int, shot: Part | None, *, is_after: bool) -> tuple[int, Part] | None:
        """The shot after or before another one."""
        shots = self.match.film.shots
        at = shots.index(shot) + (1 if is_after else -1) if shot in shots else -1
        return (end, shots[at]) if 0 <= at < len(shots) else None

    def most(self, at: int) -> tuple[int, Part] | None:
        """As in "the longest clip", "the middle one"."""
        kind: Kind = "photo" if self.has(at + 1, "photo") else "clip" if self.has(at + 1, "clip") else "shot"
        shots = of_kind(self.match.film, kind)
        if not shots or self.has(at + 1, "time", "number"):
            return None
        if self.has(at, "middle") and self.has(at + 1, *_NOUNS):
            return at + 1, shots[(len(shots) - 1) // 2]
        if not self.has(at, "longest", "shortest"):
            return None
        return at, sorted(shots, key=lambda shot: shot["d"])[-1 if self.has(at, "longest") else 0]

    def seen_at(self, at: int, *, is_noun: bool) -> tuple[int, Part] | None:
        """As in "the shot at 0:12", 10秒那个镜头."""
        if is_noun and self.has(at + 1, "at"):
            end = at + 1 if self.has(at + 1, "time") else at + 2
        elif self.has_han(at + 1, "this", "it") and not self.has(at - 1, "before", "after", "ordinal"):
            end = at
        else:
            return None
        time = self.words[end].concepts.get("time") if end < len(self.words) else None
        shots = self.match.parts(Target(kind="shot", at_s=time)) if time is not None else []
        return (max(end, at + 1), shots[0]) if shots else None

    def that(self, at: int) -> tuple[int, Part] | None:
        """As in "that photo", 刚才那段."""
        noun = at if self.has(at, "this") else at + 1
        is_that = noun == at or (self.has(at, "it") and self.has(noun, *_SHOWN) and not self.has(at, "one", "other"))
        is_named = self.has(at - 1, "file", "ordinal", "time", *_BESIDE, "not")
        if not is_that or is_named or any(word.is_a("file") for word in self.words[: at + 2]):
            return None
        shot = self.last_changed()
        kind = "photo" if shot is not None and shot.role == "image" else "clip"
        return (noun, shot) if shot is not None and self.has(noun, "shot", "one", kind) else None

    def last_changed(self) -> Part | None:
        """The shot that was changed last."""
        parts = [part for target in self.match.focused(_SHOWN) for part in self.match.parts(target)]
        return parts[0] if len({part.meta.get("media") for part in parts}) == 1 else None


_LONGEST_PART: Final = 12  # tokens of words of a title, or in place of some
_LATIN: Final = "[0-9A-Za-z\u00c0-\u024f]"
_EDGES: Final = " .,;:，；：。、'\"“”‘’"
_LINKS, _DENIALS, _LEADS, _STOPS = map(concepts_of, ("$links", "$denials", "$leads", "$stops"))
_POINTS, _NO_WORDS, _NOT_TITLED, _QUALIFIES = map(concepts_of, ("$points", "$untitled", "$not_titled", "$qualifies"))
_MARKS, _SPELLED = map(concepts_of, ("$respelling", "$spellable"))
_ACTS: Final = concepts_of("$acts")
_NAMES: Final = ("file", "song", "speech")
_POINTING: Final = ("the", "that", "this", "my", "our", "your", "把", "将")
_TAILS: Final = ("please", "now", "吧", "了", "啊", "哦", "哈")


def with_parts(tokens: Sequence[Token], text: Message, titles: Mapping[str, str]) -> list[Token]:
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
                (start, end), part, new = found
                made = tokens[start].meaning({"title_part": part}), tokens[end - 1].meaning({"text": new})
                return [*tokens[:start], *made, *tokens[end:]]
    return finder.with_names()


@dataclass(frozen=True)
class _Finder:
    """Finds words of titles in a message."""

    tokens: Sequence[Token]
    text: Message
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
        while end > start and self.tokens[end - 1].text in _TAILS:
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
        is_meant = is_wrong or self.tokens[at].is_a("is_now", "says") or any(t.is_a("change", "replace") for t in lead)
        if not is_meant:
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
        if said in ("", old) or _is_letter(said):
            return False
        same = [ids for name in _NAMES if (ids := named.get(name))]
        others = [t for t in self.tokens[start:end] if not any(t.concepts.get(name) in same for name in _NAMES if same)]
        if others and all(token.is_a(*_NO_WORDS) for token in others):
            return False
        if same and any(token.is_a(*_NOT_TITLED) for token in others):
            return False
        return any(map(str.isdigit, said)) or not old.isdigit()

    def with_names(self) -> list[Token]:
        """The message with a title that is named by words of it: "the slow nights one"."""
        for at in range(len(self.tokens) - 1, 0, -1):
            noun = self.tokens[at]
            found = self.before(at) if noun.is_a("one", "title", "letters") and not noun.is_a("title_text") else None
            lead = self.tokens[found[0] - 1 : found[0]] if found else ()
            if found and lead and lead[0].text in _POINTING:
                start, own = found
                named = [*self.tokens[start:at]]
                if any(token.is_a(*_QUALIFIES) or (token.is_a("file") and not noun.is_a("title")) for token in named):
                    continue
                words = self.text.folded[named[0].start : noun.end]
                title = Token(named[0].start, noun.end, words, {"title_text": own})
                return [*self.tokens[:start], title, *self.tokens[at + 1 :]]
        return [*self.tokens]


def _is_letter(said: str) -> bool:
    return len(said) < _SHORTEST_WORD and said.isascii() and not said.isdigit()


_ALIKE: Final = 0.7  # of the letters of some words, from which on they are the same, written otherwise
_ALIKE_SHORTER: Final = 0.85  # where there are fewer of them
_SHORTEST_WORD: Final = 2
_WORD: Final = re.compile(r"[^\W_]+|[$€£¥]\d+")
_NUMERAL: Final = re.compile(r"\d+|[零一二两三四五六七八九十百千万]+")


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
    is_like = match.has("spelled") or [*map(len, numbers)] == [*map(len, said_numbers)]
    if is_like and len(numbers) == len(said_numbers) == 1 and numbers != said_numbers:
        return SetTitle(target=Target(id=str(title["id"])), text=title.text.replace(numbers[0], said_numbers[0]))
    text = _with_word(match, title.text)
    return None if text is None else SetTitle(target=Target(id=str(title["id"])), text=text)


def _with_word(match: Match, text: str) -> str | None:
    """A text with one of its words as a message writes it; None where it writes none of them otherwise."""
    words = [word for word in _WORD.findall(text) if len(word) > _SHORTEST_WORD]
    for token in match.tokens:
        if not token.text.isalnum() or (token.concepts and not token.is_a(*_SPELLED)):
            continue
        raw = match.raw(token).strip()
        for word in words:
            is_same = token.text == word.lower()
            if (match.has("spelled") and raw != word) if is_same else _likeness(token.text, word) >= _ALIKE:
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
            ratio = _likeness(part, text)
            least = best if length >= size else max(best, _ALIKE_SHORTER)
            if part != text and ratio > least:
                best, found = ratio, part
    return found


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).ratio()
