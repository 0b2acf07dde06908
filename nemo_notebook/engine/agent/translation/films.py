"""Wishes about the whole film → typed edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from nemo_notebook.engine.agent import wishes
from nemo_notebook.engine.agent.translation.fields import typed
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits import films
from nemo_notebook.film.model import Situation


def seconds(ms: float | None) -> float | None:
    """Milliseconds as seconds, if there are any."""
    return None if ms is None else ms / 1000


def _make_video(wish: wishes.MakeVideo, _: Json, __: Situation) -> Sequence[Edit]:
    return [typed(films.MakeVideo, wish)]


def _recut(wish: wishes.CutToBeat, _: Json, __: Situation) -> Sequence[Edit]:
    return [typed(films.Recut, wish)]


TRANSLATIONS: Final[dict[str, Callable[[Any, Json, Situation], Sequence[Edit]]]] = {
    "MakeVideo": _make_video,
    "CutToBeat": _recut,
}
