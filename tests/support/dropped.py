"""Files that are dropped onto a page, with what browsers tell of them."""

from __future__ import annotations

import base64
import mimetypes
from pathlib import Path
from typing import Any, Final

DROP: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def dropped(path: Path) -> dict[str, Any]:
    """A file of this machine, as `DROP` takes it."""
    kind = mimetypes.guess_type(path.name)[0] or ""
    return {"name": path.name, "type": kind, "base64": base64.b64encode(path.read_bytes()).decode("ascii")}
