"""Shots that a message points at: "the one after the boat", "the longest clip", "the shot at 0:12", "that photo".

Each such stretch becomes one token, which names the upload of that shot, and says which of its shots it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nemo_notebook.agent.match import Match
from nemo_notebook.agent.tokens import Token
from nemo_notebook.film.drafting import Part, editable
from nemo_notebook.film.target import Kind, Target, of_kind

_SEEN: Final[tuple[Kind, ...]] = ("shot", "clip", "photo")
_NOUNS: Final = (*_SEEN, "one")
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
        while end + 1 < len(words) and said[end + 1] == said[end] + 1 and words[end + 1].is_a(*_SEEN, "one"):
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
        is_that = self._is(0, "this") or (self._is(0, "it") and self._is(1, *_SEEN) and not self._is(0, "one", "other"))
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
        targets = self.match.focused(_SEEN)
        parts = [part for target in targets for part in self.match.parts(target)]
        media = {part.meta.get("media") for part in parts}
        return parts[0] if len(media) == 1 else None
