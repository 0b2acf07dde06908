"""Workers that end while they have a film, and a program that ends before its batch."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from batch_stand import Gate, Stand, begin, is_wanted, until, write_files, write_film
from short_songs import PROMPT, SMALL, write_songs

from nemo_notebook import errors
from nemo_notebook.batches import work as working
from nemo_notebook.batches.batch import Batch
from nemo_notebook.batches.ledger import Ledger, LedgerEntry
from nemo_notebook.batches.work import Work
from nemo_notebook.session.backend import environment

REASON = "Its worker ended twice while this was made."


class Breaks(Stand):
    """As a pool in which some files end their process, and with it all that the pool has in hand."""

    def __init__(self, *bad: str, beside: int = 1) -> None:
        super().__init__(self._does_or_ends)
        self._bad, self._meeting = bad, Barrier(beside)

    def _does_or_ends(self, work: Work) -> LedgerEntry:
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
        begin(tmp_path, Breaks("a.mp3"), workers=1).wait(60)
    second = Breaks("a.mp3")
    made = begin(tmp_path, second, workers=1).wait(60)
    assert second.names == ["b.mp3", "c.mp3", "a.mp3"]
    assert [film.state for film in made.films] == ["failed", "done", "done"]
    assert made.failures[0].reason == REASON
    assert "fewer workers" in made.failures[0].hint
    third = Stand()  # the file, or the machine, is well again
    assert begin(tmp_path, third, workers=1).wait(60).failures == ()
    assert third.names == ["a.mp3"]


def test_files__of_which_one_ended_the_worker_are_made_one_at_a_time(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3", "c.mp3")
    with pytest.raises(errors.NemoError, match="takes no more work"):
        begin(tmp_path, Breaks(beside=2), workers=2).wait(60)
    second = Breaks("a.mp3")
    made = begin(tmp_path, second, workers=2)
    with pytest.raises(errors.NemoError, match="takes no more work"):
        made.wait(60)
    assert second.names == ["c.mp3", "a.mp3"]
    assert second.most == 1
    assert [film.state for film in made.films] == ["failed", "waiting", "done"]
    third = Breaks("a.mp3")
    made = begin(tmp_path, third, workers=2).wait(60)
    assert third.names == ["b.mp3", "a.mp3"]
    assert [film.state for film in made.films] == ["failed", "done", "done"], "who was only beside it is made"


def test_files__that_end_their_workers_all_get_their_row(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3", "c.mp3")
    for _ in range(3):  # a worker, and with it a run, for each time that one of them ends one
        with pytest.raises(errors.NemoError, match="takes no more work"):
            begin(tmp_path, Breaks("a.mp3", "b.mp3"), workers=1).wait(60)
    made = begin(tmp_path, Breaks("a.mp3", "b.mp3"), workers=1).wait(60)
    assert [film.reason for film in made.films] == [REASON, REASON, ""]


def test_workers__that_have_not_begun_say_nothing_of_the_files(tmp_path: Path) -> None:
    """As those of a program that starts processes without a guard."""
    write_files(tmp_path / "songs", "a.mp3")

    def end(_: Work) -> LedgerEntry:
        raise BrokenProcessPool

    for _ in range(3):
        with pytest.raises(errors.NemoError, match="takes no more work") as told:
            begin(tmp_path, Stand(end), workers=1).wait(60)
        assert 'if __name__ == "__main__":' in told.value.hint


class TakesOne(Stand):
    """As a pool that has broken before the next film is handed to it."""

    def submit(self, fn: object, /, work: Work) -> Future[LedgerEntry]:
        if self.works:
            until(lambda: Ledger(Path(self.works[0].ledger)).reports()[self.works[0].entry.place].stage)
            raise BrokenProcessPool
        return super().submit(fn, work)


def test_pool__that_is_found_broken_counts_for_the_film_that_it_had(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3", "c.mp3")
    goes_on = Event()

    def make(work: Work) -> LedgerEntry:
        assert is_wanted(work)
        goes_on.wait(60)
        raise BrokenProcessPool

    made = begin(tmp_path, TakesOne(make), workers=2)
    with pytest.raises(errors.NemoError, match="takes no more work"):
        made.wait(60)
    goes_on.set()
    second = Stand()
    begin(tmp_path, second, workers=1).wait(60)
    assert second.names == ["b.mp3", "c.mp3", "a.mp3"]


async def _film(work: Work, _: object) -> Any:
    if work.source.endswith("a.mp3"):
        os._exit(9)
    return write_film(work).film


def _end_at_a() -> None:
    working._film = _film


def test_processes__that_are_ended_by_a_file_make_the_others(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3", "c.mp3", "d.mp3")
    for _ in range(3):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(2, mp_context=context, initializer=_end_at_a) as pool:
            made = begin(tmp_path, pool, workers=2)
            with contextlib.suppress(errors.NemoError):  # the pool has broken
                made.wait(60)
    assert [film.reason for film in made.films] == [REASON, "", "", ""]


pytestmark = pytest.mark.timeout(300)
CODE = f"""
import signal, sys, threading, nemo_notebook as nemo

