"""Wishes about the whole film → typed edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from nemo_notebook.engine.agent import wishes
from nemo_notebook.engine.agent.translation.fields import typed
from nemo_notebook.film import cutting
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits import films
from nemo_notebook.film.model import Situation


def pace(rule: cutting.Pace) -> films.Pace:
    """A pace of the grammar, within the bounds of the edit."""
    return films.Pace(
        every=None if rule.every is None else min(max(rule.every, 1), 64),
        factor=min(max(rule.factor, 0.2), 8.0),
        every_s=None if rule.every_ms is None else min(max(rule.every_ms / 1000, 0.4), 600.0),
        bpm=None if rule.bpm is None else min(max(rule.bpm, 30.0), 300.0),
        tempo=rule.tempo,
        offset_s=min(max(rule.offset_ms / 1000, -5.0), 5.0),
        offset_beats=min(max(rule.offset_beats, -4.0), 4.0),
        shots=None if rule.shots is None else min(max(rule.shots, 1), 500),
    )


def seconds(ms: float | None) -> float | None:
    """Milliseconds as seconds, if there are any."""
    return None if ms is None else ms / 1000


def _make_video(wish: wishes.MakeVideo, _: Json, __: Situation) -> Sequence[Edit]:
    return [typed(films.MakeVideo, wish, pace=pace(wish.pace))]


def _recut(wish: wishes.CutToBeat, _: Json, __: Situation) -> Sequence[Edit]:
    return [typed(films.Recut, wish, pace=pace(wish.pace))]


TRANSLATIONS: Final[dict[str, Callable[[Any, Json, Situation], Sequence[Edit]]]] = {
    "MakeVideo": _make_video,
    "CutToBeat": _recut,
}
