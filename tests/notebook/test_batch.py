"""`%nemo batch` in a real kernel: the table, what it hands back, what goes wrong, a stop in the middle."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cases import cases
from fake_outlet import FakeOutlet
from short_songs import PROMPT, spoil, write_songs

from nemo_notebook.notebook.commands.batch import BatchView

if TYPE_CHECKING:
    from .conftest import Kernel

LASTS_S = 1.2
pytestmark = pytest.mark.timeout(600)
HOW = f'--prompt "{PROMPT}" --backend local --quality preview --resolution 480p'


@pytest.fixture(scope="module", autouse=True)
def loaded(kernel: Kernel) -> None:
    assert kernel.run("%load_ext nemo_notebook").error is None


def test_table__fills_and_stands_still_in_the_end(kernel: Kernel, tmp_path: Path) -> None:
    songs = write_songs(tmp_path / "songs", 6)
    spoil(songs[1:4])
    pattern = (tmp_path / "songs" / "*").as_posix()
    cell = kernel.run(f'made = %nemo batch "{pattern}" --out "{(tmp_path / "films").as_posix()}" --workers 2 {HOW}')
    assert cell.error is None, cell.error
    assert "3 of 6 films are in" in cell.html
    assert cell.html.count("<tr>") == 7, "one table, whose rows were filled"
    assert cell.html.count("data:image/jpeg") == 3
    for words in ("is cut off or damaged", "song02.m4a is empty", "holds text"):
        assert words in cell.html
    assert "3 failed" in cell.text
    assert cell.updates >= 2
    assert {path.name for path in (tmp_path / "films").glob("*.mp4")} == {"song00.mp4", "song04.mp4", "song05.mp4"}
    found = kernel.run("print(type(made).__name__, len(made.failures), list(made.frame.state))").text
    assert "Batch 3 ['done', 'failed', 'failed', 'failed', 'done', 'done']" in found
    again = kernel.run(f'%nemo batch "{pattern}" --out "{(tmp_path / "films").as_posix()}" {HOW}')
    assert "3 of 6 films are in" in again.html


def test_stopped__nothing_goes_on_and_the_same_line_comes_back(kernel: Kernel, tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", 8)
    out = tmp_path / "films"
    line = f'%nemo batch "{(tmp_path / "songs").as_posix()}/*.m4a" --out "{out.as_posix()}" --workers 1 {HOW}'
    cell = kernel.begin(line)
    kernel.until(lambda: len(list(out.glob("*.mp4"))) >= 2, 120)
    kernel.interrupt()
    kernel.until(lambda: cell.is_idle)
    assert cell.error is not None
    assert "Stopped the batch" in cell.error[0]
    assert "same line again" in cell.error[1]
    left = {path.name: path.stat().st_mtime_ns for path in out.glob("*.mp4")}
    assert len(left) < 8
    kernel.until(lambda: "not made yet" in cell.text)  # the table may be drawn a moment after the cell has ended
    whole = kernel.run(line)
    assert "8 of 8 films are in" in whole.html
    kept = {path.name: path.stat().st_mtime_ns for path in out.glob("*.mp4")}
    assert {name: kept[name] for name in left} == left


def test_background__the_cell_returns_at_once(kernel: Kernel, tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", 2)
    songs, out = (tmp_path / "songs").as_posix(), (tmp_path / "films").as_posix()
    kernel.run(f'job = %nemo batch "{songs}/*.m4a" --out "{out}" --background {HOW}')
    assert "2 of 2 films" in kernel.run("print(job.wait(120))").text


@cases
def test_mistakes__are_told_in_two_lines(kernel: Kernel, line: str, message: str, hint: str) -> None:
    cell = kernel.run(f"%nemo batch {line}")
    assert cell.error is not None
    assert len(cell.error) == 2
    assert message in cell.error[0]
    assert hint in cell.error[1]


def test_prompt__without_quotes_is_refused_and_nothing_is_made(kernel: Kernel, tmp_path: Path) -> None:
    song, out = write_songs(tmp_path / "songs", 1)[0].as_posix(), (tmp_path / "films").as_posix()
    cell = kernel.run(f'%nemo batch "{song}" --prompt make a music video --out "{out}"')
    assert cell.error == [
        "⚠️ --prompt has spaces and no quotes. Nothing was made.",
        '   → Write --prompt "make a music video"',
    ]
    assert not (tmp_path / "films").exists()


def test_terminal__tells_each_film_and_then_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "nemo_notebook")
    write_songs(tmp_path / "songs", 2)
    (tmp_path / "songs" / "song01.m4a").write_bytes(b"")
    line = f'batch "{(tmp_path / "songs").as_posix()}/*" --out "{(tmp_path / "films").as_posix()}" {HOW}'
    shell.run_line_magic("nemo", line)
    out = capsys.readouterr().out
    assert "✓ song00.m4a → song00.mp4" in out
    assert "⚠️ song01.m4a is empty." in out
    assert "1 of 2 films is in" in out
    shell.run_line_magic("nemo", line.replace(PROMPT, "make a vertical music video"))
    out = capsys.readouterr().out
    assert out.count("1 of 2 films is made anew: the request has changed.") == 1
    shell.run_line_magic("nemo", line.replace(PROMPT, "make a vertical music video"))
    out = capsys.readouterr().out
    assert "✓" not in out, "what was there is counted"
    assert "unchanged" in out


class Table:
    """A batch whose table is another one at each look, so many characters long, and takes so long to be made."""

    note = ""

    def __init__(self, length: int, takes_s: float = 0.0, *, is_still: bool = False) -> None:
        self._length = length
        self._takes_s = takes_s
        self._is_still = is_still
        self.ends_s = time.monotonic() + LASTS_S
        self.looks = 0
        self.was_cancelled = False

    @property
    def is_running(self) -> bool:
        return not self.was_cancelled and time.monotonic() < self.ends_s

    @property
    def changes(self) -> int:
        return 0 if self._is_still else self.looks

    def cancel(self) -> None:
        self.was_cancelled = True

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        self.looks += 1
        time.sleep(self._takes_s)
        return {"text/plain": "", "text/html": f"{self.looks:{self._length}}"}


@pytest.mark.parametrize(
    ("table", "most"),
    [(Table(500), 6), (Table(200_000), 2), (Table(100, takes_s=0.08), 2), (Table(100, is_still=True), 3)],
    ids=["short", "long", "takes long to make", "only the time that is left changes"],
)
def test_table__is_made_a_few_times_a_second_and_seldom_if_that_is_expensive(table: Table, most: int) -> None:
    table.ends_s, outlet = time.monotonic() + LASTS_S, FakeOutlet()
    asyncio.run(BatchView(outlet, table).follow())  # type: ignore[arg-type]
    assert 2 <= table.looks <= most
    assert outlet.left[0]["text/html"].strip() == str(table.looks), "the last one stays"


def test_table__that_is_left_stops_its_batch() -> None:
    outlet, table = FakeOutlet(), Table(100)

    async def leave() -> None:
        task = asyncio.create_task(BatchView(outlet, table).follow())  # type: ignore[arg-type]
        await asyncio.sleep(0.15)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert table.was_cancelled
    assert outlet.messages >= 2
