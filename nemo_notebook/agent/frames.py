"""What a message asks for: frames that compete by how much of it they account for.

A frame is a kind of wish. It needs some concepts and may take others (`frames.toml`); what it does stands under its
name in a module of `wishes`. A message is cut at its joints ("and", commas), and the cheapest way to cover the pieces
with frames is chosen: each concept that a frame takes is won, each word that none takes is lost, and each frame costs.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Final

from nemo_notebook.agent.lexicon import HAN
from nemo_notebook.agent.likeness import likeness_of
from nemo_notebook.agent.tokens import OPPOSITES, Text, Token

WEAK: Final = frozenset("at from to until for in on before after between with instead of off up down back by".split())
FREE: Final = WEAK | frozenset(
    "filler is_now can_you hello thanks praise also yes no actually rather my please if_possible".split()
)
_NAMED: Final = frozenset(
    "file shot clip photo film length music song title letters speech visual visualizer cuts".split()
)
_ACTS: Final = ("make", "add", "change", "remove", "move", "trim", "keep", "mute", "write")
_TONES: Final = ("brighter", "darker", "contrastier", "flatter", "more_color", "less_color", "filter")
_CARRIED_WORTH: Final = 0.6  # how much better a clause has to be with what the one before it named
OWN: Final = _NAMED | {"filter", "transition", "colors", "position", "text", "title_text", "order"}
_CARRIED: Final = (
    "ordinal",
    "file",
    "shot",
    "clip",
    "photo",
    "title",
    "letters",
    "title_text",
    "music",
    "song",
    "speech",
)
_OPEN: Final = frozenset(
    "fade_in fade_out fade time range percent factor number once longer shorter trim keep remove move louder quieter mute loop repeat duplicate higher lower".split()
)
_SIGNS: Final = re.compile(r"[^\w\s$€£¥%#@&'\"()（）]+")
_IGNORED: Final = ("(", ")", "（", "）", "'", '"')
LIKED: Final = 0.5  # how much likelier a wish is about what was spoken of last
_MOST_ATOMS: Final = 5  # pieces between joints that one wish may go over
_MOST_PIECES: Final = 60
_LONGEST_PARTED: Final = 30  # tokens of a clause that is tried as two
GENERIC: Final = frozenset("add make change keep move remove want use it them one both no only go place see".split())
_SPECIFIC: Final = frozenset(
    "fade_black filter transition silence visual visualizer unreadable slowmo hard_cuts brighter darker".split()
)
_JOINED: Final = 0.05  # for each joint that a wish goes over
_SENTENCE_END: Final = re.compile(r"[.!?;。！？；…]+")
_MIXED: Final = 0.4  # for a wish that goes over a joint and has words in it that it does not account for
_APART: Final = 0.3  # how much better two wishes have to be than one where no joint parts them
_COST: Final = 0.45  # of each frame
_GENERIC_NEED: Final = 0.45  # what a need is worth that is met by a word of many uses
_WON, _WON_WEAK = 0.5, 0.12
_AGAINST: Final = 1.5  # what it loses by a word that speaks against it
_UNLIKELY: Final = 0.7  # what a frame loses where the film lacks what it is about
_UNREAD: Final = 0.55  # below which a piece is not read, and what it is like decides
_LIKENESS: Final = 0.7  # what it is worth to be like a kind of wish
_LEAST_LIKE: Final = -3.0  # the logarithm of the least share that makes a difference
_LEAST_LIKENESS: Final = 0.3  # share from which on a piece is taken for one of a kind
_IMPLIED: Final = 0.3
_ALSO: Final = 0.3  # how much a frame is worth for a kind that it does in a roundabout way
_LOST_TEXT: Final = 1.5
_LOST_SPECIFIC, _LOST_KNOWN, _LOST_UNKNOWN, _LOST_HAN, _LOST_ORDINARY = 1.1, 0.7, 0.55, 0.25, 0.3


@dataclass(frozen=True, slots=True)
class Frame:
    """A kind of wish.

    Attributes:
        domain: What it is about; the module of `wishes` that has its function.
        name: Its own name, and that of its function.
        needs: For each thing that has to be said, the concepts of which one says it.
        takes: The concepts that it may account for besides.
        weight: How much each thing is worth that it needs.
        where: What has to be in the film for it to be likely, if anything; with `!` for it to be possible.
        after: The edits of which one has to be the last one, if any has.
        unless: Concepts that speak against it.
        whole: Whether nothing may be left over.
        alone: Whether it has to be all that is wished for.
        ordered: Whether what it needs has to be said in that order.
    """

    domain: str
    name: str
    needs: tuple[frozenset[str], ...]
    takes: frozenset[str]
    weight: float
    where: str
    after: str
    unless: frozenset[str]
    whole: bool
    alone: bool
    ordered: bool


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a message and the frame that accounts for most of it.

    Attributes:
        frame: The frame; None where none fits.
        tokens: The stretch.
        unread: The tokens of it that stand for something else, or for nothing that is known.
        score: How well it fits.
    """

    frame: Frame | None
    tokens: tuple[Token, ...]
    unread: tuple[Token, ...]
    score: float

    @property
    def share(self) -> float:
        """How much of what is said the frame accounts for, from 0 to 1."""
        lost = sum(map(_loss, self.unread))
        read = sum(_WON for token in self.tokens if token not in self.unread and _counts(token))
        return read / (read + lost) if read else 0.0


