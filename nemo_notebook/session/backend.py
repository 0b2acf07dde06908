"""Which backend a session runs on, and the local engine's process.

This is the one place that starts the engine; nothing imports it.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import importlib.util
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from nemo_notebook import errors, settings
from nemo_notebook.client.api import BackendPlace
from nemo_notebook.client.hook import Hook
from nemo_notebook.client.transport import is_loopback
from nemo_notebook.files import DATABASE_BYTES, disk_full, is_full, make_folder, owner
from nemo_notebook.outside import Secret, redact

_NEEDED: Final = ("av", "numpy", "PIL", "starlette", "uvicorn", "python_multipart")
_LAST_BREATH_S: Final = 0.5  # its connections end a little before the process is seen to


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a session runs.

    Attributes:
        url: Base URL of the service.
        is_local: Whether it is the engine on this machine, which media do not leave.
        token: The bearer token, if it is known from the start.
    """

    url: str
    is_local: bool
    token: Secret | None = field(default=None, repr=False)


def choose_place(name: str = "auto") -> str:
    """Resolve `auto` to `local` or `cloud`, and check every other name. Nothing is started or contacted.

    `auto` is the cloud if the environment points there, else the local engine if it is installed, else the cloud.

    Raises:
        MissingExtra: The local engine is asked for and not installed.
        UsageError: There is no backend of that name.
    """
    if name == "auto":
        name = "local" if engine_installed() and not settings.wants_cloud() else "cloud"
    if name == "local" and not engine_installed():
        raise errors.MissingExtra("local", "The local engine")
    if name in ("local", "cloud"):
        return name
    if not name.lower().startswith(("http://", "https://")):
        raise errors.UsageError(f"There is no backend {name!r}.", hint="Backends: auto, local, cloud, or a URL.")
    parts = urlsplit(name)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise errors.UsageError(
            "The address of a backend holds no password and no query.", hint="Put a token into NEMO_TOKEN."
        )
    if name.lower().startswith("http://") and not is_loopback(name):
        raise errors.UsageError("A backend elsewhere needs https.", hint="Write https:// instead of http://.")
    return name.rstrip("/")


def choose(name: str = "auto") -> Backend:
    """The backend of a name: `auto`, `local`, `cloud`, or a URL. Blocks while it starts the local engine.

    Raises:
        MissingExtra: The local engine is asked for and not installed.
        EngineError: The local engine did not start.
        UsageError: None of these names.
    """
    place = choose_place(name)
    if place == "local":
        return _engine()
    url = settings.api_url() if place == "cloud" else place
    # The user's own token goes to the service that it is for, and nowhere else.
    return Backend(url, is_local=False, token=settings.token() if url == settings.api_url() else None)


def of_hook(hook: Hook | None) -> Backend | None:
    """What stands for the backend while a tape is played; nothing is started for it."""
    if hook is None or hook.is_recording:
        return None
    return Backend(hook.url, is_local=hook.is_local)


async def successor(url: str) -> BackendPlace | None:
    """Where the local engine is, started anew if need be, after the one at that address has ended; None if it runs.

    Raises:
        EngineError: It did not start.
    """
    return await asyncio.to_thread(_succeed, url)


def _succeed(url: str) -> BackendPlace | None:
    for engine in list(_engines.values()):
        if engine.url == url and not engine.has_ended(_LAST_BREATH_S):
            return None
    backend = _engine()
    return BackendPlace(backend.url, backend.token)


def engine_installed() -> bool:
    """Whether the extra `local` is there; nothing is imported to find out."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


class EngineProcess:
    """The local engine: a child process that ends with this one.

    Its standard input is a pipe that only we hold: when we end, in whatever way, the pipe closes, and the engine ends.
    """

    def __init__(self, home: Path) -> None:
        self.token = Secret(f"nmv_usr_{secrets.token_urlsafe(32)}")
        self.home = home
        self._log_path = home / "engine.log"
        try:
            make_folder(home)
            self._log_path.touch()
        except OSError as error:
            if is_full(error):
                raise disk_full("the local engine", home, DATABASE_BYTES) from error
            raise errors.EngineError(
                f"The local engine has no place to keep things: {home} cannot be written.",
                hint="Set NEMO_HOME to a folder that can.",
            ) from error
        with self._log_path.open("ab") as log:
            self._log_from = log.tell()
            self.process = start_child("nemo_notebook.engine", log)
        port = self._greet().get("port")
        self.url = f"http://127.0.0.1:{port}"
        atexit.register(self.stop)

    def _greet(self) -> Mapping[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        watchdog = threading.Timer(settings.ENGINE_START_TIMEOUT_S, self.process.kill)
        watchdog.start()
        try:
            self.process.stdin.write(
                json.dumps({"token": self.token.reveal(), "home": str(self.home)}).encode("utf-8") + b"\n"
            )
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            assert isinstance(answer, dict)
            if "port" not in answer:
                raise errors.EngineError(str(answer.get("error")), hint=str(answer.get("hint") or ""))
        except (OSError, ValueError, AssertionError) as error:
            was_late = not watchdog.is_alive()
            self._end_pipes()
            code = None if was_late else self._code_at_its_end()
            raise errors.EngineError(
                f"The local engine did not start: {self._last_words(code)}.",
                hint=f"Run `%nemo connect` again; details are in {self._log_path}.",
            ) from error
        finally:
            watchdog.cancel()
        return answer

    def _code_at_its_end(self) -> int | None:
        """The exit code of a process that has ended; None for one that hangs, which is ended now."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(_LAST_BREATH_S)
        self.process.kill()
        self.process.wait()
        return None

    def _last_words(self, code: int | None) -> str:
        """Why it ended, in a few words; of a traceback its last line."""
        if code is None:
            return f"it did not answer within {settings.ENGINE_START_TIMEOUT_S:.0f} s"
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            return f"it was ended from outside ({name})"
        with self._log_path.open("rb") as log:
            log.seek(self._log_from)
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
        return redact(lines[-1], 200).rstrip(".") if lines else f"it ended without a word (exit {code})"

    def has_ended(self, wait_s: float = 0.0) -> bool:
        """Whether the process has ended, or ends within so many seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(wait_s)
        return self.process.returncode is not None

    def _end_pipes(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def stop(self) -> None:
        """End it, gently at first."""
        atexit.unregister(self.stop)
        self._end_pipes()
        try:
            self.process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def environment() -> dict[str, str]:
    """Our own without the user's token and key, and with this package's place in the path.

    Children are started with `-P`, which keeps the working directory's modules out.
    """
    place = str(Path(__file__).resolve().parents[2])
    ours = {name: value for name, value in os.environ.items() if name not in ("NEMO_TOKEN", "NEMO_MODEL_KEY")}
    return {**ours, "PYTHONPATH": os.pathsep.join(filter(None, (place, os.environ.get("PYTHONPATH"))))}


def start_child(module: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Run a module of this package in a child process that talks by its standard streams.

    Args:
        module: Its dotted name.
        log: Receives standard error.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        # A session of its own: the interrupt of a cell goes to the kernel's whole process group.
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


_engines: dict[Path, EngineProcess] = {}
_engines_lock = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_engines.clear)  # the parent's engine is not the child's to end


def _engine() -> Backend:
    home = settings.home().resolve() / "engine"
    with contextlib.suppress(OSError):  # told below
        owner()
    with _engines_lock:
        engine = _engines.get(home)
        if engine is None or engine.has_ended():
            engine = _engines[home] = EngineProcess(home)
    return Backend(engine.url, is_local=True, token=engine.token)
