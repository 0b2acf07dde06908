"""Edits of where shots and other parts are: added, moved, swapped, shown again, and put in order."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from copy import deepcopy
from typing import Annotated, Literal, NamedTuple

from nemo_notebook.film import assembly, layout, soundtrack
from nemo_notebook.film.draft import SOUNDS, Draft, Part, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta, OfEngine
from nemo_notebook.film.edits.films import Recut, in_order, seed_of
from nemo_notebook.film.edits.parts import NewId, OnTrack, Parts, Replace, Ripple, begin, given_of, new_shot, without
from nemo_notebook.film.model import Hash, Length, MediaItem, Seconds, Shift, Situation
from nemo_notebook.film.target import Target, Which, describe, ids_of, name_of, select, upload_of
from nemo_notebook.film.wording import NotPossible, Told, needed, nice_title, refuse_if, stem

Place = Literal["start", "end", "before", "after"]
PlacedAt = Annotated[Place | None, Meta(description="Where to; before and after need `beside`.")]
Beside = Annotated[Which | None, Meta(description="The parts that it comes before or after.")]


class Placement(NamedTuple):
    """Where an edit puts parts.

    Attributes:
        place: An end of the film, or a side of other parts; None for a time.
        beside: These other parts.
        at_ms: The time.
    """

    place: Place | None
    beside: Sequence[Part]
    at_ms: float = 0.0

    def start_ms(self, span_ms: float, total_ms: float) -> float:
        """Where something of some length begins in a film of some length."""
        if self.place in ("before", "after"):
            return max(0, self.beside[0].start_ms - span_ms) if self.place == "before" else self.beside[-1].end_ms
        return {"start": 0, "end": max(0, total_ms - span_ms)}.get(str(self.place), self.at_ms)

    def first_ms(self, film: Draft, parts: Sequence[Part]) -> float:
        """Where the first of some parts begins that keep their distances."""
        total_ms = (film.picture_end_ms or film.end_ms) if self.place == "end" else 0
        return self.start_ms(parts[-1].end_ms - parts[0].start_ms, total_ms)

    def order(self, rest: Sequence[Part], moved: Sequence[Part]) -> list[Part]:
        """Put shots among others; by time at the cut that is nearest to it."""
        if self.place in ("before", "after"):
            edge = self.beside[0 if self.place == "before" else -1]
            at = needed(next((i for i, shot in enumerate(rest) if shot is edge), None), "parts.no_shot", "beside")
            at += self.place == "after"
        elif self.place is not None:
            at = 0 if self.place == "start" else len(rest)
        else:
            ends = list(itertools.accumulate((shot["d"] for shot in rest), initial=0))
            at = min(range(len(ends)), key=lambda number: abs(ends[number] - max(0, self.at_ms)))
        return [*rest[:at], *moved, *rest[at:]]

    def told(self, edit: str, situation: Situation) -> Told:
        """The place in words, as a sentence of an edit goes on."""
        beside = name_of(self.beside[0], situation) if self.beside else ""
        return Told(f"{edit}.where_{self.place or 'time'}", beside=beside, at=max(0, self.at_ms))


class AddShot(OfEngine, Edit, frozen=True, kw_only=True):
    """Insert an upload as a shot: at an end, beside another shot, or at a time, where it parts what is seen there."""

    media: Annotated[Hash, Meta(description="The content hash of a clip or a photo.")]
    place: PlacedAt = None
    beside: Beside = None
    at_s: Annotated[Seconds | None, Meta(description="The time at which it begins.")] = None
    duration_s: Annotated[Length | None, Meta(description="Length; all of a clip, three seconds of a photo.")] = None
    in_s: Annotated[Seconds | None, Meta(description="Where in the clip it begins.")] = None
    track: OnTrack = None
    id: NewId = None
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        item = upload_of(situation, self.media)
        refuse_if(item.kind == "audio", "add_shot.sound", "media", name=stem(item.filename))
        if film.end_ms == 0:
            film.prepare_canvas(nice_title(item), situation.seed)
        new = self._new(film, item)
        new["id"] = film.new_id(str(new.meta["role"]), self.id)
        shots, was = film.shots, layout.length_of(film)
        placement = placement_of(self, film, situation, "end" if shots else "start")
        if not self.ripple or self.track is not None or not shots:
            role, first = str(new.meta["role"]), placement.start_ms(new["d"], film.picture_end_ms + new["d"])
            layout.lay_exactly(film, new, role, to_frame(first), to_frame(first) + new.frames, self.track)
            if self.track is None:
                (film.track_of(shots[0]) if shots else film.add_track(role))["sg"].append(new)
            layout.keep_apart(film, situation, [new], "at_s")
            placement, now = Placement(None, (), new.start_ms), layout.length_told(film, was) if was else ""
        else:
            order = _split_in(film, new, placement.at_ms) if self.at_s is not None else placement.order(shots, [new])
            now = layout.lay_order(film, situation, order)
        where = placement.told("add_shot", situation)
        return [Told("add_shot.added", name=stem(item.filename), where=where, now=now)]

    def _new(self, film: Draft, item: MediaItem) -> Part:
        """The shot, not on a track yet."""
        wanted = None if self.duration_s is None else to_frame(1000 * self.duration_s)
        if item.kind == "image":
            return new_shot(film, item, wanted or assembly.IMAGE_FRAMES)
        left = to_frame(item.duration_ms - 1000 * (self.in_s or 0.0))
        name = stem(item.filename)
        refuse_if(left < layout.SHORTEST_SHOT, "parts.too_short", "in_s", name=name, long=item.duration_ms)
        refuse_if(wanted is not None and wanted > left, "parts.too_short", "duration_s", name=name, long=to_ms(left))
        new = new_shot(film, item, wanted or left)
        new.meta["in_ms"] = round(1000 * (self.in_s or 0.0))
        return new


class Move(Edit, frozen=True, kw_only=True):
    """Move shots to another place of the order, titles and sounds to another time.

    With `ripple` shots are put between others, titles and sounds stay within the film and go to a track with room.
    Without it, or with a track, a part is put exactly where it is said, and must not overlap another one.
    """

    target: Parts
    place: PlacedAt = None
    beside: Beside = None
    at_s: Annotated[Seconds | None, Meta(description="The time that it moves to.")] = None
    by_s: Annotated[Shift | None, Meta(description="How much later, or earlier if negative.")] = None
    track: OnTrack = None
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        refuse_if(not given_of(self, "place", "at_s", "by_s") and self.track is None, "parts.where", "place")
        parts = select(film, situation, self.target)
        if not self.ripple or self.track is not None:
            return [*told, self._exactly(film, situation, parts)]
        others = without(parts, film.shots)
        shots = without(parts, others)
        if shots:
            told.append(self._shots(film, situation, shots))
        if others:
            told.append(self._others(film, situation, others))
        return told

    def _shots(self, film: Draft, situation: Situation, moved: list[Part]) -> Told:
        names, is_cut = describe(film, situation, moved), film.is_cut_to_music
        if self.place == "start" and len(moved) > 1 and is_cut:
            first = name_of(moved[0], situation)
            Recut(first=tuple(dict.fromkeys(str(shot.meta.get("media")) for shot in moved))).apply(film, situation)
            return Told("move.cut_again", first=first, n=len(film.shots))
        placement = self._placement(film, situation, moved)
        now = layout.lay_order(film, situation, placement.order(without(film.shots, moved), moved), keep_places=is_cut)
        return Told("move.moved", names=names, where=placement.told("move", situation), now=now)

    def _placement(self, film: Draft, situation: Situation, parts: Sequence[Part]) -> Placement:
        placement = placement_of(self, film, situation, None, parts)
        at_ms = parts[0].start_ms + 1000 * (self.by_s or 0.0)
        return placement if self.at_s is not None else placement._replace(at_ms=at_ms)

    def _others(self, film: Draft, situation: Situation, parts: list[Part]) -> Told:
        names, total = describe(film, situation, parts), film.picture_end_ms or film.end_ms
        at = max(0, self._placement(film, situation, parts).first_ms(film, parts))
        refuse_if(at >= total, "parts.too_late", self._field, at=at, end=total)
        by = to_frame(at) - parts[0].first
        for part in parts:
            _shift_within(film, part, by, to_frame(total))
        left = [part for part in parts if part["d"] > 0]
        refuse_if(not left, "parts.too_short", "target", name=name_of(parts[0], situation), long=0)
        film.remove([part for part in parts if part["d"] <= 0])
        return _times_told("move", names, left)

    def _exactly(self, film: Draft, situation: Situation, parts: list[Part]) -> Told:
        names, at = describe(film, situation, parts), self._placement(film, situation, parts).first_ms(film, parts)
        refuse_if(at < 0, "parts.too_early", "by_s")
        by = to_frame(at) - parts[0].first
        for part in parts:
            layout.lay_exactly(film, part, part.role, part.first + by, part.last + by, self.track)
        if ids_of(self.target) is None:
            layout.keep_apart(film, situation, parts, self._field)
        return Told("move.placed", names=names, at=parts[0].start_ms)

    @property
    def _field(self) -> str:
        return "track" if self.track is not None else "by_s" if self.by_s is not None else "at_s"

    def check(self, film: Draft, situation: Situation) -> None:
        if not self.ripple or self.track is not None:
            layout.keep_ids_apart(film, situation, self.target, self._field)


class Swap(Edit, frozen=True, kw_only=True):
    """Let two shots, or all shots of two uploads, or two titles change places."""

    target: Parts
    other: Annotated[Which, Meta(description="The parts that it changes places with.")]

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target, self.other)
        ones, others = select(film, situation, self.target), select(film, situation, self.other, field="other")
        refuse_if(len(without(ones, others)) < len(ones), "swap.same", "other")
        done = Told("swap.swapped", one=describe(film, situation, ones), other=describe(film, situation, others))
        shots = film.shots
        pairs = list(zip(ones, others, strict=False))
        if not without([*ones, *others], shots):
            partner = {id(a): b for a, b in pairs} | {id(b): a for a, b in pairs}
            layout.lay_order(film, situation, [partner.get(id(s), s) for s in shots], keep_places=film.is_cut_to_music)
            return [*told, done]
        refuse_if({part.role for part in (*ones, *others)} != {"title"}, "swap.unlike", "other")
        for one, other in pairs:
            span = one.span
            one.place(*other.span)
            other.place(*span)
        for part in (*ones, *others):
            film.lay_where_free(part, "title")
        return [*told, done]


class Duplicate(Edit, frozen=True, kw_only=True):
    """Show shots, titles or sounds again: several times one after another, or once more elsewhere.

    Without `ripple`, or with a track, they come once more exactly where it is said, and must not overlap others.
    """

    target: Parts
    times: Annotated[int, Meta(ge=2, le=50, description="How often they come then, one after another.")] = 2
    place: PlacedAt = None
    beside: Beside = None
    at_s: Annotated[Seconds | None, Meta(description="The time at which it comes once more.")] = None
    duration_s: Annotated[
        Length | None, Meta(description="How long the copy of a title lasts, or any copy without `ripple`.")
    ] = None
    track: OnTrack = None
    id: NewId = None
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        parts = select(film, situation, self.target)
        placement = placement_of(self, film, situation, "end")
        is_placed = self.place is not None or self.at_s is not None
        if not self.ripple or self.track is not None:
            placement = placement if is_placed else Placement("after", parts)
            return [*told, self._exactly(film, situation, parts, placement)]
        shots = film.shots
        if without(parts, shots):
            return [*told, *(self._other(film, situation, part, placement) for part in parts)]
        if is_placed:
            return [*told, self._elsewhere(film, situation, parts, placement)]
        names, meant = describe(film, situation, parts), set(map(id, parts))
        order: list[Part] = []
        for shot in shots:
            again = self.times - 1 if id(shot) in meant else 0
            order += [shot, *(_copy(film, shot, number) for number in range(again))]
        now = layout.lay_order(film, situation, order)
        return [*told, Told("duplicate.times", names=names, n=len(parts), times=self.times, now=now)]

    def _elsewhere(self, film: Draft, situation: Situation, parts: list[Part], placement: Placement) -> Told:
        """Once more at another place; a film that is cut to music keeps its length."""
        media, shots = parts[0].meta.get("media"), film.shots
        if film.is_cut_to_music and self.place in ("start", "end") and isinstance(media, str):
            edge = shots[-1 if self.place == "end" else 0]
            if edge.meta.get("media") == media:
                raise NotPossible(Told(f"duplicate.at_{self.place}", name=name_of(edge, situation)), "place")
            (told,) = Replace(target=Target(id=edge["id"]), media=media).apply(film, situation)
            return told
        names = describe(film, situation, parts)
        copies = [_copy(film, shot, 0) for shot in (parts if len(parts) < len(shots) else parts[:1])]
        now = layout.lay_order(film, situation, placement.order(shots, copies))
        where = placement.told("duplicate", situation)
        return Told("duplicate.once_more", names=names, n=len(parts), where=where, now=now)

    def _exactly(self, film: Draft, situation: Situation, parts: list[Part], placement: Placement) -> Told:
        names, copies = describe(film, situation, parts), [deepcopy(part) for part in parts]
        by = to_frame(placement.first_ms(film, parts)) - parts[0].first
        for part, copy in zip(parts, copies, strict=True):
            first = part.first + by
            frames = to_frame(part["d"] if self.duration_s is None else 1000 * self.duration_s)
            copy["id"] = film.new_id(part.role or "part", self.id)
            film.track_of(part)["sg"].append(copy)
            layout.lay_exactly(film, copy, part.role, first, first + frames, self.track)
        if self.id is None:
            layout.keep_apart(film, situation, copies, "at_s")
        return _times_told("duplicate", names, copies)

    def check(self, film: Draft, situation: Situation) -> None:
        if self.id is not None and (not self.ripple or self.track is not None):
            layout.keep_ids_apart(film, situation, Target(id=self.id), "at_s")

    def _other(self, film: Draft, situation: Situation, part: Part, placement: Placement) -> Told:
        """A title or a sound once more: at the end of the film where nothing else is said."""
        total = film.picture_end_ms or film.end_ms
        length = part["d"] if self.duration_s is None or part.role != "title" else 1000 * self.duration_s
        frames = max(1, to_frame(min(length, total)))
        at = placement.start_ms(to_ms(frames), total)
        copies = [deepcopy(part) for _ in range(self.times - 1)]
        for number, copy in enumerate(copies):
            first = to_frame(at) + number * frames
            if first >= to_frame(total):
                raise NotPossible(Told("parts.too_late", at=to_ms(first), end=total), "times" if number else "at_s")
            copy["id"] = film.new_id(part.role or "part")
            copy.place(first, first + frames)
            _shift_within(film, copy, 0, to_frame(total))
        return _times_told("duplicate", describe(film, situation, [part]), copies)


class SortShots(Edit, frozen=True, kw_only=True):
    """Put all shots into another order: backwards, by file name, or shuffled."""

    by: Annotated[Literal["reversed", "name", "shuffled"], Meta(description="The order.")]

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, "shot")
        shots = film.shots
        refuse_if(len(shots) < 2, "sort_shots.one")
        seed = seed_of(film, situation) + 1
        if self.by == "shuffled":
            film.meta["seed"] = seed
        order = in_order(shots, self.by, seed, lambda shot: name_of(shot, situation))
        layout.lay_order(film, situation, order, keep_places=film.is_cut_to_music)
        names = [name_of(shot, situation) for shot in order[:4]]
        more = " …" if len(order) > len(names) else ""
        how = Told(f"sort_shots.{self.by}")
        return [*told, Told("sort_shots.sorted", n=len(order), how=how, names=names, more=more)]


def placement_of(
    edit: AddShot | Duplicate | Move, film: Draft, situation: Situation, usual: Place | None, moved: Sequence[Part] = ()
) -> Placement:
    """Where an edit puts parts that it moves or makes; at the usual place if it says neither place nor time.

    Raises:
        NotPossible: Its fields do not go together, or parts would be put beside nothing but themselves.
    """
    is_given = bool(given_of(edit, "place", "at_s", "by_s"))
    refuse_if((edit.place in ("before", "after")) != (edit.beside is not None), "parts.beside", "beside")
    beside = [] if edit.beside is None else without(select(film, situation, edit.beside, field="beside"), moved)
    refuse_if(edit.beside is not None and not beside, "parts.itself", "beside")
    return Placement(edit.place if is_given else usual, beside, 1000 * (edit.at_s or 0.0))


def _copy(film: Draft, shot: Part, number: int) -> Part:
    again = deepcopy(shot)
    again["id"] = film.new_id(f"{shot.get('id', 'shot')}-{number + 2}")
    return again


def _split_in(film: Draft, new: Part, at_ms: float) -> list[Part]:
    """An order of shots with a new one at a time; what is seen then is parted."""
    at = to_frame(at_ms)
    shot = next((s for s in film.shots if s.first < at < s.last), None)
    if shot is not None:
        first, last = shot.first, shot.last
        if at - first < layout.SHORTEST_SHOT or last - at < layout.SHORTEST_SHOT:  # too little to be cut off
            at = first if at - first < last - at else last
        else:
            layout.split_at(film, shot, first, at)
            if any(other.get("id") == new["id"] for other in film.shots):
                new["id"] = film.new_id(str(new.meta["role"]))
    shots = film.shots
    earlier = [shot for shot in shots if shot.first < at]
    return [*earlier, new, *shots[len(earlier) :]]


def _shift_within(film: Draft, part: Part, by: int, total: int) -> None:
    """Move a title or a sound by some frames; titles stay within the film, sounds end with it."""
    role, frames, first = part.role, part.frames, max(0, part.first + by)
    if role not in SOUNDS:
        first = max(0, min(first, total - frames))
    last = max(first, min(first + frames, total))
    is_cut = first < last < first + frames
    part.place(first, last)
    if role == "bgm":
        layout.fit_beats(film, [part])
    elif is_cut and role in SOUNDS:
        soundtrack.end_song(part, last)
    if part["d"] > 0:
        film.lay_where_free(part, role)


def _times_told(edit: str, names: Told, parts: Sequence[Part]) -> Told:
    """From when to when parts are seen or heard."""
    how = "heard" if parts[0].role in SOUNDS else "seen"
    return Told(f"{edit}.{how}", names=names, n=1, start=parts[0].start_ms, end=parts[-1].end_ms)
