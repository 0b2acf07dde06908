"""All edits: what a message is read into. Each is a frozen dataclass with `apply`; see `model.Edit`."""

from nemo_notebook.engine.agent.film_edits import CutToBeat, MakeVideo, Trim, Undo
from nemo_notebook.engine.agent.picture_edits import PrepareExport, SetCanvas, SetVisualizer
from nemo_notebook.engine.agent.sound_edits import AddMusic, FadeMusic, RemoveMusic, SetVolume
from nemo_notebook.engine.agent.title_edits import AddTitle, ChangeTitle, RemoveTitle

__all__ = [
    "AddMusic",
    "AddTitle",
    "ChangeTitle",
    "CutToBeat",
    "FadeMusic",
    "MakeVideo",
    "PrepareExport",
    "RemoveMusic",
    "RemoveTitle",
    "SetCanvas",
    "SetVisualizer",
    "SetVolume",
    "Trim",
    "Undo",
]
