"""Edits of titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nemo_notebook.engine.agent.drafting import (
    Draft,
    add_track,
    editable,
    end_ms,
    end_of,
    measure,
    meta,
    new_segment,
    picture_end_ms,
    place,
    remove_segments,
    segments_of,
    start_of,
    text_of,
    to_frame,
    to_ms,
    tracks_of,
)
from nemo_notebook.engine.agent.film_edits import MakeVideo
from nemo_notebook.engine.agent.language import clock, quoted, say, seconds
from nemo_notebook.engine.agent.model import Language, NotPossible, Situation
from nemo_notebook.engine.agent.values import ANY_TIME, When
from nemo_notebook.timeline.draft import Json

Position = Literal["top", "center", "bottom"]
Size = Literal["small", "medium", "large"]
LONGEST_TEXT: Final = 500
_LENGTH_MS: Final = 3_000
_POSITIONS: Final[tuple[Position, ...]] = ("center", "bottom", "top")
_PLACES: Final = {"top": ("top", "顶部"), "center": ("centre", "中间"), "bottom": ("bottom", "底部")}
_SIZES: Final = {"small": ("small", "小号"), "medium": ("medium", "中号"), "large": ("large", "大号")}


@dataclass(frozen=True, slots=True)
class Look:
    """How a title looks; None leaves what is or what is usual."""

    position: Position | None = None
    size: Size | None = None
    color: str | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything is asked for."""
        return self != Look()


USUAL_LOOK: Final = Look()


@dataclass(frozen=True, slots=True)
class AddTitle:
    """Words over the picture.

    Attributes:
        text: The words; empty for the name of the video.
        when: When they are seen; three seconds from the start where nothing is said.
        look: How they look.
    """

    text: str
    when: When = ANY_TIME
    look: Look = USUAL_LOOK

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Lays the title; see `Edit`."""
        film, before = editable(draft), ""
        if end_ms(film) == 0:
            made, before = MakeVideo().apply(draft, situation)
            film = editable(made)
        lang = situation.spoken
        name = meta(film).get("title")
        text = (self.text or (name if isinstance(name, str) else "")).strip()[:LONGEST_TEXT]
        if not text:
            raise NotPossible(
                say(
                    lang,
                    'Tell me the words, for example: add a title "Hello".',
                    "请告诉我标题文字，例如：加标题“你好”。",
                )
            )
        total = picture_end_ms(film) or end_ms(film)
        start_ms, length_ms = self.when.within(total, _LENGTH_MS)
        first, last = to_frame(start_ms), to_frame(start_ms + length_ms)
        segment = new_segment(film, "title", text, first, max(last, first + 1))
        position = self.look.position or _free_position(film, segment)
        size = self.look.size or ("large" if len(text) <= 24 else "medium")
        meta(segment).update(text=text, position=position, size=size, color=self.look.color or "#ffffff")
        _track_with_room(film, segment)["sg"].append(segment)
        return measure(film), _told(lang, before, text, segment)


@dataclass(frozen=True, slots=True)
class RemoveTitle:
    """Takes titles away: the one with these words, or all."""

    text: str = ""

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Removes titles; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        gone = _titles(film, self.text, lang)
        remove_segments(film, gone)
        names_en = ", ".join(quoted(text_of(title), "en") for title in gone)
        names_zh = "、".join(quoted(text_of(title), "zh") for title in gone)
        en = f"Removed the {'title' if len(gone) == 1 else 'titles'} {names_en}."
        return measure(film), say(lang, en, f"已去掉标题{names_zh}。")


@dataclass(frozen=True, slots=True)
class ChangeTitle:
    """Other words, another time or another look for a title.

    Attributes:
        text: New words; empty to keep them.
        old: Words of the title that is meant; empty for the newest, and for all where only the look changes.
        when: When it is seen from now on.
        look: How it looks from now on.
    """

    text: str = ""
    old: str = ""
    when: When = ANY_TIME
    look: Look = USUAL_LOOK

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Changes titles; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        meant = _titles(film, self.old, lang)
        if self.text or self.when.is_given:
            meant = [max(meant, key=newness)]
        en: list[str] = []
        zh: list[str] = []
        for title in meant:
            en, zh = self._change(film, title)
        film = measure(film)
        en_text, zh_text = " and ".join(en), "，".join(zh)
        return film, say(lang, f"Changed the title: it {en_text}.", f"标题已改：{zh_text}。")

    def _change(self, film: Draft, title: Draft) -> tuple[list[str], list[str]]:
        en: list[str] = []
        zh: list[str] = []
        own = meta(title)
        if self.text:
            own["text"] = own["name"] = self.text[:LONGEST_TEXT]
            en.append(f"says {quoted(own['text'], 'en')}")
            zh.append(f"文字为{quoted(own['text'], 'zh')}")
        if self.when.is_given:
            start_ms, length_ms = self.when.within(picture_end_ms(film) or end_ms(film), title["d"], start_of(title))
            first = to_frame(start_ms)
            place(title, first, max(first + 1, to_frame(start_ms + length_ms)))
            en.append(f"is seen from {clock(start_of(title))} to {clock(end_of(title))}")
            zh.append(f"显示于 {clock(start_of(title))}–{clock(end_of(title))}")
        if self.look.position:
            own["position"] = self.look.position
            en.append(f"stands at the {_PLACES[self.look.position][0]}")
            zh.append(f"位于{_PLACES[self.look.position][1]}")
        if self.look.size:
            own["size"] = self.look.size
            en.append(f"is {_SIZES[self.look.size][0]}")
            zh.append(_SIZES[self.look.size][1])
        if self.look.color:
            own["color"] = self.look.color
            en.append(f"has the colour {self.look.color}")
            zh.append(f"颜色 {self.look.color}")
        return en, zh


def _titles(film: Draft, text: str, lang: Language) -> list[Draft]:
    titles = segments_of(film, "title")
    if not titles:
        raise NotPossible(say(lang, "There is no title on the timeline.", "时间线上没有标题。"))
    wanted = " ".join(text.lower().split())
    meant = [title for title in titles if wanted in " ".join(text_of(title).lower().split())]
    if not meant:
        raise NotPossible(
            say(
                lang,
                f"There is no title {quoted(text, 'en')} on the timeline.",
                f"时间线上没有标题{quoted(text, 'zh')}。",
            )
        )
    return meant


def newness(title: Draft) -> tuple[int, int]:
    """What the newest of several titles has most of: the number in the engine's own ids, then its start."""
    tail = str(title.get("id", "")).rpartition("-")[2]
    return (int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 9 else 0, start_of(title))


def _overlaps(one: Draft, other: Draft) -> bool:
    return start_of(one) < end_of(other) and start_of(other) < end_of(one)


def _free_position(film: Draft, segment: Draft) -> Position:
    taken = {meta(title).get("position") for title in segments_of(film, "title") if _overlaps(title, segment)}
    return next((position for position in _POSITIONS if position not in taken), "center")


def _track_with_room(film: Draft, segment: Draft) -> Draft:
    for track in tracks_of(film, "text"):
        if not any(_overlaps(segment, other) for other in track["sg"]):
            return track
    return add_track(film, "text", "Title", [])


def _told(lang: Language, before: str, text: str, segment: Draft) -> str:
    start, end = clock(start_of(segment)), clock(end_of(segment))
    length = seconds(to_ms(to_frame(segment["d"])), lang)
    en = f"Added the title {quoted(text, 'en')} from {start} to {end} ({length})."
    return (before + say(lang, " ", "") if before else "") + say(
        lang, en, f"已加上标题{quoted(text, 'zh')}，显示于 {start}–{end}（{length}）。"
    )
