"""The timeline as a pandas table with one row per segment, and the table as plain text and HTML."""

from __future__ import annotations

import html
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.film.draft import Json, Track, read_tracks
from nemo_notebook.film.picture.svg import fit, width

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

COLUMNS: Final = ("track", "kind", "name", "start_s", "end_s", "duration_s", "volume", "text", "source", "segment")
MARK: Final = "nemo_timeline"
"""The key in a table's `attrs` of the state of the timeline that it was taken from."""
_TEXT: Final = ("kind", "name", "text", "source", "segment")
_ROWS_SHOWN: Final = 60
_WIDEST: Final = 32  # columns of a terminal


def read_frame(draft: Json | None) -> pd.DataFrame:
    """Make the table of a draft.

    Columns, in this order: `track` (int, from 1), `kind` (video, audio, text, other), `name`, `start_s`, `end_s`,
    `duration_s` (float seconds), `volume` (0–4, NaN where there is none), `text`, `source`, `segment` (a unique id).
    Rows are in track and time order.
    """
    import numpy as np
    import pandas as pd

    lanes = read_tracks(draft)
    counts = [len(lane.ids) for lane in lanes]

    def gather(column: Callable[[Track], Iterable[object]], dtype: str) -> npt.NDArray[Any]:
        return np.fromiter(chain.from_iterable(map(column, lanes)), dtype, sum(counts))

    def texts(column: Callable[[Track], Iterable[str]]) -> Any:
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


def _mark(lanes: Sequence[Track], *numbers: npt.NDArray[Any]) -> str:
    """A checksum of what the table shows."""
    mark = 0
    for lane in lanes:
        for texts in (lane.ids, lane.texts if lane.kind == "text" else lane.sources):
            mark = zlib.crc32("\0".join(texts).encode("utf-8", "replace"), mark)
    for column in numbers:
        mark = zlib.crc32(column.tobytes(), mark)
    return f"{mark:08x}"


def to_text(frame: pd.DataFrame) -> str:
    """Format the first rows as plain text, aligned by terminal columns; empty columns are left out."""
    shown = frame.head(_ROWS_SHOWN)
    columns = [_column(str(name), shown[name].tolist()) for name in shown.columns]
    lines = zip(*[column for column in columns if any(cell.strip() for cell in column[1:])], strict=True)
    return "\n".join([*("  ".join(line).rstrip() for line in lines), *_rest(frame)])


def to_html(frame: pd.DataFrame) -> str:
    """Format the first rows as escaped HTML."""
    head = "".join(_cell("th", name, name) for name in frame.columns)
    rows = frame.head(_ROWS_SHOWN).to_dict("records")
    body = "".join(f"<tr>{''.join(_cell('td', str(name), row[name]) for name in row)}</tr>" for row in rows)
    rest = "".join(f"<p>{words}</p>" for words in _rest(frame))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _rest(frame: pd.DataFrame) -> list[str]:
    return [f"… {len(frame) - _ROWS_SHOWN:,} more"] if len(frame) > _ROWS_SHOWN else []


def _column(name: str, values: list[object]) -> list[str]:
    """The cells of a column below its name, padded to one width: texts to the left, numbers to the right."""
    cells = [name, *(fit(" ".join(_words(value)[:1000].split()), _WIDEST) for value in values)]
    return padded(cells, to_right=not any(isinstance(value, str) for value in values))


def padded(cells: Sequence[str], *, to_right: bool = False) -> list[str]:
    """Pad cells to one width, in columns of a terminal."""
    widest = max(map(width, cells))
    gaps = [" " * int(widest - width(cell)) for cell in cells]
    return [gap + cell if to_right else cell + gap for cell, gap in zip(cells, gaps, strict=True)]


def _cell(tag: str, column: str, value: object) -> str:
    side = "left" if column in _TEXT else "right"
    return f'<{tag} style="text-align:{side}">{html.escape(_words(value))}</{tag}>'


def _words(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.2f}"
    return str(value)
