"""The plan of a film: which shots, of which layers, over which sound. Pure; nothing is opened here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import accumulate, groupby, pairwise
from math import log10
from typing import Any, Final

from nemo_notebook.errors import InputError, NothingToExport
from nemo_notebook.film.draft import LONGEST_MS, MOST_SEGMENTS
from nemo_notebook.film.model import FULL_VIEW
from nemo_notebook.film.soundtrack import DUCKED, USUAL_VOLUME
from nemo_notebook.film.tracks import MAX_VOLUME, Json, count_segments, duration_ms, meta_of, read_tracks
from nemo_notebook.music.recipe import Recipe, beat_times_ms
from nemo_notebook.outside import finite
from nemo_notebook.render import layers, placement
from nemo_notebook.render.formats import Output, number_of, text_of
from nemo_notebook.render.layers import Backdrop, Blend, Clip, Fade, Image, Layer, Shot, Sound, SoundPlan

_Picture = Clip | Image | Backdrop | None

_PICTURED: Final = ("clip", "image", "overlay")
_MAX_OVERLAYS: Final = 9  # each is decoded, however small it is
_MAX_SEEN: Final = 100_000
_PIECE_S: Final = {False: 5, True: 2}  # a long stretch is cut so that all cores have work and a change renders little
_TITLE_FADE_MS: Final = 400
_OF_CAMERA: Final = ("pulse", "shake")  # effects that the camera makes
_ON_BEATS: Final = ("flash", "glitch")  # effects that come with beats
_MOVING: Final = ("flash", "glitch", "grain", "light_leak")  # effects that look different from frame to frame
_BEAT_LASTS: Final = 12  # frames after a beat in which it is still seen
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

    media: placement.MediaFiles
    meta: Json
    frames: int
    fps: int
    loop: int
    fade_in: int
    fade_out: int
    raised: bool  # titles stand above a visualizer at the foot of pictures
    beats: tuple[int, ...]


def shots_of(
    placed: Iterable[placement.Placed],
    media: placement.MediaFiles,
    meta: Json,
    frames: int,
    fps: int,
    *,
    in_pieces: bool = False,
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
    placed = tuple(placed)
    tracks = groupby((item for item in placed if item.role in placement.DRAWN), key=lambda item: item.segment.track)
    spans = [span for _, items in tracks for span in placement.spans_of(tuple(items), fps)]
    follows = any(own.get("effects") or own.get("camera") for own in (meta, *(item.meta for item in placed)))
    film = _film(media, meta, frames, fps, spans, beats_of(placed, media, fps) if follows else ())
    edges = {0, frames, film.fade_in, frames - film.fade_out, frames - film.loop}
    cuts = sorted(edges.union(*((span.first, span.end) for span in spans)))
    seen = _seen(spans, cuts)
    lead = _lead(_visible(seen[0]), film)
    for stretch, (first, end) in enumerate(pairwise(cuts)):
        visible = _visible(seen[stretch])
        origin = visible[0].item.first if visible and visible[0].covers and not visible[0].blend else first
        for start, length in _pieces(first, end, origin, _PIECE_S[in_pieces] * fps):
            yield Shot(start, length, tuple(_layers(visible, film, lead, start)))


def _film(
    media: placement.MediaFiles,
    meta: Json,
    frames: int,
    fps: int,
    spans: Sequence[placement.LayerSpan],
    beats: tuple[int, ...],
) -> _Film:
    loop, fade_in, fade_out = (
        min(placement.frame_at(placement.between(0.0, number_of(meta, key, 0.0), 60_000.0), fps), frames // 2)
        for key in ("loop_ms", "fade_in_ms", "fade_out_ms")
    )
    # A blend has two pictures and no more: what leads to the first frame comes after the last of them.
    loop = max(0, min(loop, frames - placement.last_blend_end(spans)))
    drawn = (span.item.meta for span in spans if span.item.role == "visualizer")
    at_foot = any(text_of(own, "style") not in _IN_THE_MIDDLE for own in drawn)
    raised = at_foot and any(span.item.role in _PICTURED for span in spans)
    return _Film(media, meta, frames, fps, loop, fade_in, fade_out, raised, beats)


def _seen(spans: Sequence[placement.LayerSpan], cuts: Sequence[int]) -> list[list[placement.LayerSpan]]:
    """For each stretch between two cuts, what there is in it, bottom first."""
    seen: list[list[placement.LayerSpan]] = [[] for _ in cuts]
    stretches = [range(bisect_left(cuts, span.first), bisect_left(cuts, span.end)) for span in spans]
    if sum(map(len, stretches)) > _MAX_SEEN:
        raise InputError("Too many pictures and titles lie over one another.", hint="Remove some of the segments.")
    for span, among in zip(spans, stretches, strict=True):
        for stretch in among:
            seen[stretch].append(span)
    if any(sum(span.item.role == "overlay" for span in there) > _MAX_OVERLAYS for there in seen):
        raise InputError(f"More than {_MAX_OVERLAYS} pictures lie over the film at once.", hint="Remove some of them.")
    return seen


def _visible(spans: Sequence[placement.LayerSpan]) -> list[placement.LayerSpan]:
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


def _layers(visible: Sequence[placement.LayerSpan], film: _Film, lead: _Picture, start: int) -> Iterator[Layer]:
    bottom = _bottom(visible, film, lead, start)
    if bottom is not None:
        yield bottom
    if visible and visible[0].item.role in _PICTURED:
        yield from _effects(visible[0].item, film, start)
    over_picture = any(below.item.role in _PICTURED for below in visible)
    for span in visible:
        item, meta = span.item, span.item.meta
        if item.role == "overlay" and not span.covers:
            yield from _overlay(item, film, start)
        elif item.role == "visualizer":
            style, palette = text_of(meta, "style") or _STYLE, text_of(meta, "palette") or _PALETTE
            yield layers.VisualizerLayer(style, palette, over_picture, placement.three_colors(meta))
        elif item.role == "title":
            yield _title(item, start - item.first, film)
    if start < film.fade_in:
        yield Fade(False, start, film.fade_in)
    if start >= film.frames - film.fade_out:
        yield Fade(True, start - (film.frames - film.fade_out), film.fade_out)


def _overlay(item: placement.Placed, film: _Film, start: int) -> Iterator[layers.Overlay]:
    """A picture in its box, which it fills unless it is to be fitted otherwise."""
    picture = _picture(item, film, start)
    if isinstance(picture, (Clip, Image)):
        fit = placement.fit_of(item.meta, {"fit": "crop"})
        yield layers.Overlay(replace(picture, fit=fit), placement.region_of(item.meta, "box"))


def _bottom(
    visible: Sequence[placement.LayerSpan], film: _Film, lead: _Picture, start: int
) -> Clip | Image | Backdrop | Blend | None:
    span = visible[0] if visible and visible[0].covers else None
    over = _picture(span.item, film, start) if span else None
    if span and span.blend:
        under = _picture(span.before, film, start) if span.before else None
        return Blend(span.blend, under, over, start - span.first, span.end - span.first)
    begins = film.frames - film.loop
    if start < begins:
        return over
    # The film's first frame follows on its last: the lead has run up to its own frame 0 then.
    led = lead if lead is None or isinstance(lead, Backdrop) else _shifted(lead, start - film.frames)
    return over if led == over else Blend("dissolve", over, led, start - begins, film.loop)


def _lead(visible: Sequence[placement.LayerSpan], film: _Film) -> _Picture:
    """The picture of frame 0; in a blend the one that goes."""
    if not visible or not visible[0].covers:
        return None
    item = visible[0].before if visible[0].blend else visible[0].item
    return _picture(item, film, 0) if item else None


def _shifted(picture: Clip | Image, frames: int) -> Clip | Image:
    shifted = _later(picture, frames)
    assert isinstance(shifted, (Clip, Image))
    return shifted


def _picture(item: placement.Placed, film: _Film, start: int) -> _Picture:
    meta, file, skip = item.meta, item.file(film.media), start - item.first
    if item.role == "backdrop":
        cover = film.media.get(text_of(meta, "cover"))
        place = (cover.id, str(cover.path)) if cover and cover.kind != "image" else ("", "")
        return Backdrop(text_of(meta, "palette") or _PALETTE, placement.three_colors(meta), *place)
    if file is None:
        return None
    fit, look = placement.fit_of(meta, film.meta), placement.look_of(meta, film.meta)
    camera, own = _camera(item, film, start), (file.id, str(file.path), item.name)
    if file.kind == "video":
        in_ms = max(0.0, number_of(meta, "in_ms", 0.0))
        speed, end_speed, reverse = placement.playback_of(meta)
        skip, frames = (skip if speed else 0), (item.frames if reverse or end_speed is not None else 0)
        oriented = placement.orientation_of(meta)
        return Clip(*own, in_ms, skip, speed, fit, look, camera, *oriented, end_speed, reverse, frames)
    return Image(*own, fit, look, camera, *placement.orientation_of(meta))


def _camera(item: placement.Placed, film: _Film, start: int) -> layers.Camera | None:
    """How the camera moves over a segment from a frame of the film on; None where it stands still over all of it."""
    first, last, ease = placement.views_of(item.meta)
    amounts = {kind: amount for kind, amount, _ in placement.effects_of(item.meta, film.meta)}
    said = placement.camera_meta(item.meta)
    pulse, shake = (max(amounts.get(k, 0.0), placement.between(0.0, number_of(said, k, 0.0), 1.0)) for k in _OF_CAMERA)
    if first == last == FULL_VIEW and not pulse and not shake:
        return None
    moves = first != last or shake
    skip, frames = (start - item.first, item.frames) if moves else (0, 1)
    beats = _beats(film, start, item.end) if pulse else ()
    return layers.Camera(first, last, skip, frames, ease, pulse, shake, beats)


def _beats(film: _Film, start: int, end: int) -> tuple[int, ...]:
    """The beats from shortly before a frame on until another one, in frames from the first one on."""
    first = bisect_left(film.beats, start - _BEAT_LASTS)
    return tuple(beat - start for beat in film.beats[first : bisect_left(film.beats, end)])


def _effects(item: placement.Placed, film: _Film, start: int) -> Iterator[layers.Effect]:
    for kind, amount, region in placement.effects_of(item.meta, film.meta):
        if amount and kind not in _OF_CAMERA:
            beats = _beats(film, start, item.end) if kind in _ON_BEATS else ()
            yield layers.Effect(kind, amount, start - item.first if kind in _MOVING else 0, beats, region)


def beats_of(placed: Iterable[placement.Placed], media: placement.MediaFiles, fps: int) -> tuple[int, ...]:
    """The frames of a film at which a beat of its music falls, ascending."""
    found: set[int] = set()
    for item in placed:
        file, shift_ms = item.file(media), item.segment.start_ms
        if item.role == "song" and file is not None:
            times_ms: Iterable[float] = file.beats_ms
            shift_ms -= number_of(item.meta, "in_ms", 0.0)
        elif item.role == "bgm":
            times_ms = ()
            with suppress(InputError):  # the mix tells of it
                times_ms = beat_times_ms(Recipe.from_json(dict(_recipe(item))))
        else:
            continue
        frames = (placement.frame_at(time_ms + shift_ms, fps) for time_ms in times_ms)
        found.update(frame for frame in frames if item.first <= frame < item.end)
    return tuple(sorted(found))


def _title(item: placement.Placed, skip: int, film: _Film) -> layers.TitleLayer:
    meta, of = item.meta, item.frames
    look = [text_of(meta, key) or default for key, default in _TITLE_LOOK.items()]
    x, y = (share if 0 <= (share := number_of(meta, axis, -1.0)) <= 1 else None for axis in ("x", "y"))
    return layers.TitleLayer(
        item.segment.text,
        look[0],
        look[1],
        look[2],
        skip,
        of,
        min(placement.frame_at(_TITLE_FADE_MS, film.fps), of // 2),
        placement.choice(meta, "style", _TITLE_STYLES, "plain"),
        placement.choice(meta, "animate_in", _ANIMATIONS, "fade"),
        placement.choice(meta, "animate_out", _ANIMATIONS, "fade"),
        film.raised and look[0] in _AT_FOOT and y is None,
        x,
        y,
    )


_MAX_VOICES: Final = 32
_MAX_CUTS: Final = 2000
_LEVEL_LUFS: Final = -14.0
_LEVEL_DB: Final = (-8.0, 9.0)  # the most that an upload is turned down or up for that
_SHORTEST_MS: Final = 1000  # of composed music; of less, only the beginning is heard


def sound_plan(placed: Iterable[placement.Placed], media: placement.MediaFiles, frames: int, fps: int) -> SoundPlan:
    """All sounds of a film.

    Raises:
        InputError: Too many play at once.
    """
    heard = tuple(item for item in placed if _is_heard(item, media))
    is_spoken = any(item.role == "speech" for item in heard)
    sounds = tuple(_sound(item, media, fps, is_spoken=is_spoken) for item in heard)
    edges = sorted([(s.start, 1) for s in sounds] + [(s.start + s.samples, -1) for s in sounds])
    if max(accumulate((step for _, step in edges), initial=0)) > _MAX_VOICES:
        raise InputError(f"More than {_MAX_VOICES} sounds play at once.", hint="Remove some of the music.")
    return SoundPlan(placement.sample_at(frames, fps), sounds, _lufs(heard, media))


def _is_heard(item: placement.Placed, media: placement.MediaFiles) -> bool:
    file = item.file(media)
    if item.role == "clip" and not placement.has_sound(item.meta):
        return False
    return item.role in placement.HEARD and _volume(item) > 0 and (item.role == "bgm" or bool(file and file.has_audio))


def _volume(item: placement.Placed) -> float:
    """A clip speaks only where its volume says so; all else sounds unless it is turned down."""
    volume = item.segment.volume
    return min(MAX_VOLUME, volume if volume is not None else 0.0 if item.role == "clip" else 1.0)


def _sound(item: placement.Placed, media: placement.MediaFiles, fps: int, *, is_spoken: bool) -> Sound:
    meta, file = item.meta, item.file(media)
    usual_duck = DUCKED if item.role == "clip" and is_spoken else 1.0
    never_ducked = item.role == "speech" or (item.role == "clip" and not is_spoken)
    start, end = placement.sample_at(item.first, fps), placement.sample_at(item.end, fps)
    return Sound(
        media=file.id if file else "",
        path=str(file.path) if file else "",
        name=item.name,
        recipe=_recipe(item) if item.role == "bgm" else (),
        in_ms=max(0.0, number_of(meta, "in_ms", 0.0)),
        start=start,
        samples=end - start,
        gain=_volume(item) * 10 ** (_levelling_db(item, file) / 20),
        fade_in=_samples(meta, "fade_in_ms"),
        fade_out=_samples(meta, "fade_out_ms"),
        speed=placement.sound_speed_of(meta) if item.role == "clip" else 1.0,
        duck=1.0 if never_ducked else placement.between(0.0, number_of(meta, "duck", usual_duck), 1.0),
        voice=item.role in ("clip", "speech"),
    )


def _levelling_db(item: placement.Placed, file: placement.MediaFile | None) -> float:
    """How far a song or a voice-over is turned up, so that loud and quiet ones come out alike."""
    if item.role not in ("song", "speech") or file is None or file.lufs is None:
        return 0.0
    return placement.between(_LEVEL_DB[0], _LEVEL_LUFS - file.lufs, _LEVEL_DB[1])


def _lufs(heard: Iterable[placement.Placed], media: placement.MediaFiles) -> tuple[float, float] | None:
    """What the film's loudness is to be; None where of no sound it is known how loud it is by itself.

    It is that of the loudest sound alone. The sound of clips is of any loudness: the film is no quieter than all else
    would be, and no louder than the clips would be if they were levelled.
    """
    least, most = [], []
    for item in heard:
        file = item.file(media)
        level = _LEVEL_LUFS + 20 * log10(_volume(item) / (USUAL_VOLUME if item.role == "bgm" else 1.0))
        most.append(level)
        if item.role == "bgm":
            least.append(level)
        elif item.role != "clip" and file and file.lufs is not None:
            left_db = file.lufs + _levelling_db(item, file) - _LEVEL_LUFS  # of one too quiet to be levelled
            least.append(level + min(0.0, left_db))
    return (max(least), max(most)) if least else None


def _samples(meta: Json, key: str) -> int:
    return round(max(0.0, number_of(meta, key, 0.0)) * layers.SOUND_RATE / 1000)


def _recipe(item: placement.Placed) -> tuple[tuple[str, Any], ...]:
    music = meta_of(item.segment.raw).get("music")
    known = music if isinstance(music, Mapping) else {}
    length_ms = max(_SHORTEST_MS, round(item.segment.duration_ms))
    wanted = {k: known[k] for k in ("mood", "bpm", "seed") if isinstance(known.get(k), (str, int, float))}
    cuts = _cuts(known.get("cuts_ms"), length_ms)
    return tuple(sorted((wanted | {"length_ms": length_ms} | ({"cuts_ms": cuts} if cuts else {})).items()))


def _cuts(value: object, length_ms: int) -> tuple[int, ...]:
    """Times within the music, in order; none where there is nothing that can be meant."""
    times = (finite(item) for item in value) if isinstance(value, (list, tuple)) else ()
    return tuple(sorted({round(time) for time in times if time is not None and 0 < time < length_ms}))[:_MAX_CUTS]


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """All that is needed to render a film.

    Attributes:
        output: Its form.
        frames: Its length.
        shots: Tile it in order, without hole or overlap.
        sound: What is heard, exactly as long as the picture.
        title: For the file's metadata.
        artist: For the file's metadata.
    """

    output: Output
    frames: int
    shots: tuple[Shot, ...]
    sound: SoundPlan
    title: str
    artist: str


def make_plan(draft: Json | None, media: placement.MediaFiles, output: Output) -> FilmPlan:
    """Turns a draft into shots and sound.

    Args:
        draft: As documented in `film/tracks.py`; unknown keys are passed over.
        media: Uploads by content hash.
        output: From `output_for`.

    Raises:
        NothingToExport: No track with a segment, or no length.
        FileMissing: A segment uses an upload that is not there.
        UnsupportedMedia: A segment uses an upload as what it is not.
        InputError: Longer or more finely cut than can be rendered.
    """
    count = count_segments(draft)
    if count > MOST_SEGMENTS:
        raise InputError(f"The timeline has {count} segments.", hint=f"{MOST_SEGMENTS} are the most: make longer cuts.")
    tracks = read_tracks(draft)
    length_ms = duration_ms(draft)
    if length_ms > LONGEST_MS:
        raise InputError(f"The film would last {length_ms / 3.6e6:.1f} hours.", hint="Six hours are the most: trim it.")
    frames = placement.frame_at(length_ms, output.fps)
    if frames == 0 or not any(track.segments for track in tracks):
        raise NothingToExport("The timeline is empty: there is nothing to render.")
    placed = tuple(item for track in tracks for item in placement.place(track, frames, output.fps))
    for item in placed:
        placement.check_media(item, media)
    meta = meta_of(draft or {})
    return FilmPlan(
        output,
        frames,
        tuple(shots_of(placed, media, meta, frames, output.fps, in_pieces=output.in_pieces)),
        sound_plan(placed, media, frames, output.fps),
        text_of(meta, "title"),
        text_of(meta, "artist"),
    )


def one_frame(plan: FilmPlan, frame: int) -> Shot:
    """The shot of a single frame of a film."""
    shot = next(s for s in plan.shots if s.first_frame <= frame < s.first_frame + s.frames)
    shown = tuple(_later(layer, frame - shot.first_frame) for layer in shot.layers)
    return Shot(frame, 1, shown)


def _later(layer: Any, frames: int) -> Any:
    """A layer from a later frame on; what lasts one frame, or has no time of its own, is the same all along."""
    if not is_dataclass(layer) or isinstance(layer, type):
        return layer
    changed = {f.name: _later(getattr(layer, f.name), frames) for f in fields(layer)}
    if "skip" in changed and changed.get("of") != 1:
        changed["skip"] += frames
    if changed.get("beats"):
        changed["beats"] = tuple(beat - frames for beat in changed["beats"])
    return replace(layer, **changed)
