"""The HTTP contract, asked for without our own client."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from visitor import Visitor, ask_token

from nemo_notebook.engine.__main__ import _listen

SERVE = """
import sys
from pathlib import Path
from nemo_notebook.engine.__main__ import serve
serve(Path(sys.argv[1]), 0, lambda url: print(url, flush=True))
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = [sys.executable, "-c", SERVE, str(tmp_path_factory.mktemp("served"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.fixture
def http(url: str) -> Iterator[Visitor]:
    with Visitor(url) as opened:
        yield opened


def test_envelopes__credits_and_empty_state(url: str, http: Visitor) -> None:
    told = ask_token(url).json()["data"]
    assert told["token"].startswith("nmv_usr_")
    assert told["credits"] == 100
    body = {"task_name": "project", "language": "en"}
    session = http.post("/api/tasks/me/with-session/nemo_agent", json=body).json()["data"]["session_id"]
    assert (session.isdigit(), len(session)) == (True, 19)
    assert http.get("/api/credits/balance/simple").json()["data"] == {"available": 100, "frozen": 0, "total": 100}
    state = http.get(f"/api/state/nemo_agent/me/{session}/latest").json()
    assert state["code"] == 0
    assert {"draft", "video_infos", "generated_media", "canvas_config", "video_analyses"} <= set(state["data"]["state"])


def test_refusals__have_their_codes(url: str, http: Visitor, session_id: str) -> None:
    assert httpx.post(f"{url}/api/auth/anonymous-token").json()["code"] == 400
    assert httpx.get(f"{url}/api/credits/balance/simple", headers={"Authorization": "Bearer no"}).json()["code"] == 1001
    assert http.get("/api/state/nemo_agent/me/123/latest").json()["code"] == 1002
    missing = http.say("1", "x")
    assert (missing.status_code, "Session not found" in missing.json()["detail"]) == (404, True)
    assert http.post("/run_sse", json={"session_id": session_id}).status_code == 422
    assert http.upload(session_id, b"no film").json()["code"] == 4001
    bare = {"Authorization": http.headers["Authorization"]}
    job = {"id": "r1", "sessionId": session_id, "draft": {}, "output": {}}
    assert httpx.post(f"{url}/api/render/proxy/lambda", json=job, headers=bare).json()["code"] == 402
    assert http.get("/api/render/proxy/lambda/none").status_code == 404


def test_url_uploads__refuse_private_addresses(http: Visitor, session_id: str) -> None:
    body = {"urls": ["http://127.0.0.1/x.mp4"], "source_type": "url"}
    answer = http.post(f"/api/upload-video/nemo_agent/me/{session_id}", json=body).json()
    assert "Only public addresses" in answer["message"]
    assert http.state(session_id)["video_infos"] == []


def test_turn__streams_deltas_then_the_whole_then_the_state_holds_the_draft(
    http: Visitor, session_id: str, clip: bytes
) -> None:
    record = http.upload(session_id, clip).json()["data"]["files"][0]
    facts = {"filename", "file_type", "cdn_url", "thumbnail_url", "duration", "width", "height", "fps", "size", "hash"}
    assert facts == set(record)
    answer = http.say(session_id, "use my clip")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = http.events(session_id, 'add a title "Hi there"')
    said = [event for event in events if "text" in event.get("content", {}).get("parts", [{}])[0]]
    partial = "".join(event["content"]["parts"][0]["text"] for event in said if event.get("partial"))
    assert partial == said[-1]["content"]["parts"][0]["text"]
    assert any(event["actions"]["stateDelta"] for event in events)
    assert http.state(session_id)["draft"]["t"][0]["sg"][0]["d"] == 2000


def test_render__is_followed_downloaded_without_a_token_and_sought_in(
    http: Visitor, session_id: str, clip: bytes
) -> None:
    http.upload(session_id, clip)
    http.say(session_id, "use my clip")
    assert http.submit(session_id, "r2", format="mp4").json()["success"]
    assert http.submit(session_id, "r2").status_code == 409
    data = http.ended("r2")
    assert (data["status"], data["progress"]) == ("completed", 100)
    film = httpx.get(data["output"]["url"])
    part = httpx.get(data["output"]["url"], headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert http.get("/api/render/proxy/r2/download").content == film.content
    assert httpx.get(data["output"]["url"].replace("/files/", "/files/x")).status_code == 404


def test_render__cancelled_also_before_its_first_step_is_never_a_success(
    http: Visitor, session_id: str, clip: bytes
) -> None:
    http.upload(session_id, clip)
    http.say(session_id, "use my clip and loop it 5 times")
    for name in ("c1", "c2"):  # the second waits for the first
        http.submit(session_id, name, (1920, 1080), resolution="4k")
    for name in ("c2", "c1"):
        assert http.post(f"/api/render/proxy/lambda/{name}/cancel").json()["success"]
        data = http.ended(name)
        assert data["status"] == "cancelled"
        assert "output" not in data


def test_engine__listens_so_that_answers_go_out_at_once() -> None:
    with _listen(0) as listener:  # asyncio sets TCP_NODELAY on the connections of such a socket only
        assert listener.proto == socket.IPPROTO_TCP
