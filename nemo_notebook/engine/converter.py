"""A process that converts one file for the session, which may not do it itself: decoders crash.

It reads one line of JSON on its standard input, `{"source", "folder", "target", "max_bytes"}`, and answers with the
lines of a worker process (`worker.py`), without their ids. It ends when it is done, and at once when its standard input
ends: whoever held the other end is gone.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from nemo_notebook.engine.limits import limit_process
from nemo_notebook.engine.worker import describe


def main() -> None:
    """Convert what the first line says."""
    # The real standard output is the protocol's; whatever a library prints goes to the log.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    limit_process()
    task = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def tell(done: float) -> None:
        print(json.dumps({"progress": round(done, 4)}), file=out)

    from nemo_notebook.media.convert import convert

    try:
        path = convert(
            Path(task["source"]), Path(task["folder"]), task["target"], max_bytes=task["max_bytes"], tell=tell
        )
        answer = {"result": {"name": path.name}}
    except Exception as error:  # told to the parent, which raises it again
        answer = {"error": describe(error)}
        sys.stderr.write(answer["error"].get("trace", ""))
    print(json.dumps(answer), file=out)


def _end_with_parent() -> None:
    while os.read(0, 1):  # not by `sys.stdin`: its lock would be held when the process comes to its end
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
