"""A worker process: runs one operation after another, as told on its standard input.

The protocol is one JSON object a line. Out, once it has loaded: `{}`. In: `{"id", "op", "args"}`. Out, any number of
`{"id", "progress"}` (0–1), then `{"id", "result"}` or `{"id", "error": {"kind", "message", "hint", "code", "trace"}}`,
with `"is_spent": true` where the process is to be replaced. The end of the input ends the process at once, also in the
middle of an operation: whoever held the other end is gone.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import re
import sys
import threading
import traceback
from typing import Any, Final

from nemo_notebook.engine.limits import impose, limit_process

_FAILED: Final = re.compile(r"out of memory|cannot allocate memory|can't start new thread", re.IGNORECASE)


def main() -> None:
    """Serve until the input ends."""
    # The real standard output is the protocol's; whatever a library prints goes to the log.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    limit_process()
    tasks: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()

    from nemo_notebook.engine.operations import OPERATIONS

    print("{}", file=out)
    while True:
        task = tasks.get()
        number = task["id"]

        def tell(done: float, number: int = number) -> None:
            print(json.dumps({"id": number, "progress": round(done, 4)}), file=out)

        try:
            impose(task["op"])
            answer = {"id": number, "result": OPERATIONS[task["op"]](task["args"], tell)}
        except Exception as error:  # told to the parent, which raises it again
            # After a failed allocation, what is left of the memory would be short for the next operation.
            told = describe(error)
            is_spent = is_out_of_memory(error) or told["kind"] == "EngineError"
            answer = {"id": number, "error": told, "is_spent": is_spent}
        print(json.dumps(answer), file=out)


def describe(error: Exception) -> dict[str, Any]:
    """An error as JSON; one that users cannot cause comes with its traceback, for the log."""
    from nemo_notebook.errors import NemoError

    if is_out_of_memory(error):
        return {
            "kind": "InputError",
            "message": "This media needs more memory than it may.",
            "hint": "Use a smaller one.",
        }
    if isinstance(error, NemoError):
        return {"kind": type(error).__name__, "message": error.message, "hint": error.hint, "code": error.code}
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return {
            "kind": "InputError",
            "message": "What comes of this media is a larger file than it may be.",
            "hint": "Use a shorter or smaller one.",
        }
    message, trace = f"The engine failed inside ({type(error).__name__}).", traceback.format_exception(error)
    return {"kind": "EngineError", "message": message, "trace": "".join(trace)}


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is an allocation that failed, in whatever library's words.

    Python, numpy and PyAV raise kinds of `MemoryError`, the system ENOMEM; Pillow and threads have only words for it.
    """
    while error is not None:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
            return True
        if isinstance(error, (OSError, RuntimeError)) and _FAILED.search(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _listen(tasks: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        tasks.put(json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main()
