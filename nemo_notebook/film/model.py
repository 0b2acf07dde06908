"""What edits know besides the draft: types of their fields, the uploads, and the situation they are asked for in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias, get_args

from msgspec import Meta

from nemo_notebook.film.tracks import Json
from nemo_notebook.outside import finite, plain, strike

# Types of fields that several edits share: bounds, and closed sets of values.
Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Shift = Annotated[float, Meta(ge=-86_400, le=86_400)]
Length = Annotated[float, Meta(ge=0.03, le=86_400)]
Volume = Annotated[float, Meta(ge=0, le=4)]
Color = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$", examples=["a colour such as #ff8800"])]
UPLOAD: Final = {"names": "upload"}
Hash = Annotated[str, Meta(min_length=1, max_length=200, extra=UPLOAD)]
"""An upload by its content hash, or its file name where it is the only one of that name: see `target.with_hashes`."""
Count = Annotated[int, Meta(ge=1, le=10_000)]
Anchor = Literal["start", "end", "middle", "whole"]
Order = Literal["uploaded", "reversed", "name", "shuffled"]
SongPart = Literal["chorus", "drop", "intro", "end"]
Fit = Literal["auto", "crop", "blur", "pad"]
TransitionKind = Literal["dissolve", "black", "white", "slide", "push", "wipe", "zoom", "circle"]
StyleName = Literal["energetic", "cinematic", "dreamy", "retro", "minimal", "travel", "party", "documentary"]
EffectKind = Literal[
    "shake", "pulse", "flash", "glitch", "rgb_split", "grain", "vignette", "light_leak", "letterbox", "blur",
    "pixelate",
]  # fmt: skip
Aspect = Literal["16:9", "9:16", "1:1", "4:5", "5:4", "4:3", "3:4", "2:3", "3:2", "2:1", "21:9"]
Palette = Literal["aurora", "sunset", "neon", "ocean", "fire", "forest", "candy", "gold", "ice", "mono"]
Position = Literal[
    "top", "center", "bottom", "lower-third", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right",
]  # fmt: skip
Tempo = Literal["slow", "usual", "fast"]
USUAL_MOOD: Final = "chill"

_Filter = Literal["bw", "sepia", "warm", "cool", "vivid", "vintage", "cinematic", "dreamy", "noir", "faded"]
_Style = Literal["bars", "waveform", "circular", "spectrum", "line"]
_Mood = Literal[
    "lofi", "chill", "upbeat", "cinematic", "sad", "ambient", "house", "dark", "romantic",
    "corporate", "hiphop", "rock", "jazz", "acoustic", "epic", "edm", "happy",
]  # fmt: skip
if TYPE_CHECKING:
    Filter: TypeAlias = _Filter
    VisualizerStyle: TypeAlias = _Style
    Mood: TypeAlias = _Mood
_OPEN: Final = {"Filter": ("looks", _Filter), "VisualizerStyle": ("visualizers", _Style), "Mood": ("moods", _Mood)}


def __getattr__(name: str) -> Any:
    """The types of fields whose values other packages may add to; these are looked for on first use."""
    if name not in _OPEN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nemo_notebook.extensions import extensions

    kind, own = _OPEN[name]
    globals()[name] = Literal[(*get_args(own), *extensions(kind))]
    return globals()[name]


View = tuple[float, float, float]  # what is shown: across and down in the room there is, 0–1; enlargement from 1 on
FULL_VIEW: Final[View] = (0.5, 0.5, 1.0)
MOST_ZOOM: Final = 4.0
Language = str  # the tag of one of the files in `sentences/`
FPS: Final = 30  # frames a second of every draft the engine writes
SEED: Final = 1  # the same media and the same edits give the same draft, in any session
MOST_SAID: Final = 2000  # characters of a prompt that are kept
CHARS_OF_EDIT: Final = 4  # times as many characters as a prompt may have
LONGEST_NAME: Final = 200  # characters of a name or a version
_DEEPEST: Final = 6
_ROOT: Final = r"(?:~[\w.-]*|[A-Za-z]:)?[\\/]"
_NAME: Final = r"[^\s\\/'\"]"
# The folders of a path from a root, as it stands in a sentence; their names have spaces only between quotation marks.
_FOLDERS: Final = re.compile(
    rf"(?:(?<=['\"]){_ROOT}(?:{_NAME}[^\\/'\"\n]*[\\/])+|(?<![^\s(,;，；“‘（]){_ROOT}(?:{_NAME}+[\\/])+)(?={_NAME})"
)


def read_view(value: object) -> View | None:
    """What a camera is told to show, within bounds; None where that is no view."""
    known = [finite(item) for item in value] if isinstance(value, (list, tuple)) else []
    if len(known) != len(FULL_VIEW) or None in known:
        return None
    x, y, scale = (float(item or 0.0) for item in known)
    return round(min(1.0, max(0.0, x)), 4), round(min(1.0, max(0.0, y)), 4), round(min(MOST_ZOOM, max(1.0, scale)), 4)


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
        sharpness: How sharp a video is, 0–1, one value a second: how steep its edges are, on a scale from blurred to
            crisp, over the root of that of its sharpest second.
        steadiness: How steadily a video is held, 0–1, one value a second: 1 on a tripod or in a smooth pan, 0.5 where
            it shakes by a five-hundredth of its width. Empty of long videos.
        focus: Where the eye goes, across and down in 0–1, one place a second of a video, one of an image; (0.5, 0.5)
            where nothing stands out.
        pan: How all that a video shows moves, to the right and down, in widths and heights a second, one value a
            second: what a camera that turns to the right shows moves to the left. Empty of long videos.
        sound: How loud the sound of a video is, 0–1, one value a second, 1 being its loud seconds; empty without sound.
        voices: How much the sound of a video is like speech, laughter or calls, 0–1, one value a second. Applause and
            singing do not count, and voices under loud music are not heard. Empty without sound.
        colors: How colourful a video is, 0–1, one value a second: how far its colours lie from grey on average.
        keyframes_ms: Where a video can be begun without decoding what comes before, ascending.
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
    sharpness: tuple[float, ...] = ()
    steadiness: tuple[float, ...] = ()
    focus: tuple[tuple[float, float], ...] = ()
    pan: tuple[tuple[float, float], ...] = ()
    sound: tuple[float, ...] = ()
    voices: tuple[float, ...] = ()
    colors: tuple[float, ...] = ()
    keyframes_ms: tuple[int, ...] = ()


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


def clean_prompt(message: str) -> str:
    """A message as it is kept: without secrets and the folders of paths, and no longer than it may be."""
    return cut_text(_FOLDERS.sub("", plain(strike(message))), MOST_SAID)


def clean_edits(values: Iterable[object]) -> tuple[dict[str, Any], ...]:
    """Edits as they are kept: without secrets and the folders of paths, and none longer than it may be."""
    edits = (_clean(value) for value in values if isinstance(value, Mapping) and isinstance(value.get("edit"), str))
    return tuple(cut_edit(edit, CHARS_OF_EDIT * MOST_SAID) for edit in edits)


def _clean(value: object, depth: int = _DEEPEST) -> Any:
    if isinstance(value, str):
        return clean_prompt(value[: CHARS_OF_EDIT * MOST_SAID])
    if isinstance(value, Mapping) and depth:
        return {clean_prompt(str(key)): _clean(each, depth - 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)) and depth:
        return [_clean(each, depth - 1) for each in value]
    return value if isinstance(value, bool) or finite(value) is not None else None


def cut_edit(edit: Mapping[str, Any], most: int) -> dict[str, Any]:
    """An edit; only its name and "…" where it is too long."""
    if len(json.dumps(edit)) <= most:
        return dict(edit)
    return {"edit": cut_text(str(edit["edit"]), LONGEST_NAME), "…": ""}


def cut_text(text: str, most: int) -> str:
    """A text, ending in `…` where it is too long."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
