"""The studio as people use it: files are dropped, a film is asked for, watched, edited, exported and downloaded.

Also what happens when the page is loaded again, the kernel restarted, the mouse missing.
"""

from __future__ import annotations

import urllib.request
from pathlib import Path

import av
import pytest
from dropped import DROP, dropped
from lab_server import TOKEN
from page_scripts import scripts
from playwright.sync_api import Locator, Page, expect

from nemo_notebook import examples

from .axe import look_at, picture
from .conftest import Cells, Lab, point_at, until

JS = scripts(__file__)
MEDIA = examples.folder() / "media"
SECONDS = 1000
STUDIO = "%load_ext nemo_notebook\n%config NemoMagics.backend = 'local'\n%nemo studio"
LOOK = "line = %nemo status\nprint('title at', line.frame[line.frame.kind == 'text'].start_s.round(2).tolist())"
LEFT = "(root) => (root.contains(document.activeElement) ? '' : document.activeElement.outerHTML)"
LENGTH_S = 24.0  # of the song
BEFORE, AFTER, TITLES = 76, 24, 46  # pixels of the timeline


class Panel:
    """The studio on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".nemo-studio").first
        self.uploader, self.chat, self.player, self.timeline, self.exports = (
            page.locator(f".nemo-{name}").first for name in ("uploader", "chat", "player", "timeline", "export")
        )
        self.prompt = self.chat.get_by_label("Say what you want")
        self.media = self.uploader.locator(".nemo-files-media > li")
        self.segments = self.timeline.get_by_role("listbox")

    def is_there(self) -> None:
        for part in (self.uploader, self.chat, self.player, self.timeline, self.exports):
            expect(part).to_be_visible(timeout=60 * SECONDS)

    def drop(self, *names: str) -> None:
        assert self.timeline.evaluate(DROP, [dropped(MEDIA / name) for name in names])  # as anywhere on the panel
        expect(self.media).to_have_count(len(names), timeout=60 * SECONDS)

    def say(self, words: str) -> None:
        """Say something, and wait for the reply."""
        turns = self.chat.locator(".nemo-entry")
        before = turns.count()
        self.prompt.fill(words)
        self.prompt.press("Enter")
        expect(turns.nth(before)).to_have_attribute("data-state", "done", timeout=90 * SECONDS)

    def film(self, name: str) -> Locator:
        return self.exports.locator(".nemo-export-row").filter(has=self.page.get_by_text(name, exact=True))

    def is_exported(self, name: str) -> None:
        expect(self.film(name)).to_have_attribute("data-state", "done", timeout=120 * SECONDS)

    def finds_nothing(self, name: str) -> None:
        """Take a picture of a state, and find nothing in it that shuts anybody out."""
        look_at(self.page, ".nemo-studio", f"studio-{name}")


def drag_title(panel: Panel, at_s: float, by_px: float) -> None:
    """Take the title, which lies in the uppermost lane of the whole film's view."""
    canvas = panel.timeline.locator("canvas").first
    width = panel.timeline.locator(".nemo-timeline-scroller").evaluate("(each) => each.clientWidth")
    across = BEFORE + at_s / LENGTH_S * (width - BEFORE - AFTER)
    point_at(canvas, across, TITLES)
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + across, box["y"] + TITLES
    mouse = panel.page.mouse
    mouse.down()
    mouse.move(x + by_px / 2, y, steps=4)
    mouse.move(x + by_px, y, steps=4)
    mouse.up()


def starts_of_titles(cells: Cells, number: int) -> str:
    cells.run(number)
    return next(line for line in cells[number].inner_text().splitlines() if line.startswith("title at"))


