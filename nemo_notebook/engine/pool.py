"""Worker processes, behind a queue that is fair to users, and the limits of what they do.

Whatever touches media runs in a worker: a crash ends one operation, a timeout is a kill, and so is a cancel. Memory,
computing time and the size of files are limited by the system (`resource`, POSIX), which also ends a worker whose
engine is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import signal
import subprocess
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from nemo_notebook import errors

try:
    import resource
except ImportError:  # Windows has no such limits; those on time and on pixels still hold
    resource = None  # type: ignore[assignment]

MEMORY_LIMIT_BYTES: Final = 4 << 30  # of any process that touches media

_MB: Final = 1 << 20
_GB: Final = 1 << 30
_LOG_BYTES: Final = 64 * _MB  # an operation that writes nothing may still have something to tell the log


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits of one kind of operation.

    Attributes:
        wall_s: Seconds that pass.
        cpu_s: Seconds of computing, of all threads together.
        memory_bytes: Address space, libraries (0.2 GB) included.
        file_bytes: The largest file.
    """

    wall_s: float
    cpu_s: int
    memory_bytes: int
    file_bytes: int = _LOG_BYTES


# Measured, address space: probing a clip of 2160p 0.7 GB, of 4320p 1.2 GB; listening to a song 0.25 GB and 20 MB a
# minute; a shot of 2160p out of 2160p 0.9 GB, out of 4320p 1.6 GB.
_RENDER: Final = Limit(wall_s=900, cpu_s=3600, memory_bytes=3 * _GB, file_bytes=16 * _GB)
_LOOK: Final = Limit(wall_s=5, cpu_s=5, memory_bytes=3 * _GB // 2)  # others wait for it; what is sound takes a second
_ANALYSIS: Final = Limit(wall_s=600, cpu_s=900, memory_bytes=2 * _GB, file_bytes=_GB)
LIMITS: Final[Mapping[str, Limit]] = {
    "probe": _LOOK,
    "thumbnail": _LOOK,
    "missing_characters": Limit(wall_s=60, cpu_s=60, memory_bytes=_GB),
    "listen": _ANALYSIS,
    "watch": _ANALYSIS,
    "look": _LOOK,
    "convert": Limit(wall_s=1800, cpu_s=7200, memory_bytes=MEMORY_LIMIT_BYTES, file_bytes=64 * _GB),
}


def limit_of(op: str) -> Limit:
    """The limits of an operation; one that is not named above renders."""
    return LIMITS.get(op, _RENDER)


def impose_limits(op: str) -> None:
    """Hold this process to the limits of the operation that it is about to run."""
    if resource is None:
        return
    limit, used = limit_of(op), resource.getrusage(resource.RUSAGE_SELF)
    values = {
        resource.RLIMIT_AS: limit.memory_bytes,
        resource.RLIMIT_FSIZE: limit.file_bytes,
        resource.RLIMIT_CPU: int(used.ru_utime + used.ru_stime) + 1 + limit.cpu_s,
    }
    for kind, value in values.items():
        _, hard = resource.getrlimit(kind)
        with contextlib.suppress(ValueError, OSError):  # some systems know a limit and do not let it be set
            resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def limit_process() -> None:
    """Have this process fail rather than take the machine's memory, or leave an image of it, where that can be done."""
    if resource is None:
        return
    for kind, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, MEMORY_LIMIT_BYTES)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


