"""Turns of one session follow one another: a question that was asked back is answered by the next message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from engine_server import Serving, serving

from nemo_notebook.film.draft import read_segments


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def http(server: Serving) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {server.token}", "X-Skill-Source": "s"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
        yield client


def begin(http: httpx.Client) -> str:
    begun = http.post("/api/tasks/me/with-session/nemo_agent", json={}).json()["data"]
    return str(begun["session_id"])


def say(http: httpx.Client, session: str, message: str) -> str:
    turn = {"session_id": session, "new_message": {"parts": [{"text": message}]}}
    lines = http.post("/run_sse", json=turn).text.splitlines()
    events = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    return str([event for event in events if "content" in event][-1]["content"]["parts"][0]["text"])


def titles(server: Serving, session: str) -> list[str | None]:
    return [segment.text for segment in read_segments(server.store.draft(session)[1]) if segment.kind == "text"]


def test_words_of_a_title__can_be_given_when_they_are_asked_for(server: Serving, http: httpx.Client) -> None:
    one, other = begin(http), begin(http)
    for session in (one, other):
        say(http, session, "compose a lofi track, 10 seconds")
    assert "?" in say(http, one, "add a title at the end")
    say(http, other, "Night Lights")
    assert titles(server, other) == []
    assert "Night Lights" in say(http, one, "Night Lights")
    assert titles(server, one) == ["Night Lights"]
    say(http, one, "Morning Lights")
    assert titles(server, one) == ["Night Lights"]
