from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from cases import cases
from part_stand import PageHere, Session

from nemo_notebook import errors
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets import live as control
from nemo_notebook.notebook.widgets.chat_panel import Chat
from nemo_notebook.notebook.widgets.export_panel import ExportPanel
from nemo_notebook.notebook.widgets.film_player import Player
from nemo_notebook.notebook.widgets.part import (
    Number,
    PageAnswer,
    PanelPart,
    WholeNumber,
    _parameters,
    module,
    read_message,
    stylesheet,
)
from nemo_notebook.notebook.widgets.timeline_view import TimelineView
from nemo_notebook.notebook.widgets.uploader import Uploader
from nemo_notebook.session.core import Moved


class Echo(PageHere, PanelPart):
    WORDS: ClassVar = {"hello": ("Hello", "你好")}
    _esm = "export default {}"

    def __init__(self, session: Any) -> None:
        self.moved: list[Timeline] = []
        super().__init__(session)

    def on_moved(self, news: Moved) -> None:
        self.moved.append(news.timeline)

    def do_twice(self, word: str, buffers: Sequence[Any]) -> PageAnswer:
        return PageAnswer(word * 2, [bytes(part) * 2 for part in buffers])

    async def do_later(self, word: str) -> str:
        await asyncio.sleep(0)
        return word

    def do_count(self, id_: WholeNumber, at_s: Number = 1.5) -> list[float]:
        return [id_, at_s]

    def do_fail(self) -> None:
        raise errors.FileMissing("There is no file token=abcdefghijkl.", hint="Look again.")

    async def do_break(self) -> None:
        raise ZeroDivisionError("a secret within")

    def wait(self, count: int) -> list[tuple[dict[str, Any], Sequence[Any]]]:
        self.until(lambda: len(self.said) >= count)
        return self.said


@pytest.fixture
def part() -> Iterator[Echo]:
    made = Echo(Session())
    yield made
    made.close()


def test_part__answers_who_asks(part: Echo) -> None:
    part.hear({"do": "twice", "ask": "1", "word": "ab"}, b"x")
    part.hear({"do": "later", "ask": "2", "word": "later"})
    assert part.wait(2) == [({"answer": "1", "content": "abab"}, [b"xx"]), ({"answer": "2", "content": "later"}, [])]


def test_part__hears_once_what_comes_by_two_ways(part: Echo) -> None:
    for _ in range(2):
        part.hear({"do": "twice", "ask": "1", "word": "ab"})
    part.hear({"do": "twice", "ask": "2", "word": "ab"})
    assert [said["answer"] for said, _ in part.wait(2)] == ["1", "2"]


@pytest.mark.parametrize("name", ["close", "_hear", "none", "", "a.b", 3, None])
def test_part__does_only_what_it_offers(part: Echo, name: object) -> None:
    part.hear({"do": name, "ask": "1"})
    part.hear({"do": "twice", "ask": "2", "word": ""})
    assert [said["answer"] for said, _ in part.wait(1)] == ["2"]


@pytest.mark.parametrize("content", [None, [], "say", 7])
def test_part__takes_no_message_that_is_no_mapping(part: Echo, content: Any) -> None:
    part.hear(content)
    assert (part.said, part.trouble) == ([], "")


@pytest.mark.parametrize("message", [{"id": 3}, {"id": 3, "at_s": 1.5, "more": "x"}])
def test_part__reads_what_a_page_says_by_its_types(part: Echo, message: dict[str, Any]) -> None:
    assert part.ask("count", **message)["content"] == [3, 1.5]


@pytest.mark.parametrize("id_", [-1, 1.5, float("nan"), True, "3", None, [1], {}])
def test_part__takes_only_whole_numbers_for_counts(part: Echo, id_: object) -> None:
    assert "cannot be" in part.ask("count", id=id_)["error"]


@pytest.mark.parametrize("at_s", [float("nan"), float("inf"), 1e300, True, "2", None, [1]])
def test_part__takes_only_finite_numbers(part: Echo, at_s: object) -> None:
    assert "cannot be" in part.ask("count", id=1, at_s=at_s)["error"]


