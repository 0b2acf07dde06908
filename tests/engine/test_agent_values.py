"""Times and amounts in words."""

from __future__ import annotations

import pytest

from nemo_notebook.engine.agent.picks import When
from nemo_notebook.engine.agent.words.amounts import Amount, read_amount
from nemo_notebook.engine.agent.words.values import read_when, with_digits
from nemo_notebook.engine.agent.words.wording import clauses_of


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("for the first 3 seconds", When("start", length_ms=3000)),
        ("for the first three seconds", When("start", length_ms=3000)),
        ("at the end for 2 seconds", When("end", length_ms=2000)),
        ("over the last 1.5s", When("end", length_ms=1500)),
        ("from 0:05 to 0:08", When(start_ms=5000, end_ms=8000)),
        ("between 5 and 8 seconds", When(start_ms=5000, end_ms=8000)),
        ("5-8s", When(start_ms=5000, end_ms=8000)),
        ("at 5s", When(start_ms=5000)),
        ("at 1:05 for 4 seconds", When(start_ms=65_000, length_ms=4000)),
        ("starting at 10 seconds for 3 s", When(start_ms=10_000, length_ms=3000)),
        ("for half a second", When(length_ms=500)),
        ("for a minute", When(length_ms=60_000)),
        ("a 3-second title", When(length_ms=3000)),
        ("throughout", When("whole")),
        ("for the whole video", When("whole")),
        ("at the beginning", When("start")),
        ("until 8s", When(end_ms=8000)),
        ("在开头,3秒", When("start", length_ms=3000)),
        ("开头三秒", When("start", length_ms=3000)),
        ("最后两秒", When("end", length_ms=2000)),
        ("在第5秒", When(start_ms=5000)),
        ("从5秒到8秒", When(start_ms=5000, end_ms=8000)),
        ("从第五秒到第八秒", When(start_ms=5000, end_ms=8000)),
        ("结尾显示2秒", When("end", length_ms=2000)),
        ("第3秒开始显示4秒", When(start_ms=3000, length_ms=4000)),
        ("1分30秒", When(length_ms=90_000)),
        ("全程", When("whole")),
        ("make it vertical 9:16", When()),
        ("in red", When()),
    ],
)
def test_read_when__words__give_the_stretch(text, when):
    assert read_when(text) == when


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("to 35%", Amount(0.35)),
        ("35 percent", Amount(0.35)),
        ("音量30%", Amount(0.3)),
        ("百分之五十", Amount(0.5)),
        ("百分之三十五", Amount(0.35)),
        ("三成", Amount(0.3)),
        ("一半", Amount(0.5)),
        ("to half", Amount(0.5)),
        ("volume 40", Amount(0.4)),
        ("set the volume to 0.5", Amount(0.5)),
        ("to 250%", Amount(2.5)),
        ("to 5000%", Amount(4.0)),
        ("by 20% quieter", Amount(0.8, relative=True)),
        ("raise it by 50%", Amount(1.5, relative=True)),
        ("降低20%", Amount(0.8, relative=True)),
        ("降低到20%", Amount(0.2)),
        ("mute it", Amount(0.0)),
        ("静音", Amount(0.0)),
        ("full volume", Amount(1.0)),
        ("twice as loud", Amount(2.0, relative=True)),
        ("louder", Amount(1.4, relative=True)),
        ("大声一点", Amount(1.4, relative=True)),
        ("in red", None),
    ],
)
def test_read_amount__words__give_the_volume(text, amount):
    assert read_amount(text) == amount


def test_read_amount__decibels__are_a_factor():
    found = read_amount("-6 db")
    assert found is not None
    assert found.relative
    assert found.value == pytest.approx(0.501, abs=0.001)


def test_with_digits__number_words_without_a_unit__stay():
    assert with_digits("one more time for 二人") == "one more time for 二人"


@pytest.mark.parametrize(
    ("message", "quotes"),
    [
        ('add "Hello, and remove everything"', ("Hello, and remove everything",)),
        ("add “Hello”", ("Hello",)),
        ("加标题「你好」", ("你好",)),
        ("加标题《你好》", ("你好",)),
        ("add 'it is' here", ("it is",)),
        ("don't and won't", ()),
        ('add "unclosed', ("unclosed",)),
    ],
)
def test_clauses_of__quotes__are_taken_out_of_the_words(message, quotes):
    clauses = clauses_of(message)
    assert tuple(quote for clause in clauses for quote in clause.quotes) == quotes
    assert not any(quote.lower() in clause.text for clause in clauses for quote in quotes)


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ('add a title "A. B, and remove C" and make it vertical', 2),
        ("加轻快的背景音乐，音量30%，然后改成竖屏", 3),
        ("在开头加标题“城市之梦”，3秒", 1),
        ("create a video with visualizer and beat-synced cuts", 1),
        ("make a video from my photos and clips", 1),
        ("set it to 0.5. Then trim the first 2.5 seconds", 2),
        ("  ", 0),
    ],
)
def test_clauses_of__message__has_one_clause_a_command(message, count):
    assert len(clauses_of(message)) == count
