"""The engine's agent: words → edits → draft."""

from nemo_notebook.engine.agent.model import (
    Edit,
    MediaItem,
    Outcome,
    Question,
    Refusal,
    Remark,
    Situation,
    Understanding,
)
from nemo_notebook.engine.agent.turn import respond

__all__ = [
    "Edit",
    "MediaItem",
    "Outcome",
    "Question",
    "Refusal",
    "Remark",
    "Situation",
    "Understanding",
    "respond",
]
