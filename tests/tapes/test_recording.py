from __future__ import annotations

import asyncio
import gzip
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nemo_notebook import errors
from nemo_notebook.client.hook import FILES, UNRECORDED
from nemo_notebook.tapes import file as tape_file
from nemo_notebook.tapes.format import Exchange, Medium, new_header
from nemo_notebook.tapes.player import ReplayPace
from nemo_notebook.tapes.tape import Tape

BASE = "https://svc.example/v2"
Handler = Callable[[httpx.Request], httpx.Response]


class Rig:
    """A tape and two clients on it: of the backend, and of files from anywhere."""

    def __init__(self, path: Path) -> None:
        self.path = path
        header = new_header(now_s=1e9, package="0", backend="cloud", title="", keep_bytes=1000)
        self.deck = Tape("record", path, header, ReplayPace("recorded"))
        self.deck.connected("cloud", BASE, is_local=False, is_anonymous=True)
        self.seen: list[httpx.Request] = []

    def clients(self, handler: Handler) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
        def answer(request: httpx.Request) -> httpx.Response:
            self.seen.append(request)
            return handler(request)

        def connect() -> httpx.AsyncClient:
            return httpx.AsyncClient(transport=httpx.MockTransport(answer))

        def check(url: str) -> None:
            if not url.startswith("https://"):
                raise errors.ProtocolError("It is unsafe.")

        files = httpx.AsyncClient(transport=self.deck.transport("", connect, check))
        return httpx.AsyncClient(base_url=BASE, transport=self.deck.transport(BASE, connect, None)), files

    def exchanges(self) -> list[Exchange]:
        self.deck.close()
        return list(tape_file.read_tape(self.path).exchanges)

    def run(self, work: Callable[[httpx.AsyncClient, httpx.AsyncClient], Awaitable[Any]], handler: Handler) -> Any:
        async def go() -> Any:
            return await work(*self.clients(handler))

        return asyncio.run(go())

    def fetched_film(self, content: bytes = b"film", content_type: str = "video/mp4") -> Medium:
        """Fetch a film, which arrives unchanged; give what the tape has of it."""

        async def fetch(_: httpx.AsyncClient, files: httpx.AsyncClient) -> bytes:
            return (await files.get("https://cdn.x/f.mp4")).content

        headers = {"content-type": content_type} if content_type else {}
        assert self.run(fetch, lambda _: httpx.Response(200, content=content, headers=headers)) == content
        self.deck.close()
        (medium,) = tape_file.read_tape(self.path).media.values()
        return medium


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "x.nemotape")
    yield rig
    rig.deck.close()


def test_ids__are_names_for_the_client_and_real_for_the_backend(rig: Rig) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"session_id": "s.17/ab", "url": "https://cdn.x/f.mp4?sig=abcdefgh"})

    async def work(http: httpx.AsyncClient, _: httpx.AsyncClient) -> Any:
        first = (await http.post("/new", json={})).json()
        await http.get(f"/state/nemo_agent/me/{first['session_id']}/latest", params={"of": first["session_id"]})
        await http.post("/go", json={"session_id": first["session_id"], "render": f"x {rig.deck.new_render_id()}"})
        return first

    assert rig.run(work, answer) == {"session_id": "session-tape-1", "url": "https://media.tape/1/f.mp4"}
    new, state, go = rig.seen
    assert new.url.raw_path == b"/v2/new"
    assert state.url.raw_path.startswith(b"/v2/state/nemo_agent/me/s%2E17%2Fab/latest")
    sent = json.loads(go.content)
    assert sent["session_id"] == "s.17/ab"
    assert sent["render"].startswith("x render_1")
    paths = [each.request.path for each in rig.exchanges()]
    assert paths == ["/new", "/state/nemo_agent/me/session-tape-1/latest", "/go"]


