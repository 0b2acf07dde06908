"""A batch with three bad files, once to its end and once with a kill in the middle."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from short_songs import PROMPT, SMALL, spoil, write_songs

from nemo_notebook.session.backend import environment

pytestmark = [pytest.mark.timeout(900)]
pytest.importorskip("av")

CODE = f"""
import sys, nemo_notebook as nemo
films = nemo.batch(sys.argv[1], prompt={PROMPT!r}, out=sys.argv[2], workers=2, backend="local", **{SMALL!r})
for film in films:
    print(film, flush=True)
films.frame.to_json(sys.argv[3])
print(films.wait())
"""
REASONS = {
    "song05.m4a": "song05.m4a is cut off or damaged: "
    "its index (the moov part of an MP4 or MOV) is missing or unusable.",
    "song07.m4a": "song07.m4a is empty.",
    "song09.mp3": "song09.mp3 holds text, not a video, picture or sound.",
}


def begin(pattern: str, out: Path, home: Path) -> subprocess.Popen[str]:
    """A script that runs the batch, with an engine and a home of its own."""
    env = {**environment(), "NEMO_HOME": str(home), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", CODE, pattern, str(out), str(home / "table.json")]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")


def run(pattern: str, out: Path, home: Path) -> str:
    process = begin(pattern, out, home)
    said, _ = process.communicate()
    assert process.returncode == 0, said
    return said


def films(out: Path) -> dict[str, str]:
    """The films in a folder by their names, with the hash of their bytes."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.glob("*.mp4"))}


def marks(out: Path) -> dict[str, tuple[int, int]]:
    """What changes when a film is made again."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in out.glob("*.mp4")}


def check(out: Path, home: Path, said: str) -> None:
    """Seven films, and three rows that say why there is none."""
    table = pd.read_json(home / "table.json", dtype=False)
    assert table.state.value_counts().to_dict() == {"done": 7, "failed": 3}
    failed = table[table.state == "failed"]
    assert {Path(name).name: reason for name, reason in zip(failed.input, failed.reason, strict=True)} == REASONS
    done = table[table.state == "done"]
    assert all(Path(name).is_file() for name in done.output)
    assert done.duration_s.between(0.9, 1.1).all()
    assert "7 of 10 films are in" in said
    assert sorted(path.name for path in (out / ".nemo-batch").iterdir()) == ["ledger.sqlite", "running.sqlite"]


def test_batch__is_resumed_after_a_kill(tmp_path: Path) -> None:
    songs = write_songs(tmp_path / "songs", 10, length_s=1.0)
    spoil([songs[5], songs[7], songs[9]])
    pattern = str(tmp_path / "songs" / "*")
    whole, homes = tmp_path / "whole", [tmp_path / "home-1", tmp_path / "home-2"]
    for home in homes:
        home.mkdir()
    said = run(pattern, whole, homes[0])
    check(whole, homes[0], said)

    broken = tmp_path / "broken"
    first = begin(pattern, broken, homes[1])
    deadline_s = time.monotonic() + 120
    while len(marks(broken)) < 2:
        assert time.monotonic() < deadline_s, "the moment never came"
        time.sleep(0.02)
    first.kill()
    first.communicate()
    before = marks(broken)
    assert 2 <= len(before) < 7
    said = run(pattern, broken, homes[1])
    check(broken, homes[1], said)
    after = marks(broken)
    assert {name: after[name] for name in before} == before, "a finished film was made again"
    assert films(broken) == films(whole)

    again = run(pattern, broken, homes[1])
    assert marks(broken) == after
    assert "7 of 10 films are in" in again
