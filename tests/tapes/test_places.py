from __future__ import annotations

import os
from pathlib import Path

import pytest

from nemo_notebook.tapes import places

posix_only = pytest.mark.skipif(os.name != "posix", reason="there are no such rights")


def test_replacing__shows_nothing_of_it_before_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with places.replacing(path, places.OWN) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    with pytest.raises(TypeError), places.replacing(path, places.OWN) as file:
        file.writelines([b"half", "of it"])  # type: ignore[list-item]
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@posix_only
def test_replacing__puts_a_file_in_the_place_of_a_link(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    other.write_bytes(b"other")
    path.symlink_to(other)
    with places.replacing(path, places.OWN) as file:
        file.write(b"new")
    assert (path.is_symlink(), path.read_bytes(), other.read_bytes()) == (False, b"new", b"other")
    assert path.stat().st_mode & 0o777 == 0o600


def test_spare__is_a_name_that_nobody_has(tmp_path: Path) -> None:
    names = [places.spare(tmp_path / "film.new", ".nemotape").name for _ in range(3)]
    assert names == ["film.new.nemotape", "film.new2.nemotape", "film.new3.nemotape"]
    assert sorted(file.name for file in tmp_path.iterdir()) == names


def test_look__tells_any_change(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert places.look(path) == places.NOTHING
    path.write_bytes(b"a")
    seen = places.look(path)
    assert seen == places.look(path) != places.NOTHING
    with places.replacing(path, places.OWN) as file:
        file.write(b"b")
    assert places.look(path) != seen


def test_claim__is_of_one_at_a_time_and_ends_with_the_file(tmp_path: Path) -> None:
    part = tmp_path / "a.part"
    with places.created(part) as file:
        for again in (places.created, places.opened):
            with pytest.raises(places.errors.TapeError, match="Another kernel records"):
                again(part)
        assert file.writable()
    reopened = places.opened(part)
    assert reopened is not None
    places.remove(reopened, part)
    assert reopened.closed
    assert places.opened(part) is None
