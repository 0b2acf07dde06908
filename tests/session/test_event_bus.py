"""Whoever watches a session is told of all that happens in it, once, by whatever way it comes about."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_service import EMPTY, TITLE, Fake, Rendering, breaking, sse, text

from nemo_notebook import errors
from nemo_notebook.client.events import Begun, Text, TextFinal
from nemo_notebook.session.core import Answered, Arrived, EventBus, Heard, Moved, News, Progressed, Said, Settled
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.sync import Session

OTHER: dict[str, object] = {"t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "text": "Other"}]}]}


def watched(fake: Fake) -> tuple[Session, list[News]]:
    session, told = fake.sync_session(), []
    session.watch(told.append)
    return session, told


def of(kind: type, told: list[News]) -> list[Any]:
    return [news for news in told if isinstance(news, kind)]


def kinds(told: list[News]) -> list[str]:
    return [type(news).__name__ for news in told]


# Turns


def test_chat__is_told_from_its_beginning_to_its_end() -> None:
    session, told = watched(Fake(sse(text("Done.")), [TITLE]))
    reply = session.chat("add a title")
    assert kinds(told) == ["Said", "Heard", "Heard", "Moved", "Answered"]
    assert told[0] == Said("turn_1", "add a title")
    assert [news.event for news in of(Heard, told)] == [Begun("turn_1"), TextFinal("Done.")]
    assert of(Moved, told)[0].timeline.draft == TITLE
    assert told[-1] == Answered("turn_1", reply)


@pytest.mark.parametrize(
    ("turn", "kind"),
    [
        (httpx.Response(200, json={"code": 2001, "message": "no credits"}), errors.OutOfCredits),
        (breaking, errors.NetworkError),
    ],
)
def test_turn__that_fails_is_told_with_its_error(turn: Any, kind: type) -> None:
    session, told = watched(Fake(turn, [EMPTY]))

    with pytest.raises(kind) as caught:
        session.chat("add a title")
    (answered,) = of(Answered, told)
    assert answered.reply is None
    assert answered.error is caught.value


def test_turn__that_is_left_is_told_once_and_what_was_heard_is_kept() -> None:
    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b'data: {"content":{"parts":[{"text":"Adding "}]},"partial":true}\n\n'
            await asyncio.sleep(600)

    async def go() -> list[News]:
        answer = httpx.Response(200, stream=Endless(), headers={"content-type": "text/event-stream"})
        session, told = Fake(answer, [EMPTY]).session(), list[News]()
        session.watch(told.append)
        stream = session.stream("add a title")
        while not isinstance(await anext(stream), Text):
            pass
        await stream.aclose()
        return told

    assert of(Answered, asyncio.run(go())) == [Answered("turn_1")]
    job = Journal().job("turn_1")
    assert (job.state, job.detail["said"], job.detail["reply"]) == ("open", "add a title", "Adding")
    assert "before" in job.detail  # it can be come back to


def test_turn__that_is_come_back_to_is_told() -> None:
    Journal().begin("turn", "7", "add a title", {"before": {}, "reply": "Add"})
    fake = Fake(sse(), [TITLE])
    fake.before, fake.state = TITLE, {"turns_running": 0}
    session, told = watched(fake)
    reply = session.resume("turn_1")
    assert 'Title added: "Urban Dreams" (0-3s)' in reply.text
    assert fake.messages == 0
    assert told[-1] == Answered("turn_1", reply)
    assert kinds(told) == ["Moved", "Answered"]
    assert Journal().job("turn_1").detail["reply"].startswith("Add\n\n")


# The timeline


def test_timeline__is_told_when_it_is_another_however_it_is_signed() -> None:
    def signed(signature: str) -> dict[str, object]:
        return {"t": [{"tt": 0, "sg": [{"id": "v", "d": 900, "m": {"source": f"https://cdn.test/a?sig={signature}"}}]}]}

    session, told = watched(Rendering(sse(), [signed("a"), signed("b"), OTHER, OTHER]))
    for _ in range(4):
        session.timeline()
    assert [news.timeline.draft for news in of(Moved, told)] == [signed("a"), OTHER]


def test_edits__of_the_table_are_told_at_every_step() -> None:
    session, told = watched(Rendering())
    frame = session.timeline().frame
    frame["text"] = "Other"
    session.apply(frame)
    session.undo()
    session.redo()
    texts = [news.timeline.frame.text[0] for news in of(Moved, told)]
    assert texts == ["Urban Dreams", "Other", "Urban Dreams", "Other"]


def test_session__that_was_renewed_has_an_empty_timeline() -> None:
    fake = Fake(sse(text("Hello.")), [EMPTY])
    fake.before = TITLE
    fake.answers["/7/"] = [None, httpx.Response(404, json={"detail": "Session not found"})]
    session, told = watched(fake)
    session.timeline()
    fake.before = EMPTY
    with contextlib.suppress(errors.SessionNotFound):
        session.chat("add a title")
    assert [bool(news.timeline.draft) for news in of(Moved, told)] == [True, False]


# Uploads and exports


class Takes(Fake):
    """Has what was uploaded."""

    def more(self, request: httpx.Request) -> httpx.Response:
        name = "song.mp3" if b"song.mp3" in request.read() else "clip.mp4"
        record = {"filename": name, "hash": name, "file_type": "audio/mpeg", "duration": 2}
        self.state.setdefault("video_infos", []).append(record)
        return httpx.Response(200, json={"code": 0, "data": {"files": [record]}})


def test_upload__is_told_file_by_file(tmp_path: Path) -> None:
    for name in ("song.mp3", "clip.mp4"):
        (tmp_path / name).write_bytes(b"ID3" * 10)
    session, told = watched(Takes(sse(), [EMPTY]))
    session.upload(tmp_path / "song.mp3", tmp_path / "clip.mp4")
    assert [[media.filename for media in news.media] for news in of(Arrived, told)] == [["song.mp3"], ["clip.mp4"]]
    settled = [(news.job.id, news.job.state) for news in of(Settled, told)]
    assert settled == [(f"upload_{number}", state) for number in (1, 2) for state in ("open", "done")]
    assert {news.progress.stage for news in of(Progressed, told)} == {"upload"}
    at = kinds(told).index("Arrived")
    assert any(news.progress.job == "upload_2" for news in of(Progressed, told[at:]))
    assert [each.filename for each in session.media()] == ["song.mp3", "clip.mp4"]
    told.clear()
    session.upload(tmp_path / "song.mp3")
    assert kinds(told) == ["Arrived"]
    assert told[0].media[0].was_there


def test_export__is_told_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    session, told = watched(Rendering())
    session.export(tmp_path / "film.mp4")
    (begun, done) = of(Settled, told)
    assert (begun.job.state, done.job.state, begun.job.id) == ("open", "done", done.job.id)
    stages = [news.progress.stage for news in of(Progressed, told)]
    assert stages[0] == "render"
    assert stages[-1] == "download"
    assert of(Moved, told) == []


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_export__that_is_cancelled_ends_whoever_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_elsewhere: bool
) -> None:
    monkeypatch.setenv("NEMO_POLL_SECONDS", "0.01")

    async def go() -> tuple[errors.RenderFailed, list[News]]:
        fake, told = Rendering(sse(), [TITLE], "processing"), list[News]()
        session = fake.session()
        session.watch(told.append)
        polled = asyncio.Event()
        waiting = asyncio.create_task(session.export(tmp_path / "film.mp4", on_progress=lambda _: polled.set()))
        await polled.wait()
        other = fake.session() if is_elsewhere else session
        assert (await other.cancel()).state == "cancelled"
        with pytest.raises(errors.RenderFailed, match="cancelled") as caught:
            await waiting
        return caught.value, told

    error, told = asyncio.run(go())
    assert error.was_cancelled
    assert [news.job.state for news in of(Settled, told)] == ["open", "cancelled"]
    assert Journal().jobs()[0].state == "cancelled"


# Who watches


def test_watcher__that_fails_is_logged_and_the_work_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    session, told = Fake(sse(text("Done.")), [TITLE]).sync_session(), []

    def fail(_: News) -> None:
        raise RuntimeError("a bug in a panel")

    session.watch(fail)
    session.watch(told.append)
    assert session.chat("add a title").text == "Done."
    assert kinds(told)[-1] == "Answered"
    assert "a bug in a panel" in caplog.text


def test_timeline__nested_without_end_fails_no_watched_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> bool:
        raise errors.ProtocolError("The service gave a timeline that is nested without end.")

    monkeypatch.setattr("nemo_notebook.session.core.same", endless)
    session, told = watched(Rendering())
    session.timeline()
    assert kinds(told) == ["Moved"]


def test_watcher__that_has_left_hears_no_more_and_others_do() -> None:
    watchers, first, second = EventBus(), [], []
    leave = watchers.add(first.append)
    watchers.add(second.append)
    watchers.add(second.append)
    watchers.tell(Said("turn_1", "a"))
    leave()
    leave()
    watchers.tell(Said("turn_2", "b"))
    assert (len(first), len(second)) == (1, 4)
