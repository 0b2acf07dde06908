"""Typed edits: every change of a film as a value, whoever asks for it.

An edit is one class. Its fields say what may be asked for, with meaning, bounds and choices; from them come validation,
JSON, JSON Schema and the documentation. Its `apply` says what it does. Nothing else has to know of it::

    class Mute(Edit):
        \"\"\"Mute sounds.\"\"\"

        target: Annotated[Which, Meta(description="Which sounds.")] = Target(kind="music")

        def apply(self, film: Draft, situation: Situation) -> Told:
            sounds = select(film, situation, self.target, "sound")
            for sound in sounds:
                sound["v"] = 0.0
            return Told({"en": "Muted {n:+sound|sounds}.", "zh": "静音了 {n} 段声音。"}, n=len(sounds))

msgspec does the typing: it checks bounds and choices, refuses NaN, booleans for numbers and unknown fields, writes JSON
Schema, and is one small wheel without dependencies; pydantic does the same in ten times the size and start-up time.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from types import MappingProxyType
from typing import Any, ClassVar, Final, cast

import msgspec
from msgspec import Meta as Meta, Struct

from nemo_notebook.errors import EditProblem, InvalidEdit
from nemo_notebook.film.dialect import EditedDraft
from nemo_notebook.film.draft import LONGEST_MS, MOST_SEGMENTS, MOST_TRACKS, Draft, editable
from nemo_notebook.film.model import SEED, MediaItem, Situation, Version
from nemo_notebook.film.target import upload_fields, with_hashes
from nemo_notebook.film.tracks import Json, read_segments
from nemo_notebook.film.wording import NotPossible, Told, nice_title, refuse_if, tell
from nemo_notebook.outside import plain, redact, strike

MOST_EDITS: Final = 10_000
_WATCHED: Final = 100  # edits of a list after each of which the film's length is looked at; else after the last
_SHOWN: Final = 60  # characters of a value that is shown
_LONGEST: Final = 200  # characters of a text that is written as Python
_LISTED: Final = 12  # values of a list, likewise
_PATH: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_FIELD: Final = re.compile(r"Object (?P<fault>missing required|contains unknown) field `(?P<field>[^`]*)`")
_GOT: Final = re.compile(r", got `[^`]*`")
_LEAST: Final = ("minimum", "minLength", "minItems")
_MOST: Final = ("maximum", "maxLength", "maxItems")
_TYPES: Final = {"number": "a number", "integer": "a whole number", "boolean": "true or false", "array": "a list"}

EDITS: Final[dict[str, type[Edit]]] = {}
"""All edits by name: a class that derives from `Edit` is entered here when it is defined. See `all_edits`."""


def _name_of(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


class OfEngine:
    """A mark of edits by which only a film of the local engine can be changed."""

    __slots__ = ()
    needs_engine: ClassVar[bool] = True


class Removing:
    """A mark of edits that remove or replace material of the user, or recut the whole film."""

    __slots__ = ()
    removes: ClassVar[bool] = True


class Edit(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="edit", tag=_name_of):
    """A change of a film.

    Attributes:
        tag: What it is called in JSON: the name of the class in `snake_case`.
        needs_engine: Whether only a film of the local engine can be changed so: it cuts, composes or draws.
        engine_fields: The fields of any other edit of which the same holds.
        removes: Whether it removes or replaces material of the user, or recuts the whole film.
    """

    tag: ClassVar[str] = ""
    needs_engine: ClassVar[bool] = False
    engine_fields: ClassVar[tuple[str, ...]] = ()
    removes: ClassVar[bool] = False

    def __init_subclass__(cls, **config: Any) -> None:
        super().__init_subclass__(**config)
        cls.tag = _name_of(cls.__name__)
        EDITS[cls.tag] = cls

    def apply(self, film: Draft, situation: Situation) -> Told | Sequence[Told]:
        """Change a film in place.

        Args:
            film: An `editable` draft; it is thrown away if this fails.
            situation: The uploads, and what else the edit may refer to.

        Returns:
            What was done, for people.

        Raises:
            NotPossible: It cannot be done to this film.
        """
        raise NotImplementedError

    def check(self, film: Draft, situation: Situation) -> None:
        """Check what has to hold when all edits of a list are made, and may not hold in between.

        Raises:
            NotPossible: The film cannot stay as it is now.
        """


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of some edits.

    Attributes:
        draft: The film afterwards.
        told: What was done, for people; see `wording.tell`.
        edits: What was done, as it can be done again: uploads that were named by their files are named by their hashes.
    """

    draft: Json
    told: tuple[Told, ...]
    edits: tuple[Edit, ...]


