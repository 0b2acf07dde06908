"""What a message says of the edits before it: the same once more, less of it, another value, another target.

These are few rules over the last typed edits, whatever they did:

- a value of the kind of one of their fields, behind words such as "no" or "I meant": the same edits with that value;
- "the same for the beach": the same edits with another target;
- "again", "a bit more": the same relative edits once more;
- "too much": half of the last relative edits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.clauses import is_joint
from nemo_notebook.agent.lexicon import concepts_of
from nemo_notebook.agent.match import FIELDS, Asked, Match, edits_in, last_edits, one_or_all
from nemo_notebook.agent.reading import respelled
from nemo_notebook.agent.tokenizer import OPPOSITES, Token
from nemo_notebook.agent.wishes.nouns import cuts_meant
from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import Edit, apply_edits
from nemo_notebook.film.edits.music import PlaceMusic
from nemo_notebook.film.edits.sounds import SetVolume
from nemo_notebook.film.model import Situation
from nemo_notebook.film.target import Target
from nemo_notebook.film.tracks import Json, read_segments

_TIMES: Final = "duration_s longest_s photo_s by_s longer_s later_s in_s out_s end_s start_s at_s keep_last_s".split()
_RELATIVE: Final = ("factor", "by_s", "longer_s", "later_s", "brightness", "contrast", "saturation")
_UNCHANGED: Final = (None, 0, 0.0, 1.0)
_WAYS: Final = {
    "set_volume": ("quieter", "louder"), "set_speed": ("slower", "faster"), "recut": ("faster", "slower"),
    "trim": ("shorter", "longer"), "longer_s": ("shorter", "longer"), "brightness": ("darker", "brighter"),
    "contrast": ("flatter", "contrastier"), "saturation": ("less_color", "more_color"),
}  # fmt: skip
_GROWN: Final = {"trim": "by_s", "set_title": "longer_s", "set_length": "by_s"}  # by what edits make something longer
_SIZES: Final = {"larger": "smaller", "smaller": "larger"}
_FAR: Final = math.log(8)  # times as much as before, from which on a number is taken for something else
_SOFTER: Final = ("too", "half_back")
_WAY_WORDS: Final = {way for ways in _WAYS.values() for way in ways}
_MORE: Final = ("more", "longer", "lengthen", "add", "bigger", "louder", "higher", "up", "boost")
_LESS, _DISLIKED, _PARTS, _NAMED = map(concepts_of, ("$lessens", "$disliked", "$shot_like", "$named_parts"))
_COMPLAINTS: Final = concepts_of("$complaints")
_OPPOSITE_SIDES: Final = ({"left", "right"}, {"top", "bottom"})
_TITLED: Final = ("add_title", "set_title")
_SEEN: Final = 3  # versions back in which the draft is looked for that edits were made on
_ASIDE, _BARE, _OTHERWISE, _SMALL = map(concepts_of, ("$aside", "$bare", "$otherwise", "$small"))


@dataclass(frozen=True, slots=True)
class Revised:
    """The last edits, made otherwise.

    Attributes:
        edits: The edits.
        base: The draft that they are made on; None for the one of now.
    """

    edits: tuple[Edit, ...]
    base: Json | None = None


def base_of(situation: Situation, edits: Sequence[Edit]) -> Json | None:
    """The draft that the last edits were made on."""
    for draft in list(reversed(situation.earlier))[:_SEEN]:
        try:
            if apply_edits(draft, edits, situation).draft == situation.draft:
                return draft
        except InvalidEdit:
            continue
    return situation.earlier[-1] if situation.earlier else None


def revised(match: Match, *, is_correction: bool) -> Revised | None:
    """What a message makes of the last edits; None where it is about something else.

    Args:
        match: The message.
        is_correction: Whether it says that the last ones were not meant so.
    """
    edits = last_edits(match.situation)
    try:
        return _revised(match, edits, is_correction=is_correction) if edits else None
    except Asked:  # parts that are not known: the clauses ask for them
        return None


def _revised(match: Match, edits: tuple[Edit, ...], *, is_correction: bool) -> Revised | None:
    if not match.situation.earlier:
        return None
    is_aimed = match.has("same", "also", "again") or _is_only(match, "filler", "file", "ordinal", "one", *_PARTS)
    if is_aimed and not is_correction and (found := _aimed(match, edits)):
        return Revised(found)
    if place := _placed_music(match, edits):
        return Revised((place,))
    if is_narrower(match):
        return Revised(_narrowed(match, edits), base_of(match.situation, edits))
    if (title := respelled(match, edits)) is not None:
        return Revised((title,))
    has_value = match.has(*_SOFTER) and match.has("time", "percent", "factor")
    is_otherwise = (is_correction or _is_only(match, *_BARE) or has_value) and not match.is_by
    base = base_of(match.situation, edits) if is_otherwise else None
    if base is not None and (changed := _changed(replace(match, film=editable(base)), edits)) != edits:
        return Revised(changed, base)
    is_overdone = is_too_far(match, edits) or (match.has("half_back") and not match.has(*_WAY_WORDS))
    is_other_way = is_correction and match.has("actually") and not match.has("too", "excess", "half_back", "less")
    if is_overdone and (found := _scaled(match, edits, -1.0 if is_other_way else 0.5)):
        return Revised(found, base_of(match.situation, edits))
    if found := _grown(match, edits):
        return Revised(found)
    is_again = any(_says(piece, ("again", "more"), (*_ASIDE, "again", "more")) for piece in _pieces(match.tokens))
    return Revised(found) if is_again and (found := _scaled(match, edits, 1.0)) else None


def _is_only(match: Match, *concepts: str) -> bool:
    """Whether a message has nothing but words of some concepts."""
    return all(is_joint(token) or token.is_a(*concepts) for token in match.tokens)


def _says(tokens: Sequence[Token], some: Sequence[str], small: Iterable[str]) -> bool:
    """Whether tokens have one of some concepts, and nothing but small words besides."""
    return any(token.is_a(*some) for token in tokens) and all(token.is_a(*small) for token in tokens)


def says_only_more(tokens: Sequence[Token]) -> bool:
    """Whether a message says nothing but that there should be more or less of something: "two seconds less"."""
    said = [token for token in tokens if not is_joint(token)]
    if _has_length(said):
        return False
    is_denied = any(token.is_a("remove", "no", "not", "stop", "without") for token in said)
    others = ("undo", "restore", *(("fade_in", "fade_out", "duck") if is_denied else ()))
    return _says(said, (*_MORE, *_LESS), _SMALL) and not any(token.is_a(*others) for token in said)


def _has_length(tokens: Sequence[Token]) -> bool:
    """Whether tokens say to what something changes, and not by what: "down to five seconds"."""
    return any(token.is_a("to") and after.is_a("time", "percent") for token, after in pairwise(tokens))


def _pieces(tokens: Sequence[Token]) -> list[list[Token]]:
    """The stretches between signs and joining words."""
    return [list(piece) for is_between, piece in groupby(tokens, is_joint) if not is_between]


def is_narrower(match: Match) -> bool:
    """Whether a message says that what was done to the whole film is meant for some shots: "only the street"."""
    wide = _wide(last_edits(match.situation))
    said = {*match.values("filter"), *match.values("transition")}
    is_look = any(getattr(edit, name, None) in said for edit in wide for name in ("filter", "kind"))
    is_some = match.has("file", "ordinal", "first_few") and match.has("only")
    if match.has("songpart") and match.has("only") and [edit.tag for edit in wide] == ["set_transition"]:
        return not match.has("music", "song", "use", "begin", "film")
    is_bare = _is_only(match, "file", "ordinal", "only", "filler", "actually", *_PARTS)
    return bool(wide) and is_some and (is_look or is_bare or match.has("rest", "for", "not", "no", "between"))


def _placed_music(match: Match, edits: Sequence[Edit]) -> Edit | None:
    """Music that came last, for as long as some shots are seen: "only over the first clip"."""
    last = edits[-1]
    is_heard = last.tag in ("add_music", "use_song") or (isinstance(last, SetVolume) and last.volume == last.factor)
    if not is_heard or not match.has("only") or match.has("title", "letters", *FIELDS):
        return None
    parts = match.parts(one_or_all(match.shots(focus=False)))
    target = getattr(last, "target", None) or Target(kind="composed" if last.tag == "add_music" else "song")
    if not parts:
        return None
    end = parts[0] if match.film.is_cut_to_music else parts[-1]
    return PlaceMusic(target=target, start_s=parts[0].start_ms / 1000, end_s=end.end_ms / 1000)


def _wide(edits: Sequence[Edit]) -> list[Edit]:
    """Those of some edits that are about how all of the film looks, or all of its cuts."""
    return [
        edit
        for edit in edits
        if (edit.tag, getattr(edit, "target", "")) in (("set_look", None), ("set_transition", "cut"))
    ]


def _narrowed(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """What was done to all of the film, for some shots, or some cuts."""
    wide = _wide(edits)
    if match.has("songpart"):  # "only on the drop"
        return (structs.replace(wide[0], **cuts_meant(match)),)
    meant = [edit for edit in wide if getattr(edit, "filter", None)] or wide
    shots = match.shots(focus=False)
    cuts = tuple(structs.replace(shot, kind="cut") if shot.number else shot for shot in shots)
    aims = {"set_look": one_or_all(shots), "set_transition": one_or_all(cuts)}
    return tuple(structs.replace(edit, target=aims[edit.tag]) if edit in meant else edit for edit in edits)


# The same once more, of something else, or more or less of it.


def _aimed(match: Match, edits: Sequence[Any]) -> tuple[Edit, ...]:
    """The same edits with another target, or the same title at another time."""
    added = next((edit for edit in reversed(edits) if edit.tag == "add_title"), None)
    if added is not None and (again := _titled_again(match, added)) is not None:
        return (again,)
    ends = {"finish": ("in_s", "out_s"), "start": ("out_s", "in_s")}.get(match.edge(), ("", ""))
    made: list[Edit] = [
        structs.replace(edit, **{ends[0]: None, ends[1]: value})
        for edit in edits
        if edit.tag == "fade" and (value := getattr(edit, ends[0], None))
    ]
    wanted = [e for e in edits if match.value("time") is None or any(getattr(e, n, None) for n in _TIMES)]
    last = getattr(edits[-1], "target", None)
    for edit in [each for each in wanted if getattr(each, "target", None) == last]:
        if getattr(edit, "text", None) is None:
            made += [structs.replace(edit, target=new) for new in _aims(match, edit) if new != edit.target]
    return tuple(made)


def _aims(match: Match, edit: Edit) -> tuple[Target, ...]:
    """What a message names of the kind that an edit is about."""
    target = getattr(edit, "target", None)
    if target is None and edit.tag != "set_look":
        return ()
    if edit.tag == "set_title" or getattr(target, "kind", None) == "title":
        is_title = match.has("title", "title_text", "letters", "other")
        return match.titles() if is_title or (match.edge() and not match.has(*_PARTS)) else ()
    return match.sounds() if edit.tag in ("set_volume", "duck") else match.shots(focus=False)


def _titled_again(match: Match, added: Edit) -> Edit | None:
    """The title that was added last, at another time; None where a message says none."""
    if match.span is not None:
        return structs.replace(added, start_s=match.span.start_s, end_s=match.span.end_s, anchor=None)
    if not match.has("start", "finish"):
        return None
    return structs.replace(added, start_s=None, end_s=None, anchor="end" if match.has("finish") else "start")


def _grown(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """More or less of what was changed last: "two seconds less", "a longer fade", "louder"."""
    is_less = match.has(*_LESS, "faster") and not match.has("longer", "lengthen", "slower")
    more = _MORE if match.has("time") else (*_MORE[1:], "slower")  # "more" alone goes on in the same direction
    is_more = any(token.is_a(*more) and not token.is_a("again") for token in match.tokens)
    if match.has(*_NAMED, "at") or not (is_less or is_more) or _has_length(match.tokens):
        return ()
    by_s, factor, is_all = match.value("time"), match.factor(is_less=is_less), says_only_more(match.tokens)
    names = [name for name, said in (("in_s", "fade_in"), ("out_s", "fade_out")) if match.has(said)]
    made: list[Edit] = []
    for edit in edits:
        aim = {"target": edit.target} if hasattr(edit, "target") else {}
        if by_s is not None:
            field = _GROWN.get(edit.tag)
            if field and any(_has(edit, name) for name in ("duration_s", "by_s", "longer_s", "factor")):
                made.append(type(edit)(**aim, **{field: -by_s if is_less else by_s}))
        elif edit.tag == "fade":
            fades = {name: getattr(edit, name) for name in names or ("in_s", "out_s")}
            made.append(structs.replace(edit, **{name: value * factor for name, value in fades.items() if value}))
        elif edit.tag in ("set_volume", "duck") and is_all and not match.has("bigger", "smaller"):
            made.append(SetVolume(**aim, factor=factor))
    return tuple(dict.fromkeys(made))


def is_too_far(match: Match, edits: Sequence[Any]) -> bool:
    """Whether a message complains that the last edits did too much of what they did: "now it is too quiet"."""
    opposite = {OPPOSITES[way] for edit in edits for way in _ways(match, edit)}
    if not match.has(*opposite) or match.has("time", "percent", "factor", "number"):
        return False
    is_named_otherwise = any(_aims(match, edit) for edit in edits)
    is_small = match.has("too", "excess", "half_back", "less") or _is_only(match, *opposite, *(_SMALL - {"much"}))
    return is_small and not is_named_otherwise


def _ways(match: Match, edit: Any) -> set[str]:
    """In which ways an edit has changed something: "louder", "darker"."""
    grown = {name: value for name in _RELATIVE if (value := getattr(edit, name, None)) not in _UNCHANGED}
    if edit.tag == "recut" and edit.relative:
        grown["factor"] = edit.pace.factor
    elif edit.tag == "trim":
        grown |= dict.fromkeys(["factor"], next((now / old for _, old, now in _lengths(match, edit)), 1.0))
    ways = {name: _WAYS.get(name) or _WAYS.get(edit.tag) for name in grown}
    return {each[value > (name == "factor")] for name, value in grown.items() if (each := ways[name])}


def _lengths(match: Match, edit: Any) -> Iterator[tuple[str, float, float]]:
    """The shots that an edit was about: their ids, how long they were before, and how long they are."""
    base = base_of(match.situation, (edit,))
    before = {segment.id: segment.duration_ms for segment in read_segments(base)} if base else {}
    for part in match.parts(edit.target):
        if (old := before.get(str(part.get("id")))) and old != part["d"]:
            yield str(part["id"]), old, part["d"]


def _scaled(match: Match, edits: Sequence[Any], share: float) -> tuple[Edit, ...]:
    """The last changes once more, on the film as it is now; or a share of them, on the one before them."""
    is_share, made = share < 1, list[Edit]()
    for edit in edits:
        if is_share and match.has(*_WAY_WORDS) and not match.has(*(OPPOSITES[way] for way in _ways(match, edit))):
            made.append(edit)
            continue
        values = {name: value for name in _RELATIVE if (value := getattr(edit, name, None)) not in _UNCHANGED}
        fields = {name: value**share if name == "factor" else value * share for name, value in values.items()}
        if edit.tag == "recut" and edit.relative:
            fields["pace"] = structs.replace(edit.pace, factor=edit.pace.factor**share)
        if (size := getattr(edit, "size", None)) in _SIZES and not is_share:
            fields["size"] = size
        if fields:
            made.append(structs.replace(edit, **fields))
        elif edit.tag == "trim" and edit.duration_s is not None:
            for own, old, now in _lengths(match, edit):
                long_s = (old if is_share else now) * min(2.0, max(0.5, now / old)) ** share / 1000
                made.append(structs.replace(edit, target=Target(id=own), duration_s=long_s))
        elif is_share:
            made.append(edit)
    return () if is_share and tuple(made) == tuple(edits) else tuple(dict.fromkeys(made))


# The same otherwise.


def _changed(match: Match, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The last edits with what a message says in place of what they have, where it says anything of that."""
    times = _times(match, edits)
    changed = [_corrected(match, edit, times.get(at, {})) for at, edit in enumerate(edits)]
    return tuple(sorted(changed, key=lambda edit: edit.tag == "set_length" and edit not in edits))  # which comes last


