"""Styles of films: pace, movement, transitions, look, titles and visualizer as one choice, each a file in `styles/`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from nemo_notebook.errors import InputError
from nemo_notebook.film.model import EffectKind, Filter, MediaItem, Palette, Position, TransitionKind, VisualizerStyle

_Seconds = Annotated[float, Meta(ge=0.4, le=60)]
_Tint = Annotated[float, Meta(ge=-1, le=1)]
_TitleStyle = Literal["plain", "box", "outline"]
_Size = Literal["small", "medium", "large"]
_Animation = Literal["fade", "slide", "pop", "type", "none"]
_Dissolve = Annotated[float, Meta(ge=0, le=5)]
_Movement = Annotated[float, Meta(ge=0, le=0.5)]
_Pattern = Annotated[tuple[Annotated[float, Meta(ge=0.25, le=4)], ...], Meta(min_length=1, max_length=32)]
_Join = Literal[TransitionKind, "none"]
_Share = Annotated[float, Meta(ge=0, le=1)]


class StyleEffect(Struct, frozen=True, forbid_unknown_fields=True):
    """An effect of the whole film, as `effects` in `tracks.py`."""

    kind: Annotated[EffectKind, Meta(description="Which effect.")]
    amount: Annotated[_Share, Meta(description="How strong it is.")] = 0.5


class StyleLook(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Colours and effects of the whole film."""

    filter: Annotated[Filter | None, Meta(description="A filter.")] = None
    brightness: Annotated[_Tint, Meta(description="From -1 to 1; 0 changes nothing.")] = 0.0
    contrast: Annotated[_Tint, Meta(description="From -1 to 1; 0 changes nothing.")] = 0.0
    saturation: Annotated[_Tint, Meta(description="From -1 (grey) to 1; 0 changes nothing.")] = 0.0
    effects: Annotated[tuple[StyleEffect, ...], Meta(description="Effects of the whole film.")] = ()

    def as_meta(self) -> dict[str, Any]:
        """The look as a draft's metadata has it, without what changes nothing."""
        tints = {name: amount for name in ("brightness", "contrast", "saturation") if (amount := getattr(self, name))}
        effects = [{"kind": effect.kind, "amount": effect.amount} for effect in self.effects]
        found = {"filter": self.filter, "adjust": tints, "effects": effects}
        return {name: value for name, value in found.items() if value}


