"""Drafts that come from outside: stored on what they were made from, or refused, and gone back and forth among."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cases import cases
from cloud_service import Manners
from engine_server import Serving, serving
from media_files import write_video
from visitor import Visitor

from nemo_notebook.engine.editing import MAX_DRAFT_BYTES

Draft = dict[str, Any]


class Caller(Visitor):
    """Someone who calls the endpoints of one session."""

    def __init__(self, server: Serving, token: str = "", session_id: str = "") -> None:
        super().__init__(server.url, token, "someone else")
        self.id = session_id

    def __enter__(self) -> Caller:
        super().__enter__()
        self.id = self.id or self.begin()
        return self

    @property
    def at(self) -> str:
        return f"/api/drafts/nemo_agent/me/{self.id}"

    @property
    def draft(self) -> Draft:
        return self.state(self.id)["draft"]

    @property
    def version(self) -> int:
        return int(self.state(self.id)["draft_version"])

    @property
    def history(self) -> dict[str, Any]:
        return dict(self.get(self.at).json()["data"])

    def tell(self, message: str) -> str:
        """Say something; gives the reply."""
        return [each for each in self.events(self.id, message) if "content" in each][-1]["content"]["parts"][0]["text"]

    def store(self, draft: object, version: object = None) -> dict[str, Any]:
        body = {"draft": draft, "draft_version": self.version if version is None else version}
        return self.post(f"{self.at}/edit", content=json.dumps(body), headers=JSON).json()

    def go(self, number: object, version: object = None) -> dict[str, Any]:
        body = {"number": number, "draft_version": self.version if version is None else version}
        return self.post(f"{self.at}/go", json=body).json()


JSON = {"Content-Type": "application/json"}


@pytest.fixture
def caller(server: Serving, clip: bytes) -> Iterator[Caller]:
    """A session with a film of a clip and a title."""
    with Caller(server, server.token) as caller:
        caller.upload(caller.id, clip)
        caller.tell("use my clip")
        caller.tell('add a title "Hi" for 1 second')
        yield caller


def renamed(draft: Draft, text: str) -> Draft:
    """A copy with another title."""
    edited = copy.deepcopy(draft)
    title = next(s for track in edited["t"] for s in track["sg"] if s["m"].get("role") == "title")
    title["m"]["text"] = text
    return edited


def test_edit__is_stored_with_its_unknown_keys_and_told(caller: Caller) -> None:
    draft = renamed(caller.draft, "Yo")
    draft["x"] = {"any": [1, None, "thing"]}
    assert caller.store(draft) == {"code": 0, "message": "success", "data": {"draft_version": 3}}
    assert caller.draft == draft
    newest = caller.history["drafts"][-1]
    assert (newest["number"], newest["origin"], newest["said"]) == (3, "table", "")
    assert '"Hi" → "Yo"' in newest["told"]
    assert [each["said"] for each in caller.history["drafts"][1:3]] == ["use my clip", 'add a title "Hi" for 1 second']


def test_edit__of_a_voice_over_above_full_volume_is_stored(caller: Caller) -> None:
    draft = caller.draft
    media = next(s["m"]["media"] for track in draft["t"] for s in track["sg"] if s["m"].get("role") == "clip")
    said = {"id": "v", "s": 0, "d": 1000, "v": 2.5, "m": {"role": "speech", "name": "memo", "media": media}}
    draft["t"].append({"id": "voice", "tt": 1, "sg": [said]})
    assert caller.store(draft)["code"] == 0
    assert caller.draft == draft


def test_edit__that_changes_nothing_is_no_version(caller: Caller) -> None:
    assert caller.store(caller.draft)["data"] == {"draft_version": 2}
    assert len(caller.history["drafts"]) == 3


def test_edit__of_a_draft_that_is_there_no_more_is_refused(caller: Caller) -> None:
    draft = caller.draft
    assert caller.store(renamed(draft, "A"), 2)["code"] == 0
    refused = caller.store(renamed(draft, "B"), 2)
    assert (refused["code"], refused["data"]) == (409, None)
    assert refused["hint"]
    assert caller.draft == renamed(draft, "A")


def test_edits_that_race__all_but_one_are_refused(caller: Caller) -> None:
    draft, codes = caller.draft, []
    gate = threading.Barrier(8)

    def work(number: int) -> None:
        gate.wait()
        codes.append(caller.store(renamed(draft, f"T{number}"), 2)["code"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [0, *[409] * 7]
    assert caller.version == 3


def test_going_back_and_forth__by_words_and_by_number(caller: Caller) -> None:
    second = caller.draft
    caller.store(renamed(second, "Yo"))
    assert "Yo" in caller.tell("undo")
    assert (caller.draft, caller.version) == (second, 4)
    assert caller.go(1)["data"] == {"draft_version": 5}
    assert "Hi" in caller.tell("redo")
    assert "Yo" in caller.tell("重做")
    assert "nothing to redo" in caller.tell("redo")
    history = caller.history
    assert (history["current"], history["draft_version"]) == (3, 7)
    assert [each["number"] for each in history["drafts"]] == [0, 1, 2, 3]


def test_beginning__can_be_gone_to_and_left_again(caller: Caller) -> None:
    assert caller.go(0)["code"] == 0
    assert (caller.draft, caller.history["current"]) == (None, 0)
    assert "nothing to undo" in caller.tell("undo")
    assert caller.go(2)["code"] == 0
    assert "undid 2" in caller.tell("undo twice").lower()
    assert caller.draft is None
    assert "redid 2" in caller.tell("redo twice").lower()


def test_history__holds_no_secret_that_was_said(caller: Caller) -> None:
    caller.tell('add a title "Key" at the end token=abc123secret')
    assert "abc123secret" not in json.dumps(caller.history)


@cases
def test_going_to_what_is_not_there__is_refused(caller: Caller, number: object, version: object) -> None:
    assert caller.go(number, version)["code"] != 0
    assert caller.version == 2


def first_segment(draft: Draft) -> Draft:
    return draft["t"][0]["sg"][0]


def deep(draft: Draft) -> None:
    value: Any = "x"
    for _ in range(500):
        value = [value]
    draft["m"]["x"] = value


def check_refused(caller: Caller, draft: object) -> None:
    before = caller.draft
    refused = caller.store(draft)
    assert refused.get("code", 0) != 0 or refused.get("detail")
    assert refused.get("code") != 409
    assert caller.draft == before
    assert "Undid" in caller.tell("undo")


@cases
def test_hostile_value__is_refused_and_nothing_changes(caller: Caller, place: str, value: Any) -> None:
    draft = caller.draft
    *steps, last = place.format(first="t 0 sg 0").split()
    inner: Any = draft
    for step in steps:
        inner = inner[int(step) if step.isdecimal() else step]
    inner[last] = value
    check_refused(caller, draft)


HOSTILE: dict[str, Callable[[Draft], Any]] = {
    "nested": deep,
    "huge": lambda d: d.update(x="x" * (MAX_DRAFT_BYTES + 1)),
    "tracks of another type": lambda d: d.update(t={"0": d["t"][0]}),
    "a track of another type": lambda d: d["t"].append(5),
    "a segment of another type": lambda d: d["t"][0]["sg"].append("x"),
    "too many segments": lambda d: d["t"][0]["sg"].extend({"s": i, "d": 1} for i in range(10_001)),
    "tracks by another name": lambda d: d.update(tracks=[*d.pop("t"), {"segments": [{"m": {"media": []}}]}]),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_hostile_draft__is_refused_and_nothing_changes(caller: Caller, how: str) -> None:
    draft = caller.draft
    HOSTILE[how](draft)
    check_refused(caller, draft)


@pytest.mark.parametrize("draft", [None, "x" * 100, [{"t": []}]])
def test_no_draft_at_all__is_refused(caller: Caller, draft: object) -> None:
    check_refused(caller, draft)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"draft": {"x": "\\ud800"}, "draft_version": 2}', b"[]", b"x"])
def test_hostile_request__is_refused(caller: Caller, body: bytes) -> None:
    assert caller.post(f"{caller.at}/edit", content=body, headers=JSON).status_code == 422
    assert caller.post(f"{caller.at}/edit", content=body).status_code == 415


def test_upload_of_another_session__is_not_reached(server: Serving, caller: Caller, tmp_path: Path) -> None:
    with Caller(server, server.token) as other:
        write_video(tmp_path / "clip.mp4", frames=30)
        answer = other.upload(other.id, (tmp_path / "clip.mp4").read_bytes()).json()
        foreign = str(answer["data"]["files"][0]["hash"])
    draft = copy.deepcopy(caller.draft)
    assert first_segment(draft)["m"]["media"] != foreign
    first_segment(draft)["m"]["media"] = foreign
    assert "not among the uploads" in caller.store(draft)["message"]


def test_other_users_drafts__are_not_there(server: Serving, caller: Caller) -> None:
    with Caller(server, session_id=caller.id) as stranger:
        assert stranger.get(stranger.at).json()["code"] == 1002
        assert stranger.store(caller.draft, 2)["code"] == 1002
        assert stranger.go(1, 2)["code"] == 1002


def test_all_rows_dropped__is_an_empty_timeline(caller: Caller) -> None:
    assert caller.store({"t": []})["code"] == 0
    assert "Undid" in caller.tell("undo")


def test_redo_of_a_generation_in_two_stages__is_one_step(tmp_path: Path, clip: bytes) -> None:
    with serving(tmp_path / "served", Manners(stages="within")) as server, Caller(server, server.token) as caller:
        caller.upload(caller.id, clip)
        caller.tell("make a video with calm music")
        whole = caller.draft
        assert caller.version == 2
        caller.tell("undo twice")
        assert caller.draft is None
        caller.tell("redo twice")
        assert (caller.draft, caller.history["current"]) == (whole, 2)
        assert [each["number"] for each in caller.history["drafts"]] == [0, 1, 2]


EDITS = "/api/edits/nemo_agent/me/"


def edit_all(caller: Caller, *edits: Any, **body: Any) -> dict[str, Any]:
    content = json.dumps({"edits": edits, "language": "en", **body})
    answer: dict[str, Any] = caller.post(f"{EDITS}{caller.id}", content=content, headers=JSON).json()
    return answer


def held(caller: Caller) -> tuple[int, Draft]:
    return caller.version, caller.draft


SHOT = {"kind": "shot", "number": 1}


@cases
def test_bad_edit__is_told_by_its_place_and_field_and_nothing_is_done(
    caller: Caller, value: Any, field: str, words: str
) -> None:
    assert edit_all(caller, {"edit": "add_title", "text": "Yo", "start_s": 1.2, "end_s": 1.8})["code"] == 0
    before = held(caller)
    refused = edit_all(caller, {"edit": "set_title", "target": "Hi", "color": "#ff0000"}, value)
    assert (refused["code"], refused["data"]) == (4003, None)
    (problem,) = refused["problems"]
    assert (problem["at"], problem["field"]) == (1, field)
    assert words in problem["words"]
    assert refused["message"].startswith("edit 2")
    assert held(caller) == before


def test_edits_of_a_version_that_is_not_the_newest__are_refused(caller: Caller) -> None:
    version = caller.version
    assert edit_all(caller, {"edit": "set_title", "text": "A"}, draft_version=version)["code"] == 0
    before = held(caller)
    assert edit_all(caller, {"edit": "set_title", "text": "B"}, draft_version=version)["code"] == 409
    assert held(caller) == before


def test_kinds_and_keys_that_nobody_knows__stay_and_edits_go_by_them(caller: Caller) -> None:
    draft = caller.draft
    odd = {"id": "odd", "tt": 42, "x": [None], "sg": [{"id": "o-1", "s": 100, "d": 700, "m": {"role": "odd", "y": 1}}]}
    draft["t"].append(odd)
    assert caller.store(draft)["code"] == 0
    assert edit_all(caller, {"edit": "set_title", "text": "A"})["code"] == 0
    assert caller.draft["t"][-1] == odd
    (problem,) = edit_all(caller, {"edit": "set_volume", "target": {"id": "o-1"}, "volume": 1})["problems"]
    assert problem["field"] == "target"


def test_undo__brings_the_bytes_back(caller: Caller) -> None:
    before = caller.draft
    changes = ({"edit": "split", "parts": 3}, {"edit": "sort_shots", "by": "reversed"}, {"edit": "add_music"})
    assert edit_all(caller, *changes)["code"] == 0
    after = caller.draft
    caller.tell("undo")
    assert json.dumps(caller.draft) == json.dumps(before)
    caller.tell("redo")
    assert json.dumps(caller.draft) == json.dumps(after)


def test_ten_thousand_edits__do_not_keep_others_waiting(caller: Caller) -> None:
    edits = [{"edit": "set_title", "target": {"id": "title-1"}, "text": f"Title {n}"} for n in range(10_000)]
    answers: list[dict[str, Any]] = []
    begun = time.monotonic()
    work = threading.Thread(target=lambda: answers.append(edit_all(caller, *edits)))
    work.start()
    waits = []
    while work.is_alive():
        asked = time.monotonic()
        assert caller.version in (2, 3)
        waits.append(time.monotonic() - asked)
    assert answers[0]["code"] == 0
    assert len(answers[0]["data"]["told"]) == 10_000
    assert time.monotonic() - begun < 30  # the time that a client waits for an answer
    assert max(waits) < 5
    version = caller.version
    refused = edit_all(caller, *[{"edit": "no such"}] * 10_000)
    assert (refused["code"], len(refused["problems"])) == (4003, 100)
    assert caller.version == version
