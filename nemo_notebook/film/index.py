"""Where the parts of a film lie, by their ids: looked up once for many edits, and brought up to date as they go."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nemo_notebook.film.drafting import Part, Raw


class Index:
    """The tracks of parts, and the parts of ids.

    Edits may change the lists of segments as they like: a list that has become another one, or longer or shorter, is
    noticed. What is told of (`add`, `drop`) costs no new look at the whole film.

    Args:
        film: Has the keys `t` and `sg`.
    """

    def __init__(self, film: Raw) -> None:
        self._film = film
        self.forget()

    def forget(self) -> None:
        """Look at the whole film again when something is asked for next."""
        self._sizes: list[tuple[int, int]] | None = None
        self._met: dict[int, Part] | None = None

    def track_of(self, part: Part) -> Raw | None:
        """The track that a part lies on, if it lies on any."""
        self._refresh()
        return self._tracks.get(id(part))

    def part_of(self, wanted: str) -> Part | None:
        """The segment with an id."""
        self._refresh()
        return self._parts.get(wanted)

    def has_id(self, wanted: str) -> bool:
        """Whether a track or a segment has an id."""
        self._refresh()
        return wanted in self._parts or wanted in self._track_ids

    def free_ids(self, prefix: str) -> Iterator[str]:
        """All ids with a prefix that no track or segment has."""
        self._refresh()
        for number in itertools.count(self._free.get(prefix, 1)):
            if not self.has_id(id_ := f"{prefix}-{number}"):
                self._free[prefix] = number
                yield id_

    def add(self, part: Part, track: Raw) -> None:
        """Lay a part on a track, behind what is there."""
        self._refresh()
        track["sg"].append(part)
        self._enter(part, track)
        self._sizes = self._sizes_now()

    def drop(self, part: Part) -> None:
        """Take a part out, if it is there."""
        track = self.track_of(part)
        if track is None:
            return
        del track["sg"][next(at for at, other in enumerate(track["sg"]) if other is part)]
        del self._tracks[id(part)]
        if self._parts.get(str(part.get("id"))) is part:
            del self._parts[part["id"]]
        self._free.clear()
        self._sizes = self._sizes_now()

    def met_by(self, part: Part) -> Part | None:
        """A part that is there at the same time on the same track; asked for when all edits are made."""
        if self._met is None:
            self._met = {}
            for track in self._film["t"]:
                _note_meetings(track["sg"], self._met)
        return self._met.get(id(part))

    def _sizes_now(self) -> list[tuple[int, int]]:
        return [(id(track["sg"]), len(track["sg"])) for track in self._film["t"]]

    def _refresh(self) -> None:
        sizes = self._sizes_now()
        if self._sizes == sizes:
            return
        self._sizes = sizes
        self._tracks: dict[int, Raw] = {}
        self._parts: dict[str, Part] = {}
        self._free: dict[str, int] = {}
        self._track_ids = {track["id"] for track in self._film["t"] if isinstance(track.get("id"), str)}
        for track in self._film["t"]:
            for part in track["sg"]:
                self._enter(part, track)

    def _enter(self, part: Part, track: Raw) -> None:
        self._tracks[id(part)] = track
        if isinstance(part.get("id"), str):
            self._parts.setdefault(part["id"], part)


def _note_meetings(segments: list[Part], met: dict[int, Part]) -> None:
    longest: Part | None = None
    for part in sorted((segment for segment in segments if segment["d"] > 0), key=lambda segment: int(segment["s"])):
        if longest is not None and part["s"] < longest["s"] + longest["d"]:
            met[id(part)] = longest
            met.setdefault(id(longest), part)
        if longest is None or part["s"] + part["d"] > longest["s"] + longest["d"]:
            longest = part
