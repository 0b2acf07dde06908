from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from nemo_notebook import errors
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.wording import nice_title
from nemo_notebook.session.targets import choose_target, free_path


def test_free_names__are_not_given_twice(tmp_path: Path) -> None:
    assert [free_path("My Song!", "mp4", tmp_path).name for _ in range(2)] == ["my-song.mp4", "my-song-2.mp4"]
    (tmp_path / "other.mp4").touch()
    assert free_path("other", "mp4", tmp_path).name == "other-2.mp4"
    assert free_path("///", "mp4", tmp_path).name == "music-video.mp4"


@pytest.mark.parametrize("tag", ["", "Living Caves;Crossroads;Desert", "Rain / Snow / Sun", "a" * 41])
def test_title__of_a_song_is_its_tag_unless_that_is_a_list_or_long(tag: str) -> None:
    song = MediaItem("s", "03 - night_ride.mp3", "audio", 60_000, title="Harbour Lights")
    assert nice_title(song) == "Harbour Lights"
    assert nice_title(replace(song, title=tag)) == "Night Ride"


@pytest.mark.parametrize("path", [".", "..", "/", "films/", ""])
def test_folders__are_refused(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.UsageError):
        choose_target(path, "t", "mp4")


@pytest.mark.parametrize("path", ["a\0.mp4", "~no-such-user/a.mp4", "x" * 300 + ".mp4"])
def test_impossible_paths__are_told(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.InputError):
        choose_target(path, "t", "mp4")


def test_path__gets_its_ending_and_its_folder(tmp_path: Path) -> None:
    target = choose_target(tmp_path / "new" / "film", "t", "mov")
    assert target == tmp_path / "new" / "film.mov"
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("path", [None, "film.mp4", "films/film.mp4"])
def test_folder_that_cannot_be_written__is_told_with_a_path_that_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str | None
) -> None:
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(Path, "home", lambda: home)
    touch = Path.touch

    def touched(file: Path) -> None:  # as on a disk that is mounted read-only, also for root
        if file.absolute().is_relative_to(here):
            raise OSError(errno.EROFS, "Read-only file system")
        touch(file)

    monkeypatch.setattr(Path, "touch", touched)
    for _ in range(2):  # its name is free again
        with pytest.raises(errors.InputError, match=r"\bfilm\.mp4 cannot be written: Read-only file sys") as caught:
            choose_target(path, "Film", "mp4")
    assert caught.value.hint == "Name a path that can be written, such as ~/film.mp4."
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    assert choose_target("~/film.mp4", "Film", "mp4") == home / "film.mp4"
