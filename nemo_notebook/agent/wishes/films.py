"""Wishes about the whole film: made, cut anew, longer, shorter."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.match import SHARES, Edits, Match, read_as
from nemo_notebook.agent.wishes import nouns
from nemo_notebook.agent.wishes.nouns import are_photos, by_factor, first_of, made, required, songs_in
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.edits.films import MakeVideo, Recut
from nemo_notebook.film.edits.lengths import CutTime, MakeLoop, Repeat, SetLength
from nemo_notebook.film.edits.looks import SetCanvas, SetLook, SetTransition
from nemo_notebook.film.edits.music import AddMusic, PlaceMusic
from nemo_notebook.film.edits.parts import SetSpeed
from nemo_notebook.film.edits.sounds import RemoveSilence
from nemo_notebook.film.soundtrack import mood_of
from nemo_notebook.film.target import Target, of_kind

_PACES: Final = {"bit": 0.8, "": 0.6, "much": 0.4}
_CALM: Final = {"bit": 1.35, "": 1.7, "much": 2.5}
_TWOFOLD: Final = {"double": 0.5, "half": 2.0, "double_speed": 0.5, "half_speed": 2.0}
_SURE: Final = 0.6  # how likely a change of the length by a time is


def make(m: Match) -> Edits:
    """Make a film of the uploads."""
    if first_of(m, "music", "genre") < first_of(m, *nouns.FILMS):
        return read_as("music.compose", m)
    if m.film.shots and m.has("slideshow") and m.has("slower", "faster"):
        return pace(m)
    has_song = bool(songs_in(m))
    song = nouns.song_of(m) if has_song and m.has("song") else None
    rhythm, shape, look = _pace(m), m.value("aspect") or m.value("platform"), m.value("filter")
    is_silent = m.has("no_music") or (m.has("canvasloop") and m.has("file"))
    fields = {"pace": rhythm, "song": song and song.id, "with_song": not is_silent} | pictures_of(m) | _stretch(m)
    fields["style"] = m.value("filmstyle")
    if m.has("visual", "visualizer") and not m.has("without", "remove"):
        fields["visualizer"] = m.value("visual") or "bars"
    is_loop = m.has("seamless", "canvasloop") or (m.has("loop") and not (m.has("clip", "photo") and m.has("time")))
    also: list[Any] = [
        shape and SetCanvas(aspect=shape),
        look and SetLook(filter=look),
        m.has("transition") and SetTransition(kind=m.value("transition")),
        is_loop and MakeLoop(canvas=m.has("canvasloop")),
    ]
    is_of_look = not m.has("music", "genre") and set(m.values("mood")) <= set(nouns.LOOKS)  # "a happy film"
    is_of_look = is_of_look or m.has("filmstyle")
    is_scored = m.has("mood", "genre") and not (has_song and (is_of_look or m.has("on_beat")))
    is_scored = is_scored or (m.has("music", "musicvideo", "on_beat") and not has_song)
    if is_scored and not song and not m.has("no_music"):
        also.append(_score(m, rhythm))
    return [_made(m, **fields), *(each for each in also if each)]


def _made(m: Match, **fields: Any) -> MakeVideo:
    """A film of the uploads; what this message said of it before still holds."""
    before = made(m, MakeVideo) or MakeVideo()
    usual = structs.asdict(MakeVideo())
    return structs.replace(before, **{name: value for name, value in fields.items() if value != usual[name]})


def pictures_of(m: Match) -> dict[str, Any]:
    """Which uploads a film shows, in which order, and how long."""
    files, fields = m.media("file"), dict[str, Any]()
    has_clips, has_photos = any(t.is_a("clip") and not t.is_a("film") for t in m.tokens), m.has("photo", "slideshow")
    has_clips = has_clips or (m.has("photo") and m.has_pair("with", "clip"))
    is_bare = m.has("only") or m.has_pair("without remove", "clip photo")
    if m.has("visual", "visualizer") and is_bare:
        fields["pictures"] = "none"
    elif has_clips and not has_photos and not m.has("all"):
        fields["pictures"] = "clips"
    elif has_photos and not has_clips and m.situation.of_kind("image"):
        fields["pictures"] = "images"
    if files and m.has("without", "remove"):
        fields["without"] = tuple(files)
    elif len(files) > 1 or (files and (m.has("only", "use") or m.has_pair("of with from", "file"))):
        fields["only"] = fields["first"] = tuple(files)
    kinds = [kind for kind, is_so in (("video", not has_photos), ("image", not has_clips)) if is_so]
    items = [item.id for item in m.situation.media if item.kind in kinds]
    numbers = [n for n, _ in m.counted("clip", "photo", "shot") if abs(n) <= len(items)]
    if numbers and not files and m.has("use", "only", "of"):
        fields["only"] = tuple(items[n - (n > 0)] for n in numbers)
    if m.has("every") and has_photos and m.has("time"):
        fields["photo_s"] = m.value("time")
    elif (time_s := m.length_s) is not None:
        fields |= {"duration_s": time_s, "best_part": True}
    if m.has("reverse_order"):
        fields["order"] = "reversed"
    if m.has("slideshow"):
        fields["photos"] = "gently" if m.has("mood", "slower") else "shown"
    return fields


def _score(m: Match, pace: Pace) -> AddMusic:
    """The music of a film for which no song was uploaded."""
    is_cut = m.has("musicvideo", "on_beat") or pace != Pace()
    said = nouns.music_described(m) | {"pace": pace if is_cut else None, "alone": True}
    said["mood"] = said["mood"] or ("upbeat" if is_cut else None)
    return AddMusic(**said, replaces=True)


def _pace(m: Match) -> Pace:
    """How fast a film is cut, by what a clause says of it."""
    if (beats := m.value("beats")) is not None:
        return Pace(every=min(max(1, round(beats)), 64))
    if (count := m.value("shot_count")) is not None:
        return Pace(shots=min(count, 500))
    if m.has("faster", "more_cuts"):
        return Pace(factor=_PACES[m.degree])
    is_calm = m.has("slower", "fewer_cuts") and not m.has("slideshow")
    return Pace(factor=_CALM[m.degree]) if is_calm else Pace()


def _stretch(m: Match) -> dict[str, Any]:
    """Which part of the song a film is made of."""
    found: dict[str, Any] = {}
    if (part := m.value("songpart")) in ("chorus", "drop") or (part and m.has("song", "music")):
        found["part"] = part
    elif m.has("song") and (stretch := m.value("range")) is not None:
        found |= {"in_s": stretch[0], "out_s": stretch[1]}
    elif m.has("song", "music") and m.has("half") and (songs := songs_in(m)):
        middle_s = (nouns.song_of(m) or songs[-1]).duration_ms / 2000
        found |= {"in_s": middle_s} if 2 in m.values("ordinal") or m.edge() == "finish" else {"out_s": middle_s}
    elif m.has("song") and m.has("time") and m.edge():
        found |= {"part": "intro" if m.edge() == "start" else "end", "duration_s": m.value("time"), "best_part": False}
    return found


def make_clip(m: Match) -> Edits:
    """Make a film of some seconds, which is called a clip."""
    return make(m.without("clip"))


def row(m: Match) -> Edits:
    """Lay clips and photos one after another."""
    return [_made(m, with_song=False, first=tuple(m.media("file")))]


def faster_cuts(m: Match) -> Edits:
    """Cut faster."""
    return _paced(m, _PACES[m.degree])


def slower_cuts(m: Match) -> Edits:
    """Cut slower."""
    return _paced(m, _CALM[m.degree])


def _paced(m: Match, factor: float) -> Edits:
    """Let shots last so many times as long: by another cut, or by the time of photos."""
    if m.film.shots and not m.film.is_cut_to_music and (m.has("photo") or are_photos(m)):
        return by_factor(m, (Target(kind="photo"),), factor)
    is_part = m.has("songpart") or (m.has("half") and m.has("ordinal")) or (m.edge() and m.has("at", "in"))
    required(not m.film.shots or not is_part, "one_pace", asks=False)
    if (film := made(m, MakeVideo)) is not None:
        return [structs.replace(film, pace=Pace(factor=factor))]
    if m.film.shots and not of_kind(m.film, "music"):
        return [SetSpeed(target=Target(kind="clip"), factor=min(max(1 / factor, 0.25), 4.0), relative=True)]
    return [Recut(pace=Pace(factor=factor), relative=True, another=m.has("recut"))]


def pace_by(m: Match) -> Edits:
    """Cut so many times as fast."""
    factor = next((value for name, value in _TWOFOLD.items() if m.has(name)), None) or 1 / m.value("factor")
    return [Recut(pace=Pace(factor=min(max(factor, 0.2), 8.0)), relative=True)]


def shift_cuts(m: Match) -> Edits:
    """Let all cuts come later or earlier than their beats."""
    sign = -1 if m.has("earlier") else 1
    by = {"offset_beats": sign * 0.5} if m.has("half_beat") else {"offset_s": sign * min(m.value("time"), 5.0)}
    return [Recut(pace=Pace(**by))]


def pace(m: Match) -> Edits:
    """Cut faster or slower."""
    return slower_cuts(m) if m.has("slower", "fewer_cuts") else faster_cuts(m)


def every(m: Match) -> Edits:
    """Cut every few beats."""
    return [Recut(pace=_pace(m), another=m.has("recut"))]


def every_time(m: Match) -> Edits:
    """Cut every few seconds."""
    if m.made and isinstance(film := m.made[-1], MakeVideo):
        return [structs.replace(film, photo_s=m.value("time"))]
    if m.has("photo", "picture") and are_photos(m):
        return read_as("shots.length", m)
    return [Recut(pace=Pace(every_s=min(max(m.value("time"), 0.4), 600.0)))]


def on_beat(m: Match) -> Edits:
    """Cut on the beat."""
    if not m.film.end_ms:
        return make(m)
    if m.made and isinstance(last := m.made[-1], AddMusic):
        is_met = m.tokens[-1].is_a("cuts")  # "sync it to the cuts": they stay
        return [] if is_met else [structs.replace(last, pace=Pace())]
    is_music_first = first_of(m, "music", "beat") < first_of(m, "cuts", "picture", "clip", "shot")
    if is_music_first and m.has("cuts", "picture") and not m.film.is_cut_to_music and of_kind(m.film, "composed"):
        mood: Any = mood_of(m.film)
        return [AddMusic(mood=mood, replaces=True)]  # whose beats fall on the cuts
    if made(m, Recut) or (m.film.is_cut_to_music and made(m, MakeVideo)):
        return []
    return [Recut(pace=Pace(offset_beats=0.5 if m.has("offbeat") else 0.0), another=m.has("recut"))]


def length(m: Match) -> Edits:
    """Give the film a length, or make it longer or shorter by a time or a share."""
    time_s = m.value("time")
    if m.has("at") and m.has("song", "music") and not m.has("film", "length") and of_kind(m.film, "music"):
        return [PlaceMusic(end_s=time_s)]  # "cut the song at 30 seconds"
    if time_s is None:
        required(m.has(*SHARES, "percent"), "how_long_film")
        return [SetLength(factor=m.factor(is_less=not m.has("longer", "lengthen")))]
    if not m.film.end_ms:
        return make(m)
    longer, shorter, to = (m.like(f"films.{kind}") for kind in ("longer", "shorter", "length_to"))
    is_least = m.has("to", "than", "at_most", "within", "under") or _is_apart(m)
    is_by = max(longer, shorter) > max(to, _SURE) or m.has("by", "more", "less")
    if m.is_by or (is_by and not is_least):
        is_more = m.has("longer", "lengthen", "more") or longer > max(shorter, _SURE)
        return [SetLength(by_s=time_s if is_more else -time_s)]
    return [SetLength(duration_s=time_s, at_most=m.has("at_most", "within", "under", "less", "than"))]


def _is_apart(m: Match) -> bool:
    """Whether a comma stands between "shorter" and a time, which then is how long something shall be."""
    said = [token for token in m.tokens if "filler" not in token.concepts]
    return any(
        a.is_a("longer", "shorter", "shorten") and b.is_a("time") and b.start > a.end + 1 > 1 for a, b in pairwise(said)
    )


def bare_length(m: Match) -> Edits:
    """Give the film a length where nothing else was spoken of before."""
    required(not m.edits or m.edits[-1].tag in ("make_video", "set_length", "recut"), "which_part")
    return length(m)


def begin_at(m: Match) -> Edits:
    """Let the film begin at a time of it."""
    return [CutTime(end_s=m.value("time"))]


def loop(m: Match) -> Edits:
    """Let the end run over into the start, as a Spotify Canvas does."""
    if not m.film.end_ms or m.has("file", "song"):
        return make(m)
    silence = read_as("sounds.mute", m) if m.has("mute") else []
    return [MakeLoop(canvas=m.has("canvasloop"), duration_s=m.length_s), *silence]


def repeat(m: Match) -> Edits:
    """Play the film several times."""
    return [Repeat(times=int(min(max(2, m.value("factor") or m.value("number") or 2), 50)))]


def silence(m: Match) -> Edits:
    """Cut out silence."""
    signs = ("remove", "without", "trim", "too", "shorten", "exists", "be")
    if m.edge() and not any(token.is_a(*signs) and not token.carried for token in m.tokens):
        return read_as("sounds.silent_end", m)  # "silence at the end"
    voices = m.has("speech") and Target(kind="speech")
    return [RemoveSilence(target=voices or None)]
