"""Styles of films: pace, movement, transitions, look, titles and visualizer as one choice, each a file in `styles/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from nemo_notebook.film.model import TransitionKind

_Seconds = Annotated[float, Meta(ge=0.4, le=60)]
_Share = Annotated[float, Meta(ge=0, le=1)]


class Style(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How films of a style are cut and shown.

    Attributes:
        calm_s: Length of shots in the calmest music, in seconds.
        loud_s: Length of shots in the loudest music, in seconds.
        pattern: By what the lengths of shots one after another are multiplied where it is loud.
        movement: How much nearer the camera comes in a second, as a share of the picture; 0 stands still.
        pulse: How far the picture jumps nearer at each beat of loud parts.
        shake: How much the camera trembles in loud parts.
        dissolve_s: Length of the dissolves between quiet shots; 0 for hard cuts.
        dissolve_below: How loud the music may be for that, 0–1.
        drop: The transition where the music's full force sets in, or another section begins loudly; `none` for a cut.
        section: The transition where another section begins; `none` for a cut.
        look: `filter`, `adjust` and `effects` of the whole film, as in `tracks.py`.
        title: `style`, `size`, `animate_in`, `animate_out`, `color` and `position` of titles, as in `tracks.py`.
        visualizer: `style` and `palette` of what is drawn from the sound where it is asked for.
    """

    calm_s: _Seconds = 3.8
    loud_s: _Seconds = 1.0
    pattern: Annotated[tuple[Annotated[float, Meta(ge=0.25, le=4)], ...], Meta(min_length=1)] = (1.0,)
    movement: Annotated[float, Meta(ge=0, le=0.5)] = 0.03
    pulse: _Share = 0.0
    shake: _Share = 0.0
    dissolve_s: Annotated[float, Meta(ge=0, le=5)] = 0.0
    dissolve_below: _Share = 0.4
    drop: Literal[TransitionKind, "none"] = "none"
    section: Literal[TransitionKind, "none"] = "none"
    look: dict[str, Any] = {}
    title: dict[str, str] = {}
    visualizer: dict[str, str] = {}


USUAL: Final = "usual"


@cache
def styles() -> dict[str, Style]:
    """All styles by name; `usual` is that of films for which nobody chose one."""
    files = (each for each in resources.files(__package__).joinpath("styles").iterdir() if each.name.endswith(".toml"))
    return {file.name.removesuffix(".toml"): msgspec.toml.decode(file.read_bytes(), type=Style) for file in files}


def style_of(meta: Mapping[str, Any]) -> Style:
    """The style that a film's metadata names (`style`) or holds (`own_style`); the usual one where there is none."""
    try:
        return msgspec.convert(meta["own_style"], Style)
    except (KeyError, msgspec.ValidationError):
        return styles().get(str(meta.get("style")), styles()[USUAL])
