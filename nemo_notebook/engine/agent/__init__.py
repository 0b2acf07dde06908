"""The engine's agent: words → edits → draft."""

from nemo_notebook.engine.agent.model import Outcome, Question, Refusal, Remark, Understanding
from nemo_notebook.engine.agent.turn import respond
from nemo_notebook.film.model import MediaItem, Situation

__all__ = [
    "MediaItem",
    "Outcome",
    "Question",
    "Refusal",
    "Remark",
    "Situation",
    "Understanding",
    "respond",
]
