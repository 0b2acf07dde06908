"""Edits of what shots, titles and sounds are: removed, replaced, renamed, trimmed, split, faster or slower."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Annotated, Final

from nemo_notebook.film import assembly, layout, soundtrack
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.draft import SOUNDS, Draft, Part, media_segment, start_of, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta, OfEngine, Removing, begin_film
from nemo_notebook.film.edits.films import Recut
from nemo_notebook.film.model import Length, MediaItem, Seconds, Shift, Situation
from nemo_notebook.film.target import ROLES, Target, Which, content_of, describe, ids_of, name_of, select, upload_of
from nemo_notebook.film.tracks import SOURCE, meta_of, read_segments
from nemo_notebook.film.wording import NotPossible, Told, refuse_if, stem

Parts = Annotated[Which, Meta(description="Which parts: shots where no kind is named.")]
Ripple = Annotated[bool, Meta(description="Whether what follows moves; if not, only this changes, and gaps stay.")]
_Id = Annotated[str, Meta(min_length=1, max_length=200)]
_Source = Annotated[str, Meta(min_length=1, max_length=2_000)]
_Number = Annotated[int, Meta(ge=1, le=1_000)]
NewId = Annotated[_Id | None, Meta(description="The id of the new part; a free one if not given.")]
OnTrack = Annotated[
    _Number | None, Meta(description="Number of the track, from 1; one more than there are is a new one.")
]
_OF_FILE: Final = ("role", "name", "media", "source", "in_ms")
_OF_ROLE: Final = ("speed", "camera", "fade_in_ms", "fade_out_ms")
_OF_SOUND: Final = (*_OF_FILE, *_OF_ROLE, "duck", "music")
_LENGTHS: Final = ("end_s", "duration_s", "by_s", "keep_last_s")  # of which one can be given
_STARTS: Final = ("start_s", "in_s", "keep_last_s")  # likewise
_WITH_FILE: Final = ("clip", "song", "speech")
_SLOWEST, _FASTEST = 0.1, 16.0


class Remove(Removing, Edit, frozen=True, kw_only=True):
    """Remove shots, titles, sounds or visualizers; the shots that follow move up.

    In a film that is cut to music, other uploads take the places of one that goes. When no sound is left, clips that
    were muted for it are heard again.
    """

    target: Parts
    keep: Annotated[bool, Meta(description="Whether these stay, and all others of their kind go.")] = False
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        meant = select(film, situation, self.target)
        gone = without(_like(film, meant), meant) if self.keep else meant
        refuse_if(not gone, "remove.nothing_else", "target")
        if not self.ripple:
            names = describe(film, situation, gone)
            film.remove(gone)
            return [*told, Told("remove.removed", names=names, now="")]
        others = without(gone, film.shots)
        shots = without(gone, others)
        if shots:
            told.append(self._shots(film, situation, shots))
        return [*told, *(_remove_others(film, situation, others) if others else ())]

    def _shots(self, film: Draft, situation: Situation, gone: Sequence[Part]) -> Told:
        stay = without(film.shots, gone)
        refuse_if(not stay, "remove.nothing_left", "target")
        names = describe(film, situation, gone)
        lost = _uploads(gone) - _uploads(stay)
        targets = len(self.target) if isinstance(self.target, tuple) else 1
        if film.is_cut_to_music and lost and len(gone) > targets:
            Recut(without=tuple(sorted(lost))).apply(film, situation)
            return Told("remove.replaced", names=names)
        return Told("remove.removed", names=names, now=layout.lay_order(film, situation, stay))


class Replace(Removing, Edit, frozen=True, kw_only=True):
    """Show or play another upload in place of shots or sounds, for as long as they lasted."""

    target: Parts
    media: Annotated[
        _Source,
        Meta(description="The content hash of the upload; or what another part shows, as in the column `source`."),
    ]
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        parts = select(film, situation, self.target)
        names = describe(film, situation, parts)
        if all(item.id != self.media for item in situation.media) and _show_source(film, parts, self.media):
            return [*told, Told("replace.seen", name=stem(self.media), names=names, now="")]
        refuse_if(situation.is_foreign, "edit.needs_engine", "media")
        item = upload_of(situation, self.media)
        name = stem(item.filename)
        if item.kind == "audio":
            for part in parts:
                self._sound(film, part, item)
            return [*told, Told("replace.heard", name=name, names=names)]
        refuse_if(any(part.role not in ROLES["shot"] for part in parts), "replace.no_picture", "target", name=name)
        was = layout.length_of(film)
        whole = to_frame(item.duration_ms)
        fits = item.kind == "image" or all(part.frames <= whole for part in parts)
        in_row = self.ripple and not without(parts, film.shots)
        refuse_if(not fits and not in_row, "replace.too_short", "media", name=name, long=item.duration_ms)
        for part in parts:
            _show_as(film, item, part, exactly=not self.ripple)
        if in_row:
            keeps = fits or film.is_cut_to_music
            for part in () if keeps else film.shots:
                if part.meta.get("media") == item.id:
                    part["d"] = min(part["d"], to_ms(whole))
            layout.lay_order(film, situation, film.shots, keep_places=keeps)
        return [*told, Told("replace.seen", name=name, names=names, now=layout.length_told(film, was))]

    def _sound(self, film: Draft, part: Part, item: MediaItem) -> None:
        was, first = part.role, part.first
        refuse_if(was not in SOUNDS, "replace.no_sound", "target", name=stem(item.filename))
        is_speech = content_of(film, item) == "speech" or (not self.ripple and was == "speech")
        role = "speech" if is_speech else "song"
        kept = {key: part.meta.get(key, 0) for key in ("fade_in_ms", "fade_out_ms")}
        kept |= {"duck": part.meta["duck"]} if not self.ripple and role == was and "duck" in part.meta else {}
        unknown = {key: value for key, value in part.meta.items() if key not in _OF_SOUND}
        part["m"] = unknown | media_segment(item, 1, 0, 0, 0, role).meta | kept
        part.place(first, first + min(part.frames, max(1, to_frame(item.duration_ms))))
        if role != was:
            film.lay_where_free(part, role)
            soundtrack.give_way(film)


class Rename(Edit, frozen=True, kw_only=True):
    """Give parts another name, as the table shows it, or none of their own; a title keeps its words."""

    target: Parts
    name: Annotated[
        str, Meta(max_length=200, description="The name; if it is empty, they are called by their words or their file.")
    ]

    def apply(self, film: Draft, situation: Situation) -> Told:
        parts = select(film, situation, self.target)
        names = describe(film, situation, parts)
        for part in parts:
            part.put_name(self.name)
        return Told("rename.renamed", n=len(parts), names=names, name=self.name)


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
        refuse_if(not [*given_of(self, *_LENGTHS), *given_of(self, *_STARTS)], "trim.what")
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
        refuse_if(len(parts) == 1 and now == old and self.in_s is None, "trim.no_more", names=names, now=now)
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
        frames, role = part.frames, part.role
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
        role, names, old_end = part.role, describe(film, situation, [part]), part.end_ms
        frames, first = self._frames(film, situation, part), part.first
        moves_up = self.ripple and role in ("song", "speech")
        if not moves_up:
            first += to_frame(self._gone_ms(part))
        self._set_in(part)
        part.place(first, first + frames)
        total = film.picture_end_ms
        if moves_up and (self._gone_ms(part) or self.in_s is not None) and abs(old_end - total) <= to_ms(1):
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


class Split(OfEngine, Edit, frozen=True, kw_only=True):
    """Cut shots, titles or uploaded sounds in two, in parts of one length, or where scenes within clips change."""

    target: Annotated[Which | None, Meta(description="Which parts; none for the shots as one film.")] = None
    at_s: Annotated[Seconds | tuple[Seconds, ...] | None, Meta(description="One time or several.")] = None
    parts: Annotated[int, Meta(ge=2, le=1_000, description="How many parts of one length, if no time is given.")] = 2
    scenes: Annotated[bool, Meta(description="Cut clips wherever a scene within them ends, instead.")] = False
    id: NewId = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        target = self.target or "shot"
        told = begin(film, situation, target)
        refuse_if(self.scenes and self.at_s is not None, "parts.either", "scenes", one="at_s", other="scenes")
        found = select(film, situation, target)
        refuse_if(all(part.role == "bgm" for part in found), "split.composed", "target")
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


class SetSpeed(OfEngine, Edit, frozen=True, kw_only=True):
    """Play clips faster or slower; the film's length follows, unless it is cut to music."""

    target: Parts = "shot"
    factor: Annotated[float, Meta(ge=_SLOWEST, le=_FASTEST, description="Seconds of the clip in a second.")]
    relative: Annotated[bool, Meta(description="Whether it is a factor of the present speed.")] = False
    start_s: Annotated[Seconds | None, Meta(description="Where on the timeline it begins.")] = None
    end_s: Annotated[Seconds | None, Meta(description="Where on the timeline it ends.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        was, inside = layout.length_of(film), layout.shots_between(film, self.start_s, self.end_s)
        others = without(inside, select(film, situation, self.target))
        clips = [shot for shot in without(inside, others) if shot.meta.get("role") == "clip"]
        refuse_if(not clips, "set_speed.no_clip", "target")
        names, old = describe(film, situation, clips), clips[0].speed
        lengths = [(clip, self._play(clip)) for clip in clips]
        if film.is_cut_to_music:
            layout.show_in_place(film, situation, clips)
        else:
            layout.lay_lengths(film, situation, lengths)
        new, speeds = clips[0].speed, {"speed": f"{clips[0].speed:g}", "was": f"{old:g}"}
        refuse_if(new == old and len(clips) == 1, "set_speed.already", names=names, **speeds)
        return [*told, Told("set_speed.set", names=names, length=layout.length_told(film, was), **speeds)]

    def _play(self, clip: Part) -> int:
        """Set the speed of a clip; give the frames that it then lasts."""
        before = clip.speed
        speed = round(min(max(self.factor * (before if self.relative else 1.0), _SLOWEST), _FASTEST), 4)
        clip.meta["speed"] = speed
        if speed == 1.0:
            del clip.meta["speed"]
        return max(layout.SHORTEST_SHOT, round(clip.frames * before / speed))


def begin(film: Draft, situation: Situation, *targets: Which) -> list[Told]:
    """Make the film first where there is none yet and shots are meant; give what to say of that.

    Raises:
        NotPossible: Nothing is uploaded to make it of.
    """
    each = [one for which in targets for one in (which if isinstance(which, tuple) else (which,))]
    kinds = [one.id or one.kind if isinstance(one, Target) else one if one in ROLES else None for one in each]
    if not film.is_empty or any(kind not in (None, "shot", "clip", "photo") for kind in kinds):
        return []
    refuse_if(not situation.media and not situation.is_foreign, "make_video.no_media")
    told = begin_film(film, situation)
    film.measure()
    return told


def new_shot(film: Draft, item: MediaItem, frames: int) -> Part:
    """A shot of an upload from its start, as loud as the others; it is not on a track yet."""
    segment = media_segment(item, 1, 0, frames, 0)
    segment["id"] = film.new_id(str(segment.meta["role"]))
    if item.kind == "image":
        segment.meta["camera"] = deepcopy(assembly.PUSH)
    elif item.has_audio:
        heard = [shot["v"] for shot in film.shots if "v" in shot]
        segment["v"] = max(heard, default=0.0 if film.is_cut_to_music else 1.0)
    return segment


def given_of(edit: Edit, *names: str) -> list[str]:
    """The fields of which at most one may be given.

    Raises:
        NotPossible: Several are.
    """
    given = [name for name in names if getattr(edit, name, None) is not None]
    if len(given) > 1:
        raise NotPossible(Told("parts.either", one=given[0], other=given[1]), given[1])
    return given


def without(parts: Sequence[Part], others: Sequence[Part]) -> list[Part]:
    """Parts that are none of the others."""
    known = {id(other) for other in others}
    return [part for part in parts if id(part) not in known]


def _remove_others(film: Draft, situation: Situation, gone: Sequence[Part]) -> list[Told]:
    """Remove what is no shot; give what to say of that."""
    names = describe(film, situation, gone)
    had_sound = bool(film.segments(*SOUNDS))
    film.remove(gone)
    told = [Told("remove.removed", names=names, now="")]
    if had_sound and not film.segments(*SOUNDS):
        film.remove(film.segments("visualizer"))
        clips = [s for s in film.segments("clip") if (item := s.upload(situation)) and item.has_audio]
        if clips and all(clip.get("v") == 0 for clip in clips):
            for clip in clips:
                clip["v"] = 1.0
            told.append(Told("remove.heard_again"))
    return told


def _like(film: Draft, parts: Sequence[Part]) -> list[Part]:
    """All parts of the kinds of some parts."""
    shots = film.shots
    others = without(parts, shots)
    roles = {part.role for part in others}
    roles |= set(SOUNDS) if roles & set(SOUNDS) else set()
    like = without(film.segments(*roles), shots)
    return sorted([*(shots if len(others) < len(parts) else ()), *like], key=start_of)


def _uploads(shots: Sequence[Part]) -> set[str]:
    return {media for shot in shots if isinstance(media := shot.meta.get("media"), str)}


def _show_as(film: Draft, item: MediaItem, shot: Part, *, exactly: bool) -> None:
    """Let a shot show another upload, at the place and in the look of this one; exactly: as loud, fast and so on."""
    new, own = new_shot(film, item, shot.frames), shot.meta
    is_alike = exactly and own.get("role") == new.meta["role"]
    gone = _OF_FILE if is_alike else (*_OF_FILE, *_OF_ROLE)
    shot["m"] = new.meta | {key: value for key, value in own.items() if key not in gone}
    volumes = [each["v"] for each in ((shot, new) if exactly else (new,)) if "v" in each]
    shot.pop("v", None)
    shot.update({"v": volumes[0]} if volumes else {})


def _show_source(film: Draft, parts: Sequence[Part], source: str) -> bool:
    """Let parts of a film that names no uploads show what another one shows; whether there is such a one."""
    like = next((other.raw for other in read_segments(film) if other.source == source), None)
    if like is None or "media" in meta_of(like) or any("media" in meta_of(part) for part in parts):
        return False
    for part in parts:
        for own, theirs in ((part, like), (meta_of(part), meta_of(like))):
            if isinstance(own, dict):
                own |= {key: theirs[key] for key in SOURCE if theirs.get(key) is not None}
    return True


def _close_up(film: Draft, part: Part, old_end: int) -> None:
    """Move sounds that followed a sound on its track at once; give a part that grew a track with room."""
    role, track = part.role, film.track_of(part)
    by, at = part.last - to_frame(old_end), old_end
    for other in sorted(track["sg"], key=start_of) if role in SOUNDS else ():
        if other is not part and abs(other.start_ms - at) <= 1:
            at = other.end_ms
            other.shift(by)
    film.lay_where_free(part, role)
