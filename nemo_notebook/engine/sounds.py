"""What a state tells of the sounds that its draft plays, for the timeline's picture: `video_analyses`.

A state is read at every turn: what the draft does not play is left out, and so are the beats of a voice.
`film/sounds.py` reads this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from nemo_notebook.engine.store import MediaRow
from nemo_notebook.errors import InputError
from nemo_notebook.film.draft import AUDIO, Json
from nemo_notebook.music import Recipe, beat_times_ms, compose, envelope
from nemo_notebook.outside import finite

_BEATS_PER_BAR: Final = 4
_MOST: Final = 50  # uploads
_MOST_COMPOSED: Final = 16
_MOST_CUTS: Final = 2000
_PEAKS_PER_S: Final = 10
_MOST_PEAKS: Final = 2000
_LENGTHS_MS: Final = (1_000, 600_000)  # of composed music


def told_sounds(draft: Json, rows: Iterable[MediaRow], found: Callable[[str], Json | None]) -> list[dict[str, Any]]:
    """What is known of the sounds of a draft.

    Args:
        draft: The draft, which may have come from outside.
        rows: The session's uploads: of others nothing is told.
        found: What listening to a file has found so far.
    """
    parts = list(_sound_segments(draft))
    played = {str(meta.get("media")) for _, meta in parts}
    music = {str(meta.get("media")) for _, meta in parts if meta.get("role") != "speech"}
    files = {row.hash: row for row in rows if row.info["kind"] == "audio" and row.hash in played}
    heard = [(row, known) for row in list(files.values())[:_MOST] if (known := found(row.hash))]
    told = [_file(row, known, has_beats=row.hash in music) for row, known in heard]
    composed = [part for part in parts if isinstance(part[1].get("music"), Mapping)][:_MOST_COMPOSED]
    return [*told, *(record for segment, meta in composed if (record := _composed(segment, meta)))]


def _sound_segments(draft: Json) -> Iterator[tuple[Json, Json]]:
    """The segments of sound tracks with their metadata, without a look at all others: drafts may be long."""
    for track in _objects(draft.get("t")):
        for segment in _objects(track.get("sg")) if track.get("tt") == AUDIO else ():
            meta = segment.get("m")
            yield segment, meta if isinstance(meta, Mapping) else {}


def _objects(value: object) -> Iterator[Json]:
    return (item for item in (value if isinstance(value, list) else ()) if isinstance(item, Mapping))


def _file(row: MediaRow, heard: Json, *, has_beats: bool) -> dict[str, Any]:
    beats = [round(1000 * beat) for beat in heard.get("beats_s", ())] if has_beats else []
    return {
        "hash": row.hash,
        "filename": row.filename,
        "duration_ms": round(1000 * heard.get("length_s", 0.0)),
        "tempo": (heard.get("tempo") or None) if has_beats else None,
        "beats_ms": beats,
        "downbeats_ms": beats[heard.get("first_downbeat", 0) :: _BEATS_PER_BAR],
        "peaks": list(heard.get("peaks", ())),
    }


def _composed(segment: Json, meta: Json) -> dict[str, Any] | None:
    """What follows from a recipe; None for one that cannot be played."""
    music, length = meta["music"], finite(segment.get("d"))
    cuts, name = music.get("cuts_ms"), segment.get("id")
    if length is None or not isinstance(name, str) or (isinstance(cuts, list) and len(cuts) > _MOST_CUTS):
        return None
    length_ms = round(min(max(length, _LENGTHS_MS[0]), _LENGTHS_MS[1]))
    try:
        recipe = Recipe.from_json(music, length_ms)
    except InputError:
        return None
    beats, peaks = _sounded(recipe)
    return {
        "segment": name,
        "duration_ms": length_ms,
        "tempo": recipe.bpm,
        "beats_ms": list(beats),
        "downbeats_ms": list(beats[::_BEATS_PER_BAR]),
        "peaks": list(peaks),
    }


@lru_cache(maxsize=64)
def _sounded(recipe: Recipe) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The beats of composed music, in milliseconds, and how loud it is, ten values a second."""
    length_s = recipe.length_ms / 1000
    peaks = envelope(compose(recipe), length_s, min(_MOST_PEAKS, max(1, round(_PEAKS_PER_S * length_s))))
    return tuple(round(beat) for beat in beat_times_ms(recipe)), tuple(peaks)
