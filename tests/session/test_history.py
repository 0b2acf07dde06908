"""A table put back into the timeline, and the way back and forth, at an engine that keeps drafts."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from engine_server import Serving, serving
from fake_service import TITLE, Rendering, lost
from media_files import write_video

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.film.draft import Draft
from nemo_notebook.film.edit import EDITS, Edit, Meta, apply_edits, parse_all
from nemo_notebook.film.model import Situation
from nemo_notebook.film.target import Target, Which, select
from nemo_notebook.film.wording import Told


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def session(server: Serving, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[nemo.Session]:
    """A session with a clip of two seconds and a title on it."""
    monkeypatch.setenv("NEMO_TOKEN", server.token)
    write_video(tmp_path / "clip.mp4", frames=60)
    with nemo.connect(backend=server.url) as opened:
        opened.upload(tmp_path / "clip.mp4")
        opened.chat("use my clip")
        opened.chat('add a title "Hi" for 1 second')
        yield opened


def titled(session: nemo.Session, words: str) -> Any:
    """The table as it is now, with another title."""
    frame = session.timeline().frame
    frame.loc[frame.kind == "text", "text"] = words
    return frame


def title(timeline: nemo.Timeline) -> list[str]:
    return [segment.text for track in timeline.tracks for segment in track.segments if track.kind == "text"]


def test_edited_table__is_in_the_timeline_and_told(session: nemo.Session) -> None:
    reply = session.apply(titled(session, "Yo"))
    assert (
        reply.text
        == '- Text of the title (0-1s): "Hi" → "Yo".\n\nsession.edit("set_title", target="title-1", text="Yo")'
    )
    assert [change.aspect for change in reply.changes] == ["text"]
    assert title(reply.timeline) == title(session.timeline()) == ["Yo"]
    assert title(session.chat("make the video sepia").timeline) == ["Yo"]  # the editor works on it


def test_table_from_before_a_turn__is_refused_and_takes_nothing_back(session: nemo.Session) -> None:
    frame = titled(session, "Yo")
    turned = session.chat("make the title red and change it to Hey").timeline
    with pytest.raises(errors.Conflict) as caught:
        session.apply(frame)
    assert "session.timeline().frame" in caught.value.hint
    assert session.timeline().draft == turned.draft
    del frame.attrs["nemo_timeline"]  # as a detour through a file does
    assert title(session.apply(frame).timeline) == ["Yo"]


def test_same_table__is_edited_and_applied_again_and_again(session: nemo.Session) -> None:
    frame = titled(session, "one")
    for words in ("one", "two", "three"):
        frame.loc[frame.kind == "text", "text"] = words
        assert title(session.apply(frame).timeline) == [words]
    sorted_copy = frame.sort_values("start_s").reset_index(drop=True)
    sorted_copy.loc[sorted_copy.kind == "text", "text"] = "four"
    assert title(session.apply(sorted_copy).timeline) == ["four"]


def test_earlier_timeline__is_put_back_whole(session: nemo.Session) -> None:
    before = session.timeline()
    session.chat("make the video sepia")
    reply = session.apply(before)
    assert session.timeline().draft == before.draft
    assert "not among what the table tells" in reply.text
    session.chat("remove the title")
    assert session.apply(before).text == '- Title added: "Hi" (0-1s)'


def test_table_of_a_timeline_that_has_changed_elsewhere__is_refused(
    session: nemo.Session, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = titled(session, "Mine")
    with nemo.connect(backend=server.url, session=session.id) as other:
        other.chat("make the video sepia")
        for _ in range(2):  # it stays so until the user has looked
            with pytest.raises(errors.Conflict, match="changed since you last saw it") as caught:
                session.apply(frame)
            assert "session.timeline().frame" in caught.value.hint
        session.apply(titled(session, "Mine"))
        assert title(other.timeline()) == ["Mine"]
        assert session.timeline().draft["m"]["filter"] == "sepia"


def test_two_clients_at_once__one_is_refused(session: nemo.Session, server: Serving) -> None:
    async def work() -> list[object]:
        async with nemo.AsyncClient(server.url) as client:
            sessions = [await client.connect(session=session.id) for _ in range(2)]
            frames = [(await one.timeline()).frame for one in sessions]
            for number, frame in enumerate(frames):
                frame.loc[frame.kind == "text", "text"] = f"T{number}"
            done = (one.apply(frame) for one, frame in zip(sessions, frames, strict=True))
            return list(await asyncio.gather(*done, return_exceptions=True))

    results = asyncio.run(work())
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Reply"]
    (reply,) = (result for result in results if isinstance(result, nemo.Reply))
    assert title(session.timeline()) == title(reply.timeline)


def test_undo_redo_and_chat__go_along_one_line(session: nemo.Session) -> None:
    session.apply(titled(session, "Yo"))
    assert session.steps == (3, 0)
    assert '"Hi" → "Yo"' in session.undo().text
    assert session.steps == (2, 1)
    assert session.undo().text == 'Undone:\n- Title added: "Hi" (0-1s)'
    assert title(session.redo().timeline) == ["Hi"]
    assert "Yo" in session.chat("redo").text
    assert title(session.chat("undo").timeline) == ["Hi"]
    assert session.redo().text.startswith("Done again:\n- Text of the title ")
    with pytest.raises(errors.UsageError, match="nothing to redo"):
        session.redo()
    for _ in range(3):
        reply = session.undo()
    assert not reply.timeline.is_ready
    assert session.steps == (0, 3)
    assert reply.changes
    with pytest.raises(errors.UsageError, match="nothing to undo"):
        session.undo()
    assert title(session.apply(titled(session, "x")).timeline) == []  # nothing there, nothing to change
    assert session.redo().timeline.is_ready


def test_step_that_no_table_tells__is_told_as_the_editor_told_it(session: nemo.Session) -> None:
    session.chat("make the video sepia")
    assert "sepia" in session.undo().text
    assert "sepia" in session.redo().text


def test_steps__are_told_in_the_language_of_the_session(server: Serving, session: nemo.Session) -> None:
    session.chat("把标题改成“你好”")
    assert session.undo().text.startswith("已撤销：\n- ")
    assert session.redo().text.startswith("已重做：\n- ")
    with pytest.raises(errors.UsageError, match="没有可以重做"):
        session.redo()


def test_history__tells_each_draft_and_marks_the_current_one(session: nemo.Session) -> None:
    session.apply(titled(session, "Yo"))
    session.undo()
    history = session.history()
    assert [step.number for step in history] == [3, 2, 1, 0]
    assert [step.is_current for step in history] == [False, True, False, False]
    assert [step.said for step in history[1:3]] == ['add a title "Hi" for 1 second', "use my clip"]
    assert history[0].origin == "edit"
    assert '"Yo"' in history[0].told
    lines = str(history).splitlines()
    assert lines[0].split() == ["now", "number", "when", "said", "changed"]
    assert [line.startswith("→") for line in lines[1:]] == [False, True, False, False]
    assert list(history.frame.number) == [3, 2, 1, 0]
    assert "<table>" in history._repr_mimebundle_()["text/html"]


def test_history__of_a_new_session_is_empty(server: Serving, session: nemo.Session) -> None:
    with nemo.connect(backend=server.url) as new:
        assert str(new.history()) == "Nothing was edited yet."
        with pytest.raises(errors.UsageError):
            new.undo()


def test_file_of_another_session__is_not_reached(session: nemo.Session, server: Serving, tmp_path: Path) -> None:
    write_video(tmp_path / "secret.mp4", frames=30)
    with nemo.connect(backend=server.url) as other:
        other.upload(tmp_path / "secret.mp4")
        foreign = other.chat("use my clip").timeline
    with pytest.raises(errors.ServiceError, match="not among the uploads"):
        session.apply(foreign)
    assert title(session.timeline()) == ["Hi"]


def test_what_is_no_table__is_told(session: nemo.Session) -> None:
    for wrong in (None, 5, "x", [1], {"a": 1}):
        with pytest.raises(errors.UsageError, match="DataFrame"):
            session.apply(wrong)


def test_rows_that_cannot_be__are_told_at_once_and_nothing_is_sent(session: nemo.Session, server: Serving) -> None:
    version = server.store.drafts.now(session.id)[0]
    frame = session.timeline().frame
    frame["start_s"] = -1.0
    with pytest.raises(errors.InvalidTimeline) as caught:
        session.apply(frame)
    assert len(caught.value.problems) >= 2
    assert server.store.drafts.now(session.id)[0] == version


def test_reply__shows_itself_without_markup() -> None:
    timeline = nemo.Timeline({"t": [{"tt": 7, "sg": [{"s": 0, "d": 1000, "text": "<script>"}]}]})
    text = "Done.\n<script>alert(1)</script>\x1b[31m"
    shown = nemo.Reply(text, nemo.Timeline(None).diff(timeline), timeline)._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/html"}
    assert "<script" not in shown["text/html"]
    assert "\x1b" not in "".join(shown.values())
    assert shown["text/plain"].endswith("Timeline: 0:01, 1 track")


@pytest.mark.parametrize("arrives", [True, False])
def test_edit_whose_answer_is_lost__is_looked_for_and_never_sent_again(*, arrives: bool) -> None:
    def take(request: httpx.Request) -> httpx.Response:
        if arrives:
            edits = parse_all(json.loads(request.content)["edits"])
            fake.drafts = [dict(apply_edits(TITLE, edits, Situation(TITLE)).draft)]
            fake.state = {"draft_version": 5}
        return lost(request)

    fake = Rendering()
    fake.state = {"draft_version": 4}
    fake.answers["/api/edits/"] = [take]  # another request would fail
    session = fake.sync_session()
    frame = session.timeline().frame
    frame.loc[0, "text"] = "Yo"
    if arrives:
        assert "Yo" in session.apply(frame).text
    else:
        with pytest.raises(errors.NetworkError) as caught:
            session.apply(frame)
        assert "apply it again" in caught.value.hint
    assert sum(request.url.path.startswith("/api/edits/") for request in fake.seen) == 1


HOSTILE = [
    {},
    {"drafts": 5, "current": "x", "draft_version": 4},
    {"drafts": [None, 5, {}, {"number": "1"}, {"number": True}], "current": True, "draft_version": 4},
    {"drafts": [{"number": 1, "said": {"a": 1}, "told": "\x1b[31m", "made_s": 1e400}], "current": 1},
    {"drafts": [{"number": 10**400}, {"number": -1}], "current": -1, "draft_version": "4"},
]


@pytest.mark.parametrize("answer", HOSTILE)
def test_history_that_is_none__raises_nothing_of_its_own(answer: dict[str, object]) -> None:
    fake = Rendering()
    fake.state = {"draft_version": 4}
    fake.answers["GET /api/drafts"] = [
        httpx.Response(200, content=json.dumps({"code": 0, "data": answer}).encode())
    ] * 3
    session = fake.sync_session()
    with contextlib.suppress(errors.NemoError):
        str(session.history())
    for step in (session.undo, session.redo):
        with pytest.raises(errors.NemoError):
            step()


def test_steps__take_their_turns(session: nemo.Session) -> None:
    async def work() -> None:
        one = session.asynchronous
        for _ in itertools.repeat(None, 3):
            await asyncio.gather(one.undo(), one.redo())

    session._bridge.run(work())
    assert title(session.timeline()) == ["Hi"]


def test_edit_from_elsewhere__is_made_in_a_session_as_any_other(session: nemo.Session) -> None:
    class ShoutTitles(Edit):
        """Put titles in capitals."""

        target: Annotated[Which, Meta(description="Which titles.")] = Target(kind="title")

        def apply(self, film: Draft, situation: Situation) -> Told:
            for part in select(film, situation, self.target):
                part["m"]["text"] = part["m"]["text"].upper()
            return Told({"en": "Shouted.", "zh": "大写了。"})

    try:
        assert str(session.edit("shout_titles")) == "Shouted."
        assert title(session.timeline()) == ["HI"]
        session.edit("set_title", text="Bye")
        session.film.titles[0].shout_titles()
        assert title(session.timeline()) == ["BYE"]
        session.undo()
        assert title(session.timeline()) == ["Bye"]
    finally:
        del EDITS["shout_titles"]
