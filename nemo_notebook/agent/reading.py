"""A message as the clauses that a turn acts on, and what the film and the last edits make likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nemo_notebook.agent import context
from nemo_notebook.agent.clauses import FREE, Clause, Scene, atoms_of, cover, is_joint
from nemo_notebook.agent.frames import pairs_of
from nemo_notebook.agent.lexicon import lexicon
from nemo_notebook.agent.match import Match
from nemo_notebook.agent.pointing import pointed
from nemo_notebook.agent.spelling import with_parts
from nemo_notebook.agent.texts import with_texts
from nemo_notebook.agent.tokens import Text, Token, names_of, tokens_of
from nemo_notebook.agent.values import bars_of
from nemo_notebook.film.drafting import editable
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.model import Situation
from nemo_notebook.film.soundtrack import voices_of
from nemo_notebook.film.target import Kind, of_kind

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
    text, lasts = Text(message, situation.spoken), context.last_edits(situation)
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
    return token.is_a("time", "file", "number", "ordinal", "percent", "factor", "songpart", *context.FIELDS)