def is_built_in(edit: Edit) -> bool:
    """Whether an edit is one of this package's, which every engine knows."""
    return type(edit).__module__.startswith("nemo_notebook.")


def all_edits() -> dict[str, type[Edit]]:
    """All edits by name, with those that are defined elsewhere."""
    importlib.import_module("nemo_notebook.film.edits")
    return EDITS


def begin_film(film: Draft, situation: Situation) -> list[Told]:
    """Make the film first where there is none yet but material for one; give what to say of that.

    Raises:
        NotPossible: Another service has to make it.
    """
    if not film.is_empty:
        return []
    refuse_if(situation.is_foreign, "edit.no_film")
    told = all_edits()["make_video"]().apply(film, situation) if situation.media else []
    film.prepare_canvas(nice_title(situation.media[0]) if situation.media else "", situation.seed)
    return list(cast("Sequence[Told]", told))


def parse(value: object, at: int = 0) -> Edit:
    """Read one edit from plain values, such as `{"edit": "set_volume", "target": {"kind": "music"}, "volume": 0.3}`.

    Args:
        value: The values, or an edit, which is checked as well.
        at: Its place among several, for the error.

    Raises:
        InvalidEdit: There is no such edit, or a field is missing, unknown or out of bounds.
    """
    if isinstance(value, Edit):
        value = msgspec.to_builtins(value)
    if not isinstance(value, Mapping):
        raise InvalidEdit([EditProblem(at, "", "", "This is no object with the key `edit`")])
    name = value.get("edit")
    known = all_edits()
    kind = known.get(name) if isinstance(name, str) else None
    if kind is None:
        near = difflib.get_close_matches(str(name), known, 3) or sorted(known)
        words = f"{redact(repr(name), _SHOWN)} is no edit; there are {', '.join(near)}"
        raise InvalidEdit([EditProblem(at, "", "edit", words)])
    try:
        edit = msgspec.convert(dict(value), kind)
        msgspec.json.encode(edit)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEdit([_problem(at, kind, value, str(error))]) from None
    except UnicodeEncodeError:
        raise InvalidEdit([EditProblem(at, kind.tag, "", "A text in it is no Unicode")]) from None
    return edit


def parse_all(values: object) -> tuple[Edit, ...]:
    """Read a list of edits; all that is wrong in any of them is told at once.

    Raises:
        InvalidEdit: Some cannot be read, or there are too many.
    """
    if not isinstance(values, Sequence) or isinstance(values, (str, bytes)):
        raise InvalidEdit([EditProblem(0, "", "", "This is no list of edits")])
    if len(values) > MOST_EDITS:
        raise InvalidEdit([EditProblem(MOST_EDITS, "", "", f"{MOST_EDITS} edits are the most at once")])
    edits: list[Edit] = []
    problems: list[EditProblem] = []
    for at, value in enumerate(values):
        try:
            edits.append(parse(value, at))
        except InvalidEdit as error:
            problems += error.problems
    if problems:
        raise InvalidEdit(problems)
    return tuple(edits)


def to_json(edit: Edit) -> dict[str, Any]:
    """Write an edit as plain values; fields that have their defaults are left out."""
    return dict(msgspec.to_builtins(edit))


def to_python(edit: Edit, files: Mapping[str, str] = MappingProxyType({})) -> str:
    """Write an edit as people type it: `session.edit("move", target="clip-3", at_s=2.5, ripple=False)`.

    Args:
        edit: The edit.
        files: File names of uploads by content hash: they are written by these.
    """

    def written(value: object, *, is_upload: bool = False) -> str:
        if isinstance(value, str):
            text = json.dumps(strike(plain(files.get(value, value) if is_upload else value)), ensure_ascii=False)
            return text if len(text) <= _LONGEST else f'{text[: _LONGEST - 2]}…"'
        if isinstance(value, Mapping):
            if len(value) == 1 and "id" in value:
                return written(value["id"])
            each = [f"{written(key)}: {written(part, is_upload=key == 'media')}" for key, part in value.items()]
            return f"{{{', '.join(each)}}}"
        if isinstance(value, (list, tuple)):
            each = [written(part, is_upload=is_upload) for part in value]
            return f"[{', '.join(each if len(each) <= _LISTED else [*each[: _LISTED - 1], '...', each[-1]])}]"
        return repr(value)

    name, uploads = edit.tag, {"media", *upload_fields(type(edit))}
    fields = {key: value for key, value in to_json(edit).items() if key != "edit"}
    each = [f"{key}={written(value, is_upload=key in uploads)}" for key, value in fields.items()]
    return f"session.edit({', '.join([written(name), *each])})"


