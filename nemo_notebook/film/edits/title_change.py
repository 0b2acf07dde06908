"""The edit that changes titles."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    Draft,
    editable,
    end_ms,
    end_of,
    measure,
    meta,
    picture_end_ms,
    place,
    start_of,
    to_frame,
    to_ms,
)
from nemo_notebook.film.edits.title_look import USUAL_LOOK, Look, dress, resize
from nemo_notebook.film.edits.title_meant import (
    ALL_TITLES,
    Which,
    cleaned,
    newness,
    one_line,
    titles_meant,
)
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.phrasing import clock, enumerated, quoted, say
from nemo_notebook.film.telling import NotPossible
from nemo_notebook.film.when import ANY_TIME, When


@dataclass(frozen=True, slots=True)
class ChangeTitle:
    """Other words, another time or another look for titles.

    Attributes:
        text: New words; empty to keep them.
        which: The titles that are meant; new words or a time are for the newest of them only.
        when: When it is seen from now on.
        look: How it looks from now on.
        later_ms: How much later it is seen; negative for earlier.
        longer_ms: How much longer it is seen; negative for shorter.
    """

    text: str = ""
    which: Which = ALL_TITLES
    when: When = ANY_TIME
    look: Look = USUAL_LOOK
    later_ms: int = 0
    longer_ms: int = 0

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Changes titles; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        meant = titles_meant(film, self.which, lang)
        if self.text or self.when.is_given:
            meant = [max(meant, key=newness)]
        name = quoted(one_line(meant[0]), lang) if len(meant) == 1 else say(lang, "titles", "")
        told: list[tuple[str, str]] = []
        for title in meant:
            told = self._change(film, title, lang)
        film = measure(film)
        if film == draft:
            en = "The title is like that already." if len(meant) == 1 else "The titles are like that already."
            raise NotPossible(say(lang, en, "标题已经是这样了。"))
        en_text, zh_text = enumerated([en for en, _ in told]), "，".join(zh for _, zh in told)
        one = len(meant) == 1
        en = f"Changed the title {name}: it {en_text}." if one else f"Changed {len(meant)} titles: each {en_text}."
        return film, say(lang, en, f"标题{name}已改：{zh_text}。" if one else f"{len(meant)} 个标题已改：{zh_text}。")

    def then(self, other: ChangeTitle) -> ChangeTitle:
        """Both changes, one after the other, of the same titles."""
        return ChangeTitle(
            other.text or self.text,
            self.which,
            other.when if other.when.is_given else self.when,
            other.look.over(self.look),
            self.later_ms + other.later_ms,
            self.longer_ms + other.longer_ms,
        )

    def _change(self, film: Draft, title: Draft, lang: Language) -> list[tuple[str, str]]:
        told: list[tuple[str, str]] = []
        own = meta(title)
        if self.text:
            own["text"] = cleaned(self.text)
            own["name"] = one_line(title)
            told.append((f"says {quoted(one_line(title), 'en')}", f"文字为{quoted(one_line(title), 'zh')}"))
        if self.when.is_given or self.later_ms or self.longer_ms:
            before = f"{clock(start_of(title))}–{clock(end_of(title))}"
            self._move(film, title)
            start, end = clock(start_of(title)), clock(end_of(title))
            told.append((f"is seen from {start} to {end} (it was {before})", f"显示于 {start}–{end}（原为 {before}）"))
        if self.look.size is not None:
            alone = not told and replace(self.look, size=None) == USUAL_LOOK
            told.append(resize(own, self.look.size, lang, alone=alone))
        return told + dress(own, self.look)

    def _move(self, film: Draft, title: Draft) -> None:
        total = picture_end_ms(film) or end_ms(film)
        start_ms, length_ms = start_of(title) + self.later_ms, title["d"] + self.longer_ms
        if self.when.is_given:
            start_ms, length_ms = self.when.within(total, title["d"], start_of(title))
            if self.when.start_ms is None and self.when.anchor is None and self.when.length_ms:
                length_ms = self.when.length_ms  # one at the end begins earlier
        length_ms = max(1, min(length_ms, total))
        first = to_frame(min(max(0, start_ms), total - length_ms))
        place(title, first, max(first + 1, to_frame(to_ms(first) + length_ms)))
