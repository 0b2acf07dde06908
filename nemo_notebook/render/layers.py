"""What is seen in a shot and heard in a film: plain values that travel to worker processes as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from nemo_notebook.film.model import FULL_VIEW, View
from nemo_notebook.render.formats import Output

SOUND_RATE: Final = 48_000


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of a picture: a named filter, then three amounts of −1…1, 0 being as it is."""

    filter: str = ""
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0


PLAIN: Final = Look()


@dataclass(frozen=True, slots=True)
class Camera:
    """A virtual camera that moves over a picture while a segment lasts.

    Attributes:
        start: What is shown in the segment's first frame. At an enlargement of 1 the picture just fills the canvas; 0
            across is its left end, 0 down its top, as `object-position` has it.
        end: What is shown in its last frame.
        skip: Frames of the segment that lie before this shot; negative before the segment.
        of: Frames of the whole segment.
        ease: `linear`, or `smooth`: it starts and stops softly.
        pulse: How far the picture jumps nearer at each beat, 0–1.
        shake: How much it trembles, 0–1.
        beats: Frames of the shot at which a beat falls; those before it are negative.
    """

    start: View = FULL_VIEW
    end: View = FULL_VIEW
    skip: int = 0
    of: int = 1
    ease: str = "linear"
    pulse: float = 0.0
    shake: float = 0.0
    beats: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a video.

    Attributes:
        media: Content hash of the file.
        path: Where the file is.
        name: What people call it, for messages.
        in_ms: In-point in the source, in milliseconds.
        skip: Frames of the segment that lie before this shot: shot frame k shows source time
            in_ms + speed · (skip + k) / fps. Negative before the segment; before its start, the source's first frame
            stays, after its end the last.
        speed: Source seconds in a second; 0 shows the in-point all along.
        end_speed: What the speed goes over into, evenly, until the segment's end; None stays the same.
        reverse: Whether the segment runs backwards: its frame k shows what frame of − 1 − k would show.
        of: Frames of the whole segment; 0 where nothing depends on it.
        fit: `auto`, `crop`, `blur` or `pad`.
        look: Its colours.
        camera: How a camera moves over it; None stands still over all of it.
        flip: `h` mirrors left and right, `v` top and bottom, `hv` both.
        turn: Degrees clockwise by which it is turned before it is fitted: 0, 90, 180 or 270.
    """

    media: str
    path: str
    name: str
    in_ms: float
    skip: int
    speed: float = 1.0
    fit: str = "auto"
    look: Look = PLAIN
    camera: Camera | None = None
    flip: str = ""
    turn: int = 0
    end_speed: float | None = None
    reverse: bool = False
    of: int = 0


@dataclass(frozen=True, slots=True)
class Image:
    """A still picture.

    Attributes:
        media: Content hash of the file.
        path: Where the file is.
        name: What people call it, for messages.
        fit: `auto`, `crop`, `blur` or `pad`.
        look: Its colours.
        camera: As of a clip.
        flip: Likewise.
        turn: Likewise.
    """

    media: str
    path: str
    name: str
    fit: str = "auto"
    look: Look = PLAIN
    camera: Camera | None = None
    flip: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A drawn background.

    Attributes:
        palette: A name in `PALETTES`.
        colors: Three `#rrggbb` from low to high, in place of the palette's; or none.
        cover: Content hash of a song whose cover art is on it; empty for none.
        cover_path: Where that song is.
    """

    palette: str
    colors: tuple[str, ...] = ()
    cover: str = ""
    cover_path: str = ""


@dataclass(frozen=True, slots=True)
class Blend:
    """One picture going over into another, `of` frames long, of which `skip` lie before this shot.

    `kind` is `dissolve`, `black`, `white`, `slide`, `push`, `wipe`, `zoom` or `circle`.
    """

    kind: str
    under: Clip | Image | Backdrop | None
    over: Clip | Image | Backdrop | None
    skip: int
    of: int


@dataclass(frozen=True, slots=True)
class Overlay:
    """A picture in a part of the canvas.

    Attributes:
        picture: What is shown; the box is its canvas.
        box: Left, top, width and height, 0–1 of the canvas.
    """

    picture: Clip | Image
    box: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class VisualizerLayer:
    """Drawn from the sound, over a picture or alone; `colors` as in `Backdrop`."""

    style: str
    palette: str
    over_picture: bool
    colors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TitleLayer:
    """Words over the picture.

    Attributes:
        text: The words.
        position: `top`, `center`, `bottom`, `lower-third`, `left`, `right`, or a corner such as `top-left`.
        size: `small`, `medium` or `large`.
        color: `#rrggbb`.
        skip: Frames of the title that lie before this shot, so that a fade goes on over shots.
        of: Frames of the whole title.
        fade: Frames that coming in takes, and going out.
        style: `plain`, `box` or `outline`.
        animate_in: How it comes: `fade`, `slide`, `pop`, `type` or `none`.
        animate_out: How it goes, likewise.
        raised: Whether something is drawn at the foot of the picture that it has to stand above.
        x: The centre of its words, 0–1 of the width, in place of the position's; None for that.
        y: Likewise of the height.
    """

    text: str
    position: str
    size: str
    color: str
    skip: int
    of: int
    fade: int
    style: str = "plain"
    animate_in: str = "fade"
    animate_out: str = "fade"
    raised: bool = False
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Something done to all that lies below.

    Attributes:
        kind: Its name.
        amount: How strong it is, 0–1.
        skip: Frames of its segment that lie before this shot, so that what changes goes on over shots.
        beats: Frames of the shot at which a beat falls; those before it are negative.
        region: Left, top, width and height of where it works, 0–1 of the canvas; empty for everywhere.
    """

    kind: str
    amount: float
    skip: int = 0
    beats: tuple[int, ...] = ()
    region: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Fade:
    """All below comes out of black, or goes into it: `of` frames, of which `skip` lie before this shot."""

    out: bool
    skip: int
    of: int


Layer = Clip | Image | Backdrop | Blend | Effect | Overlay | VisualizerLayer | TitleLayer | Fade


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
        gain: Factor; above 1 it is louder than in its source.
        fade_in: Samples that fading in takes.
        fade_out: Samples that fading out takes.
        speed: Source seconds in a second; the pitch stays.
        duck: What is left of its gain while a voice is heard, 0–1; 1 is not ducked. Clips give way to voice-overs only.
        voice: Whether ducked sounds give way to it: it is a clip's own sound, or a voice-over.
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
    speed: float = 1.0
    duck: float = 1.0
    voice: bool = False


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """Everything that is heard.

    Attributes:
        samples: Length of the film, at 48 kHz.
        sounds: In the order of the tracks.
        lufs: The least and the most that its integrated loudness is to be; None leaves it as it is.
    """

    samples: int
    sounds: tuple[Sound, ...]
    lufs: tuple[float, float] | None = None


_TYPES: Final[Mapping[str, type]] = {
    cls.__name__: cls
    for cls in (
        *(Output, Look, Camera, Clip, Image, Backdrop, Blend, Effect, Overlay, VisualizerLayer, TitleLayer, Fade),
        *(Shot, Sound, SoundPlan),
    )
}


def as_json(value: Any) -> Any:
    """A value of this module as JSON values; each object names its type under `is`."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, **{f.name: as_json(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, (tuple, list)):
        return [as_json(item) for item in value]
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
