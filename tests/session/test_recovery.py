"""No change untold: broken streams, silent and late changes, turns that were left, sessions that have ended."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from fake_service import EMPTY, TITLE, Answer, Fake, breaking, cut, sse, text, unreachable

from nemo_notebook import errors
from nemo_notebook.client.events import Begun, Event, Notice
from nemo_notebook.session.chat import waits
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.results import Reply

STATE = "GET /api/state"
VIDEO: dict[str, object] = {"t": [{"tt": 0, "sg": [{"id": "v", "s": 0, "d": 8000, "m": {"name": "city"}}]}]}
WITH_MUSIC: dict[str, object] = {
    "t": [*VIDEO["t"], {"tt": 1, "sg": [{"id": "m", "s": 0, "d": 8000, "m": {"name": "Lo-fi"}}]}]
}


def chat(fake: Fake, message: str = "add a title") -> tuple[Reply, list[Event]]:
    told: list[Event] = []
    return asyncio.run(fake.session().chat(message, told.append)), told


def notices(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]


def test_waits__are_those_of_the_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_RECOVER_SECONDS", "30")
    assert list(waits()) == [30, 60, 60, 60, 60]


def test_turn__is_noted_before_its_message_is_sent() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        (job,) = Journal().jobs(only_open=True)
        assert (job.id, job.title) == ("turn_1", "add a title")
        return sse(text("Done."))

    _, told = chat(Fake(answer, [TITLE]))
    assert told[0] == Begun("turn_1")
    (job,) = Journal().jobs()
    assert (job.state, job.detail["credits_before"], job.detail["credits_after"]) == ("done", 100, 100)


def test_cut__late_change_is_waited_for_and_told() -> None:
    fake = Fake(breaking, [EMPTY, EMPTY, TITLE, TITLE])
    reply, told = chat(fake)
    assert fake.messages == 1
    assert 'Title added: "Urban Dreams" (0-3s)' in reply.text
    assert "Looking" in notices(told)[0]
    assert 'Title added: "Urban Dreams" (0-3s)' in notices(told)[1]


def test_cut__first_result_is_told_at_once_and_all_of_it_at_the_end() -> None:
    reply, told = chat(Fake(breaking, [VIDEO, WITH_MUSIC, WITH_MUSIC]))
    assert ["city" in words for words in notices(told)[1:]] == [True, False]
    assert ["Lo-fi" in words for words in notices(told)[1:]] == [False, True]
    assert "city" in reply.text
    assert "Lo-fi" in reply.text


def test_cut__without_a_change_is_looked_at_six_times_then_told_with_the_way_back() -> None:
    fake = Fake(breaking, [EMPTY])
    with pytest.raises(errors.NetworkError, match="no change is to be seen yet") as caught:
        chat(fake)
    assert fake.reads == 7  # once before the message
    assert "%nemo resume turn_1" in caught.value.hint
    assert Journal().job("turn_1").is_open


def test_cut__on_a_service_that_says_no_turn_runs_is_certain() -> None:
    fake = Fake(breaking, [EMPTY])
    fake.state["turns_running"] = 0
    with pytest.raises(errors.NetworkError) as caught:
        chat(fake)
    assert fake.reads == 3  # a second look agrees: the message may have been on its way still
    assert "say it again" in caught.value.hint
    assert Journal().job("turn_1").state == "failed"


def test_cut__in_chinese_is_told_in_chinese() -> None:
    reply, told = chat(Fake(breaking, [TITLE, TITLE]), "加标题")
    assert "连接中断" in reply.text
    assert "已添加标题" in reply.text
    assert "连接中断" in notices(told)[0]


def test_cut__while_the_state_cannot_be_read_is_borne() -> None:
    fake = Fake(breaking, [TITLE])
    fake.answers[STATE] = [None, *[unreachable] * 7]
    assert "Urban Dreams" in chat(fake)[0].text


def test_gateway_error__may_hide_a_turn_that_was_taken() -> None:
    fake = Fake(httpx.Response(502, text="<html>bad gateway</html>"), [TITLE])
    assert "Urban Dreams" in chat(fake)[0].text
    assert fake.messages == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(200, json={"code": 2001, "message": "no credits"}), errors.OutOfCredits),
        (httpx.Response(403, json={"detail": "no"}), errors.ServiceError),
        (httpx.Response(422, json={"detail": "no"}), errors.ServiceError),
        (unreachable, errors.NetworkError),
    ],
    ids=["credits", "403", "422", "never left"],
)
def test_refusal__is_told_at_once_and_nothing_is_looked_for(answer: Answer, kind: type[errors.NemoError]) -> None:
    fake = Fake(answer, [TITLE])
    with pytest.raises(kind) as caught:
        chat(fake)
    assert caught.value.__cause__ is not caught.value
    assert (fake.messages, fake.reads) == (1, 1)
    assert Journal().job("turn_1").state == "failed"


def test_whole_reply__before_a_break_is_kept() -> None:
    stream = cut(b"data: " + json.dumps(text("It is a title.")).encode() + b"\n\n")
    assert chat(Fake(stream, [EMPTY]), "what is this?")[0].text == "It is a title."


def test_failed_turn__tells_what_it_did_before_it_failed() -> None:
    reply, _ = chat(Fake(sse({"error": "boom"}), [TITLE]))
    assert "boom" in reply.text
    assert "Urban Dreams" in reply.text


def test_failed_turn__by_a_code_in_the_stream_is_that_error() -> None:
    with pytest.raises(errors.OutOfCredits):
        chat(Fake(sse({"errorCode": "2001", "errorMessage": "no credits"}), [EMPTY]))


def test_reply__is_kept_when_the_timeline_cannot_be_read_after_it() -> None:
    fake, told = Fake(sse(text("Done.")), [TITLE]), list[Event]()
    session = fake.sync_session()
    fake.answers[STATE] = [None, *[httpx.Response(503, text="down")] * 9]
    assert session.chat("add a title").text == "Done."
    fake.answers.clear()
    session.chat("what now?", told.append)
    assert "Urban Dreams" in notices(told)[0]  # what the first one did is told with the second


def test_stage__that_follows_a_generated_film_is_waited_for() -> None:
    fake = Fake(sse(text("Here is your video.")), [VIDEO, WITH_MUSIC])
    fake.state["generated_media"] = []

    class Generating(Fake):
        def look(self, request: httpx.Request) -> httpx.Response:
            self.state["generated_media"] = [{"id": 1}] if self.messages else []
            return super().look(request)

    reply, told = chat(Generating(sse(text("Here is your video.")), [VIDEO, WITH_MUSIC]))
    assert "city" in notices(told)[0]
    assert reply.text == "Here is your video."
    assert "Lo-fi" in str(reply.changes)
    edited, _ = chat(Fake(sse(text("Trimmed.")), [VIDEO, WITH_MUSIC]))  # nothing was generated: nothing to wait for
    assert "Lo-fi" not in str(edited.changes)


def test_turn__that_was_left_is_told_with_the_next_one() -> None:
    fake, told = Fake(breaking, [EMPTY]), list[Event]()
    session = fake.sync_session()
    with pytest.raises(errors.NetworkError):
        session.chat("add a title")
    fake.drafts, fake.turn = [TITLE], sse(text("Hello."))
    assert not session.chat("hello", told.append).changes
    assert 'Title added: "Urban Dreams"' in notices(told)[0]
    assert [job.state for job in Journal().jobs()] == ["done", "done"]


def test_turn__of_a_kernel_that_has_gone_is_come_back_to() -> None:
    journal = Journal()
    journal.begin("turn", "7", "add a title", {"before": {}, "credits_before": 100})
    fake = Fake(sse(), [TITLE])
    fake.before = None

    found = asyncio.run(fake.session().resume())
    assert 'Title added: "Urban Dreams" (0-3s)' in found.text
    assert journal.job("turn_1").state == "done"
    assert fake.messages == 0


def test_interrupted_turn__stays_open() -> None:
    async def work() -> None:
        session = Fake(sse(text("Done.")), [TITLE]).session()

        def stop(event: Event) -> None:
            if not isinstance(event, Begun):
                raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await session.chat("add a title", stop)

    asyncio.run(work())
    assert Journal().job("turn_1").is_open


class Ended(Fake):
    """Its first session has ended."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "/7/" in request.url.path or b'"session_id": "7"' in request.content:
            return httpx.Response(200, json={"code": 1002, "message": "Session not found"})
        return super().__call__(request)


