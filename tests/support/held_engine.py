"""An engine in the middle of an export for as long as a test likes: it renders all of a film, but never joins it.

Called as a script with a folder, in which `held` is there once it waits, and `stopped` once it does so no more.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from nemo_notebook.engine.__main__ import main
from nemo_notebook.engine.pool import WorkerPool

_run = WorkerPool.run


async def _held(self: WorkerPool, op: str, *args: Any, **more: Any) -> dict[str, Any]:
    if op != "join_film":
        return await _run(self, op, *args, **more)
    folder = Path(sys.argv[1])
    (folder / "held").touch()
    try:
        await asyncio.Event().wait()
    finally:
        (folder / "stopped").touch()
    raise AssertionError("unreachable")


if __name__ == "__main__":
    WorkerPool.run = _held  # type: ignore[method-assign]
    main()
