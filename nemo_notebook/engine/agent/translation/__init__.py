"""Wishes of the grammar → typed edits, and what they do."""

from __future__ import annotations

import importlib
from dataclasses import fields
from typing import Any, Final

from nemo_notebook.engine.agent.translation import films, looks, parts, sounds, titles
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit, apply_one
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
_OLD: Final = {
    "AddMusic": "sound",
    "AddTitle": "title",
    "Adjust": "look",
    "ChangeTitle": "title_change",
    "CopyShots": "shot",
    "CopyTitle": "title",
    "DuckMusic": "level",
    "FadeMusic": "level",
    "FadePicture": "transition",
    "FitLength": "trim",
    "FitMusic": "place",
    "MakeLoop": "loop",
    "CloseLoop": "loop",
    "MoveShots": "shot",
    "OrderShots": "shot",
    "PlaceMusic": "place",
    "PrepareExport": "picture",
    "Redo": "history",
    "RemoveMusic": "sound",
    "RemoveShots": "shot",
    "RemoveTitle": "title",
    "Repeat": "trim",
    "ReplaceShots": "shot",
    "SetCanvas": "picture",
    "SetFilter": "look",
    "SetFit": "look",
    "SetSpeed": "stretch",
    "SetTransition": "transition",
    "SetVisualizer": "visual",
    "SetVolume": "level",
    "SplitShot": "stretch",
    "StartOver": "history",
    "SwapShots": "shot",
    "Trim": "trim",
    "TrimShots": "stretch",
    "Undo": "history",
    "UseSong": "song",
}


def apply_wish(draft: Json, wish: Any, situation: Situation) -> tuple[Json, str, tuple[Edit, ...]]:
    """Apply what a wish asks for; give the draft afterwards, what was done in words, and the edits that did it.

    Raises:
        NotPossible: It cannot be done to this film.
    """
    translate = _TRANSLATIONS.get(type(wish).__name__)
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
