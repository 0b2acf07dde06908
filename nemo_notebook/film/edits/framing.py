"""Edits of what part of a picture is seen: the camera over it, and which way up it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from nemo_notebook.film.camerawork import camera_move, place_of_focus
from nemo_notebook.film.draft import Draft, Part
from nemo_notebook.film.edit import Edit, Meta, OfEngine, begin_film
from nemo_notebook.film.edits.looks import pictures_meant
from nemo_notebook.film.model import FULL_VIEW, MOST_ZOOM, Seconds, Situation, read_view
from nemo_notebook.film.target import Which
from nemo_notebook.film.wording import Told, refuse_if
from nemo_notebook.outside import finite

_Move = Literal["push", "pull", "left", "right", "up", "down", "none"]
_Zoom = Annotated[float, Meta(ge=1, le=4)]
_Share = Annotated[float, Meta(ge=0, le=1)]
_Amount = Annotated[float, Meta(ge=0.01, le=1)]
_USUAL: Final = 0.15  # of the picture that a move goes over


class SetCamera(OfEngine, Edit, frozen=True, kw_only=True):
    """Set what is shown of pictures: zoom in on a place, and move the camera slowly while a shot lasts."""

    target: Annotated[Which | None, Meta(description="Which shots; the whole film where none is named.")] = None
    move: Annotated[_Move | None, Meta(description="Where the camera goes; `none` stands still; as now else.")] = None
    zoom: Annotated[_Zoom | None, Meta(description="How far it is enlarged; 1 shows all; as now else.")] = None
    relative: Annotated[bool, Meta(description="Whether the zoom is by so much more than now.")] = False
    x: Annotated[_Share | None, Meta(description="What is in the middle, 0 (left) to 1 of the picture.")] = None
    y: Annotated[_Share | None, Meta(description="What is in the middle, 0 (top) to 1 of the picture.")] = None
    amount: Annotated[_Amount | None, Meta(description="How much of the picture a move goes over.")] = None
    start_s: Annotated[Seconds | None, Meta(description="Where on the timeline it begins; shots are split.")] = None
    end_s: Annotated[Seconds | None, Meta(description="Where on the timeline it ends; shots are split.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin_film(film, situation)
        refuse_if((self.move, self.zoom, self.x, self.y) == (None, None, None, None), "set_camera.nothing", "move")
        meant, _, where = pictures_meant(film, situation, self.target, self.start_s, self.end_s)
        refuse_if(not meant, "set_look.no_pictures")
        zooms = [self._set(part) for part in meant]
        key = {"none": "still", None: "closer" if self.relative else "zoom"}.get(self.move, self.move)
        return [*told, Told(f"set_camera.{key}", zoom=self.zoom if self.relative else max(zooms), where=where)]

    def _set(self, part: Part) -> float:
        """Give a shot its camera; the enlargement that it starts with."""
        camera = part.meta.get("camera")
        own: dict[str, Any] = dict(camera) if isinstance(camera, dict) else {}
        views = [view for key in ("from", "to") if (view := read_view(own.get(key))) is not None]
        x, y, scale = min(views, key=lambda view: view[2], default=FULL_VIEW)
        if self.zoom is not None:
            scale = min(MOST_ZOOM, scale * self.zoom) if self.relative else self.zoom
        x = x if self.x is None else place_of_focus(self.x, scale)
        y = y if self.y is None else place_of_focus(self.y, scale)
        base = (x, y, round(scale, 3))
        start, end = base, base
        if self.move not in (None, "none"):
            start, end = camera_move(base, str(self.move), self.amount or _USUAL)
        part.meta["camera"] = {**own, "from": list(start), "to": list(end), "ease": "smooth"}
        if self.move == "none":
            for each in ("pulse", "shake"):
                part.meta["camera"].pop(each, None)
        return scale


class SetOrientation(OfEngine, Edit, frozen=True, kw_only=True):
    """Mirror pictures, or turn them by quarters."""

    target: Annotated[Which | None, Meta(description="Which shots; the whole film where none is named.")] = None
    flip: Annotated[Literal["h", "v", "none"] | None, Meta(description="h: left and right, v: top and bottom.")] = None
    turn: Annotated[Literal[0, 90, 180, 270] | None, Meta(description="Degrees clockwise, against now.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin_film(film, situation)
        refuse_if(self.flip is None and self.turn is None, "set_orientation.nothing", "turn")
        meant, _, where = pictures_meant(film, situation, self.target)
        refuse_if(not meant, "set_look.no_pictures")
        for part in meant:
            self._set(part)
        done = [f"flip_{self.flip}"] if self.flip else []
        done += ["turned" if self.turn else "upright"] if self.turn is not None else []
        return [*told, *(Told(f"set_orientation.{key}", turn=self.turn or 0, where=where) for key in done)]

    def _set(self, part: Part) -> None:
        own = part.meta
        if self.flip == "none":
            own.pop("flip", None)
        elif self.flip is not None:
            flips = {"h", "v"} & set(str(own.get("flip", ""))) ^ {self.flip}
            own["flip"] = "".join(way for way in "hv" if way in flips)
        if self.turn is not None:
            now = (round(finite(own.get("turn")) or 0) + self.turn) % 360 if self.turn else 0
            own["turn"] = now
        for key in ("flip", "turn"):
            if not own.get(key):
                own.pop(key, None)
