"""Edits that add titles and change them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Annotated, ClassVar, Final, Literal

from msgspec import structs

from nemo_notebook.film import layout
from nemo_notebook.film.draft import MOST_MS, MUSIC, Draft, Part, all_that_meet, ms_of, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta, begin_film
from nemo_notebook.film.edits.parts import NewId, OnTrack
from nemo_notebook.film.model import Anchor, Color, Length, MediaItem, Position, Seconds, Shift, Situation
from nemo_notebook.film.target import Target, Which, name_of, select
from nemo_notebook.film.wording import NotPossible, Told, nice_title, refuse_if

LONGEST_TEXT: Final = 500
_LENGTH_MS, _NAMES_MS = 3_000, 5_000  # of a title, of a lower third
_SIZES: Final = ("small", "medium", "large")
LOOK: Final = ("position", "x", "y", "color", "style", "animate_in", "animate_out")
_NO_TIMES: Final = {"start_s": None, "end_s": None, "duration_s": None, "anchor": None, "later_s": 0, "longer_s": 0}
_ROWS: Final[dict[str, Position]] = {"top": "top", "bottom": "bottom", "lower": "bottom"}  # by how a position begins
_FREE: Final[tuple[Position, ...]] = ("center", "bottom", "top")
_MOST_NAMED: Final = 4
_JOINER: Final = "\u200d"  # of emoji

_Ms = int | None
_Box = Literal["plain", "box", "outline"]
_Size = Literal["small", "medium", "large", "larger", "smaller"]
Words = Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)]
Share = Annotated[float, Meta(ge=0, le=1)]
_Start = Annotated[Seconds | None, Meta(description="Second of the film at which it appears.")]
_End = Annotated[Seconds | None, Meta(description="Second of the film at which it disappears.")]
_Duration = Annotated[Length | None, Meta(description="How many seconds it is seen.")]
_Anchor = Annotated[Anchor | None, Meta(description="In place of a start: which part of the film it is seen in.")]
_Position = Annotated[Position | None, Meta(description="Where in the picture it stands.")]
_X = Annotated[
    Share | None, Meta(description="In place of a position: the centre of its words, from 0 (left) to 1 (right).")
]
_Y = Annotated[
    Share | None, Meta(description="In place of a position: the centre of its words, from 0 (top) to 1 (bottom).")
]
_Color = Annotated[Color | None, Meta(description="Colour of the letters.")]
_Style = Annotated[_Box | None, Meta(description="What stands behind or around the letters.")]
_AnimateIn = Annotated[Literal["fade", "slide", "pop", "type", "none"] | None, Meta(description="How it appears.")]
_AnimateOut = Annotated[Literal["fade", "slide", "pop", "type", "none"] | None, Meta(description="How it disappears.")]
_Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]


class AddTitle(Edit, frozen=True, kw_only=True):
    """Show words over the picture, for three seconds from the start where nothing else is said."""

    engine_fields: ClassVar[tuple[str, ...]] = ("size", *LOOK)

    text: Annotated[_Text, Meta(description="The words; of a lower third later lines are smaller.")] = ""
    says: Annotated[
        Literal["name", "artist", "name_and_artist", "file"] | None,
        Meta(description="In place of words: what the tags of the song say, or the name of its file."),
    ] = None
    start_s: _Start = None
    end_s: _End = None
    duration_s: _Duration = None
    anchor: _Anchor = None
    position: _Position = None
    x: _X = None
    y: _Y = None
    size: Annotated[Literal["small", "medium", "large"], Meta(description="How large the letters are.")] = "medium"
    color: _Color = None
    style: _Style = None
    animate_in: _AnimateIn = None
    animate_out: _AnimateOut = None
    track: OnTrack = None
    id: NewId = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        made = begin_film(film, situation) if self.track is None else []
        text = cleaned(self.text) or (self._said_by_song(film, situation) if self.says else "")
        if not text:
            is_untagged = self.says in ("artist", "name_and_artist")
            key = "add_title.no_artist" if is_untagged else "title.no_words"
            raise NotPossible(Told(key), "says" if is_untagged else "text")
        own = {"role": "title", "name": " ".join(text.split()), "text": text}
        title = Part(id=film.new_id("title", self.id), s=0, d=0, m=own)
        # within the film, or on a track of its own choice as it is said
        total_ms = MOST_MS if self.track is not None and self.anchor is None else film.picture_end_ms or film.end_ms
        refuse_if(not total_ms, "make_video.no_media")
        usual_ms = _NAMES_MS if self.position == "lower-third" else _LENGTH_MS
        _place(title, *_stretch(self, total_ms, 0, usual_ms), total_ms)
        if not situation.is_foreign:
            title.meta.update(position=self.position or _free_position(film, title), size=self.size, color="#ffffff")
        how = _dress(title, self)
        if self.size != "medium":
            how.insert(0, Told("title.sized", size=self.size))
        if self.track is not None:
            layout.lay_exactly(film, title, "title", title.first, title.last, self.track)
            layout.keep_apart(film, situation, [title], "start_s")
        else:
            film.lay_where_free(title, "title")
        values = {"start": title.start_ms, "end": title.end_ms, "long": to_ms(title.frames)}
        looks = Told("title.looks", parts=how) if how else ""
        return [*made, Told("add_title.added", text=name_of(title, situation), looks=looks, **values)]

    def _said_by_song(self, film: Draft, situation: Situation) -> str:
        """What the song's tags say, or the name of the video where it has no song."""
        song = next((item for s in film.segments(*MUSIC) if (item := s.upload(situation))), None)
        if self.says == "file":
            shown: MediaItem | None = song or next(iter(situation.media), None)
            return cleaned(shown.filename) if shown is not None else ""
        if song is not None:
            name, artist = nice_title(song), song.artist.strip()
        else:
            own = film.meta.get("title")
            name, artist = own if isinstance(own, str) else "", ""
        return cleaned({"name": name, "artist": artist}.get(str(self.says), f"{name}\n{artist}"))


