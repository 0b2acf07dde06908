from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from cases import cases

from nemo_notebook import errors
from nemo_notebook.client.events import Artifact, Heartbeat, Notice, Text, TextFinal, ToolCall
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets.chat_log import ChatLog
from nemo_notebook.session.records import Turn
from nemo_notebook.session.results import Reply


def titled(words: str) -> Timeline:
    return Timeline({"d": 3000, "t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "text": words}]}]})


def reply(text: str, *, shown: bool, cost: float | None = None) -> Reply:
    after = titled("Hi")
    return Reply(text, after.diff(titled("Hello")), after, shown=shown, cost=cost)


class Page:
    """What a page makes of what it is told."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, list[list[str]]] = {}
        self.bytes = 0

    def take(self, messages: Iterable[dict[str, Any]]) -> None:
        for message in messages:
            if message["say"] == "entry":
                self.entries[message["entry"]["key"]] = message["entry"]
                continue
            parts = self.parts.setdefault(message["key"], [])
            while len(parts) <= message["place"]:
                parts.append([message["kind"], ""])
            part = parts[message["place"]]
            part[1] = message["text"] if message["whole"] else part[1] + message["text"]
            self.bytes += len(message["text"])

    def join(self, window: dict[str, Any]) -> None:
        for entry in window["entries"]:
            self.entries[entry["key"]] = entry
            self.parts[entry["key"]] = [[part["kind"], part["text"]] for part in entry["parts"]]

    def text(self, key: str) -> str:
        return "|".join(text for kind, text in self.parts[key] if kind == "text")


def test_talk__a_turn_from_its_first_word_to_its_changes() -> None:
    talk, page = ChatLog(), Page()
    talk.begin("k1", "make it short")
    talk.said("turn_1", "make it short", "k1")
    talk.heard("turn_1", ToolCall("add_music", {}))
    for piece in ("Some ", "wor", "ds."):
        talk.heard("turn_1", Text(piece))
    talk.heard("turn_1", TextFinal("Some words. And more."))
    talk.answered("turn_1", reply("Some words. And more.", shown=True, cost=2.0), None)
    page.take(talk.drain())
    entry = page.entries["k1"]
    assert (entry["state"], entry["turn"], entry["is_mine"], entry["cost"]) == ("done", "turn_1", True, 2.0)
    assert page.text("k1") == "Some words. And more."
    assert page.bytes == len("Some words. And more.")
    assert len(entry["changes"]) == 1
    assert entry["doing"] == ""
    assert not talk.is_due


def test_talk__tells_the_kind_of_work_and_a_long_silence_once() -> None:
    talk = ChatLog()
    talk.said("turn_1", "加音乐")
    talk.drain()
    told = []
    for _ in range(5):
        for event in (ToolCall("add_music", {}), Heartbeat()):
            talk.heard("turn_1", event)
            told += [message["entry"] for message in talk.drain()]
    assert [(entry["doing"], entry["is_slow"]) for entry in told] == [("正在添加音乐", False), ("正在添加音乐", True)]


def test_talk__another_passage_than_its_pieces_takes_their_place() -> None:
    talk, page = ChatLog(), Page()
    talk.said("turn_1", "x")
    for event in (Text("A draft"), TextFinal("The truth."), Text("Next"), Notice("A word."), TextFinal("Next one.")):
        talk.heard("turn_1", event)
    page.take(talk.drain())
    assert page.parts["turn_1"] == [["text", "The truth."], ["text", "Next one."], ["note", "A word."]]


@pytest.mark.parametrize("seed", range(20))
def test_talk__pages_see_the_same_whenever_they_come(seed: int) -> None:
    rnd = random.Random(seed)
    text = "One **two** \x1b[31mthree\x1b[0m four\r\nfive \u202esix\u202c 七八九。" * 30
    talk, pages = ChatLog(), [Page()]
    talk.said("turn_1", "x")
    at = 0
    while at < len(text):
        step = rnd.choice((1, 2, 3, 40))
        talk.heard("turn_1", Text(text[at : at + step]))
        at += step
        if rnd.random() < 0.3:
            messages = talk.drain(rnd.choice((1, 7, 100)))
            for page in pages:
                page.take(messages)
        if rnd.random() < 0.05:
            late = Page()
            late.join(talk.window())
            pages.append(late)
    talk.heard("turn_1", TextFinal(text))
    messages = talk.drain()
    for page in pages:
        page.take(messages)
    wanted = "One **two** three four\nfive six 七八九。" * 30
    assert {page.text("turn_1") for page in pages} == {wanted}
    assert pages[0].bytes == len(wanted)


def test_talk__drains_no_more_than_it_may_at_once() -> None:
    talk, page = ChatLog(), Page()
    talk.said("turn_1", "x")
    talk.heard("turn_1", Text("x" * 100_000))
    rounds = 0
    while talk.is_due:
        before = page.bytes
        page.take(talk.drain(32_000))
        assert page.bytes - before <= 32_000
        rounds += 1
    assert (rounds, page.text("turn_1")) == (4, "x" * 100_000)


def test_talk__a_window_is_small_and_tells_what_came_before() -> None:
    talk = ChatLog()
    talk.recall(Turn(f"turn_{n}", f"said {n}", "y" * 15_000, "done", 0.0) for n in range(200))
    seen: list[str] = []
    before, earlier = "", 1
    while earlier:
        window = talk.window(before)
        assert sum(len(part["text"]) for entry in window["entries"] for part in entry["parts"]) <= 200_000
        keys = [entry["key"] for entry in window["entries"]]
        seen, before, earlier = [*keys, *seen], keys[0], window["earlier"]
    assert seen == [f"turn_{n}" for n in range(200)]


def test_talk__what_the_journal_has_goes_before_what_is_new() -> None:
    talk = ChatLog()
    talk.heard("turn_2", Text("Half"))
    talk.said("turn_3", "third")
    talk.recall([Turn("turn_1", "first", "One.", "open", 0.0), Turn("turn_2", "second", "", "open", 0.0)])
    entries = talk.window()["entries"]
    assert [(entry["turn"], entry["message"], entry["state"]) for entry in entries] == [
        ("turn_1", "first", "open"),
        ("turn_2", "second", "running"),
        ("turn_3", "third", "running"),
    ]


@cases
def test_talk__offers_to_try_again_where_nothing_was_done(kind: str, message: str, hint: str, can_repeat: bool) -> None:
    talk, page = ChatLog(), Page()
    talk.said("turn_1", "x")
    talk.answered("turn_1", None, getattr(errors, kind)(message, hint=hint))
    page.take(talk.drain())
    entry = page.entries["turn_1"]
    assert (entry["state"], entry["error"], entry["can_repeat"]) == ("failed", message, can_repeat)


def test_talk__stopped_then_looked_at_again() -> None:
    talk, page = ChatLog(), Page()
    talk.said("turn_1", "x")
    talk.heard("turn_1", Text("It beg"))
    talk.answered("turn_1", None, None)
    page.take(talk.drain())
    assert page.entries["turn_1"]["state"] == "stopped"
    talk.heard("turn_1", Notice("The music is there."))
    found = reply("The music is there.\nThe reply itself is not kept.", shown=False)
    talk.answered("turn_1", found, None)
    page.take(talk.drain())
    assert page.entries["turn_1"]["state"] == "done"
    assert page.entries["turn_1"]["changes"] == []
    assert page.parts["turn_1"][1:] == [["note", "The music is there."], ["text", "The reply itself is not kept."]]


def test_talk__no_secret_of_an_error_and_no_inside() -> None:
    talk, page = ChatLog(), Page()
    for key, error in (("a", errors.ServiceError("token=abcdefghijkl")), ("b", ValueError("inside"))):
        talk.fail(talk.begin(key, "x"), error)
    page.take(talk.drain())
    assert "abcdefghijkl" not in str(page.entries)
    assert "inside" not in page.entries["b"]["error"].replace("wrong inside", "")


def test_talk__files_that_were_made_are_a_quiet_line() -> None:
    talk, page = ChatLog(), Page()
    talk.said("turn_1", "x")
    talk.heard("turn_1", Artifact({"song.mp3": 1}))
    page.take(talk.drain())
    assert page.parts["turn_1"] == [["note", "＋ song.mp3"]]


def test_talk__forgets_the_oldest_of_very_many() -> None:
    talk = ChatLog()
    for n in range(600):
        talk.said(f"turn_{n}", "x")
    assert len(talk._entries) == 500
