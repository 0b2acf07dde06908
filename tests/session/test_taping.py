"""Sessions on tapes: recorded with a service that is made up, and played with nothing behind them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from fake_service import TITLE, Fake, Rendering, breaking, sse, text
from taped import URL, Service, connect, nobody

from nemo_notebook import errors, settings
from nemo_notebook.client.events import TextFinal
from nemo_notebook.files import owner
from nemo_notebook.session import sync
from nemo_notebook.tapes import file as tape_file, tape as taping

pytestmark = pytest.mark.usefixtures("no_tape")
T = TypeVar("T")


def record(work: Coroutine[Any, Any, T], path: Path) -> T:
    """What some work gives while it is recorded."""
    taping.record_tape(path)
    result = asyncio.run(work)
    taping.end_tape()
    return result


def both(path: Path, service: Service, work: Callable[[Service], Any]) -> tuple[Any, Any]:
    """What some work gives while it is recorded, and while that is played."""
    recorded = record(work(service), path)
    taping.replay_tape(path, speed="once")
    played = asyncio.run(work(nobody))
    assert not taping.mismatches()
    taping.end_tape()
    return recorded, played


async def turn(service: Service, message: str = "add a title") -> list[object]:
    """What a turn shows and leaves behind."""
    session = await connect(service)
    try:
        reply = await session.chat(message)
        came: list[object] = [str(reply), reply.events, reply.cost]
    except errors.NemoError as error:
        came = [type(error).__name__, error.message, error.hint]
    jobs = [(job.id, job.title, job.state, job.begun_s, job.ended_s) for job in await session.jobs()]
    return [session.id, *came, jobs, (await session.turns()).words, sync.sessions().words]


@pytest.mark.parametrize(
    "answer",
    [
        sse(text("Added the title.")),
        breaking,
        httpx.Response(200, json={"code": 2001, "message": "no credits"}),
        httpx.Response(500, text="<html><script>out of order</script></html>", headers={"content-type": "text/html"}),
        httpx.Response(402, json={"code": 402, "message": "plan"}),
        sse({"type": "error", "code": 5000, "message": "The model is busy."}),
    ],
    ids=["reply", "cut", "no credits", "page", "plan", "error event"],
)
def test_turn__shows_and_leaves_the_same_when_played(tmp_path: Path, answer: Any) -> None:
    recorded, played = both(tmp_path / "x.nemotape", Fake(answer, [TITLE]), turn)
    assert recorded == played
    assert recorded[0] == "101"


def test_recording__holds_no_token_and_no_ids(tmp_path: Path) -> None:
    ids = {"session_id": "1234567890123456789", "task_id": "task-abcdef", "user_id": "user-abcdef"}
    fake = Fake(sse(text(f"Done in session {ids['session_id']} of user-abcdef.")), [TITLE])
    fake.answers["/api/tasks/me"] = [httpx.Response(200, json={"code": 0, "data": ids})]
    recorded, played = both(tmp_path / "x.nemotape", fake, turn)
    assert recorded == played
    assert recorded[0] == "session-tape-1"
    assert "Done in session session-tape-1 of user-tape-1." in recorded[1]
    written = (tmp_path / "x.nemotape").read_text("utf-8")
    for secret in ("nmv_usr_x", "user-abcdef", "task-abcdef", "1234567890123456789", "Authorization"):
        assert secret not in written
    sent = [json.loads(request.content) for request in fake.seen if request.url.path == "/run_sse"]
    assert [body["session_id"] for body in sent] == ["1234567890123456789"]
    assert f"/api/state/nemo_agent/me/{ids['session_id']}/latest" in {request.url.path for request in fake.seen}


def test_refusal__that_names_a_date_waits_as_long_when_played(tmp_path: Path) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=3000), usegmt=True)
    busy = httpx.Response(429, json={"code": 429}, headers={"Retry-After": later})
    recorded, played = both(tmp_path / "x.nemotape", Fake(busy, [TITLE]), turn)
    assert recorded == played
    assert "Run it again in 50 minutes." in recorded


@pytest.mark.parametrize("token", ["", "nmv_usr_my_own_token"])
def test_registration__is_offered_to_anonymous_users_only_when_played_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", token)
    monkeypatch.setenv("NEMO_API_URL", URL)
    fake = Fake(httpx.Response(200, json={"code": 2001}), [TITLE])
    ids = {"session_id": "s-123456", "user_id": "user-abcdef"}
    fake.answers["/api/tasks/me"] = [httpx.Response(200, json={"data": ids})]
    recorded, played = both(tmp_path / "x.nemotape", fake, turn)
    assert recorded == played
    assert ("/?bind=user-tape-1" in str(recorded)) is not bool(token)
    assert "my_own" not in (tmp_path / "x.nemotape").read_text("utf-8")


@pytest.mark.usefixtures("in_tmp_path")
def test_film__is_the_same_and_a_larger_one_is_told(tmp_path: Path) -> None:
    service = Rendering()
    service.film = bytes(range(256)) * 20

    async def work(asked: Service) -> object:
        Path("film.mp4").unlink(missing_ok=True)
        session = await connect(asked)
        video = await session.export("film.mp4")
        return str(video), video.url, video.path.read_bytes(), [job.id for job in await session.jobs()]

    recorded, played = both(tmp_path / "x.nemotape", service, work)
    assert recorded == played
    assert recorded[2:] == (service.film, ["render_tape_1"])
    taping.record_tape(tmp_path / "y.nemotape", keep_bytes=1000)
    asyncio.run(work(service))
    state = taping.end_tape()
    assert state is not None
    (film,) = state.left_out
    assert (film.name, film.size_bytes, film.keep_mb, film.is_too_large) == ("film.mp4", len(service.film), 1, True)
    taping.replay_tape(tmp_path / "y.nemotape", speed="once")
    with pytest.raises(errors.TapeFileMissing, match=r"film\.mp4 \(0\.0 MB\) was not kept on the tape") as told:
        asyncio.run(work(nobody))
    assert "`%nemo tape record y.nemotape --keep 1`" in told.value.hint


def test_mismatch__names_the_cells_and_shows_the_difference(tmp_path: Path) -> None:
    path, fake = tmp_path / "x.nemotape", Fake(sse(text("Done.")), [TITLE])
    taping.record_tape(path)
    taping.label_cell("In [2]")
    asyncio.run(turn(fake))
    taping.end_tape()
    taping.replay_tape(path, speed="once")
    taping.label_cell("In [7]")
    shown = asyncio.run(turn(nobody, "add a tittle"))
    told = taping.mismatches()
    assert len(told) == 1
    assert shown[1] == "TapeMismatch"
    assert told[0].message == (
        "In [7] asks for a message that is another than the recorded one (In [2]):\n"
        "  message now:  add a tittle\n  recorded: add a title"
    )
    assert not fake.messages > 1


def test_sessions__of_before_go_on_and_those_of_a_tape_end_with_it(tmp_path: Path) -> None:
    fake = Fake(sse(text("Done.")), [TITLE])

    async def work() -> None:
        before = await connect(fake)
        taping.record_tape(tmp_path / "x.nemotape")
        on_tape = await connect(fake)
        await before.chat("to the first")
        assert (state := taping.current_tape()) is not None
        assert state.exchanges == 1
        taping.end_tape()
        with pytest.raises(errors.TapeError, match=r"was on the tape x.nemotape, which has ended"):
            await on_tape.timeline()
        await before.timeline()

    asyncio.run(work())


def test_tape__in_use_is_the_only_one(tmp_path: Path) -> None:
    taping.record_tape(tmp_path / "x.nemotape")
    for begin in (taping.record_tape, taping.replay_tape, taping.replay_or_record):
        with pytest.raises(errors.UsageError, match=r"x.nemotape is in use"):
            begin(tmp_path / "y.nemotape")
    taping.end_tape()
    with pytest.raises(errors.UsageError, match="no speed 'slow'"):
        taping.replay_tape(tmp_path / "x.nemotape", speed="slow")
    assert taping.end_tape() is None
    assert not list((settings.home() / "tapes").glob(f"{owner().token}-*"))


def test_two_sessions_at_once__are_played_in_any_order(tmp_path: Path) -> None:
    async def work(service: Service) -> list[str]:
        sessions = [await connect(service) for _ in range(3)]
        order = [0, 1, 2] if service is not nobody else [2, 0, 1]
        replies = {}

        async def say(at: int) -> None:
            replies[at] = str(await sessions[at].chat(f"message {at}"))

        await asyncio.gather(*(say(at) for at in order))
        return [replies[at] for at in range(3)]

    class Slow(Fake):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/run_sse":
                said = json.loads(request.content)["new_message"]["parts"][0]["text"]
                return paced([text(f"Answer to {said}.")], 0.1)
            return super().__call__(request)

    recorded, played = both(tmp_path / "x.nemotape", Slow(sse(), [TITLE]), work)
    assert recorded == played == [f"Answer to message {at}." for at in range(3)]


def test_turns__that_begin_at_once_keep_their_numbers(tmp_path: Path) -> None:
    async def work(service: Service) -> list[tuple[str, str]]:
        sessions = [await connect(service) for _ in range(5)]
        await asyncio.gather(*(session.chat(f"message {at}") for at, session in enumerate(sessions)))
        return [(job.id, job.title) for job in await sessions[0].jobs(everywhere=True)]

    recorded, played = both(tmp_path / "x.nemotape", Fake(sse(text("Done.")), [TITLE]), work)
    assert recorded == played


def paced(payloads: list[object], gap_s: float) -> httpx.Response:
    class Paced(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for payload in payloads:
                await asyncio.sleep(gap_s)
                yield f"data: {json.dumps(payload)}\n\n".encode()

    return httpx.Response(200, stream=Paced(), headers={"content-type": "text/event-stream"})


def test_turn__that_was_left_is_left_on_the_tape(tmp_path: Path) -> None:
    path = tmp_path / "x.nemotape"

    async def left() -> None:
        session = await connect(Fake(lambda _: paced([text("one"), *[text("more")] * 100], 0.05), [TITLE]))
        stream = session.stream("go")
        async for event in stream:
            if isinstance(event, TextFinal):
                break
        await stream.aclose()

    record(left(), path)
    said = tape_file.read_tape(path).exchanges[-1].answer
    assert said.was_cut
    assert 1 <= len(said.events) < 10


def test_auto__records_what_is_not_there_and_only_plays_it_then(tmp_path: Path) -> None:
    path, fake = tmp_path / "x.nemotape", Fake(sse(text("Done.")), [TITLE])
    assert taping.replay_or_record(path).is_recording
    asyncio.run(turn(fake))
    taping.end_tape()
    assert not taping.replay_or_record(path, speed="once").is_recording
    asyncio.run(turn(nobody))
    with pytest.raises(errors.TapeMismatch, match="the tape is at its end"):
        asyncio.run(connect(nobody))
    taping.end_tape()


def test_upload__of_a_file_that_is_not_there_tells_what_the_tape_needs(in_tmp_path: Path) -> None:
    async def work(service: Service) -> None:
        await (await connect(service)).upload("song.mp3")

    tape, song, fake = in_tmp_path / "x.nemotape", in_tmp_path / "song.mp3", Fake(sse(), [TITLE])
    fake.answers["POST /api/upload"] = [
        httpx.Response(200, json={"code": 0, "data": {"files": [{"filename": "song.mp3"}]}})
    ]
    song.write_bytes(b"ID3 a song")
    record(work(fake), tape)
    song.unlink()
    with pytest.raises(errors.FileMissing) as told:
        asyncio.run(work(fake))
    assert "tape" not in told.value.hint
    taping.replay_tape(tape, speed="once")
    with pytest.raises(errors.FileMissing) as told:
        asyncio.run(work(nobody))
    assert told.value.hint == "The tape needs the same files, byte for byte, as were uploaded to it: song.mp3."
