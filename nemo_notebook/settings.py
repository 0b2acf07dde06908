"""The environment, the defaults and the limits, each with its unit.

Read afresh on every call, so that a variable set in a notebook counts from the next command on.
"""

from __future__ import annotations

import contextlib
import ipaddress
import math
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from nemo_notebook.errors import UsageError
from nemo_notebook.outside import Secret

API_URL = "https://mega-api-prod.nemovideo.ai"
WEB_URL = "https://nemovideo.com"

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0
STREAM_IDLE_TIMEOUT_S = 600.0  # heartbeats may be missing for minutes; ten minutes of nothing else is a timeout
ENGINE_START_TIMEOUT_S = 60.0
EXPORT_TIMEOUT_S = 3600.0
RETRY_AFTER_MAX_S = 120.0  # longer than this nobody waits before a cell; the error says how long
MAX_ANSWER_BYTES = 64 << 20  # of an ordinary answer, after decompression
MAX_TURN_BYTES = 256 << 20  # of all events of one turn, after decompression
MAX_FILE_BYTES = 32 << 30  # of a download whose length is not told
SLOWEST_TRANSFER_BYTES_PER_S = 16 << 10  # what a transfer's deadline is reckoned with
TRANSFER_CHUNK_BYTES = 1 << 20

FRAME_RATE = 30

MOST_WORKERS = 64  # of the local engine

MODEL_PLACES: Final = {
    "ollama": "http://localhost:11434/v1",
    "lmstudio": "http://localhost:1234/v1",
    "llamacpp": "http://localhost:8080/v1",
}
"""Where well-known programs answer that run language models on this machine."""
_MODEL_HEADERS: Final = ("X-Model-Url", "X-Model-Name", "X-Model-Key")

_CGROUPS: Final = Path("/sys/fs/cgroup")
_OWN_CGROUPS: Final = Path("/proc/self/cgroup")
_UNIFIED: Final = ""  # the controllers of a group of version 2, as that file has them


@dataclass(frozen=True, slots=True)
class ModelAddress:
    """Where a language model is.

    Attributes:
        url: The base address, such as `http://localhost:11434/v1`.
        name: Which model; empty for the first that the service lists.
        key: What the service asks for, if it asks for one.
    """

    url: str
    name: str = ""
    key: Secret | None = field(default=None, repr=False)

    def __str__(self) -> str:
        host = urlsplit(self.url).netloc
        return f"{self.name} at {host}" if self.name else f"the model at {host}"

    def headers(self) -> dict[str, str | Secret]:
        """The headers by which a turn of chat tells the local engine of it."""
        values = (self.url, quote(self.name), self.key)
        return {name: value for name, value in zip(_MODEL_HEADERS, values, strict=True) if value}

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> ModelAddress | None:
        """What `headers` has written; None where it says nothing."""
        url, name, key = (headers.get(each, "") for each in _MODEL_HEADERS)
        return cls(url, unquote(name), Secret(key) if key else None) if url else None


def model(url: str = "", name: str = "") -> ModelAddress | None:
    """The language model behind the chat; None without one.

    `NEMO_MODEL_KEY` goes to the address in `NEMO_MODEL_URL`, and to no other.

    Args:
        url: Its address, one of `MODEL_PLACES`, or `none`; else `NEMO_MODEL_URL` counts.
        name: Which model; else `NEMO_MODEL` counts.

    Raises:
        UsageError: It is no address of a model, or words would travel there unencrypted through the internet.
    """
    own = os.environ.get("NEMO_MODEL_URL", "").strip()
    url = url or own
    if url in ("", "none"):
        return None
    base = _model_base(url)
    key = _secret("NEMO_MODEL_KEY", "a key") if own and base == _model_base(own) else None
    return ModelAddress(base, name or os.environ.get("NEMO_MODEL", "").strip(), key)


def _model_base(url: str) -> str:
    """An address of a model in full."""
    url = MODEL_PLACES.get(url, url).rstrip("/")
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and re.fullmatch(r"[!-~]+", url)
    except ValueError:
        is_address = False
    if not is_address or parts.username or parts.query or parts.fragment:
        places = ", ".join(MODEL_PLACES)
        raise UsageError(
            "This is no address of a language model.",
            hint=f"Write {places}, or one such as {MODEL_PLACES['ollama']}. A key goes into NEMO_MODEL_KEY.",
        )
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        raise UsageError("A language model elsewhere needs https.", hint="Write https:// instead of http://.")
    return url if parts.path.strip("/") else f"{url}/v1"


def _is_near(host: str) -> bool:
    """Whether a host is this machine, or one of the same local network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost"))


def _number(name: str, default: float) -> float:
    try:
        return max(0.0, float(os.environ[name]))
    except (KeyError, ValueError):
        return default


def api_url() -> str:
    """Base URL of the cloud service, without a trailing slash (`NEMO_API_URL`)."""
    return (os.environ.get("NEMO_API_URL") or API_URL).rstrip("/")


def web_url() -> str:
    """Base URL of the service's web pages (`NEMO_WEB_URL`)."""
    return (os.environ.get("NEMO_WEB_URL") or WEB_URL).rstrip("/")