@cache
def frames() -> tuple[Frame, ...]:
    """All kinds of wishes."""
    text = resources.files(__package__).joinpath("frames.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    sets = {f"${name}": words for name, words in tables.pop("sets").items()}

    def concepts(word: str) -> frozenset[str]:
        each = [name for part in word.split("|") for name in sets.get(part, part).split()]
        return frozenset().union(*(concepts(name) if name[0] == "$" else {name} for name in each))

    del tables["texts"], tables["topics"]
    made = []
    for domain, table in tables.items():
        for name, row in table.items():
            needs = tuple(concepts(word) for word in row["needs"].split())
            takes = frozenset().union(*map(concepts, row.get("takes", "").split()), *needs)
            unless = frozenset(row.get("unless", "").split())
            made.append(
                Frame(domain, name, needs, takes, row.get("weight", 1.0), row.get("where", ""), row.get("after", ""),
                      unless, row.get("whole", False), row.get("alone", False), row.get("ordered", False))
            )  # fmt: skip
    return tuple(made)


class Atom(list[Token]):
    """Tokens between two joints.

    Args:
        is_begin: Whether a sentence begins with it.
    """

    def __init__(self, *, is_begin: bool = False) -> None:
        super().__init__()
        self.is_begin = is_begin


@cache
def topics() -> Mapping[str, tuple[str, ...]]:
    """What somebody may ask how to do, with the concepts that say so."""
    text = resources.files(__package__).joinpath("frames.toml").read_text(encoding="utf-8")
    return {name: tuple(words.split()) for name, words in tomllib.loads(text)["topics"].items()}


def atoms_of(tokens: Sequence[Token], text: Text) -> list[Atom]:
    """Cut tokens at joints: signs, and words such as "and"; in Chinese also spaces."""
    atoms = [Atom(is_begin=True)]
    is_reason = is_purpose = False
    for at, token in enumerate(tokens):
        is_purpose = "purpose" in token.concepts or (is_purpose and _is_aside(token))
        if is_purpose:
            continue
        if is_joint(token):
            is_reason = False
            ends_sentence = _SENTENCE_END.fullmatch(token.text) is not None
            is_colon = token.is_a("colon") and at + 1 < len(tokens) and tokens[at + 1].is_a("text")
            if not is_colon:
                atoms.append(Atom(is_begin=ends_sentence or (atoms[-1].is_begin and not atoms[-1])))
            continue
        if is_reason := is_reason or ("reason" in token.concepts and at > 0):
            continue
        if at and "text" not in token.concepts and text.parts(tokens[at - 1].end, token.start):
            atoms.append(Atom())
        atoms[-1].append(token)
    return [atom for atom in atoms if atom]


def _is_aside(token: Token) -> bool:
    """Whether a token says nothing of a film: "this is for … my daughter's birthday"."""
    return not is_joint(token) and (not token.concepts or not (FREE | {"ordinary", "them"}).isdisjoint(token.concepts))


def is_joint(token: Token) -> bool:
    """Whether a token only stands between two wishes."""
    return "joint" in token.concepts or (not token.concepts and _SIGNS.fullmatch(token.text) is not None)


def cover(atoms: Sequence[Atom], liking: Mapping[str, float], there: Set[str]) -> list[Clause]:
    """Find the clauses that account for most of a message.

    Args:
        atoms: The pieces of the message.
        liking: By domain how likely a wish about it is here.
        there: What is in the film: `titles`, `music` and so on.
    """
    atoms = atoms[:_MOST_PIECES]
    if sum(any(_counts(token) for token in atom) for atom in atoms) == 1:
        there = {*there, "single"}
    best: list[tuple[float, tuple[Clause, ...]]] = [(0.0, ())]
    for end in range(1, len(atoms) + 1):
        options = []
        for start in range(end - 1, max(-1, end - _MOST_ATOMS - 1), -1):
            if any(atom.is_begin for atom in atoms[start + 1 : end]):
                break
            tokens = tuple(token for atom in atoms[start:end] for token in atom)
            clause = fit(tokens, liking, there)
            before, clauses = best[start]
            is_mixed = end - start > 1 and any(token.concepts for token in clause.unread)
            is_part = clause.frame is not None and clause.frame.alone and end - start < len(atoms)
            score = (
                before
                + clause.score
                - (_UNLIKELY if is_part else 0.0)
                - (_MIXED if is_mixed else 0.0)
                - _JOINED * (end - start - 1)
            )
            options.append((score, (*clauses, *_parted(clause, liking, there))))
        best.append(max(options, key=lambda option: option[0]))
    clauses: list[Clause] = []
    for whole in best[-1][1]:
        clause, *remarks = _without_remark(whole)
        frame = clauses[-1].frame if clauses else None
        if frame is not None and frame.domain not in (
            "talk",
            "facts",
        ):  # what it goes on about is likelier than anything else
            here = {frame.domain: LIKED}
            clause = _with_target(fit(clause.tokens, here, there), clauses[-1], here, there)
        elif clauses:
            clause = _with_target(clause, clauses[-1], liking, there)
        clauses += [clause, *remarks]
    if any(clause.frame is not None and clause.frame.domain != "talk" for clause in clauses):
        return clauses
    return [fit(each.tokens, liking, there | {"single"}) if each.frame is None else each for each in clauses]


def _without_remark(clause: Clause) -> tuple[Clause, ...]:
    """A clause without what is said behind it and is no part of the wish, which often is its reason."""
    places = [at for at, token in enumerate(clause.tokens) if token in clause.unread]
    first = places[0] if places else 0
    if (
        clause.frame is None
        or first < 2
        or any(_counts(token) and token not in clause.unread for token in clause.tokens[first:])
    ):
        return (clause,)
    rest = clause.tokens[first:]
    if any(token.is_a(*_ACTS) for token in rest):
        return (clause,)
    lost = sum(map(_loss, clause.unread))
    return (
        Clause(clause.frame, clause.tokens[:first], (), clause.score + lost),
        Clause(None, rest, clause.unread, -lost),
    )


def _with_target(clause: Clause, before: Clause, liking: Mapping[str, float], there: Set[str]) -> Clause:
    """A clause that names nothing, with what the one before it named: "the intro drags, keep the first ten seconds"."""
    points = any(token.is_a("it", "them") for token in clause.tokens)
    named = any(
        token.is_a(*(_NAMED - {"shot", "clip", "photo"} if points else _NAMED), "as_is", "rest")
        for token in clause.tokens
    )
    is_more = before.frame is not None and before.frame.domain in ("looks", "shots") and before.frame.name != "remove"
    is_more = (
        is_more
        and any(token.is_a(*_TONES) for token in clause.tokens)
        and not any(token.is_a(*_ACTS, "all") for token in clause.tokens)
    )
    if named or not (points or is_more or any(token.is_a(*_OPEN) for token in clause.tokens)):
        return clause
    carried = tuple(
        Token(
            token.start, token.end, token.text, {c: v for c, v in token.concepts.items() if c in _CARRIED}, carried=True
        )
        for token in before.tokens
        if token.is_a(*_CARRIED)
        and not token.is_a("film", "picture")
        and (before.frame is not None or not token.is_a("again", "ordinary"))
    )
    if not any(
        token.is_a("them", "both", "all") for token in clause.tokens
    ):  # one thing is meant: what was named first
        others = [token for token in carried if token.is_a("file")][1:]
        carried = tuple(token for token in carried if token not in others)
    if not carried:
        return clause
    other = fit((*carried, *clause.tokens), liking, there)
    is_meant = (
        (points or is_more)
        and other.frame == clause.frame
        and not any(token.is_a("all", "whole") for token in clause.tokens)
    )
    if (
        other.frame is not None
        and clause.frame is not None
        and before.frame is not None
        and before.frame.domain == "talk"
    ):
        is_meant = is_meant or (points and clause.frame.domain == "films" and other.frame.domain == "shots")
    return other if is_meant or other.score > clause.score + _CARRIED_WORTH else clause


def _parted(clause: Clause, liking: Mapping[str, float], there: Set[str]) -> tuple[Clause, ...]:
    """A clause, or two where it is two wishes without a joint between them, as Chinese is often written."""
    heads = [at for at, token in enumerate(clause.tokens) if token.concepts and not token.text.isascii()]
    if len(clause.tokens) > _LONGEST_PARTED or not any(
        token in clause.unread and token.concepts for token in clause.tokens
    ):
        return (clause,)
    best: tuple[Clause, ...] = (clause,)
    for at in [at for at in heads[1:] if "text" not in clause.tokens[at].concepts]:
        pair = fit(clause.tokens[:at], liking, there), fit(clause.tokens[at:], liking, there)
        if all(each.frame is not None and each.score > _APART for each in pair):
            if sum(each.score for each in pair) > sum(each.score for each in best) + _APART:
                best = pair
    return best


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of wish that the classifier knows.

    Attributes:
        frame: The frame that does it where none reads its words; None where there is no such one.
        says: The concepts that the words must have meant, with their values.
        asks: The question that is put where that frame lacks something; empty for none.
    """

    frame: Frame | None
    says: Mapping[str, str | None]
    asks: str


@cache
def kinds() -> tuple[Mapping[str, Kind], Mapping[tuple[str, str], tuple[tuple[str, float], ...]]]:
    """The kinds by name, and for each frame the names of the kinds that it does."""
    tables = tomllib.loads(resources.files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8"))
    own = {f"{frame.domain}.{frame.name}": frame for frame in frames()}
    known: dict[str, Kind] = {}
    done: dict[tuple[str, str], tuple[tuple[str, float], ...]] = {}
    for name, table in tables.items():
        says = [word.partition(".") for word in table.get("says", "").split()]
        known[name] = Kind(
            own.get(table.get("as", "")), {concept: value or None for concept, _, value in says}, table.get("asks", "")
        )
        for key, part in (("frames", 1.0), ("also", _ALSO)):
            for each in table.get(key, "").split():
                domain, _, frame = each.partition(".")
                done[domain, frame] = (*done.get((domain, frame), ()), (name, part))
    return known, done


def fit(tokens: tuple[Token, ...], liking: Mapping[str, float], there: Set[str]) -> Clause:
    """The frame that accounts for most of a piece, and does what people mean by such words."""
    lost = tuple(token for token in tokens if _loss(token))
    best = Clause(None, tokens, lost, -sum(map(_loss, lost)))
    likeness = likeness_of([token for token in tokens if not token.carried])
    known, done = kinds()
    for frame in _likely(tokens):
        if (clause := _fitted(frame, tokens, liking, there)) is not None:
            share = sum(likeness.get(name, 0.0) * part for name, part in done.get((frame.domain, frame.name), ()))
            clause = replace(clause, score=clause.score + _worth(share))
            best = max(best, clause, key=lambda each: each.score)
    if best.score < _UNREAD:
        for name, share in likeness.items():
            if (
                share >= _LEAST_LIKENESS
                and name in known
                and (clause := _meant(known[name], tokens, liking, there)) is not None
            ):
                clause = replace(clause, score=clause.score + _worth(share) - _IMPLIED)
                best = max(best, clause, key=lambda each: each.score)
    return best


def _worth(share: float) -> float:
    """What it is worth for a frame that some words are like those of its kind."""
    return _LIKENESS * (1 + max(_LEAST_LIKE, math.log(share + 1e-6)))


def _meant(kind: Kind, tokens: tuple[Token, ...], liking: Mapping[str, float], there: Set[str]) -> Clause | None:
    """A piece whose words are nobody's as one of a kind; only what is known and has no place in it is unread."""
    for frame, says in ((kind.frame, kind.says), (_question(), {"ask": kind.asks})):
        if frame is None or (frame is _question() and not kind.asks):
            continue
        said = tuple(
            Token(tokens[0].start, tokens[0].start, "", {concept: value}, carried=True)
            for concept, value in says.items()
        )
        clause = _fitted(frame, (*said, *tokens), liking, there)
        if clause is not None:
            unread = tuple(token for token in clause.unread if _counts(token))
            return replace(
                clause, unread=unread, score=clause.score + sum(_loss(t) for t in clause.unread if t not in unread)
            )
    return None


@cache
def _question() -> Frame:
    return next(frame for frame in frames() if (frame.domain, frame.name) == ("talk", "ask"))


def _likely(tokens: Sequence[Token]) -> Iterator[Frame]:
    said = {concept for token in tokens for concept in token.concepts}
    return (frame for frame in frames() if all(not need.isdisjoint(said) for need in frame.needs))


def _fitted(frame: Frame, tokens: tuple[Token, ...], liking: Mapping[str, float], there: Set[str]) -> Clause | None:
    if frame.after and there.isdisjoint(frame.after.split()):
        return None
    used = _assign(frame.needs, tokens, ())
    if used is None or (frame.ordered and list(used) != sorted(used)):
        return None
    score = -_COST + liking.get(frame.domain, 0.0)
    for need, at in zip(frame.needs, used, strict=True):
        is_generic = (need & tokens[at].concepts.keys()) <= GENERIC
        score += frame.weight * (_GENERIC_NEED if is_generic else 1.0)
    if frame.where.startswith("!") and frame.where[1:] not in there:
        return None
    if frame.where and not there.issuperset(frame.where.removeprefix("!").split()):
        score -= _UNLIKELY
    said = [token.concepts.keys() for token in tokens]
    if frame.domain == "shots" and "nothing" in there:
        score -= _UNLIKELY
    if any(not frame.unless.isdisjoint(concepts) for concepts in said):
        score -= _AGAINST
    if any(_has_only(said, one, other) and _has_only(said, other, one) for one, other in OPPOSITES.items()):
        score -= _MIXED
    unread: list[Token] = []
    for at, token in enumerate(tokens):
        if at in used:
            score += 0.0 if token.carried else _WON
        elif token.carried:
            continue
        elif not frame.takes.isdisjoint(token.concepts):
            score += _WON_WEAK if not FREE.isdisjoint(token.concepts) else _WON
        elif (loss := _loss(token)) > 0:
            score -= loss
            unread.append(token)
    if frame.whole and unread:
        return None
    return Clause(frame, tokens, tuple(unread), score)


def _has_only(said: Sequence[Set[str]], one: str, other: str) -> bool:
    """Whether a token stands for one of two concepts and not for the other."""
    return any(one in concepts and other not in concepts for concepts in said)


def _assign(needs: Sequence[frozenset[str]], tokens: Sequence[Token], used: tuple[int, ...]) -> tuple[int, ...] | None:
    """A token of its own for each need; rather one that is specific."""
    if len(used) == len(needs):
        return used
    need = needs[len(used)]
    places = [at for at, token in enumerate(tokens) if at not in used and not need.isdisjoint(token.concepts)]
    for place in sorted(places, key=lambda at: (need & tokens[at].concepts.keys()) <= GENERIC):
        found = _assign(needs, tokens, (*used, place))
        if found is not None:
            return found
    return None


def _counts(token: Token) -> bool:
    return bool(token.concepts) and FREE.isdisjoint(token.concepts) and not is_joint(token)


def _loss(token: Token) -> float:
    if not FREE.isdisjoint(token.concepts) or is_joint(token) or token.text in _IGNORED:
        return 0.0
    if "text" in token.concepts:
        return _LOST_TEXT
    if "ordinary" in token.concepts:
        return _LOST_ORDINARY
    if token.concepts:
        return _LOST_SPECIFIC if not _SPECIFIC.isdisjoint(token.concepts) else _LOST_KNOWN
    return _LOST_HAN * len(token.text) if _is_han(token.text[:1]) else _LOST_UNKNOWN


def _is_han(letter: str) -> bool:
    return re.fullmatch(f"[{HAN}]", letter) is not None
