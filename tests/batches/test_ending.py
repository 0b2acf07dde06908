"""A program that ends before its batch, by an interrupt or by itself: nothing is half made, and nothing is spilled."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from batch_stand import Stand, until, write_files, write_film
from short_songs import PROMPT, SMALL, write_songs

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.batches.batch import Batch
from nemo_notebook.batches.work import Result, Work
from nemo_notebook.session.backend import environment

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
    assert told.endswith("not made yet. The same line again goes on where it stopped.")
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
        "The program has ended before its batch. `wait()` waits for it; the same call goes on with it."
    ]
    assert kept(tmp_path) == ["ledger.sqlite", "running.sqlite"]


@pytest.mark.parametrize("wait", [Batch.wait, list])
def test_interrupt__of_a_notebook_stops_the_waiting_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: Callable[[Batch], object]
) -> None:
    write_files(tmp_path / "songs", "a.mp3")
    goes_on = threading.Event()

    def make(work: Work) -> Result:
        goes_on.wait(60)
        return write_film(work)

    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    made = nemo.batch(
        tmp_path / "songs" / "a.mp3", prompt="a film", out=tmp_path / "films", backend="local", executor=Stand(make)
    )
    until(lambda: made.films[0].state == "running")
    threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(errors.Detached, match="the batch goes on"):
        wait(made)
    assert made.is_running
    goes_on.set()
    assert made.wait(60).status == "done"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_process__ends_without_waiting_for_the_batch_of_its_parent(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3")
    goes_on = threading.Event()

    def make(work: Work) -> Result:
        goes_on.wait(60)
        return write_film(work)

    made = nemo.batch(
        tmp_path / "songs" / "a.mp3", prompt="a film", out=tmp_path / "films", backend="local", executor=Stand(make)
    )
    until(lambda: made.films[0].state == "running")
    child = multiprocessing.get_context("fork").Process(target=int)
    child.start()
    child.join(10)
    assert child.exitcode == 0
    goes_on.set()
    assert made.wait(60).status == "done"
