"""The tests' own fault proxy: what it passes on is exact, and each fault is the one that it is named for."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from engine_server import stub_serving
from fault_proxy import Exchange, FaultProxy
from faults import Cut, Flip, Garbage, HeadersOnly, Refuse, Reset, Slice, Stall, Status, StatusAfter
from offsets import event_boundaries
from waiting import until

pytestmark = [
    pytest.mark.filterwarnings("error::ResourceWarning"),
    pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning"),
]
EVENTS = [b'data: {"n": 1}\n\n', b": still here\n\n", b'data: {"n": 2}\n\n']
STREAM = b"".join(EVENTS)
FIXED = bytes(range(256)) * 8
LARGE = os.urandom(5 << 20)
DEADLINE_S = 20.0


class Upstream:
    """A service: `/run_sse` streams in chunks, `/echo` and the rest answer with a length, `/hang` never ends."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.left = threading.Event()
        self.got_some = threading.Event()

    async def __call__(self, scope, receive, send) -> None:
        path, body = scope["path"], bytearray()
        if path == "/full":
            await self._answer(send, 413, b"no")
            return
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            self.got_some.set()
            if not message.get("more_body"):
                break
        else:
            self.left.set()
            return
        self.heard.append((path, bytes(body)))
        if path in ("/run_sse", "/hang"):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for event in EVENTS:
                await send({"type": "http.response.body", "body": event, "more_body": True})
            if path == "/hang":
                assert (await receive())["type"] == "http.disconnect"
                self.left.set()
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._answer(send, 200, bytes(body) if path == "/echo" else FIXED)

    async def _answer(self, send, status: int, body: bytes) -> None:
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})


class Switch:
    """One server for all tests, with an `Upstream` for each."""

    url: str
    to: Upstream

    async def __call__(self, scope, receive, send) -> None:
        await self.to(scope, receive, send)


@pytest.fixture(scope="module")
def switch() -> Iterator[Switch]:
    switch = Switch()
    with stub_serving(switch) as switch.url:
        yield switch


@pytest.fixture
def upstream(switch: Switch) -> Upstream:
    switch.to = Upstream()
    return switch.to


@pytest.fixture
def proxy(upstream: Upstream, switch: Switch) -> Iterator[FaultProxy]:
    with FaultProxy(switch.url) as opened:
        yield opened


@pytest.fixture
def http(proxy: FaultProxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxy.url, timeout=DEADLINE_S, trust_env=False) as client:
        yield client


def opened(proxy: FaultProxy) -> socket.socket:
    host, port = proxy.host.split(":")
    return socket.create_connection((host, int(port)), timeout=DEADLINE_S)


def request(path: str, body: bytes = b"", method: str = "POST") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: elsewhere\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def until_end(connection: socket.socket) -> tuple[bytes, str]:
    """Everything that comes, and how it ended."""
    got = bytearray()
    try:
        while piece := connection.recv(1 << 16):
            got += piece
    except ConnectionResetError:
        return bytes(got), "reset"
    return bytes(got), "end"


