"""The timeline as a pandas table with one row per segment, and the table as plain text and HTML.

Text is measured in columns of a terminal, or in ems: estimates, since the fonts of whoever looks at it are unknown.
"""

from __future__ import annotations

import html
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final, TypeVar

from nemo_notebook.film.tracks import Json, Track, read_tracks

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

_T = TypeVar("_T")
COLUMNS: Final = ("track", "kind", "name", "start_s", "end_s", "duration_s", "volume", "text", "source", "segment")
MARK: Final = "nemo_timeline"
"""The key in a table's `attrs` of the state of the timeline that it was taken from."""
_TEXT: Final = ("kind", "name", "text", "source", "segment")
_ROWS_SHOWN: Final = 60
_WIDEST: Final = 32  # columns of a terminal
_NARROW: Final = frozenset("iljI|!.,:;'`()[]{}/\\ ftr-")
_BROAD: Final = frozenset("mwMW@%—…")
_JOINER: Final = "\u200d"
_SKIN: Final = range(0x1F3FB, 0x1F400)


class Shown:
    """The table that a draft is shown as, column by column, with the JSON behind each row.

    Attributes:
        lanes: The draft's tracks.
        raws: The segments' JSON.
        ids: The column `segment`.
        texts: The columns of texts.
    """

    def __init__(self, draft: Json | None) -> None:
        self.lanes = read_tracks(draft)
        self.raws: list[Json] = self._all(lambda lane: lane.raws)
        self.ids = self._all(lambda lane: lane.ids)
        self.texts = {
            "kind": self._all(lambda lane: repeat(lane.kind, len(lane.ids))),
            "name": self._all(lambda lane: lane.names),
            "text": self._all(lambda lane: lane.texts),
            "source": self._all(lambda lane: lane.sources),
        }

    @cached_property
    def numbers(self) -> dict[str, npt.NDArray[Any]]:
        """The columns of numbers."""
        import numpy as np

        numbers = np.array([lane.number for lane in self.lanes], "int64")
        start_ms = np.array(self._all(lambda lane: lane.starts_ms), "float64")
        length_ms = np.array(self._all(lambda lane: lane.lengths_ms), "float64")
        return {
            "track": np.repeat(numbers, np.array([len(lane.ids) for lane in self.lanes], "int64")),
            "start_s": start_ms / 1000,
            "end_s": (start_ms + length_ms) / 1000,
            "duration_s": length_ms / 1000,
            "volume": np.array(self._all(lambda lane: lane.volumes), "float64"),
        }

    def _all(self, column: Callable[[Track], Iterable[_T]]) -> list[_T]:
        return list(chain.from_iterable(map(column, self.lanes)))


def read_frame(draft: Json | None) -> pd.DataFrame:
    """Make the table of a draft.

    Columns, in this order: `track` (int, from 1), `kind` (video, audio, text, other), `name`, `start_s`, `end_s`,
    `duration_s` (float seconds), `volume` (0–4, NaN where there is none), `text`, `source`, `segment` (a unique id).
    Rows are in track and time order.
    """
    import pandas as pd

    shown = Shown(draft)
    texts = {**shown.texts, "segment": shown.ids}
    columns = {**shown.numbers, **{name: pd.Series(each, dtype="str").array for name, each in texts.items()}}
    frame = pd.DataFrame({name: columns[name] for name in COLUMNS}, copy=False)
    frame.attrs[MARK] = _mark(shown)
    return frame


def _mark(shown: Shown) -> str:
    """A checksum of what the table shows."""
    texts = "\0".join(chain(shown.ids, shown.texts["text"], shown.texts["source"]))
    mark = zlib.crc32(texts.encode("utf-8", "replace"))
    for column in ("start_s", "duration_s", "volume"):
        mark = zlib.crc32(shown.numbers[column].tobytes(), mark)
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


@lru_cache(maxsize=4096)
def cells(char: str) -> int:
    """Terminal columns of a character: 2 for Chinese and emoji, 0 for combining characters."""
    if _is_joined(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@lru_cache(maxsize=4096)
def ems(char: str) -> float:
    """Estimated width of a character in a wide sans-serif font, in multiples of the font size."""
    wide = cells(char)
    if wide != 1:
        return 0.5 * wide + 0.1 * (wide > 0 and ord(char) >= 0x1F000)
    if char in _NARROW:
        return 0.38
    if char in _BROAD:
        return 0.95
    return 0.7 if char.isupper() else 0.62


def width(text: str, measure: Callable[[str], float] = cells) -> float:
    """Width of a text, in the unit of `measure`."""
    return sum(map(measure, text))


def fit(text: str, most: float, measure: Callable[[str], float] = cells) -> str:
    """Cut a line of text that is wider than `most`, with an ellipsis; empty where no character fits."""
    so_far, kept, mark = 0.0, 0, measure("…")
    for at, char in enumerate(text):
        so_far += measure(char)
        if so_far <= most - mark:
            kept = at + 1
        if so_far > most:
            while kept and (_is_joined(text[kept]) or text[kept - 1] == _JOINER):
                kept -= 1  # do not split a grapheme
            return f"{text[:kept].rstrip()}…" if kept else ""
    return text


def _is_joined(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me", "Cf"} or ord(char) in _SKIN
