"""Wishes about shots: which are seen, where, how long and how fast."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from msgspec import structs

from nemo_notebook.agent.match import Asked, Match, one_or_all
from nemo_notebook.agent.replies import reply
from nemo_notebook.agent.wishes import titles as of_titles
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.films import MakeVideo, Recut
from nemo_notebook.film.edits.lengths import CutTime
from nemo_notebook.film.edits.music import PlaceMusic
from nemo_notebook.film.edits.parts import Remove, Replace, SetSpeed, Split, Trim
from nemo_notebook.film.edits.shots import AddShot, Duplicate, Move, SortShots, Swap
from nemo_notebook.film.target import Target

_SPEEDS: Final = {"half_speed": 0.5, "double_speed": 2.0, "slowmo": 0.5, "normal_speed": 1.0}
_FASTER: Final = {"bit": 1.25, "": 1.5, "much": 2.0}
_SHARES: Final = {"half": 0.5, "double": 2.0, "third": 1 / 3, "quarter": 0.25}
Edits = Iterable[Edit]


def remove(m: Match) -> Edits:
    """Remove shots."""
    is_title = bool(m.edits) and m.edits[-1].tag in ("set_title", "add_title")
    if is_title and not m.has("shot", "clip", "photo", "file"):
        return of_titles.remove(m)
    shots = _meant(m)
    if m.has("except", "keep") and m.has("only"):
        return keep(m)
    return [Remove(target=one_or_all(shots))]


def keep(m: Match) -> Edits:
    """Keep shots, and remove the others."""
    if not m.has("only", "keep", "rest"):
        return []
    return [Remove(target=one_or_all(_meant(m)), keep=True)]


drop = remove


def keep_rest(m: Match) -> Edits:
    """Keep the shots that are named, and remove all others."""
    files = _named(m)
    return [Remove(target=one_or_all(files or _meant(m)), keep=True)]


def first(m: Match) -> Edits:
    """Put shots at the start, or at a number."""
    shots = tuple(Target(kind="shot", media=t.media) if t.media else t for t in _moved(m))
    numbers = [n for n in m.values("ordinal") if isinstance(n, int)]
    is_end = m.has("finish", "end") or -1 in numbers
    is_start = m.has("start", "begin")
    if (is_start or 1 in numbers) and is_end and m.has("file"):
        return [*_placed(m, shots, "start"), *(AddShot(media=t.media, place="end") for t in shots if t.media)]
    if is_end and not is_start and (m.has("finish", "end") or 1 not in numbers):
        return _placed(m, shots, "end")
    places = [n for n in numbers if n > 1]
    if places and m.has("file") and not is_start:
        return [Move(target=one_or_all(shots), place="before" if places[0] > 1 else "start",
                     beside=Target(kind="shot", number=places[0]))]  # fmt: skip
    return _placed(m, shots, "start")


def first_kind(m: Match) -> Edits:
    """Put all photos, or all clips, at the start or at the end."""
    at, named = next((at, token) for at, token in enumerate(m.tokens) if token.is_a("photo", "clip"))
    number = next((token.concepts["ordinal"] for token in m.tokens[:at] if "ordinal" in token.concepts), None)
    is_end = [*m.values("ordinal")][-1] == -1
    target = Target(kind="photo" if named.is_a("photo") else "clip", number=number)
    return [Move(target=target, place="end" if is_end else "start")]


first_at = first


def before_all(m: Match) -> Edits:
    """Put shots at the start."""
    return _placed(m, _named(m) or _meant(m), "start")


def as_first(m: Match) -> Edits:
    """Let an upload be the first shot, the last one, or one between."""
    number, shots = m.value("ordinal"), _named(m) or _meant(m)
    if number in (1, -1):
        return _placed(m, shots, "start" if number == 1 else "end")
    return [Replace(target=Target(kind="shot", number=number), media=shots[0].media or "")]


def step(m: Match) -> Edits:
    """Move a shot past the one before it, or the one after it."""
    shots = list(m.film.shots)
    part = next(iter(m.parts(one_or_all(_meant(m)))), None)
    at = next((n for n, shot in enumerate(shots) if part is not None and shot.start_ms == part.start_ms), None)
    if part is None or at is None:
        raise Asked(reply("which_shots"))
    is_back = m.has("backward") and not m.has("forward")
    other = min(max(at + (1 if is_back else -1), 0), len(shots) - 1)
    return [Swap(target=Target(kind="shot", number=at + 1), other=Target(kind="shot", number=other + 1))]


first_move = first


def last(m: Match) -> Edits:
    """Put shots at the end."""
    if m.has("also") and (m.has("start", "begin") or 1 in m.values("ordinal")):
        return first(m)
    return _placed(m, _moved(m), "end")


def beside(m: Match) -> Edits:
    """Put a shot before or after another one."""
    files = [media for ids in m.values("file") for media in ids]
    shots = [Target(kind="shot", media=media) for media in files] or list(_moved(m))
    if m.has("it", "them", "both") and len(shots) == 1 and (seen := m._focused(("shot", "clip", "photo"))):
        is_moved_it = m.tokens and next(t for t in m.tokens if t.is_a("it", "them", "both", "file")).is_a(
            "it", "them", "both"
        )
        shots = [*seen, shots[0]] if is_moved_it else [shots[0], *seen]
    if len(shots) == 1 and (kind := _other_kind(m)) and files:
        if next(token for token in m.tokens if token.is_a("file", kind)).is_a(kind):
            return [Move(target=Target(kind=kind), place="before" if m.has("before") else "after", beside=shots[0])]
        shots.append(Target(kind=kind, number=1 if m.has("before") else -1))  # type: ignore[arg-type]
    if len(shots) < 2:
        is_first = m.has("before") != m.has("rest")  # "… and everything else after it"
        return _placed(m, tuple(shots), "start" if is_first else "end")
    place = "before" if m.has("before") else "after"
    moved, other = shots[0], shots[1]
    if len(files) > 1 and next(token for token in m.tokens if token.is_a("file", place)).is_a(
        place
    ):  # "after the intro show the diagram"
        if place == "after" and len(files) > 2:
            return list(order(m))
        moved, other = other, moved
    if m.has("between"):
        place = "after" if len(shots) > 2 else place
        parts = [part for part in m.parts(one_or_all(shots[1:])) if part.get("id")]
        other = Target(id=str(parts[0]["id"])) if len(parts) > 1 and not m.has("clip", "photo") else other
    is_seen = any(part.meta.get("media") == moved.media for part in m.film.shots)
    if not is_seen and moved.media:
        return [AddShot(media=moved.media, place=place, beside=other)]
    return [Move(target=moved, place=place, beside=other)]


def _other_kind(m: Match) -> Literal["photo", "clip", ""]:
    """Photos or clips that are named beside an upload: "the photos after the beach video"."""
    for before, token in itertools.pairwise((None, *m.tokens)):
        if token is not None and token.is_a("photo", "clip") and not (before is not None and before.is_a("file")):
            return "photo" if token.is_a("photo") else "clip"
    return ""


def only_once(m: Match) -> Edits:
    """Show an upload in one shot only."""
    if m.has("photo") and m.has("every", "all") and not m.has("file"):
        made = next((edit for edit in m.made if isinstance(edit, MakeVideo)), MakeVideo(pictures="images"))
        return [structs.replace(made, photos="once")]
    edits: list[Edit] = []
    for target in _meant(m):
        parts = [part for part in m.parts(target) if part.get("id")]
        kept = parts[-1] if m.edge() == "finish" else parts[0] if parts else None
        if len(parts) > 1:
            edits.append(Remove(target=tuple(Target(id=str(part["id"])) for part in parts if part is not kept)))
    return edits


def no_repeat(m: Match) -> Edits:
    """Show the uploads that are named, or all, in one shot each."""
    if m.has("file"):
        return only_once(m)
    edits: list[Edit] = []
    for media in dict.fromkeys(part.meta.get("media") for part in m.film.shots):
        parts = [part for part in m.film.shots if part.meta.get("media") == media and part.get("id")]
        if len(parts) > 1:
            edits.append(Remove(target=tuple(Target(id=str(part["id"])) for part in parts[1:])))
    return edits


repeats = no_repeat


def at_time(m: Match) -> Edits:
    """Move shots to a time."""
    edits: list[Edit] = []
    for target in _meant(m):
        seen = m.parts(target)
        at_s = m.value("time")
        edits.append(Move(target=target, at_s=at_s) if seen else AddShot(media=target.media or "", at_s=at_s))
    return edits


def beside_it(m: Match) -> Edits:
    """Put a shot before or after what was moved last."""
    return beside(m)


def swap_them(m: Match) -> Edits:
    """Let two shots change places."""
    seen = m._focused(("shot", "clip", "photo"))
    if (few := m.value("first_few")) is not None and few[1] == 2:
        return [Swap(target=Target(kind="shot", number=few[0]), other=Target(kind="shot", number=2 * few[0]))]
    if len(seen) == 2:
        return [Swap(target=seen[0], other=seen[1])]
    return [Swap(target=Target(kind="shot", number=1), other=Target(kind="shot", number=2))]


def swap(m: Match) -> Edits:
    """Let two shots change places."""
    shots = list(_moved(m))
    if len(shots) == 1 and m.has("both"):
        shots = [Target(kind="shot", number=1), Target(kind="shot", number=2)]
    if len(shots) < 2:
        raise Asked(reply("which_shots"))
    return [Swap(target=shots[0], other=shots[1])]


swap_two = swap


def instead_of(m: Match) -> Edits:
    """Show an upload in place of another one, which is named behind "instead of" or "not"."""
    files = [(at, media) for at, token in enumerate(m.tokens) for media in token.concepts.get("file") or ()]
    sign = next((at for at, token in enumerate(m.tokens) if token.is_a("instead", "than")), 0)
    new = [media for at, media in files if at < sign] or [media for _, media in files]
    old = [media for at, media in files if at > sign]
    numbers = m.counted("shot", "clip", "photo")
    if (m.has("another") and len(files) < 2) or not new:
        raise Asked(reply("which_shots"))
    if not old and not numbers:
        raise Asked(reply("which_shots"))
    target = Target(kind="shot", media=old[0]) if old else Target(kind="shot", number=numbers[0][0])
    return [Replace(target=target, media=new[0])]


def now_shows(m: Match) -> Edits:
    """Show an upload in place of a shot, or as the first or the last one."""
    number = m.value("ordinal")
    if number in (1, -1) and not m.has("rather", "replaced", "instead"):
        return _placed(m, _named(m), "start" if number == 1 else "end")
    return replace(m)


def replace(m: Match) -> Edits:
    """Show another upload in place of shots."""
    files = [media for ids in m.values("file") for media in ids]
    numbers = m.counted("shot", "clip", "photo")
    if numbers and files:
        return [Replace(target=Target(kind="shot", number=numbers[0][0]), media=files[-1])]
    if len(files) == 1 and not numbers and m.edge() and not m.has("from"):
        return _placed(m, _moved(m), m.edge().replace("finish", "end"))
    if len(files) == 2 and m.has("swap") and not m.has("with", "to", "for", "instead", "as"):
        return swap(m)
    if len(files) > 1:
        return [Replace(target=Target(kind="shot", media=files[0]), media=files[1])]
    if m.has("last", "finish"):
        return _placed(m, _moved(m), "end")
    raise Asked(reply("which_shots"))


def add(m: Match) -> Edits:
    """Show an upload that is not seen yet, or show it once more."""
    place = "start" if m.edge() == "start" else "end"
    seen = {part.meta.get("media") for part in m.film.shots}
    edits: list[Edit] = []
    if not m.has("again", "another") and not m.edge() and any(t.media in seen for t in m.shots(focus=False)):
        raise Asked(reply("which_shots"))
    for target in m.shots(focus=False):
        if target.media:
            edits.append(AddShot(media=target.media, place=place))
    return edits


add_into = add


def more_of(m: Match) -> Edits:
    """Show more, or less, of an upload."""
    return longer(m)


def missing(m: Match) -> Edits:
    """Show an upload that is missed."""
    return add(m)


def longer(m: Match) -> Edits:
    """Show shots longer or shorter: by a step, by a time, or for a time."""
    if m.has("it", "one") and not m.has("file", "shot", "clip", "photo") and m._focused(("title",)) and not m.shots():
        return of_titles.longer(m)
    shots = _meant(m)
    is_shorter = m.has("shorter", "shorten", "less", "drags") and not m.has("longer", "lengthen")
    times = list(m.values("time"))
    if times and (m.is_by or (m.has("more", "by") and not m.has("to"))):
        return [Trim(target=t, by_s=-times[-1] if is_shorter else times[-1]) for t in _each(m, shots)]
    if times:
        return [Trim(target=t, duration_s=times[-1]) for t in _each(m, shots)]
    factor = m.factor(is_less=is_shorter)
    return by_factor(m, shots, factor)


def long_now(m: Match) -> Edits:
    """Show shots for a time."""
    return [Trim(target=t, duration_s=m.value("time")) for t in _each(m, _meant(m))]


def length(m: Match) -> Edits:
    """Show shots for a time."""
    is_photos = bool(m.film.shots) and all(shot.role == "image" for shot in m.film.shots)
    if is_photos and m.has("every", "all", "photo", "picture") and not m.has("file"):
        return [Trim(target=t, duration_s=m.value("time")) for t in _each(m, (Target(kind="shot"),))]
    if m.has("every") and m.has("shot", "picture", "cuts") and not m.has("file", "photo", "clip"):
        return [Recut(pace=Pace(every_s=min(max(m.value("time"), 0.4), 600.0)))]
    return longer(m)


length_for = long_now


def half(m: Match) -> Edits:
    """Show shots for a share of the time."""
    return by_factor(m, _meant(m), m.factor(is_less=not m.has("double")))


def trim(m: Match) -> Edits:
    """Cut time off shots, or out of the film where none are named."""
    if m.has("keep", "only") and not m.has("remove") and m.has("time"):
        return keep_part(m)
    shots = m.shots(focus=m.has("it", "one"))
    time_s, edge = m.value("time"), m.edge()
    if (found := _off_ends(m, shots)) is not None:
        return found
    if (stretch := m.value("range")) is not None:
        if not shots and _is_only_trim(m):
            return [CutTime(start_s=stretch[0], end_s=stretch[1], keep=True)]
        if not shots or not m.has("file") or m.has("remove"):
            return [CutTime(start_s=stretch[0], end_s=stretch[1])]
        return [Trim(target=t, in_s=stretch[0], duration_s=max(0.1, stretch[1] - stretch[0])) for t in shots]
    if not shots:
        if not edge and m.has("middle"):
            return [CutTime(**_middle(m))]
        if not edge:
            return [CutTime(**m.stretch())] if m.span else _by_time(m)
        if m.has("to") and _is_only_trim(m):
            return [CutTime(end_s=time_s, keep=True) if edge == "start" else CutTime(start_s=-time_s, keep=True)]
        return [CutTime(end_s=time_s)] if edge == "start" else [CutTime(start_s=-time_s)]
    if edge and not m.has("to"):
        field = "start_s" if edge == "start" else "end_s"
        return [Trim(target=t, **{field: time_s}) for t in shots]
    if m.has("off", "by", "less"):
        return [Trim(target=t, by_s=-time_s) for t in shots]
    return [Trim(target=t, duration_s=time_s) for t in shots]


def _is_only_trim(m: Match) -> bool:
    """Whether time is trimmed to, not taken out: "trim from 2 s to 6 s", "cut it to …"."""
    trims = [token for token in m.tokens if token.is_a("trim")]
    is_pure = any(not token.is_a("remove", "cuts", "split") for token in trims)
    return bool(trims) and not m.has("off", "between") and (is_pure or (m.has("to") and m.has("it", "film")))


def _middle(m: Match) -> dict[str, float]:
    """So many seconds in the middle of the film."""
    time_s, total_s = min(m.value("time"), m.film.end_ms / 1000), m.film.end_ms / 1000
    return {"start_s": (total_s - time_s) / 2, "end_s": (total_s + time_s) / 2}


def _off_ends(m: Match, shots: Sequence[Target]) -> list[Edit] | None:
    """Seconds that go at both ends, of the film or of shots; None where it is one end."""
    said = [float(t.concepts.get("time", t.concepts.get("number"))) for t in m.tokens if t.is_a("time", "number")]
    edges = ["start" if t.is_a("start") or t.concepts.get("ordinal") == 1 else "finish" for t in m.tokens
             if t.is_a("start", "finish") or t.concepts.get("ordinal") in (1, -1)]  # fmt: skip
    if m.has("both_ends") and len(said) == 1:
        said, edges = said * 2, ["start", "finish"]
    if len(said) != 2 or sorted(edges) != ["finish", "start"] or m.has("to", "keep", "only"):
        return None
    if shots:
        return [
            Trim(target=t, **{"start_s" if e == "start" else "end_s": s})
            for t in shots
            for s, e in zip(said, edges, strict=True)
        ]
    return [CutTime(end_s=s) if e == "start" else CutTime(start_s=-s) for s, e in zip(said, edges, strict=True)]


def trim_part(m: Match) -> Edits:
    """Cut something off an end of shots."""
    if m.has("time"):
        return trim(m)
    raise Asked(reply("how_many_seconds"))


def keep_part(m: Match) -> Edits:
    """Keep a stretch of shots."""
    shots = m.shots(focus=m.has("it", "one", "shot", "clip"))
    stretch, time_s = m.value("range"), m.value("time")
    if m.is_by and shots:
        return longer(m)
    if (m.has("remove", "off") and not m.has("keep", "only")) or (
        m.has("trim") and not m.has("to", "keep", "only", "shorten", "until")
    ):
        return trim(m)
    if shots and time_s is not None and m.has("trim") and m.edge() and not m.has("to", "keep", "only", "until", "film"):
        return trim(m)
    if shots and time_s is not None and m.has("by") and not m.has("to"):
        return [Trim(target=t, by_s=-time_s) for t in _each(m, shots)]
    if m.has("film") and not m.has("file") and not m.counted("shot", "photo"):
        shots = ()
    if not shots and m.has("it", "one") and m._focused(("title",)):
        return of_titles.longer(m)
    if not shots and m.has("it") and (heard := m._focused(("song", "composed", "music"))):
        return [PlaceMusic(target=heard[0], **(m.stretch() or {"end_s": time_s}))]
    if not shots:
        if stretch is not None:
            return [CutTime(start_s=stretch[0], end_s=stretch[1], keep=True)]
        if not m.edge() and m.has("middle"):
            return [CutTime(**_middle(m), keep=True)]
        if not m.edge() and m.span is not None:
            return [CutTime(**m.stretch(), keep=True)]
        if not m.edge():
            raise Asked(reply("which_shots"))
        return [CutTime(end_s=time_s, keep=True)] if m.edge() == "start" else [CutTime(start_s=-time_s, keep=True)]
    if stretch is not None:
        return [Trim(target=t, in_s=stretch[0], duration_s=max(0.1, stretch[1] - stretch[0])) for t in shots]
    if m.edge() == "finish":
        return [Trim(target=t, keep_last_s=time_s) for t in shots]
    if m.has("until") and (parts := m.parts(shots[0])) and time_s > parts[0].start_ms / 1000:
        return [Trim(target=shots[0], duration_s=time_s - parts[0].start_ms / 1000)]
    return [Trim(target=t, duration_s=time_s) for t in shots]


def begin_at(m: Match) -> Edits:
    """Show clips only from a time of theirs on, or only until one."""
    time_s = m.value("time")
    if m.has("earlier"):
        return [Trim(target=t, end_s=time_s) for t in m.shots(focus=False)]
    is_end = m.has("end", "until") and not m.has("from")
    return [Trim(target=t, **({"duration_s": time_s} if is_end else {"start_s": time_s})) for t in m.shots(focus=False)]


def speed(m: Match) -> Edits:
    """Play clips faster or slower."""
    shots = m.shots() or m._focused(("shot", "clip", "photo")) or (Target(kind="shot"),)
    factor = next((value for name, value in _SPEEDS.items() if m.has(name)), None)
    is_relative = False
    if (said := m.value("factor")) is not None:
        factor = float(said)
    elif (percent := m.value("percent")) is not None:
        sign, share = percent
        is_to = m.has("to", "at") or not m.has("slow_down", "speed_up", "faster", "slower")
        factor = share if is_to else 1 - share if m.has("slow_down", "slower") else 1 + share
    elif factor is None:
        is_relative = True
        factor = _FASTER[m.degree] if m.has("speed_up", "faster") else 1 / _FASTER[m.degree]
        if m.has("half", "double"):
            factor, is_relative = 2.0 if m.has("double") else 0.5, False
    if m.has("normal_speed") and m.value("factor") is None and m.value("percent") is None:
        factor, is_relative = 1.0, False
    span = _within(m, shots) if m.has("range") else {}
    return [SetSpeed(target=one_or_all(shots), factor=min(max(factor, 0.1), 10.0), relative=is_relative, **span)]


def _within(m: Match, shots: Sequence[Target]) -> dict[str, float]:
    """From when to when in the film, where times are said of a clip."""
    start_s, end_s = m.value("range")
    parts = m.parts(shots[0]) if m.has("file") else []
    offset = parts[0].start_ms / 1000 if parts and end_s <= parts[0]["d"] / 1000 else 0.0
    return {"start_s": start_s + offset, "end_s": end_s + offset}


def tempo_of(m: Match) -> Edits:
    """Play shots at another speed."""
    share = next((value for name, value in _SHARES.items() if m.has(name)), None)
    if share is None:
        return speed(m) if m.has("factor", "percent") else _relative(m)
    return [SetSpeed(target=one_or_all(_meant(m)), factor=share)]


def _relative(m: Match) -> Edits:
    is_slower = m.has("quieter", "reduce", "down", "lower")
    factor = 1 / _FASTER[m.degree] if is_slower else _FASTER[m.degree]
    return [SetSpeed(target=one_or_all(_meant(m)), factor=factor, relative=True)]


speed_by = speed
speed_again = speed


def faster_shot(m: Match) -> Edits:
    """Play a clip faster or slower."""
    return speed(m)


def duplicate(m: Match) -> Edits:
    """Show shots again."""
    times = int(m.value("factor") or m.value("number") or 2)
    place = "start" if m.edge() == "start" else "end" if m.edge() else None
    return [Duplicate(target=one_or_all(_meant(m)), times=min(max(times, 2), 50), place=place)]


twice = duplicate


def again_at(m: Match) -> Edits:
    """Show shots once more at an end."""
    is_start = m.has("start") or (1 in m.values("ordinal") and not m.has("finish", "end"))
    return [Duplicate(target=one_or_all(_meant(m)), place="start" if is_start else "end")]


def split(m: Match) -> Edits:
    """Cut shots in two, or in more parts."""
    shots = m.shots()
    at_s = m.value("time")
    number = int(m.value("pieces") or m.value("number") or 2)
    return [Split(target=one_or_all(shots) if shots else None, at_s=at_s, parts=max(2, number))]


split_of = split


split_into = split_at = split_cut = split


def sort(m: Match) -> Edits:
    """Put all shots into another order."""
    if m.has("file"):
        return order(m)
    by = "shuffled" if m.has("shuffle") else "reversed" if m.has("reverse_order") else "name"
    return [SortShots(by=by)]


def order(m: Match) -> Edits:
    """Put shots into the order in which they are named."""
    files = list(dict.fromkeys(media for ids in m.values("file") for media in ids))
    edits: list[Edit] = []
    seen = {part.meta.get("media") for part in m.film.shots}
    before = m.made[-1] if m.made and not m.has("start", "begin") else None
    if (
        isinstance(before, Move)
        and isinstance(before.target, Target)
        and before.target.media
        and before.place in ("start", "after")
    ):
        files = [before.target.media, *(media for media in files if media != before.target.media)]
    for at, media in enumerate(files):
        target = Target(kind="shot", media=media)
        if media not in seen:
            edits.append(AddShot(media=media, place="end"))
        elif at == 0:
            edits.append(Move(target=target, place="start"))
        else:
            edits.append(Move(target=target, place="after", beside=Target(kind="shot", media=files[at - 1])))
    return edits


def once(m: Match) -> Edits:
    """Show one picture throughout."""
    named = [Remove(target=one_or_all(shots), keep=True)] if m.has("file") and (shots := m.shots(focus=False)) else []
    return [*named, Recut(pace=Pace(shots=1))]


uncut = once
throughout = once


def _named(m: Match) -> tuple[Target, ...]:
    """The uploads that are named."""
    return tuple(dict.fromkeys(Target(kind="shot", media=media) for ids in m.values("file") for media in ids))


def _meant(m: Match) -> tuple[Target, ...]:
    is_photos = bool(m.film.shots) and all(shot.role == "image" for shot in m.film.shots)
    if is_photos and m.has("all", "every") and not m.has("file"):
        return (Target(kind="shot"),)
    shots = m.shots()
    if not shots:
        raise Asked(reply("which_shots"))
    return shots


_moved = _meant


def _placed(m: Match, shots: Sequence[Target], place: Any) -> Edits:
    """Move shots to an end; uploads that are not seen yet are added there."""
    seen = {part.meta.get("media") for part in m.film.shots}
    length_s = m.value("time") if m.has("for") else None
    edits: list[Edit] = []
    is_again = _is_again(m)
    timed = shots if _is_each_timed(m) else shots[:1]
    for target in reversed(shots) if place == "start" else shots:
        if target.media and (target.media not in seen or is_again):
            edits.append(AddShot(media=target.media, place=place, duration_s=length_s if target in timed else None))
        else:
            edits.append(Move(target=target, place=place))
            edits += [Trim(target=target, duration_s=length_s)] if length_s and target in timed else []
    return edits


def _is_each_timed(m: Match) -> bool:
    """Whether a time is said behind all uploads that are named, and not behind the first one."""
    at = next((at for at, token in enumerate(m.tokens) if token.is_a("time")), 0)
    return not (
        any(token.is_a("file") for token in m.tokens[:at]) and any(token.is_a("file") for token in m.tokens[at:])
    )


def _is_again(m: Match) -> bool:
    """Whether something is to be seen at one more place: "put the logo at the start as well"."""
    at = next((at for at, token in enumerate(m.tokens) if token.is_a("file")), len(m.tokens))
    return any(token.is_a("also", "again") for token in m.tokens[at:])


def _each(m: Match, shots: Sequence[Target]) -> Sequence[Target]:
    """Photos one by one, so that the film grows or shrinks with them."""
    parts = [part for target in shots for part in m.parts(target)]
    if len(parts) > len(shots) and all(part.role == "image" and part.get("id") for part in parts):
        return [Target(id=str(part["id"])) for part in parts]
    return shots


def by_factor(m: Match, shots: Sequence[Target], factor: float) -> Edits:
    """Show shots so many times as long as now."""
    is_photos = bool(m.film.shots) and all(shot.role == "image" for shot in m.film.shots)
    if (
        m.film.is_cut_to_music
        and not is_photos
        and not any(target.media or target.number or target.id for target in shots)
    ):
        return [Recut(pace=Pace(factor=factor), relative=True)]
    edits = []
    for target in shots:
        for part in m.parts(target):
            own = Target(id=str(part["id"])) if part.get("id") else target
            edits.append(Trim(target=own, duration_s=max(0.2, part["d"] / 1000 * factor)))
    return edits


def _by_time(m: Match) -> Edits:
    raise Asked(reply("how_many_seconds"))
