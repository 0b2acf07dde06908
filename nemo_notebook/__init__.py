"""Music videos from a Jupyter cell.

`%load_ext nemo_notebook` brings the `%nemo` magic; `nemo_notebook.connect()` does the same from Python. Nothing heavy
is imported and nothing is contacted until it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_MODULES = {
    "batches.batch": "Batch batch",
    "client.events": "Artifact Begun Heartbeat Notice StateChange StreamError Text TextFinal ToolCall ToolResult",
    "errors": "NemoError",
    "film.provenance": "Provenance provenance",
    "film.timeline": "Change Timeline",
    "notebook.widgets.chat_panel": "Chat",
    "notebook.widgets.export_panel": "ExportPanel",
    "notebook.widgets.film_player": "Player",
    "notebook.widgets.studio": "Studio",
    "notebook.widgets.timeline_view": "TimelineView",
    "notebook.widgets.uploader": "Uploader",
    "session.previews": "Preview",
    "session.project": "AsyncClient AsyncSession",
    "session.records": "History Job Turn",
    "session.results": "Credits Media Reply Video",
    "session.sync": "Session connect jobs sessions",
}
_HOME = {name: module for module, names in _MODULES.items() for name in names.split()}
"""Public names and their modules, which are imported when a name is first used."""

__all__ = sorted(["__version__", *_HOME])  # noqa: PLE0605 - one table


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext nemo_notebook` calls."""
    from nemo_notebook.notebook.extension import load_magics

    load_magics(shell)


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext nemo_notebook` calls: takes back what loading brought, and nothing else."""
    from nemo_notebook.notebook.extension import unload_magics

    unload_magics(shell)


if TYPE_CHECKING:
    from nemo_notebook.batches.batch import Batch as Batch, batch as batch
    from nemo_notebook.client.events import (
        Artifact as Artifact,
        Begun as Begun,
        Heartbeat as Heartbeat,
        Notice as Notice,
        StateChange as StateChange,
        StreamError as StreamError,
        Text as Text,
        TextFinal as TextFinal,
        ToolCall as ToolCall,
        ToolResult as ToolResult,
    )
    from nemo_notebook.errors import NemoError as NemoError
    from nemo_notebook.film.provenance import Provenance as Provenance, provenance as provenance
    from nemo_notebook.film.timeline import Change as Change, Timeline as Timeline
    from nemo_notebook.notebook.widgets.chat_panel import Chat as Chat
    from nemo_notebook.notebook.widgets.export_panel import ExportPanel as ExportPanel
    from nemo_notebook.notebook.widgets.film_player import Player as Player
    from nemo_notebook.notebook.widgets.studio import Studio as Studio
    from nemo_notebook.notebook.widgets.timeline_view import TimelineView as TimelineView
    from nemo_notebook.notebook.widgets.uploader import Uploader as Uploader
    from nemo_notebook.session.previews import Preview as Preview
    from nemo_notebook.session.project import AsyncClient as AsyncClient, AsyncSession as AsyncSession
    from nemo_notebook.session.records import History as History, Job as Job, Turn as Turn
    from nemo_notebook.session.results import Credits as Credits, Media as Media, Reply as Reply, Video as Video
    from nemo_notebook.session.sync import Session as Session, connect as connect, jobs as jobs, sessions as sessions
