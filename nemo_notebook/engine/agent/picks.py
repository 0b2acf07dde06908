"""Which shots and which stretch of time a message means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.film.fields import Anchor
from nemo_notebook.film.target import Target

Unit = Literal["clip", "photo", "shot"]


@dataclass(frozen=True, slots=True)
class Pick:
    """Shots on the timeline. Only one of `media`, `number` and `at_ms` is given; none of them means all of the unit.

    Attributes:
        unit: What is counted: `clip` (videos), `photo` or `shot` (both).
        media: Id of the upload that is shown.
        number: From 1; −1 is the last one. In a film cut to music, clips and photos are counted as uploads.
        count: How many from there on, or up to there for a negative number.
        at_ms: A time on the timeline.
    """

    unit: Unit = "shot"
    media: str | None = None
    number: int | None = None
    count: int = 1
    at_ms: int | None = None

    @property
    def target(self) -> Target:
        """The same for an edit; what is meant by its file or a time is whatever is seen there."""
        is_any = self.media is not None or self.at_ms is not None
        return Target(
            kind="shot" if is_any else self.unit,
            media=self.media,
            number=None if self.number is None else min(max(self.number, -10_000), 10_000),
            count=min(max(self.count, 1), 10_000),
            at_s=None if self.at_ms is None else min(max(self.at_ms / 1000, 0.0), 86_400.0),
        )


ALL: Final = Pick()


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time as it was asked for, in milliseconds; what was not said is None.

    Attributes:
        anchor: `start`, `end`, `middle` or `whole` of the video.
        start_ms: Start on the timeline.
        end_ms: End on the timeline.
        length_ms: Length.
    """

    anchor: Anchor | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    length_ms: int | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything was said of time."""
        return self != When()


ANY_TIME: Final = When()
