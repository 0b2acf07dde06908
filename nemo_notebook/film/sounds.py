"""The analyses of a timeline's sounds (beats, loudness), and the order of its uploads.

Analyses come with the service's state, under `video_analyses`: objects with `hash` or `segment` (which file, or which
segment of composed music), `filename`, `duration_ms`, `beats_ms`, `downbeats_ms` and `peaks`. All of it is untrusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nemo_notebook.film.tracks import Segment, items
from nemo_notebook.outside import finite

_KEYS: Final = ("hash", "segment", "filename")
_MOST_SOUNDS: Final = 100
_MOST_BEATS: Final = 10_000
_MOST_PEAKS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Sound:
    """The analysis of one sound. All times are from its beginning.

    Attributes:
        beats_ms: Its beats, ascending, in milliseconds.
        downbeats_ms: The beats that begin a bar.
        peaks: Peak level of equal parts over the whole length, 0–100.
        duration_ms: Its length in milliseconds; 0 if unknown.
    """

    beats_ms: tuple[float, ...] = ()
    downbeats_ms: tuple[float, ...] = ()
    peaks: tuple[int, ...] = ()
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Sounds:
    """The analyses of all sounds of a timeline.

    Attributes:
        known: Each by what it is known by: ("hash", …) the content of an upload, ("segment", …) the id of a segment of
            composed music, ("filename", …) for drafts without hashes.
        uploads: The position of each video and picture in upload order, by hash and by file name.
    """

    known: Mapping[tuple[str, str], Sound] = field(default_factory=dict)
    uploads: Mapping[str, int] = field(default_factory=dict)

    def of(self, segment: Segment) -> Sound | None:
        """The analysis of what a segment plays."""
        names = zip(_KEYS, (str(segment.meta.get("media")), segment.id, segment.source), strict=True)
        return next((self.known[key] for key in names if key in self.known), None)


NOTHING: Final = Sounds()


def read_sounds(records: object, media: Iterable[Mapping[str, Any]] = ()) -> Sounds:
    """Read the analyses and uploads of a state; anything malformed is skipped."""
    known: dict[tuple[str, str], Sound] = {}
    for record in items(records)[:_MOST_SOUNDS]:
        for key in _KEYS if isinstance(record, Mapping) else ():
            if isinstance(name := record.get(key), str) and name:
                known.setdefault((key, name), _sound(record))
    return Sounds(known, _upload_places(media))


def file_of(segment: Segment) -> str:
    """The identity of a segment's file: the hash of its content, else its name."""
    media = segment.meta.get("media")
    return media if isinstance(media, str) and media else segment.source or segment.name


def _upload_places(media: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    places: dict[str, int] = {}
    seen = (record for record in media if not str(record.get("file_type")).startswith("audio"))
    for place, record in enumerate(seen):
        for name in (record.get("hash"), record.get("filename")):
            if isinstance(name, str) and name:
                places.setdefault(name, place)
    return places


def _sound(record: Mapping[str, Any]) -> Sound:
    peaks = (finite(peak) or 0.0 for peak in items(record.get("peaks"))[:_MOST_PEAKS])
    return Sound(
        beats_ms=_times(record.get("beats_ms")),
        downbeats_ms=_times(record.get("downbeats_ms")),
        peaks=tuple(int(min(max(peak, 0.0), 100.0)) for peak in peaks),
        duration_ms=max(0.0, finite(record.get("duration_ms")) or 0.0),
    )


def _times(value: object) -> tuple[float, ...]:
    times = (finite(item) for item in items(value)[:_MOST_BEATS])
    return tuple(sorted(time for time in times if time is not None and time >= 0))
