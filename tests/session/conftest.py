"""What tests of sessions share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from nemo_notebook import clock, errors
from nemo_notebook.tapes import tape as taping


@pytest.fixture
def no_tape() -> Iterator[None]:
    """Ends the tape that a test has left in use."""
    yield
    with contextlib.suppress(errors.TapeError):
        taping.end_tape()
    assert clock.current_clock() is clock.MACHINE


@pytest.fixture
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
