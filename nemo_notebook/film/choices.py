"""The closed sets of values that edits take."""

from __future__ import annotations

from typing import Final, Literal

Filter = Literal["bw", "sepia", "warm", "cool", "vivid", "vintage", "cinematic", "dreamy", "noir", "faded"]
Fit = Literal["auto", "crop", "blur", "pad"]
TransitionKind = Literal["dissolve", "black", "white", "slide", "push", "wipe", "zoom", "circle"]
Tempo = Literal["slow", "usual", "fast"]
USUAL_MOOD: Final = "chill"
