"""The studio in a real kernel, without a browser: what its cell leaves, and which session it comes back to."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Cell, Kernel

WIDGET = "application/vnd.jupyter.widget-view+json"
ROW = "[1, 'text', 'Hello', 0.0, 2.0, 2.0, float('nan'), 'Hello', '', '']"


def kernel_of(notebook: str, folder: Path) -> Kernel:
    kernel = Kernel(folder, JPY_SESSION_NAME=str(folder / notebook))
    kernel.run("%load_ext nemo_notebook\n%config NemoMagics.backend = 'local'")
    return kernel


def session_of(kernel: Kernel) -> str:
    return kernel.run("print(studio.session.id)").streams.strip()


def is_kept(cell: Cell) -> bool:
    return any("nemo-snapshot" in data.get("text/html", "") for data in cell.displays)


@pytest.mark.timeout(180)
def test_studio__comes_back_to_its_session_after_a_restart(tmp_path: Path) -> None:
    first = kernel_of("mine.ipynb", tmp_path)
    try:
        cell = first.run("studio = %nemo studio")
        assert cell.error is None, cell.text
        assert [WIDGET in data for data in cell.displays].count(True) == 1
        session = session_of(first)
        applied = first.run(
            "frame = studio.session.timeline().frame\n"
            f"frame.loc[0] = {ROW}\n"
            "reply = studio.session.apply(frame)\n"
            "assert studio.session.timeline().is_ready\n"
            "%nemo status"
        )
        assert applied.error is None, applied.text
        assert "Hello" in applied.text  # the cells see the panel's session
        first.until(lambda: is_kept(cell))
        (kept,) = (data for data in cell.displays if "nemo-snapshot" in data.get("text/html", ""))
        assert WIDGET not in kept  # so that it is there when the panel is not
    finally:
        first.kill()
    with kernel_of("mine.ipynb", tmp_path) as second:
        again = second.run("studio = %nemo studio")
        assert again.error is None, again.text
        assert session_of(second) == session
        second.until(lambda: is_kept(again))
        fresh = second.run("studio = %nemo studio --new")
        assert fresh.error is None, fresh.text
        assert session_of(second) != session
    with kernel_of("another.ipynb", tmp_path) as other:
        other.run("studio = %nemo studio")
        assert session_of(other) != session


def test_studio__parts_made_in_python_see_the_session_of_the_magics(kernel: Kernel) -> None:
    kernel.run("%load_ext nemo_notebook\n%config NemoMagics.backend = 'local'")
    cell = kernel.run(
        "import nemo_notebook as nemo\n"
        "chat, player = nemo.Chat(), nemo.Player()\n"
        "assert chat.session is player.session\n"
        "session = %nemo connect --session {chat.session.id}\n"
        "print(session.id == chat.session.id)"
    )
    assert cell.error is None, cell.text
    assert "True" in cell.streams


def test_studio__is_the_timeline_where_nobody_can_click(kernel: Kernel) -> None:
    kernel.client.allow_stdin = False  # as nbclient does
    try:
        cell = kernel.run("%load_ext nemo_notebook\n%config NemoMagics.backend = 'local'\n%nemo studio")
    finally:
        kernel.client.allow_stdin = True
    assert cell.error is None, cell.text
    assert not any(WIDGET in data for data in cell.displays)
    assert "timeline" in cell.text.lower()
