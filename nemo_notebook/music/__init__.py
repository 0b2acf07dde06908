"""Original music from a recipe: composed as notes, sounded with numpy, the same every time."""

from nemo_notebook.music.compose import compose
from nemo_notebook.music.dsp import RATE
from nemo_notebook.music.mastering import loudness_lufs, weighted_power
from nemo_notebook.music.midi import write_midi
from nemo_notebook.music.mix import synthesize
from nemo_notebook.music.moods import MOODS, Mood
from nemo_notebook.music.recipe import BEATS_PER_BAR, Recipe, beat_times_ms, make_recipe, sections_of
from nemo_notebook.music.score import Note, Score, envelope

__all__ = [
    "BEATS_PER_BAR", "MOODS", "RATE", "Mood", "Note", "Recipe", "Score", "beat_times_ms", "compose",
    "envelope", "loudness_lufs", "make_recipe", "sections_of", "synthesize", "weighted_power", "write_midi",
]  # fmt: skip
