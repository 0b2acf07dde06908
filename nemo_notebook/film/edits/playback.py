"""Edits of how clips run: backwards, ever faster or slower, or held at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Annotated, Final, Literal

from nemo_notebook.film import layout
from nemo_notebook.film.draft import Draft, Part, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta, OfEngine
from nemo_notebook.film.edits.parts import Parts, begin
from nemo_notebook.film.model import Length, Seconds, Situation
from nemo_notebook.film.target import describe, name_of, select
from nemo_notebook.film.wording import Told, refuse_if

_Speed = Annotated[float, Meta(ge=0.1, le=10)]
_HELD_S: Final = 2.0
_SPARE_MS: Final = 70.0  # that a file may end too soon: two frames that stand still


class SetPlayback(OfEngine, Edit, frozen=True, kw_only=True):
    """Play clips backwards, or let their speed change while they last; each stays as long as it is.

    What runs backwards is silent; the sound of a changing speed plays at the one in the middle.
    """

    target: Parts = "shot"
    reverse: Annotated[bool | None, Meta(description="Whether it runs backwards; as now else.")] = None
    from_speed: Annotated[_Speed | None, Meta(description="Speed at the start, 1 as recorded; as now else.")] = None
    to_speed: Annotated[_Speed | None, Meta(description="Speed at the end; the same where none is given.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        refuse_if(
            (self.reverse, self.from_speed, self.to_speed) == (None, None, None), "set_playback.nothing", "reverse"
        )
        clips = [part for part in select(film, situation, self.target) if part.meta.get("role") == "clip"]
        refuse_if(not clips, "set_speed.no_clip", "target")
        for clip in clips:
            self._set(clip, situation)
        names = describe(film, situation, clips)
        if self.reverse is not None:
            told.append(Told("set_playback.backwards" if self.reverse else "set_playback.forwards", names=names))
        if self.from_speed is not None or self.to_speed is not None:
            speeds = {"start": f"{clips[0].speed:g}", "end": f"{clips[0].meta.get('end_speed', clips[0].speed):g}"}
            told.append(Told("set_playback.ramp", names=names, **speeds))
        return told

    def _set(self, clip: Part, situation: Situation) -> None:
        own = clip.meta
        own.pop("freeze", None)
        if self.reverse is not None:
            own["reverse"] = self.reverse
        if self.from_speed is not None:
            own["speed"] = self.from_speed
        if self.to_speed is not None:
            own["end_speed"] = self.to_speed
        if own.get("end_speed") == clip.speed:
            own.pop("end_speed")
        for key, usual in (("reverse", False), ("speed", 1.0)):
            if own.get(key) == usual:
                own.pop(key)
        item = clip.upload(situation)
        if item is not None:  # it begins earlier where its file would end too soon
            latest_ms = item.duration_ms - layout.played_ms(clip, clip.frames)
            refuse_if(latest_ms < -_SPARE_MS, "set_playback.too_short", "to_speed", name=name_of(clip, situation))
            own["in_ms"] = round(min(clip.in_ms, max(0.0, latest_ms)))


class Freeze(OfEngine, Edit, frozen=True, kw_only=True):
    """Hold a moment of a shot: its picture stands still for a while, and then it goes on; music is not touched."""

    target: Parts = "shot"
    at_s: Annotated[Seconds | None, Meta(description="The moment on the timeline; an end of the shot else.")] = None
    anchor: Annotated[Literal["start", "end"], Meta(description="Which end, where no moment is given.")] = "end"
    duration_s: Annotated[Length, Meta(description="How long it is held.")] = _HELD_S

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        shots = [part for part in select(film, situation, self.target) if part.meta.get("role") == "clip"]
        if self.at_s is not None:
            shots = [shot for shot in shots if shot.start_ms <= 1000 * self.at_s <= shot.end_ms]
        refuse_if(not shots, "freeze.no_clip", "target")
        shot, was = (shots[0] if self.anchor == "start" else shots[-1]), layout.length_of(film)
        at = (
            to_frame(1000 * self.at_s) if self.at_s is not None else shot.first if self.anchor == "start" else shot.last
        )
        at = min(max(at, shot.first), shot.last)
        held = self._held(film, shot, at)
        order = film.shots
        if shot.first < at < shot.last:
            layout.split_part(film, shot, [at - shot.first])
            order = film.shots
        place = next(number for number, each in enumerate(order) if each is shot) + (at > shot.first)
        layout.lay_order(film, situation, [*order[:place], held, *order[place:]])
        values = {"at": to_ms(at), "long": held["d"], "length": layout.length_told(film, was)}
        return [*told, Told("freeze.held", name=name_of(shot, situation), **values)]

    def _held(self, film: Draft, shot: Part, at: int) -> Part:
        """The part that stands still, as what is seen last before the moment, or first after it."""
        last = max(0, at - shot.first - (at > shot.first))
        held = deepcopy(shot)
        held["id"] = film.new_id("clip")
        held.meta["in_ms"] = shot.in_ms + round(layout.source_ms(shot, last))
        held.meta["freeze"] = True
        for key in ("speed", "end_speed", "reverse", "transition"):
            held.meta.pop(key, None)
        held.place(0, max(layout.SHORTEST_SHOT, to_frame(1000 * self.duration_s)))
        return held
