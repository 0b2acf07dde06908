"""Every error of the package, one tree.

NemoError                     .code (the service's, where there is one) · .hint (what to do next)
├── UsageError                a command or an argument that cannot be meant
├── InputError                something that was handed in is not usable
│   ├── FileMissing           no such file, or an empty one
│   ├── DiskFull              507: no room on this machine
│   ├── InvalidEdit           4003: an edit that is none, or that cannot be made to this film (.problems)
│   ├── InvalidTimeline       an edited table that cannot be applied (.problems · .frame)
│   ├── UnsupportedMedia      4001: not a type that is accepted, or not readable as one
│   └── MediaTooLarge         4002: over the skill's limit
├── MissingExtra              an optional part of the package is not installed
├── NothingToExport           there is no draft to render yet
├── TapeError                 a tape cannot be recorded, read or played on
│   ├── TapeMismatch          what is asked now is not what was recorded
│   ├── TapeFileMissing       a file was not kept on the tape that is played
│   └── TapeSecret            a tape holds, or would hold, what looks like a secret
├── EngineError               the local engine did not start, or ended
├── ModelError                the language model behind the chat cannot be reached, or refuses
├── NetworkError              no connection, or it broke
│   └── DeadlineExceeded      a wait took longer than it may
├── ServiceError              the service refused or failed (.may_have_acted · .retry_after_s)
│   ├── AuthError             1001: token invalid or expired
│   ├── SessionNotFound       1002
│   ├── OutOfCredits          2001
│   ├── PlanRequired          402: export blocked on the free plan
│   ├── MissingClientId       400
│   ├── RateLimited           429
│   ├── JobNotFound           404 of an export: no such job
│   ├── Conflict              409 of an edit: the timeline is another by now
│   └── ProtocolError         an answer that is none
├── RenderFailed              the export ended in failure or was cancelled
└── Detached                  the user stopped waiting; the work goes on at the backend
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

_PROBLEMS_TOLD: Final = 8


class NemoError(Exception):
    """An error that a user can do something about.

    Args:
        message: What happened, in one sentence.
        hint: The next step, in one sentence; each class has its own.
        code: The service's code (contract table), if the service sent one.

    Attributes:
        may_have_acted: Whether the service may have done all the same what it was asked: it, or the way to it, failed.
    """

    hint: str = ""
    code: int | None = None
    may_have_acted: bool = False

    def __init__(self, message: str, *, hint: str | None = None, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint
        if code is not None:
            self.code = code

    @property
    def __notes__(self) -> list[str]:  # type: ignore[override]  # it follows the hint
        """What Python writes below an error's message (PEP 678): the hint."""
        return [f"   → {self.hint}"] if self.hint else []

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback: the message, and the hint below it."""
        return [f"⚠️ {self.message}", *([f"   → {self.hint}"] if self.hint else [])]


class UsageError(NemoError):
    """A command, an option or an argument that cannot be meant."""

    hint = "`%nemo help` lists the commands."


class InputError(NemoError):
    """Something that was handed in is not usable."""


class FileMissing(InputError):
    """No such file, or an empty one."""

    hint = "Check the path; globs such as clips/*.mp4 work too."


class DiskFull(InputError):
    """There is no room on this machine for what is to be written."""

    hint = (
        "Free some space, let projects go with `%nemo sessions --remove NAME --forever`, or set NEMO_HOME to a folder"
        " on a larger disk; then repeat."
    )
    code = 507


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in an edited table that cannot be applied.

    Attributes:
        row: The row's label in the table's index.
        name: What people call the segment.
        column: Where in the row it is.
        words: What is wrong, as a sentence without its end.
    """

    row: str
    name: str
    column: str
    words: str

    def __str__(self) -> str:
        return f"row {self.row}{f' ({self.name})' if self.name else ''}: {self.words}."


class InvalidTimeline(InputError):
    """A table that was edited asks for what cannot be.

    Args:
        problems: All of them, in the order of the rows.
    """

    hint = "Nothing was changed. Mend these rows and apply the table again; the error's `.frame` lists them all."

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len({problem.row for problem in self.problems})
        told = [f"  {problem}" for problem in self.problems[:_PROBLEMS_TOLD]]
        rest = len(self.problems) - len(told)
        head = f"{count} {'row' if count == 1 else 'rows'} cannot be applied:"
        super().__init__("\n".join([head, *told, *([f"  … {rest} more"] if rest else [])]))

    @property
    def frame(self) -> pd.DataFrame:
        """The problems as a table."""
        import pandas as pd

        columns = [field.name for field in fields(Problem)]
        return pd.DataFrame([astuple(problem) for problem in self.problems], columns=columns)


@dataclass(frozen=True, slots=True)
class EditProblem:
    """One thing that is wrong with one of several edits.

    Attributes:
        at: Its place among the edits, from 0.
        edit: Its name; empty if it is no edit.
        field: The field, such as `volume` or `target.number`; empty if it is about the whole of it.
        words: What is wrong, as a sentence.
        value: The value that was given, shortened, as Python writes it.
        allowed: What the field takes.
    """

    at: int
    edit: str
    field: str
    words: str
    value: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        where = f"edit {self.at + 1}{f' ({self.edit})' if self.edit else ''}"
        return f"{where}: {self.words.rstrip('.。')}."


