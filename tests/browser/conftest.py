"""A real JupyterLab in a real browser: one of each for a worker, with a folder for each module."""

from __future__ import annotations

import contextlib
import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from chromium import chromium
from lab_server import SETTINGS, TOKEN, lab_server
from page_scripts import scripts
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

JS = scripts(__file__)
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")


@dataclass(frozen=True)
class Lab:
    """A running server, seen from one of its folders.

    Attributes:
        url: Its address.
        folder: Where notebooks are written.
        home: What belongs to the server and its kernels alone.
        place: The folder's path on the server, with a slash at its end; empty for the uppermost.
    """

    url: str
    folder: Path
    home: Path
    place: str = ""

    def within(self, name: str) -> Lab:
        """The same server, seen from a new folder."""
        folder = self.folder / name
        folder.mkdir()
        return replace(self, folder=folder, place=f"{self.place}{name}/")

    def write(self, name: str, *cells: str) -> None:
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        made = [nbformat.v4.new_code_cell(cell) for cell in cells]
        notebook = nbformat.v4.new_notebook(cells=made, metadata=kernel)
        nbformat.write(notebook, self.folder / name)

    def address(self, name: str, front: str = "lab") -> str:
        """The notebook in JupyterLab, or in `notebook` (version 7)."""
        page = f"lab/tree/{self.place}{name}" if front == "lab" else f"notebooks/{self.place}{name}"
        return f"{self.url}/{page}?token={TOKEN}&reset"

    def start_kernel(self, name: str) -> None:
        """Give the notebook a kernel, if it has none: a page that has to start one may ask which first."""
        path = f"{self.place}{name}"
        wanted = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        self._ask("sessions", "POST", wanted).close()

    def choose_theme(self, name: str) -> None:
        """From the next page on: `Light` or `Dark`."""
        (self.home / SETTINGS / "themes.jupyterlab-settings").write_text(json.dumps({"theme": f"JupyterLab {name}"}))

    def sessions(self) -> list[dict[str, Any]]:
        """What the notebooks have started."""
        with self._ask("sessions") as answer:
            return list(json.load(answer))

    def forget_kernels(self) -> None:
        """End what the notebooks have started."""
        for session in self.sessions():
            self._ask(f"sessions/{session['id']}", "DELETE").close()

    def _ask(self, path: str, method: str = "GET", body: Any = None) -> Any:
        address = f"{self.url}/api/{path}?token={TOKEN}"
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.urlopen(urllib.request.Request(address, data, method=method), timeout=60)


class Cells:
    """The cells of the notebook on a page."""

    def __init__(self, page: Page, lab: Lab) -> None:
        self.page, self.lab = page, lab

    def open(self, name: str, *sources: str, front: str = "lab") -> None:
        """Open a notebook, and wait for its kernel; with the `sources` of its cells it is written before."""
        if sources:
            self.lab.write(name, *sources)
        self.lab.start_kernel(name)
        self.page.goto(self.lab.address(name, front))
        self[0].wait_for(timeout=60_000)
        self.page.wait_for_function(JS.listens, arg=False, timeout=60_000)

    def show(self, name: str, *sources: str, front: str = "lab") -> None:
        """Write a notebook, open it, and run its first cell."""
        self.open(name, *sources, front=front)
        self.run(0)

    def __getitem__(self, number: int) -> Locator:
        return self.page.locator(".jp-CodeCell").nth(number)

    def begin(self, number: int) -> None:
        """Run a cell, and go on."""
        self._command("notebook:run-cell", number)

    def _command(self, name: str, number: int) -> None:
        """Give Lab the command itself: keys and menus are lost until the page has bound them to the notebook."""
        self.page.wait_for_function(JS.listens, arg=True, timeout=60_000)
        self[number].locator(".cm-content").click()
        self.page.evaluate("(name) => { window.jupyterapp.commands.execute(name); }", name)
        expect(self[number].locator(".jp-InputPrompt")).not_to_have_text("[ ]:", timeout=30_000)

    def run(self, number: int) -> None:
        """Run a cell to its end."""
        self.begin(number)
        self.ended(number)

    def ended(self, number: int, timeout_s: float = 60) -> None:
        """Wait for the end of a cell that runs."""
        done = re.compile(r"\[\d+\]:")
        expect(self[number].locator(".jp-InputPrompt")).to_have_text(done, timeout=1000 * timeout_s)

    def restart_kernel(self) -> None:
        """Restart the kernel, by the menu."""
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.locator(".lm-Menu").get_by_text("Restart Kernel…", exact=True).click()
        dialog = self.page.locator(".jp-Dialog")
        dialog.get_by_role("button", name="Confirm Kernel Restart").click()
        expect(dialog).to_have_count(0)
        self.page.wait_for_function(JS.listens, arg=False, timeout=60_000)

    def shown(self, number: int) -> list[str]:
        """The texts of a cell's outputs that take any room."""
        texts = self[number].locator(".jp-OutputArea-child").evaluate_all(JS.textsOfShown)
        return [str(text).strip() for text in texts]


def point_at(part: Locator, x: float, y: float) -> None:
    """Bring a part of a notebook into view, and the mouse to a place in it where nothing lies over it."""
    part.evaluate(JS.stays)
    part.hover(position={"x": x, "y": y})


def until(is_so: Callable[[], Any], longest_s: float = 30.0) -> None:
    """Wait for something that no page tells of."""
    end_s = time.monotonic() + longest_s
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.05)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with serving_lab(tmp_path_factory) as running:
        yield running


@pytest.fixture(scope="module")
def lab(server: Lab, request: pytest.FixtureRequest) -> Lab:
    return server.within(Path(request.node.name).stem)


@contextlib.contextmanager
def serving_lab(tmp_path_factory: pytest.TempPathFactory, base: str = "/") -> Iterator[Lab]:
    """A server, all of whose addresses begin with `base`."""
    chromium()
    folder, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("lab-home")
    with lab_server(folder, home, base) as url:
        yield Lab(url, folder, home)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    """What all pages share: what a browser keeps of JupyterLab's own files."""
    return browser.new_context(viewport={"width": 1400, "height": 1000})


@pytest.fixture
def page(context: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    transcript = tmp_path_factory.mktemp("browser") / "transcript.txt"
    page = context.new_page()
    with transcript.open("w", encoding="utf-8", buffering=1) as written:
        # What the page says and asks for, to be searched when the tests are through.
        page.on("console", lambda message: written.write(f"console {message.text}\n"))
        page.on("pageerror", lambda error: written.write(f"error {error}\n"))
        page.on("request", lambda request: written.write(f"{request.method} {request.url}\n"))
        page.on("websocket", lambda socket: written.write(f"websocket {socket.url}\n"))
        yield page
        written.write(page.content())
        page.close()


@pytest.fixture
def cells(page: Page, lab: Lab) -> Iterator[Cells]:
    yield Cells(page, lab)
    lab.forget_kernels()
    lab.choose_theme("Light")
