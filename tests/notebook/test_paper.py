"""Saved notebooks on paper: what nbconvert takes for LaTeX needs no other program, and pages are as they were."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter
from nbconvert.exporters.exporter import Exporter
from nbconvert.preprocessors import SVG2PDFPreprocessor
from timelines import FILM, SONG

from nemo_notebook.film.known import read_sounds
from nemo_notebook.film.picture.pdf import to_pdf
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


def test_latex__takes_the_page_and_asks_for_no_inkscape(monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(*_: object) -> None:
        pytest.fail("Something is converted.")

    monkeypatch.setattr(SVG2PDFPreprocessor, "convert_figure", convert)
    page, resources = LatexExporter().from_notebook_node(notebook())
    files = {name: body for name, body in resources["outputs"].items() if name.endswith(".pdf")}
    svg = Timeline(FILM, sounds=read_sounds([SONG])).plot().svg
    assert list(files.values()) == [to_pdf(svg)] * 2
    assert all(re.search(rf"\\adjustimage{{[^\n]*}}{{{re.escape(name)}}}", page) for name in files)


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter], ids=["html", "markdown"])
def test_pages__show_the_html_as_before(exporter: type[Exporter]) -> None:
    page, _ = exporter().from_notebook_node(notebook())
    assert len(re.findall(r"alt=[\"']Timeline \(3 tracks\)", page)) == 2
    assert "<table" in page
    assert "application/pdf" not in page
    assert ".pdf" not in page
