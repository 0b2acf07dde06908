"""Going back and forth by words."""

from __future__ import annotations

import pytest
from talk import Talk

from nemo_notebook.engine.agent import Outcome, Situation, respond
from nemo_notebook.engine.agent.wishes import Redo, Undo

FILM = Talk("song+clips", "make a music video", 'add a title "Hi"', "make it sepia")
LINE = [*FILM.earlier, FILM.draft]


def said(message: str, at: int, *, later: bool = True) -> Outcome:
    """What comes of a message at one of the drafts; those after it were undone, or never were."""
    after = tuple(LINE[at + 1 :]) if later else ()
    return respond(message, Situation(LINE[at], FILM.media, tuple(LINE[:at]), None, 7, after))


@pytest.mark.parametrize(
    "message",
    [
        *("redo", "redo that", "Redo it, please", "reapply the change", "undo the undo", "put it back"),
        *("no, put it back", "change it back", "restore it", "bring it back", "重做", "重做一下", "恢复刚才的修改"),
        *("取消撤销", "恢复", "把刚才撤销的修改恢复", "重做刚才的修改"),
    ],
)
def test_redo__makes_the_next_change_once_more(message: str) -> None:
    outcome = said(message, 1)
    assert (outcome.edits, outcome.draft) == ((Redo(1),), LINE[2])
    assert "Hi" in said(message, 0).reply


@pytest.mark.parametrize(
    ("message", "target"),
    [
        *(("redo twice", 2), ("redo the last 2 changes", 2), ("redo everything", 3), ("全部重做", 3)),
        *(("redo 9 steps", 3), ("redo and undo", 0)),
    ],
)
def test_redo__goes_as_far_as_it_is_told(message: str, target: int) -> None:
    assert len(LINE) == 3
    line = [{}, *LINE]
    outcome = respond(message, Situation({}, FILM.media, (), None, 7, tuple(LINE)))
    assert outcome.draft == line[target]


@pytest.mark.parametrize(
    "message", ["redo", "redo it", "重做", "恢复刚才的修改", "redo everything", "undo the undo", "redo twice"]
)
def test_redo__with_nothing_undone_is_answered_in_words(message: str) -> None:
    outcome = said(message, 2, later=False)
    assert (outcome.edits, outcome.draft) == ((), LINE[2])
    assert "nothing to redo" in outcome.reply or "没有可以重做" in outcome.reply


@pytest.mark.parametrize("message", ["put it back", "change it back", "restore it", "恢复", "undo", "撤销", "go back"])
def test_put_it_back__takes_back_where_nothing_was_undone(message: str) -> None:
    outcome = said(message, 2, later=False)
    assert (outcome.edits, outcome.draft) == ((Undo(1),), LINE[1])


@pytest.mark.parametrize("message", ["undo", "撤销", "恢复到之前", "go back", "undo that"])
def test_undo__stays_undo_while_there_is_something_to_redo(message: str) -> None:
    assert said(message, 1).draft == LINE[0]


@pytest.mark.parametrize("message", ["redo the cut", "redo the title in red", "重做视频", "重做一个音乐视频"])
def test_redo_of_a_thing__is_not_taken_for_a_step(message: str) -> None:
    assert not any(isinstance(edit, Redo) for edit in said(message, 1).edits)


def test_redo__that_only_changes_the_look_says_so() -> None:
    assert "look" in said("redo", 1).reply
    assert "画面" in said("重做", 1).reply


def test_redo_and_a_change__are_one_turn() -> None:
    outcome = said("redo and make it square", 0)
    assert outcome.draft["m"]["width"] == outcome.draft["m"]["height"]
    assert "Hi" in str(outcome.draft)
