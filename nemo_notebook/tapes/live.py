"""What a deck works with beside its tape: the backend that it goes on with, and an exchange that is not over."""

from __future__ import annotations

from dataclasses import dataclass, field

from nemo_notebook.outside import Secret
from nemo_notebook.tapes.format import Request


@dataclass(frozen=True, slots=True)
class Live:
    """A backend that a tape is gone on with.

    Attributes:
        url: Where it is.
        token: The token for it.
    """

    url: str
    token: Secret | None = field(default=None, repr=False)


@dataclass(slots=True)
class Taking:
    """An exchange that is being recorded."""

    request: Request
    cell: str
    turn: int
    at_ms: float
    is_over: bool = False
