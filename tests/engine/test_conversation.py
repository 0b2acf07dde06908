"""Turns of one session follow one another: a question that was asked back is answered by the next message."""

from __future__ import annotations

from typing import Any

from engine_server import Serving
from visitor import Visitor

from nemo_notebook.film.tracks import read_segments


def parts(http: Visitor, session: str, message: str) -> list[dict[str, Any]]:
    """The first part of each event that a turn gives."""
    return [event["content"]["parts"][0] for event in http.events(session, message) if "content" in event]


def say(http: Visitor, session: str, message: str) -> str:
    return str(parts(http, session, message)[-1]["text"])


def calls(http: Visitor, session: str, message: str) -> list[tuple[str, dict[str, Any]]]:
    called = [part["functionCall"] for part in parts(http, session, message) if "functionCall" in part]
    return [(call["name"], call["args"]) for call in called]


def titles(server: Serving, session: str) -> list[str | None]:
    return [segment.text for segment in read_segments(server.store.drafts.now(session)[1]) if segment.kind == "text"]


def test_words_of_a_title__can_be_given_when_they_are_asked_for(server: Serving, http: Visitor) -> None:
    one, other = http.begin(), http.begin()
    for session in (one, other):
        say(http, session, "compose a lofi track, 10 seconds")
    assert "?" in say(http, one, "add a title at the end")
    say(http, other, "Night Lights")
    assert titles(server, other) == []
    assert "Night Lights" in say(http, one, "Night Lights")
    assert titles(server, one) == ["Night Lights"]
    say(http, one, "Morning Lights")
    assert titles(server, one) == ["Night Lights"]


def test_stream__names_the_typed_edits_with_their_fields(server: Serving, http: Visitor) -> None:
    session = http.begin()
    say(http, session, "compose a lofi track, 10 seconds")
    titled = calls(http, session, 'add a title "Hi" from 0:01 to 0:03 and set the music to 40%')
    assert titled == [
        ("add_title", {"text": "Hi", "start_s": 1.0, "end_s": 3.0}),
        ("set_volume", {"target": {"kind": "music"}, "volume": 0.4}),
    ]
    drafts = http.get(f"/api/drafts/nemo_agent/me/{session}").json()["data"]
    assert calls(http, session, "undo") == [("undo", {"steps": 1})]
    again = http.post(
        f"/api/edits/nemo_agent/me/{session}",
        json={"edits": [{"edit": name, **args} for name, args in titled], "draft_version": drafts["draft_version"] + 1},
    )
    assert again.status_code == 200, again.text
    assert titles(server, session) == ["Hi"]
