"""The timeline in one line, in the form of the service's documents:

Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nemo_notebook.film.tracks import Track, meta_of
from nemo_notebook.film.wording import Told, tell

_NAMES_SHOWN: Final = 3
_TRACKS_SHOWN: Final = 20


def seconds(ms: float) -> str:
    """A time as people write it: at most two digits behind the point, none that say nothing."""
    return f"{round(ms / 1000, 2):g}" if ms < 1e8 else f"{ms / 1000:.0f}"


def summarize(tracks: Sequence[Track], language: str = "en") -> str:
    """All tracks in one line; a track without segments is counted and named, too, and the rest of very many counted."""
    if not any(track.segments for track in tracks):
        return tell(Told("timeline.empty"), language)
    told = [f"{track.number}. {track_words(track, language)}" for track in tracks[:_TRACKS_SHOWN]]
    if rest := len(tracks) - len(told):
        told.append(f"… {tell(Told('timeline.more', n=rest), language)}")
    return tell(Told("timeline.whole", n=len(tracks), tracks=" ".join(told)), language)


def track_words(track: Track, language: str = "en") -> str:
    """One track: what it is, what it holds, from when to when, how loud."""
    segments, label = track.segments, _label(track)
    if not segments:
        return tell(label, language)
    volumes = {s.volume for s in segments if s.volume is not None}
    is_loud = track.kind == "audio" and len(volumes) == 1
    told = Told(
        "timeline.track",
        label=label,
        names=_names(track),
        span=span(min(s.start_ms for s in segments), max(s.end_ms for s in segments)),
        volume=Told("timeline.volume", volume=volumes.pop()) if is_loud else "",
        count=Told("timeline.count", n=len(segments)) if len(segments) > 1 else "",
    )
    return tell(told, language)


def track_label(track: Track, language: str = "en") -> str:
    """What kind of track it is, in a word."""
    return tell(_label(track), language)


def _label(track: Track) -> Told:
    kind = track.kind
    if kind == "audio":
        is_bgm = track.name.upper() == "BGM" or any(name.upper().startswith("BGM") for name in track.names)
        is_speech = any(meta_of(raw).get("role") == "speech" for raw in track.raws)
        kind = "speech" if is_speech else "bgm" if is_bgm else kind
    return Told(f"track.{kind}")


def _names(track: Track) -> Told:
    each = map(quoted, dict.fromkeys(track.texts)) if track.kind == "text" else map(_name, dict.fromkeys(track.names))
    distinct = list(dict.fromkeys(each))
    rest = len(distinct) - _NAMES_SHOWN
    more = [Told("timeline.more", n=rest)] if rest > 0 else []
    return Told("target.names", names=[*distinct[:_NAMES_SHOWN], *more])


def _name(name: str) -> str:
    head, colon, tail = name.partition(":")
    return short(tail.strip() if colon and head.strip().upper() == "BGM" else name)


def span(start_ms: float, end_ms: float) -> str:
    """From when to when, as people write it."""
    return f"{seconds(start_ms)}-{seconds(end_ms)}s"


def quoted(text: str) -> str:
    """A title's text in quotes, so that it is seen where it ends."""
    return '"' + short(text).replace('"', "'") + '"'


def short(text: str, limit: int = 40) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
