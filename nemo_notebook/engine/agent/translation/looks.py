"""Wishes about how pictures look, their shape, their joins and the length of the film → typed edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from nemo_notebook.engine.agent import wishes
from nemo_notebook.engine.agent.picks import Pick
from nemo_notebook.engine.agent.translation.fields import typed
from nemo_notebook.engine.agent.translation.films import seconds
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import MUSIC, editable, end_of
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits import lengths, looks
from nemo_notebook.film.model import Situation
from nemo_notebook.film.target import ROLES, Target


def within(value: float | None, low: float, high: float) -> float | None:
    """A value within bounds, if there is one."""
    return None if value is None else min(max(value, low), high)


def _targets(picks: Sequence[Pick]) -> tuple[Target, ...] | None:
    return tuple(pick.target for pick in picks) or None


def _where(wish: wishes.SetFilter | wishes.Adjust) -> dict[str, Any]:
    """The shots or the stretch of time that a wish means; a stretch goes first."""
    if wish.start_ms is not None:
        return {"start_s": seconds(wish.start_ms), "end_s": seconds(wish.end_ms)}
    return {"target": _targets(wish.picks)}


def _set_filter(wish: wishes.SetFilter, _: Json, __: Situation) -> Sequence[Edit]:
    return [looks.SetLook(filter=wish.filter or "none", **_where(wish))]


def _adjust(wish: wishes.Adjust, _: Json, __: Situation) -> Sequence[Edit]:
    tints = {name: min(max(amount, -1.0), 1.0) for name, amount in wish.amounts}
    return [looks.SetLook(relative=wish.relative, **_where(wish), **tints)]  # type: ignore[arg-type]


def _set_transition(wish: wishes.SetTransition, _: Json, __: Situation) -> Sequence[Edit]:
    at = wish.cut is not None or wish.at_ms is not None
    return [
        looks.SetTransition(
            kind=wish.kind or "none",
            duration_s=within(seconds(wish.length_ms), 0.05, 60),
            target=Target(kind="cut", number=wish.cut, at_s=seconds(wish.at_ms)) if at else "cut",
            after=None if wish.before is None else wish.before.target,
            before=None if wish.after is None else wish.after.target,
            at_drop=wish.at_drop,
        )
    ]


def _fade_picture(wish: wishes.FadePicture, draft: Json, situation: Situation) -> Sequence[Edit]:
    film = editable(draft)
    heard = film.segments(*MUSIC) if film.end_ms else situation.of_kind("audio")
    target = ("picture", "music") if wish.with_music and heard else "picture"
    return [looks.Fade(target=target, in_s=_fade_s(wish.in_ms), out_s=_fade_s(wish.out_ms))]


def _fade_music(wish: wishes.FadeMusic, draft: Json, _: Situation) -> Sequence[Edit]:
    out_ms = wish.out_ms
    if wish.out_from_ms is not None:
        out_ms = max(0, max(map(end_of, editable(draft).segments(*ROLES["music"])), default=0) - wish.out_from_ms)
    return [looks.Fade(target="music", in_s=_fade_s(wish.in_ms), out_s=_fade_s(out_ms))]


def _fade_s(ms: int | None) -> float | None:
    return within(seconds(ms), 0, 60)


def _set_canvas(wish: wishes.SetCanvas, _: Json, __: Situation) -> Sequence[Edit]:
    width, height = wish.size or (None, None)
    return [typed(looks.SetCanvas, wish, width=width, height=height)]


def _trim(wish: wishes.Trim, _: Json, __: Situation) -> Sequence[Edit]:
    first, last = (min(ms / 1000, 86_400.0) for ms in (wish.ms, wish.end_ms))
    edit = {
        "first": lengths.CutTime(end_s=first),
        "last": lengths.CutTime(start_s=-first),
        "keep": lengths.CutTime(end_s=first, keep=True),
        "keep-last": lengths.CutTime(start_s=-first, keep=True),
        "range": lengths.CutTime(start_s=first, end_s=last),
        "only": lengths.CutTime(start_s=first, end_s=last, keep=True),
    }[wish.part]
    return [edit]


def _fit_length(wish: wishes.FitLength, _: Json, __: Situation) -> Sequence[Edit]:
    is_relative = wish.factor is not None or bool(wish.more_ms)
    return [
        lengths.SetLength(
            duration_s=within(seconds(wish.ms), 0.03, 21_600) if wish.ms and not is_relative else None,
            to_song=not wish.ms and not is_relative,
            factor=min(max(wish.factor or 1.0, 0.01), 100.0),
            by_s=min(max(wish.more_ms / 1000, -86_400.0), 86_400.0),
            at_most=wish.at_most,
        )
    ]


TRANSLATIONS: Final[dict[str, Callable[[Any, Json, Situation], Sequence[Edit]]]] = {
    "Adjust": _adjust,
    "FadeMusic": _fade_music,
    "FadePicture": _fade_picture,
    "FitLength": _fit_length,
    "SetCanvas": _set_canvas,
    "SetFilter": _set_filter,
    "SetTransition": _set_transition,
    "Trim": _trim,
}
