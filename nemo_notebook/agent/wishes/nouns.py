"""Nouns that several kinds of wishes speak of: shots, cuts, songs, colours, and when something is heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar, get_args

from nemo_notebook.agent.match import Asked, Edits, Match, one_or_all, reply
from nemo_notebook.film import soundtrack
from nemo_notebook.film.cutting import Pace
from nemo_notebook.film.draft import MUSIC, Part
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.films import Recut
from nemo_notebook.film.edits.looks import triple_of
from nemo_notebook.film.edits.parts import Trim
from nemo_notebook.film.model import MediaItem, Mood
from nemo_notebook.film.soundtrack import part_end_ms, part_start_ms
from nemo_notebook.film.target import Kind, Target, of_kind
from nemo_notebook.film.wording import Told

T = TypeVar("T")
E = TypeVar("E", bound=Edit)

_QUIET: Final = 0.3
_VERY_QUIET: Final = 0.15
LOOKS: Final = ("epic", "sad", "romantic", "happy", "cinematic", "dark")  # moods that pictures have as well
FASTEST_BPM: Final = 220.0
_LEAST_BPM: Final = 60.0  # of a number that is not said to be a tempo
FILMS: Final = ("film", "musicvideo", "slideshow", "songpart")  # an intro is one as well
# Which mood counts where several are said: kinds of music before feelings, and these before instruments.
_RANK: Final = (
    *"lofi jazz hiphop rock house edm epic ambient corporate dark sad".split(),
    *"cinematic happy upbeat acoustic romantic chill".split(),
)


def required(value: T | None, question: str, *, asks: bool = True) -> T:
    """What a wish needs; where it is missing, a question, or a refusal, is the answer."""
    if not value:
        raise Asked(reply(question), asks=asks)
    return value


def made(m: Match, kind: type[E]) -> E | None:
    """The last edit of a kind that this message has made."""
    return next((edit for edit in reversed(m.made) if isinstance(edit, kind)), None)


def media_in(m: Match, kind: Kind) -> set[Any]:
    """The uploads that parts of some kind show, or play."""
    return {part.meta.get("media") for part in of_kind(m.film, kind)}


def songs_in(m: Match) -> Sequence[MediaItem]:
    """The uploads that may be the music."""
    return soundtrack.songs_of(m.film, m.situation)


def each_by_id(parts: Iterable[Part]) -> tuple[Target, ...]:
    """Parts, each meant by itself."""
    return tuple(Target(id=str(part["id"])) for part in parts if part.get("id"))


def music_described(m: Match) -> dict[str, Any]:
    """The fields of composed music that a clause speaks of."""
    moods = sorted(m.values("mood"), key=[*_RANK, *get_args(Mood)].index)
    bpm = m.value("bpm")
    if bpm is None and moods and m.has("at"):
        bpm = next((n for n in m.values("number") if _LEAST_BPM <= n <= FASTEST_BPM), None)
    says = {each for t in m.tokens if not t.is_a("mood") for each in ("slower", "faster") if t.is_a(each)}
    return {
        "mood": moods[0] if moods else m.value("occasion"),
        "bpm": None if bpm is None else float(bpm),
        "tempo": "slow" if "slower" in says else "fast" if "faster" in says else "usual",
        "volume": music_volume(m),
        "duck": m.has("duck"),
        "pace": Pace() if m.has("on_beat") or first_of(m, "cuts") < first_of(m, "mood", "music") else None,
        "alone": m.has("compose", "make", "want", "instead"),
        "duration_s": m.length_s,
    }


def is_unheard(m: Match) -> bool:
    """Whether a song is named that is not heard yet."""
    return not media_in(m, "sound").issuperset(m.media("song"))


def song_of(m: Match) -> MediaItem | None:
    """The song that is meant, by name, number or as the other one; None for the one that is heard, or the newest."""
    songs = songs_in(m)
    if not songs:
        raise Asked(Told("use_song.no_song"), asks=False)
    if known := m.media("song"):
        return next((item for item in songs if item.id in known), None)
    numbers = [n for n, _ in m.counted("song", "music") if abs(n) <= len(songs)]
    return songs[numbers[0] - (numbers[0] > 0)] if numbers else None


def first_of(m: Match, *concepts: str) -> int:
    """Where one of some things is said first; behind all where none is."""
    return next((at for at, token in enumerate(m.tokens) if token.is_a(*concepts)), len(m.tokens))


def heard_when(m: Match) -> dict[str, Any]:
    """When something is heard: by times, in a half of the film, or as long as a shot."""
    is_shot = m.span is None and m.has("clip", "shot", "photo", "file", "ordinal") and not m.has("film")
    if is_shot and (parts := [part for target in m.shots(focus=False) for part in m.parts(target)]):
        begin_s, stop_s = min(p.start_ms for p in parts) / 1000, max(p.end_ms for p in parts) / 1000
        if m.has("until") and not m.has("begin", "later", "enter"):
            return {"end_s": begin_s}
        if m.has("after"):
            return {"start_s": parts[0].end_ms / 1000}
        return {"start_s": begin_s} | ({} if m.has("begin", "end") else {"end_s": stop_s})
    if m.span is None and m.length_s is not None and m.has("only", "first"):
        return {"end_s": m.length_s}
    if m.span is None:
        half_s, is_late = m.film.end_ms / 2000, m.edge() == "finish" or 2 in m.values("ordinal")
        return {"start_s" if is_late else "end_s": half_s} if m.has("half") else {}
    if m.edge() == "finish" and m.has("time") and not m.has("range", "begin", "end", "stop"):
        return {"last_s": m.value("time")}
    start_s, end_s = m.span.start_s, m.span.end_s
    if m.has("stop", "end") and not m.has("begin", "only") and end_s is None:
        return {"end_s": start_s}
    return {name: value for name, value in (("start_s", start_s), ("end_s", end_s)) if value is not None}


def music_volume(m: Match) -> float | None:
    """How loud music or a voice is to be, where that is said."""
    if (percent := m.value("percent")) is not None:
        return min(4.0, float(percent[1]))
    if any(t.is_a("quieter") and not t.is_a("mood", "cuts", "music") for t in m.tokens):
        return _VERY_QUIET if m.has("much") else _QUIET
    return None


def in_part(m: Match, name: Any) -> dict[str, Any]:
    """When a part of the song is heard."""
    for music in m.film.segments(*MUSIC):
        song = music.upload(m.situation)
        start_ms = part_start_ms(song, name) if song is not None else None
        if song is not None and start_ms is not None:
            stop_ms, shift = part_end_ms(song, name, start_ms), music.start_ms - music.in_ms
            return {"start_s": max(0, start_ms + shift) / 1000, "end_s": min(stop_ms + shift, m.film.end_ms) / 1000}
    return {}


def are_photos(m: Match) -> bool:
    """Whether nothing but photos is seen."""
    return bool(m.film.shots) and all(shot.role == "image" for shot in m.film.shots)


def each_of(m: Match, shots: Sequence[Target]) -> Sequence[Target]:
    """Photos one by one, so that the film grows or shrinks with them."""
    parts = [part for target in shots for part in m.parts(target)]
    return each_by_id(parts) if len(parts) > len(shots) and all(part.role == "image" for part in parts) else shots


def parts_of(m: Match, shots: Sequence[Target]) -> list[tuple[Target, float]]:
    """Each shot by itself, with its length in seconds."""
    return [(Target(id=str(part["id"])), part["d"] / 1000) for target in shots for part in m.parts(target)]


def by_factor(m: Match, shots: Sequence[Target], factor: float) -> Edits:
    """Show shots so many times as long as now."""
    is_any = not any(target.media or target.number or target.id for target in shots)
    if m.film.is_cut_to_music and not are_photos(m) and is_any:
        return [Recut(pace=Pace(factor=factor), relative=True)]
    return [Trim(target=own, duration_s=max(0.2, length_s * factor)) for own, length_s in parts_of(m, shots)]


def within(m: Match, shots: Sequence[Target]) -> dict[str, Any]:
    """From when to when in the film, where times are said of a clip."""
    start_s, end_s = m.value("range")
    parts = m.parts(shots[0]) if shots and m.has("file") else []
    offset = parts[0].start_ms / 1000 if parts and end_s <= parts[0]["d"] / 1000 else 0.0
    return {"start_s": start_s + offset, "end_s": end_s + offset}


def cuts_meant(m: Match) -> dict[str, Any]:
    """The cuts that are meant, as fields of an edit; nothing for all."""
    shots = m.shots(focus=False) if m.has("file", "ordinal") or m.counted("shot", "clip", "photo") else ()
    is_named = any(t.is_a("file", "shot", "clip", "photo") and not t.is_a("transition") for t in m.tokens)
    number = m.value("ordinal") if m.has("cuts", "join") and not is_named else None
    if number is not None:  # "at the second cut"
        return {"target": Target(kind="shot", number=number + (number > 0))}
    later = range(2, len(m.film.shots) + 1)
    if not shots and later and (at_s := _time_of_cut(m)) is not None:
        number = min(later, key=lambda n: abs(m.film.shots[n - 1].start_ms / 1000 - at_s))
        return {"target": Target(kind="shot", number=number)}
    if not shots:
        return {}
    if m.has("between", "from") and len(shots) == 2:
        return {"after": shots[0], "before": shots[1]}
    if (count := shots[0].count) > 1:
        number = shots[0].number or 1
        return {"target": Target(kind="shot", number=number + (number == 1), count=count - 1)}
    return {"after" if m.has("after") else "target": one_or_all(shots)}


def _time_of_cut(m: Match) -> float | None:
    """When the cut is that is meant, where a time or a part of the song says it; None for all cuts."""
    if m.has("songpart") and not m.has("start"):
        return in_part(m, m.value("songpart")).get("start_s")
    is_place = m.span is not None and m.span.end_s is None and m.has("at")
    return m.span.start_s if is_place and m.span is not None else None


def colors_meant(m: Match) -> dict[str, Any]:
    """What colours something is drawn in, as fields of an edit."""
    palette = m.value("palette")
    if palette is not None:
        return {"cover": True} if palette == "cover" else {"palette": palette}
    said = tuple(dict.fromkeys(m.values("color")))
    return {"colors": triple_of(said)} if said else {}