def test_ended_session__that_held_nothing_is_replaced_and_said_so() -> None:
    fake = Ended(sse(text("Hello.")), [EMPTY])
    reply, told = chat(fake, "hello")
    assert reply.text == "Hello."
    assert (fake.messages, fake.sessions) == (1, 1)
    assert "Session 7 has ended at the service; 101 is open in its place." in notices(told)[0]


def test_ended_session__that_held_uploads_says_what_to_repeat() -> None:
    journal = Journal()
    for name in ("my song.mp3", "a.mp4"):
        journal.settle(journal.begin("upload", "7", name, {"path": f"/x/{name}"}), "done")
    fake = Ended(sse(text("Hello.")), [EMPTY])
    with pytest.raises(errors.SessionNotFound, match="101 is open") as caught:
        chat(fake)
    assert "%nemo upload 'my song.mp3' a.mp4" in caught.value.hint
    assert fake.messages == 0


def test_ended_session__takes_an_upload_in_its_successor(tmp_path: Path) -> None:
    fake = Ended(sse(), [EMPTY])
    fake.answers["POST /api/upload-video/"] = [
        httpx.Response(200, json={"code": 0, "data": {"files": [{"filename": "song.mp3"}]}})
    ]
    (tmp_path / "song.mp3").write_bytes(b"ID3" * 10)
    media = fake.sync_session().upload(tmp_path / "song.mp3")
    assert "101 is open in its place" in media.words
    assert media[0].filename == "song.mp3"
    assert any("/api/upload" in str(request.url) and "/101" in str(request.url) for request in fake.seen)


