"""Parts laid on tracks: in order, where there is room, made to fit; cut in two, and taken out with their time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Final

from nemo_notebook.film import assembly, soundtrack
from nemo_notebook.film.camerawork import split_camera
from nemo_notebook.film.draft import (
    MUSIC,
    OF_PICTURES,
    SOUNDS,
    SPEECH,
    Draft,
    Part,
    end_of,
    lane_of,
    to_frame,
    to_ms,
    what_meets,
)
from nemo_notebook.film.model import FPS, MediaItem, Situation
from nemo_notebook.film.target import Which, by_id, ids_of, name_of
from nemo_notebook.film.wording import NotPossible, Told, refuse_if
from nemo_notebook.outside import finite

SHORTEST_SHOT: Final = 3  # frames
_SHORTEST: Final = 2  # frames of a shot that is still one
_SHORTEST_SCORE: Final = 30  # frames
_FADE_MS: Final = 1_000
_WITH_SOURCE: Final = ("clip", "song", "speech")


def shots_in(film: Draft) -> int:
    """Frames of the film's pictures."""
    return to_frame(film.picture_end_ms)


def length_of(film: Draft) -> int:
    """Frames of a film: those of its pictures, else of what is heard."""
    return shots_in(film) or film.last_frame(*SOUNDS)


def length_told(film: Draft, was: int) -> Told | str:
    """How long the film is now, to go on a sentence with; nothing where it was as long before."""
    now = length_of(film)
    return "" if now == was else Told("parts.length", now=to_ms(now), was=to_ms(was))


def lay_order(film: Draft, situation: Situation, order: Sequence[Part], *, keep_places: bool = False) -> Told | str:
    """Lays shots in a new order, each as long as it is; or, with `keep_places`, into the places of the shots now.

    Shots that are not in `order` go. A clip that is too short for its new place is shown from its start, then again.
    Where there was a transition at each cut, there is one at each cut again.

    Returns:
        How long the film is now, for people; see `length_told`.
    """
    before, old = shots_in(film), film.shots
    track, places = film.track_of(old[0]), [shot.span for shot in old]
    joins = [shot.meta.get("transition", {}) for shot in old[1:]]
    film.remove(old)
    track["sg"] += order  # before the pieces, whose ids have to be free
    if keep_places and len(order) == len(places):
        for shot, (first, last) in zip(order, places, strict=True):
            shot.place(first, last)
        show_in_place(film, situation, order)
    else:
        _lay_on(places[0][0], order)
    for shot in order[1:] if joins and all(joins) else ():
        shot.meta.setdefault("transition", dict(joins[0]))
    refit(film, situation, before)
    return length_told(film, before)


def lay_lengths(film: Draft, situation: Situation, lengths: Sequence[tuple[Part, int]]) -> None:
    """Gives shots other lengths in frames; what follows moves, and the sound is made to fit."""
    before, shots = shots_in(film), film.shots
    for shot, frames in lengths:
        shot["d"] = to_ms(frames)
    _lay_on(shots[0].first, shots)
    refit(film, situation, before)


def show_in_place(film: Draft, situation: Situation, shots: Sequence[Part]) -> None:
    """Makes clips fill their places: from earlier on, or again where they end."""
    for shot in shots:
        item = shot.upload(situation)
        if item is not None and shot.meta.get("role") == "clip":
            _fill_place(film, shot, item)


def loop_row(film: Draft, frames: int) -> None:
    """Repeats the shots from the first on until a frame."""
    shots = film.shots
    track, at = film.track_of(shots[0]), shots[-1].last
    ids = {role: film.index.free_ids(role) for role in ("clip", "image")}
    for shot in itertools.cycle(shots):
        if at >= frames:
            break
        again = deepcopy(shot)
        again["id"] = next(ids["clip" if shot.meta.get("role") == "clip" else "image"])
        last = min(at + shot.frames, frames)
        again.place(at, last)
        film.index.add(again, track)
        at = last


def extend_pictures(film: Draft, situation: Situation, frames: int) -> None:
    """Makes pictures go on until a frame: more shots to the music, the row again, or drawn layers as they are."""
    shots, items = film.shots, assembly.items_of(film, situation)
    if items and film.is_cut_to_music:
        assembly.go_on_cutting(film, items, soundtrack.music_rhythm(film, situation), frames, situation.seed)
    elif shots:
        loop_row(film, frames)
    assembly.fit_drawn(film, frames)


