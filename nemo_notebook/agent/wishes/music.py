"""Wishes for music: composed, uploaded, another one, or none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.lexicon import pairs_of
from nemo_notebook.agent.match import Asked, Edits, Match, reply
from nemo_notebook.agent.wishes import read_as
from nemo_notebook.agent.wishes.nouns import (
    FASTEST_BPM,
    FILMS,
    LOOKS,
    first_of,
    heard_when,
    is_unheard,
    music_described,
    music_volume,
    song_of,
)
from nemo_notebook.film import soundtrack
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import Edit, apply_edits
from nemo_notebook.film.edits.films import MakeVideo, Recut
from nemo_notebook.film.edits.lengths import SetLength
from nemo_notebook.film.edits.music import AddMusic, PlaceMusic, UseSong
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.sounds import AddSound, Crossfade, Duck, SetContent, SetVolume
from nemo_notebook.film.soundtrack import mood_of, tempo_of
from nemo_notebook.film.target import Target, of_kind, voices_of
from nemo_notebook.film.wording import Told, nice_title

_MUSIC: Final = ("add_music", "use_song", "place_music", "add_sound")
_FEW: Final = 4  # words
_SLOWEST: Final = 40.0
_LATER_S: Final = 2.0
_SURE: Final = 0.7
_MOST_TIMES: Final = 20
_STEPS: Final = {"bit": 1.07, "": 1.15, "much": 1.3}
_LIVELY: Final = ("upbeat", "happy", "edm", "house", "epic", "rock", "hiphop")
_LIVELIER, _CALMER = pairs_of("$livelier"), pairs_of("$calmer")


def compose(m: Match) -> Edits:
    """Compose music, or take the song that was uploaded and is not heard yet."""
    if m.has("make", "want") and not m.film.shots and first_of(m, *FILMS) < first_of(m, "music", "genre", "mood"):
        return read_as("films.make", m)
    if m.has_pair("too", "mood"):
        raise Asked(reply("which_music"))  # "way too happy for a lesson"
    known = any(ids for ids in m.values("song"))
    if known and (not m.has("mood", "another", "compose") or m.has("mine", "use")) and not m.has("remove", "not"):
        return use_song(m)
    if not m.has("mood", "bpm", "compose", "occasion") and (found := _plain(m)) is not None:
        return found
    replaces = m.has("rather", "replace", "change", "remove", "another", "instead", "no")
    now, of_film = tempo_of(m.film, m.situation), mood_of(m.film)
    if now and m.has("bit", "more") and of_film in m.values("mood") and not m.has("add", "another", "bpm"):
        step = _STEPS["bit"] if of_film in _LIVELY else 1 / _STEPS["bit"]
        return _same_kind(m, bpm=round(now * step, 1))
    said = music_described(m)
    paced = [edit.pace for edit in m.made if isinstance(edit, MakeVideo) and edit.pace != Pace()]
    if paced and not of_kind(m.film, "song"):  # "a fast edit, with hip hop"
        said["pace"] = said["pace"] or paced[-1]
    made = AddMusic(**said, replaces=replaces or not of_kind(m.film, "song"))
    at = heard_when(_behind(m, made) if not m.film.end_ms and m.has("only", "file", "ordinal", "half") else m)
    other = next((edit.mood for edit in m.made if isinstance(edit, AddMusic)), made.mood)
    if at and other != made.mood:
        raise Asked(reply("one_music"), asks=False)
    return [made, PlaceMusic(**at)] if at else [made]


def _behind(m: Match, edit: Edit) -> Match:
    """The same clause in the film behind an edit."""
    draft = apply_edits(m.situation.draft, [edit], m.situation).draft
    return replace(m, film=editable(draft), situation=replace(m.situation, draft=draft))


def _plain(m: Match) -> Edits | None:
    """What else is meant by words for music that say nothing of its kind; None for new music."""
    heard, songs = of_kind(m.film, "music"), soundtrack.songs_of(m.film, m.situation)
    if songs and not m.has("another") and (not heard or m.has("mine", "uploaded", "my")):
        return use_song(m)
    if any(isinstance(edit, MakeVideo) for edit in m.made) and of_kind(m.film, "song"):
        return []
    if of_kind(m.film, "song") and not m.has("another", "change", "replace", "rather", "instead", "remove", "percent"):
        raise _is_heard(m)
    return other_music(m) if heard and m.has("another", "change") else None


def _is_heard(m: Match) -> Asked:
    """What to say to somebody who wishes for the song that is heard already."""
    song = of_kind(m.film, "song")[0].upload(m.situation)
    return Asked(Told("use_song.same", title=nice_title(song) if song else ""), asks=False)


def mood(m: Match) -> Edits:
    """Compose music of a mood; a mood that is said by itself may as well be one of the pictures."""
    is_look = all(each in LOOKS for each in m.values("mood"))
    is_of_pictures = is_look and any(edit.tag in ("set_look", "set_transition") for edit in m.edits)
    of_music = any(edit.tag in _MUSIC for edit in m.edits) or (of_kind(m.film, "composed") and not is_of_pictures)
    is_alone = len(m.said().split()) <= _FEW and not m.made and not m.has("add", "compose", "bpm", "want", "number")
    is_either = is_look or bool(of_kind(m.film, "song"))
    if is_alone and not of_music and is_either:
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


def fitted(m: Match) -> Edits:
    """Compose the same kind of music so that its beats fall on the cuts."""
    return _same_kind(m)


def faster_music(m: Match) -> Edits:
    """Compose the same kind of music faster or slower."""
    is_slow = m.has("slower", "slow_down", "down", "half", "half_tempo", "half_speed", "reduce", "lower", "quieter")
    last = m.made[-1] if m.made else None
    if isinstance(last, AddMusic) and last.bpm is None:
        return [structs.replace(last, tempo="slow" if is_slow else "fast")]
    now = tempo_of(m.film, m.situation)
    if of_kind(m.film, "song") or now is None:
        raise Asked(reply("unable_tempo") if now is not None else reply("no_music"), asks=False)
    is_twofold = m.has("double", "half", "half_tempo", "double_tempo", "half_speed", "double_speed")
    factor = m.value("factor") or (2.0 if is_twofold else _STEPS[m.degree])
    bpm = round(min(max(now / factor if is_slow else now * factor, _SLOWEST), FASTEST_BPM), 1)
    return _same_kind(m, bpm=bpm)


def twofold(m: Match) -> Edits:
    """Double or halve the tempo of composed music; count twice, or half, as many beats of a song."""
    if of_kind(m.film, "song") or m.film.is_cut_to_music:
        factor, beats = (0.5, 2.0) if m.has("double_tempo") else (2.0, 0.5)
        return [Recut(pace=Pace(factor=factor, tempo=beats))]
    return faster_music(m)


def livelier(m: Match) -> Edits:
    """Compose music of a kind with more, or less, energy."""
    now = mood_of(m.film)
    if now is None:
        raise Asked(reply("which_music"))
    return [AddMusic(mood=(_CALMER if m.has("calmer") else _LIVELIER)[now], replaces=True)]  # type: ignore[arg-type]


def use_song(m: Match) -> Edits:
    """Take an uploaded song as the music, or lay a sound beside it."""
    item = song_of(m)
    heard = {part.meta.get("media") for part in of_kind(m.film, "sound")}
    songs = soundtrack.songs_of(m.film, m.situation)
    made = next((edit for edit in m.made if isinstance(edit, MakeVideo)), None)
    if made is not None and made.with_song and not m.has("percent", "quieter", "range", "songpart"):
        length = {"duration_s": m.length_s, "best_part": True} if m.length_s else {}
        return [structs.replace(made, song=item.id if item else made.song, **length)]
    if len(songs) > 1 and (m.has("both", "all") or 2 in m.values("number")):
        return [AddSound(media=each.id, role="song") for each in songs if each.id not in heard]
    fields = {"media": item.id if item else None, "volume": music_volume(m)} | _stretch_of_song(m)
    is_under = m.has("under") or any(t.is_a("music") and not t.is_a("song") for t in m.tokens)
    if not m.film.shots and not is_under:
        fields.pop("volume")
        return [MakeVideo(song=fields.pop("media"), **fields)]
    is_added = m.has("under") or any(t.is_a("add", "put") and not t.is_a("use") for t in m.tokens)
    is_beside = is_added and of_kind(m.film, "song") and not m.has("instead", "replace", "change", "rather")
    if item is not None and is_beside and item.id not in heard:
        return [AddSound(media=item.id, at_s=_at(m) or 0.0, volume=m.value("percent") and fields["volume"])]
    is_new = item is not None or m.has("on_beat", "sync", "cuts", "recut", "instead", "replace", "change", "percent")
    if heard and not is_new and not is_under and len(fields) == 2 and of_kind(m.film, "song"):
        raise _is_heard(m)
    is_cut = m.has("on_beat", "sync", "cuts", "recut", "beat", "instead") or not (
        is_added or any(t.is_a("with") and not t.is_a("use") for t in m.tokens)
    )
    return [UseSong(**fields, under=is_under or not is_cut)]


def add_speech(m: Match) -> Edits:
    """Lay a voice recording over the film."""
    voices = voices_of(m.film, m.situation)
    named = [media for ids in m.values("speech") if ids for media in ids]
    media = named[0] if named else voices[-1].id if voices else None
    if media is None:
        raise Asked(Told("target.nothing", kind="speech"), asks=False)
    if any(part.meta.get("media") == media for part in of_kind(m.film, "speech")):
        raise Asked(reply("nothing"), asks=False)
    return [AddSound(media=media, role="speech", at_s=_at(m), volume=music_volume(m))]


def blend(m: Match) -> Edits:
    """Let songs run over into one another."""
    heard = {part.meta.get("media") for part in of_kind(m.film, "song")}
    named = [media for ids in m.values("song") if ids for media in ids]
    songs = [item.id for item in soundtrack.songs_of(m.film, m.situation)]
    edits: list[Edit] = [AddSound(media=each, role="song") for each in named or songs if each not in heard]
    targets = tuple(Target(kind="song", media=each) for each in named)
    length = {"duration_s": m.value("time")} if m.has("time") else {}
    return [*edits, Crossfade(target=targets if len(targets) > 1 else Target(kind="music"), **length)]


def content(m: Match) -> Edits:
    """Say what a recording is: speech or music."""
    audio = [item.id for item in m.situation.media if item.kind == "audio"]
    named = [media for concept in ("song", "speech") for ids in m.values(concept) if ids for media in ids]
    media = named[0] if named else audio[-1] if audio else None
    if media is None:
        raise Asked(Told("use_song.none"), asks=False)
    plain = [t for t in m.tokens if not any(t.concepts.get(c) for c in ("song", "speech"))]
    said = [t.is_a("music", "song") for t in plain if t.is_a("music", "song", "speech", "not")]
    is_music = said[:1] == [True] or (any(said) and not any(t.is_a("not") for t in plain))
    return [SetContent(media=media, content="music" if is_music else "speech")]


def song_part(m: Match) -> Edits:
    """Begin the song at a part of it, or behind it."""
    if m.has("another") and not m.has("time", "range"):
        raise Asked(reply("which_song_part"))
    if m.has("remove", "without", "skip") and m.value("songpart") == "intro":
        songs = of_kind(m.film, "song")
        item = songs[0].upload(m.situation) if songs else None
        later = [start for start, _ in item.sections if start > songs[0].in_ms] if item is not None else []
        if not later:
            raise Asked(reply("which_time"))
        return [UseSong(in_s=later[0] / 1000)]
    fields = _stretch_of_song(m)
    made = next((edit for edit in m.made if isinstance(edit, MakeVideo)), None)
    if made is not None:
        return [structs.replace(made, **fields, out_s=86_400 if m.has("begin") else None)]
    is_new = not m.film.end_ms and soundtrack.songs_of(m.film, m.situation)
    return [MakeVideo(**fields)] if is_new else [UseSong(**fields)]


def other_music(m: Match) -> Edits:
    """Compose another piece of the same kind, or take the other song."""
    songs = [item.id for item in soundtrack.songs_of(m.film, m.situation)]
    heard = {part.meta.get("media") for part in of_kind(m.film, "song")}
    if heard:
        left = [each for each in songs if each not in heard]
        if len(left) == 1:
            return [UseSong(media=left[0])]
        raise Asked(reply("which_music"))
    is_gone = any(edit.tag == "remove" for edit in m.made)  # "I don't want this music, use another"
    if not of_kind(m.film, "composed") and not is_gone:
        raise Asked(reply("which_music"))
    return _same_kind(m, another=True)


def no_music(m: Match) -> Edits:
    """Remove the music, if there is any, or for a time; all else where only the music is to be kept."""
    is_name = all(token.carried or token.is_a("music", "song", "filler", "actually") for token in m.tokens)
    if is_name and m.like("music.no_music") < _SURE:
        return []  # a name alone, as in "louder, I mean the music"
    if m.has_pair("only keep", "music song"):
        return read_as("sounds.only_music", m)
    if m.has("time", "range", "half") or (m.edge() and not m.has("all", "whole", "only", "keep")):
        return music_when(m)
    targets = [t for t in m.sounds() if t.kind in ("sound", "song", "music")]
    return [Remove(target=targets[0] if targets else Target(kind="music"))] if of_kind(m.film, "music") else []


def music_when(m: Match) -> Edits:
    """Let music be heard from one time to another, or for as long as a voice; or not be heard then."""
    if m.has("add", "put") and is_unheard(m):
        return use_song(m)
    if not of_kind(m.film, "music") and (m.has("add", "compose", "want") or not m.film.end_ms):
        songs = soundtrack.songs_of(m.film, m.situation)
        return song_part(m) if songs and m.has("use") and not m.film.end_ms else compose(m)
    heard = [t for t in m.sounds() if t.kind != "speech" and t.kind != "clip" and t.media not in m.media("speech")]
    target = heard[0] if heard else Target(kind="music")
    is_off, span = m.has("remove", "no_music", "mute", "no"), heard_when(m)
    is_off = is_off and not (m.has("before") and m.has("begin") and "start_s" in span)  # not before that
    if (
        not m.has("no_music")
        and (not m.has("before") or m.edge() == "start")  # 前10秒
        and m.has("use", "of")
        and m.has("time", "range")
        and of_kind(m.film, "song")
        and not m.has("hear")
    ):
        return song_part(m)
    voices = of_kind(m.film, "speech")
    if m.has("speech") and voices and not span:
        if is_off:
            return [Duck(level=0.0)]
        return [PlaceMusic(target=target, end_s=max(part.end_ms for part in voices) / 1000)]
    if not span and (is_off or m.edge()):
        raise Asked(reply("how_long_music"))
    if is_off and (last_s := span.pop("last_s", None)) is not None:
        span = {"start_s": max(0.0, m.film.end_ms / 1000 - last_s)}
    return [SetVolume(target=target, volume=0.0, **span)] if is_off else [PlaceMusic(target=target, **span)]


def music_later(m: Match) -> Edits:
    """Let the music begin later."""
    return [PlaceMusic(start_s=m.value("time") or _LATER_S)]


def loop_song(m: Match) -> Edits:
    """Play the song again where it ends before the pictures."""
    if not of_kind(m.film, "music"):
        return [structs.replace(each, loop=True) for each in use_song(m) if isinstance(each, UseSong)]
    times = 2 if m.has("twice", "double") else m.value("factor") or m.value("number")
    return [SetLength(factor=float(times)) if times and 1 < times <= _MOST_TIMES else PlaceMusic(loop=True)]


def _stretch_of_song(m: Match) -> dict[str, Any]:
    """From where to where in a song something is used."""
    if parts := [*m.values("songpart")]:  # the intro is dull, straight to the chorus
        times = [t.concepts["time"] for t in m.tokens if t.is_a("time") and not t.is_a("at")]
        return {"part": parts[-1]} | ({"duration_s": times[0]} if times and m.span is None else {})
    if m.span is None:
        return {}
    start_s, end_s = m.span.start_s, m.span.end_s
    if m.edge() == "finish" and m.has("time"):
        return {"part": "end", "duration_s": m.value("time")}
    if m.has("remove", "skip", "without") and not start_s:
        return {"in_s": end_s}
    return {name: value for name, value in (("in_s", start_s), ("out_s", end_s)) if value}


def _at(m: Match) -> float | None:
    """When a sound begins."""
    return 0.0 if m.span is None and m.edge() == "start" else m.span.start_s if m.span is not None else None
