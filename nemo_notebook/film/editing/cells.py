"""Cells of a table that somebody has edited with pandas: whatever is in them, a number, a text, or neither."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.film.summary import short
from nemo_notebook.outside import plain, strike

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

_LARGEST: Final = 1e15


def told(text: str) -> str:
    """A text from a table as messages may show it."""
    return short(strike(plain(text)))


def _is_missing(value: object) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def text_of(value: object) -> str | None:
    """A cell as a text, empty where it is missing; None where it is none. Numbers become texts on the way of a file."""
    import numpy as np

    if isinstance(value, str):
        return str(value)
    if _is_missing(value):
        return ""
    if isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.timedelta64)):
        return str(int(value)) if abs(int(value)) < _LARGEST else None
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(float(value)) < _LARGEST:
        return str(int(value))
    return None


def numbers_of(series: pd.Series[Any]) -> tuple[npt.NDArray[np.float64], dict[int, str]]:
    """A column of numbers, NaN where there is none, and what is wrong with cells that hold something else."""
    import numpy as np

    if series.dtype.kind in "iuf":
        return series.to_numpy(dtype="float64", na_value=np.nan), {}
    numbers = [_number(value) for value in series.astype("object").tolist()]
    bad = {row: number for row, number in enumerate(numbers) if isinstance(number, str)}
    return np.array([np.nan if isinstance(number, str) else number for number in numbers], dtype="float64"), bad


def _number(value: object) -> float | str:
    """A cell as a number, or what is wrong with it."""
    import numpy as np

    if _is_missing(value):
        return float("nan")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, np.timedelta64):
        return float(value / np.timedelta64(1, "ns")) / 1e9
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return float("inf")
    return f'"{told(value)}" is a text, not a number' if isinstance(value, str) else "is no number"