def ask_raw(proxy: FaultProxy, asked: bytes) -> tuple[bytes, bytes, str]:
    """Head, body as it is on the wire, and how the connection ended."""
    with opened(proxy) as connection:
        connection.sendall(asked)
        answer, ending = until_end(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body, ending


def chunks(wire: bytes) -> tuple[list[bytes], bool]:
    """The chunks of a chunked body, the last maybe not whole, and whether the coding is finished."""
    found = []
    while start := re.match(rb"([0-9a-f]+)\r\n", wire):
        size = int(start[1], 16)
        if size == 0:
            return found, wire == b"0\r\n\r\n"
        found.append(wire[start.end() : start.end() + size])
        wire = wire[start.end() + size + 2 :]
    return found, False


# What is not planned does not happen


def test_passing__is_exact_for_lengths_and_chunks(http: httpx.Client, proxy: FaultProxy, upstream: Upstream) -> None:
    assert http.post("/echo", content=FIXED).content == FIXED
    assert http.post("/run_sse", content=iter([FIXED, b"", b"x"])).content == STREAM
    assert upstream.heard == [("/echo", FIXED), ("/run_sse", FIXED + b"x")]
    assert proxy.log[0] == Exchange("POST", "/echo", len(FIXED), len(FIXED), 200, None, True, True)
    assert proxy.log[1] == Exchange("POST", "/run_sse", len(FIXED) + 1, len(STREAM), 200, None, True, True)
    assert proxy.last_body("/run_sse") == STREAM


def test_passing__an_answer_before_the_whole_request(proxy: FaultProxy) -> None:
    head, body, ending = ask_raw(proxy, request("/full", LARGE))
    assert head.startswith(b"HTTP/1.1 413 ")
    assert (body, ending) == (b"no", "end")


def test_passing__a_client_that_leaves_is_told_to_the_service(proxy: FaultProxy, upstream: Upstream) -> None:
    with opened(proxy) as connection:
        connection.sendall(request("/hang"))
        assert connection.recv(1)
        assert not upstream.left.is_set()
    assert upstream.left.wait(DEADLINE_S)
    assert not proxy.log[0].whole


# Ends


@pytest.mark.parametrize("at", [0, 1, *event_boundaries(STREAM), 20])
def test_cut__of_chunks_leaves_them_unfinished(http: httpx.Client, proxy: FaultProxy, at: int) -> None:
    proxy.plan(Cut(at))
    head, body, ending = ask_raw(proxy, request("/run_sse"))
    found, finished = chunks(body)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert (b"".join(found), finished, ending) == (STREAM[:at], False, "end")
    assert proxy.log[0] == Exchange("POST", "/run_sse", 0, at, 200, Cut(at), True, False)
    proxy.plan(Cut(at))
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/run_sse")


def test_cut__of_a_request_gives_the_service_its_beginning(proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.plan(Cut(100_000, "request"), path="/echo")
    assert ask_raw(proxy, request("/echo", LARGE)) == (b"", b"", "end")
    assert upstream.left.wait(DEADLINE_S)
    assert upstream.heard == []
    assert proxy.log[0] == Exchange("POST", "/echo", 100_000, 0, 0, Cut(100_000, "request"), False, False)
    assert (proxy.seen("/echo"), proxy.passed("/echo")) == (1, 0)


@pytest.mark.parametrize(
    ("fault", "sent_bytes"), [(Cut(0), 0), (Cut(1000), 1000), (Cut(len(FIXED)), len(FIXED)), (HeadersOnly(), 0)]
)
def test_cut__of_a_length(proxy: FaultProxy, fault: Cut | HeadersOnly, sent_bytes: int) -> None:
    proxy.plan(fault, path="/fixed")
    assert ask_raw(proxy, request("/fixed"))[1:] == (FIXED[:sent_bytes], "end")
    assert (proxy.log[-1].response_bytes, proxy.log[-1].whole) == (sent_bytes, sent_bytes == len(FIXED))


@pytest.mark.parametrize("path", ["/run_sse", "/fixed"])
def test_reset__is_one_after_what_was_sent(proxy: FaultProxy, path: str) -> None:
    proxy.plan(Reset(20), path=path)
    _, body, ending = ask_raw(proxy, request(path))
    assert ending == "reset"
    assert body == FIXED[:20] if path == "/fixed" else b"".join(chunks(body)[0]) == STREAM[:20]


def test_refuse__ends_kept_and_new_connections(http: httpx.Client, proxy: FaultProxy) -> None:
    http.get("/x")  # leaves a connection to be used again
    proxy.plan(Refuse(), times=2)
    with pytest.raises(httpx.TransportError):
        http.get("/x")
    with opened(proxy) as connection:
        assert until_end(connection) == (b"", "end")
    assert proxy.seen("/x") == 1
    assert http.get("/x").content == FIXED


# Waits


def test_stall__lasts_until_the_client_goes(proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.plan(Stall(20))
    with opened(proxy) as connection:
        connection.sendall(request("/run_sse"))
        connection.settimeout(0.2)
        got = b""
        with contextlib.suppress(TimeoutError):
            while True:
                got += connection.recv(100)
    assert chunks(got.partition(b"\r\n\r\n")[2])[0] == [EVENTS[0], STREAM[16:20]]
    until(lambda: not proxy._talks)
    assert not proxy.log[0].whole


def test_stall__cleared_goes_on_where_it_stopped(proxy: FaultProxy, upstream: Upstream) -> None:
    for fault in (Stall(20), Stall(0), Stall(2, "request"), Stall(3, "request"), Stall(len(STREAM))):
        upstream.got_some.clear()
        proxy.plan(fault)
        with opened(proxy) as connection:
            connection.sendall(request("/run_sse", b"abc"))
            assert upstream.got_some.wait(DEADLINE_S)
            at = proxy.log[-1].response_bytes if fault.side == "request" else fault.after_bytes
            until(lambda at=at: proxy.log[-1].response_bytes == at)
            assert not proxy.log[-1].whole
            proxy.clear()
            until(lambda: proxy.log[-1].whole)
            got = b""
            while not got.endswith(b"0\r\n\r\n"):
                got += connection.recv(1 << 16)
        assert b"".join(chunks(got.partition(b"\r\n\r\n")[2])[0]) == STREAM
        assert upstream.heard[-1] == ("/run_sse", b"abc")


# Changes


def test_slice__gives_each_piece_a_chunk_of_its_own(proxy: FaultProxy) -> None:
    for size in (1, 7):
        proxy.plan(Slice(size))
        asked = request("/run_sse").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        found, finished = chunks(ask_raw(proxy, asked)[1])
        assert {len(piece) for piece in found[:-1]} <= {size, *(len(event) % size for event in EVENTS)}
        assert (b"".join(found), finished, max(map(len, found))) == (STREAM, True, size)
    assert proxy.log[-1].whole


def test_garbage__takes_the_place_of_the_rest(proxy: FaultProxy) -> None:
    proxy.plan(Garbage(20, b"\xff\x00{"))
    assert b"".join(chunks(ask_raw(proxy, request("/run_sse"))[1])[0]) == STREAM[:20] + b"\xff\x00{"
    proxy.plan(Garbage(20, b"\xff\x00{"), path="/fixed")
    assert ask_raw(proxy, request("/fixed"))[1:] == (FIXED[:20] + b"\xff\x00{", "end")
    assert proxy.last_body("/fixed") == FIXED[:20] + b"\xff\x00{"


@pytest.mark.parametrize("at", [0, 17, len(STREAM) - 1])
def test_flip__changes_one_byte(http: httpx.Client, proxy: FaultProxy, at: int) -> None:
    proxy.plan(Flip(at, 0x01))
    got = http.post("/run_sse").content
    assert [(index, a ^ b) for index, (a, b) in enumerate(zip(got, STREAM, strict=True)) if a != b] == [(at, 0x01)]
    assert proxy.last_body("/run_sse") == got


def test_status__is_answered_without_the_service(http: httpx.Client, proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.plan(Status(429, (("Retry-After", "7"),), b"later"), path="/echo")
    answer = http.post("/echo", content=LARGE)
    assert (answer.status_code, answer.headers["retry-after"], answer.content) == (429, "7", b"later")
    assert upstream.heard == []
    assert (proxy.seen("/echo"), proxy.passed("/echo"), proxy.log[0].status) == (1, 0, 429)
    assert http.post("/echo", content=b"now").content == b"now"
    assert len(proxy._talks) == 1  # on the same connection


def test_status_after__the_service_has_done_it(http: httpx.Client, proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.plan(StatusAfter(503, body=b"gone"))
    answer = http.post("/run_sse", content=b"words")
    assert (answer.status_code, answer.content) == (503, b"gone")
    assert upstream.heard == [("/run_sse", b"words")]
    assert proxy.passed("/run_sse") == 1
    assert proxy.last_body("/run_sse") == b"gone"


# Plans


def test_plan__is_for_so_many_requests_of_its_path(http: httpx.Client, proxy: FaultProxy) -> None:
    proxy.plan(Status(500), path="/a", times=2)
    proxy.plan(Status(502), path="/a")
    assert [http.get(path).status_code for path in ("/b", "/a", "/a", "/b", "/a", "/a")] == [
        200, 500, 500, 200, 502, 200,
    ]  # fmt: skip
    proxy.plan(Status(500), path="/a")
    proxy.clear()
    assert http.get("/a").status_code == 200
    assert [each.fault for each in proxy.log if each.path == "/b"] == [None, None]


# Offsets


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_event_boundaries__come_after_each_blank_line(end: bytes) -> None:
    first, second = b"data: 1" + end + end, b"data: \xe2\x80\xa8" + end + b"id: 2" + end + end
    assert event_boundaries(first + second + b"data: cut") == [len(first), len(first + second)]
    assert event_boundaries(b"") == []
