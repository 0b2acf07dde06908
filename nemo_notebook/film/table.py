"""The timeline as a pandas table: one row a segment."""

from __future__ import annotations

import html
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.film.columns import Json, Lane, read_lanes

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

COLUMNS: Final = ("track", "kind", "name", "start_s", "end_s", "duration_s", "volume", "text", "source", "segment")
MARK: Final = "nemo_timeline"
"""Where a table's `attrs` say which state of a timeline it was taken from."""
_TEXT: Final = ("kind", "name", "text", "source", "segment")
_ROWS_SHOWN: Final = 60


def read_frame(draft: Json | None) -> pd.DataFrame:
    """The table of a draft; it belongs to whoever asked for it.

    Columns, in this order: `track` (int, from 1), `kind` (video, audio, text, other), `name`, `start_s`, `end_s`,
    `duration_s` (float seconds), `volume` (0–1, NaN where there is none), `text`, `source`, `segment` (id, another one
    for each row). Rows are in track and time order.
    """
    return frame_of(read_lanes(draft))


def frame_of(lanes: Sequence[Lane]) -> pd.DataFrame:
    """The table of tracks that were read already."""
    import numpy as np
    import pandas as pd

    counts = [len(lane.ids) for lane in lanes]

    def gather(column: Callable[[Lane], Iterable[object]], dtype: str) -> npt.NDArray[Any]:
        return np.fromiter(chain.from_iterable(map(column, lanes)), dtype, sum(counts))

    def texts(column: Callable[[Lane], Iterable[str]]) -> Any:
        return pd.Series(gather(column, "object"), dtype="str").array

    start_ms = gather(lambda lane: lane.starts_ms, "float64")
    length_ms = gather(lambda lane: lane.lengths_ms, "float64")
    columns = {
        "track": np.repeat(np.array([lane.number for lane in lanes], dtype="int64"), counts),
        "kind": texts(lambda lane: repeat(lane.kind, len(lane.ids))),
        "name": texts(lambda lane: lane.names),
        "start_s": start_ms / 1000,
        "end_s": (start_ms + length_ms) / 1000,
        "duration_s": length_ms / 1000,
        "volume": gather(lambda lane: lane.volumes, "object").astype("float64"),
        "text": texts(lambda lane: lane.texts),
        "source": texts(lambda lane: lane.sources),
        "segment": texts(lambda lane: lane.ids),
    }
    frame = pd.DataFrame(columns, copy=False)
    frame.attrs[MARK] = _mark(lanes, start_ms, length_ms, columns["volume"])
    return frame


def _mark(lanes: Sequence[Lane], *numbers: npt.NDArray[Any]) -> str:
    """A few characters that differ where what is shown of two timelines does."""
    mark = 0
    for lane in lanes:
        for texts in (lane.ids, lane.texts if lane.kind == "text" else lane.sources):
            mark = zlib.crc32("\0".join(texts).encode("utf-8", "replace"), mark)
    for column in numbers:
        mark = zlib.crc32(column.tobytes(), mark)
    return f"{mark:08x}"


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
