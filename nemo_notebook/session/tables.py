"""Lists of records that show themselves as tables: as text in a terminal, as HTML in a notebook."""

from __future__ import annotations

import html
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from nemo_notebook import clock
from nemo_notebook.film.picture.svg import width
from nemo_notebook.film.table import padded
from nemo_notebook.outside import plain

if TYPE_CHECKING:
    import pandas as pd

R = TypeVar("R")
_CELL: Final = 48
_SHORT: Final = 28
_WIDEST: Final = 110  # characters of a row, as terminals are wide


class Records(list[R], Generic[R]):
    """A list that shows itself as a table."""

    columns: ClassVar[tuple[str, ...]] = ()
    nothing: ClassVar[str] = "Nothing yet."

    def row(self, record: R) -> tuple[object, ...]:
        """The cells of one record."""
        raise NotImplementedError

    @property
    def frame(self) -> pd.DataFrame:
        """The same as a DataFrame."""
        import pandas as pd

        return pd.DataFrame([self.row(record) for record in self], columns=list(self.columns))

    @property
    def words(self) -> str:
        """The same as text, columns aligned."""
        if not self:
            return self.nothing
        columns, rows = self._told()
        while len(columns) > 2 and _width(columns, rows) > _WIDEST:
            columns, rows = columns[:-1], [row[:-1] for row in rows]  # the last one can be done without best
        return "\n".join([*self.head, _text_table(columns, rows)])

    @property
    def head(self) -> tuple[str, ...]:
        """What is to be said before the table."""
        return ()

    def __str__(self) -> str:
        return self.words

    def _told(self) -> tuple[Sequence[str], list[list[str]]]:
        """Columns and rows as text, without the columns in which nothing differs or nothing is."""
        rows = [[_cell(value) for value in self.row(record)] for record in self]
        same = {i for i in range(len(self.columns)) if len({row[i] for row in rows}) == 1}
        empty = {i for i in same if rows[0][i] in {"", "–"}}
        alike = {i for i in same if self.columns[i] == "session" and i > 0}
        kept = [i for i in range(len(self.columns)) if i not in empty | alike]
        return [self.columns[i] for i in kept], [[row[i] for i in kept] for row in rows]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if not self:
            return {"text/plain": self.nothing, "text/html": f"<p>{html.escape(self.nothing)}</p>"}
        columns, rows = self._told()
        head = "".join(f'<th style="text-align:left">{html.escape(name)}</th>' for name in columns)
        body = "".join(f"<tr>{''.join(_html_cell(cell) for cell in row)}</tr>" for row in rows)
        words = "".join(f"<p>{html.escape(line)}</p>" for line in self.head)
        return {"text/plain": self.words, "text/html": f"{words}<table><tr>{head}</tr>{body}</table>"}

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        printer.text(self.words)  # without this, IPython shows any list in its own way


def when(seconds: float) -> str:
    """A moment (seconds since 1970) as people here write it: the time of today, else the date too."""
    then = clock.local(seconds)
    is_today = then[:3] == clock.local(clock.now_s())[:3]
    return time.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M", then)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    text = plain(f"{value:g}" if isinstance(value, float) else str(value))
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _html_cell(cell: str) -> str:
    weight = ";font-weight:600" if cell in {"open", "ready to be saved"} or cell.startswith("rendering") else ""
    wraps = "normal" if len(cell) > _SHORT else "nowrap"  # an id or a moment in one piece, what was said in lines
    return f'<td style="text-align:left;white-space:{wraps}{weight}">{html.escape(cell)}</td>'


def _width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> float:
    return sum(max(map(width, column)) + 2 for column in zip(columns, *rows, strict=True))


def _text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = zip(*map(padded, zip(columns, *rows, strict=True)), strict=True)
    return "\n".join("  ".join(line).rstrip() for line in lines)
