"""The notebook that plays a tape: it is what its script makes, and shows the same again without a network."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import nbformat
from cloud_tape import FILM, NAME, TAPE, page
from saved_outputs import run_in

from nemo_notebook import examples
from nemo_notebook.tapes import file as tape_file

FOLDER = examples.folder()
NO_NETWORK = Path(__file__).parent.parent / "support" / "no_network"


def committed() -> Any:
    return nbformat.read(FOLDER / f"{NAME}.ipynb", as_version=4)


def outputs(notebook: Any) -> list[tuple[str, list[Any]]]:
    """Each cell with what it shows, as plain data."""
    cells = json.loads(nbformat.writes(notebook))["cells"]
    return [("".join(cell["source"]), cell.get("outputs", [])) for cell in cells]


def test_notebook__is_what_the_script_gives() -> None:
    told = "python -m tests tape makes it anew"
    assert [source for source, _ in outputs(committed())] == [source for source, _ in outputs(page())], told


def test_tape__is_whole_small_and_of_a_cloud() -> None:
    tape = tape_file.read_tape(FOLDER / TAPE)
    assert tape.header.backend == "cloud"
    assert len(tape.exchanges) > 20
    assert any(medium.type == "video/mp4" and medium.data for medium in tape.media.values())
    assert (FOLDER / TAPE).stat().st_size <= 1_500_000


def test_notebook__tells_of_costs_stages_and_silence() -> None:
    told = json.dumps(outputs(committed()), ensure_ascii=False)
    for words in ("300 available", "The pictures are ready", "150 ", "Harbour Lights", FILM, "📼"):
        assert words in told


def test_notebook__shows_the_same_again_without_a_network(tmp_path: Path) -> None:
    folder = tmp_path / "notebooks"
    shutil.copytree(FOLDER / "media", folder / "media")
    shutil.copyfile(FOLDER / TAPE, folder / TAPE)
    path = os.pathsep.join(filter(None, [str(NO_NETWORK), os.environ.get("PYTHONPATH")]))
    again = run_in(folder, page(), PYTHONPATH=path, NEMO_TEST_TRIED=str(tmp_path / "tried"), TZ="Asia/Tokyo")
    for (source, before), (_, now) in zip(outputs(committed()), outputs(again), strict=True):
        assert now == before, source
    assert not (tmp_path / "tried").exists()
    assert (folder / FILM).stat().st_size > 10_000
