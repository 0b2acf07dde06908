from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from batch_stand import FORM, write_files

from nemo_notebook import errors
from nemo_notebook.batches.order import Mark, Order, key_of, look, read_order


def read(what: Any, tmp_path: Path, **more: Any) -> Order:
    how = {"prompt": "a film", "out": tmp_path / "films", "skill": "from-music", "backend": "local", "form": FORM}
    return read_order(what, **{**how, **more})


def test_order__is_of_each_file_once_in_order(tmp_path: Path) -> None:
    songs = write_files(tmp_path / "a", "b.mp3", "a.mp3", "notes.txt", "c.flac")
    order = read([str(tmp_path / "a" / "*"), songs[0], tmp_path / "b" / ".." / "a" / "a.mp3"], tmp_path)
    assert [path.name for path in order.sources] == ["a.mp3", "b.mp3", "c.flac"]
    assert order.ending == "mp4"
    assert order.place(order.sources[0]) == "../a/a.mp3"


def test_place__is_another_for_each_name_and_can_be_kept(tmp_path: Path) -> None:
    order = read("a.mp3", tmp_path)
    names = ["a%.mp3", "a%25.mp3", "a\\udcff.mp3", *([os.fsdecode(b"a\xff.mp3")] if os.name == "posix" else [])]
    places = [order.place(tmp_path / name) for name in names]
    assert len({place.encode() for place in places}) == len(names)
    assert places[0] == "../a%.mp3"


def test_order__takes_a_file_that_is_not_there_as_a_row(tmp_path: Path) -> None:
    assert read([tmp_path / "gone.mp3"], tmp_path).sources == (tmp_path / "gone.mp3",)


def test_order__does_not_take_its_own_films_for_songs(tmp_path: Path) -> None:
    songs = write_files(tmp_path / "films", "a.mp4", "song.mp3")
    assert len(read(str(tmp_path / "films" / "*"), tmp_path).sources) == 2
    assert read(str(tmp_path / "films" / "*"), tmp_path, made=frozenset(songs[:1])).sources == (songs[1],)


@pytest.mark.parametrize(
    ("what", "more", "message"),
    [
        ("x/*.mp3", {}, "Nothing matches"),
        ("https://e.test/a.mp3", {}, "no addresses"),
        (["a.mp3", 7], {}, "7 is no file"),
        (None, {}, "None is no file"),
        ([], {}, "nothing to make films of"),
        ("a.mp3", {"prompt": "  "}, "needs a prompt"),
        ("a.mp3", {"form": {**FORM, "format": "exe"}}, "no format 'exe'"),
        ("a.mp3", {"form": {**FORM, "preset": "cinema"}}, "no preset"),
        ("a.mp3", {"skill": "none"}, "no skill"),
        ("a.mp3", {"more": ["clips/none.mp4"]}, "There is no file"),
        ("a.mp3", {"more": ["http://e.test/a.mp4"]}, "no addresses"),
        ("a\0.mp3", {}, "NUL|cannot be a path"),
    ],
)
def test_order__that_cannot_be_meant_is_refused(what: Any, more: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises((errors.UsageError, errors.InputError), match=message):
        read(what, tmp_path, **more)


def test_order__names_what_a_folder_holds(tmp_path: Path) -> None:
    with pytest.raises(errors.FileMissing, match="is a folder") as told:
        read(tmp_path, tmp_path)
    assert "/*" in told.value.hint
    write_files(tmp_path, "films")
    with pytest.raises(errors.UsageError, match="films is no folder"):
        read("a.mp3", tmp_path)


def test_look__reads_a_file_again_only_if_it_has_changed(tmp_path: Path) -> None:
    (song,) = write_files(tmp_path, "a.mp3")
    mark = look(song)
    assert (len(mark.sha256), mark.size_bytes) == (64, 5)
    told = Mark("known", mark.size_bytes, mark.mtime_ns)
    assert look(song, told) is told
    song.write_text("b.mp3")
    os.utime(song, ns=(mark.mtime_ns + 1, mark.mtime_ns + 1))
    assert look(song, told).sha256 not in {"known", mark.sha256}
    assert look(tmp_path / "gone") == Mark()


def test_key__is_the_same_where_the_usual_quality_is_named_or_not(tmp_path: Path) -> None:
    """A line of the notebook names it always, a call in Python need not: the films are the same."""
    named = read("a.mp3", tmp_path, form={**FORM, "quality": "high"})
    unnamed = read("a.mp3", tmp_path, form={**FORM, "quality": None})
    assert key_of(named, "content", []) == key_of(unnamed, "content", [])


def test_key__is_another_for_whatever_changes_the_film(tmp_path: Path) -> None:
    order = read("a.mp3", tmp_path)
    keys = {
        key_of(order, "content", []),
        key_of(order, "other content", []),
        key_of(order, "content", ["clip"]),
        key_of(read("a.mp3", tmp_path, prompt="another film"), "content", []),
        key_of(read("a.mp3", tmp_path, skill="music-maker"), "content", []),
        key_of(read("a.mp3", tmp_path, backend="cloud"), "content", []),
        key_of(read("a.mp3", tmp_path, form={**FORM, "quality": "high"}), "content", []),
        key_of(read("a.mp3", tmp_path, form={**FORM, "format": "gif"}), "content", []),
    }
    assert len(keys) == 8
    assert key_of(read("b.mp3", tmp_path, out=tmp_path / "elsewhere"), "content", []) in keys
