"""Files of a type that the service does not take, converted first: in a process of their own, with the engine's tools.

Decoders crash, and take their time: a process can be ended. The session itself knows nothing of media.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Final

from nemo_notebook import errors
from nemo_notebook.files import room_bytes
from nemo_notebook.outside import finite, redact
from nemo_notebook.session.backend import engine_installed, start_child

TIMEOUT_S: Final = 1800.0
_BY_HAND: Final = "Convert it to MP4 (H.264), WAV, JPEG or PNG yourself, then upload that."
_LOG_BYTES: Final = 4096


async def converted(
    path: Path, target: str, max_bytes: int | None, folder: Path, on_progress: Callable[[float], None] | None = None
) -> Path:
    """Convert a file into one that the service takes. The work ends at once when this is cancelled.

    Args:
        path: The file.
        target: The type that it is to be, as `media_types.conversion_target` tells.
        max_bytes: Most bytes that the result may have; None for what fits on the disk.
        folder: An empty folder for the result, whose name is the file's with another ending.
        on_progress: Told the fraction done, 0–1.

    Returns:
        The result.

    Raises:
        UnsupportedMedia: It is damaged or not what its name says, or the extra `local` is not installed.
        MediaTooLarge: The result would be over the limit.
        InputError: It took too long, or there is no room for it.
    """
    check_target(path.name, target)
    args = {
        "source": str(path.resolve()),
        "folder": str(folder.resolve()),
        "target": target,
        "max_bytes": room_bytes(folder) if max_bytes is None else max_bytes,
    }
    with tempfile.TemporaryFile() as log:
        process, lines, ended = _start({"id": 0, "op": "convert", "args": args}, log)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await _answer(lines, on_progress)
        except TimeoutError:
            raise errors.InputError(
                f"{path.name} took more than {TIMEOUT_S / 60:.0f} minutes to convert.", hint=_BY_HAND
            ) from None
        finally:
            process.kill()
            await ended.wait()  # until it has let go of its files
        if "error" in answer:
            raise _refusal(path, answer["error"])
        if "result" not in answer:
            raise _failed(path, _last_line(log) or f"its decoder ended (exit {process.returncode})")
    # The name alone: whoever reads a hostile file does not say which file is sent.
    return folder / Path(str(answer["result"]["name"])).name


def check_target(name: str, target: str | None) -> None:
    """Refuse a file that the service does not take and that cannot be converted; None is no type to convert to.

    Raises:
        UnsupportedMedia: It cannot be converted, or not without the extra `local`.
    """
    unusable = f"{name} is not a type of file that can be used."
    if target is None:
        others = "Others, such as flac, ogg, opus, aiff, m4v, mpg, tiff and heic, are converted."
        hint = f"{errors.UnsupportedMedia.hint} {others}"
        raise errors.UnsupportedMedia(unusable, hint=hint if engine_installed() else None)
    if not engine_installed():
        hint = f'{errors.UnsupportedMedia.hint} pip install "nemo-notebook[local]" lets it be converted.'
        raise errors.UnsupportedMedia(unusable, hint=hint)


async def _answer(lines: asyncio.Queue[bytes | None], on_progress: Callable[[float], None] | None) -> Mapping[str, Any]:
    """The last word of the process; empty if it ends without one."""
    while (line := await lines.get()) is not None:
        try:
            said = json.loads(line)
        except ValueError:
            return {}
        if said == {}:
            continue  # it has loaded
        if "progress" not in said:
            return said if isinstance(said, dict) else {}
        if on_progress:
            on_progress(finite(said["progress"]) or 0.0)
    return {}


def _start(
    request: Mapping[str, Any], log: IO[bytes]
) -> tuple[subprocess.Popen[bytes], asyncio.Queue[bytes | None], asyncio.Event]:
    """Start the process; gives it with its output, which a thread brings to the event loop, and what is set at its end.

    `asyncio`'s own subprocesses need a loop that can have them, which the one that IPython sets on Windows cannot. Its
    standard input stays open as long as we live: the process ends when it closes.
    """
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()
    process = start_child("nemo_notebook.engine.worker", log)

    def read() -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            with process:
                with contextlib.suppress(OSError):  # it has ended already, which its output tells
                    process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
                    process.stdin.flush()
                for line in process.stdout:
                    loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, None)
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, daemon=True).start()  # a daemon: an interpreter that ends must not wait for it
    return process, lines, ended


def _refusal(path: Path, described: Mapping[str, Any]) -> errors.NemoError:
    kind = getattr(errors, str(described.get("kind")), None)
    message = redact(str(described.get("message")))
    if isinstance(kind, type) and issubclass(kind, errors.InputError):
        return kind(message, hint=redact(str(described.get("hint") or kind.hint)))
    return _failed(path, message)


def _failed(path: Path, reason: str) -> errors.NemoError:
    return errors.UnsupportedMedia(f"{path.name} could not be converted: {reason}", hint=_BY_HAND)


def _last_line(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_BYTES))
    lines = log.read().decode("utf-8", "replace").strip().splitlines()
    return redact(lines[-1]) if lines else ""
