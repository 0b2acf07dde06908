"""Small films to ask about, and the situations in which they are."""

from __future__ import annotations

from functools import cache

from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import MediaItem, Situation, Version
from nemo_notebook.film.tracks import Json

SONG = MediaItem(
    "s", "harbour lights.mp3", "audio", 62_000, has_audio=True, beats_ms=tuple(range(130, 62_000, 500)),
    downbeats_ms=tuple(range(130, 62_000, 2000)), tempo=120.0, title="Harbour Lights", artist="Tom Ash",
    sections=((0, 0.3), (20_000, 0.9), (50_000, 0.4)), content="music",
)  # fmt: skip
VOICE = MediaItem("v", "narration.m4a", "audio", 24_000, has_audio=True, content="speech")
BEACH = MediaItem("b", "beach.mp4", "video", 14_000, 1920, 1080, has_audio=True)
BOAT = MediaItem("o", "boat.mp4", "video", 8_000, 1920, 1080)
TRAM = MediaItem("t", "tram.jpg", "image", 0, 2000, 1500)
SUNSET = MediaItem("u", "sunset.jpg", "image", 0, 2000, 1500)
ALL = (SONG, VOICE, BEACH, BOAT, TRAM, SUNSET)
TITLE = {"edit": "add_title", "text": "Lisbon", "start_s": 1, "end_s": 4}
FILMS: dict[str, tuple[tuple[MediaItem, ...], list[dict[str, object]]]] = {
    "none": ((), []),
    "empty": (ALL, []),
    "row": ((BEACH, BOAT, TRAM), [{"edit": "make_video"}, TITLE]),
    "cut": ((SONG, BEACH, BOAT), [{"edit": "make_video"}, {"edit": "set_canvas", "aspect": "9:16"}]),
    "voiced": (
        (VOICE, BEACH, BOAT, TRAM, SUNSET),
        [{"edit": "make_video", "with_song": False}, {"edit": "add_music", "mood": "jazz", "volume": 0.4},
         {"edit": "set_look", "filter": "vintage"}],
    ),
}  # fmt: skip


@cache
def situation(name: str) -> Situation:
    media, edits = FILMS[name]
    draft: Json = {}
    earlier: list[Json] = []
    for edit in edits:
        earlier.append(draft)
        draft = apply_edits(draft, [parse(edit)], Situation(draft, media, seed=7)).draft
    said = (Version("chat", "warmer please", "Done."),) if edits else ()
    return Situation(draft, media, earlier, seed=7, recent=said)
