"""One state of the timeline with all its faces."""

from __future__ import annotations

import html
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nemo_notebook.timeline import table
from nemo_notebook.timeline.diff import Changes, compare
from nemo_notebook.timeline.draft import Json, Track, duration_ms, read_tracks
from nemo_notebook.timeline.plot import Picture, draw
from nemo_notebook.timeline.summary import summarize

if TYPE_CHECKING:
    import pandas as pd


class Timeline:
    """A draft and its views. The draft is the truth and is not changed.

    Args:
        raw: The draft as the service gave it, or None where there is none yet.
        language: `en` or `zh`…: the language of the summary and the changes.
    """

    def __init__(self, raw: Json | None, language: str = "en") -> None:
        self._draft: Json = raw or {}
        self.language = language

    @property
    def draft(self) -> Json:
        """The draft's raw JSON, unknown keys included."""
        return self._draft

    @cached_property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks, read once."""
        return read_tracks(self._draft)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return duration_ms(self._draft) / 1000

    @property
    def is_ready(self) -> bool:
        """Whether there is something to export."""
        return any(track.segments for track in self.tracks)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a segment, in track and time order; the columns are `table.COLUMNS`."""
        return table.to_frame(self.tracks)

    @cached_property
    def summary(self) -> str:
        """The timeline in one line."""
        return summarize(self.tracks, self.language)

    def diff(self, other: Timeline) -> Changes:
        """What changed from `other` to this one."""
        return compare(other.tracks, self.tracks, self.language)

    def plot(self) -> Picture:
        """The timeline as a vector picture, one lane a track."""
        return draw(self.tracks, self.duration_s)

    def __repr__(self) -> str:
        return self.summary

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if not self.is_ready:
            return {"text/plain": self.summary, "text/html": f"<p>{html.escape(self.summary)}</p>"}
        page = f"<p>{html.escape(self.summary)}</p>{self.plot().svg}{table.to_html(self.frame)}"
        return {"text/plain": f"{self.summary}\n\n{self.frame.to_string(index=False)}", "text/html": page}
