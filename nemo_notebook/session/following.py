"""Renders, followed to their end."""

from __future__ import annotations

import math
from typing import Final

from nemo_notebook import errors, settings
from nemo_notebook.client.service import RenderStatus
from nemo_notebook.outside import redact
from nemo_notebook.session.core import Core
from nemo_notebook.session.meter import Meter

GOING_ON: Final = frozenset({"pending", "processing", "queued", "unknown"})
"""What a service says of a render that has not ended."""

_POLL_GROWTH: Final = {True: 1.15, False: 1.5}  # by whether the backend is on this machine
_POLL_MISSES: Final = 5
_POLL_MAX_S: Final = {True: 1.0, False: 10.0}


async def follow(
    core: Core, render_id: str, tell: Meter, comes_back: str, pauses_s: tuple[float, float] | None = None
) -> RenderStatus:
    """Look at a render, again and again, until it is done.

    Args:
        core: Whose it is.
        render_id: What it is called.
        tell: Told how far it is.
        comes_back: What to do where it goes on but nobody follows it any more, a sentence.
        pauses_s: How long to wait before the second look, and before a later one at most; as for an export if None.

    Raises:
        RenderFailed: It failed or was cancelled.
        DeadlineExceeded: It takes longer than it may.
    """
    deadline_s = core.clock.monotonic_s() + settings.EXPORT_TIMEOUT_S
    is_local = core.backend.is_local
    pause_s, most_s = pauses_s or (min(settings.poll_s(), 0.05 if is_local else math.inf), _POLL_MAX_S[is_local])
    misses = without_address = 0
    tell.at(0.0)
    while core.clock.monotonic_s() < deadline_s:
        try:
            status = await core.service.render_status(render_id)
        except (errors.NetworkError, errors.ServiceError) as error:
            misses += 1  # the render goes on, whatever a single look at it says
            if misses > _POLL_MISSES:
                if not isinstance(error, (errors.JobNotFound, errors.SessionNotFound)):
                    error.hint = f"The export goes on: {comes_back}"
                raise
        else:
            misses = 0
            without_address += status.status == "completed" and not status.url
            if status.status == "completed" and (status.url or without_address > _POLL_MISSES):
                tell.at(1.0)
                return status  # without an address, the service itself may have the file
            if status.status not in {*GOING_ON, "completed"}:
                raise _bad_end(status)
            tell.at(status.progress / 100, left_s=status.eta_s)
        await core.clock.sleep(pause_s)
        pause_s = min(pause_s * _POLL_GROWTH[is_local], most_s)
    raise errors.DeadlineExceeded("The export took too long.", hint=f"It goes on: {comes_back}")


def _bad_end(status: RenderStatus) -> errors.RenderFailed:
    reason = f": {redact(status.message)}" if status.message else "."
    was_cancelled = status.status in {"cancelled", "canceled"}
    words = "The export was cancelled." if was_cancelled else f"The export ended as {redact(status.status, 40)}{reason}"
    error = errors.RenderFailed(words)
    error.was_cancelled = was_cancelled
    return error
