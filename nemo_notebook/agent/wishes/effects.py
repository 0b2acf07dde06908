"""Wishes about effects: grain, light, shaking, and parts of the picture that are not to be recognised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.lexicon import concepts_of
from nemo_notebook.agent.match import Asked, Edits, Match, read_as, reply
from nemo_notebook.agent.wishes.looks import pictures_in
from nemo_notebook.film.edits.effects import SetEffect

_SLIGHT, _STRONG = 0.3, 0.8
_STEPS: Final = {"bit": 0.1, "": 0.2, "much": 0.4}  # more or less of what is there
_LESS: Final = ("less", "reduce", "down", "lower", "too", "half_back")
_SOFT: Final = ("bit", "paler", "quieter", "smaller")  # less of what is there, and little of what is new
_MORE: Final = ("more", "boost", "louder", "up", "higher", "bigger", "richer", "enough")
_OFF: Final = concepts_of("$unwished_effect")
_WISHED: Final = ("add", "make", "want", "use", "put", "on_beat", "bit", "more", "much", "compose", "can_you")
_HIDES: Final = ("blur", "pixelate")
_THINGS: Final = ("people", "creature", "scenery")
_REGIONS: Final = {  # left, top, width and height of a part of the picture, 0–1
    "left": (0.0, 0.0, 0.5, 1.0),
    "right": (0.5, 0.0, 0.5, 1.0),
    "top": (0.0, 0.0, 1.0, 0.5),
    "bottom": (0.0, 0.5, 1.0, 0.5),
    "center": (0.25, 0.25, 0.5, 0.5),
    "top-left": (0.0, 0.0, 0.5, 0.5),
    "top-right": (0.5, 0.0, 0.5, 0.5),
    "bottom-left": (0.0, 0.5, 0.5, 0.5),
    "bottom-right": (0.5, 0.5, 0.5, 0.5),
    "lower-third": (0.0, 0.667, 1.0, 0.333),
}


def effect(m: Match) -> Edits:
    """Put effects on pictures, or make them stronger, weaker, or none."""
    kinds = dict.fromkeys(m.values("effect_kind"))
    is_off = m.has(*_OFF)
    is_remark = m.has("be") and not m.has(*_WISHED)
    if not _is_there(m, *kinds) and (is_remark or is_off or m.has(*_LESS)) and (m.has("unfit") or is_remark):
        return read_as("facts.unable", m) if m.has("unfit") else []  # "stop the shaking", of what was filmed
    colored = m.without("effect_kind")  # "warm and grainy"
    looks = read_as("looks.filter", colored) if colored.has("filter") and not is_off else ()
    return [*looks, *(_edit(m, kind, is_off=is_off) for kind in kinds)]


def blurred(m: Match) -> Edits:
    """Blur pictures, or a part of them."""
    return [_edit(m, "blur", is_off=m.has(*_OFF))]


def flashes(m: Match) -> Edits:
    """Let light flash at each beat."""
    return [_edit(m, "flash", is_off=m.has(*_OFF))]


def no_effects(m: Match) -> Edits:
    """Take all effects away; where there are none, a filter is meant."""
    last = m.edits[-1] if m.edits else None
    if isinstance(last, SetEffect) and not m.has("all", "effects", "effects_off"):
        return [structs.replace(last, amount=0.0, relative=False, region=None)]
    is_any = m.has("effects", "effects_off", "all")  # what the cut brought along, too
    is_there = _is_there(m) if is_any else any(part.get("effects") for part in _looks(m))
    return [SetEffect(kind="none", **pictures_in(m))] if is_there else read_as("looks.no_filter", m)


def stronger(m: Match) -> Edits:
    """More or less of the effect that was set last."""
    last = m.edits[-1]
    if not isinstance(last, SetEffect):
        return []
    return [structs.replace(last, **_amount(m), region=None)]


def _edit(m: Match, kind: Any, *, is_off: bool) -> SetEffect:
    region = _REGIONS.get(m.value("position")) if kind in _HIDES else None
    is_off = is_off and region is None  # "hide the left side"
    where = pictures_in(m.without("half") if region else m)  # "the left half"
    is_there = _is_there(m, kind)
    is_bare = kind == "pixelate" and where == {"target": None} and not is_there
    is_part = m.has(*_THINGS) or (is_bare and not m.has("film", "picture", "effect", "look", "percent"))
    if kind in _HIDES and is_part and not is_off and region is None and not m.has("whole", "all"):
        raise Asked(reply("which_region"))
    amount = {"amount": 0.0} if is_off else _amount(m, is_there=is_there)
    return SetEffect(kind=kind, region=None if is_off else region, **amount, **where)


def _amount(m: Match, *, is_there: bool = True) -> dict[str, Any]:
    """How strong: a share that is said, more or less than now, or as strong as the words are."""
    sign, share = m.value("percent") or ("", None)
    is_less, is_more = m.has(*_LESS) or (is_there and m.has(*_SOFT[1:])), m.has(*_MORE)
    if share is not None and not (is_less or is_more) and sign != "*":
        return {"amount": min(1.0, share)}
    if is_less or (is_there and is_more):
        step = share or _STEPS[m.degree]
        return {"amount": -step if is_less else step, "relative": True}
    return {"amount": _SLIGHT if m.has(*_SOFT) else _STRONG if m.has("much", "richer") else None}


def _is_there(m: Match, *kinds: str) -> bool:
    """Whether the film has some effects, or any."""
    there = set(_effects_in(m))
    return not there.isdisjoint(kinds) if kinds else bool(there)


def _looks(m: Match) -> list[dict[str, Any]]:
    return [m.film.meta, *(shot.meta for shot in m.film.shots)]


def _effects_in(m: Match) -> Iterator[str]:
    for own in _looks(m):
        yield from (str(each.get("kind")) for each in own.get("effects") or () if isinstance(each, dict))
        camera = own.get("camera")
        yield from (kind for kind in ("shake", "pulse") if isinstance(camera, dict) and camera.get(kind))
