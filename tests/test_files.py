"""Files that outlive a power loss, and the error of a full disk."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nemo_notebook import errors, files
from nemo_notebook.batches import folder as batch_folder
from nemo_notebook.client import tokens
from nemo_notebook.engine import uploads
from nemo_notebook.engine.database import Database
from nemo_notebook.outside import Secret
from nemo_notebook.render.cache import whole_file
from nemo_notebook.session.journal import Journal


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the disk, in its order: `file` or `folder` synced, or a file `named`."""
    seen: list[str] = []
    fsync, replace, link = os.fsync, Path.replace, os.link

    def synced(handle: int) -> None:
        seen.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def replaced(self: Path, target: Path) -> Path:
        seen.append("named")
        return replace(self, target)

    def linked(source: Path, target: Path) -> None:
        seen.append("named")
        link(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    monkeypatch.setattr(os, "link", linked)
    monkeypatch.setattr(files.sys, "platform", "linux")
    return seen


def media(part: Path, target: Path) -> None:
    uploads.keep_file(part, target)


def rendered(part: Path, target: Path) -> None:
    with whole_file(target) as whole:
        whole.write_bytes(part.read_bytes())


def token(part: Path, target: Path) -> None:
    tokens._write(target, Secret(part.read_text(encoding="ascii")))


@pytest.mark.skipif(os.name != "posix", reason="folders are synced on POSIX only")
@pytest.mark.parametrize("keep", [files.replace_durably, media, rendered, token])
def test_files__are_synced_before_they_get_their_name_and_their_folder_after(
    written: list[str], tmp_path: Path, keep: Callable[[Path, Path], None]
) -> None:
    (tmp_path / "x.part").write_text("whole", encoding="ascii")
    keep(tmp_path / "x.part", tmp_path / "x")
    assert written == ["file", "named", "folder"]
    assert (tmp_path / "x").read_text(encoding="ascii") == "whole"


@pytest.mark.skipif(os.name != "posix", reason="folders are synced on POSIX only")
def test_film_of_a_batch__keeps_its_name(written: list[str], tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "x.mp4").touch()
    batch_folder.move_new(tmp_path / "made" / "x.mp4", tmp_path / "x.mp4")
    assert written[-2:] == ["named", "folder"]


@pytest.mark.skipif(os.name != "posix", reason="folders are synced on POSIX only")
def test_new_folders__are_synced_into_those_above(written: list[str], tmp_path: Path) -> None:
    files.make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert written == ["folder", "folder"]
    files.make_folder(tmp_path / "a" / "b")
    assert len(written) == 2


def test_databases__write_what_is_committed_to_the_disk(tmp_path: Path) -> None:
    full = 2
    db = Database(tmp_path / "engine.sqlite")
    assert db._writer.execute("PRAGMA synchronous").fetchone()[0] == full
    db.close()
    with Journal(tmp_path)._open() as journal:
        assert journal.execute("PRAGMA synchronous").fetchone()[0] == full


def sqlite_full() -> sqlite3.Error:
    db = sqlite3.connect(":memory:")
    db.execute("PRAGMA max_page_count = 1")
    try:
        db.execute("CREATE TABLE a (b)")
    except sqlite3.Error as error:
        return error
    finally:
        db.close()
    raise AssertionError("unreachable")


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (OSError(errno.ENOSPC, ""), True),
        (OSError(getattr(errno, "EDQUOT", errno.ENOSPC), ""), True),
        (sqlite_full(), True),
        (OSError(errno.EACCES, ""), False),
        (sqlite3.OperationalError("database is locked"), False),
    ],
)
def test_full_disk__is_told_from_other_failures(error: Exception, is_full: bool) -> None:
    assert files.is_full(error) is is_full


def test_full_disk__says_what_is_needed_and_what_is_free(tmp_path: Path) -> None:
    error = files.disk_full("sea.mp4", tmp_path / "not" / "there", 12_300_000)
    assert isinstance(error, errors.InputError)
    assert error.message.startswith("The disk is full: sea.mp4 needs 12.3 MB, and ")
    assert error.message.endswith(f" are free in {tmp_path}.")
    assert "%nemo sessions --remove" in error.hint
    assert "NEMO_HOME" in error.hint
    assert isinstance(errors.from_code(507, ""), errors.DiskFull)


def test_engine__tells_a_database_that_has_no_room(tmp_path: Path) -> None:
    db = Database(tmp_path / "engine.sqlite")
    pages = db._writer.execute("PRAGMA page_count").fetchone()[0]
    db._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(errors.DiskFull, match=r"the project needs .* are free"):
        db.write("INSERT INTO analysis VALUES ('a', ?)", "x" * 100_000)
    db.close()


def test_journal__tells_that_it_has_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = Journal._connect

    def small(self: Journal) -> sqlite3.Connection:
        db = connect(self)
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
        return db

    monkeypatch.setattr(Journal, "_connect", small)
    with pytest.raises(errors.DiskFull, match=r"the journal needs .* are free"):
        Journal(tmp_path).begin("turn", "1", "words", {"said": "x" * 100_000})


HOLDING = """
import sys, time
from pathlib import Path
from nemo_notebook import files
from nemo_notebook.engine.store import Store
with files.passing_folder() as folder:
    (folder / "half.wav").write_bytes(b"x")
    (files.temporary_folder("inbox") / "song.mp3").write_bytes(b"x")
    store = Store(Path(sys.argv[1]))
    (store.folder / "media" / "x.part").write_bytes(b"x")
    print("ready", flush=True)
    sys.stdin.read()
"""


def left(home: Path) -> list[str]:
    names = (path.name for kind in ("tmp", "inbox", "engine/media") for path in (home / kind).rglob("*"))
    return sorted(name for name in names if "." in name)


def test_killed_process__leaves_nothing_once_the_next_begins_and_a_live_one_keeps_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path / "engine")]
    env = {**os.environ, "NEMO_HOME": str(tmp_path)}
    begun = []
    try:
        for count in (1, 2):
            begun.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env))
            assert begun[-1].stdout.readline() == "ready\n"  # type: ignore[union-attr]
            assert left(tmp_path) == sorted(["half.wav", "song.mp3"] * count + ["x.part"])
        begun[0].kill()
        begun[0].wait()
        begun.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env))
        assert begun[-1].stdout.readline() == "ready\n"  # type: ignore[union-attr]
        assert left(tmp_path) == ["half.wav", "half.wav", "song.mp3", "song.mp3", "x.part"]
        for process in begun[1:]:
            process.kill()
            process.wait()
        last = "import sys; from pathlib import Path; from nemo_notebook.engine.store import Store; " + (
            "from nemo_notebook.files import owner; owner(); Store(Path(sys.argv[1])).close()"
        )
        subprocess.run([sys.executable, "-c", last, str(tmp_path / "engine")], env=env, check=True)
        assert left(tmp_path) == []
    finally:
        for process in begun:
            process.kill()
            process.communicate()


def test_temporary_folder__is_its_users_and_goes_with_what_is_in_it(own_home: Path) -> None:
    with files.passing_folder() as folder:
        assert folder.parent == own_home / "tmp"
        if os.name == "posix":
            assert folder.stat().st_mode & 0o77 == 0
        (folder / "x").touch()
    assert list((own_home / "tmp").iterdir()) == []
