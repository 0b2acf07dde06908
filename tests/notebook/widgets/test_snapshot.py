from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from fake_outlet import FakeOutlet
from nbconvert import HTMLExporter
from part_stand import Session
from stage import Stage

import nemo_notebook as nemo
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets import studio as module
from nemo_notebook.notebook.widgets.studio import Snapshot, Studio, snapshot
from nemo_notebook.session import sync
from nemo_notebook.session.core import Moved, Settled
from nemo_notebook.session.records import Job

TITLE = {"d": 3000, "t": [{"tt": 7, "sg": [{"id": "a", "s": 0, "e": 3000, "d": 3000, "m": {"text": "<b>Hi</b>"}}]}]}


def film(path: Path, state: str = "done") -> Job:
    path.write_bytes(b"film")
    return Job("render_1", "render", "s1", path.name, state, 1.0, 2.0, {"target": str(path), "duration_s": 3.0})


def test_snapshot__is_open_static_and_escaped(tmp_path: Path) -> None:
    data = snapshot(Timeline(TITLE), film(tmp_path / "film.mp4"))._repr_mimebundle_()
    page = data["text/html"]
    assert "<details" not in page
    assert "Run this cell" in page
    assert "<video " in page
    assert "<b>Hi</b>" not in page
    assert "film.mp4" in data["text/plain"]
    assert not [kind for kind in data if "widget" in kind]


def test_snapshot__leaves_out_a_film_that_is_gone(tmp_path: Path) -> None:
    job = film(tmp_path / "film.mp4")
    (tmp_path / "film.mp4").unlink()
    assert "film.mp4" not in str(snapshot(Timeline(TITLE), job)._repr_mimebundle_())


def test_snapshot__says_how_the_studio_is_opened_in_the_language_of_the_panel() -> None:
    data = snapshot(Timeline({}), None, chinese=True)._repr_mimebundle_()
    assert data["text/plain"] == "运行此单元格即可再次打开工作室。"


def test_exported_page__shows_picture_and_film_and_no_insides_of_widgets(tmp_path: Path) -> None:
    with Stage(TITLE) as stage, nemo.connect(backend=stage.url) as session:
        studio = Studio(session)
        shown = studio._repr_mimebundle_()
        studio.close()
    cell = nbformat.v4.new_code_cell("%nemo studio", id="a")
    for data in (shown, snapshot(Timeline(TITLE), film(tmp_path / "film.mp4"))._repr_mimebundle_()):
        cell.outputs.append(nbformat.v4.new_output("display_data", data))
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    outputs = page[page.index("jp-Cell-outputWrapper") :]
    assert "Studio: run this cell to open it." in outputs
    assert "Box(" not in outputs
    assert "<video " in outputs
    assert "data:image/svg+xml" in outputs


class Asynchronous:
    async def jobs(self) -> list[Job]:
        return []

    async def timeline(self) -> Timeline:
        return Timeline({})


def test_snapshot__follows_the_session_and_shows_many_edits_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSE_S", 0.05)
    session, outlet = Session(Asynchronous()), FakeOutlet()
    part: Any = SimpleNamespace(session=session, is_chinese=False)
    kept: Any = Snapshot(part, outlet)  # type: ignore[arg-type]
    assert outlet.wait(2)["text/plain"] == "Run this cell to open the studio again."
    session.tell(Moved(Timeline({})), Moved(Timeline(TITLE)), Settled(film(tmp_path / "film.mp4")))
    assert "film.mp4" in outlet.wait(3)["text/plain"]
    kept.close()
    session.tell(Moved(Timeline(TITLE)))
    sync.shared_bridge().run(asyncio.sleep(0.2))
    assert outlet.messages == 3
