"""Edits of pictures over the film, whose sound goes on: in a corner, in place of what is seen, or several at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Annotated, Final, Literal

from nemo_notebook.film import assembly, layout
from nemo_notebook.film.draft import Draft, Part, media_segment, to_frame, to_ms
from nemo_notebook.film.edit import Edit, Meta, OfEngine, begin_film
from nemo_notebook.film.edits.parts import NewId, without
from nemo_notebook.film.model import Hash, Length, MediaItem, Seconds, Situation
from nemo_notebook.film.target import Target, Which, describe, select, upload_of
from nemo_notebook.film.wording import Told, refuse_if, stem

_Box = tuple[float, float, float, float]
_Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right", "left", "right", "top", "bottom", "center"]
_Place = Literal[_Corner, "full"]
_Size = Annotated[float, Meta(ge=0.1, le=1)]
_Split = Annotated[tuple[Hash, ...], Meta(max_length=4)]
_Count = Annotated[int, Meta(ge=2, le=4)]
_Factor = Annotated[float, Meta(ge=0.1, le=10)]
_USUAL_SIZE: Final = 0.3
_LARGEST: Final = 0.94  # of the canvas, either way
_MARGIN: Final = 0.04  # of the canvas' shorter side
_PHOTO_FRAMES: Final = 90  # of a photo that is shown in place of the film
_SHORTEST_CLIP: Final = 15  # frames; what is shorter is not played over and over


class AddOverlay(OfEngine, Edit, frozen=True, kw_only=True):
    """Show an upload over the film, small in a corner or in place of what is seen; the film's sound goes on."""

    media: Annotated[Hash, Meta(description="The content hash of a clip or a photo.")]
    place: Annotated[_Place, Meta(description="Where in the picture; `full` covers all of it.")] = "bottom-right"
    size: Annotated[_Size | None, Meta(description="How large, as a share of the picture's sides; 0.3 else.")] = None
    over: Annotated[Which | None, Meta(description="The shots that it lies over, in place of times.")] = None
    start_s: Annotated[Seconds | None, Meta(description="Second of the film at which it appears.")] = None
    end_s: Annotated[Seconds | None, Meta(description="Second of the film at which it disappears.")] = None
    duration_s: Annotated[Length | None, Meta(description="How long it is seen; as long as the clip is else.")] = None
    in_s: Annotated[Seconds | None, Meta(description="Where in the clip it begins.")] = None
    id: NewId = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        item = _picture_of(situation, self.media)
        told = begin_film(film, situation)
        first, last = self._span(film, situation, item)
        in_ms = round(1000 * (self.in_s or 0.0))
        if item.kind == "video":
            left = layout.frames_left(item, in_ms)
            refuse_if(left < layout.SHORTEST_SHOT, "parts.too_short", "in_s", name=stem(item.filename), long=0)
            last = min(last, first + left)
        part = media_segment(item, 1, first, last, in_ms, "overlay")
        part["id"] = film.new_id("overlay", self.id)
        if self.place != "full":
            part.meta["box"] = list(box_at(self.place, self.size or _USUAL_SIZE, _aspect(item), film.canvas))
        film.lay_where_free(part, "overlay")
        values = {"name": stem(item.filename), "start": part.start_ms, "end": part.end_ms, "place": self.place}
        return [*told, Told("add_overlay.full" if self.place == "full" else "add_overlay.small", **values)]

    def _span(self, film: Draft, situation: Situation, item: MediaItem) -> tuple[int, int]:
        """From which frame to which it may be seen; a clip may end sooner."""
        total = layout.shots_in(film)
        if self.over is not None:
            shots = select(film, situation, self.over, field="over")
            return shots[0].first, max(shot.last for shot in shots)
        first = to_frame(1000 * (self.start_s or 0.0))
        if self.start_s is None and self.place == "full":
            first = _middle_cut(film, item)
        refuse_if(first >= total, "parts.too_late", "start_s", at=1000 * (self.start_s or 0.0), end=film.picture_end_ms)
        frames = total if self.duration_s is None else to_frame(1000 * self.duration_s)
        if self.duration_s is None and self.place == "full" and item.kind == "image":
            frames = _PHOTO_FRAMES
        last = total if self.end_s is None else to_frame(1000 * self.end_s)
        return first, max(first + layout.SHORTEST_SHOT, min(last, first + frames, total))


