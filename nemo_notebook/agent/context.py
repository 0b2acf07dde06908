"""What a message says of the edits before it: the same once more, less of it, another value, another target.

These are few rules over the last typed edits, whatever they did:

- a value of the kind of one of their fields, behind words such as "no" or "I meant": the same edits with that value;
- "the same for the beach": the same edits with another target;
- "again", "a bit more": the same relative edits once more;
- "too much": half of the last relative edits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.clauses import FREE, is_joint
from nemo_notebook.agent.match import SHARES, Match, one_or_all
from nemo_notebook.agent.spelling import respelled
from nemo_notebook.agent.tokens import Token
from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import Json, read_segments
from nemo_notebook.film.drafting import MUSIC, SHOTS, SPEECH, editable
from nemo_notebook.film.edit import Edit, apply_edits, parse, touched_by
from nemo_notebook.film.edits.lengths import SetLength
from nemo_notebook.film.edits.looks import SetLook, SetTransition, SetVisualizer
from nemo_notebook.film.edits.shots import Move
from nemo_notebook.film.edits.sounds import SetVolume
from nemo_notebook.film.edits.titles import SetTitle
from nemo_notebook.film.model import Situation, Version
from nemo_notebook.film.target import Target, of_kind

_TIMES: Final = ("duration_s", "longest_s", "photo_s", "by_s", "longer_s", "later_s", "in_s", "out_s", "end_s",
                 "start_s",
                 "at_s", "keep_last_s")  # fmt: skip
_RELATIVE: Final = ("factor", "by_s", "longer_s", "later_s", "brightness", "contrast", "saturation")
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "position": ("position",), "color": ("color",), "filter": ("filter",), "transition": ("kind",), "mood": ("mood",),
    "aspect": ("aspect",), "platform": ("aspect",), "animation": ("animate_in",), "style": ("style",),
    "palette": ("palette",),
    "visual": ("style",), "bpm": ("bpm",), "text": ("text",), "fit": ("fit",),
}  # fmt: skip
_SOFTER: Final = ("too", "half_back")
_FAR: Final = math.log(8)  # times as much as before, from which on a number is taken for something else
_NEAR_NOT: Final = 12  # tokens between "not" and what is not meant
_MORE: Final = ("more", "longer", "lengthen", "add", "bigger", "louder", "higher", "up", "boost")
_LESS: Final = ("less", "shorter", "shorten", "reduce", "remove", "smaller", "quieter", "lower", "down")
_DISLIKED: Final = ("ugly", "too", "wrong", "unreadable", "enough")
_TITLED: Final = ("add_title", "set_title")
_SEEN: Final = 3  # versions back in which the draft is looked for that edits were made on
_NAMED: Final = ("file", "text", "title", "title_text", "ordinal", "music", "song", "speech", "film", "range")
_ASIDE: Final = FREE | {
    "too",
    "not",
    "no",
    "enough",
    "make",
    "keep",
    "change",
    "it",
    "only",
    "much",
    "bit",
    "add",
    "want",
}

_BARE: Final = {*_ASIDE, *_VALUES, "time", "number", "range", "percent", "factor", "again", "more", "bit", "start",
                "finish", "for", "until", "later", "earlier", "see", "begin", "lengthen"}  # fmt: skip
_SMALL: Final = {*_ASIDE, *_MORE, *_LESS, "time", "again", "both", "them", "other", "fade_in", "fade_out", "be"}


@dataclass(frozen=True, slots=True)
class Revised:
    """The last edits, made otherwise.

    Attributes:
        edits: The edits.
        base: The draft that they are made on; None for the one of now.
    """

    edits: tuple[Edit, ...]
    base: Json | None = None


def last_edits(situation: Situation) -> tuple[Edit, ...]:
    """The edits of the last version, or what stands for them where it is not known how that came about."""
    return _edits_of(situation.recent[-1]) if situation.recent else tuple(_seen_edits(situation))


def _seen_edits(situation: Situation) -> Iterator[Edit]:
    """Edits of what differs from the draft before, without their values."""
    if not situation.earlier or not situation.draft:
        return
    film, before = editable(situation.draft), editable(situation.earlier[-1])
    touched = situation.touched or touched_by(situation.earlier[-1], situation.draft)
    parts = [
        part for part in film.segments(*SHOTS, *MUSIC, *SPEECH, "title", "visualizer") if part.get("id") in touched
    ]
    joins = [[shot.meta.get("transition") for shot in each.shots] for each in (before, film)]
    kinds = [join["kind"] for join in joins[1] if join]
    target = one_or_all([Target(id=str(part["id"])) for part in parts])
    roles = {part.role for part in parts}
    if kinds and joins[0] != joins[1]:
        yield SetTransition(kind=kinds[0])
    elif any(film.meta.get(key) != before.meta.get(key) for key in ("filter", "adjust")):
        yield SetLook()
    elif roles == {"title"}:
        yield SetTitle(target=target)
    elif roles == {"visualizer"}:
        yield SetVisualizer()
    elif roles and roles <= {*MUSIC, *SPEECH}:
        yield SetVolume(target=target)
    elif roles and roles <= {*SHOTS} and len(parts) < len(film.shots):
        yield Move(target=target)


def _edits_of(version: Version) -> tuple[Edit, ...]:
    try:
        return tuple(parse(dict(edit)) for edit in version.edits)
    except InvalidEdit:
        return ()


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
    if not edits or not match.situation.earlier:
        return None
    is_aimed = match.has("same", "also", "again") or _only_names(match)
    if is_aimed and not is_correction and (found := _aimed(match, edits)):
        return Revised(found)
    if is_narrower(match):
        return Revised(_narrowed(match, edits), base_of(match.situation, edits))
    if (title := respelled(match, edits)) is not None:
        return Revised((title,))
    has_value = match.has(*_SOFTER) and match.has("time", "percent", "factor")
    is_otherwise = is_correction or _is_bare(match) or has_value
    if is_otherwise and (changed := _changed(match, edits)) != edits:
        return Revised(changed, base_of(match.situation, edits))
    if found := _by_time(match, edits) or _stretched(match, edits) or _further(match, edits):
        return Revised(found)
    if match.has(*_SOFTER) and (found := _softened(edits)):
        return Revised(found)
    if not match.has("again", "more") or not _says_only_more(match):
        return None
    found = tuple(_relative(edits)) or _trimmed_again(match, edits)
    return Revised(found) if found else None


def _changed(match: Match, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The last edits with what a message says in place of what they have, where it says anything of that."""
    times = _times(match, edits)
    changed = [_corrected(match, edit, times.get(at)) for at, edit in enumerate(edits)]
    return tuple(
        sorted(changed, key=lambda edit: edit.tag == "set_length" and edit not in edits)
    )  # no other comes after it


