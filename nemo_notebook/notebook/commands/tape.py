"""`%nemo tape`: record what is asked of a backend and answered, and play it again without one."""

from __future__ import annotations

import math
import os
import shlex
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import Detached, NemoError, UsageError
from nemo_notebook.files import size_words, user_path
from nemo_notebook.notebook.completion import matching_files
from nemo_notebook.notebook.display import day
from nemo_notebook.notebook.grammar import Arguments, did_you_mean
from nemo_notebook.outside import plain, redact

if TYPE_CHECKING:
    from nemo_notebook.notebook.execution import Call
    from nemo_notebook.tapes.format import Medium
    from nemo_notebook.tapes.tape import TapeState

_ENDING: Final = ".nemotape"
_MOST_NAMED: Final = 5
_NAME_CHARS: Final = 60
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
            state: TapeState | None = taping.end_tape()
        except KeyboardInterrupt as stopped:
            if told := str(stopped):  # the tape is out of use: to run the cell again would bring nothing
                raise Detached("Stopped.", hint=told) from None
            raise
        words = tape_words(state, "ended")
    elif verb:
        begun = _begin(verb, tape_path(file), _how(arguments.options))
        call.bridge.run(call.context.leave(call))
        call.context.badges.begin()  # the tape is to know of this cell, too
        state, words = begun, tape_words(begun, "begun")
    else:
        state = taping.current_tape()
        words = tape_words(state, "now")
    call.outlet.say(words)
    call.is_shown = True
    return state


def _begin(verb: str, path: Path, how: Mapping[str, Any]) -> TapeState:
    """Begin a tape; one that only plays makes room for it, so that a notebook can be run again from the top."""
    from nemo_notebook.tapes import tape as taping

    begin: Mapping[str, Callable[..., TapeState]] = {
        "record": taping.record_tape,
        "replay": taping.replay_tape,
        "auto": taping.replay_or_record,
    }
    before = taping.current_tape()
    if before is None or before.is_recording:
        return begin[verb](path, **how)
    taping.end_tape()
    try:
        return begin[verb](path, **how)
    except NemoError:
        begin[before.mode](before.path, speed=before.speed)  # who was offline stays so
        raise


def _check(verb: str, file: str, options: Mapping[str, str]) -> None:
    if verb and verb not in _VERBS:
        meant = _OTHER_WORDS.get(verb.lower())
        near = f"Did you mean {meant}?" if meant else did_you_mean(verb, _VERBS)
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


def tape_path(word: str) -> Path:
    """The file that is meant; without a word, the one that is named after the notebook.

    Raises:
        UsageError: It is called as no tape is, so that it may be something else.
        InputError: It cannot be a path.
    """
    if not word:  # Jupyter's server tells its kernels what their notebook is called
        return Path((Path(os.environ.get("JPY_SESSION_NAME", "")).stem or "notebook") + _ENDING)
    path = user_path(word)
    if path.suffix == _ENDING:
        return path
    if path.suffix or path.name in {"", ".."}:
        raise UsageError(f"{redact(word, 80)} is not called as a tape is.", hint=f"Tapes end in {_ENDING}.")
    return path.with_name(path.name + _ENDING)


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("tape.toml").read_text(encoding="utf-8"))


def tape_words(state: TapeState | None, moment: str) -> str:
    """How a tape stands, with what was left out and what else there is to say, a line each.

    Args:
        state: The tape; None without one.
        moment: `begun`, `now` or `ended`.
    """
    if state is None:
        return _sentences()["none"][moment]
    is_empty = moment == "ended" and state.is_recording and not state.exchanges
    sentences = _sentences()["record" if state.is_recording else "replay"]
    told = sentences["empty" if is_empty else moment].format(
        name=plain(state.path.name),
        day=day(state.recorded_s),
        held=_count(state.exchanges, "exchange"),
        played=_count(state.played, "answer"),
        again=", some more than once" if state.played > state.exchanges else "",
        speed=state.speed,
        media=f"{state.media} medi{'um' if state.media == 1 else 'a'}, " if state.media else "",
        size=size_words(state.size_bytes),
    )
    notes = [plain(state.note)] if state.note else []
    return "\n  ".join([told, *_left_words(state.left_out, state.path), *notes])


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _left_words(left: Sequence[Medium], tape: Path) -> list[str]:
    """Which files were not kept, and how those that fit into a tape would be."""
    from nemo_notebook.session.results import near

    told = []
    for why, is_large in (("too large", True), ("unsafe content", False)):
        files = [each for each in left if each.is_too_large is is_large]
        named = [f"{_short(each)} ({size_words(each.size_bytes)})" for each in files]
        if named:
            told.append(f"{_count(len(named), 'file')} not kept, {why}: {_some(named)}.")
    if fit := [each for each in left if each.is_too_large and each.keep_mb]:
        file = shlex.quote(plain(near(tape).as_posix()))
        keep = f"`%nemo tape record {file} --keep {max(each.keep_mb for each in fit)}`"
        told.append(f"{keep} keeps {_some([_short(each) for each in fit])}.")
    return told


def _some(names: Sequence[str]) -> str:
    more = [f"… {len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    return ", ".join([*names[:_MOST_NAMED], *more])


def _short(each: Medium) -> str:
    return redact(each.name if "." in each.name else "a file", _NAME_CHARS)


def speeds() -> Sequence[str]:
    """How fast a tape is replayed."""
    from nemo_notebook.tapes.tape import SPEEDS

    return SPEEDS


def verbs(_: str) -> Sequence[str]:
    """What a tape can be told to do."""
    return _VERBS


def tape_files(begun: str) -> list[str]:
    """Tapes, and folders on the way to some."""
    return matching_files(begun, lambda name: name.endswith(_ENDING))


def is_tape_meant(rest: str, _: Mapping[str, Any]) -> bool:
    """Whether it is told to do something, or with a slip; `%nemo tape noise under the song` is for the editor."""
    verb = rest.split(maxsplit=1)[0] if rest else ""
    if not verb or verb.startswith("-") or _ENDING in rest or rest.lower() in _OTHER_WORDS:
        return True
    return did_you_mean(verb, _VERBS) is not None
