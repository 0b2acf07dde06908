"""Wishes whose fields are those of an edit, in milliseconds and out of bounds as people say them."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, Final, TypeVar

import msgspec

from nemo_notebook.film.edit import Edit

E = TypeVar("E", bound=Edit)
_NAMES: Final = {"length_ms": "duration_s", "arrange": "order"}


def typed(kind: type[E], wish: Any, **own: Any) -> E:
    """Make the edit of a wish: fields of the same names, times in seconds, numbers within the edit's bounds.

    Args:
        kind: The edit.
        wish: A dataclass of `wishes.py`.
        own: Fields of the edit that are not taken from the wish as they are.
    """
    fields = {}
    for field in dataclasses.fields(wish):
        value = getattr(wish, field.name)
        is_time = field.name.endswith("_ms")
        name = _NAMES.get(field.name, f"{field.name[:-3]}_s" if is_time else field.name)
        if name in kind.__struct_fields__ and name not in own and value != field.default:
            fields[name] = _within(kind, name, value / 1000 if is_time and value is not None else value)
    return kind(**fields, **own)


def _within(kind: type[Edit], name: str, value: Any) -> Any:
    low, high = _bounds(kind).get(name, (None, None))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    value = value if low is None else max(low, value)
    return value if high is None else min(value, high)


@cache
def _bounds(kind: type[Edit]) -> dict[str, tuple[float | None, float | None]]:
    """The least and the most of the fields that are numbers."""
    found = {}
    for name, part in msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"].items():
        for option in part.get("anyOf", [part]):
            if option.get("type") in ("number", "integer"):
                found[name] = option.get("minimum"), option.get("maximum")
    return found
