"""Steps back and forth in the history of a film, and what they change in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from nemo_notebook.agent.match import reply
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import Edit, apply_one
from nemo_notebook.film.edits.lengths import Clear
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.timeline import compare
from nemo_notebook.film.tracks import Json, read_tracks
from nemo_notebook.film.wording import NotPossible, Told, tell


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps back in the history, or forward again; 0 for all."""

    count: int = 1
    is_forward: bool = False


@dataclass(frozen=True, slots=True)
class Rewind:
    """A film as if some edits had not been made.

    Attributes:
        draft: The film.
        edits: What was taken back.
    """

    draft: Json
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message.

    Attributes:
        draft: The draft afterwards; the very object of the situation where nothing changed.
        reply: What to say, never empty.
        language: Language of the reply.
        asks: Whether the reply is a question, which the next message may answer.
        made: The typed edits that were made.
        moves: Steps through the history, which come before the edits.
        is_whole: Whether the edits alone do not lead from the draft before to the one afterwards.
        choices: Messages that the next one may pick from, as "the second".
        is_unsure: Whether not all of the message was read without doubt.
    """

    draft: Json
    reply: str
    language: Language
    asks: bool = False
    made: tuple[Edit, ...] = ()
    moves: tuple[Steps, ...] = ()
    is_whole: bool = False
    choices: tuple[str, ...] = ()
    is_unsure: bool = False

    def unchanged(self, draft: Json) -> Outcome:
        """The same words with nothing done."""
        return Outcome(draft, self.reply, self.language)


_TOLD: Final = 2  # changes that are told; of more only their number


def take_steps(draft: Json, steps: Steps, situation: Situation) -> tuple[Json, Told]:
    """Go to another draft of the history; give it, and what was taken back or made again in words.

    Raises:
        NotPossible: There is none in that direction.
    """
    # An edit of the same message may have gone back; no more of the later drafts are read than are needed.
    ahead = _without_repeats(draft, chain((situation.draft,), situation.later))
    passed = [*islice(ahead if steps.is_forward else _behind(draft, situation), steps.count or None)]
    if not passed:
        raise NotPossible(reply("nothing_to_redo" if steps.is_forward else "nothing_to_undo"))
    is_all = steps.count == 0 and not steps.is_forward
    if is_all and len(passed) > 1 and not editable(passed[-1]).end_ms:
        passed.pop()  # the first version is not the empty timeline before it
    new, taken = passed[-1], "redid" if steps.is_forward else "undid"
    before, after = (draft, new) if steps.is_forward else (new, draft)
    told = _told(before, after, situation, (draft, new)) or reply("look_after" if steps.is_forward else "look_before")
    if not steps.is_forward and editable(new).end_ms == 0:
        told = reply("empty_again")
    return new, reply(taken if len(passed) == 1 else f"{taken}_steps", n=len(passed), told=told)


def told_between(before: Json, after: Json, situation: Situation) -> Told | str:
    """What is different after a step back, in words."""
    return _told(after, before, situation, (before, after)) or reply("look_of_it")


def last_change(situation: Situation) -> Told | str:
    """What the last change of the draft did, in words; empty where there was none that can be told."""
    if not situation.earlier or not situation.draft:
        return ""
    before, now = situation.earlier[-1], situation.draft
    return _told(before, now, situation, (before, now))


def _told(before: Json, after: Json, situation: Situation, way: tuple[Json, Json]) -> Told | str:
    """What a change did, in words; empty where only the look is different.

    Args:
        before: The draft without it.
        after: The draft with it.
        situation: Tells the language.
        way: From which of them to which it goes now.
    """
    lang = situation.spoken
    compared = compare(read_tracks(before), read_tracks(after), lang)
    changes = [change.words(lang) for change in compared if change.kind != "video"]
    pictures = [change.words(lang) for change in compared if change.kind == "video"]
    if len(pictures) > _TOLD:
        was, now = (len(editable(state).shots) for state in way)
        count = f"{now}" if was == now else f"{was} → {now}"
        pictures = [tell(reply("the_cut", count=count), lang)]
    changes = [*pictures, *changes]
    old, new = editable(before).canvas, editable(after).canvas
    if old != new:
        changes.append(f"{old[0]} × {old[1]} → {new[0]} × {new[1]}")
    if not changes:
        return ""
    one, other, *_ = *(change.rstrip(".。") for change in changes), ""
    return reply(f"told_{min(len(changes), _TOLD + 1)}", one=one, other=other, n=len(changes) - _TOLD)


def _behind(draft: Json, situation: Situation) -> Iterator[Json]:
    """The drafts before this one, the newest first, without repeats in a row; at last the empty timeline."""
    begins_empty = not draft or (situation.earlier and not situation.earlier[0])
    empty = apply_one(draft, Clear(), situation).draft
    first = [] if begins_empty else [empty if any(empty.values()) else {}]
    return _without_repeats(draft, chain(reversed(situation.earlier), first))


def _without_repeats(before: Json | None, drafts: Iterable[Json]) -> Iterator[Json]:
    """The drafts that differ from the one before them."""
    for draft in drafts:
        if draft != before:
            yield draft
        before = draft
