"""What is said of the files that a recording could not keep."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nemo_notebook.outside import plain, redact

if TYPE_CHECKING:
    from nemo_notebook.session.left_out import LeftOut

_NAMED: Final = 5
_NAME_CHARS: Final = 60


def left_words(left: Sequence[LeftOut], tape: Path) -> list[str]:
    """Which files were left out, what a replay has in their place, and how they would be kept: a sentence or two each.

    Args:
        left: The files.
        tape: The tape's file.
    """
    large, others = [[each for each in left if each.is_too_large is is_large] for is_large in (True, False)]
    told = []
    if large:
        many = "1 file was too large and is" if len(large) == 1 else f"{len(large)} files were too large and are"
        told += [f"{many} not kept: {_some([_large(each) for each in large])}.", _way(large, tape)]
    if others:
        many = "1 file is" if len(others) == 1 else f"{len(others)} files are"
        told.append(f"{many} not kept for what it holds: {_some([_name(each) for each in others])}.")
    return told


def _large(each: LeftOut) -> str:
    from nemo_notebook.files import size_words

    instead = f"a preview of {size_words(each.preview_bytes)}" if each.preview_bytes else "nothing in its place"
    return f"{_name(each)} ({size_words(each.size_bytes)}; a replay has {instead})"


def _way(large: Sequence[LeftOut], tape: Path) -> str:
    """How they would be kept."""
    from nemo_notebook.session.results import near

    fit = [each for each in large if each.keep_mb]
    huge = [_name(each) for each in large if not each.keep_mb]
    what = "it" if len(fit) == 1 else "them"
    if huge:
        what = _some([_name(each) for each in fit])
    file = shlex.quote(plain(near(tape).as_posix()))
    parts = [f"`%nemo tape record {file} --keep {max(each.keep_mb for each in fit)}` keeps {what}"] if fit else []
    parts += [f"{_some(huge)} {'is' if len(huge) == 1 else 'are'} larger than any tape keeps"] if huge else []
    return f"{'; '.join(parts)}."


def _some(names: Sequence[str]) -> str:
    more = [f"… {len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return ", ".join([*names[:_NAMED], *more])


def _name(each: LeftOut) -> str:
    return redact(each.name, _NAME_CHARS)
