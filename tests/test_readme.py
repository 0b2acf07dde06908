"""The README's cells, as they are printed."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from nemo_notebook.film.film import Film
from nemo_notebook.film.model import MediaItem
from nemo_notebook.notebook.commands.registry import COMMANDS
from nemo_notebook.notebook.dispatch import read_line

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
CELLS = re.findall(r"^```python\n(.+?)^```", README, re.MULTILINE | re.DOTALL)
LINES = [line for cell in CELLS for line in re.findall(r"^(?:\w+ = )?%nemo (.+)$", cell, re.MULTILINE)]
NAMES = {"frame": None}


def test_cells__are_found() -> None:
    assert len(CELLS) >= 8
    assert len(LINES) >= 9


@pytest.mark.parametrize("line", LINES)
def test_line__is_the_command_that_it_begins_with(line: str) -> None:
    first = line.split()[0]
    wanted = read_line(line, NAMES)
    assert wanted.command.name == (first if first in COMMANDS else "chat")
    assert "#" not in wanted.arguments.text


@pytest.mark.parametrize("cell", CELLS)
def test_cell__imports_what_it_names(cell: str) -> None:
    code = re.sub(r"#.*", "", re.sub(r"^.*%nemo .*$", "", cell, flags=re.MULTILINE))
    assert "nemo." not in code or "import nemo_notebook as nemo" in code


def test_film__is_programmed_as_it_is_printed() -> None:
    (code,) = (cell for cell in CELLS if "session.film" in cell)
    beats = tuple(range(0, 24_000, 500))
    media = (
        MediaItem("a1", "song.mp3", "audio", 24_000, has_audio=True, beats_ms=beats, tempo=120.0, content="music"),
        MediaItem("d4", "memo.m4a", "audio", 6_000, has_audio=True, content="speech"),
        MediaItem("b2", "city.mp4", "video", 8_000, 1280, 720),
        MediaItem("c3", "sea.mp4", "video", 6_000, 1280, 720),
    )
    film = Film.of({}, media)
    exec(code, {"session": SimpleNamespace(film=film)})
    assert [(title.text, title.end_s, title.position) for title in film.titles] == [("Urban Dreams", 3, "bottom")]
    assert (len(film.songs), len(film.music), len(film.speech)) == (1, 2, 1)
    assert film.speech[0].start_s == 4
    assert film.songs[0].volume == 0.35
    assert film.shots[2].duration_s == 1.5
    assert film.shots["sea"].filter == "warm"
    assert (film.draft["m"]["width"], film.draft["m"]["height"]) == (1080, 1920)
