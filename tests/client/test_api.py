"""Requests: what is sent again and what never is, limits on size and time, early refusals, and no token shown."""

from __future__ import annotations

import asyncio
import gzip
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from loopback import Talk, head, listening, response
from planted import PLANTED

from nemo_notebook import errors, settings, skills
from nemo_notebook.client import api
from nemo_notebook.client.api import ApiClient, Endpoint, JsonObject
from nemo_notebook.client.transport import Body, json_bytes
from nemo_notebook.outside import Secret

Answer = Callable[[httpx.Request], httpx.Response]
ONCE = [api.SESSION, api.CHAT, api.SEND_FILES.at(session="7"), api.SUBMIT]
REPEATED = [api.CREDITS, api.STATE.at(session="7"), api.CANCEL.at(render="r"), api.CLAIM]


class Fake:
    """Answers from a list, the last one for good, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | type[httpx.TransportError]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, type):
            raise answer("boom", request=request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def made(answer: Answer, token: str | None = PLANTED) -> ApiClient:
    transport = httpx.MockTransport(answer)
    own = Secret(token) if token else None
    return ApiClient("http://service.test", skills.load("from-music"), token=own, transport=transport)


def call(answer: Answer, endpoint: Endpoint = api.CREDITS, **named: Any) -> Mapping[str, Any]:
    return asyncio.run(made(answer).call(endpoint, **named))


def envelope(data: object = None, code: int = 0, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"code": code, "message": "said", "data": data}, headers=named)


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of all waits, none of which is really waited."""
    seconds: list[float] = []
    sleep = asyncio.sleep

    async def note(delay_s: float) -> None:
        seconds.append(delay_s)
        await sleep(0)

    monkeypatch.setattr(api.asyncio, "sleep", note)
    return seconds


def test_every_request__carries_token_and_attribution() -> None:
    fake = Fake(envelope({"available": 1}))
    assert call(fake) == {"available": 1}
    headers = fake.requests[0].headers
    assert headers["authorization"] == f"Bearer {PLANTED}"
    assert (headers["x-skill-source"], headers["x-skill-version"]) == ("from-music", "1.0.0")
    assert headers["x-skill-platform"] == "unknown"
    assert headers["accept-encoding"] == "identity"


LOST = [
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.RemoteProtocolError,
    httpx.ConnectError,
    httpx.Response(500, json={"code": 5000}),
    httpx.Response(502, text="<html>bad gateway</html>"),
    httpx.Response(200, text="hello"),
    httpx.Response(200, json=[1, 2]),
]


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("endpoint", ONCE)
def test_what_does_something__is_never_sent_twice(endpoint: Endpoint, lost: Any) -> None:
    fake = Fake(lost)
    with pytest.raises(errors.NemoError):
        call(fake, endpoint, json={})
    assert len(fake.requests) == 1


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("endpoint", REPEATED)
def test_what_does_nothing_twice__is_repeated(endpoint: Endpoint, lost: Any) -> None:
    fake = Fake(lost, lost, lost, lost, envelope({"a": 1}))
    assert call(fake, endpoint) == {"a": 1}
    assert len(fake.requests) == 5