def refit(film: Draft, situation: Situation, before: int) -> None:
    """Makes music, drawn layers and titles fit after the pictures became longer or shorter than `before` frames.

    Composed music lasts as long as the pictures; a song ends with them, and goes on again where it had been cut.
    """
    frames = shots_in(film)
    if frames == 0:
        return
    assembly.fit_drawn(film, frames)
    end_sounds(film, film.segments(*MUSIC, *(SPEECH if frames < before else ())), frames)
    for score in film.segments("bgm")[-1:]:
        score.place(score.first, frames)
    fit_beats(film, film.segments("bgm"))
    for song in sorted(film.segments("song"), key=end_of)[-1:]:
        if frames > before and abs(song.last - before) <= 1:
            let_go_on(song, song.upload(situation), frames)
    keep_inside(film, frames)
    film["t"] = [track for track in film["t"] if track["sg"]]


def fit_beats(film: Draft, music: Sequence[Part]) -> None:
    """Lets beats of composed music fall on the cuts of the film again: its tempo bends a little, if it has to."""
    for score in music:
        recipe = soundtrack.recipe_of(score)
        if recipe is None:
            continue
        own, times = score.meta["music"], [shot.start_ms - score.start_ms for shot in film.shots]
        cuts_ms = [time for time in times if 0 < time < score["d"]]
        if own.get("cuts_ms") or soundtrack.cuts_met(replace(recipe, cuts_ms=()), cuts_ms) < len(cuts_ms):
            own["cuts_ms"] = cuts_ms


def let_go_on(song: Part, item: MediaItem | None, frames: int) -> None:
    """Lets a song that was cut go on to a frame, as far as it reaches."""
    first, last = song.span
    reach = first + to_frame(item.duration_ms - song.in_ms) if item is not None else last
    song.place(first, max(last, min(frames, reach)))


def end_sounds(film: Draft, sounds: Sequence[Part], frames: int) -> None:
    """End sounds with the film; songs fade out, and what begins later goes."""
    film.remove([sound for sound in sounds if sound.first >= frames])
    for sound in sounds:
        first, last = sound.span
        if first < frames < last:
            soundtrack.end_song(sound, frames) if sound.meta.get("role") == "song" else sound.place(first, frames)


def keep_inside(film: Draft, frames: int) -> None:
    """Titles and overlays that the film is too short for move to its end; none is lost, none covers another."""
    for part in film.segments("title", "overlay"):
        _lay_inside(film, part, part.first, frames)


def _lay_inside(film: Draft, part: Part, first: int, end: int) -> None:
    """Lay a part from a frame on, or sooner to end by the frame `end`; on another track where it would meet one."""
    frames = min(part.frames, end)
    start = min(first, end - frames)
    part.place(start, start + frames)
    if start < first:
        film.lay_where_free(part, part.role)


def lay_exactly(film: Draft, part: Part, role: str, first: int, last: int, number: int | None = None) -> None:
    """Put a part on a stretch of frames and, where it is given, on a track by its number from 1.

    Raises:
        NotPossible: The track is none of its kind, or none at all; overlaps are told by `keep_apart`.
    """
    part.place(first, last)
    if number is None:
        return
    lane, there = lane_of(role), len(film["t"])
    refuse_if(number > there + 1, "parts.no_track", "track", number=number, next=there + 1)
    same = OF_PICTURES if lane in OF_PICTURES else (lane,)
    if number <= there and all(track is not film["t"][number - 1] for track in film.tracks(*same)):
        raise NotPossible(Told("parts.other_track", number=number, lane=lane), "track")
    if number > there:
        track = film.add_track(role)
        film["t"].append(film["t"].pop(film["t"].index(track)))  # it has the number that was asked for
    film.remove([part])
    film.index.add(part, film["t"][number - 1])


def keep_apart(film: Draft, situation: Situation, parts: Sequence[Part], field: str) -> None:
    """Refuse parts that overlap others on their tracks.

    Raises:
        NotPossible: One does; it names the other one.
    """
    met = film.index.meetings()
    for part in parts:
        if id(part) in met or part["d"] <= 0:
            _refuse_both(part, what_meets(film.track_of(part), part), situation, field)


def keep_ids_apart(film: Draft, situation: Situation, which: Which, field: str) -> None:
    """Refuse parts that overlap others, when all edits are made: those that are meant by their ids.

    Raises:
        NotPossible: One does; it names the other one.
    """
    for one in ids_of(which) or ():
        for part in by_id(film, one):
            _refuse_both(part, film.index.met_by(part), situation, field)


