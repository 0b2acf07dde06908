"""A batch from its beginning to its end, with workers that make no films; and the same folder again."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from batch_stand import Gate, Meeting, Stand, begin, is_wanted, refuse, until, write_files, write_film
from cases import cases

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.batches import order as orders, scheduler
from nemo_notebook.batches.batch import Batch
from nemo_notebook.batches.ledger import LedgerEntry
from nemo_notebook.batches.work import Work


def songs(tmp_path: Path, count: int) -> list[Path]:
    return write_files(tmp_path / "songs", *(f"s{number:02d}.mp3" for number in range(count)))


def names(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "films").glob("*.mp4"))


def test_batch__makes_all_with_so_many_at_once(tmp_path: Path) -> None:
    songs(tmp_path, 12)
    stand = Meeting(3)
    made = begin(tmp_path, stand, workers=3).wait(120)
    assert made.status == "done"
    assert stand.most == 3
    assert stand.names == [f"s{number:02d}.mp3" for number in range(12)]
    assert names(tmp_path) == [f"s{number:02d}.mp4" for number in range(12)]
    assert (tmp_path / "films" / "s03.mp4").read_text() == "s03.mp3a film"
    assert (len(made), made.failures, made.left_s) == (12, (), None)
    assert "12 of 12 films are in" in made.summary


def test_batch__one_bad_file_stops_no_other(tmp_path: Path) -> None:
    songs(tmp_path, 5)

    def make(work: Work) -> LedgerEntry:
        if work.source.endswith("s01.mp3"):
            return refuse(work, "s01.mp3 is empty.", hint="Record it again.")
        if work.source.endswith("s02.mp3"):
            raise MemoryError
        return write_film(work)

    made = begin(tmp_path, Stand(make)).wait(60)
    assert [film.state for film in made.films] == ["done", "failed", "failed", "done", "done"]
    assert [film.reason for film in made.failures] == ["s01.mp3 is empty.", "Its worker ended: MemoryError."]
    assert made.failures[0].hint == "Record it again."
    assert list(made.frame.reason)[1] == "s01.mp3 is empty."
    assert "⚠️ s01.mp3 is empty." in made.summary


def test_batch__again_makes_only_what_is_not_there(tmp_path: Path) -> None:
    songs(tmp_path, 4)
    good = {"s00.mp3", "s03.mp3"}
    stand = Stand(lambda work: write_film(work) if Path(work.source).name in good else refuse(work, "no"))
    assert len(begin(tmp_path, stand).wait(60).failures) == 2
    again = Stand()
    made = begin(tmp_path, again).wait(60)
    assert again.names == ["s01.mp3", "s02.mp3"]
    assert [film.reason for film in made.films] == [""] * 4
    none = Stand()
    begin(tmp_path, none).wait(60)
    assert none.names == []
    (tmp_path / "songs" / "s02.mp3").write_text("another song")
    (tmp_path / "films" / "s03.mp4").unlink()
    begin(tmp_path, none).wait(60)
    assert none.names == ["s02.mp3", "s03.mp3"]
    assert (tmp_path / "films" / "s02.mp4").read_text() == "another songa film"
    begin(tmp_path, none, prompt="another film").wait(60)
    assert len(none.names) == 6
    assert names(tmp_path) == ["s00.mp4", "s01.mp4", "s02.mp4", "s03.mp4"]


def test_reason__names_the_file_as_people_here_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    songs(tmp_path, 1)
    made = begin(tmp_path, Stand(lambda work: refuse(work, f"There is no file {work.source}."))).wait(60)
    assert made.failures[0].reason == f"There is no file {Path('songs', 's00.mp3').as_posix()}."
    assert str(tmp_path) not in made.summary + made._repr_mimebundle_()["text/html"] + made.frame.to_string()


def test_batch__leaves_nothing_but_films_and_its_ledger(tmp_path: Path) -> None:
    songs(tmp_path, 2)

    def half(work: Work) -> LedgerEntry:
        Path(work.target).with_suffix(".part").write_text("half of a film")
        return write_film(work) if "s00" in work.source else refuse(work, "no")

    begin(tmp_path, Stand(half)).wait(60)
    assert sorted(path.name for path in (tmp_path / "films" / ".nemo-batch").iterdir()) == [
        "ledger.sqlite",
        "running.sqlite",
    ]


def test_iteration__gives_each_film_once_as_it_ends(tmp_path: Path) -> None:
    songs(tmp_path, 4)
    gate = Gate("s00.mp3")
    seen = []
    for film in begin(tmp_path, gate):
        seen.append(film.source.name)
        if len(seen) == 3:
            gate.open()
    assert sorted(seen) == ["s00.mp3", "s01.mp3", "s02.mp3", "s03.mp3"]
    assert seen[-1] == "s00.mp3"


def test_cancel__ends_what_is_made_and_begins_nothing_more(tmp_path: Path) -> None:
    songs(tmp_path, 6)
    stopped: list[str] = []

    def make(work: Work) -> LedgerEntry:
        if "s00" in work.source:
            return write_film(work)
        until(lambda: not is_wanted(work))
        stopped.append(Path(work.source).name)
        return refuse(work, "stopped")

    stand = Stand(make)
    made = begin(tmp_path, stand)
    until(lambda: len(stand.works) == 3)
    assert made.status == "running"
    until(lambda: any(film.doing == "rendering 50%" for film in made.films))
    made.cancel()
    made.wait(60)
    assert made.status == "cancelled"
    assert sorted(stopped) == ["s01.mp3", "s02.mp3"]
    assert [film.state for film in made.films] == ["done"] + 5 * ["waiting"]
    assert "5 not made yet" in made.summary
    assert "go on where it stopped" in made.summary
    assert begin(tmp_path, Stand()).wait(60).status == "done"


def test_wait__for_so_long(tmp_path: Path) -> None:
    songs(tmp_path, 1)
    gate = Gate()
    made = begin(tmp_path, gate)
    with pytest.raises(errors.DeadlineExceeded):
        made.wait(0.05)
    gate.open()
    assert made.wait(60) is made


def test_lack_of_credits__ends_all_and_the_rest_waits(tmp_path: Path) -> None:
    songs(tmp_path, 5)
    left = 2

    def make(work: Work) -> LedgerEntry:
        nonlocal left
        left -= 1
        if left < 0:
            raise errors.OutOfCredits("No credits are left.", hint="Top up.")
        return write_film(work)

    made = begin(tmp_path, Stand(make), workers=1)
    with pytest.raises(errors.NemoError, match="No credits are left") as told:
        made.wait(60)
    assert told.value.hint == "Top up."
    assert made.status == "stopped"
    assert [film.state for film in made.films] == ["done", "done", "waiting", "waiting", "waiting"]
    rest = Stand()
    begin(tmp_path, rest).wait(60)
    assert rest.names == ["s02.mp3", "s03.mp3", "s04.mp3"]


def test_lack_of_credits__leaves_to_their_end_those_that_are_paid(tmp_path: Path) -> None:
    songs(tmp_path, 4)
    both = threading.Barrier(2)

    def make(work: Work) -> LedgerEntry:
        both.wait(60)
        if "s00" in work.source:
            raise errors.OutOfCredits("No credits are left.", hint="Top up.")
        until(lambda: made.films[0].state == "waiting")
        return write_film(work) if is_wanted(work) else refuse(work, "stopped")

    stand = Stand(make)
    made = begin(tmp_path, stand)
    with pytest.raises(errors.NemoError, match="No credits are left"):
        made.wait(60)
    assert sorted(stand.names) == ["s00.mp3", "s01.mp3"]
    assert [film.state for film in made.films] == ["waiting", "done", "waiting", "waiting"]


def test_what_passes__is_tried_three_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_RETRY_S", 0.01)
    monkeypatch.setattr(scheduler, "_GROWTH", 1.0)
    songs(tmp_path, 3)
    tries: list[str] = []

    def make(work: Work) -> LedgerEntry:
        name = Path(work.source).name
        tries.append(name)
        if name == "s00.mp3" or (name == "s01.mp3" and tries.count(name) < 3):
            return replace(work.entry, state="waiting", reason="The connection broke.")
        return write_film(work)

    made = begin(tmp_path, Stand(make)).wait(60)
    assert [film.state for film in made.films] == ["failed", "done", "done"]
    assert sorted(tries) == 3 * ["s00.mp3"] + 3 * ["s01.mp3"] + ["s02.mp3"]
    assert made.failures[0].reason == "The connection broke."


def test_executor__that_is_closed_is_told(tmp_path: Path) -> None:
    songs(tmp_path, 2)
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    made = begin(tmp_path, closed)
    with pytest.raises(errors.NemoError, match="takes no more work") as told:
        made.wait(60)
    assert "fresh" in told.value.hint
    assert [film.state for film in made.films] == ["waiting", "waiting"]


class DaskLike:
    """What a Dask client looks like from here."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand

    def get_executor(self) -> Stand:
        return self.stand

    def ncores(self) -> dict[str, int]:
        return {"tcp://one": 1, "tcp://two": 2}

    def submit(self, *_: object) -> Future[LedgerEntry]:
        raise AssertionError("its executor is to be used")


