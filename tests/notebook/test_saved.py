"""What a saved notebook shows to somebody without a kernel: the file itself, and what nbconvert makes of it."""

from __future__ import annotations

import copy
import re
import threading
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from cases import cases, tables
from chromium import chromium
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter
from nbconvert.exporters.exporter import Exporter
from nbconvert.preprocessors import SVG2PDFPreprocessor
from playwright.sync_api import sync_playwright
from printed import read
from stage import Stage

from nemo_notebook import examples

MEDIA = examples.folder() / "media"
WIDGET = "application/vnd.jupyter.widget-view+json"
DRAFT = {"d": 3000, "t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "m": {"text": "<script>boom()</script>"}}]}]}
HOSTILE = {"many": tables(Path(__file__).with_suffix(".toml"))["hostile"], "long": "x" * 1_000_000}


class Elements(HTMLParser):
    """The elements and attributes of a page's outputs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts = 0
        self.live: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        for name, value in attrs:
            text = re.sub(r"[\s\x00-\x1f]", "", (value or "").lower())
            is_link = tag == "a" and name == "href"  # to the web, and nobody is taken there without a click
            loads = "evil.test" in text and not is_link
            if name.startswith("on") or text.startswith(("javascript:", "vbscript:")) or loads:
                self.live.append(f"{tag} {name}={value!r}"[:200])


def run(folder: Path, *cells: str) -> nbformat.NotebookNode:
    """A notebook, run from top to bottom and saved."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.write(notebook, folder / "saved.ipynb")
    return nbformat.read(folder / "saved.ipynb", as_version=4)


def outputs(notebook: nbformat.NotebookNode, cell: int) -> list[nbformat.NotebookNode]:
    return [output for output in notebook.cells[cell].outputs if output.output_type != "stream"]


def kinds(notebook: nbformat.NotebookNode, cell: int) -> set[str]:
    return {kind for output in outputs(notebook, cell) for kind in output.data}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    folder = tmp_path_factory.mktemp("film")
    return run(
        folder,
        "%load_ext nemo_notebook\n%nemo connect --backend local",
        f"%nemo upload {MEDIA.as_posix()}/song.mp3 {MEDIA.as_posix()}/city.mp4",
        "%nemo make a 6 second music video, cut on the beat, with the title 城市之梦",
        "line = %nemo status",
        "line.plot()",
        "%nemo export film.mp4 --quality low --resolution 480p",
        "%nemo skills\n%nemo jobs\n%nemo history\n%nemo help",
    )


def test_saved__has_text_table_plot_and_poster_and_no_widget(film: nbformat.NotebookNode) -> None:
    assert not [output for cell in film.cells for output in cell.outputs if WIDGET in output.get("data", {})]
    assert "widgets" not in film.metadata
    assert "text/html" in kinds(film, 2)
    (table,) = outputs(film, 3)
    assert set(table.data) == {"text/plain", "text/html"}
    assert "<table" in table.data["text/html"]
    assert "data:image/svg+xml;base64," in table.data["text/html"]
    assert "城市之梦" in table.data["text/plain"]
    assert "data:image/svg+xml;base64," in outputs(film, 4)[0].data["text/html"]
    film_shown = "".join(output.data.get("text/html", "") for output in outputs(film, 5))
    assert 'poster="data:image/jpeg;base64,' in film_shown
    assert '<img src="data:image/jpeg;base64,' in film_shown  # for readers that take the player out
    assert "nmv_usr_" not in nbformat.writes(film)


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter], ids=["html", "markdown"])
def test_converted__shows_the_same(film: nbformat.NotebookNode, exporter: type[Exporter]) -> None:
    page, _ = exporter().from_notebook_node(film)
    assert "城市之梦" in page
    assert "<table" in page
    assert len(re.findall(r"alt=[\"']时间线（", page)) == 3  # of the reply, the table and the picture
    assert "data:image/svg+xml;base64," in page
    assert "<IPython.core" not in page
    assert "object at 0x" not in page


def test_printed__is_the_same_on_paper(film: nbformat.NotebookNode) -> None:
    page, _ = HTMLExporter().from_notebook_node(film)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        paper = browser.new_page()
        paper.route("http*://**", lambda route: route.abort())  # nbconvert's pages fetch MathJax
        paper.set_content(page, wait_until="load")
        words, photographs = read(paper.pdf())
        browser.close()
    assert "Done:" in words
    assert "duration_s" in words
    assert "clip-1" in words
    assert words.count("城市之梦") >= 4  # what was said, the line, the table and the picture
    assert re.search(r"0s(?:[\d.]+s){3,}", words)  # the ruler of the picture
    assert photographs >= 1


def test_latex__has_the_text_and_needs_no_inkscape(
    film: nbformat.NotebookNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def convert(*_: object) -> None:
        pytest.fail("Inkscape was called.")

    monkeypatch.setattr(SVG2PDFPreprocessor, "convert_figure", convert)
    film = copy.deepcopy(film)
    film.cells = film.cells[3:5]  # the timeline and its picture; a poster would need files beside the page
    page, resources = LatexExporter().from_notebook_node(film)
    assert page.count("时间线（") == 2
    assert not resources["outputs"]


@cases
def test_error__in_nbclient_ends_in_the_next_step(tmp_path: Path, cell: str, message: str, hint: str) -> None:
    with pytest.raises(CellExecutionError) as caught:
        run(tmp_path, cell)
    told = [line for line in str(caught.value).splitlines() if line]
    assert message in told[-2]
    assert hint in told[-1]
    assert told[-3].startswith("----")  # the end of the cell: nothing of our inside stands between


@pytest.mark.parametrize("attack", HOSTILE)
def test_hostile_reply__does_no_harm_when_saved(tmp_path: Path, attack: str) -> None:
    with Stage(DRAFT) as stage:

        def play() -> None:
            turn = stage.turn("go")
            words = HOSTILE[attack]
            for start in range(0, len(words), max(1, len(words) // 7)):
                turn.say(words[start : start + max(1, len(words) // 7)])
            turn.end(words)

        playing = threading.Thread(target=play)
        playing.start()
        notebook = run(
            tmp_path,
            f"%load_ext nemo_notebook\n%nemo connect --backend {stage.url}",
            "%nemo chat go",
            "%nemo status",
        )
        playing.join()
    saved = (tmp_path / "saved.ipynb").stat().st_size
    assert saved < 3 * len(HOSTILE[attack]) + 30_000
    text = nbformat.writes(notebook)
    assert "\\u001b" not in text
    assert "\\u202e" not in text
    bare = nbformat.v4.new_notebook()
    for exporter in (HTMLExporter(), MarkdownExporter()):
        page, _ = exporter.from_notebook_node(notebook)
        empty, _ = exporter.from_notebook_node(bare)
        found = Elements(page)
        assert found.scripts == Elements(empty).scripts
        assert not [each for each in found.live if each not in Elements(empty).live]
        if attack == "long":
            assert page.count("x") >= 1_000_000
