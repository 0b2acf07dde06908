"""The closed sets of values that edits take."""

from __future__ import annotations

from typing import Final, Literal

Filter = Literal["bw", "sepia", "warm", "cool", "vivid", "vintage", "cinematic", "dreamy", "noir", "faded"]
Fit = Literal["auto", "crop", "blur", "pad"]
TransitionKind = Literal["dissolve", "black", "white", "slide", "push", "wipe", "zoom", "circle"]
Aspect = Literal["16:9", "9:16", "1:1", "4:5", "5:4", "4:3", "3:4", "2:3", "3:2", "2:1", "21:9"]
Palette = Literal["aurora", "sunset", "neon", "ocean", "fire", "forest", "candy", "gold", "ice", "mono"]
Position = Literal[
    "top",
    "center",
    "bottom",
    "lower-third",
    "left",
    "right",
    "top-left",
    "top-right",
    "bottom-left",
    "bottom-right",
]
Tempo = Literal["slow", "usual", "fast"]
USUAL_MOOD: Final = "chill"
