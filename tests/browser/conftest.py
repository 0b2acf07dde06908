"""A real JupyterLab in a real browser."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from chromium import chromium
from playwright.sync_api import Locator, Page, expect, sync_playwright

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")


@dataclass(frozen=True)
class Lab:
    """A running server."""

    url: str
    token: str
    folder: Path
    settings: Path

    def write(self, name: str, *cells: str) -> None:
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        made = [nbformat.v4.new_code_cell(cell) for cell in cells]
        notebook = nbformat.v4.new_notebook(cells=made, metadata=kernel)
        nbformat.write(notebook, self.folder / name)

    def address(self, name: str) -> str:
        return f"{self.url}/lab/tree/{name}?token={self.token}&reset"

    def choose_theme(self, name: str) -> None:
        """From the next page on: `Light` or `Dark`."""
        (self.settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": f"JupyterLab {name}"}))

    def forget_kernels(self) -> None:
        """End what the notebooks have started."""
        address = f"{self.url}/api/sessions{{}}?token={self.token}"
        with urllib.request.urlopen(address.format(""), timeout=30) as answer:
            sessions = json.load(answer)
        for session in sessions:
            end = urllib.request.Request(address.format(f"/{session['id']}"), method="DELETE")
            urllib.request.urlopen(end, timeout=30).close()


class Cells:
    """The cells of the notebook on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, lab: Lab, name: str) -> None:
        self.page.goto(lab.address(name))
        self[0].wait_for(timeout=60_000)
        self.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for(timeout=60_000)

    def __getitem__(self, number: int) -> Locator:
        return self.page.locator(".jp-CodeCell").nth(number)

    def begin(self, number: int) -> None:
        """Run a cell, and go on."""
        prompt = self[number].locator(".jp-InputPrompt")
        for _ in range(10):  # keys work only once the page has bound them to the notebook, and nothing shows when
            assert not self.page.locator(".jp-Dialog").all_inner_texts()
            self[number].locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            try:
                expect(prompt).not_to_have_text("[ ]:", timeout=2_000)
            except AssertionError:
                continue
            return
        raise AssertionError("the cell was not run")

    def run(self, number: int) -> None:
        """Run a cell to its end."""
        self.begin(number)
        self.ended(number)

    def ended(self, number: int, timeout_s: float = 60) -> None:
        """Wait for the end of a cell that runs."""
        done = re.compile(r"\[\d+\]:")
        expect(self[number].locator(".jp-InputPrompt")).to_have_text(done, timeout=1000 * timeout_s)

    def shown(self, number: int) -> list[str]:
        """The texts of a cell's outputs that take any room."""
        texts = (
            self[number]
            .locator(".jp-OutputArea-child")
            .evaluate_all(
                "(all) => all.filter((each) => each.getBoundingClientRect().height > 0).map((each) => each.innerText)"
            )
        )
        return [str(text).strip() for text in texts]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    chromium()
    folder, home, token = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("lab-home"), "for-this-test"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = home / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    env = {
        **os.environ,
        "NEMO_HOME": str(home / "nemo"),
        "JUPYTER_CONFIG_DIR": str(home),
        "IPYTHONDIR": str(home / "ipy"),
    }
    env["JUPYTERLAB_SETTINGS_DIR"] = str(home / "lab" / "user-settings")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--port-retries=0"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    running = Lab(f"http://127.0.0.1:{port}", token, folder, settings)
    try:
        _wait(f"{running.url}/api?token={token}", server)
        yield running
    finally:
        server.terminate()
        server.wait(20)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def page(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    transcript = tmp_path_factory.mktemp("browser") / "transcript.txt"
    with sync_playwright() as playwright, transcript.open("w", encoding="utf-8", buffering=1) as written:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        # What the page says and asks for, to be searched when the tests are through.
        page.on("console", lambda message: written.write(f"console {message.text}\n"))
        page.on("pageerror", lambda error: written.write(f"error {error}\n"))
        page.on("request", lambda request: written.write(f"{request.method} {request.url}\n"))
        page.on("websocket", lambda socket: written.write(f"websocket {socket.url}\n"))
        yield page
        written.write(page.content())
        browser.close()
