"""Music videos from a Jupyter cell.

`%load_ext nemo_notebook` brings the `%nemo` magic; `nemo_notebook.connect()` does the same from Python. Nothing heavy
is imported and nothing is contacted until it is used.
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Any

__version__ = "0.1.0"

_STUB = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_HOME = {
    each.name: statement.module
    for statement in _STUB.body
    if isinstance(statement, ast.ImportFrom) and statement.module != "typing"
    for each in statement.names
}
"""Public names and their modules, as the stub lists them for type checkers."""

__all__ = sorted(["__version__", *_HOME])  # noqa: PLE0605 - one table


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext nemo_notebook` calls."""
    from nemo_notebook.notebook.extension import load_magics

    load_magics(shell)


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext nemo_notebook` calls: takes back what loading brought, and nothing else."""
    from nemo_notebook.notebook.extension import unload_magics

    unload_magics(shell)
