"""The edit that makes the film."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from nemo_notebook.film import filming
from nemo_notebook.film.cutting import USUAL_PACE, Pace, even_points
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    measure,
    meta,
    picture_end_ms,
    prepare_canvas,
    remove_segments,
    segments_of,
    to_frame,
    to_ms,
)
from nemo_notebook.film.edits.film_told import music_video_told, names_of
from nemo_notebook.film.levels import carry_over
from nemo_notebook.film.model import MediaItem, NotPossible, Situation
from nemo_notebook.film.phrasing import clock, nice_title, say, seconds
from nemo_notebook.film.rows import keep_titles_inside, shots_in
from nemo_notebook.film.scoring import Piece, lay_score, mood_label, piece_of
from nemo_notebook.film.song_parts import PART_NAMES, Part, part_end_ms, part_start_ms
from nemo_notebook.film.songs import lay_song, music_rhythm, strongest_start_ms

_SHORTEST_PHOTO_MS: Final = 400
_QUICK_PHOTO_MS, _GENTLE_PHOTO_MS, _USUAL_PHOTO_MS, _LONGEST_PHOTO_MS = 2_000, 4_000, 5_000, 8_000
_SHORTEST_SONG_MS: Final = 1_000
_SOFT_FROM_MS, _SOFT_END_MS = 20_000, 800  # a music video so long goes into black at its end
Arrangement = Literal["uploaded", "reversed", "name", "shuffled"]
Photos = Literal["cut", "shown", "gently", "once"]


@dataclass(frozen=True, slots=True)
class MakeVideo:
    """A film from what is uploaded, in place of the pictures and the song on the timeline.

    Titles stay, and so does composed music where no song is uploaded.

    Attributes:
        pictures: Which uploads are seen; the others are taken where there are none of these.
        song: Id of the song it is cut to; None for the newest.
        with_song: Whether an uploaded song is used.
        pace: How fast the cuts follow.
        visualizer: Style drawn over the pictures, or None.
        length_ms: Length to end at, or None for all of the song or the clips.
        only: Ids of the clips or images that are seen; empty for all.
        without: Ids of those that are not seen.
        first: Ids of those that come first, in this order.
        arrange: Order of the others.
        photo_ms: How long each photo is seen, or None for the usual.
        best_part: Whether a song that is much longer is heard from its strongest part on.
        part: Which part of the song it is cut to, by what is heard; goes before `in_ms`.
        in_ms: Where in the song it begins, in milliseconds; None for its start.
        out_ms: Where in the song it ends; None for its end.
        photos: How a song's photos follow: `cut` like clips; `shown` for two to five seconds each, `gently` for four or
            more; `once` each, however long that takes.
        keeps_music: Whether composed music goes on under it, where there was some and no song is uploaded.
    """

    pictures: Literal["all", "clips", "images", "none"] = "all"
    song: str | None = None
    with_song: bool = True
    pace: Pace = USUAL_PACE
    visualizer: str | None = None
    length_ms: int | None = None
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    arrange: Arrangement = "uploaded"
    photo_ms: int | None = None
    best_part: bool = False
    part: Part | None = None
    in_ms: int | None = None
    out_ms: int | None = None
    photos: Photos = "cut"
    keeps_music: bool = True

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Lays pictures and song; see `Edit`."""
        song, items = self._song(situation), self._items(situation)
        if song is None and not items:
            raise NotPossible(nothing_to_film(situation))
        film = editable(draft)
        composed = segments_of(film, "bgm")
        remove_segments(film, segments_of(film, *MUSIC, "visualizer"))
        filming.clear_pictures(film)
        told = self._row(film, situation, items) if song is None else self._music_video(film, situation, song, items)
        if (
            song is None
            and self.with_song
            and self.keeps_music
            and (piece := next(map(piece_of, composed), None)) is not None
        ):
            told += _with_music(film, situation, piece, composed)
        keep_titles_inside(film, shots_in(film))
        return measure(film), told

    def _song(self, situation: Situation) -> MediaItem | None:
        songs = [item for item in situation.of_kind("audio") if to_frame(item.duration_ms) > 0]
        if not self.with_song or not songs:
            return None
        return next((item for item in songs if item.id == self.song), songs[-1])

    def _items(self, situation: Situation) -> list[MediaItem]:
        if self.pictures == "none":
            return []
        seen = [i for i in situation.media if i.kind == "image" or (i.kind == "video" and to_frame(i.duration_ms) > 0)]
        kind = {"clips": "video", "images": "image"}.get(self.pictures)
        wanted = [i for i in seen if (i.id in self.only if self.only else kind in (None, i.kind))]
        left = [item for item in wanted or seen if item.id not in self.without]
        if not left and self.without:
            en = "Nothing would be left to see. Which clips shall I use?"
            raise NotPossible(say(situation.spoken, en, "这样就没有画面了。想用哪些素材？"))
        return arranged(left, self.first, self.arrange, situation.seed)

    def _row(self, film: Draft, situation: Situation, items: Sequence[MediaItem]) -> str:
        image_frames = filming.IMAGE_FRAMES
        if self.photo_ms is not None:
            image_frames = to_frame(max(self.photo_ms, _SHORTEST_PHOTO_MS))
        elif self.length_ms is not None and not _clips(items):
            rounds = math.ceil(self.length_ms / (len(items) * _LONGEST_PHOTO_MS))
            image_frames = max(1, math.ceil(to_frame(self.length_ms) / (len(items) * max(1, rounds))))
        until = None if self.length_ms is None else max(1, to_frame(self.length_ms))
        frames = filming.lay_in_row(film, items, image_frames, until)
        prepare_canvas(film, nice_title(items[0]), situation.seed)
        if self.visualizer is not None:
            filming.lay_visualizer(film, frames, self.visualizer, filming.PALETTE)
        names, length = names_of(items, situation), to_ms(frames)
        again = len(filming.shots_of(film)) > len(items)
        in_row = ", over and over" if again else ", one after another" if len(items) > 1 else ""
        each = f", {seconds(self.photo_ms, 'en')} each" if self.photo_ms and not _clips(items) else ""
        each_zh = f"，每张 {seconds(self.photo_ms, 'zh')}" if self.photo_ms and not _clips(items) else ""
        zh = f"已做好 {seconds(length, 'zh')}的视频：依次为{names}{each_zh}{'，循环播放' if again else ''}。"
        en = f"Here is your {seconds(length, 'en')} video: {names}{in_row}{each}."
        return say(situation.spoken, en, zh)

    def _music_video(self, film: Draft, situation: Situation, song: MediaItem, items: Sequence[MediaItem]) -> str:
        pace = self._pace()
        in_ms, length_ms = self._stretch(song, self._length_ms(items), situation)
        shown = self._photos_shown(items, length_ms)
        if self.photos == "once" and shown:
            length_ms = min(length_ms, shown * _LONGEST_PHOTO_MS)
        frames = max(1, to_frame(length_ms))
        lay_song(film, song, frames, in_ms)
        rhythm = music_rhythm(film, situation)
        even = even_points(rhythm, frames, shown) if shown else None
        shots = filming.lay_cut(film, items, rhythm, frames, pace, situation.seed, points=even) if items else 0
        if not items:
            filming.lay_drawn(film, frames, song)
        style = self.visualizer or (None if items else "bars")
        if style is not None:
            filming.lay_visualizer(film, frames, style, filming.PALETTE, song.cover_colors)
        meta(film)["title"] = nice_title(song)
        if song.artist.strip():
            meta(film)["artist"] = song.artist.strip()
        else:
            meta(film).pop("artist", None)
        prepare_canvas(film, nice_title(song), situation.seed)
        if to_ms(frames) >= _SOFT_FROM_MS and not meta(film).get("loop_ms"):
            meta(film).setdefault("fade_out_ms", _SOFT_END_MS)
        told = music_video_told(situation, song, items, rhythm, frames, shots, style, pace)
        return told + self._song_told(film, situation, song, in_ms)

    def _stretch(self, song: MediaItem, length_ms: int | None, situation: Situation) -> tuple[int, int]:
        """Where in the song the film begins, and how long it is, in milliseconds."""
        if self.part is not None:
            start = part_start_ms(song, self.part, length_ms)
            if start is None:
                en = "I cannot hear where that is in this song. Say the time, e.g. make a video from 0:30 to 0:45."
                raise NotPossible(
                    say(situation.spoken, en, "听不出这首歌的这个位置，请告诉我时间，例如“用0:30到0:45做视频”。")
                )
            start = max(0, min(start, song.duration_ms - (length_ms or 0)))
            end = part_end_ms(song, self.part, start) if self.out_ms is None else min(self.out_ms, song.duration_ms)
            return start, length_ms or max(end - start, _SHORTEST_SONG_MS)
        start = min(self.in_ms or 0, max(0, song.duration_ms - _SHORTEST_SONG_MS))
        if start or self.out_ms is not None:
            end = min(self.out_ms or song.duration_ms, song.duration_ms)
            return start, length_ms or max(end - start, _SHORTEST_SONG_MS)
        if self.best_part and length_ms is not None and song.duration_ms >= 2 * length_ms:
            return strongest_start_ms(song, length_ms), length_ms
        return 0, length_ms if length_ms is not None else song.duration_ms

    def _length_ms(self, items: Sequence[MediaItem]) -> int | None:
        """The length that was asked for: outright, or as that of each photo of a slide show."""
        if self.length_ms is not None or self.photo_ms is None or not items or _clips(items):
            return self.length_ms
        return len(items) * max(self.photo_ms, _SHORTEST_PHOTO_MS)

    def _photos_shown(self, items: Sequence[MediaItem], length_ms: int) -> int:
        """How many times a photo is shown in a slide show whose photos share its song evenly; 0 where it is cut."""
        if self.photos == "cut" or not items or _clips(items) or self._pace() != USUAL_PACE:
            return 0
        if self.photos == "once":
            return len(items)
        rounds = max(1, math.ceil(length_ms / (len(items) * _USUAL_PHOTO_MS)))
        least_ms = _GENTLE_PHOTO_MS if self.photos == "gently" else _QUICK_PHOTO_MS
        return max(1, min(rounds * len(items), length_ms // least_ms))

    def _pace(self) -> Pace:
        return replace(self.pace, every_ms=self.photo_ms) if self.photo_ms is not None else self.pace

    def _song_told(self, film: Draft, situation: Situation, song: MediaItem, in_ms: int) -> str:
        lang = situation.spoken
        others = [item.filename for item in situation.of_kind("audio") if item.id != song.id]
        told = ""
        if in_ms:
            where = PART_NAMES.get(self.part or ("chorus" if self.in_ms is None else ""))
            en = f" It starts with {where[0]} of the song, at {clock(in_ms)}." if where else ""
            zh = f"从歌曲{where[1]}（{clock(in_ms)}）开始。" if where else ""
            told += say(
                lang, en or f" It starts at {clock(in_ms)} of the song.", zh or f"从歌曲的 {clock(in_ms)} 开始。"
            )
        if len(segments_of(film, "song")) > 1:
            en = f" The song is {seconds(song.duration_ms, 'en')} long, so it comes again."
            told += say(lang, en, f"歌曲长 {seconds(song.duration_ms, 'zh')}，所以循环播放。")
        if others and self.song is None:
            en = f" I took your newest song. For {'the other' if len(others) == 1 else 'another'} say "
            en += f'"use {others[-1]} instead".'
            told += say(
                lang,
                en,
                f"用的是最新上传的歌；想用{'另一' if len(others) == 1 else '别的'}首可以说“换成{others[-1]}”。",
            )
        return told


def arranged(items: Sequence[MediaItem], first: Sequence[str], arrange: Arrangement, seed: int) -> list[MediaItem]:
    """Uploads in an order; a shuffle depends on the seed alone, and never leaves all as it was."""
    row = list(items)
    if arrange == "reversed":
        row.reverse()
    elif arrange == "name":
        row.sort(key=lambda item: item.filename.lower())
    elif arrange == "shuffled":
        random.Random(seed).shuffle(row)  # noqa: S311 - an order of clips is no secret
        if len(row) > 1 and row == list(items):
            row.append(row.pop(0))
    places = {media: place for place, media in enumerate(first)}
    return sorted(row, key=lambda item: places.get(item.id, len(places)))


def _with_music(film: Draft, situation: Situation, piece: Piece, before: Sequence[Draft]) -> str:
    """Lays the music that was composed for the film before under this one; returns what to say of it."""
    lay_score(film, situation, replace(piece, exact=False), 0, to_frame(picture_end_ms(film)))
    for segment in segments_of(film, "bgm"):
        segment["v"] = before[0].get("v")
    carry_over(list(before), segments_of(film, "bgm"))
    label = mood_label(piece.mood, situation.spoken)
    return say(situation.spoken, f" The {label} music goes on under it.", f"{label}音乐继续作为配乐。")


def nothing_to_film(situation: Situation) -> str:
    """What to upload where there is nothing to make a video from."""
    en = "I need something to work with first: please upload a song (MP3, WAV), clips (MP4, MOV) or photos (JPG, PNG)."
    return say(situation.spoken, en, "还没有素材：请先上传歌曲（MP3、WAV）、视频（MP4、MOV）或照片（JPG、PNG）。")


def _clips(items: Sequence[MediaItem]) -> bool:
    return any(item.kind == "video" for item in items)
