"""Wishes about shots and other parts: removed, moved, copied, trimmed → typed edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from nemo_notebook.engine.agent import wishes
from nemo_notebook.engine.agent.picks import When
from nemo_notebook.engine.agent.translation.fields import typed
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import Draft, editable, to_frame
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits import parts, shots
from nemo_notebook.film.edits.titles import stretch_within
from nemo_notebook.film.model import Situation
from nemo_notebook.film.target import Target, Which, select
from nemo_notebook.film.telling import NotPossible

_DAY_S: Final = 86_400.0


def _move(wish: wishes.MoveShots, draft: Json, situation: Situation) -> Sequence[Edit]:
    film, media = editable(draft), wish.pick.media
    beside = None if wish.target is None else wish.target.target
    place: shots.Place = wish.to if beside is not None or wish.to in ("start", "end") else "end"
    beside = beside if place in ("before", "after") else None
    is_seen = any(shot.meta.get("media") == media for shot in film.shots)
    item = next((item for item in situation.media if item.id == media and item.kind != "audio"), None)
    if item is not None and not is_seen and film.shots:
        return [shots.AddShot(media=item.id, place=place, beside=beside)]
    return [shots.Move(target=wish.pick.target, place=place, beside=beside)]


def _copy(wish: wishes.CopyShots, _: Json, __: Situation) -> Sequence[Edit]:
    place = wish.to if wish.target is not None or wish.to in ("start", "end", None) else "end"
    beside = wish.target.target if wish.target is not None and place in ("before", "after") else None
    return [shots.Duplicate(target=wish.pick.target, times=min(max(wish.times, 2), 50), place=place, beside=beside)]


def _copy_title(wish: wishes.CopyTitle, draft: Json, situation: Situation) -> Sequence[Edit]:
    film = editable(draft)
    title = select(film, situation, wish.which.target)[-1]
    when = wish.when if wish.when.is_given else When("end")
    total_ms = film.picture_end_ms or film.end_ms
    start_ms, length_ms = stretch_within(
        total_ms, (0, title["d"]), when.anchor, when.start_ms, when.end_ms, when.length_ms
    )
    target = Target(id=str(title["id"])) if title.get("id") else wish.which.target
    return [shots.Duplicate(target=target, at_s=_seconds(start_ms), duration_s=max(0.04, length_ms / 1000))]


def _split(wish: wishes.SplitShot, draft: Json, situation: Situation) -> Sequence[Edit]:
    target = None if wish.pick is None else wish.pick.target
    if wish.into_scenes:
        return [parts.Split(target=target, scenes=True)]
    if wish.at_ms is None:
        return [parts.Split(target=target, parts=min(max(wish.parts, 2), 1_000))]
    times = tuple(_seconds(ms) for ms in _times(wish.at_ms, target, editable(draft), situation))
    return [parts.Split(target=target, at_s=times if len(times) > 1 else times[0])]


def _times(at_ms: int, target: Which | None, film: Draft, situation: Situation) -> Sequence[int]:
    """Where on the timeline to split: a time that lies within a shot that is named counts from its start."""
    try:
        named = select(film, situation, target) if target is not None else []
    except NotPossible:
        return [at_ms]  # the edit says so
    return [s.start_ms + at_ms if to_frame(at_ms) < s.frames else at_ms for s in named] or [at_ms]


def _speed(wish: wishes.SetSpeed, _: Json, __: Situation) -> Sequence[Edit]:
    end_s = None if wish.start_ms is None or wish.end_ms is None else _seconds(wish.end_ms)
    return [typed(parts.SetSpeed, wish, target=wish.pick.target, end_s=end_s)]


def _trim(wish: wishes.TrimShots, _: Json, __: Situation) -> Sequence[Edit]:
    target, time_s = wish.pick.target, _seconds(wish.ms)
    if wish.part == "by":
        return [parts.Trim(target=target, by_s=min(max(wish.ms / 1000, -_DAY_S), _DAY_S))]
    if wish.part == "only":
        return [parts.Trim(target=target, in_s=time_s, duration_s=max(0.03, _seconds(wish.end_ms - wish.ms)))]
    if wish.part in ("start", "end"):
        start_s, end_s = (time_s, None) if wish.part == "start" else (None, time_s)
        return [parts.Trim(target=target, start_s=start_s, end_s=end_s)]
    length_s = max(0.03, time_s)
    if wish.part == "to":
        return [parts.Trim(target=target, duration_s=length_s)]
    return [parts.Trim(target=target, keep_last_s=length_s)]


def _seconds(ms: float) -> float:
    return min(max(ms / 1000, 0.0), _DAY_S)


TRANSLATIONS: Final[dict[str, Callable[[Any, Json, Situation], Sequence[Edit]]]] = {
    "CopyShots": _copy,
    "CopyTitle": _copy_title,
    "MoveShots": _move,
    "SetSpeed": _speed,
    "SplitShot": _split,
    "TrimShots": _trim,
}
