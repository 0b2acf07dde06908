"""The short loop that a song shows in place of its cover: the form of a Spotify Canvas.

Source of the form: Spotify for Artists, "Canvas guidelines": vertical 9:16, 3 to 8 seconds, a loop without sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nemo_notebook.film import filming
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import (
    MUSIC,
    Draft,
    editable,
    in_ms_of,
    measure,
    media_of,
    meta,
    on_frame,
    picture_end_ms,
    segments_of,
    speed_of,
    start_of,
    to_frame,
)
from nemo_notebook.film.edits.picture import SetCanvas
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.phrasing import clock, say, seconds
from nemo_notebook.film.rippling import cut_out
from nemo_notebook.film.telling import NotPossible

SHORTEST_MS, LONGEST_MS = 3_000, 8_000
_LOOP_MS: Final = 700
_SHORT_SIDE: Final = 1_080


@dataclass(frozen=True, slots=True)
class MakeLoop:
    """A seamless vertical loop of the strongest part.

    Attributes:
        length_ms: Length, 3 to 8 seconds; None for as long as may be.
        start_ms: Where it starts on the timeline, or None for the drop or the loudest part.
    """

    length_ms: int | None = None
    start_ms: int | None = None

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Sets the canvas, trims the film and joins its end to its start; see `Edit`."""
        lang = situation.spoken
        shaped, _ = SetCanvas("9:16", _SHORT_SIDE).apply(draft, situation)  # and wide clips fill it
        film = editable(shaped)
        total = picture_end_ms(film)
        if total < SHORTEST_MS:
            en = f"A Spotify Canvas is 3 to 8 seconds long, and there are {seconds(total, 'en')} of video so far."
            raise NotPossible(say(lang, en, f"Spotify Canvas 要 3 到 8 秒，现在的视频只有 {seconds(total, 'zh')}。"))
        length = on_frame(min(max(self.length_ms or LONGEST_MS, SHORTEST_MS), LONGEST_MS, total))
        start = self._start(film, situation, total - length)
        _keep(film, start, start + length)
        _close(film, situation)
        where = clock(start)
        en = f"It is now a Spotify Canvas: vertical 9:16, 1080 × 1920, {seconds(length, 'en')} from {where} on"
        en += ", the end runs over into the start. Spotify loops it and plays it without its sound."
        zh = f"已做成 Spotify Canvas：竖屏 9:16，1080 × 1920，从 {where} 起 {seconds(length, 'zh')}"
        return measure(film), say(lang, en, zh + "，首尾无缝循环。Spotify 会循环播放，且不带声音。")

    def _start(self, film: Draft, situation: Situation, latest: int) -> int:
        """Where the loop starts: as asked, else where the song's force sets in, else where it is loudest."""
        if self.start_ms is not None:
            return on_frame(min(max(self.start_ms, 0), latest))
        song, shift = _song(film, situation)
        if song is None or latest <= 0:
            return 0
        drop = next((at - shift for at in song.drops_ms if 0 <= at - shift <= latest), None)
        wanted = drop if drop is not None else _loudest(song, shift, latest)
        beats = [at - shift for at in (song.downbeats_ms or song.beats_ms) if 0 <= at - shift <= latest]
        return on_frame(min(beats, key=lambda beat: abs(beat - wanted), default=wanted))


@dataclass(frozen=True, slots=True)
class CloseLoop:
    """Lets the end of the film run over into its start, so that it can be played over and over."""

    def apply(self, draft: Json, situation: Situation) -> tuple[Json, str]:
        """Closes the loop; see `Edit`."""
        film, lang = editable(draft), situation.spoken
        if picture_end_ms(film) < 2 * _LOOP_MS:
            raise NotPossible(say(lang, "There is no video yet that could loop.", "还没有可以循环的视频。"))
        if meta(film).get("loop_ms"):
            raise NotPossible(say(lang, "It loops seamlessly already.", "已经是首尾无缝循环了。"))
        _close(film, situation)
        en = "The video now loops: its end runs over into its start, and nothing fades."
        return measure(film), say(lang, en, "视频现在首尾无缝循环：结尾自然过渡到开头，没有淡入淡出。")


def _song(film: Draft, situation: Situation) -> tuple[MediaItem | None, int]:
    """The song that is heard, and how much earlier its time is on the timeline than in its file."""
    for segment in segments_of(film, *MUSIC):
        song = media_of(segment, situation)
        if song is not None:
            return song, in_ms_of(segment) - start_of(segment)
    return None, 0


def _loudest(song: MediaItem, shift: int, latest: int) -> int:
    window = LONGEST_MS // 1000
    seconds_in = range(latest // 1000 + 1)
    return max(seconds_in, key=lambda at: (sum(song.energy[at + shift // 1000 :][:window]), -at), default=0) * 1000


def _keep(film: Draft, start: int, end: int) -> None:
    whole = max(to_frame(part["s"] + part["d"]) for track in film["t"] for part in track["sg"])
    first, last = to_frame(start), to_frame(end)
    if whole > last:
        cut_out(film, last, whole)
    if first > 0:
        cut_out(film, 0, first)


def _close(film: Draft, situation: Situation) -> None:
    """Lets the end go over into the start: no fades, and some picture before the first frame to go over into."""
    own = meta(film)
    own["loop_ms"] = _LOOP_MS
    for key in ("fade_in_ms", "fade_out_ms"):
        own.pop(key, None)
    for segment in segments_of(film, *MUSIC):
        meta(segment).update(fade_in_ms=0, fade_out_ms=0)
    shots = filming.shots_of(film)
    if not shots or meta(shots[0]).get("role") != "clip":
        return
    item, in_ms = media_of(shots[0], situation), in_ms_of(shots[0])
    lead = round(_LOOP_MS * speed_of(shots[0]))
    lasts = round(shots[0]["d"] * speed_of(shots[0]))
    if item is not None and in_ms < lead:
        meta(shots[0])["in_ms"] = max(in_ms, min(lead, item.duration_ms - lasts))
