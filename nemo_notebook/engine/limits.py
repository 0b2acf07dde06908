"""What each operation of a worker process may take: time, memory, and the size of what it writes.

Time is a matter of the pool, which kills; the rest the system holds a worker to, where it can (`resource`, POSIX). A
limit on the processor's time ends also a worker that nobody is left to kill.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MEMORY_LIMIT_BYTES: Final = 4 << 30  # of any process that touches media

_MB: Final = 1 << 20
_GB: Final = 1 << 30
_DESCRIPTORS: Final = 4096
_MOST_CONNECTIONS: Final = 1000
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
_ANALYSIS: Final = Limit(wall_s=600, cpu_s=900, memory_bytes=2 * _GB, file_bytes=_GB)
_LOOK: Final = Limit(wall_s=5, cpu_s=5, memory_bytes=3 * _GB // 2)  # others wait for it; what is sound takes a second
_RENDER: Final = Limit(wall_s=900, cpu_s=3600, memory_bytes=3 * _GB, file_bytes=16 * _GB)
LIMITS: Final[Mapping[str, Limit]] = {
    "probe": _LOOK,
    "thumbnail": _LOOK,
    "missing_characters": Limit(wall_s=60, cpu_s=60, memory_bytes=_GB),
    "mix_sound": _RENDER,
    "render_shot": _RENDER,
    "join_film": _RENDER,
    "write_track": _RENDER,
    "write_sound": _RENDER,
    "write_animation": _RENDER,
    "save_still": _RENDER,
    "write_score": _RENDER,
    "drop_damaged": _RENDER,
}


def limit_of(op: str) -> Limit:
    """The limits of an operation; one that is not named above analyses."""
    return LIMITS.get(op, _ANALYSIS)


def impose(op: str) -> None:
    """Hold this process to the limits of the operation that it is about to run."""
    try:
        import resource
    except ImportError:  # Windows: there are no such limits; those on time and on pixels still hold
        return
    limit, used = limit_of(op), resource.getrusage(resource.RUSAGE_SELF)
    spent_s = int(used.ru_utime + used.ru_stime)
    _set(resource.RLIMIT_AS, limit.memory_bytes)
    _set(resource.RLIMIT_FSIZE, limit.file_bytes)
    _set(resource.RLIMIT_CPU, spent_s + 1 + limit.cpu_s)


def limit_process() -> None:
    """Have this process fail rather than take the machine's memory, or leave an image of it, where that can be done."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):  # some systems know a limit and do not let it be set
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))


def raise_descriptors() -> None:
    """Let this process have more files and connections open than some systems grant at first (macOS: 256)."""
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """How many connections a server may have: each may need another descriptor, and half of all are for the rest."""
    try:
        import resource
    except ImportError:
        return _MOST_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(_MOST_CONNECTIONS, soft // 4))


def _set(kind: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, hard))


def was_cpu(returncode: int | None) -> bool:
    """Whether a process ended because it computed for too long."""
    import signal

    return os.name == "posix" and returncode == -signal.SIGXCPU
