"""The bounds of one turn of chat: how large it may be, and how long it may say nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence

from nemo_notebook import errors, settings
from nemo_notebook.client.events import Event, Heartbeat


class TurnWatch:
    """Sees that a turn is no larger and no emptier than a real one."""

    def __init__(self) -> None:
        self._size_bytes = 0
        self._last_s = time.monotonic()

    def see(self, size_bytes: int, events: Sequence[Event]) -> None:
        """Take note of what came.

        Raises:
            ProtocolError: The turn is larger than any real one.
            DeadlineExceeded: Nothing but signs of life has come for too long.
        """
        now_s = time.monotonic()
        self._size_bytes += size_bytes
        if self._size_bytes > settings.MAX_TURN_BYTES:
            raise errors.ProtocolError("The reply is larger than any real one.")
        if any(not isinstance(event, Heartbeat) for event in events):
            self._last_s = now_s
        elif now_s - self._last_s > settings.STREAM_IDLE_TIMEOUT_S:
            minutes = settings.STREAM_IDLE_TIMEOUT_S / 60
            raise errors.DeadlineExceeded(f"The service sent only signs of life for {minutes:.0f} minutes.")
