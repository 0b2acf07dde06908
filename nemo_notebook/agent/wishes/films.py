"""Wishes about the whole film: made, cut anew, longer, shorter."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.match import SHARES, Asked, Edits, Match, one_or_all, read_as, reply
from nemo_notebook.agent.wishes.nouns import FILMS, LOOKS, by_factor, colors_of, first_of, music_described, song_of
from nemo_notebook.film import soundtrack
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.edits.films import MakeVideo, Recut
from nemo_notebook.film.edits.lengths import CutTime, MakeLoop, Repeat, SetLength
from nemo_notebook.film.edits.looks import SetCanvas, SetLook, SetTransition, SetVisualizer
from nemo_notebook.film.edits.music import AddMusic, PlaceMusic, UseSong
from nemo_notebook.film.edits.parts import SetSpeed
from nemo_notebook.film.edits.sounds import RemoveSilence
from nemo_notebook.film.target import Target, of_kind

_PACES: Final = {"bit": 0.8, "": 0.6, "much": 0.4}
_CALM: Final = {"bit": 1.35, "": 1.7, "much": 2.5}
_TWOFOLD: Final = {"double": 0.5, "half": 2.0, "double_speed": 0.5, "half_speed": 2.0}
_SHORTER: Final = ("shorter", "shorten", "shrink", "reduce", "less", "quieter")
_BY: Final = ("longer", "shorter", "more", "less", "shorten", "lengthen", "shrink")
_SURE: Final = 0.6  # how likely a change of the length by a time is


def make(m: Match) -> Edits:
    """Make a film of the uploads."""
    if m.made and isinstance(m.made[-1], AddMusic) and m.film.shots:
        return on_beat(m)  # "and cut the clips to its beat"
    if m.film.shots and m.has("slideshow") and m.has("slower", "faster"):
        return slower_cuts(m) if m.has("slower") else faster_cuts(m)
    if first_of(m, "music", "genre") < first_of(m, *FILMS) and not m.has("song"):
        return read_as("music.compose", m)
    song = song_of(m) if soundtrack.songs_of(m.film, m.situation) and m.has("song") else None
    pace, shape, look = _pace(m), m.value("aspect") or m.value("platform"), m.value("filter")
    fields = (
        {
            "pace": pace,
            "song": song and song.id,
            "with_song": not m.has("no_music") and not (m.has("canvasloop") and m.has("file")),
        }
        | pictures_of(m)
        | _stretch(m)
    )
    if m.has("visual", "visualizer") and not m.has("without", "remove"):
        fields["visualizer"] = m.value("visual") or "bars"
    also: list[Any] = [
        shape and SetCanvas(aspect=shape),
        look and SetLook(filter=look),
        m.has("transition") and SetTransition(kind=m.value("transition")),
        (m.has("seamless", "canvasloop") or (m.has("loop") and not (m.has("clip", "photo") and m.has("time"))))
        and MakeLoop(canvas=m.has("canvasloop")),
    ]
    has_song = bool(soundtrack.songs_of(m.film, m.situation))
    is_of_look = not m.has("music", "genre") and set(m.values("mood")) <= set(LOOKS)  # "a happy film"
    is_scored = (m.has("mood", "genre") and not (has_song and (is_of_look or m.has("on_beat")))) or (
        m.has("music", "musicvideo", "on_beat") and not has_song
    )
    if is_scored and not song and not m.has("no_music"):
        also.append(_score(m, pace))
    return [_made(m, **fields), *(each for each in also if each)]


def _made(m: Match, **fields: Any) -> MakeVideo:
    """A film of the uploads; what this message said of it before still holds."""
    before = next((edit for edit in reversed(m.made) if isinstance(edit, MakeVideo)), MakeVideo())
    usual = structs.asdict(MakeVideo())
    return structs.replace(before, **{name: value for name, value in fields.items() if value != usual[name]})


def pictures_of(m: Match) -> dict[str, Any]:
    """Which uploads a film shows, in which order, and how long."""
    kinds = {at for at, token in enumerate(m.tokens) if token.is_a("photo", "clip") and token.text.endswith("s")}
    named = [token for at, token in enumerate(m.tokens, start=1) if token.is_a("file") and at not in kinds]
    files = list(dict.fromkeys(media for token in named for media in token.concepts["file"]))  # not "Lisbon photos"
    has_clips, has_photos = any(t.is_a("clip") and not t.is_a("film") for t in m.tokens), m.has("photo", "slideshow")
    triples = zip(m.tokens, m.tokens[1:], m.tokens[2:], strict=False)
    has_clips = has_clips or any(a.is_a("photo") and b.is_a("with") and c.is_a("clip") for a, b, c in triples)
    is_without = m.has("without", "remove")
    fields: dict[str, Any] = {}
    is_drawn = is_without and first_of(m, "without", "remove") < first_of(m, "visual", "visualizer")
    if m.has("visual", "visualizer") and ((is_without and has_clips and not is_drawn) or m.has("only")):
        fields["pictures"] = "none"
    elif has_clips and not has_photos and not m.has("all"):
        fields["pictures"] = "clips"
    elif has_photos and not has_clips and m.situation.of_kind("image"):
        fields["pictures"] = "images"
    if files and is_without:
        fields["without"] = tuple(files)
    elif (len(files) > 1 or (files and (m.has("only", "use") or _is_of_file(m)))) and not m.has("all"):
        fields["only"] = fields["first"] = tuple(files)
    kinds_of = [kind for kind, is_so in (("video", not has_photos), ("image", not has_clips)) if is_so]
    items = [item.id for item in m.situation.media if item.kind in kinds_of]
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


def _is_of_file(m: Match) -> bool:
    """Whether a film is said to be of an upload, and not only of what happened in a place of its name."""
    said = [token for token in m.tokens if "filler" not in token.concepts or token.is_a("of")]
    return any(before.is_a("of", "with", "from") and token.is_a("file") for before, token in pairwise(said))


def _score(m: Match, pace: Pace) -> AddMusic:
    """The music of a film for which no song was uploaded."""
    is_cut = m.has("musicvideo", "on_beat") or pace != Pace()
    said = music_described(m) | {"pace": pace if is_cut else None, "alone": True}
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
    elif m.has("song", "music") and m.has("half") and (songs := soundtrack.songs_of(m.film, m.situation)):
        middle_s = (song_of(m) or songs[-1]).duration_ms / 2000
        found |= {"in_s": middle_s} if 2 in m.values("ordinal") or m.edge() == "finish" else {"out_s": middle_s}
    elif m.has("song") and m.has("time") and m.edge() and m.has("of", "first", "last", "ordinal"):
        found |= {"part": "intro" if m.edge() == "start" else "end", "duration_s": m.value("time"), "best_part": False}
    return found


def only_drawn(m: Match) -> Edits:
    """Make a film that shows nothing but what is drawn from the sound."""
    colors = [SetVisualizer(style=m.value("visual"), **colors_of(m))] if m.has("color", "palette") else []
    return [*make(m), *colors]


def make_clip(m: Match) -> Edits:
    """Make a film of some seconds, which is called a clip."""
    return make(m.without("clip"))


def row(m: Match) -> Edits:
    """Lay clips and photos one after another."""
    files = list(dict.fromkeys(media for ids in m.values("file") for media in ids))
    songs = [media for ids in m.values("song") if ids for media in ids]
    under = [UseSong(media=songs[0], under=True)] if songs and not m.has("no_music") else []
    return [_made(m, with_song=False, first=tuple(files)), *under]


def faster_cuts(m: Match) -> Edits:
    """Cut faster."""
    if m.has("photo") and not m.film.is_cut_to_music:
        return by_factor(m, (Target(kind="photo"),), _PACES["bit"])
    return _paced(m, _PACES[m.degree])


def drags_at(m: Match) -> Edits:
    """Cut faster where some part of the film drags; ask which part where there are no cuts to a beat."""
    if not m.film.is_cut_to_music:
        raise Asked(reply("which_stretch"))
    return faster_cuts(m)


def slower_cuts(m: Match) -> Edits:
    """Cut slower."""
    if m.has("photo") and not m.film.is_cut_to_music:
        return by_factor(m, (Target(kind="photo"),), _CALM[m.degree])
    return _paced(m, _CALM[m.degree])


def _paced(m: Match, factor: float) -> Edits:
    """Let shots last so many times as long: by another cut, by the time of photos, or by the speed of clips."""
    shots = m.film.shots
    is_it = m.has("it", "one") and not m.made and not m.has("picture", "cuts", "film")
    if m.has("file", "ordinal") or is_it:
        named = m.shots(focus=is_it)
        if named and all(part.role == "image" for part in m.parts(one_or_all(named))):
            return by_factor(m, named, factor)
    if shots and (m.has("songpart") or (m.has("half") and m.has("ordinal")) or (m.edge() and m.has("at", "in"))):
        raise Asked(reply("one_pace"), asks=False)
    if m.made and isinstance(m.made[-1], SetSpeed) and not m.has("cuts", "film"):
        return []  # "the boat is too fast, slower"
    if _is_made(m):
        return _made_anew(m, factor)
    if m.made and isinstance(m.made[-1], AddMusic) and not m.has("cuts", "shot", "clip", "film"):
        return read_as("music.faster_music", m)
    if shots and not m.film.is_cut_to_music and not of_kind(m.film, "music"):
        return [SetSpeed(target=Target(kind="clip"), factor=min(max(1 / factor, 0.25), 4.0), relative=True)]
    if shots and not m.film.is_cut_to_music and all(shot.role == "image" for shot in shots):
        return by_factor(m, (Target(kind="shot"),), factor)
    return [Recut(pace=Pace(factor=factor), relative=True, another=m.has("recut"))]


def _made_anew(m: Match, factor: float) -> Edits:
    """The film of this message with another pace."""
    pace = Pace(factor=factor)
    made = next(edit for edit in reversed(m.made) if isinstance(edit, MakeVideo))
    music = next((edit for edit in reversed(m.made) if isinstance(edit, AddMusic)), None)
    return [structs.replace(made, pace=pace), *([structs.replace(music, pace=pace)] if music else [])]


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


def behind(m: Match) -> Edits:
    """Show clips and photos in a film that was only drawn."""
    return on_beat(m) if m.film.shots else [Recut()]


def every(m: Match) -> Edits:
    """Cut every few beats."""
    return [Recut(pace=_pace(m), another=m.has("recut"))]


def every_time(m: Match) -> Edits:
    """Cut every few seconds."""
    if m.made and isinstance(made := m.made[-1], MakeVideo):
        return [structs.replace(made, photo_s=m.value("time"))]
    if m.made and isinstance(joined := m.made[-1], SetTransition):  # "dissolves, 1 second each"
        return [structs.replace(joined, duration_s=m.value("time"))]
    if m.has("photo", "picture") and m.film.shots and all(shot.role == "image" for shot in m.film.shots):
        return read_as("shots.length", m)
    return [Recut(pace=Pace(every_s=min(max(m.value("time"), 0.4), 600.0)))]


def on_beat(m: Match) -> Edits:
    """Cut on the beat."""
    if not m.film.end_ms:
        return make(m)
    if m.made and isinstance(last := m.made[-1], AddMusic):
        places = [next((at for at, t in enumerate(m.tokens) if t.is_a(c)), -1) for c in ("cuts", "it")]
        is_han = places[0] >= 0 and not m.tokens[places[0]].text.isascii()
        is_met = places[0] == len(m.tokens) - 1 and (is_han or places[1] >= 0)  # "sync it to the cuts": they stay
        return [] if is_met else [structs.replace(last, pace=Pace())]
    is_music_first = first_of(m, "music", "beat") < first_of(m, "cuts", "picture", "clip", "shot")
    if is_music_first and m.has("cuts", "picture") and not m.film.is_cut_to_music and of_kind(m.film, "composed"):
        return read_as("music.fitted", m)
    if any(isinstance(edit, Recut) for edit in m.made) or (m.film.is_cut_to_music and _is_made(m)):
        return []
    return [Recut(pace=Pace(offset_beats=0.5 if m.has("offbeat") else 0.0), another=m.has("recut"))]


def _is_made(m: Match) -> bool:
    return any(isinstance(edit, MakeVideo) for edit in m.made)


def length(m: Match) -> Edits:
    """Give the film a length, or make it longer or shorter by a time or a share."""
    time_s = m.value("time")
    is_more = m.has("longer", "lengthen")
    if m.has("at") and m.has("song", "music") and not m.has("film", "length") and of_kind(m.film, "music"):
        return [PlaceMusic(end_s=time_s)]  # "cut the song at 30 seconds"
    if time_s is None:
        if not m.has(*SHARES, "percent"):
            raise Asked(reply("how_long_film"))
        is_less = m.has(*_SHORTER) or (m.has("half", "third", "quarter") and not is_more)
        return [SetLength(factor=m.factor(is_less=is_less))]
    if not m.film.end_ms:
        return make(m)
    longer, shorter, to = (m.like(f"films.{kind}") for kind in ("longer", "shorter", "length_to"))
    is_least = m.has("to", "than", "at_most", "within", "under") or _is_apart(m)
    is_by = not is_least and (max(longer, shorter) > max(to, _SURE) or (m.has("by", "more", "less") and m.has(*_BY)))
    if m.is_by or is_by:
        is_more = is_more or m.has("more") or longer > max(shorter, _SURE)
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
    if m.edits and m.edits[-1].tag not in ("make_video", "set_length", "recut"):
        raise Asked(reply("which_part"))
    return length(m)


def to_song(m: Match) -> Edits:
    """Let the film last as long as its song, or as the voice."""
    is_music = any(token.is_a("music", "song") and not token.carried for token in m.tokens)
    if m.has("speech") and not is_music and (voices := of_kind(m.film, "speech")):
        return [SetLength(duration_s=max(part.end_ms for part in voices) / 1000)]
    return [SetLength(to_song=True)]


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
    said = [token for token in m.tokens if not token.carried]
    if m.edge() and not any(t.is_a("remove", "without", "trim", "too", "shorten", "exists", "be") for t in said):
        return read_as("sounds.silent_end", m)  # "silence at the end"
    voices = m.has("speech") and Target(kind="speech")
    return [RemoveSilence(target=voices or None)]
