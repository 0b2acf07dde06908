"""Whom a server lets in, to what, and how it behaves: free and unlimited for one person, else as the service does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

WEEK_S: Final = 7 * 86_400.0

Stages = Literal["one", "within", "after"]


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may be asked for: `count` times at once, and as many again in `seconds`."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Prices:
    """What turns of chat cost, in credits; one that changes nothing is free, and so is an export.

    Attributes:
        start: What every user has at first.
        generation: A turn that makes the first draft of a session.
        edit: A turn that changes a draft.
    """

    start: float = 100.0
    generation: float = 100.0
    edit: float = 50.0


@dataclass(frozen=True, slots=True)
class Quotas:
    """The most that one user may have at a time; None is no limit.

    Attributes:
        sessions: Sessions that are not in the trash.
        bytes: Uploads in all sessions, the same content counted once, and the drafts of their histories.
        exports: Exports that run or wait.
        bodies: Requests whose bodies are not yet read and answered.
        all_bodies: Such requests of all users together.
    """

    sessions: int | None = None
    bytes: int | None = None
    exports: int | None = None
    bodies: int | None = None
    all_bodies: int | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How turns of chat are answered.

    Attributes:
        stages: `one`: a generation is kept whole. `within`: first its pictures alone are kept and told, then all of it,
            in the same turn. `after`: likewise, but the stream ends after the pictures.
        stage_pause_s: Seconds between the two.
        silent_every: Every so manieth edit of a session closes the stream without a text; 0 for none, 1 for all.
    """

    stages: Stages = "one"
    stage_pause_s: float = 0.0
    silent_every: int = 0


PLAIN: Final = Manner()


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom the server lets in, and to what.

    Attributes:
        token: The launch token: with it, everything is the user `local`.
        anonymous: Whether anonymous tokens are given out, each a user of its own.
        token_lifetime_s: How long an anonymous token is good for.
        tokens_per_client: How many good tokens a client id may have at a time; None for any number.
        tokens_per_address: The same for a network address.
        prices: What turns cost; None for nothing.
        rates: How often a user may ask, by the name of the route (`routes.py`); no entry is no limit.
        quotas: What a user may have.
        subscribers: The users that may export; None for all.
        max_upload_bytes: The largest file; None for what the disk takes.
        session_idle_s: After how much idleness a session has ended; None for never.
        session_kept_s: After how much idleness a session goes to the trash for a week; None for never.
        manner: How turns are answered.
        private_urls: Whether uploads may be fetched from private addresses; for tests.
    """

    token: str | None = field(default=None, repr=False)
    anonymous: bool = False
    token_lifetime_s: float = WEEK_S
    tokens_per_client: int | None = None
    tokens_per_address: int | None = None
    prices: Prices | None = None
    rates: Mapping[str, Rate] = field(default_factory=dict)
    quotas: Quotas = Quotas()
    subscribers: frozenset[str] | None = None
    max_upload_bytes: int | None = None
    session_idle_s: float | None = None
    session_kept_s: float | None = None
    manner: Manner = PLAIN
    private_urls: bool = False


# For a class or a team on one machine: enough for real work, too little for one to crowd out the others.
SHARED: Final = Policy(
    anonymous=True,
    rates={
        "anonymous_token": Rate(60, 60),
        "chat": Rate(30, 60),
        "store_draft": Rate(60, 60),
        "go_to_draft": Rate(60, 60),
        "upload": Rate(60, 60),
        "submit": Rate(20, 60),
    },
    quotas=Quotas(sessions=200, bytes=20_000_000_000, exports=4, bodies=16, all_bodies=64),
    session_kept_s=30 * 86_400.0,
    max_upload_bytes=500_000_000,
)