def test_file__is_fetched_from_where_it_is_and_nothing_unsafe_is(rig: Rig) -> None:
    links = {"a": "https://cdn.x/f.mp4?sig=abcdefgh", "b": "http://127.0.0.1:9/g.mp4"}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "svc.example":
            return httpx.Response(200, json=links)
        assert request.url.params["sig"] == "abcdefgh"
        return httpx.Response(200, content=b"film", headers={"content-type": "video/mp4", "set-cookie": "a=secret"})

    async def work(http: httpx.AsyncClient, files: httpx.AsyncClient) -> Any:
        named = (await http.get("/links")).json()
        film = await files.get(named["a"])
        with pytest.raises(errors.ProtocolError):
            await files.get(named["b"])
        return film.content, dict(film.headers)

    content, headers = rig.run(work, answer)
    assert content == b"film"
    assert headers == {"content-type": "video/mp4", "content-length": "4"}
    assert {str(request.url.host) for request in rig.seen} == {"svc.example", "cdn.x"}
    assert [each.answer.error for each in rig.exchanges()] == ["", "", "broken"]


def test_elsewhere__nothing_of_the_names_is_told(rig: Rig) -> None:
    async def work(http: httpx.AsyncClient, files: httpx.AsyncClient) -> None:
        await http.get("/new")
        await files.get("https://evil.example/session-tape-1/film.mp4")

    rig.run(work, lambda _: httpx.Response(200, json={"session_id": "the-real-one"}))
    assert rig.seen[1].url.path == "/session-tape-1/film.mp4"


def test_redirect__leads_to_a_name(rig: Rig) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a":
            return httpx.Response(302, headers={"location": "/b?token=abcdefgh"})
        return httpx.Response(200, content=b"film", headers={"content-type": "video/mp4"})

    async def work(_: httpx.AsyncClient, files: httpx.AsyncClient) -> Any:
        first = await files.get("https://cdn.x/a")
        assert first.next_request is not None
        return str(first.next_request.url), (await files.send(first.next_request)).content

    assert rig.run(work, answer) == ("https://media.tape/1/b", b"film")
    assert str(rig.seen[1].url) == "https://cdn.x/b?token=abcdefgh"


def test_token__is_asked_for_and_not_recorded(rig: Rig) -> None:
    async def work(http: httpx.AsyncClient, _: httpx.AsyncClient) -> Any:
        given = await http.post("/token", extensions={UNRECORDED: True}, headers={"X-Client-Id": "client-1234"})
        await http.get("/me", headers={"Authorization": f"Bearer {given.json()['token']}"})
        return given.json()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"token": "very-secret"} if request.url.path.endswith("/token") else {})

    assert rig.run(work, answer) == {"token": "very-secret"}
    assert rig.seen[1].headers["authorization"] == "Bearer very-secret"
    assert [each.request.path for each in rig.exchanges()] == ["/me"]
    assert "very-secret" not in rig.path.read_text("utf-8")
    assert rig.deck.secrets == {"very-secret", "client-1234"}


def test_upload__is_known_by_its_files(rig: Rig, tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(b"some song")

    async def work(http: httpx.AsyncClient, _: httpx.AsyncClient) -> None:
        async def body() -> AsyncIterator[bytes]:
            yield b"--x\r\n"
            yield song.read_bytes()

        kind = {"content-type": "multipart/form-data; boundary=x", "content-length": "14"}
        await http.post("/up", content=body(), headers=kind, extensions={FILES: (song,)})

    rig.run(work, lambda request: httpx.Response(200, json={}))
    (taken,) = rig.exchanges()
    assert [(file.name, file.size_bytes) for file in taken.request.files] == [("song.mp3", 9)]
    assert taken.request.headers["content-type"] == "multipart/form-data"
    assert rig.seen[0].headers["content-length"] == "14"


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (httpx.Response(502, text="<script>x</script>", headers={"content-type": "text/html"}), 502, b""),
        (httpx.Response(204), 204, b""),
        (httpx.Response(200, content=b"null"), 200, b"null"),
        (httpx.Response(200, content=b'{"a": NaN}'), 200, b'{"a":null}'),
        (httpx.Response(200, content=b'{"b": 1, "a": "\\ud83d"}'), 200, '{"b":1,"a":"\ufffd"}'.encode()),
        (httpx.Response(200, content=gzip.compress(b'{"a":1}'), headers={"content-encoding": "gzip"}), 200, b'{"a":1}'),
    ],
    ids=["page", "nothing", "null", "no number", "half a character", "packed"],
)
def test_answers__come_and_are_played_alike(rig: Rig, answer: httpx.Response, status: int, body: bytes) -> None:
    async def work(http: httpx.AsyncClient, _: httpx.AsyncClient) -> Any:
        came = await http.get("/x")
        return came.status_code, came.content, dict(came.headers)

    came = rig.run(work, lambda _: answer)
    assert came[:2] == (status, body)
    rig.deck.close()
    tape = tape_file.read_tape(rig.path)
    deck = Tape("replay", rig.path, tape.header, ReplayPace("once"), tape)

    async def again() -> Any:
        return await work(httpx.AsyncClient(base_url=BASE, transport=deck.transport(BASE, pytest.fail, None)), None)  # type: ignore[arg-type]

    assert asyncio.run(again()) == came
    deck.close()


