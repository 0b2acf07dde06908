from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tape_parts import HEADER

from nemo_notebook import errors
from nemo_notebook.tapes import player
from nemo_notebook.tapes.format import EventBlock, Exchange, MediaRef, Medium, Request, TapeAnswer, TapeContent
from nemo_notebook.tapes.player import ReplayPace, ReplayTransport
from nemo_notebook.tapes.tape import SERVICE, Tape


def exchange(
    number: int, path: str, at_ms: float, took_ms: float, answer: TapeAnswer, turn: int | None = None
) -> Exchange:
    request = Request("GET" if turn is None else "POST", path, {}, {})
    return Exchange(number, "In [1]", turn or 0, at_ms, took_ms, request, answer)


def said(words: str) -> TapeAnswer:
    return TapeAnswer(200, {"content-type": "application/json"}, json={"words": words})


decks: list[Tape] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while decks:
        decks.pop().close()


def client(*exchanges: Exchange, speed: str = "once", media: tuple[Medium, ...] = ()) -> httpx.AsyncClient:
    tape = TapeContent(HEADER, exchanges, {medium.sha256: medium for medium in media})
    decks.append(Tape("replay", Path("x.nemotape"), HEADER, ReplayPace(speed), tape))
    return httpx.AsyncClient(base_url=SERVICE, transport=ReplayTransport(decks[-1], httpx.URL(SERVICE)))


def test_answers__that_are_due_together_come_as_they_ended() -> None:
    http = client(exchange(1, "/slow", 0, 90.0, said("slow")), exchange(2, "/quick", 5.0, 10.0, said("quick")))
    came: list[str] = []

    async def ask(path: str) -> None:
        came.append((await http.get(path)).json()["words"])

    async def work() -> None:
        await asyncio.gather(ask("/slow"), ask("/quick"))

    asyncio.run(work())
    assert came == ["quick", "slow"]


def test_time__is_that_of_the_last_answer() -> None:
    http = client(exchange(1, "/a", 100.0, 50.0, said("a")), exchange(2, "/b", 200.0, 25.0, said("b")))

    async def work() -> list[float]:
        times = []
        for path in ("/b", "/a"):
            await http.get(path)
            times.append(decks[-1].clock.now_s() - HEADER.recorded_s)
        return times

    assert asyncio.run(work()) == pytest.approx([0.225, 0.225])


@pytest.mark.parametrize(
    ("kind", "error"), [("connect", httpx.ConnectError), ("timeout", httpx.ReadTimeout), ("broken", httpx.ReadError)]
)
def test_failures__fail_again(kind: str, error: type[httpx.HTTPError]) -> None:
    with pytest.raises(error):
        asyncio.run(client(exchange(1, "/a", 0, 1.0, TapeAnswer(0, {}, error=kind))).get("/a"))


def test_stream__that_broke_breaks_after_the_same_words() -> None:
    pieces = (EventBlock(1.0, "data: one\n\n"), EventBlock(2.0, "data: tw"))
    http = client(exchange(1, "/a", 0, 3.0, TapeAnswer(200, {}, events=pieces, was_cut=True)))
    came = b""

    async def work() -> None:
        nonlocal came
        async with http.stream("GET", "/a") as response:
            async for chunk in response.aiter_bytes():
                came += chunk

    with pytest.raises(httpx.ReadError):
        asyncio.run(work())
    assert came == b"data: one\n\ndata: tw"


def test_recorded_speed__is_kept_by_answers_streams_and_files() -> None:
    data = b"f" * 600_000
    film = Medium(hashlib.sha256(data).hexdigest(), len(data), "video/mp4", "f.mp4", data)
    http = client(
        exchange(1, "/a", 0, 120.0, said("a")),
        exchange(2, "/b", 500.0, 120.0, TapeAnswer(200, {}, events=(EventBlock(600.0, "data: x\n\n"),))),
        exchange(3, "/c", 900.0, 120.0, TapeAnswer(200, {}, media=MediaRef(film.sha256, film.size_bytes))),
        speed="recorded",
        media=(film,),
    )

    async def took(path: str) -> float:
        begun_s = time.monotonic()
        await http.get(path)
        return time.monotonic() - begun_s

    async def work() -> list[float]:
        return [await took(path) for path in ("/a", "/b", "/c")]

    for took_s in asyncio.run(work()):
        assert 0.12 <= took_s < 0.3


def test_medium__that_is_not_there_is_told() -> None:
    film = Medium("f" * 64, 12_300_000, "video/mp4", "film.mp4", None, "larger than 8.4 MB: not kept")
    http = client(exchange(1, "/a", 0, 1.0, TapeAnswer(200, {}, media=MediaRef(film.sha256, 1))), media=(film,))
    with pytest.raises(errors.TapeFileMissing, match=r"film\.mp4 \(12\.3 MB\) was not kept on the tape"):
        asyncio.run(http.get("/a"))


def test_what_is_too_early__is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    http = client(exchange(1, "/first", 0, 1.0, said("1"), turn=0), exchange(2, "/second", 5.0, 1.0, said("2"), turn=1))

    async def ask(path: str, after_s: float = 0.0) -> Any:
        await asyncio.sleep(after_s)
        return (await http.post(path)).json()["words"]

    async def work() -> list[Any]:
        return await asyncio.gather(ask("/second"), ask("/first", 0.05))

    assert asyncio.run(work()) == ["2", "1"]
    monkeypatch.setattr(player, "_PATIENCE_S", 0.05)
    late = client(exchange(1, "/first", 0, 1.0, said("1"), turn=0), exchange(2, "/second", 5.0, 1.0, said("2"), turn=1))
    with pytest.raises(errors.TapeMismatch, match="POST /second; on the tape, POST /first is next"):
        asyncio.run(late.post("/second"))


def test_what_nothing_can_bring_any_more__is_told_at_once() -> None:
    http = client(exchange(1, "/first", 0, 1.0, said("1"), turn=0), exchange(2, "/second", 5.0, 1.0, said("2"), turn=1))
    begun_s = time.monotonic()
    with pytest.raises(errors.TapeMismatch, match="POST /second; on the tape, POST /first is next"):
        asyncio.run(http.post("/second"))
    assert time.monotonic() - begun_s < 0.5 * player._PATIENCE_S


def test_what_is_too_early__is_waited_for_while_something_is_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "_IDLE_S", 0.05)
    http = client(
        exchange(1, "/slow", 0, 600.0, TapeAnswer(200, {}, events=(EventBlock(600.0, "data: x\n\n"),)), turn=0),
        exchange(2, "/first", 700.0, 1.0, said("1"), turn=1),
        exchange(3, "/second", 800.0, 1.0, said("2"), turn=2),
        speed="recorded",
    )

    async def slowly() -> Any:
        await http.post("/slow")
        return (await http.post("/first")).json()["words"]

    async def work() -> list[Any]:
        task = asyncio.create_task(slowly())
        await asyncio.sleep(0.1)
        return [(await http.post("/second")).json()["words"], await task]

    assert asyncio.run(work()) == ["2", "1"]


def test_tape__that_is_out_of_use_answers_nothing() -> None:
    http = client(exchange(1, "/a", 0, 1.0, said("a")))
    decks[-1].close()
    with pytest.raises(errors.TapeError, match="has ended"):
        asyncio.run(http.get("/a"))
