"""What a message says of the edits before it: `context.toml` beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import facts
import material
import pytest

from nemo_notebook.agent.turn import respond
from nemo_notebook.film.edit import apply_edits, parse, touched_by
from nemo_notebook.film.model import Situation, Version

TEXT = Path(__file__).with_name("context.toml").read_text(encoding="utf-8")
CASES: list[dict[str, Any]] = tomllib.loads(TEXT)["case"]
OPEN = pytest.mark.xfail(strict=True, reason="not understood yet")


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=OPEN if case.get("is_open") else (), id=case["say"]) for case in CASES]
)
def test_a_message_is_read_with_the_edits_before_it(case: dict[str, Any]) -> None:
    assert misses(case) == []


def misses(case: dict[str, Any]) -> list[str]:
    """What does not hold of a film after the message of a case."""
    name, start = case["film"].split()
    media = material.MATERIAL[name]
    states, versions, later = [material.begun(name, start)], [], ()
    for edits in case.get("before", []):
        before = Situation(states[-1], media, tuple(states[:-1]), seed=7)
        states.append(apply_edits(states[-1], [parse(edit) for edit in edits], before).draft)
        versions.append(Version("chat", "", "", edits, len(media), "en", None))
    if "undone" in case:
        here = Situation(states[-1], media, seed=7)
        later = (apply_edits(states[-1], [parse(edit) for edit in case["undone"]], here).draft,)
    touched = touched_by(states[-2], states[-1]) if versions else ()
    situation = Situation(
        states[-1], media, tuple(states[:-1]), None, 7, later, touched=touched, recent=tuple(versions)
    )
    if "asked" in case:
        asked = respond(case["asked"], situation)
        assert asked.asks
        situation = replace(situation, asked=(case["asked"], *asked.choices))
    outcome = respond(case["say"], situation)
    was, now = material.seen(states[-1]), material.seen(outcome.draft)
    missed = [must for must in case["must"] if not facts.holds(must, was, now, outcome.reply)]
    return [*missed, outcome.reply] if missed else []


ANSWERS = [
    ("trip titled", "move the title", "the first one", "now.titles[0].position == 'top'"),
    ("busker video", "shorten the film", "30", "near(now.length_s, 30, 1.5)"),
    ("zh-shop row", "删掉一段", "第二个", "'店面.mp4' not in now.files"),
    ("trip titled", "move the title", "make it red", "now.titles[0].position == was.titles[0].position"),
]


@pytest.mark.parametrize(("film", "wish", "answer", "must"), ANSWERS, ids=[f"{each[1]} {each[2]}" for each in ANSWERS])
def test_an_answer_is_read_with_the_wish_that_was_asked_about(film: str, wish: str, answer: str, must: str) -> None:
    name, start = film.split()
    situation = Situation(material.begun(name, start), material.MATERIAL[name], seed=7)
    asked = respond(wish, situation)
    assert asked.asks
    assert asked.draft == situation.draft
    outcome = respond(answer, replace(situation, asked=(wish, *asked.choices)))
    was, now = material.seen(situation.draft), material.seen(outcome.draft)
    assert facts.holds(must, was, now, outcome.reply), outcome.reply
