"""Original music from a recipe: composed as notes, sounded with numpy, the same every time."""

from nemo_notebook.engine.music.compose import compose
from nemo_notebook.engine.music.midi import write_midi
from nemo_notebook.engine.music.moods import MOODS, Mood
from nemo_notebook.engine.music.recipe import Recipe, beat_times_ms, make_recipe
from nemo_notebook.engine.music.score import Note, Score, envelope
from nemo_notebook.engine.music.synthesize import synthesize
from nemo_notebook.engine.music.tone import RATE

__all__ = [
    "MOODS",
    "RATE",
    "Mood",
    "Note",
    "Recipe",
    "Score",
    "beat_times_ms",
    "compose",
    "envelope",
    "make_recipe",
    "synthesize",
    "write_midi",
]
