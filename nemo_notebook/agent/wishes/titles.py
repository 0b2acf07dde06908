"""Wishes about titles."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from nemo_notebook.agent.match import Edits, Match, one_or_all
from nemo_notebook.agent.tokenizer import TimedLines, Token
from nemo_notebook.agent.wishes.nouns import each_by_id, first_of, in_part, made, required
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.lengths import SetLength
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.shots import Duplicate
from nemo_notebook.film.edits.titles import AddTitle, SetTitle
from nemo_notebook.film.target import Target, of_kind

_LONGER_S, _SHORTER_S = 2.0, 1.0
_USUAL_S: Final = 3.0
_LENGTH_OF_FILM_S: Final = 10.0  # from which on "make it 20 seconds" is hardly meant of a title
_CLOSE_S: Final = 0.05
_LIKELY: Final = 0.5
_NOTHING: Final = Token(0, 0, "", {})
_MOST: Final = 40  # titles that one message may add
_CAPTION: Final[dict[str, Any]] = {"position": "bottom", "size": "small", "style": "box"}
_LOWER_THIRD: Final = {**_CAPTION, "position": "lower-third", "animate_in": "slide", "animate_out": "fade"}
_HIGHER: Final = "bottom>center center>top bottom-left>left left>top-left bottom-right>right right>top-right".split()
_UP: Final[dict[str, Any]] = {"lower-third": "center", **dict(pair.split(">") for pair in _HIGHER)}
_DOWN: Final[dict[str, Any]] = {high: low for low, high in _UP.items() if low != "lower-third"}


def thanks(m: Match) -> Edits:
    """Show the words of thanks that are said as a title."""
    words = next(m.raw(token) for token in m.tokens if token.is_a("thanks"))
    return [AddTitle(text=words, anchor="end" if m.edge() == "finish" else "start")]


def add(m: Match) -> Edits:
    """Add titles, or change the words of one that is meant."""
    is_changed = m.has("change", "says", "rather", "is_now", "actually")
    is_changed = is_changed and not m.has("add", "write", "another", "also")
    if m.has("title_text") or (is_changed and of_kind(m.film, "title")) or (m.has("it") and m.has("says", "change")):
        return change(m)
    room = _MOST - sum(isinstance(edit, AddTitle) for edit in m.made)
    texts = [_cased(m, text) for text in m.values("text")][: max(0, room)]
    times, look = _times(m), _usual_look(m)
    if m.has("lowerthird"):
        return [AddTitle(text=_named([*texts[:-1], texts[-1] + _below(m)]), **times, **look)]
    last = m.made[-1] if m.made and isinstance(m.made[-1], AddTitle) else None
    is_new = m.has("add", "write", "title", "make")
    if last is not None and not is_new and last.position == "lower-third" and not times:
        return [SetTitle(target=Target(kind="title", newest=True), text=_named([last.text, *texts]))]
    if last is not None and not is_new:
        look = {name: getattr(last, name) for name in ("position", "style", "color", "animate_in", "size")} | look
        if last.anchor and look["position"] == "center":  # "… at the start, … in the middle"
            times, look = {"anchor": "middle"}, {**look, "position": last.position}
    return [*_until_then(m, last, times), *_in_turn(texts, times, look, last)]


def _in_turn(texts: Sequence[str], times: dict[str, Any], look: dict[str, Any], last: AddTitle | None) -> list[Edit]:
    """Titles one after another where nothing says when, and the place is the same."""
    made: list[Edit] = []
    for text in texts:
        is_free = last is not None and last.end_s is None and last.anchor in (None, "start")
        if last is not None and is_free and set(times) <= {"duration_s"} and last.position == look.get("position"):
            before_s = (last.start_s or 0.0) + (last.duration_s or _USUAL_S)
            times = {"duration_s": _USUAL_S, **times, "start_s": before_s}
        last = AddTitle(text=text, **times, **look)
        made.append(last)
        times = {name: value for name, value in times.items() if name == "duration_s"}
    return made


def _until_then(m: Match, last: AddTitle | None, times: dict[str, Any]) -> list[Edit]:
    """The title before ends where this one begins, where it would be seen longer."""
    if last is None or last.start_s is None or last.end_s or last.duration_s or times.get("start_s") is None:
        return []
    gap_s = times["start_s"] - last.start_s
    own = each_by_id(m.parts(Target(kind="title", newest=True), "title"))
    return [SetTitle(target=own[-1], duration_s=gap_s)] if own and 0 < gap_s < _USUAL_S else []


def _named(texts: Sequence[str]) -> str:
    """The words of a lower third: a name, and below it what stands behind a comma."""
    return "\n".join(part.strip() for text in texts for part in re.split("[,，/|]", text, maxsplit=1))


def _below(m: Match) -> str:
    """What stands behind a name, with a capital: "lower third: Ana Diaz, Producer"."""
    rest = m.tokens[first_of(m, "text") + 1 :]
    words = m.text.original(rest[0].start, rest[-1].end) if rest and m.text is not None else ""
    return f", {words}" if words[:1].isupper() else ""


def change(m: Match) -> Edits:
    """Give a title other words."""
    text = [_cased(m, text) for text in m.values("text")][-1]
    if not of_kind(m.film, "title"):
        return [AddTitle(text=text, **_times(m), **_usual_look(m))]
    gone = made(m, Remove)
    is_instead = m.has("replace", "change", "instead") and not m.has("title_text")
    target = gone.target if gone is not None and is_instead else m.titles()[0]
    return [SetTitle(target=target, text=text, **_look(m))]


def reword(m: Match) -> Edits:
    """Put other words in place of some of a title's."""
    (own, old), new = m.value("title_part"), m.value("text")
    is_name = old.islower() and any(old.capitalize() in part.text for part in m.parts(Target(id=own), "title"))
    new = new[:1].upper() + new[1:] if is_name else new
    return [SetTitle(target=Target(id=own), find=old, replace=new, **_look(m))]


