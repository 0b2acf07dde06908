from __future__ import annotations

import dataclasses
import shutil
import traceback
from pathlib import Path
from typing import Any

import pytest
from cases import cases

from nemo_notebook import errors, skills
from nemo_notebook.session import conversion, uploads

SKILL = skills.load("from-music")
SMALL = dataclasses.replace(SKILL, max_size_mb=1)


FILM = b"\0\0\0\x18ftypmp42"  # how one begins


def make(folder: Path, *names: str, content: bytes = FILM) -> None:
    for name in names:
        (folder / name).write_bytes(content)


@pytest.fixture
def with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the converter were there; nothing is converted in these tests."""
    for module in (conversion, uploads):
        monkeypatch.setattr(module, "engine_installed", lambda: True, raising=False)


def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (uploads, conversion):
        monkeypatch.setattr(module, "engine_installed", lambda: False)


def test_pattern__finds_media_in_order_and_skips_the_rest(tmp_path: Path) -> None:
    make(tmp_path, "b.mp4", "a.mp4", "notes.txt")
    found, _ = uploads.resolve_files([tmp_path / "*"], SKILL)
    assert [path.name for path in found] == ["a.mp4", "b.mp4"]


def test_pattern__finds_hidden_files_only_where_it_begins_with_a_dot(tmp_path: Path) -> None:
    make(tmp_path, "song.mp3", "._song.mp3")
    found = {pattern: uploads.expand(str(tmp_path / pattern)) for pattern in ("*.mp3", ".*.mp3")}
    assert {key: [path.name for path in paths] for key, paths in found.items()} == {
        "*.mp3": ["song.mp3"],
        ".*.mp3": ["._song.mp3"],
    }


def test_name_with_brackets__is_a_file_first(tmp_path: Path) -> None:
    make(tmp_path, "clip [1].mp4")
    (found,), _ = uploads.resolve_files([str(tmp_path / "clip [1].mp4")], SKILL)
    assert found.name == "clip [1].mp4"


def test_addresses__are_told_from_files(tmp_path: Path) -> None:
    make(tmp_path, "a.mp3")
    found, urls = uploads.resolve_files([tmp_path / "a.mp3", "https://x.test/b.mp3", tmp_path / "a.mp3"], SKILL)
    assert (len(found), urls) == (1, ["https://x.test/b.mp3"])


@cases
def test_bad_files__are_named_with_a_hint(tmp_path: Path, name: str, content: str | None, kind: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, encoding="ascii")
    with pytest.raises(getattr(errors, kind)) as caught:
        uploads.resolve_files([tmp_path / name], SKILL)
    assert name in str(caught.value)
    assert caught.value.hint
    assert kind != "UnsupportedMedia" or caught.value.hint.startswith(errors.UnsupportedMedia.hint)


def test_too_large__says_the_limit(tmp_path: Path) -> None:
    with (tmp_path / "big.mp4").open("wb") as file:
        file.write(FILM)
        file.truncate(SKILL.max_bytes + 1)  # sparse: takes no room
    with pytest.raises(errors.MediaTooLarge, match="200 MB"):
        uploads.resolve_files([tmp_path / "big.mp4"], SKILL)


def test_folder__suggests_its_files(tmp_path: Path) -> None:
    with pytest.raises(errors.FileMissing) as caught:
        uploads.resolve_files([tmp_path], SKILL)
    assert "/*" in caught.value.hint


@pytest.mark.parametrize("what", ["~no-such-user/a.mp3", "a\0b.mp3", "x" * 300 + ".mp3", "\ud800.mp3"])
def test_impossible_paths__are_told(what: str) -> None:
    with pytest.raises(errors.InputError) as caught:
        uploads.resolve_files([what], SKILL)
    assert caught.value.hint


@pytest.mark.parametrize("what", [[5], [None], [b"a.mp3"], []])
def test_what_is_no_file__is_told(what: list[Any]) -> None:
    with pytest.raises(errors.UsageError):
        uploads.resolve_files(what, SKILL)


def test_links_in_circles__are_not_followed(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "deep").mkdir()
    make(tmp_path / "deep", "a.mp3")
    found, _ = uploads.resolve_files([f"{tmp_path}/**/*.mp3"], SKILL)
    assert [path.name for path in found] == ["a.mp3"]


@pytest.mark.usefixtures("with_the_extra")
def test_convertible__is_let_through_and_marked(tmp_path: Path) -> None:
    make(tmp_path, "a.mp4", "b.flac", "c.TIF", "notes.txt")
    found, _ = uploads.resolve_files([tmp_path / "*"], SKILL)
    assert found == {tmp_path / "a.mp4": None, tmp_path / "b.flac": "wav", tmp_path / "c.TIF": "png"}


@pytest.mark.usefixtures("with_the_extra")
def test_convertible__may_be_over_the_limit_that_its_result_keeps_to(tmp_path: Path) -> None:
    make(tmp_path, "song.flac", content=bytes(SMALL.max_bytes + 1))
    assert uploads.resolve_files([tmp_path / "song.flac"], SMALL)[0] == {tmp_path / "song.flac": "wav"}


@pytest.mark.usefixtures("with_the_extra")
def test_convertible__empty_or_damaged_by_its_place_is_told_before_anything_is_converted(tmp_path: Path) -> None:
    make(tmp_path, "a.flac")
    make(tmp_path, "b.flac", content=b"")
    with pytest.raises(errors.FileMissing, match=r"b\.flac is empty"):
        uploads.resolve_files([tmp_path / "*"], SKILL)


def test_convertible__without_the_extra_is_refused_with_what_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_extra(monkeypatch)
    make(tmp_path, "song.flac")
    for what in ("song.flac", "*.flac"):
        with pytest.raises(errors.UnsupportedMedia, match=r"song\.flac") as caught:
            uploads.resolve_files([tmp_path / what], SKILL)
        assert caught.value.hint.startswith(errors.UnsupportedMedia.hint)
        assert "nemo-notebook[local]" in caught.value.hint


def test_convertible__without_the_extra_does_not_spoil_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_extra(monkeypatch)
    make(tmp_path, "a.mp4", "scan.tif")
    assert uploads.resolve_files([tmp_path / "*"], SKILL)[0] == {tmp_path / "a.mp4": None}


def test_check_size__names_the_size_the_limit_and_a_way_out(tmp_path: Path) -> None:
    make(tmp_path, "x.mp4", content=bytes(1_600_000))
    make(tmp_path, "y.mp4", content=bytes(SMALL.max_bytes))
    with pytest.raises(errors.MediaTooLarge) as caught:
        uploads.check_size(tmp_path / "x.mp4", SMALL, is_local=False)
    assert str(caught.value) == "x.mp4 has 1.6 MB; the limit of From Music is 1 MB."
    assert "Compress or trim" in caught.value.hint
    uploads.check_size(tmp_path / "y.mp4", SMALL, is_local=False)


def test_local_engine__takes_what_fits_on_its_disk_and_tells_both_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "big.mp4").open("wb") as file:
        file.truncate(SKILL.max_bytes + 1)
    uploads.resolve_files([tmp_path / "big.mp4"], SKILL, is_local=True)
    disk = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk._replace(free=800_000_000))
    uploads.check_size(tmp_path / "big.mp4", SKILL, is_local=True)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk._replace(free=650_000_000))
    with pytest.raises(errors.InputError, match=r"big\.mp4 has 200\.0 MB, but the disk has room for 150\.0 MB"):
        uploads.check_size(tmp_path / "big.mp4", SKILL, is_local=True)


@pytest.mark.parametrize(
    "content", [b"-----BEGIN OPENSSH PRIVATE KEY-----", "key".encode("utf-16"), b"SQLite format 3\0"]
)
def test_link__to_what_is_no_media_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "id_rsa").write_bytes(content)
    (tmp_path / "clips").mkdir()
    make(tmp_path / "clips", "a.mp4")
    (tmp_path / "clips" / "x.mp4").symlink_to(tmp_path / "id_rsa")
    (tmp_path / "clips" / "y.mp3").write_bytes(content)
    for pattern, name in (("*.mp4", "x.mp4"), ("*.mp3", "y.mp3")):
        with pytest.raises(errors.UnsupportedMedia, match=f"{name} holds no video, picture or sound"):
            uploads.resolve_files([tmp_path / "clips" / pattern], SKILL)
    uploads.resolve_files([tmp_path / "clips" / "a.mp4"], SKILL)


@pytest.mark.usefixtures("with_the_extra")
def test_content__goes_before_the_ending(tmp_path: Path) -> None:
    make(tmp_path, "photo.jpg", content=b"\0\0\0\x18ftypheic")
    make(tmp_path, "song.mp3", content=b"OggS\0\2")
    make(tmp_path, "clip.mp4")
    found, _ = uploads.resolve_files([tmp_path / "*"], SKILL)
    assert found == {tmp_path / "clip.mp4": None, tmp_path / "photo.jpg": "png", tmp_path / "song.mp3": "m4a"}


@pytest.mark.parametrize(
    "url", ["https://user:s3cret@host.test/film.mp4", "HTTPS://s3cret@host.test/", "http://u:s3cret@[::1"]
)
def test_password_in_an_address__is_neither_sent_nor_shown(url: str) -> None:
    with pytest.raises(errors.InputError, match="user name or password") as caught:
        uploads.resolve_files([url], SKILL, is_local=True)
    told = "".join(traceback.format_exception(caught.value, limit=0))
    assert "s3cret" not in told
