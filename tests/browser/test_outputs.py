"""What cells leave in JupyterLab: while a turn runs, when it was stopped, and in a friend's copy without a kernel."""

from __future__ import annotations

import time
from pathlib import Path

import nbformat
import pytest
from hostile_replies import REPLIES
from page_scripts import scripts
from playwright.sync_api import Dialog, Page, expect
from stage import Stage
from timelines import HOSTILE

from nemo_notebook import examples

from .axe import picture
from .conftest import Cells, Lab

JS = scripts(__file__)
MEDIA = (examples.folder() / "media").as_posix()
SECONDS = 1000
BOOM = "<img src=https://evil.test/x.png onerror='window.boom = 1'><script>window.boom = 1</script>"
DRAFT = {"d": 3000, "t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "text": "Hello"}]}]}
LATER = "Still here a moment later, "  # the last words of a piece may be held back until the next ones come


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What the page asks of other machines, or of its reader."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))

    def answer(dialog: Dialog) -> None:
        if dialog.type != "beforeunload":  # which is JupyterLab's own
            found.append(f"dialog {dialog.message}")
        dialog.accept()

    page.on("dialog", answer)
    return found


def no_harm(page: Page, lab: Lab, asked: list[str]) -> None:
    assert [each for each in asked if not each.startswith((lab.url, "data:", "blob:"))] == []
    assert page.evaluate("window.boom === undefined")


def test_turn__grows_and_is_stopped_by_a_click(page: Page, lab: Lab, cells: Cells) -> None:
    with Stage(DRAFT) as stage:
        connect = f"%nemo connect --backend {stage.url}"
        cells.show(
            "turns.ipynb",
            f"%load_ext nemo_notebook\n{connect}",
            "%nemo chat first",
            "%nemo chat second",
            "one = %nemo chat --background third",
            f"{connect}\n%nemo chat fourth",
        )
        cells.begin(1)
        turn = stage.turn("first")
        live = cells[1].locator(".nemo-live")
        expect(live).to_contain_text("⏳ Still working... 0:0", timeout=5 * SECONDS)
        expect(live.get_by_role("button")).to_have_text("Stop")
        for words in ("Some **bold** words. ", "And others. "):
            turn.say(words)
            turn.say(LATER)
            expect(cells[1]).to_contain_text(words.replace("**", "").strip(), timeout=5 * SECONDS)
        turn.use("add_music")
        expect(live).to_contain_text("· adding music", timeout=5 * SECONDS)
        picture(page, "turn-live")
        turn.end("Some **bold** words, and the end.")
        cells.ended(1)
        expect(live).to_have_count(0)
        assert cells.shown(1)[-1] == "Some bold words, and the end."
        assert all(cells.shown(1))
        cells.begin(2)
        turn = stage.turn("second")
        turn.say("A beginning. ")
        turn.say(LATER)
        expect(cells[2]).to_contain_text("A beginning.", timeout=5 * SECONDS)
        begun_s = time.monotonic()
        cells[2].locator(".nemo-live-stop").click()
        cells.ended(2, 5)
        assert turn.gone.wait(5)
        assert turn.gone_s - begun_s < 1
        expect(cells[2].locator(".nemo-live")).to_have_count(0)
        text, error = cells.shown(2)
        assert text.startswith("A beginning.")
        assert len(error.splitlines()) == 2
        assert "%nemo resume turn_" in error
        picture(page, "turn-stopped")
        in_background(page, cells, stage)


def in_background(page: Page, cells: Cells, stage: Stage) -> None:
    """A turn in the background has its own cell and its own Stop."""
    cells.run(3)
    first = stage.turn("third")
    cells.begin(4)
    second = stage.turn("fourth")
    for words in ("one ", "two ", "three "):
        first.say(f"First {words}. ")
        second.say(f"Second {words}. ")
    expect(cells[3]).to_contain_text("First two", timeout=5 * SECONDS)
    expect(cells[4]).to_contain_text("Second two", timeout=5 * SECONDS)
    expect(cells[3].locator(".nemo-live")).to_be_visible()
    expect(cells[4].locator(".nemo-live")).to_be_visible()
    picture(page, "two-at-once")
    begun_s = time.monotonic()
    cells[3].locator(".nemo-live-stop").click()
    assert first.gone.wait(5)
    assert first.gone_s - begun_s < 1
    expect(cells[3]).to_contain_text("■ third · cancelled", timeout=5 * SECONDS)
    assert not second.gone.is_set()
    second.end("Second to its end.")
    cells.ended(4)
    assert cells.shown(4)[-1] == "Second to its end."
    assert "Second" not in "".join(cells.shown(3))
    assert "First" not in "".join(cells.shown(4))


def test_hostile__does_no_harm_live_and_in_a_friends_copy(page: Page, lab: Lab, cells: Cells, asked: list[str]) -> None:
    segments = [{"id": f"t{n}", "s": 1000 * n, "d": 1000, "text": text} for n, text in enumerate([BOOM, *HOSTILE])]
    with Stage({"d": 20_000, "t": [{"tt": 7, "sg": segments}]}) as stage:
        cells.show(
            "hostile.ipynb",
            f"%load_ext nemo_notebook\n%nemo connect --backend {stage.url}",
            "%nemo chat go",
            "%nemo status",
            "%nemo chat long",
            f"%nemo chat --background {BOOM}\n%nemo upload '{BOOM}.mp4'",
        )
        cells.begin(1)
        turn, whole = stage.turn("go"), "\n\n".join([BOOM, *REPLIES])
        for begin in range(0, len(whole), 97):
            turn.say(whole[begin : begin + 97])
        turn.end(whole)
        cells.ended(1)
        cells.run(2)
        expect(cells[2].locator("td", has_text="<img src=https://evil.test").first).to_be_attached()
        cells.begin(3)
        turn = stage.turn("long")
        for _ in range(100):
            turn.say("x" * 10_000)
        turn.end("x" * 1_000_000)
        ended_s = time.monotonic()
        cells.ended(3)
        page.evaluate("new Promise((done) => requestIdleCallback(() => requestAnimationFrame(done)))")
        assert time.monotonic() - ended_s < 20
        assert page.evaluate("document.documentElement.scrollWidth") <= 1400
        cells.run(4)
        expect(cells[4]).to_contain_text("There is no file", timeout=10 * SECONDS)
        stage.turn(BOOM).end("Done.")
        expect(cells[4]).to_contain_text("· done ·", timeout=10 * SECONDS)
        no_harm(page, lab, asked)
        copy(page, lab, "hostile.ipynb", "hostile-copy.ipynb")
    open_without_kernel(page, lab, "hostile-copy.ipynb")
    expect(cells[2].locator("td").first).to_be_visible(timeout=60 * SECONDS)
    no_harm(page, lab, asked)


def test_film__is_seen_in_a_friends_copy_without_a_kernel(page: Page, lab: Lab, cells: Cells, asked: list[str]) -> None:
    cells.open(
        "film.ipynb",
        f"%load_ext nemo_notebook\n%nemo connect --backend local\n%nemo upload {MEDIA}/song.mp3 {MEDIA}/city.mp4",
        "%nemo make a 6 second music video, cut on the beat, with the title 城市之梦",
        "%nemo status\n%nemo history\n%nemo help",
        "%nemo export film.mp4 --quality low --resolution 480p",
    )
    for number in range(3):
        cells.run(number)
    cells.begin(3)
    bar = cells[3].locator("progress")
    expect(bar).to_be_visible(timeout=30 * SECONDS)
    expect(cells[3]).to_contain_text("Rendering")
    picture(page, "export-live")
    cells.ended(3, 120)
    expect(bar).to_have_count(0)
    assert len(cells.shown(3)) == 1
    folded = cells[1].locator("details")  # below the reply
    expect(folded.locator("img")).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.locator("img")).to_be_visible()
    assert cells[3].locator("video").evaluate(JS.seek)
    copy(page, lab, "film.ipynb", "friend/film.ipynb")
    for theme in ("Light", "Dark"):
        lab.choose_theme(theme)
        open_without_kernel(page, lab, "friend/film.ipynb")
        expect(page.locator("[title^='Notebook not trusted']")).to_be_attached(timeout=60 * SECONDS)
        page.set_viewport_size({"width": 1400, "height": 3500})
        expect(cells[1]).to_contain_text("城市之梦")
        expect(cells[2].locator("td", has_text="city.mp4").first).to_be_visible()
        plot = cells[2].locator("img")
        expect(plot).to_be_visible()
        assert plot.evaluate("(image) => image.naturalWidth") > 900
        film = cells[3].locator("video")
        assert film.get_attribute("poster", timeout=5 * SECONDS).startswith("data:image/jpeg;base64,")
        assert film.bounding_box()["height"] > 200
        assert (
            min(page.locator(".jp-OutputArea-output :is(td, p, li, div:not(:has(*)))").evaluate_all(JS.contrast)) > 4.5
        )
        expect(page.get_by_text("Error displaying")).to_have_count(0)
        expect(page.get_by_text("JavaScript")).to_have_count(0)
        picture(page, f"friend-{theme.lower()}")
    no_harm(page, lab, asked)


