"""What to do next about a film that could not be made. Errors say it for one session; in a batch it may be another."""

from __future__ import annotations

from typing import Final

from nemo_notebook import errors

OTHER_WORDS: Final = 'Give another prompt, such as "make a music video with a visualizer".'
_AGAIN: Final = "The same line again tries it once more."
_LATER: Final = "Run the same line again in some minutes."
_HINTS: Final[tuple[tuple[type[errors.NemoError], str], ...]] = (
    (errors.NothingToExport, OTHER_WORDS),
    (errors.SessionNotFound, _AGAIN),
    (errors.JobNotFound, _AGAIN),
    (errors.Conflict, _AGAIN),
    (errors.EngineError, _AGAIN),
    (errors.RenderFailed, _AGAIN),
    (errors.MediaTooLarge, "Compress or trim it, or choose a skill with a higher limit: `%nemo skills`, and --skill."),
    (errors.RateLimited, _LATER),
    (errors.DeadlineExceeded, _LATER),
    (errors.NetworkError, "Check the connection, or work offline with --backend local."),
)


def next_step(error: errors.NemoError) -> str:
    """What to do about an error that ended a film of a batch: what it says itself, unless that is for a session."""
    if error.hint != type(error).hint:
        return error.hint
    return next((hint for kind, hint in _HINTS if isinstance(error, kind)), error.hint)
