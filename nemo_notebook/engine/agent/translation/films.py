"""Wishes about the whole film → typed edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from nemo_notebook.engine.agent import wishes
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits import films
from nemo_notebook.film.model import Situation


def seconds(ms: float | None) -> float | None:
    """Milliseconds as seconds, if there are any."""
    return None if ms is None else ms / 1000


def _make_video(wish: wishes.MakeVideo, _: Json, __: Situation) -> Sequence[Edit]:
    return [
        films.MakeVideo(
            pictures=wish.pictures,
            song=wish.song,
            with_song=wish.with_song,
            pace=wish.pace,
            visualizer=wish.visualizer,  # type: ignore[arg-type]
            duration_s=seconds(wish.length_ms),
            only=wish.only,
            without=wish.without,
            first=wish.first,
            order=wish.arrange,
            photo_s=seconds(wish.photo_ms),
            best_part=wish.best_part,
            part=wish.part,
            in_s=seconds(wish.in_ms),
            out_s=seconds(wish.out_ms),
            photos=wish.photos,
            keeps_music=wish.keeps_music,
        )
    ]


def _recut(wish: wishes.CutToBeat, _: Json, __: Situation) -> Sequence[Edit]:
    return [
        films.Recut(
            pace=wish.pace,
            relative=wish.relative,
            another=wish.another,
            order=wish.arrange,
            without=wish.without,
            first=wish.first,
        )
    ]


TRANSLATIONS: Final[dict[str, Callable[[Any, Json, Situation], Sequence[Edit]]]] = {
    "MakeVideo": _make_video,
    "CutToBeat": _recut,
}
