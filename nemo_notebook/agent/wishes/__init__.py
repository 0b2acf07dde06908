"""What wishes do: for each frame a function of its name, in the module of its domain."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any

from nemo_notebook.agent.match import Match


def read_as(name: str, match: Match) -> Iterable[Any]:
    """Read a clause as a wish, by the module and the function that do it, such as `titles.remove`."""
    module, _, function = name.partition(".")
    wish: Callable[[Match], Iterable[Any]] = getattr(importlib.import_module(f"{__name__}.{module}"), function)
    return wish(match)
