from __future__ import annotations

import time
import tomllib
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from nemo_notebook.session.language import Intent, classify, is_chinese

TEXTS_BY_KIND = tomllib.loads(Path(__file__).with_name("routing.toml").read_text(encoding="utf-8"))
ACTIONS = ("export", "credits", "status", "upload", "chat")
CORPUS = [(text, action) for action in ACTIONS for text in TEXTS_BY_KIND[action]]


@pytest.mark.parametrize(("text", "action"), CORPUS)
def test_classify__goes_by_the_intent(text: str, action: str) -> None:
    assert classify(text).action == action


@pytest.mark.parametrize(("text", "action"), [case for case in CORPUS if case[1] in {"export", "credits", "status"}])
def test_classify__a_quoted_action_and_one_with_an_edit_are_chat(text: str, action: str) -> None:
    assert classify(f"add the title “{text}”").action == "chat"
    assert classify(f"trim the first clip to 3 s, {text}").action == "chat"
    assert classify(f"把第一段剪短，{text}").action == "chat"


def test_classify__space_case_and_final_marks_do_not_count() -> None:
    for text, action in CORPUS:
        if action in {"export", "credits", "status"} and ".m" not in text:
            assert classify(f"  {text.upper()} !\n").action == action


@pytest.mark.parametrize("case", TEXTS_BY_KIND["details"], ids=itemgetter("text"))
def test_classify__reads_what_the_export_is_to_be(case: dict[str, Any]) -> None:
    assert classify(case["text"]) == Intent(**case["wanted"])


@pytest.mark.parametrize("case", TEXTS_BY_KIND["files"], ids=itemgetter("text"))
def test_classify__names_the_files(case: dict[str, Any]) -> None:
    assert classify(case["text"]) == Intent("upload", tuple(case["files"]))


@given(st.text(max_size=60) | st.lists(st.sampled_from([*(text for text, _ in CORPUS), " ", "“", "的"])).map("".join))
def test_classify__any_text_has_an_intent(text: str) -> None:
    assert classify(text).action in ACTIONS


LONG = [
    *("a " * 50_000, "a.mp4 " * 16_000, '"' * 100_000, "upload " + "x" * 99_000, "C:\\" + "a" * 99_000, " " * 100_000),
    *("，" * 100_000, "'" * 100_000, "*" * 100_000, "上传" + " " * 99_000 + "x", "/" + "a b.mp4" * 14_000),
    *("你好" * 149, "我的" * 149, "好吗" * 149, "please " * 42, "export " + "4k " * 90, "export to" + " " * 280 + "x"),
]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_classify__takes_milliseconds_for_any_text(text: str) -> None:
    classify("export")  # the expressions are made on first use
    start = time.process_time()
    classify(text)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(("text", "is_so"), TEXTS_BY_KIND["chinese"])
def test_language__is_that_of_the_words_not_of_what_they_quote(text: str, is_so: bool) -> None:
    assert is_chinese(text) is is_so
