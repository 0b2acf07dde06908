"""The chat in a real JupyterLab: what is said, streams, is stopped, fails, and is there again after a reload."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import pytest
from hostile_replies import REPLIES
from page_scripts import scripts
from part_page import PartPage
from playwright.sync_api import Locator, Page, expect
from stage import Stage

import nemo_notebook as nemo
from nemo_notebook.notebook.widgets.chat_panel import Chat

from .axe import look_at, picture
from .conftest import Cells, Lab, point_at
from .test_outputs import BOOM

JS = scripts(__file__)
SECONDS = 1000
DRAFT = {"d": 3000, "t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "text": "Hello"}]}]}
MORE = {"d": 3000, "t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "text": "Goodbye"}]}]}
LATER = "Still here a moment later, "  # the last words of a piece may be held back until the next ones come
SETUP = """%load_ext nemo_notebook
import nemo_notebook as nemo
from nemo_notebook.notebook.widgets.chat_panel import Chat
session = %nemo connect --backend {url} --language en
Chat(session)"""
AT_END = "(log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2"
HOLDS_FOCUS = "(log) => log.contains(document.activeElement)"
BUSY = "import time, pathlib\nwhile not pathlib.Path('go').exists(): time.sleep(0.05)\nprint('slept')"


class Panel:
    """The chat on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".nemo-chat")
        self.prompt = self.root.get_by_role("textbox")
        self.send = self.root.get_by_role("button", name="Send", exact=True)
        self.stop = self.root.get_by_role("button", name="Stop", exact=True)
        self.log = self.root.get_by_role("log")
        self.chips = self.root.get_by_role("group", name="Suggestions").get_by_role("button")

    def entry(self, message: str) -> Locator:
        said = self.page.locator(".nemo-said-words", has_text=re.compile(f"^{re.escape(message)}$"))
        return self.root.locator(".nemo-entry").filter(has=said)

    def say(self, words: str) -> None:
        self.prompt.fill(words)
        self.prompt.press("Enter")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(DRAFT) as running:
        yield running


@pytest.fixture
def session(stage: Stage) -> Iterator[nemo.Session]:
    with nemo.connect(backend=stage.url, language="en") as opened:
        yield opened


@pytest.fixture
def panel(page: Page, session: nemo.Session) -> Iterator[Panel]:
    """The chat on a page of its own, in the dark."""
    with PartPage(page, Chat(session), dark=True) as shown:
        yield Panel(page)
        assert shown.faults == []


def compose(page: Page, words: str) -> None:
    """What an input method does, up to the words that are still to be chosen."""
    client = page.context.new_cdp_session(page)
    for end in range(1, len(words) + 1):
        client.send("Input.imeSetComposition", {"text": words[:end], "selectionStart": end, "selectionEnd": end})