def _corrected(match: Match, edit: Edit, fields: dict[str, Any]) -> Edit:
    """An edit with one of its values replaced by what a message says; the same where it says none of its kind."""
    factor, (_, share) = next(reversed([*match.values("factor")]), None), match.value("percent", ("", None))
    if share is not None and edit.tag == "set_volume":
        fields = fields | {"volume": share, "factor": None}
    elif (share or factor) is not None and getattr(edit, "factor", None) is not None:
        fields = fields | {"factor": share or factor}
    for concept, name in FIELDS.items():
        value, old = _wished(match, concept), getattr(edit, name, None)
        if value is not None and old not in (None, value) and name not in fields:
            fields = fields | {name: _placed(old, value) if name == "position" else value}
    if "factor" in fields and edit.tag == "set_speed":
        fields = fields | {"relative": False}
    fields = fields | _other_edge(match, edit) | _other_part(match, edit)
    return structs.replace(edit, **fields) if fields else edit


def _wished(match: Match, concept: str) -> Any:
    """The first value of a concept that is not complained of: "pink looks cheap, white"."""
    said = [
        (token.concepts[concept], piece) for piece in _pieces(match.tokens) for token in piece if token.is_a(concept)
    ]
    liked = [value for value, piece in said if not any(token.is_a(*_DISLIKED) for token in piece)]
    return next(iter(liked), said[-1][0] if said else None)


