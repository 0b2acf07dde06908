"""One state of the timeline with all its faces."""

from __future__ import annotations

import html
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nemo_notebook.film import table
from nemo_notebook.film.diff import Changes, compare
from nemo_notebook.film.picture.plot import draw
from nemo_notebook.film.picture.svg import Picture
from nemo_notebook.film.provenance import Provenance, hash_of
from nemo_notebook.film.sounds import NOTHING, Sounds
from nemo_notebook.film.summary import summarize
from nemo_notebook.film.tracks import Json, Track, duration_ms, read_tracks
from nemo_notebook.film.wording import Told, tell

if TYPE_CHECKING:
    import pandas as pd


class Timeline:
    """A draft and its views. The draft is the truth and is not changed.

    Args:
        raw: The draft as the service gave it, or None where there is none yet.
        language: `en` or `zh`…: the language of the summary and the changes.
        sounds: What is known of beats and loudness, for the picture.
        made: What is known of where the draft comes from.
    """

    def __init__(
        self, raw: Json | None, language: str = "en", sounds: Sounds = NOTHING, made: Provenance | None = None
    ) -> None:
        self._draft: Json = raw or {}
        self.language = language
        self.sounds = sounds
        self._made = made

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

    @property
    def frame(self) -> pd.DataFrame:
        """One row a segment, in track and time order; the columns are `table.COLUMNS`. Each is the caller's own."""
        return table.read_frame(self._draft)

    @cached_property
    def summary(self) -> str:
        """The timeline in one line."""
        return summarize(self.tracks, self.language)

    @cached_property
    def brief(self) -> str:
        """Its length and its number of tracks."""
        key = "timeline.brief" if self.is_ready else "timeline.empty"
        return tell(Told(key, time=1000 * round(self.duration_s), n=len(self.tracks)), self.language)

    @property
    def folded(self) -> str:
        """The same as HTML that opens to a small picture, without beats and waveforms."""
        if not self.is_ready:
            return f"<p>{html.escape(self.brief)}</p>"
        colors = Sounds(uploads=self.sounds.uploads)
        picture = draw(self.tracks, self.duration_s, colors, self.language, self.summary)
        return f"<details><summary>{html.escape(self.brief)}</summary>{picture.html}</details>"

    @cached_property
    def provenance(self) -> Provenance | None:
        """What it was made of: uploads, prompts, the hash of the draft; None where the backend does not tell.

        Raises:
            ProtocolError: The draft is nested too deeply to be read.
        """
        return self._made and replace(self._made, draft_sha256=hash_of(self._draft))

    def diff(self, other: Timeline) -> Changes:
        """What changed from `other` to this one."""
        return compare(other.tracks, self.tracks, self.language)

    def plot(self) -> Picture:
        """The timeline as a vector picture: a lane for each track, beats and waveforms where they are known."""
        return draw(self.tracks, self.duration_s, self.sounds, self.language, self.summary)

    def __repr__(self) -> str:
        return self.summary

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if not self.is_ready:
            return {"text/plain": self.summary, "text/html": f"<p>{html.escape(self.summary)}</p>"}
        frame, picture = self.frame, self.plot()
        return {
            "text/plain": f"{self.summary}\n\n{table.to_text(frame)}",
            "text/html": f"<p>{html.escape(self.summary)}</p>{picture.html}{table.to_html(frame)}",
        }
