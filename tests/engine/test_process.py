"""The engine's process: it ends with its parent, whatever the parent's end is."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from waiting import until

from nemo_notebook import errors
from nemo_notebook.engine.__main__ import serve
from nemo_notebook.outside import Secret
from nemo_notebook.session import backend

PARENT = """
import json, sys, time
from nemo_notebook.session import backend
engine = backend.choose("local")
print(json.dumps({"url": engine.url, "pid": list(backend._engines.values())[0].process.pid}), flush=True)
time.sleep(600)
"""


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] == "Z"


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_engine__ends_with_its_parent(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        told = json.loads(parent.stdout.readline())
        assert httpx.get(f"{told['url']}/api/credits/balance/simple").status_code == 401
        children = Path(f"/proc/{told['pid']}/task/{told['pid']}/children")
        workers = [int(pid) for pid in children.read_text(encoding="ascii").split()] if children.exists() else []
        assert workers
        parent.send_signal(how)
        parent.wait()
    until(lambda: all(_gone(pid) for pid in (told["pid"], *workers)), 10)  # none outlives its parent


def test_engine__is_shared_within_a_process_and_replaced_when_it_died() -> None:
    first, second = backend.choose("local"), backend.choose("local")
    assert first.url == second.url
    (running,) = (engine for engine in backend._engines.values() if engine.url == first.url)
    running.process.kill()
    running.process.wait()
    assert backend.choose("local").url != first.url


def test_engine__touches_no_media_itself() -> None:
    code = "import sys, nemo_notebook.engine.__main__; print([m for m in ('av', 'PIL') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_token__is_in_no_repr_and_in_no_command_line() -> None:
    found = backend.choose("local")
    assert found.token is not None
    assert found.token.reveal() not in repr(found)
    (running,) = (engine for engine in backend._engines.values() if engine.url == found.url)
    cmdline = Path(f"/proc/{running.process.pid}/cmdline")
    if cmdline.exists():
        assert found.token.reveal() not in cmdline.read_text(encoding="utf-8")
        assert found.token.reveal().encode() not in Path(f"/proc/{running.process.pid}/environ").read_bytes()


def test_serve__a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(errors.EngineError, match="taken"):
            serve(tmp_path, taken.getsockname()[1], print)


def test_start__a_home_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="ascii")
    monkeypatch.setenv("NEMO_HOME", str(tmp_path / "file"))
    with pytest.raises(errors.NemoError):
        backend.choose("local")


def test_start__workers_that_are_none_are_told(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_ENGINE_WORKERS", "many")
    with pytest.raises(errors.NemoError, match="NEMO_ENGINE_WORKERS is not a number") as caught:
        backend.choose("local")
    assert "whole number" in caught.value.hint
    with pytest.raises(errors.UsageError):
        serve(own_home, 0, print)


def test_engine__runs_no_code_of_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("uvicorn", "av", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('it ran')", encoding="ascii")
    monkeypatch.chdir(tmp_path)
    found = backend.choose("local")
    assert httpx.get(f"{found.url}/api/credits/balance/simple").status_code == 401


FLOOD = """
import logging, os, sys
from pathlib import Path
from nemo_notebook.engine import __main__ as log
log.MOST_BYTES = 10_000
log.set_up_log(Path(sys.argv[1]))
for number in range(1000):
    os.write(2, b"a line of a worker\\n")
    logging.getLogger("some.library").warning("%d %s", number, "x" * 100)
"""


def test_log__is_rotated_also_where_others_write_to_it(tmp_path: Path) -> None:
    path = tmp_path / "engine.log"
    with path.open("ab") as file:
        subprocess.run([sys.executable, "-c", FLOOD, str(path)], stderr=file, check=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["engine.log", "engine.old.log"]
    assert all(each.stat().st_size < 11_000 for each in tmp_path.iterdir())
    whole = "".join((tmp_path / name).read_text(encoding="utf-8") for name in ("engine.old.log", "engine.log"))
    assert "\0" not in whole
    assert "999 xxx" in whole


@pytest.mark.parametrize("url", ["http://example.com", "ftp://x", "nonsense"])
def test_backend__elsewhere_needs_https(url: str) -> None:
    with pytest.raises(errors.UsageError):
        backend.choose(url)


def test_own_token__goes_to_its_service_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_TOKEN", " secret-token\n")
    assert backend.choose("cloud").token == Secret("secret-token")
    assert backend.choose("https://elsewhere.test").token is None
    monkeypatch.setenv("NEMO_TOKEN", "two words")
    with pytest.raises(errors.UsageError) as caught:
        backend.choose("cloud")
    assert "two words" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_start__that_is_killed_is_told_in_one_line(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    (own_home / "engine").mkdir()
    (own_home / "engine" / "engine.log").write_text("Traceback of an earlier one\n", encoding="ascii")
    start = subprocess.Popen

    def killed(*args: Any, **more: Any) -> subprocess.Popen[bytes]:
        process = start(*args, **more)
        os.kill(process.pid, how)
        return process

    monkeypatch.setattr(subprocess, "Popen", killed)
    with pytest.raises(errors.EngineError) as caught:
        backend.choose("local")
    assert caught.value.message == f"The local engine did not start: it was ended from outside ({how.name})."
    assert "%nemo connect" in caught.value.hint


def test_start__that_fails_is_told_by_the_last_line_of_its_traceback(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = subprocess.Popen

    def failing(_: object, **more: Any) -> subprocess.Popen[bytes]:
        return start([sys.executable, "-c", "raise ValueError('no engine today')"], **more)

    monkeypatch.setattr(subprocess, "Popen", failing)
    with pytest.raises(errors.EngineError) as caught:
        backend.choose("local")
    assert caught.value.message == "The local engine did not start: ValueError: no engine today."