class FairQueue:
    """At most `size` at a time, and `spare` more of users who have none; those who wait take turns by user.

    Args:
        size: How many may go at once.
        spare: How many more, each the only one of its user.
    """

    def __init__(self, size: int, spare: int = 0) -> None:
        self._size, self._spare = size, spare
        self._going: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Wait for a turn, and give it back at the end."""
        await self._take(who)
        try:
            yield
        finally:
            self._give_back(who)

    def _may_go(self, who: str) -> bool:
        return self._going.total() < self._size + (0 if self._going[who] else self._spare)

    async def _take(self, who: str) -> None:
        if self._may_go(who):
            self._going[who] += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(who)  # it came at the same moment
            raise

    def _give_back(self, who: str) -> None:
        self._going[who] -= 1
        self._going += Counter()  # forgets those who have none
        while (other := next(filter(self._may_go, self._waiting), None)) is not None:
            lane = self._waiting.pop(other)
            turn = lane.popleft()
            if lane:
                self._waiting[other] = lane  # behind the others
            if not turn.done():
                self._going[other] += 1
                turn.set_result(None)


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait until they have ended."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


OnProgress = Callable[[float], None]
_log: Final = logging.getLogger(__name__)
_LINE_LIMIT_BYTES: Final = 64 << 20
_END_S: Final = 5.0  # for a process whose pipe is closed
_START_S: Final = 60.0  # for its imports, on a machine that is busy
_KILLED: Final = frozenset({-9, -15})  # SIGKILL and SIGTERM: what a crash never is


class WorkerPool:
    """Runs operations in processes, which are started when they are needed and kept.

    Args:
        size: How many operations run side by side.
        spare: How many more may, each of a user of whom none runs: nobody waits for what takes another user long.
        low_priority: Whether the processes yield to others, such as the user's own and the engine's quick ones.
    """

    def __init__(self, size: int, *, spare: int = 0, low_priority: bool = False) -> None:
        self._queue = FairQueue(size, spare)
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._low_priority = low_priority
        self.size = size

    async def run(
        self, op: str, args: Mapping[str, Any], on_progress: OnProgress | None = None, who: str = ""
    ) -> dict[str, Any]:
        """Run one operation and give its result; it waits for its turn first.

        Args:
            op: Its name in `HANDLERS`.
            args: What it takes.
            on_progress: Told the fraction done.
            who: For whom; those who wait take turns.

        Raises:
            NemoError: The operation failed with it.
            EngineError: Its process ended, or it took longer than it may.
        """
        async with self._queue.turn(who):
            try:
                return await self._run(op, args, on_progress)
            except _Killed:  # a crash would come again; this was the system, short of memory, or somebody else
                return await self._run(op, args, on_progress)

    async def _run(self, op: str, args: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
        worker, timeout_s = await self._free(), limit_of(op).wall_s
        try:
            await worker.loaded()
            async with asyncio.timeout(timeout_s):
                return await worker.run(op, args, on_progress)
        except TimeoutError:
            raise _too_long(op, args, f"{timeout_s:.0f} s") from None
        finally:
            if worker.is_ready and len(self._idle) < self.size:
                self._idle.append(worker)
            else:
                await self._drop(worker)

    async def warm(self) -> None:
        """Start one process ahead of need, so that the first operation need not wait for its imports."""
        async with self._queue.turn(""):
            if not self._idle:
                self._idle.append(await self._start())

    async def close(self) -> None:
        """End all processes."""
        for worker in list(self._all):
            await self._drop(worker)

    async def _free(self) -> _Worker:
        """An idle process that still lives, else a new one."""
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            await self._drop(worker)
        return await self._start()

    async def _start(self) -> _Worker:
        worker = await _Worker.start(low_priority=self._low_priority)
        self._all.add(worker)
        return worker

    async def _drop(self, worker: _Worker) -> None:
        self._all.discard(worker)
        await worker.kill()


class _Killed(errors.EngineError):
    """A worker process was ended from outside."""


class _Worker:
    """One process."""

    _numbers = itertools.count(1)

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._has_loaded = self._is_busy = False

    @classmethod
    async def start(cls, *, low_priority: bool) -> _Worker:
        """Start a process; it takes operations at once, and begins with them when it has loaded."""
        # One thread for each library: the pool is what spreads work over the cores.
        env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "nemo_notebook.engine.worker",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            limit=_LINE_LIMIT_BYTES,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        if low_priority and hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, 5)
        return cls(process)

    async def loaded(self) -> None:
        """Wait until it has loaded, so that its imports do not count as time of an operation."""
        assert self._process.stdout is not None
        if not self._has_loaded:
            self._is_busy = True
            try:
                async with asyncio.timeout(_START_S):
                    await self._process.stdout.readline()
            except TimeoutError:
                raise errors.EngineError(f"A worker process did not start within {_START_S:.0f} s.") from None
            self._has_loaded, self._is_busy = True, False

    async def run(self, op: str, args: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
        """Run one operation; see `worker.py` for what goes to and fro."""
        number, self._is_busy = next(self._numbers), True
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps({"id": number, "op": op, "args": args}).encode("utf-8") + b"\n")
            await stdin.drain()
            while line := await stdout.readline():
                answer = json.loads(line)
                self._is_busy = answer.get("is_spent", "progress" in answer)
                if "result" in answer:
                    result = answer["result"]
                    assert isinstance(result, dict)
                    return result
                if "error" in answer:
                    if "trace" in answer["error"]:
                        _log.error("%s failed inside:\n%s", op, answer["error"]["trace"])
                    raise _error(answer["error"])
                if on_progress:
                    on_progress(answer["progress"])
        except ValueError as error:
            raise errors.EngineError(f"The engine lost a worker process during {op}.") from error
        except OSError:  # it ended before it had read all; to kill it at this moment can lose its exit code
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _END_S)
            await self.kill()
        code = await self._process.wait()
        if os.name == "posix" and code == -signal.SIGXCPU:
            raise _too_long(op, args, f"{limit_of(op).cpu_s} s of computing")
        if code in _KILLED:
            raise _Killed(
                f"A worker process was ended in the middle of {op}.",
                hint="The machine may be short of memory: close something, then try again.",
            )
        raise errors.EngineError(
            f"A worker process ended in the middle of {op} (exit {code}).",
            hint="The media may be damaged; try another.",
        )

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    @property
    def is_ready(self) -> bool:
        """Whether it can take another operation: not one that was left in the middle of one, or is to be replaced."""
        return self.is_alive and not self._is_busy

    async def kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()


def _too_long(op: str, args: Mapping[str, Any], spent: str) -> errors.NemoError:
    """What to tell of an operation that was ended; one that names a file is about reading it."""
    if name := args.get("filename"):
        return errors.UnsupportedMedia(
            f"{name} takes too long to read: it is not done after {spent}.",
            hint="Save it anew, shorter or simpler, then upload that.",
        )
    return errors.EngineError(
        f"The engine gave up on a step ({op}) after {spent}.", hint="Try shorter or smaller media."
    )


def _error(described: Mapping[str, Any]) -> errors.NemoError:
    kind = getattr(errors, str(described["kind"]), errors.EngineError)
    if not (isinstance(kind, type) and issubclass(kind, errors.NemoError)) or kind is errors.MissingExtra:
        kind = errors.EngineError
    return kind(described["message"], hint=described.get("hint"), code=described.get("code"))
