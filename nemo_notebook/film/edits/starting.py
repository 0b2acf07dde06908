"""The film that an edit of its looks works on."""

from __future__ import annotations

from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import Draft, editable, end_ms, prepare_canvas
from nemo_notebook.film.edits.film import MakeVideo
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import nice_title, say


def film_to_change(draft: Json, situation: Situation) -> tuple[Draft, str]:
    """The film to change, made first where there is none yet but material for one; and what to say of that."""
    film = editable(draft)
    if end_ms(film) > 0:
        return film, ""
    if not situation.media:
        prepare_canvas(film, "", situation.seed)
        return film, ""
    made, told = MakeVideo().apply(draft, situation)
    film = editable(made)
    prepare_canvas(film, nice_title(situation.media[0]), situation.seed)
    return film, told + say(situation.spoken, " ", "")