def _is_bare(match: Match) -> bool:
    """Whether a message has nothing but values and small words."""
    return all(is_joint(token) or token.is_a(*_BARE) for token in match.tokens)


def says_only_more(tokens: Sequence[Token]) -> bool:
    """Whether a message says nothing but that there should be more or less of something: "two seconds less"."""
    said = [token for token in tokens if not is_joint(token)]
    is_small = all(token.is_a(*_SMALL) and not token.is_a("undo", "restore") for token in said)
    return is_small and any(token.is_a(*_MORE, *_LESS) for token in said)


def _further(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The sounds that were changed last, louder or quieter."""
    is_less = match.has("smaller", "quieter", "less", "reduce", "lower", "down")
    if (
        not says_only_more(match.tokens)
        or match.has("time")
        or not (is_less or match.has("bigger", "louder", "higher", "up"))
    ):
        return ()
    factor = match.factor(is_less=is_less)
    targets = dict.fromkeys(edit.target for edit in edits if edit.tag in ("set_volume", "duck"))  # type: ignore[attr-defined]
    return tuple(SetVolume(target=target, factor=factor) for target in targets)


def is_narrower(match: Match) -> bool:
    """Whether a message says that what was done to the whole film is meant for some shots: "only the street"."""
    looks = [edit for edit in last_edits(match.situation) if isinstance(edit, SetLook) and edit.target is None]
    is_look = any(edit.filter in match.values("filter") for edit in looks) or match.has("rest", "for")
    return bool(looks) and is_look and match.has("only") and match.has("file", "ordinal")


def _narrowed(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """What was done to the look of the whole film, for some shots."""
    target = one_or_all(match.shots(focus=False))
    wide = [edit for edit in edits if isinstance(edit, SetLook) and edit.target is None]
    meant = [edit for edit in wide if edit.filter] or wide
    return tuple(structs.replace(edit, target=target) if edit in meant else edit for edit in edits)


def _says_only_more(match: Match) -> bool:
    """Whether a piece of a message says nothing but "more", or "again"."""
    small = (*_ASIDE, "again", "more", "bit")
    return any(
        any(t.is_a("again", "more") for t in each) and all(t.is_a(*small) for t in each)
        for each in _pieces(match.tokens)
    )


def _only_names(match: Match) -> bool:
    """Whether a message only names something else: "and the boat"."""
    return match.has("file", "ordinal") and all(
        is_joint(token) or token.is_a("filler", "joint", "file", "ordinal", "one", "shot", "clip", "photo")
        for token in match.tokens
    )


def _aimed(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The same edits with another target, or the same title at another time."""
    added = next((edit for edit in reversed(edits) if edit.tag == "add_title"), None)
    if added is not None and (again := _titled_again(match, added)) is not None:
        return (again,)
    numbers = match.counted("shot", "clip", "photo", "file")
    shots = match.shots(focus=False) or tuple(Target(kind="shot", number=n) for n, _ in numbers)
    sounds = match.sounds()
    titles = match.titles() if match.has("title", "title_text", "letters") else ()
    if match.has("other") and not titles and of_kind(match.film, "title"):
        titles = match.titles()
    if (edge := match.edge()) and not match.has("file", "shot", "clip", "photo"):
        titles = titles or (Target(kind="title", number=-1 if edge == "finish" else 1),)
    made: list[Edit] = []
    if sum(not token.concepts for token in match.tokens) > 2:
        return ()
    targets = [getattr(edit, "target", None) for edit in edits]
    wanted = [e for e in edits if match.value("time") is None or any(getattr(e, n, None) for n in _TIMES)]
    made += _faded_too(match, edits)
    for edit in [e for e in wanted if getattr(e, "target", None) == targets[-1]] or wanted:
        target = getattr(edit, "target", None)
        if target is None and edit.tag != "set_look":
            continue
        if getattr(edit, "text", None) is not None:
            continue
        for new in titles if edit.tag == "set_title" else sounds if edit.tag in ("set_volume", "duck") else shots:
            if new not in (target, (target,)):
                made.append(structs.replace(edit, target=new))
    return tuple(made)


def _faded_too(match: Match, edits: Sequence[Edit]) -> list[Edit]:
    """The fades of one end at the other one."""
    ends = {"finish": ("in_s", "out_s"), "start": ("out_s", "in_s")}.get(match.edge())
    fades = [edit for edit in edits if edit.tag == "fade"]
    if ends is None:
        return []
    said = [(edit, getattr(edit, ends[0])) for edit in fades]
    return [structs.replace(edit, **{ends[0]: None, ends[1]: value}) for edit, value in said if value]


def _titled_again(match: Match, added: Edit) -> Edit | None:
    """The title that was added last, with other words or at another time; None where a message says neither."""
    when: dict[str, Any] = {}
    if match.span is not None:
        when = {"start_s": match.span.start_s, "end_s": match.span.end_s}
    numbers = [*match.values("number")]
    if len(numbers) == 2 and numbers[0] < numbers[1] and match.has("to", "until"):
        when = {"start_s": numbers[0], "end_s": numbers[1]}
    anchor = "end" if match.has("finish") else "start" if match.has("start") else None
    words = [token for token in match.tokens if not token.concepts and not is_joint(token)]
    is_new = len(words) > 1 and match.text is not None and match.has("same")
    fields: dict[str, Any] = {}
    if when or anchor:
        fields |= {"start_s": None, "end_s": None, "anchor": None, **(when or {"anchor": anchor})}
    if is_new:
        fields["text"] = match.text.original(words[0].start, words[-1].end)  # type: ignore[union-attr]
    return structs.replace(added, **fields) if fields else None


def _relative(edits: Sequence[Edit]) -> Iterator[Edit]:
    for edit in edits:
        is_recut = edit.tag == "recut" and edit.relative  # type: ignore[attr-defined]
        if is_recut or any(getattr(edit, name, None) not in (None, 0, 0.0, 1.0) for name in _RELATIVE):
            yield edit


def _trimmed_again(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The shots that were made longer or shorter, by the same share once more."""
    before = {segment.id: segment.duration_ms for segment in read_segments(match.situation.earlier[-1])}
    made: list[Edit] = []
    for edit in edits:
        if edit.tag != "trim" or edit.duration_s is None:  # type: ignore[attr-defined]
            continue
        for part in match.parts(edit.target):  # type: ignore[attr-defined]
            old, now = before.get(str(part.get("id"))), part["d"]
            if old and old != now:
                share = min(2.0, max(0.5, now / old))
                made.append(structs.replace(edit, target=Target(id=str(part["id"])), duration_s=now * share / 1000))
    return tuple(dict.fromkeys(made))


def _softened(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Half of the last relative edits back."""
    made: list[Edit] = []
    for edit in _relative(edits):
        fields: dict[str, Any] = {}
        for name in _RELATIVE:
            value = getattr(edit, name, None)
            if value in (None, 0, 0.0) or (name == "factor" and value == 1.0):
                continue
            fields[name] = value**-0.5 if name == "factor" else -value / 2
        if edit.tag == "recut":
            fields["pace"] = structs.replace(edit.pace, factor=edit.pace.factor**-0.5)  # type: ignore[attr-defined]
        if fields:
            made.append(structs.replace(edit, **fields))
    return tuple(made)


def _by_time(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The last change of a length once more, by so many seconds: "two seconds more"."""
    by_s = match.value("time")
    is_less = match.has("less", "reduce", "remove", "shorter", "shorten", "quieter") and not match.has(
        "longer", "lengthen", "add"
    )
    if by_s is None or match.has(*_NAMED, "at") or not (is_less or match.has("more", "longer", "lengthen", "add")):
        return ()
    none = {"duration_s": None, "by_s": None, "longer_s": None, "factor": None}
    made: list[Edit] = []
    for edit in edits:
        field = {"trim": "by_s", "set_title": "longer_s", "set_length": "by_s"}.get(edit.tag, "")
        if field and any(getattr(edit, name, None) not in (None, 0.0, 1.0) for name in none):
            base = (
                SetTitle(target=edit.target)
                if isinstance(edit, SetTitle)
                else SetLength()
                if edit.tag == "set_length"
                else edit
            )
            fields = {name: None for name in none if edit.tag == "trim" and hasattr(edit, name)}
            made.append(structs.replace(base, **(fields | {field: -by_s if is_less else by_s})))
    return tuple(made)


def _stretched(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The last fades, longer or shorter."""
    is_less = match.has("shorter", "shorten", "faster") and not match.has("longer", "lengthen", "slower")
    if match.has(*_NAMED, "time") or not (is_less or match.has("longer", "lengthen", "slower")):
        return ()
    factor = match.factor(is_less=is_less)
    fades = [edit for edit in edits if edit.tag == "fade"]
    names = [name for name, said in (("in_s", "fade_in"), ("out_s", "fade_out")) if match.has(said)] or [
        "in_s",
        "out_s",
    ]
    return tuple(
        structs.replace(edit, **{name: value * factor for name in names if (value := getattr(edit, name))})
        for edit in fades
    )


def _corrected(match: Match, edit: Edit, times: Mapping[str, float] | None) -> Edit:
    """An edit with one of its values replaced by what a message says; the same where it says none of its kind."""
    fields: dict[str, Any] = dict(times or {})
    if (factor := match.value("factor")) is not None and getattr(edit, "factor", None) is not None:
        fields["factor"] = factor
    if (percent := match.value("percent")) is not None:
        if edit.tag == "set_volume":
            fields |= {"volume": percent[1], "factor": None}
        elif getattr(edit, "factor", None) is not None:
            fields["factor"] = percent[1]
    for concept, names in _VALUES.items():
        value = _wished(match, concept)
        for name in names:
            if value is not None and getattr(edit, name, None) not in (None, value) and name not in fields:
                fields[name] = value
    fields |= _other_edge(match, edit)
    fields |= _other_part(match, edit)
    return structs.replace(edit, **fields) if fields else edit


def _wished(match: Match, concept: str) -> Any:
    """The first value of a concept that is not complained of: "pink looks cheap, white"."""
    pieces = _pieces(match.tokens)
    values = [
        (any(t.is_a(*_DISLIKED) for t in piece), token.concepts[concept])
        for piece in pieces
        for token in piece
        if concept in token.concepts
    ]
    return next((value for is_disliked, value in values if not is_disliked), values[-1][1] if values else None)


def _pieces(tokens: Sequence[Token]) -> list[list[Token]]:
    """The stretches between signs and joining words."""
    pieces: list[list[Token]] = [[]]
    for token in tokens:
        if is_joint(token):
            pieces.append([])
        else:
            pieces[-1].append(token)
    return [piece for piece in pieces if piece]


def _times(match: Match, edits: Sequence[Edit]) -> dict[int, dict[str, Any]]:
    """By number of the edit, the fields that a time replaces which a message says: those that are nearest to it."""
    if (span := match.value("range")) is not None:
        for at, edit in enumerate(edits):
            if edit.tag == "trim":
                return {at: {"in_s": span[0], "duration_s": span[1] - span[0], "start_s": None, "end_s": None}}
            if (
                edit.tag in _TITLED
                or getattr(edit, "start_s", None) is not None
                or getattr(edit, "end_s", None) is not None
            ):
                return {at: {"start_s": span[0], "end_s": span[1]} | _unanchored(edit)}
        return {}
    said = [float(value) for concept in ("time", "number") for value in match.values(concept) if value]
    if places := [token.concepts["time"] for token in match.tokens if token.is_a("time") and "at" in token.concepts]:
        begun = {
            at: name
            for at, edit in enumerate(edits)
            for name in ("at_s", "start_s")
            if getattr(edit, name, None) is not None
        }
        begun = begun or {at: "start_s" for at, edit in enumerate(edits[:1]) if edit.tag in _TITLED}
        return {at: {name: places[-1]} | _unanchored(edits[at]) for at, name in begun.items()}
    said = [value for value in said if not _is_said_before(value, edits)] or said
    pairs = [
        (abs(math.log(abs(value / old))), at, name, math.copysign(value, old))
        for value in said
        for at, edit in enumerate(edits)
        for name in (*_TIMES, "factor")
        if (old := getattr(edit, name, None)) not in (None, 0, 0.0) and not (name == "factor" and old == 1.0)
    ]
    if not pairs:
        added = [at for at, edit in enumerate(edits) if edit.tag == "add_shot" and said and match.has("time")]
        return {at: {"duration_s": said[-1]} for at in added[-1:]}
    far, at, name, value = min(pairs, key=lambda pair: pair[0])
    if far > _FAR:
        return {}
    old = getattr(edits[at], name)
    return {at: {name: value} for at, edit in enumerate(edits) if getattr(edit, name, None) == old}


def _unanchored(edit: Edit) -> dict[str, Any]:
    return {"anchor": None} if hasattr(edit, "anchor") else {}


def _is_said_before(value: float, edits: Sequence[Edit]) -> bool:
    """Whether a time is one that the last edits have: what is said of it is why another is wished for."""
    return any(getattr(edit, name, None) == value for edit in edits for name in _TIMES)


def is_contrast(tokens: Sequence[Token], edits: Sequence[Edit]) -> bool:
    """Whether a message says a value of the last edits and another one of its kind: "five is long, make it three"."""
    if any(token.is_a(*_NAMED) for token in tokens):
        return False
    times = [token.concepts[name] for token in tokens for name in ("time", "number") if name in token.concepts]
    shares = [share for token in tokens for concept, share in SHARES.items() if concept in token.concepts]
    is_share = any(
        (getattr(edit, "factor", None) or getattr(edit, "volume", None)) in shares for edit in edits
    ) and any(token.is_a("percent", "factor") for token in tokens)
    return is_share or (len({*times}) > 1 and any(_is_said_before(value, edits) for value in times))


def _other_edge(match: Match, edit: Edit) -> dict[str, Any]:
    """The other end, where that is named."""
    edge = "start" if match.has("start") and not match.has("finish") else "finish" if match.has("finish") else ""
    if edit.tag == "trim":
        start_s, end_s = edit.start_s, edit.end_s  # type: ignore[attr-defined]
        if edge == "finish" and start_s is not None:
            return {"start_s": None, "end_s": start_s}
        if edge == "start" and end_s is not None:
            return {"start_s": end_s, "end_s": None}
    if edit.tag == "move" and edge and edit.place in ("start", "end"):  # type: ignore[attr-defined]
        return {"place": "start" if edge == "start" else "end"}
    if edit.tag == "add_title" and edge:
        return {"anchor": "start" if edge == "start" else "end", "start_s": None}
    return {}


def _other_part(match: Match, edit: Edit) -> dict[str, Any]:
    """Another upload, or another number, where one is named."""
    files = [media for ids in match.values("file") for media in ids]
    target = getattr(edit, "target", None)
    others = [item.id for item in match.situation.media if isinstance(target, Target) and item.id != target.media]
    if match.has("other", "another") and isinstance(target, Target) and target.media:
        own = next((item.kind for item in match.situation.media if item.id == target.media), "")
        same = [item.id for item in match.situation.media if item.id in others and item.kind == own]
        files = files or (same if len(same) == 1 else [])
    if (
        files
        and isinstance(target, Target)
        and edit.tag == "remove"
        and not target.media
        and target.kind in ("clip", "photo", "shot")
    ):
        return {"target": Target(kind="shot", media=files[0])}
    if files and isinstance(target, Target) and target.media and target.media != files[0]:
        return {"target": structs.replace(target, media=files[0])}
    media = getattr(edit, "media", None)
    if files and media and media != files[0] and edit.tag in ("add_shot", "replace"):
        return {"media": files[0]}
    numbers = [n for n in match.values("ordinal") if isinstance(n, int)]
    if edit.tag == "swap" and isinstance(target, Target) and target.number and len(numbers) > 1:
        other = structs.replace(edit.other, number=numbers[1])  # type: ignore[attr-defined]
        return {"target": structs.replace(target, number=numbers[0]), "other": other}
    if numbers and isinstance(target, Target) and target.number not in (None, numbers[0]):
        return {"target": structs.replace(target, number=numbers[0])}
    return {}


def without(
    situation: Situation, is_meant: Callable[[Edit], bool], *, every: bool = False
) -> tuple[Json, tuple[Edit, ...]] | None:
    """The film as if the newest edits of a kind had not been made: the draft, and those edits.

    Args:
        situation: Knows how the film was made.
        is_meant: Whether an edit is one of those that are taken back.
        every: Whether all of them go, and not only those of the newest version that has some.
    """
    reach = range(1, min(len(situation.recent), len(situation.earlier)) + 1)
    having = [back for back in reach if any(map(is_meant, _edits_of(situation.recent[-back])))]
    for back in having[-1:] if every else having[:1]:
        versions = situation.recent[len(situation.recent) - back :]
        meant = tuple(
            edit for version in (versions if every else versions[:1]) for edit in _edits_of(version) if is_meant(edit)
        )
        draft = situation.earlier[-back]
        for version in versions:
            edits = [edit for edit in _edits_of(version) if edit not in meant]
            try:
                draft = apply_edits(draft, edits, situation).draft if edits else draft
            except InvalidEdit:
                return None
        return draft, meant
    return None


def negated(tokens: Sequence[Token]) -> list[Token]:
    """A message without what it says not to be meant: "not the sunset", "不是五秒"."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        if tokens[at].is_a("not", "instead") and not tokens[at].is_a("remove"):
            end = at + 1
            while (
                end < min(len(tokens), at + _NEAR_NOT)
                and tokens[end].is_a("filler", "it", "one", "at", "in", "on", "is", "be", *FREE)
                and not (is_joint(tokens[end]) or tokens[end].is_a("actually"))
            ):
                end += 1
            values = end
            while values < len(tokens) and (
                _is_value(tokens[values]) or (values > end and tokens[values].is_a("shot", "clip", "photo"))
            ):
                values += 1
            if values > end and not _is_replaced(tokens, at, values):
                at = values
                continue
        kept.append(tokens[at])
        at += 1
    return kept


def _is_replaced(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether what stands behind "instead of" is an upload or a shot in whose place another one is to be seen."""
    named = any(token.is_a("file", "shot", "clip", "photo") for token in tokens[at:end])
    return named and tokens[at].is_a("in_place") and any(token.is_a("file", "another") for token in tokens[:at])


def _is_value(token: Token) -> bool:
    return token.is_a("time", "file", "number", "ordinal", "percent", "factor", *_VALUES)