def schema(names: Iterable[str] = ()) -> dict[str, Any]:
    """Describe edits as JSON Schema (2020-12): an object with the key `edit` and the fields of that edit.

    Args:
        names: The edits; none for all.
    """
    kinds = tuple(all_edits()[name] for name in names or sorted(all_edits()))
    (found,), parts = msgspec.json.schema_components([reduce(or_, kinds)], ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "$defs": parts}


def fields_of(kind: type[Edit]) -> list[tuple[str, str, str]]:
    """The fields of an edit for people: name, what it takes, what it means."""
    parts = {**_schema_of(kind)["$defs"][kind.__name__]["properties"]}
    del parts["edit"]
    return [(name, _allowed(kind, part), str(part.get("description", ""))) for name, part in parts.items()]


def apply_one(draft: Json, edit: Edit, situation: Situation) -> Applied:
    """Apply an edit to a draft, which is not changed.

    Raises:
        NotPossible: It cannot be done to this film.
    """
    try:
        return apply_edits(draft, [edit], situation)
    except InvalidEdit as error:
        raise error.__cause__ or error from None


def apply_edits(draft: Json, edits: Sequence[Edit], situation: Situation) -> Applied:
    """Apply edits to a draft one after another: all of them, or none.

    Args:
        draft: The film; it is not changed.
        edits: What is to be changed.
        situation: The uploads, and what else the edits may refer to.

    Raises:
        InvalidEdit: One of them cannot be done; it says which, and why.
    """
    if situation.is_foreign:
        _refuse_foreign(edits, situation)
    film = editable(draft)
    is_own_form = not situation.is_foreign and film.is_form_of(draft)
    edited = None if is_own_form else EditedDraft(draft, film, foreign=situation.is_foreign)
    # How long it may become, and how many segments it may have: what can be rendered, or what it has already.
    limits = max(LONGEST_MS, film.end_ms), max(MOST_SEGMENTS, _count(film))
    told: list[Told] = []
    done: list[Edit] = []
    for at, edit in enumerate(edits):
        with _told_as_problem(at, edit, situation):
            done.append(with_hashes(edit, situation))
            came = done[-1].apply(film, situation)
            told += (came,) if isinstance(came, Told) else came
            if not is_built_in(edit):  # it may have changed anything
                film.index.forget()
            _keep_within(limits, film, length=at < _WATCHED or at == len(edits) - 1)
    film.measure()  # not before: tracks keep their numbers while edits are made
    film.index.forget()
    for at, edit in reversed(list(enumerate(done))):  # the last one that had to do with it is to blame
        with _told_as_problem(at, edit, situation):
            edit.check(film, situation)
    return Applied(edited.written() if edited else dict(film), tuple(told), tuple(done))


def replay(versions: Sequence[Version], media: Sequence[MediaItem] = (), seed: int = SEED) -> list[Json]:
    """Make a film again from its edits, without anything that reads the words that they came from.

    Args:
        versions: How it was made: all versions from the first one on, or from one on that was put in whole.
        media: The uploads in the order in which they came, with what was found in them.
        seed: As it was made with.

    Returns:
        The film at each version; the last one is the film.

    Raises:
        InvalidEdit: An edit is none, or cannot be made: an upload is missing, or another one by now.
    """
    drafts: list[Json] = []
    now: Json = {}
    for version in versions:
        if version.draft is not None:
            now = version.draft
        else:
            *earlier, now = drafts or [{}]
            touched = touched_by(earlier[-1] if earlier else {}, now)
            known = tuple(media[: version.uploads])
            situation = Situation(now, known, tuple(earlier), version.language, seed, touched=touched)
            edits = parse_all(version.edits)
            for each in [[edit] for edit in edits] if version.origin == "chat" else [edits]:  # as they were made
                now = apply_edits(now, each, situation).draft
        drafts.append(now)
    return drafts


def touched_by(before: Json, after: Json) -> tuple[str, ...]:
    """The ids of parts that are new or different after a change."""
    known = {segment.id: segment.raw for segment in read_segments(before)}
    return tuple(segment.id for segment in read_segments(after) if known.get(segment.id) != segment.raw)


def _refuse_foreign(edits: Sequence[Edit], situation: Situation) -> None:
    """Refuse edits that only the local engine can carry out.

    Raises:
        InvalidEdit: There are some; all of them are told at once.
    """
    problems: list[EditProblem] = []
    for at, edit in enumerate(edits):
        usual = {field.name: field.default for field in msgspec.structs.fields(edit)}
        fields = [field for field in edit.engine_fields if getattr(edit, field) != usual[field]]
        words = tell(Told("edit.needs_engine"), situation.spoken)
        problems += [EditProblem(at, edit.tag, field, words) for field in ([""] if edit.needs_engine else fields)]
    if problems:
        raise InvalidEdit(problems)


