"""What a draft came from, as far as the engine knows: the uploads in it, and what was said for it."""

from __future__ import annotations

from typing import Final

from nemo_notebook.engine.store import Store
from nemo_notebook.film.draft import Json, read_segments
from nemo_notebook.film.model import Version
from nemo_notebook.film.provenance import MOST_EDITS, Provenance, edits_of
from nemo_notebook.render.formats import meta_of

_HASHES: Final = ("media", "cover")


def uploads_in(draft: Json) -> set[str]:
    """The content hashes of the uploads that a draft shows or plays."""
    parts = (meta_of(segment.raw) for segment in read_segments(draft))
    return {str(meta[key]) for meta in parts for key in _HASHES if meta.get(key)}


def origin(store: Store, session_id: str, draft: Json, skill: str = "") -> Provenance:
    """What is known of a draft, but for its hash and what will draw it.

    Args:
        store: Where drafts and uploads are kept.
        session_id: Whose draft it is.
        draft: It, which may have been shaped anew for an export.
        skill: As which skill the client speaks.
    """
    used, history = uploads_in(draft), store.drafts.history(session_id)
    line = [each for each in history.entries if each.number <= history.current]
    edits = [edit for each in line for edit in each.edits]
    return Provenance(
        skill=skill,
        media=tuple((row.filename, row.hash) for row in store.media(session_id) if row.hash in used),
        prompts=tuple(words for each in line if (words := _said(each))),
        edits=edits_of(edits[:MOST_EDITS]),
        edits_left_out=max(0, len(edits) - MOST_EDITS),
    )


def _said(entry: Version) -> str:
    return f"(table) {entry.told}" if entry.origin == "table" else entry.said