def test_packed__in_a_way_that_was_not_asked_for_is_refused(rig: Rig) -> None:
    async def work(http: httpx.AsyncClient, _: httpx.AsyncClient) -> None:
        with pytest.raises(errors.ProtocolError):
            await http.get("/x")

    rig.run(work, lambda _: httpx.Response(200, content=b"x", headers={"content-encoding": "br"}))
    assert [each.answer.error for each in rig.exchanges()] == ["broken"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [(httpx.ConnectError, "connect"), (httpx.ReadTimeout, "timeout"), (httpx.RemoteProtocolError, "broken")],
)
def test_failures__are_recorded_by_kind(rig: Rig, error: type[httpx.HTTPError], kind: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("no")

    async def work(http: httpx.AsyncClient, _: httpx.AsyncClient) -> None:
        with pytest.raises(error):
            await http.post("/x", json={})

    rig.run(work, answer)
    assert [(each.answer.error, each.turn) for each in rig.exchanges()] == [(kind, 0)]


def test_film__that_breaks_off_is_recorded_as_far_as_it_came(rig: Rig) -> None:
    class Breaking(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"half a film"
            raise httpx.ReadError("broken")

    async def work(_: httpx.AsyncClient, files: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.ReadError):
            await files.get("https://cdn.x/f")

    rig.run(work, lambda _: httpx.Response(200, stream=Breaking(), headers={"content-type": "video/mp4"}))
    (taken,) = rig.exchanges()
    assert taken.answer.was_cut
    assert taken.answer.media is not None
    assert taken.answer.media.size_bytes == len(b"half a film")


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"<svg onload=alert(1)>", "a page or a picture that can hold scripts: not kept"),
        (b"x" * 1001, "larger than 0.0 MB: not kept"),
        (b"nmv_usr_abcdefgh", "a token: not kept"),
    ],
)
def test_media__that_must_not_or_cannot_be_kept_are_noted(rig: Rig, content: bytes, note: str) -> None:
    medium = rig.fetched_film(content)
    assert (medium.data, medium.note, medium.name) == (None, note, "f.mp4")


@pytest.mark.parametrize(("said", "kind"), [("video/mp4; codecs=x", "video/mp4"), ("movie", ""), ("", "")])
def test_type__of_a_file_is_what_it_says_if_it_is_one(rig: Rig, said: str, kind: str) -> None:
    assert rig.fetched_film(content_type=said).type == kind


@pytest.mark.parametrize(
    ("given", "kept"),
    [("纸灯笼.mp4", "纸灯笼.mp4"), ("a\\b\n.mp4", "a_b .mp4"), (os.fsdecode(b"caf\xe9.mp4"), "caf.mp4")],
)
def test_film__has_the_users_name_on_the_tape(rig: Rig, given: str, kept: str) -> None:
    rig.deck.name_file("https://cdn.x/f.mp4", given)
    assert rig.fetched_film().name == kept
