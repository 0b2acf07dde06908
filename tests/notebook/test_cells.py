"""What must hold in every kernel: output lands in the cell that asked, an interrupt is heard, values come back.

The installed ipykernel is tested here; `python -m tests kernels` does the same with the oldest and others.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from cases import cases
from stage import Stage
from starlette.requests import Request
from starlette.responses import Response

from .conftest import Cell, Kernel


class Silent(Stage):
    """A service that hears who wants in, and says nothing."""

    asked = threading.Event()

    async def _token(self, request: Request) -> Response:
        self.asked.set()
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return Response()


@pytest.fixture
def cells(kernel: Kernel, stage: Stage) -> Kernel:
    kernel.run("%load_ext nemo_notebook")
    assert kernel.run(f"%nemo connect --backend {stage.url}").text.strip() == "Ready!"
    return kernel


def test_kernel__is_the_one_that_is_meant(kernel: Kernel) -> None:
    shown = kernel.run("import ipykernel; print(ipykernel.__file__)").streams.strip()
    wanted = os.environ.get("NEMO_TEST_IPYKERNEL")
    assert not wanted or Path(shown).is_relative_to(wanted)


def test_reply__streams_into_its_cell(cells: Kernel, stage: Stage) -> None:
    cell = cells.begin("%nemo chat one")
    turn = stage.turn("one")
    turn.say("A first piece,")
    cells.until(lambda: "A first" in cell.text)
    assert not cell.is_idle
    turn.say(" and the rest.")
    turn.end("A first piece, and the rest.")
    cells.until(lambda: cell.is_idle)
    assert cell.error is None
    assert cell.text.count("A first piece, and the rest.") == 1
    assert "Timeline" not in cell.text
    assert cell.result is None


def test_background__lands_in_its_own_cell_after_others_ran(cells: Kernel, stage: Stage) -> None:
    cell = cells.run("handle = %nemo chat --background two")
    turn = stage.turn("two")
    assert cells.run("handle.status").result == {"text/plain": "'running'"}
    later = cells.run("print('later')")
    turn.say("Words that come late.\n\nAnd a second paragraph.")
    cells.until(lambda: "And a second" in cell.text)
    again = cells.run("print('again')")
    turn.end("Words that come late.\n\nAnd a second paragraph.")
    cells.until(lambda: "And a second paragraph." in cell.text)
    assert cells.run("reply = handle.wait(); reply.text").result == {
        "text/plain": r"'Words that come late.\n\nAnd a second paragraph.'"
    }
    assert cells.run("handle.status").result == {"text/plain": "'done'"}
    assert (later.text.strip(), again.text.strip()) == ("later", "again")
    assert cell.text.count("second paragraph") == 1


def test_two_turns_at_once__each_in_its_cell(cells: Kernel, stage: Stage) -> None:
    first = cells.run("one = %nemo chat --background three")
    cells.run(f"%nemo connect --backend {stage.url}")
    second = cells.run("two = %nemo chat --background four")
    turns = stage.turn("three"), stage.turn("four")
    for piece in range(6):
        for turn, name in zip(turns, ("left", "right"), strict=True):
            turn.say(f"{name}{piece} ")
    for turn, name in zip(turns, ("left", "right"), strict=True):
        turn.end("".join(f"{name}{piece} " for piece in range(6)))
    cells.run("one.wait(), two.wait(); None")
    cells.until(lambda: "left5" in first.text and "right5" in second.text)
    assert "right" not in first.text
    assert "left" not in second.text


def answered(cells: Kernel, stage: Stage, code: str, words: str) -> Cell:
    """A cell that says something, run to its end; the last of its words are the message."""
    cell = cells.begin(code)
    stage.turn(code.split("%nemo chat ")[1]).end(words)
    cells.until(lambda: cell.is_idle)
    return cell


def interrupted(cells: Kernel, stage: Stage, message: str) -> None:
    cell = cells.begin(f"%nemo chat {message}")
    turn = stage.turn(message)
    turn.say("It begins. And")
    cells.until(lambda: "It begins." in cell.text)
    begun_s = cells.interrupt()
    cells.until(lambda: cell.is_idle)
    assert turn.gone.wait(10)
    assert cell.ended_s - begun_s < 0.3
    assert turn.gone_s - begun_s < 0.3
    assert cell.error is not None
    assert "KeyboardInterrupt" not in cell.text
    assert "%nemo resume turn_" in cell.text
    assert "It begins." in cell.text
    assert cells.run("6 * 7").result == {"text/plain": "42"}


def test_interrupt__is_heard_at_once_and_the_server_sees_it(cells: Kernel, stage: Stage) -> None:
    interrupted(cells, stage, "stop")


def test_nested_loop__does_the_same(stage: Stage, tmp_path: Path) -> None:
    with Kernel(tmp_path) as cells:
        cells.run("%load_ext nemo_notebook\n%config NemoMagics.loop = 'nest'")
        cells.run(f"%nemo connect --backend {stage.url}")
        assert "Nested words." in answered(cells, stage, "%nemo chat nested", "Nested words.").text
        interrupted(cells, stage, "stop nested")
        behind = cells.run("handle = %nemo chat --background nested behind")
        turn = stage.turn("nested behind")
        assert cells.run("1 + 1").result == {"text/plain": "2"}
        turn.end("Behind.")
        assert cells.run("handle.wait().text").result == {"text/plain": "'Behind.'"}
        cells.until(lambda: "Behind." in behind.text)
        cells.run("%config NemoMagics.loop = 'thread'")  # the session goes on, on the other loop
        cell = answered(cells, stage, "%nemo chat back again", "Again.")
        assert "Again." in cell.text
        assert "Connecting" not in cell.text


def test_background__is_cancelled_by_its_handle(cells: Kernel, stage: Stage) -> None:
    cell = cells.run("handle = %nemo chat --background five")
    turn = stage.turn("five")
    begun_s = time.monotonic()
    cells.run("handle.cancel()")
    assert turn.gone.wait(10)
    assert turn.gone_s - begun_s < 2
    assert cells.run("handle.status").result == {"text/plain": "'cancelled'"}
    cells.until(lambda: "cancelled" in cell.text)
    for waits in ("handle.wait()", "await handle"):
        assert "was cancelled" in cells.run(waits).text


def test_background__a_failure_is_told_in_its_cell_and_raised_by_wait(cells: Kernel, stage: Stage) -> None:
    cell = cells.run("handle = %nemo chat --background six")
    stage.turn("six").send({"error": "No wonder."})
    cells.until(lambda: "No wonder." in cell.text)
    waited = cells.run("handle.wait()")
    assert "No wonder." in waited.text
    assert "Traceback" not in waited.text


def test_value__comes_back_once(cells: Kernel) -> None:
    assert cells.run("line = %nemo status").html.count("<table") == 1
    assert cells.run("%nemo status").html.count("<table") == 1
    assert cells.run("line").html.count("<table") == 1
    assert cells.run("%nemo status\nline").html.count("<table") == 2
    assert cells.run("print(line.frame.text[0])").streams == "Urban Dreams\n"
    assert cells.run("%nemo status\n5").result == {"text/plain": "5"}
    assert cells.run("_ is Out[max(Out)]").result == {"text/plain": "True"}


def test_time__measures_the_whole(cells: Kernel, stage: Stage) -> None:
    cell = answered(cells, stage, "%%time\nreply = %nemo chat seven", "Slowly. And well.")
    assert "Wall time" in cell.text
    assert "And well." in cell.text


def test_capture__takes_all(cells: Kernel, stage: Stage) -> None:
    cell = answered(cells, stage, "%%capture taken\n%nemo chat eight", "Captured words.")
    assert cell.error is None
    assert not cell.text.strip()
    shown = cells.run("taken.show()")
    assert "Captured words." in shown.text
    assert "Timeline" not in shown.text
    assert cells.run("%%capture taken\n%nemo status").text.strip() == ""
    assert cells.run("taken.show()").html.count("<table") == 1


@cases
def test_background__is_waited_for_by_another_cell(
    cells: Kernel, stage: Stage, code: str, message: str, waits: str
) -> None:
    shown = cells.run(code)
    waiting = cells.begin(waits)
    stage.turn(message).end("Words at the end.")
    cells.until(lambda: waiting.is_idle and "Words at the end." in shown.text)
    assert waiting.result is not None
    assert "Words at the end." in waiting.result["text/plain"]


def test_value__is_shown_again_by_the_users_own_display(cells: Kernel) -> None:
    assert cells.run("line = %nemo status\ndisplay(line)").html.count("<table") == 2
    assert cells.run("%%capture taken\nline = %nemo status\nline").error is None
    assert cells.run("taken.show()").html.count("<table") == 1


def test_background__a_failure_inside_is_told_in_its_cell_too(cells: Kernel) -> None:
    cells.run("from nemo_notebook.session.project import AsyncSession\nkept = AsyncSession.credits, AsyncSession.chat")
    cells.run("async def broken(*_): raise ValueError('<b>inside</b>')\nAsyncSession.chat = broken")
    try:
        cell = cells.run("handle = %nemo chat --background twelve")
        cells.until(lambda: "ValueError" in cell.text)
        assert "inside" not in cell.text
        assert "<b>inside</b>" in cells.run("handle.wait()").text
    finally:
        cells.run("AsyncSession.credits, AsyncSession.chat = kept")


def test_loop__is_changed_while_a_turn_begins_in_the_background(stage: Stage, tmp_path: Path) -> None:
    with Kernel(tmp_path, NEMO_API_URL=stage.url) as cells:
        cells.run("%load_ext nemo_notebook")
        cells.run("handle = %nemo chat --background thirteen\n%config NemoMagics.loop = 'nest'\n%nemo credits")
        stage.turn("thirteen").end("Thirteen.")
        assert cells.run("handle.wait(30).text").result == {"text/plain": "'Thirteen.'"}
        failed = cells.run("handle = %nemo chat --background fourteen")
        stage.turn("fourteen").send({"error": "No wonder."})
        cells.run("try:\n    handle.wait()\nexcept Exception: pass")
        assert cells.run("import gc; del handle; gc.collect(); None").text.strip() == ""
        assert "never retrieved" not in failed.text


def test_interrupt__also_while_the_panel_connects(tmp_path: Path) -> None:
    with Silent() as silent, Kernel(tmp_path, NEMO_API_URL=silent.url) as cells:
        cells.run("%load_ext nemo_notebook")
        again, history = "run the cell again", "`%nemo history` shows whether"
        for line, hint in (("%nemo studio", again), ("%nemo status", again), ("%nemo undo", history)):
            silent.asked.clear()
            cell = cells.begin(line)
            assert silent.asked.wait(30)
            cells.interrupt()
            cells.until(lambda cell=cell: cell.is_idle)
            assert "Stopped." in cell.text
            assert hint in cell.text
            assert "KeyboardInterrupt" not in cell.text
