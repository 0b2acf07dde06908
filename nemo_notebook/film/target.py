"""Which parts of a film an edit means: shots, titles, sounds, cuts; by id, name, number, time, or all of a kind."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

from msgspec import Meta, Struct, structs

from nemo_notebook.film.draft import MUSIC, SHOTS, SOUNDS, SPEECH, Draft, Part, start_of, to_frame
from nemo_notebook.film.model import UPLOAD, Hash, MediaItem, Seconds, Situation
from nemo_notebook.film.tracks import NAME, SOURCE, TEXTS, first, meta_of, words
from nemo_notebook.film.wording import NotPossible, Told, refuse_if, stem

_T = TypeVar("_T")
Kind = Literal[
    "shot", "clip", "photo", "cut", "title", "sound", "music", "song", "composed", "speech", "overlay", "visualizer"
]
_P = TypeVar("_P", bound=Struct)
_Place = Annotated[int, Meta(ge=-10_000, le=10_000)]

ROLES: Final[dict[str, tuple[str, ...]]] = {
    "shot": SHOTS, "clip": ("clip",), "photo": ("image",), "cut": SHOTS, "title": ("title",),
    "sound": SOUNDS, "music": MUSIC, "song": ("song",), "composed": ("bgm",), "speech": SPEECH,
    "overlay": ("overlay",), "visualizer": ("visualizer",),
}  # fmt: skip
_NO_SHOTS: Final = ("title", *ROLES["sound"], "overlay", "visualizer")
_MOST_NAMED: Final = 6
_ORDINALS: Final = 10  # numbers that the sentences have a word for


class Target(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which parts of the film are meant. All that is given has to fit; nothing but a kind means all of that kind."""

    kind: Annotated[
        Kind | None,
        Meta(
            description="What is counted and meant. Music is songs and composed tracks; a cut is where two shots meet."
        ),
    ] = None
    id: Annotated[str | None, Meta(description="The id of one part, as in the column `segment` of the table.")] = None
    media: Annotated[Hash | None, Meta(description="The upload that is shown or heard, by its content hash.")] = None
    name: Annotated[str | None, Meta(description="A file name without its ending, or words of a title.")] = None
    number: Annotated[_Place | None, Meta(description="Which one in the order of time, from 1; -1 is the last.")] = None
    count: Annotated[int, Meta(ge=1, le=10_000, description="How many from there on.")] = 1
    at_s: Annotated[Seconds | None, Meta(description="The one that is seen or heard at this second.")] = None
    newest: Annotated[bool, Meta(description="Of several, the one that was added last.")] = False
    touched: Annotated[bool, Meta(description="What the last edit has changed.")] = False


Which = Target | str | tuple[Target | str, ...]
"""One target or several; a text stands for a kind, an id or a name."""


def select(film: Draft, situation: Situation, which: Which, kind: Kind = "shot", field: str = "target") -> list[Part]:
    """Find the segments that are meant, each once, in the order of time.

    Args:
        film: The film.
        situation: Knows the uploads and what was touched last.
        which: What is meant.
        kind: What is meant where the target names no kind.
        field: The field of the edit, for the error.

    Raises:
        NotPossible: There are none; it says what there is.
    """
    targets = which if isinstance(which, tuple) else (which,)
    refuse_if(not targets, "target.none", field)
    found = {id(part): part for each in targets for part in _found(film, situation, target_of(each), kind, field)}
    return sorted(found.values(), key=start_of)


def content_of(film: Draft, item: MediaItem) -> str:
    """What an audio file is taken for, `speech` or `music`: as it was said, else as it was heard."""
    said = film.meta.get("contents")
    own = said.get(item.id) if isinstance(said, dict) else None
    return own if own in ("speech", "music") else item.content


def audible(situation: Situation) -> list[MediaItem]:
    """The audio files that last at least a frame."""
    return [item for item in situation.media if item.kind == "audio" and to_frame(item.duration_ms) > 0]


def voices_of(film: Draft, situation: Situation) -> list[MediaItem]:
    """The uploads that are voice recordings."""
    return [item for item in audible(situation) if content_of(film, item) == "speech"]


def with_hashes(part: _P, situation: Situation) -> _P:
    """Give an edit, or a target, that names uploads by their content hashes also where file names were given.

    Raises:
        NotPossible: There is no such upload, or several have the name.
    """
    uploads, found = upload_fields(type(part)), {}
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if (named := _with_hash(value, situation, name, is_upload=name in uploads)) != value:
            found[name] = named
    return structs.replace(part, **found) if found else part