def _placed(old: str, new: str) -> str:
    """A place with what is said of it in place of the like: "I mean right", of what is at the bottom left."""
    changed = "-".join(new if {each, new} in _OPPOSITE_SIDES else each for each in old.split("-"))
    return new if changed == old else changed


def _times(match: Match, edits: Sequence[Edit]) -> dict[int, dict[str, Any]]:
    """By number of the edit, the fields that a time replaces which a message says: those that are nearest to it."""
    free = [{"anchor": None} if hasattr(edit, "anchor") else {} for edit in edits]
    if (span := match.value("range")) is not None:
        for at, edit in enumerate(edits):
            if edit.tag == "trim":
                return {at: {"in_s": span[0], "duration_s": span[1] - span[0], "start_s": None, "end_s": None}}
            if edit.tag in _TITLED or any(getattr(edit, name, None) is not None for name in ("start_s", "end_s")):
                return {at: {"start_s": span[0], "end_s": span[1], **free[at]}}
        return {}
    if places := [token.concepts["time"] for token in match.tokens if token.is_a("time") and token.is_a("at")]:
        begins = [(at, name) for at, edit in enumerate(edits) for name in ("at_s", "start_s") if hasattr(edit, name)]
        given = [(at, name) for at, name in begins if getattr(edits[at], name) is not None]
        given = given or [(at, name) for at, name in begins[:1] if at == 0 and edits[0].tag in _TITLED]
        return {at: {name: places[-1], **free[at]} for at, name in given}
    if match.has("later", "earlier") and not any(_has(edit, "later_s") for edit in edits):
        return {}  # by how much
    said = [float(value) for concept in ("time", "number") for value in match.values(concept) if value]
    said = [value for value in said if not _is_said_before(value, edits)] or said
    pairs = [
        (abs(math.log(abs(value / old))), name, old, math.copysign(value, old))
        for value in said
        for edit in edits
        for name in (*_TIMES, "factor")
        if (old := getattr(edit, name, None)) not in (None, 0, 0.0)
    ]
    if not pairs:
        return {}
    far, name, old, value = min(pairs, key=lambda pair: pair[0])
    return {at: {name: value} for at, edit in enumerate(edits) if far <= _FAR and getattr(edit, name, None) == old}


