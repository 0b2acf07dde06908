"""Kinds of wishes: what has to be said for one, and what does it.

A frame needs some concepts and may take others (`frames.toml`); what it does stands under its name in a module of
`wishes`. Several frames may do wishes of one kind; the kinds are those that the classifier tells apart (`kinds.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from nemo_notebook.film.edit import Edit, parse_all

_ROUNDABOUT: Final = 0.3  # how much a frame is worth for a kind that it does in a roundabout way


@dataclass(frozen=True, slots=True)
class Frame:
    """A way in which a wish may be said.

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
        sure: Whether its words mean nothing else, however rarely they are said.
        does: The function that makes its edits, with its module if that is another one (`shots.trim`); that of its own
            name if empty.
        edits: The edits that it makes in place of a function, where they are always the same.
        asks: The question that is asked in place of a function (a name of `[replies]`).
        tells: The reply that is given in place of a function.
    """

    domain: str
    name: str
    needs: tuple[frozenset[str], ...]
    takes: frozenset[str]
    weight: float = 1.0
    where: str = ""
    after: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    whole: bool = False
    alone: bool = False
    ordered: bool = False
    sure: bool = False
    does: str = ""
    edits: tuple[Edit, ...] | None = None
    asks: str = ""
    tells: str = ""


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
def _tables() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("frames.toml").read_text(encoding="utf-8"))


def concepts_of(words: str) -> frozenset[str]:
    """The concepts that are listed with spaces or `|` between them, those of sets (`$name`) among them."""
    found: set[str] = set()
    for word in words.replace("|", " ").split():
        found |= concepts_of(_tables()["sets"][word[1:]]) if word[0] == "$" else {word}
    return frozenset(found)


def pairs_of(words: str) -> dict[str, str]:
    """Pairs of concepts that are listed as `one>other`."""
    return dict(pair.split(">") for pair in concepts_of(words))


@cache
def frames() -> tuple[Frame, ...]:
    """All frames."""
    made = []
    for domain, table in _tables().items():
        if domain in ("sets", "topics"):
            continue
        for name, given in table.items():
            row = dict(given)
            needs = tuple(concepts_of(word) for word in row.pop("needs").split())
            takes = concepts_of(row.pop("takes", "")).union(*needs)
            row["edits"] = parse_all(row["edits"]) if "edits" in row else None
            lists: dict[str, Any] = {key: frozenset(row.pop(key, "").split()) for key in ("after", "unless")}
            made.append(Frame(domain, name, needs, takes, **lists, **row))
    return tuple(made)


@cache
def topics() -> Mapping[str, tuple[str, ...]]:
    """What somebody may ask how to do, with the concepts that say so."""
    return {name: tuple(words.split()) for name, words in _tables()["topics"].items()}


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds by name."""
    own = {f"{frame.domain}.{frame.name}": frame for frame in frames()}
    known = {}
    for name, table in _kinds().items():
        says = [word.partition(".") for word in table.get("says", "").split()]
        frame = own.get(table.get("as", ""))
        known[name] = Kind(frame, {concept: value or None for concept, _, value in says}, table.get("asks", ""))
    return known


@cache
def kinds_of(domain: str, name: str) -> Mapping[str, float]:
    """The kinds of a frame, each with how well it does them."""
    keys, own = (("also", _ROUNDABOUT), ("frames", 1.0)), f"{domain}.{name}"
    return {kind: part for key, part in keys for kind, table in _kinds().items() if own in table.get(key, "").split()}


@cache
def _kinds() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8"))
