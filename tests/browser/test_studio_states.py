"""Every state of the whole studio, in both themes, narrow and wide: a picture of each, nothing that shuts anybody out.

Each state is reached by real work: with the local engine where it makes films, with a service of the test's own where
a reply is to be held in its middle, or refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cloud_stage import Cloud
from dropped import DROP
from page_scripts import scripts
from playwright.sync_api import Locator, Page, expect
from timelines import FILM

from .axe import picture, violations
from .conftest import Cells, Lab, until
from .test_studio import SECONDS, Panel
from .test_uploader import MIB, inbox, wave

JS = scripts(__file__)
SETUP = """%load_ext nemo_notebook
import nemo_notebook as nemo
session = nemo.connect(backend={backend!r}, skill="from-music", name={name!r})
nemo.Studio(session)"""
NARROW, WIDE = 480, 1400  # pixels
TALL = 3200  # taller than the page is with all of the panel, at any width
BELOW = 60  # what Lab has below it
REPLY = """I have laid the clips under **song.mp3** and cut them to its beat:

- six shots of two seconds each, one for every bar
- the title *城市之夜* over the first half

Now the colours: """


class Looks:
    """Shows the page's panel in both themes, narrow and wide."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".nemo-studio").first
        self.theme = "light"
        self._widths = [NARROW, WIDE]

    def sees(self, state: str, shown: Locator) -> None:
        """Take the pictures of a state, as long as something is shown that tells of it."""
        for each in self._ways():
            expect(shown.first).to_be_visible(timeout=20 * SECONDS)
            self.page.evaluate(JS.frames)
            self.page.wait_for_function(JS.drawn, timeout=10 * SECONDS)
            picture(self.page, f"state-{state}-{each}")
            assert self.root.evaluate(JS.overflowing) == [], each
            assert violations(self.page, ".nemo-studio") == [], each
        expect(shown.first).to_be_visible()

    def _ways(self) -> Iterator[str]:
        """Each theme once, at another width in the next state."""
        for width in self._widths:
            self.fit(width)
            yield f"{self.theme}-{width}"
            self.change_theme()
        self._widths.reverse()

    def fit(self, width: int) -> None:
        """Let the page be as tall as it takes to show all of the panel."""
        self.page.set_viewport_size({"width": width, "height": TALL})
        self.page.wait_for_function(JS.fits, arg=self.root.element_handle())
        box = self.root.bounding_box()
        assert box is not None
        self.page.set_viewport_size({"width": width, "height": round(box["y"] + box["height"]) + BELOW})
        self.page.mouse.move(1, 1)  # over nothing that tells so

    def change_theme(self) -> None:
        """To the other one, as people do: by the menu."""
        self.theme = {"light": "dark", "dark": "light"}[self.theme]
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        self.page.locator(".lm-Menu").get_by_text("Theme", exact=True).click()
        self.page.locator(".lm-Menu").get_by_text(f"JupyterLab {self.theme.title()}", exact=True).click()
        is_light = str(self.theme == "light").lower()
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-light", is_light, timeout=20 * SECONDS)


def studio(cells: Cells, lab: Lab, name: str, backend: str) -> tuple[Panel, Looks]:
    """A panel over a session of its own, in the light, with all of the page's width."""
    cells.open(f"{name}.ipynb", SETUP.format(backend=backend, name=name))
    cells.page.get_by_role("tab", name="File Browser").click()
    cells.run(0)
    panel = Panel(cells.page)
    panel.is_there()
    return panel, Looks(cells.page)


def begin_export(panel: Panel, name: str, resolution: str) -> Locator:
    panel.exports.get_by_label("Resolution").select_option(resolution)
    panel.exports.get_by_label("File name").fill(name)
    panel.exports.get_by_role("button", name="Export", exact=True).click()
    return panel.film(f"{name}.mp4")