def _is_said_before(value: float, edits: Sequence[Edit]) -> bool:
    """Whether a time is one that the last edits have: what is said of it is why another is wished for."""
    return any(getattr(edit, name, None) == value for edit in edits for name in _TIMES)


def is_contrast(tokens: Sequence[Token], edits: Sequence[Edit]) -> bool:
    """Whether a message says a value in place of one of the last edits: "no, the second", "five is long, six"."""
    said = [token for token in tokens if not is_joint(token)]
    is_no = any(token.is_a("no", "actually") for token in said[:4])
    wrong = [*_DISLIKED, "vague", *(_COMPLAINTS if any(token.is_a("time", "number") for token in said) else ())]
    is_wrong = is_no or any(token.is_a(*wrong) and not token.is_a("trim", "remove") for token in said)
    if is_wrong and all(token.is_a(*_OTHERWISE, *wrong) for token in said) and _is_of(said, edits, is_named=is_no):
        return True
    if any(token.is_a(*_NAMED) for token in said):
        return False
    times = {token.concepts[name] for token in said for name in ("time", "number") if name in token.concepts}
    return len(times) > 1 and any(_is_said_before(value, edits) for value in times)


def _is_of(tokens: Sequence[Token], edits: Sequence[Edit], *, is_named: bool) -> bool:
    """Whether all values that tokens say are of a kind that some edits have; or the parts, if those may be named."""
    has = {name for edit in edits for name in (*FIELDS.values(), *_TIMES, "factor") if _has(edit, name)}
    targets = [target for edit in edits if isinstance(target := getattr(edit, "target", None), Target)]
    known = {concept for concept, name in FIELDS.items() if name in has}
    known |= {"time", "number"} if has & {*_TIMES, "factor"} else set()
    if is_named:
        known |= {"file"} if any(target.media for target in targets) else set()
        known |= {"ordinal"} if any(target.number for target in targets) else set()
        known |= {"start", "finish"} if any(_has(edit, "place") or edit.tag == "add_title" for edit in edits) else set()
    values = [token for token in tokens if token.is_a(*FIELDS, "time", "number", "file", "ordinal", "start", "finish")]
    return bool(values) and all(token.is_a(*known) for token in values)


