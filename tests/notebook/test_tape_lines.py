"""`%nemo tape` without a tape: what a line means, which file, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from cases import cases
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nemo_notebook import errors
from nemo_notebook.notebook.commands import tape
from nemo_notebook.notebook.commands.tape import tape_path, tape_words
from nemo_notebook.notebook.dispatch import read_line
from nemo_notebook.notebook.display import Badges, badge_of, line_of
from nemo_notebook.notebook.grammar import Arguments
from nemo_notebook.tapes import tape as taping
from nemo_notebook.tapes.format import Medium
from nemo_notebook.tapes.tape import TapeState

NOVEMBER_S = 1_795_392_000.0 + 60  # a minute after midnight, in UTC, on 23 November 2026
STATE = TapeState("replay", Path("takes/film.nemotape"), NOVEMBER_S, 14, 3, "fast", is_recording=False)


@cases
def test_line__is_the_command(line: str, words: tuple[str, ...], options: dict[str, str]) -> None:
    found = read_line(line, {})
    assert (found.command.name, found.arguments.words, dict(found.arguments.options)) == ("tape", words, options)


@pytest.mark.parametrize(
    "line", ["tape hiss under the song", "tape stop sounds at the end", "tape noise", "tape it together", "tape 效果"]
)
def test_line__of_other_words_is_for_the_editor(line: str) -> None:
    assert read_line(line, {}).command.name == "chat"


@cases
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
    assert tape_path("../film") == Path("../film.nemotape")
    assert tape_path("takes/film.nemotape") == Path("takes/film.nemotape")


@pytest.mark.parametrize("word", ["film.mp4", "song.mp3", "notebook.ipynb", ".", ".."])
def test_path__of_something_else_is_refused(word: str) -> None:
    with pytest.raises(errors.UsageError, match="is not called as a tape is"):
        tape_path(word)


# What is said


def test_words__tell_what_happens_and_what_to_do_next() -> None:
    recording = replace(STATE, mode="record", is_recording=True, media=2, size_bytes=1_500_000)
    assert tape_words(recording, "ended") == "▸ 14 exchanges, 2 media, 1.5 MB saved as film.nemotape."
    nothing = tape_words(replace(recording, exchanges=0, media=0, size_bytes=0), "ended")
    assert nothing == "Nothing was asked of any backend: film.nemotape was not written."
    assert "14 exchanges by now. `%nemo tape off`" in tape_words(recording, "now")
    assert "recorded 23 Nov 2026: 14 exchanges" in tape_words(STATE, "begun")
    assert "3 answers came from it so far (fast)" in tape_words(STATE, "now")
    assert "17 answers came from it so far, some more than once (fast)" in tape_words(replace(STATE, played=17), "now")
    assert "▸ 1 exchange, 1 medium, 2 kB saved" in tape_words(
        replace(recording, exchanges=1, media=1, size_bytes=2000), "ended"
    )
    assert tape_words(replace(STATE, played=1), "ended") == "film.nemotape is out of use: 1 answer came from it."


def left_out(name: str, size_bytes: int, note: str = "larger than 8.0 MB: not kept") -> Medium:
    return Medium("a" * 64, size_bytes, "video/mp4", name, None, note)


LEFT_OUT = {
    "film": left_out("film.mp4", 23_400_000),
    "clip": left_out("clip.mov", 11_000_000),
    "huge": left_out("all.mp4", 80_000_000),
    "page": left_out("cover.svg", 900, "a token: not kept"),
}


@cases
def test_words__tell_what_was_left_out_and_how_it_is_kept(left: tuple[str, ...], told: tuple[str, ...]) -> None:
    state = replace(STATE, mode="record", is_recording=True, left_out=tuple(LEFT_OUT[name] for name in left))
    assert tape_words(state, "ended").splitlines()[1:] == [f"  {words}" for words in told]


def test_words__name_a_few_of_many_that_were_left_out() -> None:
    left = tuple(left_out(f"{at}.mov", (10 + at) * 1_000_000) for at in range(7))
    path = Path("takes/my film.nemotape").absolute()
    said = tape_words(replace(STATE, path=path, is_recording=True, left_out=left), "ended")
    assert "7 files not kept" in said
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
    badge = badge_of(replace(STATE, path=Path("a<b>.nemotape")))
    faces = badge._repr_mimebundle_()
    assert faces["text/plain"] == repr(badge) == "📼 a<b>.nemotape · recorded 23 Nov 2026"
    assert "a&lt;b&gt;.nemotape" in faces["text/html"]
    assert badge.metadata == {"nemo": {"tape": True}}


@dataclass
class Taping:
    """What the tape in use says of itself."""

    labels: list[str] = field(default_factory=list)
    played: set[str] = field(default_factory=set)
    missed: list[Exception] = field(default_factory=list)
    state: TapeState | None = STATE


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Taping:
    used = Taping()
    monkeypatch.setattr(taping, "label_cell", used.labels.append)
    monkeypatch.setattr(taping, "was_played", used.played.__contains__)
    monkeypatch.setattr(taping, "current_tape", lambda: used.state)
    monkeypatch.setattr(taping, "mismatches", lambda: used.missed)
    return used


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    badges = Badges(shell)
    badges.install()
    yield shell
    badges.remove()
    shell.restore_sys_module_state()


def test_badges__come_once_and_only_below_what_was_played(
    used: Taping, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed(cell: str = "pass") -> str:
        shell.run_cell(cell, store_history=True)
        return capsys.readouterr().out

    badge = "📼 film.nemotape · recorded 23 Nov 2026\n"
    used.played |= {f"In [{number}]" for number in (2, 3, 4, 5)}
    assert [printed() for _ in range(3)] == ["", badge, badge]
    used.state = replace(STATE, is_recording=True)
    assert printed() == ""
    used.state = None  # the cell has ended the tape
    assert badge not in printed("!!")
    assert printed() == ""
    assert used.labels == [f"In [{number}]" for number in range(1, 7)]


def test_badges__tell_what_the_tape_lacks_unless_the_cell_has(
    used: Taping, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    missed = errors.TapeMismatch("In [7] asks for a poster that is not on the tape.")
    used.missed.append(missed)
    shell.user_ns["missed"] = missed
    told = f"⚠️ {missed}\n   → {missed.hint}\n"
    for cell in ("raise missed", "pass"):
        shell.run_cell(cell, store_history=True)
        assert capsys.readouterr().out.count(told) == 1


def test_stop__of_the_end_says_how_the_tape_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop() -> None:
        raise KeyboardInterrupt("film.nemotape is saved.")

    monkeypatch.setattr(taping, "end_tape", stop)
    with pytest.raises(errors.Detached, match="Stopped") as told:
        tape.run_tape(MagicMock(), Arguments(("off",)))
    assert told.value.hint == "film.nemotape is saved."
