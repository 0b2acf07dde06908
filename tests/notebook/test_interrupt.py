"""An interrupt leaves at once, says how to come back, and the work goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemo_notebook import examples

if TYPE_CHECKING:
    from .conftest import Kernel

MEDIA = examples.folder() / "media"


def test_export__interrupted_and_come_back_to(kernel: Kernel) -> None:
    kernel.run("%load_ext nemo_notebook\n%nemo connect --backend local")
    kernel.run(f"%nemo upload {MEDIA.as_posix()}/song.mp3")
    kernel.run("%nemo chat make an 8 second music video with a visualizer")
    cell = kernel.begin("%nemo export left.mp4 --quality low --resolution 720p")
    kernel.until(lambda: "Rendering" in cell.text)
    begun_s = kernel.interrupt()
    kernel.until(lambda: cell.is_idle)
    assert cell.ended_s - begun_s < 2
    assert "%nemo resume render_" in cell.text
    assert "KeyboardInterrupt" not in cell.text
    listed = kernel.run("%nemo jobs").text.splitlines()
    (left,) = [line.split()[0] for line in listed if " open " in line or "rendering" in line]
    cell = kernel.run("%nemo export left.mp4 --quality low --resolution 720p")
    assert "<video" in cell.html
    jobs = [line for line in kernel.run("%nemo jobs").text.splitlines() if line.startswith("render_")]
    assert len(jobs) == 1  # it was come back to, not begun again
    assert jobs[0].startswith(left)
    assert " done " in jobs[0]


def test_begun__is_listed_cancelled_and_come_back_to(kernel: Kernel) -> None:
    kernel.run("%load_ext nemo_notebook\n%nemo connect --backend local --name Evening")
    kernel.run(f"%nemo upload {MEDIA.as_posix()}/song.mp3")
    kernel.run("%nemo chat make an 8 second music video with a visualizer")
    job = kernel.run(
        "job = %nemo export kept.mp4 --quality low --resolution 720p --no-wait\nprint(job.id)"
    ).streams.strip()
    assert job.startswith("render_")
    assert job in kernel.run("%nemo cancel").text
    line = next(line for line in kernel.run("%nemo jobs").text.splitlines() if line.startswith(job))
    assert " cancelled " in line
    assert "is over" in kernel.run(f"%nemo cancel {job}").text
    kernel.run("%nemo export kept.mp4 --quality low --resolution 720p --no-wait")
    assert "<video" in kernel.run("%nemo resume").html
    history = kernel.run("costs = %nemo credits --history\nlen(costs)")
    assert "make an 8 second music video with a visualizer" in history.text
    sessions = kernel.run("%nemo sessions").text
    assert "Evening" in sessions
    session = kernel.run("found = %nemo sessions\nfound[0].id").result["text/plain"].strip("'")  # type: ignore[index]
    kernel.run("%nemo connect --backend local")
    assert "The timeline is empty." in kernel.run("%nemo status").text
    kernel.run(f"%nemo connect --session {session}")
    assert "song.mp3" in kernel.run("%nemo status").text
    assert "that you work in" in kernel.run("%nemo sessions --remove Evening").text
    kernel.run("%nemo connect --backend local")
    removed = kernel.run("%nemo sessions --remove Evening").text
    assert "Evening is in the trash for a week" in removed
    assert f"%nemo sessions --restore {session}" in removed
    assert "Evening" not in kernel.run("%nemo sessions").text
    assert "Evening is back" in kernel.run("%nemo sessions --restore Evening").text
    assert "Evening" in kernel.run("%nemo sessions").text
    assert "There is no job" in kernel.run("%nemo resume render_x").text
