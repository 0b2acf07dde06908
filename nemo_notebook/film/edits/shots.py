"""Edits of shots: added, put in order; and of how much is seen or heard of a part, how fast, and where it is split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from nemo_notebook.film import filming, layout, soundtrack
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.drafting import SOUNDS, Draft, Part, start_of, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta
from nemo_notebook.film.edits.films import Recut, in_order, seed_of
from nemo_notebook.film.edits.parts import (
    Beside,
    NewId,
    Parts,
    PlacedAt,
    Placement,
    Ripple,
    Track,
    begin,
    given_of,
    lay,
    new_shot,
    without,
)
from nemo_notebook.film.fields import Hash, Length, Seconds, Shift
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.phrasing import nice_title, stem
from nemo_notebook.film.target import Which, describe, ids_of, name_of, select, upload_of
from nemo_notebook.film.telling import NotPossible, Told

_SLOWEST, _FASTEST = 0.1, 16.0
_LENGTHS: Final = ("end_s", "duration_s", "by_s", "keep_last_s")  # of which one can be given
_STARTS: Final = ("start_s", "in_s", "keep_last_s")  # likewise
_WITH_FILE: Final = ("clip", "song", "speech")


class AddShot(Edit, frozen=True, kw_only=True):
    """Insert an upload as a shot: at an end, beside another shot, or at a time, where it parts what is seen there."""

    needs_engine: ClassVar[bool] = True

    media: Annotated[Hash, Meta(description="The content hash of a clip or a photo.")]
    place: PlacedAt = None
    beside: Beside = None
    at_s: Annotated[Seconds | None, Meta(description="The time at which it begins.")] = None
    duration_s: Annotated[Length | None, Meta(description="Length; all of a clip, three seconds of a photo.")] = None
    in_s: Annotated[Seconds | None, Meta(description="Where in the clip it begins.")] = None
    track: Track = None
    id: NewId = None
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        item = upload_of(situation, self.media)
        if item.kind == "audio":
            raise NotPossible(Told("add_shot.sound", name=stem(item.filename)), "media")
        if film.end_ms == 0:
            film.prepare_canvas(nice_title(item), situation.seed)
        new = self._new(film, item)
        new["id"] = layout.new_id(film, self.id, str(new.meta["role"]))
        shots, was = film.shots, layout.length_of(film)
        place = self.place if given_of(self, "place", "at_s") else "end" if shots else "start"
        placement = Placement.of(film, situation, place, self.beside, 1000 * (self.at_s or 0.0))
        if not self.ripple or self.track is not None or not shots:
            self._lay_exactly(film, situation, new, placement.start_ms(new["d"], film.picture_end_ms + new["d"]))
            placement, now = Placement(None, (), new.start_ms), layout.length_told(film, was) if was else ""
        else:
            order = _split_in(film, new, placement.at_ms) if place is None else placement.order(shots, [new])
            now = lay(film, situation, order)
        where = placement.told("add_shot", situation)
        return [Told("add_shot.added", name=stem(item.filename), where=where, now=now)]

    def _new(self, film: Draft, item: MediaItem) -> Part:
        """The shot, not on a track yet."""
        wanted = None if self.duration_s is None else to_frame(1000 * self.duration_s)
        if item.kind == "image":
            return new_shot(film, item, wanted or filming.IMAGE_FRAMES)
        left = to_frame(item.duration_ms - 1000 * (self.in_s or 0.0))
        if left < layout.SHORTEST_SHOT:
            raise NotPossible(Told("parts.too_short", name=stem(item.filename), long=item.duration_ms), "in_s")
        if wanted is not None and wanted > left:
            raise NotPossible(Told("parts.too_short", name=stem(item.filename), long=to_ms(left)), "duration_s")
        new = new_shot(film, item, wanted or left)
        new.meta["in_ms"] = round(1000 * (self.in_s or 0.0))
        return new

    def _lay_exactly(self, film: Draft, situation: Situation, new: Part, at_ms: float) -> None:
        role, first, shots = str(new.meta["role"]), to_frame(at_ms), film.shots
        layout.lay_exactly(film, new, role, first, first + new.frames, self.track)
        if self.track is None:
            (film.track_of(shots[0]) if shots else film.add_track(role))["sg"].append(new)
        layout.keep_apart(film, situation, [new], "at_s")


class SortShots(Edit, frozen=True, kw_only=True):
    """Put all shots into another order: backwards, by file name, or shuffled."""

    by: Annotated[Literal["reversed", "name", "shuffled"], Meta(description="The order.")]

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, "shot")
        shots = film.shots
        if len(shots) < 2:
            raise NotPossible(Told("sort_shots.one"))
        seed = seed_of(film, situation) + 1
        if self.by == "shuffled":
            film.meta["seed"] = seed
        order = in_order(shots, self.by, seed, lambda shot: name_of(shot, situation))
        layout.lay_order(film, situation, order, keep_places=film.is_cut_to_music)
        names = [name_of(shot, situation) for shot in order[:4]]
        more = " …" if len(order) > len(names) else ""
        how = Told(f"sort_shots.{self.by}")
        return [*told, Told("sort_shots.sorted", n=len(order), how=how, names=names, more=more)]


class Trim(Edit, frozen=True, kw_only=True):
    """Make shots, titles or sounds shorter or longer, or change where in its file one begins.

    With `ripple` the shots that follow move; without it only this one changes, and must not overlap another one.
    """

    target: Parts
    start_s: Annotated[Seconds | None, Meta(description="So much goes at its start.")] = None
    end_s: Annotated[Seconds | None, Meta(description="So much goes at its end.")] = None
    duration_s: Annotated[Length | None, Meta(description="How long it lasts then.")] = None
    by_s: Annotated[Shift | None, Meta(description="How much longer it lasts, or shorter if negative.")] = None
    keep_last_s: Annotated[Length | None, Meta(description="So much of its end stays.")] = None
    in_s: Annotated[Seconds | None, Meta(description="Where in its file it begins.")] = None
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        if not [*given_of(self, *_LENGTHS), *given_of(self, *_STARTS)]:
            raise NotPossible(Told("trim.what"))
        parts = select(film, situation, self.target)
        if not self.ripple or without(parts, film.shots):
            told += [self._alone(film, situation, part) for part in parts]
            if not self.ripple and ids_of(self.target) is None:
                layout.keep_apart(film, situation, parts, self._length_field)
            return told
        if len(parts) > 1 and film.is_cut_to_music:
            return [*told, *self._in_places(film, situation, parts)]
        was, old, names = layout.length_of(film), parts[0]["d"], describe(film, situation, parts)
        lengths = [(part, self._frames(film, situation, part)) for part in parts]
        for part in parts:
            self._set_in(part)
        layout.lay_lengths(film, situation, lengths)
        now = parts[0]["d"]
        if len(parts) == 1 and now == old and self.in_s is None:
            raise NotPossible(Told("trim.no_more", names=names, now=now))
        each = Told("trim.each") if len(parts) > 1 else ""
        before = Told("trim.was", was=old) if len(parts) == 1 else ""
        length = layout.length_told(film, was)
        return [*told, Told("trim.set", names=names, now=now, each=each, before=before, length=length)]

    def _gone_ms(self, part: Part) -> float:
        """How much goes at the start of a part."""
        if self.keep_last_s is not None:
            return float(max(0, part["d"] - 1000 * self.keep_last_s))
        return 1000 * (self.start_s or 0.0)

    def _in_ms(self, part: Part) -> int:
        """Where in its file a part then begins."""
        if self.in_s is not None:
            return round(1000 * self.in_s)
        return part.in_ms + round(self._gone_ms(part) * part.speed)

    def _set_in(self, part: Part) -> None:
        if (self.in_s is not None or self._gone_ms(part)) and part.meta.get("role") in _WITH_FILE:
            part.meta["in_ms"] = self._in_ms(part)

    def _frames(self, film: Draft, situation: Situation, part: Part) -> int:
        """The new length; a clip or a song lasts no longer than there is of it.

        Raises:
            NotPossible: Too little would be left.
        """
        frames, role = part.frames, film.role_of(part)
        by = to_frame(1000 * abs(self.by_s or 0.0)) * (1 if (self.by_s or 0.0) > 0 else -1)
        new = frames - to_frame(self._gone_ms(part)) - to_frame(1000 * (self.end_s or 0.0)) + by
        if self.duration_s is not None:
            new = to_frame(1000 * self.duration_s)
        elif self.keep_last_s is not None:
            new = min(frames, to_frame(1000 * self.keep_last_s))
        item = part.upload(situation)
        is_moved = self.in_s is not None or (self._gone_ms(part) > 0 and role in _WITH_FILE)
        if is_moved and part.meta.get("role") not in _WITH_FILE:
            raise NotPossible(Told("trim.no_file"), "in_s" if self.in_s is not None else "start_s")
        if item is not None and role in _WITH_FILE:
            left = layout.frames_left(item, self._in_ms(part), part.speed)
            gone = (self.in_s, self.start_s, self.keep_last_s, self.end_s)
            least = frames if all(each is None for each in gone) else 0
            if self.ripple:
                new = min(new, max(least, left))
            elif new > max(left + 1, least):  # the file may end within a frame
                name = name_of(part, situation)
                raise NotPossible(Told("parts.too_short", name=name, long=to_ms(left)), "duration_s")
        if new < layout.SHORTEST_SHOT:
            raise NotPossible(Told("trim.too_much", names=describe(film, situation, [part]), long=part["d"]))
        return new

    def _alone(self, film: Draft, situation: Situation, part: Part) -> Told:
        """One part that nothing follows: a title, a sound, or anything that is changed exactly."""
        role, names, old_end = film.role_of(part), describe(film, situation, [part]), part.end_ms
        frames, first = self._frames(film, situation, part), part.first
        moves_up = self.ripple and role in ("song", "speech")
        if not moves_up:
            first += to_frame(self._gone_ms(part))
        self._set_in(part)
        part.place(first, first + frames)
        if moves_up and (self._gone_ms(part) or self.in_s is not None):
            total = film.picture_end_ms
            if abs(old_end - total) <= to_ms(1):
                layout.let_go_on(part, part.upload(situation), to_frame(total))
        if role == "song" and self.ripple and part.end_ms < old_end:
            soundtrack.end_song(part, part.last)
        if role == "bgm":
            layout.fit_beats(film, [part])
        if self.ripple:
            _close_up(film, part, old_end)
        how = "heard" if role in SOUNDS else "seen"
        return Told(f"trim.{how}", names=names, start=part.start_ms, end=part.end_ms, now=part["d"])

    @property
    def _length_field(self) -> str:
        return "duration_s" if self.duration_s is not None else "by_s"

    def check(self, film: Draft, situation: Situation) -> None:
        if not self.ripple:
            layout.keep_ids_apart(film, situation, self.target, self._length_field)

    def _in_places(self, film: Draft, situation: Situation, shots: list[Part]) -> Sequence[Told]:
        """Several shots of a film that is cut to music: it keeps its length, and its cuts where they are wanted."""
        names = describe(film, situation, shots)
        if self.duration_s is not None and self.in_s is None and self.start_s is None:
            return Recut(pace=Pace(every_s=min(max(self.duration_s, 0.4), 600.0))).apply(film, situation)
        if self.start_s is None or given_of(self, "end_s", "by_s", "duration_s"):
            raise NotPossible(Told("trim.which_shot", names=names), "target")
        for shot in shots:
            shot.meta["in_ms"] = max(shot.in_ms, round(1000 * self.start_s))
        layout.show_in_place(film, situation, shots)
        return [Told("trim.without_start", names=names, gone=1000 * self.start_s)]


class Split(Edit, frozen=True, kw_only=True):
    """Cut shots, titles or uploaded sounds in two, in parts of one length, or where scenes within clips change."""

    needs_engine: ClassVar[bool] = True

    target: Annotated[Which | None, Meta(description="Which parts; none for the shots as one film.")] = None
    at_s: Annotated[Seconds | tuple[Seconds, ...] | None, Meta(description="One time or several.")] = None
    parts: Annotated[int, Meta(ge=2, le=1_000, description="How many parts of one length, if no time is given.")] = 2
    scenes: Annotated[bool, Meta(description="Cut clips wherever a scene within them ends, instead.")] = False
    id: NewId = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        target = self.target or "shot"
        told = begin(film, situation, target)
        if self.scenes and self.at_s is not None:
            raise NotPossible(Told("parts.either", one="at_s", other="scenes"), "scenes")
        found = select(film, situation, target)
        if all(film.role_of(part) == "bgm" for part in found):
            raise NotPossible(Told("split.composed"), "target")
        are_shots = not without(found, film.shots)
        names, whole = describe(film, situation, found), layout.length_of(film)
        points = [self._points(part, None if self.target else whole, situation) for part in found]
        count = sum(layout.split_part(film, part, at, self.id) for part, at in zip(found, points, strict=True))
        if not count:
            reason = "split.no_scene" if self.scenes else "split.nothing"
            raise NotPossible(Told(reason, long=to_ms(layout.length_of(film))))
        key = "split.split" if are_shots else "split.parts"
        return [*told, Told(key, n=count, total=len(film.shots), names=names)]

    def _points(self, part: Part, whole: int | None, situation: Situation) -> list[int]:
        """Frames from the start of the part; parts of one length are those of a film of `whole` frames, if given."""
        first, frames = part.first, part.frames
        if self.scenes:
            item = part.upload(situation)
            scenes = item.scenes_ms if item is not None else ()
            return [to_frame((ms - part.in_ms) / part.speed) for ms in scenes if ms > part.in_ms]
        if self.at_s is not None:
            times = self.at_s if isinstance(self.at_s, tuple) else (self.at_s,)
            return [to_frame(1000 * time) - first for time in times]
        length, start = (frames, 0) if whole is None else (whole, first)
        return [length * number // self.parts - start for number in range(1, self.parts)]


class SetSpeed(Edit, frozen=True, kw_only=True):
    """Play clips faster or slower; the film's length follows, unless it is cut to music."""

    needs_engine: ClassVar[bool] = True

    target: Parts = "shot"
    factor: Annotated[float, Meta(ge=_SLOWEST, le=_FASTEST, description="Seconds of the clip in a second.")]
    relative: Annotated[bool, Meta(description="Whether it is a factor of the present speed.")] = False
    start_s: Annotated[Seconds | None, Meta(description="Where on the timeline it begins.")] = None
    end_s: Annotated[Seconds | None, Meta(description="Where on the timeline it ends.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        was, clips = layout.length_of(film), self._clips(film, situation)
        if not clips:
            raise NotPossible(Told("set_speed.no_clip"), "target")
        names, old = describe(film, situation, clips), clips[0].speed
        lengths = [(clip, self._play(clip)) for clip in clips]
        if film.is_cut_to_music:
            layout.show_in_place(film, situation, clips)
        else:
            layout.lay_lengths(film, situation, lengths)
        new, speeds = clips[0].speed, {"speed": f"{clips[0].speed:g}", "was": f"{old:g}"}
        if new == old and len(clips) == 1:
            raise NotPossible(Told("set_speed.already", names=names, **speeds))
        return [*told, Told("set_speed.set", names=names, length=layout.length_told(film, was), **speeds)]

    def _clips(self, film: Draft, situation: Situation) -> list[Part]:
        """The clips that are meant, cut where the stretch begins and ends."""
        inside = layout.shots_between(film, self.start_s, self.end_s)
        others = without(inside, select(film, situation, self.target))
        return [shot for shot in without(inside, others) if shot.meta.get("role") == "clip"]

    def _play(self, clip: Part) -> int:
        """Set the speed of a clip; give the frames that it then lasts."""
        before = clip.speed
        speed = round(min(max(self.factor * (before if self.relative else 1.0), _SLOWEST), _FASTEST), 4)
        clip.meta["speed"] = speed
        if speed == 1.0:
            del clip.meta["speed"]
        return max(layout.SHORTEST_SHOT, round(clip.frames * before / speed))


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
                new["id"] = film.free_id(str(new.meta["role"]))
    shots = film.shots
    earlier = [shot for shot in shots if shot.first < at]
    return [*earlier, new, *shots[len(earlier) :]]


def _close_up(film: Draft, part: Part, old_end: int) -> None:
    """Move sounds that followed a sound on its track at once; give a part that grew a track with room."""
    role, track = film.role_of(part), film.track_of(part)
    by, at = part.last - to_frame(old_end), old_end
    for other in sorted(track["sg"], key=start_of) if role in SOUNDS else ():
        if other is not part and abs(other.start_ms - at) <= 1:
            at = other.end_ms
            other.shift(by)
    film.lay_where_free(part, role)