def upload_of(situation: Situation, media: str, field: str = "media") -> MediaItem:
    """Find an upload by its content hash or its file name.

    Raises:
        NotPossible: There is no such upload, or several have the name.
    """
    found = {item.id: item for item in situation.media if item.filename == media}
    found = {item.id: item for item in situation.media if item.id == media} or found
    if len(found) != 1:
        names = Told("target.names", names=[item.filename for item in situation.media][:_MOST_NAMED])
        others = Told("target.uploads", names=names) if situation.media else ""
        key = "target.some_uploads" if found else "target.no_upload"
        raise NotPossible(Told(key, name=media, n=len(found), others=others), field)
    return next(iter(found.values()))


def _with_hash(value: Any, situation: Situation, field: str, *, is_upload: bool) -> Any:
    if isinstance(value, Struct):
        return with_hashes(value, situation)
    if isinstance(value, tuple):
        return tuple(_with_hash(each, situation, field, is_upload=is_upload) for each in value)
    return upload_of(situation, value, field).id if is_upload and isinstance(value, str) else value


@functools.cache
def upload_fields(kind: type[Struct]) -> frozenset[str]:
    """The fields of an edit, or of a target, that name uploads."""
    return frozenset(field.name for field in structs.fields(kind) if _names_upload(field.type))


def _names_upload(hint: Any) -> bool:
    own = (getattr(each, "extra", None) for each in getattr(hint, "__metadata__", ()))
    return UPLOAD in own or any(map(_names_upload, get_args(hint)))


def of_kind(film: Draft, kind: Kind) -> list[Part]:
    """All parts of a kind in the order of time; shots are those of the lowest picture track."""
    if kind in ("shot", "clip", "photo"):
        return [shot for shot in film.shots if shot.role in ROLES[kind]]
    if kind == "cut":
        pairs = itertools.pairwise(film.shots)
        return [shot for before, shot in pairs if abs(before.end_ms - shot.start_ms) <= 1]
    return sorted(film.segments(*ROLES[kind]), key=start_of)


def describe(film: Draft, situation: Situation, parts: Sequence[Part]) -> Told:
    """What parts are called: `clip2 (0:08–0:14)`, or the files and how many; the words of titles; the music."""
    told: list[Told] = []
    shots = [part for part in parts if part.role not in _NO_SHOTS]
    if shots or not parts:
        told.append(_shots_described(film, situation, shots))
    titles = [Told("target.quoted", text=name_of(part, situation)) for part in parts if part.role == "title"]
    if titles:
        told.append(Told("target.titles", n=len(titles), names=Told("target.names", names=titles)))
    others = [part for part in parts if part.role in _NO_SHOTS and part.role != "title"]
    music = sum(part.role in MUSIC for part in others)
    if music and music == len(film.segments(*MUSIC)):
        told.append(Told("target.music"))
        others = [part for part in others if part.role not in MUSIC]
    told += [Told("target.quoted", text=name) for name in dict.fromkeys(name_of(part, situation) for part in others)]
    return told[0] if len(told) == 1 else Told("target.list", names=told)


def _shots_described(film: Draft, situation: Situation, shots: Sequence[Part]) -> Told:
    whole = film.shots if len(shots) > 1 else []
    if whole and len(shots) == len(whole):
        return Told("target.both" if len(shots) == 2 else "target.all", n=len(shots))
    if len(shots) <= 2:
        names = [
            Told("target.shot", name=name_of(shot, situation), start=shot.start_ms, end=shot.end_ms) for shot in shots
        ]
        return Told("target.list", names=names)
    files = list(dict.fromkeys(name_of(shot, situation) for shot in shots))
    return Told("target.some", n=len(shots), names=Told("target.names", names=files[:3]))


def name_of(part: Part, situation: Situation) -> str:
    """What a part is called: the words of a title on one line, else its name, else its file's without the ending."""
    if text := part.text or words(first(part, TEXTS)):
        return " ".join(text.split())
    if name := words(first(meta_of(part), NAME) or first(part, NAME)):
        return name
    item = part.upload(situation)
    source = item.filename if item is not None else words(first(part, SOURCE)).partition("?")[0]
    return stem(source) or "?"


def ids_of(which: Which) -> tuple[str, ...] | None:
    """The ids by which parts are meant; None where any of them is meant otherwise."""
    each = which if isinstance(which, tuple) else (which,)
    ids = tuple(one.id for one in each if isinstance(one, Target) and one.id is not None)
    return ids if len(ids) == len(each) else None


