"""Wishes about pictures over the film: in a corner, in its place for a while, or several at once."""

from __future__ import annotations

from typing import Any, Final

from nemo_notebook.agent.match import SHARES, Edits, Match
from nemo_notebook.agent.wishes.nouns import required
from nemo_notebook.film.edits.overlays import AddOverlay, SetOverlay, SplitScreen
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.target import Target, of_kind

_OFF: Final = ("without", "remove", "stop", "no", "undo", "not")
_SMALL, _LARGE = 0.2, 0.45
_LARGER: Final = {"bit": 1.2, "": 1.4, "much": 1.8}
_LAST: Final = Target(kind="overlay", touched=True)
_MOST: Final = 4
_SIDES: Final = ("left", "right", "top", "bottom")


def small(m: Match) -> Edits:
    """Show an upload small over the film, or change the one that is shown so."""
    if m.has(*_OFF):
        return away(m)
    media = _media(m)
    if of_kind(m.film, "overlay") and not set(media) - _shown(m) and (_place(m) or m.has("bigger", "smaller")):
        return changed(m)
    where: dict[str, Any] = {"place": place} if (place := _place(m)) else {}
    media = required(media or _spare(m), "which_shots")
    return [AddOverlay(media=each, size=_size(m), **where, **_when(m)) for each in media]


def cutaway(m: Match) -> Edits:
    """Show an upload in place of the film for a while, whose sound goes on."""
    if m.has(*_OFF) and not m.has("add", "make"):
        return away(m)
    media = required(_media(m) or _spare(m), "which_shots")
    return [AddOverlay(media=media[0], place="full", **_when(m))]


def split(m: Match) -> Edits:
    """Show several uploads at once."""
    if m.has(*_OFF):
        return away(m)
    media = tuple(_media(m))[:_MOST]
    counts = [int(number) for of in ("at_once", "number", "pieces") for number in m.values(of) if number]
    count = next((number for number in counts if 2 <= number <= _MOST and number > len(media)), None)
    sides = [side for side in m.values("position") if side in _SIDES]
    if sides and len(sides) == len(media) and sides[0] in ("right", "bottom"):
        media = media[::-1]
    is_stacked = m.has("stacked") or not {"top", "bottom"}.isdisjoint(sides)
    how: Any = "rows" if is_stacked else "grid" if m.has("grid") else None
    return [SplitScreen(media=media, count=count, layout=how, **m.stretch())]


def changed(m: Match) -> Edits:
    """Move what lies over the film, or make it larger or smaller."""
    named = [Target(kind="overlay", media=each) for each in _media(m)]
    size: dict[str, Any] = {"size": share} if (share := _share(m)) else {}
    if not size and m.has("bigger", "smaller"):
        factor = _LARGER[m.degree]
        size = {"factor": 1 / factor if m.has("smaller") else factor}
    place: Any = "full" if m.has("whole") and not size else _place(m)
    return [SetOverlay(target=named[0] if named else _LAST, place=place, **size)]


def away(m: Match) -> Edits:
    """Take away what lies over the film."""
    media = set(_media(m)) & _shown(m)
    target = tuple(Target(kind="overlay", media=each) for each in media)
    return [Remove(target=target or Target(kind="overlay"))]


def _place(m: Match) -> Any:
    """The last place that is said: "move it from the left to the right"."""
    places = [place for place in m.values("position") if place != "lower-third"]
    return places[-1] if places else None


def _share(m: Match) -> float | None:
    """How large it is to be, where that is said."""
    _, share = m.value("percent") or ("", None)
    share = share or next((part for name, part in SHARES.items() if m.has(name) and part < 1), None)
    return min(1.0, max(0.1, share)) if share else None


def _size(m: Match) -> float | None:
    return _share(m) or (_LARGE if m.has("bigger") else _SMALL if m.has("bit", "much") and m.has("smaller") else None)


def _media(m: Match) -> list[str]:
    return list(dict.fromkeys(target.media for _, target in m.named() if target.media))


def _shown(m: Match) -> set[Any]:
    return {part.meta.get("media") for part in of_kind(m.film, "overlay")}


def _spare(m: Match) -> list[str]:
    """The one upload that may be meant where none is named: the one spoken of, or the only one not seen yet."""
    spoken = [part.meta.get("media") for part in m.parts(m.focused(("shot",)))] if m.has("it", "one") else []
    kinds = [kind for kind, said in (("video", "clip"), ("image", "photo")) if m.has(said)] or ["video", "image"]
    seen = {part.meta.get("media") for part in m.film.shots}
    unseen = [item.id for item in m.situation.media if seen and item.kind in kinds and item.id not in seen]
    found = list(dict.fromkeys(media for media in spoken if isinstance(media, str))) or unseen
    return found if len(found) == 1 else []


def _when(m: Match) -> dict[str, Any]:
    """From when to when it is seen, or over which shots."""
    shots = [target for _, target in m.named() if not target.media and target.number]
    when = m.stretch()
    at = next((float(t.concepts["time"]) for t in m.tokens if t.is_a("time") and ":" in t.text), None)
    if at is not None and not when:  # "2 s at 0:10", in any words
        lengths = [float(t.concepts["time"]) for t in m.tokens if t.is_a("time") and ":" not in t.text]
        return {"start_s": at, **({"duration_s": lengths[0]} if lengths else {})}
    if m.length_s is not None and "end_s" not in when:
        when["duration_s"] = m.length_s
    return when if when or not shots else {"over": tuple(shots)}
