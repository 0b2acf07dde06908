from __future__ import annotations

import pytest

from nemo_notebook import errors
from nemo_notebook.batches.hints import OTHER_WORDS, next_step


def _kinds(kind: type[errors.NemoError]) -> list[type[errors.NemoError]]:
    return [kind, *(each for below in kind.__subclasses__() for each in _kinds(below))]


def test_next_step__of_a_film_is_none_of_the_notebooks_own_session() -> None:
    session_only = ("%nemo status", "%nemo export", "%nemo chat", "export again", "%nemo jobs", "uploads have to be")
    of_other_work = (errors.Detached, errors.TapeError, errors.InvalidTimeline, errors.UsageError, errors.MissingExtra)
    for kind in _kinds(errors.NemoError):
        if not issubclass(kind, of_other_work):
            assert not any(words in next_step(kind("It failed.")) for words in session_only), kind


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (errors.RenderFailed("It failed."), "The same line again tries it once more."),
        (errors.DeadlineExceeded("It took too long."), "Run the same line again in some minutes."),
        (errors.NothingToExport("There is nothing."), OTHER_WORDS),
        (errors.FileMissing("a.mp3 is empty.", hint="Record it again."), "Record it again."),
        (errors.RenderFailed("It failed.", hint="Free some space."), "Free some space."),
    ],
)
def test_next_step__is_what_the_error_says_unless_that_is_for_a_session(error: errors.NemoError, step: str) -> None:
    assert next_step(error) == step
