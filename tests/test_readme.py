"""The README's cells, as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nemo_notebook.notebook.commands.table import COMMANDS
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
