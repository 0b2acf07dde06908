"""Replies in a saved notebook that is opened in JupyterLab without running it."""

from __future__ import annotations

import nbformat
from hostile_replies import REPLIES
from page_scripts import scripts
from playwright.sync_api import Page, expect

from nemo_notebook.notebook.markdown import read_markdown, write_html
from nemo_notebook.outside import plain

from .conftest import Lab

JS = scripts(__file__)
SECONDS = 1000
A_CELL = 20  # outputs; JupyterLab folds up what comes behind the 50th


def test_saved_replies__bring_nothing_to_life(page: Page, lab: Lab) -> None:
    shown = [write_html(read_markdown(plain(reply))) for reply in REPLIES]
    outputs = [nbformat.v4.new_output("display_data", {"text/plain": "", "text/html": text}) for text in shown]
    starts = range(0, len(outputs), A_CELL)
    cells = [nbformat.v4.new_code_cell("1", outputs=outputs[start : start + A_CELL]) for start in starts]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), lab.folder / "replies.ipynb")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"alert {dialog.message}"))
    page.goto(lab.address("replies.ipynb"))
    seen = page.locator(".jp-OutputArea-output")
    expect(seen).to_have_count(len(shown), timeout=60 * SECONDS)
    expect(seen.last).to_have_text("costs $5 and $10, or $5 and $10", timeout=30 * SECONDS)
    for n, reply in enumerate(REPLIES):
        assert seen.nth(n).evaluate(JS.harm) == [], reply
    assert [address for address in asked if "evil.test" in address or "alert" in address] == []