def test_studio__makes_a_music_video_by_clicking(page: Page, lab: Lab, cells: Cells, tmp_path: Path) -> None:
    cells.show("clicks.ipynb", STUDIO, LOOK)  # a notebook of its own has a session of its own
    panel = Panel(page)
    panel.is_there()
    panel.drop("song.mp3", "city.mp4", "sea.mp4")
    panel.say("make a music video, cut on the beat")
    expect(panel.chat).to_contain_text("beat")
    panel.say('add a title "Night drive" for the first 3 seconds')
    expect(panel.segments.get_by_role("option", name="Night drive")).to_have_count(1, timeout=20 * SECONDS)
    timeline_at = page.evaluate(JS.timelineAt)
    assert starts_of_titles(cells, 1) == "title at [0.0]"  # a cell sees what the panel does

    drag_title(panel, 1.5, 200)
    until(lambda: starts_of_titles(cells, 1) != "title at [0.0]")
    panel.exports.get_by_label("Quality").select_option("low")
    panel.exports.get_by_label("Resolution").select_option("480p")
    panel.exports.get_by_label("File name").fill("drive")
    panel.exports.get_by_role("button", name="Export", exact=True).click()
    panel.is_exported("drive.mp4")
    expect(panel.player).to_contain_text("Exported", timeout=20 * SECONDS)
    video = panel.player.locator("video").first
    video.evaluate("(video) => { video.muted = true; video.currentTime = video.duration / 2; }")
    page.mouse.wheel(0, 2000)
    panel.exports.get_by_role("button", name="Show drive.mp4").click()  # which the player does, in sight
    expect(panel.player.locator(".nemo-player-stage")).to_be_in_viewport(ratio=0.95)
    page.wait_for_function(
        "(video) => video.readyState > 2 && video.currentTime > video.duration / 2 + 0.5", arg=video.element_handle()
    )
    assert page.evaluate(JS.bars) == []
    assert page.evaluate(JS.timelineAt) == pytest.approx(timeline_at, abs=1)
    with page.expect_download() as coming:
        panel.exports.get_by_role("link", name="Download drive.mp4").click()
    coming.value.save_as(tmp_path / "drive.mp4")
    with av.open(str(tmp_path / "drive.mp4")) as film:
        pictures, sound = film.streams.video[0], film.streams.audio[0]
        assert (pictures.width, pictures.height, sound.codec_context.name) == (854, 480, "aac")
        assert film.duration / 1e6 == pytest.approx(LENGTH_S, abs=0.1)
        shown = [frame.to_ndarray(format="gray").mean() for frame in film.decode(pictures)]
    assert len(shown) == round(30 * LENGTH_S)
    assert max(shown) - min(shown) > 10  # it is no plain ground


def test_studio__comes_back_after_a_reload_and_a_restart_in_mid_export(page: Page, lab: Lab, cells: Cells) -> None:
    cells.show("again.ipynb", f"{STUDIO}")
    panel = Panel(page)
    panel.is_there()
    panel.drop("song.mp3", "lanterns.mp4")
    panel.say("make a music video, cut on the beat, with bars")
    page.keyboard.press("Control+s")
    panel.exports.get_by_label("Resolution").select_option("4k")
    panel.exports.get_by_label("File name").fill("long")
    panel.exports.get_by_role("button", name="Export", exact=True).click()
    expect(panel.film("long.mp4")).to_have_attribute("data-state", "open", timeout=20 * SECONDS)

    page.reload()
    panel = Panel(page)
    panel.is_there()  # the kernel lives, and so do the parts
    expect(panel.film("long.mp4")).to_have_attribute("data-state", "open", timeout=30 * SECONDS)
    expect(panel.chat).to_contain_text("make a music video, cut on the beat, with bars")

    panel.prompt.fill("half a thought")
    cells.restart_kernel()
    expect(panel.root).to_contain_text("Run this cell again", timeout=20 * SECONDS)
    expect(panel.root.locator(".nemo-gone")).to_have_count(6, timeout=20 * SECONDS)
    expect(panel.root.locator(".nemo-trouble").filter(visible=True)).to_have_count(1)  # for all parts
    picture(page, "studio-gone")
    cells.run(0)
    panel = Panel(page)
    panel.is_there()
    expect(panel.chat).to_contain_text("make a music video, cut on the beat, with bars", timeout=30 * SECONDS)
    expect(panel.prompt).to_have_value("half a thought")
    picture(page, "studio-again")
    expect(panel.media).to_have_count(2, timeout=30 * SECONDS)
    expect(panel.film("long.mp4")).not_to_have_attribute("data-state", "failed", timeout=30 * SECONDS)
    panel.finds_nothing("again")
    panel.film("long.mp4").get_by_role("button", name="Cancel").click()
    expect(panel.film("long.mp4")).to_have_attribute("data-state", "cancelled", timeout=20 * SECONDS)
    leaves_a_picture(page, lab, cells)


