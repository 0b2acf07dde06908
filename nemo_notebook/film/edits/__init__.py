"""All edits: what a message is read into. Each is a frozen dataclass with `apply`; see `model.Edit`."""

from nemo_notebook.film.edits.history import Redo, StartOver, Undo
from nemo_notebook.film.edits.level import DuckMusic, FadeMusic, SetVolume
from nemo_notebook.film.edits.look import Adjust, SetFilter, SetFit
from nemo_notebook.film.edits.loop import CloseLoop, MakeLoop
from nemo_notebook.film.edits.picture import PrepareExport, SetCanvas
from nemo_notebook.film.edits.place import FitMusic, PlaceMusic
from nemo_notebook.film.edits.shot import (
    CopyShots,
    MoveShots,
    OrderShots,
    RemoveShots,
    ReplaceShots,
    SwapShots,
)
from nemo_notebook.film.edits.song import UseSong
from nemo_notebook.film.edits.sound import AddMusic, RemoveMusic
from nemo_notebook.film.edits.stretch import SetSpeed, SplitShot, TrimShots
from nemo_notebook.film.edits.title import AddTitle, CopyTitle, RemoveTitle
from nemo_notebook.film.edits.title_change import ChangeTitle
from nemo_notebook.film.edits.transition import FadePicture, SetTransition
from nemo_notebook.film.edits.trim import FitLength, Repeat, Trim
from nemo_notebook.film.edits.visual import SetVisualizer

__all__ = [
    "AddMusic",
    "AddTitle",
    "Adjust",
    "ChangeTitle",
    "CloseLoop",
    "CopyShots",
    "CopyTitle",
    "DuckMusic",
    "FadeMusic",
    "FadePicture",
    "FitLength",
    "FitMusic",
    "MakeLoop",
    "MoveShots",
    "OrderShots",
    "PlaceMusic",
    "PrepareExport",
    "Redo",
    "RemoveMusic",
    "RemoveShots",
    "RemoveTitle",
    "Repeat",
    "ReplaceShots",
    "SetCanvas",
    "SetFilter",
    "SetFit",
    "SetSpeed",
    "SetTransition",
    "SetVisualizer",
    "SetVolume",
    "SplitShot",
    "StartOver",
    "SwapShots",
    "Trim",
    "TrimShots",
    "Undo",
    "UseSong",
]
