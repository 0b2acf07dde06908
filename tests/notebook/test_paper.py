"""Saved notebooks converted by nbconvert."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter
from nbconvert.exporters.exporter import Exporter
from nbconvert.preprocessors import SVG2PDFPreprocessor
from timelines import FILM, SONG

from nemo_notebook.film.sounds import read_sounds
from nemo_notebook.film.timeline import Timeline


def notebook() -> nbformat.NotebookNode:
    line = Timeline(FILM, sounds=read_sounds([SONG]))
    results = [
        nbformat.v4.new_output("execute_result", shown._repr_mimebundle_(), execution_count=1)
        for shown in (line, line.plot())
    ]
    cells = [nbformat.v4.new_code_cell("line", outputs=[result], execution_count=1) for result in results]
    made = nbformat.v4.new_notebook(cells=cells)
    nbformat.validate(made)
    return made


def test_latex__has_the_text_and_needs_no_inkscape(monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(*_: object) -> None:
        pytest.fail("Inkscape was called.")

    monkeypatch.setattr(SVG2PDFPreprocessor, "convert_figure", convert)
    page, resources = LatexExporter().from_notebook_node(notebook())
    assert page.count("Timeline (3 tracks)") == 2
    assert not resources["outputs"]


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter], ids=["html", "markdown"])
def test_pages__show_the_picture_and_the_table(exporter: type[Exporter]) -> None:
    page, _ = exporter().from_notebook_node(notebook())
    assert len(re.findall(r"alt=[\"']Timeline \(3 tracks\)", page)) == 2
    assert "<table" in page
