"""Wishes for music: composed, uploaded, another one, or none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.lexicon import pairs_of
from nemo_notebook.agent.match import Asked, Edits, Match, read_as, reply
from nemo_notebook.agent.wishes import nouns
from nemo_notebook.agent.wishes.nouns import FASTEST_BPM, first_of, heard_when, made, media_in, required, songs_in
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import Edit, apply_edits
from nemo_notebook.film.edits.films import MakeVideo, Recut
from nemo_notebook.film.edits.lengths import SetLength
from nemo_notebook.film.edits.music import AddMusic, PlaceMusic, UseSong
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.sounds import AddSound, Crossfade, SetContent, SetVolume
from nemo_notebook.film.edits.styles import SetStyle
from nemo_notebook.film.soundtrack import mood_of, tempo_of
from nemo_notebook.film.target import Target, of_kind, voices_of
from nemo_notebook.film.wording import Told, nice_title

_MUSIC: Final = ("add_music", "use_song", "place_music", "add_sound")
_FEW: Final = 4  # words
_SLOWEST: Final = 40.0
_LATER_S: Final = 2.0
_STEPS: Final = {"bit": 1.07, "": 1.15, "much": 1.3}
_LIVELY: Final = ("upbeat", "happy", "edm", "house", "epic", "rock", "hiphop")
_LIVELIER, _CALMER = pairs_of("$livelier"), pairs_of("$calmer")


def compose(m: Match) -> Edits:
    """Compose music, or take the song that was uploaded and is not heard yet."""
    is_film = first_of(m, *nouns.FILMS) < first_of(m, "music", "genre", "mood")
    if is_film and m.has("make", "want") and not m.film.shots:
        return read_as("films.make", m)
    required(not m.has_pair("too", "mood"), "which_music")  # "way too happy for a lesson"
    if m.media("song") and m.has("mine", "use") and not m.has("remove", "not"):
        return use_song(m)
    if not m.has("mood", "bpm", "compose", "occasion") and (found := _plain(m)) is not None:
        return found
    now, mood_now = tempo_of(m.film, m.situation), mood_of(m.film)
    if now and m.has("bit", "more") and mood_now in m.values("mood") and not m.has("add", "another", "bpm"):
        return _same_kind(m, bpm=round(now * (_STEPS["bit"] if mood_now in _LIVELY else 1 / _STEPS["bit"]), 1))
    replaces = m.has("rather", "replace", "change", "remove", "another", "instead", "no")
    said, film = nouns.music_described(m), made(m, MakeVideo)
    if film is not None and film.pace != Pace() and not of_kind(m.film, "song"):  # "a fast edit, with hip hop"
        said["pace"] = film.pace
    new = AddMusic(**said, replaces=replaces or not of_kind(m.film, "song"))
    is_begun = m.film.end_ms or not m.has("only", "file", "ordinal", "half")
    at, other = heard_when(m if is_begun else _behind(m, new)), made(m, AddMusic)
    required(not at or other is None or other.mood == new.mood, "one_music", asks=False)
    return [new, PlaceMusic(**at)] if at else [new]


def _behind(m: Match, edit: Edit) -> Match:
    """The same clause in the film behind an edit."""
    draft = apply_edits(m.situation.draft, [edit], m.situation).draft
    return replace(m, film=editable(draft), situation=replace(m.situation, draft=draft))


def _plain(m: Match) -> Edits | None:
    """What else is meant by words for music that say nothing of its kind; None for new music."""
    is_heard = bool(of_kind(m.film, "song"))
    if songs_in(m) and (not of_kind(m.film, "music") or m.has("mine", "uploaded", "my")):
        return use_song(m)
    if is_heard and made(m, MakeVideo):
        return []
    if is_heard and not m.has("another", "change", "replace", "rather", "instead", "remove", "percent"):
        raise _is_heard(m)
    return other_music(m) if of_kind(m.film, "music") and m.has("another", "change") else None


def _is_heard(m: Match) -> Asked:
    """What to say to somebody who wishes for the song that is heard already."""
    song = of_kind(m.film, "song")[0].upload(m.situation)
    return Asked(Told("use_song.same", title=nice_title(song) if song else ""), asks=False)


def mood(m: Match) -> Edits:
    """Compose music of a mood; a mood that is said by itself may as well be one of the pictures."""
    is_alone = len(m.said().split()) <= _FEW and not m.made and not m.has("add", "compose", "bpm", "want", "number")
    is_either = all(each in nouns.LOOKS for each in m.values("mood")) or bool(of_kind(m.film, "song"))
    of_music = of_kind(m.film, "composed") or any(edit.tag in _MUSIC for edit in m.edits)
    if is_alone and is_either and not of_music:
        if m.value("mood") == "upbeat" and m.film.shots:
            return [SetStyle(style="energetic")]
        raise Asked(reply("music_or_look", mood=m.value("mood")))
    return compose(m)


def tempo(m: Match) -> Edits:
    """Set the tempo of composed music, or the one that a song is cut by."""
    bpm = float(m.value("bpm") or m.value("number"))
    if of_kind(m.film, "song"):
        return [Recut(pace=Pace(bpm=min(max(bpm, 30.0), 300.0)))]
    return _same_kind(m, bpm=min(max(bpm, _SLOWEST), FASTEST_BPM))


def _same_kind(m: Match, **fields: Any) -> Edits:
    """Music of the mood that is heard in place of it."""
    mood: Any = mood_of(m.film)
    return [AddMusic(mood=mood, replaces=True, **fields)]


def faster_music(m: Match) -> Edits:
    """Compose the same kind of music faster or slower."""
    is_slow = m.has("slower", "slow_down", "down", "half", "half_tempo", "half_speed", "reduce", "lower", "quieter")
    last = m.made[-1] if m.made else None
    if isinstance(last, AddMusic):
        return [structs.replace(last, tempo="slow" if is_slow else "fast")]
    now = required(tempo_of(m.film, m.situation), "no_music", asks=False)
    required(not of_kind(m.film, "song"), "unable_tempo", asks=False)
    is_twofold = m.has("double", "half", "half_tempo", "double_tempo", "half_speed", "double_speed")
    factor = m.value("factor") or (2.0 if is_twofold else _STEPS[m.degree])
    return _same_kind(m, bpm=round(min(max(now / factor if is_slow else now * factor, _SLOWEST), FASTEST_BPM), 1))


def twofold(m: Match) -> Edits:
    """Double or halve the tempo of composed music; count twice, or half, as many beats of a song."""
    if of_kind(m.film, "song") or m.film.is_cut_to_music:
        factor, beats = (0.5, 2.0) if m.has("double_tempo") else (2.0, 0.5)
        return [Recut(pace=Pace(factor=factor, tempo=beats))]
    return faster_music(m)


def livelier(m: Match) -> Edits:
    """Compose music of a kind with more, or less, energy."""
    now = required(mood_of(m.film), "which_music")
    return [AddMusic(mood=(_CALMER if m.has("calmer") else _LIVELIER)[now], replaces=True)]  # type: ignore[arg-type]


def use_song(m: Match) -> Edits:
    """Take an uploaded song as the music, or lay a sound beside it."""
    item, heard, film = nouns.song_of(m), media_in(m, "sound"), made(m, MakeVideo)
    if film is not None and film.with_song:
        return [structs.replace(film, song=item.id if item else film.song)]
    if m.has("both", "all") and len(songs_in(m)) > 1:
        return [AddSound(media=each.id, role="song") for each in songs_in(m) if each.id not in heard]
    media, volume, stretch = item.id if item else None, nouns.music_volume(m), _stretch_of_song(m)
    is_under, is_added = m.has("under", "music"), any(t.is_a("add", "put") and not t.is_a("use") for t in m.tokens)
    if not m.film.shots and not is_under:
        return [MakeVideo(song=media, **stretch)]
    is_beside = (is_added or m.has("under")) and of_kind(m.film, "song")
    if item is not None and is_beside and item.id not in heard:
        return [AddSound(media=item.id, at_s=_at(m) or 0.0, volume=volume)]
    if item is None and not is_under and not stretch and of_kind(m.film, "song"):
        raise _is_heard(m)
    is_added = is_added or any(t.is_a("with") and not t.is_a("use") for t in m.tokens)
    return [UseSong(media=media, volume=volume, **stretch, under=is_under or is_added)]


def add_speech(m: Match) -> Edits:
    """Lay a voice recording over the film."""
    voices = [item.id for item in reversed(voices_of(m.film, m.situation))]
    media = next(iter([*m.media("speech"), *voices]), None)
    if media is None:
        raise Asked(Told("target.nothing", kind="speech"), asks=False)
    required(media not in media_in(m, "speech"), "nothing", asks=False)
    return [AddSound(media=media, role="speech", at_s=_at(m), volume=nouns.music_volume(m))]


def blend(m: Match) -> Edits:
    """Let songs run over into one another."""
    heard, named = media_in(m, "song"), m.media("song")
    songs = named or [item.id for item in songs_in(m)]
    edits: list[Edit] = [AddSound(media=each, role="song") for each in songs if each not in heard]
    targets = tuple(Target(kind="song", media=each) for each in named)
    length = {"duration_s": m.value("time")} if m.has("time") else {}
    return [*edits, Crossfade(target=targets if len(targets) > 1 else Target(kind="music"), **length)]


def content(m: Match) -> Edits:
    """Say what a recording is: speech or music."""
    audio = [item.id for item in reversed(m.situation.media) if item.kind == "audio"]
    media = next(iter([*m.media("song"), *m.media("speech"), *audio]), None)
    if media is None:
        raise Asked(Told("use_song.none"), asks=False)
    plain = [t for t in m.tokens if not any(t.concepts.get(c) for c in ("song", "speech"))]
    said = [t.is_a("music", "song") for t in plain if t.is_a("music", "song", "speech", "not")]
    is_music = said[:1] == [True] or (any(said) and not any(t.is_a("not") for t in plain))
    return [SetContent(media=media, content="music" if is_music else "speech")]


def song_part(m: Match) -> Edits:
    """Begin the song at a part of it, or behind it."""
    required(m.has("time", "range") or not m.has("another"), "which_song_part")
    if m.has("remove", "without", "skip") and m.value("songpart") == "intro":
        song = next(iter(of_kind(m.film, "song")), None)
        item = song.upload(m.situation) if song is not None else None
        later = [start for start, _ in item.sections if song and start > song.in_ms] if item is not None else []
        return [UseSong(in_s=required(later, "which_time")[0] / 1000)]
    fields = _stretch_of_song(m)
    if (film := made(m, MakeVideo)) is not None:
        return [structs.replace(film, **fields, out_s=86_400 if m.has("begin") else None)]
    return [UseSong(**fields) if m.film.end_ms or not songs_in(m) else MakeVideo(**fields)]


def other_music(m: Match) -> Edits:
    """Compose another piece of the same kind, or take the other song."""
    heard = media_in(m, "song")
    left = [item.id for item in songs_in(m) if item.id not in heard]
    required(len(left) == 1 if heard else of_kind(m.film, "composed"), "which_music")
    return [UseSong(media=left[0])] if heard else _same_kind(m, another=True)


def no_music(m: Match) -> Edits:
    """Remove the music, if there is any, or for a time; all else where only the music is to be kept."""
    if m.has_pair("only keep", "music song"):
        return read_as("sounds.only_music", m)
    if m.has("time", "range", "half") or (m.edge() and not m.has("all", "whole", "only", "keep")):
        return music_when(m)
    targets = [*(t for t in m.sounds() if t.kind in ("sound", "song", "music")), Target(kind="music")]
    return [Remove(target=targets[0])] if of_kind(m.film, "music") else []


def music_when(m: Match) -> Edits:
    """Let music be heard from one time to another; or not be heard then."""
    if m.has("add", "put") and nouns.is_unheard(m):
        return use_song(m)
    if not of_kind(m.film, "music") and (m.has("add", "compose", "want") or not m.film.end_ms):
        return song_part(m) if songs_in(m) and m.has("use") else compose(m)
    target = next(iter(m.sounds()), Target(kind="music"))
    is_off, span = m.has("remove", "no_music", "mute", "no"), heard_when(m)
    is_in_song = not m.has("before") or m.edge() == "start"  # 前10秒
    if m.has("use", "of") and not is_off and is_in_song and m.has("time", "range") and of_kind(m.film, "song"):
        return song_part(m)
    required(span or not (is_off or m.edge()), "how_long_music")
    if is_off and (last_s := span.pop("last_s", None)) is not None:
        span = {"start_s": max(0.0, m.film.end_ms / 1000 - last_s)}
    return [SetVolume(target=target, volume=0.0, **span)] if is_off else [PlaceMusic(target=target, **span)]


def music_later(m: Match) -> Edits:
    """Let the music begin later."""
    return [PlaceMusic(start_s=m.value("time") or _LATER_S)]


def loop_song(m: Match) -> Edits:
    """Play the song again where it ends before the pictures."""
    required(of_kind(m.film, "music"), "no_music", asks=False)
    times = 2.0 if m.has("twice", "double") else m.value("factor")
    return [SetLength(factor=times) if times else PlaceMusic(loop=True)]


def _stretch_of_song(m: Match) -> dict[str, Any]:
    """From where to where in a song something is used."""
    if parts := [*m.values("songpart")]:  # the intro is dull, straight to the chorus
        return {"part": parts[-1]}
    if m.span is None:
        return {}
    if m.edge() == "finish" and m.has("time"):
        return {"part": "end", "duration_s": m.value("time")}
    if m.has("remove", "skip", "without") and not m.span.start_s:
        return {"in_s": m.span.end_s}
    return {name: value for name, value in (("in_s", m.span.start_s), ("out_s", m.span.end_s)) if value}


def _at(m: Match) -> float | None:
    """When a sound begins."""
    return 0.0 if m.span is None and m.edge() == "start" else m.span.start_s if m.span is not None else None