def by_id(film: Draft, wanted: str) -> list[Part]:
    """Find the part with an id, as the table has it: those without one have one that is made of their place."""
    part = film.index.part_of(wanted)
    return [] if part is None else [part]


def target_of(which: Target | str) -> Target:
    """Read a target: a text is a kind of parts, the id of a part or its name."""
    if isinstance(which, Target):
        return which
    return Target(kind=which) if which in ROLES else Target(name=which)  # type: ignore[arg-type]


def _found(film: Draft, situation: Situation, target: Target, kind: Kind, field: str) -> list[Part]:
    own: Kind = target.kind or kind
    parts = by_id(film, target.id) if target.id is not None else by_id(film, target.name) if target.name else []
    if not parts and target.id is None:
        parts = of_kind(film, own)
        if not parts and own in ("clip", "photo") and target.number is not None:
            own = "shot"  # people say clip of anything that is seen
            parts = of_kind(film, own)
        if target.name is not None:
            parts = [part for part in parts if _is_named(part, situation, target.name)]
    if target.media is not None:
        parts = [part for part in parts if part.meta.get("media") == target.media]
    if target.at_s is not None:
        parts = _at(parts, 1000 * target.at_s, own)
    if target.touched:
        parts = [part for part in parts if part.get("id") in situation.touched] or parts
    if target.number is not None:
        parts = _numbered(film, parts, target, own)
    if target.newest and parts:
        parts = [max(parts, key=newness)]
    if not parts:
        raise NotPossible(_missing(film, situation, target, own), field)
    return parts


def _is_named(part: Part, situation: Situation, name: str) -> bool:
    wanted, own = " ".join(name.lower().split()), name_of(part, situation).lower()
    if part.text:
        return wanted in own
    item = part.upload(situation)
    return stem(wanted) in (own, stem(own), stem(item.filename).lower() if item is not None else own)


def _at(parts: Sequence[Part], at_ms: float, kind: Kind) -> list[Part]:
    if kind == "cut":
        return sorted(parts, key=lambda part: abs(part.start_ms - at_ms))[:1]
    return [part for part in parts if part.start_ms <= at_ms < part.end_ms]


def _numbered(film: Draft, parts: list[Part], target: Target, kind: Kind) -> list[Part]:
    """In a film that is cut to music, clips and photos are counted as uploads, for each is seen in many shots."""
    if kind in ("clip", "photo") and film.is_cut_to_music:
        wanted = _slice(list(dict.fromkeys(part.meta.get("media") for part in parts)), target)
        return [part for part in parts if part.meta.get("media") in wanted]
    return _slice(parts, target)


def _slice(things: Sequence[_T], target: Target) -> list[_T]:
    number = target.number or 0
    if abs(number) > len(things) or number == 0:
        return []
    first = number - 1 if number > 0 else len(things) + number + 1 - target.count
    return list(things[max(0, first) : max(0, first) + target.count])


def newness(part: Part) -> tuple[int, int]:
    """What the newest of several parts has most of: the number in the engine's own ids, then its start."""
    tail = str(part.get("id", "")).rpartition("-")[2]
    return (int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 9 else 0, part.start_ms)


def _missing(film: Draft, situation: Situation, target: Target, kind: Kind) -> Told:
    """Why nothing is meant, with what there is."""
    if target.id is not None and not by_id(film, target.id):
        return Told("target.no_id", id=target.id)
    there = of_kind(film, kind)
    what: dict[str, Any] = {"kind": kind}
    if not there:
        return Told("target.nothing", **what)
    names = list(dict.fromkeys(name_of(part, situation) for part in there))[:_MOST_NAMED]
    shown = [Told("target.quoted", text=name) for name in names] if kind == "title" else names
    what |= {"n": len(there), "names": Told("target.names", names=shown)}
    if target.media is not None or target.name is not None:
        item = next((item for item in situation.media if item.id == target.media), None)
        return Told("target.no_name", name=stem(item.filename) if item else target.name or "?", **what)
    if target.at_s is not None:
        return Told("target.no_time", at=1000 * target.at_s, end=there[-1].end_ms, **what)
    number = target.number or 0
    which = Told(f"target.number_{number}") if 0 < number <= _ORDINALS else number
    return Told("target.no_number" if number > 0 else "target.not_so_many", number=which, **what)
