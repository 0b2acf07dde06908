"""A recipe to samples: compose, mix, balance, fade, and master."""

from __future__ import annotations

import numpy as np

from nemo_notebook.music import alike
from nemo_notebook.music.balance import balance
from nemo_notebook.music.compose import compose
from nemo_notebook.music.master import master
from nemo_notebook.music.mix import BLOCK, blocks
from nemo_notebook.music.moods import MOODS
from nemo_notebook.music.recipe import Recipe
from nemo_notebook.music.tone import RATE, Samples


def synthesize(recipe: Recipe) -> Samples:
    """The sound of a recipe.

    Returns:
        float32 samples of shape (n, 2) at 48 kHz with n = length_ms · 48, at −14 LUFS with true peaks below −1 dBTP; it
        begins and ends in silence, without a click. Equal recipes give equal samples.
    """
    sound = np.empty((recipe.length_ms * RATE // 1000, 2), np.float32)
    mix = blocks(compose(recipe), MOODS[recipe.mood], recipe.seed)
    for first in range(0, sound.shape[0], BLOCK):
        part = sound[first : first + BLOCK]
        part[:] = next(mix)[:, : part.shape[0]].T
    balance(sound, MOODS[recipe.mood].dark_hz)
    _fade(sound, recipe)
    master(sound)
    return sound


def _fade(sound: Samples, recipe: Recipe) -> None:
    """A millisecond in; out over the last bar, at most 2.5 s and a third of the whole."""
    rise = RATE // 1000
    sound[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)[:, None]
    fall = round(min(2.5, 3.5 * recipe.beat_s, recipe.length_ms / 3000) * RATE)
    sound[-fall:] *= (alike.cos(np.linspace(0, np.pi / 2, fall, dtype=np.float32)) ** 2)[:, None]
