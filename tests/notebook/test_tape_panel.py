"""A panel over a session on a tape, without a network: it plays what was recorded, and says what was not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nemo_notebook import examples

from .conftest import Kernel
from .test_panel import speak

pytestmark = pytest.mark.timeout(180)
BEGIN = (
    "%load_ext nemo_notebook",
    "%nemo tape replay cloud-session.nemotape --speed once",
    '%nemo connect --backend cloud --skill from-music --name "Evening"',
    "%nemo upload media/song.mp3 media/city.mp4 media/sea.mp4",
    "studio = %nemo studio",
)
MAKE, TITLE = "make an 8 second music video from this song, cut on the beat", "Harbour Lights"
LAST = """
import json, time
end_s = time.monotonic() + 60
while True:
    assert time.monotonic() < end_s
    time.sleep(0.02)
    entry = list(studio.chat._log._entries.values())[-1]
    if entry.message == {text!r} and entry.state in ("done", "failed"):
        break
print(json.dumps({{name: getattr(entry, name) for name in ("state", "error", "hint", "can_repeat")}}))
print(entry.text())
"""


EXPORTED = """
end_s = time.monotonic() + 60
while not (rows := studio.exports._queue.rows) or rows[0].is_live:
    assert time.monotonic() < end_s, rows
    time.sleep(0.02)
print([(row.state, row.target.name if row.target else "", row.why) for row in rows])
"""


@pytest.fixture
def kernel(tmp_path: Path, tried: Path) -> Iterator[Kernel]:
    (folder := tmp_path / "notebooks").mkdir()
    (home := tmp_path / "home").mkdir()
    shutil.copytree(examples.folder() / "media", folder / "media")
    shutil.copyfile(examples.folder() / "cloud-session.nemotape", folder / "cloud-session.nemotape")
    running = Kernel(folder, home)
    yield running
    running.close()
    assert not tried.exists()


def said(kernel: Kernel, text: str) -> tuple[dict[str, Any], str]:
    """What becomes of what is said in the panel: how it stands, and the reply."""
    part = kernel.run("print(studio.chat.part_id)").streams.strip()
    speak(kernel, part, do="say", ask=text[:8], text=text)
    cell = kernel.run(LAST.format(text=text))
    assert cell.error is None, cell.text
    entry, _, reply = cell.streams.partition("\n")
    return json.loads(entry), reply


def test_panel__plays_what_was_recorded_and_tells_what_was_not(kernel: Kernel) -> None:
    for code in BEGIN:
        cell = kernel.run(code)
        assert cell.error is None, cell.text
    other, _ = said(kernel, "paint it purple")
    assert other["state"] == "failed"
    assert "paint it purple" in other["error"]
    assert MAKE in other["error"]
    assert "as it was recorded" in other["hint"]
    assert other["can_repeat"]  # nothing was asked of anybody
    made, reply = said(kernel, MAKE)
    assert (made["state"], made["error"]) == ("done", "")
    assert "The pictures are ready" in reply
    titled, reply = said(kernel, f'add a title "{TITLE}" for the first 3 seconds')
    assert (titled["state"], titled["error"]) == ("done", "")
    assert TITLE in reply
    assert TITLE in kernel.run("studio.session.timeline().summary").text  # the cells see what the panel did
    assert TITLE in kernel.run("%nemo status").text
    softer, _ = said(kernel, "set the music volume to 60%")
    assert softer["state"] == "done"
    part = kernel.run("print(studio.exports.part_id)").streams.strip()
    wish = {"name": "cloud-film.mp4", "format": "mp4", "quality": "low", "resolution": "480p", "preset": ""}
    speak(kernel, part, do="export", ask="e1", **wish)
    row = kernel.run(EXPORTED)
    assert row.error is None, row.text
    assert "('done', 'cloud-film.mp4', '')" in row.streams
    assert kernel.run("%nemo tape").error is None
