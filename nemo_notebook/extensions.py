"""Looks, visualizers and moods of other installed packages, which name them in entry points.

The groups are `nemo_notebook.looks`, `nemo_notebook.visualizers` and `nemo_notebook.moods`. The name of an entry point
is that of the look; it stands for a mapping like a row of `_FILTERS` in `render/grading.py`, a function like those in
`STYLES` of `render/visualizers.py`, or a mapping like a section of `music/moods.toml`.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final

GROUPS: Final = ("looks", "visualizers", "moods")


@cache
def extensions(kind: str) -> dict[str, Any]:
    """What other packages add to one of `GROUPS`, by name; what cannot be imported is left out with a warning."""
    found: dict[str, Any] = {}
    for each in sorted(entry_points(group=f"nemo_notebook.{kind}")):
        try:
            found[each.name] = each.load()
        except Exception as error:
            message = f"{each.name} ({each.value}), one of the {kind} of another package, is left out: {error!r}"
            warnings.warn(message, stacklevel=2)
    return found


def extension_versions() -> list[str]:
    """The packages that add something, each with its version."""
    points = [each for kind in GROUPS for each in entry_points(group=f"nemo_notebook.{kind}")]
    return sorted({f"{each.dist.name} {each.dist.version}" for each in points if each.dist})
