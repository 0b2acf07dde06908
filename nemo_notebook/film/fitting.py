"""How pictures of one shape lie in a canvas of another, and which views of them keep out of what is beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nemo_notebook.film.model import View

_MAX_CROP_LOSS: Final = 0.3  # 4:3 in 16:9 loses a quarter and is cropped; a square in 16:9 would lose 44 %


@dataclass(frozen=True, slots=True)
class Fitted:
    """Where a source lands on the canvas.

    Attributes:
        width: Width that the upright source is scaled to, even.
        height: Height likewise.
        fills: Whether it covers the canvas (and is cropped) or lies whole inside it.
        loss: Share of the source that cropping takes away, 0–1.
    """

    width: int
    height: int
    fills: bool
    loss: float


def fit_size(width: float, height: float, canvas_width: int, canvas_height: int, how: str = "auto") -> Fitted:
    """Fits an upright source (display size, any unit) to a canvas in pixels.

    Args:
        width: Of the source.
        height: Of the source.
        canvas_width: Pixels.
        canvas_height: Pixels.
        how: `crop`, `blur` or `pad`; `auto` crops where little is lost.
    """
    across, down = canvas_width / width, canvas_height / height
    loss = 1 - min(across, down) / max(across, down)
    fills = how == "crop" or (how not in ("blur", "pad") and loss <= _MAX_CROP_LOSS)
    scale = max(across, down) if fills else min(across, down)
    fitted_width, fitted_height = _near_even(width * scale, canvas_width), _near_even(height * scale, canvas_height)
    return Fitted(fitted_width, fitted_height, fills, loss if fills else 0.0)


def _near_even(value: float, canvas: int) -> int:
    return canvas if abs(value - canvas) < 1 else max(2, 2 * round(value / 2))


def view_inside(view: View, filled: tuple[float, float]) -> View:
    """A view that shows nothing beside a picture, or as much on both of its sides.

    Args:
        view: What is shown of the canvas.
        filled: How much of the canvas the picture takes across and down, 0–1.
    """
    x, y, scale = view
    return _inside(x, filled[0], scale), _inside(y, filled[1], scale), scale


def _inside(place: float, share: float, scale: float) -> float:
    if share >= 1:
        return place
    if share * scale <= 1:
        return 0.5
    least = (1 - share) / 2 / (1 - 1 / scale)
    return round(min(max(place, least), 1 - least), 4)
