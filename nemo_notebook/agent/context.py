"""What a message says of the edits before it: the same once more, less of it, another value, another target.

These are few rules over the last typed edits, whatever they did:

- a value of the kind of one of their fields, behind words such as "no" or "I meant": the same edits with that value;
- "the same for the beach": the same edits with another target;
- "again", "a bit more": the same relative edits once more;
- "too much": half of the last relative edits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.frames import FREE, is_joint
from nemo_notebook.agent.match import Match
from nemo_notebook.agent.tokens import Token
from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit, apply_edits, parse
from nemo_notebook.film.edits.titles import SetTitle
from nemo_notebook.film.model import Situation, Version
from nemo_notebook.film.target import Target, of_kind

_TIMES: Final = ("duration_s", "longest_s", "photo_s", "by_s", "longer_s", "later_s", "in_s", "out_s", "end_s", "start_s",
                 "at_s", "keep_last_s")  # fmt: skip
_RELATIVE: Final = ("factor", "by_s", "longer_s", "later_s", "brightness", "contrast", "saturation")
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "position": ("position",), "color": ("color",), "filter": ("filter",), "transition": ("kind",), "mood": ("mood",),
    "aspect": ("aspect",), "platform": ("aspect",), "animation": ("animate_in",), "style": ("style",), "palette": ("palette",),
    "visual": ("style",), "bpm": ("bpm",), "text": ("text",), "fit": ("fit",),
}  # fmt: skip
_ALIKE: Final = 0.7  # of the letters of a title, from which on it is written anew
_SEEN: Final = 3  # versions back in which the draft is looked for that edits were made on
_ASIDE: Final = FREE | {"too", "not", "no", "enough", "make", "keep", "change", "it", "only", "much", "bit", "add", "want"}


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
    """The edits of the last version."""
    return _edits_of(situation.recent[-1]) if situation.recent else ()


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
    if match.has("same", "also") and not is_correction and (found := _aimed(match, edits)):
        return Revised(found)
    if match.has("too", "half_back") and (found := _softened(match, edits)):
        return Revised(found)
    if match.has("again", "more") and _is_bare(match) and (found := tuple(_relative(edits))):
        return Revised(found)
    if (found := _respelled(match, edits)) is not None:
        return Revised((found,))
    if is_correction or _is_bare(match):
        changed = tuple(_corrected(match, edit) for edit in edits)
        if changed != edits and None not in changed:
            return Revised(tuple(each for each in changed if each is not None), base_of(match.situation, edits))
    return None


def _is_bare(match: Match) -> bool:
    """Whether a message has nothing but values and small words."""
    values = {"time", "number", "range", "percent", "factor", *_VALUES, "again", "more", "bit", "start", "finish", "for", "until"}
    return all(is_joint(t) or not (_ASIDE | values).isdisjoint(t.concepts) for t in match.tokens)


def _aimed(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The same edits with another target."""
    shots, sounds = match.shots(focus=False), match.sounds()
    titles = match.titles() if match.has("title", "title_text", "letters") else ()
    made: list[Edit] = []
    for edit in edits:
        target = getattr(edit, "target", None)
        if target is None and edit.tag != "set_look":
            continue
        for new in titles if edit.tag == "set_title" else sounds if edit.tag in ("set_volume", "duck") else shots:
            if new not in (target, (target,)):
                made.append(structs.replace(edit, target=new))  # type: ignore[type-var]
    return tuple(made)


def _relative(edits: Sequence[Edit]) -> Iterator[Edit]:
    for edit in edits:
        if any(getattr(edit, name, None) not in (None, 0, 0.0, 1.0) for name in _RELATIVE):
            yield edit
        elif edit.tag == "recut" and edit.relative:  # type: ignore[attr-defined]
            yield edit


