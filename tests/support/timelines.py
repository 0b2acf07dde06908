"""A film with all that a picture of it shows, and names that nobody should be harmed by."""

from __future__ import annotations

from typing import Any

from nemo_notebook.film.timeline import Timeline

BEATS = [500 * k for k in range(24)]
SONG = {
    "hash": "h1",
    "filename": "song.mp3",
    "duration_ms": 20_000,
    "beats_ms": BEATS,
    "downbeats_ms": BEATS[::4],
    "peaks": [10] * 100 + [90] * 100,
}
FILM = {
    "d": 12_000,
    "t": [
        {"tt": 0, "sg": [{"id": f"c{k}", "s": 2000 * k, "d": 2000, "m": {"source": f"{k % 2}.mp4"}} for k in range(6)]},
        {"tt": 1, "sg": [{"id": "a", "s": 0, "d": 12_000, "v": 1.0, "m": {"name": "song", "media": "h1"}}]},
        {"tt": 7, "sg": [{"id": "t", "s": 0, "d": 6000, "text": "城市之夜"}]},
    ],
}
DOCUMENTED = {
    "d": 10_000,
    "t": [
        {"tt": 0, "sg": [{"s": 0, "d": 10_000, "m": {"name": "city timelapse"}}]},
        {"tt": 1, "sg": [{"s": 0, "d": 10_000, "v": 0.35, "m": {"name": "BGM: Lo-fi"}}]},
        {"tt": 7, "sg": [{"s": 0, "d": 3000, "text": "Urban Dreams"}]},
    ],
}

HOSTILE = [
    "<script>alert(1)</script>",
    "]]>",
    "\"'&<>",
    "a\x00\x08\x1b[31mb\ufffe\uffff",
    "\ud800 lone",
    "javascript:alert(1)",
    "\u202eright to left",
    "&#0;&bad;",
    "x" * 1_000_000,
]


def line(segments: list[dict[str, Any]], kind: int = 0, language: str = "en") -> Timeline:
    """A timeline of one track."""
    return Timeline({"t": [{"tt": kind, "sg": segments}]}, language)
