"""A cell that was stopped while it was recorded is stopped at the same word when it is played."""

from __future__ import annotations

from pathlib import Path

import pytest
from stage import Stage

from nemo_notebook import examples

from .conftest import DRAFT, Cell, Kernel

pytestmark = pytest.mark.timeout(180)
TAPE = "film.nemotape"
AFTER = ("%nemo jobs", "%nemo resume", "%nemo jobs", "%nemo chat and now louder")


def shown(cell: Cell) -> tuple[str, list[str], list[str] | None]:
    faces = [data.get("text/plain", "") for data in cell.displays]
    return cell.streams, [face for face in faces if "📼" not in face], cell.error


def test_stop__is_played_as_it_was(tmp_path: Path) -> None:
    (home := tmp_path / "home").mkdir()
    kernel = Kernel(tmp_path, home, NEMO_RECOVER_SECONDS="0.1")
    try:
        kernel.run("%load_ext nemo_notebook")
        with Stage(DRAFT) as stage:
            kernel.run(f"%nemo tape record {TAPE}")
            assert kernel.run(f"%nemo connect --backend {stage.url}").error is None
            stopped = kernel.begin("%nemo chat make it loud")
            stage.turn("make it loud").say("It gets louder. Then")
            kernel.until(lambda: "It gets louder." in stopped.text)
            kernel.interrupt()
            kernel.until(lambda: stopped.is_idle)
            assert "Stopped waiting; what was begun goes on." in stopped.text
            recorded = [shown(stopped), *(shown(kernel.run(code)) for code in AFTER[:-1])]
            last = kernel.begin(AFTER[-1])
            stage.turn("and now louder").end("Louder.")
            kernel.until(lambda: last.is_idle)
            recorded.append(shown(last))
            assert "saved" in kernel.run("%nemo tape off").text
        kernel.run(f"%nemo tape replay {TAPE}")
        kernel.run("%nemo connect")
        played = [shown(kernel.run(code)) for code in ("%nemo chat make it loud", *AFTER)]
        assert played == recorded
    finally:
        kernel.close()


def test_stop__of_an_export_is_played_as_it_was(tmp_path: Path) -> None:
    (home := tmp_path / "home").mkdir()
    song = next(path for path in examples.media() if path.suffix == ".mp3").as_posix()
    before = (
        "%nemo connect --backend local",
        f"%nemo upload {song}",
        "%nemo chat make a 10 second music video with a visualizer",
    )
    after = ("%nemo resume", "%nemo jobs", "%nemo export again.mp4 --quality low --resolution 480p")
    kernel = Kernel(tmp_path, home)
    try:
        kernel.run(f"%load_ext nemo_notebook\n%nemo tape record {TAPE}")
        for code in before:
            assert kernel.run(code).error is None
        stopped = kernel.begin("%nemo export left.mp4 --quality low")
        kernel.until(lambda: "Rendering" in stopped.text)
        kernel.interrupt()
        kernel.until(lambda: stopped.is_idle)
        recorded = [shown(stopped), *(shown(kernel.run(code)) for code in after)]
        assert "saved" in kernel.run("%nemo tape off").text
        for name in ("left.mp4", "again.mp4"):
            (tmp_path / name).unlink()
        kernel.run(f"%nemo tape replay {TAPE}")
        for code in before:
            assert kernel.run(code).error is None
        codes = ("%nemo export left.mp4 --quality low", *after)
        assert [shown(kernel.run(code)) for code in codes] == recorded
        assert "%nemo resume render_tape_1" in str(recorded[0])
    finally:
        kernel.close()
