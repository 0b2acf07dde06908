"""`%nemo open` in JupyterLab: the project's page opens, and its address is left nowhere."""

from __future__ import annotations

from cloud_stage import Cloud
from playwright.sync_api import Page, expect

from .axe import picture
from .conftest import Cells, Lab

SETUP = """
import os
os.environ["NEMO_API_URL"] = os.environ["NEMO_WEB_URL"] = "{url}"
%load_ext nemo_notebook
%nemo connect
"""


def test_open__brings_the_page_and_leaves_its_address_nowhere(page: Page, lab: Lab, cells: Cells) -> None:
    with Cloud() as web:
        cells.show("open.ipynb", SETUP.format(url=web.url), "%nemo open", "'another cell'")

        button = cells[1].get_by_role("button", name="Open in NemoVideo")
        link = cells[1].get_by_role("link", name="Open the page")
        cells.run(1)
        expect(button).to_be_visible()
        picture(page, "open-button")
        assert web.claims == 0
        button.focus()
        web.opens(page, lambda: page.keyboard.press("Enter"))
        assert web.claims == 1
        expect(cells[1].locator(".nemo-open-button")).to_have_count(0)
        assert cells.shown(1) == []

        page.evaluate("window.really = window.open; window.open = () => null")  # as a browser does that blocks pop-ups
        cells.run(1)
        button.click()
        expect(link).to_be_focused()
        picture(page, "open-link")
        web.opens(page, lambda: page.keyboard.press("Enter"))
        expect(cells[1].locator(".nemo-open-button")).to_have_count(0)
        page.evaluate("window.open = window.really")

        web.is_down = True
        cells.run(1)
        button.click()
        expect(cells[1].get_by_role("alert")).to_contain_text("session")
        expect(button).to_be_enabled()
        picture(page, "open-refused")
        web.is_down = False
        web.opens(page, button.click)

        cells.run(1)
        expect(button).to_be_visible()
        cells.run(2)
        expect(cells[1].locator(".nemo-open-button")).to_have_count(0)

        page.keyboard.press("Control+s")
        expect(page.locator(".jp-Document.jp-mod-dirty, .lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    saved = (lab.folder / "open.ipynb").read_text(encoding="utf-8")
    assert "another cell" in saved
    assert "clm_" not in saved
    assert "widget-view" not in saved
    assert "clm_" not in page.content()
