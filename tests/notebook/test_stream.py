from __future__ import annotations

import re
import time
from typing import Any

import pytest
from cases import cases
from fake_outlet import FakeOutlet
from hypothesis import given, settings, strategies as st

from nemo_notebook.notebook.commands.chat import ReplyStream, RichStream, kind_of_work

PARAGRAPH = "The first cut comes with the kick, then the skyline, then the sea at night. " * 4


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Rig:
    """A stream whose time is ours."""

    def __init__(self, *, is_rich: bool = True, moves: bool = False, chinese: bool = False) -> None:
        self.clock, self.outlet = Clock(), FakeOutlet(is_rich=is_rich)
        kind = RichStream if is_rich else ReplyStream
        self.stream = kind(self.outlet, chinese=chinese, now=self.clock)
        self.stream._can_wipe = moves

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.clock.now_s += 0.1
            self.stream.tick()

    @property
    def screen(self) -> list[str]:
        """A terminal's lines, after all that was written."""
        lines = [""]
        for part in re.split(r"(\r\x1b\[K|\n)", self.outlet.printed):
            if part == "\n":
                lines.append("")
            elif part == "\r\x1b[K":
                lines[-1] = ""
            else:
                assert "\r" not in part
                lines[-1] += part
        return lines


def test_rich__first_words_at_once_then_whole() -> None:
    rig = Rig()
    rig.stream.feed("**Cut")
    assert rig.outlet.left == [{"text/plain": "**Cut", "text/html": "<p>**Cut</p>"}]
    rig.stream.feed("** to the beat.")
    rig.wait(0.5)
    assert rig.outlet.left[0]["text/html"] == "<p><strong>Cut</strong> to the beat.</p>"
    rig.stream.replace("**Cut** to the beat. Done.")
    rig.stream.close()
    page = "<p><strong>Cut</strong> to the beat. Done.</p>"
    assert rig.outlet.left == [{"text/plain": "**Cut** to the beat. Done.", "text/html": page}]


def test_rich__what_is_on_the_way_has_little_plain_text_and_the_end_has_all() -> None:
    rig = Rig()
    rig.stream.feed(PARAGRAPH)
    assert len(rig.outlet.left[0]["text/plain"]) <= 60
    rig.stream.close()
    assert rig.outlet.left[0]["text/plain"] == PARAGRAPH


@cases
def test_rich__what_is_left_of(said: list[tuple[str, Any]], left: tuple[str, ...]) -> None:
    rig = Rig()
    for what, value in said:
        getattr(rig if what == "wait" else rig.stream, what)(value)
    rig.stream.close()
    assert tuple(face["text/plain"] for face in rig.outlet.left) == left
    assert all("text/html" in face for face in rig.outlet.left)


def test_rich__updates_come_at_most_four_times_a_second() -> None:
    rig = Rig()
    for _ in range(300):
        rig.clock.now_s += 0.01
        rig.stream.feed("word ")
    assert 10 <= rig.outlet.messages <= 13


@pytest.mark.parametrize("every_s", [0.002, 0.01, 0.05, 0.3, 1.1])
def test_rich__text_is_never_older_than_two_seconds(every_s: float) -> None:
    rig, fed = Rig(), ""
    arrived: list[tuple[float, int]] = []
    for n in range(600):
        rig.clock.now_s += every_s
        fed += "word " if n % 40 else "end.\n\n"
        rig.stream.feed(fed[arrived[-1][1] if arrived else 0 :])
        arrived.append((rig.clock.now_s, len(fed)))
        rig.stream.tick()
        old = max((count for at, count in arrived if at <= rig.clock.now_s - 2.1), default=0)
        assert len(rig.outlet.displays[0].faces[-1]["text/html"]) >= len(fed[:old].rstrip())


@pytest.mark.parametrize("per_s", [50, 400, 5_000])
def test_rich__what_is_sent_in_a_second_is_bounded(per_s: int) -> None:
    rig = Rig()
    for n in range(5_000):
        rig.clock.now_s += 1 / per_s
        rig.stream.feed("words \n\n" if n % 70 == 69 else "words " if n % 9 else "字幕 ")
    sent = sum(len("".join(face.values())) for display in rig.outlet.displays for face in display.faces)
    assert sent <= 40_000 * 5_000 / per_s + 130_000


