from __future__ import annotations

from typing import Any

from cases import cases
from timelines import DOCUMENTED, line

from nemo_notebook.film.timeline import Timeline

SUMMARY = (
    'Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)'
)


def test_summary__has_the_documented_form() -> None:
    assert Timeline(DOCUMENTED).summary == SUMMARY


def test_summary__in_chinese_and_empty() -> None:
    assert "背景音乐" in Timeline(DOCUMENTED, "zh-CN").summary
    assert Timeline(None).summary == "The timeline is empty."


@cases
def test_summary__of_odd_values(segment: dict[str, Any], kind: int, words: str) -> None:
    assert line([segment], kind).summary == f"Timeline (1 track): 1. {words}"


def test_summary__names_in_their_order_and_counts_the_rest() -> None:
    names = ["b", "a", "b", "c", "a", "d", "e"]
    found = line([{"s": 1000 * k, "d": 1000, "name": name} for k, name in enumerate(names)]).summary
    assert found == "Timeline (1 track): 1. Video: b, a, c, +2 more (0-7s, 7 segments)"


def test_summary__of_many_tracks_is_cut() -> None:
    found = Timeline({"t": [{"tt": 0, "sg": [{"d": 1000, "name": "x"}]}] * 500}).summary
    assert found.startswith("Timeline (500 tracks): 1. Video: x (0-1s) 2. ")
    assert found.endswith("… +480 more")


def test_summary__names_the_track_of_a_voice_over() -> None:
    said = {"s": 0, "d": 4000, "v": 2.5, "m": {"role": "speech", "name": "memo", "media": "x"}}
    draft = {"d": 10_000, "t": [*DOCUMENTED["t"][:2], {"tt": 1, "sg": [said]}]}
    assert Timeline(draft).summary.endswith("2. BGM: Lo-fi (0-10s, 35%) 3. Voice: memo (0-4s, 250%)")
    assert "3. 旁白：memo" in Timeline(draft, "zh-CN").summary