def _count(film: Draft) -> int:
    return sum(len(track["sg"]) for track in film["t"])


def _keep_within(limits: tuple[int, int], film: Draft, *, length: bool = True) -> None:
    refuse_if(length and film.end_ms > limits[0], "edit.too_long", hours=LONGEST_MS // 3_600_000)
    refuse_if(_count(film) > limits[1], "edit.too_many", n=MOST_SEGMENTS)
    refuse_if(len(film["t"]) > MOST_TRACKS, "edit.too_many_tracks", n=MOST_TRACKS)


@contextlib.contextmanager
def _told_as_problem(at: int, edit: Edit, situation: Situation) -> Iterator[None]:
    try:
        yield
    except NotPossible as reason:
        words = tell(reason.told, situation.spoken)
        raise InvalidEdit([EditProblem(at, edit.tag, reason.field, words)]) from reason


def _problem(at: int, kind: type[Edit], value: Mapping[str, Any], message: str) -> EditProblem:
    """Turn what msgspec says into a problem of a field, with its value and what is allowed."""
    found = _PATH.search(message)
    path = found["path"] if found else ""
    message = _PATH.sub("", message)
    if about := _FIELD.fullmatch(message):
        field = redact(".".join(filter(None, (path, about["field"]))), _SHOWN)
        if about["fault"] == "missing required":
            return EditProblem(at, kind.tag, field, f"{field} is needed")
        fields = [name for option in _options(kind, _schema_at(kind, path)) for name in option.get("properties", {})]
        near = difflib.get_close_matches(about["field"], fields, 3) or [name for name in fields if name != "edit"]
        words = f"there are {', '.join(near)}" if near else "it has none"
        return EditProblem(at, kind.tag, field, f"{field} is no field of it; {words}")
    allowed = _allowed(kind, _schema_at(kind, path)) or _GOT.sub("", message)
    shown = redact(repr(_value_at(value, path)), _SHOWN)
    words = f"{path} {shown} is not allowed; it takes {allowed}"
    return EditProblem(at, kind.tag, path, words, shown, allowed)


def _keys(path: str) -> list[str]:
    return re.findall(r"[^.\[\]]+", path)


def _value_at(value: Any, path: str) -> Any:
    for key in _keys(path):
        value = value.get(key) if isinstance(value, Mapping) else list(value)[int(key)]
    return value


def _schema_at(kind: type[Edit], path: str) -> Mapping[str, Any]:
    """The JSON Schema of a field; an empty one where it cannot be told."""
    found: Mapping[str, Any] = {"$ref": f"#/$defs/{kind.__name__}"}
    for key in _keys(path):
        options = _options(kind, found)
        fields = [option["properties"][key] for option in options if key in option.get("properties", {})]
        items = [option["items"] for option in options if "items" in option]
        found = next(iter([*fields, *items]), {})
    return found


def _options(kind: type[Edit], part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The schemas of which a value has to fit one."""
    known = _schema_of(kind)["$defs"]
    return [known.get(str(each.get("$ref", "")).removeprefix("#/$defs/"), each) for each in part.get("anyOf", [part])]


@cache
def _schema_of(kind: type[Edit]) -> dict[str, Any]:
    return msgspec.json.schema(kind)


def _allowed(kind: type[Edit], part: Mapping[str, Any]) -> str:
    """What a field takes, in words."""
    return " or ".join(words for option in _options(kind, part) if (words := _option(option)))


def _option(part: Mapping[str, Any]) -> str:
    if "enum" in part:
        return f"one of {', '.join(map(str, part['enum']))}"
    if "pattern" in part:
        return str(part.get("examples", [f"a text like {part['pattern']}"])[0])
    low, high = (next((f"{part[key]:g}" for key in keys if key in part), "") for keys in (_LEAST, _MOST))
    if low and high:
        span = f" of {low}" if low == high else f" from {low} to {high}"
    else:
        span = f" of at least {low}" if low else f" of at most {high}" if high else ""
    if part.get("type") == "string":
        return f"a text{span.replace(' from ', ' of ')} characters" if span else "a text"
    if part.get("type") == "object":
        return f"an object with {', '.join(part.get('properties', {}))}"
    return f"{_TYPES[part['type']]}{span}" if part.get("type") in _TYPES else ""
