"""Sessions on tapes: recorded with a service that is made up, and played with nothing behind them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from fake_service import TITLE, Fake, Rendering, breaking, sse, text

from nemo_notebook import clock, errors, settings
from nemo_notebook.client import hook as hooks
from nemo_notebook.client.events import TextFinal
from nemo_notebook.files import owner
from nemo_notebook.session import sync
from nemo_notebook.session.project import AsyncClient, AsyncSession
from nemo_notebook.tapes import file as tape_file, tape as taping
from nemo_notebook.tapes.format import new_header
from nemo_notebook.tapes.player import Pace

URL = "https://svc.example"
T = TypeVar("T")
Service = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def no_tape() -> Iterator[None]:
    yield
    with contextlib.suppress(errors.TapeError):
        taping.off()
    assert clock.current() is clock.MACHINE


def nobody(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked")


async def connect(service: Service = nobody, **how: Any) -> AsyncSession:
    return await AsyncClient(URL, transport=httpx.MockTransport(service)).connect(**how)


def record(work: Coroutine[Any, Any, T], path: Path, **how: Any) -> T:
    """What some work gives while it is recorded."""
    taping.record(path, **how)
    result = asyncio.run(work)
    taping.off()
    return result


def both(path: Path, service: Service, work: Callable[[Service], Any]) -> tuple[Any, Any]:
    """What some work gives while it is recorded, and while that is played."""
    recorded = record(work(service), path)
    taping.replay(path, speed="once")
    played = asyncio.run(work(nobody))
    assert not taping.mismatches()
    taping.off()
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

    class Named(Fake):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/api/tasks/me"):
                return httpx.Response(200, json={"code": 0, "data": ids})
            return super().__call__(request)

    fake = Named(sse(text(f"Done in session {ids['session_id']} of user-abcdef.")), [TITLE])
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


def test_registration__is_offered_to_anonymous_users_when_played_too(tmp_path: Path) -> None:
    class Named(Fake):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/api/tasks/me"):
                return httpx.Response(200, json={"data": {"session_id": "s-123456", "user_id": "user-abcdef"}})
            return super().__call__(request)

    fake = Named(httpx.Response(200, json={"code": 2001}), [TITLE])
    recorded, played = both(tmp_path / "x.nemotape", fake, turn)
    assert recorded == played
    assert "/?bind=user-tape-1" in str(recorded)


def test_token__of_ones_own_is_not_told_to_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_TOKEN", "nmv_usr_my_own_token")
    monkeypatch.setenv("NEMO_API_URL", URL)
    fake = Fake(httpx.Response(200, json={"code": 2001}), [TITLE])
    recorded, played = both(tmp_path / "x.nemotape", fake, turn)
    assert recorded == played
    assert "bind=" not in str(recorded)
    assert fake.seen[-1].headers["authorization"] == "Bearer nmv_usr_my_own_token"
    assert "my_own" not in (tmp_path / "x.nemotape").read_text("utf-8")


def test_film__is_the_same_and_a_larger_one_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    film = bytes(range(256)) * 20

    class Filming(Rendering):
        def more(self, request: httpx.Request) -> httpx.Response:
            if request.url.host == "cdn.test":
                return httpx.Response(200, content=film, headers={"content-type": "video/mp4"})
            return super().more(request)

    service = Filming(sse(), [TITLE])

    async def work(asked: Service) -> object:
        Path("film.mp4").unlink(missing_ok=True)
        session = await connect(asked)
        video = await session.export("film.mp4")
        return str(video), video.url, video.path.read_bytes(), [job.id for job in await session.jobs()]

    recorded, played = both(tmp_path / "x.nemotape", service, work)
    assert recorded == played
    assert recorded[2] == film
    assert recorded[3] == ["render_tape_1"]
    taping.record(tmp_path / "y.nemotape", keep_bytes=1000)
    asyncio.run(work(service))
    taping.off()
    taping.replay(tmp_path / "y.nemotape", speed="once")
    with pytest.raises(errors.TapeFileMissing, match=r"film\.mp4 \(0\.0 MB\) was not kept on the tape") as told:
        asyncio.run(work(nobody))
    assert "`%nemo tape record y.nemotape --keep 1`" in told.value.hint


def test_mismatch__names_the_cells_and_shows_the_difference(tmp_path: Path) -> None:
    path, fake = tmp_path / "x.nemotape", Fake(sse(text("Done.")), [TITLE])
    taping.record(path)
    taping.label_cell("In [2]")
    asyncio.run(turn(fake))
    taping.off()
    taping.replay(path, speed="once")
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


def test_more_than_was_recorded__is_a_mismatch(tmp_path: Path) -> None:
    path = tmp_path / "x.nemotape"

    async def twice(service: Service) -> None:
        session = await connect(service)
        await session.chat("add a title")
        if service is nobody:
            await session.chat(more)

    more = "make it slower"
    taping.record(path)
    taping.label_cell("In [2]")
    asyncio.run(twice(Fake(sse(text("Done.")), [TITLE])))
    taping.off()
    taping.replay(path, speed="once")
    with pytest.raises(errors.TapeMismatch, match="the tape is at its end"):
        asyncio.run(twice(nobody))
    taping.off()
    more = "add a title"  # a cell that is run again
    taping.replay(path, speed="once")
    with pytest.raises(errors.TapeMismatch, match=r"again for a message that was played already \(In \[2\]\), and"):
        asyncio.run(twice(nobody))


def test_sessions__of_before_go_on_and_those_of_a_tape_end_with_it(tmp_path: Path) -> None:
    fake = Fake(sse(text("Done.")), [TITLE])

    async def work() -> None:
        before = await connect(fake)
        taping.record(tmp_path / "x.nemotape")
        on_tape = await connect(fake)
        await before.chat("to the first")
        assert (state := taping.current()) is not None
        assert state.exchanges == 1
        taping.off()
        with pytest.raises(errors.TapeError, match=r"was on the tape x.nemotape, which has ended"):
            await on_tape.timeline()
        await before.timeline()

    asyncio.run(work())


def test_secret__in_an_answer_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "x.nemotape"
    taping.record(path)
    asyncio.run(turn(Fake(sse(text("Your key is AKIAIOSFODNN7EXAMPLE.")), [TITLE])))
    with pytest.raises(errors.TapeSecret) as told:
        taping.off()
    assert "AKIA" not in f"{told.value.message}{told.value.hint}"
    assert not path.exists()
    assert taping.current() is None


def test_old_tape__is_kept_beside_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "x.nemotape"
    for words in ("first", "second"):
        taping.record(path)
        asyncio.run(turn(Fake(sse(text(words)), [TITLE])))
        taping.off()
    assert "first" in path.with_name("x.nemotape.bak").read_text("utf-8")
    assert "second" in path.read_text("utf-8")


def test_tape__in_use_is_the_only_one(tmp_path: Path) -> None:
    taping.record(tmp_path / "x.nemotape")
    for begin in (taping.record, taping.replay, taping.auto):
        with pytest.raises(errors.UsageError, match=r"x.nemotape is in use"):
            begin(tmp_path / "y.nemotape")
    taping.off()
    with pytest.raises(errors.UsageError, match="no speed 'slow'"):
        taping.replay(tmp_path / "x.nemotape", speed="slow")
    assert taping.off() is None
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

    for number in range(3):
        recorded, played = both(tmp_path / f"{number}.nemotape", Fake(sse(text("Done.")), [TITLE]), work)
        assert recorded == played


def paced(payloads: list[object], gap_s: float) -> httpx.Response:
    class Paced(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for payload in payloads:
                await asyncio.sleep(gap_s)
                yield f"data: {json.dumps(payload)}\n\n".encode()

    return httpx.Response(200, stream=Paced(), headers={"content-type": "text/event-stream"})


def test_recorded_speed__keeps_the_times_of_a_stream(tmp_path: Path) -> None:
    async def times(service: Service) -> list[float]:
        session = await connect(service)
        await session.timeline()  # what is imported late is there by then
        begun_s, came_s = time.monotonic(), []

        def note(event: object) -> None:
            if isinstance(event, TextFinal):
                came_s.append(time.monotonic() - begun_s)

        await session.chat("go", note)
        return came_s

    path, pieces = tmp_path / "x.nemotape", [text(f"Passage {number}.") for number in range(6)]
    asyncio.run(times(Fake(lambda _: paced(pieces, 0.01), [TITLE])))
    recorded_s = record(times(Fake(lambda _: paced(pieces, 0.2), [TITLE])), path)
    taping.replay(path, speed="recorded")
    played_s = asyncio.run(times(nobody))
    taping.off()
    off_s = [abs(played - recorded) for played, recorded in zip(played_s, recorded_s, strict=True)]
    assert len(off_s) == 6
    assert max(off_s) < 0.05, off_s
    taping.replay(path, speed="once")
    assert asyncio.run(times(nobody))[-1] < 0.5 * recorded_s[-1]


def test_turn__that_was_left_is_left_on_the_tape(tmp_path: Path) -> None:
    path = tmp_path / "x.nemotape"

    async def left() -> None:
        session = await connect(Fake(lambda _: paced([text("one"), *[text("more")] * 100], 0.05), [TITLE]))
        stream = session.stream("go")
        async for event in stream:
            if isinstance(event, TextFinal):
                break
        await stream.aclose()  # type: ignore[attr-defined]

    record(left(), path)
    said = tape_file.read(path).exchanges[-1].answer
    assert said.was_cut
    assert said.events is not None
    assert 1 <= len(said.events) < 10


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
import httpx
from fake_service import TITLE, Fake, sse, text
from nemo_notebook.tapes import tape as taping
from nemo_notebook.session.project import AsyncClient

async def work():
    client = AsyncClient("https://svc.example", transport=httpx.MockTransport(Fake(sse(text("Done.")), [TITLE])))
    session = await client.connect()
    print(await session.chat("add a title"), flush=True)
    os.kill(os.getpid(), signal.SIGKILL) if sys.argv[2] == "kill" else None

taping.record(Path(sys.argv[1]))
asyncio.run(work())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
@pytest.mark.parametrize("end", ["kill", "exit"])
def test_recording__is_saved_or_kept_at_the_end_of_its_process(tmp_path: Path, end: str) -> None:
    path = tmp_path / "x.nemotape"
    support = Path(__file__).resolve().parents[1] / "support"
    places = os.pathsep.join([str(Path(taping.__file__).resolve().parents[2]), str(support)])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), end],
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (-signal.SIGKILL if end == "kill" else 0), done.stderr
    assert path.exists() is (end == "exit")
    if end == "kill":
        with pytest.raises(errors.TapeError, match=r"no tape x\.nemotape") as told:
            taping.replay(path)
        assert "is kept in x.nemotape.part" in told.value.hint
        assert "x.nemotape.interrupted, which only you can read" in taping.record(path).note
        return
    taping.replay(path, speed="once")
    shown = asyncio.run(turn(nobody))
    assert shown[1] == done.stdout.strip() == "Done."


def test_place__where_nothing_can_be_written_is_refused_at_once(tmp_path: Path) -> None:
    for begin in (taping.record, taping.auto):
        with pytest.raises(errors.TapeError, match="There is no folder"):
            begin(tmp_path / "nowhere" / "x.nemotape")
    with pytest.raises(errors.TapeError, match="is no file"):
        taping.record(tmp_path)
    assert taping.current() is None


def test_unfinished_recording__of_another_kernel_is_left_alone(tmp_path: Path) -> None:
    header = new_header(now_s=1e9, package="0", backend="cloud", title="", keep_bytes=0)
    writer = tape_file.Writer(tmp_path / "x.nemotape", header)
    for begin in (taping.record, taping.auto):
        with pytest.raises(errors.TapeError, match="Another kernel records on"):
            begin(tmp_path / "x.nemotape")
    writer.abandon()


def test_folder__of_a_tape_is_its_own(tmp_path: Path) -> None:
    taping.record(tmp_path / "x.nemotape")
    deck = taping.current()
    assert deck is not None
    assert hooks.home() == deck.home != settings.home()
    asyncio.run(turn(Fake(sse(text("Done.")), [TITLE])))
    assert [session.backend for session in sync.sessions()] == [taping.SERVICE]
    taping.off()
    assert [session.backend for session in sync.sessions()] == [URL]
    assert not deck.home.exists()


def test_auto__records_what_is_not_there_and_only_plays_it_then(tmp_path: Path) -> None:
    path, fake = tmp_path / "x.nemotape", Fake(sse(text("Done.")), [TITLE])
    assert taping.auto(path).is_recording
    asyncio.run(turn(fake))
    taping.off()
    assert not taping.auto(path, speed="once").is_recording
    asyncio.run(turn(nobody))
    with pytest.raises(errors.TapeMismatch, match="the tape is at its end"):
        asyncio.run(connect(nobody))
    taping.off()


def test_hook__serves_one_client_alone(tmp_path: Path) -> None:
    fake = Fake(sse(text("Done.")), [TITLE])
    header = new_header(now_s=1e9, package="0", backend="cloud", title="", keep_bytes=0)
    tape = taping.Tape("record", tmp_path / "x.nemotape", header, Pace("recorded"))

    async def work() -> None:
        client = AsyncClient(URL, transport=httpx.MockTransport(fake), hook=tape)
        await (await client.connect()).chat("on the tape")
        await (await connect(fake)).chat("not on it")

    asyncio.run(work())
    tape.close()
    said = str(tape_file.read(tmp_path / "x.nemotape").exchanges)
    assert "on the tape" in said
    assert "not on it" not in said


def test_export__that_the_recording_did_not_see_to_its_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    class Slow(Rendering):
        def more(self, request: httpx.Request) -> httpx.Response:
            if "/lambda/" in request.url.path:
                return httpx.Response(200, json={"status": "processing", "progress": 40})
            return super().more(request)

    async def work(service: Service, *, resumes: bool) -> None:
        session = await connect(service)
        await session.submit("film.mp4")
        assert "rendering 40 %" in (await session.jobs()).words
        if resumes:
            await session.resume()

    record(work(Slow(sse(), [TITLE]), resumes=False), tmp_path / "x.nemotape")
    taping.replay(tmp_path / "x.nemotape", speed="once")
    with pytest.raises(errors.TapeMismatch, match="the recording ended before the export did") as told:
        asyncio.run(work(nobody, resumes=True))
    assert "record it anew" in told.value.hint


def test_upload__of_a_file_that_is_not_there_tells_what_the_tape_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Uploading(Fake):
        def more(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json={"code": 0, "data": {"files": [{"filename": "song.mp3"}]}})

    async def work(service: Service) -> None:
        session = await connect(service)
        await session.upload("song.mp3")

    monkeypatch.chdir(tmp_path)
    (tmp_path / "song.mp3").write_bytes(b"ID3 a song")
    record(work(Uploading(sse(), [TITLE])), tmp_path / "x.nemotape")
    (tmp_path / "song.mp3").unlink()
    with pytest.raises(errors.FileMissing) as told:
        asyncio.run(work(Uploading(sse(), [TITLE])))
    assert "tape" not in told.value.hint
    taping.replay(tmp_path / "x.nemotape", speed="once")
    with pytest.raises(errors.FileMissing) as told:
        asyncio.run(work(nobody))
    assert told.value.hint == "The tape needs the same files, byte for byte, as were uploaded to it: song.mp3."
