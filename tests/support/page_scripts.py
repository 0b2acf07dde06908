"""Functions that tests run in a page: each test's are in the file of JavaScript beside it."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

_FUNCTION = re.compile(r"^export const (\w+) = (.*?);$(?=\n\n|\n?\Z)", re.DOTALL | re.MULTILINE)


def scripts(module: str) -> SimpleNamespace:
    """The sources of the functions that `test_x.js` exports, for the module `test_x.py`."""
    text = Path(module).with_suffix(".js").read_text(encoding="utf-8")
    return SimpleNamespace(**dict(_FUNCTION.findall(text)))
