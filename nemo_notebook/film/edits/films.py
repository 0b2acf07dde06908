"""Edits that make the film, or cut all of it anew."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Final, Literal, TypeVar

from msgspec import structs

from nemo_notebook.film import assembly, layout, soundtrack
from nemo_notebook.film.cutting import USUAL_PACE, Pace, Rhythm, ShotLength, even_points
from nemo_notebook.film.draft import MUSIC, PICTURES, SPEECH, Draft, end_of, ms_of, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta, OfEngine, Removing
from nemo_notebook.film.model import (
    Hash,
    Length,
    MediaItem,
    Order,
    Seconds,
    Situation,
    SongPart,
    StyleName,
    VisualizerStyle,
)
from nemo_notebook.film.target import voices_of
from nemo_notebook.film.wording import Told, needed, nice_title, refuse_if, stem

_T = TypeVar("_T")
_Photos = Literal["cut", "shown", "gently", "once"]
_QUICK_PHOTO_MS, _GENTLE_PHOTO_MS, _USUAL_PHOTO_MS, _LONGEST_PHOTO_MS = 2_000, 4_000, 5_000, 8_000
_SHORTEST_SONG_MS: Final = 1_000
_SOFT_FROM_MS, _SOFT_END_MS = 20_000, 800  # a music video so long goes into black at its end
_SEEDS: Final = 1_000_000
_NAMED: Final = 3


class MakeVideo(OfEngine, Removing, Edit, frozen=True, kw_only=True):
    """Make a film of what is uploaded, in place of the pictures and the song on the timeline.

    Titles stay, and so does composed music where no song is uploaded. Voice recordings are laid over the pictures,
    which last at least as long where no length is given; music gives way to them.
    """

    pictures: Annotated[Literal["all", "clips", "images", "none"], Meta(description="Which uploads are seen.")] = "all"
    song: Annotated[Hash | None, Meta(description="The song it is cut to; the newest where none is named.")] = None
    with_song: Annotated[bool, Meta(description="Whether an uploaded song is used.")] = True
    pace: Annotated[Pace, Meta(description="How fast the cuts follow.")] = Pace()
    visualizer: Annotated[VisualizerStyle | None, Meta(description="What is drawn over the pictures.")] = None
    duration_s: Annotated[Length | None, Meta(description="Length; all of the song or of the clips otherwise.")] = None
    only: Annotated[tuple[Hash, ...], Meta(description="The clips and photos that are seen; none for all.")] = ()
    without: Annotated[tuple[Hash, ...], Meta(description="Clips and photos that are not seen.")] = ()
    first: Annotated[tuple[Hash, ...], Meta(description="Clips and photos that come first, in this order.")] = ()
    order: Annotated[Order, Meta(description="Order of the others.")] = "uploaded"
    photo_s: Annotated[ShotLength | None, Meta(description="How long each photo is seen.")] = None
    best_part: Annotated[bool, Meta(description="Begin a song that is much longer at its strongest part.")] = False
    part: Annotated[SongPart | None, Meta(description="Which part of the song is used, by what is heard.")] = None
    in_s: Annotated[Seconds | None, Meta(description="Where in the song it begins.")] = None
    out_s: Annotated[Seconds | None, Meta(description="Where in the song it ends.")] = None
    photos: Annotated[_Photos, Meta(description="Cut like clips, shown 2 to 5 s or 4 and more, or each once.")] = "cut"
    style: Annotated[StyleName | None, Meta(description="The style; that of now where none is named.")] = None
    keeps_music: Annotated[bool, Meta(description="Whether composed music goes on where no song is uploaded.")] = True

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        songs, items = soundtrack.songs_of(film, situation) if self.with_song else [], self._items(situation)
        song = next((item for item in songs if item.id == self.song), songs[-1] if songs else None)
        voices = voices_of(film, situation)
        refuse_if(song is None and not items and not voices, "make_video.no_media")
        if self.style is not None:
            assembly.put_style(film, self.style)
        composed = film.segments("bgm")
        film.remove_roles(*MUSIC, *PICTURES, "overlay", "visualizer")
        soundtrack.lay_voices(film, situation)
        if song is not None:
            told = self._cut_to(film, situation, song, items)
        elif items:
            told = [self._row(film, situation, items)]
        else:
            length_ms, style = ms_of(self.duration_s) or _spoken_ms(film), self.visualizer or "bars"
            assembly.lay_drawn(film, to_frame(length_ms), style)
            title = nice_title(voices[0])
            film.prepare_canvas(title, situation.seed)
            told = [Told("make_video.drawn", long=length_ms, title=title, by="", style=style, cover="")]
        goes_on = song is None and self.with_song and self.keeps_music
        piece = next(map(soundtrack.piece_of, composed), None) if goes_on else None
        if piece is not None:
            music = soundtrack.lay_score(film, situation, replace(piece, exact=False), 0, layout.shots_in(film))
            soundtrack.carry_over(composed, music)
            told.append(Told("make_video.music_kept", mood=piece.mood))
        layout.end_sounds(film, film.segments(*SPEECH), layout.shots_in(film))
        soundtrack.give_way(film)
        if voices:
            told.append(Told("make_video.voice", names=names_of(voices)))
        layout.keep_inside(film, layout.shots_in(film))
        return told

    def _items(self, situation: Situation) -> list[MediaItem]:
        if self.pictures == "none":
            return []
        seen = [i for i in situation.media if i.kind == "image" or (i.kind == "video" and to_frame(i.duration_ms) > 0)]
        kind = {"clips": "video", "images": "image"}.get(self.pictures)
        wanted = [i for i in seen if (i.id in self.only if self.only else kind in (None, i.kind))]
        left = [item for item in wanted or seen if item.id not in self.without]
        refuse_if(not left and self.without, "make_video.nothing_left", "without")
        return arranged(left, self.first, self.order, situation.seed)

    def _row(self, film: Draft, situation: Situation, items: Sequence[MediaItem]) -> Told:
        """Lay clips and photos one after another, without a song."""
        length_ms, spoken_ms = ms_of(self.duration_s), _spoken_ms(film)
        usual = (to_frame(item.duration_ms) if item.kind == "video" else assembly.IMAGE_FRAMES for item in items)
        if length_ms is None and spoken_ms > to_ms(sum(usual)):
            length_ms = spoken_ms
        frames_of_photo = assembly.IMAGE_FRAMES
        if self.photo_s is not None:
            frames_of_photo = to_frame(1000 * self.photo_s)
        elif length_ms is not None and not _has_clips(items):
            rounds = math.ceil(length_ms / (len(items) * _LONGEST_PHOTO_MS))
            frames_of_photo = max(1, math.ceil(to_frame(length_ms) / (len(items) * max(1, rounds))))
        until = None if length_ms is None else max(1, to_frame(length_ms))
        frames = assembly.lay_in_row(film, items, frames_of_photo, until, situation.seed)
        film.prepare_canvas(nice_title(items[0]), situation.seed)
        if self.visualizer is not None:
            assembly.lay_visualizer(film, frames, self.visualizer)
        how = "repeated" if len(film.shots) > len(items) else "in_row" if len(items) > 1 else "alone"
        each = Told("make_video.each", long=1000 * self.photo_s) if self.photo_s and not _has_clips(items) else ""
        return Told(f"make_video.{how}", long=to_ms(frames), names=names_of(items), each=each)

    def _cut_to(self, film: Draft, situation: Situation, song: MediaItem, items: Sequence[MediaItem]) -> list[Told]:
        """Cut the pictures to a song."""
        pace = self._pace()
        wanted = ms_of(self.duration_s)
        if wanted is None and self.photo_s is not None and items and not _has_clips(items):
            wanted = len(items) * round(1000 * self.photo_s)  # as long as each photo of a slide show was to be seen
        in_ms, length_ms = self._stretch(song, wanted)
        if wanted is None and self.part is None and self.out_s is None:
            length_ms = max(length_ms, _spoken_ms(film))
        shown = self._photos_shown(items, length_ms)
        if self.photos == "once" and shown:
            length_ms = min(length_ms, shown * _LONGEST_PHOTO_MS)
        frames = max(1, to_frame(length_ms))
        soundtrack.lay_song(film, song, frames, in_ms)
        rhythm = soundtrack.music_rhythm(film, situation)
        even = even_points(rhythm, frames, shown) if shown else None
        style, shots = self.visualizer, 0
        if not items:
            style = style or "bars"
            assembly.lay_drawn(film, frames, style, song)
        else:
            shots = assembly.lay_cut(film, items, rhythm, frames, pace, situation.seed, points=even)
            if style is not None:
                assembly.lay_visualizer(film, frames, style, colors=song.cover_colors)
        own = film.meta
        own["title"] = nice_title(song)
        own.pop("artist", None)
        if song.artist.strip():
            own["artist"] = song.artist.strip()
        film.prepare_canvas(nice_title(song), situation.seed)
        if to_ms(frames) >= _SOFT_FROM_MS and not own.get("loop_ms"):
            own.setdefault("fade_out_ms", _SOFT_END_MS)
        made = _music_video_told(song, items, rhythm, to_ms(frames), shots, style, pace)
        return [made, *self._song_told(film, situation, song, in_ms)]

    def _stretch(self, song: MediaItem, length_ms: int | None) -> tuple[int, int]:
        """Where in the song the film begins, and how long it is, in milliseconds."""
        start, end = min(ms_of(self.in_s) or 0, max(0, song.duration_ms - _SHORTEST_SONG_MS)), song.duration_ms
        if self.part is not None:
            found = needed(soundtrack.part_start_ms(song, self.part, length_ms), "make_video.part_unheard", "part")
            start = max(0, min(found, song.duration_ms - (length_ms or 0)))
            end = soundtrack.part_end_ms(song, self.part, start)
        elif self.best_part and not start and self.out_s is None and 0 < 2 * (length_ms or 0) <= song.duration_ms:
            start = soundtrack.strongest_start_ms(song, length_ms or 0)
        if self.out_s is not None:
            end = min(round(1000 * self.out_s), song.duration_ms)
        return start, length_ms or max(end - start, min(_SHORTEST_SONG_MS, song.duration_ms))

    def _photos_shown(self, items: Sequence[MediaItem], length_ms: int) -> int:
        """How many times a photo is shown in a slide show whose photos share its song evenly; 0 where it is cut."""
        if self.photos == "cut" or not items or _has_clips(items) or self._pace() != USUAL_PACE:
            return 0
        if self.photos == "once":
            return len(items)
        rounds = max(1, math.ceil(length_ms / (len(items) * _USUAL_PHOTO_MS)))
        least_ms = _GENTLE_PHOTO_MS if self.photos == "gently" else _QUICK_PHOTO_MS
        return max(1, min(rounds * len(items), length_ms // least_ms))

    def _pace(self) -> Pace:
        return self.pace if self.photo_s is None else structs.replace(self.pace, every_s=self.photo_s)

    def _song_told(self, film: Draft, situation: Situation, song: MediaItem, in_ms: int) -> list[Told]:
        others = [item.filename for item in soundtrack.songs_of(film, situation) if item.id != song.id]
        part = self.part or ("chorus" if self.in_s is None else "")
        told = [Told("make_video.starts_part" if part else "make_video.starts", part=part, at=in_ms)] if in_ms else []
        if len(film.segments("song")) > 1:
            told.append(Told("make_video.song_again", long=song.duration_ms))
        if others and self.song is None:
            told.append(Told("make_video.newest_song", n=len(others), other=others[-1]))
        return told


class Recut(OfEngine, Removing, Edit, frozen=True, kw_only=True):
    """Cut the pictures on the timeline anew, to the beat of the music."""

    pace: Annotated[Pace, Meta(description="How fast the cuts follow.")] = Pace()
    relative: Annotated[bool, Meta(description="Whether the pace counts against the present one.")] = False
    another: Annotated[bool, Meta(description="Take other stretches of the clips, at the same pace.")] = False
    order: Annotated[Order, Meta(description="Another order of the clips.")] = "uploaded"
    without: Annotated[tuple[Hash, ...], Meta(description="Uploads that are not seen any more.")] = ()
    first: Annotated[tuple[Hash, ...], Meta(description="Uploads that come first, in this order.")] = ()

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        shots = film.shots
        drawn = bool(film.segments("backdrop")) and not shots
        if not drawn and not shots and situation.of_kind("audio"):
            return MakeVideo(pace=self.pace).apply(film, situation)
        seen = assembly.items_of(film, situation) or [i for i in situation.media if i.kind != "audio"]
        left = [item for item in seen if item.id not in self.without]
        items = arranged(left, self.first, self.order, seed_of(film, situation) + 1)
        frames = film.last_frame(*MUSIC)
        refuse_if(frames == 0 and self.pace.every_s is None, "recut.no_music")
        frames = frames or layout.shots_in(film)  # a cut every few seconds needs no music
        refuse_if(not items, "recut.no_pictures")
        seed = seed_of(film, situation) + self.another
        if self.another:
            film.meta["seed"] = seed % _SEEDS
        volume = min(1.0, assembly.sound_of(shots))
        rhythm, pace = soundtrack.music_rhythm(film, situation), self._pace(film)
        count = assembly.lay_cut(film, items, rhythm, frames, pace, seed, volume)
        tempo = pace.bpm or soundtrack.tempo_of(film, situation)
        told = [_cut_told(count, frames, tempo, pace, steady=rhythm.is_steady or bool(pace.bpm))]
        return [Told("recut.behind", names=names_of(items)), *told] if drawn else told

    def _pace(self, film: Draft) -> Pace:
        """The new pace; what was said of the beat before goes on to hold."""
        wanted, noted, shots = self.pace, assembly.pace_of(film), film.shots
        if self.another or self.without or self.first or self.order != "uploaded":
            return noted if wanted == USUAL_PACE else wanted
        grid = structs.replace(
            wanted,
            bpm=wanted.bpm or noted.bpm,
            tempo=wanted.tempo if wanted.tempo != 1 else noted.tempo if wanted.bpm is None else 1.0,
            offset_s=wanted.offset_s or noted.offset_s,
            offset_beats=wanted.offset_beats or noted.offset_beats,
        )
        if self.relative and shots:
            now = sum(shot["d"] for shot in shots) / len(shots) / 1000
            return structs.replace(grid, every=None, shots=None, factor=min(max(wanted.factor * now / 2.0, 0.2), 8.0))
        is_length_open = (wanted.every, wanted.every_s, wanted.shots, wanted.factor) == (None, None, None, 1)
        if is_length_open and wanted != USUAL_PACE:
            return structs.replace(grid, every=noted.every, shots=noted.shots, factor=noted.factor)
        return grid


def arranged(items: Sequence[MediaItem], first: Sequence[str], order: Order, seed: int) -> list[MediaItem]:
    """Put uploads in an order, some of them first."""
    places = {media: place for place, media in enumerate(first)}
    row = in_order(items, order, seed, lambda item: item.filename)
    return sorted(row, key=lambda item: places.get(item.id, len(places)))


def in_order(things: Sequence[_T], order: Order, seed: int, name_of: Callable[[_T], str]) -> list[_T]:
    """Put uploads or shots in an order; a shuffle depends on the seed alone, and never leaves all as it was."""
    row = list(things)
    if order == "reversed":
        row.reverse()
    elif order == "name":
        row.sort(key=lambda thing: name_of(thing).lower())
    elif order == "shuffled":
        random.Random(seed).shuffle(row)  # noqa: S311 - an order of clips is no secret
        if len(row) > 1 and row == list(things):
            row.append(row.pop(0))
    return row


def names_of(items: Sequence[MediaItem]) -> Told:
    """The names of uploads as an enumeration; beyond three only their number."""
    names = list(dict.fromkeys(stem(item.filename) for item in items))
    rest = len(names) - _NAMED
    key = "target.names_more" if rest > 0 else "target.list"
    return Told(key, names=names[:_NAMED], rest=rest, n=len(names))


def _music_video_told(
    song: MediaItem, items: Sequence[MediaItem], rhythm: Rhythm, long_ms: int, shots: int, style: str | None, pace: Pace
) -> Told:
    by = Told("make_video.by", artist=song.artist.strip()) if song.artist.strip() else ""
    values = {"long": long_ms, "title": nice_title(song), "by": by, "style": style}
    if not items:
        return Told("make_video.drawn", cover=Told("make_video.cover") if song.cover_colors else "", **values)
    steady = rhythm.is_steady or pace.bpm is not None
    key = "make_video.every" if pace.every_s else "make_video.on_beat" if steady else "make_video.evenly"
    bpm = _bpm_told(pace.bpm or (song.tempo if rhythm.is_steady else None))
    how = Told(key, each=1000 * (pace.every_s or 0), bpm=bpm)
    drawn = Told("make_video.with_visualizer", style=style) if style else ""
    return Told("make_video.cut", n=shots - 1, how=how, names=names_of(items), drawn=drawn, **values)


def _cut_told(shots: int, frames: int, tempo: float | None, pace: Pace, *, steady: bool) -> Told:
    """How a film was cut anew; `steady` is whether there was a beat to cut on."""
    if pace.every_s is not None:
        return Told("recut.timed", each=1000 * pace.every_s, n=shots)
    every = Told("recut.every", n=pace.every) if pace.every and steady else ""
    shift: Told | str = ""
    if offset := pace.offset_beats or 1000 * pace.offset_s:
        by = Told("recut.beats" if pace.offset_beats else "recut.ms", n=f"{abs(offset):g}")
        shift = Told("recut.later" if offset > 0 else "recut.earlier", by=by)
    mean, bpm = to_ms(frames) / max(1, shots), _bpm_told(tempo if steady else None)
    key = "recut.on_beat" if steady else "recut.evenly"
    return Told(key, bpm=bpm, every=every, shift=shift, n=shots, mean=mean)


def _bpm_told(tempo: float | None) -> Told | str:
    return Told("make_video.bpm", bpm=f"{tempo:.0f}") if tempo else ""


def _spoken_ms(film: Draft) -> int:
    return max(map(end_of, film.segments(*SPEECH)), default=0)


def seed_of(film: Draft, situation: Situation) -> int:
    """The number that chooses where there is no better reason: of the film, else of the situation."""
    own = film.meta.get("seed")
    return own if isinstance(own, int) else situation.seed


def _has_clips(items: Sequence[MediaItem]) -> bool:
    return any(item.kind == "video" for item in items)
