"""Loading, unloading and what IPython would otherwise take for its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nemo_notebook.notebook.extension import keep_questions

if TYPE_CHECKING:
    from .conftest import Kernel


def test_reload__brings_the_magic_back(kernel: Kernel) -> None:
    kernel.run("%load_ext nemo_notebook")
    for _ in range(2):
        kernel.run("%reload_ext nemo_notebook")
        assert "%nemo export" in kernel.run("%nemo help export").text
    kernel.run("%unload_ext nemo_notebook")
    assert "not found" in kernel.run("%nemo help").text
    count = "sum(type(c).__name__ == 'NemoMagics' for c in get_ipython().configurables)"
    assert kernel.run(count).result == {"text/plain": "0"}


def test_question__reaches_the_editor_and_help_stays_help(kernel: Kernel) -> None:
    kernel.run("%reload_ext nemo_notebook\n%nemo connect --backend local")
    assert "free" in kernel.run("%nemo how many credits do I have?").text
    assert "free" in kernel.run("x = %nemo how many credits do I have?").text
    assert kernel.run("%nemo?").error is None
    assert "%nemo connect" in kernel.run("%nemo connect --help").text
    assert "%nemo connect" in kernel.run("%nemo --help").text


@pytest.mark.parametrize("line", ["%nemo?\n", "x?\n", "%nemo status\n", "print('%nemo a?')\n", "%%nemo\n"])
def test_other_lines__are_left_as_they_are(line: str) -> None:
    assert keep_questions([line]) == [line]


def test_cells__are_left_as_they_are() -> None:
    cell = ["%%nemo\n", "%nemo what?\n"]
    assert keep_questions(cell) == cell
