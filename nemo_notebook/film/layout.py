"""Parts laid on tracks: in order, where there is room, made to fit; cut in two, and taken out with their time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.drafting import (
    MUSIC,
    PICTURES,
    SPEECH,
    Draft,
    add_track,
    end_of,
    free_id,
    free_ids,
    in_ms_of,
    media_of,
    meta,
    place,
    remove_segments,
    role_of,
    segments_of,
    speed_of,
    start_of,
    to_frame,
    to_ms,
    tracks_of,
    volume_of,
)
from nemo_notebook.film.levels import carry_over
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.scoring import bring_to_cuts, lay_score, piece_of
from nemo_notebook.film.songs import shorten_song
from nemo_notebook.film.target import Which, by_id, ids_of, name_of, track_of
from nemo_notebook.film.telling import NotPossible, Told

_SHORTEST: Final = 2  # frames of a shot that is still one
_LANES: Final = {
    **dict.fromkeys(("clip", "image", "backdrop"), "video"),
    **dict.fromkeys(("song", "bgm", "speech"), "audio"),
    "visualizer": "visualizer",
    "title": "text",
}
_NAMES: Final = {"video": "Video", "visualizer": "Visualizer", "audio": "Song", "text": "Title"}
SHORTEST_SHOT: Final = 3  # frames
_SHORTEST_SCORE: Final = 30  # frames
Moves = Callable[[Draft, str], bool]
_FADE_MS: Final = 1_000
_SOUNDS: Final = ("song", "speech")
_WITH_SOURCE: Final = ("clip", *_SOUNDS)
_SPLIT: Final = (*_WITH_SOURCE, "image")


def shots_in(film: Draft) -> int:
    """Frames of the film's pictures."""
    return max((to_frame(end_of(segment)) for segment in segments_of(film, *PICTURES)), default=0)


def length_of(film: Draft) -> int:
    """Frames of a film: those of its pictures, else of its music."""
    return shots_in(film) or max((to_frame(end_of(s)) for s in segments_of(film, *MUSIC)), default=0)


def length_told(film: Draft, was: int) -> Told | str:
    """How long the film is now, to go on a sentence with; nothing where it was as long before."""
    now = length_of(film)
    return "" if now == was else Told("parts.length", now=to_ms(now), was=to_ms(was))


def lay_order(film: Draft, situation: Situation, order: Sequence[Draft], *, keep_places: bool) -> None:
    """Lays shots in a new order, each as long as it is; or, with `keep_places`, into the places of the shots now.

    Shots that are not in `order` go. A clip that is too short for its new place is shown from its start, then again.
    """
    before = shots_in(film)
    old = filming.shots_of(film)
    track = next(track for track in tracks_of(film, "video") if any(shot is old[0] for shot in track["sg"]))
    places = [(to_frame(start_of(shot)), to_frame(end_of(shot))) for shot in old]
    remove_segments(film, old)
    track["sg"] += order  # before the pieces, whose ids have to be free
    if keep_places and len(order) == len(places):
        for shot, (first, last) in zip(order, places, strict=True):
            _show(film, track, situation, shot, first, last)
    else:
        at = places[0][0]
        for shot in order:
            frames = max(_SHORTEST, to_frame(shot["d"]))
            place(shot, at, at + frames)
            at += frames
    refit(film, situation, before)


def lay_lengths(film: Draft, situation: Situation, lengths: Sequence[tuple[Draft, int]]) -> None:
    """Gives shots other lengths in frames; what follows moves, and the sound is made to fit."""
    wanted = {id(shot): frames for shot, frames in lengths}
    before = shots_in(film)
    at = None
    for shot in filming.shots_of(film):
        first = to_frame(start_of(shot)) if at is None else at
        at = first + max(_SHORTEST, wanted.get(id(shot), to_frame(shot["d"])))
        place(shot, first, at)
    refit(film, situation, before)


def show_in_place(film: Draft, situation: Situation, shots: Sequence[Draft]) -> None:
    """Makes clips fill their places after their speed was changed: from earlier on, or again where they end."""
    for shot in shots:
        track = next(track for track in film["t"] if any(other is shot for other in track["sg"]))
        _show(film, track, situation, shot, to_frame(start_of(shot)), to_frame(end_of(shot)))


