"""Which kernel this is, as far as pages have to know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_CONNECTION_FILE: Final = re.compile(r"kernel-([0-9A-Za-z-]{1,64})\.json")


def kernel_id() -> str:
    """The id by which Jupyter's server knows this kernel; empty if none started it."""
    from ipykernel.connect import get_connection_file
    from IPython.core.getipython import get_ipython

    if getattr(get_ipython(), "kernel", None) is None:  # a terminal's IPython, or none
        return ""
    try:
        found = _CONNECTION_FILE.fullmatch(Path(get_connection_file()).name)
    except RuntimeError:
        return ""
    return found[1] if found else ""
