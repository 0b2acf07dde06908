"""What a segment may show: uploads of the session, and what the draft shows already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nemo_notebook.film.draft import SOURCE, Json, first, meta_of
from nemo_notebook.film.editing.cells import told
from nemo_notebook.film.editing.shown import Shown
from nemo_notebook.outside import finite, plain, strike

# The engine's roles whose segments show a file, and the kind that is.
FILE_ROLES: Final = {"clip": "video", "image": "image", "song": "audio", "speech": "audio"}
NO_FILE: Final = ("title", "visualizer", "backdrop")
_FIT: Final = {"video": ("video", "image"), "audio": ("audio", "video")}
_FRAME_MS: Final = 1000 / 30 + 1


@dataclass(frozen=True, slots=True)
class File:
    """What may be a source.

    Attributes:
        name: Its file name.
        kind: `video`, `image` or `audio`.
        hash: The service's content hash, as far as it is known.
        duration_s: Its length; 0 for a picture, and where it is not known.
    """

    name: str
    kind: str
    hash: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """What a segment is to show.

    Attributes:
        value: What is written where the segment says what it shows.
        kind: `video`, `image`, `audio` or another.
        media: Its content hash, empty where it has none.
        duration_ms: Its length; 0 where it is not known.
        donor: A segment of the draft that shows it, empty where there is none.
    """

    value: Any
    kind: str
    media: str
    duration_ms: float
    donor: Json


class Sources:
    """All that may be shown.

    Args:
        shown: The draft's table.
        files: The session's uploads.
    """

    def __init__(self, shown: Shown, files: Sequence[File]) -> None:
        self._shown = shown
        self._files: dict[str, File] = {}
        for file in files:
            self._files.setdefault(strike(plain(file.name)), file)
        self._by_hash = {file.hash: file for file in files if file.hash}
        self._donors: dict[str, int] | None = None

    def find(self, name: str, kind: str, raw: Json) -> Source | str:
        """The source of a name for a segment on a track of a kind, or why it cannot be that.

        Args:
            name: As the table has it.
            kind: Of the track.
            raw: The segment that is to show it; empty where it is new.
        """
        if not name:
            return "source cannot be taken away; drop the row instead"
        file = self._files.get(strike(plain(name)))
        donor = self._donor(strike(plain(name)))
        if file is None and donor is None:
            known = ", ".join(told(each) for each in self._names())
            return f'source "{told(name)}" is not known' + (f"; there are {known}" if known else "")
        found = _of_file(file, donor) if file else _of_donor(donor or {}, self._shown_kind(name))
        role = meta_of(raw).get("role")
        if kind == "text" or role in NO_FILE:
            return f"a {role if isinstance(role, str) else 'title'} shows no file"
        if kind in _FIT and found.kind not in _FIT[kind]:
            return f'"{told(name)}" is of the kind {told(found.kind)}, which is not for a track of the kind {kind}'
        if is_of_engine(raw) and not found.media:
            return f'"{told(name)}" is no file that could be shown'
        return found

    def longest_ms(self, raw: Json, source: Source | None, kind: str, from_ms: float | None = None) -> float | None:
        """How long a segment can be at most, or None where that is not known.

        Args:
            raw: The segment; empty where it is new.
            source: What it is to show, where that is asked for.
            kind: Of its track.
            from_ms: From which moment of its file on it is to play, likewise.
        """
        meta = meta_of(raw)
        media = meta.get("media")
        if source is None:
            file = self._by_hash.get(media) if isinstance(media, str) else None
            if file is None or file.kind == "image" or meta.get("role") not in FILE_ROLES:
                return None
            in_ms, length_ms = max(0.0, finite(meta.get("in_ms")) or 0.0), 1000 * file.duration_s
        else:
            if source.kind == "image":
                return None
            in_ms, length_ms = 0.0, source.duration_ms
        in_ms = in_ms if from_ms is None else from_ms
        speed = (finite(meta.get("speed")) or 1.0) if kind == "video" else 1.0
        if not length_ms > 0 or not speed > 0:
            return None
        return (length_ms - in_ms) / speed + _FRAME_MS

    def _donor(self, name: str) -> Json | None:
        if self._donors is None:
            names = self._shown.words["source"]
            self._donors = {}
            for at, name_shown in enumerate(names):
                self._donors.setdefault(name_shown, at)
        at = self._donors.get(name, -1)
        return self._shown.raw(at) if at >= 0 else None

    def _shown_kind(self, name: str) -> str:
        assert self._donors is not None
        return self._shown.words["kind"][self._donors[strike(plain(name))]]

    def _names(self) -> Iterator[str]:
        names = dict.fromkeys([*self._files, *(self._donors or {})])
        names.pop("", None)
        yield from list(names)[:5]


def is_of_engine(raw: Json) -> bool:
    """Whether a segment is one of the local engine's that play or show an upload by its hash."""
    meta = meta_of(raw)
    return "media" in meta or meta.get("role") in (*FILE_ROLES, "bgm")


def plays_a_file(raw: Json) -> bool:
    """Whether it is one that plays a file from some moment on."""
    return meta_of(raw).get("role") in ("clip", "song", "speech")


def can_be_split(raw: Json, kind: str) -> bool:
    """Whether two parts of it show what it shows: composed music, or what keeps no in-point, would begin anew."""
    return kind == "text" or plays_a_file(raw) or meta_of(raw).get("role") in ("image", "backdrop", "visualizer")


def _of_file(file: File, donor: Json | None) -> Source:
    return Source(file.name, file.kind, file.hash, 1000 * file.duration_s, donor or {})


def _of_donor(donor: Json, kind: str) -> Source:
    meta = meta_of(donor)
    media = meta.get("media")
    role = meta.get("role")
    kind = FILE_ROLES.get(role, kind) if isinstance(role, str) else kind
    value = first(meta, SOURCE) or first(donor, SOURCE)
    return Source(value, kind, media if isinstance(media, str) else "", 0.0, donor)
