"""Worker processes and the queue before them.

Whatever touches media runs in one: a crash ends one operation, a limit on time is a kill, and so is a cancel.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from nemo_notebook import errors

OnProgress = Callable[[float], None]
TIMEOUT_S: Final = 900.0
_LINE_LIMIT_BYTES: Final = 64 << 20


class WorkerPool:
    """Runs operations in at most `size` processes, which are started when they are needed and kept.

    Args:
        size: How many operations run side by side.
        low_priority: Whether the processes yield to others, such as the user's own and the engine's quick ones.
    """

    def __init__(self, size: int, *, low_priority: bool = False) -> None:
        self._slots = asyncio.Semaphore(size)
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._low_priority = low_priority
        self.size = size

    async def run(
        self, op: str, args: Mapping[str, Any], on_progress: OnProgress | None = None, timeout_s: float = TIMEOUT_S
    ) -> dict[str, Any]:
        """Run one operation and give its result; it waits for its turn first.

        Raises:
            NemoError: The operation failed with it.
            EngineError: Its process ended, or it took longer than it may.
        """
        async with self._slots:
            worker = await self._free()
            try:
                async with asyncio.timeout(timeout_s):
                    result = await worker.run(op, args, on_progress)
            except TimeoutError:
                await self._drop(worker)
                raise errors.EngineError(
                    f"The engine gave up on a step ({op}) after {timeout_s:.0f} s.",
                    hint="Try shorter or smaller media.",
                ) from None
            except (asyncio.CancelledError, errors.EngineError):
                await self._drop(worker)
                raise
            except errors.NemoError:
                self._idle.append(worker)
                raise
            self._idle.append(worker)
            return result

    async def warm(self) -> None:
        """Start one process ahead of need, so that the first operation need not wait for its imports."""
        async with self._slots:
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


class _Worker:
    """One process."""

    _numbers = itertools.count(1)

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, *, low_priority: bool) -> _Worker:
        """Start a process; it is ready when it answers its first operation."""
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

    async def run(self, op: str, args: Mapping[str, Any], on_progress: OnProgress | None) -> dict[str, Any]:
        """Run one operation; see `worker.py` for what goes to and fro."""
        number = next(self._numbers)
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps({"id": number, "op": op, "args": args}).encode("utf-8") + b"\n")
            await stdin.drain()
            while line := await stdout.readline():
                answer = json.loads(line)
                if "result" in answer:
                    result = answer["result"]
                    assert isinstance(result, dict)
                    return result
                if "error" in answer:
                    raise _error(answer["error"])
                if on_progress:
                    on_progress(answer["progress"])
        except (OSError, ValueError) as error:
            raise errors.EngineError(f"The engine lost a worker process during {op}.") from error
        code = await self._process.wait()
        raise errors.EngineError(
            f"A worker process ended in the middle of {op} (exit {code}).",
            hint="The media may be damaged; try another.",
        )

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()


def _error(described: Mapping[str, Any]) -> errors.NemoError:
    kind = getattr(errors, str(described["kind"]), errors.EngineError)
    if not (isinstance(kind, type) and issubclass(kind, errors.NemoError)) or kind is errors.MissingExtra:
        kind = errors.EngineError
    return kind(described["message"], hint=described.get("hint"), code=described.get("code"))
