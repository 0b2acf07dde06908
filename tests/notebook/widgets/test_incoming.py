from __future__ import annotations

import errno
import os
import random
import re
import threading
import zlib
from pathlib import Path

import pytest
from cases import cases
from hypothesis import given, strategies as st

from nemo_notebook import errors
from nemo_notebook.notebook.widgets.incoming import IncomingFile, inbox, safe_name
from nemo_notebook.notebook.widgets.part import PIECE_BYTES

DATA = random.Random(1).randbytes(2 * PIECE_BYTES + 700)
PIECES = [DATA[start : start + PIECE_BYTES] for start in range(0, len(DATA), PIECE_BYTES)]


@pytest.fixture
def incoming() -> IncomingFile:
    return IncomingFile("a.wav", len(DATA))


@cases
def test_names__are_ones_everywhere_and_lead_nowhere(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_long_and_broken_names__keep_their_ending() -> None:
    long = safe_name("梦" * 300 + ".mp4")
    assert long.endswith("梦.mp4")
    assert len(long.encode()) <= 180
    assert len(safe_name("a." + "b" * 400).encode()) <= 180
    assert safe_name("\ud800.mp4") == "mp4"


@cases
def test_names_without_an_ending__get_that_of_their_type(name: str, mime: str, safe: str) -> None:
    assert safe_name(name, mime) == safe


@given(st.text(), st.text())
def test_any_name__is_one_step_of_a_path(name: str, mime: str) -> None:
    safe = safe_name(name, mime)
    assert Path(safe).name == safe
    assert 0 < len(safe.encode()) <= 180
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', safe)
    assert safe == safe.strip(" .")
    assert safe_name(safe) == safe


def test_pieces__in_any_order_from_many_threads_make_the_file(incoming: IncomingFile) -> None:
    order = [2, 0, 1, 1, 0]
    threads = [
        threading.Thread(target=incoming.take, args=(number, zlib.crc32(PIECES[number]), memoryview(PIECES[number])))
        for number in order
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert incoming.is_whole
    assert incoming.missing() == []
    assert incoming.path.read_bytes() == DATA
    incoming.remove()
    incoming.remove()
    assert list(inbox().iterdir()) == []


@cases
def test_a_wrong_piece__is_not_taken(incoming: IncomingFile, number: int, checked: int, sent: int) -> None:
    pieces = [*PIECES, b""]
    assert not incoming.take(number, zlib.crc32(pieces[checked]), pieces[sent])
    assert incoming.missing() == [0, 1, 2]
    assert incoming.path.stat().st_size == 0


def test_a_piece_that_comes_after_the_end__changes_nothing(incoming: IncomingFile) -> None:
    incoming.remove()
    assert incoming.take(0, zlib.crc32(PIECES[0]), PIECES[0])
    assert not incoming.path.exists()


def test_the_inbox__is_its_owners(incoming: IncomingFile) -> None:
    if os.name == "posix":
        assert incoming.path.parent.stat().st_mode & 0o77 == 0


def test_a_full_disk__is_told(incoming: IncomingFile, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        closed = False

        def seek(self, _: int) -> None:
            raise OSError(errno.ENOSPC, "no room")

    incoming._file.close()
    monkeypatch.setattr(incoming, "_file", Full())
    with pytest.raises(errors.InputError, match="The disk is full"):
        incoming.take(0, zlib.crc32(PIECES[0]), PIECES[0])
    assert incoming.missing() == [0, 1, 2]


def test_no_folder__is_told(own_home: Path) -> None:
    (own_home / "inbox").write_text("a file stands in its place")
    with pytest.raises(errors.InputError, match="cannot be written"):
        IncomingFile("a.wav", 10)