class InvalidEdit(InputError):
    """Some edits cannot be made; none of them was.

    Args:
        problems: All that is wrong, in the order of the edits.
    """

    hint = "Nothing was changed. Mend what is named and send the edits again."
    code = 4003

    def __init__(self, problems: Sequence[EditProblem]) -> None:
        self.problems = tuple(problems)
        told = [str(problem) for problem in self.problems[:_PROBLEMS_TOLD]]
        rest = len(self.problems) - len(told)
        super().__init__("\n".join([*told, *([f"… {rest} more"] if rest else [])]))


class UnsupportedMedia(InputError):
    """Not a media type that is accepted, or a file that does not hold what its name says."""

    hint = "Accepted: mp4 mov avi webm mkv · jpg png gif webp · mp3 wav m4a aac."
    code = 4001


class MediaTooLarge(InputError):
    """A file over the size limit of the skill."""

    hint = "Compress or trim it, or choose a skill with a higher limit (`%nemo skills`)."
    code = 4002


class MissingExtra(NemoError):
    """An optional part of the package is not installed.

    Args:
        extra: The extra's name, as in `nemo-notebook[extra]`.
        what: What it is needed for.
    """

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(
            f"{what} needs the extra '{extra}'.", hint=f'Install it with: pip install "nemo-notebook[{extra}]"'
        )
        self.extra = extra


class NothingToExport(NemoError):
    """There is no draft that could be rendered."""

    hint = "Upload media and ask for a video first, for example: %nemo chat make a music video"


class TapeError(NemoError):
    """A tape cannot be recorded, read or played on."""

    hint = "Take a copy of the tape that is whole, or record it again with `%nemo tape record`."


class TapeMismatch(TapeError):
    """What is asked now is not what was recorded; nothing was asked of any service."""

    hint = "Run the notebook from the top as it was recorded, or record it again with `%nemo tape record`."


class TapeFileMissing(TapeError):
    """A film or another file was not kept on the tape that is played, such as one that was too large."""


class TapeSecret(TapeError):
    """A tape holds, or would hold, what looks like a secret. The message says where, never what."""

    hint = "Take it out where it comes from, and record again with `%nemo tape record`."


class EngineError(NemoError):
    """The local engine did not start, or ended."""

    hint = "Run `%nemo connect --backend local` again; it starts a new one."


class ModelError(NemoError):
    """The language model behind the chat cannot be reached, or refuses."""

    hint = "Look at its address, or connect without `--model`."


class NetworkError(NemoError):
    """The service could not be reached, or the connection broke."""

    hint = "Check the connection, or work offline with `%nemo connect --backend local`."
    may_have_acted = True  # but where nothing was sent


class DeadlineExceeded(NetworkError):
    """A wait took longer than it may."""

    hint = "The work may go on at the backend: look with `%nemo status`."


class ServiceError(NemoError):
    """The service refused a request or failed at it.

    Attributes:
        retry_after_s: Seconds to wait, as far as the service said.
    """

    hint = "Try again in a moment."
    retry_after_s: float | None = None


class AuthError(ServiceError):
    """The token is invalid or expired."""

    hint = "Connect again; if NEMO_TOKEN is set, renew or unset it."
    code = 1001


class SessionNotFound(ServiceError):
    """The session ended at the service."""

    hint = "`%nemo connect` starts a new one; uploads have to be repeated."
    code = 1002


class OutOfCredits(ServiceError):
    """No credits are left for this work."""

    hint = "Register or top up in your account, or work free with `%nemo connect --backend local`."
    code = 2001


class PlanRequired(ServiceError):
    """Export is not part of the free plan; credits have nothing to do with it."""

    hint = "Register or upgrade the plan to unlock export, or use `--backend local`."
    code = 402


class MissingClientId(ServiceError):
    """The token request lacked its client id."""

    hint = "Connect again; a client id is made and kept."
    code = 400


class RateLimited(ServiceError):
    """Too many requests: nothing was done."""

    hint = "Wait half a minute and run it again."
    code = 429


class JobNotFound(ServiceError):
    """There is no such export, turn or upload."""

    hint = "`%nemo jobs` lists those that there are."


class Conflict(ServiceError):
    """An edit was made for a timeline that is another by now: nothing was done."""

    hint = "Look at it with `session.timeline()`, and edit the frame that it has now."
    code = 409


class ProtocolError(ServiceError):
    """An answer that does not follow the contract."""

    hint = "The service may be down or changed; try again later."
    may_have_acted = True


class RenderFailed(NemoError):
    """The export ended in failure or was cancelled.

    Attributes:
        was_cancelled: Whether it was stopped rather than failed.
    """

    hint = "Run the export again; the timeline is unchanged."
    was_cancelled: bool = False


class Detached(NemoError):
    """The user stopped waiting. The turn or the export goes on at the backend."""

    hint = "`%nemo status` shows what a turn has done; `%nemo export` comes back to an export that was left."


_CODED: Final = (
    *(DiskFull, UnsupportedMedia, MediaTooLarge),
    *(AuthError, SessionNotFound, OutOfCredits, PlanRequired, MissingClientId, RateLimited),
)
_BY_CODE: Final[dict[int | None, type[NemoError]]] = {kind.code: kind for kind in _CODED}


def from_code(code: int, message: str) -> NemoError:
    """The error for a code of the service; an unknown code is a plain `ServiceError`."""
    return _BY_CODE.get(code, ServiceError)(message, code=code)
