"""Wishes about the whole film: made, cut anew, longer, shorter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.match import Asked, Match
from nemo_notebook.agent.wishes import music as of_music
from nemo_notebook.agent.wishes import shots as of_shots
from nemo_notebook.film.cutting import Pace
from nemo_notebook.agent.replies import reply
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.films import MakeVideo, Recut
from nemo_notebook.film.edits.lengths import Clear, MakeLoop, Repeat, SetLength
from nemo_notebook.film.edits.looks import SetCanvas, SetLook
from nemo_notebook.film.edits.music import AddMusic, UseSong
from nemo_notebook.film.edits.parts import SetSpeed
from nemo_notebook.film.edits.sounds import RemoveSilence
from nemo_notebook.film.target import Target, of_kind
from nemo_notebook.film.telling import Told

_PACES: Final = {"bit": 0.8, "": 0.6, "much": 0.4}
_CALM: Final = {"bit": 1.35, "": 1.7, "much": 2.5}
_TWOFOLD: Final = {"double": 0.5, "half": 2.0}

Edits = Iterable[Edit]


def make(m: Match) -> Edits:
    """Make a film of the uploads."""
    fields: dict[str, Any] = {}
    songs = [media for ids in m.values("song") if ids for media in ids]
    files = list(dict.fromkeys(media for ids in m.values("file") for media in ids))
    if songs:
        fields["song"] = songs[0]
    if m.has("no_music"):
        fields["with_song"] = False
    kinds = any(t.is_a("clip") and not t.is_a("film") for t in m.tokens), m.has("photo", "slideshow")
    if kinds == (True, False) and not m.has("all"):
        fields["pictures"] = "clips"
    if kinds == (False, True) and m.situation.of_kind("image"):
        fields["pictures"] = "images"
    if len(files) > 1 or (files and m.has("only", "of", "with", "use")):
        fields["only"] = tuple(files)
    if (time_s := m.length_s) is not None:
        fields["photo_s" if m.has("every") and m.has("photo", "slideshow") else "duration_s"] = time_s
    if m.has("faster", "more_cuts"):
        fields["pace"] = Pace(factor=_PACES[m.degree])
    if m.has("slower", "fewer_cuts"):
        fields["pace"] = Pace(factor=_CALM[m.degree])
    if (beats := m.value("beats")) is not None:
        fields["pace"] = Pace(every=max(1, round(beats)))
    if m.has("visual", "visualizer"):
        fields["visualizer"] = m.value("visual") or "bars"
    edits: list[Edit] = [MakeVideo(**fields)]
    if shape := m.value("aspect") or m.value("platform"):
        edits.append(SetCanvas(aspect=shape))
    if look := m.value("filter"):
        edits.append(SetLook(filter=look))
    has_song = any(item.content == "music" for item in m.situation.media)
    if ((mood := m.value("mood")) and not songs) or (m.has("music") and not has_song and not m.has("no_music")):
        edits.append(AddMusic(mood=mood))
    return edits


make_of = make
make_anew = make
remake = make


def row_only(m: Match) -> Edits:
    """Lay all clips and photos one after another."""
    return row(m)


def row(m: Match) -> Edits:
    """Lay clips and photos one after another."""
    files = list(dict.fromkeys(media for ids in m.values("file") for media in ids))
    if m.film.shots and files and not m.has("order"):
        return of_shots.add(m)
    if m.film.shots and files:
        return of_shots.order(m)
    songs = [media for ids in m.values("song") if ids for media in ids]
    edits: list[Edit] = [MakeVideo(with_song=False, first=tuple(files))]
    if songs and not m.has("no_music"):
        edits.append(UseSong(media=songs[0], under=True))
    return edits


def faster_cuts(m: Match) -> Edits:
    """Cut faster."""
    if m.has("photo") and not m.film.is_cut_to_music:
        return of_shots.by_factor(m, (Target(kind="photo"),), _PACES["bit"])
    return _paced(m, _PACES[m.degree])


def slower_cuts(m: Match) -> Edits:
    """Cut slower."""
    return _paced(m, _CALM[m.degree])


def _paced(m: Match, factor: float) -> Edits:
    """Let shots last so many times as long: by another cut, by the time of photos, or by the speed of clips."""
    shots = m.film.shots
    if m.made and isinstance(m.made[-1], AddMusic) and not m.has("cuts", "shot", "clip", "film"):
        return of_music.faster_music(m)
    if shots and not m.film.is_cut_to_music and not of_kind(m.film, "music"):
        return [SetSpeed(target=Target(kind="clip"), factor=min(max(1 / factor, 0.25), 4.0), relative=True)]
    if shots and all(shot.role == "image" for shot in shots):
        return of_shots.by_factor(m, (Target(kind="shot"),), factor)
    return [Recut(pace=Pace(factor=factor), relative=True)]


def pace(m: Match) -> Edits:
    """Cut faster or slower."""
    return slower_cuts(m) if m.has("slower", "fewer_cuts") else faster_cuts(m)


def every(m: Match) -> Edits:
    """Cut every few beats."""
    return [Recut(pace=Pace(every=min(max(1, round(m.value("beats"))), 64)))]


def every_time(m: Match) -> Edits:
    """Cut every few seconds."""
    if m.made and isinstance(made := m.made[-1], MakeVideo):
        return [structs.replace(made, photo_s=m.value("time"))]
    if m.has("photo", "picture") and m.film.shots and all(shot.role == "image" for shot in m.film.shots):
        return of_shots.length(m)
    return [Recut(pace=Pace(every_s=min(max(m.value("time"), 0.4), 600.0)))]


def on_beat(m: Match) -> Edits:
    """Cut on the beat."""
    if not m.film.shots:
        return make(m)
    if m.has("faster"):
        return faster_cuts(m)
    if m.made and isinstance(last := m.made[-1], AddMusic):
        places = [next((at for at, t in enumerate(m.tokens) if t.is_a(c)), -1) for c in ("cuts", "it")]
        is_han = places[0] >= 0 and not m.tokens[places[0]].text.isascii()
        is_met = places[0] == len(m.tokens) - 1 and (is_han or places[1] >= 0)  # "sync it to the cuts": they stay
        return [] if is_met else [structs.replace(last, pace=Pace())]
    if any(isinstance(edit, Recut) for edit in m.made):
        return []
    return [Recut()]


def recut(m: Match) -> Edits:
    """Cut the film otherwise."""
    return [Recut(another=True)]


def length(m: Match) -> Edits:
    """Give the film a length."""
    time_s = m.value("time")
    if not m.film.end_ms:
        return make(m)
    if m.has("longer", "shorter", "more", "less") and m.has("by", "more", "less") and not m.has("to"):
        return length_by(m)
    return [SetLength(duration_s=time_s, at_most=m.has("at_most", "within", "under", "less"))]


length_to = length
length_max = length
shorten = length


def length_by(m: Match) -> Edits:
    """Make the film longer or shorter by a time."""
    time_s = m.value("time")
    return [SetLength(by_s=time_s if m.has("longer", "more", "lengthen") else -time_s)]


def shorter(m: Match) -> Edits:
    """Make the film longer or shorter by a share."""
    is_shorter = m.has("shorter", "shorten")
    if not m.has("half", "double", "percent", "third", "quarter"):
        raise Asked(reply("how_long_film"))
    return [SetLength(factor=m.factor(is_less=is_shorter))]


def to_song(m: Match) -> Edits:
    """Let the film last as long as its song."""
    return [SetLength(to_song=True)]


def cut_time(m: Match) -> Edits:
    """Take a stretch of time out of the film."""
    return of_shots.trim(m)


def keep_time(m: Match) -> Edits:
    """Keep a stretch of the film."""
    return of_shots.keep_part(m)


def loop(m: Match) -> Edits:
    """Let the end run over into the start."""
    return [MakeLoop(duration_s=m.value("time"))]


def canvas_loop(m: Match) -> Edits:
    """Make a Spotify Canvas."""
    return [MakeLoop(canvas=True, duration_s=m.value("time"))]


def repeat(m: Match) -> Edits:
    """Play the film several times."""
    return [Repeat(times=int(min(max(2, m.value("factor") or m.value("number") or 2), 50)))]


def silence(m: Match) -> Edits:
    """Cut out silence."""
    voices = m.has("speech") and Target(kind="speech")
    return [RemoveSilence(target=voices or None)]


def clear(m: Match) -> Edits:
    """Empty the timeline."""
    return [Clear()]

