"""A worker process: runs one operation after another, as told on its standard input.

Operations are plain functions of JSON values and file paths. Each takes its arguments and a function that it tells its
progress (0–1), and gives a JSON object.

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
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from nemo_notebook.engine.pool import impose_limits, limit_process
from nemo_notebook.errors import InputError, NemoError
from nemo_notebook.media import analysis, probe, scenes, thumbnails
from nemo_notebook.media.convert import convert
from nemo_notebook.render import operations as render, typography
from nemo_notebook.render.cache import whole_file

Tell = Callable[[float], None]
Operation = Callable[[Mapping[str, Any], Tell], dict[str, Any]]
_FAILED: Final = re.compile(r"out of memory|cannot allocate memory|can't start new thread", re.IGNORECASE)


def main() -> None:
    """Serve until the input ends."""
    # The real standard output is the protocol's; whatever a library prints goes to the log.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    limit_process()
    tasks: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_read_tasks, args=(tasks,), daemon=True).start()

    print("{}", file=out)
    while True:
        task = tasks.get()
        number = task["id"]

        def tell(done: float, number: int = number) -> None:
            print(json.dumps({"id": number, "progress": round(done, 4)}), file=out)

        try:
            impose_limits(task["op"])
            answer = {"id": number, "result": HANDLERS[task["op"]](task["args"], tell)}
        except Exception as error:  # told to the parent, which raises it again
            # After a failed allocation, what is left of the memory would be short for the next operation.
            told = describe_error(error)
            is_spent = is_out_of_memory(error) or told["kind"] == "EngineError"
            answer = {"id": number, "error": told, "is_spent": is_spent}
        print(json.dumps(answer), file=out)


def describe_error(error: Exception) -> dict[str, Any]:
    """An error as JSON; one that users cannot cause comes with its traceback, for the log."""
    if is_out_of_memory(error):
        error = InputError("This media needs more memory than it may.", hint="Use a smaller one.")
    elif isinstance(error, OSError) and error.errno == errno.EFBIG:
        error = InputError(
            "What comes of this media is a larger file than it may be.", hint="Use a shorter or smaller one."
        )
    if isinstance(error, NemoError):
        return {"kind": type(error).__name__, "message": error.message, "hint": error.hint, "code": error.code}
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


def _read_tasks(tasks: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        tasks.put(json.loads(line))
    os._exit(0)


def _probe(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    return probe.probe(Path(args["path"]), args["filename"]).to_json()


def _analyse_sound(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    return analysis.listen(Path(args["path"]), args["filename"])


def _analyse_video(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    """Watches a video and listens to its sound."""
    path, filename = Path(args["path"]), args["filename"]
    return {**scenes.watch(path, filename).to_json(), **analysis.hear_video(path, filename)}


def _look_at_picture(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    """Finds where in a picture the eye goes."""
    place = thumbnails.look_at(Path(args["path"]), args["filename"])
    return {"focus": [list(place)] if place else []}


def _thumbnail(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    """Writes a thumbnail to `target`: an empty file where there is no picture."""
    picture = thumbnails.thumbnail(Path(args["path"]), args["filename"])
    with whole_file(Path(args["target"])) as part:
        part.write_bytes(picture)
    return {"bytes": len(picture)}


def _missing_characters(args: Mapping[str, Any], _: Tell) -> dict[str, Any]:
    return {"missing": typography.missing_characters(args["text"])}


def _convert(args: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    source, folder = Path(args["source"]), Path(args["folder"])
    path = convert(source, folder, args["target"], max_bytes=args["max_bytes"], tell=tell)
    return {"name": path.name}


HANDLERS: Final[Mapping[str, Operation]] = {
    "probe": _probe,
    "listen": _analyse_sound,
    "watch": _analyse_video,
    "look": _look_at_picture,
    "thumbnail": _thumbnail,
    "missing_characters": _missing_characters,
    "convert": _convert,
    **render.OPERATIONS,
}


if __name__ == "__main__":
    main()
