"""Files that a page may read: only what was offered, as it was then, in pieces of a bounded size."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nemo_notebook import errors
from nemo_notebook.notebook.widgets.part import PIECE_BYTES
from nemo_notebook.notebook.widgets.served_files import ServedFiles

WHOLE = os.urandom(PIECE_BYTES + 1000)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(WHOLE)
    return path


@pytest.fixture
def offers() -> ServedFiles:
    return ServedFiles()


@pytest.fixture
def key(offers: ServedFiles, film: Path) -> str:
    """What the film is offered by."""
    return offers.offer(film)


def test_read__gives_the_piece_that_is_asked_for(offers: ServedFiles, key: str) -> None:
    answer = offers.read(key, 5, 20)
    assert answer.content == {"offset": 5, "total": len(WHOLE)}
    assert list(answer.buffers) == [WHOLE[5:25]]
    assert offers.size(key) == len(WHOLE)


def test_read__is_bounded_by_a_piece_and_by_the_end(offers: ServedFiles, key: str) -> None:
    first = offers.read(key, 0, 1 << 40).buffers[0]
    assert bytes(first) == WHOLE[:PIECE_BYTES]
    assert bytes(offers.read(key, PIECE_BYTES, 1 << 40).buffers[0]) == WHOLE[PIECE_BYTES:]
    assert bytes(offers.read(key, len(WHOLE), 10).buffers[0]) == b""
    with pytest.raises(errors.UsageError, match="no bytes there"):
        offers.read(key, len(WHOLE) + 1, 1)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("other", ["", "no-such-key", "film.mp4", "{film}"])
def test_read__of_what_was_not_offered_is_refused(film: Path, offers: ServedFiles, other: str) -> None:
    with pytest.raises(errors.FileMissing, match="not on offer"):
        offers.read(other.format(film=film), 0, 1)


def test_offer__gives_the_same_key_for_the_same_file_only(film: Path, offers: ServedFiles, key: str) -> None:
    assert offers.offer(str(film)) == key
    film.write_bytes(b"another film")
    assert offers.offer(film) != key


def _grown(film: Path) -> None:
    film.write_bytes(WHOLE + b"more")


def _rewritten(film: Path) -> None:
    film.write_bytes(WHOLE[::-1])
    os.utime(film, ns=(1, 1))


def _replaced(film: Path) -> None:
    other = film.with_name("other.mp4")
    other.write_bytes(WHOLE)
    was = film.stat()
    os.utime(other, ns=(was.st_atime_ns, was.st_mtime_ns))
    other.replace(film)


@pytest.mark.parametrize("change", [_grown, _rewritten, _replaced])
def test_read__of_a_file_that_is_another_one_by_now_is_refused(
    film: Path, offers: ServedFiles, key: str, change: Callable[[Path], None]
) -> None:
    change(film)
    with pytest.raises(errors.FileMissing, match=r"film\.mp4 has been changed meanwhile") as refused:
        offers.read(key, 0, 10)
    assert refused.value.hint


def test_read__of_a_file_that_is_gone_is_refused(film: Path, offers: ServedFiles, key: str) -> None:
    film.unlink()
    with pytest.raises(errors.FileMissing, match="cannot be read"):
        offers.read(key, 0, 10)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are made otherwise on Windows")
def test_read__follows_no_link_that_came_meanwhile_and_waits_for_no_pipe(
    film: Path, tmp_path: Path, offers: ServedFiles, key: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    film.unlink()
    film.symlink_to(secret)
    with pytest.raises(errors.FileMissing):
        offers.read(key, 0, 6)
    film.unlink()
    os.mkfifo(film)
    with pytest.raises(errors.FileMissing):
        offers.read(key, 0, 6)
    with pytest.raises(errors.FileMissing):
        offers.offer(film)


@pytest.mark.parametrize("name", ["missing.mp4", "", "a\0b", "x" * 5000])
def test_offer__of_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.FileMissing):
        ServedFiles().offer(tmp_path / name)


def test_offer__forgets_the_oldest_of_very_many(tmp_path: Path) -> None:
    offers, keys = ServedFiles(), []
    for number in range(300):
        path = tmp_path / f"{number}.gif"
        path.write_bytes(b"gif")
        keys.append(offers.offer(path))
    assert offers.size(keys[-1]) == 3
    with pytest.raises(errors.FileMissing):
        offers.size(keys[0])
