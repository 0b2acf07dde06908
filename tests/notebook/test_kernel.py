"""The main path in a real kernel: connect → upload → %%nemo → status → export, and what goes wrong on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av
import pytest
from cases import cases

from nemo_notebook import examples

if TYPE_CHECKING:
    from .conftest import Kernel

pytestmark = pytest.mark.timeout(600)
MEDIA = examples.folder() / "media"


@pytest.fixture(scope="module", autouse=True)
def loaded(kernel: Kernel) -> None:
    assert kernel.run("%load_ext nemo_notebook").error is None


def test_01_export_before_anything__says_what_to_do(kernel: Kernel) -> None:
    cell = kernel.run("%nemo export")
    assert cell.error is not None
    assert "Traceback" not in cell.text
    assert "nothing to export" in cell.text
    assert "%nemo chat" in cell.text


def test_02_connect__says_ready_and_nothing_else(kernel: Kernel) -> None:
    cell = kernel.run("%nemo connect --skill from-music --backend local")
    assert cell.text.strip() == "Ready!"
    assert cell.result is None


def test_03_upload__shows_each_file(kernel: Kernel) -> None:
    cell = kernel.run(f"files = %nemo upload {MEDIA.as_posix()}/song.mp3 {MEDIA.as_posix()}/*.mp4")
    assert cell.text.count("✓") == 6
    assert "1920×1080" in cell.text
    assert kernel.run("[f.kind for f in files]").result == {
        "text/plain": "['audio', 'video', 'video', 'video', 'video', 'video']"
    }


def test_04_cell__streams_the_reply_and_shows_the_summary(kernel: Kernel) -> None:
    cell = kernel.run("%%nemo --out reply\ncreate a video from this music with visualizer and beat-synced cuts")
    assert cell.error is None
    assert any("<p>" in data.get("text/html", "") for data in cell.displays)
    assert "Timeline: 0:" in cell.text
    assert "Timeline (" not in cell.text
    assert cell.result is None
    assert kernel.run("len(reply.changes) > 4").result == {"text/plain": "True"}


def test_05_line__is_routed_to_chat(kernel: Kernel) -> None:
    cell = kernel.run("%nemo 在开头加标题“城市之梦”，3秒")
    assert "城市之梦" in cell.text


def test_06_status__has_a_picture_and_is_handed_back(kernel: Kernel) -> None:
    cell = kernel.run("line = %nemo status")
    assert cell.html.count("data:image/svg+xml;base64,") == 1
    assert "start_s" in kernel.run("list(line.frame.columns)").text


def test_09_export__shows_progress_and_the_film(kernel: Kernel) -> None:
    cell = kernel.run("video = %nemo export films/first.mp4 --quality low --resolution 720p")
    assert cell.error is None
    assert cell.updates > 2
    assert '<source src="films/first.mp4"' in cell.html
    assert "data:image/jpeg;base64," in cell.html
    assert len(cell.html) < 200_000
    path = Path(kernel.run("print(video.path.resolve())").streams.strip())
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (1280, 720, 30)
        song = av.open(str(MEDIA / "song.mp3"))
        assert abs(film.duration - song.duration) / av.time_base < 0.1


@cases
def test_mistakes__are_told_in_two_lines_and_the_next_command_works(kernel: Kernel, line: str, words: str) -> None:
    kernel.run(
        "from pathlib import Path; import nemo_notebook.examples as e\n"
        "Path('empty.mp3').touch(); Path('text.mp4').write_text('hello'); Path('notes.docx').write_text('x')\n"
        "Path('cut.mp4').write_bytes((e.folder() / 'media' / 'city.mp4').read_bytes()[:5000])"
    )
    cell = kernel.run(line)
    assert cell.error is not None
    assert words in cell.text
    assert len([row for row in cell.error if row.strip()]) <= 2
    assert "nemo_notebook/" not in cell.text
    assert "<table" in kernel.run("%nemo status").html


def test_12_config__sets_the_defaults(kernel: Kernel) -> None:
    assert kernel.run('%config NemoMagics.skill = "music-maker"').error is None
    assert "→ music-maker" in kernel.run("%nemo connect --backend local\n%nemo skills").text.replace("→  ", "→ ")


def test_14_completion__knows_the_commands(kernel: Kernel) -> None:
    reply = kernel.reply_to(kernel.client.complete("x = %nemo expo", 14))
    assert reply is not None
    assert reply["content"]["matches"] == ["export"]
