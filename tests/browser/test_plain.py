"""The studio where the panel's own parts cannot run: plain widgets do the same work."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from nemo_notebook import examples

from .axe import picture
from .conftest import Cells, Lab

pytestmark = pytest.mark.timeout(180)
MEDIA = (examples.folder() / "media").as_posix()
STUDIO = """from nemo_notebook.notebook.widgets import studio
studio._PATIENCE_S = 1.0
%load_ext nemo_notebook
%config NemoMagics.backend = 'local'
%nemo studio"""
LOOK = "line = %nemo status\nprint('on it:', sorted(set(line.frame.kind)))"
SECONDS = 1000


def test_plain__makes_a_film_where_the_studios_own_parts_cannot_run(page: Page, lab: Lab, cells: Cells) -> None:
    page.route("**/extensions/anywidget/**", lambda route: route.abort())
    cells.show("plain.ipynb", STUDIO, LOOK)
    output = cells[0].locator(".jp-Cell-outputArea")
    expect(output).to_contain_text("here is a plain panel", timeout=30 * SECONDS)
    expect(output.get_by_text("javascript error").first).to_be_hidden()
    picture(page, "plain-empty")
    upload, send, export = (output.get_by_role("button", name=name) for name in ("Upload", "Send", "Export"))
    expect(export).to_be_disabled()
    output.get_by_placeholder("song.mp3").fill(f'"{MEDIA}/song.mp3" {MEDIA}/city.mp4')
    upload.click()
    expect(output).to_contain_text("✓ city.mp4", timeout=30 * SECONDS)
    output.get_by_placeholder("Say what you want").fill("make a 2 second music video")
    send.click()
    expect(output.get_by_role("img", name="Timeline").first).to_be_visible(timeout=30 * SECONDS)
    expect(export).to_be_enabled()
    export.click()
    video = output.locator(".nemo-plain video")
    expect(video).to_be_visible(timeout=60 * SECONDS)
    page.wait_for_function("(video) => video.duration > 1.5 && video.duration < 2.5", arg=video.element_handle())
    expect(send).to_be_enabled()
    expect(output.locator(".nemo-snapshot video")).to_be_attached(timeout=30 * SECONDS)
    expect(output.locator("video:visible")).to_have_count(1)  # what the saved notebook will show is not shown beside it
    video.scroll_into_view_if_needed()
    picture(page, "plain-done")
    cells.run(1)
    expect(cells[1]).to_contain_text("on it: ['audio', 'video']")  # a cell sees what the panel has done
