"""Bridges for edits that are still old: drafts in, drafts and words out."""

from __future__ import annotations

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import Draft, editable
from nemo_notebook.film.edit import Edit, apply_one
from nemo_notebook.film.edits.films import begin_film
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.telling import tell


def film_to_change(draft: Json, situation: Situation) -> tuple[Draft, str]:
    """The film to change, made first where there is none yet but material for one; and what to say of that."""
    film = editable(draft)
    told = tell(begin_film(film, situation), situation.spoken)
    return film, told + say(situation.spoken, " ", "") if told else ""


def applied(draft: Json, edit: Edit, situation: Situation) -> tuple[Json, str]:
    """Apply a typed edit as the old ones are applied."""
    done = apply_one(draft, edit, situation)
    return done.draft, tell(done.told, situation.spoken)
