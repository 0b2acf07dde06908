from __future__ import annotations

from pathlib import Path

import pytest

from nemo_notebook.notebook.commands.batch import COMMAND
from nemo_notebook.notebook.tearing import mend, repeated

FREE = ("--prompt", "--out")


@pytest.mark.parametrize(
    ("line", "whole", "torn"),
    [
        ("s/*.mp3 --prompt make a film --out films", 's/*.mp3 --prompt "make a film" --out films', ["--prompt"]),
        ("--prompt make a film s/*.mp3 --yes", '--prompt "make a film" s/*.mp3 --yes', ["--prompt"]),
        ("--prompt=make a film --out my films a.mp3", '--prompt="make a film" --out "my films" a.mp3', list(FREE)),
        ("a.mp3 —prompt=make a film", 'a.mp3 —prompt="make a film"', ["--prompt"]),
        (
            'a.mp3 --prompt titled "My Song" and it\'s loud',
            'a.mp3 --prompt "titled My Song and it\'s loud"',
            ["--prompt"],
        ),
        ("a.mp3 --prompt 做一个 卡点视频", 'a.mp3 --prompt "做一个 卡点视频"', ["--prompt"]),
    ],
)
def test_mend__puts_quotes_around_what_was_torn(line: str, whole: str, torn: list[str]) -> None:
    assert mend(line, COMMAND.options, FREE) == (whole, tuple(torn))


@pytest.mark.parametrize(
    "line",
    [
        's/*.mp3 --prompt "make a film" --out films',
        "--prompt slideshow song.mp3 --out films {songs}",
        "--out films s/*.mp3",
        "--prompt {wish} C:\\songs\\a --out films",
        "a.mp3 --prompt",
        "a.mp3 --prompt slideshow -- what follows",
    ],
)
def test_mend__leaves_words_that_are_files(line: str) -> None:
    assert mend(line, COMMAND.options, FREE) == (line, ())


def test_mend__leaves_a_file_without_an_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = "--prompt slideshow recording --out films"
    assert mend(line, COMMAND.options, FREE)[1] == ("--prompt",)
    Path("recording").touch()
    assert mend(line, COMMAND.options, FREE)[1] == ()


def test_repeated__are_options_that_are_given_twice() -> None:
    assert repeated('a.mp3 --with=a.png --out x --with b.png --prompt "two --out words"', COMMAND.options) == ["--with"]
    assert repeated('a.mp3 --out x --prompt "a film"', COMMAND.options) == []