class SetTitle(Edit, frozen=True, kw_only=True):
    """Change what titles say, when they are seen, or how they look; what is not given stays."""

    engine_fields: ClassVar[tuple[str, ...]] = ("size", *LOOK)

    target: Annotated[Which, Meta(description="Which titles.")] = Target(kind="title")
    text: Annotated[Words | None, Meta(description="New words, of one title.")] = None
    find: Annotated[Words | None, Meta(description="Words inside the titles that are replaced.")] = None
    replace: Annotated[_Text | None, Meta(description="What comes in place of the words that are found.")] = None
    start_s: _Start = None
    end_s: _End = None
    duration_s: _Duration = None
    anchor: _Anchor = None
    later_s: Annotated[Shift, Meta(description="How much later it is seen; below 0 for earlier.")] = 0.0
    longer_s: Annotated[Shift, Meta(description="How much longer it is seen; below 0 for shorter.")] = 0.0
    position: _Position = None
    x: _X = None
    y: _Y = None
    size: Annotated[_Size | None, Meta(description="How large; `larger` and `smaller` are one step.")] = None
    color: _Color = None
    style: _Style = None
    animate_in: _AnimateIn = None
    animate_out: _AnimateOut = None

    def apply(self, film: Draft, situation: Situation) -> Told:
        refuse_if(self == SetTitle(target=self.target), "set_title.nothing")
        titles = self._meant(film, situation)
        name, before = name_of(titles[0], situation), deepcopy(titles)
        told: list[Told] = []
        if self.text is not None or self.find is not None or self.replace is not None:
            told.append(self._reword(titles, situation))
        if self != structs.replace(self, **_NO_TIMES):
            told.append(self._retime(film, titles))
        if self.size is not None:
            told.append(_resize(titles, self.size))
        for title in titles:
            look = _dress(title, self)
        told += look
        if titles == before:
            end = {"larger": "large", "smaller": "small"}.get(str(self.size))
            raise NotPossible(Told("set_title.size_ends" if end else "set_title.same", n=len(titles), size=end))
        key = "set_title.changed" if len(titles) == 1 else "set_title.changed_each"
        return Told(key, name=name, n=len(titles), parts=told)

    def _meant(self, film: Draft, situation: Situation) -> list[Part]:
        titles = select(film, situation, self.target, "title")
        refuse_if(any(title.role != "title" for title in titles), "set_title.no_title", "target")
        names = Told("target.names", names=[name_of(title, situation) for title in titles[:_MOST_NAMED]])
        refuse_if(self.text is not None and len(titles) > 1, "set_title.several", "target", n=len(titles), names=names)
        if self.find is not None and self.text is None:
            found = [title for title in titles if _pattern(self.find, title.text).search(title.text)]
            refuse_if(not found, "set_title.not_found", "find", find=self.find, n=len(titles), names=names)
            return found
        return titles

    def _reword(self, titles: Sequence[Part], situation: Situation) -> Told:
        refuse_if(self.find is None and self.replace is not None, "set_title.find_what", "find")
        for title in titles:
            text = title.text if self.text is None else self.text
            if self.find is not None:
                text = _pattern(self.find, text).sub(lambda _: self.replace or "", text)
            if not (text := cleaned(text, longest=None)):
                raise NotPossible(Told("title.no_words"), "replace" if self.text is None else "text")
            refuse_if(len(text) > LONGEST_TEXT, "title.too_long", "replace", most=LONGEST_TEXT)
            title.put_text(text)
        if len(titles) == 1:
            return Told("set_title.says", text=name_of(titles[0], situation))
        key = "set_title.corrected" if self.replace else "set_title.taken_out"
        return Told(key, find=self.find, replace=self.replace)

    def _retime(self, film: Draft, titles: Sequence[Part]) -> Told:
        total_ms = film.picture_end_ms or film.end_ms
        for title in titles:
            was = {"was_start": title.start_ms, "was_end": title.end_ms}
            start_ms, length_ms = _stretch(self, total_ms, title.start_ms, title["d"])
            length_ms += round(1000 * self.longer_s)
            refuse_if(length_ms <= 0, "set_title.too_short", "longer_s", long=title["d"])
            _place(title, start_ms + round(1000 * self.later_s), length_ms, total_ms)
        for title in titles:
            film.lay_where_free(title, "title")
        if len(titles) == 1:
            return Told("set_title.seen", start=titles[0].start_ms, end=titles[0].end_ms, **was)
        return Told("set_title.seen_otherwise")


