"""Edits of titles."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Final, Literal, cast

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    add_track,
    editable,
    end_ms,
    end_of,
    free_id,
    measure,
    media_of,
    meta,
    new_segment,
    picture_end_ms,
    place,
    remove_segments,
    segments_of,
    start_of,
    to_frame,
    to_ms,
    tracks_of,
)
from nemo_notebook.film.edits.films import MakeVideo
from nemo_notebook.film.edits.starting import applied
from nemo_notebook.film.edits.title_look import USUAL_LOOK, Look, Position, Size, dress, size_told
from nemo_notebook.film.edits.title_meant import (
    ALL_TITLES,
    NEWEST,
    Which,
    cleaned,
    one_line,
    titles_meant,
)
from nemo_notebook.film.model import Language, MediaItem, Situation
from nemo_notebook.film.phrasing import clock, enumerated, nice_title, quoted, say, seconds
from nemo_notebook.film.telling import NotPossible
from nemo_notebook.film.when import ANY_TIME, When

Says = Literal["words", "name", "artist", "name and artist", "file"]
_LENGTH_MS, _NAMES_MS = 3_000, 5_000  # of a title, of a lower third
_POSITIONS: Final[tuple[Position, ...]] = ("center", "bottom", "top")


@dataclass(frozen=True, slots=True)
class AddTitle:
    """Words over the picture.

    Attributes:
        text: The words; lines may be parted by a newline. Empty for the name of the video.
        when: When they are seen; three seconds from the start where nothing is said.
        look: How they look.
        says: In place of words: the `name` or the `artist` of the song, both, or the name of its `file`.
    """

    text: str
    when: When = ANY_TIME
    look: Look = USUAL_LOOK
    says: Says = "words"

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Lays the title; see `Edit`."""
        film, before = editable(draft), ""
        if end_ms(film) == 0:
            made, before = applied(draft, MakeVideo(), situation)
            film = editable(made)
        lang = situation.spoken
        text = self._words(film, situation)
        total = picture_end_ms(film) or end_ms(film)
        usual_ms = _NAMES_MS if self.look.position == "lower-third" else _LENGTH_MS
        start_ms, length_ms = self.when.within(total, usual_ms)
        first, last = min(to_frame(start_ms), max(0, to_frame(total) - 1)), to_frame(start_ms + length_ms)
        segment = new_segment(film, "title", " ".join(text.split()), first, max(last, first + 1))
        position = self.look.position or _free_position(film, segment)
        meta(segment).update(text=text, position=position, size=self._size(), color=self.look.color or "#ffffff")
        dress(meta(segment), self.look)
        _track_with_room(film, segment)["sg"].append(segment)
        return measure(film), _told(lang, before, text, segment, self.look)

    def _size(self) -> Size:
        if self.look.size is None:
            return "medium"  # so that it can still be made larger
        return cast("Size", {"larger": "large", "smaller": "small"}.get(self.look.size, self.look.size))

    def _words(self, film: Draft, situation: Situation) -> str:
        text = cleaned(self.text) or _said_by_song(film, situation, self.says)
        if text:
            return text
        en = 'Tell me the words, for example: add a title "Hello".'
        if self.says in ("artist", "name and artist"):
            en = 'The song\'s tags name no artist. Tell me the words, for example: add a title "My Song – Ana Diaz".'
        raise NotPossible(say(situation.spoken, en, "请告诉我标题文字，例如“加标题‘你好’”。"))


@dataclass(frozen=True, slots=True)
class RemoveTitle:
    """Takes titles away."""

    which: Which = ALL_TITLES

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Removes titles; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        gone = titles_meant(film, self.which, lang)
        remove_segments(film, gone)
        names_en = ", ".join(quoted(one_line(title), "en") for title in gone)
        names_zh = "、".join(quoted(one_line(title), "zh") for title in gone)
        en = f"Removed the {'title' if len(gone) == 1 else 'titles'} {names_en}."
        return measure(film), say(lang, en, f"已去掉标题{names_zh}。")


@dataclass(frozen=True, slots=True)
class CopyTitle:
    """The same words in the same look once more.

    Attributes:
        which: The title that is meant; of several the newest.
        when: When the copy is seen; at the end, as long as the first one, where nothing is said.
    """

    which: Which = NEWEST
    when: When = ANY_TIME

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Lays the copy; see `Edit`."""
        film = editable(draft)
        title = titles_meant(film, self.which, situation.spoken)[-1]
        total = picture_end_ms(film) or end_ms(film)
        when = self.when if self.when.is_given else When("end")
        start_ms, length_ms = when.within(total, title["d"])
        copy = deepcopy(title)
        copy["id"] = free_id(film, "title")
        place(copy, to_frame(start_ms), max(to_frame(start_ms + length_ms), to_frame(start_ms) + 1))
        _track_with_room(film, copy)["sg"].append(copy)
        start, end = clock(copy["s"]), clock(copy["s"] + copy["d"])
        en = f"The title {quoted(one_line(copy), 'en')} is seen again from {start} to {end}."
        return measure(film), say(situation.spoken, en, f"标题{quoted(one_line(copy), 'zh')}再次显示于 {start}–{end}。")


def _said_by_song(film: Draft, situation: Situation, says: Says) -> str:
    """What the song's tags say, or the name of the video."""
    song = next((item for s in segments_of(film, *MUSIC) if (item := media_of(s, situation))), None)
    name = meta(film).get("title")
    named = nice_title(song) if song is not None else name if isinstance(name, str) else ""
    artist = song.artist.strip() if song is not None else ""
    if says == "file":
        shown: MediaItem | None = song or next(iter(situation.media), None)
        return shown.filename if shown is not None else ""
    if says == "artist":
        return artist
    return cleaned(f"{named}\n{artist}") if says == "name and artist" else cleaned(named)


def _overlaps(one: Draft, other: Draft) -> bool:
    return start_of(one) < end_of(other) and start_of(other) < end_of(one)


def _free_position(film: Draft, segment: Draft) -> Position:
    taken = {meta(title).get("position") for title in segments_of(film, "title") if _overlaps(title, segment)}
    if "lower-third" in taken:
        taken.add("bottom")
    return next((position for position in _POSITIONS if position not in taken), "center")


def _track_with_room(film: Draft, segment: Draft) -> Draft:
    for track in tracks_of(film, "text"):
        if not any(_overlaps(segment, other) for other in track["sg"]):
            return track
    return add_track(film, "text", "Title", [])


def _told(lang: Language, before: str, text: str, segment: Draft, look: Look) -> str:
    start, end = clock(start_of(segment)), clock(end_of(segment))
    length, line = seconds(to_ms(to_frame(segment["d"])), lang), " ".join(text.split())
    how = [*size_told(look), *dress({}, look)]
    en = f"Added the title {quoted(line, 'en')} from {start} to {end} ({length})"
    en += f"; it {enumerated([said for said, _ in how])}." if how else "."
    zh = f"已加上标题{quoted(line, 'zh')}，显示于 {start}–{end}（{length}）"
    zh += f"，{'，'.join(said for _, said in how)}。" if how else "。"
    return (before + say(lang, " ", "") if before else "") + say(lang, en, zh)
