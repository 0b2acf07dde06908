"""What was told to be done outlives a power loss: seen on the image of a file system, copied while nothing is synced.

It takes root on Linux, where an image can be mounted. What a disk holds that loses its power is then what the image
holds: the pages that the system would have written later are not in it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from media_files import write_video

WORK = """
import subprocess, sys
from pathlib import Path
import nemo_notebook as nemo
disk, image, copy = map(Path, sys.argv[1:])
with nemo.connect(backend="local", name="Sea") as session:
    session.upload(disk.parent / "clip.mp4")
    session.chat("use my clip")
    session.export(disk / "films" / "sea.mp4", quality="low", resolution="480p")
    subprocess.run(["cp", "--sparse=always", image, copy], check=True)  # the power goes
    print(session.id)
"""


@contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Path]:
    folder.mkdir()
    found = subprocess.run(
        ["mount", "-o", "loop,commit=300", str(image), str(folder)], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip(f"no image can be mounted here: {found.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        image.unlink()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux mounts images")
@pytest.mark.skipif(not shutil.which("mkfs.ext4"), reason="there is no mkfs.ext4")
def test_power_loss__takes_nothing_that_was_told_to_be_done(tmp_path: Path) -> None:
    image, copy, clip = tmp_path / "disk.img", tmp_path / "copy.img", tmp_path / "clip.mp4"
    write_video(clip, frames=60)
    with image.open("wb") as file:
        file.truncate(1200 << 20)  # of which hardly anything is written
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    with mounted(image, tmp_path / "disk") as disk:
        env = {**os.environ, "NEMO_HOME": str(disk / "user" / "home")}
        command = [sys.executable, "-c", WORK, *map(str, (disk, image, copy))]
        session_id = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        film = (disk / "films" / "sea.mp4").read_bytes()
    with mounted(copy, tmp_path / "after") as after:
        home = after / "user" / "home"
        digest = hashlib.sha256(clip.read_bytes()).hexdigest()
        assert (home / "engine" / "media" / digest).read_bytes() == clip.read_bytes()
        assert (after / "films" / "sea.mp4").read_bytes() == film
        assert rows(home / "engine" / "engine.sqlite", "SELECT hash FROM media") == [(digest,)]
        assert rows(home / "engine" / "engine.sqlite", "SELECT session_id FROM draft") == [(session_id,)]
        assert rows(home / "journal.sqlite", "SELECT DISTINCT kind, state FROM job ORDER BY kind") == [
            *(("render", "done"), ("turn", "done"), ("upload", "done"))
        ]
        assert rows(home / "journal.sqlite", "SELECT name FROM session") == [("Sea",)]


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as db:
        return db.execute(sql).fetchall()
