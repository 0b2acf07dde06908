"""Messages in Spanish, which are read by way of English: `spanish.toml` beside this file."""

from __future__ import annotations

import string
import sys
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from nemo_notebook.agent.lexicon import Message, language_files, without_accents
from nemo_notebook.agent.turn import respond
from nemo_notebook.film.model import Situation
from nemo_notebook.film.wording import Told, tell

sys.path.insert(0, str(Path(__file__).parent))

from test_context import misses

TEXT = (Path(__file__).parent / "spanish.toml").read_text(encoding="utf-8")
TABLES: dict[str, Any] = tomllib.loads(TEXT)
CASES: list[dict[str, Any]] = TABLES["case"]
ACCENTED = [case for case in CASES if without_accents(case["say"]) != case["say"] and '"' not in case["say"]]


@pytest.mark.parametrize("case", CASES, ids=[case["say"] for case in CASES])
def test_a_wish_in_spanish_is_done(case: dict[str, Any]) -> None:
    assert misses(case) == []


@pytest.mark.parametrize("case", ACCENTED, ids=[without_accents(case["say"]) for case in ACCENTED])
def test_accents_may_be_left_out(case: dict[str, Any]) -> None:
    assert misses({**case, "say": without_accents(case["say"])}) == []


@pytest.mark.parametrize(("message", "language"), TABLES["languages"])
def test_the_language_of_a_message_is_found_by_its_words(message: str, language: str) -> None:
    assert respond(message, Situation({})).language == language


def test_a_message_of_words_of_no_language_is_answered_in_that_of_the_session() -> None:
    answered = [respond("no", Situation({}, language=each)).language for each in ("es-MX", "en", None)]
    assert answered == ["es", "en", "en"]


def test_what_is_read_keeps_its_place_in_the_message() -> None:
    text = Message("Pónle música, ¡ya!", "es")
    assert text.folded == "add music,  now!"
    assert [text.original(*span) for span in ((0, 3), (4, 9), (1, 6), (12, 15))] == [
        "Pónle",
        "música",
        "Pónle música",
        "ya",
    ]


def test_what_a_language_lacks_is_said_in_english() -> None:
    assert tell(Told("set_visualizer.removed"), "es") == "Removed the visualizer."
    assert tell(Told("clear.was_empty"), "es-AR") == "El video ya está vacío."
    assert tell(Told("clear.was_empty"), "fr") == "The timeline is empty already."


def _values(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_sentences_are_filled_with_what_english_ones_are() -> None:
    folder = resources.files("nemo_notebook.film").joinpath("sentences")
    english, spanish = (tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")) for name in ("en", "es"))
    for table, sentences in spanish.items():
        for name, sentence in sentences.items() if table not in ("words", "forms") else ():
            assert _values(sentence) <= _values(english[table][name]) | {"n"}, (table, name)
    files = language_files()
    usual = {**files["en"]["replies"], **files["en_talk"]["replies"]}
    for name, sentence in files["es"]["replies"].items():
        assert _values(sentence) <= _values(usual[name]) | {"n"}, name
