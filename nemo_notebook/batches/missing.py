"""What is named for a batch and is not there: all of it is told at once, before anything is made."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from nemo_notebook import errors
from nemo_notebook.outside import redact
from nemo_notebook.session import uploads

_MOST_TOLD: Final = 8


def missing(what: Iterable[object], more: Iterable[object] = ()) -> list[str]:
    """A sentence for all patterns that match nothing, and one for all files that are not there.

    A file that a film is to be made of may come later: its row says that it is not there.

    Args:
        what: Files and patterns that films are made of.
        more: Files and patterns that go into every film.
    """
    unmatched: list[str] = []
    absent: list[str] = []
    for each, is_needed in [*((each, False) for each in what), *((each, True) for each in more)]:
        if not isinstance(each, (str, os.PathLike)) or os.fspath(each).lower().startswith(("http://", "https://")):
            continue  # told of by whoever reads the order
        name = os.fspath(each)
        try:
            found = uploads.expand(name)
            absent += [name for path in found if is_needed and not path.exists()]
        except errors.FileMissing:
            unmatched.append(name)
        except (OSError, ValueError):
            continue
    sentences = [f"Nothing matches {_list(unmatched)}."] if unmatched else []
    if absent:
        sentences.append(f"There {'is no file' if len(absent) == 1 else 'are no files'} {_list(absent)}.")
    return sentences


def _list(names: list[str]) -> str:
    told = ", ".join(redact(name) for name in names[:_MOST_TOLD])
    more = len(names) - _MOST_TOLD
    return f"{told} and {more} more" if more > 0 else told
