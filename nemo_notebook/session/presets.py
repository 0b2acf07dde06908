"""What an export may be: file types, qualities, and what platforms take.

Platforms change what they take: a film that one refuses can always be exported as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal

from nemo_notebook import errors

EXPORT_FORMATS: Final = tuple("mp4 mov mkv webm avi gif jpg png webp mp3 wav m4a aac mid".split())
EXPORT_QUALITIES: Final = ("preview", "low", "medium", "high")
RESOLUTIONS: Final = ("480p", "540p", "720p", "1080p", "1440p", "2k", "4k")
STILLS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})


_SLACK_S: Final = 0.05  # a film is a whole number of frames


@dataclass(frozen=True, slots=True)
class Preset:
    """What a film has to be for one platform.

    Attributes:
        name: What is typed.
        title: What the platform calls it.
        width: Pixels across.
        height: Pixels down.
        format: The file type.
        quality: As of an export.
        longest_s: The longest that is taken there as what it is, in seconds; None for none that matters.
        shortest_s: The shortest, in seconds.
        note: What else is to be known of it, in a sentence.
        if_longer: A longer film is `cut` to its strongest part, is `told` of and exported whole, or is `refused`,
            where the platform would do so and no part of it would be what was meant.
        loops: Whether it is played over and over, so that its end goes over into its beginning.
    """

    name: str
    title: str
    width: int
    height: int
    format: str = "mp4"
    quality: str = "high"
    longest_s: float | None = None
    shortest_s: float = 0.0
    note: str = ""
    if_longer: Literal["cut", "told", "refused"] = "told"
    loops: bool = False

    @property
    def words(self) -> str:
        """It in a few words."""
        length = "" if self.longest_s is None else f", {_span(self.shortest_s, self.longest_s)}"
        return f"{self.title}: {self.width}×{self.height}{length}"


PRESETS: Final[Mapping[str, Preset]] = {
    name: Preset(name, **fields)
    for name, fields in tomllib.loads(
        resources.files(__package__).joinpath("presets.toml").read_text(encoding="utf-8")
    ).items()
}


def choose_preset(name: str | None) -> Preset | None:
    """The preset of a name, none for no name.

    Raises:
        UsageError: There is none of that name.
    """
    if not name:
        return None
    found = PRESETS.get(name.strip().lower())
    if found is None:
        raise errors.UsageError(f"There is no preset {name[:40]!r}.", hint=f"Choose one of: {', '.join(PRESETS)}.")
    return found


def check_duration(preset: Preset, duration_s: float) -> tuple[str, ...]:
    """What is to be said of a film's length on a platform, a sentence each.

    Raises:
        UsageError: The platform would refuse the film.
    """
    if duration_s < preset.shortest_s - _SLACK_S:
        raise errors.UsageError(
            f"{preset.title} takes films from {_length(preset.shortest_s)} on; this one has {duration_s:.1f} s.",
            hint="Make the film longer, or export it without the preset.",
        )
    if preset.longest_s is None or duration_s <= preset.longest_s + _SLACK_S:
        return (preset.note,) if preset.loops else ()
    if preset.if_longer == "refused":
        raise errors.UsageError(
            f"{preset.title} takes films of up to {_length(preset.longest_s)}; this one has {_length(duration_s)}.",
            hint="Make the film shorter, or export it without the preset.",
        )
    if preset.if_longer == "cut":
        whole = f"{preset.title} takes {_span(preset.shortest_s, preset.longest_s)}"
        return (f"{whole}: these are {_length(preset.longest_s)} of the film's {_length(duration_s)}.", preset.note)
    return (f"The film has {_length(duration_s)}. {preset.note}",)


def _span(shortest_s: float, longest_s: float) -> str:
    return f"{_length(shortest_s)} to {_length(longest_s)}" if shortest_s else f"up to {_length(longest_s)}"


def _length(time_s: float) -> str:
    """A length as people say it."""
    if time_s < 120:
        return f"{time_s:g} s" if time_s == int(time_s) else f"{time_s:.1f} s"
    hours, minutes, seconds = int(time_s // 3600), int(time_s // 60 % 60), int(time_s % 60)
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" + (f" {seconds} s" if seconds else "")