def _softened(match: Match, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Half of the last relative edits back."""
    made: list[Edit] = []
    for edit in _relative(edits):
        fields: dict[str, Any] = {}
        for name in _RELATIVE:
            value = getattr(edit, name, None)
            if value in (None, 0, 0.0) or (name == "factor" and value == 1.0):
                continue
            fields[name] = value**-0.5 if name == "factor" else -value / 2
        if fields:
            made.append(structs.replace(edit, **fields))  # type: ignore[type-var]
    return tuple(made)


def _corrected(match: Match, edit: Edit) -> Edit | None:
    """An edit with one of its values replaced by what a message says; the same where it says none of its kind."""
    fields: dict[str, Any] = {}
    if (span := match.value("range")) is not None and hasattr(edit, "start_s") and hasattr(edit, "end_s"):
        if edit.tag == "trim":
            fields |= {"in_s": span[0], "duration_s": span[1] - span[0], "start_s": None, "end_s": None}
        else:
            fields |= {"start_s": span[0], "end_s": span[1]}
    elif (time_s := _time(match)) is not None:
        name = next((n for n in _TIMES if getattr(edit, n, None) not in (None, 0, 0.0)), None)
        if name is not None:
            old = getattr(edit, name)
            fields[name] = -time_s if isinstance(old, float | int) and old < 0 else time_s
        elif getattr(edit, "factor", None) not in (None, 1.0) and edit.tag == "set_speed":
            fields["factor"] = time_s
    if (factor := match.value("factor")) is not None and getattr(edit, "factor", None) is not None:
        fields["factor"] = factor
    if (percent := match.value("percent")) is not None:
        if getattr(edit, "factor", None) is not None:
            fields["factor"] = percent[1]
        elif getattr(edit, "volume", None) is not None:
            fields["volume"] = percent[1]
    for concept, names in _VALUES.items():
        value = match.value(concept)
        for name in names:
            if value is not None and getattr(edit, name, None) not in (None, value) and name not in fields:
                fields[name] = value
    fields |= _other_edge(match, edit)
    fields |= _other_part(match, edit)
    try:
        return structs.replace(edit, **fields) if fields else edit  # type: ignore[type-var]
    except TypeError:
        return None


def _respelled(match: Match, edits: Sequence[Edit]) -> Edit | None:
    """A title with a word of it as a message writes it: "it is Parabéns, with an accent"."""
    titles = of_kind(match.film, "title")
    if not match.has("spelled", "actually", "no", "wrong", "not") or not any(hasattr(edit, "text") for edit in edits) or not titles:
        return None
    title = next((t for t in titles if t.get("id") in match.situation.touched), titles[-1])
    said = match.said()
    blocks = SequenceMatcher(None, said.lower(), title.text.lower(), autojunk=False).get_matching_blocks()
    close = [block for block in blocks if block.size > 1 or block.a == 0]
    if close and sum(block.size for block in close) >= _ALIKE * len(title.text) and len(title.text) > 3:
        first, last = close[0], close[-1]
        text = said[max(0, first.a - first.b) : last.a + last.size + len(title.text) - last.b - last.size].strip(" .,，。")
        if text.lower() != title.text.lower():
            return SetTitle(target=Target(id=str(title["id"])), text=text)
    words = re.findall(r"[^\W_]+|[$€£¥]\d+", title.text)
    for token in match.tokens:
        if token.concepts and not token.is_a("file", "ordinary", "number", "song"):
            continue
        for word in words:
            if 0 < _distance(token.text, word.lower()) <= max(1, len(word) // 4) and len(word) > 2:
                raw = match.raw(token)
                text = title.text.replace(word, raw.capitalize() if word[:1].isupper() else raw)
                return SetTitle(target=Target(id=str(title["id"])), text=text)
    return None


def _distance(one: str, other: str) -> int:
    """How many letters have to be changed, added or left out to make one word of another (Levenshtein)."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        before, row[0] = row[0], at
        for place, wanted in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != wanted))
    return row[-1]


def _time(match: Match) -> float | None:
    times = list(match.values("time"))
    if times:
        return float(times[-1])
    numbers = list(match.values("number"))
    return float(numbers[-1]) if len(numbers) == 1 else None


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
    if files and isinstance(target, Target) and target.media and target.media != files[0]:
        return {"target": structs.replace(target, media=files[0])}
    media = getattr(edit, "media", None)
    if files and media and media != files[0] and edit.tag in ("add_shot", "replace"):
        return {"media": files[0]}
    numbers = [n for n in match.values("ordinal") if isinstance(n, int)]
    if numbers and isinstance(target, Target) and target.number not in (None, numbers[0]):
        return {"target": structs.replace(target, number=numbers[0])}
    return {}


def without(situation: Situation, is_meant: Callable[[Edit], bool]) -> tuple[Json, tuple[Edit, ...]] | None:
    """The film as if the newest edits of a kind had not been made: the draft, and those edits.

    Args:
        situation: Knows how the film was made.
        is_meant: Whether an edit is one of those that are taken back.
    """
    for back in range(1, min(len(situation.recent), len(situation.earlier)) + 1):
        meant = tuple(edit for edit in _edits_of(situation.recent[-back]) if is_meant(edit))
        if not meant:
            continue
        draft = situation.earlier[-back]
        for version in situation.recent[len(situation.recent) - back :]:
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
    skips = False
    for at, token in enumerate(tokens):
        if "not" in token.concepts and "remove" not in token.concepts and any(_is_value(t) for t in tokens[at + 1 : at + 4]):
            skips = True
            continue
        if skips and (is_joint(token) or "actually" in token.concepts or "rather" in token.concepts):
            skips = False
        if skips and kept and "is" in token.concepts:
            skips = False
            continue
        if not skips:
            kept.append(token)
    return kept


def _is_value(token: Token) -> bool:
    return token.is_a("time", "file", "number", "ordinal", "percent", "factor", *_VALUES)
