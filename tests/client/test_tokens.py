"""The token: got once, kept for its owner only, renewed once for all who wait, and never shown."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path

import httpx
import pytest
from planted import PLANTED

from nemo_notebook import errors, skills
from nemo_notebook.client import api, tokens
from nemo_notebook.client.api import ApiClient
from nemo_notebook.outside import Secret

BASE = "http://service.test"


class Issuer:
    """A service that gives numbered tokens and takes those that are in force."""

    def __init__(self, **given: object) -> None:
        self.given = given
        self.asked: list[str] = []
        self.refuse: list[httpx.Response | type[httpx.TransportError]] = []
        self.in_force: set[str] | None = None
        self.calls = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("anonymous-token"):
            self.calls += 1
            good = self.in_force is None or request.headers["authorization"].removeprefix("Bearer ") in self.in_force
            return httpx.Response(200, json={"code": 0 if good else 1001, "data": {"a": 1}})
        assert "authorization" not in request.headers
        self.asked.append(request.headers["x-client-id"])
        if self.refuse:
            refusal = self.refuse.pop(0)
            if isinstance(refusal, type):
                raise refusal("boom", request=request)
            return refusal
        data = {"token": f"{PLANTED}-{len(self.asked)}", **self.given}
        return httpx.Response(200, json={"code": 0, "data": data})

    def wire(self, base_url: str = BASE) -> ApiClient:
        return ApiClient(base_url, skills.load("from-music"), transport=httpx.MockTransport(self))

    def call(self, base_url: str = BASE) -> object:
        return asyncio.run(self.wire(base_url).call(api.CREDITS))


def test_token__is_got_once_for_all_who_wait_and_kept(own_home: Path) -> None:
    issuer = Issuer()

    async def at_once() -> None:
        one = issuer.wire()
        await asyncio.gather(*(one.call(api.CREDITS) for _ in range(3)))

    asyncio.run(at_once())
    asyncio.run(at_once())
    assert len(issuer.asked) == 1  # the second run remembers it
    assert stat.S_IMODE((own_home / "tokens.json").stat().st_mode) & 0o077 == 0 or os.name != "posix"
    assert (own_home / "client_id").read_text(encoding="ascii") == issuer.asked[0]
    assert not list(own_home.glob("*.part"))


def test_expired_token__is_renewed_once_for_all_who_wait() -> None:
    issuer = Issuer()
    issuer.in_force = {f"{PLANTED}-2"}

    async def at_once() -> list[object]:
        one = issuer.wire()
        return list(await asyncio.gather(*(one.call(api.SESSION) for _ in range(3))))

    assert asyncio.run(at_once()) == [{"a": 1}] * 3
    assert len(issuer.asked) == 2


def test_renewed_token__that_is_refused_too_is_an_error() -> None:
    issuer = Issuer()
    issuer.in_force = set()
    with pytest.raises(errors.AuthError):
        issuer.call()
    assert (issuer.calls, len(issuer.asked)) == (2, 2)


def test_expired_token__gives_way_to_one_that_another_process_got() -> None:
    issuer = Issuer()

    async def meanwhile() -> object:
        one = issuer.wire()
        await one.call(api.CREDITS)
        issuer.in_force = {f"{PLANTED}-other"}
        tokens.keep_token(BASE, Secret(f"{PLANTED}-other"))
        return await one.call(api.CREDITS)

    assert asyncio.run(meanwhile()) == {"a": 1}
    assert len(issuer.asked) == 1


def test_own_token__is_never_renewed() -> None:
    issuer = Issuer()
    issuer.in_force = set()
    own = ApiClient(BASE, skills.load("from-music"), token=Secret(PLANTED), transport=httpx.MockTransport(issuer))
    with pytest.raises(errors.AuthError) as caught:
        asyncio.run(own.call(api.CREDITS))
    assert issuer.asked == []
    assert PLANTED not in str(caught.value) + repr(caught.value) + caught.value.hint


@pytest.mark.parametrize("damage", ["", "{", "[1]", '"x"', "[" * 100_000, "\x00", '{"%s": 5}', '{"%s": {"token": 5}}'])
def test_damaged_file__counts_as_none(own_home: Path, damage: str) -> None:
    (own_home / "tokens.json").write_text(damage.replace("%s", BASE), encoding="utf-8")
    issuer = Issuer()
    issuer.call()
    issuer.call()
    assert len(issuer.asked) == 1


def test_kept_token__that_cannot_be_sent_counts_as_none(own_home: Path) -> None:
    (own_home / "tokens.json").write_text(json.dumps({BASE: "nmv usr\u00fc"}), encoding="utf-8")
    assert tokens.kept_token(BASE) is None


@pytest.mark.parametrize("token", [None, "", 5, "a b", "\u00fc", "x" * 5000])
def test_answer__without_a_token_that_can_be_sent_is_an_error(token: object) -> None:
    with pytest.raises(errors.ProtocolError, match="no token"):
        Issuer(token=token).call()


def test_tokens_of_two_services__are_kept_side_by_side(own_home: Path) -> None:
    Issuer().call("http://one.test")
    Issuer().call("http://two.test")
    kept = json.loads((own_home / "tokens.json").read_text(encoding="utf-8"))
    assert kept.keys() == {"http://one.test", "http://two.test"}


def test_client_id__that_the_service_does_not_take_is_made_anew_once(own_home: Path) -> None:
    issuer = Issuer()
    tokens.client_id()
    issuer.refuse = [httpx.Response(400, json={"code": 400, "message": "X-Client-Id"})]
    issuer.call()
    assert len(set(issuer.asked)) == 2
    assert (own_home / "client_id").read_text(encoding="ascii") == issuer.asked[1]
    again = Issuer()
    again.refuse = [httpx.Response(400), httpx.Response(400)]
    with pytest.raises(errors.MissingClientId):
        again.call("http://another.test")
    assert len(again.asked) == 2


def test_client_id__of_the_environment_is_left_as_it_is(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_CLIENT_ID", "mine")
    issuer = Issuer()
    issuer.refuse = [httpx.Response(400)]
    with pytest.raises(errors.MissingClientId):
        issuer.call()
    assert issuer.asked == ["mine"]
    assert not (own_home / "client_id").exists()


def test_client_id__that_cannot_be_read_is_made_anew(own_home: Path) -> None:
    (own_home / "client_id").write_text("no uuid", encoding="ascii")
    first = tokens.client_id()
    assert first == tokens.client_id() != "no uuid"


def test_token_that_cannot_be_kept__is_used_all_the_same(own_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    (own_home / "tokens.json").mkdir()
    Issuer().call()  # the service gives one a week: it is not thrown away
    assert "tokens.json" in caplog.text
    assert PLANTED not in caplog.text
    assert not list(own_home.glob("*.part"))


def test_token_request__waits_once_then_says_what_else_can_be_done() -> None:
    issuer = Issuer()
    issuer.refuse = [httpx.Response(429), httpx.Response(429)]
    with pytest.raises(errors.RateLimited) as caught:
        issuer.call()
    assert len(issuer.asked) == 2
    assert "NEMO_TOKEN" in caught.value.hint
    assert "--backend local" in caught.value.hint


def test_token_request__is_repeated_when_its_answer_is_lost() -> None:
    issuer = Issuer()
    issuer.refuse = [httpx.ReadError, httpx.Response(502), httpx.ConnectError]
    assert issuer.call() == {"a": 1}
    assert len(issuer.asked) == 4


@pytest.mark.parametrize("failure", [httpx.ReadError, httpx.Response(500)])
def test_token_that_could_not_be_got__means_that_nothing_was_sent(
    failure: httpx.Response | type[httpx.TransportError],
) -> None:
    issuer = Issuer()
    issuer.refuse = [failure] * 5
    with pytest.raises(errors.NemoError) as caught:
        asyncio.run(issuer.wire().call(api.CHAT))
    assert not getattr(caught.value, "sent", False)
    assert not getattr(caught.value, "may_have_acted", False)
    assert issuer.calls == 0
