"""Pictures on the timeline: in a row, cut to beats, or drawn; and what shots keep through a new cut.

The pace of a film that is cut to music is noted in the draft's `m.pace`, so that the next cut keeps to it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from nemo_notebook.film.camerawork import camera_of
from nemo_notebook.film.cutting import USUAL_PACE, Pace, Rhythm, cut_points
from nemo_notebook.film.draft import PICTURES, Draft, Part, media_segment, on_frame, to_frame, to_ms
from nemo_notebook.film.footage import SHORTEST, Source, Take, takes
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.style import USUAL, Style, style_of
from nemo_notebook.outside import finite

IMAGE_FRAMES: Final = 90  # a picture in a row is seen for three seconds
PALETTE: Final = "aurora"
_WHOLE_MS: Final = 40  # a clip that so much is missing of is whole
PUSH: Final = {"from": [0.5, 0.5, 1.03], "to": [0.5, 0.5, 1.11]}
_PULL: Final = {"from": PUSH["to"], "to": PUSH["from"]}
LONGEST_SHARE: Final = 1 / 2  # of the shorter neighbour that a transition may take
SHORTEST_JOIN_MS: Final = 67
_DROP_MS, _SECTION_MS = 300.0, 500.0  # transitions that a style makes by itself
_AUTO_SHARE: Final = 1 / 3  # of the shorter neighbour that these may take
_LOOKS: Final = ("filter", "adjust", "fit", "effects", "flip", "turn")
_SAME_CUT_MS: Final = 40
_CRUMB: Final = 45  # frames of a last shot that look like a mistake


def lay_in_row(
    draft: Draft, items: Sequence[MediaItem], image_frames: int = IMAGE_FRAMES, until: int | None = None, seed: int = 0
) -> int:
    """Lays clips whole and images for three seconds, one after another; returns the length in frames.

    With `until` it ends at that frame. What is too long for it is cut to its best moments, the longest clips first, so
    that all are seen; what is too short begins again from the first.
    """
    lengths = [to_frame(item.duration_ms) if item.kind == "video" else image_frames for item in items]
    row = [index for index, frames in enumerate(lengths) if frames > 0]
    if until is not None and until < sum(lengths):
        row = row[: max(1, until // SHORTEST)]
        shares = _shares([lengths[index] for index in row], until)
        laid = []
        for index, first, last in zip(
            row, [0, *itertools.accumulate(shares)], itertools.accumulate(shares), strict=False
        ):
            is_cut = items[index].kind == "video" and last - first < lengths[index]
            best = takes((0, last - first), [Source.of(items[index])], (), seed)[0].in_frame if is_cut else 0
            laid.append(Take(index, first, last, best))
    else:
        laid = _repeated(row, lengths, until or sum(lengths))
    draft.meta.pop("pace", None)
    _lay(draft, items, laid, clip_volume=1.0)
    return laid[-1].last if laid else 0


def _shares(lengths: Sequence[int], frames: int) -> list[int]:
    """Lengths of which the longest are cut, so that they last so many frames together."""
    shares, left = list(lengths), frames
    for done, index in enumerate(sorted(range(len(lengths)), key=lengths.__getitem__)):
        shares[index] = min(lengths[index], left // (len(lengths) - done))
        left -= shares[index]
    return shares


def _repeated(row: Sequence[int], lengths: Sequence[int], frames: int) -> list[Take]:
    """Uploads one after another until a frame; what is left over for the last one is no crumb, and from its end."""
    laid: list[Take] = []
    for index in itertools.cycle(row):
        at = laid[-1].last if laid else 0
        if at == frames:
            break
        laid.append(Take(index, at, min(at + lengths[index], frames), 0))
    if len(laid) > len(row) > 1 and 0 < laid[-1].last - laid[-1].first < _CRUMB:
        before, last = laid[-2:]
        middle = (before.first + last.last) // 2
        in_frame = max(0, lengths[last.source] - (last.last - middle))
        laid[-2:] = [replace(before, last=middle), replace(last, first=middle, in_frame=in_frame)]
    return laid


def lay_cut(
    draft: Draft,
    items: Sequence[MediaItem],
    rhythm: Rhythm,
    frames: int,
    pace: Pace,
    seed: int,
    clip_volume: float = 0.0,
    *,
    points: Sequence[int] | None = None,
) -> int:
    """Lays a film of `frames` frames cut to a rhythm, in the looks and with the transitions that the shots before had.

    It is cut at `points` where these are given, and at the given pace only when it is cut again.

    Returns:
        The number of shots.
    """
    dress, style = dress_of(draft.shots), style_of(draft.meta)
    points = points or cut_points(rhythm, frames, pace, style)
    cut = _Cut(draft, items, rhythm, frames, seed)
    draft.meta["pace"] = msgspec.to_builtins(pace)
    draft.remove_roles(*PICTURES)
    draft.add_track("clip", cut.segments(points, clip_volume))
    put_on(draft.shots, dress)
    return len(draft.shots)


def go_on_cutting(draft: Draft, items: Sequence[MediaItem], rhythm: Rhythm, frames: int, seed: int) -> None:
    """Adds shots after the last one until a frame, at the pace of the film; those that are there stay as they are."""
    shots = draft.shots
    dress = dress_of(shots)
    at = shots[-1].last
    style = style_of(draft.meta)
    later = [point for point in cut_points(rhythm, frames, pace_of(draft), style) if point >= at + SHORTEST] or [frames]
    shown = [item.id for item in items]
    last = shots[-1].meta.get("media")
    turn = shown.index(last) + 1 if last in shown else 0
    row = [*items[turn:], *items[:turn]]
    cut = _Cut(draft, row, rhythm, frames, seed + len(shots))
    fresh = list(cut.segments((at, *later), sound_of(shots)))
    ids = {role: draft.index.free_ids(role) for role in ("clip", "image")}
    for segment in fresh:
        segment["id"] = next(ids[str(segment.meta["role"])])
    draft.track_of(shots[0])["sg"] += fresh
    put_on([shots[-1], *fresh], dress)


def sound_of(shots: Sequence[Part]) -> float:
    """How loud shots are at most; 0 where none has sound of its own."""
    return max((shot.volume for shot in shots if "v" in shot), default=0.0)


def lay_drawn(draft: Draft, frames: int, style: str = "bars", song: MediaItem | None = None) -> None:
    """Lays a drawn background and a visualizer; with the cover art of a song that has one, in its colours."""
    draft.remove_roles(*PICTURES)
    segment = draft.new_part("backdrop", "Backdrop", 0, frames)
    segment.meta["palette"] = PALETTE
    if song is not None and song.cover_colors:
        segment.meta.update(cover=song.id, colors=list(song.cover_colors))
    draft.add_track("backdrop", [segment])
    lay_visualizer(draft, frames, style, colors=song.cover_colors if song is not None else ())


def lay_visualizer(draft: Draft, frames: int, style: str, palette: str = PALETTE, colors: Sequence[str] = ()) -> None:
    """Lays a visualizer over the whole film in place of the one that is there; `colors` go before the palette."""
    draft.remove_roles("visualizer")
    segment = draft.new_part("visualizer", f"Visualizer: {style}", 0, frames)
    segment.meta.update(style=style, palette=palette, **({"colors": list(colors)} if colors else {}))
    draft.add_track("visualizer", [segment])


def fit_drawn(draft: Draft, frames: int) -> None:
    """Makes drawn layers that start the film last as long as it does."""
    for segment in draft.segments("visualizer", "backdrop"):
        if segment.start_ms == 0:
            segment.place(0, frames)


def items_of(draft: Draft, situation: Situation) -> list[MediaItem]:
    """The uploads that the shots show, each once, in order of appearance."""
    found = (shot.upload(situation) for shot in draft.shots)
    return list({item.id: item for item in found if item is not None}.values())


def is_row(draft: Draft, situation: Situation) -> bool:
    """Whether the shots are whole uploads laid one after another from the start."""
    at = 0
    seen = set()
    for shot in draft.shots:
        item = shot.upload(situation)
        if item is None or item.id in seen or shot.start_ms != at or shot.in_ms != 0:
            return False
        if item.kind != "image" and abs(shot["d"] * shot.speed - item.duration_ms) > _WHOLE_MS:
            return False
        seen.add(item.id)
        at = shot.end_ms
    return bool(seen)


class _Cut:
    """The shots of uploads to a rhythm, with what the camera does in each and how one goes over into the next."""

    def __init__(self, film: Draft, items: Sequence[MediaItem], rhythm: Rhythm, frames: int, seed: int) -> None:
        self._items, self._canvas, self._fit = items, film.canvas, str(film.meta.get("fit") or "auto")
        self._beats, self._passages = rhythm.beats, rhythm.passages(frames)
        self._style, self._seed = style_of(film.meta), seed

    def segments(self, points: Sequence[int], clip_volume: float) -> Iterator[Part]:
        """The shots between some boundaries."""
        sources = [Source.of(item, self._canvas, self._fit) for item in self._items]
        laid = takes(points, sources, self._beats, self._seed, self._passages)
        for number, (take, segment) in enumerate(zip(laid, _segments(self._items, laid, clip_volume), strict=True)):
            if camera := camera_of(take, number + self._seed, sources[take.source], self._style):
                segment.meta["camera"] = camera
            if number and (join := self._join(laid[number - 1], take)):
                segment.meta["transition"] = join
            yield segment

    def _join(self, one: Take, other: Take) -> dict[str, Any]:
        """How one shot goes over into the next by itself; empty for a hard cut."""
        begins = next((each for each in self._passages if each.first == other.first), None)
        kind, length_ms = "none", 0.0
        if begins is not None and begins.kind == "peak":
            kind, length_ms = self._style.drop, _DROP_MS
        elif begins is not None:
            kind, length_ms = self._style.section, _SECTION_MS
        if kind == "none" and self._style.dissolve_s and max(one.level, other.level) <= self._style.dissolve_below:
            kind, length_ms = "dissolve", 1000 * self._style.dissolve_s
        most_ms = to_ms(min(one.last - one.first, other.last - other.first)) * _AUTO_SHARE
        if kind == "none" or length_ms > most_ms:
            return {}
        return {"kind": kind, "ms": on_frame(length_ms), "auto": True}


def _lay(draft: Draft, items: Sequence[MediaItem], laid: Sequence[Take], clip_volume: float) -> None:
    draft.remove_roles(*PICTURES)
    draft.add_track("clip", _segments(items, laid, clip_volume))


def _segments(items: Sequence[MediaItem], laid: Sequence[Take], clip_volume: float) -> Iterator[Part]:
    images = 0
    for number, take in enumerate(laid, start=1):
        item = items[take.source]
        segment = media_segment(item, number, take.first, take.last, to_ms(take.in_frame))
        if item.kind == "image":
            segment.meta["camera"] = deepcopy(_PULL if images % 2 else PUSH)
            images += 1
        elif item.has_audio:
            segment["v"] = clip_volume
        yield segment


def put_style(draft: Draft, name: str, own: Style | None = None) -> None:
    """Note a style in a film, and give it the look, the titles and the visualizer of it."""
    meta, before = draft.meta, style_of(draft.meta).look.as_meta()
    for key in ("style", "own_style"):
        meta.pop(key, None)
    if own is not None:
        meta["own_style"] = msgspec.to_builtins(own)
    elif name != USUAL:
        meta["style"] = name
    style = style_of(meta)
    for key in [key for key, value in before.items() if meta.get(key) == value]:
        meta.pop(key)
    meta.update(style.look.as_meta())
    for title in draft.segments("title"):
        title.meta.update(msgspec.to_builtins(style.title))
    for drawn in draft.segments("visualizer"):
        drawn.meta.update(msgspec.to_builtins(style.visualizer))


@dataclass(frozen=True, slots=True)
class Dress:
    """What a cut wears.

    Attributes:
        looks: By the id of an upload: filter, adjustments and fit that all its shots share.
        volumes: By the id of an upload: the volume that all its shots share, where not all uploads share one.
        join: The transition that most cuts have, or None.
        joins: By the time of a cut in milliseconds: transitions where not most cuts have one.
    """

    looks: dict[str, dict[str, Any]] = field(default_factory=dict)
    volumes: dict[str, float] = field(default_factory=dict)
    join: dict[str, Any] | None = None
    joins: dict[int, dict[str, Any]] = field(default_factory=dict)


def dress_of(shots: Sequence[Part]) -> Dress:
    """What shots in time order wear."""
    by_media: dict[str, list[Part]] = {}
    for shot in shots:
        by_media.setdefault(str(shot.meta.get("media")), []).append(shot)
    looks = {media: own for media, of_it in by_media.items() if (own := _shared(of_it))}
    volumes = {media: levels.pop() for media, of_it in by_media.items() if len(levels := _levels(of_it)) == 1}
    volumes = volumes if len(set(volumes.values())) > 1 else {}
    joins = {shot.start_ms: join for shot in shots[1:] if (join := _join_of(shot)) is not None}
    if joins and len(joins) * 2 >= len(shots) - 1:
        (kind, _), *_ = Counter(join["kind"] for join in joins.values()).most_common(1)
        longest = max((j for j in joins.values() if j["kind"] == kind), key=lambda j: float(finite(j.get("ms")) or 0))
        return Dress(looks, volumes, dict(longest))
    return Dress(looks, volumes, None, joins)


def put_on(shots: Sequence[Part], dress: Dress) -> None:
    """Gives shots in time order what earlier shots wore, as far as it fits them."""
    for shot in shots:
        shot.meta.update(deepcopy(dress.looks.get(str(shot.meta.get("media")), {})))
        if "v" in shot:
            shot["v"] = dress.volumes.get(str(shot.meta.get("media")), shot["v"])
    for one, other in itertools.pairwise(shots):
        join = dress.join or next(
            (join for at, join in dress.joins.items() if abs(at - other.start_ms) <= _SAME_CUT_MS), None
        )
        if join is not None and abs(one.end_ms - other.start_ms) <= 1:
            wanted = finite(join.get("ms")) or SHORTEST_JOIN_MS
            other.meta["transition"] = {**join, "ms": join_ms(wanted, one, other)}


def join_ms(wanted_ms: float, one: Part, other: Part, share: float = LONGEST_SHARE) -> int:
    """The length of a transition between two shots: at most a share of the shorter one."""
    return on_frame(max(SHORTEST_JOIN_MS, min(wanted_ms, min(one["d"], other["d"]) * share)))


def _shared(shots: Sequence[Part]) -> dict[str, Any]:
    first = shots[0].meta
    return {key: first[key] for key in _LOOKS if key in first and all(s.meta.get(key) == first[key] for s in shots)}


def _levels(shots: Sequence[Part]) -> set[float]:
    return {level for shot in shots if (level := finite(shot.get("v"))) is not None and 0 <= level <= 1}


def _join_of(shot: Part) -> dict[str, Any] | None:
    join = shot.meta.get("transition")
    return join if isinstance(join, dict) and isinstance(join.get("kind"), str) and not join.get("auto") else None


def pace_of(draft: Draft) -> Pace:
    """The pace that a film was cut at; the usual one where there is none, or none that can be used."""
    try:
        return msgspec.convert(draft.meta.get("pace"), Pace)
    except msgspec.ValidationError:
        return USUAL_PACE
