"""What the engine throws away, and what it must not: files in use, of another engine too."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from nemo_notebook import settings
from nemo_notebook.engine.maintenance import paths_in
from nemo_notebook.engine.store import Store
from nemo_notebook.files import mark_used
from nemo_notebook.film.model import Version

DAY_S = 86_400
INFO = {"kind": "video", "duration_s": 1.0}
A, B = "a" * 64, "b" * 64


def put(store: Store, name: str, age_s: float, size: int = 1000) -> Path:
    path = store.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def age(store: Store, session_id: str, days: float) -> None:
    store._db.write("UPDATE session SET touched_s = ? WHERE id = ?", time.time() - days * DAY_S, session_id)


def sweep_on(store: Store, monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """Sweep by a clock that is so many days ahead."""
    real = time.time
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: real() + days * DAY_S)
        store.sweeper.run()


def trashed(store: Store) -> list[str]:
    return [row["session_id"] for row in store._db.read("SELECT session_id FROM trash")]


def test_idle_project__stays_however_long_it_is_idle(stores: tuple[Store, Store]) -> None:
    store = stores[0]
    session = store.create_session("local", "en").id
    store.add_media(session, A, "a.mp4", INFO)
    store.drafts.add(session, {"d": 1}, 0, Version("chat"))
    kept = put(store, f"media/{A}", 400 * DAY_S)
    age(store, session, 400)
    store.sweeper.run()
    assert trashed(store) == []
    assert kept.exists()
    assert store.session(session, "local") is not None
    assert store.drafts.now(session)[1] == {"d": 1}


def test_clock_that_runs_ahead_once__deletes_nothing(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stores[0]
    kept, removed = (store.create_session("local", "en").id for _ in range(2))
    store.trash.add(removed, by_user=True)
    for days in (0, 9000, 0, 9000, -9000, 0):
        sweep_on(store, monkeypatch, days)
    assert store.session(kept, "local") is not None
    assert store.trash.restore(removed)


def test_removed_project__goes_with_its_uploads_and_films_after_seven_days_of_sweeps(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stores[0]
    old, new = (store.create_session("local", "en").id for _ in range(2))
    store.add_media(old, A, "a.mp4", INFO)
    store.add_media(new, B, "b.mp4", INFO)
    store.add_analysis(A, {})
    store.drafts.add(old, {"d": 1}, 0, Version("chat"))
    job = store.jobs.add("r1", old, {}, {"format": "mp4"})
    store.jobs.finish("r1", "completed", 100)
    gone = [put(store, name, 2 * DAY_S) for name in (f"media/{A}", f"renders/{job.key}.mp4")]
    kept = put(store, f"media/{B}", 2 * DAY_S)
    store.trash.add(old, by_user=True)
    assert store.session(old, "local") is None
    for day in range(7):
        sweep_on(store, monkeypatch, day)
        assert store.owns(old, "local")
        assert all(path.exists() for path in gone)
    sweep_on(store, monkeypatch, 7.1)
    assert [path.exists() for path in (*gone, kept)] == [False, False, True]
    assert not store.owns(old, "local")
    assert store.session(new, "local") is not None
    assert store._db.read("SELECT * FROM draft WHERE session_id = ?", old) == []
    assert (store.analysis(A), store.jobs.find("r1")) == (None, None)


def test_project_over_the_stated_quota__goes_to_the_trash_once_its_user_was_told(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stores[0]
    first, second, current = (store.create_session("local", "en").id for _ in range(3))
    for session, digest, days in ((first, A, 5), (second, B, 3), (current, "c" * 64, 0)):
        store.add_media(session, digest, "a.mp4", INFO)
        put(store, f"media/{digest}", 0, size=1_000_000)
        age(store, session, days)
    assert store.storage("local", current) == {}  # nothing was said of a quota
    store.sweeper.run(quota_bytes=0)
    monkeypatch.setenv("NEMO_CACHE_GB", "0.0025")
    store.sweeper.run()
    assert trashed(store) == [], "not before it was told"
    told = store.storage("local", current)
    assert told == {"kept_bytes": 3_000_000, "quota_bytes": 2_500_000, "first": first}
    store.sweeper.run()
    assert trashed(store) == [first]
    assert store.storage("local", current) == {"trashed": [first]}
    assert store.storage("local", current) == {}
    assert store.media_path(A).exists()
    assert store.session(second, "local") is not None
    store.touch_session(first)  # it is used: so it comes back by itself
    assert store.kept_bytes() == 3_000_000


def test_project_over_the_stated_quota__stays_while_it_is_exported(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stores[0]
    session = store.create_session("local", "en").id
    store.add_media(session, A, "a.mp4", INFO)
    put(store, f"media/{A}", 0, size=1_000_000)
    age(store, session, 40)
    monkeypatch.setenv("NEMO_CACHE_GB", "0.0005")
    assert store.storage("local")["first"] == session
    store.jobs.add("r1", session, {}, {})
    stores[1].sweeper.run()
    assert trashed(store) == []
    store._db.write("UPDATE job SET touched_s = 1")  # its engine is gone
    stores[1].sweeper.run()
    assert trashed(store) == [session]


def test_uploads_of_a_damaged_database__stay_beside_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.close()
    (tmp_path / "engine.sqlite").write_bytes(b"no database" * 500)
    store = Store(tmp_path)
    upload = put(store, f"media/{A}", 9 * DAY_S)
    store.sweeper.run()
    assert upload.exists()
    store.close()


def test_content_without_a_row__goes_unless_it_may_be_on_its_way(stores: tuple[Store, Store]) -> None:
    store = stores[0]
    session = store.create_session("local", "en").id
    store.add_media(session, B, "b.mp4", INFO)
    orphan, fresh, known = (put(store, f"media/{name}", s) for name, s in ((A, 7200), ("c" * 64, 60), (B, 7200)))
    other = put(store, "media/notes.txt", 7200)
    store.sweeper.run()
    assert [path.exists() for path in (orphan, fresh, known, other)] == [False, True, True, True]


def test_quota__lets_go_of_what_was_used_longest_ago(stores: tuple[Store, Store]) -> None:
    store = stores[0]
    shots = [put(store, f"cache/shots/{number}.mp4", 3600 * (10 - number)) for number in range(5)]
    mix = put(store, "cache/sounds/mix.raw", 3600 * 20)
    mark_used([shots[0]])
    assert store.sweeper.run(quota_bytes=3000)
    assert [path.exists() for path in (mix, *shots)] == [False, True, False, False, True, True]


def test_quota__spares_what_was_used_just_now_and_media_and_new_films(stores: tuple[Store, Store]) -> None:
    store = stores[0]
    session = store.create_session("local", "en").id
    store.add_media(session, A, "a.mp4", INFO)
    store.jobs.add("r1", session, {}, {"format": "mp4"})
    store.jobs.add("r2", session, {}, {"format": "mp4"})
    keys = []
    for name in ("r1", "r2"):
        store.jobs.finish(name, "completed", 100)
        job = store.jobs.find(name)
        assert job is not None
        keys.append(job.key)
    media, shot = put(store, f"media/{A}", 9 * DAY_S), put(store, "cache/shots/1.mp4", 60)
    films = put(store, f"renders/{keys[0]}.mp4", 3 * DAY_S), put(store, f"renders/{keys[1]}.mp4", 3600)
    assert not store.sweeper.run(quota_bytes=0)
    assert [path.exists() for path in (media, shot, *films)] == [True, True, False, True]


def test_quota__leaves_the_cache_alone_while_any_engine_renders(stores: tuple[Store, Store]) -> None:
    one, other = stores
    shot = put(one, "cache/shots/1.mp4", 7200)
    one.jobs.add("r1", one.create_session("local", "en").id, {}, {})
    assert not other.sweeper.run(quota_bytes=0)
    assert shot.exists()
    one.jobs.cancel("r1")
    assert other.sweeper.run(quota_bytes=0)
    assert not shot.exists()


def test_quota__is_10_gb_or_a_fifth_of_the_room_or_what_the_user_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.cache_bytes(20_000_000_000) == 4_000_000_000
    assert settings.cache_bytes(900_000_000_000) == 10_000_000_000
    monkeypatch.setenv("NEMO_CACHE_GB", "2.5")
    assert settings.cache_bytes(900_000_000_000) == 2_500_000_000
    monkeypatch.setenv("NEMO_CACHE_GB", "much")
    assert settings.cache_bytes(900_000_000_000) == 10_000_000_000


def test_paths__that_an_operation_names_are_found_wherever_they_stand(tmp_path: Path) -> None:
    args = {"shots": [[str(tmp_path / "a"), 3]], "aac": str(tmp_path / "b"), "path": "/elsewhere", "n": 1}
    assert set(paths_in(args, tmp_path)) == {tmp_path / "a", tmp_path / "b"}


def test_expired_tokens__are_forgotten_a_day_later(stores: tuple[Store, Store]) -> None:
    store = stores[0]
    for name, lifetime_s in (("old", -2.0 * DAY_S), ("late", -60.0), ("good", 60.0)):
        store.add_token(name, "u", lifetime_s)
    store.sweeper.run()
    assert {row["hash"] for row in store._db.read("SELECT hash FROM token")} == {"late", "good"}
