"""How likely a beat is at each moment of a sound, by a small temporal convolutional network.

After Davies and Böck, "Temporal convolutional networks for musical audio beat tracking" (EUSIPCO 2019), in little: the
rise of twelve groups of mel bands, then dilated convolutions that see some six seconds to either side. The weights lie
in `activation.npz`; `tests/bench/train_beats.py` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float32]

LAYERS: Final = 7  # the dilation of each is twice that of the one before
TAPS: Final = 5
_GROUP: Final = 4  # mel bands that are looked at as one
_LAG: Final = 2  # frames over which a rise is measured: 23 ms
_LEVEL_FRAMES: Final = 516  # six seconds, over which groups are levelled
_LEAD: Final = 4  # frames of silence put before the sound, so that a beat at 0 shows
_SILENT: Final = 0.01  # log mel magnitude
_EXACT: Final = 1e-3  # results are rounded to this, so that they are the same with any BLAS


def rise_of(bands: _Floats) -> _Floats:
    """The rise of each band against the largest of its neighbours a moment before, shape (frames, bands).

    After the SuperFlux detector (Böck and Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013).
    """
    before = bands.copy()
    np.maximum(before[:, 1:], bands[:, :-1], out=before[:, 1:])
    np.maximum(before[:, :-1], bands[:, 1:], out=before[:, :-1])
    rise = np.zeros_like(bands)
    np.maximum(bands[_LAG:] - before[:-_LAG], 0, out=rise[_LAG:])
    return rise


def measure_rises(bands: _Floats) -> _Floats:
    """The rise of groups of bands, each levelled by its running RMS: what the network sees.

    Args:
        bands: Log mel spectrum, shape (frames, bands), at 86 frames a second.

    Returns:
        Shape (frames // 2, 2 · bands / 4): two frames in a row.
    """
    groups = rise_of(bands).reshape(len(bands), -1, _GROUP).mean(axis=2)
    sums = np.cumsum(np.pad(groups.astype(np.float64) ** 2, ((1, 0), (0, 0))), axis=0)
    places = np.arange(len(groups))
    first, end = np.maximum(places - _LEVEL_FRAMES // 2, 0), np.minimum(places + _LEVEL_FRAMES // 2, len(groups))
    rms = np.sqrt((sums[end] - sums[first]) / (end - first)[:, None])
    levelled = np.minimum(groups / (rms + 0.1 * rms.mean() + 1e-6), 6).astype(np.float32)
    return np.asarray(levelled[: len(levelled) // 2 * 2].reshape(len(levelled) // 2, -1), np.float32)


def run_network(rises: Any, weights: Mapping[str, Any], xp: Any = np) -> Any:
    """Logits of shape (…, pairs, 3): a beat in the first frame of a pair, in the second, a downbeat in either.

    Args:
        rises: Shape (…, pairs, channels).
        weights: By name.
        xp: numpy, or what has its functions.
    """
    values = xp.maximum(_convolve(rises, weights["first"], 1, xp) + weights["first_bias"], 0)
    total = values
    for layer in range(LAYERS):
        hidden = _convolve(values, weights[f"wide{layer}"], 2**layer, xp) + weights[f"wide_bias{layer}"]
        step = xp.maximum(hidden, 0) @ weights[f"mix{layer}"]
        values, total = values + step, total + step * weights[f"skip{layer}"]
    return xp.maximum(total, 0) @ weights["last"] + weights["last_bias"]


def _convolve(values: Any, kernel: Any, dilation: int, xp: Any) -> Any:
    """Kernel of shape (taps, channels in, channels out); zeros outside the sound."""
    reach = TAPS // 2 * dilation
    count = values.shape[-2]
    edges = [(0, 0)] * (values.ndim - 2) + [(reach, reach), (0, 0)]
    padded = xp.pad(values, edges)
    return sum(padded[..., tap * dilation : tap * dilation + count, :] @ kernel[tap] for tap in range(TAPS))


def beat_activation(bands: _Floats) -> _Floats:
    """How likely a beat is, 0–1, shape (frames,).

    Args:
        bands: As in `measure_rises`.
    """
    if len(bands) < 2:
        return np.zeros(len(bands), np.float32)
    bands = np.pad(bands, ((_LEAD, 0), (0, 0)))
    logits = run_network(measure_rises(bands), _weights())
    chances = np.round(1 / (1 + np.exp(-logits)) / _EXACT) * _EXACT
    beat = np.pad(chances[:, :2].ravel(), (0, len(bands) % 2))
    heard = bands.max(axis=1) > _SILENT
    return np.asarray((beat * heard)[_LEAD:], np.float32)


@cache
def _weights() -> dict[str, _Floats]:
    with (files("nemo_notebook.media") / "activation.npz").open("rb") as file, np.load(file) as table:
        return {name: table[name].astype(np.float32) for name in table}
