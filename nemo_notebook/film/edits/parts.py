"""Edits of single parts of a film: shots, titles and sounds, whichever are meant."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from copy import deepcopy
from typing import Annotated, ClassVar, Final, Literal, NamedTuple

from nemo_notebook.film import filming, layout, soundtrack
from nemo_notebook.film.draft import SOURCE, meta_of, read_segments
from nemo_notebook.film.drafting import SOUNDS, Draft, Part, media_segment, start_of, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta
from nemo_notebook.film.edits.films import Recut, begin_film
from nemo_notebook.film.fields import Length, Seconds, Shift
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.phrasing import stem
from nemo_notebook.film.target import ROLES, Target, Which, describe, ids_of, name_of, select, upload_of
from nemo_notebook.film.telling import NotPossible, Told

Place = Literal["start", "end", "before", "after"]
Parts = Annotated[Which, Meta(description="Which parts: shots where no kind is named.")]
PlacedAt = Annotated[Place | None, Meta(description="Where to; before and after need `beside`.")]
Beside = Annotated[Which | None, Meta(description="The parts that it comes before or after.")]
Ripple = Annotated[bool, Meta(description="Whether what follows moves; if not, only this changes, and gaps stay.")]
NewId = Annotated[
    Annotated[str, Meta(min_length=1, max_length=200)] | None,
    Meta(description="The id of the new part; a free one if not given."),
]
Track = Annotated[
    Annotated[int, Meta(ge=1, le=1_000)] | None,
    Meta(description="Number of the track, from 1; one more than there are is a new one."),
]
_OF_FILE: Final = ("role", "name", "media", "source", "in_ms")
_OF_ROLE: Final = ("speed", "zoom", "fade_in_ms", "fade_out_ms")
_OF_SOUND: Final = (*_OF_FILE, *_OF_ROLE, "duck", "music")


class Remove(Edit, frozen=True, kw_only=True):
    """Remove shots, titles, sounds or visualizers; the shots that follow move up.

    In a film that is cut to music, other uploads take the places of one that goes. When no sound is left, clips that
    were muted for it are heard again.
    """

    removes: ClassVar[bool] = True

    target: Parts
    keep: Annotated[bool, Meta(description="Whether these stay, and all others of their kind go.")] = False
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        meant = select(film, situation, self.target)
        gone = without(_like(film, meant), meant) if self.keep else meant
        if not gone:
            raise NotPossible(Told("remove.nothing_else"), "target")
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
        if not stay:
            raise NotPossible(Told("remove.nothing_left"), "target")
        names = describe(film, situation, gone)
        lost = _uploads(gone) - _uploads(stay)
        targets = len(self.target) if isinstance(self.target, tuple) else 1
        if film.is_cut_to_music and lost and len(gone) > targets:
            Recut(without=tuple(sorted(lost))).apply(film, situation)
            return Told("remove.replaced", names=names)
        return Told("remove.removed", names=names, now=lay(film, situation, stay))


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
    track: Track = None
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        if not given_of(self, "place", "at_s", "by_s") and self.track is None:
            raise NotPossible(Told("parts.where"), "place")
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
        now = lay(film, situation, placement.order(without(film.shots, moved), moved), keep_places=is_cut)
        return Told("move.moved", names=names, where=placement.told("move", situation), now=now)

    def _placement(self, film: Draft, situation: Situation, parts: Sequence[Part]) -> Placement:
        at = parts[0].start_ms + 1000 * (self.by_s or 0.0) if self.at_s is None else 1000 * self.at_s
        return Placement.of(film, situation, self.place, self.beside, at, parts)

    def _others(self, film: Draft, situation: Situation, parts: list[Part]) -> Told:
        names, total = describe(film, situation, parts), film.picture_end_ms or film.end_ms
        at = max(0, self._placement(film, situation, parts).first_ms(film, parts))
        if at >= total:
            raise NotPossible(Told("parts.too_late", at=at, end=total), self._field)
        by = to_frame(at) - parts[0].first
        for part in parts:
            _shift_within(film, part, film.role_of(part), by, to_frame(total))
        left = [part for part in parts if part["d"] > 0]
        if not left:
            raise NotPossible(Told("parts.too_short", name=name_of(parts[0], situation), long=0), "target")
        film.remove([part for part in parts if part["d"] <= 0])
        return _times_told("move", names, left, film.role_of(left[0]))

    def _exactly(self, film: Draft, situation: Situation, parts: list[Part]) -> Told:
        names, at = describe(film, situation, parts), self._placement(film, situation, parts).first_ms(film, parts)
        if at < 0:
            raise NotPossible(Told("parts.too_early"), "by_s")
        by = to_frame(at) - parts[0].first
        for part, role in [(part, film.role_of(part)) for part in parts]:
            first, last = part.span
            layout.lay_exactly(film, part, role, first + by, last + by, self.track)
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
        if len(without(ones, others)) < len(ones):
            raise NotPossible(Told("swap.same"), "other")
        done = Told("swap.swapped", one=describe(film, situation, ones), other=describe(film, situation, others))
        shots = film.shots
        pairs = list(zip(ones, others, strict=False))
        if not without([*ones, *others], shots):
            partner = {id(a): b for a, b in pairs} | {id(b): a for a, b in pairs}
            order = [partner.get(id(shot), shot) for shot in shots]
            layout.lay_order(film, situation, order, keep_places=film.is_cut_to_music)
            return [*told, done]
        if {film.role_of(part) for part in (*ones, *others)} != {"title"}:
            raise NotPossible(Told("swap.unlike"), "other")
        for one, other in pairs:
            times = [{key: part[key] for key in ("s", "d")} for part in (one, other)]
            one.update(times[1])
            other.update(times[0])
        for part in (*ones, *others):
            film.lay_where_free(part, "title")
        return [*told, done]


class Replace(Edit, frozen=True, kw_only=True):
    """Show or play another upload in place of shots or sounds, for as long as they lasted."""

    removes: ClassVar[bool] = True

    target: Parts
    media: Annotated[
        Annotated[str, Meta(min_length=1, max_length=2_000)],
        Meta(description="The content hash of the upload; or what another part shows, as in the column `source`."),
    ]
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        parts = select(film, situation, self.target)
        names = describe(film, situation, parts)
        if all(item.id != self.media for item in situation.media) and _show_source(film, parts, self.media):
            return [*told, Told("replace.seen", name=stem(self.media), names=names, now="")]
        if situation.is_foreign:
            raise NotPossible(Told("edit.needs_engine"), "media")
        item = upload_of(situation, self.media)
        if item.kind == "audio":
            for part in parts:
                self._sound(film, part, item)
            return [*told, Told("replace.heard", name=stem(item.filename), names=names)]
        if any(film.role_of(part) not in ROLES["shot"] for part in parts):
            raise NotPossible(Told("replace.no_picture", name=stem(item.filename)), "target")
        was = layout.length_of(film)
        whole = to_frame(item.duration_ms)
        fits = item.kind == "image" or all(part.frames <= whole for part in parts)
        in_row = self.ripple and not without(parts, film.shots)
        if not fits and not in_row:
            raise NotPossible(Told("replace.too_short", name=stem(item.filename), long=item.duration_ms), "media")
        for part in parts:
            _show_as(film, item, part, exactly=not self.ripple)
        if in_row:
            keeps = fits or film.is_cut_to_music
            for part in () if keeps else film.shots:
                if part.meta.get("media") == item.id:
                    part["d"] = min(part["d"], to_ms(whole))
            layout.lay_order(film, situation, film.shots, keep_places=keeps)
        return [*told, Told("replace.seen", name=stem(item.filename), names=names, now=layout.length_told(film, was))]

    def _sound(self, film: Draft, part: Part, item: MediaItem) -> None:
        was, first = film.role_of(part), part.first
        if was not in SOUNDS:
            raise NotPossible(Told("replace.no_sound", name=stem(item.filename)), "target")
        is_speech = soundtrack.content_of(film, item) == "speech" or (not self.ripple and was == "speech")
        role = "speech" if is_speech else "song"
        kept = {key: part.meta.get(key, 0) for key in ("fade_in_ms", "fade_out_ms")}
        kept |= {"duck": part.meta["duck"]} if not self.ripple and role == was and "duck" in part.meta else {}
        unknown = {key: value for key, value in part.meta.items() if key not in _OF_SOUND}
        part["m"] = unknown | media_segment(item, 1, 0, 0, 0, role).meta | kept
        part.place(first, first + min(part.frames, max(1, to_frame(item.duration_ms))))
        if role != was:
            film.lay_where_free(part, role)
            soundtrack.give_way(film)


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
    track: Track = None
    id: NewId = None
    ripple: Ripple = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin(film, situation, self.target)
        is_placed = bool(given_of(self, "place", "at_s"))
        place = self.place if is_placed else "end"
        parts = select(film, situation, self.target)
        placement = Placement.of(film, situation, place, self.beside, 1000 * (self.at_s or 0.0))
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
        now = lay(film, situation, order)
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
        now = lay(film, situation, placement.order(shots, copies))
        where = placement.told("duplicate", situation)
        return Told("duplicate.once_more", names=names, n=len(parts), where=where, now=now)

    def _exactly(self, film: Draft, situation: Situation, parts: list[Part], placement: Placement) -> Told:
        names, roles = describe(film, situation, parts), [film.role_of(part) for part in parts]
        by, copies = to_frame(placement.first_ms(film, parts)) - parts[0].first, [deepcopy(part) for part in parts]
        for part, copy, role in zip(parts, copies, roles, strict=True):
            first = part.first + by
            frames = to_frame(part["d"] if self.duration_s is None else 1000 * self.duration_s)
            copy["id"] = layout.new_id(film, self.id, role or "part")
            film.track_of(part)["sg"].append(copy)
            layout.lay_exactly(film, copy, role, first, first + frames, self.track)
        if self.id is None:
            layout.keep_apart(film, situation, copies, "at_s")
        return _times_told("duplicate", names, copies, roles[0])

    def check(self, film: Draft, situation: Situation) -> None:
        if self.id is not None and (not self.ripple or self.track is not None):
            layout.keep_ids_apart(film, situation, Target(id=self.id), "at_s")

    def _other(self, film: Draft, situation: Situation, part: Part, placement: Placement) -> Told:
        """A title or a sound once more: at the end of the film where nothing else is said."""
        role, total = film.role_of(part), film.picture_end_ms or film.end_ms
        length = part["d"] if self.duration_s is None or role != "title" else 1000 * self.duration_s
        frames = max(1, to_frame(min(length, total)))
        at = placement.start_ms(to_ms(frames), total)
        copies = [deepcopy(part) for _ in range(self.times - 1)]
        for number, copy in enumerate(copies):
            first = to_frame(at) + number * frames
            if first >= to_frame(total):
                raise NotPossible(Told("parts.too_late", at=to_ms(first), end=total), "times" if number else "at_s")
            copy["id"] = film.free_id(role or "part")
            copy.place(first, first + frames)
            _shift_within(film, copy, role, 0, to_frame(total))
        return _times_told("duplicate", describe(film, situation, [part]), copies, role)


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


def begin(film: Draft, situation: Situation, *targets: Which) -> list[Told]:
    """Make the film first where there is none yet and shots are meant; give what to say of that.

    Raises:
        NotPossible: Nothing is uploaded to make it of.
    """
    each = [one for which in targets for one in (which if isinstance(which, tuple) else (which,))]
    kinds = [one.kind if isinstance(one, Target) else one if one in ROLES else None for one in each]
    ids = any(isinstance(one, Target) and one.id is not None for one in each)
    if ids or any(kind not in (None, "shot", "clip", "photo") for kind in kinds) or not film.is_empty:
        return []
    if not situation.media and not situation.is_foreign:
        raise NotPossible(Told("make_video.no_media"))
    told = begin_film(film, situation)
    film.measure()
    return told


def new_shot(film: Draft, item: MediaItem, frames: int) -> Part:
    """A shot of an upload from its start, as loud as the others; it is not on a track yet."""
    segment = media_segment(item, 1, 0, frames, 0)
    segment["id"] = film.free_id(str(segment.meta["role"]))
    if item.kind == "image":
        segment.meta["zoom"] = filming.ZOOM_IN
    elif item.has_audio:
        heard = [shot["v"] for shot in film.shots if "v" in shot]
        segment["v"] = max(heard, default=0.0 if film.is_cut_to_music else 1.0)
    return segment


def _show_as(film: Draft, item: MediaItem, shot: Part, *, exactly: bool) -> None:
    """Let a shot show another upload, at the place and in the look of this one; exactly: as loud, fast and so on."""
    new, own = new_shot(film, item, shot.frames), shot.meta
    is_alike = exactly and own.get("role") == new.meta["role"]
    keys = [key for key in own if key not in _OF_FILE and (is_alike or key not in _OF_ROLE)]
    if exactly:
        new |= {"v": shot["v"]} if "v" in shot else {}
    shot["m"] = new.meta | {key: own[key] for key in keys}
    shot.pop("v", None)
    if "v" in new:
        shot["v"] = new["v"]


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
    roles = {film.role_of(part) for part in others}
    roles |= set(SOUNDS) if roles & set(SOUNDS) else set()
    like = without(film.segments(*roles), shots)
    return sorted([*(shots if len(others) < len(parts) else ()), *like], key=start_of)


def lay(film: Draft, situation: Situation, order: Sequence[Part], *, keep_places: bool = False) -> Told | str:
    """Lay shots in an order, see `layout.lay_order`; give how long the film is then."""
    was = layout.length_of(film)
    layout.lay_order(film, situation, order, keep_places=keep_places)
    return layout.length_told(film, was)


def without(parts: Sequence[Part], others: Sequence[Part]) -> list[Part]:
    """Parts that are none of the others."""
    known = {id(other) for other in others}
    return [part for part in parts if id(part) not in known]


def _uploads(shots: Sequence[Part]) -> set[str]:
    return {media for shot in shots if isinstance(media := shot.meta.get("media"), str)}


def _copy(film: Draft, shot: Part, number: int) -> Part:
    again = deepcopy(shot)
    again["id"] = film.free_id(f"{shot.get('id', 'shot')}-{number + 2}")
    return again


def given_of(edit: Edit, *names: str) -> list[str]:
    """The fields of which at most one may be given.

    Raises:
        NotPossible: Several are.
    """
    given = [name for name in names if getattr(edit, name, None) is not None]
    if len(given) > 1:
        raise NotPossible(Told("parts.either", one=given[0], other=given[1]), given[1])
    return given


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

    @classmethod
    def of(
        cls,
        film: Draft,
        situation: Situation,
        place: Place | None,
        which: Which | None,
        at_ms: float,
        moved: Sequence[Part] = (),
    ) -> Placement:
        """Where an edit puts parts that it moves or makes, by its fields.

        Raises:
            NotPossible: They do not go together, or parts would be put beside nothing but themselves.
        """
        if (place in ("before", "after")) != (which is not None):
            raise NotPossible(Told("parts.beside"), "beside")
        beside = [] if which is None else without(select(film, situation, which, field="beside"), moved)
        if which is not None and not beside:
            raise NotPossible(Told("parts.itself"), "beside")
        return cls(place, beside, at_ms)

    def start_ms(self, span_ms: float, total_ms: float) -> float:
        """Where something of some length begins in a film of some length."""
        if self.place in ("before", "after"):
            return max(0, self.beside[0].start_ms - span_ms) if self.place == "before" else self.beside[-1].end_ms
        return {"start": 0, "end": max(0, total_ms - span_ms)}.get(str(self.place), self.at_ms)

    def first_ms(self, film: Draft, parts: Sequence[Part]) -> float:
        """Where the first of some parts begins that keep their distances."""
        return self.start_ms(parts[-1].end_ms - parts[0].start_ms, film.picture_end_ms or film.end_ms)

    def order(self, rest: Sequence[Part], moved: Sequence[Part]) -> list[Part]:
        """Put shots among others; by time at the cut that is nearest to it."""
        if self.place in ("before", "after"):
            edge = self.beside[0 if self.place == "before" else -1]
            at = next((i for i, shot in enumerate(rest) if shot is edge), None)
            if at is None:
                raise NotPossible(Told("parts.no_shot"), "beside")
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


def _shift_within(film: Draft, part: Part, role: str, by: int, total: int) -> None:
    """Move a title or a sound by some frames; titles stay within the film, sounds end with it."""
    frames, first = part.frames, max(0, part.first + by)
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


def _times_told(edit: str, names: Told, parts: Sequence[Part], role: str) -> Told:
    """From when to when parts are seen or heard."""
    how = "heard" if role in SOUNDS else "seen"
    return Told(f"{edit}.{how}", names=names, n=1, start=parts[0].start_ms, end=parts[-1].end_ms)
