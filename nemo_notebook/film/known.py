"""What is known of the files of a timeline: the beats and the loudness of sounds, and the order of the uploads.

It comes with the service's state, under `video_analyses`: objects with `hash` or `segment` (which file, or which
stretch of composed music), `filename`, `duration_ms`, `beats_ms`, `downbeats_ms` and `peaks`. All of it is untrusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from nemo_notebook.film.draft import Segment
from nemo_notebook.outside import finite

_MOST_SOUNDS: Final = 100
_MOST_BEATS: Final = 10_000
_MOST_PEAKS: Final = 2_000
_SPEEDS: Final = (0.01, 100.0)


@dataclass(frozen=True, slots=True)
class Sound:
    """What is known of one piece of sound. All times are from its beginning.

    Attributes:
        beats_ms: Its beats, ascending, in milliseconds.
        downbeats_ms: Those of them that begin a bar.
        peaks: Its loudest moments in equal stretches over the whole of it, 0–100.
        duration_ms: Its length in milliseconds; 0 where that is not known.
    """

    beats_ms: tuple[float, ...] = ()
    downbeats_ms: tuple[float, ...] = ()
    peaks: tuple[int, ...] = ()
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Sounds:
    """All that is known, by what it is recognised by.

    Attributes:
        by_hash: Uploads by the hash of their content.
        by_segment: Composed music by the id of its segment.
        by_name: All of them by file name, for drafts that name no hashes.
        uploads: The place of each video and picture in the order in which they came, by hash and by file name.
    """

    by_hash: Mapping[str, Sound] = field(default_factory=dict)
    by_segment: Mapping[str, Sound] = field(default_factory=dict)
    by_name: Mapping[str, Sound] = field(default_factory=dict)
    uploads: Mapping[str, int] = field(default_factory=dict)

    def of(self, segment: Segment) -> Sound | None:
        """What is known of what a segment plays."""
        media = meta(segment).get("media")
        if isinstance(media, str) and media in self.by_hash:
            return self.by_hash[media]
        return self.by_segment.get(segment.id) or self.by_name.get(segment.source)


NOTHING: Final = Sounds()


def read_sounds(records: object, media: Iterable[Mapping[str, Any]] = ()) -> Sounds:
    """What a state tells of its sounds and uploads; whatever is no such thing is passed over."""
    found = Sounds({}, {}, {}, _upload_places(media))
    tables = (("hash", found.by_hash), ("segment", found.by_segment), ("filename", found.by_name))
    for record in records[:_MOST_SOUNDS] if isinstance(records, list) else ():
        if not isinstance(record, Mapping):
            continue
        sound = _sound(record)
        for key, table in tables:
            name = record.get(key)
            if isinstance(name, str) and name:
                assert isinstance(table, dict)
                table.setdefault(name, sound)
    return found


@dataclass(frozen=True, slots=True)
class Playing:
    """How a segment plays its file: from which moment on, and how fast.

    Attributes:
        start_ms: When it begins on the timeline, in milliseconds.
        in_ms: With which moment of the file.
        speed: Milliseconds of the file in one of the timeline; more than 0.
    """

    start_ms: float
    in_ms: float
    speed: float

    @classmethod
    def of(cls, segment: Segment) -> Playing:
        """How that segment plays its file."""
        own = meta(segment)
        speed = min(max(finite(own.get("speed")) or 1.0, _SPEEDS[0]), _SPEEDS[1])
        return cls(segment.start_ms, finite(own.get("in_ms")) or 0.0, speed)

    def moment_at(self, time_ms: float) -> float:
        """Which moment of the file is heard at a time of the timeline."""
        return self.in_ms + (time_ms - self.start_ms) * self.speed

    def time_of(self, moment_ms: float) -> float:
        """When a moment of the file is heard on the timeline."""
        return self.start_ms + (moment_ms - self.in_ms) / self.speed


def file_of(segment: Segment) -> str:
    """What the file of a segment is told from others by: the hash of its content, else its name."""
    media = meta(segment).get("media")
    return media if isinstance(media, str) and media else segment.source or segment.name


def meta(segment: Segment) -> Mapping[str, Any]:
    """The metadata of a segment; empty where there is none."""
    own = segment.raw.get("m")
    return own if isinstance(own, Mapping) else {}


def _upload_places(media: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    places: dict[str, int] = {}
    seen = (record for record in media if not str(record.get("file_type")).startswith("audio"))
    for place, record in enumerate(seen):
        for name in (record.get("hash"), record.get("filename")):
            if isinstance(name, str) and name:
                places.setdefault(name, place)
    return places


def _sound(record: Mapping[str, Any]) -> Sound:
    peaks = (finite(peak) or 0.0 for peak in _items(record.get("peaks"), _MOST_PEAKS))
    return Sound(
        beats_ms=_times(record.get("beats_ms")),
        downbeats_ms=_times(record.get("downbeats_ms")),
        peaks=tuple(int(min(max(peak, 0.0), 100.0)) for peak in peaks),
        duration_ms=max(0.0, finite(record.get("duration_ms")) or 0.0),
    )


def _times(value: object) -> tuple[float, ...]:
    times = (finite(item) for item in _items(value, _MOST_BEATS))
    return tuple(sorted(time for time in times if time is not None and time >= 0))


def _items(value: object, most: int) -> Sequence[Any]:
    return value[:most] if isinstance(value, list) else ()
