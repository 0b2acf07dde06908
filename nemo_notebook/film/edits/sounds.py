"""Edits of songs, voice recordings and of how loud things are."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final, Literal

from nemo_notebook.film import assembly, layout, soundtrack
from nemo_notebook.film.draft import MUSIC, SOUNDS, Draft, Part, editable, end_of, ms_of, start_of, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta, OfEngine, Removing, begin_film
from nemo_notebook.film.edits.music import ALL_MUSIC, music_meant
from nemo_notebook.film.edits.parts import NewId, OnTrack, without
from nemo_notebook.film.model import FPS, Hash, Length, MediaItem, Seconds, Situation, Volume
from nemo_notebook.film.target import ROLES, Kind, Target, Which, content_of, describe, name_of, select, upload_of
from nemo_notebook.film.tracks import MAX_VOLUME
from nemo_notebook.film.wording import NotPossible, Told, nice_title, refuse_if, stem
from nemo_notebook.outside import finite

_SHORTEST_MS: Final = 1_000
_AS_GOOD_AS_WHOLE_MS: Final = 250
_LEAST: Final = 6  # frames of silence that are worth a cut
_SAME_LEVEL: Final = 1e-6
_OUT_OF_SILENCE: Final = 0.5  # the level of what is made louder although it is muted
_OF_MUSIC: Final = ("music", "song", "composed", "speech")
_Factor = Annotated[float, Meta(ge=0, le=100)]

Stretch = tuple[int, int]


class SetVolume(Edit, frozen=True, kw_only=True):
    """Set how loud sounds and clips are, everywhere or from one time to another."""

    engine_fields: ClassVar[tuple[str, ...]] = ("start_s", "end_s")

    target: Annotated[Which, Meta(description="Sounds, or clips with their own sound.")] = ALL_MUSIC
    volume: Annotated[Volume | None, Meta(description="1 is as recorded, 0 silence, 2 twice as loud.")] = None
    factor: Annotated[_Factor | None, Meta(description="Times the present volume, in place of `volume`.")] = None
    start_s: Annotated[Seconds | None, Meta(description="From where on; everywhere if not given.")] = None
    end_s: Annotated[Seconds | None, Meta(description="Until where; the end of the film if not given.")] = None
    restore: Annotated[bool, Meta(description="Give what is muted its volume back; else `volume`.")] = False

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        refuse_if(self.volume is None and self.factor is None and not self.restore, "set_volume.how_loud", "volume")
        kinds = _kinds(self.target)
        told = [] if kinds and {*kinds} <= {*_OF_MUSIC} else begin_film(film, situation)
        parts = _meant(film, situation, self.target)
        heard = [part for part in parts if _is_heard(situation, part)]
        if not heard:
            key = "set_volume.silent_clips" if kinds else "set_volume.silent"
            raise NotPossible(Told(key, name=describe(film, situation, parts)), "target")
        name = self._name(film, situation, heard)
        before = heard[0].volume
        if self.start_s is not None or self.end_s is not None:
            heard = self._within(film, situation, heard)
        levels = [(part.volume, self._level(part, situation)) for part in heard]
        changed = [(was, level) for was, level in levels if abs(was - level) > _SAME_LEVEL]
        is_set = self._is_everywhere and finite(heard[0].get("v")) == before
        if not changed and is_set and (self.factor is not None or before > 0):
            raise NotPossible(Told("set_volume.already", name=name, volume=before))
        for part, (_, level) in zip(heard, levels, strict=True):
            part["v"] = level
        was, now = (changed or levels or [(before, self._of(before))])[0]
        when: Told | str = ""
        if not self._is_everywhere:
            key = "set_volume.from" if self.end_s is None else "set_volume.between"
            when = Told(key, start=1000 * (self.start_s or 0.0), end=1000 * (self.end_s or 0.0))
        return [*told, Told("set_volume.set" if now else "set_volume.muted", name=name, when=when, volume=now, was=was)]

    @property
    def _is_everywhere(self) -> bool:
        return self.start_s is None and self.end_s is None

    def _name(self, film: Draft, situation: Situation, heard: Sequence[Part]) -> Told:
        if not _kinds(self.target):
            names = list(dict.fromkeys(name_of(part, situation) for part in heard))
            is_sound = any(part.meta.get("role") in SOUNDS for part in heard)
            name = Told("target.names", names=names[:3]) if is_sound else describe(film, situation, heard)
            return Told("set_volume.sound_of", name=name)
        roles = {part.role for part in heard}
        groups = {"music": {*MUSIC}, "speech": {"speech"}, "clips": {"clip"}}
        return Told("set_volume.kind", kind=next((name for name, own in groups.items() if roles <= own), "sound"))

    def _level(self, segment: Part, situation: Situation) -> float:
        now, earlier = segment.volume, map(editable, reversed(situation.earlier))
        if not self.restore:
            return self._of(now)
        former = (part.volume for state in earlier if (part := state.index.part_of(segment["id"])))
        return now or next((level for level in former if level > 0), 1.0 if self.volume is None else self.volume)

    def _of(self, now: float) -> float:
        if self.factor is None:
            return now if self.volume is None else round(self.volume, 4)
        wanted = _OUT_OF_SILENCE if now == 0 and self.factor > 1 else now * self.factor
        return round(min(wanted, MAX_VOLUME), 4)

    def _within(self, film: Draft, situation: Situation, heard: Sequence[Part]) -> list[Part]:
        """Cut what is heard at both ends of the stretch that is meant; return the parts whose volume is to be set."""
        first = to_frame(1000 * (self.start_s or 0.0))
        last = to_frame(max(map(end_of, heard)) if self.end_s is None else 1000 * self.end_s)
        scores = [segment for segment in heard if segment.meta.get("role") == "bgm"]
        refuse_if(scores and (self.factor is not None or self.volume), "set_volume.composed_within", "start_s")
        if first >= last or not any(s.first < last and s.last > first for s in heard):
            raise NotPossible(Told("set_volume.silent_then"), "start_s")
        others = [segment for segment in heard if segment.meta.get("role") != "bgm"]
        parts = [part for s in others if (part := layout.split_at(film, s, first, last)) is not None]
        return parts + [s for s in scores if not layout.silence_score(film, situation, s, first, last)]


class Duck(OfEngine, Edit, frozen=True, kw_only=True):
    """Let music give way where a clip or a voice recording is heard, or end that."""

    target: Annotated[Which, Meta(description="Which music.")] = ALL_MUSIC
    level: Annotated[float, Meta(ge=0, le=1, description="What is left of it then; 1 ends it.")] = soundtrack.DUCKED

    def apply(self, film: Draft, situation: Situation) -> Told:
        refuse_if(not film.segments(*MUSIC), "duck.no_music")
        music = music_meant(film, situation, self.target)
        if self.level >= 1:
            refuse_if(all(soundtrack.duck_of(segment) is None for segment in music), "duck.not_ducked")
            soundtrack.set_duck(music, 1.0)
            return Told("duck.ended")
        clips, is_spoken = soundtrack.clips_with_sound(film, situation), soundtrack.is_spoken(film)
        refuse_if(not clips and not is_spoken, "duck.nothing_heard")
        unmuted = clips if not is_spoken and not soundtrack.heard_clips(film, situation) else []
        for clip in unmuted:
            clip["v"] = 1.0
        soundtrack.set_duck(music, self.level)
        key = "duck.under_voice" if is_spoken else "duck.ducked"
        return Told(key, level=self.level, unmuted=Told("duck.unmuted") if unmuted else "")


class AddSound(OfEngine, Edit, frozen=True, kw_only=True):
    """Lay an uploaded song or voice recording beside the sounds that are there, which go on.

    Music gives way to a voice. A film of drawn pictures, or one that is cut to music, gets as long as the song.
    """

    media: Annotated[Hash, Meta(description="The content hash of the upload.")]
    role: Annotated[Literal["auto", "song", "speech"], Meta(description="`auto` is by what is heard.")] = "auto"
    at_s: Annotated[Seconds | None, Meta(description="Where it begins; else after the last of its kind.")] = None
    in_s: Annotated[Seconds, Meta(description="Where in the upload it begins.")] = 0.0
    duration_s: Annotated[Length | None, Meta(description="How much of it is heard; all if not given.")] = None
    volume: Annotated[Volume | None, Meta(description="What suits the other sounds if not given.")] = None
    track: OnTrack = None
    id: NewId = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        item = _audio(situation, self.media)
        in_ms = round(1000 * self.in_s)
        length_ms = min(item.duration_ms - in_ms, ms_of(self.duration_s) or item.duration_ms)
        frames = to_frame(length_ms)
        name = stem(item.filename)
        refuse_if(length_ms <= 0 or frames < 1, "add_sound.too_short", "in_s", name=name, long=item.duration_ms)
        role = self._role(film, item)
        own_id = film.new_id(role, self.id)
        told = self._begin(film, situation, item, frames) if self.track is None else []
        first, last, grows = self._place(film, role, frames)
        suits = 1.0 if role == "speech" else soundtrack.song_volume(film, situation)
        segment = soundtrack.new_sound(film, item, role, first, last, in_ms)
        segment.update(id=own_id, v=suits if self.volume is None else self.volume)
        values: dict[str, Any] = {"name": name, "start": to_ms(first), "end": to_ms(last)}
        if self.track is not None:
            layout.lay_exactly(film, segment, role, first, last, self.track)
            layout.keep_apart(film, situation, [segment], "at_s")
            return [Told(f"add_sound.{role}", ducked="", **values)]
        film.lay_where_free(segment, role)
        if role == "song" and in_ms + segment["d"] < item.duration_ms - _AS_GOOD_AS_WHOLE_MS:
            segment.meta["fade_out_ms"] = soundtrack.cut_fade_ms(segment)
        soundtrack.give_way(film)
        if grows:
            layout.extend_pictures(film, situation, last)
        ducked = Told("add_sound.ducked") if role == "speech" and film.segments(*MUSIC) else ""
        told.append(Told(f"add_sound.{role}", ducked=ducked, **values))
        if segment.end_ms > film.picture_end_ms + 1:
            told.append(Told("add_sound.goes_on", at=film.picture_end_ms))
        return told

    def _role(self, film: Draft, item: MediaItem) -> str:
        if self.role == "auto":
            return "speech" if content_of(film, item) == "speech" else "song"
        soundtrack.note_content(film, item, "speech" if self.role == "speech" else "music")
        return self.role

    def _begin(self, film: Draft, situation: Situation, item: MediaItem, frames: int) -> list[Told]:
        """Make the film first of the other uploads; without any pictures of drawn ones."""
        if film.picture_end_ms > 0:
            return []
        others = tuple(other for other in situation.media if other.id != item.id)
        told = begin_film(film, replace(situation, media=others))
        if film.picture_end_ms == 0:
            assembly.lay_drawn(film, frames)
            film.prepare_canvas(nice_title(item), situation.seed)
        return told

    def _place(self, film: Draft, role: str, frames: int) -> tuple[int, int, bool]:
        """First and last frame, and whether the pictures have to go on for it."""
        end = to_frame(film.picture_end_ms)
        first = film.last_frame(role) if self.at_s is None else to_frame(1000 * self.at_s)
        last = first + frames
        if self.track is not None:
            return first, last, False
        follows = not film.shots or (role == "song" and film.is_cut_to_music and bool(film.segments("song")))
        refuse_if(first > end or (first == end and not follows), "add_sound.no_room", "at_s", end=to_ms(end))
        if role == "song" and not follows:
            last = min(last, end)
        return first, last, follows and last > end


class Crossfade(OfEngine, Edit, frozen=True, kw_only=True):
    """Let pieces of music that follow one another overlap, one fading out while the other fades in."""

    target: Annotated[Which, Meta(description="The music that fades out, or all that follow one another.")] = ALL_MUSIC
    other: Annotated[Which | None, Meta(description="What fades in; what comes next if not given.")] = None
    duration_s: Annotated[float, Meta(ge=0.1, le=30, description="How long both are heard.")] = 2.0

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        music = sorted(film.segments(*MUSIC), key=start_of)
        chosen = music_meant(film, situation, self.target)
        if self.other is not None:
            chosen = sorted(chosen[-1:] + music_meant(film, situation, self.other, "other")[:1], key=start_of)
        elif len(chosen) == 1:
            chosen += [other for other in music if other.start_ms > chosen[0].start_ms][:1]
        refuse_if(len(chosen) < 2, "crossfade.nothing_next", "target")
        end = film.last_frame(*MUSIC)
        told = [self._overlap(film, situation, *pair) for pair in itertools.pairwise(chosen)]
        latest = max(music, key=end_of)
        layout.let_go_on(latest, latest.upload(situation), end)
        follows = not film.shots or film.is_cut_to_music
        if follows and latest.last < end == to_frame(film.picture_end_ms):
            layout.take_out(film, situation, latest.last, end)
        return told

    def _overlap(self, film: Draft, situation: Situation, one: Part, other: Part) -> Told:
        refuse_if(other.start_ms <= one.start_ms or other.end_ms <= one.end_ms, "crossfade.at_once", "other")
        frames = max(1, min(to_frame(1000 * self.duration_s), one.frames // 2, other.frames // 2))
        by = one.last - frames - other.first
        own = next(role for role in MUSIC if any(s is other for s in film.segments(role)))
        moved = [s for s in film.segments(own) if s.start_ms >= other.start_ms and s is not one]
        for segment in moved:
            segment.shift(by)
            film.lay_where_free(segment, own)
        layout.fit_beats(film, moved)
        overlap = one.end_ms - other.start_ms
        one.meta["fade_out_ms"] = other.meta["fade_in_ms"] = overlap
        names = {"one": name_of(one, situation), "other": name_of(other, situation)}
        return Told("crossfade.done", at=other.start_ms, long=overlap, **names)


class RemoveSilence(OfEngine, Removing, Edit, frozen=True, kw_only=True):
    """Cut out the silence in clips and voice recordings; what follows moves up.

    Where a clip is cut, titles and voices move along, and the music goes on as it was. The pictures stay where only a
    voice recording is cut.
    """

    target: Annotated[Which | None, Meta(description="Clips or voices; else all that are heard.")] = None
    longest_s: Annotated[float, Meta(ge=0.1, le=60, description="How long a silence may be.")] = 0.7
    keep_s: Annotated[float, Meta(ge=0, le=5, description="How much of it stays on either side.")] = 0.15

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin_film(film, situation)
        voices, clips = film.segments("speech"), soundtrack.heard_clips(film, situation)
        if self.target is not None:
            others = without([*clips, *voices], _meant(film, situation, self.target, "speech"))
            voices, clips = without(voices, others), without(clips, others)
        refuse_if(not voices and not clips, "remove_silence.nothing_heard", "target")
        was = film.end_ms
        gone = self._cut_voices(film, situation, voices) + self._cut_clips(film, situation, clips)
        refuse_if(not gone, "remove_silence.none", longest=1000 * self.longest_s)
        told.append(Told("remove_silence.cut", n=len(gone), gone=to_ms(sum(gone))))
        if film.end_ms != was:
            told.append(Told("remove_silence.length", long=film.end_ms, was=was))
        return told

    def _cut_voices(self, film: Draft, situation: Situation, voices: Sequence[Part]) -> list[int]:
        """Close up the pauses of voice recordings, each on its own track; return their lengths in frames."""
        gone: list[int] = []
        for track in list(film["t"]):
            own = [voice for voice in voices if any(voice is segment for segment in track["sg"])]
            for first, last in sorted((stretch for v in own for stretch in self._dead(v, situation)), reverse=True):
                layout.cut_out(film, first, last, lambda lane, _, track=track: lane is track)  # type: ignore[misc]
                gone.append(last - first)
        return gone

    def _cut_clips(self, film: Draft, situation: Situation, clips: Sequence[Part]) -> list[int]:
        """Cut silence out of clips while no voice recording is heard; return the lengths in frames."""
        voices = [voice for voice in film.segments("speech") if voice.volume > 0]
        spoken = [stretch for voice in voices for stretch in _spoken_stretches(voice, situation)]
        pictures = to_frame(film.picture_end_ms)
        silent = (stretch for clip in clips for stretch in self._dead(clip, situation))
        left = (rest for stretch in silent for rest in _rest(stretch, spoken))
        dead = [(first, last) for first, last in left if last - first >= _LEAST]
        for first, last in sorted(dead, reverse=True):
            layout.cut_out(film, first, last, lambda _, role: role not in MUSIC)
        if dead:
            layout.refit(film, situation, pictures)
        return [last - first for first, last in dead]

    def _dead(self, part: Part, situation: Situation) -> list[Stretch]:
        """The silence in a clip or a voice recording that is too long, without what is kept of it on either side.

        A clip that is silent from its start to its end is left alone: it is there to be seen.
        """
        longest_ms, keep_ms, (start, end) = 1000 * self.longest_s, 1000 * self.keep_s, part.span
        dead: list[Stretch] = []
        for from_ms, until_ms in _silences(part, situation):
            first = math.ceil(round((from_ms + keep_ms) * FPS / 1000, 3)) if from_ms > part.start_ms else start
            last = math.floor(round((until_ms - keep_ms) * FPS / 1000, 3)) if until_ms < part.end_ms else end
            first = start if first - start < layout.SHORTEST_SHOT else first
            last = end if end - last < layout.SHORTEST_SHOT else last
            is_whole = (first, last) == (start, end) and part.meta.get("role") == "clip"
            if until_ms - from_ms > longest_ms and last - first >= _LEAST and not is_whole:
                dead.append((first, last))
        return dead


class SetContent(OfEngine, Edit, frozen=True, kw_only=True):
    """Say what an uploaded audio file is: speech or music. What lies on the timeline of it is changed too."""

    media: Annotated[Hash, Meta(description="The content hash of the upload.")]
    content: Annotated[Literal["speech", "music"], Meta(description="What it is.")]

    def apply(self, film: Draft, situation: Situation) -> Told:
        item = _audio(situation, self.media)
        role = "speech" if self.content == "speech" else "song"
        laid = [s for s in film.segments("song", "speech") if s.meta.get("media") == item.id]
        changed = [segment for segment in laid if segment.meta["role"] != role]
        if content_of(film, item) == self.content and not changed:
            raise NotPossible(Told(f"set_content.already_{self.content}", name=stem(item.filename)), "content")
        soundtrack.note_content(film, item, self.content)
        for segment in changed:
            segment.meta["role"] = role
            segment.meta.pop("duck", None)
            film.lay_where_free(segment, role)
        soundtrack.give_way(film)
        return Told(f"set_content.{self.content}", name=stem(item.filename))


def _is_heard(situation: Situation, part: Part) -> bool:
    """Whether a part can be heard, as far as anybody knows: a clip that is no upload of the session may be."""
    role, item = part.role, part.upload(situation)
    if "v" in part or role in SOUNDS:
        return True
    return role in ("clip", "") and (item is None or (item.kind == "video" and item.has_audio))


def _kinds(which: Which) -> tuple[Kind, ...]:
    """The kinds of which all are meant; none where something is told of single ones."""
    targets = [Target(kind=t) if t in ROLES else t for t in (which if isinstance(which, tuple) else (which,))]  # type: ignore[arg-type]
    whole = [t.kind for t in targets if isinstance(t, Target) and t.kind and t == Target(kind=t.kind)]
    return tuple(whole) if len(whole) == len(targets) else ()


def _meant(film: Draft, situation: Situation, which: Which, kind: Kind = "sound") -> list[Part]:
    """Sounds that are meant; what names no kind may be a clip as well."""
    kinds: tuple[Kind, ...] = (kind, "clip")
    for each in kinds:
        with contextlib.suppress(NotPossible):
            return select(film, situation, which, each)
    return select(film, situation, which, kind)


def _audio(situation: Situation, media: str) -> MediaItem:
    item = upload_of(situation, media)
    refuse_if(item.kind != "audio", "add_sound.no_audio", "media", name=stem(item.filename))
    return item


def _spoken_stretches(voice: Part, situation: Situation) -> Iterator[Stretch]:
    """The stretches of a voice recording that are no silence."""
    silent = [(math.ceil(a * FPS / 1000), math.floor(b * FPS / 1000)) for a, b in _silences(voice, situation)]
    return _rest(voice.span, silent)


def _rest(stretch: Stretch, others: Sequence[Stretch]) -> Iterator[Stretch]:
    at, end = stretch
    for first, last in sorted(others):
        if first >= end or last <= at:
            continue
        if first > at:
            yield at, first
        at = max(at, last)
    if at < end:
        yield at, end


def _silences(part: Part, situation: Situation) -> Iterator[tuple[float, float]]:
    """The silences of the upload that are heard in a part, in milliseconds of the film."""
    start, speed, begin, end = part.in_ms, part.speed, part.start_ms, part.end_ms
    item = part.upload(situation)
    for first, last in item.silences_ms if item is not None else ():
        at = max(begin, begin + (first - start) / speed)
        to = min(end, begin + (last - start) / speed)
        if to > at:
            yield at, to
