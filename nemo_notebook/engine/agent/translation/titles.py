"""Wishes about titles → typed edits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from nemo_notebook.engine.agent import wishes
from nemo_notebook.engine.agent.picks import When
from nemo_notebook.film.draft import Json, read_segments
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits import titles
from nemo_notebook.film.model import Situation
from nemo_notebook.film.target import Target

_LONGEST_S: Final = 86_400.0
_SHORTEST_S: Final = 0.03


def _add_title(wish: wishes.AddTitle, _: Json, __: Situation) -> Sequence[Edit]:
    says = {"words": None, "name and artist": "name_and_artist"}.get(wish.says, wish.says)
    size = {"larger": "large", "smaller": "small", None: "medium"}.get(wish.look.size, wish.look.size)
    return [
        titles.AddTitle(
            text=titles.cleaned(wish.text),
            says=says if wish.text or says else "name",  # type: ignore[arg-type]
            **_times(wish.when),
            **_look(wish.look) | {"size": size},
        )
    ]


def _set_title(wish: wishes.ChangeTitle, draft: Json, _: Situation) -> Sequence[Edit]:
    is_newest = wish.which.newest or bool(wish.text) or wish.when.is_given
    text, find, replace = titles.cleaned(wish.text) or None, None, None
    if text and _is_inside(wish.which.text, draft):
        text, find, replace = None, wish.which.text, text
    return [
        titles.SetTitle(
            target=Target(kind="title", name=wish.which.text or None, number=wish.which.number, newest=is_newest),
            text=text,
            find=find,
            replace=replace,
            **_shifts(wish),
            **_times(wish.when),
            **_look(wish.look),
        )
    ]


def _shifts(wish: wishes.ChangeTitle) -> dict[str, Any]:
    shifts = {"later_s": wish.later_ms, "longer_s": wish.longer_ms}
    return {name: _between(-_LONGEST_S, ms / 1000) for name, ms in shifts.items() if ms}


def _is_inside(words: str, draft: Json) -> bool:
    """Whether words are a part of a title, as in `change Noon to Night`, and no title consists of them alone."""
    wanted = " ".join(words.lower().split())
    shown = [" ".join(s.text.lower().split()) for s in read_segments(draft) if s.kind == "text"]
    whole = re.compile(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])")
    return bool(wanted) and wanted not in shown and any(whole.search(text) for text in shown)


def _times(when: When) -> dict[str, Any]:
    both = when.start_ms is not None and when.end_ms is not None
    length_s = None if both or when.length_ms is None else _between(_SHORTEST_S, when.length_ms / 1000)
    start_s, end_s = (None if ms is None else _between(0.0, ms / 1000) for ms in (when.start_ms, when.end_ms))
    return {"anchor": when.anchor, "start_s": start_s, "end_s": end_s, "duration_s": length_s}


def _look(look: wishes.Look) -> dict[str, Any]:
    return {key: getattr(look, key) for key in ("position", "size", "color", "style", "animate_in", "animate_out")}


def _between(low: float, value: float) -> float:
    return min(max(low, value), _LONGEST_S)


TRANSLATIONS: Final[dict[str, Callable[[Any, Json, Situation], Sequence[Edit]]]] = {
    "AddTitle": _add_title,
    "ChangeTitle": _set_title,
}
