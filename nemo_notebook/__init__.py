"""Music videos from a Jupyter cell.

`%load_ext nemo_notebook` brings the `%nemo` magic; `nemo_notebook.connect()` does the same from Python. Nothing heavy
is imported and nothing is contacted until it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Artifact": "client.events",
    "AsyncClient": "session.client",
    "AsyncSession": "session.project",
    "Batch": "batches.batch",
    "Begun": "client.events",
    "Change": "film.diff",
    "Chat": "notebook.widgets.chat",
    "Credits": "session.results",
    "ExportPanel": "notebook.widgets.exports",
    "Heartbeat": "client.events",
    "History": "session.records",
    "Job": "session.records",
    "Media": "session.results",
    "NemoError": "errors",
    "Notice": "client.events",
    "Player": "notebook.widgets.player",
    "Preview": "session.previews",
    "Provenance": "film.provenance",
    "Reply": "session.results",
    "Session": "session.sync",
    "StateChange": "client.events",
    "StreamError": "client.events",
    "Studio": "notebook.widgets.studio",
    "Text": "client.events",
    "TextFinal": "client.events",
    "Timeline": "film.timeline",
    "TimelineView": "notebook.widgets.timeline",
    "ToolCall": "client.events",
    "ToolResult": "client.events",
    "Turn": "session.records",
    "Uploader": "notebook.widgets.uploader",
    "Video": "session.results",
    "batch": "batches.batch",
    "connect": "session.sync",
    "jobs": "session.sync",
    "provenance": "film.provenance",
    "sessions": "session.sync",
}

__all__ = [
    "Artifact",
    "AsyncClient",
    "AsyncSession",
    "Batch",
    "Begun",
    "Change",
    "Chat",
    "Credits",
    "ExportPanel",
    "Heartbeat",
    "History",
    "Job",
    "Media",
    "NemoError",
    "Notice",
    "Player",
    "Preview",
    "Provenance",
    "Reply",
    "Session",
    "StateChange",
    "StreamError",
    "Studio",
    "Text",
    "TextFinal",
    "Timeline",
    "TimelineView",
    "ToolCall",
    "ToolResult",
    "Turn",
    "Uploader",
    "Video",
    "__version__",
    "batch",
    "connect",
    "jobs",
    "provenance",
    "sessions",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext nemo_notebook` calls."""
    from nemo_notebook.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext nemo_notebook` calls: takes back what loading brought, and nothing else."""
    from nemo_notebook.notebook.extension import unload

    unload(shell)


if TYPE_CHECKING:
    from nemo_notebook.batches.batch import Batch, batch
    from nemo_notebook.client.events import (
        Artifact,
        Begun,
        Heartbeat,
        Notice,
        StateChange,
        StreamError,
        Text,
        TextFinal,
        ToolCall,
        ToolResult,
    )
    from nemo_notebook.errors import NemoError
    from nemo_notebook.film.diff import Change
    from nemo_notebook.film.provenance import Provenance, provenance
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.notebook.widgets.chat import Chat
    from nemo_notebook.notebook.widgets.exports import ExportPanel
    from nemo_notebook.notebook.widgets.player import Player
    from nemo_notebook.notebook.widgets.studio import Studio
    from nemo_notebook.notebook.widgets.timeline import TimelineView
    from nemo_notebook.notebook.widgets.uploader import Uploader
    from nemo_notebook.session.client import AsyncClient
    from nemo_notebook.session.previews import Preview
    from nemo_notebook.session.project import AsyncSession
    from nemo_notebook.session.records import History, Job, Turn
    from nemo_notebook.session.results import Credits, Media, Reply, Video
    from nemo_notebook.session.sync import Session, connect, jobs, sessions
