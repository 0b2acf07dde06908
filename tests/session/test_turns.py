"""What was said and answered is kept, as the user was shown it, without secrets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from fake_service import EMPTY, TITLE, Fake, breaking, sse, text
from planted import PLANTED

from nemo_notebook import errors
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.records import Turn, Turns


def turns(fake: Fake) -> Turns:
    return asyncio.run(fake.session().turns())


def said(turn: object, message: str = "add a title", draft: dict[str, object] = TITLE) -> Fake:
    fake = Fake(turn, [draft])
    try:
        asyncio.run(fake.session().chat(message))
    except errors.NemoError:
        return fake
    return fake


def test_turns__have_message_and_reply_the_oldest_first() -> None:
    said(sse(text("Done.")), "add a\ntitle")
    (first, second) = turns(said(sse(), draft=TITLE))
    assert (first.id, first.message, first.reply, first.state) == ("turn_1", "add a\ntitle", "Done.", "done")
    assert (second.reply, second.cost) == ('- Title added: "Urban Dreams" (0-3s)', 0)
    assert second.ended_s >= second.begun_s


def test_turns__of_which_there_are_many_are_the_newest() -> None:
    for number in range(5):
        Journal().begin("turn", "7", f"message {number}", {})
    found = asyncio.run(Fake(sse(), [EMPTY]).session().turns(2))
    assert [turn.message for turn in found] == ["message 3", "message 4"]


def test_long_texts__are_cut() -> None:
    (turn,) = turns(said(sse(text("b" * 30_000)), "a" * 30_000))
    assert (turn.message, turn.reply) == ("a" * 20_000, "b" * 20_000)


def test_failed_turn__keeps_why() -> None:
    fake = said(httpx.Response(200, json={"code": 2001, "message": "no credits"}), draft=EMPTY)
    (turn,) = turns(fake)
    assert turn.state == "failed"
    assert "credits" in turn.reply


def test_broken_turn__keeps_what_was_heard_and_why() -> None:
    (turn,) = turns(said(breaking, draft=EMPTY))
    assert turn.state == "open"
    assert turn.reply.startswith("Adding it\n\nThe reply broke off")


def test_secrets__are_struck(own_home: Path) -> None:
    (turn,) = turns(said(sse(text(f"I used {PLANTED}.")), f"use {PLANTED} and https://a.test/?sig=5ecre7"))
    assert "…" in turn.message
    assert "…" in turn.reply
    kept = b"".join(path.read_bytes() for path in own_home.glob("journal.sqlite*"))
    assert PLANTED.encode() not in kept
    assert b"5ecre7" not in kept


def test_turns__show_themselves_as_a_table_without_markup() -> None:
    shown = Turns([Turn("turn_1", "<b>add</b>\na title", "", "open", 1.0), Turn("turn_2", "on", "Done.", "done", 2.0)])
    assert "<b>" not in shown._repr_mimebundle_()["text/html"]
    assert "<b>add</b> a title" in str(shown)
    assert list(shown.frame.columns) == ["turn", "when", "said", "reply", "state", "cost"]
    assert str(Turns()) == "Nothing was said yet."


def test_interrupted_note__does_not_open_again_what_has_ended() -> None:
    journal = Journal()
    job = journal.begin("turn", "7", "add a title", {})
    journal.settle(job, "done", reply="told elsewhere")
    journal.settle(job, "open", reply="heard here")
    found = journal.job(job.id)
    assert (found.state, found.detail["reply"]) == ("done", "told elsewhere")
