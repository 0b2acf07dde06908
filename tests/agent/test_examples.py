"""What the README says that one can say: each example does what it promises, and none is doubted."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from talk import Talk

HERE = Path(__file__).parent
README = (HERE.parent.parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = tomllib.loads((HERE / "examples.toml").read_text(encoding="utf-8"))["example"]


def test_examples__of_the_readme_are_all_here() -> None:
    table = README.partition("| | for example |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([^`]+)`", table)) <= {example["say"] for example in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["say"])
def test_example__is_done(example: dict) -> None:
    talk = Talk(example.get("uploads", "all"), *example["after"])
    outcome = talk.say(example["say"])
    assert [edit.tag for edit in outcome.made] == example["edits"], outcome.reply
    assert not outcome.asks
    for words in example.get("says", ()):
        assert words in outcome.reply


@pytest.mark.parametrize("before", ["只保留第一段", "音乐小声点", "mute the clips", 'add a title "Hey"'])
def test_shots_that_are_not_known__are_no_error_after_an_edit(before: str) -> None:
    assert Talk("all", "make a music video", before).say("等画面出来了再说话").reply
