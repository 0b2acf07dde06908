"""Wishes about shots and other parts: removed, moved, copied, trimmed → typed edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.model import Situation

TRANSLATIONS: Final[dict[str, Callable[[Any, Json, Situation], Sequence[Edit]]]] = {}
