"""The workflow against a service that misbehaves in the ways that the contract names."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from cases import cases
from fake_service import EMPTY, TITLE, Fake, Rendering, sse, text

from nemo_notebook import console, errors
from nemo_notebook.client.events import Event, Heartbeat, Notice, Text, TextFinal
from nemo_notebook.session.chat import spoken, ticking
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.language import say
from nemo_notebook.session.results import Progress


def test_chat__gives_text_changes_timeline_and_events() -> None:
    fake = Fake(sse(text("Done.")), [TITLE])
    reply = asyncio.run(fake.session().chat("add a title"))
    assert (reply.text, reply.shown) == ("Done.", True)
    assert reply.changes.words == ('Title added: "Urban Dreams" (0-3s)',)
    assert reply.timeline.frame.text[0] == "Urban Dreams"
    assert reply.events == (TextFinal("Done."),)
    assert reply.job == "turn_1"


def test_reply__shows_the_timeline_in_brief_where_it_has_changed() -> None:
    same, changed = (
        asyncio.run(Fake(sse(text("Done.")), [draft]).session().chat("add a title"))._repr_mimebundle_()
        for draft in (EMPTY, TITLE)
    )
    assert same["text/plain"] == "Done."
    assert "imeline" not in same["text/html"]
    assert changed["text/plain"] == "Done.\n\nTimeline: 0:03, 1 track"
    assert "<details><summary>Timeline: 0:03, 1 track</summary><img" in changed["text/html"]


def test_silent_edit__is_told_from_the_state() -> None:
    reply = asyncio.run(Fake(sse(), [TITLE]).session().chat("add a title"))
    assert reply.text == '- Title added: "Urban Dreams" (0-3s)'
    assert not reply.shown


def test_failed_turn__hides_what_the_service_says_of_it() -> None:
    fake = Fake(sse({"error": "boom sk-SECRET Bearer SECRET nmv_usr_SECRET https://x.test/?sig=SECRET"}), [EMPTY])
    with pytest.raises(errors.ServiceError) as caught:
        asyncio.run(fake.session().chat("add a title"))
    assert "SECRET" not in f"{caught.value} {caught.value.hint}"
    assert "boom" in str(caught.value)


def test_no_credits__names_the_registration_link_to_the_anonymous() -> None:
    fake = Fake(httpx.Response(200, json={"code": 2001, "message": "no credits"}), [EMPTY])
    with pytest.raises(errors.OutOfCredits) as caught:
        asyncio.run(fake.session(token=None).chat("make a video"))
    assert "?bind=user-9" in caught.value.hint


def test_upload__without_a_record_still_names_the_file(tmp_path: Path) -> None:
    fake = Fake(sse(), [EMPTY])
    fake.answers["POST /api/upload"] = [httpx.Response(200, json={"code": 0, "data": {}})]
    (tmp_path / "song.mp3").write_bytes(b"ID3" * 10)
    (media,) = asyncio.run(fake.session().upload(tmp_path / "song.mp3"))
    assert (media.filename, media.kind, media.size_bytes) == ("song.mp3", "audio", 30)


def test_export__falls_back_to_the_service_when_the_file_cannot_be_reached(tmp_path: Path) -> None:
    fake = Rendering(sse(), [TITLE])
    video = asyncio.run(fake.session().export(tmp_path / "new" / "film.mp4"))
    assert video.path.read_bytes() == b"film"
    assert any(request.url.host == "cdn.test" for request in fake.seen)
    assert list(video.path.parent.iterdir()) == [video.path]


def test_progress__names_the_film_and_no_id(tmp_path: Path) -> None:
    told: list[Progress] = []
    session = Rendering(sse(), [TITLE]).session()
    asyncio.run(session.export(tmp_path / "film.mp4", on_progress=told.append))
    assert all(progress.job.startswith("render_") for progress in told)
    lines = [console.progress_words(progress) for progress in told]
    assert lines[0] == "Rendering film.mp4 … 0 %"
    assert lines[-1] == "Saving film.mp4 … 100 %"
    left = Progress("render", 0.429, "film.mp4", 12.2, "render_0123456789abcdef")
    assert console.progress_words(left) == "Rendering film.mp4 … 42 % · 12 s left"


def test_timeline__knows_the_order_of_the_uploads() -> None:
    fake = Fake(sse(), [TITLE])
    song = {"hash": "h3", "filename": "song.mp3", "file_type": "audio"}
    fake.state["video_infos"] = [{"hash": "h2", "filename": "b.mp4"}, "odd", song, {"hash": "h1", "filename": "a.mp4"}]
    timeline = asyncio.run(fake.session().timeline())
    assert dict(timeline.sounds.uploads) == {"h2": 0, "b.mp4": 0, "h1": 1, "a.mp4": 1}


@pytest.mark.parametrize("status", ["failed", "cancelled", "exploded"])
def test_export__any_other_end_is_no_success(tmp_path: Path, status: str) -> None:
    with pytest.raises(errors.RenderFailed, match=status):
        asyncio.run(Rendering(sse(), [TITLE], status).session().export(tmp_path / "film.mp4"))
    assert list(tmp_path.iterdir()) == []


@cases
def test_export__a_wrong_wish_is_refused_before_anything_is_asked(path: str, how: dict[str, str]) -> None:
    fake = Fake(sse(), [TITLE])
    with pytest.raises(errors.UsageError):
        asyncio.run(fake.session().export(path, **how))
    assert fake.seen == []


def test_ticking__makes_heartbeats_of_silence_and_keeps_every_event() -> None:
    async def run() -> list[Event]:
        release = asyncio.Event()

        async def slow() -> AsyncGenerator[Event]:
            yield Text("a")
            await release.wait()
            yield Text("b")

        seen: list[Event] = []
        async for event in ticking(slow(), 0.01, 60):
            seen.append(event)
            if isinstance(event, Heartbeat):
                release.set()
        return seen

    seen = asyncio.run(run())
    assert Heartbeat() in seen
    assert [event for event in seen if isinstance(event, Text)] == [Text("a"), Text("b")]


def test_spoken__finals_replace_pieces_and_typed_pieces_stay() -> None:
    assert spoken([Text("A"), Text("b"), TextFinal("Ab"), Text("c"), Text("d")]) == "Ab\n\ncd"


def test_reply__that_is_whole_is_kept_whatever_follows_it() -> None:
    done = text("Done.")
    for after in (b"data: [DONE]\n\n", b"data: null\n\n", b'data: {"error": "late"}\n\n'):
        body = b"data: " + json.dumps(done).encode() + b"\n\n" + after
        answer = httpx.Response(200, content=body, headers={"content-type": "text/event-stream"})
        assert asyncio.run(Fake(answer, [EMPTY]).session().chat("what is this?")).text == "Done."


@pytest.mark.parametrize("draft", [EMPTY, TITLE], ids=["unchanged", "changed"])
def test_reply_of_deltas_only__in_a_complete_body_is_a_reply(draft: dict[str, object]) -> None:
    pieces = [{"content": {"parts": [{"text": words}]}, "partial": True} for words in ("Cut the ", "first 5 s.")]
    fake, told = Fake(sse(*pieces), [draft]), list[Event]()
    reply = asyncio.run(fake.session().chat("cut the first 5 s", told.append))
    assert reply.text == "Cut the first 5 s."
    assert bool(reply.changes) == (draft is TITLE)
    assert [event.text for event in told if isinstance(event, Notice)] == [say("no final", chinese=False)]
    assert fake.reads == 2  # before and after
    assert Journal().job(reply.job).state == "done"


def test_stream_that_ends_too_early__is_no_success() -> None:
    cut = {"content": {"parts": [{"functionCall": {"name": "x"}}]}}
    with pytest.raises(errors.NetworkError):
        asyncio.run(Fake(sse(cut), [EMPTY]).session().chat("add a title"))
    assert "Urban" in asyncio.run(Fake(sse(cut), [EMPTY, TITLE]).session().chat("add a title")).text


@pytest.mark.parametrize("value", ["many", [1], 10**400, None, True, float("inf")])
def test_odd_numbers__are_borne(value: object) -> None:
    draft = {"d": value, "t": [{"tt": value, "sg": [{"s": value, "d": value, "v": value, "m": {"name": "\x1b[31mx"}}]}]}
    fake = Rendering(sse(), [draft])
    balance = json.dumps({"code": 0, "data": {"available": value}}).encode()
    fake.answers["/api/credits"] = [httpx.Response(200, content=balance)]
    session = fake.sync_session()
    assert session.credits().available == 0
    assert list(session.timeline().frame.name) == ["x"]


@pytest.mark.parametrize("message", [None, 5, b"x", "", " \n"])
def test_no_message__is_told(message: object) -> None:
    with pytest.raises(errors.UsageError):
        asyncio.run(Fake(sse(), [EMPTY]).session().chat(message))


def test_ticking__ends_what_goes_on_for_too_long() -> None:
    async def run() -> int:
        async def endless() -> AsyncGenerator[Event]:
            while True:
                await asyncio.sleep(0.001)
                yield Text("and ")

        count = 0
        try:
            async for _ in ticking(endless(), 1, 0.1):
                count += 1
        except errors.DeadlineExceeded:
            return count
        raise AssertionError("it ended")

    assert asyncio.run(run()) > 1
