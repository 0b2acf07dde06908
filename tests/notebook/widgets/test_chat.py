from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from part_stand import PageHere
from stage import Stage

import nemo_notebook as nemo
from nemo_notebook.notebook.widgets.chat_panel import Chat


class Told(PageHere, Chat):
    """A chat whose page is the test."""

    def entry(self, key: str) -> dict[str, Any]:
        told = [each["entry"] for each in self.messages if each.get("say") == "entry" and each["entry"]["key"] == key]
        return told[-1] if told else {}

    def text(self, key: str) -> str:
        return "".join(each["text"] for each in self.messages if each.get("say") == "piece" and each["key"] == key)

    def ends(self, key: str) -> dict[str, Any]:
        return self.until(lambda: self.entry(key).get("state") not in {None, "waiting", "running"} and self.entry(key))


@pytest.fixture
def chat(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setenv("NEMO_HOME", str(tmp_path))
    with nemo.connect(backend=stage.url) as session:
        session.timeline()  # or what is there already would be told as new with the first turn
        made = Told(session)
        yield made
        made.close()


def test_chat__one_thing_at_a_time(chat: Told, stage: Stage) -> None:
    chat.ask("say", text="two", key="k1")
    refused = chat.ask("say", text="three", key="k2")
    assert "running" in refused["error"]
    assert refused["hint"]
    assert "k2" not in chat._log
    stage.turn("two").end("Two.")
    chat.ends("k1")
    assert chat.ask("say", text=" ", key="k3")["error"]


def test_chat__takes_no_endless_message(chat: Told) -> None:
    refused = chat.ask("say", text="add a title " * 10_000, key="k1")
    assert "100,000 characters" in refused["error"]
    assert "k1" not in chat._log


def test_chat__opened_anew_can_stop_what_was_said_before(chat: Told, stage: Stage) -> None:
    chat.ask("say", text="go on", key="k1")
    turn = stage.turn("go on")
    turn.say("It begins. ")
    chat.until(lambda: "begins" in chat.text("k1"))
    again = Told(chat.session)
    chat.close()  # its cell was run again
    entry = next(each for each in again.ask("log")["content"]["entries"] if each["message"] == "go on")
    assert (entry["state"], entry["is_mine"]) == ("running", True)
    turn.say("And on. ")
    again.until(lambda: "And on." in again.text(entry["key"]))
    assert "running" in again.ask("say", text="more", key="k2")["error"]
    assert again.ask("stop")["content"] is True
    assert turn.gone.wait(5)
    assert again.ends(entry["key"])["state"] == "stopped"
    assert again.ask("stop")["content"] is False
    again.close()


def test_chat__stop_before_it_was_sent_says_that_nothing_was_done(chat: Told, stage: Stage) -> None:
    other = threading.Thread(target=chat.session.chat, args=("five in a cell",))
    other.start()
    turn = stage.turn("five in a cell")
    chat.ask("say", text="six", key="k1")
    chat.ask("stop")
    entry = chat.ends("k1")
    assert (entry["state"], entry["can_repeat"]) == ("stopped", True)
    assert "nothing was done" in chat.text("k1")
    turn.end("Five.")
    other.join(10)


def test_chat__a_turn_of_a_cell_is_heard_and_is_not_stopped(chat: Told, stage: Stage) -> None:
    other = threading.Thread(target=chat.session.chat, args=("seven",))
    other.start()
    turn = stage.turn("seven")
    turn.say("Words of a cell, and ")
    turn.say("more of them. ")
    key = chat.until(lambda: next((each["key"] for each in chat.messages if each.get("say") == "piece"), None))
    assert chat.entry(key)["is_mine"] is False
    assert chat.ask("stop")["content"] is False
    turn.end("Words of a cell, and more of them. The end.")
    other.join(10)
    assert chat.ends(key)["state"] == "done"
    assert not turn.gone.is_set()


def test_chat__plain_words_that_are_no_matter_for_the_editor(chat: Told, stage: Stage) -> None:
    for key, text, shown in (
        ("k1", "how many credits do I have left?", "100 available"),
        ("k2", "status", "Urban Dreams"),
    ):
        chat.ask("say", text=text, key=key)
        assert chat.ends(key)["state"] == "done"
        assert shown in chat.text(key)


def test_chat__an_export_goes_on_in_the_background(chat: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    begun, gate = threading.Event(), threading.Event()

    async def export(path: Any, **how: Any) -> str:
        asked.append({"path": path, **how})
        begun.set()
        await asyncio.to_thread(gate.wait, 10)
        return "film.mp4 (3.0 s)"

    monkeypatch.setattr(chat.session.asynchronous, "export", export)
    chat.ask("say", text="export it as mp4 in 1080p", key="k1")
    assert chat.ends("k1")["state"] == "done"
    assert begun.wait(10)
    assert asked == [{"path": None, "format": "mp4", "resolution": "1080p"}]
    assert "has begun" in chat.text("k1")
    gate.set()
    chat.until(lambda: "Saved: film.mp4" in chat.text("k1"))


def test_chat__suggests_in_the_language_of_the_page_not_of_what_was_said_last(chat: Told, stage: Stage) -> None:
    chat.ask("hello", language="en-US")
    chat.ask("say", text="加标题", key="k1")
    stage.turn("加标题").end("好的。")
    chat.ends("k1")
    assert chat.ask("log")["content"]["suggestions"][0].isascii()
    chat.ask("hello", language="zh-CN")
    chat.until(lambda: any("suggestions" in each and not each["suggestions"][0].isascii() for each in chat.messages))


def test_chat__its_state_holds_no_talk(chat: Told, stage: Stage) -> None:
    chat.ask("say", text="ten", key="k1")
    stage.turn("ten").end("Words that are not kept in a notebook.")
    chat.ends("k1")
    assert "not kept in a notebook" not in str({**chat.get_state(), "_esm": "", "_css": ""})
