"""SQLite files that several processes use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nemo_notebook import files

TABLES = ("CREATE TABLE a (x)", "INSERT INTO a VALUES (1)")


def test_connect__creates_tables_once(tmp_path: Path) -> None:
    for _ in range(2):
        with closing(files.open_database(tmp_path / "a.sqlite", TABLES)) as db:
            assert [row["x"] for row in db.execute("SELECT x FROM a")] == [1]


@pytest.mark.parametrize("has_log", [True, False])
def test_connect__uses_a_write_ahead_log_where_asked(tmp_path: Path, has_log: bool) -> None:
    with closing(files.open_database(tmp_path / "a.sqlite", TABLES, has_log=has_log)) as db:
        assert (db.execute("PRAGMA journal_mode").fetchone()[0] == "wal") is has_log


@pytest.mark.parametrize("version", [0, 99])
def test_connect__refuses_other_tables(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.sqlite"
    files.open_database(path, TABLES).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(files.OtherVersion):
        files.open_database(path, TABLES)


def test_errors__are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with closing(files.lock_file(path)), pytest.raises(sqlite3.OperationalError) as busy:
        files.lock_file(path)
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(sqlite3.DatabaseError) as damaged:
        files.open_database(path, TABLES)
    told = [(files.is_busy(each.value), files.is_damaged(each.value)) for each in (busy, damaged)]
    assert told == [(True, False), (False, True)]


def test_set_aside__takes_the_log_along(tmp_path: Path) -> None:
    path, log = tmp_path / "a.sqlite", tmp_path / "a.sqlite-wal"
    path.write_bytes(b"1")
    log.write_bytes(b"2")
    aside = files.set_aside(path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [aside.name, f"{aside.name}-wal"]
