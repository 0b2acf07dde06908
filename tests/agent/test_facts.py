"""Questions about a film: answered from the film, which stays as it is; `facts.toml` beside this file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from asked_films import situation

from nemo_notebook.agent.turn import respond

CASES = tomllib.loads(Path(__file__).with_name("facts.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("film", "question", "answers"), CASES["questions"])
def test_a_question_is_answered(film: str, question: str, answers: str) -> None:
    here = situation(film)
    outcome = respond(question, here)
    assert outcome.draft is here.draft, outcome.reply
    assert any(answer in outcome.reply for answer in answers.split("|")), outcome.reply


@pytest.mark.parametrize(("film", "wish"), CASES["wishes"])
def test_a_wish_in_the_form_of_a_question_is_met(film: str, wish: str) -> None:
    outcome = respond(wish, situation(film))
    assert outcome.made, outcome.reply
