"""Wishes about music, songs and levels → typed edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from nemo_notebook.engine.agent import wishes
from nemo_notebook.engine.agent.picks import Pick
from nemo_notebook.engine.agent.translation.fields import typed
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.draft import MAX_VOLUME, Json
from nemo_notebook.film.drafting import editable
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits import music, sounds
from nemo_notebook.film.model import Situation
from nemo_notebook.film.target import Kind, Target, Which, of_kind
from nemo_notebook.film.telling import NotPossible, Told
from nemo_notebook.music.recipe import MAX_BPM, MIN_BPM

_LONGEST_S: Final = 86_400.0


def _add_music(wish: wishes.AddMusic, _: Json, __: Situation) -> Sequence[Edit]:
    if wish.bpm is not None and not MIN_BPM <= wish.bpm <= MAX_BPM:
        raise NotPossible(Told("add_music.unplayable", bpm=wish.bpm), "bpm")
    pace = Pace(every=wish.every, factor=wish.factor) if wish.cuts == "anew" else None
    return [typed(music.AddMusic, wish, pace=pace, replaces=True)]


def music_remarks(wish: wishes.AddMusic) -> list[Told]:
    """What to say of a kind, an instrument or a key that was asked for and cannot be chosen."""
    told = []
    if wish.kind:
        told.append(Told("add_music.no_kind", kind=wish.kind, mood=wish.mood))
    elif wish.instrument:
        told.append(Told("add_music.instrument", instrument=wish.instrument))
    if wish.key:
        told.append(Told("add_music.key", wanted=wish.key))
    return told


def _use_song(wish: wishes.UseSong, _: Json, __: Situation) -> Sequence[Edit]:
    return [typed(music.UseSong, wish, media=wish.song)]


def _set_volume(wish: wishes.SetVolume, draft: Json, _: Situation) -> Sequence[Edit]:
    amount = min(max(wish.amount, 0.0), 100.0 if wish.relative else MAX_VOLUME)
    return [
        sounds.SetVolume(
            target=_heard(wish, draft),
            volume=None if wish.relative else amount,
            factor=amount if wish.relative else None,
            start_s=_time(wish.start_ms),
            end_s=_time(wish.end_ms) if wish.start_ms is not None else None,
            restore=wish.restores,
        )
    ]


def _heard(wish: wishes.SetVolume, draft: Json) -> Which:
    if wish.pick is not None:
        return _target(wish.pick)
    if wish.target == "music":
        return Target(kind="music")
    film = editable(draft)
    if wish.target == "clips":
        is_heard = any("v" in clip for clip in of_kind(film, "clip"))
        return Target(kind="clip" if is_heard or not of_kind(film, "speech") else "speech")
    kinds: tuple[Kind, ...] = ("sound", "clip")
    return tuple(Target(kind=kind) for kind in kinds if of_kind(film, kind)) or Target(kind="sound")


def _target(pick: Pick) -> Target:
    number = None if pick.number is None else min(max(pick.number, -10_000), 10_000)
    count = min(max(pick.count, 1), 10_000)
    return Target(kind=pick.unit, media=pick.media, number=number, count=count, at_s=_time(pick.at_ms))


def _place_music(wish: wishes.PlaceMusic, _: Json, __: Situation) -> Sequence[Edit]:
    return [typed(music.PlaceMusic, wish)]


def _time(ms: float | None) -> float | None:
    return None if ms is None else min(max(ms / 1000, 0.0), _LONGEST_S)


TRANSLATIONS: Final[dict[str, Callable[[Any, Json, Situation], Sequence[Edit]]]] = {
    "AddMusic": _add_music,
    "PlaceMusic": _place_music,
    "SetVolume": _set_volume,
    "UseSong": _use_song,
}
