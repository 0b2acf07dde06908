"""What is seen in a shot and heard in a film: plain values that travel to worker processes as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

SOUND_RATE: Final = 48_000
SHOT_VERSION: Final = 1  # raise it when the same shot would come out as another picture
SOUND_VERSION: Final = 1  # likewise for the mix
_PLACES: Final = frozenset({"path", "name", "first_frame"})  # where a thing is says nothing about how it looks


@dataclass(frozen=True, slots=True)
class Output:
    """The film's form.

    Attributes:
        format: Container: `mp4`, `mov` or `mkv`.
        quality: `low`, `medium` or `high`.
        width: Canvas width in pixels, even.
        height: Canvas height in pixels, even.
        fps: Frames per second.
    """

    format: str
    quality: str
    width: int
    height: int
    fps: int


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a video.

    Attributes:
        media: Content hash of the file.
        path: Where the file is.
        name: What people call it, for messages.
        in_ms: In-point in the source, in milliseconds.
        skip: Frames of the segment that lie before this shot: shot frame k shows source time in_ms + (skip + k) / fps.
    """

    media: str
    path: str
    name: str
    in_ms: float
    skip: int


@dataclass(frozen=True, slots=True)
class Image:
    """A still picture with a slow zoom.

    Attributes:
        media: Content hash of the file.
        path: Where the file is.
        name: What people call it, for messages.
        zoom: End scale of the whole segment; below 1 the zoom runs outwards, 1 stands still.
        skip: Frames of the segment that lie before this shot.
        of: Frames of the whole segment.
    """

    media: str
    path: str
    name: str
    zoom: float
    skip: int
    of: int


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A drawn background."""

    palette: str


@dataclass(frozen=True, slots=True)
class VisualizerLayer:
    """Drawn from the sound, over a picture or alone."""

    style: str
    palette: str
    over_picture: bool


@dataclass(frozen=True, slots=True)
class TitleLayer:
    """Words over the picture.

    Attributes:
        text: The words.
        position: `top`, `center`, `bottom` or `lower-third`.
        size: `small`, `medium` or `large`.
        color: `#rrggbb`.
        skip: Frames of the title that lie before this shot, so that a fade goes on over shots.
        of: Frames of the whole title.
        fade: Frames that fading in takes, and fading out.
    """

    text: str
    position: str
    size: str
    color: str
    skip: int
    of: int
    fade: int


Layer = Clip | Image | Backdrop | VisualizerLayer | TitleLayer


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of the film in which the same layers are seen.

    Attributes:
        first_frame: Its first frame on the timeline.
        frames: Its length.
        layers: Bottom first; none at all is black.
    """

    first_frame: int
    frames: int
    layers: tuple[Layer, ...]

    @property
    def needs_spectrum(self) -> bool:
        """Whether the sound has to be known before it can be drawn."""
        return any(isinstance(layer, VisualizerLayer) for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Sound:
    """One stretch of sound in the mix; starts and lengths are samples at 48 kHz.

    Attributes:
        media: Content hash of the file, empty for composed music.
        path: Where the file is, empty for composed music.
        name: What people call it, for messages.
        recipe: Composed music as (key, value) pairs of `music.Recipe`, empty for a file.
        in_ms: In-point in the source, in milliseconds.
        start: First sample on the timeline.
        samples: Length.
        gain: Factor, 0–1.
        fade_in: Samples that fading in takes.
        fade_out: Samples that fading out takes.
    """

    media: str
    path: str
    name: str
    recipe: tuple[tuple[str, Any], ...]
    in_ms: float
    start: int
    samples: int
    gain: float
    fade_in: int
    fade_out: int


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """Everything that is heard, and how long the film is in samples at 48 kHz."""

    samples: int
    sounds: tuple[Sound, ...]


_TYPES: Final[Mapping[str, type]] = {
    cls.__name__: cls for cls in (Output, Clip, Image, Backdrop, VisualizerLayer, TitleLayer, Shot, Sound, SoundPlan)
}


def to_json(value: Any) -> Any:
    """A value of this module as JSON values; each object names its type under `is`."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, **{f.name: to_json(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    return value


def from_json(value: Any) -> Any:
    """Reads what `to_json` wrote; lists come back as tuples.

    Raises:
        KeyError: An object of an unknown type.
    """
    if isinstance(value, Mapping):
        return _TYPES[value["is"]](**{key: from_json(item) for key, item in value.items() if key != "is"})
    if isinstance(value, (tuple, list)):
        return tuple(from_json(item) for item in value)
    return value


def shot_key(shot: Shot, output: Output, spectrum_digest: str = "") -> str:
    """Hash of all that is seen in a shot; where it lies on the timeline does not count.

    Args:
        shot: The shot.
        output: Size, rate and quality; the container does not count.
        spectrum_digest: Digest of the spectrum's slice, for a shot that is drawn from the sound.
    """
    form = (output.quality, output.width, output.height, output.fps)
    return _hash(["shot", SHOT_VERSION, form, to_json(shot), spectrum_digest])


def sound_key(plan: SoundPlan) -> str:
    """Hash of all that is heard in a film."""
    return _hash(["sound", SOUND_VERSION, to_json(plan)])


def _hash(value: object) -> str:
    text = json.dumps(_placeless(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def _placeless(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _placeless(item) for key, item in value.items() if key not in _PLACES}
    if isinstance(value, (tuple, list)):
        return [_placeless(item) for item in value]
    return value
