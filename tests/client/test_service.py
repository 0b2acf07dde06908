"""The endpoints as typed calls: what is sent, what is read, and what is not believed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import loopback
import pytest
from cases import cases
from planted import PLANTED

from nemo_notebook import errors, settings, skills
from nemo_notebook.client import service as service_module, transfers
from nemo_notebook.client.events import Event, Heartbeat, TextFinal, TurnReader
from nemo_notebook.client.service import Service, SessionIds, new_render_id
from nemo_notebook.client.transfers import TransferProgress
from nemo_notebook.outside import Secret

Answer = Callable[[httpx.Request], httpx.Response]
REPLY = b'data: {"content": {"parts": [{"text": "Done."}]}}\n\n'
STREAM = {"Content-Type": "text/event-stream"}


def service(answer: Answer) -> Service:
    transport = httpx.MockTransport(answer)
    return Service("http://service.test", skills.load("from-music"), token=Secret(PLANTED), transport=transport)


def replying(payload: object, status: int = 200) -> Answer:
    return lambda _: httpx.Response(status, json=payload)


def streaming(*chunks: bytes) -> Answer:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return lambda _: httpx.Response(200, content=stream(), headers=STREAM)


def turn(answer: Answer) -> list[Event]:
    async def listen() -> list[Event]:
        return [event async for event in service(answer).chat("7", "hi", TurnReader())]

    return asyncio.run(listen())


DELTA = b'data: {"content": {"parts": [{"text": "Do"}]}, "partial": true}\n\n'
CHUNK = b"%x\r\n%s\r\n" % (len(DELTA), DELTA)


@pytest.mark.parametrize(
    ("framing", "body", "is_over"),
    [
        ("Transfer-Encoding: chunked", CHUNK + b"0\r\n\r\n", True),
        ("Transfer-Encoding: chunked", CHUNK, False),
        (f"Content-Length: {len(DELTA)}", DELTA, True),
        (f"Content-Length: {len(DELTA) + 1}", DELTA, False),
        ("Connection: close", DELTA, False),  # it may be its end, or a lost connection
    ],
    ids=["last chunk", "no last chunk", "length", "short of its length", "end unmarked"],
)
def test_deltas_without_a_final__are_the_reply_where_the_body_is_complete(
    framing: str, body: bytes, is_over: bool
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await loopback.head(reader)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{framing}\r\n\r\n".encode() + body)
        await writer.drain()

    async def listen(reader: TurnReader) -> None:
        async with loopback.listening(talk) as url:
            client = Service(url, skills.load("from-music"), token=Secret("x"))
            with contextlib.suppress(errors.NetworkError):
                async for _ in client.chat("7", "hi", reader):
                    pass
            await client.close()

    reader = TurnReader()
    asyncio.run(listen(reader))
    assert reader.lacks_final
    assert reader.was_cut == (not is_over)


def test_session__has_ids_that_can_be_used() -> None:
    ids = asyncio.run(
        service(replying({"code": 0, "data": {"session_id": 7, "task_id": "t", "user_id": None}})).create_session("en")
    )
    assert ids == SessionIds("7", "t", "")


@pytest.mark.parametrize("session_id", ["a b", "x" * 201, "é", "a\n", [1], None, "", True, {"a": 1}])
def test_session__with_an_id_that_is_none_is_refused(session_id: object) -> None:
    with pytest.raises(errors.ProtocolError):
        asyncio.run(service(replying({"data": {"session_id": session_id}})).create_session("en"))


def test_chat__sends_the_documented_body_once() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return streaming(REPLY)(request)

    assert turn(answer) == [TextFinal("Done.")]
    (request,) = seen
    body = json.loads(request.content)
    assert (body["app_name"], body["user_id"], body["session_id"]) == ("nemo_agent", "me", "7")
    assert body["new_message"] == {"parts": [{"text": "hi"}]}
    assert request.headers["accept"] == "text/event-stream"


def test_chat__that_breaks_off_is_a_network_error_that_was_sent() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield REPLY
        raise httpx.ReadError("boom")

    with pytest.raises(errors.NetworkError) as caught:
        turn(lambda _: httpx.Response(200, content=stream(), headers=STREAM))
    assert caught.value.may_have_acted


def test_chat__without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAX_TURN_BYTES", 3 * len(REPLY))
    assert len(turn(streaming(REPLY, REPLY, REPLY))) == 3
    with pytest.raises(errors.ProtocolError, match="larger"):
        turn(streaming(REPLY, REPLY, REPLY, b":\n"))


@pytest.mark.parametrize("sign", [b": ping\n\n", b"data:\n\n", b'data: {"type": "heartbeat"}\n\n', b"data: {"])
def test_chat__of_nothing_but_signs_of_life_is_ended(sign: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0

    def clock() -> float:
        nonlocal now_s
        now_s += 250.0  # a chunk each 250 s
        return now_s

    monkeypatch.setattr(service_module.time, "monotonic", clock)
    assert turn(streaming(sign, sign))[-1] == Heartbeat()
    assert TextFinal("Done.") in turn(streaming(b":\n", b":\n", REPLY, b":\n", b":\n"))
    with pytest.raises(errors.DeadlineExceeded, match="signs of life for 10 minutes"):
        turn(streaming(sign, sign, sign))


def test_upload__that_is_too_large_names_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    with pytest.raises(errors.MediaTooLarge) as caught:
        asyncio.run(service(replying({}, 413)).upload("7", [tmp_path / "a.mp4"]))
    assert f"{skills.load('from-music').max_size_mb} MB" in caught.value.hint
    assert "compress or trim" in caught.value.hint


def test_upload__gives_the_records_that_are_some() -> None:
    files = [{"filename": "a.mp4"}, 5, None]
    got = asyncio.run(service(replying({"data": {"files": files}})).upload_urls("7", ["https://x.test/a.mp4"]))
    assert got == [{"filename": "a.mp4"}]
    assert asyncio.run(service(replying({"data": {"files": 3}})).upload_urls("7", [])) == []


def test_claim__is_an_address_with_a_quoted_token() -> None:
    ids = SessionIds("7", "t", "u")
    link = asyncio.run(service(replying({"data": {"claim_token": "a/b&c"}})).claim(ids))
    assert link == "https://nemovideo.com/workspace/claim?ct=a%2Fb%26c"
    with pytest.raises(errors.ProtocolError):
        asyncio.run(service(replying({"data": {"claim_token": 5}})).claim(ids))


def test_submit__is_one_attempt_with_the_id_given() -> None:
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json={"success": False})

    with pytest.raises(errors.ServiceError):
        asyncio.run(service(answer).submit_render("7", {"t": []}, {"format": "mp4"}, "render_1"))
    assert bodies == [{"id": "render_1", "sessionId": "7", "draft": {"t": []}, "output": {"format": "mp4"}}]


def test_render_ids__never_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module.time, "time", lambda: 5.5)
    ids = {new_render_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(one.startswith("render_5_") and one.isascii() for one in ids)


@cases
def test_render_status__reads_both_forms(answer: dict[str, object]) -> None:
    status = asyncio.run(service(replying(answer)).render_status("r"))
    assert (status.status, status.url, status.progress) == ("completed", "https://f/x.mp4", 100.0)


def test_render_status__believes_no_type() -> None:
    odd = {"status": 5, "progress": "x", "output": [1], "outputUrl": {}, "etaSeconds": None, "error": {"message": "m"}}
    status = asyncio.run(service(replying({"data": odd})).render_status("r"))
    assert (status.status, status.progress, status.url, status.message) == ("unknown", 0.0, "", "m")


class Films:
    """A host of films and the service's own way to them."""

    def __init__(self, asset: httpx.Response, own: httpx.Response) -> None:
        self.asset, self.own = asset, own
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.url.host, "authorization" in request.headers))
        return self.own if request.url.host == "service.test" else self.asset

    def fetch(self, target: Path, progress: TransferProgress | None = None) -> None:
        asyncio.run(service(self).download("r", "https://films.test/x.mp4?sig=1", target, progress))


