"""What one could say next, as short texts to click: the reply's own proposals, else what the timeline still lacks."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from nemo_notebook.film.timeline import Timeline
from nemo_notebook.film.tracks import meta_of
from nemo_notebook.notebook.widgets.part import panel_words
from nemo_notebook.outside import finite, plain
from nemo_notebook.session.language import classify
from nemo_notebook.skills import Skill

_MOST: Final = 4
_NEAR_MS: Final = 60.0  # a frame or two
_NEARLY_ALL: Final = 0.8
_LONGEST: Final = 120  # characters of a proposal
_READ: Final = 8_000  # characters at the end of a reply in which proposals are looked for
_SENTENCE: Final = re.compile(r"(?:[^.?!\n。？！\"“”]|\"[^\"\n]*\"|“[^”\n]*”|\.(?=\w))+")
_QUOTED: Final = re.compile(r"\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”")
_ADD_TITLE: Final = re.compile(r"add a title \"[^\"\n]{1,60}\" for the first \d{1,3} seconds", re.IGNORECASE)
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+•]|\d{1,2}[.)、])[ \t]+[*_]{0,2}(?:\"([^\"\n]+)\"|“([^”\n]+)”)", re.MULTILINE)
_HANZI: Final = re.compile(r"[\u4e00-\u9fff]")
# What a proposal is about: of several about one thing the first is shown, and none about what is done.
_PATTERNS: Final = panel_words("patterns")
_KINDS: Final = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _PATTERNS["suggestions"].items()}
_PROPOSES: Final = re.compile(_PATTERNS["replies"]["proposes"], re.IGNORECASE)


def suggest(skill: Skill, timeline: Timeline | None, language: str, reply: str = "") -> tuple[str, ...]:
    """At most four things to say next, each of its own kind.

    Each does what it says when it is sent as it is. Words between quotes are there to be replaced by the user's own.

    Args:
        skill: What the user has set out to do: its example comes first while there is no timeline.
        timeline: How it stands, as far as it is known.
        language: `en`, `zh-CN`, …: the language of our own proposals.
        reply: The last reply; what it proposes goes first.
    """
    is_chinese = language.lower().startswith("zh")
    texts = panel_words("zh" if is_chinese else "en")["suggestions"]
    done = set() if timeline is None else _done(timeline)
    proposed = _unlike(each for each in _proposed(reply) if _kind_of(each) not in done)[:2]
    if timeline is None or not timeline.is_ready:
        example = panel_words("zh").get("examples", {}).get(skill.name, "") if is_chinese else skill.example
        own = [each for each in (example, texts["start"], texts["start from clips"]) if each]
    else:
        own = [texts[key] for key in _lacks(timeline)]
    return tuple(_unlike((*proposed, *own))[:_MOST])


def _unlike(suggestions: Iterable[str]) -> list[str]:
    """Those that are not nearly the same as one before them."""
    first: dict[str, str] = {}
    for each in suggestions:
        first.setdefault(_kind_of(each), each)
    return list(first.values())


def _kind_of(suggestion: str) -> str:
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(suggestion)), suggestion.casefold())


def _done(timeline: Timeline) -> set[str]:
    """What has been done to a film, by the names in `_KINDS`."""
    own = [segment.meta for track in timeline.tracks for segment in track.segments]
    film = meta_of(timeline.draft)
    width, height = (finite(film.get(key)) or 0.0 for key in ("width", "height"))
    found = {
        "beat": _is_on_beat(timeline),
        "visualizer": any(meta.get("role") == "visualizer" for meta in own),
        "music": any(track.kind == "audio" and track.segments for track in timeline.tracks),
        "look": bool(film.get("filter")),
        "fade": bool(finite(film.get("fade_out_ms"))),
        "transition": any(meta.get("transition") for meta in own),
        "shape": height > width,
    }
    return {what for what, is_done in found.items() if is_done}


def _lacks(timeline: Timeline) -> Iterator[str]:
    """What the timeline lacks, the most telling first; in the end, it is exported."""
    done = _done(timeline)
    tracks = [track for track in timeline.tracks if track.segments]
    shots = sum(len(track.segments) for track in tracks if track.kind == "video")
    has_sound = any(track.kind == "audio" for track in tracks)
    has_title = any(track.kind == "text" for track in tracks)
    if not has_sound:
        yield "music"
    elif shots > 1 and "beat" not in done:
        yield "beat"
    if not has_title:
        yield "title"
    if shots and has_title and "look" not in done:
        yield "look"
    if has_sound and has_title and "fade" not in done:
        yield "fade"
    yield "export"


def _is_on_beat(timeline: Timeline) -> bool:
    """Whether nearly all cuts lie on beats, as far as these are known."""
    segments = [segment for track in timeline.tracks for segment in track.segments]
    cuts_ms = [segment.start_ms for segment in segments if segment.kind == "video" and segment.start_ms > 0]
    beats_ms = sorted(
        segment.time_of(beat_ms)
        for segment in segments
        if segment.kind == "audio" and (sound := timeline.sounds.of(segment))
        for beat_ms in sound.beats_ms
    )

    def is_near(cut_ms: float) -> bool:
        after = bisect_left(beats_ms, cut_ms)
        return any(abs(beat_ms - cut_ms) <= _NEAR_MS for beat_ms in beats_ms[max(after - 1, 0) : after + 1])

    return bool(cuts_ms) and sum(map(is_near, cuts_ms)) >= _NEARLY_ALL * len(cuts_ms)


def _proposed(reply: str) -> Iterator[str]:
    """What a reply proposes to say. Only what goes to the editor: a click must not upload a file that a reply names."""
    text = plain(reply)[-_READ:]
    for item in _ITEM.finditer(text):
        yield from _usable(item[1] or item[2])
    for sentence in _SENTENCE.findall(text):
        if not _PROPOSES.search(sentence):
            continue
        titles = _ADD_TITLE.findall(sentence)
        for found in _QUOTED.finditer(_ADD_TITLE.sub("", sentence)):
            yield from _usable(found[1] or found[2])
        for title in titles:
            yield from _usable(title)


def _usable(proposal: str) -> Iterator[str]:
    proposal = " ".join(proposal.split()).rstrip("。.,，")
    # A single word in quotes is mostly a name.
    is_request = len(proposal.split()) > 1 or len(_HANZI.findall(proposal)) > 2
    if is_request and len(proposal) <= _LONGEST and classify(proposal).action == "chat":
        yield proposal
