"""What a message asks for: frames that compete by how much of it they account for.

A frame is a kind of wish. It needs some concepts and may take others (`frames.toml`); what it does stands under its
name in a module of `wishes`. A message is cut at its joints ("and", commas), and the cheapest way to cover the pieces
with frames is chosen: each concept that a frame takes is won, each word that none takes is lost, and each frame costs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from nemo_notebook.agent.lexicon import HAN
from nemo_notebook.agent.tokens import Token

WEAK: Final = frozenset("at from to until for in on before after between with instead of off up down back by".split())
FREE: Final = WEAK | frozenset("filler can_you hello thanks praise also yes no actually rather my please if_possible".split())
_SIGNS: Final = re.compile(r"[\W_]+")
LIKED: Final = 0.35  # how much likelier a wish is about what was spoken of last
_MOST_ATOMS: Final = 5  # pieces between joints that one wish may go over
_MOST_PIECES: Final = 60
GENERIC: Final = frozenset("add make change keep move remove want use it them one both no only go place see".split())
_COST: Final = 0.45  # of each frame
_GENERIC_NEED: Final = 0.45  # what a need is worth that is met by a word of many uses
_WON, _WON_WEAK = 0.5, 0.12
_LOST_KNOWN, _LOST_UNKNOWN, _LOST_HAN, _LOST_ORDINARY = 0.7, 0.55, 0.25, 0.3


@dataclass(frozen=True, slots=True)
class Frame:
    """A kind of wish.

    Attributes:
        domain: What it is about; the module of `wishes` that has its function.
        name: Its own name, and that of its function.
        needs: For each thing that has to be said, the concepts of which one says it.
        takes: The concepts that it may account for besides.
        weight: How much each thing is worth that it needs.
        where: What has to be in the film for it to be likely, if anything.
    """

    domain: str
    name: str
    needs: tuple[frozenset[str], ...]
    takes: frozenset[str]
    weight: float
    where: str


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


@cache
def frames() -> tuple[Frame, ...]:
    """All kinds of wishes."""
    text = resources.files(__package__).joinpath("frames.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    sets = {f"${name}": words for name, words in tables.pop("sets").items()}

    def concepts(word: str) -> frozenset[str]:
        return frozenset(each for part in word.split("|") for each in (sets.get(part, part)).split())

    del tables["texts"], tables["topics"]
    made = []
    for domain, table in tables.items():
        for name, row in table.items():
            needs = tuple(concepts(word) for word in row["needs"].split())
            takes = frozenset().union(*map(concepts, row.get("takes", "").split()), *needs)
            made.append(Frame(domain, name, needs, takes, row.get("weight", 1.0), row.get("where", "")))
    return tuple(made)


@cache
def topics() -> Mapping[str, tuple[str, ...]]:
    """What somebody may ask how to do, with the concepts that say so."""
    text = resources.files(__package__).joinpath("frames.toml").read_text(encoding="utf-8")
    return {name: tuple(words.split()) for name, words in tomllib.loads(text)["topics"].items()}


def atoms_of(tokens: Sequence[Token], folded: str) -> list[list[Token]]:
    """Cut tokens at joints: signs, and words such as "and"; in Chinese also spaces."""
    atoms: list[list[Token]] = [[]]
    for at, token in enumerate(tokens):
        if is_joint(token):
            atoms.append([])
            continue
        gap = folded[tokens[at - 1].end : token.start] if at else ""
        if gap.isspace() and (_is_han(tokens[at - 1].text[-1:]) or "\n" in gap):
            atoms.append([])
        atoms[-1].append(token)
    return [atom for atom in atoms if atom]


def is_joint(token: Token) -> bool:
    """Whether a token only stands between two wishes."""
    return "joint" in token.concepts or (not token.concepts and _SIGNS.fullmatch(token.text) is not None)


def cover(atoms: Sequence[Sequence[Token]], liking: Mapping[str, float], there: Set[str]) -> list[Clause]:
    """Find the clauses that account for most of a message.

    Args:
        atoms: The pieces of the message.
        liking: By domain how likely a wish about it is here.
        there: What is in the film: `titles`, `music` and so on.
    """
    atoms = atoms[:_MOST_PIECES]
    best: list[tuple[float, tuple[Clause, ...]]] = [(0.0, ())]
    for end in range(1, len(atoms) + 1):
        options = []
        for start in range(max(0, end - _MOST_ATOMS), end):
            tokens = tuple(token for atom in atoms[start:end] for token in atom)
            clause = fit(tokens, liking, there)
            before, clauses = best[start]
            options.append((before + clause.score, (*clauses, clause)))
        best.append(max(options, key=lambda option: option[0]))
    clauses: list[Clause] = []
    for clause in best[-1][1]:  # what it goes on about is likelier than anything else
        if clauses and clauses[-1].frame is not None and clauses[-1].frame.domain not in ("talk", "facts"):
            here = {clauses[-1].frame.domain: LIKED}
            clause = fit(clause.tokens, here, there)
        clauses.append(clause)
    return clauses


def fit(tokens: tuple[Token, ...], liking: Mapping[str, float], there: Set[str]) -> Clause:
    """The frame that accounts for most of a piece."""
    lost = tuple(token for token in tokens if _loss(token))
    best = Clause(None, tokens, lost, -sum(map(_loss, lost)))
    for frame in _likely(tokens):
        if (clause := _fitted(frame, tokens, liking, there)) is not None and clause.score > best.score:
            best = clause
    return best


def _likely(tokens: Sequence[Token]) -> Iterator[Frame]:
    said = {concept for token in tokens for concept in token.concepts}
    return (frame for frame in frames() if all(not need.isdisjoint(said) for need in frame.needs))


def _fitted(
    frame: Frame, tokens: tuple[Token, ...], liking: Mapping[str, float], there: Set[str]
) -> Clause | None:
    used = _assign(frame.needs, tokens, ())
    if used is None:
        return None
    score = -_COST + liking.get(frame.domain, 0.0)
    for need, at in zip(frame.needs, used, strict=True):
        is_generic = (need & tokens[at].concepts.keys()) <= GENERIC
        score += frame.weight * (_GENERIC_NEED if is_generic else 1.0)
    if frame.where and not there.issuperset(frame.where.split()):
        score -= 0.7
    unread: list[Token] = []
    for at, token in enumerate(tokens):
        if at in used:
            score += _WON
        elif not frame.takes.isdisjoint(token.concepts):
            score += _WON_WEAK if not FREE.isdisjoint(token.concepts) else _WON
        elif (loss := _loss(token)) > 0:
            score -= loss
            unread.append(token)
    return Clause(frame, tokens, tuple(unread), score)


def _assign(
    needs: Sequence[frozenset[str]], tokens: Sequence[Token], used: tuple[int, ...]
) -> tuple[int, ...] | None:
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


def _loss(token: Token) -> float:
    if not FREE.isdisjoint(token.concepts) or is_joint(token):
        return 0.0
    if "ordinary" in token.concepts:
        return _LOST_ORDINARY
    if token.concepts:
        return _LOST_KNOWN
    return _LOST_HAN * len(token.text) if _is_han(token.text[:1]) else _LOST_UNKNOWN


def _is_han(letter: str) -> bool:
    return re.fullmatch(f"[{HAN}]", letter) is not None
