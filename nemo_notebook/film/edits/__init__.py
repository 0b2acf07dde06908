"""The edits. Each module defines a family of them; importing it enters them in `edit.EDITS`."""

from nemo_notebook.film.edits import (
    effects,
    films,
    framing,
    lengths,
    looks,
    music,
    overlays,
    parts,
    playback,
    shots,
    sounds,
    styles,
    titles,
)

__all__ = [
    "effects", "films", "framing", "lengths", "looks", "music", "overlays", "parts", "playback", "shots", "sounds",
    "styles", "titles",
]  # fmt: skip
