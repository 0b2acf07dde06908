"""A session with the real engine, played again elsewhere: by another process, with another home and no network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import taped_session
from media_files import RATE, clicks, write_sound, write_video

import nemo_notebook
from nemo_notebook.tapes import file as tape_file

_ROOT, _SUPPORT = Path(nemo_notebook.__file__).parent.parent, Path(taped_session.__file__).parent


def run(folder: Path, mode: str, tape: Path, **env: str) -> str:
    """What the session prints when it is worked through in a folder of its own."""
    folder.mkdir()
    places = [*([str(_SUPPORT / "no_network")] if mode == "replay" else []), str(_ROOT), str(_SUPPORT)]
    own = {"NEMO_HOME": str(folder / "home"), "NEMO_TEST_TRIED": str(folder / "tried"), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, taped_session.__file__, mode, str(tape)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(places), **own, **env}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_session__is_the_same_in_another_process_without_a_network(tmp_path: Path) -> None:
    tape = tmp_path / "film.nemotape"
    write_sound(tmp_path / "song.mp3", clicks(120, 4.0)[0], RATE, codec="libmp3lame")
    write_video(tmp_path / "clip.mp4", frames=90)
    recorded = run(tmp_path / "recorded", "record", tape)
    assert "session-tape-1" in recorded
    assert run(tmp_path / "played", "replay", tape, TZ="Asia/Tokyo") == recorded
    films = {(tmp_path / folder / "film.mp4").read_bytes() for folder in ("recorded", "played")}
    assert len(films) == 1
    assert not list(tmp_path.glob("*/tried"))
    assert not list(tmp_path.glob("played/home/**/*.sqlite")), "what a tape's sessions note goes with it"
    assert {exchange.cell for exchange in tape_file.read_tape(tape).exchanges} == {"In [1]", "In [2]", "In [3]"}