class StyleTitle(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How titles are written; what is left out stays as it is."""

    style: Annotated[_TitleStyle | None, Meta(description="What the letters have around them.")] = None
    size: Annotated[_Size | None, Meta(description="How large the letters are.")] = None
    position: Annotated[Position | None, Meta(description="Where they stand.")] = None
    animate_in: Annotated[_Animation | None, Meta(description="How they come.")] = None
    animate_out: Annotated[_Animation | None, Meta(description="How they go.")] = None


class StyleVisualizer(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is drawn from the sound where that is asked for; what is left out stays as it is."""

    style: Annotated[VisualizerStyle | None, Meta(description="What is drawn.")] = None
    palette: Annotated[Palette | None, Meta(description="Its colours.")] = None


class Style(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How films of a style are cut and shown; the fields say what they mean in their schema."""

    calm_s: Annotated[_Seconds, Meta(description="Length of shots in the calmest music.")] = 3.8
    loud_s: Annotated[_Seconds, Meta(description="Length of shots in the loudest music.")] = 1.0
    pattern: Annotated[_Pattern, Meta(description="By what lengths in loud music are multiplied, in turn.")] = (1.0,)
    movement: Annotated[_Movement, Meta(description="How much nearer the camera comes in a second; 0 stands.")] = 0.03
    pulse: Annotated[_Share, Meta(description="How far the picture jumps at beats of loud parts.")] = 0.0
    shake: Annotated[_Share, Meta(description="How much the camera trembles in loud parts.")] = 0.0
    dissolve_s: Annotated[_Dissolve, Meta(description="Length of dissolves between quiet shots; 0 for cuts.")] = 0.0
    dissolve_below: Annotated[_Share, Meta(description="How loud the music may be for a dissolve.")] = 0.4
    drop: Annotated[_Join, Meta(description="The transition where the music's full force sets in.")] = "none"
    section: Annotated[_Join, Meta(description="The transition where another section begins.")] = "none"
    look: Annotated[StyleLook, Meta(description="Colours and effects of the whole film.")] = StyleLook()
    title: Annotated[StyleTitle, Meta(description="How titles are written.")] = StyleTitle()
    visualizer: Annotated[StyleVisualizer, Meta(description="What is drawn from the sound.")] = StyleVisualizer()


USUAL: Final = "usual"
_SHOTS_S: Final = (0.4, 12.0)  # lengths of shots that are taken over from another film
_GREY: Final = 0.012  # how colourful a film in black and white is at most
_MOST_TINT: Final = 0.5  # of brightness and saturation that are taken over
_LEAST_TINT: Final = 0.04
_LIGHTER: Final = 1.1  # as `grading.py` has it: light is raised to the power of 2 to the -1.1 times the brightness
_COLORS_UP: Final = 0.9  # likewise: what a saturation of 1 adds to colours


@cache
def all_styles() -> dict[str, Style]:
    """All styles by name; `usual` is that of films for which nobody chose one."""
    files = (each for each in resources.files(__package__).joinpath("styles").iterdir() if each.name.endswith(".toml"))
    return {file.name.removesuffix(".toml"): msgspec.toml.decode(file.read_bytes(), type=Style) for file in files}


def style_fields(wanted: str) -> dict[str, Any]:
    """The fields of the edit `set_style` for a style that is named, or is the path of a TOML file.

    Raises:
        InputError: There is no such style or file, or it holds something else.
    """
    if wanted in all_styles():
        return {"style": wanted}
    path = Path(wanted).expanduser()
    if path.suffix != ".toml" or not path.is_file():
        raise InputError(
            f"There is no style '{wanted}'.", hint=f"Styles: {', '.join(sorted(all_styles()))}; or a TOML file."
        )
    try:
        return {"own": msgspec.to_builtins(msgspec.toml.decode(path.read_bytes(), type=Style))}
    except (msgspec.DecodeError, OSError) as error:
        hint = f"Its fields may be {', '.join(Style.__struct_fields__)}."
        raise InputError(f"{path.name} is no style: {error}.", hint=hint) from error


def style_like(film: MediaItem, own: Sequence[MediaItem]) -> Style:
    """The style of a finished film: how long its shots are, and how bright and colourful it is beside other uploads.

    Args:
        film: A video that was watched.
        own: What the new film shows.
    """
    ends = (0, *film.scenes_ms, film.duration_ms)
    lengths = sorted((last - first) / 1000 for first, last in itertools.pairwise(ends) if last > first) or [1.0]
    low, high = _SHOTS_S
    loud_s, calm_s = (min(high, max(low, lengths[len(lengths) * n // 4])) for n in (1, 3))
    colors, light = _mean(film.colors), _mean(film.brightness)
    own_colors, own_light = (_mean([v for item in own for v in getattr(item, key)]) for key in ("colors", "brightness"))
    brightness = saturation = 0.0
    if light and own_light and max(light, own_light) < 1:
        brightness = -math.log2(math.log(light) / math.log(own_light)) / _LIGHTER
    is_grey = bool(film.colors) and colors <= _GREY < own_colors
    if colors and own_colors and not is_grey:
        more = colors / own_colors - 1
        saturation = more / _COLORS_UP if more > 0 else more
    look = StyleLook("bw" if is_grey else None, _tint(brightness), 0.0, _tint(saturation))
    return Style(calm_s=round(calm_s, 2), loud_s=round(loud_s, 2), look=look)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _tint(amount: float) -> float:
    limited = round(min(_MOST_TINT, max(-_MOST_TINT, amount)), 2)
    return limited if abs(limited) >= _LEAST_TINT else 0.0


def style_of(meta: Mapping[str, Any]) -> Style:
    """The style that a film's metadata names (`style`) or holds (`own_style`); the usual one where there is none."""
    try:
        return msgspec.convert(meta["own_style"], Style)
    except (KeyError, msgspec.ValidationError):
        return all_styles().get(str(meta.get("style")), all_styles()[USUAL])
