"""A notebook of one cell in a JupyterLab, for the benchmarks that drive a browser."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import nbformat
from playwright.sync_api import Page, TimeoutError as PlaywrightTimeout

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from lab_server import TOKEN


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
