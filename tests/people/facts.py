"""What a film looks like to somebody who watches it: the values that expectations of conversations speak of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

BUILTINS: Final = {name: __builtins__[name] if isinstance(__builtins__, dict) else getattr(__builtins__, name)
                   for name in ("abs", "all", "any", "bool", "float", "int", "len", "list", "max", "min", "range", "round",
                                "set", "sorted", "str", "sum", "tuple", "zip", "enumerate", "reversed", "True", "False", "None")}  # fmt: skip


@dataclass(frozen=True)
class Shot:
    file: str = ""
    is_photo: bool = False
    start_s: float = 0.0
    end_s: float = 0.0
    in_s: float = 0.0
    speed: float = 1.0
    volume: float = 0.0
    filter: str = ""
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    fit: str = ""

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Title:
    text: str = ""
    start_s: float = 0.0
    end_s: float = 0.0
    position: str = "center"
    size: str = "medium"
    color: str = "#ffffff"
    style: str = "plain"
    animate_in: str = "fade"
    animate_out: str = "fade"

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Sound:
    kind: str = "song"
    file: str = ""
    start_s: float = 0.0
    end_s: float = 0.0
    in_s: float = 0.0
    volume: float = 1.0
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0
    mood: str = ""
    bpm: float = 0.0
    ducks: bool = False

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Film:
    length_s: float = 0.0
    shape: str = "16:9"
    shots: Sequence[Shot] = ()
    titles: Sequence[Title] = ()
    sounds: Sequence[Sound] = ()
    transitions: Sequence[str] = ()
    visualizer: str = ""
    visualizer_palette: str = ""
    filter: str = ""
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0
    is_loop: bool = False

    @property
    def songs(self) -> list[Sound]:
        return [sound for sound in self.sounds if sound.kind == "song"]

    @property
    def speech(self) -> list[Sound]:
        return [sound for sound in self.sounds if sound.kind == "speech"]

    @property
    def composed(self) -> list[Sound]:
        return [sound for sound in self.sounds if sound.kind == "composed"]

    @property
    def music(self) -> list[Sound]:
        return [sound for sound in self.sounds if sound.kind != "speech"]

    @property
    def files(self) -> list[str]:
        """The files of the shots in order."""
        return [shot.file for shot in self.shots]

    @property
    def texts(self) -> list[str]:
        return [title.text for title in self.titles]


def near(a: float, b: float, within: float = 0.2) -> bool:
    return abs(a - b) <= within


ASPECTS: Final = (
    "cut",
    "look",
    "transitions",
    "titles",
    "song",
    "composed",
    "speech",
    "volume",
    "fades",
    "visualizer",
    "shape",
)


def changed(was: Film, now: Film, allowed: Sequence[str] = ()) -> set[str]:
    """The aspects in which two films differ. Where the cut may change, times that follow from it do not count."""
    if "everything" in allowed:
        return set()
    is_recut = "cut" in allowed
    views: dict[str, Any] = {
        "cut": lambda f: [(s.file, round(s.start_s, 1), round(s.end_s, 1), round(s.in_s, 1), s.speed) for s in f.shots],
        "look": lambda f: (f.filter, f.brightness, f.contrast, f.saturation, looks(f)),
        "transitions": lambda f: sorted(set(f.transitions)) if is_recut else list(f.transitions),
        "titles": lambda f: [
            (
                t.text,
                t.position,
                t.size,
                t.color,
                t.style,
                *(() if is_recut else (round(t.start_s, 1), round(t.end_s, 1))),
            )
            for t in f.titles
        ],
        "song": lambda f: sorted(set(placed(f.songs))),
        "composed": lambda f: sorted({(s.mood, round(s.bpm) if not is_recut else 0) for s in f.composed}),
        "speech": lambda f: sorted(set(placed(f.speech))),
        "volume": lambda f: (
            sorted({(s.kind, s.file, round(s.volume, 2), s.ducks) for s in f.sounds}),
            clip_volumes(f),
        ),
        "fades": lambda f: (f.fade_in_s, f.fade_out_s, sorted({(s.kind, s.fade_in_s, s.fade_out_s) for s in f.sounds})),
        "visualizer": lambda f: (f.visualizer, f.visualizer_palette),
        "shape": lambda f: f.shape,
    }

    both = set(was.files) & set(now.files)  # what came or went with the cut has no look or volume to keep

    def looks(film: Film) -> Any:
        each = [(s.file, s.filter, s.brightness, s.contrast, s.saturation, s.fit) for s in film.shots]
        return sorted({one for one in each if one[0] in both}) if is_recut else each

    def clip_volumes(film: Film) -> Any:
        each = [(s.file, round(s.volume, 2)) for s in film.shots]
        return sorted({one for one in each if one[0] in both}) if is_recut else each

    def placed(sounds: Sequence[Sound]) -> list[tuple[Any, ...]]:
        return [
            (s.file, *(() if is_recut else (round(s.start_s, 1), round(s.end_s, 1), round(s.in_s, 1)))) for s in sounds
        ]

    return {name for name, view in views.items() if name not in allowed and view(was) != view(now)}


def holds(expression: str, was: Film, now: Film, reply: str) -> bool:
    """Whether an expectation is true; one that asks for what is not there (an index, a division) is not.

    Raises:
        NameError, SyntaxError, AttributeError, TypeError: It is no expectation.
    """
    names = {"was": was, "now": now, "reply": reply.lower(), "near": near, "re": re}
    try:
        return bool(eval(expression, {"__builtins__": BUILTINS, **names}))
    except (IndexError, ValueError, ZeroDivisionError):
        return False
