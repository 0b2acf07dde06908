"""Edits of the film's length: time taken out, a length given, the film repeated, closed to a loop, or emptied."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from copy import deepcopy
from typing import Annotated, Final

from nemo_notebook.film import layout, soundtrack
from nemo_notebook.film.draft import LONGEST_MS, SOUNDS, SPEECH, Draft, on_frame, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta, OfEngine, Removing
from nemo_notebook.film.edits.films import MakeVideo
from nemo_notebook.film.edits.looks import SetCanvas
from nemo_notebook.film.model import Seconds, Shift, Situation
from nemo_notebook.film.tracks import KINDS
from nemo_notebook.film.wording import NotPossible, Told, needed, refuse_if

_MOST_S: Final = LONGEST_MS // 1000
_MOST_FRAMES: Final = to_frame(LONGEST_MS)
_CANVAS_MS: Final = (3_000, 8_000)
_LOOP_MS: Final = 700
_SHORT_SIDE: Final = 1_080
_Length = Annotated[float, Meta(ge=0.03, le=_MOST_S)]
_LoopLength = Annotated[float, Meta(ge=1.4, le=_MOST_S)]


class CutTime(OfEngine, Removing, Edit, frozen=True, kw_only=True):
    """Take a stretch of time out of everything, or keep only that stretch; what follows moves up."""

    start_s: Annotated[Shift | None, Meta(description="Where it begins; below 0 from the end of the film.")] = None
    end_s: Annotated[Shift | None, Meta(description="Where it ends; below 0 from the end of the film.")] = None
    keep: Annotated[bool, Meta(description="Whether this is what stays, and all else goes.")] = False

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        refuse_if(self.start_s is None and self.end_s is None, "cut_time.nothing", "end_s")
        told = begin_with_length(film, situation)
        total = layout.length_of(film)
        first, last = _frame(self.start_s, total, 0), _frame(self.end_s, total, total)
        gone = [(last, total), (0, first)] if self.keep else [(first, last)]
        gone = [(start, end) for start, end in gone if end > start]
        left = total - sum(end - start for start, end in gone)
        if not gone or left <= 0 or first >= last:
            field = "end_s" if self.end_s is not None else "start_s"
            raise NotPossible(Told("cut_time.not_so", long=to_ms(total)), field)
        _cut(film, situation, gone)
        is_span = self.start_s is not None and self.end_s is not None
        key = ("kept" if self.keep else "out") if is_span else "start" if (self.end_s is None) == self.keep else "end"
        length = Told("cut_time.length", now=to_ms(left), was=to_ms(total))
        span = {"start": to_ms(first), "end": to_ms(last), "gone": to_ms(total - left)}
        return [*told, Told(f"cut_time.{key}", length=length, **span)]


class SetLength(OfEngine, Edit, frozen=True, kw_only=True):
    """Give the film a length: the end goes, or more is shown.

    A film that is cut to music gets more shots, and a song that is too short comes again; a row of clips begins anew.
    """

    duration_s: Annotated[_Length | None, Meta(description="The length; as now where none is given.")] = None
    to_song: Annotated[bool, Meta(description="Whether it lasts as long as its song.")] = False
    factor: Annotated[float, Meta(ge=0.01, le=100, description="Times that length.")] = 1.0
    by_s: Annotated[Shift, Meta(description="So much longer, or shorter below 0.")] = 0.0
    at_most: Annotated[bool, Meta(description="Whether a film that is shorter stays as it is.")] = False

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        if self.duration_s is None and not self.to_song and self.factor == 1 and not self.by_s:
            raise NotPossible(Told("set_length.nothing"), "duration_s")
        if layout.length_of(film) == 0 and self.duration_s is not None:
            return MakeVideo(duration_s=self.duration_s).apply(film, situation)
        told = begin_with_length(film, situation)
        old = layout.length_of(film)
        new = self._frames(film, situation, old)
        if self.at_most:
            new = min(old, new)
        how: Told | str = ""
        if new < old:
            _cut(film, situation, [(new, old)])
        elif new > old:
            pictures = layout.shots_in(film)
            soundtrack.stretch_song(film, situation, new)
            for score in film.segments("bgm")[-1:] if film.is_cut_to_music else ():
                score.place(score.first, new)  # its beats go on as long as it does
            layout.extend_pictures(film, situation, new)
            layout.refit(film, situation, pictures)
            if len(film.segments("song")) > 1:
                how = Told("set_length.song_again")
            elif film.shots and not film.is_cut_to_music:
                how = Told("set_length.clips_again")
        key = "set_length.is" if new != old else "set_length.same"
        return [*told, Told(key, now=to_ms(new), was=to_ms(old), how=how)]

    def _frames(self, film: Draft, situation: Situation, old: int) -> int:
        base = old if self.duration_s is None else max(1, to_frame(1000 * self.duration_s))
        if self.to_song:
            songs = film.segments("song")
            item = needed(songs[0].upload(situation) if songs else None, "set_length.no_song", "to_song")
            base = max(1, to_frame(item.duration_ms - songs[0].in_ms))
        new = round(base * self.factor) + to_frame(abs(1000 * self.by_s)) * (1 if self.by_s > 0 else -1)
        refuse_if(new < 1, "cut_time.not_so", "by_s" if self.by_s else "factor", long=to_ms(old))
        return min(new, _MOST_FRAMES)


class Repeat(OfEngine, Edit, frozen=True, kw_only=True):
    """Play the film several times over."""

    times: Annotated[int, Meta(ge=2, le=50, description="How many times it plays in all.")] = 2

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin_with_length(film, situation)
        old, pictures = layout.length_of(film), layout.shots_in(film)
        refuse_if(not film.shots, "repeat.no_clips")
        refuse_if(pictures * self.times > _MOST_FRAMES, "repeat.too_long", "times", hours=_MOST_S // 3600)
        songs, voices = film.segments("song"), film.segments(*SPEECH)
        is_whole = abs(film.last_frame("song") - pictures) <= 1
        for number, sound in itertools.product(range(1, self.times), [*(songs if is_whole else ()), *voices]):
            role, (first, last) = str(sound.meta["role"]), sound.span
            if first < pictures:
                again = deepcopy(sound)
                again["id"] = film.new_id(role)
                again.place(first + number * pictures, min(last, pictures) + number * pictures)
                film.lay_where_free(again, role)
        layout.loop_row(film, pictures * self.times)
        layout.refit(film, situation, pictures)
        return [*told, Told("repeat.done", times=self.times, now=to_ms(layout.shots_in(film)), was=to_ms(old))]


class MakeLoop(OfEngine, Edit, frozen=True, kw_only=True):
    """Let the end of the film run over into its start, so that it can be played over and over.

    The form of a Spotify Canvas is that of "Canvas guidelines" of Spotify for Artists: vertical 9:16, 3 to 8 seconds,
    a loop without sound.
    """

    canvas: Annotated[bool, Meta(description="Make it a Spotify Canvas: vertical, 3 to 8 seconds.")] = False
    duration_s: Annotated[_LoopLength | None, Meta(description="Length; all, or 8 seconds for a canvas.")] = None
    start_s: Annotated[Seconds | None, Meta(description="Where it begins; else where the song is strongest.")] = None

    def apply(self, film: Draft, situation: Situation) -> Told:
        shortest, longest = _CANVAS_MS if self.canvas else (2 * _LOOP_MS, LONGEST_MS)
        if self.canvas:
            if self.duration_s is not None and not shortest <= 1000 * self.duration_s <= longest:
                raise NotPossible(Told("make_loop.not_canvas"), "duration_s")
            SetCanvas(aspect="9:16", short_side=_SHORT_SIDE).apply(film, situation)  # and wide clips fill it
        total = film.picture_end_ms
        if total < shortest:
            raise NotPossible(Told("make_loop.too_short", long=total) if self.canvas else Told("make_loop.no_film"))
        is_cut = self.canvas or self.duration_s is not None or self.start_s is not None
        if film.meta.get("loop_ms") and not is_cut:
            return Told("make_loop.loops")
        start, length = 0, total
        if is_cut:
            length = on_frame(min(1000 * self.duration_s if self.duration_s else longest, total))
            start = self._start(film, situation, total - length)
            _cut(film, situation, [(to_frame(start + length), to_frame(film.end_ms)), (0, to_frame(start))])
        _close(film, situation)
        how = "canvas" if self.canvas else "part" if is_cut else "closed"
        return Told(f"make_loop.{how}", long=length, at=start)

    def _start(self, film: Draft, situation: Situation, latest: int) -> int:
        """Where the loop starts: as asked, else where the song's force sets in, else where it is loudest."""
        if self.start_s is not None:
            return on_frame(min(1000 * self.start_s, latest))
        rhythm, wanted = soundtrack.music_rhythm(film, situation), soundtrack.drop_on_timeline_ms(film, situation)
        if wanted is None or wanted > latest:
            window = _CANVAS_MS[1] // 1000
            seconds = range(latest // 1000 + 1)
            wanted = 1000 * max(seconds, key=lambda at: (sum(rhythm.energy[at : at + window]), -at))
        beats = [to_ms(frame) for frame in rhythm.downbeats if to_ms(frame) <= latest]
        return on_frame(min(beats, key=lambda beat: abs(beat - wanted), default=wanted))


class Clear(Removing, Edit, frozen=True, kw_only=True):
    """Empty the timeline; what is uploaded stays."""

    def apply(self, film: Draft, situation: Situation) -> Told:  # noqa: ARG002 - as all edits
        was_empty = film.end_ms == 0
        film["t"] = [track for track in film["t"] if track.get("tt") not in [*KINDS]]
        film.pop("m", None)
        return Told("clear.was_empty" if was_empty else "clear.done")


def begin_with_length(film: Draft, situation: Situation) -> list[Told]:
    """Make the film first where nothing is seen or heard yet; give what to say of that.

    Raises:
        NotPossible: There is nothing to make it of.
    """
    return [] if layout.length_of(film) > 0 else list(MakeVideo().apply(film, situation))


def _frame(time_s: float | None, total: int, default: int) -> int:
    if time_s is None:
        return default
    frame = to_frame(abs(1000 * time_s))
    return max(0, total - frame) if time_s < 0 else min(frame, total)


def _cut(film: Draft, situation: Situation, stretches: Sequence[tuple[int, int]]) -> None:
    """Take stretches out, the later first."""
    for first, last in stretches:
        if last > first:
            layout.take_out(film, situation, first, last)


def _close(film: Draft, situation: Situation) -> None:
    """Let the end go over into the start: no fades, and some picture before the first frame to go over into."""
    own = film.meta
    own["loop_ms"] = _LOOP_MS
    for key in ("fade_in_ms", "fade_out_ms"):
        own.pop(key, None)
    for segment in film.segments(*SOUNDS):
        segment.meta.update(fade_in_ms=0, fade_out_ms=0)
    for shot in film.shots[:1]:
        item = shot.upload(situation)
        if item is not None and shot.meta.get("role") == "clip":
            latest = item.duration_ms - round(shot["d"] * shot.speed)
            shot.meta["in_ms"] = max(shot.in_ms, min(round(_LOOP_MS * shot.speed), latest))
