from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from nemo_notebook import errors, skills
from nemo_notebook.client.dialects import TurnReader
from nemo_notebook.client.service import Service

Answer = Callable[[httpx.Request], httpx.Response]


def service(answer: Answer, token: str | None = "nmv_usr_known") -> Service:
    return Service("http://service.test", skills.load("from-music"), token=token, transport=httpx.MockTransport(answer))


def envelope(data: object = None, code: int = 0, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "message": "said", "data": data}, headers=headers)


def test_every_request__carries_token_and_attribution() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return envelope({"available": 1})

    asyncio.run(service(answer).credits())
    headers = seen[0].headers
    assert headers["authorization"] == "Bearer nmv_usr_known"
    assert (headers["x-skill-source"], headers["x-skill-version"]) == ("from-music", "1.0.0")
    assert headers["x-skill-platform"] == "unknown"


def test_anonymous_token__is_fetched_once_with_a_client_id_that_is_kept(own_home: Path) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("anonymous-token"):
            asked.append(request.headers["x-client-id"])
            assert "authorization" not in request.headers
            return envelope({"token": "nmv_usr_new"})
        return envelope({})

    async def twice() -> None:
        one = service(answer, token=None)
        await asyncio.gather(one.credits(), one.credits())

    asyncio.run(twice())
    asyncio.run(twice())
    assert len(asked) == 1  # the second run remembers it
    assert (own_home / "tokens.json").stat().st_mode & 0o077 == 0 or os.name != "posix"
    assert (own_home / "client_id").read_text(encoding="ascii") == asked[0]


def test_expired_token__is_renewed_once_for_all_who_wait() -> None:
    given = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal given
        if request.url.path.endswith("anonymous-token"):
            given += 1
            return envelope({"token": f"nmv_usr_{given}"})
        if request.headers["authorization"] == "Bearer nmv_usr_1":
            return envelope(code=1001)
        return envelope({"available": 5})

    async def both() -> list[object]:
        one = service(answer, token=None)
        return list(await asyncio.gather(one.credits(), one.credits(), one.credits()))

    assert asyncio.run(both()) == [{"available": 5}] * 3
    assert given == 2


def test_refused_own_token__is_an_error_at_once() -> None:
    with pytest.raises(errors.AuthError) as caught:
        asyncio.run(service(lambda _: envelope(code=1001, status=401)).credits())
    assert "nmv_usr_known" not in str(caught.value) + repr(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (1001, 200, errors.AuthError),
        (1002, 200, errors.SessionNotFound),
        (2001, 200, errors.OutOfCredits),
        (4001, 200, errors.UnsupportedMedia),
        (4002, 413, errors.MediaTooLarge),
        (400, 400, errors.MissingClientId),
        (402, 402, errors.PlanRequired),
        (429, 429, errors.RateLimited),
        (777, 200, errors.ServiceError),
    ],
)
def test_codes__become_their_errors_with_a_hint(code: int, status: int, kind: type[errors.NemoError]) -> None:
    with pytest.raises(kind) as caught:
        asyncio.run(service(lambda _: envelope(code=code, status=status)).credits())
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (httpx.Response(404, json={"detail": "Session not found: x"}), errors.SessionNotFound),
        (httpx.Response(502, text="<html>bad gateway</html>"), errors.ServiceError),
        (httpx.Response(200, text="hello"), errors.ProtocolError),
        (httpx.Response(200, json=[1, 2]), errors.ProtocolError),
        (httpx.Response(200, json={"success": False, "message": "no"}), errors.ServiceError),
    ],
)
def test_other_refusals__become_errors_too(response: httpx.Response, kind: type[errors.NemoError]) -> None:
    with pytest.raises(kind):
        asyncio.run(service(lambda _: response).state("1"))


def test_rate_limit__is_waited_for_once() -> None:
    answers = iter([envelope(code=429, status=429, **{"Retry-After": "0"}), envelope({"available": 3})])
    assert asyncio.run(service(lambda _: next(answers)).credits()) == {"available": 3}


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ReadError])
def test_transport_failures__are_network_errors(failure: type[httpx.TransportError]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise failure("boom", request=request)

    with pytest.raises(errors.NetworkError):
        asyncio.run(service(answer).credits())


def test_chat__sends_the_documented_body_and_refusals_come_before_the_stream() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        assert (body["app_name"], body["user_id"], body["session_id"]) == ("nemo_agent", "me", "7")
        assert body["new_message"] == {"parts": [{"text": "hi"}]}
        assert request.headers["accept"] == "text/event-stream"
        return httpx.Response(404, json={"detail": "Session not found: 7"})

    async def turn() -> None:
        async for _ in service(answer).chat("7", "hi", TurnReader()):
            pass

    with pytest.raises(errors.SessionNotFound):
        asyncio.run(turn())


def test_render__is_tried_once_more_with_a_new_id() -> None:
    ids: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        ids.append(body["id"])
        assert body["sessionId"] == "7"
        return envelope(code=5000) if len(ids) == 1 else httpx.Response(200, json={"success": True, "data": {}})

    running = asyncio.run(service(answer).submit_render("7", {}, {"format": "mp4"}))
    assert len(set(ids)) == 2
    assert running == ids[1]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "completed", "progress": 100, "output": {"url": "https://f/x.mp4"}},
        {"success": True, "data": {"status": "completed", "progress": 100, "outputUrl": "https://f/x.mp4"}},
    ],
)
def test_render_status__reads_both_forms(answer: dict[str, object]) -> None:
    status = asyncio.run(service(lambda _: httpx.Response(200, json=answer)).render_status("r"))
    assert (status.status, status.url) == ("completed", "https://f/x.mp4")


def test_proxies__do_not_count_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:1")
    skill = skills.load("from-music")
    local, far = Service("http://127.0.0.1:9", skill, token="x"), Service("http://far.test", skill, token="x")
    for one, uses in ((local, False), (far, True)):
        assert one._wire._http.trust_env is uses
        assert one._assets.trust_env is uses


@pytest.mark.parametrize("expires", [None, "2020-01-01T00:00:00Z", 5, "soon", 4_102_444_800_000])
def test_anonymous_token__that_has_expired_is_not_remembered(expires: object) -> None:
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        if request.url.path.endswith("anonymous-token"):
            asked += 1
            return envelope({"token": f"nmv_usr_{asked}", "expires_at": expires})
        return envelope({})

    for _ in range(2):
        asyncio.run(service(answer, token=None).credits())
    assert asked == (2 if expires in ("2020-01-01T00:00:00Z", 5) else 1)
