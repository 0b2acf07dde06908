from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tape_parts import exchange_value, forged, write

from nemo_notebook.tapes.__main__ import main


def test_good_tape__is_told_with_what_it_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write(tmp_path / "film.nemotape"))]) == 0
    assert capsys.readouterr().out == (
        "film.nemotape: version 2, recorded 2026-11-22 07:00 UTC with 0.1.0 against the local engine; "
        "cells: 4, exchanges: 6, media: 2 (1 kept, 0.0 MB).\n"
    )


def test_bad_tapes__are_each_told_with_the_next_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, secret = (tmp_path / f"{name}.nemotape" for name in ("good", "bad", "secret"))
    bad.write_bytes(write(good).read_bytes()[:-1])
    secret.write_bytes(forged(exchange_value(cell="clm_0123456789")))
    assert main([str(path) for path in (bad, good, secret, tmp_path / "none.nemotape")]) == 1
    told = capsys.readouterr().out
    assert told.count("⚠️ ") == told.count("\n   → ") == 3
    for words in (
        "bad.nemotape breaks off",
        "good.nemotape: version 2",
        "a claim token: cell",
        "no tape none.nemotape",
    ):
        assert words in told
    assert "clm_0123456789" not in told


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-x", "film.nemotape"]])
def test_no_tape_named__tells_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "python -m nemo_notebook.tapes FILE" in capsys.readouterr().out


def test_command__runs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nemo_notebook.tapes", str(tmp_path / "none.nemotape")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout.count("\n")) == (1, 2)
    assert done.stderr == ""
