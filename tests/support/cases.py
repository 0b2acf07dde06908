"""Cases of tests in a file beside their module: `test_x.toml` has a table for each test marked with `cases`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest


def with_tuples(value: Any) -> Any:
    """A value of TOML with tuples for lists of plain values, and None for "None", as TOML has no null."""
    if isinstance(value, dict):
        return {key: with_tuples(each) for key, each in value.items()}
    if not isinstance(value, list):
        return None if value == "None" else value
    is_plain = not any(isinstance(each, (list, dict)) for each in value)
    return tuple(map(with_tuples, value)) if is_plain else [with_tuples(each) for each in value]


@cache
def tables(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def cases(test: Callable[..., None]) -> Any:
    """Run a test with each row of its table; its key `names` says which parameters the columns are."""
    table = tables(Path(test.__code__.co_filename).with_suffix(".toml"))[test.__name__]
    rows = [list(map(with_tuples, row)) if "," in table["names"] else with_tuples(row[0]) for row in table["rows"]]
    return pytest.mark.parametrize(table["names"], rows)(test)
