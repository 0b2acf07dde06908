"""What a turn has done whose end was not heard: look, wait, look again, and tell each change once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from nemo_notebook import errors, settings
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.session.core import Core, State

Tell = Callable[[str], None]

_LOOKS: Final = 5
_STAGE_LOOKS: Final = 2
_IDLE_LOOKS: Final = 2
_QUICK_S: Final = (0.1, 0.2, 0.5)


def waits() -> Iterator[float]:
    """Seconds before each further look: the service's documents say 30, then every 60, five in all."""
    first = settings.recover_s()
    yield first
    for _ in range(_LOOKS - 1):
        yield 2 * first


async def settled(core: Core, before: Timeline, tell: Tell) -> tuple[State, bool]:
    """The state once nothing more is to be expected of the turn.

    The first change is told at once, since more may follow: a film comes before its music and titles.

    Returns:
        The last state that was read, and whether it is certain that the turn is over.

    Raises:
        NemoError: The state could not be read at all.
    """
    state = await _look(core)
    if state is not None and state.turns_running is not None:
        return await _until_idle(core, state, before)
    told = before
    for wait_s in waits():
        if state is not None:
            if changes := state.timeline.diff(told):
                tell("\n".join(changes.words))
            elif told is not before:
                return state, False  # it has changed, and now it does so no more
            told = state.timeline if changes else told
        await core.clock.sleep(wait_s)
        state = await _look(core) or state
    return (state if state is not None else await core.look()), False


async def _until_idle(core: Core, state: State, before: Timeline) -> tuple[State, bool]:
    """The state once the service says that no turn runs any more.

    It is certain only if the last look has succeeded, and if a second one agrees that nothing was done: the message may
    have been on its way still.
    """
    deadline_s = core.clock.monotonic_s() + settings.chat_s()
    pauses = iter(_QUICK_S)
    misses = idle = 0
    while misses < _LOOKS and core.clock.monotonic_s() < deadline_s:
        idle = 0 if state.turns_running else idle + 1
        if not misses and idle and (idle == _IDLE_LOOKS or state.timeline.diff(before)):
            return state, True
        pause_s = next(pauses, 1.0)
        await core.clock.sleep(min(pause_s, settings.recover_s()) if idle else pause_s)
        seen = await _look(core)
        misses = 0 if seen else misses + 1
        state = seen or state
    return state, False


async def _look(core: Core) -> State | None:
    try:
        return await core.look()
    except (errors.NetworkError, errors.RateLimited, errors.ProtocolError):
        return None  # what broke the stream may still last; there is another look


async def second_stage(core: Core, before: State, state: State, tell: Tell) -> State:
    """The state after a generation whose film has come without sound or titles: these may follow.

    The film is told at once; then the state is looked at again, twice at most, until something has followed.
    """
    kinds = {track.kind for track in state.timeline.tracks if track.segments}
    if state.generated <= before.generated or kinds != {"video"}:
        return state
    tell("\n".join(state.timeline.diff(before.timeline).words) or state.timeline.summary)
    for wait_s in list(waits())[:_STAGE_LOOKS]:
        await core.clock.sleep(wait_s)
        later = await _look(core)
        if later is not None and later.timeline.diff(state.timeline):
            return later
    return state
