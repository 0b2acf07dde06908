"""Wishes about shots: which are seen, where, how long and how fast."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.lexicon import pairs_of
from nemo_notebook.agent.match import SHARES, Asked, Edits, Match, one_or_all, reply
from nemo_notebook.agent.tokens import Token
from nemo_notebook.agent.wishes import read_as
from nemo_notebook.agent.wishes.nouns import are_photos, by_factor, each_of, in_part, parts_of, within
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.films import MakeVideo, Recut
from nemo_notebook.film.edits.parts import Remove, Replace, SetSpeed, Split, Trim
from nemo_notebook.film.edits.shots import AddShot, Duplicate, Move, SortShots, Swap
from nemo_notebook.film.target import Kind, Target

_SURE: Final = 0.6  # how likely a kind has to be that says how words are meant
_SPEEDS: Final = {"half_speed": 0.5, "double_speed": 2.0, "slowmo": 0.5, "normal_speed": 1.0}
_FASTER: Final = {"bit": 1.25, "": 1.5, "much": 2.0}
_FEW: Final = 7  # shots of which one is in the middle for everybody
_ALL: Final = (Target(kind="shot"),)
_SEEN: Final[tuple[Kind, ...]] = ("shot", "clip", "photo")
_RATHER: Final = pairs_of("$rather")  # what is done where that is likelier than what a frame has read
_PARTS: Final = {  # what is asked where only a part of a shot is meant, and nothing says which
    "how_many_seconds": ("shots.trim_start", "shots.trim_end"),
    "how_many_seconds_kept": ("shots.keep_part",),
}
Wish = Callable[[Match], Edits]


def _rather(wish: Wish) -> Wish:
    """Do what is meant for certain in place of what the words were read as, or ask for it."""

    @functools.wraps(wish)
    def done(m: Match) -> Edits:
        own = f"shots.{wish.__name__}"
        name = next((name for kind, name in _RATHER.items() if m.like(kind) > _SURE), own)
        _be_whole(m)
        return wish(m) if m.has("time", "range") or name == own else read_as(name, m)

    return done


# Which are seen.


@_rather
def remove(m: Match) -> Edits:
    """Remove shots, or all others."""
    _be_removable(m)
    is_title = bool(m.edits) and m.edits[-1].tag in ("set_title", "add_title")
    if is_title and not m.has(*_SEEN, "file"):
        return read_as("titles.remove", m)
    if m.has("shot", "clip", "photo") and m.has("at") and m.has("time") and not m.has("range", "file"):
        return [Remove(target=Target(kind="shot", at_s=m.value("time")))]
    if m.has("time") and m.has("file") and m.has("from", "of") and not m.has("at", "except"):
        return read_as("trims.trim", m)  # "take out 10 seconds from the intro"
    inside = next((at for at, token in enumerate(m.tokens) if token.is_a("of", "from")), 0)
    if m.has("file", "photo", "clip", "shot") and dataclasses.replace(m, tokens=m.tokens[:inside]).has_unknown:
        raise Asked(reply("unable_people"), asks=False)  # "take the wires out of the first picture"
    is_keep = m.has("except") or (m.has("keep") and m.has("only"))
    return [Remove(target=one_or_all(_meant(m.without("except"))), keep=is_keep)]


def _be_removable(m: Match) -> None:
    """Say that what is wrong within a shot cannot be taken out of it: "lose the shaking in the second shot"."""
    said = [token for token in m.tokens if "filler" not in token.concepts or token.is_a("of")]
    for before, token, after in zip([None, *said], said, [*said[1:], None], strict=False):
        is_in = before is not None and before.is_a("remove") and after is not None and after.is_a("in", "of", "from")
        is_of = before is not None and before.is_a("of") and not before.text.isascii()
        if token.is_a("unfit") and (is_in or is_of):
            raise Asked(reply(f"unable_{token.concepts['unfit']}"), asks=False)


def remove_middle(m: Match) -> Edits:
    """Remove the shot that has as many before it as behind it."""
    count = len(m.film.shots)
    if count % 2 == 0 or not 2 < count <= _FEW:
        raise Asked(reply("which_shots"))
    return [Remove(target=Target(kind="shot", number=count // 2 + 1))]


def same_length(m: Match) -> Edits:
    """Show all shots for as long as the shortest one."""
    parts = m.parts(m.shots(focus=m.has("them", "both")) or _ALL)
    if len(parts) < 2:
        raise Asked(reply("which_shots"))
    kind: Kind = "photo" if all(part.role == "image" for part in parts) else "shot"
    return [Trim(target=Target(kind=kind), duration_s=min(part["d"] for part in parts) / 1000)]


def _without_removed(m: Match) -> Match:
    """A clause without what it says to go, where it says what is to stay as well: "only clips, no photos"."""
    said = groupby(m.tokens, lambda token: token.is_a("remove", "not") + 2 * token.is_a("keep", "only"))
    pieces, word = [], 0
    for sign, piece in said:
        word = sign or word
        pieces += [(word, token) for token in piece]
    kept = [token for sign, token in pieces if sign != 1]
    return dataclasses.replace(m, tokens=kept) if any(token.is_a("file", "ordinal", *_SEEN) for token in kept) else m


def keep(m: Match) -> Edits:
    """Keep shots, and remove the others."""
    is_rest = m.has("except") and not m.has("only", "remove")  # "keep all except the first one"
    m = _without_removed(m)
    kinds = [t for t in m.tokens if t.is_a("photo", "clip") and not t.is_a("file")] if m.has("file", "photo") else []
    also = tuple(
        Target(kind="photo" if t.is_a("photo") else "clip")
        for t in kinds
        if not t.is_a("file") and m.has("file") and t.text.endswith("s") and not is_rest
    )
    meant = (*_meant(m.without("except")), *also)
    new = [each.media for each in _with_new(m, meant) if each not in meant and each.media] if m.film.end_ms else []
    return [*(AddShot(media=each, place="end") for each in new), Remove(target=one_or_all(meant), keep=not is_rest)]


def only_once(m: Match) -> Edits:
    """Show the uploads that are named, or all, in one shot each."""
    made = next((edit for edit in m.made if isinstance(edit, MakeVideo)), None)
    if m.has("photo") and (made or m.has("every", "all")) and not m.has("file"):
        made = made or MakeVideo(pictures="images")
        return [structs.replace(made, photos="once")]
    shots = m.shots() if m.has("file", "ordinal", "it") else ()
    if m.has("it") and not shots:
        raise Asked(reply("which_shots"))
    edits: list[Edit] = []
    for media in dict.fromkeys(part.meta.get("media") for part in m.parts(shots or _ALL)):
        parts = [part for part in m.film.shots if part.meta.get("media") == media and part.get("id")]
        gone = parts[:-1] if m.edge() == "finish" else parts[1:]
        edits += [Remove(target=tuple(Target(id=str(part["id"])) for part in gone))] if gone else []
    return edits


def once(m: Match) -> Edits:
    """Show one picture throughout."""
    if m.has("time", "range", "songpart") and not m.has("file"):
        raise Asked(reply("one_pace"), asks=False)
    named = [Remove(target=one_or_all(shots), keep=True)] if m.has("file") and (shots := m.shots(focus=False)) else []
    return [*named, Recut(pace=Pace(shots=1))]


def add(m: Match) -> Edits:
    """Show uploads that are not seen yet, or show them once more."""
    seen = {part.meta.get("media") for part in m.film.shots}
    media = [target.media for _, target in m.named() if target.media]
    if not media:
        kinds = [kind for kind, said in (("video", "clip"), ("image", "photo")) if m.has(said)] or ["video", "image"]
        media = [item.id for item in m.situation.media if item.kind in kinds and item.id not in seen]
        is_several = m.has("all", "every", "everything", "them", "both", "rest", "other") or any(
            t.is_a("clip", "photo") and t.text.endswith("s") for t in m.tokens
        )
        if not media or (len(media) > 1 and not is_several):
            raise Asked(reply("which_shots"))
    elif not m.has("again", "another") and not m.edge() and any(each in seen for each in media):
        raise Asked(reply("which_shots"))
    if (m.has("middle") or m.value("position") == "center") and not m.edge():
        return [AddShot(media=each, at_s=m.film.end_ms / 2000) for each in media]
    return [AddShot(media=each, place="start" if m.edge() == "start" else "end") for each in media]


def replace(m: Match) -> Edits:
    """Show an upload in place of shots."""
    refs = [each for each in _refs(m) if each[1].media or each[1].number]
    sign = next((at for at, token in enumerate(m.tokens) if token.is_a("in_place", "instead", "than")), None)
    is_one = len(refs) == 1 and (m.edge() or m.has("last")) and sign is None and not m.has("from")
    if is_one or m.like("shots.first", "shots.last") > _SURE:
        return first(m)
    if len(refs) < 2:
        raise Asked(reply("which_shots"))
    old, new = refs[0][1], refs[-1][1]
    if sign is not None and refs[0][0] < sign < refs[-1][0]:  # "the boat instead of the beach"
        old, new = new, old
    if not new.media:
        old, new = new, old
    if not new.media:
        raise Asked(reply("which_shots"))
    return [Replace(target=old if old.media else Target(kind="shot", number=old.number), media=new.media)]


def now_shows(m: Match) -> Edits:
    """Show an upload in place of a shot, or as the first or the last one."""
    files = [target.media for _, target in m.named() if target.media]
    numbers = [target.number for _, target in m.named() if not target.media]
    if numbers and len(files) == 1 and len(m.parts(Target(media=files[0]))) > 1:  # the others stay where they are
        return [Replace(target=Target(kind="shot", number=numbers[0]), media=files[0])]
    is_other = m.has("rather", "replaced", "instead") or m.like("shots.replace") > m.like("shots.beside")
    return replace(m) if is_other and m.value("ordinal") not in (1, -1) else first(m)


# Where.


@_rather
def first(m: Match) -> Edits:
    """Put shots at the start, at the end, or at a number; or the words that were added before it."""
    if any(edit.tag == "add_title" for edit in m.made[-1:]) and not m.has("file", "ordinal", *_SEEN):
        return read_as("titles.time", m)
    places = _places(m) or [(False, False, -1, -1 if m.like("shots.last") > m.like("shots.first") else 1)]
    *_, at, number = places[-1]
    if m.has("file") and {1, -1} <= {each[-1] for each in places} and not m.has("from"):
        shots = _meant(m)
        return [*_placed(m, shots, "start"), *(AddShot(media=t.media, place="end") for t in shots if t.media)]
    rest = [token for each, token in enumerate(m.tokens) if each != at and not token.is_a("move", "put")]
    shots = _meant(dataclasses.replace(m, tokens=rest))
    if number in (1, -1):
        return _placed(m, shots, "start" if number == 1 else "end")
    beside = Target(kind="shot", number=number)
    parts, others = m.parts(one_or_all(shots)), m.parts(beside)
    is_later = bool(parts and others) and parts[0].start_ms < others[0].start_ms
    return [Move(target=one_or_all(shots), place="after" if is_later else "before", beside=beside)]


def _places(m: Match) -> list[tuple[bool, bool, int, int]]:
    """The words that say where shots go, the one that is meant last: its place in the clause, and the number."""
    ends = {"start": 1, "begin": 1, "finish": -1, "end": -1, "last": -1}
    said = []
    for at, token in enumerate(m.tokens):
        number = token.concepts.get("ordinal", next((n for name, n in ends.items() if token.is_a(name)), None))
        if number is not None:
            is_verb = token.is_a("begin", "end") and any(
                t.is_a("with", "from", "on") for t in m.tokens[at + 1 : at + 2]
            )
            said.append((token.is_a("begin_with") or is_verb, "ordinal" not in token.concepts, at, number))
    return sorted(said)


def beside(m: Match) -> Edits:
    """Put shots before, after or between others."""
    at = next((at for at, token in enumerate(m.tokens) if token.is_a("before", "after", "between")), None)
    if at is None:
        raise Asked(reply("which_order"))
    if m.has("behind") and m.film.end_ms and not m.film.shots:  # what is drawn
        return [Recut()]
    word = m.tokens[at]
    refs = [(at, new) for at, target in _refs(m) for new in _with_new(m, [target])]
    if len(refs) < 2:
        return _beside_none(m, tuple(target for _, target in refs) or _meant(m), at)
    before, after = ([t for where, t in refs if (where > at) == is_after] for is_after in (False, True))
    if before and after and not word.text.isascii():  # 海边后面放灯笼
        moved, others = after, before[-1:]
    elif before and after:
        moved, others = before, after
    elif after:
        moved, others = (after[2:], after[:2]) if word.is_a("between") and len(after) > 2 else (after[1:], after[:1])
    else:
        moved, others = (before[:1], before[1:]) if m.has("between") else (before[:-1], before[-1:])
    other = others[0]
    place: Any = "before" if m.has("before") and not m.has("between") else "after"
    if m.has("between") and len(parts := [part for part in m.parts(tuple(others)) if part.get("id")]) > 1:
        other = Target(id=str(parts[0]["id"]))
    seen = {part.meta.get("media") for part in m.film.shots}
    if not m.film.end_ms and all(target.media for target in (*moved, other)):
        return [MakeVideo(), Move(target=one_or_all(moved), place=place, beside=other)]
    new = [target.media for target in moved if target.media and target.media not in seen]
    if new:
        return [AddShot(media=media, place=place, beside=other) for media in new]
    if m.has("again_more") and not m.has("move"):
        return [Duplicate(target=one_or_all(moved), place=place, beside=other)]
    return [Move(target=one_or_all(moved), place=place, beside=other)]


def _beside_none(m: Match, shots: Sequence[Target], at: int) -> Edits:
    """Put shots in the middle, or at an end where the others are meant."""
    m.be_clear()
    rest = next((at for at, token in enumerate(m.tokens) if token.is_a("rest", "other", "all", "everything")), at)
    return _placed(m, shots, "start" if m.has("before") == (rest >= at) else "end")


def _refs(m: Match) -> list[tuple[int, Target]]:
    """The shots that are named, each with its place: by an upload, by number, as a kind, or with "it"."""
    found = m.named()
    near = {at + by for at, _ in found for by in (-2, -1, 0, 1, 2) if not m.has_between(at, at + by, "move")}
    for at, token in enumerate(m.tokens):
        if token.is_a("it", "them", "both"):
            found += [(at, target) for target in m.focused(_SEEN)]
        elif at in near:
            continue
        elif token.is_a("start", "finish") and any(each.is_a(*_SEEN) for each in m.tokens[at + 1 : at + 2]):
            found.append((at, Target(kind="shot", number=1 if token.is_a("start") else -1)))
        elif token.is_a("photo", "clip") and not m.tokens[at - 1].is_a("start", "finish"):
            m.be_clear()
            found.append((at, Target(kind="photo" if token.is_a("photo") else "clip")))
    return sorted(found, key=lambda each: each[0])


def at_time(m: Match) -> Edits:
    """Move shots to a time, or to the middle."""
    at_s, long_s = m.value("time", m.film.end_ms / 2000), m.length_s if m.has("for") else None
    is_new = m.has("add") and not m.has("move")
    return [
        AddShot(media=target.media or "", at_s=at_s, duration_s=long_s)
        if target.media and (is_new or not m.parts(target))
        else Move(target=target, at_s=at_s)
        for target in _with_new(m, _meant(m))
    ]


def _with_at(tokens: Sequence[Token]) -> Iterable[Token]:
    """Tokens, each with the word "at" that stands before it."""
    for before, token in pairwise(tokens):
        yield token.meaning({**token.concepts, "at": None}) if before.is_a("at") else token


def _with_new(m: Match, shots: Sequence[Target]) -> tuple[Target, ...]:
    """Shots that are meant; uploads in place of photos, or clips, of which none is seen yet."""
    kinds = {"photo": "image", "clip": "video"}
    found: list[Target] = []
    for target in shots:
        kind = kinds.get(target.kind or "") if not target.media and not m.parts(target) else None
        items = [item for item in m.situation.media if item.kind == kind]
        items = (
            [] if m.has("number") else items if target.number is None else items[target.number - 1 :][: target.count]
        )
        found += [Target(kind="shot", media=item.id) for item in items] or [target]
    return tuple(found)


def swap(m: Match) -> Edits:
    """Let two shots change places."""
    shots = [target for _, target in _refs(m) if target.media or target.number or target.id]
    numbers = [int(number) for number in m.values("number")]
    if len(shots) < 2 and len(numbers) == 2:
        shots = [Target(kind="shot", number=number) for number in numbers]
    parts = m.parts(one_or_all(m.shots() or _ALL)) if m.has("both", "them", "first_few") else []
    if len(shots) < 2 and len(parts) == 2:
        shots = [Target(id=str(part["id"])) for part in parts]
    if len(shots) != 2:
        raise Asked(reply("which_shots"))
    return [Swap(target=shots[0], other=shots[1])]


def sort(m: Match) -> Edits:
    """Put all shots into another order."""
    if m.has("reverse_order") and m.named():
        raise Asked(reply("unable_reverse"), asks=False)
    if m.has("file"):
        return order(m)
    if not m.has("shuffle", "reverse_order") and m.like("shots.order", "shots.swap") > _SURE:
        raise Asked(reply("which_order"))
    return [SortShots(by="shuffled" if m.has("shuffle") else "reversed" if m.has("reverse_order") else "name")]


def order(m: Match) -> Edits:
    """Put shots into the order in which they are named."""
    shots = [target for target in dict.fromkeys(target for _, target in m.named()) if target.media]
    if not shots:
        parts = [m.parts(Target(kind="shot", number=int(number))) for number in m.values("number")]
        shots = [Target(id=str(found[0]["id"])) for found in parts if found]
    if not shots:
        raise Asked(reply("which_order"))
    edits: list[Edit] = []
    for at, target in enumerate(shots):
        if not m.parts(target):
            edits.append(AddShot(media=target.media or "", place="end"))
        elif at == 0:
            edits.append(Move(target=target, place="start"))
        else:
            edits.append(Move(target=target, place="after", beside=shots[at - 1]))
    return edits


# How long, and which part.


@_rather
def longer(m: Match) -> Edits:
    """Show shots longer or shorter: by a step, by a time, or for a time."""
    if m.has("it", "one") and not m.has("file", *_SEEN) and m.focused(("title",)) and not m.shots():
        return read_as("titles.longer", m)
    shots = _ALL if _are_all(m) else _meant(m)
    less, more = m.like("shots.shorter", "shots.less_of"), m.like("shots.longer", "shots.more_of")
    is_less, is_more = m.has("shorter", "shorten", "less", "drags"), m.has("longer", "lengthen")
    is_shorter = less > more if is_less == is_more else is_less
    times = [] if is_shorter and m.has("half", "third", "quarter") else list(m.values("time"))
    is_added = more > _SURE and any(t.is_a("add") and (t.text.isascii() or not is_more) for t in m.tokens)  # 放个八秒
    is_by = m.is_by or any(
        a.is_a("time") and b.is_a("longer", "shorter", "more", "less") and b.text.isascii()
        for a, b in pairwise(m.tokens)
    )
    if times and (is_by or (m.has("more", "by") and not m.has("to")) or is_added):
        return [Trim(target=t, by_s=-times[-1] if is_shorter else times[-1]) for t in each_of(m, shots)]
    if times:
        return [Trim(target=t, duration_s=times[-1]) for t in each_of(m, shots)]
    return by_factor(m, shots, m.factor(is_less=is_shorter))


def _are_all(m: Match) -> bool:
    """Whether all shots of a film that is cut to music are to be longer or shorter: "make the shots shorter"."""
    is_many = any(token.is_a("shot") and token.text.endswith("s") for token in m.tokens)
    return is_many and m.film.is_cut_to_music and not m.has("file", "ordinal", "number", "rest", "other", "them")


def length(m: Match) -> Edits:
    """Show shots for a time, or at one, or at an end of the film where that is said."""
    if m.has("begin", "end") and m.has("for") and m.has("file"):
        return first(m)
    if m.has("move", "add") and any(t.is_a("at") and t.is_a("time") for t in _with_at(m.tokens)):
        return at_time(m)
    if m.has("every") and m.has("photo") and m.film.shots and not m.parts(Target(kind="photo")) and not m.named():
        return [MakeVideo(pictures="images", photos="shown", photo_s=m.value("time"))]
    is_often = len({part.meta.get("media") for part in m.film.shots}) < len(m.film.shots)
    if m.film.is_cut_to_music and is_often and m.has("every") and not m.named() and m.has("photo") and not m.is_by:
        return [Recut(pace=Pace(every_s=min(max(m.value("time"), 0.4), 600.0)))]
    if are_photos(m) and m.has("every", "all", "photo", "picture") and not m.named():
        return [Trim(target=t, duration_s=[*m.values("time")][-1]) for t in each_of(m, _ALL)]
    if m.has("both_ends"):
        return read_as("trims.trim", m)
    if m.has("every") and not m.has("file", "photo", "clip", "it", "them"):
        if not m.film.is_cut_to_music and m.film.shots and not m.has("cuts"):
            return [Trim(target=t, duration_s=m.value("time")) for t, _ in parts_of(m, _ALL)]
        return [Recut(pace=Pace(every_s=min(max(m.value("time"), 0.4), 600.0)))]
    return longer(m)


def split(m: Match) -> Edits:
    """Cut shots in two, or in more parts."""
    if m.has_pair("pieces number", "film"):
        raise Asked(reply("unable_versions"), asks=False)
    shots, at_s = m.shots(), m.value("time")
    _be_whole(m)
    parts = m.parts(one_or_all(shots)) if shots and at_s is not None else []
    if len(parts) == 1 and not parts[0].start_ms < 1000 * at_s < parts[0].end_ms and 1000 * at_s < parts[0]["d"]:
        at_s += parts[0].start_ms / 1000  # a time of the clip
    number = int(m.value("pieces") or m.value("number") or _count(m)) if at_s is None else 2
    if at_s is None and m.has("film") and not m.has("file", "ordinal", "shot") and number == 2:
        return [Split(at_s=m.film.end_ms / 2000)]
    if m.has("scene") and at_s is None and not m.has("number", "pieces", "half", "ordinal"):
        return [Split(target=one_or_all(shots) if shots else None, scenes=True)]
    return [Split(target=one_or_all(shots) if shots else None, at_s=at_s, parts=max(2, number))]


# How fast, and how often.


@_rather
def speed(m: Match) -> Edits:
    """Play clips faster or slower, unless the pace of the cuts is what was spoken of."""
    if m.made and isinstance(m.made[-1], Recut) and not m.has("file", *_SEEN):
        return []
    shots = m.shots() or (() if m.has("whole", "film", "everything") else m.focused(_SEEN))
    shots = shots or (_meant(m) if m.has("shot") else _ALL)
    numbers = [b.concepts["number"] for a, b in pairwise(m.tokens) if a.is_a("to", "at", "tempo") and b.is_a("number")]
    factor, percent, is_relative = next(reversed([*m.values("factor"), *numbers]), None), m.value("percent"), False
    named = next((value for name, value in _SPEEDS.items() if m.has(name)), None)
    if factor is None and percent is not None:
        is_to = m.has("to", "at") or not m.has("slow_down", "speed_up", "faster", "slower")
        factor = percent[1] if is_to else 1 - percent[1] if m.has("slow_down", "slower") else 1 + percent[1]
    elif factor is None and (m.has("normal_speed") or m.like("shots.normal_speed") > _SURE):
        factor = 1.0
    elif factor is None and (named or m.has("half", "double")):
        factor = named or (2.0 if m.has("double") else 0.5)
    elif factor is None:
        is_relative = True
        factor = _FASTER[m.degree] if m.has("speed_up", "faster") else 1 / _FASTER[m.degree]
    span = within(m, shots) if m.has("range") else {}
    if not span and m.has("time") and m.edge() and len(parts := m.parts(one_or_all(shots))) in (1, len(m.film.shots)):
        time_s, begin_s, end_s = m.value("time"), parts[0].start_ms / 1000, parts[-1].end_ms / 1000
        is_begin = m.edge() == "start"
        span = {"start_s": begin_s, "end_s": begin_s + time_s} if is_begin else {"start_s": max(0.0, end_s - time_s)}
    if m.has("except") and m.shots() and not m.is_except:
        shots = m.others(m.shots())
    if m.has("songpart") and not m.has("file", "ordinal"):
        at_s = in_part(m, m.value("songpart")).get("start_s")
        if at_s is None:
            raise Asked(reply("which_stretch"))
        shots = (Target(kind="shot", at_s=at_s),)
    factor = round(min(max(float(factor), 0.1), 10.0), 2)
    return [SetSpeed(target=one_or_all(shots), factor=factor, relative=is_relative, **span)]


def duplicate(m: Match) -> Edits:
    """Show shots again."""
    shots, named = _meant(m), [at for at, _ in m.named()]
    if not m.parts(one_or_all(shots)):
        return add(m)
    times = int(m.value("factor") or _count(m))
    places = [(at, number) for *_, at, number in _places(m) if at not in named]
    place: Any = None if not places else "start" if places[-1][1] == 1 else "end"
    return [Duplicate(target=one_or_all(shots), times=min(max(times, 2), 50), place=place)]


# What all of them need.


def _count(m: Match) -> int:
    """How many, or how often: a number that is none of a shot; two where none is said."""
    named = [at for at, _ in m.named()]
    return next((int(t.concepts["number"]) for at, t in enumerate(m.tokens) if t.is_a("number") and at not in named), 2)


def _be_whole(m: Match) -> None:
    """Ask how much is meant where a part of a shot is, and nothing says which."""
    for question, kinds in _PARTS.items():
        if not m.has("time", "range", *SHARES) and m.like(*kinds) > _SURE:
            raise Asked(reply(question))


def _meant(m: Match) -> tuple[Target, ...]:
    """The shots that are meant.

    Raises:
        Asked: Nothing says which, or which part of them.
    """
    _be_whole(m)
    shots = _ALL if are_photos(m) and m.has("all", "every") and not m.has("file") else m.shots()
    shots = shots or (() if m.has("file", *_SEEN) else m.focused(_SEEN))
    if not shots:
        raise Asked(reply("which_shots"))
    return shots


def _placed(m: Match, shots: Sequence[Target], place: Any) -> Edits:
    """Move shots to an end; uploads that are not seen yet are added there."""
    if not m.film.end_ms and shots and any(t.is_a("move", "use") or not t.concepts for t in m.tokens):
        return [MakeVideo(), *(Move(target=target, place=place) for target in shots)]
    seen = {part.meta.get("media") for part in m.film.shots}
    length_s = m.value("time") if m.has("for") else None
    file = next((at for at, token in enumerate(m.tokens) if token.is_a("file")), len(m.tokens))
    is_again = any(token.is_a("also", "again") for token in m.tokens[file:])  # "put the logo at the start as well"
    edits: list[Edit] = []
    times = [at for at, token in enumerate(m.tokens) if token.is_a("time")]
    is_parted = bool(times) and file < times[0] and any(token.is_a("file") for token in m.tokens[times[0] :])
    timed = shots[:1] if is_parted else shots
    for target in reversed(shots) if place == "start" else shots:
        own_s = length_s if target in timed else None
        if target.media and (target.media not in seen or is_again):
            edits.append(AddShot(media=target.media, place=place, duration_s=own_s))
        else:
            edits.append(Move(target=target, place=place))
            edits += [Trim(target=target, duration_s=own_s)] if own_s else []
    return edits
