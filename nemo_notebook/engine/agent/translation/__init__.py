"""Wishes of the grammar → typed edits, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nemo_notebook.engine.agent import commands
from nemo_notebook.engine.agent.translation import films, looks, parts, sounds, titles
from nemo_notebook.engine.agent.wishes import AddMusic
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit, apply_one
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import sentence_list
from nemo_notebook.film.telling import Told, tell

_TRANSLATIONS: Final = {
    **films.TRANSLATIONS,
    **looks.TRANSLATIONS,
    **parts.TRANSLATIONS,
    **sounds.TRANSLATIONS,
    **titles.TRANSLATIONS,
}
_COMMANDS: Final[dict[str, Callable[[Json, Any, Situation], commands.Done]]] = {
    "PrepareExport": commands.prepare_export,
    "Redo": commands.redo,
    "Undo": commands.undo,
}


def apply_wish(draft: Json, wish: Any, situation: Situation) -> commands.Done:
    """Apply what a wish asks for; give the draft afterwards, what was done in words, and the edits that did it.

    Raises:
        NotPossible: It cannot be done to this film.
    """
    name = type(wish).__name__
    if name in _COMMANDS:
        return _COMMANDS[name](draft, wish, situation)
    if isinstance(wish, Edit):
        edits: tuple[Edit, ...] = (wish,)
    elif translate := _TRANSLATIONS.get(name):
        edits = tuple(translate(wish, draft, situation))
    else:  # a wish that is declined
        return (*wish.apply(draft, situation), ())
    told: list[str] = []
    for edit in edits:
        done = apply_one(draft, edit, situation)
        draft = done.draft
        told.append(tell(done.told, situation.spoken))
    told += [tell(each, situation.spoken) for each in _remarks(wish)]
    return draft, sentence_list(told, situation.spoken), edits


def _remarks(wish: Any) -> list[Told]:
    return sounds.music_remarks(wish) if isinstance(wish, AddMusic) else []