def film(status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=b"film", headers={"Content-Type": "video/mp4"})


def test_download__is_without_the_token_where_it_is_another_hosts(tmp_path: Path) -> None:
    films, told = Films(film(), film()), []
    films.fetch(tmp_path / "x.mp4", lambda done, total: told.append((done, total)))
    assert (tmp_path / "x.mp4").read_bytes() == b"film"
    assert films.asked == [("films.test", False)]
    assert told[-1] == (4, 4)


def test_download__falls_back_to_the_service(tmp_path: Path) -> None:
    films = Films(film(404), film())
    films.fetch(tmp_path / "x.mp4")
    assert (tmp_path / "x.mp4").read_bytes() == b"film"
    assert (films.asked[0], films.asked[-1]) == (("films.test", False), ("service.test", True))


def test_download__that_fails_both_ways_tells_the_first_failure_too(tmp_path: Path) -> None:
    with pytest.raises(errors.JobNotFound) as caught:
        Films(film(404), httpx.Response(404)).fetch(tmp_path / "x.mp4")
    assert isinstance(caught.value.__cause__, errors.NemoError)
    assert list(tmp_path.iterdir()) == []


def test_download__does_not_blame_the_network_for_the_disk(tmp_path: Path) -> None:
    films = Films(film(), film())
    with pytest.raises(errors.InputError):
        films.fetch(tmp_path / "missing" / "x.mp4")
    assert {host for host, _ in films.asked} <= {"films.test"}


@pytest.mark.parametrize("is_stuck", [True, False])
def test_download__is_given_up_where_it_is_slower_than_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_stuck: bool
) -> None:
    async def slow(opener: object, target: Path, progress: Callable[[int, int], None], *_: object) -> None:
        for second in range(10):
            progress(0 if is_stuck else second * settings.SLOWEST_TRANSFER_BYTES_PER_S, 0)
            await asyncio.sleep(0.02)

    monkeypatch.setattr(service_module, "_TRANSFER_SLACK_S", 0.1)
    monkeypatch.setattr(transfers, "download", slow)
    with pytest.raises(errors.DeadlineExceeded) if is_stuck else contextlib.nullcontext():
        Films(film(), film()).fetch(tmp_path / "x.mp4")


def test_proxies__do_not_count_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:1")
    skill = skills.load("from-music")
    local, far = Service("http://127.0.0.1:9", skill), Service("http://far.test", skill)
    for one, uses in ((local, False), (far, True)):
        assert one._http.trust_env is uses
        assert one._assets.trust_env is uses


def test_logs__show_neither_token_nor_signed_address(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), contextlib.suppress(errors.NemoError):
        asyncio.run(
            service(Films(film(), film())).download("r", "https://films.test/x?Signature=Planted", tmp_path / "x")
        )
    assert "films.test" in caplog.text
    assert "Planted" not in caplog.text


def _refused() -> errors.UsageError:
    try:
        Service("https://service.test", skills.load("from-music"))
    except errors.UsageError as error:
        return error
    raise AssertionError("it was taken")


@pytest.mark.parametrize("proxy", ["://pa55word", "socks9://pa55word@x"])
def test_proxy_that_is_no_address__is_told_without_its_password(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = _refused()
    assert "proxy" in error.message
    assert "PROXY" in error.hint
    assert "pa55word" not in "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
