"""Types of fields that several edits share: bounds, and closed sets of values."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Shift = Annotated[float, Meta(ge=-86_400, le=86_400)]
Length = Annotated[float, Meta(ge=0.03, le=86_400)]
Volume = Annotated[float, Meta(ge=0, le=4)]
Color = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$", examples=["a colour such as #ff8800"])]
UPLOAD: Final = {"names": "upload"}
Hash = Annotated[str, Meta(min_length=1, max_length=200, extra=UPLOAD)]
"""An upload by its content hash, or its file name where it is the only one of that name: see `target.with_hashes`."""
Count = Annotated[int, Meta(ge=1, le=10_000)]
Anchor = Literal["start", "end", "middle", "whole"]
Order = Literal["uploaded", "reversed", "name", "shuffled"]
SongPart = Literal["chorus", "drop", "intro", "end"]
VisualizerStyle = Literal["bars", "waveform", "circular", "spectrum", "line"]
Mood = Literal[
    "lofi", "chill", "upbeat", "cinematic", "sad", "ambient", "house", "dark", "romantic",
    "corporate", "hiphop", "rock", "jazz", "acoustic", "epic", "edm", "happy",
]  # fmt: skip


Filter = Literal["bw", "sepia", "warm", "cool", "vivid", "vintage", "cinematic", "dreamy", "noir", "faded"]
Fit = Literal["auto", "crop", "blur", "pad"]
TransitionKind = Literal["dissolve", "black", "white", "slide", "push", "wipe", "zoom", "circle"]
Aspect = Literal["16:9", "9:16", "1:1", "4:5", "5:4", "4:3", "3:4", "2:3", "3:2", "2:1", "21:9"]
Palette = Literal["aurora", "sunset", "neon", "ocean", "fire", "forest", "candy", "gold", "ice", "mono"]
Position = Literal[
    "top", "center", "bottom", "lower-third", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right",
]  # fmt: skip
Tempo = Literal["slow", "usual", "fast"]
USUAL_MOOD: Final = "chill"