def test_rich__a_pause_shows_what_has_come_and_then_nothing_is_sent() -> None:
    rig = Rig()
    rig.stream.feed("One")
    rig.stream.feed(" two")
    assert rig.outlet.text == "One"
    rig.wait(0.4)
    assert rig.outlet.text == "One two"
    count = rig.outlet.messages
    rig.wait(9)
    assert rig.outlet.messages == count


PIECES = [
    *(PARAGRAPH, "\n\n", "\n", "  ", "- item\n", "```python\n", "```\n", "~~~\n", "|a|b|\n|-|-|\n", "|1|2|\n", "é"),
    *("    code\n", "字" * 90, "👩🏽\u200d🚀" * 4, "$5 ", "> quoted\n", "1. one\n", "# Title\n", "a"),
]
MARKED = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def read(rig: Rig) -> str:
    return re.sub(r"\s", "", rig.outlet.text)


@settings(max_examples=100, deadline=None)
@given(MARKED, MARKED, st.integers(0, 4000), st.integers(1, 300), st.data())
def test_rich__in_the_end_there_is_the_passage_and_nothing_twice(
    said: str, other: str, common: int, step: int, data: st.DataObject
) -> None:
    rig, meant = Rig(), said if data.draw(st.booleans()) else said[:common] + other
    for begin in range(0, len(said), step):
        rig.stream.feed(said[begin : begin + step])
        rig.clock.now_s += 0.1
        if begin and data.draw(st.integers(0, 9)) == 0:
            rig.stream.notice("")
    rig.stream.replace(meant)
    assert read(rig) == re.sub(r"\s", "", meant)
    rig.stream.feed("and on")
    rig.stream.close()
    assert read(rig) == re.sub(r"\s", "", meant) + "andon"


@pytest.mark.parametrize("piece", ["x" * 1_000_000, "\n" * 1_000_000, "`" * 1_000_000, " " * 1_000_000, "| " * 500_000])
def test_rich__a_megabyte_is_quick(piece: str) -> None:
    begun_s, rig = time.process_time(), Rig()
    rig.stream.feed(piece)
    rig.stream.replace(piece)
    assert time.process_time() - begun_s < 3
    assert rig.outlet.text.strip() == piece.strip()
    assert rig.outlet.messages <= 2


def test_terminal__another_passage_is_shown_below() -> None:
    rig = Rig(is_rich=False)
    rig.stream.feed("Click the button")
    rig.stream.replace("Run it")
    rig.stream.notice("A word.")
    rig.stream.feed("More")
    rig.stream.close()
    assert rig.screen == ["Click the button", "Run it", "A word.", "More", ""]


def test_terminal__a_pipe_gets_the_text_alone() -> None:
    rig = Rig(is_rich=False)
    rig.wait(60)
    rig.stream.feed("Done.")
    rig.wait(60)
    rig.stream.close()
    assert rig.outlet.printed == "Done.\n"


def test_terminal__shows_the_time_while_nothing_comes_and_wipes_it() -> None:
    rig = Rig(is_rich=False, moves=True)
    rig.stream.note("cutting on the beat")
    rig.wait(0.5)
    assert rig.outlet.printed == ""
    rig.wait(75)
    assert rig.screen == ["⏳ Still working... 1:15 · cutting on the beat"]
    rig.stream.feed("I have ")
    assert rig.screen == ["I have "]
    rig.wait(2)
    assert rig.screen == ["I have "]
    rig.wait(4)
    assert len(rig.screen) == 2
    rig.stream.feed("cut.")
    rig.stream.replace("I have cut.")
    rig.stream.close()
    assert rig.screen == ["I have ", "cut.", ""]


def test_terminal__writes_the_time_once_a_second() -> None:
    rig = Rig(is_rich=False, moves=True)
    rig.wait(20)
    assert rig.outlet.printed.count("⏳") <= 21
    rig.stream.close()
    assert rig.screen == [""]


@cases
def test_kind_of_work__is_told_in_our_own_words(tool: str, kind: str) -> None:
    assert kind_of_work(tool) == kind
    assert kind_of_work(tool, chinese=True) != kind