def unreadable(m: Match) -> Edits:
    """Make titles larger that cannot be read, unless what is wrong with their size was said."""
    if any(isinstance(edit, SetTitle) and edit.size for edit in m.made[-1:]):
        return []
    return _set(m, size="larger")


def color(m: Match) -> Edits:
    """Give titles a colour."""
    return _set(m, **_look(m))


def style(m: Match) -> Edits:
    """Set titles off from the picture."""
    return _set(m, **{"style": "box"} | _look(m))


def shift(m: Match) -> Edits:
    """Move titles up or down."""
    way, edits = _UP if m.has("higher", "up") else _DOWN, []
    for part in m.parts(one_or_all(m.titles()), "title"):
        now = part.meta.get("position") or "center"
        edits.append(SetTitle(target=Target(id=str(part["id"])), position=way.get(now, now)))
    return edits


def covers(m: Match) -> Edits:
    """Move a title away from what it covers."""
    if m.has("higher", "lower", "up", "down"):
        return shift(m)
    titles = m.parts(one_or_all(m.titles()), "title")
    is_low = any(str(part.meta.get("position")).startswith(("bottom", "lower")) for part in titles)
    return _set(m, position="top" if is_low else "bottom")


def no_style(m: Match) -> Edits:
    """Take away what stands behind titles."""
    return _set(m, style="plain")


def capitals(m: Match) -> Edits:
    """Write titles in capitals, or in small letters."""
    write = str.lower if m.has("lowercase") else str.upper
    titles = m.parts(one_or_all(m.titles()), "title")
    return [SetTitle(target=Target(id=str(part["id"])), text=write(part.text)) for part in titles]


def longer(m: Match) -> Edits:
    """Show titles longer or shorter."""
    if m.has("whole") or (m.has("until") and m.has("finish")):
        return time(m)
    times = list(m.values("time"))
    is_shorter = m.has("shorter", "shorten")
    is_by = m.has("more", "by") or m.is_by or m.has_pair("time", "longer shorter")
    if times and not is_by:
        return _set(m, duration_s=times[-1])
    by_s = times[-1] if times else _SHORTER_S if is_shorter else _LONGER_S
    return _set(m, longer_s=-by_s if is_shorter else by_s)


def time(m: Match) -> Edits:
    """Show titles at a time, or for a time."""
    if m.has("more", "longer", "later", "earlier") and m.has("time") and not m.has("at", "from", "to", "until"):
        return later(m) if m.has("later", "earlier") else longer(m)
    if m.has("move") and m.has("time") and not m.has("until", "finish", "for", "file"):
        return _set(m, start_s=m.value("time"))
    return _set(m, **required(_times(m), "which_words"), **_look(m))


def later(m: Match) -> Edits:
    """Show titles later or earlier."""
    by_s = m.value("time", _LONGER_S)
    return _set(m, later_s=-by_s if m.has("earlier") else by_s)


def remove(m: Match) -> Edits:
    """Remove titles, or end them at a time."""
    titles = m.titles()
    if shots := _also_gone(m):
        return [Remove(target=one_or_all(shots)), Remove(target=one_or_all(titles))]
    if m.has("time") and m.has("at", "after", "from"):
        return _set(m, end_s=m.value("time"))
    is_any = m.has("title_text", "ordinal", "it", "start", "finish", "text_end", "other")
    if not is_any and m.has("title", "letters", "lyrics") and len(of_kind(m.film, "title")) > 1:
        titles = titles if m.focused(("title",)) else (Target(kind="title"),)
    return [Remove(target=one_or_all(titles))]


