"""The search for planted tokens, held against small projects that leak in every way it knows, and one that does not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases import tables
from planted import PLANTED, VARIABLE

SUPPORT = Path(__file__).parent / "support"
HEAD = """
import logging, sqlite3, subprocess, sys, warnings
import httpx, pytest
from planted import PLANTED
OPEN = []
"""
LEAKS = tables(Path(__file__).with_suffix(".toml"))["leaks"]


@pytest.fixture
def run(tmp_path: Path, may_hold_secret: Callable[[Path], Path]) -> Callable[..., tuple[int, str]]:
    """Runs pytest with the plugin on a project of one file; gives its exit status and what it printed."""
    place = may_hold_secret(tmp_path)  # the leaks are wanted here

    def pytest_on(code: str) -> tuple[int, str]:
        (place / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (place / "test_it.py").write_text(HEAD + code, encoding="utf-8")
        env = {**os.environ, "PYTHONPATH": str(SUPPORT), "PYTHONIOENCODING": "utf-8"}
        env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "secret_search", f"--basetemp={place / 'base'}"]
        with (place / "printed").open("wb") as printed:
            done = subprocess.run(command, cwd=place, env=env, stdout=printed, stderr=printed, check=False)
        return done.returncode, (place / "printed").read_text(encoding="utf-8")

    return pytest_on


def told(printed: str) -> list[str]:
    return re.findall(r"a token is seen in (.*)", printed)


def test_leaks_of_tests_that_pass__are_each_found_and_fail_the_run(run: Callable[..., tuple[int, str]]) -> None:
    code = "@pytest.fixture\ndef before():\n    print(PLANTED)\n"
    code += "".join(f"def test_{name}({needs}):\n    {leak}\n" for name, (needs, leak, _) in LEAKS.items())
    status, printed = run(code)
    assert f"{len(LEAKS)} passed" in printed
    assert status == pytest.ExitCode.TESTS_FAILED
    for name, (_, _, where) in LEAKS.items():
        assert any(where in hit.replace("\\", "/") for hit in told(printed)), name
    assert f": {len(told(printed))} hits" in printed


def test_failures_and_names__are_searched_and_told_without_the_secret(run: Callable[..., tuple[int, str]]) -> None:
    raises = "def test_raises():\n    raise ValueError(PLANTED)\n"
    named = "@pytest.mark.parametrize('a', [PLANTED])\ndef test_named(a): ...\n"
    status, printed = run(raises + named)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert told(printed) == ["test_it.py::test_raises: how it failed", "test_it.py::test_named[…]: its name"]


def test_run_that_cannot_begin__is_searched_too(run: Callable[..., tuple[int, str]]) -> None:
    status, printed = run("raise ValueError(PLANTED)")
    assert status == pytest.ExitCode.INTERRUPTED
    assert told(printed) == ["test_it.py: how its collection failed"]


CLEAN = """
def test_clean(tmp_path, may_hold_secret):
    print("nmv_usr_… and clm_short")
    logging.warning("nothing")
    httpx.Request("GET", "https://x.test/", headers={"Authorization": f"Bearer {PLANTED}"})
    (tmp_path / "tokens.json").write_text(PLANTED)
    (tmp_path / "tokens.json").chmod(MODE)
    may_hold_secret(tmp_path / "wanted").mkdir()
    (tmp_path / "wanted" / "a").write_text(PLANTED)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
"""


def test_clean_run__passes_and_says_what_was_searched(run: Callable[..., tuple[int, str]]) -> None:
    status, printed = run(CLEAN.replace("MODE", "0o600"))
    assert status == pytest.ExitCode.OK
    assert re.search(r"planted token: searched \d+ outputs and 1 files \(0 MB\): 0 hits", printed)
    assert told(printed) == []


@pytest.mark.skipif(os.name != "posix", reason="there are no modes")
def test_kept_tokens__that_others_can_read_are_a_leak(run: Callable[..., tuple[int, str]]) -> None:
    status, printed = run(CLEAN.replace("MODE", "0o644"))
    assert status == pytest.ExitCode.TESTS_FAILED
    assert told(printed) == [str(Path("test_clean0", "tokens.json"))]


def test_planted_token__has_the_real_form_and_is_the_same_in_children() -> None:
    assert re.fullmatch(r"nmv_usr_[A-Za-z0-9_-]{20,}", PLANTED)
    options: dict[str, Any] = {"env": {**os.environ, "PYTHONPATH": str(SUPPORT)}, "check": True}
    code = f"import os, planted; assert planted.PLANTED == os.environ['{VARIABLE}']"
    subprocess.run([sys.executable, "-c", code], **options)
    assert os.environ[VARIABLE] == PLANTED
