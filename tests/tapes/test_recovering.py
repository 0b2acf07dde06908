from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tape_parts import FILM, HEADER, ITEMS, LONG_FILM, SAID, exchange_value, forged, medium, write

from nemo_notebook import errors
from nemo_notebook.tapes.format import Answer, Exchange, MediaRef, Tape
from nemo_notebook.tapes.places import part_path
from nemo_notebook.tapes.recovering import recover
from nemo_notebook.tapes.tape_file import Writer, read

EXCHANGES = tuple(item for item in ITEMS if isinstance(item, Exchange))
TAPE = Tape(HEADER, EXCHANGES, {FILM.sha256: FILM, LONG_FILM.sha256: LONG_FILM})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "film.nemotape"


KILLED = """
import os, signal, sys
from pathlib import Path
from tape_parts import HEADER, ITEMS
from nemo_notebook.tapes.scanning import findings
from nemo_notebook.tapes.tape_file import Writer
writer = Writer(Path(sys.argv[1]), HEADER)
for item in ITEMS:
    writer.add(item)
print("ready", flush=True)
sys.stdin.read()
"""


def recording_elsewhere(path: Path) -> subprocess.Popen[str]:
    support = str(Path(__file__).parents[1] / "support")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([support, *sys.path])}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_recording_of_a_killed_process__is_recovered_but_not_while_it_goes_on(path: Path) -> None:
    with recording_elsewhere(path) as process:
        try:
            with pytest.raises(errors.TapeError, match=r"Another kernel records on film\.nemotape\.part now"):
                recover(path)
        finally:
            process.kill()
    assert recover(path) == path
    assert read(path) == TAPE
    assert list(path.parent.iterdir()) == [path]


def test_recover__finds_nothing_where_nothing_is(path: Path) -> None:
    assert recover(path) is None
    write(path)
    assert recover(path) is None


def interrupted(path: Path, items: Any, cut: int = 0) -> None:
    write(path, items)
    whole = path.read_bytes()
    path.unlink()
    part_path(path).write_bytes(whole[: whole.rindex(b'{"kind":"end"') - cut])


def test_recover__drops_half_a_line(path: Path) -> None:
    for cut in (1, 5, 100):
        interrupted(path, [*ITEMS[:2], ITEMS[3]], cut)
        assert recover(path) == path
        assert read(path).exchanges == (ITEMS[0], ITEMS[1])


def test_recover__notes_a_film_that_did_not_come_to_its_end(path: Path) -> None:
    writer = Writer(path, HEADER)
    ref = MediaRef(FILM.sha256, FILM.size_bytes)
    writer.add(replace(SAID, answer=Answer(200, {}, media=ref)))
    writer._file.close()
    recover(path)
    film = read(path).media[FILM.sha256]
    assert (film.data, film.size_bytes, film.note) == (None, 4, "not kept: the recording was interrupted")


def test_recover__takes_no_recording_that_was_ended_for_one_that_was_interrupted(path: Path) -> None:
    write(path).rename(part_path(path))
    with pytest.raises(errors.TapeError, match="is no recording that was interrupted"):
        recover(path)
    assert list(path.parent.iterdir()) == [path.with_name("film.nemotape.refused")]


@pytest.mark.parametrize("data", [b"{", forged(end=False)[:50], b"hello\n"])
def test_recover__refuses_what_is_no_recording_and_deletes_nothing(path: Path, data: bytes) -> None:
    for name in ("film.nemotape.refused", "film.nemotape.refused2"):
        part_path(path).write_bytes(data)
        with pytest.raises(errors.TapeError, match=r"film\.nemotape\.part"):
            recover(path)
        assert path.with_name(name).read_bytes() == data
    assert not path.exists()


@pytest.mark.parametrize("data", [b"", forged(end=False)])
def test_recover__leaves_nothing_of_a_recording_of_nothing(path: Path, data: bytes) -> None:
    part_path(path).write_bytes(data)
    assert recover(path) is None
    assert not list(path.parent.iterdir())


def test_recover__does_not_save_again_what_was_saved(path: Path) -> None:
    part_path(path).write_bytes(write(path).read_bytes()[:-150])
    assert recover(path) is None
    assert read(path) == TAPE
    assert list(path.parent.iterdir()) == [path]


def test_recover__leaves_a_tape_that_is_there_and_any_other_file(path: Path) -> None:
    beside, others = path.with_name("film.recovered2.nemotape"), path.with_name("film.recovered.nemotape")
    others.write_bytes(b"somebody's")
    interrupted(path, ITEMS[:2])
    write(path.with_name("other.nemotape"), ITEMS[:1]).rename(path)
    assert recover(path) == beside
    assert read(beside).exchanges == (ITEMS[0], ITEMS[1])
    assert read(path).exchanges == (ITEMS[0],)
    assert others.read_bytes() == b"somebody's"


def test_recover__knows_that_a_line_holds_what_was_secret_then(path: Path) -> None:
    writer = Writer(path, HEADER)
    writer.add(replace(SAID, cell="swordfish"), ["swordfish"])
    writer.add(ITEMS[0], ["swordfish"])
    writer._file.close()
    with pytest.raises(errors.TapeSecret, match=r"Line 2 of film\.nemotape\.part holds a secret of its session\."):
        recover(path)


def test_recover__knows_of_secrets_in_files_too(path: Path) -> None:
    writer = Writer(path, HEADER)
    writer.add(medium(b"\0\0swordfish\0"), ["swordfish"])
    writer.add(SAID)
    writer._file.close()
    with pytest.raises(errors.TapeSecret, match="a secret of its session"):
        recover(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_recover__waits_for_no_pipe(path: Path) -> None:
    os.mkfifo(part_path(path))
    with pytest.raises(errors.TapeError, match="is no recording of yours"):
        recover(path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
def test_recover__takes_nothing_of_somebody_else(path: Path) -> None:
    interrupted(path, ITEMS[:2])
    os.chown(part_path(path), 1, 1)
    with pytest.raises(errors.TapeError, match="is no recording of yours"):
        recover(path)
    assert part_path(path).exists()


def test_recover__refuses_a_secret_and_leaves_it_to_its_owner(path: Path) -> None:
    data = forged(exchange_value(cell="clm_0123456789"), end=False)
    part_path(path).write_bytes(data)
    with pytest.raises(errors.TapeSecret, match="a claim token") as caught:
        recover(path)
    assert "is kept in film.nemotape.refused" in caught.value.hint
    aside = path.with_name("film.nemotape.refused")
    assert aside.read_bytes() == data
    assert os.name != "posix" or aside.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [aside]
