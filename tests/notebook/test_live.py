from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cases import cases
from chromium import chromium
from fake_outlet import FakeOutlet
from playwright.sync_api import Page, expect, sync_playwright

from nemo_notebook.notebook.commands.chat import RichStream
from nemo_notebook.notebook.widgets import live
from nemo_notebook.notebook.widgets.live import kernel_id

from .test_stream import Clock

FOLDER = Path(live.__file__).parent


def live_line(outlet: FakeOutlet) -> live.LiveLine:
    (found,) = [value for value in outlet.values if isinstance(value, live.LiveLine)]
    return found


def press(line: live.LiveLine) -> None:
    """What the button's message does."""
    line._handle_custom_msg({"do": "stop"}, [])


def test_line__is_there_before_anything_else_and_gone_at_the_end() -> None:
    outlet, clock = FakeOutlet(has_reader=True), Clock()
    shown = RichStream(outlet, now=clock)
    assert len(outlet.values) == 1
    line = live_line(outlet)
    assert line.comm is not None
    shown.note("adding music")
    assert line.doing == "adding music"
    for _ in range(600):
        clock.now_s += 0.1
        shown.tick()
    assert outlet.messages == 1
    shown.feed("Done.")
    shown.close()
    assert outlet.text == "Done."
    assert line.comm is None


def test_line__speaks_the_language_of_the_talk() -> None:
    outlet = FakeOutlet(has_reader=True)
    RichStream(outlet, chinese=True).close()
    assert live_line(outlet).working == "仍在处理…"
    assert live_line(outlet).stop == "停止"


def test_stop__of_work_in_the_background_calls_back_until_it_is_over() -> None:
    outlet, stopped = FakeOutlet(has_reader=True), []
    shown = RichStream(outlet, on_stop=lambda: stopped.append(1))
    line = live_line(outlet)
    assert line.in_background
    press(line)
    line._handle_custom_msg({"do": "something else"}, [])
    assert stopped == [1]
    shown.close()
    press(line)
    assert stopped == [1]


def test_stop__of_a_cell_that_waits_interrupts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    outlet, interrupted = FakeOutlet(has_reader=True), []
    monkeypatch.setattr(live._thread, "interrupt_main", lambda: interrupted.append(1))
    shown = RichStream(outlet)
    line = live_line(outlet)
    assert not line.in_background
    press(line)
    shown.close()
    press(line)
    assert interrupted == [1]


def test_without_widgets__a_turn_goes_on_and_the_log_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no comms here")

    monkeypatch.setattr(live, "LiveLine", broken)
    caplog.set_level("INFO")
    outlet = FakeOutlet(has_reader=True)
    shown = RichStream(outlet)
    shown.feed("Done.")
    shown.close()
    assert outlet.text == "Done."
    assert "no comms here" in caplog.text


@cases
def test_kernel_id__comes_from_the_connection_file(file: str, kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipykernel.connect.get_connection_file", lambda: file)
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: SimpleNamespace(kernel=object()))
    assert kernel_id() == kernel
    monkeypatch.undo()
    assert kernel_id() == ""


def test_what_is_sent_to_the_browser__is_small_and_holds_no_secret() -> None:
    line = live.LiveLine("Still working...", "Stop", "Stopping…")
    state = line.get_state()
    own = {name for name in state if not name.startswith("_")}
    shown = "kernel_id in_background working doing stop stopping"
    assert own - {"layout", "tabbable", "tooltip"} == set(shown.split())
    assert len(state["_esm"]) + len(state["_css"]) < 7_000
    line.end()


HARNESS = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")


class Browser:
    """A page with the line in it, and the server's answers to it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.interrupts: list[tuple[str, dict[str, str]]] = []
        self.status = 204

    def open(self, *, in_background: bool = False) -> None:
        self.page.route("http://nemo.test/**", lambda route: self._answer(route, in_background=in_background))
        self.page.context.add_cookies([{"name": "_xsrf", "value": "2|a", "url": "http://nemo.test/"}])
        self.page.goto("http://nemo.test/")
        self.page.wait_for_function("window.ready")

    def _answer(self, route: Any, *, in_background: bool) -> None:
        address = route.request.url
        if route.request.method == "POST":
            self.interrupts.append((address, route.request.headers))
            route.fulfill(status=self.status)
        elif address.endswith("/live.js"):
            route.fulfill(body=(FOLDER / "live.js").read_text(), content_type="text/javascript")
        else:
            css = f"<style>{(FOLDER / 'live.css').read_text()}</style>"
            route.fulfill(body=css + HARNESS % str(in_background).lower(), content_type="text/html; charset=utf-8")


@pytest.fixture
def browser() -> Iterator[Browser]:
    found = chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = running.new_page()
        page.clock.install()
        yield Browser(page)
        running.close()


def test_browser__counts_by_itself_until_it_goes(browser: Browser) -> None:
    browser.open()
    words = browser.page.locator(".nemo-live-words")
    expect(words).to_have_text("⏳ Still working... 0:00")
    browser.page.clock.run_for(72_000)
    expect(words).to_have_text("⏳ Still working... 1:12")
    browser.page.evaluate("model.set('doing', 'adding <b>music</b>')")
    expect(words).to_have_text("⏳ Still working... 1:12 · adding <b>music</b>")
    browser.page.evaluate("window.leave()")
    before = words.text_content()
    browser.page.clock.run_for(5_000)
    browser.page.evaluate("model.set('doing', 'x')")
    assert words.text_content() == before
    assert browser.page.evaluate("window.sent") == []


def test_browser__stop_interrupts_the_kernel(browser: Browser) -> None:
    browser.open()
    button = browser.page.get_by_role("button", name="Stop")
    browser.page.keyboard.press("Tab")
    expect(button).to_be_focused()
    browser.page.keyboard.press("Enter")
    expect(browser.page.get_by_role("button")).to_have_text("Stopping…")
    expect(browser.page.get_by_role("button")).to_be_disabled()
    ((address, headers),) = browser.interrupts
    assert address == "http://nemo.test/user/me/api/kernels/abc/interrupt"
    assert headers["x-xsrftoken"] == "2|a"
    assert browser.page.evaluate("window.sent") == []


@pytest.mark.parametrize(("status", "in_background"), [(403, False), (204, True)])
def test_browser__stop_is_a_message_where_the_server_cannot_or_no_cell_waits(
    browser: Browser, status: int, in_background: bool
) -> None:
    browser.status = status
    browser.open(in_background=in_background)
    browser.page.get_by_role("button").click()
    browser.page.wait_for_function("window.sent.length")
    assert browser.page.evaluate("window.sent") == [{"do": "stop"}]
    assert len(browser.interrupts) == (not in_background)