def interrupt():
    next(iter(films))
    signal.raise_signal(signal.SIGINT)

films = nemo.batch(sys.argv[1], prompt={PROMPT!r}, out=sys.argv[2], workers=2, backend="local", **{SMALL!r})
if "interrupt" in sys.argv:
    threading.Thread(target=interrupt, daemon=True).start()
if "leave" in sys.argv:
    next(iter(films))
elif "each" in sys.argv:
    for film in films:
        pass
else:
    print(films.wait())
"""


def run(tmp_path: Path, *more: str) -> tuple[int, str, str]:
    """A program with a batch: how it ended, and what it said on both its channels."""
    env = {**environment(), "NEMO_HOME": str(tmp_path / "home"), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", CODE, str(tmp_path / "songs" / "*"), str(tmp_path / "films"), *more]
    ended = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", cwd=tmp_path, check=False)
    return ended.returncode, ended.stdout, ended.stderr


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "films" / ".nemo-batch").iterdir())


@pytest.mark.parametrize("how", ["wait", "each"])
def test_interrupt__of_a_program_stops_its_batch_and_the_same_call_goes_on(tmp_path: Path, how: str) -> None:
    write_songs(tmp_path / "songs", 6)
    status, _, said = run(tmp_path, "interrupt", how)
    assert status == (-signal.SIGINT if os.name != "nt" else 0xC000013A)
    assert said.count("Traceback") == 1
    told = said.splitlines()[-1]
    assert told.startswith("KeyboardInterrupt: ")
    assert "of 6 films" in told
    assert told.endswith("not made yet. Run the same line again to go on where it stopped.")
    assert kept(tmp_path) == ["ledger.sqlite", "running.sqlite"]
    made = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "films").glob("*.mp4")}
    assert 1 <= len(made) < 6
    status, out, said = run(tmp_path)
    assert (status, said) == (0, "")
    assert "6 of 6 films are in films" in out
    assert {name: (tmp_path / "films" / name).stat().st_mtime_ns for name in made} == made


def test_program__that_does_not_wait_ends_with_one_line(tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", 5)
    status, _, said = run(tmp_path, "leave")
    assert status == 0
    assert said.splitlines() == [
        "The program has ended before its batch. Call `wait()`; the same call again resumes it."
    ]
    assert kept(tmp_path) == ["ledger.sqlite", "running.sqlite"]


@pytest.mark.parametrize("wait", [Batch.wait, list])
def test_interrupt__of_a_notebook_stops_the_waiting_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: Callable[[Batch], object]
) -> None:
    write_files(tmp_path / "songs", "a.mp3")
    gate = Gate()
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    made = begin(tmp_path, gate)
    until(lambda: made.films[0].state == "running")
    threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(errors.Detached, match="the batch goes on"):
        wait(made)
    assert made.is_running
    gate.open()
    assert made.wait(60).status == "done"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_process__ends_without_waiting_for_the_batch_of_its_parent(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3")
    gate = Gate()
    made = begin(tmp_path, gate)
    until(lambda: made.films[0].state == "running")
    child = multiprocessing.get_context("fork").Process(target=int)
    child.start()
    child.join(10)
    assert child.exitcode == 0
    gate.open()
    assert made.wait(60).status == "done"
