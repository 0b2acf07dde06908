"""Wishes about the camera over pictures, and about which way up they are."""

from __future__ import annotations

from typing import Any, Final

from nemo_notebook.agent.match import Edits, Match, read_as
from nemo_notebook.agent.wishes.looks import pictures_in
from nemo_notebook.film.edits.framing import SetCamera, SetOrientation
from nemo_notebook.film.target import Target

_CLOSER: Final = {"bit": 1.15, "": 1.3, "much": 1.6}
_STRENGTHS: Final = {"bit": 0.08, "": None, "much": 0.3}
_PLACES: Final = {  # what is in the middle, across and down, 0–1
    "left": (0.25, 0.5),
    "right": (0.75, 0.5),
    "top": (0.5, 0.25),
    "bottom": (0.5, 0.75),
    "center": (0.5, 0.5),
    "top-left": (0.25, 0.25),
    "top-right": (0.75, 0.25),
    "bottom-left": (0.25, 0.75),
    "bottom-right": (0.75, 0.75),
}
_OFF: Final = ("without", "not", "stop", "no")
_USUAL_TURN: Final = 90


def camera(m: Match) -> Edits:
    """Let the camera move over pictures, or stand still."""
    move: Any = "none" if m.has(*_OFF, "less", "too") else m.value("camera_move")
    amount = None if move == "none" else _STRENGTHS[m.degree]
    middle = _middle(m) if move in ("push", "pull") else {}  # "pan from left to right"
    return [SetCamera(move=move, amount=amount, **middle, **_where(m))]


def zoom(m: Match) -> Edits:
    """Let the camera come nearer, or go back."""
    move: Any = m.value("zoom_in")
    return [SetCamera(move="none" if m.has(*_OFF) else move, amount=_STRENGTHS[m.degree], **_where(m))]


def still(m: Match) -> Edits:
    """Let the camera stand still, or take away zooms from shot to shot where there are some."""
    joins = (shot.meta.get("transition") for shot in m.film.shots)
    if any(isinstance(join, dict) and join.get("kind") == "zoom" for join in joins):
        return read_as("looks.hard_cuts", m)
    return [SetCamera(move="none", **_where(m))]


def closer(m: Match) -> Edits:
    """Show pictures nearer: by a share that is said, or a little."""
    if m.has(*_OFF):
        return [SetCamera(zoom=1.0, move="none", **_where(m))]
    _, share = m.value("percent") or ("", None)
    is_whole = share is not None and share > 1
    zoom = min(4.0, max(1.0, share if share and is_whole else 1 + share if share else _CLOSER[m.degree]))
    return [SetCamera(zoom=zoom, relative=not is_whole, **_middle(m), **_where(m))]


def mirror(m: Match) -> Edits:
    """Change left and right, or top and bottom."""
    return [SetOrientation(flip="none" if m.has(*_OFF) else m.value("mirror"), **_shots(m))]


def turn(m: Match) -> Edits:
    """Turn pictures: by degrees that are said, what stands on its head by half a turn, else by a quarter."""
    if any(isinstance(edit, SetOrientation) for edit in m.made):
        return []  # "rotate it, it is sideways"
    said = [int(value) for value in m.values("turn")]
    degrees = next((each for each in said if each != _USUAL_TURN), _USUAL_TURN)  # "rotate it by 180 degrees"
    if m.has(*_OFF):
        degrees = 0
    elif m.has("counterclockwise"):
        degrees = 360 - degrees
    turned: Any = degrees
    return [SetOrientation(turn=turned, **_shots(m))]


def _shots(m: Match) -> dict[str, Any]:
    return {"target": _where(m)["target"]}


def _where(m: Match) -> dict[str, Any]:
    """The shots that are meant; all photos where these are spoken of."""
    where = pictures_in(m.without("position"))
    if where["target"] is None and m.has("photo") and not m.has("clip"):
        where["target"] = Target(kind="photo")
    return where


def _middle(m: Match) -> dict[str, Any]:
    """What is to be in the middle, where a place is said."""
    place = _PLACES.get(str(m.value("position")))
    return dict(zip("xy", place, strict=True)) if place else {}