def test_costs__tell_what_each_turn_cost() -> None:
    def balance(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"code": 0, "data": {"available": 100 - 30 * fake.messages}})

    fake = Fake(sse(text("Done.")), [TITLE])
    fake.answers["/api/credits"] = [balance] * 4
    session = fake.sync_session()
    assert [session.chat(message).cost for message in ("add a title", "and again")] == [30, 30]
    costs = session.costs()
    assert [cost.cost for cost in costs] == list(costs.frame.cost) == [30, 30]
    assert "add a title" in costs.words
    assert "70" in costs.words


def test_cut__while_a_turn_runs_and_the_network_goes_is_not_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    class Going(Fake):
        def look(self, request: httpx.Request) -> httpx.Response:
            if self.messages and self.state.get("turns_running"):
                raise httpx.ConnectError("down")
            self.state["turns_running"] = self.messages
            return super().look(request)

    fake = Going(breaking, [EMPTY])
    with pytest.raises(errors.NetworkError) as caught:
        chat(fake)
    assert caught.value.may_have_acted
    assert "%nemo resume turn_1" in caught.value.hint
    assert Journal().job("turn_1").is_open


def test_cut__in_a_session_that_ends_says_that_the_message_went_out() -> None:
    fake = Fake(breaking, [EMPTY])
    fake.answers[STATE] = [None, *[httpx.Response(200, json={"code": 1002})] * 9]
    with pytest.raises(errors.NetworkError) as caught:
        chat(fake)
    assert "%nemo resume turn_1" in caught.value.hint


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, json={"code": 0, "data": None})])
def test_state__that_is_none_is_not_an_empty_timeline(answer: httpx.Response) -> None:
    fake = Fake(sse(), [TITLE])
    fake.answers[STATE] = [answer] * 9
    with pytest.raises(errors.ServiceError):
        fake.sync_session().timeline()


def test_turn__within_the_stream_of_another_waits_for_its_end() -> None:
    async def work() -> list[str]:
        session = Fake(sse(text("One.")), [TITLE]).session()
        async for _ in session.stream("first"):
            await session.chat("second")
        return [turn.message for turn in await session.turns()]

    assert asyncio.run(asyncio.wait_for(work(), 20)) == ["first", "second", "second"]


def test_turn__that_is_over_is_not_told_again() -> None:
    journal = Journal()
    journal.settle(journal.begin("turn", "7", "add a title", {"before": {}}), "done", before=None)
    with pytest.raises(errors.UsageError, match="over"):
        asyncio.run(Fake(sse(), [TITLE]).session().resume("turn_1"))


def test_timeline__nested_without_end_is_an_error_of_ours() -> None:
    deep: dict[str, object] = {}
    for _ in range(700):
        deep = {"m": deep}
    fake = Fake(sse(text("Done.")), [deep])
    fake.before = deep
    try:
        chat(fake)
    except errors.NemoError:
        return
    assert Journal().job("turn_1").state == "done"
