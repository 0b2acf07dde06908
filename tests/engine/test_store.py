"""What engines that share a folder keep, and how it outlives them."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from nemo_notebook.engine.database import MAX_TAKEOVERS, JobRow
from nemo_notebook.engine.store import Store
from nemo_notebook.film.model import Version

INFO = {"kind": "video", "duration_s": 1.0}


def begun(store: Store, name: str = "r1") -> JobRow:
    return store.jobs.add(name, store.create_session("local", "en").id, {}, {"format": "mp4"})


def silent(store: Store, seconds: float = 6.0) -> None:
    """As if the last sign of life had been given that long ago."""
    store._db.write("UPDATE job SET touched_s = ?", time.time() - seconds)


def found(store: Store, name: str = "r1") -> JobRow:
    job = store.jobs.find(name)
    assert job is not None
    return job


@pytest.mark.parametrize("version", [0, 99])
def test_database_of_another_version__is_set_aside(tmp_path: Path, version: int) -> None:
    path = tmp_path / "engine.sqlite"
    Store(tmp_path).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO analysis VALUES ('h', '{}')")
        other.execute(f"PRAGMA user_version = {version}")
    store = Store(tmp_path)
    assert store.analysis("h") is None
    assert begun(store).is_open
    store.close()
    (aside,) = tmp_path.glob("engine.sqlite.aside-*[0-9]")
    with closing(sqlite3.connect(aside)) as other:
        assert other.execute("SELECT hash FROM analysis").fetchall() == [("h",)]
    Store(tmp_path).close()
    assert len(list(tmp_path.glob("engine.sqlite.aside-*[0-9]"))) == 1


def test_database_that_is_none__is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "engine.sqlite").write_bytes(b"garbage" * 1000)
    with caplog.at_level(logging.WARNING):
        store = Store(tmp_path)
    assert begun(store).is_open
    store.close()
    (aside,) = tmp_path.glob("engine.sqlite.aside-*[0-9]")
    assert aside.read_bytes() == b"garbage" * 1000
    assert aside.name in caplog.text


def test_database_with_a_torn_page__is_moved_aside(tmp_path: Path) -> None:
    store = Store(tmp_path)
    session = store.create_session("local", "en")
    for number in range(30):
        store.drafts.add(session.id, {"n": number, "x": "x" * 4000}, number, Version("chat"))
    store.close()
    path = tmp_path / "engine.sqlite"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    again = Store(tmp_path)
    assert again.session(session.id, "local") is None
    assert begun(again).is_open
    again.close()
    assert len(list(tmp_path.glob("engine.sqlite.aside-*"))) == 1


def test_database__that_cannot_be_opened_for_another_reason_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "engine.sqlite").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        Store(tmp_path)
    assert (tmp_path / "engine.sqlite").is_dir()


def test_new_folder__is_begun_by_many_engines_at_once(tmp_path: Path) -> None:
    opened: list[Store] = []
    threads = [threading.Thread(target=lambda: opened.append(Store(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 8
    for number, store in enumerate(opened):
        begun(store, f"r{number}")
    assert found(opened[0], "r7").owner == opened[7].jobs.owner
    for store in opened:
        store.close()


def test_half_files__are_swept_once_they_are_old_or_no_engine_lives(tmp_path: Path) -> None:
    living = Store(tmp_path)
    old, new = tmp_path / "media" / "a.part", tmp_path / "renders" / "b.part"
    for part in (old, new):
        part.write_bytes(b"x")
    os.utime(old, (time.time() - 7200,) * 2)
    Store(tmp_path).close()
    assert (old.exists(), new.exists()) == (False, True)
    living.close()
    Store(tmp_path).close()
    assert not new.exists()


def test_export_of_a_living_engine__is_not_left(stores: tuple[Store, Store]) -> None:
    one, other = stores
    begun(one)
    assert not found(other).is_left
    silent(one, 4)
    assert not found(other).is_left
    silent(one, 6)
    assert found(other).is_left
    one.jobs.touch({"r1": 30.0})
    assert (found(other).is_left, found(other).progress) == (False, 30.0)


def test_export__is_left_when_the_clock_was_set_back(stores: tuple[Store, Store]) -> None:
    one, other = stores
    begun(one)
    silent(one, -3600)
    assert found(other).is_left
    one.jobs.touch({"r1": 0.0})
    assert not found(other).is_left


def test_takeover__is_for_one_only(tmp_path: Path) -> None:
    stores = [Store(tmp_path) for _ in range(6)]
    begun(stores[0])
    silent(stores[0])
    left = found(stores[0])
    taken: list[JobRow | None] = []
    threads = [threading.Thread(target=lambda s=store: taken.append(s.jobs.take_over(left))) for store in stores[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (job,) = [each for each in taken if each is not None]
    assert (job.owner, job.status, job.takeovers) == (found(stores[0]).owner, "pending", 1)
    assert (job.id, job.key) == (left.id, left.key)
    for store in stores:
        store.close()


def test_engine_that_lost_its_export__changes_it_no_more(stores: tuple[Store, Store]) -> None:
    one, other = stores
    begun(one)
    silent(one)
    assert other.jobs.take_over(found(other)) is not None
    assert one.jobs.touch({"r1": 50.0}) == {"r1"}
    assert not one.jobs.begin("r1")
    assert not one.jobs.finish("r1", "failed", 0.0)
    assert (found(one).status, found(one).progress) == ("pending", 0.0)
    assert other.jobs.finish("r1", "completed", 100.0, {"size": 1})
    assert found(one).result == {"size": 1}


def test_cancelled_export__stays_cancelled(stores: tuple[Store, Store]) -> None:
    one, other = stores
    begun(one)
    other.jobs.cancel("r1")
    assert not one.jobs.finish("r1", "completed", 100.0)
    assert one.jobs.touch({"r1": 50.0}) == {"r1"}
    assert (found(one).status, found(one).is_left) == ("cancelled", False)
    assert begun(one, "r2").is_open
    assert one.jobs.finish("r2", "completed", 100.0)
    other.jobs.cancel("r2")
    assert found(one, "r2").status == "completed"


def test_export_that_ends_engines__is_not_taken_over_for_ever(stores: tuple[Store, Store]) -> None:
    one, other = stores
    begun(one)
    for number in range(1, MAX_TAKEOVERS + 1):
        silent(one)
        taken = other.jobs.take_over(found(other))
        assert taken is not None
        assert (taken.takeovers, taken.is_open) == (number, True)
    silent(one)
    last = other.jobs.take_over(found(other))
    assert last is not None
    assert (last.status, last.is_left, "ended the engine" in last.message) == ("failed", False, True)


def test_export_of_an_engine_that_was_closed__is_free_at_once_and_that_is_no_failure(
    stores: tuple[Store, Store],
) -> None:
    one, other = stores
    begun(one)
    for store, next_one in [(one, other), (other, one)] * 3:
        store.jobs.release()
        assert found(one).is_left
        taken = next_one.jobs.take_over(found(next_one))
        assert taken is not None
        assert (taken.takeovers, taken.is_open) == (0, True)


def test_transaction__counts_whole_or_not_at_all(stores: tuple[Store, Store]) -> None:
    store, _ = stores
    with pytest.raises(sqlite3.IntegrityError), store._db.transaction() as db:  # noqa: PT012 - the second one fails
        db.execute("INSERT INTO analysis VALUES ('h', '{}')")
        db.execute("INSERT INTO analysis VALUES ('h', '{}')")
    assert store.analysis("h") is None
    store.add_analysis("h", {"tempo": 1})
    assert store.analysis("h") == {"tempo": 1}


def test_token__is_good_until_it_expires(stores: tuple[Store, Store]) -> None:
    for name, lifetime_s in (("good", 60.0), ("old", -1.0)):
        stores[0].add_token(name, f"user of {name}", lifetime_s)
    assert [stores[1].token_user(name) for name in ("good", "old", "none")] == ["user of good", None, None]
