"""What edits know besides the draft: the uploads, and the situation in which something is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from nemo_notebook.film.tracks import Json

Language = str  # the tag of one of the files in `sentences/`
FPS: Final = 30  # frames a second of every draft the engine writes
SEED: Final = 1  # the same media and the same edits give the same draft, in any session


@cache
def language_of(tag: str) -> Language:
    """The language of a tag such as `zh-CN`; English where there are no sentences in it."""
    files = resources.files(__package__).joinpath("sentences").iterdir()
    return next((tag[:2].lower() for each in files if each.name == f"{tag[:2].lower()}.toml"), "en")


@dataclass(frozen=True, slots=True)
class MediaItem:
    """An uploaded file, as far as it is known.

    Attributes:
        id: Content hash.
        filename: Name at upload.
        kind: `video`, `image` or `audio`.
        duration_ms: Length in milliseconds; 0 for images.
        width: Pixels as displayed; 0 for audio.
        height: Pixels as displayed; 0 for audio.
        has_audio: Whether it can be heard.
        beats_ms: Times of the beats in milliseconds, ascending.
        downbeats_ms: Times of the first beats of bars, a part of `beats_ms`.
        tempo: Beats per minute, or None where there is no steady beat.
        energy: Loudness 0–1, one value a second.
        title: From the tags, else empty.
        artist: From the tags, else empty.
        sections: Where a song's sections start, in milliseconds, ascending, from 0 on, with their loudness 0–1.
        drops_ms: Times at which a song's full force sets in, ascending.
        scenes_ms: Cuts within a video, ascending, without 0.
        motion: How much moves in a video, 0–1, one value a second.
        brightness: How bright a video is, 0–1, one value a second.
        cover_colors: Three colours (#rrggbb) of a song's cover art from dark to light; empty where it has none.
        content: What an audio file is; empty where that is not clear (noise, birds), or not known yet, and for videos.
        silences_ms: Start and end of the silent stretches of its sound, in milliseconds, ascending.
    """

    id: str
    filename: str
    kind: Literal["video", "image", "audio"]
    duration_ms: int = 0
    width: int = 0
    height: int = 0
    has_audio: bool = False
    beats_ms: tuple[int, ...] = ()
    downbeats_ms: tuple[int, ...] = ()
    tempo: float | None = None
    energy: tuple[float, ...] = ()
    title: str = ""
    artist: str = ""
    sections: tuple[tuple[int, float], ...] = ()
    drops_ms: tuple[int, ...] = ()
    scenes_ms: tuple[int, ...] = ()
    motion: tuple[float, ...] = ()
    brightness: tuple[float, ...] = ()
    cover_colors: tuple[str, ...] = ()
    content: Literal["speech", "music", ""] = ""
    silences_ms: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a film: how it came about.

    Attributes:
        origin: `chat`, `edit`, or `table`; empty of the empty film before the first version.
        said: What was said for it; empty where nothing was.
        told: What it changed, in words.
        edits: The typed edits that made it of the version before, as JSON.
        uploads: How many of the uploads there were then, in the order in which they came.
        language: In which the edits were made, as a tag such as `zh-CN`.
        draft: The film itself, where the edits alone do not lead to it, as it was put in whole.
        number: What it is called by; higher ones came later. 0 until it is kept, and of the empty film.
        made_s: When it came about, in seconds since 1970; 0 where nobody noted it.
    """

    origin: str = ""
    said: str = ""
    told: str = ""
    edits: Sequence[Mapping[str, Any]] = ()
    uploads: int = 0
    language: str | None = None
    draft: Json | None = field(default=None, repr=False)
    number: int = 0
    made_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a message may refer to.

    Attributes:
        draft: The current draft; empty at first.
        media: Uploads in the order in which they came.
        earlier: Drafts before this one, newest last.
        language: Language of the session as a tag such as `zh-CN`, or None.
        seed: Chooses where there is no better reason; the same seed gives the same draft.
        later: Drafts that were gone back from, the next one first.
        asked: The message before this one, where its answer was a question, and the whole messages that were offered
            for the next one to pick from (`Outcome.choices`); else empty.
        touched: Ids of the parts that the last edit has changed.
        is_foreign: Whether another service than the local engine renders the film: of a draft of its, nothing is known
            but times, volumes, texts, names, and the order of segments.
        recent: How the last versions came about, with what was said and the typed edits; the newest last.
    """

    draft: Json
    media: tuple[MediaItem, ...] = ()
    earlier: Sequence[Json] = ()
    language: str | None = None
    seed: int = SEED
    later: Sequence[Json] = ()
    asked: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    is_foreign: bool = False
    recent: Sequence[Version] = ()

    def of_kind(self, kind: str) -> tuple[MediaItem, ...]:
        """The uploads of one kind, in order."""
        return tuple(item for item in self.media if item.kind == kind)

    @property
    def spoken(self) -> Language:
        """The language to answer in."""
        return language_of(self.language or "")
