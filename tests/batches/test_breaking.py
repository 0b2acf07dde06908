"""A file that ends its worker: the others are made all the same, and it is told of the right one."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from batch_stand import Stand, is_wanted, until, write_files, write_film

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.batches import work as working
from nemo_notebook.batches.batch import Batch
from nemo_notebook.batches.ledger import Ledger
from nemo_notebook.batches.work import Result, Work

REASON = "Its worker ended twice while this was made."


def begin(tmp_path: Path, executor: Any, workers: int) -> Batch:
    songs = tmp_path / "songs" / "*"
    return nemo.batch(
        songs, prompt="a film", out=tmp_path / "films", backend="local", workers=workers, executor=executor
    )


class Breaks(Stand):
    """As a pool in which some files end their process, and with it all that the pool has in hand."""

    def __init__(self, *bad: str, beside: int = 1) -> None:
        super().__init__(self._does_or_ends)
        self._bad, self._meeting = bad, Barrier(beside)

    def _does_or_ends(self, work: Work) -> Result:
        assert is_wanted(work)
        if self._meeting.parties > 1:
            self._meeting.wait(60)
            raise BrokenProcessPool
        if Path(work.source).name in self._bad:
            raise BrokenProcessPool
        return write_film(work)


def test_file__that_ends_its_worker_comes_last_and_fails_the_second_time(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3", "c.mp3")
    with pytest.raises(errors.NemoError, match="takes no more work"):
        begin(tmp_path, Breaks("a.mp3"), 1).wait(60)
    second = Breaks("a.mp3")
    made = begin(tmp_path, second, 1).wait(60)
    assert second.names == ["b.mp3", "c.mp3", "a.mp3"]
    assert [film.state for film in made.films] == ["failed", "done", "done"]
    assert made.failures[0].reason == REASON
    assert "fewer workers" in made.failures[0].hint
    third = Stand()  # the file, or the machine, is well again
    assert begin(tmp_path, third, 1).wait(60).failures == ()
    assert third.names == ["a.mp3"]


def test_files__of_which_one_ended_the_worker_are_made_one_at_a_time(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3", "c.mp3")
    with pytest.raises(errors.NemoError, match="takes no more work"):
        begin(tmp_path, Breaks(beside=2), 2).wait(60)
    second = Breaks("a.mp3")
    made = begin(tmp_path, second, 2)
    with pytest.raises(errors.NemoError, match="takes no more work"):
        made.wait(60)
    assert second.names == ["c.mp3", "a.mp3"]
    assert second.most == 1
    assert [film.state for film in made.films] == ["failed", "waiting", "done"]
    third = Breaks("a.mp3")
    made = begin(tmp_path, third, 2).wait(60)
    assert third.names == ["b.mp3", "a.mp3"]
    assert [film.state for film in made.films] == ["failed", "done", "done"], "who was only beside it is made"


def test_files__that_end_their_workers_all_get_their_row(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3", "c.mp3")
    for _ in range(3):  # a worker, and with it a run, for each time that one of them ends one
        with pytest.raises(errors.NemoError, match="takes no more work"):
            begin(tmp_path, Breaks("a.mp3", "b.mp3"), 1).wait(60)
    made = begin(tmp_path, Breaks("a.mp3", "b.mp3"), 1).wait(60)
    assert [film.reason for film in made.films] == [REASON, REASON, ""]


def test_workers__that_have_not_begun_say_nothing_of_the_files(tmp_path: Path) -> None:
    """As those of a program that starts processes without a guard."""
    write_files(tmp_path / "songs", "a.mp3")

    def end(_: Work) -> Result:
        raise BrokenProcessPool

    for _ in range(3):
        with pytest.raises(errors.NemoError, match="takes no more work") as told:
            begin(tmp_path, Stand(end), 1).wait(60)
        assert 'if __name__ == "__main__":' in told.value.hint


class TakesOne(Stand):
    """As a pool that has broken before the next film is handed to it."""

    def submit(self, fn: object, /, work: Work) -> Future[Result]:
        if self.works:
            until(lambda: Ledger(Path(self.works[0].ledger)).told()[self.works[0].place].stage)
            raise BrokenProcessPool
        return super().submit(fn, work)


def test_pool__that_is_found_broken_counts_for_the_film_that_it_had(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3", "c.mp3")
    goes_on = Event()

    def make(work: Work) -> Result:
        assert is_wanted(work)
        goes_on.wait(60)
        raise BrokenProcessPool

    made = begin(tmp_path, TakesOne(make), 2)
    with pytest.raises(errors.NemoError, match="takes no more work"):
        made.wait(60)
    goes_on.set()
    second = Stand()
    begin(tmp_path, second, 1).wait(60)
    assert second.names == ["b.mp3", "c.mp3", "a.mp3"]


async def _film(work: Work, _: object) -> Any:
    if work.source.endswith("a.mp3"):
        os._exit(9)
    write_film(work)
    return nemo.Video(Path(work.target), "", 2.0)


def _end_at_a() -> None:
    working._film = _film


def test_processes__that_are_ended_by_a_file_make_the_others(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3", "c.mp3", "d.mp3")
    for _ in range(3):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(2, mp_context=context, initializer=_end_at_a) as pool:
            made = begin(tmp_path, pool, 2)
            with contextlib.suppress(errors.NemoError):  # the pool has broken
                made.wait(60)
    assert [film.reason for film in made.films] == [REASON, "", "", ""]
