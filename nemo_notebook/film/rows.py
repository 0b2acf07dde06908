"""Shots in their order: laid anew one after another, or into the places that the music gave them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from copy import deepcopy
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.drafting import (
    MUSIC,
    PICTURES,
    SPEECH,
    Draft,
    end_of,
    free_id,
    free_ids,
    in_ms_of,
    media_of,
    meta,
    place,
    remove_segments,
    segments_of,
    speed_of,
    start_of,
    to_frame,
    to_ms,
    tracks_of,
)
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.scoring import bring_to_cuts
from nemo_notebook.film.songs import shorten_song
from nemo_notebook.film.telling import Told

_SHORTEST: Final = 2  # frames of a shot that is still one


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
