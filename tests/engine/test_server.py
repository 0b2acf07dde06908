"""The HTTP contract, asked for without our own client."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from media_files import write_video

SERVE = """
import sys
from pathlib import Path
from nemo_notebook.engine.__main__ import serve
serve(Path(sys.argv[1]), 0, lambda url: print(url, flush=True))
"""
SKILL = {"X-Skill-Source": "from-music", "X-Skill-Version": "1.0.0", "X-Skill-Platform": "unknown"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = [sys.executable, "-c", SERVE, str(tmp_path_factory.mktemp("served"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


def client(url: str, who: str = "a") -> httpx.Client:
    token = httpx.post(f"{url}/api/auth/anonymous-token", headers={"X-Client-Id": who}).json()["data"]
    assert token["token"].startswith("nmv_usr_")
    assert token["credits"] == 100
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token['token']}", **SKILL}, timeout=60)


@pytest.fixture
def http(url: str) -> Iterator[httpx.Client]:
    with client(url) as opened:
        yield opened


@pytest.fixture
def session_id(http: httpx.Client) -> str:
    body = {"task_name": "project", "language": "en"}
    data = http.post("/api/tasks/me/with-session/nemo_agent", json=body).json()["data"]
    assert data["session_id"].isdigit()
    assert len(data["session_id"]) == 19
    return str(data["session_id"])


def say(http: httpx.Client, session_id: str, text: str) -> list[dict[str, object]]:
    body = {
        "app_name": "nemo_agent",
        "user_id": "me",
        "session_id": session_id,
        "new_message": {"parts": [{"text": text}]},
    }
    answer = http.post("/run_sse", json=body, headers={"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [json.loads(line[6:]) for line in answer.text.split("\n") if line.startswith("data: ")]


def upload(http: httpx.Client, session_id: str, path: Path) -> dict[str, object]:
    answer = http.post(f"/api/upload-video/nemo_agent/me/{session_id}", files={"files": (path.name, path.read_bytes())})
    return dict(answer.json())


def test_envelopes__credits_and_empty_state(http: httpx.Client, session_id: str) -> None:
    assert http.get("/api/credits/balance/simple").json()["data"] == {"available": 100, "frozen": 0, "total": 100}
    state = http.get(f"/api/state/nemo_agent/me/{session_id}/latest").json()
    assert state["code"] == 0
    assert {"draft", "video_infos", "generated_media", "canvas_config", "video_analyses"} <= set(state["data"]["state"])


def test_refusals__have_their_codes(url: str, http: httpx.Client, session_id: str, tmp_path: Path) -> None:
    assert httpx.post(f"{url}/api/auth/anonymous-token").json()["code"] == 400
    assert httpx.get(f"{url}/api/credits/balance/simple", headers={"Authorization": "Bearer no"}).json()["code"] == 1001
    assert http.get("/api/state/nemo_agent/me/123/latest").json()["code"] == 1002
    missing = http.post("/run_sse", json={"session_id": "1", "new_message": {"parts": [{"text": "x"}]}})
    assert (missing.status_code, "Session not found" in missing.json()["detail"]) == (404, True)
    assert http.post("/run_sse", json={"session_id": session_id}).status_code == 422
    (tmp_path / "a.mp4").write_text("no film")
    assert upload(http, session_id, tmp_path / "a.mp4")["code"] == 4001
    bare = {"Authorization": http.headers["Authorization"]}
    job = {"id": "r1", "sessionId": session_id, "draft": {}, "output": {}}
    assert httpx.post(f"{url}/api/render/proxy/lambda", json=job, headers=bare).json()["code"] == 402
    assert http.get("/api/render/proxy/lambda/none").status_code == 404


def test_users__are_kept_apart(url: str, session_id: str) -> None:
    with client(url, "b") as other:
        assert other.get(f"/api/state/nemo_agent/me/{session_id}/latest").json()["code"] == 1002


def test_other_sites_and_hosts__are_refused(url: str, http: httpx.Client) -> None:
    path = "/api/credits/balance/simple"
    assert http.get(path, headers={"Origin": "https://evil.test"}).status_code == 403
    assert http.get(path, headers={"Host": "evil.test"}).status_code == 403
    assert http.get(path, headers={"Origin": "null"}).status_code == 403
    assert http.get(path, headers={"Origin": "http://localhost:8888"}).status_code == 200


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/x.mp4", "http://localhost/x.mp4", "http://10.0.0.1/x", "file:///etc/passwd"]
)
def test_url_uploads__refuse_private_addresses(http: httpx.Client, session_id: str, address: str) -> None:
    body = {"urls": [address], "source_type": "url"}
    answer = http.post(f"/api/upload-video/nemo_agent/me/{session_id}", json=body).json()
    assert answer["code"] != 0
    assert http.get(f"/api/state/nemo_agent/me/{session_id}/latest").json()["data"]["state"]["video_infos"] == []


def test_turn__streams_deltas_then_the_whole_then_the_state_holds_the_draft(
    http: httpx.Client, session_id: str, tmp_path: Path
) -> None:
    write_video(tmp_path / "clip.mp4", frames=60)
    record = upload(http, session_id, tmp_path / "clip.mp4")["data"]["files"][0]  # type: ignore[index]
    facts = {"filename", "file_type", "cdn_url", "thumbnail_url", "duration", "width", "height", "fps", "size", "hash"}
    assert facts == set(record)
    events = say(http, session_id, "use my clip")
    texts = [event["content"]["parts"][0]["text"] for event in events if "text" in str(event.get("content"))]  # type: ignore[index]
    partial = "".join(event["content"]["parts"][0]["text"] for event in events if event.get("partial"))  # type: ignore[index]
    assert partial == texts[-1]
    assert any(event["actions"]["stateDelta"] for event in events)  # type: ignore[index]
    draft = http.get(f"/api/state/nemo_agent/me/{session_id}/latest").json()["data"]["state"]["draft"]
    assert draft["t"][0]["sg"][0]["d"] == 2000


def test_render__is_followed_downloaded_without_a_token_and_sought_in(
    url: str, http: httpx.Client, session_id: str, tmp_path: Path
) -> None:
    write_video(tmp_path / "clip.mp4", frames=60)
    upload(http, session_id, tmp_path / "clip.mp4")
    say(http, session_id, "use my clip")
    draft = http.get(f"/api/state/nemo_agent/me/{session_id}/latest").json()["data"]["state"]["draft"]
    output = {"format": "mp4", "quality": "low", "resolution": "720p"}
    job = {"id": f"render_{session_id}", "sessionId": session_id, "draft": draft, "output": output}
    assert http.post("/api/render/proxy/lambda", json=job).json()["success"]
    assert http.post("/api/render/proxy/lambda", json=job).status_code == 409
    data = {"status": "pending"}
    while data["status"] in {"pending", "processing"}:
        data = http.get(f"/api/render/proxy/lambda/{job['id']}").json()["data"]
    assert data["status"] == "completed"
    assert data["progress"] == 100
    film = httpx.get(data["output"]["url"])  # type: ignore[index]
    part = httpx.get(data["output"]["url"], headers={"Range": "bytes=4-7"})  # type: ignore[index]
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert http.get(f"/api/render/proxy/{job['id']}/download").content == film.content
    assert httpx.get(data["output"]["url"].replace("/files/", "/files/x")).status_code == 404  # type: ignore[index]


def test_render__cancelled_is_never_a_success(http: httpx.Client, session_id: str, tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", frames=300)
    upload(http, session_id, tmp_path / "clip.mp4")
    say(http, session_id, "use my clip")
    draft = http.get(f"/api/state/nemo_agent/me/{session_id}/latest").json()["data"]["state"]["draft"]
    job = {"id": f"cancel_{session_id}", "sessionId": session_id, "draft": draft, "output": {"resolution": "4k"}}
    http.post("/api/render/proxy/lambda", json=job)
    assert http.post(f"/api/render/proxy/lambda/{job['id']}/cancel").json()["success"]
    data = {"status": "pending"}
    while data["status"] in {"pending", "processing"}:
        data = http.get(f"/api/render/proxy/lambda/{job['id']}").json()["data"]
    assert data["status"] == "cancelled"
    assert "output" not in data


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b'{"sessionId": 5}', b"\xff\xfe"])
def test_junk__is_refused_without_a_failure(http: httpx.Client, body: bytes) -> None:
    for path in (
        "/run_sse",
        "/api/render/proxy/lambda",
        "/api/tasks/me/with-session/nemo_agent",
        "/api/auth/claim-token",
    ):
        assert http.post(path, content=body).status_code < 500


def test_render__cancelled_before_its_first_step_is_cancelled(
    http: httpx.Client, session_id: str, tmp_path: Path
) -> None:
    write_video(tmp_path / "clip.mp4", frames=300)
    upload(http, session_id, tmp_path / "clip.mp4")
    say(http, session_id, "use my clip")
    draft = http.get(f"/api/state/nemo_agent/me/{session_id}/latest").json()["data"]["state"]["draft"]
    for number in (1, 2):  # the second waits for the first
        job = {"id": f"c{number}_{session_id}", "sessionId": session_id, "draft": draft, "output": {"resolution": "4k"}}
        http.post("/api/render/proxy/lambda", json=job)
    for number in (2, 1):
        http.post(f"/api/render/proxy/lambda/c{number}_{session_id}/cancel")
        data = http.get(f"/api/render/proxy/lambda/c{number}_{session_id}").json()["data"]
        assert data["status"] == "cancelled"
