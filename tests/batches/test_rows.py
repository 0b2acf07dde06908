from __future__ import annotations

import math
from pathlib import Path

import pytest

from nemo_notebook.batches.ledger import DONE, FAILED, RUNNING, WAITING
from nemo_notebook.batches.rows import COLUMNS, Film, frame, short

FILMS = (
    Film(Path("a.mp3"), DONE, Path("films/a.mp4"), duration_s=2.0, size_bytes=96_000, took_s=0.5),
    Film(Path("b.mp3"), RUNNING, stage="render", share=0.42, left_s=75.0),
    Film(Path("c.mp3"), RUNNING, stage="chat", share=0.3),
    Film(Path("bad.mp3"), FAILED, reason="bad.mp3 is\n✓ d.mp3 \x1b[31m", hint="Try another."),
    Film(Path("d.mp3"), WAITING),
)


def test_frame__has_a_row_a_film() -> None:
    table = frame(FILMS)
    assert tuple(table.columns) == COLUMNS
    assert list(table.state) == ["done", "running", "running", "failed", "waiting"]
    assert list(table.output) == ["films/a.mp4"] + [""] * 4
    assert table.duration_s[0] == 2.0
    assert table.left_s[1] == 75.0
    assert math.isnan(table.took_s[4])
    assert frame(()).empty
    assert tuple(frame(()).columns) == COLUMNS


def test_frame__tells_no_folder_of_the_machine_above_that_of_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = Film(tmp_path / "songs" / "a.mp3", DONE, tmp_path / "films" / "a.mp4")
    elsewhere = Film(tmp_path.parent / "b.mp3")
    table = frame([here, elsewhere])
    assert list(table.input) == ["songs/a.mp3", (tmp_path.parent / "b.mp3").as_posix()]
    assert table.output[0] == "films/a.mp4"
    assert here.output == tmp_path / "films" / "a.mp4", "what is worked with stays a whole path"


def test_words__are_one_line_a_film_whatever_is_in_them() -> None:
    assert [str(film) for film in FILMS] == [
        "✓ a.mp3 → a.mp4 (2.0 s, 96 kB)",
        "● b.mp3 · rendering 42%",
        "● c.mp3 · editing",
        "⚠️ bad.mp3 is ✓ d.mp3",
        "· d.mp3 · waiting",
    ]


def test_short__keeps_the_end_of_a_name() -> None:
    name = f"{'a very long title ' * 6}- part 07.flac"
    assert len(short(name)) == 48
    assert short(name).startswith("a very long title ")
    assert short(name).endswith("part 07.flac")
    assert short("a\n✓ b\u2028c.mp3") == "a ✓ b c.mp3"
