"""What a film looks like to somebody who watches it: the values that expectations of conversations speak of."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

_NAMES: Final = (
    "abs all any bool enumerate float int len list max min range reversed round set sorted str sum tuple zip"
)
_BUILTINS: Final = {name: getattr(builtins, name) for name in _NAMES.split()}


@dataclass(frozen=True)
class Shot:
    """A clip or a photo that is seen; times in seconds, of the film, but `in_s`, which is of its file."""

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
    """Words over the picture."""

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
    """What is heard: `song` and `speech` are uploads, `composed` is made by the engine."""

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
    """A film; `transitions` has the kind of each cut, empty for a hard one."""

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
        return [shot.file for shot in self.shots]

    @property
    def texts(self) -> list[str]:
        return [title.text for title in self.titles]


def near(a: float, b: float, within: float = 0.2) -> bool:
    return abs(a - b) <= within


def changed(was: Film, now: Film, allowed: Sequence[str] = ()) -> set[str]:
    """The aspects in which two films differ, without those that may.

    Where the cut may change, the times that follow from it do not count, and neither does how something looks or sounds
    that is in only one of the films.
    """
    if "everything" in allowed:
        return set()
    cut_may = "cut" in allowed
    both = set(was.files) & set(now.files)

    def of_shots(each: Sequence[tuple[Any, ...]]) -> Any:
        return sorted({one for one in each if one[0] in both}) if cut_may else list(each)

    def time(*seconds: float) -> tuple[float, ...]:
        return () if cut_may else tuple(round(each, 1) for each in seconds)

    def placed(sounds: Sequence[Sound]) -> list[tuple[Any, ...]]:
        return sorted({(s.file, *time(s.start_s, s.end_s, s.in_s)) for s in sounds})

    views: dict[str, Callable[[Film], Any]] = {
        "cut": lambda f: [(s.file, round(s.start_s, 1), round(s.end_s, 1), round(s.in_s, 1), s.speed) for s in f.shots],
        "look": lambda f: (
            (f.filter, f.brightness, f.contrast, f.saturation),
            of_shots([(s.file, s.filter, s.brightness, s.contrast, s.saturation, s.fit) for s in f.shots]),
        ),
        "transitions": lambda f: sorted(set(f.transitions)) if cut_may else list(f.transitions),
        "titles": lambda f: [
            (t.text, t.position, t.size, t.color, t.style, *time(t.start_s, t.end_s)) for t in f.titles
        ],
        "song": lambda f: placed(f.songs),
        "composed": lambda f: sorted({(s.mood, 0 if cut_may else round(s.bpm)) for s in f.composed}),
        "speech": lambda f: placed(f.speech),
        "volume": lambda f: (
            sorted({(s.kind, s.file, round(s.volume, 2), s.ducks) for s in f.sounds}),
            of_shots([(s.file, round(s.volume, 2)) for s in f.shots]),
        ),
        "fades": lambda f: (f.fade_in_s, f.fade_out_s, sorted({(s.kind, s.fade_in_s, s.fade_out_s) for s in f.sounds})),
        "visualizer": lambda f: (f.visualizer, f.visualizer_palette),
        "shape": lambda f: f.shape,
    }
    return {name for name, view in views.items() if name not in allowed and view(was) != view(now)}


ASPECTS: Final = frozenset("cut look transitions titles song composed speech volume fades visualizer shape".split())


def holds(expression: str, was: Film, now: Film, reply: str) -> bool:
    """Whether an expectation is true; one that speaks of what is not there (an index, a division) is not.

    Raises:
        NameError, SyntaxError, AttributeError, TypeError: It is no expectation.
    """
    names = {"was": was, "now": now, "reply": reply.lower(), "near": near, "re": re}
    try:
        return bool(eval(expression, {"__builtins__": _BUILTINS, **names}))
    except (IndexError, ValueError, ZeroDivisionError):
        return False
