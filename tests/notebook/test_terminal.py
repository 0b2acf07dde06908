"""The magic in a plain IPython terminal: pieces as they come, results once, errors in two lines, Ctrl+C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stage import Stage

SUMMARY = 'Timeline (1 track): 1. Title: "Urban Dreams" (0-3s)'


class Terminal:
    """IPython with a pipe at either end; a file takes what it prints."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "printed.txt"
        command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor", "-i"]
        env = {**os.environ, "IPYTHONDIR": str(folder), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        flags = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0
        with self._file.open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=out, stderr=out, creationflags=flags
            )
        self._read = 0

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def until(self, words: str, timeout_s: float = 60) -> str:
        """What was printed since the last time, as soon as `words` are in it."""
        until_s = time.monotonic() + timeout_s
        while words not in (printed := self._file.read_text(encoding="utf-8", errors="replace")[self._read :]):
            assert time.monotonic() < until_s, printed
            assert self.process.poll() is None, printed
            time.sleep(0.02)
        self._read += len(printed)
        return printed

    def run(self, line: str) -> str:
        """What a line prints."""
        self.type(line)
        self.type("print('the', 'end')")
        printed = self.until("the end\n")
        return re.sub(r"In \[\d+\]: |the end", "", printed).strip()


@pytest.fixture(scope="module")
def terminal(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    running = Terminal(tmp_path_factory.mktemp("terminal"))
    try:
        assert running.run("%load_ext nemo_notebook") == ""
        assert running.run(f"%nemo connect --backend {stage.url}").split() == ["Connecting…", "Ready!"]
        yield running
    finally:
        running.process.kill()
        running.process.communicate()


def test_turn__is_printed_as_it_comes_and_once(terminal: Terminal, stage: Stage) -> None:
    terminal.type("reply = %nemo chat grow")
    turn = stage.turn("grow")
    turn.say("The first words, ")
    turn.say("the \x1b[31mnext ones, ")
    assert "The first words," in terminal.until("The first words,")
    turn.say("and the last.")
    turn.end("The first words, the \x1b[31mnext ones, and the last.")
    rest = terminal.until("and the last.") + terminal.run("y = 1")
    assert rest.count("and the last.") == 1
    assert "The first words" not in rest
    assert "\x1b" not in rest
    assert "Out[" not in terminal.run("x = 1")


def test_results__are_shown_once_without_an_empty_out(terminal: Terminal) -> None:
    shown = terminal.run("%nemo status")
    assert shown.count(SUMMARY) == 1
    assert "start_s" in shown
    assert "Out[" not in shown
    assert "IPython.core" not in shown
    assert terminal.run("credits = %nemo credits") == "Credits: 100 available, 0 reserved, 100 in all."
    assert re.fullmatch(r"Out\[\d+\]: Credits: 100 .*", terminal.run("credits"))


def test_errors__are_two_lines(terminal: Terminal) -> None:
    first, second = terminal.run("%nemo exprt").splitlines()
    assert first.endswith("There is no command 'exprt'.")
    assert second.strip().startswith("→ Did you mean export?")


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl+C goes to all that share it")
def test_ctrl_c__detaches_and_the_prompt_is_back(terminal: Terminal, stage: Stage) -> None:
    terminal.type("%nemo chat stop me")
    turn = stage.turn("stop me")
    turn.say("It goes on ")
    turn.say("and on ")
    terminal.until("It goes on")
    begun_s = time.monotonic()
    terminal.process.send_signal(signal.SIGINT)
    printed = terminal.until("resume turn_")
    assert turn.gone.wait(5)
    assert turn.gone_s - begun_s < 1
    assert "KeyboardInterrupt" not in printed
    assert "Traceback" not in printed
    assert SUMMARY in terminal.run("%nemo status")
