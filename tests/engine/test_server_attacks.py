"""A page, a program or a neighbour that attacks the server: nothing is let in, and nothing breaks."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from cases import cases
from engine_server import Serving
from visitor import Visitor

from nemo_notebook.engine.api import ROUTES


@pytest.fixture
def stranger(server: Serving) -> Iterator[Visitor]:
    with Visitor(server.url, client_id="a stranger") as opened:
        yield opened


def paths(session_id: str = "1") -> list[tuple[str, str]]:
    """Every route with ids filled in."""
    ids = {"session_id": session_id, "project_id": session_id, "job_id": "j", "key": "k", "name": "n.mp4", "hash": "h"}
    return [(method, path.format(**ids)) for _, method, path in ROUTES]


def count(server: Serving) -> int:
    return int(server.store._db.read("SELECT COUNT(*) FROM session WHERE user_id = 'local'")[0][0])


@cases
def test_rebinding__a_host_that_is_not_this_machine_reaches_no_route(http: Visitor, host: str) -> None:
    for method, path in paths():
        assert http.request(method, path, headers={"Host": host}).status_code == 403, (method, path)


@cases
def test_foreign_page__reaches_no_route_even_with_the_token(http: Visitor, origin: str) -> None:
    for method, path in paths():
        answer = http.request(method, path, headers={"Origin": origin})
        assert answer.status_code == 403, (method, path)
        assert "access-control-allow-origin" not in answer.headers
    own = http.get("/api/credits/balance/simple", headers={"Origin": "http://localhost:8888"})
    assert own.status_code == 200


def test_missing_or_wrong_token__is_refused_by_all_routes_but_the_open_ones(server: Serving) -> None:
    with httpx.Client(base_url=server.url) as anyone:
        for given in (None, "Bearer", "Bearer x", "Basic eDp5"):
            headers = {"Authorization": given} if given else {}
            for (name, _, _), (method, path) in zip(ROUTES, paths(), strict=True):
                answer = anyone.request(method, path, headers=headers)
                if name in {"anonymous_token", "file", "thumbnail"}:
                    assert answer.status_code in {400, 404}, name
                else:
                    assert (answer.status_code, answer.json()["code"]) == (401, 1001), name


@cases
def test_simple_request__of_a_page_is_no_json(server: Serving, http: Visitor, session_id: str, kind: str) -> None:
    before = count(server)
    body = json.dumps({"session_id": session_id, "sessionId": session_id, "task_name": "x"}).encode()
    for path in (
        "/run_sse",
        "/api/tasks/me/with-session/nemo_agent",
        "/api/auth/claim-token",
        "/api/render/proxy/lambda",
    ):
        assert http.post(path, content=body, headers={"Content-Type": kind}).status_code == 415, path
    assert count(server) == before


def test_other_users_ids__open_nothing(http: Visitor, stranger: Visitor, session_id: str, clip: bytes) -> None:
    assert http.upload(session_id, clip).json()["code"] == 0
    http.say(session_id, "use my clip")
    name = f"a-{session_id}"
    assert http.submit(session_id, name).json()["success"]
    draft = http.state(session_id)["draft"]
    job = {"id": "mine", "sessionId": session_id, "draft": draft, "output": {"quality": "low"}}
    assert stranger.say(session_id, "undo").status_code == 404
    assert stranger.get(f"/api/state/nemo_agent/me/{session_id}/latest").json()["code"] == 1002
    assert stranger.upload(session_id, clip).json()["code"] == 1002
    assert stranger.post("/api/render/proxy/lambda", json=job).json()["code"] == 1002
    assert stranger.post("/api/auth/claim-token", json={"session_id": session_id}).json()["code"] == 1002
    assert stranger.get(f"/api/render/proxy/lambda/{name}").status_code == 404
    assert stranger.post(f"/api/render/proxy/lambda/{name}/cancel").status_code == 404
    assert stranger.get(f"/api/render/proxy/{name}/download").status_code == 404
    answer = stranger.post("/api/render/proxy/lambda", json={**job, "sessionId": stranger.begin()}).json()
    rendered = answer.get("success") and stranger.ended("mine")["status"] != "failed"
    assert not rendered, "the media of another session were rendered"


@cases
def test_path_tricks__lead_to_no_file(server: Serving, http: Visitor, path: str) -> None:
    status, body = raw(server, f"GET {path.replace(' ', '%20')} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert status in {307, 400, 404}
    assert b"SQLite" not in body
    assert b"root:" not in body
    assert http.get("/api/credits/balance/simple").status_code == 200


def raw(server: Serving, request: bytes) -> tuple[int, bytes]:
    """What the server answers to these bytes, until it closes the connection or is silent; 0 for nothing at all."""
    port = urlsplit(server.url).port
    data = b""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as connection, contextlib.suppress(OSError):
        connection.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        while piece := connection.recv(65536):
            data += piece
    return (int(data.split(b" ", 2)[1]) if data else 0), data


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 1_000_000,
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(20_000)),
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: 127.0.0.1",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.test",
        b"POST /run_sse HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
        b"POST /run_sse HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_head__that_is_too_large_or_ambiguous_is_refused(server: Serving, http: Visitor, head: bytes) -> None:
    status, _ = raw(server, head + b"\r\n\r\n")
    assert status in {0, 400, 403, 404, 431, 401}
    assert http.get("/api/credits/balance/simple").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"session_id": ' + b"9" * 100_000 + b"}",
        b'{"session_id": {"a": 1}, "new_message": {"parts": [{"text": [1]}]}}',
        b'{"session_id": "\\ud800", "new_message": {"parts": [{"text": "\\ud800"}]}}',
        b'{"session_id": null, "new_message": {"parts": 7}, "sessionId": [], "draft": "x"}',
        b'{"new_message": NaN}',
        b"[1]",
        b"{",
        b'{"sessionId": 5}',
        b"\xff\xfe",
        b"x" * (33 << 20),
    ],
)
def test_json__that_is_deep_giant_or_strange_is_refused(http: Visitor, body: bytes) -> None:
    for path in ("/run_sse", "/api/render/proxy/lambda", "/api/auth/claim-token"):
        answer = http.post(path, content=body, headers={"Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500 or answer.json()["code"] != 0, path
    assert http.get("/api/credits/balance/simple").status_code == 200


PART = b'--b\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\nx\r\n'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", PART % b"a.mp4" + b"--b--"),
        ("multipart/form-data; boundary=", PART % b"a.mp4" + b"--b--"),
        ("multipart/form-data; boundary=" + "b" * 5000, b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: " + b"a" * 3_000_000 + b"\r\n\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X: y\r\n" * 50_000 + b"\r\nz\r\n--b--"),
        ("multipart/form-data; boundary=b", PART % b"a.mp4" * 3000 + b"--b--"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 5000),
        ("multipart/form-data; boundary=b", PART % b"../../../../tmp/evil.mp4" + b"--b--"),
        ("multipart/form-data; boundary=b", PART % b"\xff\xfe\x00.mp4" + b"--b--"),
        ("multipart/form-data; boundary=b", PART % b"" + b"--b--"),
        ("multipart/form-data; boundary=b", PART % b"a.mp4"),
        ("text/plain", PART % b"a.mp4" + b"--b--"),
        ("", b"x"),
    ],
)
def test_form__with_tricks_is_refused_and_leaves_nothing(
    server: Serving, http: Visitor, session_id: str, kind: str, body: bytes
) -> None:
    path = f"/api/upload-video/nemo_agent/me/{session_id}"
    answer = http.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code < 500
    assert answer.json().get("code") != 0
    assert answer.json()["message"]
    assert list(server.store.folder.rglob("*.part")) == []
    assert not list(server.store.folder.parent.rglob("evil.mp4"))


def test_answers__are_not_to_be_guessed_at(server: Serving, http: Visitor) -> None:
    for answer in (http.get("/api/credits/balance/simple"), http.get("/no/such/page"), http.get("/files/x/y")):
        assert answer.headers["x-content-type-options"] == "nosniff"
