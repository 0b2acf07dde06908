"""The moods that can be composed, by name."""

from typing import Final

from nemo_notebook.music.moods.bright import CORPORATE, HAPPY, UPBEAT
from nemo_notebook.music.moods.club import EDM, HIPHOP, HOUSE
from nemo_notebook.music.moods.easy import ACOUSTIC, CHILL, JAZZ, LOFI
from nemo_notebook.music.moods.loud import CINEMATIC, EPIC, ROCK
from nemo_notebook.music.moods.mood import Groove, Mood
from nemo_notebook.music.moods.quiet import AMBIENT, DARK, ROMANTIC, SAD

MOODS: Final[dict[str, Mood]] = {
    "lofi": LOFI,
    "chill": CHILL,
    "upbeat": UPBEAT,
    "cinematic": CINEMATIC,
    "sad": SAD,
    "ambient": AMBIENT,
    "house": HOUSE,
    "dark": DARK,
    "romantic": ROMANTIC,
    "corporate": CORPORATE,
    "hiphop": HIPHOP,
    "rock": ROCK,
    "jazz": JAZZ,
    "acoustic": ACOUSTIC,
    "epic": EPIC,
    "edm": EDM,
    "happy": HAPPY,
}

__all__ = ["MOODS", "Groove", "Mood"]