def test_repeating__ends(waited: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEMO_RETRY_SECONDS")
    fake = Fake(httpx.ReadError)
    with pytest.raises(errors.NetworkError):
        call(fake)
    assert len(fake.requests) == 5
    assert all(low / 2 <= wait <= low for wait, low in zip(waited, (0.5, 1.0, 2.0, 4.0), strict=True))


def test_repeating__ends_at_the_deadline(waited: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEMO_RETRY_SECONDS")
    fake = Fake(httpx.ReadError)
    with pytest.raises(errors.NetworkError):
        call(fake, deadline_s=0.2)
    assert (len(fake.requests), waited) == (1, [])


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_refusal__is_not_asked_again(status: int) -> None:
    fake = Fake(httpx.Response(status, json={"detail": "no"}))
    with pytest.raises(errors.ServiceError):
        call(fake)
    assert len(fake.requests) == 1


def test_a_failure_that_says_when__is_waited_for(waited: list[float]) -> None:
    assert call(Fake(httpx.Response(503, headers={"Retry-After": "7"}), envelope({"a": 1}))) == {"a": 1}
    assert waited == [7.0]


@pytest.mark.parametrize("endpoint", [*ONCE, *REPEATED])
def test_rate_limit__is_waited_for_once_at_any_endpoint(endpoint: Endpoint, waited: list[float]) -> None:
    limited = envelope(code=429, status=429, Retry_After="9")
    assert call(Fake(limited, envelope({"a": 1})), endpoint) == {"a": 1}
    assert waited == [9.0]
    fake = Fake(limited)
    with pytest.raises(errors.RateLimited):
        call(fake, endpoint)
    assert len(fake.requests) == 2


def test_rate_limit__that_does_not_say_when_is_half_a_minute(
    waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEMO_RETRY_SECONDS")
    call(Fake(envelope(code=429, Retry_After="soon"), envelope({})))
    assert waited == [30.0]


def test_rate_limit__of_hours_is_told_and_not_waited_for(waited: list[float]) -> None:
    fake = Fake(envelope(code=429, status=429, Retry_After="10800"))
    with pytest.raises(errors.RateLimited) as caught:
        call(fake)
    assert "3 hours" in caught.value.hint
    assert (len(fake.requests), waited) == (1, [])


NOT_CONNECTED = [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError]
BROKEN = [httpx.ReadError, httpx.WriteError, httpx.ReadTimeout, httpx.WriteTimeout, httpx.RemoteProtocolError]


@pytest.mark.parametrize("failure", [*NOT_CONNECTED, *BROKEN])
def test_a_connection__may_have_carried_the_request_unless_there_was_none(failure: type[httpx.TransportError]) -> None:
    with pytest.raises(errors.NetworkError) as caught:
        call(Fake(failure), api.CHAT)
    assert caught.value.may_have_acted is (failure in BROKEN)
    assert ("could not be reached" in str(caught.value)) is (failure in NOT_CONNECTED)


def test_an_address_that_is_none__is_a_usage_error() -> None:
    with pytest.raises(errors.UsageError, match="not a URL"):
        ApiClient("http://x:port", skills.load("from-music"))
    with pytest.raises(errors.UsageError, match="not a URL"):
        asyncio.run(ApiClient("gopher://x", skills.load("from-music"), token=Secret("x")).call(api.CHAT))


def test_closed_wire__says_so() -> None:
    async def closed() -> None:
        one = made(Fake(envelope()))
        await one.close()
        await one.call(api.CREDITS)

    with pytest.raises(errors.UsageError, match="closed"):
        asyncio.run(closed())


@pytest.mark.parametrize("packed", [True, False])
def test_answers__are_read_no_further_than_is_sane(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAX_ANSWER_BYTES", 1000)
    body = b'{"code": 0, "data": {"a": "' + b"x" * 100_000 + b'"}}'
    coding = {"Content-Encoding": "gzip"} if packed else {}
    sent = gzip.compress(body) if packed else body

    async def stream() -> AsyncIterator[bytes]:
        yield sent

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=stream(), headers={"Content-Type": "application/json", **coding})

    with pytest.raises(errors.ProtocolError, match="larger"):
        call(answer, api.SESSION)


def test_answers_packed_without_bounds__are_not_unpacked() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield gzip.compress(gzip.compress(b"{}"))

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=stream(), headers={"Content-Encoding": "gzip, gzip"})

    with pytest.raises(errors.ProtocolError, match="packed"):
        call(answer, api.SESSION)


def test_json__holds_what_any_server_reads() -> None:
    assert json_bytes({"a": [float("nan"), "\ud800", (1.5,)]}) == b'{"a": [null, "\\ud800", [1.5]]}'


async def opened(answer: Answer, **headers: str) -> int:
    async with made(answer).open(api.DOWNLOAD.at(render="r"), headers=headers, accept="*/*") as found:
        return found.status_code


@pytest.mark.parametrize("status", [200, 206, 416])
def test_open__gives_streams_with_the_headers_asked_for(status: int) -> None:
    fake = Fake(httpx.Response(status, content=b"film", headers={"Content-Type": "video/mp4"}))
    assert asyncio.run(opened(fake, Range="bytes=3-")) == status
    assert fake.requests[0].headers["range"] == "bytes=3-"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (envelope({}), errors.ProtocolError),
        (httpx.Response(200, text="<html>log in</html>", headers={"Content-Type": "text/html"}), errors.ProtocolError),
        (httpx.Response(200, content=b"x", headers={"Content-Encoding": "identity, br"}), errors.ProtocolError),
        (envelope(code=1002), errors.SessionNotFound),
        (httpx.Response(404, text="gone"), errors.JobNotFound),
    ],
)
def test_open__gives_nothing_that_is_no_stream(answer: httpx.Response, kind: type[errors.NemoError]) -> None:
    fake = Fake(answer)
    with pytest.raises(kind):
        asyncio.run(opened(fake))
    assert len(fake.requests) == 1


