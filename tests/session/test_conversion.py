from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cases import cases
from convertible_files import write_film, write_sound

from nemo_notebook import errors, media_types
from nemo_notebook.session import conversion
from nemo_notebook.session.backend import environment

LIMIT = 200_000_000


def convert(
    path: Path, folder: Path, on_progress: Callable[[float], None] | None = None, max_bytes: int | None = LIMIT
) -> Path:
    folder.mkdir(exist_ok=True)
    target = media_types.CONVERTIBLE[media_types.extension(path.name)]
    return asyncio.run(conversion.converted(path, target, max_bytes, folder, on_progress))


def stub(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Runs other code in place of the converter; it begins with its request read."""
    begin = "import sys, os, json, time; request = json.loads(sys.stdin.readline());"
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **more: real([sys.executable, "-c", begin + code], **more))


def test_conversion__gives_a_file_and_tells_its_progress(tmp_path: Path) -> None:
    write_sound(tmp_path / "song.flac", "flac")
    told: list[float] = []
    result = convert(tmp_path / "song.flac", tmp_path / "out", told.append)
    assert result == tmp_path / "out" / "song.wav"
    assert result.read_bytes()[:4] == b"RIFF"
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.skipif(sys.platform == "win32", reason="such names are POSIX's")
def test_name_that_is_no_text__comes_through(tmp_path: Path) -> None:
    source = tmp_path / "\udcff\n曲.ts"
    write_film(tmp_path / "clip.ts", "ts", frames=5, sound=False)
    (tmp_path / "clip.ts").rename(source)
    assert convert(source, tmp_path / "out").name == "\udcff\n曲.mp4"


def test_broken_file__is_named_with_the_engines_words(tmp_path: Path) -> None:
    (tmp_path / "song.flac").write_bytes(b"<html>nmv_usr_abcdef</html>")
    with pytest.raises(errors.UnsupportedMedia, match=r"song\.flac holds text") as caught:
        convert(tmp_path / "song.flac", tmp_path / "out")
    assert caught.value.hint


def test_result_over_the_limit__is_refused_where_there_is_one(tmp_path: Path) -> None:
    write_film(tmp_path / "clip.wmv", "wmv")
    with pytest.raises(errors.MediaTooLarge, match=r"clip\.wmv"):
        convert(tmp_path / "clip.wmv", tmp_path / "out", max_bytes=5_000)
    assert convert(tmp_path / "clip.wmv", tmp_path / "out", max_bytes=None).stat().st_size > 5_000


@cases
def test_process_that_fails__is_a_refusal_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    stub(monkeypatch, code)
    with pytest.raises(errors.UnsupportedMedia) as caught:
        convert(tmp_path / "song.flac", tmp_path / "out")
    assert str(caught.value).startswith("song.flac could not be converted: ")
    assert said in str(caught.value)
    assert "nmv_usr_" not in str(caught.value)


def test_process__cannot_name_a_file_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(monkeypatch, "print(json.dumps({'result': {'name': '/etc/../secret.wav'}}))")
    assert convert(tmp_path / "song.flac", tmp_path / "out") == tmp_path / "out" / "secret.wav"


def test_time_limit__ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(monkeypatch, "time.sleep(600)")
    monkeypatch.setattr(conversion, "TIMEOUT_S", 0.2)
    with pytest.raises(errors.InputError, match=r"song\.flac took more than") as caught:
        convert(tmp_path / "song.flac", tmp_path / "out")
    assert caught.value.hint


def test_cancelled__ends_the_process_before_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(monkeypatch, "print(json.dumps({'progress': os.getpid()}), flush=True); time.sleep(600)")

    async def cancel_it() -> int:
        pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        work = asyncio.create_task(
            conversion.converted(tmp_path / "song.flac", "wav", LIMIT, tmp_path, lambda told: pid.set_result(int(told)))
        )
        number = await pid
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        return number

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(cancel_it()), 0)


def test_listener_that_fails__ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(monkeypatch, "print(json.dumps({'progress': os.getpid()}), flush=True); time.sleep(600)")
    pids: list[int] = []

    def fail(told: float) -> None:
        pids.append(int(told))
        raise ValueError("no screen")

    with pytest.raises(ValueError, match="no screen"):
        convert(tmp_path / "song.flac", tmp_path / "out", fail)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_parent_that_is_killed__takes_the_converter_with_it(tmp_path: Path) -> None:
    """The source is a pipe that nobody writes to: a conversion that would never end."""
    os.mkfifo(tmp_path / "song.flac")
    code = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-P", "-m", "nemo_notebook.engine.worker"], stdin=subprocess.PIPE)
child.stdin.write(sys.argv[1].encode() + b"\\n")
child.stdin.flush()
print("begun", flush=True)
time.sleep(600)
"""
    args = {"source": str(tmp_path / "song.flac"), "folder": str(tmp_path), "target": "wav", "max_bytes": 1}
    command = [sys.executable, "-c", code, json.dumps({"id": 0, "op": "convert", "args": args})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as parent:
        assert parent.stdout.readline()
        parent.kill()
        parent.communicate(timeout=60)  # its output ends when the converter, which shares it, has ended too


UPLOADING = """
import sys
import nemo_notebook as nemo
with nemo.connect(backend="local") as session:
    session.upload(sys.argv[1], on_progress=lambda progress: print(progress.stage, flush=True))
"""
STARTING = "import nemo_notebook as nemo; nemo.connect(backend='local').close()"


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_process_killed_in_mid_conversion__leaves_nothing_once_the_next_starts(tmp_path: Path) -> None:
    write_film(tmp_path / "long.mpg", "mpg", frames=300)
    home = tmp_path / "home"
    env = environment() | {"NEMO_HOME": str(home), "TMPDIR": str(tmp_path / "system")}
    (tmp_path / "system").mkdir()
    command = [sys.executable, "-c", UPLOADING, str(tmp_path / "long.mpg")]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "convert\n"
        process.kill()
    assert list((home / "tmp").iterdir()), "it was not in the middle of it"
    subprocess.run([sys.executable, "-c", STARTING], env=env, check=True)
    assert list((home / "tmp").iterdir()) == []
    assert list((tmp_path / "system").iterdir()) == []
