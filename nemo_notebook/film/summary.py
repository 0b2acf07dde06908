"""The timeline in one line, in the form of the service's documents:

Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nemo_notebook.film.draft import Segment, Track, meta_of

_NAMES_SHOWN: Final = 3
_TRACKS_SHOWN: Final = 20
_WORDS: Final = {
    "en": {
        "head": "Timeline ({n} {tracks})",
        "brief": "Timeline: {time}, {n} {tracks}",
        "empty": "The timeline is empty.",
        "video": "Video",
        "audio": "Audio",
        "bgm": "BGM",
        "speech": "Voice",
        "text": "Title",
        "other": "Other",
        "segments": "{n} segments",
        "more": "+{n} more",
        "colon": ": ",
        "sep": ", ",
    },
    "zh": {
        "head": "时间线（{n} 条轨道）",
        "brief": "时间线：{time}，{n} 条轨道",
        "empty": "时间线还是空的。",
        "video": "视频",
        "audio": "音频",
        "bgm": "背景音乐",
        "speech": "旁白",
        "text": "标题",
        "other": "其他",
        "segments": "{n} 个片段",
        "more": "另有 {n} 个",
        "colon": "：",
        "sep": "，",
    },
}


def words(language: str) -> dict[str, str]:
    """The vocabulary of a language tag; English where there is none."""
    return _WORDS["zh" if language.lower().startswith("zh") else "en"]


def seconds(ms: float) -> str:
    """A time as people write it: at most two digits behind the point, none that say nothing."""
    return f"{round(ms / 1000, 2):g}" if ms < 1e8 else f"{ms / 1000:.0f}"


def summarize(tracks: Sequence[Track], language: str = "en") -> str:
    """All tracks in one line; a track without segments is counted and named, too, and the rest of very many counted."""
    say = words(language)
    if not any(track.segments for track in tracks):
        return say["empty"]
    head = say["head"].format(n=len(tracks), tracks="track" if len(tracks) == 1 else "tracks")
    told = [f"{track.number}. {track_words(track, language)}" for track in tracks[:_TRACKS_SHOWN]]
    rest = [f"… {say['more'].format(n=len(tracks) - len(told))}"] if len(tracks) > len(told) else []
    return head + say["colon"] + " ".join([*told, *rest])


def summarize_briefly(tracks: Sequence[Track], duration_s: float, language: str = "en") -> str:
    """How long the timeline is, and of how many tracks."""
    say = words(language)
    if not any(track.segments for track in tracks):
        return say["empty"]
    time = f"{round(duration_s) // 60}:{round(duration_s) % 60:02}"
    return say["brief"].format(time=time, n=len(tracks), tracks="track" if len(tracks) == 1 else "tracks")


def track_words(track: Track, language: str = "en") -> str:
    """One track: what it is, what it holds, from when to when, how loud."""
    say = words(language)
    label, names = track_label(track, language), _names(track, say)
    if not track.segments:
        return label
    span = f"{seconds(min(s.start_ms for s in track.segments))}-{seconds(max(s.end_ms for s in track.segments))}s"
    notes = [span]
    volumes = {s.volume for s in track.segments if s.volume is not None}
    if track.kind == "audio" and len(volumes) == 1:
        notes.append(f"{round(100 * volumes.pop())}%")
    if len(track.segments) > 1:
        notes.append(say["segments"].format(n=len(track.segments)))
    return f"{label}{say['colon']}{names} ({say['sep'].join(notes)})"


def track_label(track: Track, language: str = "en") -> str:
    """What kind of track it is, in a word."""
    say = words(language)
    if track.kind != "audio":
        return say[track.kind]
    if any(meta_of(segment.raw).get("role") == "speech" for segment in track.segments):
        return say["speech"]
    is_bgm = track.name.upper() == "BGM" or any(s.name.upper().startswith("BGM") for s in track.segments)
    return say["bgm" if is_bgm else "audio"]


def _names(track: Track, say: dict[str, str]) -> str:
    unlike: dict[str, Segment] = {}
    for segment in track.segments:  # of very many with one name, one is put into words
        unlike.setdefault(segment.text if segment.kind == "text" else segment.name, segment)
    distinct = list(dict.fromkeys(_name(segment) for segment in unlike.values()))
    shown = say["sep"].join(distinct[:_NAMES_SHOWN])
    rest = len(distinct) - _NAMES_SHOWN
    return f"{shown}{say['sep']}{say['more'].format(n=rest)}" if rest > 0 else shown


def _name(segment: Segment) -> str:
    if segment.kind == "text":
        return quoted(segment.text)
    head, colon, tail = segment.name.partition(":")
    return short(tail.strip() if colon and head.strip().upper() == "BGM" else segment.name)


def quoted(text: str) -> str:
    """A title's text in quotes, so that it is seen where it ends."""
    return '"' + short(text).replace('"', "'") + '"'


def short(text: str, limit: int = 40) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