def _also_gone(m: Match) -> tuple[Target, ...]:
    """The shots that are to go as well: "remove the last shot and the title"."""
    said = [token for token in m.tokens if not token.is_a("filler") or token.is_a("of", "in", "on", "from")]
    at = next((n for n, token in enumerate(said) if token.is_a("title", "letters") and not token.is_a("file")), 0)
    before = said[:at]
    is_both = len(before) > 1 and before[0].is_a("remove") and before[-1].is_a("shot", "clip", "photo", "file")
    if not is_both or not before[0].text.isascii() or before[-1].end + 1 >= said[at].start:
        return ()
    return dataclasses.replace(m, tokens=before).shots(focus=False)


def _set(m: Match, **fields: Any) -> Edits:
    required(of_kind(m.film, "title"), "no_title")
    return [SetTitle(target=one_or_all(m.titles()), **required(fields, "which_words"))]


def of_lines(timed: TimedLines, head: Sequence[Token], end_s: float) -> Edits:
    """Timed lines as titles; they look like captions unless they are called titles."""
    is_title = any(token.is_a("headline") for token in head) and not any(token.is_a("caption") for token in head)
    look: dict[str, Any] = {} if is_title else _CAPTION
    lines = [line for line in timed.lines if not end_s or line.start_s < end_s]
    return [AddTitle(text=line.text, start_s=line.start_s, end_s=line.end_s, **look) for line in lines]


def it_time(m: Match) -> Edits:
    """Show a title at a time, or for a time, right after it was about one; what is long is meant of the film."""
    time_s = m.value("time")
    if m.has("later", "earlier"):
        return later(m)
    if m.has("longer", "shorter", "lengthen", "shorten"):
        return longer(m)
    is_begin = m.has("begin", "move", "put") and m.has("to", "at", "from", "begin")
    if is_begin and time_s is not None and not m.has("finish", "range", "for", "end"):
        return _set(m, start_s=time_s)
    is_length = time_s is not None and not m.has("at", "from", "until", "to", "start", "finish")
    if is_length and time_s >= _LENGTH_OF_FILM_S and m.film.end_ms:
        return [SetLength(duration_s=time_s)]
    return _set(m, duration_s=time_s) if is_length else time(m)


def copy(m: Match) -> Edits:
    """Show a title once more."""
    at_s = m.value("time")
    return [Duplicate(target=one_or_all(m.titles()), at_s=at_s, place="end" if at_s is None else None)]


def song_name(m: Match) -> Edits:
    """Show the name of the song, or its artist."""
    says: Any = "name_and_artist" if m.has("artist") and m.has("song_name") else "artist" if m.has("artist") else "name"
    return [AddTitle(says=says, **_times(m), **_usual_look(m))]


def _times(m: Match) -> dict[str, Any]:
    """When a title is seen."""
    total_s, time_s, part = m.film.end_ms / 1000, m.value("time"), m.value("songpart")
    if m.has("whole") and not m.has("time", "range"):
        return {"anchor": "whole"}
    if m.tokens[0].is_a("time") and m.has_pair("time", "text write when says"):  # 4秒“夜色”
        return {"start_s": time_s}
    span, is_end = m.span, m.has("finish")
    begin_s = span.start_s if span is not None else None
    if is_end and begin_s is not None and m.has("until", "now_on", "to"):
        return {"start_s": begin_s, "end_s": max(total_s, begin_s + 0.1)}
    if m.has("until") and is_end and not m.has("time", "range", "text"):
        return {"end_s": total_s}
    if (found := _begin_and_end(m)) is not None:
        return found
    if m.has("after") and m.has("it") and not m.has("time", "at") and (seen := m.focused(("title",))):
        return {"start_s": max(part.end_ms for part in m.parts(seen, "title")) / 1000}
    if m.has("range") or (span is not None and m.has("from", "until", "at", "after", "now_on") and not is_end):
        return {"end_s": total_s, **m.stretch()} if m.has("now_on") else m.stretch()
    if (found := _on_shot(m)) is not None:
        return found
    is_last = begin_s is not None and time_s and abs(begin_s + time_s - total_s) < _CLOSE_S  # "the last two seconds"
    anchor = "end" if is_last else _anchor(m)
    if part is not None and (not anchor or part == "intro") and (found := in_part(m, part)):
        return {"start_s": found["start_s"]} if part != "intro" and m.has("when", "at") else found
    return ({"anchor": anchor} if anchor else {}) | ({"duration_s": time_s} if time_s else {})


