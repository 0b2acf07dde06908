"""The table as plain text: columns aligned also where names are Chinese, the rest of a long one counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nemo_notebook.film.picture.lettering import fit, width

if TYPE_CHECKING:
    import pandas as pd

_ROWS_SHOWN: Final = 60
_WIDEST: Final = 32  # columns of a terminal
_BETWEEN: Final = "  "


def to_text(frame: pd.DataFrame, rows: int = _ROWS_SHOWN) -> str:
    """The first rows of a table, texts to the left and numbers to the right; columns without anything are left out.

    Args:
        frame: The table.
        rows: How many rows are shown.
    """
    shown = frame.head(rows)
    columns = [_column(str(name), shown[name].tolist()) for name in shown.columns]
    lines = zip(*[column for column in columns if any(cell.strip() for cell in column[1:])], strict=True)
    rest = [f"… {len(frame) - len(shown):,} more"] if len(frame) > len(shown) else []
    return "\n".join([*(_BETWEEN.join(line).rstrip() for line in lines), *rest])


def _column(name: str, values: list[object]) -> list[str]:
    """The cells of a column, its name first, all of one width."""
    words = [name, *(_words(value) for value in values)]
    widest = max(int(width(word)) for word in words)
    is_text = any(isinstance(value, str) for value in values)
    gaps = [" " * (widest - int(width(word))) for word in words]
    return [word + gap if is_text else gap + word for word, gap in zip(words, gaps, strict=True)]


def _words(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.2f}"
    return fit(" ".join(str(value)[:1000].split()), _WIDEST)
