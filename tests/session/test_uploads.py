from __future__ import annotations

from pathlib import Path

import pytest

from nemo_notebook import errors, skills
from nemo_notebook.session import uploads

SKILL = skills.load("from-music")


def make(folder: Path, *names: str, content: bytes = b"x") -> None:
    for name in names:
        (folder / name).write_bytes(content)


def test_pattern__finds_media_in_order_and_skips_the_rest(tmp_path: Path) -> None:
    make(tmp_path, "b.mp4", "a.mp4", "notes.txt")
    found = uploads.resolve([tmp_path / "*"], SKILL)
    assert [path.name for path in found.paths] == ["a.mp4", "b.mp4"]


def test_name_with_brackets__is_a_file_first(tmp_path: Path) -> None:
    make(tmp_path, "clip [1].mp4")
    assert uploads.resolve([str(tmp_path / "clip [1].mp4")], SKILL).paths[0].name == "clip [1].mp4"


def test_addresses__are_told_from_files(tmp_path: Path) -> None:
    make(tmp_path, "a.mp3")
    found = uploads.resolve([tmp_path / "a.mp3", "https://x.test/b.mp3", tmp_path / "a.mp3"], SKILL)
    assert (len(found.paths), found.urls) == (1, ("https://x.test/b.mp3",))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("missing.mp3", None, errors.FileMissing),
        ("empty.mp3", b"", errors.FileMissing),
        ("notes.txt", b"x", errors.UnsupportedMedia),
        ("noending", b"x", errors.UnsupportedMedia),
        ("none-*.mp4", None, errors.FileMissing),
    ],
)
def test_bad_files__are_named_with_a_hint(
    tmp_path: Path, name: str, content: bytes | None, kind: type[errors.NemoError]
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(kind) as caught:
        uploads.resolve([tmp_path / name], SKILL)
    assert name in str(caught.value)
    assert caught.value.hint


def test_too_large__says_the_limit(tmp_path: Path) -> None:
    with (tmp_path / "big.mp4").open("wb") as file:
        file.truncate(SKILL.max_bytes + 1)  # sparse: takes no room
    with pytest.raises(errors.MediaTooLarge, match="200 MB"):
        uploads.resolve([tmp_path / "big.mp4"], SKILL)


def test_folder__suggests_its_files(tmp_path: Path) -> None:
    with pytest.raises(errors.FileMissing) as caught:
        uploads.resolve([tmp_path], SKILL)
    assert "/*" in caught.value.hint


def test_nothing__is_a_usage_error() -> None:
    with pytest.raises(errors.UsageError):
        uploads.resolve([], SKILL)


@pytest.mark.parametrize("what", ["~no-such-user/a.mp3", "a\0b.mp3", "x" * 300 + ".mp3", "\ud800.mp3"])
def test_impossible_paths__are_told(what: str) -> None:
    with pytest.raises(errors.InputError) as caught:
        uploads.resolve([what], SKILL)
    assert caught.value.hint


@pytest.mark.parametrize("what", [5, None, b"a.mp3"])
def test_other_types__are_told(what: object) -> None:
    with pytest.raises(errors.NemoError):
        uploads.resolve([what], SKILL)  # type: ignore[list-item]


def test_links_in_circles__are_not_followed(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "deep").mkdir()
    make(tmp_path / "deep", "a.mp3")
    found = uploads.resolve([f"{tmp_path}/**/*.mp3"], SKILL)
    assert [path.name for path in found.paths] == ["a.mp3"]
