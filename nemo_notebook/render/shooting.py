"""The shots of a film: stretches in which the same layers are seen, cut where anything comes, goes or changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

from nemo_notebook.errors import InputError
from nemo_notebook.film.draft import Json
from nemo_notebook.render.form import number_of, text_of
from nemo_notebook.render.layers import (
    Backdrop,
    Blend,
    Clip,
    Fade,
    Image,
    Layer,
    Shot,
    TitleLayer,
    VisualizerLayer,
)
from nemo_notebook.render.placing import DRAWN, Media, Placed, frame_at
from nemo_notebook.render.spans import Span, last_blend_end, spans_of
from nemo_notebook.render.styling import between, choice, colors_of, fit_of, look_of, speed_of

Picture = Clip | Image | Backdrop | None

_MAX_SEEN: Final = 100_000
_PIECE_S: Final = {False: 5, True: 2}  # a long stretch is cut so that all cores have work and a change renders little
_TITLE_FADE_MS: Final = 400
_MAX_ZOOM: Final = 4.0
_STYLE: Final = "bars"
_PALETTE: Final = "aurora"
_TITLE_LOOK: Final = {"position": "center", "size": "medium", "color": "#ffffff"}
_TITLE_STYLES: Final = ("plain", "box", "outline")
_AT_FOOT: Final = ("bottom", "lower-third", "bottom-left", "bottom-right")
_IN_THE_MIDDLE: Final = ("circular",)
_ANIMATIONS: Final = ("fade", "slide", "pop", "type", "none")


@dataclass(frozen=True, slots=True)
class _Film:
    """What all shots of a film share; loop and fades are lengths in frames."""

    media: Media
    meta: Json
    frames: int
    fps: int
    loop: int
    fade_in: int
    fade_out: int
    raised: bool  # titles stand above a visualizer at the foot of pictures


def shots_of(
    placed: Iterable[Placed], media: Media, meta: Json, frames: int, fps: int, *, in_pieces: bool = False
) -> Iterator[Shot]:
    """The shots of a film, tiling it.

    Args:
        placed: All segments, track by track, bottom first.
        media: Uploads by content hash.
        meta: The draft's own metadata.
        frames: Length of the film.
        fps: Frames per second.
        in_pieces: Whether they are for a preview, which somebody waits for after each edit: they are shorter then.

    Raises:
        InputError: More lies over one another than can be rendered.
    """
    tracks = groupby((item for item in placed if item.role in DRAWN), key=lambda item: item.segment.track)
    spans = [span for _, items in tracks for span in spans_of(tuple(items), fps)]
    film = _film(media, meta, frames, fps, spans)
    edges = {0, frames, film.fade_in, frames - film.fade_out, frames - film.loop}
    cuts = sorted(edges.union(*((span.first, span.end) for span in spans)))
    seen = _seen(spans, cuts)
    lead = _lead(_visible(seen[0]), film)
    for stretch, (first, end) in enumerate(pairwise(cuts)):
        visible = _visible(seen[stretch])
        origin = visible[0].item.first if visible and visible[0].covers and not visible[0].blend else first
        for start, length in _pieces(first, end, origin, _PIECE_S[in_pieces] * fps):
            yield Shot(start, length, tuple(_layers(visible, film, lead, start)))


def _film(media: Media, meta: Json, frames: int, fps: int, spans: Sequence[Span]) -> _Film:
    loop, fade_in, fade_out = (
        min(frame_at(between(0.0, number_of(meta, key, 0.0), 60_000.0), fps), frames // 2)
        for key in ("loop_ms", "fade_in_ms", "fade_out_ms")
    )
    # A blend has two pictures and no more: what leads to the first frame comes after the last of them.
    loop = max(0, min(loop, frames - last_blend_end(spans)))
    drawn = (span.item.meta for span in spans if span.item.role == "visualizer")
    at_foot = any(text_of(own, "style") not in _IN_THE_MIDDLE for own in drawn)
    raised = at_foot and any(span.item.role in ("clip", "image") for span in spans)
    return _Film(media, meta, frames, fps, loop, fade_in, fade_out, raised)


def _seen(spans: Sequence[Span], cuts: Sequence[int]) -> list[list[Span]]:
    """For each stretch between two cuts, what there is in it, bottom first."""
    seen: list[list[Span]] = [[] for _ in cuts]
    stretches = [range(bisect_left(cuts, span.first), bisect_left(cuts, span.end)) for span in spans]
    if sum(map(len, stretches)) > _MAX_SEEN:
        raise InputError("Too many pictures and titles lie over one another.", hint="Remove some of the segments.")
    for span, among in zip(spans, stretches, strict=True):
        for stretch in among:
            seen[stretch].append(span)
    return seen


def _visible(spans: Sequence[Span]) -> list[Span]:
    """Words lie over every picture; what lies under one that covers the canvas is not seen, but for what it leaves."""
    pictures = [span for span in spans if span.item.role != "title"]
    covering = [n for n, span in enumerate(pictures) if span.covers]
    top = covering[-1] if covering else 0
    under = pictures[covering[-2]] if len(covering) > 1 else None
    if covering and pictures[top].blend and pictures[top].before is None and under:
        pictures[top] = replace(pictures[top], before=under.item)
    return pictures[top:] + [span for span in spans if span.item.role == "title"]


def _pieces(first: int, end: int, origin: int, piece: int) -> Iterator[tuple[int, int]]:
    """Pieces on a grid from `origin`, so that a change of either end leaves the others as they are."""
    least = max(1, piece // 5)
    while end - first > piece + least:
        cut = origin + ((first - origin) // piece + 1) * piece
        cut += piece if cut - first < least else 0
        yield first, cut - first
        first = cut
    yield first, end - first


def _layers(visible: Sequence[Span], film: _Film, lead: Picture, start: int) -> Iterator[Layer]:
    bottom = _bottom(visible, film, lead, start)
    if bottom is not None:
        yield bottom
    over_picture = any(below.item.role in ("clip", "image") for below in visible)
    for span in visible:
        item, meta = span.item, span.item.meta
        if item.role == "visualizer":
            style, palette = text_of(meta, "style") or _STYLE, text_of(meta, "palette") or _PALETTE
            yield VisualizerLayer(style, palette, over_picture, colors_of(meta))
        elif item.role == "title":
            yield _title(item, start - item.first, film)
    if start < film.fade_in:
        yield Fade(False, start, film.fade_in)
    if start >= film.frames - film.fade_out:
        yield Fade(True, start - (film.frames - film.fade_out), film.fade_out)


def _bottom(visible: Sequence[Span], film: _Film, lead: Picture, start: int) -> Clip | Image | Backdrop | Blend | None:
    span = visible[0] if visible and visible[0].covers else None
    over = _picture(span.item, film, start) if span else None
    if span and span.blend:
        under = _picture(span.before, film, start) if span.before else None
        return Blend(span.blend, under, over, start - span.first, span.end - span.first)
    begins = film.frames - film.loop
    if start < begins:
        return over
    # The film's first frame follows on its last: the lead has run up to its own frame 0 then.
    led = lead if lead is None or isinstance(lead, Backdrop) else _later(lead, start - film.frames)
    return over if led == over else Blend("dissolve", over, led, start - begins, film.loop)


def _lead(visible: Sequence[Span], film: _Film) -> Picture:
    """The picture of frame 0; in a blend the one that goes."""
    if not visible or not visible[0].covers:
        return None
    item = visible[0].before if visible[0].blend else visible[0].item
    return _picture(item, film, 0) if item else None


def _later(picture: Clip | Image, frames: int) -> Clip | Image:
    still = isinstance(picture, Image) and picture.zoom == 1.0
    return picture if still else replace(picture, skip=picture.skip + frames)


def _picture(item: Placed, film: _Film, start: int) -> Picture:
    meta, file, skip = item.meta, item.file(film.media), start - item.first
    if item.role == "backdrop":
        cover = film.media.get(text_of(meta, "cover"))
        place = (cover.id, str(cover.path)) if cover and cover.kind != "image" else ("", "")
        return Backdrop(text_of(meta, "palette") or _PALETTE, colors_of(meta), *place)
    if file is None:
        return None
    fit, look = fit_of(meta, film.meta), look_of(meta, film.meta)
    if file.kind == "video":
        in_ms = max(0.0, number_of(meta, "in_ms", 0.0))
        return Clip(file.id, str(file.path), item.name, in_ms, skip, speed_of(meta), fit, look)
    zoom = between(1 / _MAX_ZOOM, number_of(meta, "zoom", 1.0), _MAX_ZOOM)
    moves = (1.0, 0, 1) if zoom == 1.0 else (zoom, skip, item.frames)
    return Image(file.id, str(file.path), item.name, *moves, fit, look)


def _title(item: Placed, skip: int, film: _Film) -> TitleLayer:
    meta, of = item.meta, item.frames
    look = [text_of(meta, key) or default for key, default in _TITLE_LOOK.items()]
    x, y = (share if 0 <= (share := number_of(meta, axis, -1.0)) <= 1 else None for axis in ("x", "y"))
    return TitleLayer(
        item.segment.text,
        look[0],
        look[1],
        look[2],
        skip,
        of,
        min(frame_at(_TITLE_FADE_MS, film.fps), of // 2),
        choice(meta, "style", _TITLE_STYLES, "plain"),
        choice(meta, "animate_in", _ANIMATIONS, "fade"),
        choice(meta, "animate_out", _ANIMATIONS, "fade"),
        film.raised and look[0] in _AT_FOOT and y is None,
        x,
        y,
    )
