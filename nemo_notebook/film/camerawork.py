"""How the camera moves over the shots of a cut: slow pushes, pulls and pans, chosen by what is seen and heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nemo_notebook.film.fitting import view_inside
from nemo_notebook.film.footage import Source, Take
from nemo_notebook.film.model import FPS, FULL_VIEW, View, read_view
from nemo_notebook.film.style import Style

_MOVES: Final = ("push", "right", "pull", "left", "push", "pull")
_LEAST, _MOST = 0.035, 0.24  # of the picture that a move goes over
_CALMEST, _LOUDEST = 0.7, 1.6  # times the style's movement
_LOUD: Final = 0.62  # level from which on the picture jumps at beats
_CALM: Final = 0.4  # level up to which moves start and stop softly
_OWN_PAN: Final = 0.06  # of the width a second: a picture that moves so much as a whole needs no pan


def camera_of(take: Take, number: int, source: Source, style: Style) -> dict[str, Any]:
    """The camera of a shot, as `tracks.py` has it; empty where it stands still over all of the picture.

    Args:
        take: What is seen.
        number: Of the shot in the film; moves take turns.
        source: What it is taken from.
        style: How much moves.
    """
    length_s = (take.last - take.first) / FPS
    share = _CALMEST + (_LOUDEST - _CALMEST) * min(1.0, take.level)
    amount = min(_MOST, max(_LEAST, style.movement * share * length_s)) if style.movement else 0.0
    views = _views(take, _move(take, number, source), amount, source)
    start, end = (view_inside(view, source.filled) for view in views)
    camera: dict[str, Any] = {}
    if (start, end) != (FULL_VIEW, FULL_VIEW):
        camera = {"from": list(start), "to": list(end)}
    if take.level <= _CALM and start != end:
        camera["ease"] = "smooth"
    if take.mirrored:
        camera["mirrored"] = True
    if take.level >= _LOUD:
        camera |= {name: amount for name in ("pulse", "shake") if (amount := getattr(style, name))}
    return camera


def split_camera(camera: Mapping[str, Any], share: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """The cameras of both parts of a shot that is cut after a share of its length, so that nothing changes.

    A camera that starts and stops softly becomes an even one. What cannot be read stays as it is in both.
    """
    start = read_view(camera.get("from"))
    end = start if camera.get("to") is None else read_view(camera["to"])
    if start is None or end is None:
        return dict(camera), dict(camera)
    places = (round(one + (other - one) * share, 4) for one, other in zip(start[:2], end[:2], strict=True))
    middle = [*places, round(start[2] * (end[2] / start[2]) ** share, 4)]
    rest = {key: value for key, value in camera.items() if key != "ease"}
    return {**rest, "from": list(start), "to": middle}, {**rest, "from": middle, "to": list(end)}


def _move(take: Take, number: int, source: Source) -> str:
    if take.kind == "build":
        return "push"
    move = _MOVES[number % len(_MOVES)]
    if source.filled[0] < 1 and move in ("left", "right"):
        return "push" if move == "right" else "pull"  # what is beside the picture would be seen on one side
    second = take.in_frame // FPS
    pans = abs(source.pan[second][0]) if second < len(source.pan) else 0.0
    return "push" if pans >= _OWN_PAN and move in ("left", "right") else move


def _views(take: Take, move: str, amount: float, source: Source) -> tuple[View, View]:
    """What is shown in the first and in the last frame of a shot."""
    x, y, scale = take.view
    focus = source.focus_at(take.in_frame)
    if focus is not None and scale == 1.0:
        across = 1 - focus[0] if take.mirrored else focus[0]
        x, y = place_of_focus(across, 1 + amount), place_of_focus(focus[1], 1 + amount)
    return camera_move((x, y, scale), move, amount)


def camera_move(base: View, move: str, amount: float) -> tuple[View, View]:
    """What is shown at the start and at the end of a move.

    Args:
        base: What is shown without it.
        move: `push` and `pull` come nearer and go away, `left`, `right`, `up` and `down` are ways that the camera goes.
        amount: How much of the picture it goes over, 0–1.
    """
    x, y, scale = base
    near = round(scale * (1 + amount), 4)
    if move in ("push", "pull") or not amount:
        return (base, (x, y, near)) if move != "pull" else ((x, y, near), base)
    travel = min(1.0, amount / (1 - 1 / near))  # of the room that there is
    if move in ("left", "right"):
        first, last = _ends(x, travel)
        ends = (first, y, near), (last, y, near)
    else:
        first, last = _ends(y, travel)
        ends = (x, first, near), (x, last, near)
    return ends if move in ("right", "down") else (ends[1], ends[0])


def _ends(place: float, travel: float) -> tuple[float, float]:
    first = min(max(place - travel / 2, 0.0), 1 - travel)
    return round(first, 4), round(first + travel, 4)


def place_of_focus(focus: float, scale: float) -> float:
    """Where in its room a part of the picture lies whose middle is a point, 0–1 each."""
    room = 1 - 1 / scale
    return round(min(1.0, max(0.0, (focus - 0.5 / scale) / room)), 3) if room > 0 else 0.5
