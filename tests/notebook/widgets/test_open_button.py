"""The address of the web page goes to the page that asks, when it asks, and nowhere else."""

from __future__ import annotations

import logging
import webbrowser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fake_outlet import FakeOutlet
from fake_service import EMPTY, Fake, sse
from part_stand import PageHere
from planted import PLANTED

from nemo_notebook import errors
from nemo_notebook.notebook.commands import projects
from nemo_notebook.notebook.grammar import Arguments
from nemo_notebook.notebook.widgets import open_button as button_module
from nemo_notebook.notebook.widgets.open_button import OpenButton
from nemo_notebook.session import sync
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.project import AsyncClient
from nemo_notebook.session.sync import Session

CLAIM = f"clm_{PLANTED[8:]}"


class Web(Fake):
    """A service that has a web page."""

    def __init__(self, answer: httpx.Response | None = None) -> None:
        super().__init__(sse(), [EMPTY])
        self.answer = answer
        self.claims = 0

    def more(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/auth/claim-token"
        self.claims += 1
        return self.answer or httpx.Response(200, json={"code": 0, "data": {"claim_token": CLAIM}})

    @property
    def opened(self) -> Session:
        return Session(self.session(), AsyncClient("http://127.0.0.1:9"), sync.shared_bridge())


class Events:
    """Who wants to hear of the shell's cells."""

    def __init__(self) -> None:
        self.hearers: list[Any] = []

    def register(self, name: str, hearer: Any) -> None:
        assert name == "pre_run_cell"
        self.hearers.append(hearer)

    def unregister(self, name: str, hearer: Any) -> None:
        self.hearers.remove(hearer)


class Opener(PageHere, OpenButton):
    """The button, of which the test is the page."""

    def __init__(self, web: Web) -> None:
        super().__init__(web.opened)
        self.outlet, self.events = FakeOutlet(has_reader=True), Events()
        self.show(self.outlet, SimpleNamespace(events=self.events))


@pytest.fixture(autouse=True)
def web_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_WEB_URL", "https://web.test")


def test_address__is_asked_for_when_the_button_is_pressed_and_given_once(
    own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    web = Web()
    page = Opener(web)
    assert web.claims == 0
    answer = page.ask("open")
    assert answer["content"] == {"address": f"https://web.test/workspace/claim?ct={CLAIM}"}
    again = page.ask("open")
    assert "opened already" in again["error"]
    assert web.claims == 1
    kept = repr(page.get_state()) + caplog.text + repr(page) + repr(page.session)
    assert "clm_" not in kept
    for path in own_home.glob("journal.sqlite*"):
        assert b"clm_" not in path.read_bytes()
    page.end()


def test_button__is_gone_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(button_module, "_PATIENCE_S", 0.0)
    page = Opener(Web())
    assert page._is_over.wait(10)
    assert page.events.hearers == []


def test_link__that_is_none_is_an_error() -> None:
    web = Web(httpx.Response(200, json={"code": 0, "data": {"claim_token": "a b"}}))
    with pytest.raises(errors.ProtocolError):
        web.opened.link()


# The command


def call(web: Web, outlet: FakeOutlet) -> Any:
    session = web.opened

    async def opened(_: object) -> Session:
        return session

    context = SimpleNamespace(session=opened, shell=SimpleNamespace(events=Events()))
    return SimpleNamespace(context=context, outlet=outlet, is_shown=False, session=session)


def run(made: Any) -> None:
    sync.shared_bridge().run(projects.run_open(made, Arguments()))


def test_command__in_a_terminal_opens_the_browser_and_prints_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: not opened.append(address))  # type: ignore[func-returns-value]
    outlet = FakeOutlet(is_rich=False)
    run(call(Web(), outlet))
    assert opened == [f"https://web.test/workspace/claim?ct={CLAIM}"]
    assert outlet.printed == "It opens in your browser.\n"


@pytest.mark.parametrize("failure", [None, webbrowser.Error("none"), OSError("none")])
def test_command__without_a_browser_says_so(monkeypatch: pytest.MonkeyPatch, failure: Exception | None) -> None:
    def no_browser(_: str) -> bool:
        if failure is not None:
            raise failure
        return False

    monkeypatch.setattr(webbrowser, "open", no_browser)
    with pytest.raises(errors.NemoError, match="No browser") as caught:
        run(call(Web(), FakeOutlet(is_rich=False, has_reader=True)))
    assert "clm_" not in f"{caught.value} {caught.value.hint}"


def test_command__that_nobody_sees_is_refused() -> None:
    web = Web()
    with pytest.raises(errors.UsageError, match="Nobody"):
        run(call(web, FakeOutlet()))
    assert web.claims == 0


@pytest.mark.parametrize("is_rich", [True, False])
def test_command__on_the_local_engine_is_refused(is_rich: bool) -> None:
    web, outlet = Web(), FakeOutlet(is_rich=is_rich, has_reader=True)
    made = call(web, outlet)
    made.session.asynchronous._core.backend = Backend("http://127.0.0.1:9", is_local=True)
    with pytest.raises(errors.UsageError, match="no web page") as caught:
        run(made)
    assert "%nemo studio" in caught.value.hint
    assert (web.claims, outlet.values) == (0, [])
