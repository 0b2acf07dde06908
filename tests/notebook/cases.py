"""Tables of cases, from `cases.toml`: what is typed, and what becomes of it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def cases(name: str) -> pytest.MarkDecorator:
    """Run a test for each row of a table."""
    table = _tables()[name]
    return pytest.mark.parametrize(table["columns"].replace(" ", ","), table["rows"])
