"""The table that a draft is shown as, with the JSON behind each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.film.draft import Json, Track, meta_of, read_tracks
from nemo_notebook.outside import finite

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

IN: Final = "in_s"
"""A further column that a table may have: from which second of its file on a segment plays."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The table that a draft is shown as, column by column.

    Attributes:
        lanes: The draft's tracks.
        lane_of: For each row the place of its track in `lanes`.
        place_of: For each row its segment's place in that track.
        ids: The column `segment`.
        numbers: The columns of numbers.
        words: The columns of texts.
    """

    lanes: Sequence[Track]
    lane_of: Sequence[int]
    place_of: Sequence[int]
    ids: Sequence[str]
    numbers: Mapping[str, npt.NDArray[np.float64]]
    words: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, draft: Json) -> Shown:
        """What a draft shows."""
        import numpy as np

        lanes = read_tracks(draft)
        counts = [len(lane.ids) for lane in lanes]

        def numbers(values: Any) -> npt.NDArray[np.float64]:
            return np.array(list(chain.from_iterable(values)), dtype="float64")

        def every(values: Any) -> list[Any]:
            return list(chain.from_iterable(values))

        start_ms, length_ms = numbers(lane.starts_ms for lane in lanes), numbers(lane.lengths_ms for lane in lanes)
        return cls(
            lanes,
            every(repeat(at, count) for at, count in enumerate(counts)),
            every(range(count) for count in counts),
            every(lane.ids for lane in lanes),
            {
                "track": numbers(repeat(lane.number, len(lane.ids)) for lane in lanes),
                "start_s": start_ms / 1000,
                "end_s": (start_ms + length_ms) / 1000,
                "duration_s": length_ms / 1000,
                "volume": numbers(lane.volumes for lane in lanes),
            },
            {
                "kind": every(repeat(lane.kind, len(lane.ids)) for lane in lanes),
                "name": every(lane.names for lane in lanes),
                "text": every(lane.texts for lane in lanes),
                "source": every(lane.sources for lane in lanes),
            },
        )

    def raw(self, at: int) -> Json:
        """The JSON of a row's segment."""
        return self.lanes[self.lane_of[at]].raws[self.place_of[at]]

    def ins_s(self) -> npt.NDArray[np.float64]:
        """The column `in_s`, which is shown only to those who ask for it."""
        import numpy as np

        moments_ms = [finite(meta_of(raw).get("in_ms")) for lane in self.lanes for raw in lane.raws]
        return np.array([(moment or 0.0) / 1000 for moment in moments_ms], dtype="float64")

    def span_ms(self, at: int) -> tuple[float, float]:
        """Start and length of a row's segment."""
        lane, place = self.lanes[self.lane_of[at]], self.place_of[at]
        return lane.starts_ms[place], lane.lengths_ms[place]
