"""Wishes about titles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from nemo_notebook.agent.match import Asked, Match, one_or_all
from nemo_notebook.agent.replies import reply
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.titles import AddTitle, SetTitle
from nemo_notebook.film.target import Target, of_kind
from nemo_notebook.film.telling import Told

_LONGER_S: Final = 2.0
_UP: Final = {"bottom": "center", "lower-third": "center", "center": "top", "bottom-left": "left", "left": "top-left",
              "bottom-right": "right", "right": "top-right"}  # fmt: skip
_DOWN: Final = {"top": "center", "center": "bottom", "top-left": "left", "left": "bottom-left", "top-right": "right",
                "right": "bottom-right"}  # fmt: skip

Edits = Iterable[Edit]


def add(m: Match) -> Edits:
    """Add a title, or change the words of one that is meant."""
    text = _cased(m, m.value("text"))
    title = next(iter(of_kind(m.film, "title")), None)
    is_named = m.has("title_text")
    if is_named or (m.has("change", "says", "rather", "is_now") and title is not None and not m.has("add", "write", "another", "also")):
        return change(m)
    if m.has("it") and title is not None and m.has("says", "change"):
        return change(m)
    return [AddTitle(text=text, **_times(m), **_look(m))]


def change(m: Match) -> Edits:
    """Give a title other words."""
    if not of_kind(m.film, "title"):
        return [AddTitle(text=_cased(m, m.value("text")), **_times(m), **_look(m))]
    look = _look(m)
    return [SetTitle(target=m.titles()[0], text=_cased(m, m.value("text")), **look)]


def bigger(m: Match) -> Edits:
    """Make titles larger or smaller."""
    return _set(m, size=_size(m) or "larger", **_look(m, size=False))


size = bigger


def unreadable(m: Match) -> Edits:
    """Make titles larger that cannot be read."""
    return _set(m, size="larger")


def color(m: Match) -> Edits:
    """Give titles a colour."""
    return _set(m, **_look(m))


color_of = color
place = color
place_of = color
style = color
animation = color


def shift(m: Match) -> Edits:
    """Move titles up or down."""
    is_up = m.has("higher", "up")
    edits = []
    for part in m.parts(one_or_all(m.titles()), "title"):
        now = part.meta.get("position") or "center"
        place = (_UP if is_up else _DOWN).get(now, now)
        edits.append(SetTitle(target=Target(id=str(part["id"])), position=place))
    return edits


def no_style(m: Match) -> Edits:
    """Take away what stands behind titles."""
    return _set(m, style="plain")


def capitals(m: Match) -> Edits:
    """Write titles in capitals."""
    if m.has("text"):
        return add(m)
    return [
        SetTitle(target=Target(id=str(part["id"])), text=part.text.upper())
        for part in m.parts(one_or_all(m.titles()), "title")
    ]


def longer(m: Match) -> Edits:
    """Show titles longer or shorter."""
    if m.has("whole"):
        return time(m)
    times = list(m.values("time"))
    is_shorter = m.has("shorter", "shorten")
    if times and not m.has("more", "by"):
        return _set(m, duration_s=times[-1])
    by_s = times[-1] if times else _LONGER_S
    return _set(m, longer_s=-by_s if is_shorter else by_s)


def time(m: Match) -> Edits:
    """Show titles at a time, or for a time."""
    if m.has("more", "longer") and m.has("time") and not m.has("at", "from", "to"):
        return longer(m)
    times = _times(m)
    return _set(m, **times, **_look(m)) if times else _ask_what(m)


whole_time = time
until = time
stay = time


def later(m: Match) -> Edits:
    """Show titles later or earlier."""
    by_s = m.value("time", _LONGER_S)
    return _set(m, later_s=-by_s if m.has("earlier") else by_s)


def remove(m: Match) -> Edits:
    """Remove titles."""
    titles = m.titles()
    is_any = m.has("title_text", "ordinal", "it", "start", "finish", "text_end", "other")
    if not is_any and m.has("title", "letters", "lyrics") and len(of_kind(m.film, "title")) > 1:
        titles = titles if m._focused(("title",)) else (Target(kind="title"),)
    return [Remove(target=one_or_all(titles))]


def _set(m: Match, **fields: Any) -> Edits:
    if not of_kind(m.film, "title"):
        raise Asked(reply("no_title"))
    if not fields:
        return _ask_what(m)
    return [SetTitle(target=one_or_all(m.titles()), **fields)]


def _ask_what(m: Match) -> Edits:
    raise Asked(reply("which_words"))


def _times(m: Match) -> dict[str, Any]:
    """When a title is seen."""
    if m.has("whole") and not m.has("time", "range"):
        return {"anchor": "whole"}
    if m.has("until") and m.has("finish") and not m.has("time", "range", "text"):
        return {"end_s": m.film.end_ms / 1000}
    span, length_s = m.span, m.length_s
    if m.has("range") or (span is not None and m.has("from", "until", "at", "after", "now_on") and not m.has("finish")):
        return {**m.stretch(), **({"duration_s": length_s} if length_s else {})}
    files = [t for t in m.shots(focus=False) if t.media or t.number]
    if not files and m.has("it", "text") and m.made and m.made[-1].tag in ("move", "add_shot", "trim", "replace") and m.has("on"):
        files = list(m._focused(("shot", "clip", "photo")))
    if files and (shots := m.parts(files[0])):
        start_s = shots[-1 if m.has("finish") else 0].start_ms / 1000
        shot = shots[0]
        return {"start_s": start_s, "duration_s": length_s or max(1.0, min(shot["d"] / 1000, 4.0))}
    ordinals = set(m.values("ordinal"))
    anchor = "end" if m.has("finish", "text_end") or (-1 in ordinals and not m.has("title")) else ""
    anchor = "start" if not anchor and (m.has("start") or 1 in ordinals) else anchor
    if not anchor and m.has("middle") and not m.has("position"):
        anchor = "middle"
    time_s = m.value("time")
    times = {"anchor": anchor} if anchor else {}
    return {**times, **({"duration_s": time_s} if time_s else {})}


def _look(m: Match, *, size: bool = True) -> dict[str, Any]:
    """Where a title stands, and how it looks."""
    found = {
        "position": m.value("position") or ("lower-third" if m.has("lowerthird") else None),
        "size": _size(m) if size else None,
        "color": next(reversed(list(m.values("color"))), None),
        "style": m.value("style"),
        "animate_in": m.value("animation"),
    }
    return {name: value for name, value in found.items() if value}


def _size(m: Match) -> str | None:
    if not m.has("bigger", "smaller"):
        return None
    step = "larger" if m.has("bigger") and not m.has("smaller") else "smaller"
    return {"larger": "large", "smaller": "small"}[step] if m.has("text") or m.degree == "much" else step


def _cased(m: Match, text: str) -> str:
    return text.upper() if m.has("allcaps") else text