@pytest.mark.parametrize("method", ["call", "open"])
def test_redirects__are_not_followed_so_the_token_goes_nowhere_else(method: str) -> None:
    fake = Fake(httpx.Response(307, headers={"Location": "http://elsewhere.test/x"}))
    with pytest.raises(errors.ServiceError, match="elsewhere"):
        call(fake) if method == "call" else asyncio.run(opened(fake))
    assert {request.url.host for request in fake.requests} == {"service.test"}


# No token in a traceback, with the locals of every frame shown.


def shown(error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(told.format())


def check_hidden(kind: type[errors.NemoError], work: Coroutine[Any, Any, object]) -> errors.NemoError:
    """The error of some work, which shows no token."""
    with pytest.raises(kind) as caught:
        asyncio.run(work)
    assert PLANTED not in shown(caught.value)
    return caught.value


@asynccontextmanager
async def client_at(talk: Talk, token: str = PLANTED) -> AsyncIterator[ApiClient]:
    """A client of a service that talks like this."""
    async with listening(talk) as url:
        client = ApiClient(url, skills.load("from-music"), token=Secret(token))
        try:
            yield client
        finally:
            await client.close()


async def unsendable() -> AsyncIterator[bytes]:
    yield b"x"
    raise errors.FileMissing("gone")


async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await head(reader)
    for byte in response(b"{}"):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.02)


async def close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await head(reader)


async def half_an_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    echo = await head(reader)
    writer.write(response(b"x" * 5000)[:-100] + echo)


async def echo_as_refusal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    token = (await head(reader)).partition(b"Bearer ")[2].split()[0]
    writer.write(response(b'{"code": 777, "message": "bad %s", "data": {"token": "%s"}}' % (token, token)))


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/9 ?\r\n\r\n" + await head(reader))


