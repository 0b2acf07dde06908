"""The event bus of a session: what happens in it, published to its subscribers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nemo_notebook.client.events import Event
    from nemo_notebook.errors import NemoError
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.session.records import Job
    from nemo_notebook.session.results import MediaList, Progress, Reply

_LOG: Final = logging.getLogger("nemo_notebook.news")


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of chat has begun.

    Attributes:
        turn: What it is called in the journal.
        message: What was said.
    """

    turn: str
    message: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Something came in a turn that is under way."""

    turn: str
    event: Event


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn is over.

    Attributes:
        turn: What it is called in the journal.
        reply: What came of it; None if it failed or nobody waits for it any more.
        error: Why it failed; None if it did not, or if nobody waits for it any more.
    """

    turn: str
    reply: Reply | None = None
    error: NemoError | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The timeline is another one than was last told of, whoever has edited it."""

    timeline: Timeline


@dataclass(frozen=True, slots=True)
class Arrived:
    """Media came into the session, or were found to be there."""

    media: MediaList


@dataclass(frozen=True, slots=True)
class Progressed:
    """An upload or an export is so far."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class Settled:
    """An upload or an export was begun, or has ended: its `state` tells."""

    job: Job


News = Said | Heard | Answered | Moved | Arrived | Progressed | Settled
Watcher = Callable[[News], None]


class Watchers:
    """Those who watch one session. They are told on the session's own loop, and must not wait there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # they come and go on any thread
        self._watchers: dict[object, Watcher] = {}

    def __bool__(self) -> bool:
        return bool(self._watchers)

    def add(self, watcher: Watcher) -> Callable[[], None]:
        """Tell it of everything from now on; gives what ends that."""
        key = object()
        with self._lock:
            self._watchers = {**self._watchers, key: watcher}

        def leave() -> None:
            with self._lock:
                self._watchers = {each: other for each, other in self._watchers.items() if each is not key}

        return leave

    def tell(self, news: News) -> None:
        """Tell all; one that fails is logged, as the work that it watches must go on."""
        for watcher in self._watchers.values():
            try:
                watcher(news)
            except Exception:
                _LOG.exception("What watches a session has failed at %s.", type(news).__name__)
