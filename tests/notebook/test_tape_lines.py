"""`%nemo tape` without a tape: what a line means, which file, and what is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nemo_notebook import errors
from nemo_notebook.notebook.badges import Badge, Badges
from nemo_notebook.notebook.commands import tape
from nemo_notebook.notebook.commands.tape import tape_path, tape_words
from nemo_notebook.notebook.dispatch import read_line
from nemo_notebook.notebook.display import line_of
from nemo_notebook.notebook.grammar import Arguments
from nemo_notebook.tapes import tape as taping
from nemo_notebook.tapes.format import Medium
from nemo_notebook.tapes.tape import TapeState

NOVEMBER_S = 1_795_392_000.0 + 60  # a minute after midnight, in UTC, on 23 November 2026
STATE = TapeState("replay", Path("takes/film.nemotape"), NOVEMBER_S, 14, 3, "fast", is_recording=False)


@pytest.mark.parametrize(
    ("line", "words", "options"),
    [
        ("tape", (), {}),
        ("tape record", ("record",), {}),
        ("tape replay film.nemotape --speed once", ("replay", "film.nemotape"), {"speed": "once"}),
        ("tape replay film.nemotape --speed ONCE", ("replay", "film.nemotape"), {"speed": "once"}),
        ("tape record --keep 20", ("record",), {"keep": "20"}),
        ("tape off;", ("off",), {}),
    ],
)
def test_line__is_the_command(line: str, words: tuple[str, ...], options: dict[str, str]) -> None:
    found = read_line(line, {})
    assert (found.command.name, found.arguments.words, dict(found.arguments.options)) == ("tape", words, options)


@pytest.mark.parametrize(
    "line", ["tape hiss under the song", "tape stop sounds at the end", "tape noise", "tape it together", "tape 效果"]
)
def test_line__of_other_words_is_for_the_editor(line: str) -> None:
    assert read_line(line, {}).command.name == "chat"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("tape recrod film.nemotape", "Did you mean record?"),
        ("tape play film.nemotape", "Did you mean replay?"),
        ("tape stop", "Did you mean off?"),
        ("tape Save", "Did you mean off?"),
        ("tape start film.nemotape", "Did you mean record?"),
        ("tape film.nemotape", "record, replay, auto, off"),
        ("tape off film.nemotape", "%nemo tape off"),
        ("tape off --speed once", "%nemo tape replay"),
        ("tape replay --keep 3", "%nemo tape record"),
        ("tape --keep 3", "%nemo tape record"),
    ],
)
def test_slip__costs_nothing_and_is_told(line: str, hint: str) -> None:
    arguments = read_line(line, {}).arguments
    verb, file = [*arguments.words, "", ""][:2]
    with pytest.raises(errors.UsageError) as told:
        tape._check(verb, file, arguments.options)
    assert hint in told.value.hint


@pytest.mark.parametrize("keep", ["-1", "much", "nan", "inf"])
def test_keep__is_a_number_of_megabytes(keep: str) -> None:
    assert tape._how({"keep": "1.5"}) == {"keep_bytes": 1_500_000}
    assert tape._how({}) == {}
    with pytest.raises(errors.UsageError, match="--keep cannot be"):
        tape._how({"keep": keep})


# Which file


def test_path__is_called_as_the_notebook_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert tape_path("") == Path("notebook.nemotape")
    monkeypatch.setenv("JPY_SESSION_NAME", "work/My film.v2.ipynb")
    assert tape_path("") == Path("My film.v2.nemotape")


@pytest.mark.parametrize(
    ("word", "wanted"),
    [("film", "film.nemotape"), ("takes/film.nemotape", "takes/film.nemotape"), ("../film", "../film.nemotape")],
)
def test_path__gets_its_ending(word: str, wanted: str) -> None:
    assert tape_path(word) == Path(wanted)


@pytest.mark.parametrize("word", ["film.mp4", "song.mp3", "notebook.ipynb", ".", ".."])
def test_path__of_something_else_is_refused(word: str) -> None:
    with pytest.raises(errors.UsageError, match="is not called as a tape is"):
        tape_path(word)


# What is said


def test_words__tell_what_happens_and_what_to_do_next() -> None:
    recording = replace(STATE, mode="record", is_recording=True, media=2, size_bytes=1_500_000)
    said = tape_words(recording, "begun")
    assert said == "● Recording on film.nemotape: every exchange from here on, without tokens and ids."
    assert tape_words(recording, "ended") == "▸ 14 exchanges, 2 media, 1.5 MB saved as film.nemotape."
    nothing = tape_words(replace(recording, exchanges=0, media=0, size_bytes=0), "ended")
    assert nothing == "Nothing was asked of any backend: film.nemotape was not written."
    assert "14 exchanges by now. `%nemo tape off`" in tape_words(recording, "now")
    assert "recorded 23 Nov 2026: 14 exchanges" in tape_words(STATE, "begun")
    assert "nothing goes over the network" in tape_words(STATE, "begun")
    assert "it holds 14 exchanges, each a request with its answer; 3 answers came" in tape_words(STATE, "now")
    assert "3 answers came from it so far (fast)" in tape_words(STATE, "now")
    assert "17 answers came from it so far, some more than once (fast)" in tape_words(replace(STATE, played=17), "now")
    assert "▸ 1 exchange, 1 medium, 2 kB saved" in tape_words(
        replace(recording, exchanges=1, media=1, size_bytes=2000), "ended"
    )
    assert tape_words(replace(STATE, played=1), "ended") == "film.nemotape is out of use: 1 answer came from it."
    assert "`%nemo tape record`" in tape_words(None, "now")
    assert tape_words(None, "ended") == "No tape is in use."


def left_out(name: str, size_bytes: int, note: str = "larger than 8.0 MB: not kept") -> Medium:
    return Medium("a" * 64, size_bytes, "video/mp4", name, None, note)


FILM = left_out("film.mp4", 23_400_000)
CLIP = left_out("clip.mov", 11_000_000)
HUGE = left_out("all.mp4", 80_000_000)
PAGE = left_out("cover.svg", 900, "a token: not kept")


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (
            [FILM],
            [
                "1 file was too large and is not kept: film.mp4 (23.4 MB).",
                "`%nemo tape record takes/film.nemotape --keep 24` keeps film.mp4.",
            ],
        ),
        (
            [FILM, CLIP],
            [
                "2 files were too large and are not kept: film.mp4 (23.4 MB), clip.mov (11.0 MB).",
                "`%nemo tape record takes/film.nemotape --keep 24` keeps film.mp4, clip.mov.",
            ],
        ),
        (
            [HUGE, CLIP],
            [
                "2 files were too large and are not kept: all.mp4 (80.0 MB), clip.mov (11.0 MB).",
                "`%nemo tape record takes/film.nemotape --keep 11` keeps clip.mov.",
                "all.mp4 is larger than any tape keeps.",
            ],
        ),
        (
            [HUGE],
            [
                "1 file was too large and is not kept: all.mp4 (80.0 MB).",
                "all.mp4 is larger than any tape keeps.",
            ],
        ),
        ([PAGE], ["1 file is not kept for what it holds: cover.svg."]),
    ],
)
def test_words__tell_what_was_left_out_and_how_it_is_kept(left: list[Medium], told: list[str]) -> None:
    state = replace(STATE, mode="record", is_recording=True, left_out=tuple(left))
    assert tape_words(state, "ended").splitlines()[1:] == [f"  {words}" for words in told]


def test_words__name_a_few_of_many_that_were_left_out() -> None:
    left = tuple(left_out(f"{at}.mov", (10 + at) * 1_000_000) for at in range(7))
    path = Path("takes/my film.nemotape").absolute()
    said = tape_words(replace(STATE, path=path, is_recording=True, left_out=left), "ended")
    assert "7 files were too large" in said
    assert "4.mov" in said
    assert "5.mov" not in said
    assert "… 2 more." in said
    assert "`%nemo tape record 'takes/my film.nemotape' --keep 16` keeps 0.mov, " in said


def test_note__is_told_wherever_it_is_told_how_a_tape_stands() -> None:
    noted = replace(STATE, note="An interrupted recording was recovered.")
    for moment in ("begun", "now", "ended"):
        told = tape_words(STATE, moment)
        assert tape_words(noted, moment) == f"{told}\n  An interrupted recording was recovered."
    page = line_of(tape_words(noted, "begun"))._repr_mimebundle_()["text/html"]
    assert "network.<br>  An interrupted recording was recovered." in page


def test_badge__has_a_name_a_day_and_a_mark() -> None:
    badge = Badge(replace(STATE, path=Path("a<b>.nemotape")))
    faces = badge._repr_mimebundle_()
    assert faces["text/plain"] == repr(badge) == "📼 a<b>.nemotape · recorded 23 Nov 2026"
    assert "a&lt;b&gt;.nemotape" in faces["text/html"]
    assert badge.metadata == {"nemo": {"tape": True}}


class Events:
    def __init__(self) -> None:
        self.heard: dict[str, list[Any]] = {"pre_run_cell": [], "post_run_cell": []}

    def register(self, name: str, hear: Any) -> None:
        self.heard[name].append(hear)

    def unregister(self, name: str, hear: Any) -> None:
        self.heard[name].remove(hear)


class Terminal:
    """A shell without a kernel."""

    def __init__(self) -> None:
        self.events = Events()
        self.display_formatter = self.display_pub = self.history_manager = None
        self.execution_count = 7

    def run(self, error: Exception | None = None) -> None:
        for name in self.events.heard:
            for hear in self.events.heard[name]:
                hear(SimpleNamespace(error_in_exec=error))


def test_badges__come_once_and_only_below_what_was_played(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    labels: list[str] = []
    played: set[str] = set()
    monkeypatch.setattr(taping, "label_cell", labels.append)
    monkeypatch.setattr(taping, "was_played", played.__contains__)
    monkeypatch.setattr(taping, "current", lambda: STATE)
    monkeypatch.setattr(taping, "mismatches", list)
    shell = Terminal()
    badges = Badges(shell)
    badges.install()
    badge = "📼 film.nemotape · recorded 23 Nov 2026\n"
    shell.run()
    assert capsys.readouterr().out == ""
    played.add("In [7]")
    shell.run()
    badges.end()  # of a cell around it
    assert capsys.readouterr().out == badge
    shell.run()
    assert capsys.readouterr().out == badge
    monkeypatch.setattr(taping, "current", lambda: replace(STATE, is_recording=True))
    shell.run()
    monkeypatch.setattr(taping, "current", lambda: None)  # the cell has ended the tape
    shell.run()
    assert capsys.readouterr().out == ""
    assert set(labels) == {"In [7]"}
    badges.remove()
    assert shell.events.heard == {"pre_run_cell": [], "post_run_cell": []}


def test_badges__number_cells_as_the_shell_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    labels: list[str] = []
    monkeypatch.setattr(taping, "label_cell", labels.append)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    badges = Badges(shell)
    badges.install()
    numbers = [shell.run_cell(cell, store_history=True).execution_count for cell in ("1", "!!", "2")]
    badges.remove()
    assert labels == [f"In [{number}]" for number in numbers] == ["In [1]", "In [2]", "In [3]"]


def test_badges__tell_what_the_tape_lacks_unless_the_cell_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missed = errors.TapeMismatch("In [7] asks for a poster that is not on the tape.")
    monkeypatch.setattr(taping, "label_cell", lambda _: None)
    monkeypatch.setattr(taping, "was_played", lambda _: False)
    monkeypatch.setattr(taping, "current", lambda: STATE)
    monkeypatch.setattr(taping, "mismatches", lambda: [missed])
    shell = Terminal()
    Badges(shell).install()
    shell.run(missed)
    assert capsys.readouterr().out == ""
    shell.run()
    assert capsys.readouterr().out == f"⚠️ {missed}\n   → {missed.hint}\n"


def test_stop__of_the_end_says_how_the_tape_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop() -> None:
        raise KeyboardInterrupt("film.nemotape is saved.")

    monkeypatch.setattr(taping, "off", stop)
    with pytest.raises(errors.Detached, match="Stopped") as told:
        tape.run_tape(MagicMock(), Arguments(("off",)))
    assert told.value.hint == "film.nemotape is saved."
