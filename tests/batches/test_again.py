"""The same folder again: in other formats, with other words, with files that are away, odd or spoilt."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from batch_stand import Stand, write_files, write_film

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.batches.batch import Batch
from nemo_notebook.batches.work import Result, Work


def run(what: Any, out: Path, stand: Stand, prompt: str = "a film", **more: Any) -> Batch:
    return nemo.batch(what, prompt=prompt, out=out, backend="local", workers=1, executor=stand, **more).wait(60)


def change(out: Path, sql: str) -> None:
    with closing(sqlite3.connect(out / ".nemo-batch" / "ledger.sqlite")) as db, db:
        db.execute(sql)


def refuse(work: Work) -> Result:
    return Result(reason=f"There is no file {work.source}.")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
def test_name__that_is_no_unicode_has_its_film_too(tmp_path: Path) -> None:
    songs = write_files(tmp_path / "songs", "a.mp3", "caf\\xe9.mp3", "caf%E9.mp3")
    songs.append(tmp_path / "songs" / os.fsdecode(b"caf\xe9.mp3"))
    songs[-1].write_bytes(b"another")
    stand, out = Stand(), tmp_path / os.fsdecode(b"films\xff")
    made = run(str(tmp_path / "songs" / "*"), out, stand)
    assert [film.state for film in made.films] == ["done"] * 4
    assert "caf?.mp3" in made.frame.to_json()
    assert b"films%FF/caf.mp4" in made._repr_html_().encode()
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


def test_films__do_not_go_into_the_others(tmp_path: Path) -> None:
    write_files(tmp_path, "a.mp3", "clip.mp4")
    stand = Stand()
    for _ in range(2):
        run(tmp_path / "a.mp3", tmp_path, stand, with_=str(tmp_path / "*.mp4"))
    assert [work.more for work in stand.works] == [(str(tmp_path / "clip.mp4"),)]


def test_leftovers__of_a_batch_that_was_killed_are_no_songs(tmp_path: Path) -> None:
    write_files(tmp_path, "a.mp3")
    write_files(tmp_path / ".nemo-batch" / "making-00112233-0", "half.mp4")
    stand = Stand()
    run(str(tmp_path / "**" / "*"), tmp_path, stand)
    assert stand.names == ["a.mp3"]


def test_file__that_is_away_for_a_while_keeps_its_film(tmp_path: Path) -> None:
    (song,) = write_files(tmp_path, "a.mp3")
    out, stand = tmp_path / "films", Stand()
    run(song, out, stand)
    song.rename(tmp_path / "elsewhere")
    assert [film.state for film in run(song, out, stand).films] == ["done"]
    asked = run(song, out, Stand(refuse), "another film")
    assert [film.state for film in asked.films] == ["failed"]
    (tmp_path / "elsewhere").rename(song)
    assert [film.state for film in run(song, out, stand).films] == ["done"]
    assert stand.names == ["a.mp3"], "its film was there all the time"
    assert (out / "a.mp4").read_text() == "a.mp3a film"


def test_words__that_came_to_nothing_leave_the_film_of_those_before(tmp_path: Path) -> None:
    write_files(tmp_path, "a.mp3")
    stand = Stand(lambda work: replace(write_film(work), session="first"))
    run(str(tmp_path / "*.mp3"), tmp_path, stand)
    run(str(tmp_path / "*.mp3"), tmp_path, Stand(lambda _: Result(reason="What?", session="second")), "nonsense")
    (film,) = run(str(tmp_path / "*.mp3"), tmp_path, stand).films
    assert stand.names == ["a.mp3"]
    assert (film.state, film.session) == ("done", "first")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are none here")
def test_pipes_and_devices__are_not_read(tmp_path: Path) -> None:
    (song,) = write_files(tmp_path, "a.mp3")
    os.mkfifo(tmp_path / "b.mp3")
    (tmp_path / "c.mp3").symlink_to("/dev/zero")
    stand = Stand()
    run([song, tmp_path / "b.mp3", tmp_path / "c.mp3"], tmp_path / "films", Stand(refuse))
    run(str(tmp_path / "*.mp3"), tmp_path / "films", stand)
    assert stand.names == ["a.mp3"], "and no pattern means them"


@pytest.mark.parametrize("error", [BrokenProcessPool, CancelledError])
def test_executor__that_breaks_says_nothing_of_the_films(tmp_path: Path, error: type[BaseException]) -> None:
    """As pools do of which one process was killed: all that it had at the time fails."""
    songs, meeting = write_files(tmp_path, *(f"{number}.mp3" for number in range(6))), Barrier(2)

    def make(work: Work) -> Result:
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


def test_folder__that_is_taken_away_ends_the_batch_with_words(tmp_path: Path) -> None:
    songs, out = write_files(tmp_path, *(f"{number}.mp3" for number in range(20))), tmp_path / "films"

    def make(work: Work) -> Result:
        made = write_film(work)
        if len(stand.works) == 3:
            shutil.rmtree(out)
        return made

    stand = Stand(make)
    with pytest.raises(errors.InputError, match="films") as told:
        run(songs, out, stand)
    assert "--out" in told.value.hint
    assert len(stand.works) == 3, "no more films are made for nothing"
    assert not out.exists()


def test_folder__that_takes_no_films_any_more_ends_the_batch_with_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs, out = write_files(tmp_path, *(f"{number}.mp3" for number in range(20))), tmp_path / "films"
    touch, link, rename = Path.touch, os.link, Path.rename
    is_shut = False

    def guarded(does: Any) -> Any:
        def act(*paths: Any, **more: Any) -> Any:
            if is_shut and Path(paths[-1]).parent == out:
                raise PermissionError(13, "Permission denied", str(paths[-1]))
            return does(*paths, **more)

        return act

    def make(work: Work) -> Result:
        nonlocal is_shut
        is_shut = len(stand.works) == 3
        return write_film(work)

    monkeypatch.setattr(Path, "touch", guarded(touch))
    monkeypatch.setattr(Path, "rename", guarded(rename))
    monkeypatch.setattr(os, "link", guarded(link))
    stand = Stand(make)
    made = nemo.batch(songs, prompt="a film", out=out, backend="local", workers=1, executor=stand)
    with pytest.raises(errors.InputError, match="films cannot be written: Permission denied"):
        made.wait(60)
    assert len(stand.works) == 3, "no more films are made for nothing"
    assert [film.state for film in made.films] == ["done"] * 2 + ["waiting"] * 18
    is_shut = True
    with pytest.raises(errors.InputError, match="films cannot be written: Permission denied"):
        run(songs, out, stand)
    assert len(stand.works) == 3
    is_shut = False
    run(songs, out, Stand())


def test_own_folder__keeps_what_others_put_there(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3")
    kept = tmp_path / "films" / ".nemo-batch"
    foreign = [*write_files(kept, "notes.txt"), *write_files(kept / "making-of", "mine.mp4")]
    leftover = write_files(kept / "making-00112233-7", "half.mp4")
    run(str(tmp_path / "songs" / "*"), tmp_path / "films", Stand())
    assert [path.is_file() for path in foreign] == [True, True]
    assert not leftover[0].parent.exists()


# A ledger is a file like any other


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE film SET name = '../../x.mp4'",
        "UPDATE film SET name = '/etc/x.mp4'",
        "UPDATE film SET name = 'a' || char(0) || '.mp4'",
        "UPDATE film SET name = '.mp4'",
        "UPDATE film SET name = 'a.exe'",
        "UPDATE film SET ending = 'exe', name = 'a.exe'",
        "UPDATE film SET size_bytes = 'many'",
        "UPDATE film SET duration_s = 9e999",
        "UPDATE film SET state = 'gone'",
        "UPDATE film SET poster = zeroblob(1000000)",
        "UPDATE film SET reason = CAST(x'ff' AS TEXT)",
        "DELETE FROM batch",
        "DROP TABLE film",
        "DROP TABLE batch",
    ],
)
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
