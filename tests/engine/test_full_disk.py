"""On a disk that is really full, whatever is done says so, and goes on when there is room again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from media_files import write_video

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.session.backend import _engines


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux mounts a small disk")
    (tmp_path / "disk").mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=620m", "tmpfs", str(tmp_path / "disk")]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    yield tmp_path / "disk"
    subprocess.run(["umount", "--lazy", str(tmp_path / "disk")], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 512):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)


@pytest.mark.timeout(120)
def test_full_disk__is_told_by_all_that_is_done_and_nothing_is_lost(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_HOME", str(disk / "home"))
    write_video(tmp_path / "one.mp4", frames=30)
    write_video(tmp_path / "two.mp4", frames=40)
    session = nemo.connect(backend="local")
    session.upload(tmp_path / "one.mp4")
    session.chat("use my clip")
    fill(disk / "filler")
    done: list[Callable[[], object]] = [
        lambda: session.upload(tmp_path / "two.mp4"),
        lambda: session.chat('add a title "Hello"'),
        lambda: session.export(disk / "film.mp4", quality="low"),
        lambda: nemo.connect(backend="local"),
    ]
    for do in done:
        with pytest.raises(errors.DiskFull, match=r"needs [\d.]+ MB, and \d+ kB are free"):
            do()
    (disk / "filler").unlink()
    assert "Hello" in session.chat('add a title "Hello"').text
    assert [each.filename for each in session.upload(tmp_path / "two.mp4")] == ["two.mp4"]
    session.close()
    _engines.pop(disk.resolve() / "home" / "engine").stop()
