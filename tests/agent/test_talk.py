"""Talk, and wishes that cannot be met: said so by their name, with what works instead; `talk.toml` beside this file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from asked_films import situation

from nemo_notebook.agent.turn import respond

CASES = tomllib.loads(Path(__file__).with_name("talk.toml").read_text(encoding="utf-8"))
ANSWERED = [
    (film, said, answers)
    for film, table in (("voiced", "impossible"), ("row", "talk"))
    for answers, messages in CASES[table].items()
    for said in messages
]


@pytest.mark.parametrize(("film", "said", "answers"), ANSWERED)
def test_what_is_no_wish_that_can_be_met_is_answered(film: str, said: str, answers: str) -> None:
    here = situation(film)
    outcome = respond(said, here)
    assert outcome.draft is here.draft, outcome.reply
    assert any(answer in outcome.reply for answer in answers.split("|")), outcome.reply


@pytest.mark.parametrize("said", CASES["possible"])
@pytest.mark.parametrize("film", ["row", "voiced"])
def test_what_can_be_done_is_not_refused(said: str, film: str) -> None:
    outcome = respond(said, situation(film))
    assert not any(word in outcome.reply for word in ("I can't", "afraid", "抱歉，我没法", "抱歉，我不")), outcome.reply


def test_a_message_of_more_wishes_than_are_read_names_the_rest() -> None:
    wishes = [f'add a title "line {number}" from 0:0{number % 6} to 0:0{number % 6 + 1}' for number in range(34)]
    outcome = respond(", ".join(wishes), situation("row"))
    assert [edit.text for edit in outcome.made if edit.tag == "add_title"] == [f"line {number}" for number in range(30)]
    unread = outcome.reply.partition("did not understand")[2]
    assert all(f'"line {number}"' in unread for number in range(30, 34))
    assert '"line 29"' not in unread
