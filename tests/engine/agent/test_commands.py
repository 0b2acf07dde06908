"""What a message asks for that is no edit: undo, redo, and the export."""

from __future__ import annotations

import pytest
from talk import CITY, SEA, Talk

from nemo_notebook.engine.agent import Situation, respond
from nemo_notebook.film.edit import apply_edits
from nemo_notebook.film.edits.looks import SetCanvas


def test_an_export_of_a_size__sets_the_canvas_by_an_edit() -> None:
    talk = Talk("clips", "make a video")
    outcome = respond("export it in 720p", Situation(talk.draft, talk.media))
    assert outcome.made == (SetCanvas(short_side=720),)
    assert apply_edits(talk.draft, outcome.made, Situation(talk.draft, (CITY, SEA))).draft == outcome.draft
    assert 'at 1280 × 720: run "export"' in outcome.reply


def test_undo__goes_to_an_empty_timeline_and_no_further() -> None:
    talk = Talk("clips", "make a video", "undo")
    assert talk.draft == {}
    assert respond("undo", Situation({}, talk.media)).reply == "There is nothing to undo."


def test_an_empty_timeline__can_be_filled_again() -> None:
    talk = Talk("clips", "make a video")
    draft = talk.draft
    talk.say("clear the timeline")
    assert not talk.draft["t"]
    assert talk.say("undo").draft == draft


def test_undo_of_all__goes_to_the_first_version() -> None:
    talk = Talk("clips", "make a video")
    first = talk.draft
    for message in ("make it black and white", "make it vertical", "undo everything"):
        talk.say(message)
    assert talk.draft == first


@pytest.mark.parametrize(
    "message",
    [
        "keep only the first 5 seconds",
        "trim everything after 0:05",
        "remove the first 9 seconds",
        "只保留前5秒",
        "剪掉前9秒",
    ],
)
def test_a_time_that_is_named__is_cut_out_without_a_question(message: str) -> None:
    talk = Talk("clips", "make a video")
    assert not talk.say(message).asks
    assert talk.draft["d"] == 5_000


def test_a_canvas__is_made_without_a_question() -> None:
    talk = Talk("clips", "make a video")
    assert not talk.say("make it a Spotify Canvas").asks
    assert talk.draft["d"] == 8_000
