"""Types of fields that several edits share, with their bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Shift = Annotated[float, Meta(ge=-86_400, le=86_400)]
Length = Annotated[float, Meta(ge=0.03, le=86_400)]
Volume = Annotated[float, Meta(ge=0, le=4)]
Color = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$", examples=["a colour such as #ff8800"])]
Hash = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=1, le=10_000)]
Anchor = Literal["start", "end", "middle", "whole"]
Order = Literal["uploaded", "reversed", "name", "shuffled"]
SongPart = Literal["chorus", "drop", "intro", "end"]
VisualizerStyle = Literal["bars", "waveform", "circular", "spectrum", "line"]
Mood = Literal[
    "lofi", "chill", "upbeat", "cinematic", "sad", "ambient", "house", "dark", "romantic",
    "corporate", "hiphop", "rock", "jazz", "acoustic", "epic", "edm", "happy",
]  # fmt: skip
