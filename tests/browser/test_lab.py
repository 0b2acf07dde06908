"""What a person sees in JupyterLab: cells with their outputs, and the quickstart."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from page_scripts import scripts
from playwright.sync_api import Page, expect

from nemo_notebook import examples

from .conftest import Cells, Lab

JS = scripts(__file__)
SECONDS = 1000


def test_example__is_not_taken_for_changed_when_it_is_opened(
    page: Page, lab: Lab, cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nemo_notebook.examples.os.access", lambda *_: False)
    examples.working_copy(lab.folder)
    cells.open("quickstart.ipynb")
    assert page.evaluate(JS.isDirty) is False


def test_lab_command__opens_the_quickstart(page: Page, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nemo_notebook", "lab", "--", "--no-browser", "--allow-root", "--port=0"]
    env = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as lab:
        assert lab.stderr is not None
        try:
            address = next(
                line.split()[-1] for line in lab.stderr if "http://127.0.0.1" in line and "quickstart" in line
            )
            listening(urlsplit(address).port)
            page.goto(address)
            expect(page.locator(".jp-RenderedMarkdown", has_text="A song becomes a music video")).to_be_visible(
                timeout=60 * SECONDS
            )
        finally:
            lab.kill()


def listening(port: int | None, longest_s: float = 20.0) -> None:
    """Wait until somebody listens at a port: Jupyter tells the address before it does."""
    until_s = time.monotonic() + longest_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port or 0), 1).close()
        except OSError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.05)
        else:
            return