def _refuse_both(part: Part, other: Part | None, situation: Situation, field: str) -> None:
    if other is not None:
        names = {"name": name_of(part, situation), "other": name_of(other, situation)}
        raise NotPossible(Told("parts.overlap", start=other.start_ms, end=other.end_ms, **names), field)


def split_at(film: Draft, segment: Part, first: int, last: int) -> Part | None:
    """Cuts a clip or a song at two frames, so that nothing changes; returns the part between, if there is any."""
    start, end = segment.span
    first, last = max(first, start), min(last, end)
    if first >= last:
        return None
    inner = _cut(film, segment, first) if first > start else segment
    if last < end:
        _cut(film, inner, last)
    return inner


def split_part(film: Draft, part: Part, points: Sequence[int], own_id: str | None = None) -> int:
    """Split a part at frames from its start, so that nothing changes; give at how many.

    Raises:
        NotPossible: The id that the second part is to have is taken.
    """
    first, frames = part.first, part.frames
    inside = sorted({point for point in points if SHORTEST_SHOT <= point <= frames - SHORTEST_SHOT})
    for point in inside:
        part = _cut(film, part, first + point, own_id)
    return len(inside)


def frames_left(item: MediaItem, in_ms: float, speed: float = 1.0) -> int:
    """How many frames a clip or a song lasts from a moment of its file on."""
    return int(max(0.0, item.duration_ms - in_ms) / speed * FPS / 1000)


def source_ms(part: Part, frame: int) -> float:
    """Where in its file a clip is at one of its frames, in milliseconds behind its in-point."""
    if part.meta.get("freeze") is True:
        return 0.0
    frame = part.frames - 1 - frame if part.meta.get("reverse") is True else frame
    gain = (_end_speed(part) - part.speed) / (2 * max(1, part.frames))
    return (part.speed + gain * frame) * frame * 1000 / FPS


def played_ms(part: Part, frames: int) -> float:
    """How much of its file a clip plays in so many frames from its start, in milliseconds."""
    if part.meta.get("freeze") is True:
        return 0.0
    gain = (_end_speed(part) - part.speed) / (2 * max(1, part.frames))
    return (part.speed + gain * frames) * frames * 1000 / FPS


def _end_speed(part: Part) -> float:
    end = finite(part.meta.get("end_speed"))
    return float(end) if end is not None and end > 0 else part.speed


def shots_between(film: Draft, start_s: float | None, end_s: float | None) -> list[Part]:
    """The shots from one time to another (None for start and end), cut in two where the stretch begins and ends."""
    first = to_frame(1000 * (start_s or 0.0))
    last = max((shot.last for shot in film.shots), default=0)
    last = last if end_s is None else min(to_frame(1000 * end_s), last)
    for shot in film.shots:
        at = shot.first
        split_part(film, shot, [first - at, last - at])
    near = SHORTEST_SHOT - 1  # what is too little to be cut off belongs to its shot
    spans = [(shot, *shot.span) for shot in film.shots]
    return [shot for shot, start, end in spans if first - near <= start and end <= last + near]


def silence_score(film: Draft, situation: Situation, score: Part, first: int, last: int) -> bool:
    """Has a composed track end at `first` and begin again at `last`; whether it could be done.

    Pieces of less than a second are left out.
    """
    start, end = score.span
    if last <= start or first >= end:
        return True
    piece = soundtrack.piece_of(score)
    left = [(a, b) for a, b in ((start, min(first, end)), (max(last, start), end)) if b - a >= _SHORTEST_SCORE]
    if piece is None:
        return False
    if not left:
        score["v"] = 0.0
        return True
    track = film.track_of(score)
    film.remove([score])
    laid = [soundtrack.lay_score(film, situation, piece, a, b, track=track) for a, b in left]
    soundtrack.carry_over([score], list(itertools.chain(*laid)))
    return True


def take_out(film: Draft, situation: Situation, first: int, last: int) -> None:
    """Takes the frames from `first` to before `last` out of a film, and makes what is left fit."""
    before = shots_in(film)
    cut_out(film, first, last)
    refit(film, situation, before)


def cut_out(
    film: Draft, first: int, last: int, moves: Callable[[Part, str], bool] = lambda _track, _role: True
) -> None:
    """Takes the frames from `first` to before `last` out of every track; what does not move stays as it is.

    Clips, songs and voices go on where the stretch ends; composed music and drawn layers become shorter as a whole;
    titles keep their length and only move. A song whose end is taken away fades out.
    """
    left = max((s.last for track in film["t"] for s in track["sg"]), default=0) - (last - first)
    for track, segment in [(lane, part) for lane in film["t"] for part in lane["sg"]]:
        role = segment.role
        if not moves(track, role):
            continue
        start, end = (frame if frame <= first else max(first, frame - (last - first)) for frame in segment.span)
        if role == "title":
            _lay_inside(film, segment, start, left)
        elif role in (*_WITH_SOURCE, "image", "overlay"):
            _take_out(film, segment, role, first, last)
        else:
            segment.place(start, end)
    film.remove([s for track in film["t"] for s in track["sg"] if s["d"] <= 0])
    film["t"] = [track for track in film["t"] if track["sg"]]


