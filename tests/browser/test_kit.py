"""What all parts of the panel share, in a page: questions and answers, urgent ones, files of the server, troubles."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Cells, Lab

pytestmark = pytest.mark.timeout(180)

PART = f"""
import time
from nemo_notebook import errors
from nemo_notebook.notebook.widgets.part import PageAnswer, PanelPart, module, stylesheet
from nemo_notebook.notebook.widgets.studio import StudioHeader

class Probe(PanelPart):
    _esm = module("studio").split("export default")[0] + {Path(__file__).with_suffix(".js").read_text("utf-8")!r}
    _css = stylesheet("studio")
    def do_double(self, word: str, buffers: list):
        return PageAnswer(word * 2, [bytes(b) * 2 for b in buffers])
    async def do_fail(self):
        raise errors.FileMissing("There is no <b>file</b>.", hint="Look again: `ls`.")
"""


def test_kit__asks_answers_and_shows_what_goes_wrong(page: Page, lab: Lab, cells: Cells) -> None:
    (lab.folder / "film.bin").write_bytes(b"film!")
    cells.show(
        "kit.ipynb",
        f"%load_ext nemo_notebook\nsession = %nemo connect --backend local\n{PART}",
        "display(Probe(session), StudioHeader(session))",
        "from pathlib import Path\nfor _ in range(600):\n    if Path('go').exists(): break\n    time.sleep(0.1)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    )
    cells.run(1)
    out = page.locator(".nemo-probe output")

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    press("double")
    expect(out).to_have_text("double: abab 1,2,1,2")
    press("fail")
    expect(out).to_have_text("fail: There is no <b>file</b>.")
    trouble = page.locator(".nemo-probe .nemo-trouble")
    expect(trouble).to_contain_text("Look again: ls.")
    expect(trouble.locator("code")).to_have_text("ls")
    page.get_by_role("button", name="Dismiss").click()
    expect(trouble).to_be_hidden()
    press("file")
    expect(out).to_have_text(f"file: {lab.url}/files/{lab.place}film.bin")
    for name in ("wrong", "above"):
        press(name)
        expect(out).to_have_text(f"{name}: null")
    page.get_by_role("button", name="leave", exact=True).press("Enter")
    expect(page.get_by_role("button", name="double", exact=True)).to_be_focused()
    page.get_by_label("field").click()
    page.keyboard.type("ddxab")  # in command mode, Lab would cut the cell and add others
    for focused in page.locator(".nemo-probe :is(button, [tabindex])").all():
        focused.focus()
        page.keyboard.type("ddxab")
    out.click()  # nothing that can have the focus
    page.keyboard.type("ddxab")
    assert page.locator(".jp-CodeCell").count() == 4

    cells.begin(2)  # the kernel is busy
    for name, answer in (("urgent", "uu"), ("slow", "ss"), ("urgent", "uu")):
        press(name)
        expect(out).to_have_text(f"{name}: {answer}", timeout=5_000)
    expect(cells[2].locator(".jp-InputPrompt")).to_have_text("[*]:")
    Path(lab.folder / "go").touch()
    cells.ended(2)

    assert page.locator(".nemo-gone").count() == 0
    cells.restart_kernel()
    for kept in (trouble, page.locator(".nemo-header .nemo-trouble")):
        expect(kept).to_contain_text("Run this cell again", timeout=40_000)
    press("double")
    expect(out).to_have_text("double: The kernel was restarted.", timeout=40_000)
    for number in (0, 1):
        cells.run(number)
    press("double")
    expect(out).to_have_text("double: abab 1,2,1,2")
    assert page.locator(".nemo-gone").count() == 0

    cells.begin(3)
    expect(page.locator(".jp-Dialog")).to_contain_text("restart", timeout=30_000)  # Lab says that it has died
    page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
    expect(trouble).to_contain_text("Run this cell again", timeout=40_000)