def _has(edit: Edit, name: str) -> bool:
    return getattr(edit, name, None) not in _UNCHANGED


def _other_edge(match: Match, edit: Edit) -> dict[str, Any]:
    """The other end, where that is named."""
    edge = {"start": "start", "finish": "end"}.get(match.edge(), "")
    if edge and edit.tag == "cut_time" and match.has("time", "number"):
        total_s, long_s = match.film.end_ms / 1000, float(match.value("time") or match.value("number"))
        return {"start_s": total_s - long_s, "end_s": None} if edge == "end" else {"start_s": None, "end_s": long_s}
    if edge and edit.tag == "move" and not match.has("time") and getattr(edit, "place", None) in ("start", "end"):
        return {"place": edge}
    return {"anchor": edge, "start_s": None} if edge and edit.tag == "add_title" else {}


def _other_part(match: Match, edit: Edit) -> dict[str, Any]:
    """Another upload, or another number, where one is named."""
    target, media = getattr(edit, "target", None), getattr(edit, "media", None)
    is_title = edit.tag == "set_title" or getattr(target, "kind", None) == "title"
    if is_title and match.has("other", "ordinal", "title_text", "start", "finish"):
        return {"target": one_or_all(match.titles())}
    is_heard = match.has("music", "song", "speech", "clipsound") and not match.has("use", "add", "replace", "mood")
    if is_heard and edit.tag in ("set_volume", "duck"):
        return {"target": one_or_all(match.sounds())}
    files = [each for ids in match.values("file") for each in ids]
    if files and media not in (None, files[0]) and edit.tag in ("add_shot", "replace"):
        return {"media": files[0]}
    if not isinstance(target, Target):
        return {}
    if match.has("other", "another") and target.media and not files:
        kinds = {item.id: item.kind for item in match.situation.media}
        same = [own for own, kind in kinds.items() if own != target.media and kind == kinds.get(target.media)]
        files = same if len(same) == 1 else []
    if files and edit.tag == "remove" and not target.media and target.kind in ("clip", "photo", "shot"):
        return {"target": Target(kind="shot", media=files[0])}
    if files and target.media not in (None, files[0]):
        return {"target": structs.replace(target, media=files[0])}
    numbers = [number for number in match.values("ordinal") if isinstance(number, int)]
    if edit.tag == "swap" and target.number and len(numbers) > 1:
        other = structs.replace(edit.other, number=numbers[1])  # type: ignore[attr-defined]
        return {"target": structs.replace(target, number=numbers[0]), "other": other}
    if numbers and target.number not in (None, numbers[0]):
        return {"target": structs.replace(target, number=numbers[0])}
    return {}


def without_edits(
    situation: Situation, is_meant: Callable[[Edit], bool], *, every: bool = False
) -> tuple[Json, tuple[Edit, ...]] | None:
    """The film as if the newest edits of a kind had not been made: the draft, and those edits.

    Args:
        situation: Knows how the film was made.
        is_meant: Whether an edit is one of those that are taken back.
        every: Whether all of them go, and not only those of the newest version that has some.
    """
    reach = range(1, min(len(situation.recent), len(situation.earlier)) + 1)
    having = [back for back in reach if any(map(is_meant, edits_in(situation.recent[-back])))]
    for back in having[-1:] if every else having[:1]:
        versions = situation.recent[len(situation.recent) - back :]
        meant = tuple(
            edit for version in (versions if every else versions[:1]) for edit in edits_in(version) if is_meant(edit)
        )
        draft = situation.earlier[-back]
        for version in versions:
            edits = [edit for edit in edits_in(version) if edit not in meant]
            try:
                draft = apply_edits(draft, edits, situation).draft if edits else draft
            except InvalidEdit:
                return None
        return draft, meant
    return None
