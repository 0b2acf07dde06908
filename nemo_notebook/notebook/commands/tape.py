"""`%nemo tape`: record what is asked of a backend and answered, and play it again without one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import Detached, NemoError, UsageError
from nemo_notebook.notebook import tapes
from nemo_notebook.notebook.completion import matching_files
from nemo_notebook.notebook.grammar import Arguments, nearest
from nemo_notebook.outside import redact

if TYPE_CHECKING:
    from nemo_notebook.notebook.execution import Call
    from nemo_notebook.tapes.tape import TapeState

_VERBS: Final = ("record", "replay", "auto", "off")
_OTHER_WORDS: Final = {
    **dict.fromkeys(("stop", "end", "finish", "close", "save"), "off"),
    **dict.fromkeys(("start", "begin", "write"), "record"),
}
_TAKES: Final[Mapping[str, frozenset[str]]] = {
    "record": frozenset({"keep"}),
    "replay": frozenset({"speed"}),
    "auto": frozenset({"keep", "speed"}),
}


def run_tape(call: Call, arguments: Arguments) -> TapeState | None:
    """Begin a tape or end it, and leave the session: the next command connects anew, by the tape or without it."""
    from nemo_notebook.tapes import tape as taping

    verb, file = [*arguments.words, "", ""][:2]
    _check(verb, file, arguments.options)
    if verb == "off":
        call.context.check_idle("The tape cannot be ended yet")
        call.bridge.run(call.context.leave(call))
        try:
            state: TapeState | None = taping.off()
        except KeyboardInterrupt as stopped:
            if told := str(stopped):  # the tape is out of use: to run the cell again would bring nothing
                raise Detached("Stopped.", hint=told) from None
            raise
        words = tapes.ended_words(state)
    elif verb:
        begun = _begin(verb, tapes.tape_path(file), _how(arguments.options))
        call.bridge.run(call.context.leave(call))
        call.context.badges.begin()  # the tape is to know of this cell, too
        state, words = begun, tapes.begun_words(begun)
    else:
        state = taping.current()
        words = tapes.state_words(state)
    call.outlet.say(words)
    call.is_shown = True
    return state


def _begin(verb: str, path: Path, how: Mapping[str, Any]) -> TapeState:
    """Begin a tape; one that only plays makes room for it, so that a notebook can be run again from the top."""
    from nemo_notebook.tapes import tape as taping

    begin: Mapping[str, Callable[..., TapeState]] = {
        "record": taping.record,
        "replay": taping.replay,
        "auto": taping.auto,
    }
    before = taping.current()
    if before is None or before.is_recording:
        return begin[verb](path, **how)
    taping.off()
    try:
        return begin[verb](path, **how)
    except NemoError:
        begin[before.mode](before.path, speed=before.speed)  # who was offline stays so
        raise


def _check(verb: str, file: str, options: Mapping[str, str]) -> None:
    if verb and verb not in _VERBS:
        meant = _OTHER_WORDS.get(verb.lower())
        near = f"Did you mean {meant}?" if meant else nearest(verb, _VERBS)
        near = near or f"Choose one of: {', '.join(_VERBS)}."
        raise UsageError(f"A tape cannot be told to {redact(verb, 40)!r}.", hint=near)
    if verb == "off" and file:
        raise UsageError("`tape off` takes no path.", hint="It ends the tape in use: %nemo tape off")
    if wrong := sorted(set(options) - _TAKES.get(verb, frozenset())):
        fits = next(each for each in _VERBS if wrong[0] in _TAKES.get(each, ()))
        raise UsageError(f"`{f'tape {verb}'.strip()}` takes no --{wrong[0]}.", hint=f"It is for %nemo tape {fits}.")


def _how(options: Mapping[str, str]) -> dict[str, Any]:
    how: dict[str, Any] = {"speed": options["speed"]} if "speed" in options else {}
    if "keep" in options:
        try:
            keep_mb = float(options["keep"])
        except ValueError:
            keep_mb = -1.0
        if not 0 <= keep_mb < math.inf:
            raise UsageError(f"--keep cannot be {redact(options['keep'], 40)!r}.", hint="Megabytes, such as --keep 20.")
        how["keep_bytes"] = round(keep_mb * 1e6)
    return how


def speeds() -> Sequence[str]:
    """How fast a tape is replayed."""
    from nemo_notebook.tapes.tape import SPEEDS

    return SPEEDS


def verbs(_: str) -> Sequence[str]:
    """What a tape can be told to do."""
    return _VERBS


def tape_files(begun: str) -> list[str]:
    """Tapes, and folders on the way to some."""
    return matching_files(begun, lambda name: name.endswith(tapes.ENDING))


def is_tape_meant(rest: str, _: Mapping[str, Any]) -> bool:
    """Whether it is told to do something, or with a slip; `%nemo tape noise under the song` is for the editor."""
    verb = rest.split(maxsplit=1)[0] if rest else ""
    if not verb or verb.startswith("-") or tapes.ENDING in rest or rest.lower() in _OTHER_WORDS:
        return True
    return nearest(verb, _VERBS) is not None
