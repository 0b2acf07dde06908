"""The environment, the defaults and the limits, each with its unit.

Read afresh on every call, so that a variable set in a notebook counts from the next command on.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

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
    own = Secret(os.environ.get("NEMO_TOKEN", "").strip())
    if not re.fullmatch(r"[\x21-\x7e]*", own.reveal()):
        raise UsageError("NEMO_TOKEN is not a token.", hint="Copy it again, without spaces or line ends.")
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


def cache_bytes(available_bytes: int) -> int:
    """What the local engine's folder may take: `NEMO_CACHE_GB`, else a fifth of what is there for it, 10 GB at most.

    Args:
        available_bytes: What is free on its disk, together with what it takes already.
    """
    own_gb = _number("NEMO_CACHE_GB", -1.0)
    return round(own_gb * 1e9) if 0 <= own_gb < 1e6 else min(10_000_000_000, available_bytes // 5)


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