async def echo_as_status(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 " + (await head(reader)).partition(b"Authorization: ")[2])


async def echo_as_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(response(b"not json " + await head(reader)))


@pytest.mark.parametrize(
    "talk", [dribble, close_at_once, half_an_answer, echo_as_refusal, garbage, echo_as_status, echo_as_data]
)
@pytest.mark.parametrize("method", ["call", "open"])
def test_no_traceback__shows_the_token(talk: Talk, method: str) -> None:
    async def fail() -> None:
        async with client_at(talk) as client:
            if method == "call":
                await client.call(api.SESSION, json={}, deadline_s=0.3)
            else:
                async with client.open(api.CHAT, json={}, timeout_s=0.01, accept="*/*"):
                    pytest.fail("it was refused")

    check_hidden(errors.NemoError, fail())
    assert "Secret(…)" in repr(Secret(PLANTED))


def test_no_traceback__shows_the_token_where_nothing_listens() -> None:
    client = ApiClient("http://127.0.0.1:9", skills.load("from-music"), token=Secret(PLANTED))
    error = check_hidden(errors.NetworkError, client.call(api.CHAT))  # type: ignore[arg-type]
    assert isinstance(error.__cause__, httpx.ConnectError)  # what it was is still told


@pytest.mark.parametrize("tail", ["\nx", "\u00fc\ud800"])
def test_no_traceback__shows_a_token_that_cannot_be_sent(tail: str) -> None:
    async def fail() -> None:
        async with client_at(close_at_once, PLANTED + tail) as client:
            await client.call(api.CHAT)

    check_hidden(errors.UsageError, fail())


def test_no_traceback__shows_the_token_when_a_header_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILL_SOURCE", "a\u4e2d")
    check_hidden(errors.UsageError, made(Fake(envelope())).call(api.CREDITS))


def test_no_traceback__shows_the_token_when_a_body_cannot_be_read() -> None:
    async def fail() -> None:
        async with client_at(close_at_once) as client:
            await client.call(api.SEND_FILES, body=Body(unsendable, {"Content-Length": "9"}))

    check_hidden(errors.FileMissing, fail())


def test_no_traceback__shows_the_token_of_a_call_that_is_cancelled() -> None:
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        begun.set()
        await reader.read()

    async def cancel() -> None:
        async with client_at(stall) as client:
            task = asyncio.create_task(client.call(api.CREDITS))  # type: ignore[arg-type]
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
        assert PLANTED not in shown(caught.value)

    begun = asyncio.Event()
    asyncio.run(cancel())


def test_errors_that_were_there_before__keep_their_frames() -> None:
    async def fail() -> None:
        try:
            raise KeyError("mine")
        except KeyError:
            await made(Fake(httpx.ReadError)).call(api.CHAT)

    with pytest.raises(errors.NetworkError) as caught:
        asyncio.run(fail())
    mine = caught.value
    while mine is not None and not isinstance(mine, KeyError):
        mine = mine.__context__
    assert mine is not None
    assert mine.__traceback__ is not None


class Moving:
    """A backend that ended at one address, or breaks there, and is at another with a token of its own."""

    def __init__(self, failure: type[httpx.TransportError] = httpx.ConnectError, new_url: str = "http://new.test"):
        self.failure = failure
        self.new = api.BackendPlace(new_url, Secret("nmv_usr_new"))
        self.asked: list[str] = []
        self.seen: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append((request.url.host, request.headers["authorization"]))
        if request.url.host != "new.test":
            raise self.failure("boom", request=request)
        return envelope({"available": 3})

    async def successor(self, url: str) -> api.BackendPlace | None:
        self.asked.append(url)
        return self.new if url == "http://service.test" else None

    def wire(self) -> ApiClient:
        skill, token = skills.load("from-music"), Secret(PLANTED)
        transport = httpx.MockTransport(self)
        return ApiClient("http://service.test", skill, token=token, successor=self.successor, transport=transport)


def test_backend_that_ended__is_found_at_its_new_place_with_its_new_token_by_all_who_wait():
    moving = Moving()
    spoken = moving.wire()

    async def ask() -> list[Mapping[str, Any]]:
        return list(await asyncio.gather(*(spoken.call(endpoint) for endpoint in (*ONCE[:1], *REPEATED))))

    assert asyncio.run(ask()) == [{"available": 3}] * 5
    assert moving.asked == ["http://service.test"]
    assert {seen for seen in moving.seen if seen[0] == "new.test"} == {("new.test", "Bearer nmv_usr_new")}
    assert ("service.test", "Bearer nmv_usr_new") not in moving.seen


@pytest.mark.parametrize("endpoint", ONCE)
def test_what_may_have_been_done__is_not_done_again_at_the_new_place(endpoint: Endpoint):
    moving = Moving(httpx.ReadError)
    spoken = moving.wire()
    with pytest.raises(errors.NetworkError):
        asyncio.run(spoken.call(endpoint))
    assert [host for host, _ in moving.seen] == ["service.test"]
    assert asyncio.run(spoken.call(api.STATE.at(session="7"))) == {"available": 3}


def test_backend_that_runs__is_not_looked_for_anywhere_else(waited: list[float]):
    moving = Moving()

    async def stays(_: str) -> None:
        return None

    moving.successor = stays  # type: ignore[method-assign]
    with pytest.raises(errors.NetworkError):
        asyncio.run(moving.wire().call(api.CREDITS))
    assert {host for host, _ in moving.seen} == {"service.test"}
    assert len(waited) == 4


SIZE = 32 << 20
TOO_LARGE = response(b'{"code": 4002, "message": "at most 5 MB"}', "413 Content Too Large")
UNDER_200 = response(b'{"code": 4002, "message": "at most 5 MB"}')


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(SIZE >> 20):
        yield bytes(1 << 20)


async def upload(talk: Talk) -> JsonObject:
    async with client_at(talk) as client:
        body = Body(pieces, {"Content-Length": str(SIZE)})
        return await client.call(api.SEND_FILES.at(session="7"), body=body, deadline_s=30.0)


@pytest.mark.parametrize("said", [TOO_LARGE, UNDER_200])
@pytest.mark.parametrize("taken", [0, 3 << 20])
def test_refusal_before_the_body_is_through__is_read_though_the_connection_breaks(said: bytes, taken: int) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        await reader.readexactly(taken)
        writer.write(said)
        await writer.drain()

    for _ in range(5):
        with pytest.raises(errors.MediaTooLarge, match="at most 5 MB"):
            asyncio.run(upload(talk))


def test_refusal_of_a_service_that_stays_and_reads_nothing__ends_the_sending() -> None:
    async def refused() -> None:
        over = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await head(reader)
            writer.write(TOO_LARGE)
            await over.wait()

        try:
            with pytest.raises(errors.MediaTooLarge):
                await upload(talk)
        finally:
            over.set()

    asyncio.run(refused())


@pytest.mark.parametrize("hint", [b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"])
def test_whole_body__arrives_where_nothing_is_refused(hint: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(hint)
        await reader.readexactly(SIZE)
        writer.write(response(b'{"code": 0, "data": {"all": true}}'))
        await writer.drain()

    assert asyncio.run(upload(talk)) == {"all": True}


def test_connection_that_closes_without_a_word__is_a_network_error() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)

    with pytest.raises(errors.NetworkError) as caught:
        asyncio.run(upload(talk))
    assert caught.value.may_have_acted
