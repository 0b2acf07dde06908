"""A table edited at a backend that keeps no drafts: kept in the session, sent with the export, never lost unseen."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_service import Rendering, sse, text

import nemo_notebook as nemo
from nemo_notebook import errors, settings
from nemo_notebook.client.events import Event, Notice
from nemo_notebook.film.model import Version
from nemo_notebook.session.core import LocalDrafts, renew_addresses, same

NOTE = "unknown to the editor"
BLIND = "does not know your own edits"
LOST = "not in this one"
Draft = dict[str, Any]


def signed(signature: str) -> Draft:
    """A draft with keys that nobody here knows, and an address as it is signed at one look."""
    video = {"id": "v1", "s": 0, "d": 4000, "src": f"https://cdn.test/a.mp4?sig={signature}", "zz": [1, {"k": None}]}
    return {
        "d": 4000,
        "x": {"unknown": "key"},
        "t": [{"tt": 0, "sg": [video]}, {"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "text": "Hi", "font": "F"}]}],
    }


class Cloud(Rendering):
    """Signs its addresses anew at each look, edits when it is told to, and takes exports."""

    def __init__(self) -> None:
        super().__init__(sse(text("Done.")), [{}])
        self.now: Callable[[str], Draft] = signed
        self.said: list[str] = []

    def look(self, request: httpx.Request) -> httpx.Response:
        self.drafts = [self.now(f"secret{self.reads}")]
        return super().look(request)

    @property
    def sent(self) -> list[Draft]:
        """The drafts of exports."""
        return [each["draft"] for each in self.submitted]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/run_sse":
            self.said.append(json.loads(request.content)["new_message"]["parts"][0]["text"])
        return super().__call__(request)

    def edits(self) -> None:
        """From now on its draft is another one."""

        def changed(signature: str) -> Draft:
            draft = signed(signature)
            draft["t"][1]["sg"][0]["text"] = "Its own"
            return draft

        self.now = changed


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def session(cloud: Cloud) -> nemo.Session:
    return cloud.sync_session()


def retitle(session: nemo.Session, words: str) -> nemo.Reply:
    frame = session.timeline().frame
    frame.loc[frame.kind == "text", "text"] = words
    return session.apply(frame)


def title(timeline: nemo.Timeline) -> str:
    return timeline.tracks[-1].segments[0].text


def test_edited_draft__is_kept_shown_and_sent_with_its_unknown_keys(
    cloud: Cloud, session: nemo.Session, tmp_path: Path
) -> None:
    reply = retitle(session, "Yo")
    assert '"Hi" → "Yo"' in reply.text
    assert NOTE in reply.text
    assert (title(reply.timeline), title(session.timeline())) == ("Yo", "Yo")
    session.export(tmp_path / "film.mp4")
    expected = signed(f"secret{cloud.reads}")
    expected["t"][1]["sg"][0]["text"] = "Yo"
    assert cloud.sent == [expected]  # with the address as it was signed last
    assert cloud.said == []


def test_unchanged_table__is_no_edit(session: nemo.Session) -> None:
    frame = session.timeline().frame
    assert session.apply(frame).text == "The timeline has not changed."
    assert not session.asynchronous._core.seen.is_edited


def test_undo_and_redo__step_through_what_was_edited_here_and_then_ask_the_editor(
    cloud: Cloud, session: nemo.Session
) -> None:
    retitle(session, "A")
    retitle(session, "B")
    reply = session.undo()
    assert '"A" → "B"' in reply.text
    assert title(reply.timeline) == "A"
    assert title(session.undo().timeline) == "Hi"
    assert session.steps == (1, 2)
    assert title(session.redo().timeline) == "A"
    assert title(session.redo().timeline) == "B"
    assert session.steps == (1, 0)  # the service may always be asked to take back what it did
    with pytest.raises(errors.UsageError, match="nothing to redo") as caught:
        session.redo()
    assert "%nemo chat redo" in caught.value.hint
    session.undo()
    session.undo()
    assert cloud.said == []
    assert session.undo().text == "Done."
    assert cloud.said == ["undo"]


def test_undo__is_said_in_the_language_of_the_session(cloud: Cloud, session: nemo.Session) -> None:
    session.chat("加标题")
    session.undo()
    assert cloud.said == ["加标题", "撤销"]


def test_turn__is_told_that_the_editor_knows_nothing_of_the_edits(session: nemo.Session) -> None:
    events: list[Event] = []
    retitle(session, "Yo")
    reply = session.chat("how long is it?", events.append)
    assert [BLIND in event.text for event in events if isinstance(event, Notice)] == [True]
    assert title(reply.timeline) == title(session.timeline()) == "Yo"  # nothing was edited there
    assert (list(reply.changes), reply.text) == ([], "Done.")
    streamed = list(session.stream("and now?"))
    assert any(isinstance(event, Notice) and BLIND in event.text for event in streamed)


def test_turn_that_edits__leaves_the_edits_in_the_history(cloud: Cloud, session: nemo.Session, tmp_path: Path) -> None:
    events: list[Event] = []
    retitle(session, "Yo")

    def turn(request: httpx.Request) -> httpx.Response:
        cloud.edits()
        return sse(text("Done."))

    cloud.turn = turn
    reply = session.chat("another title", events.append)
    assert reply.text.startswith("Done.")
    assert LOST in reply.text
    assert reply.shown
    assert any(isinstance(event, Notice) and LOST in event.text for event in events)
    assert title(reply.timeline) == title(session.timeline()) == "Its own"
    history = session.history()
    assert [(step.origin, step.is_current) for step in history] == [
        ("chat", True),
        ("edit", False),
        ("chat", False),
    ]
    assert [step.edits for step in history if step.origin == "chat"] == [(), ()]
    ((edit,),) = [step.edits for step in history if step.origin == "edit"]
    assert (edit["edit"], edit["text"]) == ("set_title", "Yo")
    assert [step.said for step in history] == ["another title", "", ""]
    assert '"Hi" → "Yo"' in history[1].told
    assert '"Hi" → "Its own"' in history[0].told
    session.export(tmp_path / "film.mp4")  # it was told
    assert "Its own" in json.dumps(cloud.sent)


def test_edits_that_were_lost_unseen__are_told_before_a_film_is_made_without_them(
    cloud: Cloud, session: nemo.Session, tmp_path: Path
) -> None:
    retitle(session, "Yo")
    cloud.edits()
    with pytest.raises(errors.Conflict, match=LOST):
        session.export(tmp_path / "film.mp4")
    assert cloud.sent == []
    session.export(tmp_path / "film.mp4")
    assert "Its own" in json.dumps(cloud.sent)


def test_undo__does_not_take_back_what_the_editor_did_instead_of_lost_edits(
    cloud: Cloud, session: nemo.Session
) -> None:
    retitle(session, "Yo")
    cloud.edits()
    with pytest.raises(errors.Conflict, match=LOST):
        session.undo()
    assert cloud.said == []


def test_table_of_a_timeline_that_has_changed__is_refused(cloud: Cloud, session: nemo.Session) -> None:
    frame = session.timeline().frame
    frame.loc[frame.kind == "text", "text"] = "Yo"
    cloud.edits()
    for _ in range(2):
        with pytest.raises(errors.Conflict):
            session.apply(frame)
    assert title(session.timeline()) == "Its own"
    assert NOTE in retitle(session, "Mine").text


def test_earlier_timeline__is_put_back_whole(cloud: Cloud, session: nemo.Session, tmp_path: Path) -> None:
    before = session.timeline()
    retitle(session, "Yo")
    assert '"Yo" → "Hi"' in session.apply(before).text
    session.export(tmp_path / "film.mp4")
    assert cloud.sent == [signed(f"secret{cloud.reads}")]


def test_ended_session__has_no_edits_any_more(cloud: Cloud, session: nemo.Session) -> None:
    retitle(session, "Yo")
    cloud.answers["GET /api/state"] = [httpx.Response(200, json={"code": 1002, "message": "gone"})]
    with pytest.raises(errors.SessionNotFound, match="is open in its place"):
        session.undo()
    assert not session.asynchronous._core.seen.is_edited


def test_signed_addresses__are_not_in_the_journal(session: nemo.Session) -> None:
    retitle(session, "Yo")
    session.chat("go on")
    session.submit("film.mp4")
    session.history()
    kept = b"".join(path.read_bytes() for path in settings.home().rglob("*") if path.is_file())
    assert b"film.mp4" in kept
    assert b"secret" not in kept


def test_same__looks_past_signatures_and_at_nothing_else() -> None:
    one, other = signed("a"), signed("b")
    assert same(one, other)
    for change in (
        lambda d: d["t"][0]["sg"][0].update(d=4001),
        lambda d: d["t"][1]["sg"][0].update(text="Ho"),
        lambda d: d["t"][0]["sg"][0].update(src="https://cdn.test/b.mp4?sig=b"),
        lambda d: d.update(y=1),
        lambda d: d["t"].pop(),
        lambda d: d.update(x=[]),
    ):
        different = copy.deepcopy(other)
        change(different)
        assert not same(one, different)


def test_renewed__mends_addresses_that_are_known_for_sure() -> None:
    assert renew_addresses(signed("old"), signed("new")) == signed("new")
    assert renew_addresses(signed("old"), {}) == signed("old")
    two = {"a": "https://cdn.test/x?key=1", "b": "https://cdn.test/x?key=2"}
    assert renew_addresses(two, two) == two  # which of them is which, nobody could tell


def test_endless_nesting__is_an_error_of_ours() -> None:
    deep: Any = "https://cdn.test/x?key=1"
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(errors.ProtocolError):
        same({"x": deep}, {"x": [deep]})
    with pytest.raises(errors.ProtocolError):
        renew_addresses({}, {"x": deep})


def test_seen_drafts__are_a_hundred_at_most() -> None:
    seen = LocalDrafts()
    seen.see({"d": 0})
    for number in range(1, 150):
        seen.put(Version("edit", draft={"d": number}))
    assert (len(seen.entries), seen.at) == (100, 99)
    seen.go(0)
    assert (len(seen.entries), seen.at, seen.pending) == (100, 0, {"d": 50})


def test_version_of_the_history__is_gone_to_and_back_from(cloud: Cloud, session: nemo.Session) -> None:
    retitle(session, "A")
    retitle(session, "B")
    assert title(session.restore(0).timeline) == "Hi"
    assert session.steps == (1, 2)  # what was edited here is there still
    assert title(session.restore(2).timeline) == "B"
    cloud.edits()
    assert title(session.timeline()) == "Its own"
    assert title(session.restore(1).timeline) == "A"  # on top of what the service did
    assert [step.origin for step in session.history()] == ["table", "chat", "edit", "edit", "chat"]
    versions = session.film.history
    assert versions[2].edits[0]["text"] == "B"
    with pytest.raises(errors.UsageError, match="no version 9"):
        session.restore(9)


# Typed edits


def test_typed_edits__are_kept_and_sent_with_all_that_nobody_here_knows(
    cloud: Cloud, session: nemo.Session, tmp_path: Path
) -> None:
    session.timeline()
    reply = session.edit("set_title", text="Yo")
    assert NOTE in reply.text
    session.film.shots[0].set_volume(volume=0.5)
    with session.film.batch() as film:
        film.titles[0].rename(name="Words")
        film.titles[0].set_title(start_s=0.5)
    assert [step.origin for step in session.history()] == ["edit", "edit", "edit", "chat"]
    session.export(tmp_path / "film.mp4")
    expected = signed(f"secret{cloud.reads}")
    expected["t"][0]["sg"][0]["v"] = 0.5
    expected["t"][1]["sg"][0] = {"id": "t1", "s": 500, "d": 3000, "text": "Yo", "font": "F", "m": {"name": "Words"}}
    assert cloud.sent == [expected]


def test_what_only_the_engine_draws__is_refused_by_edits_objects_and_batches_alike(session: nemo.Session) -> None:
    film = session.film
    session.timeline()

    def in_batch(name: str, **fields: Any) -> None:
        with film.batch():
            film.edit(name, **fields)

    refusals = []
    for name, fields in (("set_look", {"filter": "bw"}), ("set_title", {"position": "top"})):
        for edit in (session.edit, film.edit, in_batch):
            with pytest.raises(errors.InvalidEdit, match="ask for it in the chat") as caught:
                edit(name, **fields)
            refusals.append([(problem.edit, problem.field) for problem in caught.value.problems])
    assert refusals == 3 * [[("set_look", "")]] + 3 * [[("set_title", "position")]]
    assert not session.asynchronous._core.seen.is_edited


def test_a_film_that_changed_meanwhile__is_not_edited_through_an_object_of_before(
    cloud: Cloud, session: nemo.Session
) -> None:
    session.timeline()
    film = session.film
    cloud.edits()
    with pytest.raises(errors.Conflict, match="nothing was done"):
        film.titles[0].set_title(text="Yo")
    assert not session.asynchronous._core.seen.is_edited
    film.titles[0].set_title(text="Yo")  # it was seen
    assert title(session.timeline()) == "Yo"


def test_a_batch__is_of_the_film_that_it_began_with(cloud: Cloud, session: nemo.Session) -> None:
    session.timeline()
    film = session.film

    def late() -> None:
        with film.batch():
            film.titles[0].set_title(text="Yo")
            cloud.edits()
            session.chat("another title")  # the change is seen, but the batch was meant for the film before

    with pytest.raises(errors.Conflict, match="nothing was done"):
        late()
    assert title(session.timeline()) == "Its own"
    awaited = session.asynchronous.film
    with pytest.raises(errors.UsageError, match="Nothing was changed"), awaited.batch():
        awaited.titles[0].set_title(text="Yo")
    assert not session.asynchronous._core.seen.is_edited


def test_a_typed_edit_after_lost_ones__is_made_and_tells_of_them(
    cloud: Cloud, session: nemo.Session, tmp_path: Path
) -> None:
    session.edit("set_title", text="Yo")
    cloud.edits()
    with pytest.raises(errors.InvalidEdit):
        session.edit("remove", target={"id": "nobody"})
    reply = session.edit("set_title", start_s=0.5)
    assert LOST in reply.text
    assert title(reply.timeline) == "Its own"
    assert [step.origin for step in session.history()] == ["edit", "chat", "edit", "chat"]
    session.export(tmp_path / "film.mp4")
    assert [(raw["text"], raw["s"]) for draft in cloud.sent for raw in draft["t"][1]["sg"]] == [("Its own", 500)]