def test_film__empty_uploading_timeline_exporting_done(page: Page, lab: Lab, cells: Cells, tmp_path: Path) -> None:
    panel, looks = studio(cells, lab, "Night drive", "local")
    expect(panel.exports).to_contain_text("The timeline is empty.", timeout=20 * SECONDS)
    looks.sees("empty", panel.chat.get_by_text("Add a song and a few clips"))

    with page.expect_file_chooser() as chosen:
        panel.uploader.locator(".nemo-drop").click()
    chosen.value.set_files(wave(tmp_path / "concert.wav", 190 * MIB))
    coming = panel.uploader.locator(".nemo-files-transfers > li")
    expect(coming).to_contain_text(re.compile(r"[1-9]\d? %"), timeout=20 * SECONDS)
    page.evaluate(JS.held)
    looks.sees("uploading", coming.get_by_role("progressbar"))
    coming.get_by_role("button", name="Cancel concert.wav").click()
    expect(coming).to_have_count(0)
    page.evaluate("window.goOn()")
    until(lambda: inbox(lab) == [])
    expect(panel.media).to_have_count(0)

    panel.drop("song.mp3", "city.mp4", "sea.mp4")
    panel.say("make a music video, cut on the beat")
    panel.say('add a title "Night drive" for the first 3 seconds')
    title = panel.segments.get_by_role("option", name="Night drive")
    expect(title).to_have_count(1, timeout=20 * SECONDS)
    expect(panel.player.get_by_text(re.compile("^Preview \\d+p"))).to_be_visible(timeout=60 * SECONDS)
    looks.sees("timeline", panel.player.get_by_text(re.compile("^Preview \\d+p")))

    rendered, waiting = (begin_export(panel, name, "4k") for name in ("cinema", "later"))
    expect(rendered).to_contain_text(re.compile(r"Rendering · [1-9]\d? %"), timeout=60 * SECONDS)
    looks.sees("exporting", rendered.get_by_role("progressbar"))
    expect(waiting).to_have_attribute("data-state", re.compile("open|waiting"))
    waiting.get_by_role("button", name=re.compile("later.mp4")).click()
    rendered.get_by_role("button", name="Cancel cinema.mp4").click()
    expect(rendered).to_have_attribute("data-state", "cancelled", timeout=20 * SECONDS)

    begin_export(panel, "drive", "480p")
    panel.is_exported("drive.mp4")
    expect(panel.player).to_contain_text("Exported", timeout=20 * SECONDS)
    looks.sees("done", panel.exports.get_by_role("link", name="Download drive.mp4"))


def test_turn__streaming_and_error(page: Page, lab: Lab, cells: Cells) -> None:
    with Cloud(FILM) as cloud:
        panel, looks = studio(cells, lab, "Tour film", cloud.url)
        panel.prompt.fill("make a music video of these, then grade it like a film")
        panel.prompt.press("Enter")
        turn = cloud.turn("make a music video of these, then grade it like a film")
        turn.say(REPLY)
        turn.use("apply_filter")
        stop = panel.chat.get_by_role("button", name="Stop", exact=True)
        expect(panel.chat.locator(".nemo-doing")).to_be_visible(timeout=10 * SECONDS)
        expect(panel.chat.locator(".nemo-work")).to_contain_text(re.compile("0:0[1-9]"))
        looks.sees("streaming", stop)
        stop.click()
        assert turn.gone.wait(5)
        expect(panel.chat.get_by_text("What was begun goes on")).to_be_visible()
        expect(panel.chat.get_by_role("button", name="Send", exact=True)).to_be_enabled()

        panel.prompt.fill("make it brighter")
        panel.prompt.press("Enter")
        cloud.turn("make it brighter").send({"error": "The model is overloaded."})
        failed = panel.chat.get_by_role("button", name="Try again")
        expect(failed).to_be_visible(timeout=20 * SECONDS)
        refused = [
            {"name": "shot list.docx", "type": "application/msword"},
            {"name": "aftermovie_final_v3_with_drone_footage.mp4", "type": "video/mp4", "size": 1_201_000_000},
        ]
        assert panel.uploader.locator(".nemo-drop").evaluate(DROP, refused)
        expect(panel.uploader.locator(".nemo-wrong")).to_have_count(2)
        begin_export(panel, "tour", "1080p")
        expect(panel.exports.get_by_role("alert")).to_contain_text("plan", timeout=20 * SECONDS)
        looks.sees("error", failed)
