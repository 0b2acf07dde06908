"""What was recorded is neither lost nor given away, whatever happens to the recording and to the files beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_service import TITLE, Fake, sse, text
from tape_parts import write
from taped import URL, connect

from nemo_notebook import errors
from nemo_notebook.tapes import file as tape_file, tape as taping

pytestmark = pytest.mark.usefixtures("no_tape")
TOKEN = "Correct-Horse_Battery.77"  # in no form that tokens have
posix_only = pytest.mark.skipif(os.name != "posix", reason="there are no such files")
BEGIN: list[Callable[[Path], Any]] = [taping.replay_tape, taping.replay_or_record, taping.record_tape]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "film.nemotape"


async def turn(reply: str) -> None:
    fake = Fake(sse(text(reply)), [TITLE])
    await (await connect(fake)).chat("add a title")


def begun(path: Path, reply: str = "Done.") -> None:
    """A recording that goes on."""
    taping.record_tape(path)
    asyncio.run(turn(reply))


def recorded(path: Path, reply: str = "Done.") -> bytes:
    """A tape in its place, as it lies there."""
    begun(path, reply)
    taping.end_tape()
    return path.read_bytes()


def holding(folder: Path, words: str) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.is_file() and words.encode() in file.read_bytes())


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from test_taping_files import turn
from nemo_notebook.tapes import tape as taping

taping.record_tape(Path(sys.argv[1]))
asyncio.run(turn(sys.argv[2]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def run(script: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    here = Path(__file__).resolve()
    places = os.pathsep.join(map(str, (Path(taping.__file__).parents[2], here.parents[1] / "support", here.parent)))
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": places, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def killed(path: Path, reply: str, **env: str) -> None:
    """A recording whose process ends before it can save it."""
    done = run(KILLED, str(path), reply, **env)
    assert done.returncode == -signal.SIGKILL, done.stderr


# Secrets


@pytest.mark.parametrize("begin", BEGIN)
def test_refused_recording__is_read_by_nothing_any_more(
    path: Path, begin: Callable[[Path], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as env:
        env.setenv("NEMO_TOKEN", TOKEN)
        env.setenv("NEMO_API_URL", URL)
        taping.record_tape(path)
        asyncio.run(turn(f"It is {TOKEN}."))
        with pytest.raises(errors.TapeSecret, match="a secret of this session") as told:
            taping.end_tape()
    assert "is kept in film.nemotape.refused, which only you can read" in told.value.hint
    with contextlib.suppress(errors.TapeError):
        begin(path)
        taping.end_tape()
    assert holding(path.parent, TOKEN) == ["film.nemotape.refused"]
    assert os.name != "posix" or (path.parent / "film.nemotape.refused").stat().st_mode & 0o777 == 0o600
    recorded(path)
    assert holding(path.parent, TOKEN) == ["film.nemotape.refused"]


# Links and rights


@posix_only
@pytest.mark.parametrize("begin", BEGIN)
@pytest.mark.parametrize("ending", ["part", "bak"])
def test_link_beside_a_tape__is_not_followed(path: Path, begin: Callable[[Path], Any], ending: str) -> None:
    work = recorded(path)[:-20]
    mine = path.with_name("work.txt")
    mine.write_bytes(work)  # whoever goes on with it there, changes its end
    mine.chmod(0o644)
    path.with_name(f"film.nemotape.{ending}").symlink_to(mine)
    with contextlib.suppress(errors.TapeError):
        begin(path)
        if begin is taping.record_tape:
            asyncio.run(turn("Again."))
        taping.end_tape()
    assert mine.read_bytes() == work
    assert mine.stat().st_mode & 0o777 == 0o644
    assert not path.is_symlink()


@posix_only
def test_link_in_the_place_of_a_recording__is_told(path: Path) -> None:
    recorded(path)
    path.with_name("film.nemotape.part").symlink_to("work.txt")
    with pytest.raises(errors.TapeError, match=r"film\.nemotape\.part is no recording of yours") as told:
        taping.record_tape(path)
    assert "delete it" in told.value.hint
    taping.replay_tape(path)


@posix_only
@pytest.mark.parametrize("begin", [taping.record_tape, taping.replay_or_record])
def test_pipe_in_the_place_of_a_tape__is_left_there(path: Path, begin: Callable[[Path], Any]) -> None:
    os.mkfifo(path)
    with pytest.raises(errors.TapeError, match=r"film\.nemotape is no file") as told:
        begin(path)
    assert told.value.hint
    assert path.is_fifo()


@posix_only
def test_saved_tape__can_be_read_as_the_umask_says_and_the_one_before_by_its_owner(path: Path) -> None:
    before = os.umask(0o027)
    try:
        recorded(path)
        assert path.stat().st_mode & 0o777 == 0o640
        path.chmod(0o600)
        recorded(path)
        assert path.stat().st_mode & 0o777 == 0o600  # as it was made
        path.chmod(0o644)
        recorded(path)
        assert path.with_name("film.nemotape.bak").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


# What was there, and what others put there


def test_tape_that_cannot_be_kept__is_not_replaced_and_the_recording_stays(path: Path) -> None:
    old = recorded(path, "The first.")
    path.with_name("film.nemotape.bak").mkdir()
    begun(path, "The second.")
    with pytest.raises(errors.TapeError, match="cannot be written: Is a directory") as told:
        taping.end_tape()
    assert "is kept in film.nemotape.part" in told.value.hint
    assert path.read_bytes() == old
    assert holding(path.parent, "The second.") == ["film.nemotape.part"]
    if os.name == "posix":
        assert path.with_name("film.nemotape.part").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("is_new", [True, False])
def test_tape_that_others_have_saved_meanwhile__is_kept_beside(path: Path, is_new: bool) -> None:
    if not is_new:
        recorded(path, "The first.")
    begun(path, "Mine.")
    theirs = write(path.with_name("theirs.nemotape")).replace(path).read_bytes()
    taping.end_tape()
    assert path.with_name("film.nemotape.bak").read_bytes() == theirs
    assert holding(path.parent, "Mine.") == ["film.nemotape"]


@posix_only
def test_two_kills__lose_neither_the_tape_nor_what_was_recorded(path: Path) -> None:
    good = recorded(path, "The good one.")
    for _ in range(2):
        killed(path, "Cut short.")
        assert "An interrupted recording is kept in film.nemotape.interrupted" in taping.record_tape(path).note
        assert (ended := taping.end_tape()) is not None
        assert not ended.note  # it was told
    assert path.read_bytes() == good
    kept = ["film.nemotape.interrupted", "film.nemotape.interrupted2"]
    assert holding(path.parent, "Cut short.") == kept
    assert all(path.with_name(name).stat().st_mode & 0o777 == 0o600 for name in kept)


def test_recording_of_nothing__leaves_the_tape(path: Path) -> None:
    old = recorded(path)

    taping.record_tape(path)
    deck = taping.current_tape()
    deck.connected(URL, URL, is_local=False, is_anonymous=False)
    taping.end_tape()
    assert path.read_bytes() == old


# A stop of the saving


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_stop__of_the_saving_says_where_the_recording_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(path)
    with monkeypatch.context() as stopping:
        stopping.setattr(tape_file.Writer, "_place", stop)
        with pytest.raises(KeyboardInterrupt, match=r"kept in film\.nemotape\.part, which only you can read"):
            taping.end_tape()
    assert holding(path.parent, "Done.") == ["film.nemotape.part"]


# A disk that is full, and a fork


@posix_only
def test_full_disk__costs_neither_the_recording_nor_the_kernel(path: Path) -> None:
    import resource

    begun(path)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name("film.nemotape.part").stat().st_size, usual[1]))
    try:
        with pytest.raises(errors.TapeError, match="cannot be written") as told:
            taping.end_tape()
        assert "is kept in film.nemotape.part" in told.value.hint
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert taping.current_tape() is None
    assert "is kept in film.nemotape.interrupted" in taping.record_tape(path).note
    taping.end_tape()
    assert holding(path.parent, "Done.") == ["film.nemotape.interrupted"]


FORKED = """
import asyncio, os, sys
from pathlib import Path
from test_taping_files import turn
from nemo_notebook.tapes import tape as taping

path = Path(sys.argv[1])
taping.record_tape(path)
asyncio.run(turn("Before."))
if not (child := os.fork()):
    sys.exit()
os.waitpid(child, 0)
print(path.exists(), taping.current_tape().home.exists(), flush=True)
asyncio.run(turn("After."))
taping.end_tape()
"""


@posix_only
def test_fork__ends_without_the_tape_of_its_parent(path: Path) -> None:
    done = run(FORKED, str(path))
    assert (done.returncode, done.stdout.split()) == (0, ["False", "True"]), done.stderr
    said = str(tape_file.read_tape(path).exchanges)
    assert "Before." in said
    assert "After." in said