def loop_row(film: Draft, frames: int) -> None:
    """Repeats the shots from the first on until a frame."""
    shots = filming.shots_of(film)
    track = next(track for track in tracks_of(film, "video") if any(shot is shots[0] for shot in track["sg"]))
    at = to_frame(end_of(shots[-1]))
    ids = {role: free_ids(film, role) for role in ("clip", "image")}
    for shot in itertools.cycle(shots):
        if at >= frames:
            break
        again = deepcopy(shot)
        again["id"] = next(ids["clip" if meta(shot).get("role") == "clip" else "image"])
        last = min(at + to_frame(shot["d"]), frames)
        place(again, at, last)
        track["sg"].append(again)
        at = last


def refit(film: Draft, situation: Situation, before: int) -> None:
    """Makes music, drawn layers and titles fit after the pictures became longer or shorter than `before` frames.

    Composed music lasts as long as the pictures; a song ends with them, and goes on again where it had been cut.
    """
    frames = shots_in(film)
    if frames == 0:
        return
    filming.fit_drawn(film, frames)
    for backdrop in segments_of(film, "backdrop"):
        if start_of(backdrop) == 0:
            place(backdrop, 0, frames)
    _fit_score(film, frames)
    songs = sorted(segments_of(film, "song"), key=end_of)
    for song in songs:
        if to_frame(start_of(song)) >= frames:
            remove_segments(film, [song])
        elif to_frame(end_of(song)) > frames:
            shorten_song(song, frames)
        elif song is songs[-1] and frames > before and abs(to_frame(end_of(song)) - before) <= 1:
            let_go_on(song, media_of(song, situation), frames)
    if frames < before:
        end_voices(film, frames)
    keep_titles_inside(film, frames)
    film["t"] = [track for track in film["t"] if track["sg"]]


def let_go_on(song: Draft, item: MediaItem | None, frames: int) -> None:
    """Lets a song that was cut go on to a frame, as far as it reaches."""
    if item is None:
        return
    first = to_frame(start_of(song))
    left = to_frame(item.duration_ms - in_ms_of(song))
    last = min(frames, first + left)
    if last > to_frame(end_of(song)):
        place(song, first, last)


def end_voices(film: Draft, frames: int) -> None:
    """End voice recordings with the film."""
    for voice in segments_of(film, *SPEECH):
        first = to_frame(start_of(voice))
        if first >= frames:
            remove_segments(film, [voice])
        elif to_frame(end_of(voice)) > frames:
            place(voice, first, frames)


def keep_titles_inside(film: Draft, frames: int) -> None:
    """Titles that the film is too short for move to its end; none is lost."""
    for title in segments_of(film, "title"):
        length = min(to_frame(title["d"]), frames)
        first = min(to_frame(start_of(title)), frames - length)
        place(title, first, first + length)


