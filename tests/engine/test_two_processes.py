"""Two engines, each a process of its own, on one folder: what one leaves, the other finishes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import av
import held_engine
import httpx
import pytest
from visitor import Visitor
from waiting import until

import nemo_notebook
from nemo_notebook.engine.database import SILENCE_S
from nemo_notebook.engine.store import Store

ROOT = Path(nemo_notebook.__file__).parents[1]


class Child:
    """An engine that this process has started, and a client of it; a held one never comes to the end of an export."""

    def __init__(self, home: Path, held: Path | None = None) -> None:
        what = ["-m", "nemo_notebook.engine"] if held is None else [held_engine.__file__, str(held)]
        self.process = subprocess.Popen(
            [sys.executable, "-P", *what],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"token": "for this test", "home": str(home)}).encode() + b"\n")
        self.process.stdin.flush()

    @cached_property
    def http(self) -> Visitor:
        """A client of it, once it serves."""
        assert self.process.stdout is not None
        port = json.loads(self.process.stdout.readline())["port"]
        return Visitor(f"http://127.0.0.1:{port}", "for this test")

    def close_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> None:
        self.http.close()
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Child, Child]]:
    """A held engine and another."""
    children = Child(tmp_path / "home", tmp_path), Child(tmp_path / "home")
    yield children
    for child in children:
        child.end()


def begun(child: Child, folder: Path, clip: bytes) -> str:
    """Begins a small export with a held engine, and waits until nothing is missing but its end; gives the session."""
    session = child.http.begin()
    assert child.http.upload(session, clip).json()["code"] == 0
    child.http.say(session, "use my clip")
    assert child.http.submit(session, "r1").json()["success"]
    until((folder / "held").exists, 120)
    return session


def test_export_of_a_killed_process__is_finished_by_the_other_and_its_files_are_whole(
    pair: tuple[Child, Child], tmp_path: Path, clip: bytes
) -> None:
    one, other = pair
    session = begun(one, tmp_path, clip)
    assert other.http.job("r1")["status"] == "processing"
    one.process.kill()
    one.process.wait()
    with sqlite3.connect(tmp_path / "home" / "engine.sqlite") as db:
        (last_sign_s,) = db.execute("SELECT touched_s FROM job").fetchone()
    db.close()
    data = other.http.ended("r1")
    assert data["status"] == "completed"
    assert time.time() - last_sign_s > SILENCE_S
    film = tmp_path / "film.mp4"
    film.write_bytes(httpx.get(data["output"]["url"]).content)
    with av.open(str(film)) as shown:
        assert sum(1 for _ in shown.decode(video=0)) == 60
    assert len(list((tmp_path / "home" / "renders").glob("*.mp4"))) == 2  # the film and its clip
    state = other.http.state(session)
    assert (state["turns_running"], state["draft_version"]) == (0, 1)


def test_export_of_a_process_whose_input_ended__goes_on_in_the_other_at_once(
    pair: tuple[Child, Child], tmp_path: Path, clip: bytes
) -> None:
    one, other = pair
    begun(one, tmp_path, clip)
    one.close_input()
    assert one.process.wait(60) == 0
    store = Store(tmp_path / "home")
    job = store.jobs.find("r1")
    assert job is not None
    assert (job.is_left, job.takeovers) == (True, 0)  # let go of in order: nobody waits for a sign of life
    assert other.http.job("r1")["status"] == "pending"
    job = store.jobs.find("r1")
    assert job is not None
    assert not job.is_left
    store.close()
    assert other.http.ended("r1")["status"] == "completed"


def test_kill_at_any_moment__leaves_a_database_that_opens(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for after_s in (0.0, 0.03, 0.1):
        child, told = Child(home), list[str]()

        def begin_sessions(child: Child = child, told: list[str] = told) -> None:
            try:
                while True:
                    told.append(child.http.begin())
            except httpx.HTTPError:
                return

        writer = threading.Thread(target=begin_sessions)
        writer.start()
        until(lambda told=told: told)
        time.sleep(after_s)
        child.process.kill()
        writer.join()
        child.end()
        db = sqlite3.connect(home / "engine.sqlite")
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert set(told) <= {row[0] for row in db.execute("SELECT id FROM session")}
        db.close()
    store = Store(home)
    assert store.session(told[0], "local") is not None
    store.close()
    assert list(home.glob("*.aside-*")) == []
