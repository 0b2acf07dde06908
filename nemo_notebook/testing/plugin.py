"""The plugin for pytest: `--nemo-tape`, and the fixture `nemo_tape`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from nemo_notebook import testing

if TYPE_CHECKING:
    from nemo_notebook.tapes.tape import TapeState

_LONGEST: Final = 120  # characters of a file's name


def pytest_addoption(parser: pytest.Parser) -> None:
    """Bring the option."""
    parser.getgroup("nemo-notebook").addoption(
        "--nemo-tape",
        choices=testing.MODES,
        default=testing.MODES[0],
        help="replay tapes (the default), record them, or replay those that are there and record the others",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take the option for tapes that are used without the fixture, too."""
    testing.use_mode(config.getoption("--nemo-tape"))


@pytest.fixture
def nemo_tape(request: pytest.FixtureRequest) -> Iterator[TapeState]:
    """All that the test asks of a backend is answered from its tape, in a folder `tapes` beside the test's file."""
    with testing.tape(tape_of(request.path, request.node.nodeid)) as begun:
        yield begun


def tape_of(path: Path, test: str) -> Path:
    """The tape of a test.

    Args:
        path: The test's file.
        test: The test's id, as pytest tells it.
    """
    name = test.partition("::")[2]
    safe = re.sub(r"[^\w.]+", "-", name, flags=re.ASCII).strip("-.")[:_LONGEST]
    if safe != name.replace("::", "-"):  # two tests must not share a tape
        safe += f"-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
    return path.parent / "tapes" / f"{path.stem}-{safe}.nemotape"
