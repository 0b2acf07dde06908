"""`%nemo tape`: record what is asked of a backend and answered, and play it again without one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import Detached, NemoError, UsageError
from nemo_notebook.notebook import tapes
from nemo_notebook.notebook.commands.files import matching_files
from nemo_notebook.notebook.grammar import Arguments, Command, Option, Words
from nemo_notebook.notebook.nearest import nearest
from nemo_notebook.outside import redact

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
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


def _tape(call: Call, arguments: Arguments) -> TapeState | None:
    """Begin a tape or end it, and leave the session: the next command connects anew, by the tape or without it."""
    from nemo_notebook.tapes import tape as taping

    verb, file = [*arguments.words, "", ""][:2]
    _check(verb, file, arguments.options)
    if verb == "off":
        call.context.check_idle("The tape cannot be ended yet")
        call.bridge.run(call.context.leave(call))
        try:
            state = taping.off()
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
        state = taping.state()
        words = tapes.state_words(state)
    call.screen.say(words)
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
    before = taping.state()
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


def _speeds() -> Sequence[str]:
    from nemo_notebook.tapes.tape import SPEEDS

    return SPEEDS


def _verbs(begun: str) -> list[str]:
    return [verb for verb in _VERBS if verb.startswith(begun)]


def _tapes(begun: str) -> list[str]:
    """Tapes, and folders on the way to some."""
    return matching_files(begun, lambda name: name.endswith(tapes.ENDING))


def _is_meant(rest: str, _: Mapping[str, Any]) -> bool:
    """Whether it is told to do something, or with a slip; `%nemo tape noise under the song` is for the editor."""
    verb = rest.split(maxsplit=1)[0] if rest else ""
    if not verb or verb.startswith("-") or tapes.ENDING in rest or rest.lower() in _OTHER_WORDS:
        return True
    return nearest(verb, _VERBS) is not None


COMMAND = Command(
    name="tape",
    about="Record what the backend is asked and answers, and replay it: without a network, a token or credits.",
    run=_tape,
    words=Words("[record|replay|auto|off] [PATH]", most=2, choices=_verbs, then=_tapes),
    options=(
        Option("--speed", "recorded|fast|once", "how fast it is replayed; `fast` cuts waits short", _speeds),
        Option("--keep", "MB", "the largest film or other file that is kept in the tape, up to 64; else 8"),
    ),
    is_meant=_is_meant,
    example="%nemo tape record film.nemotape",
    more=(
        "`record` writes down every exchange from there on, `off` saves it: a file of text without tokens and ids, "
        "which is called as the notebook is unless `PATH` says otherwise. With `replay` instead, the same cells show "
        "the same again, on any machine. A cell that asks for something else is told where it differs. `auto` replays "
        "the tape if there is one, and records it if there is none. Bare `%nemo tape` tells how it "
        "stands. The session is left at the begin and the end of a tape."
    ),
)
