from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from nemo_notebook import errors, examples

HERE = examples.folder()


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Where the notebooks may be: in the package, in a checkout. Neither is there yet."""
    found = tmp_path / "package", tmp_path / "checkout"
    monkeypatch.setattr(examples, "_PLACES", found)
    return found


def fill(place: Path) -> None:
    (place / "media").mkdir(parents=True)
    (place / "media" / "song.mp3").write_bytes(b"song")
    (place / "story.ipynb").write_text("{}")


def test_media__are_a_song_and_then_the_clips() -> None:
    song, *clips = examples.media()
    assert song == HERE / "media" / "song.mp3"
    assert [clip.name for clip in clips] == ["city.mp4", "dance.mp4", "lanterns.mp4", "ride.mp4", "sea.mp4"]
    assert all(path.is_absolute() for path in (song, *clips))


def test_folder__is_told_to_be_missing(places: tuple[Path, Path]) -> None:
    with pytest.raises(errors.InputError) as told:
        examples.folder()
    assert "Install" in told.value.hint


def test_working_copy__is_the_checkout_itself(places: tuple[Path, Path], tmp_path: Path) -> None:
    fill(places[1])
    assert examples.working_copy(tmp_path / "mine") == places[1]


def test_working_copy__is_made_where_nothing_can_be_saved_beside_the_notebooks(
    places: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(places[1])
    monkeypatch.setattr(examples.os, "access", lambda path, mode: False)
    mine = examples.working_copy(tmp_path / "mine")
    assert mine == tmp_path / "mine"
    assert (mine / "media" / "song.mp3").read_bytes() == b"song"


def test_working_copy__opens_unchanged_with_this_python(places: tuple[Path, Path], tmp_path: Path) -> None:
    fill(places[0])
    saved = json.loads((HERE / "quickstart.ipynb").read_text("utf-8"))
    saved["metadata"]["language_info"]["version"] = "3.9.1"
    (places[0] / "story.ipynb").write_text(json.dumps(saved), "utf-8")
    copy = json.loads((examples.working_copy(tmp_path / "mine") / "story.ipynb").read_text("utf-8"))
    assert copy["metadata"]["language_info"].pop("version") == platform.python_version()
    assert saved["metadata"]["language_info"].pop("version") == "3.9.1"
    assert copy == saved


def test_working_copy__of_the_package_keeps_what_was_worked_on(places: tuple[Path, Path], tmp_path: Path) -> None:
    fill(places[0])
    mine = examples.working_copy(tmp_path / "mine")
    (mine / "story.ipynb").write_text("mine")
    (mine / "media" / "song.mp3").unlink()
    examples.working_copy(mine)
    assert (mine / "story.ipynb").read_text() == "mine"
    assert (mine / "media" / "song.mp3").is_file()
