"""A film made again from the edits that made it."""

from __future__ import annotations

from collections.abc import Sequence

from nemo_notebook.film.draft import Json, read_segments
from nemo_notebook.film.edit import apply_edits, parse_all
from nemo_notebook.film.model import SEED, MediaItem, Situation, Version


def replay(versions: Sequence[Version], media: Sequence[MediaItem] = (), seed: int = SEED) -> list[Json]:
    """Make a film again from its edits, without anything that reads the words that they came from.

    Args:
        versions: How it was made: all versions from the first one on, or from one on that was put in whole.
        media: The uploads in the order in which they came, with what was found in them.
        seed: As it was made with.

    Returns:
        The film at each version; the last one is the film.

    Raises:
        InvalidEdit: An edit is none, or cannot be made: an upload is missing, or another one by now.
    """
    drafts: list[Json] = []
    now: Json = {}
    for version in versions:
        if version.draft is not None:
            now = version.draft
        else:
            *earlier, now = drafts or [{}]
            touched = touched_by(earlier[-1] if earlier else {}, now)
            known = tuple(media[: version.uploads])
            situation = Situation(now, known, tuple(earlier), version.language, seed, touched=touched)
            edits = parse_all(version.edits)
            for each in [[edit] for edit in edits] if version.origin == "chat" else [edits]:  # as they were made
                now = apply_edits(now, each, situation).draft
        drafts.append(now)
    return drafts


def touched_by(before: Json, after: Json) -> tuple[str, ...]:
    """The ids of parts that are new or different after a change."""
    known = {segment.id: segment.raw for segment in read_segments(before)}
    return tuple(segment.id for segment in read_segments(after) if known.get(segment.id) != segment.raw)
