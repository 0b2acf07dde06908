"""Wishes about shots: which are seen, where, how long and how fast."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.lexicon import pairs_of
from nemo_notebook.agent.match import SHARES, Edits, Match, one_or_all, read_as
from nemo_notebook.agent.wishes import nouns
from nemo_notebook.agent.wishes.nouns import each_by_id, first_of, made, media_in, parts_of, required
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.films import MakeVideo, Recut
from nemo_notebook.film.edits.lengths import CutTime, SetLength
from nemo_notebook.film.edits.music import PlaceMusic
from nemo_notebook.film.edits.parts import Remove, Replace, SetSpeed, Split, Trim
from nemo_notebook.film.edits.shots import AddShot, Duplicate, Move, SortShots, Swap
from nemo_notebook.film.edits.titles import AddTitle
from nemo_notebook.film.target import Kind, Target

_SURE: Final = 0.6  # how likely a kind has to be that says how words are meant
_SPEEDS: Final = {
    "half_speed": 0.5, "double_speed": 2.0, "slowmo": 0.5, "normal_speed": 1.0, "double": 2.0, "half": 0.5,
}  # fmt: skip
_FASTER: Final = {"bit": 1.25, "": 1.5, "much": 2.0}
_ORDERS: Final[dict[str, Any]] = {"shuffle": "shuffled", "reverse_order": "reversed"}
_ENDS: Final = {"start": 1, "begin": 1, "finish": -1, "end": -1, "last": -1}
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
    """Remove shots; what is wrong within one cannot be taken out of it: "lose the shaking in the second shot"."""
    required(not m.has_pair("unfit", "in of from"), f"unable_{m.value('unfit')}", asks=False)
    if m.has("time") and m.has("from", "of") and not m.has("at", "except"):
        return trim(m)  # "take out 10 seconds from the first clip"
    return [Remove(target=one_or_all(_meant(m.without("except"))), keep=m.has("except"))]


def same_length(m: Match) -> Edits:
    """Show all shots for as long as the shortest one."""
    shots = required(m.film.shots, "which_shots")
    return [Trim(target=Target(kind="shot"), duration_s=min(shot["d"] for shot in shots) / 1000)]


def keep(m: Match) -> Edits:
    """Keep shots, and remove the others."""
    is_rest = m.has("except") and not m.has("only", "remove")  # "keep all except the first one"
    meant = _meant(m.without("except"))
    if m.has("file") and any(t.is_a("photo") and not t.is_a("file") and t.text.endswith("s") for t in m.tokens):
        meant = (*meant, Target(kind="photo"))  # "only the boat and the photos"
    new = [t.media for t in _with_new(m, meant) if t not in meant and t.media] if m.film.end_ms else []
    return [*(AddShot(media=each, place="end") for each in new), Remove(target=one_or_all(meant), keep=not is_rest)]


def only_once(m: Match) -> Edits:
    """Show the uploads that are named, or all, in one shot each."""
    film = made(m, MakeVideo) or (MakeVideo(pictures="images") if m.has("every", "all") else None)
    if film and m.has("photo") and not m.has("file"):
        return [structs.replace(film, photos="once")]
    shots = required(m.shots() if m.has("file", "ordinal", "it") else _ALL, "which_shots")
    edits: list[Edit] = []
    for media in dict.fromkeys(part.meta.get("media") for part in m.parts(shots)):
        again = [part for part in m.film.shots if part.meta.get("media") == media][1:]
        edits += [Remove(target=each_by_id(again))] if again else []
    return edits


def once(m: Match) -> Edits:
    """Show one picture throughout."""
    required(m.has("file") or not m.has("time", "range", "songpart"), "one_pace", asks=False)
    named = [Remove(target=one_or_all(shots), keep=True)] if m.has("file") and (shots := m.shots(focus=False)) else []
    return [*named, Recut(pace=Pace(shots=1))]


def add(m: Match) -> Edits:
    """Show uploads that are not seen yet, or show them once more."""
    seen = media_in(m, "shot")
    media = [target.media for _, target in m.named() if target.media]
    if not media:
        kinds = [kind for kind, said in (("video", "clip"), ("image", "photo")) if m.has(said)] or ["video", "image"]
        media = [item.id for item in m.situation.media if item.kind in kinds and item.id not in seen]
        is_several = m.has("all", "every", "everything", "them", "both", "rest", "other")
        required(len(media) == 1 or (media and is_several), "which_shots")
    elif not m.has("again", "another") and not m.edge():
        required(seen.isdisjoint(media), "which_shots")
    return [AddShot(media=each, place="start" if m.edge() == "start" else "end") for each in media]


def replace(m: Match) -> Edits:
    """Show an upload in place of shots."""
    if m.like("shots.first", "shots.last") > _SURE:
        return first(m)
    refs = [each for each in _refs(m) if each[1].media or each[1].number]
    required(len(refs) > 1, "which_shots")
    (at, old), *_, (end, new) = refs
    if at < first_of(m, "in_place", "instead", "than") < end:  # "the boat instead of the beach"
        old, new = new, old
    return [Replace(target=old, media=required(new.media, "which_shots"))]


def now_shows(m: Match) -> Edits:
    """Show an upload in place of a shot where it is seen several times, else move it there."""
    files = [target.media for _, target in m.named() if target.media]
    numbers = [target.number for _, target in m.named() if not target.media]
    if numbers and files and len(m.parts(Target(media=files[0]))) > 1:  # the others stay where they are
        return [Replace(target=Target(kind="shot", number=numbers[0]), media=files[0])]
    return first(m)


# Where.


@_rather
def first(m: Match) -> Edits:
    """Put shots at the start, at the end, or at a number."""
    places = required(_places(m), "which_order")
    *_, at, number = places[-1]
    if m.has("file") and {1, -1} <= {each[-1] for each in places}:
        shots = _meant(m)
        return [*_placed(m, shots, "start"), *(AddShot(media=t.media, place="end") for t in shots if t.media)]
    rest = [token for each, token in enumerate(m.tokens) if each != at and not token.is_a("move", "put")]
    shots = _meant(dataclasses.replace(m, tokens=rest))
    if number in (1, -1):
        return _placed(m, shots, "start" if number == 1 else "end")
    beside = Target(kind="shot", number=number)
    starts = [part.start_ms for target in (*shots, beside) for part in m.parts(target)[:1]]
    is_later = starts[0] < starts[-1] if starts else False
    return [Move(target=one_or_all(shots), place="after" if is_later else "before", beside=beside)]


def _places(m: Match) -> list[tuple[bool, bool, int, int]]:
    """The words that say where shots go, the one that is meant last: its place in the clause, and the number."""
    said = []
    for at, token in enumerate(m.tokens):
        number = token.concepts.get("ordinal", next((n for name, n in _ENDS.items() if token.is_a(name)), None))
        if number is not None:
            said.append((token.is_a("begin_with"), "ordinal" not in token.concepts, at, number))
    return sorted(said)


def beside(m: Match) -> Edits:
    """Put shots before, after or between others."""
    at = first_of(m, "before", "after", "between")
    required(at < len(m.tokens), "which_order")
    if m.has("behind") and m.film.end_ms and not m.film.shots:  # what is drawn
        return [Recut()]
    refs = [(at, new) for at, target in _refs(m) for new in _with_new(m, [target])]
    if len(refs) < 2:
        m.be_clear()
        shots = tuple(target for _, target in refs) or _meant(m)
        return _placed(m, shots, "start" if m.has("before") else "end")
    before, after = ([t for where, t in refs if (where > at) == is_after] for is_after in (False, True))
    if before and after:
        is_turned = not m.tokens[at].text.isascii()  # 海边后面放灯笼
        moved, others = (after, before[-1:]) if is_turned else (before, after)
    elif after:
        moved, others = after[1:], after[:1]
    else:
        moved, others = (before[:1], before[1:]) if m.has("between") else (before[:-1], before[-1:])
    where: dict[str, Any] = {"place": "before" if m.has("before") else "after", "beside": others[0]}
    if m.has("between") and len(parts := m.parts(tuple(others))) > 1:
        where["beside"] = each_by_id(parts)[0]
    if not m.film.end_ms:
        return [MakeVideo(), Move(target=one_or_all(moved), **where)]
    seen = media_in(m, "shot")
    if new := [target.media for target in moved if target.media and target.media not in seen]:
        return [AddShot(media=media, **where) for media in new]
    edit = Duplicate if m.has("again_more") else Move
    return [edit(target=one_or_all(moved), **where)]


def _refs(m: Match) -> list[tuple[int, Target]]:
    """The shots that are named, each with its place: by an upload, by number, as a kind, or with "it"."""
    found = m.named()
    near = {at + by for at, _ in found for by in (-2, -1, 0, 1, 2) if not m.has_between(at, at + by, "move")}
    for at, token in enumerate(m.tokens):
        if token.is_a("it", "them", "both"):
            found += [(at, target) for target in m.focused(_SEEN)]
        elif token.is_a("photo", "clip") and at not in near:
            m.be_clear()
            found.append((at, Target(kind="photo" if token.is_a("photo") else "clip")))
    return sorted(found, key=lambda each: each[0])


def at_time(m: Match) -> Edits:
    """Move shots to a time, or to the middle."""
    at_s, long_s = m.value("time", m.film.end_ms / 2000), m.length_s if m.has("for") else None
    is_new = m.has("add") and not m.has("move")
    return [
        AddShot(media=target.media, at_s=at_s, duration_s=long_s)
        if target.media and (is_new or not m.parts(target))
        else Move(target=target, at_s=at_s)
        for target in _with_new(m, _meant(m))
    ]


def _with_new(m: Match, shots: Sequence[Target]) -> tuple[Target, ...]:
    """Shots that are meant; uploads in place of photos, or clips, of which none is seen yet."""
    found: list[Target] = []
    for target in shots:
        kind = {"photo": "image", "clip": "video"}.get(str(target.kind)) if not target.media else None
        items = [item for item in m.situation.media if item.kind == kind] if not m.parts(target) else []
        if target.number is not None:
            items = items[target.number - 1 :][: target.count]
        found += [Target(kind="shot", media=item.id) for item in items] or [target]
    return tuple(found)


def swap(m: Match) -> Edits:
    """Let two shots change places."""
    shots = [target for _, target in _refs(m) if target.media or target.number or target.id]
    if len(shots) < 2:
        parts = m.parts(one_or_all(m.shots() or _ALL)) if m.has("both", "them", "first_few") else []
        shots = [Target(kind="shot", number=int(n)) for n in m.values("number")] or [*each_by_id(parts)]
    required(len(shots) == 2, "which_shots")
    return [Swap(target=shots[0], other=shots[1])]


def sort(m: Match) -> Edits:
    """Put all shots into another order."""
    required(not m.has("reverse_order") or not m.named(), "unable_reverse", asks=False)
    return [SortShots(by=next((order for word, order in _ORDERS.items() if m.has(word)), "name"))]


def order(m: Match) -> Edits:
    """Put shots into the order in which they are named."""
    shots = [target for target in dict.fromkeys(target for _, target in m.named()) if target.media]
    numbers = [Target(kind="shot", number=int(number)) for number in m.values("number")]
    shots = shots or [target for number in numbers for target in each_by_id(m.parts(number))]
    edits: list[Edit] = []
    for at, target in enumerate(required(shots, "which_order")):
        if target.media and not m.parts(target):
            edits.append(AddShot(media=target.media, place="end"))
        elif at == 0:
            edits.append(Move(target=target, place="start"))
        else:
            edits.append(Move(target=target, place="after", beside=shots[at - 1]))
    return edits


# How long.


@_rather
def longer(m: Match) -> Edits:
    """Show shots longer or shorter: by a step, by a time, or for a time."""
    if m.has("it", "one") and not m.has("file", *_SEEN) and m.focused(("title",)):
        return read_as("titles.longer", m)
    is_many = any(token.is_a("shot") and token.text.endswith("s") for token in m.tokens)
    is_many = is_many and not m.has("file", "ordinal", "number", "rest", "other", "them")
    shots = _ALL if is_many and m.film.is_cut_to_music else _meant(m)
    less, more = m.like("shots.shorter", "shots.less_of"), m.like("shots.longer", "shots.more_of")
    is_less, is_more = m.has("shorter", "shorten", "less", "drags"), m.has("longer", "lengthen")
    is_shorter = less > more if is_less == is_more else is_less
    times = [] if is_shorter and m.has("half", "third", "quarter") else list(m.values("time"))
    if not times:
        return nouns.by_factor(m, shots, m.factor(is_less=is_shorter))
    is_by = m.is_by or m.has_pair("time", "longer shorter more less") or (m.has("more", "by") and not m.has("to"))
    time_s = -times[-1] if is_by and is_shorter else times[-1]
    return [Trim(target=t, **{"by_s" if is_by else "duration_s": time_s}) for t in nouns.each_of(m, shots)]


def length(m: Match) -> Edits:
    """Show shots for a time, or at one."""
    if m.has("move", "add") and m.span is not None:
        return at_time(m)
    if m.has("both_ends"):
        return trim(m)
    is_each = m.has("every") and not m.named() and not m.has("clip", "it", "them")
    if is_each and m.has("photo") and m.film.shots and not m.parts(Target(kind="photo")):
        return [MakeVideo(pictures="images", photos="shown", photo_s=m.value("time"))]
    is_often = len(media_in(m, "shot")) < len(m.film.shots)
    is_recut = m.film.is_cut_to_music or not m.film.shots
    if is_each and is_recut and (is_often or not m.has("photo")):
        return [Recut(pace=Pace(every_s=min(max(m.value("time"), 0.4), 600.0)))]
    if (nouns.are_photos(m) and not m.named()) or (is_each and not m.has("photo")):
        return [Trim(target=t, duration_s=[*m.values("time")][-1]) for t, _ in parts_of(m, _ALL)]
    return longer(m)


def split(m: Match) -> Edits:
    """Cut shots in two, or in more parts."""
    required(not m.has_pair("pieces number", "film"), "unable_versions", asks=False)
    shots, at_s = m.shots(), m.value("time")
    _be_whole(m)
    target = one_or_all(shots) if shots else None
    if at_s is None and m.has("scene"):
        return [Split(target=target, scenes=True)]
    parts = m.parts(shots) if at_s is not None else []
    if len(parts) == 1 and not parts[0].start_ms < 1000 * at_s < parts[0].end_ms:
        at_s += parts[0].start_ms / 1000  # a time of the clip
    named = [at for at, _ in m.named()]
    numbers = [t.concepts["number"] for at, t in enumerate(m.tokens) if t.is_a("number") and at not in named]
    number = 2 if at_s is not None else int(m.value("pieces") or next(iter(numbers), 2))
    return [Split(target=target, at_s=at_s, parts=max(2, number))]


# Which part.


def trim(m: Match) -> Edits:
    """Cut time off shots, or out of the film where none are named."""
    if m.has("it") and m.has("at") and made(m, AddTitle):
        return read_as("titles.remove", m)
    if m.has("keep", "only") and not m.has("remove"):
        return keep_part(m)
    shots, time_s, edge = m.shots(focus=m.has("it", "one")), m.value("time"), m.edge()
    if (found := _off_ends(m, shots)) is not None:
        return found
    if m.has("range"):
        if shots and m.has("file") and not m.has("remove"):
            return _stretch_of(m, shots)
        is_kept = m.like("shots.keep_part", "films.keep_time") > _SURE
        return [CutTime(**nouns.within(m, shots), keep=is_kept or (not shots and _is_only_trim(m)))]
    if not shots:
        return _of_film(m, keep=False)
    if edge and not m.has("to"):
        return [_off(t, edge, time_s) for t in shots]
    is_by = m.has("off", "by", "less") or m.has_pair("time", "from of")
    return [Trim(target=t, **{"by_s": -time_s} if is_by else {"duration_s": time_s}) for t in shots]


def cut_half(m: Match) -> Edits:
    """Take a half out of the film, or keep only that."""
    is_late = m.edge() == "finish" or 2 in m.values("ordinal")
    half: dict[str, Any] = {"start_s" if is_late else "end_s": m.film.end_ms / 2000}
    return [CutTime(**half, keep=m.has("keep", "only"))]


def trim_part(m: Match) -> Edits:
    """Cut something off an end of shots, or keep it: seconds, or a share."""
    if m.has("time", "range"):
        return trim(m)
    edge = "finish" if 2 in m.values("ordinal") else m.edge()  # the second half
    is_kept = m.has("keep", "only")
    question = "how_many_seconds_kept" if is_kept else "how_many_seconds"
    share = required(next((SHARES[name] for name in ("half", "third", "quarter") if m.has(name)), None), question)
    if required(edge, question) and is_kept:
        edge, share = "finish" if edge == "start" else "start", 1 - share
    return [_off(target, edge, share * length_s) for target, length_s in parts_of(m, m.shots())]


def keep_part(m: Match) -> Edits:
    """Keep a stretch of shots, or of the film."""
    shots, time_s = m.shots(focus=m.has("it", "one", "shot", "clip")), m.value("time")
    is_trim = any(t.is_a("trim") and not t.is_a("use") for t in m.tokens) and not m.has("to", "until")
    if not m.has("keep", "only") and (m.has("remove", "off") or is_trim):
        return trim(m)
    if not shots and m.has("it") and (heard := m.focused(("song", "composed", "music"))):
        return [PlaceMusic(target=heard[0], **(m.stretch() or {"end_s": time_s}))]
    if m.has("range"):
        return _stretch_of(m, shots) if shots else [CutTime(**m.stretch(), keep=True)]
    if not shots:
        return _of_film(m, keep=True)
    required(not m.has("middle"), "which_stretch")
    field = "keep_last_s" if m.edge() == "finish" else "duration_s"
    return [Trim(target=t, **{field: time_s}) for t in shots]


def begin_at(m: Match) -> Edits:
    """Show clips only from a time of theirs on, or only until one."""
    field = "duration_s" if m.has("end", "until") and not m.has("from") else "start_s"
    return [Trim(target=t, **{field: m.value("time")}) for t in m.shots(focus=False)]


def _is_only_trim(m: Match) -> bool:
    """Whether time is trimmed to, not taken out: "trim from 2 s to 6 s"."""
    return any(t.is_a("trim") and not t.is_a("remove", "cuts", "split") for t in m.tokens) and not m.has(
        "off", "between"
    )


def _of_film(m: Match, *, keep: bool) -> Edits:
    """Take out, or keep, so many seconds at an end of the film, in its middle, or from a time on."""
    time_s, edge, total_s = m.value("time"), m.edge(), m.film.end_ms / 1000
    required(not (m.has("before") and m.has("after")), "which_stretch")
    if edge:
        return [CutTime(**({"end_s": time_s} if edge == "start" else {"start_s": -time_s}), keep=keep)]
    if m.has("middle"):
        half_s = min(time_s, total_s) / 2
        return [CutTime(start_s=total_s / 2 - half_s, end_s=total_s / 2 + half_s, keep=keep)]
    if m.span is None:
        required(keep and m.has("only"), "which_stretch")
        return [SetLength(duration_s=time_s)]
    return [CutTime(**m.stretch(), keep=keep)]


def _off(target: Target, edge: str, time_s: float) -> Trim:
    """Seconds that go at an end of a shot."""
    return Trim(target=target, start_s=time_s) if edge == "start" else Trim(target=target, end_s=time_s)


def _off_ends(m: Match, shots: Sequence[Target]) -> list[Edit] | None:
    """Seconds that go at both ends, of the film or of shots; None where it is one end."""
    said = [float(t.concepts.get("time", t.concepts.get("number"))) for t in m.tokens if t.is_a("time", "number")]
    ends = [t for t in m.tokens if t.is_a("start", "finish") or t.concepts.get("ordinal") in (1, -1)]
    edges = ["start" if t.is_a("start") or t.concepts.get("ordinal") == 1 else "finish" for t in ends]
    if m.has("both_ends") and len(said) == 1:
        said, edges = said * 2, ["start", "finish"]
    if 1 < len(shots) == len(said) == len(edges) and m.has("file"):  # "2 s off the start of this and 3 off that"
        return [_off(*each) for each in zip(shots, edges, said, strict=True)]
    if len(said) != 2 or sorted(edges) != ["finish", "start"]:
        return None
    if shots:
        return [_off(target, e, s) for target in shots for s, e in zip(said, edges, strict=True)]
    return [CutTime(end_s=s) if e == "start" else CutTime(start_s=-s) for s, e in zip(said, edges, strict=True)]


def _stretch_of(m: Match, shots: Sequence[Target]) -> Edits:
    """Show shots only from one time of theirs to another."""
    start_s, end_s = m.value("range")
    return [Trim(target=t, in_s=start_s, duration_s=max(0.1, end_s - start_s)) for t in shots]


# How fast, and how often.


@_rather
def speed(m: Match) -> Edits:
    """Play clips faster or slower."""
    shots = m.shots() or (() if m.has("whole", "film", "everything") else m.focused(_SEEN))
    shots = shots or (_meant(m) if m.has("shot") else _ALL)
    factor, is_relative = next(reversed([*m.values("factor")]), None), False
    is_normal = m.like("shots.normal_speed") > _SURE
    named = 1.0 if is_normal else next((value for name, value in _SPEEDS.items() if m.has(name)), None)
    if factor is None and (percent := m.value("percent")) is not None:
        is_to = m.has("to", "at") or not m.has("slow_down", "speed_up", "faster", "slower")
        by = -percent[1] if m.has("slow_down", "slower") else percent[1]
        factor = percent[1] if is_to else 1 + by
    elif factor is None and named is not None:
        factor = named
    elif factor is None:
        is_relative = True
        factor = _FASTER[m.degree] if m.has("speed_up", "faster") else 1 / _FASTER[m.degree]
    span = nouns.within(m, shots) if m.has("range") else {}
    if m.has("time") and m.edge() and len(parts := m.parts(one_or_all(shots))) in (1, len(m.film.shots)):
        time_s, begin_s, end_s = m.value("time"), parts[0].start_ms / 1000, parts[-1].end_ms / 1000
        is_begin = m.edge() == "start"
        span = {"start_s": begin_s, "end_s": begin_s + time_s} if is_begin else {"start_s": max(0.0, end_s - time_s)}
    if m.has("songpart") and not m.has("file", "ordinal"):
        at_s = required(nouns.in_part(m, m.value("songpart")).get("start_s"), "which_stretch")
        shots = (Target(kind="shot", at_s=at_s),)
    factor = round(min(max(float(factor), 0.1), 10.0), 2)
    return [SetSpeed(target=one_or_all(shots), factor=factor, relative=is_relative, **span)]


def duplicate(m: Match) -> Edits:
    """Show shots again."""
    shots, named = _meant(m), [at for at, _ in m.named()]
    if not m.parts(one_or_all(shots)):
        return add(m)
    times = int(m.value("factor") or 2)
    places = [number for *_, at, number in _places(m) if at not in named]
    place: Any = None if not places else "start" if places[-1] == 1 else "end"
    return [Duplicate(target=one_or_all(shots), times=min(max(times, 2), 50), place=place)]


# What all of them need.


def _be_whole(m: Match) -> None:
    """Ask how much is meant where a part of a shot is, and nothing says which."""
    for question, kinds in _PARTS.items():
        required(m.has("time", "range", *SHARES) or m.like(*kinds) <= _SURE, question)


def _meant(m: Match) -> tuple[Target, ...]:
    """The shots that are meant.

    Raises:
        Asked: Nothing says which, or which part of them.
    """
    _be_whole(m)
    is_each = nouns.are_photos(m) and m.has("all", "every") and not m.has("file")
    return required(_ALL if is_each else m.shots(), "which_shots")


def _placed(m: Match, shots: Sequence[Target], place: Any) -> Edits:
    """Move shots to an end; uploads that are not seen yet are added there."""
    if not m.film.end_ms and m.has("move", "use"):
        return [MakeVideo(), *(Move(target=target, place=place) for target in shots)]
    seen, length_s = media_in(m, "shot"), m.value("time") if m.has("for") else None
    is_again = any(token.is_a("also", "again") for token in m.tokens[first_of(m, "file") :])
    edits: list[Edit] = []
    for target in reversed(shots) if place == "start" else shots:
        if target.media and (target.media not in seen or is_again):  # "put the logo at the start as well"
            edits.append(AddShot(media=target.media, place=place, duration_s=length_s))
            continue
        edits.append(Move(target=target, place=place))
        edits += [Trim(target=target, duration_s=length_s)] if length_s else []
    return edits