def _show(film: Draft, track: Draft, situation: Situation, shot: Draft, first: int, last: int) -> None:
    item = media_of(shot, situation)
    place(shot, first, last)
    if item is None or meta(shot).get("role") != "clip":
        return
    speed = speed_of(shot)
    whole = max(1, int((to_frame(item.duration_ms) - 1) / speed))
    if last - first <= whole + 1 or whole < _SHORTEST:
        latest = max(0, item.duration_ms - to_ms(1) - round((to_ms(last) - to_ms(first)) * speed))
        meta(shot)["in_ms"] = min(in_ms_of(shot), latest)
        return
    parts = math.ceil((last - first) / whole)
    meta(shot)["in_ms"] = 0
    for part in range(parts):
        again = shot if part == 0 else deepcopy(shot)
        if part:
            again["id"] = free_id(film, "clip")
            track["sg"].append(again)
        place(again, first + (last - first) * part // parts, first + (last - first) * (part + 1) // parts)


def _fit_score(film: Draft, frames: int) -> None:
    scores = segments_of(film, "bgm")
    for score in scores:
        first, last = to_frame(start_of(score)), to_frame(end_of(score))
        if first >= frames:
            remove_segments(film, [score])
        elif last > frames or score is scores[-1]:
            place(score, first, frames)
        bring_to_cuts(score, [start_of(shot) for shot in filming.shots_of(film)])


def lay_where_free(film: Draft, part: Draft, role: str, name: str = "") -> None:
    """Lay a part on the first track of its kind that has room for it, or on a new one.

    Args:
        film: The film.
        part: A segment with its time; one that lies on a track already stays there, if it can.
        role: The role of the segment.
        name: The name of a new track.
    """
    lane = _LANES.get(role, "video")
    own = [track for track in film["t"] if any(other is part for other in track["sg"])]
    room = next((track for track in (*own, *tracks_of(film, lane)) if _met(track, part) is None), None)
    remove_segments(film, [part])
    (room or add_track(film, lane, name or _NAMES[lane], []))["sg"].append(part)


def lay_exactly(film: Draft, part: Draft, role: str, first: int, last: int, number: int | None = None) -> None:
    """Put a part on a stretch of frames and, where it is given, on a track by its number from 1.

    Raises:
        NotPossible: The track is none of its kind, or none at all; overlaps are told by `keep_apart`.
    """
    place(part, first, last)
    if number is None:
        return
    lane = _LANES.get(role, "video")
    if number > len(film["t"]) + 1:
        raise NotPossible(Told("parts.no_track", number=number, next=len(film["t"]) + 1), "track")
    if number == len(film["t"]) + 1:
        track = add_track(film, lane, _NAMES[lane], [])
    else:
        track = film["t"][number - 1]
        if all(track is not other for other in tracks_of(film, lane)):
            raise NotPossible(Told("parts.other_track", number=number, lane=lane), "track")
    remove_segments(film, [part])
    track["sg"].append(part)


def keep_apart(film: Draft, situation: Situation, parts: Sequence[Draft], field: str) -> None:
    """Refuse parts that overlap others on their tracks.

    Raises:
        NotPossible: One does; it names the other one.
    """
    for part in parts:
        other = _met(track_of(film, part), part)
        if other is not None:
            names = {"name": name_of(part, situation), "other": name_of(other, situation)}
            raise NotPossible(Told("parts.overlap", start=start_of(other), end=end_of(other), **names), field)


def keep_ids_apart(film: Draft, situation: Situation, which: Which, field: str) -> None:
    """Refuse parts that overlap others, when all edits are made: those that are meant by their ids.

    Raises:
        NotPossible: One does; it names the other one.
    """
    keep_apart(film, situation, [part for one in ids_of(which) or () for part in by_id(film, one)], field)


def _met(track: Draft, part: Draft) -> Draft | None:
    """Another part on a track at the same time."""
    others = (other for other in track["sg"] if other is not part and other["d"] > 0)
    return next((o for o in others if start_of(o) < end_of(part) and start_of(part) < end_of(o)), None)


def split_at(film: Draft, segment: Draft, first: int, last: int) -> Draft | None:
    """Cuts a clip or a song at two frames, so that nothing changes; returns the part between, if there is any."""
    start, end = to_frame(start_of(segment)), to_frame(end_of(segment))
    first, last = max(first, start), min(last, end)
    if first >= last:
        return None
    inner = _cut(film, segment, first) if first > start else segment
    if last < end:
        _cut(film, inner, last)
    return inner


def split_part(film: Draft, part: Draft, points: Sequence[int]) -> int:
    """Split a part at frames from its start, so that nothing changes; give at how many."""
    first, frames = to_frame(start_of(part)), to_frame(part["d"])
    inside = sorted({point for point in points if SHORTEST_SHOT <= point <= frames - SHORTEST_SHOT})
    for point in inside:
        part = _cut(film, part, first + point)
    return len(inside)


def shots_between(film: Draft, start_ms: int, end_ms: int | None) -> list[Draft]:
    """The shots from one time to another (None for the end), cut in two where the stretch begins and ends."""
    first = to_frame(start_ms)
    last = max((to_frame(end_of(shot)) for shot in filming.shots_of(film)), default=0)
    last = last if end_ms is None else min(to_frame(end_ms), last)
    for shot in filming.shots_of(film):
        at = to_frame(start_of(shot))
        split_part(film, shot, [first - at, last - at])
    near = SHORTEST_SHOT - 1  # what is too little to be cut off belongs to its shot
    return [
        shot
        for shot in filming.shots_of(film)
        if first - near <= to_frame(start_of(shot)) and to_frame(end_of(shot)) <= last + near
    ]


def silence_score(film: Draft, situation: Situation, score: Draft, first: int, last: int) -> bool:
    """Has a composed track end at `first` and begin again at `last`; whether it could be done.

    Pieces of less than a second are left out.
    """
    start, end = to_frame(start_of(score)), to_frame(end_of(score))
    if last <= start or first >= end:
        return True
    piece = piece_of(score)
    left = [(a, b) for a, b in ((start, min(first, end)), (max(last, start), end)) if b - a >= _SHORTEST_SCORE]
    if piece is None:
        return False
    if not left:
        score["v"] = 0.0
        return True
    track = next(track for track in film["t"] if any(other is score for other in track["sg"]))
    remove_segments(film, [score])
    known = {id(segment) for segment in track["sg"]}
    for a, b in left:
        try:
            lay_score(film, situation, piece, a, b, track=track)
        except NotPossible:
            continue  # a piece that cannot be played stays silent
    fresh = [segment for segment in track["sg"] if id(segment) not in known]
    for segment in fresh:
        segment["v"] = volume_of(score)
    carry_over([score], fresh)
    return True


def _cut(film: Draft, segment: Draft, at: int) -> Draft:
    """Cuts a segment in two at a frame within it; returns the second part."""
    track = next(track for track in film["t"] if any(other is segment for other in track["sg"]))
    rest = deepcopy(segment)
    start, end = to_frame(start_of(segment)), to_frame(end_of(segment))
    rest["id"] = free_id(film, str(meta(segment).get("role", "part")))
    place(segment, start, at)
    place(rest, at, end)
    if "in_ms" in meta(rest) or meta(rest).get("role") in ("clip", "song", "speech"):
        meta(rest)["in_ms"] = in_ms_of(segment) + round((to_ms(at) - to_ms(start)) * speed_of(segment))
    if "fade_out_ms" in meta(segment):
        meta(segment)["fade_out_ms"] = 0
    if "fade_in_ms" in meta(rest):
        meta(rest)["fade_in_ms"] = 0
    meta(rest).pop("transition", None)
    track["sg"].append(rest)
    return rest


"""Whether the segments with a role move, on a track."""


def cut_out(draft: Draft, first: int, last: int, moves: Moves = lambda _track, _role: True) -> None:
    """Takes the frames from `first` to before `last` out of every track; what does not move stays as it is.

    Clips, songs and voices go on where the stretch ends; composed music and drawn layers become shorter as a whole;
    titles keep their length and only move. A song whose end is taken away fades out.
    """
    total = max((to_frame(end_of(s)) for track in draft["t"] for s in track["sg"]), default=0)
    for track in draft["t"]:
        for segment in list(track["sg"]):
            role = role_of(track, segment)
            if not moves(track, role):
                continue
            if role == "title":
                _move_title(segment, first, last, total)
            elif role in _SPLIT:
                _split(draft, track, segment, role, first, last)
            else:
                start, end = to_frame(start_of(segment)), to_frame(end_of(segment))
                place(segment, _moved(start, first, last), _moved(end, first, last))
    remove_segments(draft, [s for track in draft["t"] for s in track["sg"] if s["d"] <= 0])
    draft["t"] = [track for track in draft["t"] if track["sg"]]


def _moved(frame: int, first: int, last: int) -> int:
    return frame if frame <= first else max(first, frame - (last - first))


def _move_title(segment: Draft, first: int, last: int, total: int) -> None:
    left = total - (last - first)
    frames = min(to_frame(segment["d"]), left)
    start = min(_moved(to_frame(start_of(segment)), first, last), left - frames)
    place(segment, start, start + frames)


def _split(draft: Draft, track: Draft, segment: Draft, role: str, first: int, last: int) -> None:
    start, end = to_frame(start_of(segment)), to_frame(end_of(segment))
    if end <= first:
        return
    if start >= last:
        place(segment, start - (last - first), end - (last - first))
        return
    in_ms, speed = in_ms_of(segment), speed_of(segment) if role == "clip" else 1.0
    if start < first and end > last:
        rest = deepcopy(segment)
        rest["id"] = free_id(draft, role)
        track["sg"].append(rest)
        place(segment, start, first)
        place(rest, first, first + end - last)
        if role in _WITH_SOURCE:
            meta(rest)["in_ms"] = in_ms + round((to_ms(last) - to_ms(start)) * speed)
        if role in _SOUNDS:
            meta(segment)["fade_out_ms"] = meta(rest)["fade_in_ms"] = 0
    elif start < first:
        place(segment, start, first)
        if role == "song" and not meta(segment).get("fade_out_ms"):
            meta(segment)["fade_out_ms"] = _FADE_MS
    else:
        place(segment, first, first + max(0, end - last))
        if role in _WITH_SOURCE:
            meta(segment)["in_ms"] = in_ms + round((to_ms(min(last, end)) - to_ms(start)) * speed)
