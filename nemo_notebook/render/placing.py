"""Segments on whole frames, and the uploads that they use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Final

from nemo_notebook.errors import FileMissing, UnsupportedMedia
from nemo_notebook.film.draft import Json, Segment, Track
from nemo_notebook.render.form import meta_of, text_of
from nemo_notebook.render.layers import SOUND_RATE

PICTURES: Final = frozenset({"clip", "image", "backdrop"})  # they cover the canvas
DRAWN: Final = PICTURES | {"visualizer", "title"}
HEARD: Final = frozenset({"clip", "song", "speech", "bgm"})
_KINDS: Final = {
    "clip": ("video", "image"),
    "image": ("image",),
    "song": ("audio", "video"),
    "speech": ("audio", "video"),
}
_BY_KIND: Final = {"video": "clip", "audio": "song", "text": "title"}


@dataclass(frozen=True, slots=True)
class MediaFile:
    """An uploaded file as the plan needs to know it.

    Attributes:
        id: Content hash.
        path: Where it is.
        kind: `video`, `image` or `audio`.
        duration_ms: Length in milliseconds, 0 for a picture.
        width: Width in pixels as displayed.
        height: Height in pixels as displayed.
        has_audio: Whether there is a sound stream in it.
        rotation: Degrees that the file asks to be turned by; rendering reads it from the frames themselves.
        lufs: Integrated loudness of a song or a voice-over, where it is known.
    """

    id: str
    path: Path
    kind: str
    duration_ms: float = 0.0
    width: int = 0
    height: int = 0
    has_audio: bool = False
    rotation: int = 0
    lufs: float | None = None


Media = Mapping[str, MediaFile]


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment on whole frames, of which `end` is the first that it does not have."""

    segment: Segment
    role: str
    first: int
    end: int

    @property
    def meta(self) -> Json:
        """The segment's metadata."""
        return meta_of(self.segment.raw)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.segment.source or self.segment.name

    @property
    def frames(self) -> int:
        """Its length."""
        return self.end - self.first

    def file(self, media: Media) -> MediaFile | None:
        """The upload that it shows or plays."""
        return media.get(text_of(self.meta, "media")) if self.role in _KINDS else None


def frame_at(time_ms: float, fps: int) -> int:
    """The frame that a time starts at: nearest, halves up."""
    return floor(time_ms * fps / 1000 + 0.5)


def sample_at(frame: int, fps: int) -> int:
    """The sample at 48 kHz that a frame starts at."""
    return frame * SOUND_RATE // fps


def place(track: Track, frames: int, fps: int) -> Iterator[Placed]:
    """The segments of a track that are at least a frame long, in time order, cut off at the film's end."""
    for segment in track.segments:
        first = min(frame_at(segment.start_ms, fps), frames)
        end = min(frame_at(segment.end_ms, fps), frames)
        if end > first:
            yield Placed(segment, _role(segment), first, end)


def _role(segment: Segment) -> str:
    role = text_of(meta_of(segment.raw), "role")
    return role if role in DRAWN or role in HEARD else _BY_KIND.get(segment.kind, "")


def check_media(item: Placed, media: Media) -> None:
    """Sees that a segment's upload is there and fit for its role.

    Raises:
        FileMissing: It is not there.
        UnsupportedMedia: It is of another kind.
    """
    if item.role not in _KINDS:
        return
    file = item.file(media)
    if file is None:
        raise FileMissing(f"The timeline uses {item.name}, which is not among the uploads.", hint="Upload it again.")
    if file.kind not in _KINDS[item.role]:
        raise UnsupportedMedia(f"The timeline uses {item.name} as {item.role}, but it is of the kind {file.kind}.")
