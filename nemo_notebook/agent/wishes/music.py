"""Wishes for music: composed, uploaded, another one, or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nemo_notebook.agent.match import Asked, Match
from nemo_notebook.agent.replies import reply
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.films import MakeVideo
from nemo_notebook.film.edits.music import AddMusic, PlaceMusic, UseSong
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.sounds import SetVolume
from nemo_notebook.film.target import Target, of_kind
from nemo_notebook.film.telling import Told

_QUIET: Final = 0.3
_VERY_QUIET: Final = 0.15
_SLOWEST, _FASTEST = 40.0, 220.0

Edits = Iterable[Edit]


def compose(m: Match) -> Edits:
    """Compose music, or take the song that was uploaded and is not heard yet."""
    if m.has("remove", "no") and not m.has("mood", "bpm", "add", "rather"):
        return no_music(m)
    known = any(ids for ids in m.values("song"))
    if known and (not m.has("mood", "another", "compose") or m.has("mine", "use")) and not m.has("remove", "not"):
        return use_song(m)
    if m.has("mine") and any(item.content == "music" for item in m.situation.media):
        return use_song(m)
    if m.has("song") and not m.has("mood"):
        return use_song(m)
    songs = [item for item in m.situation.media if item.content == "music"]
    is_plain = not m.has("mood", "bpm", "compose")
    if is_plain and songs and not of_kind(m.film, "song") and not m.has("another"):
        return use_song(m)
    if is_plain and of_kind(m.film, "music") and m.has("another", "change"):
        return other_music(m)
    moods = list(dict.fromkeys(m.values("mood")))
    moods = [each for each in moods if each != "chill"] or moods  # "quiet jazz" is jazz
    bpm = m.value("bpm")
    tempo = "slow" if m.has("slower") else "fast" if m.has("faster") else "usual"
    replaces = m.has("rather", "replace", "change", "remove", "another", "instead", "no")
    return [
        AddMusic(
            mood=moods[0] if moods else None,
            bpm=None if bpm is None else min(max(float(bpm), _SLOWEST), _FASTEST),
            tempo=tempo,
            volume=_volume(m),
            duck=m.has("duck"),
            replaces=replaces or not of_kind(m.film, "song"),
        )
    ]


mood_music = compose
mood = compose
tempo = compose


def use_song(m: Match) -> Edits:
    """Take an uploaded song as the music."""
    known = [media for ids in m.values("song") if ids for media in ids]
    songs = [item for item in m.situation.media if item.content == "music"] or [
        item for item in m.situation.media if item.kind == "audio" and item.content != "speech"
    ]
    if not songs:
        raise Asked(Told("use_song.none"), asks=False) if not m.has("music") else Asked(Told("use_song.none"), asks=False)
    if not m.film.shots:
        return [MakeVideo(song=known[0] if known else None)]
    is_cut = m.has("on_beat", "sync", "cuts", "recut", "beat")
    return [UseSong(media=known[0] if known else None, under=not is_cut, volume=_volume(m))]


def song_part(m: Match) -> Edits:
    """Begin the song at a part of it."""
    return [UseSong(part=m.value("songpart"))]


def song_from(m: Match) -> Edits:
    """Begin the song at a time of its own."""
    return [UseSong(in_s=m.value("time"), under=True)]


def other_music(m: Match) -> Edits:
    """Compose another piece of the same kind."""
    if of_kind(m.film, "song"):
        raise Asked(reply("which_music"))
    return [AddMusic(another=True)]


def no_music(m: Match) -> Edits:
    """Remove the music."""
    if m.has("time", "range"):
        return music_when(m)
    targets = [t for t in m.sounds() if t.kind in ("sound", "song", "music")]
    return [Remove(target=targets[0] if targets else Target(kind="music"))]


def without_music(m: Match) -> Edits:
    """Remove the music, if there is any."""
    return [Remove(target=Target(kind="music"))] if of_kind(m.film, "music") else []


def only_speech(m: Match) -> Edits:
    """Keep only the voice."""
    return without_music(m)


def music_when(m: Match) -> Edits:
    """Let music be heard from one time to another, or for as long as a voice."""
    songs = [t for t in m.sounds() if t.kind in ("sound", "song", "music", "composed")]
    target = songs[0] if songs else Target(kind="music")
    voices = of_kind(m.film, "speech")
    if m.has("speech") and voices and not m.has("time", "range"):
        return [PlaceMusic(target=target, end_s=max(part.end_ms for part in voices) / 1000)]
    span = m.stretch()
    if m.has("remove", "no") and span:
        return [SetVolume(target=target, volume=0.0, **span)]
    if not span and (length_s := m.length_s) is not None:
        span = {"end_s": length_s}
    return [PlaceMusic(target=target, **span)]


def loop_song(m: Match) -> Edits:
    """Play the song again where it ends before the pictures."""
    return [PlaceMusic(loop=True)]


def _volume(m: Match) -> float | None:
    if (percent := m.value("percent")) is not None:
        return min(4.0, float(percent[1]))
    if m.has("quieter", "under"):
        return _VERY_QUIET if m.has("much") else _QUIET
    return None
