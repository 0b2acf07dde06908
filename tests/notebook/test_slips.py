"""Slips of the keyboard and habits of notebooks: what they must not do is cost a turn of chat."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cases import cases
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook import extension
from nemo_notebook.notebook.dispatch import read_line
from nemo_notebook.notebook.extension import keep_questions


@cases
def test_slip__in_a_commands_name_is_told_and_not_said_to_the_editor(line: str, meant: str) -> None:
    with pytest.raises(UsageError) as told:
        read_line(line, {})
    assert f"Did you mean {meant}?" in told.value.hint
    assert f"%nemo chat {line}" in told.value.hint


@cases
def test_prose__with_a_word_like_a_command_is_for_the_editor(line: str) -> None:
    wanted = read_line(line, {})
    assert (wanted.command.name, wanted.arguments.text) == ("chat", line)


def test_prose__behind_a_commands_name_is_told_how_to_be_said() -> None:
    line = "export quality should be better in the intro"
    with pytest.raises(UsageError) as told:
        read_line(line, {})
    assert f"%nemo chat {line}" in told.value.hint


@pytest.mark.parametrize("line", ["status;", "status ;", "credits;"])
def test_semicolon__behind_a_command_is_none_of_its_words(line: str) -> None:
    assert read_line(line, {}).command.name == line.rstrip(" ;")


@pytest.mark.parametrize("line", ["status  # look", "apply frame # as edited", 'upload "a # b.mp3" c#1.mp4 #'])
def test_remark__behind_a_command_is_none_of_its_words(line: str) -> None:
    wanted = read_line(line, {"frame": None})
    assert wanted.command.name == line.split()[0]
    assert wanted.arguments.words in {(), ("frame",), ("a # b.mp3", "c#1.mp4")}


@pytest.mark.parametrize("line", ["make the title # 1", "chat make the title # 1"])
def test_remark__in_a_text_stays(line: str) -> None:
    assert read_line(line, {}).arguments.text == "make the title # 1"


def test_semicolon__in_a_text_stays() -> None:
    assert read_line("chat a; b;", {}).arguments.text == "a; b;"
    assert read_line("make it blue; then red;", {}).arguments.text == "make it blue; then red;"


def test_long_line__is_read_in_no_time() -> None:
    begun_s = time.process_time()
    assert read_line("“" * 30_000, {}).command.name == "chat"
    assert time.process_time() - begun_s < 2


def test_question__leaves_the_next_line_its_own() -> None:
    asked, after = keep_questions(["%nemo why is it blue?\n", "print(1)\n"])
    assert asked.endswith("'why is it blue?')\n")
    assert after == "print(1)\n"


def test_question__within_a_text_is_text() -> None:
    cell = ['text = """\n', "%nemo what?\n", '"""\n']
    assert keep_questions(cell) == cell


@pytest.mark.parametrize(
    ("line", "command"),
    [("style", "style"), ("style retro", "style"), ("style my-own.toml", "style"), ("style it like a western", "chat")],
)
def test_style__names_a_style_or_a_file(line: str, command: str) -> None:
    assert read_line(line, {}).command.name == command


def test_apply__names_a_variable_that_is_no_table() -> None:
    assert read_line("apply notes", {"notes": 5}).command.name == "apply"
    assert read_line("apply sepia", {"notes": 5}).command.name == "chat"


def test_wrong_setting__is_told_and_leaves_nothing_behind() -> None:
    shell: Any = InteractiveShell(config=Config(NemoMagics={"loop": "bad"}))
    try:
        with pytest.raises(UsageError, match="not the str 'bad'"):
            extension.load_magics(shell)
        shell.config.NemoMagics.loop = "nest"
        extension.load_magics(shell)
        assert [each.loop for each in shell.configurables if isinstance(each, extension.NemoMagics)] == ["nest"]
        extension.unload_magics(shell)
    finally:
        shell.restore_sys_module_state()


def test_work_in_the_background__is_called_by_its_command() -> None:
    assert read_line("export --background film.mp4 --quality low", {}).words == "export film.mp4 --quality low"
    assert read_line("chat --background make it blue", {}).words == "make it blue"
