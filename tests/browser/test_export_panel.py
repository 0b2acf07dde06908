"""The export panel in JupyterLab: films in a row, followed, cancelled, downloaded; and what a gone kernel has left."""

from __future__ import annotations

import re
from pathlib import Path

import av
import pytest
from cloud_stage import Cloud
from part_page import PartPage
from playwright.sync_api import Locator, Page, expect

import nemo_notebook as nemo
from nemo_notebook import examples

from .axe import look_at
from .conftest import Cells, Lab

MEDIA = (examples.folder() / "media").as_posix()
SECONDS = 1000
DRAFT = {"d": 3000, "t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "text": "Hello"}]}]}
PANEL = "panel = nemo.ExportPanel()\npanel"
SHOWN = "window.shown = []; window.addEventListener('nemo:show', ({detail}) => window.shown.push(detail))"
LINES = "(all) => all.map((each) => [each.querySelector('.nemo-export-file').textContent, each.dataset.state])"


def rows(panel: Locator) -> list[list[str]]:
    """Name and state of what is listed."""
    return panel.locator(".nemo-export-row").evaluate_all(LINES)


def row(panel: Locator, name: str) -> Locator:
    return panel.locator(".nemo-export-row").filter(has=panel.page.get_by_text(name, exact=True))


def finds_nothing(page: Page, name: str) -> None:
    look_at(page, ".nemo-export", f"export-{name}")


def download(page: Page, control: Locator, folder: Path) -> Path:
    with page.expect_download() as coming:
        control.click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_panel__exports_in_a_row_and_hands_over_the_films(page: Page, lab: Lab, cells: Cells, tmp_path: Path) -> None:
    cells.open(
        "exports.ipynb",
        "%load_ext nemo_notebook\nimport time\nimport nemo_notebook as nemo\n%nemo connect --backend local",
        PANEL,
        f"%nemo upload {MEDIA}/city.mp4\n%nemo make a 6 second video with the title Night drive",
        "print('busy')\ntime.sleep(20)",
        "%nemo export cell.mp4 --quality low --resolution 480p --no-wait",
    )
    page.evaluate(SHOWN)
    cells.run(0)
    cells.run(1)
    panel = page.locator(".nemo-export")
    go = panel.get_by_role("button", name="Export", exact=True)
    expect(go).to_be_disabled()
    expect(panel).to_contain_text("The timeline is empty.")
    expect(panel.get_by_role("button", name="Free")).to_be_visible()
    finds_nothing(page, "empty")
    cells.run(2)
    expect(go).to_be_enabled(timeout=10 * SECONDS)
    expect(panel).to_contain_text("1920 × 1080 MP4 · 0:06")

    panel.get_by_role("radio", name="As it is").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("radio", name="TikTok")).to_be_focused()
    expect(panel.get_by_role("radio", name="TikTok")).to_be_checked()
    expect(panel).to_contain_text("1080 × 1920 MP4 · 0:06")
    page.keyboard.press("Home")
    panel.get_by_label("Quality").select_option("low")
    panel.get_by_label("Resolution").select_option("480p")
    expect(panel).to_contain_text("854 × 480 MP4 · 0:06")
    finds_nothing(page, "ready")
    name = panel.get_by_label("File name")
    expect(name).to_have_attribute("placeholder", re.compile(r"^[\w-]+\.mp4$"))
    (lab.folder / name.get_attribute("placeholder")).touch()
    panel.get_by_label("Format").select_option("mov")
    expect(name).to_have_attribute("placeholder", re.compile(r"^[\w-]+\.mov$"))
    panel.get_by_label("Format").select_option("mp4")
    expect(name).to_have_attribute("placeholder", re.compile(r"^[\w-]+-2\.mp4$"))
    for each in ("first", "second"):
        name.fill(each)
        page.keyboard.press("Enter")
    expect(row(panel, "second.mp4")).to_contain_text("Waiting for its turn")
    assert [name for name, _ in rows(panel)] == ["first.mp4", "second.mp4"]
    finds_nothing(page, "queued")
    for each in ("first", "second"):
        expect(row(panel, f"{each}.mp4")).to_have_attribute("data-state", "done", timeout=60 * SECONDS)
    expect(panel.locator(".nemo-export-told")).to_contain_text("about")

    link = panel.get_by_role("link", name="Download first.mp4")
    expect(link).to_be_visible(timeout=10 * SECONDS)
    film = download(page, link, tmp_path)
    assert film.name == "first.mp4"
    assert film.read_bytes() == (lab.folder / "first.mp4").read_bytes()
    with av.open(str(film)) as opened:
        assert (opened.streams.video[0].width, opened.streams.video[0].height) == (854, 480)
        assert opened.duration == pytest.approx(6e6, abs=5e4)
    panel.get_by_role("button", name="Show second.mp4").click()
    ((shown,)) = page.evaluate("window.shown")
    assert re.fullmatch(r"render_\w+", shown["job"])
    finds_nothing(page, "done")

    page.route("**/files/**", lambda route: route.abort())  # as where no server gives it to the page
    cells.run(4)
    expect(row(panel, "cell.mp4")).to_have_attribute("data-state", "done", timeout=60 * SECONDS)
    film = download(page, panel.get_by_role("button", name="Download cell.mp4"), tmp_path)
    assert film.read_bytes() == (lab.folder / "cell.mp4").read_bytes()
    (lab.folder / "second.mp4").unlink()

    cells.begin(3)
    expect(cells[3]).to_contain_text("busy")
    panel.get_by_label("Quality").select_option("high")
    panel.get_by_label("Resolution").select_option("4k")
    name.fill("third")
    go.click()
    expect(row(panel, "third.mp4")).to_have_attribute("data-state", "open", timeout=10 * SECONDS)
    expect(row(panel, "second.mp4")).to_contain_text("no longer there")
    panel.get_by_role("button", name="Cancel third.mp4").click()
    expect(row(panel, "third.mp4")).to_have_attribute("data-state", "cancelled", timeout=5 * SECONDS)
    expect(cells[3].locator(".jp-InputPrompt")).to_have_text("[*]:")
    name.fill("first")
    expect(panel.locator(".nemo-export-told")).to_contain_text("first-2.mp4", timeout=30 * SECONDS)
    panel.get_by_role("button", name="Remove cell.mp4 from the list").click()
    expect(row(panel, "cell.mp4")).to_have_count(0)
    assert (lab.folder / "cell.mp4").exists()
    for width in (320, 700):
        panel.evaluate("(each, width) => { each.style.width = `${width}px` }", width)
        assert panel.evaluate("(each) => each.scrollWidth <= each.clientWidth")
        finds_nothing(page, f"over-{width}")


def test_panel__of_a_cloud_session_shows_credits_and_opens_the_page(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cloud(DRAFT) as cloud:
        monkeypatch.setenv("NEMO_WEB_URL", cloud.url)
        session = nemo.connect(backend=cloud.url)
        with session, PartPage(page, nemo.ExportPanel(session)):
            panel = page.locator(".nemo-export")
            badge = panel.get_by_role("button", name="42 credits · low")
            expect(badge).to_be_visible(timeout=10 * SECONDS)
            badge.click()
            expect(panel).to_contain_text("42 available, 8 reserved")
            expect(panel).to_contain_text("--backend local")
            expect(panel).to_contain_text("Exports cost no credits")
            finds_nothing(page, "cloud")
            cloud.opens(page, panel.get_by_role("button", name="Open in NemoVideo").click)
            assert "clm_" not in page.content()
            cloud.available = 500
            panel.get_by_role("button", name="Export", exact=True).click()
            expect(panel.get_by_role("alert")).to_contain_text("plan", timeout=20 * SECONDS)
            expect(panel.get_by_role("button", name="500 credits")).to_be_visible(timeout=10 * SECONDS)
            assert [state for _, state in rows(panel)] == ["failed"]
            finds_nothing(page, "refused")
