"""The server under hard conditions: a locked database, bodies that are too large or break off, parts of files."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sqlite3
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cloud_service import Manners
from engine_server import Serving, serving
from media_files import write_video
from visitor import Visitor
from waiting import until

from nemo_notebook import errors
from nemo_notebook.engine import middleware, uploads
from nemo_notebook.session import backend

LIMIT = 10_000_000
MANNERS = Manners(max_upload_bytes=LIMIT)


def parts(server: Serving) -> list[Path]:
    return list(server.store.folder.rglob("*.part"))


def connected(server: Serving, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), timeout=10)
    connection.sendall(sent)
    return connection


def upload_begun(server: Serving, session_id: str, length: int, sent: bytes) -> socket.socket:
    """An upload of which the head and a little more have been sent."""
    head = (
        f"POST /api/upload-video/nemo_agent/me/{session_id} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {server.token}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    return connected(server, head.encode() + sent)


FORM = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n'


def answer_of(connection: socket.socket) -> tuple[bytes, dict]:
    """All that comes until the server closes the connection: the head and the JSON."""
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    return head, json.loads(body)


def test_locked_database__holds_up_nobody_who_only_reads(server: Serving, http: Visitor, session_id: str) -> None:
    other = sqlite3.connect(server.store.folder / "engine.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers: list[httpx.Response] = []
    headers = dict(http.headers)

    def begin() -> None:
        url = f"{server.url}/api/tasks/me/with-session/nemo_agent"
        answers.append(httpx.post(url, headers=headers, json={}, timeout=30))

    writers = [threading.Thread(target=begin) for _ in range(8)]
    for writer in writers:
        writer.start()
    slowest_s, until_s = 0.0, time.monotonic() + 1.0
    while time.monotonic() < until_s:
        for path in ("/api/credits/balance/simple", f"/api/state/nemo_agent/me/{session_id}/latest"):
            begun_s = time.monotonic()
            assert http.get(path).json()["code"] == 0
            slowest_s = max(slowest_s, time.monotonic() - begun_s)
    assert answers == []
    other.execute("COMMIT")
    other.close()
    for writer in writers:
        writer.join()
    assert slowest_s < 0.8  # who waits for the writers waits a second; on a busy machine some tenths mean nothing
    assert [answer.json()["code"] for answer in answers] == [0] * 8


@pytest.mark.parametrize(
    ("length", "chunks", "status", "code"),
    [(LIMIT + (2 << 20), 0, 413, 4002), (LIMIT + (2 << 20), 16, 413, 4002), (6 << 20, 20, 404, 1002)],
)
def test_refusal__is_seen_before_the_body_is_sent_and_by_who_is_still_sending(
    server: Serving, session_id: str, length: int, chunks: int, status: int, code: int
) -> None:
    with upload_begun(server, session_id if status == 413 else f"{session_id}9", length, FORM) as connection:
        for _ in range(chunks):
            connection.sendall(b"x" * (256 << 10))
        head, body = answer_of(connection)
    assert head.startswith(b"HTTP/1.1 %d" % status)
    assert b"connection: close" in head.lower()
    assert body["code"] == code
    assert ("10 MB" in body["message"]) == (status == 413)
    assert parts(server) == []


def test_too_large_a_file__is_refused_while_it_is_read(server: Serving, http: Visitor, session_id: str) -> None:
    answer = http.upload(session_id, b"x" * (LIMIT + 1000), "a.mp4")
    assert (answer.status_code, answer.json()["code"]) == (413, 4002)
    assert "is larger than 10 MB" in answer.json()["message"]
    assert parts(server) == []
    assert http.state(session_id)["video_infos"] == []
    assert http.get("/api/credits/balance/simple").json()["code"] == 0


def test_limit__is_the_disk_where_no_other_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk._replace(free=3_500_000_000))
    monkeypatch.setattr(uploads, "_LOOK_BYTES", 4)
    receiver = uploads.Receiver(tmp_path, None)
    receiver.begin_file("a.mp4")
    receiver.write(b"whole")
    uploads.check_length("2900000000", tmp_path)
    with pytest.raises(errors.InputError, match=r"The upload has 3\.10 GB, but the disk has room for 3\.00 GB"):
        uploads.check_length("3100000000", tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk._replace(free=400_000_000))
    with pytest.raises(errors.InputError, match=r"too little room for a\.mp4"):  # its length was not told before
        receiver.write(b"whole")


def test_connection__stays_open_when_the_body_was_read(http: Visitor, session_id: str) -> None:
    answer = http.upload(session_id, b"no film", "a.mp4")
    assert answer.json()["code"] == 4001
    assert "connection" not in answer.headers


def test_upload_that_breaks_off__leaves_nothing(server: Serving, http: Visitor, session_id: str) -> None:
    with upload_begun(server, session_id, 1 << 20, FORM + b"x" * 200_000):
        until(lambda: parts(server))
    until(lambda: not parts(server))
    assert http.state(session_id)["video_infos"] == []


@pytest.mark.parametrize("pace_bytes", [0, 1])
def test_upload__that_stalls_or_drips_is_given_up(
    server: Serving, session_id: str, pace_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "_SILENCE_S", 0.3)
    with upload_begun(server, session_id, 1 << 20, FORM) as connection:
        connection.settimeout(0.05)
        deadline_s, begun = time.monotonic() + 10, b""
        while not begun:
            assert time.monotonic() < deadline_s
            connection.sendall(b"x" * pace_bytes)
            with contextlib.suppress(TimeoutError):
                begun = connection.recv(1, socket.MSG_PEEK)
        connection.settimeout(10)
        assert "broke off" in answer_of(connection)[1]["message"]
    assert parts(server) == []


def test_same_upload__is_one_clip_and_under_another_name_a_second(
    server: Serving, http: Visitor, session_id: str, clip: bytes
) -> None:
    first, again = (http.upload(session_id, clip, "clip.mp4").json()["data"]["files"] for _ in range(2))
    assert first == again
    http.upload(session_id, clip, "other.mp4")
    infos = http.state(session_id)["video_infos"]
    assert [info["filename"] for info in infos] == ["clip.mp4", "other.mp4"]
    assert parts(server) == []
    assert httpx.get(first[0]["cdn_url"]).content == clip


def test_state__tells_of_uploads_in_the_words_of_an_upload(http: Visitor, session_id: str, clip: bytes) -> None:
    (told,) = http.upload(session_id, clip, "clip.mp4").json()["data"]["files"]
    (info,) = http.state(session_id)["video_infos"]
    del told["cdn_url"]
    assert {key: info[key] for key in told} == told
    assert (info["file_type"], info["duration"], info["kind"], info["duration_s"]) == ("video", 2.0, "video", 2.0)


@pytest.fixture(scope="module")
def film(server: Serving, clip: bytes) -> tuple[str, str]:
    """The addresses of one export: without and with a token."""
    with Visitor(server.url, server.token) as http:
        session = http.begin()
        http.upload(session, clip)
        http.say(session, "use my clip")
        assert http.submit(session, "film").json()["success"]
        return http.ended("film")["output"]["url"], f"{server.url}/api/render/proxy/film/download"


@pytest.mark.parametrize("which", [0, 1])
def test_film__is_given_in_parts(http: Visitor, film: tuple[str, str], which: int) -> None:
    url = film[which]
    whole = http.get(url)
    size = len(whole.content)
    assert (whole.status_code, whole.headers["content-length"]) == (200, str(size))
    assert whole.headers["accept-ranges"] == "bytes"
    tag, changed = whole.headers["etag"], whole.headers["last-modified"]
    rest = http.get(url, headers={"Range": f"bytes={size // 2}-", "If-Range": tag})
    assert (rest.status_code, rest.content) == (206, whole.content[size // 2 :])
    assert rest.headers["content-range"] == f"bytes {size // 2}-{size - 1}/{size}"
    assert rest.headers["content-length"] == str(size - size // 2)
    assert rest.headers["etag"] == tag
    assert http.get(url, headers={"Range": "bytes=4-7", "If-Range": changed}).content == b"ftyp"
    other = http.get(url, headers={"Range": "bytes=4-7", "If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, whole.content)
    beyond = http.get(url, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert http.head(url).headers["content-length"] == str(size)


def test_file_that_is_gone__is_not_found(server: Serving, http: Visitor, session_id: str, tmp_path: Path) -> None:
    write_video(tmp_path / "lost.mp4", frames=7)
    (told,) = http.upload(session_id, (tmp_path / "lost.mp4").read_bytes(), "lost.mp4").json()["data"]["files"]
    server.store.media_path(told["hash"]).unlink()
    assert httpx.get(told["cdn_url"]).status_code == 404


# Connections


ASKED = b"GET /api/credits/balance/simple HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize("before", [b"", ASKED + b"\r\n"])
@pytest.mark.parametrize("pace", [b"", b"X-A: b\r\n"])
def test_head__that_does_not_come_in_time_ends_the_connection(
    server: Serving, before: bytes, pace: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "HEAD_S", 0.3)
    with connected(server, before + ASKED[:-9]) as connection:
        connection.settimeout(0.05)
        deadline_s, got = time.monotonic() + 10, [b"?"]
        while got[-1]:
            assert time.monotonic() < deadline_s
            with contextlib.suppress(OSError):
                connection.sendall(pace)
            with contextlib.suppress(TimeoutError):
                try:
                    got.append(connection.recv(65536))
                except ConnectionError:
                    break
    assert b"".join(got).count(b"HTTP/1.1 401") == bool(before)


def test_answer__may_take_longer_than_a_head(
    server: Serving, http: Visitor, session_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "HEAD_S", 0.3)
    conversations = server.api.conversations
    answer = conversations._answer

    async def slow(*args: Any) -> None:
        await asyncio.sleep(0.9)  # three times what a head may take
        await answer(*args)

    monkeypatch.setattr(conversations, "_answer", slow)
    assert "data: " in http.say(session_id, "hello").text


def test_connections__over_the_limit_are_closed_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "most_connections", lambda: 2)
    with serving(tmp_path) as server, contextlib.ExitStack() as many:

        def ask(connection: socket.socket) -> bytes:
            with contextlib.suppress(ConnectionError):  # closed without a word
                connection.sendall(ASKED + b"\r\n")
                return connection.recv(65536)
            return b""

        one, two, three, four = (many.enter_context(connected(server)) for _ in range(4))
        assert [ask(each)[9:12] for each in (four, three, one, two)] == [b"", b"", b"401", b"401"]
        one.close()
        until(lambda: b"401" in ask(many.enter_context(connected(server))))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="descriptors")
def test_connections__never_take_all_descriptors(own_home: Path) -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.ExitStack() as many:
        found = backend.choose("local")
        (running,) = (engine for engine in backend._engines.values() if engine.url == found.url)
        resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (256, hard))
        port = urlsplit(found.url).port or 0
        for _ in range(300):
            with contextlib.suppress(OSError):
                many.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        many.close()
        until(lambda: httpx.get(f"{found.url}/api/credits/balance/simple").status_code == 401)
        assert "Too many open files" not in running._log_path.read_text(encoding="utf-8")