def _lay_on(at: int, shots: Sequence[Part]) -> None:
    """Lay shots one after another from a frame on, each as long as it is."""
    for shot in shots:
        frames = max(_SHORTEST, shot.frames)
        shot.place(at, at + frames)
        at += frames


def _fill_place(film: Draft, shot: Part, item: MediaItem) -> None:
    """Show a clip from earlier on where its file ends too soon, or several times over."""
    first, last = shot.span
    speed = shot.speed
    whole = max(1, int((to_frame(item.duration_ms) - 1) / speed))
    if last - first <= whole + 1 or whole < _SHORTEST:
        latest = max(0, item.duration_ms - to_ms(1) - round((to_ms(last) - to_ms(first)) * speed))
        shot.meta["in_ms"] = min(shot.in_ms, latest)
        return
    parts = math.ceil((last - first) / whole)
    shot.meta["in_ms"] = 0
    for part in range(parts):
        again = shot if part == 0 else deepcopy(shot)
        if part:
            again["id"] = film.new_id("clip")
            film.track_of(shot)["sg"].append(again)
        again.place(first + (last - first) * part // parts, first + (last - first) * (part + 1) // parts)


def _cut(film: Draft, segment: Part, at: int, own_id: str | None = None) -> Part:
    """Cut a segment in two at a frame within it; return the second part."""
    track, rest = film.track_of(segment), deepcopy(segment)
    start, end = segment.span
    rest["id"] = film.new_id(str(segment.meta.get("role", "part")), own_id)
    _share_out(segment, rest, at - start)
    segment.place(start, at)
    rest.place(at, end)
    if "fade_out_ms" in segment.meta:
        segment.meta["fade_out_ms"] = 0
    if "fade_in_ms" in rest.meta:
        rest.meta["fade_in_ms"] = 0
    rest.meta.pop("transition", None)
    if segment.role == "title":
        segment.meta["animate_out"] = rest.meta["animate_in"] = "none"
    track["sg"].append(rest)
    return rest


def _share_out(segment: Part, rest: Part, frames: int) -> None:
    """Let two copies of a part show and play what it did before some frames, and after them."""
    if isinstance(camera := segment.meta.get("camera"), dict):
        segment.meta["camera"], rest.meta["camera"] = split_camera(camera, frames / max(1, segment.frames))
    if "in_ms" not in rest.meta and rest.meta.get("role") not in _WITH_SOURCE:
        return
    is_reverse = segment.meta.get("reverse") is True
    early, late = (rest, segment) if is_reverse else (segment, rest)  # by their places in the file
    cut = segment.frames - frames if is_reverse else frames
    speed, end_speed, played = segment.speed, _end_speed(segment), played_ms(segment, cut)
    late.meta["in_ms"] = segment.in_ms + round(played)
    if "end_speed" in segment.meta:
        middle = round(speed + (end_speed - speed) * cut / max(1, segment.frames), 4)
        early.meta["end_speed"] = late.meta["speed"] = middle


def _keep_first(segment: Part, frames: int) -> None:
    """Shorten a part to its first frames."""
    _share_out(segment, deepcopy(segment), frames)
    segment.place(segment.first, segment.first + frames)


def _drop_first(segment: Part, frames: int) -> None:
    """Let a part begin some frames later in what it shows or plays; its place stays as it is."""
    _share_out(deepcopy(segment), segment, frames)


def _take_out(film: Draft, segment: Part, role: str, first: int, last: int) -> None:
    """Take a stretch of time out of what goes on in its file."""
    start, end = segment.span
    if start >= last:
        segment.shift(first - last)
    elif start < first and end > last:
        _cut(film, segment, last).shift(first - last)
        _keep_first(segment, first - start)
    elif start < first < end:
        _keep_first(segment, first - start)
        if role == "song" and not segment.meta.get("fade_out_ms"):
            segment.meta["fade_out_ms"] = _FADE_MS
    elif end > first:
        _drop_first(segment, min(last, end) - start)
        segment.place(first, first + max(0, end - last))
