"""Replies in JupyterLab: while they come, and in a saved notebook that is opened without running it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import nbformat
from hostile_replies import REPLIES
from playwright.sync_api import Page, expect

from nemo_notebook.notebook.markdown import markdown

from .conftest import Cells, Lab

SECONDS = 1000
A_CELL = 20  # outputs; JupyterLab folds up what comes behind the 50th
HARM = """
(page) => [...page.querySelectorAll("*")].flatMap((each) => [
  ...(/^(script|iframe|img|svg|object|embed|form|input|mjx-container)$/i.test(each.tagName) ? [each.tagName] : []),
  ...[...each.attributes]
    .filter(({ name, value }) => /^on/.test(name) || (name === "href" && !/^(https?:|mailto:|#)/.test(value)))
    .map(({ name, value }) => `${name}=${value}`),
])
"""
TURN = """
import threading
from nemo_notebook.notebook.display import Outlet
from nemo_notebook.notebook.commands.chat import kind_of_work, open_stream
over = threading.Event()
def turn():
    shown = open_stream(Outlet(get_ipython()))
    shown.note(kind_of_work("add_music"))
    shown.feed("**Adding** music for $5 or $10.")
    while not over.wait(0.1):
        shown.tick()
    shown.close()
thread = threading.Thread(target=turn)
thread.start()
try:
    over.wait(120)
except KeyboardInterrupt:
    print("stopped")
over.set()
thread.join()
"""


def test_saved_replies__bring_nothing_to_life(page: Page, lab: Lab) -> None:
    shown = [markdown(reply) for reply in REPLIES]
    cells = [
        nbformat.v4.new_code_cell(
            "1",
            outputs=[
                nbformat.v4.new_output("display_data", data={"text/plain": "", "text/markdown": text})
                for text in shown[begin : begin + A_CELL]
            ],
        )
        for begin in range(0, len(shown), A_CELL)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), lab.folder / "replies.ipynb")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"alert {dialog.message}"))
    page.goto(lab.address("replies.ipynb"))
    outputs = page.locator(".jp-OutputArea-output")
    expect(outputs).to_have_count(len(shown), timeout=60 * SECONDS)
    expect(outputs.last).to_have_text("costs $5 and $10, or $5 and $10", timeout=30 * SECONDS)
    for n, reply in enumerate(REPLIES):
        assert outputs.nth(n).evaluate(HARM) == [], reply
    assert [address for address in asked if "evil.test" in address or "alert" in address] == []


def test_stop__ends_the_cell_and_leaves_only_the_reply(page: Page, lab: Lab, cells: Cells) -> None:
    cells.open("turn.ipynb", TURN)
    cells.begin_all()
    line = page.locator(".nemo-live-words")
    expect(line).to_contain_text("⏳ Still working... 0:0", timeout=60 * SECONDS)
    expect(line).to_contain_text("· adding music")
    expect(page.locator(".jp-RenderedMarkdown").last).to_have_text("Adding music for $5 or $10.")
    page.locator(".nemo-live-stop").focus()
    begun_s = time.monotonic()
    page.keyboard.press("Enter")
    page.get_by_text("stopped", exact=True).wait_for(timeout=10 * SECONDS)
    assert time.monotonic() - begun_s < 2
    expect(page.locator(".nemo-live")).to_have_count(0)
    page.keyboard.press("Control+s")
    until_s = time.monotonic() + 30
    while not (outputs := _saved_outputs(lab.folder / "turn.ipynb")):
        assert time.monotonic() < until_s
        page.wait_for_timeout(100)
    assert "widget-view" not in json.dumps(outputs)
    assert any("text/markdown" in output.get("data", {}) for output in outputs)


def _saved_outputs(notebook: Path) -> list[dict[str, Any]]:
    """The first cell's; none while the server is about to write the file."""
    text = notebook.read_text()
    return json.loads(text)["cells"][0]["outputs"] if text else []
