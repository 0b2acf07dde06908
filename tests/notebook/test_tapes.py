"""A notebook that is recorded in one kernel shows the same in another, which has no network and no engine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cases import tables

from nemo_notebook import examples

from .conftest import Cell, Kernel

pytestmark = pytest.mark.timeout(600)
TAPE = "film.nemotape"
BADGE = "📼"
SECRET = "nmv_usr_Zk3_9vQx1"  # of the form, but too short to be one
KEY = "AKIA" + "Q3EGRIKJ7ZLMVX2T"
CELLS = tables(Path(__file__).with_suffix(".toml"))["cells"]


@dataclass(frozen=True)
class Shown:
    """What a cell shows in the end, but for the badge."""

    streams: str
    displays: tuple[dict[str, str], ...]
    result: dict[str, str] | None
    error: tuple[str, ...] | None


def shown(cell: Cell) -> Shown:
    displays = tuple(dict(data) for data in cell.displays if BADGE not in data.get("text/plain", ""))
    return Shown(cell.streams, displays, cell.result, tuple(cell.error) if cell.error else None)


@dataclass
class Recorded:
    """A folder with media and a tape, and what the cells showed while it was recorded."""

    folder: Path
    cells: list[Shown]
    saved: str

    @property
    def tape(self) -> Path:
        return self.folder / TAPE

    def copy(self, target: Path) -> Path:
        """The same elsewhere: the media and the tape."""
        target.mkdir()
        for path in (*self.folder.glob("*.mp3"), *self.folder.glob("c*.mp4"), *self.folder.glob("s*.mp4"), self.tape):
            shutil.copyfile(path, target / path.name)
        return target


def started(folder: Path, home: Path, **more: str) -> Kernel:
    home.mkdir(parents=True)
    kernel = Kernel(folder, home, **more)
    assert kernel.run("%load_ext nemo_notebook").error is None
    return kernel


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded")
    for path in examples.media():
        shutil.copyfile(path, folder / path.name)
    kernel = started(folder, tmp_path_factory.mktemp("recorder") / "home", TZ="Europe/Berlin")
    try:
        begun = kernel.run(f"%nemo tape record {TAPE}").text.strip()
        assert begun == f"● Recording on {TAPE}: every exchange from here on, without tokens and ids."
        cells = [kernel.run(code) for code in CELLS]
        assert not any(BADGE in cell.text for cell in cells)
        saved = kernel.run("%nemo tape off").text.strip()
    finally:
        kernel.close()
    return Recorded(folder, [shown(cell) for cell in cells], saved)


@dataclass
class Player:
    """A kernel without a network, in a place of its own."""

    kernel: Kernel
    folder: Path
    home: Path
    tried: Path

    def replay(self, *options: str) -> Cell:
        return self.kernel.run(f"%nemo tape replay {TAPE} {' '.join(options)}")

    def tries(self) -> str:
        return self.tried.read_text(encoding="utf-8") if self.tried.exists() else ""


@pytest.fixture
def player(recorded: Recorded, tmp_path: Path, tried: Path) -> Iterator[Player]:
    folder = recorded.copy(tmp_path / "elsewhere")
    kernel = started(folder, tmp_path / "home", TZ="Asia/Tokyo")
    yield Player(kernel, folder, tmp_path / "home", tried)
    kernel.close()


def test_no_network__is_what_the_player_has(player: Player) -> None:
    refused = player.kernel.run("import socket\nsocket.create_connection(('127.0.0.1', 9))")
    assert "PermissionError" in refused.text
    player.kernel.run("%nemo connect --backend local")
    assert "nemo_notebook.engine" in player.tries()


def test_recording__says_what_was_saved(recorded: Recorded) -> None:
    assert recorded.saved.endswith(f"saved as {TAPE}.")
    assert "media" in recorded.saved
    assert not [path for path in recorded.folder.iterdir() if path.suffix in {".part", ".bak"}]
    text = recorded.tape.read_text(encoding="utf-8")
    assert "Urban Dreams" in text
    assert str(recorded.folder) not in text


@pytest.mark.parametrize("speed", ["once", "fast"])
def test_replay__shows_the_same_elsewhere_without_a_network(recorded: Recorded, player: Player, speed: str) -> None:
    begun = player.replay("--speed", speed)
    assert begun.error is None, begun.text
    assert "nothing goes over the network" in begun.text
    for code, before in zip(CELLS, recorded.cells, strict=True):
        cell = player.kernel.run(code)
        assert shown(cell) == before, code
    assert "out of use" in player.kernel.run("%nemo tape off").text
    assert player.tries() == ""
    assert not (player.home / "engine").exists()


def test_badge__is_below_the_cells_that_asked_for_something(recorded: Recorded, player: Player) -> None:
    player.replay("--speed once")
    connected = player.kernel.run(CELLS[0])
    assert connected.displays[-1]["text/plain"].startswith(f"{BADGE} {TAPE} · recorded ")
    assert BADGE in connected.displays[-1]["text/html"]
    assert BADGE not in player.kernel.run("6 * 7").text
    assert "came from it" in player.kernel.run("%nemo tape").text
    player.kernel.run("%nemo tape off")
    assert BADGE not in player.kernel.run("%nemo sessions").text
    assert "Evening" not in player.kernel.run("%nemo sessions").text  # the user's own are others


def test_badge__of_work_in_the_background_is_below_its_own_cell(player: Player) -> None:
    player.replay("--speed recorded")
    player.kernel.run(CELLS[0])
    player.kernel.run(CELLS[1])
    behind = player.kernel.run("handle = %nemo --background create a 5 second music video, cut on the beat")
    others = [player.kernel.run("6 * 7"), player.kernel.run("handle.wait()"), player.kernel.run("6 * 7")]
    player.kernel.until(lambda: BADGE in behind.text)
    assert behind.text.count(BADGE) == 1
    assert not any(BADGE in cell.text for cell in others)


def test_replay__begins_anew_when_its_cell_is_run_again(recorded: Recorded, player: Player) -> None:
    for _ in range(2):
        assert player.replay("--speed once").error is None
        assert [shown(player.kernel.run(code)) for code in CELLS[:3]] == recorded.cells[:3]
    wrong = player.kernel.run("%nemo tape replay nowhere")
    assert "nowhere.nemotape" in wrong.text
    assert [shown(player.kernel.run(code)) for code in CELLS[:3]] == recorded.cells[:3]  # still offline
    assert player.tries() == ""


# What goes wrong


def test_other_words__are_told_with_both_and_the_right_ones_go_on(recorded: Recorded, player: Player) -> None:
    player.replay("--speed once")
    player.kernel.run(CELLS[0])
    player.kernel.run(CELLS[1])
    cell = player.kernel.run("%%nemo\ncreate a 7 second music video, cut on the beat")
    assert cell.error is not None
    assert "Traceback" not in cell.text
    assert "7 second" in cell.text
    assert "5 second" in cell.text
    assert "In [" in cell.text
    assert "%nemo tape record" in cell.text
    assert shown(player.kernel.run(CELLS[2])) == recorded.cells[2]
    assert player.tries() == ""


def test_other_file__is_told_by_its_name_and_size(player: Player) -> None:
    player.replay("--speed once")
    player.kernel.run(CELLS[0])
    (player.folder / "song.mp3").write_bytes((player.folder / "song.mp3").read_bytes() + b"\0")
    cell = player.kernel.run(CELLS[1])
    assert cell.error is not None
    assert "song.mp3" in cell.text
    assert player.tries() == ""


def test_faulty_tape__is_refused_in_two_lines(player: Player) -> None:
    tape = player.folder / TAPE
    tape.write_text(tape.read_text(encoding="utf-8").replace("Urban Dreams", SECRET, 1), encoding="utf-8")
    cell = player.replay()
    assert cell.error is not None
    assert len([row for row in cell.error if row.strip()]) == 2, cell.text
    assert "Line " in cell.text
    assert SECRET not in cell.text
    assert "nowhere.nemotape" in player.kernel.run("%nemo tape replay nowhere").text
    assert "No tape is in use" in player.kernel.run("%nemo tape").text
    assert player.tries() == ""


def test_recording_of_a_secret__is_not_saved_and_told_without_it(tmp_path: Path) -> None:
    kernel = started(tmp_path, tmp_path / "home")
    try:
        kernel.run(f"%nemo tape record {TAPE}")
        kernel.run(f"%nemo connect --backend local\n%nemo chat sign it with {KEY}")
        cell = kernel.run("%nemo tape off")
        assert cell.error is not None
        assert "a key of a cloud service" in cell.text
        assert "In [3]" in cell.text
        assert KEY not in cell.text
        assert not (tmp_path / TAPE).exists()
        assert "No tape is in use" in kernel.run("%nemo tape").text
        assert "free" in kernel.run("%nemo credits").text  # and the work goes on
    finally:
        kernel.close()


def test_auto__records_what_is_not_there_and_replays_it_then(tmp_path: Path) -> None:
    cells = ("%nemo connect --backend local", "%nemo credits", "%nemo status")
    kernel = started(tmp_path, tmp_path / "home")
    try:
        assert "Recording" in kernel.run("%nemo tape auto").text
        first = [shown(kernel.run(code)) for code in cells]
        assert "saved as notebook.nemotape" in kernel.run("%nemo tape off").text
        assert "Answers come from it" in kernel.run("%nemo tape auto").text
        again = [kernel.run(code) for code in cells]
        assert [shown(cell) for cell in again] == first
        assert all(BADGE in cell.text for cell in again)
        live = kernel.run("%nemo chat flurb the wibble")  # which is not on the tape
        assert live.error is not None
        assert "the tape is at its end" in live.text
        assert "out of use" in kernel.run("%nemo tape off").text
    finally:
        kernel.close()


CREDITS = ("%nemo connect --backend local", "%nemo credits")


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_kernel_that_ends_while_it_records__leaves_the_tape_or_its_part(tmp_path: Path, how: str) -> None:
    first = started(tmp_path, tmp_path / "home")
    first.run(f"%nemo tape record {TAPE}")
    before = [shown(first.run(code)) for code in CREDITS]
    if how == "killed":
        first.kill()
    else:
        first.manager.shutdown_kernel()
        first.client.stop_channels()
    second = started(tmp_path, tmp_path / "home" / "second")
    try:
        begun = second.run(f"%nemo tape replay {TAPE}")
        if how == "killed":
            assert begun.error is not None
            assert f"An unfinished recording is kept in {TAPE}.part" in begun.text
            assert f"kept in {TAPE}.interrupted" in second.run(f"%nemo tape record {TAPE}").text
            return
        assert begun.error is None, begun.text
        assert [shown(second.run(code)) for code in CREDITS] == before
    finally:
        second.close()
