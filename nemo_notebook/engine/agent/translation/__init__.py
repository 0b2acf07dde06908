"""Wishes of the grammar → typed edits, and what they do."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Final

from nemo_notebook.engine.agent import commands
from nemo_notebook.engine.agent.translation import films, looks, parts, sounds, titles
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import apply_one
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import sentence_list
from nemo_notebook.film.telling import tell

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
_OLD: Final = {
    "AddMusic": "sound",
    "CopyShots": "shot",
    "CopyTitle": "title",
    "DuckMusic": "level",
    "FitMusic": "place",
    "MoveShots": "shot",
    "OrderShots": "shot",
    "PlaceMusic": "place",
    "RemoveMusic": "sound",
    "RemoveShots": "shot",
    "RemoveTitle": "title",
    "ReplaceShots": "shot",
    "SetSpeed": "stretch",
    "SetVolume": "level",
    "SplitShot": "stretch",
    "SwapShots": "shot",
    "TrimShots": "stretch",
    "UseSong": "song",
}


def apply_wish(draft: Json, wish: Any, situation: Situation) -> commands.Done:
    """Apply what a wish asks for; give the draft afterwards, what was done in words, and the edits that did it.

    Raises:
        NotPossible: It cannot be done to this film.
    """
    name = type(wish).__name__
    if name in _COMMANDS:
        return _COMMANDS[name](draft, wish, situation)
    translate = _TRANSLATIONS.get(name)
    if translate is None:
        return (*_apply_old(draft, wish, situation), ())
    told: list[str] = []
    edits = tuple(translate(wish, draft, situation))
    for edit in edits:
        done = apply_one(draft, edit, situation)
        draft = done.draft
        told.append(tell(done.told, situation.spoken))
    return draft, sentence_list(told, situation.spoken), edits


def _apply_old(draft: Json, wish: Any, situation: Situation) -> tuple[Json, str]:
    name = type(wish).__name__
    if name not in _OLD:
        return wish.apply(draft, situation)  # type: ignore[no-any-return]
    kind = getattr(importlib.import_module(f"nemo_notebook.film.edits.{_OLD[name]}"), name)
    return kind(**{field.name: getattr(wish, field.name) for field in fields(wish)}).apply(draft, situation)  # type: ignore[no-any-return]
