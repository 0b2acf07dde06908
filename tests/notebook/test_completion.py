from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cases import cases
from hypothesis import given, strategies as st
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nemo_notebook.notebook import completion
from nemo_notebook.notebook.commands.registry import COMMANDS
from nemo_notebook.notebook.completion import complete, matching_files
from nemo_notebook.notebook.extension import matcher
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.records import SessionRecord


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other things is not what is tested here."""
    monkeypatch.setattr(completion, "_PATIENCE_S", 20)


def texts(before: str, after: str = "", names: tuple[str, ...] = ()) -> list[str]:
    found = complete(before, after, names)
    assert found is not None
    assert before.endswith(found.fragment)
    return list(found.texts)


@cases
def test_complete__follows_the_table(line: str, wanted: tuple[str, ...]) -> None:
    assert tuple(texts(line)) == wanted


@cases
def test_other_lines__are_left_alone(line: str) -> None:
    assert complete(line) is None


def test_every_command__offers_its_options() -> None:
    for name, command in COMMANDS.items():
        flags = [option.flag for option in command.options]
        assert texts(f"%nemo {name} --") == flags
        for flag in flags:
            assert flag not in texts(f"%nemo {name} {flag} x --")
            assert flag not in texts(f"%nemo {name} --", f" {flag} x")


def test_word__that_goes_on_behind_the_cursor_is_not_doubled() -> None:
    assert texts("%nemo exp", "ort film.mp4") == ["exp"]
    assert texts("%nemo connect --ski", "ll x") == ["--ski"]
    assert texts("%nemo st", "upload") == ["status", "style", "studio"]


# Variables


@cases
def test_braces__complete_to_variables(before: str, after: str, wanted: tuple[str, ...]) -> None:
    assert tuple(texts(before, after, ("title", "clips", "clip"))) == wanted


# Files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("clips/my clip.mp4", "clips/.hidden.mp4", "my clips/a.mp4", "song.mp3", "it's.mp3", "-x.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@cases
def test_files__complete_with_folders_and_quotes(folder: Path, begun: str, wanted: tuple[str, ...]) -> None:
    assert tuple(texts(f"%nemo upload {begun}")) == wanted


def test_uploads__complete_with_media_and_folders_only(folder: Path) -> None:
    for name in ("notes.txt", "film.ipynb", "take.flac", "photo.JPEG", "README"):
        (folder / "clips" / name).touch()
    (folder / "clips" / "more").mkdir()
    wanted = ["clips/more/", '"clips/my clip.mp4"', "clips/photo.JPEG", "clips/take.flac"]
    assert texts("%nemo upload clips/") == wanted
    assert texts("%nemo batch clips/") == wanted
    assert "clips/notes.txt" in texts("%nemo export clips/")


def test_tapes__complete_with_folders_on_the_way_to_some(folder: Path) -> None:
    (folder / "evening.nemotape").touch()
    (folder / "clips" / "cut.nemotape").touch()
    assert texts("%nemo tape replay ") == ["clips/", "evening.nemotape", '"my clips/']
    assert texts("%nemo tape replay clips/") == ["clips/cut.nemotape"]
    assert texts("%nemo tape eve") == []
    assert texts("%nemo tape replay evening.nemotape x") == []


def test_files__meet_the_quote_that_an_editor_has_closed(folder: Path) -> None:
    assert texts('%nemo upload "clips/my', '"') == ['"clips/my clip.mp4']
    assert texts('%nemo upload "my', '"') == ['"my clips/']


def test_files__in_the_home_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME" if os.name == "posix" else "USERPROFILE", str(folder))
    assert matching_files("~/so") == ["~/song.mp3"]


def test_files__whose_names_cannot_be_shown_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (b"a\nb", b"a\x1b[31m", b"a\xff", "a\u202ex".encode(), b"a good one"):
        try:
            Path(name.decode("utf-8", "surrogateescape")).touch()
        except OSError:
            pytest.skip("this file system has no such names")
    assert texts("%nemo export a") == ['"a good one"']


def test_files__of_a_large_folder_come_quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(10_000):
        (tmp_path / f"{number:05}.mp4").touch()
    begun_s = time.perf_counter()
    found = texts("%nemo upload ")
    took_s = time.perf_counter() - begun_s
    assert found == [f"{number:05}.mp4" for number in range(500)]
    assert texts("%nemo upload 0999") == [f"{number:05}.mp4" for number in range(9990, 10_000)]
    assert took_s < 1  # it takes 20 ms where nothing else runs


# The journal


def test_jobs_and_sessions__complete_from_the_journal_open_ones_first() -> None:
    journal = Journal()
    journal.note_session(SessionRecord("71", "local", "from-music"))
    journal.begin("render", "71", "film.mp4", {}, "render_9")
    journal.settle(journal.begin("turn", "71", "words", {}), "done")
    assert texts("%nemo resume ") == ["render_9", "turn_2"]
    assert texts("%nemo cancel r") == ["render_9"]
    label = journal.sessions()[0].label
    assert texts("%nemo connect --session ") == [f'"{label}"', "71"]


def test_damaged_journal__completes_to_nothing(own_home: Path) -> None:
    (own_home / "journal.sqlite").mkdir()
    assert texts("%nemo resume r") == []


def test_what_does_not_answer__is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "_PATIENCE_S", 0.05)
    never = threading.Event()
    monkeypatch.setattr(Journal, "jobs", lambda *_, **__: never.wait(30) or [])
    begun_s = time.perf_counter()
    assert texts("%nemo resume r") == []
    never.set()
    assert time.perf_counter() - begun_s < 5


# IPython's completer


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film.mp4").touch()
    config = Config()
    config.HistoryManager.enabled = config.Completer.use_jedi = False
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    shell.Completer.custom_matchers.append(matcher)
    shell.user_ns |= {"export_name": "x", "exported": 1, "math": math, "_export": 1}
    yield shell
    InteractiveShell.clear_instance()


def offered(shell: InteractiveShell, before: str, after: str = "") -> list[tuple[str, str]]:
    """What a front end gets: the texts, and the cell with the first of them taken."""
    code = before + after
    with provisionalcompleter():
        found = list(shell.Completer.completions(code, len(before)))
    return [(each.text, code[: each.start] + each.text + code[each.end :]) for each in found]


@cases
def test_ipython__takes_ours_alone(shell: InteractiveShell, before: str, after: str, wanted: str) -> None:
    assert [cell for _, cell in offered(shell, before, after)] == [wanted]


@pytest.mark.parametrize(
    "line", ["%nemo make it exp", "x = %nemo make it fi", "%nemo chat exp", "%%nemo\nfi", "%nemo --out fi"]
)
def test_ipython__has_nothing_of_its_own_to_add(shell: InteractiveShell, line: str) -> None:
    assert offered(shell, line) == []


def test_ipython__completes_everything_else_as_ever(shell: InteractiveShell) -> None:
    assert "exported" in [text for text, _ in offered(shell, "exp")]
    assert "%%nemo_other" not in [text for text, _ in offered(shell, "%%ti")]
    assert offered(shell, "%nem") == []  # the magic itself is not registered here


def test_variables__are_those_that_can_be_put_in(shell: InteractiveShell) -> None:
    found = [text for text, _ in offered(shell, "%nemo upload {")]
    assert set(found) == {"export_name}", "exported}"}


@given(
    st.text(max_size=40), st.text(max_size=10), st.sampled_from(["%nemo ", "x = %nemo upload ", "%%nemo ", "%%nemo\n"])
)
def test_any_cell__can_be_completed(before: str, after: str, head: str) -> None:
    context: Any = type("Context", (), {})()
    context.full_text = head + before + after
    context.cursor_line = (head + before).count("\n")
    context.cursor_position = len((head + before).split("\n")[-1])
    found = matcher(context)
    assert (head + before).endswith(found.get("matched_fragment", ""))
    complete(head + before, after, ("a",))
