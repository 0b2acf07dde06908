"""Pictures of sound, drawn straight into the planes of a film frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.render.bars import draw_bars
from nemo_notebook.render.line import draw_line
from nemo_notebook.render.palettes import PALETTES, Palette, backdrop, palette_of
from nemo_notebook.render.ridge import draw_ridge
from nemo_notebook.render.ring import draw_ring
from nemo_notebook.render.spectrum import Spectrum
from nemo_notebook.render.waveform import draw_waveform

if TYPE_CHECKING:
    from nemo_notebook.render.picture import Planes

__all__ = ["PALETTES", "STYLES", "backdrop", "draw"]

Draw = Callable[["Planes", Palette, Spectrum, int, bool], None]

STYLES: Final[dict[str, Draw]] = {
    "bars": draw_bars,
    "waveform": draw_waveform,
    "circular": draw_ring,
    "spectrum": draw_ridge,
    "line": draw_line,
}


def draw(
    planes: Planes,
    style: str,
    palette: str,
    spectrum: Spectrum,
    index: int,
    over_picture: bool,
    colors: Sequence[str] = (),
) -> None:
    """Draws one frame of a visualizer in place.

    Args:
        planes: The frame so far: a picture, or the palette's `backdrop`.
        style: A name in `STYLES`.
        palette: A name in `PALETTES`.
        spectrum: Features of the sound from the shot's first frame on.
        index: The frame, counted from there.
        over_picture: Whether a picture lies below: then it is a discreet band at the foot, else it fills the canvas.
        colors: Three of `#rrggbb` in place of the palette's, see `palette_of`.

    Raises:
        UsageError: There is no such style or palette.
    """
    if style not in STYLES:
        raise UsageError(f"There is no visualizer '{style}'.", hint=f"There are: {', '.join(STYLES)}.")
    STYLES[style](planes, palette_of(palette, colors), spectrum, index, over_picture)