def _anchor(m: Match) -> str:
    """The end of the film, or its middle, at which a title is seen; empty where none is said."""
    first, ordinals = m.tokens[0], [] if m.has("title") else [*m.values("ordinal")]
    if m.has("finish", "text_end") or first.is_a("end") or -1 in ordinals:
        return "end"
    if m.has("start") or first.is_a("begin") or 1 in ordinals:
        return "start"
    is_of_film = m.has("middle") and (not m.has("position") or m.has("film", "whole", "all"))
    return "middle" if is_of_film else ""


def _begin_and_end(m: Match) -> dict[str, Any] | None:
    """When a title begins and ends, where both are said: "from 4 s, ending at 9 s", "at 5 for 3"."""
    said: dict[str, float] = {}
    for at, token in enumerate(m.tokens):
        value = token.concepts.get("time", token.concepts.get("number"))
        near = {concept for each in m.tokens[max(0, at - 2) : at] for concept in each.concepts}
        last = set(m.tokens[at - 1].concepts) if at else set()
        if value is None or (not token.is_a("time") and not last & {"at", "for", "from", "until", "to"}):
            continue
        name = "end_s" if near & {"end", "until"} or "to" in last else "duration_s" if "for" in last else "start_s"
        if name == "start_s" and not near & {"at", "from", "begin"} and "at" not in token.concepts:
            continue
        if name == "end_s" and last & {"at"} and near & {"disappear"}:
            return {name: float(value)}
        said.setdefault(name, float(value))
    return said if len(said) > 1 and "start_s" in said else None


def _on_shot(m: Match) -> dict[str, Any] | None:
    """When a title is seen that stands on a shot."""
    is_shot = m.has("shot", "clip", "photo", "file", "one") or (m.made and m.has("over"))  # "… and B over the second"
    files = [t for t in m.shots(focus=False) if t.media or (t.number and is_shot)]
    if not files or not (shots := m.parts(files[0])):
        return None
    usual_s = _USUAL_S if m.has("when", "begin", "enter") else max(1.0, shots[0]["d"] / 1000)
    return {"start_s": shots[0].start_ms / 1000, "duration_s": m.length_s or usual_s}


def _usual_look(m: Match) -> dict[str, Any]:
    """How a new title looks: captions and lower thirds have looks of their own."""
    is_low = m.has("lowerthird") or m.value("position") == "lower-third"
    usual = _LOWER_THIRD if is_low else _CAPTION if m.has("caption") and not m.has("headline") else {}
    return {**usual, **_look(m)}


def _look(m: Match) -> dict[str, Any]:
    """Where a title stands, and how it looks."""
    enters, leaves = m.value("animation"), m.value("animate_out")
    found = {"position": _position(m), "size": _size(m), "color": _color(m), "style": m.value("style")}
    found |= {"animate_in": enters, "animate_out": "none" if enters == "none" else leaves}
    return {name: value for name, value in found.items() if value}


def _color(m: Match) -> str | None:
    """The last colour that is none of a box, nor of an outline beside another one."""
    pairs = [(t, after) for t, after in pairwise([*m.tokens, _NOTHING]) if t.is_a("color")]
    colors = [t.concepts["color"] for t, after in pairs if not after.is_a("box", "style") or len(pairs) == 1]
    return colors[-1] if colors else None


def _position(m: Match) -> str | None:
    """Where a title stands; "from the left" says where it comes from, and "the middle of the video" when."""
    plain = [_NOTHING, *(token for token in m.tokens if token.concepts.keys() != {"filler"})]
    said = [t.concepts["position"] for b, t in pairwise(plain) if t.is_a("position") and not b.is_a("from")]
    said = said or list(m.values("position"))
    is_time = m.has("film") and m.has("middle") and "center" in said
    return None if is_time else next(iter(said), None)


def _size(m: Match) -> str | None:
    if not m.has("bigger", "smaller"):
        return None
    is_big, opposite = m.has("bigger") and not m.has("smaller"), "bigger" if m.value("smaller") else "smaller"
    is_very = "much" in {m.value("bigger"), m.value("smaller")}
    if is_very and (m.has("text") or m.like(f"titles.{opposite}") > _LIKELY):
        return "large" if opposite == "bigger" else "small"  # "really big" is a wish here, elsewhere a complaint
    if m.has("text") or m.degree == "much":
        return "large" if is_big else "small"
    return "larger" if is_big else "smaller"


def _cased(m: Match, text: str) -> str:
    return text.upper() if m.has("allcaps") else text
