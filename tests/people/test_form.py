"""The conversations are written in the form that README.md describes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import facts
import material
import pytest

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.toml"))
KINDS = set("single several reference correction takeback title question complaint impossible talk".split())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_conversations__have_their_form(file):
    film = facts.Film(60.0, "16:9", [facts.Shot("a.mp4", end_s=60)], [facts.Title("Hi", 0, 3)], [facts.Sound()], [""])
    for conversation in tomllib.loads(file.read_text(encoding="utf-8"))["conversation"]:
        assert conversation.keys() == {"id", "who", "language", "material", "start", "turn"}
        assert conversation["language"] in {"en", "zh", "mixed"}
        assert conversation["material"] in material.MATERIAL
        for turn in conversation["turn"]:
            assert turn.keys() <= {"say", "kind", "must", "changes", "instead", "says", "wishes", "why"}
            assert turn["kind"] in KINDS
            assert turn["say"].strip()
            assert set(turn.get("changes", [])) <= {*facts.ASPECTS, "everything"}
            assert set(turn.get("instead", [])) <= {"ask", "refuse", "answer"}
            wishes = turn.get("wishes", [])
            expressions = [*turn.get("must", []), *(each for wish in wishes for each in wish["must"])]
            assert expressions or turn.get("instead")
            for expression in expressions:
                facts.holds(expression, facts.Film(), film, "reply")
                facts.holds(expression, film, facts.Film(), "reply")


def test_conversations__are_enough_of_each_kind():
    halves: dict[str, list[dict]] = {"open": [], "sealed": []}
    for file in FILES:
        halves[file.parent.name] += tomllib.loads(file.read_text(encoding="utf-8"))["conversation"]
    every = [conversation["id"] for half in halves.values() for conversation in half]
    messages = {name: sum(len(each["turn"]) for each in half) for name, half in halves.items()}
    assert len(set(every)) == len(every) >= 120
    assert len(halves["sealed"]) >= 60
    assert sum(messages.values()) >= 600
    assert messages["sealed"] >= 300