def leaves_a_picture(page: Page, lab: Lab, cells: Cells) -> None:
    """What the saved notebook shows without a kernel."""
    kept = page.locator(".nemo-snapshot")
    expect(kept.locator("img")).to_have_count(1, timeout=30 * SECONDS)
    expect(kept).to_be_hidden()  # as long as the panel shows the same
    cells[0].locator(".cm-content").click()
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0, timeout=20 * SECONDS)
    until(lambda: "nemo-snapshot" in (lab.folder / "again.ipynb").read_text(encoding="utf-8"))
    lab.forget_kernels()
    urllib.request.urlopen(f"{lab.url}/api?token={TOKEN}").close()
    page.goto(lab.address("again.ipynb"))
    expect(kept.locator("img").first).to_be_visible(timeout=60 * SECONDS)
    expect(page.get_by_text("Error displaying widget")).to_have_count(1)
    assert cells.shown(0)[-1] == "Run this cell to open the studio again."
    assert "Error" not in "".join(cells.shown(0))
    picture(page, "studio-kept")


def test_studio__works_by_keyboard_alone_and_in_the_dark(page: Page, lab: Lab, cells: Cells) -> None:
    lab.choose_theme("Dark")
    cells.show("keys.ipynb", STUDIO)
    panel = Panel(page)
    panel.is_there()
    with page.expect_file_chooser() as chosen:
        panel.uploader.locator(".nemo-drop").press("Enter")
    chosen.value.set_files([MEDIA / "song.mp3", MEDIA / "city.mp4"])
    expect(panel.media).to_have_count(2, timeout=60 * SECONDS)
    tab_to(panel, panel.prompt)
    page.keyboard.type('make a music video with the title "Keys"')
    page.keyboard.press("Enter")
    expect(panel.segments.get_by_role("option", name="Keys")).to_have_count(1, timeout=90 * SECONDS)
    tab_to(panel, panel.segments)
    panel.finds_nothing("dark")
    tab_to(panel, panel.exports.get_by_role("button", name="Export", exact=True))
    page.get_by_role("tab", name="File Browser").click()  # leaves the narrow page to the notebook
    for width, height, name in ((480, 1400, "narrow"), (700, 500, "zoomed")):
        page.set_viewport_size({"width": width, "height": height})
        panel.finds_nothing(f"dark-{name}")
        for part in (panel.uploader, panel.chat, panel.player, panel.timeline, panel.exports):
            assert part.evaluate("(part) => part.scrollWidth <= part.clientWidth")


def test_studio__shows_player_and_timeline_at_once(page: Page, lab: Lab, cells: Cells) -> None:
    cells.show("fits.ipynb", STUDIO)
    panel = Panel(page)
    panel.is_there()
    panel.drop("city.mp4", "song.mp3")
    panel.say('make a vertical music video with the title "Tall"')
    expect(panel.player.locator(".nemo-player-badge")).to_contain_text("Preview", timeout=60 * SECONDS)
    for width, height in ((1366, 768), (1400, 950), (1800, 1000)):
        page.set_viewport_size({"width": width, "height": height})
        expect(panel.timeline).to_be_visible()
        page.wait_for_function(JS.fit, timeout=10 * SECONDS)
        picture(page, f"studio-fits-{width}")
    panel.prompt.click()  # which brings it into view
    before = panel.player.bounding_box(), panel.exports.bounding_box()
    panel.say("make it 8 seconds long")
    expect(panel.player.get_by_role("button", name="Cancel")).to_be_visible(timeout=20 * SECONDS)
    assert (panel.player.bounding_box(), panel.exports.bounding_box()) == before  # nothing moves meanwhile
    assert panel.root.evaluate(JS.outOfSight) == 0
    cells.open("fits.ipynb", front="notebooks")  # Notebook 7, over the same kernel
    cells.run(0)
    panel = Panel(page)
    panel.is_there()
    expect(panel.segments.get_by_role("option", name="Tall")).to_have_count(1, timeout=20 * SECONDS)
    panel.say("make it 7 seconds long")
    picture(page, "studio-notebook")


def tab_to(panel: Panel, wanted: Locator) -> None:
    """Go there with the Tab key alone."""
    for _ in range(80):
        panel.page.keyboard.press("Tab")
        if wanted.evaluate("(each) => each === document.activeElement"):
            return
        left = panel.root.evaluate(LEFT)
        assert not left, f"Tab has left the panel for {left[:200]}"
    raise AssertionError("it cannot be reached by Tab")