def test_chat__streams_stops_and_comes_back(page: Page, lab: Lab, cells: Cells, stage: Stage) -> None:
    cells.show("chat.ipynb", SETUP.format(url=stage.url), BUSY)
    panel = Panel(page)
    expect(panel.log).to_contain_text("Add a song and a few clips", timeout=20 * SECONDS)
    expect(panel.chips).to_have_count(2)
    look_at(page, ".nemo-chat", "chat-empty")

    # Enter of an input method chooses words; it sends nothing.
    panel.prompt.focus()
    compose(page, "加标题")
    panel.prompt.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    panel.prompt.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    expect(panel.prompt).to_have_value("加标题")
    page.context.new_cdp_session(page).send("Input.insertText", {"text": "加标题"})
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    expect(panel.prompt).to_have_value("加标题\nsecond line")
    page.keyboard.type("!")
    page.keyboard.press("Control+z")
    expect(panel.prompt).not_to_have_value("加标题\nsecond line!")
    panel.prompt.fill("加标题\nsecond line")
    expect(panel.root.locator(".nemo-entry")).to_have_count(0)
    page.keyboard.press("Enter")
    turn = stage.turn("加标题\nsecond line")
    expect(panel.prompt).to_have_value("")
    expect(panel.stop).to_be_visible()
    turn.use("add_music")
    entry = panel.root.locator(".nemo-entry").first
    expect(entry.locator(".nemo-work")).to_contain_text("adding music")
    turn.say("Some **bold** words.\n\n- one\n- two\n")
    turn.say(f"\n{LATER}")
    expect(entry.locator("strong")).to_have_text("bold")
    expect(entry.locator(".nemo-work")).to_contain_text(re.compile("0:0[1-9]"))
    look_at(page, ".nemo-chat", "chat-streaming")
    stage.draft = MORE
    turn.end(f"Some **bold** words.\n\n- one\n- two\n\n{LATER}and the end.")
    expect(entry).to_contain_text("and the end.")
    expect(entry.locator(".nemo-changes li")).to_have_count(1)
    expect(entry.locator(".nemo-work")).to_be_hidden()
    expect(panel.send).to_be_visible()
    expect(panel.root.get_by_role("status")).to_contain_text("and the end.")
    assert entry.locator("li", has_text="two").count() == 1

    # Stop while a cell is busy; the cell is left alone.
    cells.begin(1)
    panel.say("second")
    turn = stage.turn("second")
    turn.say("A beginning. ")
    turn.say(LATER)
    expect(panel.entry("second")).to_contain_text("A beginning.", timeout=5 * SECONDS)
    begun_s = time.monotonic()
    panel.stop.click()
    assert turn.gone.wait(5)
    assert turn.gone_s - begun_s < 2
    expect(panel.entry("second")).to_contain_text("What was begun goes on")
    expect(cells[1].locator(".jp-InputPrompt")).to_have_text("[*]:")
    look_at(page, ".nemo-chat", "chat-stopped")
    (lab.folder / "go").touch()
    cells.ended(1)
    assert cells.shown(1) == ["slept"]
    stage.draft = DRAFT
    panel.entry("second").get_by_role("button", name="Look now").click()
    expect(panel.entry("second")).to_contain_text("Hello", timeout=20 * SECONDS)
    expect(panel.entry("second")).not_to_contain_text("What was begun goes on")

    # A failure, with what to do next.
    expect(panel.send).to_be_visible(timeout=60 * SECONDS)  # once it is sure that no more comes of the turn
    panel.say("broken")
    stage.turn("broken").send({"error": "No wonder."})
    expect(panel.entry("broken")).to_contain_text("No wonder.")
    expect(panel.entry("broken").get_by_role("button", name="Try again")).to_be_visible()
    look_at(page, ".nemo-chat", "chat-failed")
    panel.entry("broken").get_by_role("button", name="Edit and say again").click()
    expect(panel.prompt).to_have_value("broken")

    # A page that is loaded again.
    panel.prompt.fill("half a thought")
    page.wait_for_timeout(600)  # a draft is kept a moment after the last key
    page.keyboard.press("Escape")
    page.locator(".jp-Notebook").first.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    page.reload()
    expect(panel.prompt).to_have_value("half a thought", timeout=60 * SECONDS)
    expect(panel.root.locator(".nemo-entry")).to_have_count(3)
    expect(panel.entry("second")).to_contain_text("Hello")
    for width in (1400, 480):
        page.set_viewport_size({"width": width, "height": 1000})
        panel.log.scroll_into_view_if_needed()
        picture(page, f"chat-log-{width}")
    page.set_viewport_size({"width": 1400, "height": 1000})


def test_chat__long_and_hostile_replies(page: Page, panel: Panel, stage: Stage) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    panel.say(BOOM)
    turn, whole = stage.turn(BOOM), "\n\n".join([BOOM, *REPLIES, "\u202eesrever", "\x1b[31mred\x1b[0m"])
    for begin in range(0, len(whole), 97):
        turn.say(whole[begin : begin + 97])
    turn.end(whole)
    entry = panel.entry(BOOM)
    expect(entry.locator(".nemo-work")).to_be_hidden(timeout=20 * SECONDS)
    expect(entry).to_contain_text("red")
    assert not re.search("[\u202a-\u202e\x1b]", entry.inner_text())
    assert entry.locator("img, script, iframe, svg:not(.nemo-icon), [onerror], [onclick], style").count() == 0
    hrefs = entry.locator("a").evaluate_all("(all) => all.map((each) => [each.href, each.rel])")
    assert all(href.startswith("https://") and "noopener" in rel for href, rel in hrefs)
    look_at(page, ".nemo-chat", "chat-dark")

    panel.say("long")
    turn = stage.turn("long")
    for _ in range(100):
        turn.say("x" * 10_000)
    turn.end("x" * 1_000_000)
    expect(panel.entry("long").locator(".nemo-work")).to_be_hidden(timeout=30 * SECONDS)
    assert panel.entry("long").locator(".nemo-answer").evaluate("(each) => each.textContent.length") == 1_000_000
    begun_s = time.monotonic()
    panel.prompt.press_sequentially("quick", delay=10)
    expect(panel.prompt).to_have_value("quick")
    assert time.monotonic() - begun_s < 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400

    # Who reads above is left there.
    panel.say("third")
    turn = stage.turn("third")
    panel.log.focus()
    panel.log.press("Home")
    expect(panel.entry(BOOM).locator(".nemo-said")).to_be_in_viewport()
    turn.end("The end of it.")
    latest = panel.root.get_by_role("button", name="Jump to latest")
    expect(latest).to_be_visible()
    assert panel.log.evaluate("(log) => log.scrollTop") < 40
    latest.click()
    expect(latest).to_be_hidden()
    expect(panel.entry("third")).to_be_in_viewport()
    is_one_stop(page, panel)
    assert [each for each in asked if not each.startswith(page.url)] == []
    assert page.evaluate("window.boom === undefined")


