"""A worker process: runs one operation after another, as told on its standard input.

The protocol is one JSON object a line. In: `{"id", "op", "args"}`. Out, any number of `{"id", "progress"}` (0–1), then
`{"id", "result"}` or `{"id", "error": {"kind", "message", "hint", "code"}}`. The end of the input ends the process at
once, also in the middle of an operation: whoever held the other end is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import traceback
from typing import Any, Final

MEMORY_LIMIT_BYTES: Final = 4 << 30


def main() -> None:
    """Serve until the input ends."""
    # The real standard output is the protocol's; whatever a library prints goes to the log.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    limit_memory()
    tasks: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()

    from nemo_notebook.engine.operations import OPERATIONS

    while True:
        task = tasks.get()
        number = task["id"]

        def tell(done: float, number: int = number) -> None:
            print(json.dumps({"id": number, "progress": round(done, 4)}), file=out)

        try:
            answer = {"id": number, "result": OPERATIONS[task["op"]](task["args"], tell)}
        except Exception as error:  # told to the parent, which raises it again
            answer = {"id": number, "error": describe(error)}
        print(json.dumps(answer), file=out)


def describe(error: Exception) -> dict[str, Any]:
    """An error as JSON; one that users cannot cause is written to the log in full."""
    from nemo_notebook.errors import NemoError

    if isinstance(error, NemoError):
        return {"kind": type(error).__name__, "message": error.message, "hint": error.hint, "code": error.code}
    if isinstance(error, MemoryError):
        return {
            "kind": "InputError",
            "message": "This media needs more memory than it may.",
            "hint": "Use a smaller one.",
        }
    traceback.print_exception(error)
    return {"kind": "EngineError", "message": f"The engine failed inside ({type(error).__name__})."}


def _listen(tasks: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        tasks.put(json.loads(line))
    os._exit(0)


def limit_memory() -> None:
    """Have this process fail rather than take the machine's memory, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows: there is no such limit; time and size limits still hold
        return
    with contextlib.suppress(ValueError, OSError):  # some systems know the limit and do not let it be set
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))


if __name__ == "__main__":
    main()
