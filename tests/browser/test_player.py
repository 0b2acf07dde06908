"""The player in JupyterLab, on a server that lies under a path of its own, as behind JupyterHub's proxies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_scripts import scripts
from playwright.sync_api import Locator, Page, expect

from .axe import look_at, violations
from .conftest import Cells, Lab, serving_lab

JS = scripts(__file__)
SECONDS = 1000
MEDIA = "document.querySelector('.nemo-player-media:not(.nemo-player-coming)')"
BEGIN = """
import nemo_notebook as nemo
from nemo_notebook.notebook.widgets.film_player import Player
from nemo_notebook.film.timeline import Timeline

def film(word):
    titles = [{"id": f"t{n}", "s": 6000 * n, "d": 6000, "text": f"{word} {n}"} for n in range(10)]
    return Timeline({"d": 60_000, "m": {"width": 480, "height": 270}, "t": [{"tt": 7, "sg": titles}]})

session = nemo.connect(backend="local")
player = Player(session)
player
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with serving_lab(tmp_path_factory, "/user/somebody/") as running:
        yield running


class Shown:
    """The player on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.part = page.locator(".nemo-player")
        self.media = self.part.locator(".nemo-player-media:not(.nemo-player-coming):not(canvas)")

    def __getattr__(self, name: str) -> Any:
        return self.media.evaluate(JS.state)[name]

    def button(self, name: str) -> Locator:
        return self.part.get_by_role("button", name=name)

    def badge(self, text: str, timeout_s: float = 60) -> None:
        expect(self.part.locator(".nemo-player-badge")).to_have_text(text, timeout=timeout_s * SECONDS)

    def is_at(self, at_s: float, within_s: float = 0.1) -> None:
        self.page.wait_for_function(
            f"([at_s, within_s]) => {{ const media = {MEDIA}; "
            "return media && !media.seeking && Math.abs(media.currentTime - at_s) <= within_s; }",
            arg=[at_s, within_s],
            timeout=20 * SECONDS,
        )

    def seek(self, at_s: float) -> float:
        """Go there as the timeline asks for it; gives the milliseconds that it took."""
        session = self.page.evaluate("window.heard.at(-1).session")
        return float(self.page.evaluate(JS.seek, [session, at_s]))

    def ranges_hold(self, at_s: float) -> bool:
        return any(begin <= at_s <= end for begin, end in self.ranges)


def test_player__plays_previews_and_exports(page: Page, lab: Lab, cells: Cells, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.mov"
    lab.write(
        "player.ipynb",
        BEGIN,
        "session.apply(film('Part'))",
        "session.apply(film('Act'))",
        "film_ = session.export('film.mp4', quality='low')",
        "print(round(player.playhead_s, 1))",
        "player.playhead_s = 12.0; player.aspect = 1.0",
        f"player.aspect = 16 / 9\nsession.export({str(elsewhere)!r}, quality='low')\n"
        "session.export('film.mkv', quality='low')",
        "from nemo_notebook import errors\nplayer._fail(errors.RenderFailed('It broke.')); player.has_failed = True",
    )
    answers: list[tuple[int, str]] = []
    page.on("response", lambda answer: answers.append((answer.status, answer.url)))
    shown = Shown(page)
    cells.open("player.ipynb")
    cells.run(0)
    expect(shown.part).to_contain_text("Nothing to play yet", timeout=20 * SECONDS)
    look_at(page, ".nemo-player", "player-empty")
    cells.run(1)  # a short film: its first preview comes by itself
    expect(shown.part.get_by_role("progressbar")).to_be_visible(timeout=20 * SECONDS)
    expect(shown.button("Cancel")).to_be_visible()
    look_at(page, ".nemo-player", "player-rendering")
    preview(page, shown)
    keyboard(page, shown)
    edit(page, shown, cells)
    export(page, shown, cells, lab, answers)
    others(page, shown, cells)
    reload(page, shown, lab)


def preview(page: Page, shown: Shown) -> None:
    """By pieces: only what is around the playhead."""
    shown.badge("Preview 270p")
    page.evaluate(JS.listen)
    assert shown.src.startswith("blob:")
    assert shown.button("Preview").count() == 0
    page.wait_for_timeout(500)
    assert shown.ranges[-1][1] < 26
    first = shown.media.evaluate(JS.drawn)
    shown.part.locator(".nemo-player-stage").click()
    page.wait_for_function("window.heard.length > 10 && window.heard.at(-1).at_s > 0.5", timeout=20 * SECONDS)
    assert page.evaluate("window.heard.at(-1).is_playing")
    look_at(page, ".nemo-player", "player-playing")
    page.keyboard.press("k")
    assert shown.paused
    page.wait_for_function("!window.heard.at(-1).is_playing", timeout=10 * SECONDS)
    for at_s in (50.0, 59.5, 25.0):
        shown.seek(at_s)
        shown.is_at(at_s)
        assert shown.ready >= 2
        assert shown.ranges_hold(at_s)
        assert shown.media.evaluate(JS.drawn) != first
    page.wait_for_function(JS.withoutGap, arg=[shown.media.element_handle(), 25.0, 32.0])


def keyboard(page: Page, shown: Shown) -> None:
    shown.button("Play (K)").focus()
    for key, at_s in [("Home", 0), ("ArrowRight", 1), ("5", 30), ("ArrowLeft", 29), ("9", 54), ("0", 0), ("End", 60)]:
        page.keyboard.press(key)
        shown.is_at(at_s)
    page.keyboard.press("3")
    page.keyboard.press(".")
    shown.is_at(18 + 1 / 30, 0.02)
    page.keyboard.press(",")
    shown.is_at(18, 0.02)
    page.keyboard.press("m")
    assert shown.muted
    expect(shown.button("Unmute (M)")).to_be_visible()
    page.keyboard.press("Space")  # on the button
    page.wait_for_function("window.heard.at(-1).is_playing", timeout=10 * SECONDS)
    page.keyboard.press("k")
    bar = shown.part.get_by_role("slider", name="Position")
    bar.focus()
    page.keyboard.press("Home")
    shown.is_at(0)
    expect(bar).to_have_attribute("aria-valuetext", "0:00 of 1:00")
    box = bar.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 12)
    expect(shown.part.locator(".nemo-player-hover")).to_have_text("0:30")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 12, steps=5)
    page.mouse.up()
    shown.is_at(15, 0.3)
    speed = shown.part.get_by_role("combobox", name="Speed")
    speed.select_option("2")
    speed.focus()
    assert shown.media.evaluate("(media) => media.playbackRate") == 2
    page.keyboard.press("k")  # it is for choosing here
    assert shown.paused
    speed.blur()
    assert violations(page, ".nemo-player") == []
    full_screen(page, shown)


def full_screen(page: Page, shown: Shown) -> None:
    """Black, with controls that go when nothing is done and come back at a move."""
    row = shown.part.locator(".nemo-player-row")
    shown.button("Mute (M)").or_(shown.button("Unmute (M)")).focus()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement")
    body = shown.part.locator(".nemo-player-body")
    expect(body).to_have_css("background-color", "rgb(0, 0, 0)")
    expect(row).to_have_css("opacity", "1")
    expect(row).to_have_css("opacity", "0", timeout=10 * SECONDS)
    page.mouse.move(300, 300)
    expect(row).to_have_css("opacity", "1")
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")


def edit(page: Page, shown: Shown, cells: Cells) -> None:
    """A newer preview comes at the same moment, and the old picture stays until then."""
    shown.seek(30)
    before = shown.src
    expect(shown.part.get_by_role("checkbox", name="Preview after each edit")).to_be_checked()
    page.evaluate("window.blank = 0")
    cells.run(2)
    page.wait_for_function(f"(before) => {MEDIA}.currentSrc !== before", arg=before, timeout=60 * SECONDS)
    shown.badge("Preview 270p")
    shown.is_at(30)
    assert shown.ready >= 2
    assert page.evaluate("window.blank") == 0
    assert shown.media.evaluate("(media) => media.playbackRate") == 2
    assert page.locator(".nemo-player video").count() == 1


def export(page: Page, shown: Shown, cells: Cells, lab: Lab, answers: list[tuple[int, str]]) -> None:
    """By the server's own address, with ranges; then one that lies elsewhere, as a whole through the kernel."""
    cells.run(3)
    shown.badge("Exported 270p")
    shown.is_at(30)
    assert shown.src.startswith(f"{lab.url}/files/film.mp4?")
    assert page.evaluate("window.blank") == 0
    for at_s in (55.0, 3.0):
        shown.seek(at_s)
        shown.is_at(at_s)
    found = [status for status, url in answers if "/files/film.mp4" in url]
    assert 206 in found
    assert set(found) <= {200, 206}  # what begins at the beginning is given as a whole
    for _ in range(20):  # the kernel hears of it a moment later
        cells.run(4)
        if cells.shown(4) == ["3.0"]:
            break
    assert cells.shown(4) == ["3.0"]
    cells.run(5)
    shown.is_at(12)
    shown.badge("Horizontal export 270p")  # of a timeline that is square
    for width in ("320px", "480px", ""):
        shown.part.evaluate("(part, width) => (part.parentElement.style.width = width)", width)
        assert shown.part.evaluate("(part) => part.scrollWidth <= part.clientWidth + 1")
        look_at(page, ".nemo-player", f"player-exported-{width or 'wide'}")


def others(page: Page, shown: Shown, cells: Cells) -> None:
    cells.run(6)
    page.wait_for_function(f"{MEDIA}.currentSrc.startsWith('blob:')", timeout=30 * SECONDS)
    shown.badge("Exported 270p")
    shown.is_at(12)
    shown.seek(58)
    shown.is_at(58)
    cells.run(7)
    expect(shown.part.get_by_role("alert")).to_contain_text("It broke.")
    expect(shown.button("Try again")).to_be_visible()
    look_at(page, ".nemo-player", "player-trouble")


def reload(page: Page, shown: Shown, lab: Lab) -> None:
    """A page that is opened again shows the same film at the same moment, here in the dark."""
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0, timeout=20 * SECONDS)
    lab.choose_theme("Dark")
    page.goto(lab.address("player.ipynb"))
    shown.badge("Exported 270p")
    shown.is_at(58)
    look_at(page, ".nemo-player", "player-dark")
