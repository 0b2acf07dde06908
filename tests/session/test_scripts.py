"""A script that ends in one of our errors says where, what, and what to do next; nothing of our inside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SYNC = "import nemo_notebook as nemo\n\nsession = nemo.connect('{skill}')\n"
ASYNC = """import asyncio
import nemo_notebook as nemo

async def main():
    async with nemo.AsyncClient(backend='local') as client:
        await client.connect('{skill}')

asyncio.run(main())
"""


def run(path: Path, *options: str) -> list[str]:
    found = subprocess.run([sys.executable, *options, str(path)], capture_output=True, text=True, encoding="utf-8")
    assert found.returncode == 1
    assert not found.stdout
    return found.stderr.splitlines()


@pytest.mark.parametrize(("code", "line"), [(SYNC, 3), (ASYNC, 6)])
def test_script__ends_in_two_lines_with_its_own_place(tmp_path: Path, code: str, line: int) -> None:
    script = tmp_path / "film.py"
    script.write_text(code.format(skill="nope"), encoding="utf-8")
    first, second = run(script)
    assert first.startswith(f"{script}:{line}: There is no skill 'nope'")
    assert second.strip().startswith("→ ")


def test_script__other_errors_are_told_as_ever(tmp_path: Path) -> None:
    script = tmp_path / "film.py"
    code = "from nemo_notebook.session.project import shorten_tracebacks\nshorten_tracebacks()\n1 / 0\n"
    script.write_text(code, encoding="utf-8")
    lines = run(script)
    assert lines[0].startswith("Traceback")
    assert lines[-1].startswith("ZeroDivisionError")


def test_script__in_development_mode_tells_all_and_the_hint_last(tmp_path: Path) -> None:
    script = tmp_path / "film.py"
    script.write_text(SYNC.format(skill="nope"), encoding="utf-8")
    lines = run(script, "-X", "dev", "-W", "ignore")
    assert lines[0].startswith("Traceback")
    assert "There is no skill" in lines[-2]
    assert lines[-1].strip().startswith("→ ")


def test_hook__of_somebody_else_stays(tmp_path: Path) -> None:
    script = tmp_path / "film.py"
    script.write_text(
        "import sys\nfrom nemo_notebook.session.project import shorten_tracebacks\n"
        "sys.excepthook = lambda *_: print('mine', file=sys.stderr)\nshorten_tracebacks()\n1 / 0\n",
        encoding="utf-8",
    )
    assert run(script) == ["mine"]
