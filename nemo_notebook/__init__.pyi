"""The public names: their modules are imported when a name is first used, see `__init__.py`."""

from typing import Any

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

__version__: str
__all__: list[str]

def load_ipython_extension(shell: Any) -> None: ...
def unload_ipython_extension(shell: Any) -> None: ...
