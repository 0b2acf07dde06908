"""Bridges for edits that are still old: drafts in, drafts and words out."""

from __future__ import annotations

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import Draft, editable, to_ms
from nemo_notebook.film.edit import Edit, apply_one
from nemo_notebook.film.edits.films import begin_film
from nemo_notebook.film.edits.lengths import begin_with_length
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import say, seconds
from nemo_notebook.film.telling import tell


def film_to_change(draft: Json, situation: Situation) -> tuple[Draft, str]:
    """The film to change, made first where there is none yet but material for one; and what to say of that."""
    film = editable(draft)
    told = tell(begin_film(film, situation), situation.spoken)
    return film, told + say(situation.spoken, " ", "") if told else ""


def filmed(draft: Json, situation: Situation) -> tuple[Draft, str]:
    """The film to change; made first from what is uploaded where nothing is seen or heard, with what to say of that."""
    film = editable(draft)
    told = tell(begin_with_length(film, situation), situation.spoken)
    return film, told + say(situation.spoken, " ", "") if told else ""


def length_told(situation: Situation, en: str, zh: str, was: int, now: int) -> str:
    """A sentence with the film's new length where that has changed."""
    if was == now:
        return say(situation.spoken, f"{en}.", f"{zh}。")
    length, before = seconds(to_ms(now), situation.spoken), seconds(to_ms(was), situation.spoken)
    en, zh = f"{en}; the video is now {length} long (it was {before}).", f"{zh}；视频现在长 {length}（原来 {before}）。"
    return say(situation.spoken, en, zh)


def applied(draft: Json, edit: Edit, situation: Situation) -> tuple[Json, str]:
    """Apply a typed edit as the old ones are applied."""
    done = apply_one(draft, edit, situation)
    return done.draft, tell(done.told, situation.spoken)
