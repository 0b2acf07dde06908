from __future__ import annotations

import errno
import os
import random
import re
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from nemo_notebook import errors
from nemo_notebook.notebook.widgets.incoming import IncomingFile, inbox, safe_name
from nemo_notebook.notebook.widgets.part import PIECE_BYTES

DATA = random.Random(1).randbytes(2 * PIECE_BYTES + 700)
PIECES = [DATA[start : start + PIECE_BYTES] for start in range(0, len(DATA), PIECE_BYTES)]


@pytest.fixture
def incoming() -> IncomingFile:
    return IncomingFile("a.wav", len(DATA))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("song.mp3", "song.mp3"),
        ("../../etc/passwd.mp3", "passwd.mp3"),
        ("C:\\Users\\me\\song.mp3", "song.mp3"),
        ("a:b*c?.mp4", "a_b_c_.mp4"),
        ("CON.mp4", "_CON.mp4"),
        ("con", "_con"),
        ("aux .wav", "_aux.wav"),
        ("console.mp4", "console.mp4"),
        ("lpt1.tar.mp4", "_lpt1.tar.mp4"),
        (" trailing.mp4. . ", "trailing.mp4"),
        (".mp4", "mp4"),
        ("", "file"),
        ("...", "file"),
        ("/", "file"),
        ("nul\x00byte\u202egpj.mp4", "nulbytegpj.mp4"),
        ("城市之梦 🎵.mp4", "城市之梦 🎵.mp4"),
        ("e\u0301te\u0301.mp3", "été.mp3"),
        ("\ud800.mp4", "mp4"),
    ],
)
def test_names__are_ones_everywhere_and_lead_nowhere(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_long_names__keep_their_ending() -> None:
    long = safe_name("梦" * 300 + ".mp4")
    assert long.endswith("梦.mp4")
    assert len(long.encode()) <= 180
    assert len(safe_name("a." + "b" * 400).encode()) <= 180


@pytest.mark.parametrize(
    ("name", "mime", "safe"),
    [
        ("clip", "video/mp4", "clip.mp4"),
        ("v1.2", "audio/mpeg", "v1.2.mp3"),
        ("", "image/png; x=y", "file.png"),
        ("clip", "text/html", "clip"),
        ("song.flac", "video/mp4", "song.flac"),
    ],
)
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


@pytest.mark.parametrize(
    ("number", "crc32", "data"),
    [
        (0, zlib.crc32(PIECES[0]), PIECES[1]),
        (0, zlib.crc32(PIECES[2]), PIECES[2]),
        (2, zlib.crc32(PIECES[0]), PIECES[0]),
        (3, zlib.crc32(b""), b""),
        (-1, zlib.crc32(PIECES[2]), PIECES[2]),
        (10**9, zlib.crc32(PIECES[0]), PIECES[0]),
    ],
)
def test_a_wrong_piece__is_not_taken(incoming: IncomingFile, number: Any, crc32: Any, data: bytes) -> None:
    assert not incoming.take(number, crc32, data)
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
