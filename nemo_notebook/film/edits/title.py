"""Edits of titles that are still old."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    editable,
    end_ms,
    end_of,
    free_id,
    measure,
    picture_end_ms,
    remove_segments,
    start_of,
)
from nemo_notebook.film.edits.titles import lay_title, place_title
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import clock, quoted, say
from nemo_notebook.film.target import Target, name_of, select
from nemo_notebook.film.when import When


@dataclass(frozen=True, slots=True)
class RemoveTitle:
    """Takes the titles `which` away."""

    which: Any

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Removes titles; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        gone = select(film, situation, _target(self.which))
        remove_segments(film, gone)
        names_en = ", ".join(quoted(name_of(title, situation), "en") for title in gone)
        names_zh = "、".join(quoted(name_of(title, situation), "zh") for title in gone)
        en = f"Removed the {'title' if len(gone) == 1 else 'titles'} {names_en}."
        return measure(film), say(lang, en, f"已去掉标题{names_zh}。")


@dataclass(frozen=True, slots=True)
class CopyTitle:
    """The words of the title `which` once more; at the end, as long as the first one, where no time is said."""

    which: Any
    when: When

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Lays the copy; see `Edit`."""
        film = editable(draft)
        title = select(film, situation, _target(self.which))[-1]
        total = picture_end_ms(film) or end_ms(film)
        when = self.when if self.when.is_given else When("end")
        copy = deepcopy(title) | {"id": free_id(film, "title")}
        place_title(copy, *when.within(total, title["d"]), total)
        lay_title(film, copy)
        start, end, name = clock(start_of(copy)), clock(end_of(copy)), name_of(copy, situation)
        en = f"The title {quoted(name, 'en')} is seen again from {start} to {end}."
        return measure(film), say(situation.spoken, en, f"标题{quoted(name, 'zh')}再次显示于 {start}–{end}。")


def _target(which: Any) -> Target:
    return Target(kind="title", name=which.text or None, number=which.number, newest=which.newest)
