"""A JupyterLab for the benchmarks that drive a browser, and a notebook of one cell in it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
from playwright.sync_api import Page, TimeoutError as PlaywrightTimeout

TOKEN = "for-this-bench"


@contextlib.contextmanager
def running_lab(folder: Path) -> Iterator[str]:
    """Run JupyterLab on a folder, with a home of its own in it; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = folder / ".home"
    settings = home / "lab" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    env = {**os.environ, "NEMO_HOME": str(home), "IPYTHONDIR": str(home), "JUPYTER_CONFIG_DIR": str(home)}
    env["JUPYTERLAB_SETTINGS_DIR"] = str(home / "lab")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--port-retries=0"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(600):
                with contextlib.suppress(urllib.error.URLError, ConnectionError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={TOKEN}", timeout=5).close()
                    break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def run_cell(page: Page, url: str, folder: Path, code: str, shown: str) -> None:
    """Open a notebook with one cell, run it, and wait until it shows the element of the selector `shown`."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata=kernel)
    nbformat.write(notebook, folder / "bench.ipynb")
    page.goto(f"{url}/lab/tree/bench.ipynb?token={TOKEN}&reset")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for(timeout=90_000)
    for _ in range(10):  # keys work only once the page has bound them to the notebook
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Control+Enter")
        with contextlib.suppress(PlaywrightTimeout):
            page.locator(shown).wait_for(timeout=20_000)
            return
    sys.exit(f"The cell did not show {shown}.")