def is_one_stop(page: Page, panel: Panel) -> None:
    """Tab goes past all that the log holds; the arrow keys go to it, and Escape back."""
    copy = panel.entry("third").get_by_role("button", name="Copy the reply")
    expect(copy).to_be_visible()  # the turn is over on the page, too: suggestions have come behind the log
    panel.log.focus()
    page.keyboard.press("Tab")
    assert not panel.log.evaluate(HOLDS_FOCUS)
    page.keyboard.press("Shift+Tab")
    expect(panel.log).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(copy).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(panel.entry("third").get_by_role("button", name="Say again", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel.log).to_be_focused()


def test_chat__keeps_its_end_in_sight(page: Page, panel: Panel, stage: Stage) -> None:
    latest = panel.root.get_by_role("button", name="Jump to latest")

    def is_at_end() -> None:
        page.wait_for_function(AT_END, arg=panel.log.element_handle(), timeout=5 * SECONDS)
        expect(latest).to_be_hidden()

    for number in range(8):
        message = f"turn {number}"
        panel.say(message)
        is_at_end()
        turn = stage.turn(message)
        turn.say("".join(f"Line {line} of the reply.\n\n" for line in range(6)))
        turn.say(LATER)
        turn.end(f"Done.\n\n- one\n- two\n\nNext you could {'add a long title, ' * (number % 3)}or export it.")
        expect(panel.send).to_be_visible(timeout=10 * SECONDS)  # suggestions come
        is_at_end()
    panel.say("a long one")
    turn = stage.turn("a long one")
    for number in range(40):
        turn.say(f"Paragraph {number}.\n\n")
        page.wait_for_timeout(25)
        if number % 10 == 9:
            expect(panel.log).to_contain_text(f"Paragraph {number - 2}.")
            expect(panel.log.get_by_text("Paragraph 0.", exact=True)).to_be_in_viewport(ratio=1)  # until read on
    expect(latest).to_be_visible()
    latest.click()
    is_at_end()
    turn.say("Paragraph 40.\n\nParagraph 41.\n\n")
    expect(panel.log).to_contain_text("Paragraph 40.")
    is_at_end()  # who has read on stays at the end
    point_at(panel.log, 50, 50)
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"(log) => !({AT_END})(log)", arg=panel.log.element_handle())
    for number in range(42, 60):
        turn.say(f"Paragraph {number}.\n\n")
        page.wait_for_timeout(25)
    expect(panel.log).to_contain_text("Paragraph 57.")
    expect(latest).to_be_visible()
    assert panel.log.evaluate("(log) => log.scrollHeight - log.scrollTop - log.clientHeight") > 300
    while latest.is_visible():  # what comes while it turns is below where it stops
        page.mouse.wheel(0, 5000)
        page.wait_for_timeout(100)
    is_at_end()
    panel.log.evaluate(JS.runOn)
    is_at_end()
    turn.end("".join(f"Paragraph {number}.\n\n" for number in range(60)) + "The end.")
    expect(panel.log).to_contain_text("The end.")
    is_at_end()


def test_suggestions__with_words_to_be_filled_in_go_into_the_prompt(
    page: Page, panel: Panel, stage: Stage, session: nemo.Session
) -> None:
    title = 'add a title "Your words" for the first 3 seconds'
    panel.say("begin")
    stage.turn("begin").end(f"Next you could {title}, or export it.")
    blank = panel.chips.filter(has_text=title)
    panel.prompt.fill("make it brighter")
    blank.click()
    expect(panel.prompt).to_be_focused()
    page.keyboard.type("Über Ström")
    expect(panel.prompt).to_have_value("make it brighter\n" + title.replace("Your words", "Über Ström"))
    panel.prompt.fill("")
    for _ in range(2):  # the second click only selects the words again
        blank.press("Enter")
        expect(panel.prompt).to_have_value(title)
    page.keyboard.insert_text("城市")
    page.keyboard.press("Enter")
    stage.turn(title.replace("Your words", "城市")).end('How about "fade out at the end"?')
    expect(panel.prompt).to_have_value("")
    panel.prompt.fill("half a thought")
    panel.chips.filter(has_text="fade out at the end").click()
    stage.turn("fade out at the end").end("Done.")  # as it is, and what was typed stays
    expect(panel.prompt).to_have_value("half a thought")
    expect(panel.root.locator(".nemo-entry")).to_have_count(3)

    # Others take the place of the one that has the focus, which stays where it is.
    cell = threading.Thread(target=session.chat, args=("from a cell",))
    cell.start()
    turn = stage.turn("from a cell")
    panel.chips.first.focus()
    turn.say("Words for both. ")
    turn.say(LATER)
    expect(panel.entry("from a cell")).to_contain_text("Words for both.")
    expect(panel.stop).to_be_hidden()  # that is the cell's
    turn.end('How about "make it vertical"?')
    expect(panel.chips.filter(has_text="make it vertical")).to_be_visible()
    expect(panel.chips.first).to_be_focused()
    cell.join(10)
