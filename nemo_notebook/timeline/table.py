"""The timeline as a pandas table: one row a segment."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from nemo_notebook.timeline.draft import Track

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("track", "kind", "name", "start_s", "end_s", "duration_s", "volume", "text", "source", "segment")
_TEXT: Final = ("kind", "name", "text", "source", "segment")
_ROWS_SHOWN: Final = 60


def to_frame(tracks: Iterable[Track]) -> pd.DataFrame:
    """The table of some tracks.

    Columns, in this order: `track` (int, from 1), `kind` (video, audio, text, other), `name`, `start_s`, `end_s`,
    `duration_s` (float seconds), `volume` (0–1, NaN where there is none), `text`, `source`, `segment` (id). Rows are in
    track and time order.
    """
    import numpy as np
    import pandas as pd

    segments = [segment for track in tracks for segment in track.segments]
    start_ms = np.array([s.start_ms for s in segments], dtype="float64")
    duration_ms = np.array([s.duration_ms for s in segments], dtype="float64")
    volume = np.array([np.nan if s.volume is None else s.volume for s in segments], dtype="float64")
    columns = {
        "track": np.array([s.track for s in segments], dtype="int64"),
        "kind": [s.kind for s in segments],
        "name": [s.name for s in segments],
        "start_s": start_ms / 1000,
        "end_s": (start_ms + duration_ms) / 1000,
        "duration_s": duration_ms / 1000,
        "volume": volume,
        "text": [s.text for s in segments],
        "source": [s.source for s in segments],
        "segment": [s.id for s in segments],
    }
    return pd.DataFrame(columns, columns=list(COLUMNS)).astype(dict.fromkeys(_TEXT, "str"))


def to_html(frame: pd.DataFrame) -> str:
    """The table as escaped HTML, texts to the left and numbers to the right; the rest of a long one is counted."""
    head = "".join(_cell("th", name, name) for name in frame.columns)
    rows = frame.head(_ROWS_SHOWN).to_dict("records")
    body = "".join(f"<tr>{''.join(_cell('td', str(name), row[name]) for name in row)}</tr>" for row in rows)
    rest = f"<p>… {len(frame) - len(rows)} more</p>" if len(frame) > len(rows) else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _cell(tag: str, column: str, value: object) -> str:
    text = ("" if value != value else f"{value:.2f}") if isinstance(value, float) else str(value)
    side = "left" if column in _TEXT else "right"
    return f'<{tag} style="text-align:{side}">{html.escape(text)}</{tag}>'
