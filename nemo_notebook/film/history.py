"""How a film came about: its versions, each with the edits that made it, and the film made again from these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nemo_notebook.film.draft import Json, read_segments
from nemo_notebook.film.edit import apply_one, parse_all
from nemo_notebook.film.model import MediaItem, Situation


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a film.

    Attributes:
        number: Its number; higher ones came later.
        said: What was said for it; empty where nothing was.
        edits: The edits that made it of the version before, as JSON.
        uploads: The content hashes of the uploads that they knew, in order.
    """

    number: int
    said: str = ""
    edits: Sequence[Mapping[str, Any]] = ()
    uploads: Sequence[str] = ()


def replay(versions: Sequence[Version], media: Sequence[MediaItem], seed: int, draft: Json | None = None) -> Json:
    """Make a film again from its edits.

    Args:
        versions: All of them, the first one first.
        media: The uploads, with what is known of them.
        seed: As it was made with.
        draft: What the first version was made of; an empty film if there was none.

    Raises:
        InvalidEdit: An edit is none.
        NotPossible: An edit cannot be made: an upload is missing, or is another one by now.
    """
    by_hash = {item.id: item for item in media}
    now: Json = draft or {}
    earlier: list[Json] = []
    for version in versions:
        items = tuple(by_hash[name] for name in version.uploads if name in by_hash)
        touched = touched_by(earlier[-1], now) if earlier else ()
        situation = Situation(now, items, tuple(earlier), seed=seed, touched=touched)
        after = now
        for edit in parse_all(version.edits):
            after = apply_one(after, edit, situation).draft
        earlier.append(now)
        now = after
    return now


def touched_by(before: Json, after: Json) -> tuple[str, ...]:
    """The ids of parts that are new or different after a change."""
    known = {segment.id: segment.raw for segment in read_segments(before)}
    return tuple(segment.id for segment in read_segments(after) if known.get(segment.id) != segment.raw)