@pytest.mark.parametrize("kind", [Chat, ExportPanel, Player, TimelineView, Uploader])
def test_parts__refuse_what_a_page_makes_up(kind: type[PanelPart], caplog: pytest.LogCaptureFixture) -> None:
    wrong = [{"files": [None, 3, {}]}, {"key": 7, "id": ["t1"], "offset": "x", "changes": [5], "job": {}, "text": None}]
    names = [name.removeprefix("do_") for name in dir(kind) if name.startswith("do_")]
    for name, content in itertools.product(names, wrong):
        handler = getattr(kind, f"do_{name}")
        if any(is_needed and key not in {"content", "buffers"} for key, (_, is_needed) in _parameters(handler).items()):
            with pytest.raises(errors.UsageError, match="cannot be"):
                read_message(handler, content, ())
    assert not caplog.text


def test_part__closes_with_what_it_is_made_of() -> None:
    part = Echo(Session())
    made = part, part.layout
    assert all(each.comm is not None for each in made)
    part.close()
    assert [each.comm for each in made] == [None, None]


def test_part__knows_no_kernel_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IPython.core.getipython.get_ipython", object)  # as in a terminal
    assert Echo(Session()).kernel_id == ""


def test_part__shows_an_error_with_its_hint_and_no_secret(part: Echo) -> None:
    part.hear({"do": "fail", "ask": "1"})
    ((said, _),) = part.wait(1)
    assert said["hint"] == "Look again."
    assert "abcdefghijkl" not in str(said)
    assert part.trouble.endswith("\nLook again.")
    part.hear({"do": "dismiss", "ask": "2"})
    assert part.trouble == ""


def test_part__logs_what_was_not_foreseen_and_shows_no_inside(part: Echo, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        part.hear({"do": "break", "ask": "1"})
        ((said, _),) = part.wait(1)
    assert "ZeroDivisionError" in said["error"]
    assert "a secret within" not in str(said) + part.trouble
    assert "ZeroDivisionError" in caplog.text


def test_part__hears_the_news_until_it_is_closed() -> None:
    session = Session()
    part = Echo(session)
    first, second = Timeline({}), Timeline({})
    session.watchers.tell(Moved(first))
    part.close()
    session.watchers.tell(Moved(second))
    assert part.moved == [first]


def test_part__speaks_the_language_of_its_page_whatever_was_said_last(part: Echo) -> None:
    assert part.language == "auto"
    assert {"hello", "dismiss"} < set(part.words)
    part.hear({"do": "hello", "language": "zh-CN"})
    assert part.word("hello") == "你好"
    part.hear({"do": "hello", "language": "en-GB"})
    part.session.language = "zh-CN"  # as after a Chinese message
    assert part.word("hello") == "Hello"


@cases
def test_part__speaks_as_the_user_has_set(
    of_session: str, of_magics: str, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = {"NemoMagics": SimpleNamespace(language=of_magics)}
    shell = SimpleNamespace(magics_manager=SimpleNamespace(registry=registry))
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    session = Session()
    session.asked_language = of_session
    part = Echo(session)
    part.hear({"do": "hello", "language": "en-GB"})
    assert part.spoken == spoken
    part.close()


def test_urgent__reaches_the_part_by_the_control_channel(part: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: dict[str, Any] = {}
    monkeypatch.setattr(control, "_control_handlers", lambda: handlers)
    control.register_listener(part.part_id, part)
    said = {"do": "twice", "ask": "1", "word": "ab"}
    for content in ({"part_id": "another", "data": said}, {"part_id": part.part_id, "data": "no"}, None):
        handlers[control.MESSAGE](None, None, {"content": content})
    assert part.said == []
    handlers[control.MESSAGE](None, None, {"content": {"part_id": part.part_id, "data": said}})
    assert [said["answer"] for said, _ in part.wait(1)] == ["1"]


def test_sources__loads_nothing_from_elsewhere() -> None:
    source = module("studio") + stylesheet("studio")
    assert "begin({ model, el }" in source
    for far in ("http://", "https://", "@import", "url(", "innerHTML", "eval("):
        assert far not in source.replace("http://www.w3.org/2000/svg", "")