class SplitScreen(OfEngine, Edit, frozen=True, kw_only=True):
    """Show two to four uploads at once, beside or above one another or in a grid; the film's sound goes on."""

    media: Annotated[_Split, Meta(description="The content hashes of clips and photos; what the film shows else.")] = ()
    count: Annotated[_Count | None, Meta(description="How many; as many as are named, or two.")] = None
    layout: Annotated[
        Literal["columns", "rows", "grid"] | None, Meta(description="How they lie; as the picture's shape suits else.")
    ] = None
    start_s: Annotated[Seconds | None, Meta(description="Where on the timeline it begins.")] = None
    end_s: Annotated[Seconds | None, Meta(description="Where on the timeline it ends.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin_film(film, situation)
        total = layout.shots_in(film)
        first = to_frame(1000 * (self.start_s or 0.0))
        last = total if self.end_s is None else min(total, to_frame(1000 * self.end_s))
        span = {"at": 1000 * (self.start_s or 0.0), "end": film.picture_end_ms}
        refuse_if(last - first < layout.SHORTEST_SHOT, "parts.too_late", "start_s", **span)
        items, count = self._items(film, situation)
        before = [layout.split_at(film, part, first, last) for part in film.segments("overlay")]
        film.remove([part for part in before if part is not None])
        for number, box in enumerate(boxes_of(count, self.layout, film.canvas)):
            item, again = items[number % len(items)], number // len(items)
            in_ms = round(item.duration_ms * again / (1 + (count - 1) // len(items)))
            for part in _filled(film, item, first, last, in_ms):
                part.meta["box"] = list(box)
                film.lay_where_free(part, "overlay")
        names = [stem(item.filename) for item in items[:count]]
        values = {"n": count, "names": Told("target.names", names=names), "start": to_ms(first), "end": to_ms(last)}
        return [*told, Told("split_screen.shown", **values)]

    def _items(self, film: Draft, situation: Situation) -> tuple[list[MediaItem], int]:
        """What is shown, the uploads that are named first, and how many pictures there are."""
        named = [_picture_of(situation, media) for media in self.media]
        count = self.count or max(2, len(named))
        others = [item for item in assembly.items_of(film, situation) if item not in named]
        others += [item for item in situation.media if item.kind != "audio" and item not in (*named, *others)]
        items = (named if len(named) > 1 else [*named, *others])[:count]
        refuse_if(not items, "set_look.no_pictures")
        return items, count


class SetOverlay(OfEngine, Edit, frozen=True, kw_only=True):
    """Move pictures that lie over the film, or make them larger or smaller."""

    target: Annotated[Which, Meta(description="Which of them.")] = Target(kind="overlay")
    place: Annotated[_Place | None, Meta(description="Where in the picture; `full` covers all of it.")] = None
    size: Annotated[_Size | None, Meta(description="How large, as a share of the picture's sides.")] = None
    factor: Annotated[_Factor | None, Meta(description="By how much larger than now instead.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        refuse_if((self.place, self.size, self.factor) == (None, None, None), "set_overlay.nothing", "place")
        parts = select(film, situation, self.target, "overlay")
        shots = without(parts, film.segments("overlay"))
        refuse_if(bool(shots), "set_overlay.no_overlay", "target", names=describe(film, situation, shots))
        for part in parts:
            self._set(part, film, situation)
        return [Told("set_overlay.set", names=describe(film, situation, parts))]

    def _set(self, part: Part, film: Draft, situation: Situation) -> None:
        if self.place == "full":
            part.meta.pop("box", None)
            return
        box = _box_of(part)
        item = part.upload(situation)
        size = self.size or min(1.0, max(0.1, sqrt(box[2] * box[3]) * (self.factor or 1.0)))
        place = self.place or _place_of(box)
        part.meta["box"] = list(box_at(place, size, _aspect(item) if item else 1.0, film.canvas))


def _picture_of(situation: Situation, media: str) -> MediaItem:
    item = upload_of(situation, media)
    refuse_if(item.kind == "audio", "add_shot.sound", "media", name=stem(item.filename))
    return item


def _aspect(item: MediaItem) -> float:
    """Width by height of an upload; of an unknown one as most are."""
    return item.width / item.height if item.width and item.height else 16 / 9


def box_at(place: _Corner, size: float, aspect: float, canvas: tuple[int, int]) -> _Box:
    """Where a small picture lies.

    Args:
        place: The corner, or the middle of an edge or of the canvas.
        size: The square root of the share of the canvas that it takes.
        aspect: Width by height of what it shows.
        canvas: Width and height in pixels.

    Returns:
        Left, top, width and height, 0–1 of the canvas.
    """
    wider = sqrt(aspect * canvas[1] / canvas[0])
    size = min(size, _LARGEST / wider, _LARGEST * wider)
    width, height = size * wider, size / wider
    margins = (_MARGIN * min(canvas) / side for side in canvas)
    ends = (("left", "right"), ("top", "bottom"))
    left, top = (
        margin if start in place else 1 - margin - side if end in place else (1 - side) / 2
        for (start, end), side, margin in zip(ends, (width, height), margins, strict=True)
    )
    x, y, wide, high = (round(value, 4) for value in (left, top, width, height))
    return x, y, wide, high


def boxes_of(count: int, how: str | None, canvas: tuple[int, int]) -> list[_Box]:
    """The parts of a split screen, row by row; without a wish two or three lie along the canvas' longer side."""
    how = how or ("grid" if count == 4 else "columns" if canvas[0] >= canvas[1] else "rows")
    across = {"columns": count, "rows": 1}.get(how, 2)
    rows = [range(at, min(at + across, count)) for at in range(0, count, across)]
    return [
        (round(place / len(row), 4), round(number / len(rows), 4), round(1 / len(row), 4), round(1 / len(rows), 4))
        for number, row in enumerate(rows)
        for place in range(len(row))
    ]


def _box_of(part: Part) -> _Box:
    """Where an overlay lies; all of the canvas where it says nothing that can be meant."""
    box = part.meta.get("box")
    known = (
        box if isinstance(box, list) and len(box) == 4 and all(isinstance(each, (int, float)) for each in box) else ()
    )
    x, y, width, height = known or (0.0, 0.0, 1.0, 1.0)
    return x, y, width, height


def _place_of(box: _Box) -> _Corner:
    """The place that a box lies nearest to."""
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    down = "top" if y < 0.4 else "bottom" if y > 0.6 else ""
    across = "left" if x < 0.4 else "right" if x > 0.6 else ""
    place: _Corner = "-".join(filter(None, (down, across))) or "center"  # type: ignore[assignment]
    return place


def _middle_cut(film: Draft, item: MediaItem) -> int:
    """The start of the shot in the middle of the film that shows something else."""
    middle = layout.shots_in(film) / 2
    starts = [shot.first for shot in film.shots if shot.meta.get("media") != item.id]
    return min(starts, key=lambda start: abs(start - middle), default=0)


def _filled(film: Draft, item: MediaItem, first: int, last: int, in_ms: int) -> Iterator[Part]:
    """Parts that show an upload from one frame to another, from its start again wherever it ends."""
    while first < last:
        frames = layout.frames_left(item, in_ms) if item.kind == "video" else last - first
        end = min(last, first + frames) if frames >= _SHORTEST_CLIP else last
        part = media_segment(item, 1, first, end, in_ms, "overlay")
        part["id"] = film.new_id("overlay")
        yield part
        first, in_ms = end, 0