def cleaned(text: str, longest: int | None = LONGEST_TEXT) -> str:
    """A title's words without needless space and what cannot be drawn, line by line, cut to what fits."""
    drawn = ("".join(c if c.isprintable() or c == _JOINER else " " for c in line) for line in text.splitlines())
    return "\n".join(line for line in (" ".join(part.split()) for part in drawn) if line)[:longest]


def _place(title: Part, start_ms: float, length_ms: float, total_ms: int) -> None:
    """Put a title on whole frames within a film of `total_ms`; one that would end after it begins earlier."""
    length_ms = min(length_ms, total_ms)
    frames = max(1, to_frame(total_ms))
    first = min(to_frame(min(max(0, start_ms), total_ms - length_ms)), frames - 1)
    title.place(first, min(max(first + 1, to_frame(to_ms(first) + length_ms)), frames))


def _stretch(edit: AddTitle | SetTitle, total_ms: int, start_ms: int, length_ms: int) -> tuple[int, int]:
    """Start and length that an edit asks for; the arguments stand in for what it does not say."""
    first, last, length = map(ms_of, (edit.start_s, edit.end_s, edit.duration_s))
    refuse_if(first is not None and last is not None and length is not None, "title.too_many_times", "duration_s")
    if last is not None:
        first = first if length is None else max(0, last - length)
        begin = start_ms if first is None else first
        refuse_if(last <= begin, "title.ends_first", "end_s", start=begin, end=last)
    start, found = stretch_within(total_ms, (start_ms, length_ms), edit.anchor, first, last, length)
    return start, length if first is None and length is not None and edit.anchor != "whole" else found


def stretch_within(
    total_ms: int, usual: tuple[int, int], anchor: Anchor | None, start_ms: _Ms, end_ms: _Ms, length_ms: _Ms
) -> tuple[int, int]:
    """Start and length in a film of `total_ms`; the usual ones stand in for what is not given."""
    if anchor == "whole":
        return 0, total_ms
    length = min(length_ms or usual[1], total_ms)
    start = usual[0] if start_ms is None else start_ms
    if end_ms is not None:
        length = max(end_ms - start, 1)
    elif start_ms is None and anchor is not None:
        start = {"start": 0, "end": total_ms - length, "middle": (total_ms - length) // 2}[anchor]
    if start >= total_ms:
        start = max(0, total_ms - min(length, total_ms))
    return start, max(1, min(length, total_ms - start))


def _dress(title: Part, edit: AddTitle | SetTitle) -> list[Told]:
    """Write where a title stands and how it looks; give what to say of that."""
    own, told = title.meta, []
    if edit.position is not None:
        for axis in ("x", "y"):
            own.pop(axis, None)
    for key in LOOK:
        if (value := getattr(edit, key)) is not None:
            own[key] = value
            told.append(Told(f"title.{key}", value=value))
    return told


def _resize(titles: Sequence[Part], wish: str) -> Told:
    for title in titles:
        own = title.meta
        now = own.get("size") if own.get("size") in _SIZES else "medium"
        step = {"larger": 1, "smaller": -1}.get(wish, 0)
        own["size"] = _SIZES[min(max(_SIZES.index(str(now)) + step, 0), len(_SIZES) - 1)] if step else wish
    sizes = {title.meta["size"] for title in titles}
    return Told("title.sized", size=sizes.pop() if len(sizes) == 1 else wish)


def _pattern(find: str, text: str) -> re.Pattern[str]:
    """Matches words in a text, however they are spaced; in capitals or small letters if they are not in it as such."""
    pattern = r"\s+".join(map(re.escape, find.split())) or re.escape(find)
    return re.compile(pattern, 0 if re.search(pattern, text) else re.IGNORECASE)


def _free_position(film: Draft, title: Part) -> Position:
    others = (s for track in film["t"] for s in all_that_meet(track, title) if s.role == "title")
    taken = {_ROWS.get(str(other.meta.get("position")).partition("-")[0], "center") for other in others}
    return next((position for position in _FREE if position not in taken), "center")