def test_dask__gives_its_executor_and_as_many_as_it_has_cores(tmp_path: Path) -> None:
    songs(tmp_path, 6)
    client = DaskLike(Meeting(3))
    assert begin(tmp_path, client, workers=None).wait(60).status == "done"
    assert client.stand.most == 3


@cases
def test_batch__that_cannot_be_meant_is_refused(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    songs(tmp_path, 1)
    with pytest.raises(errors.UsageError, match=words):
        begin(tmp_path, **{"executor": Stand(), **more})


# In the cloud


@pytest.fixture
def balance(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    async def available(order: Any) -> float:
        asked.append(order.backend)
        return 100.0

    monkeypatch.setattr(orders, "_available", available)
    return asked


def test_cloud__tells_the_cost_first_and_begins_nothing_unasked(tmp_path: Path, balance: list[str]) -> None:
    songs(tmp_path, 4)
    stand = Stand()
    with pytest.raises(errors.UsageError, match="4 films at up to about 150 credits each: 600 in all; 100") as told:
        begin(tmp_path, stand, backend="cloud")
    assert "--yes" in told.value.hint
    assert (stand.names, balance, names(tmp_path)) == ([], ["cloud"], [])
    made = begin(tmp_path, stand, backend="cloud", yes=True, workers=8).wait(60)
    assert stand.most <= 2, "a service bears two at a time"
    assert made.note.startswith("4 films at up to about 150 credits each")
    balance.clear()
    begin(tmp_path, stand, backend="cloud").wait(60)
    assert balance == [], "what is there costs nothing"


def test_auto__is_the_cloud_where_the_environment_says_so(
    tmp_path: Path, balance: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    songs(tmp_path, 1)
    monkeypatch.setenv("NEMO_API_URL", "https://cloud.test")
    with pytest.raises(errors.UsageError, match="1 film at up to"):
        begin(tmp_path, Stand(), backend="auto")
    assert balance == ["cloud"]


def run(what: Any, out: Path, stand: Stand, prompt: str = "a film", **more: Any) -> Batch:
    return nemo.batch(what, prompt=prompt, out=out, backend="local", workers=1, executor=stand, **more).wait(60)


def change(out: Path, sql: str) -> None:
    with closing(sqlite3.connect(out / ".nemo-batch" / "ledger.sqlite")) as db, db:
        db.execute(sql)


def miss(work: Work) -> LedgerEntry:
    return refuse(work, f"There is no file {work.source}.")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
def test_name__that_is_no_unicode_has_its_film_too(tmp_path: Path) -> None:
    songs = write_files(tmp_path / "songs", "a.mp3", "caf\\xe9.mp3", "caf%E9.mp3")
    songs.append(tmp_path / "songs" / os.fsdecode(b"caf\xe9.mp3"))
    songs[-1].write_bytes(b"another")
    stand, out = Stand(), tmp_path / os.fsdecode(b"films\xff")
    made = run(str(tmp_path / "songs" / "*"), out, stand)
    assert [film.state for film in made.films] == ["done"] * 4
    assert "caf?.mp3" in made.frame.to_json()
    assert b"films%FF/caf.mp4" in made._repr_mimebundle_()["text/html"].encode()
    assert {Path(work.source) for work in stand.works} == set(songs)
    assert len({film.output for film in made.films}) == 4
    again = Stand()
    run(songs, out, again)
    assert again.names == []


def test_formats__by_turns_among_the_songs_make_each_film_once(tmp_path: Path) -> None:
    write_files(tmp_path, "a.mp3", "b.mp4")
    stand = Stand()
    for form in ("mp4", "mov", "mp4", "gif", "mov"):
        made = run(str(tmp_path / "*"), tmp_path, stand, format=form)
        assert [film.source.name for film in made.films] == ["a.mp3", "b.mp4"]
    assert stand.names == ["a.mp3", "b.mp4"] * 3
    films = {"a.mp4", "b-2.mp4", "a.mov", "b.mov", "a.gif", "b.gif"}
    assert {path.name for path in tmp_path.glob("*.*")} == {*films, "a.mp3", "b.mp4", ".nemo-batch"}


def test_words__that_came_to_nothing_leave_the_film_of_those_before(tmp_path: Path) -> None:
    write_files(tmp_path, "a.mp3")
    stand = Stand(lambda work: write_film(work, session="first"))
    run(str(tmp_path / "*.mp3"), tmp_path, stand)
    run(str(tmp_path / "*.mp3"), tmp_path, Stand(lambda work: refuse(work, "What?", session="second")), "nonsense")
    (film,) = run(str(tmp_path / "*.mp3"), tmp_path, stand).films
    assert stand.names == ["a.mp3"]
    assert (film.state, film.session) == ("done", "first")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are none here")
def test_pipes_and_devices__are_not_read(tmp_path: Path) -> None:
    (song,) = write_files(tmp_path, "a.mp3")
    os.mkfifo(tmp_path / "b.mp3")
    (tmp_path / "c.mp3").symlink_to("/dev/zero")
    stand = Stand()
    run([song, tmp_path / "b.mp3", tmp_path / "c.mp3"], tmp_path / "films", Stand(miss))
    run(str(tmp_path / "*.mp3"), tmp_path / "films", stand)
    assert stand.names == ["a.mp3"], "and no pattern means them"


@pytest.mark.parametrize("error", [BrokenProcessPool, CancelledError])
def test_executor__that_breaks_says_nothing_of_the_films(tmp_path: Path, error: type[BaseException]) -> None:
    """As pools do of which one process was killed: all that it had at the time fails."""
    songs, meeting = write_files(tmp_path, *(f"{number}.mp3" for number in range(6))), Barrier(2)

    def make(work: Work) -> LedgerEntry:
        if work.source.endswith(("0.mp3", "1.mp3")):
            return write_film(work)
        meeting.wait(60)
        raise error

    made = nemo.batch(songs, prompt="a film", out=tmp_path / "films", backend="local", workers=2, executor=Stand(make))
    with pytest.raises(errors.NemoError, match=f"takes no more work: {error.__name__}") as told:
        made.wait(60)
    assert "fresh executor" in told.value.hint
    assert [film.state for film in made.films] == ["done"] * 2 + ["waiting"] * 4
    rest = Stand()
    run(songs, tmp_path / "films", rest)
    assert sorted(rest.names) == ["2.mp3", "3.mp3", "4.mp3", "5.mp3"]


# The folder of the films


def test_folder__that_takes_no_films_any_more_ends_the_batch_with_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs, out = write_files(tmp_path, *(f"{number}.mp3" for number in range(20))), tmp_path / "films"
    is_shut = False

    def guarded(does: Any) -> Any:
        def act(*paths: Any, **more: Any) -> Any:
            if is_shut and Path(paths[-1]).parent == out:
                raise PermissionError(13, "Permission denied", str(paths[-1]))
            return does(*paths, **more)

        return act

    def make(work: Work) -> LedgerEntry:
        nonlocal is_shut
        is_shut = len(stand.works) == 3
        return write_film(work)

    for owner, name in ((Path, "touch"), (Path, "rename"), (os, "link")):
        monkeypatch.setattr(owner, name, guarded(getattr(owner, name)))
    stand = Stand(make)
    made = nemo.batch(songs, prompt="a film", out=out, backend="local", workers=1, executor=stand)
    with pytest.raises(errors.InputError, match="films cannot be written: Permission denied"):
        made.wait(60)
    assert len(stand.works) == 3, "no more films are made for nothing"
    assert [film.state for film in made.films] == ["done"] * 2 + ["waiting"] * 18


def test_own_folder__keeps_what_others_put_there(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3")
    kept = tmp_path / "films" / ".nemo-batch"
    foreign = [*write_files(kept, "notes.txt"), *write_files(kept / "making-of", "mine.mp4")]
    leftover = write_files(kept / "making" / "00112233-7", "half.mp4")
    run(str(tmp_path / "songs" / "*"), tmp_path / "films", Stand())
    assert [path.is_file() for path in foreign] == [True, True]
    assert not leftover[0].parent.exists()


# A ledger is a file like any other


@cases
def test_ledger__with_what_no_batch_has_written_is_refused(tmp_path: Path, sql: str) -> None:
    write_files(tmp_path, "a.mp3")
    run(str(tmp_path / "*.mp3"), tmp_path / "films", Stand())
    change(tmp_path / "films", sql)
    stand = Stand()
    with pytest.raises(errors.InputError, match=r"ledger\.sqlite is damaged") as told:
        run(str(tmp_path / "*.mp3"), tmp_path / "films", stand)
    assert "Move" in told.value.hint
    assert stand.names == []


@pytest.mark.parametrize("version", [1, 99])
def test_ledger__of_another_version_is_left_alone(tmp_path: Path, version: int) -> None:
    write_files(tmp_path, "a.mp3")
    run(str(tmp_path / "*.mp3"), tmp_path / "films", Stand())
    change(tmp_path / "films", f"PRAGMA user_version = {version}")
    before = (tmp_path / "films" / ".nemo-batch" / "ledger.sqlite").read_bytes()
    with pytest.raises(errors.InputError, match="another version") as told:
        run(str(tmp_path / "*.mp3"), tmp_path / "films", Stand())
    assert "--out" in told.value.hint
    assert (tmp_path / "films" / ".nemo-batch" / "ledger.sqlite").read_bytes() == before


def test_lock__that_is_none_is_told_as_what_it_is(tmp_path: Path) -> None:
    write_files(tmp_path, "a.mp3")
    lock = tmp_path / "films" / ".nemo-batch" / "running.sqlite"
    lock.mkdir(parents=True)
    with pytest.raises(errors.InputError, match=r"running\.sqlite cannot be written"):
        run(str(tmp_path / "*.mp3"), tmp_path / "films", Stand())
    lock.rmdir()
    lock.write_bytes(b"this is no database, " * 100)
    with pytest.raises(errors.InputError, match=r"running\.sqlite is damaged") as told:
        run(str(tmp_path / "*.mp3"), tmp_path / "films", Stand())
    assert "Delete it" in told.value.hint