def copy(page: Page, lab: Lab, name: str, new_name: str) -> None:
    """Save a notebook, and make one of it that came from elsewhere: unknown here, and made by a kernel not there."""
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    until_s = time.monotonic() + 30
    while (notebook := saved(lab.folder / name)) is None:
        assert time.monotonic() < until_s, "it was not saved"
        page.wait_for_timeout(100)
    assert "widget-view" not in nbformat.writes(notebook)
    kernel = {"name": "nowhere", "display_name": "Nowhere", "language": "none"}
    notebook.metadata = nbformat.from_dict({"kernelspec": kernel})
    (lab.folder / new_name).parent.mkdir(exist_ok=True)
    nbformat.write(notebook, lab.folder / new_name)


def open_without_kernel(page: Page, lab: Lab, name: str) -> None:
    page.goto(lab.address(name))
    page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click(timeout=60 * SECONDS)
    expect(page.locator(".jp-KernelName")).to_have_text("No Kernel")


def saved(path: Path) -> nbformat.NotebookNode | None:
    """A notebook, once it is there whole with all its cells run."""
    try:
        notebook = nbformat.read(path, 4)
    except nbformat.reader.NotJSONError:  # it is being written
        return None
    return notebook if all(cell.execution_count for cell in notebook.cells) else None