def token() -> Secret | None:
    """The user's own token (`NEMO_TOKEN`), if there is one.

    Raises:
        UsageError: It holds what no token can, such as a space; the token itself is not shown.
    """
    return _secret("NEMO_TOKEN", "a token")


def _secret(name: str, what: str) -> Secret | None:
    own = Secret(os.environ.get(name, "").strip())
    if not re.fullmatch(r"[\x21-\x7e]*", own.reveal()):
        raise UsageError(f"{name} is not {what}.", hint="Copy it again, without spaces or line ends.")
    return own if own.reveal() else None


def wants_cloud() -> bool:
    """Whether the environment points at a cloud backend: then `--backend auto` means it."""
    return bool(token() or os.environ.get("NEMO_API_URL"))


def poll_s() -> float:
    """First wait between two polls of a render; later ones back off (`NEMO_POLL_SECONDS`)."""
    return _number("NEMO_POLL_SECONDS", 0.5)


def retry_s() -> float:
    """Wait after a 429 that does not say how long (`NEMO_RETRY_SECONDS`)."""
    return _number("NEMO_RETRY_SECONDS", 30.0)


def backoff_s() -> float:
    """First wait before a read is repeated; it doubles with each (0.5 s, or `NEMO_RETRY_SECONDS` if that is less)."""
    return min(0.5, retry_s())


def recover_s() -> float:
    """Wait before the state is read after a broken stream (`NEMO_RECOVER_SECONDS`)."""
    return _number("NEMO_RECOVER_SECONDS", 30.0)


def notice_s() -> float:
    """Silence after which a turn says that it is still at work (`NEMO_NOTICE_SECONDS`)."""
    return _number("NEMO_NOTICE_SECONDS", 120.0)


def chat_s() -> float:
    """Longest turn of chat (`NEMO_CHAT_SECONDS`)."""
    return _number("NEMO_CHAT_SECONDS", 900.0)


def stated_bytes() -> int | None:
    """What the local engine's folder may take as the user has said (`NEMO_CACHE_GB`); None where nothing was said."""
    own_gb = _number("NEMO_CACHE_GB", -1.0)
    return round(own_gb * 1e9) if 0 <= own_gb < 1e6 else None


def cache_bytes(available_bytes: int) -> int:
    """What the local engine's folder may take: `NEMO_CACHE_GB`, else a fifth of what is there for it, 10 GB at most.

    Args:
        available_bytes: What is free on its disk, together with what it takes already.
    """
    own = stated_bytes()
    return min(10_000_000_000, available_bytes // 5) if own is None else own


def engine_workers() -> int:
    """How many operations the local engine runs side by side: `NEMO_ENGINE_WORKERS`, else as many as it has cores.

    Raises:
        UsageError: It is no whole number from 1 to 64.
    """
    own = os.environ.get("NEMO_ENGINE_WORKERS", "").strip()
    if not own:
        return min(cores(), MOST_WORKERS)
    if re.fullmatch(r"[0-9]{1,9}", own) and 1 <= int(own) <= MOST_WORKERS:
        return int(own)
    raise UsageError(
        "NEMO_ENGINE_WORKERS is not a number of workers.",
        hint=f"Set it to a whole number from 1 to {MOST_WORKERS}, or leave it out.",
    )


def cores() -> int:
    """How many cores this process may keep busy, at least 1; a part of one counts as one.

    The least of what the machine has, what the process is bound to, what its control groups grant it (Linux), and
    `CPU_LIMIT`, by which JupyterHub tells a server of its share.
    """
    known = [float(os.cpu_count() or 1), *_granted_cores()]
    if hasattr(os, "sched_getaffinity"):
        with contextlib.suppress(OSError):
            known.append(float(len(os.sched_getaffinity(0))))
    known.append(_number("CPU_LIMIT", 0.0))
    return max(1, math.ceil(min(each for each in known if each > 0)))


def _granted_cores() -> Iterator[float]:
    """What each control group that this process is in may use, a number of cores; nothing where there is no limit."""
    for line in _lines(_OWN_CGROUPS):
        _, controllers, group = (*line.split(":", 2), "", "")[:3]
        if controllers != _UNIFIED and "cpu" not in controllers.split(","):
            continue
        own = PurePosixPath("/", group).relative_to("/")
        for place in (own, *own.parents):  # a limit above holds below too
            if controllers == _UNIFIED:
                quota = " ".join(_lines(_CGROUPS / place / "cpu.max")).split()
            else:
                folder = _CGROUPS / "cpu" / place
                quota = [*_lines(folder / "cpu.cfs_quota_us"), *_lines(folder / "cpu.cfs_period_us")]
            with contextlib.suppress(ValueError):  # `max`, a file that is not there
                used_us, of_us = map(float, quota)
                if used_us > 0 and of_us > 0:
                    yield used_us / of_us


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def home() -> Path:
    """The folder of what is kept between runs: sessions, jobs, local media (`NEMO_HOME`)."""
    if own := os.environ.get("NEMO_HOME"):
        return Path(own).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "nemovideo"


def client_id_path() -> Path:
    """Where the client id is kept; it is no secret, but one token a week hangs on it."""
    if os.environ.get("NEMO_HOME"):
        return home() / "client_id"
    return Path.home() / ".config" / "nemovideo" / "client_id"
