"""Manners of the service that clients meet: generations in two stages, and edits that are answered without a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from nemo_notebook.engine.policy import Manner
from nemo_notebook.film.draft import VIDEO, Json

_EFFECTS: Final = frozenset({"filter", "adjust", "transition", "zoom", "fade_in_ms", "fade_out_ms", "loop_ms"})


class Silence:
    """Counts the edits of each session."""

    def __init__(self) -> None:
        self._edits: Counter[str] = Counter()

    def is_due(self, session_id: str, manner: Manner) -> bool:
        """Count an edit; whether it is one that is answered without a text."""
        if not manner.silent_every:
            return False
        self._edits[session_id] += 1
        return self._edits[session_id] % manner.silent_every == 0


def first_of(before: Json, draft: Json, manner: Manner) -> Json | None:
    """What is kept first of a generation that has two stages: its tracks of pictures, without effects.

    Args:
        before: What the draft was made from; a generation begins with nothing.
        draft: The whole.
        manner: Whether there are stages.

    Returns:
        That draft; None if it is kept whole, or holds nothing else or no pictures.
    """
    if before or manner.stages == "one":
        return None
    tracks = draft.get("t")
    pictures = [track for track in tracks if isinstance(track, Mapping)] if isinstance(tracks, list) else []
    pictures = [_raw_track(track) for track in pictures if track.get("tt") == VIDEO and track.get("sg")]
    first = {**_raw(draft), "t": pictures}
    return first if pictures and first != draft else None


def _raw_track(track: Json) -> dict[str, Any]:
    segments = track["sg"]
    return {**track, "sg": [_raw(segment) for segment in segments if isinstance(segment, Mapping)]}


def _raw(part: Json) -> dict[str, Any]:
    meta = part.get("m")
    if not isinstance(meta, Mapping):
        return dict(part)
    return {**part, "m": {key: value for key, value in meta.items() if key not in _EFFECTS}}
