from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nemo_notebook.notebook.passages import Clear, Passages, Show, best_cut
from nemo_notebook.notebook.text import Fence

OVERHEAD = 700


class Page:
    """What a reader of the operations sees, and what it cost to send it there."""

    def __init__(self) -> None:
        self.passages = Passages()
        self.now_s = 100.0
        self.places: dict[int, Show] = {}
        self.sent: list[tuple[float, Show]] = []

    def feed(self, piece: str, after_s: float = 0.0) -> None:
        self.now_s += after_s
        self.take(self.passages.feed(piece, self.now_s))

    def wait(self, seconds: float) -> None:
        """Time passes, with a tick ten times a second."""
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self.take(self.passages.tick(self.now_s))

    def replace(self, passage: str) -> None:
        self.take(self.passages.replace(passage, self.now_s))

    def end(self) -> None:
        self.take(self.passages.end(self.now_s))

    def take(self, steps: Iterator[Show | Clear]) -> None:
        for step in steps:
            if isinstance(step, Clear):
                self.places.pop(step.place, None)
            else:
                self.places[step.place] = step
                self.sent.append((self.now_s, step))

    @property
    def shown(self) -> list[Show]:
        return [self.places[place] for place in sorted(self.places)]

    @property
    def text(self) -> str:
        return "".join(show.text for show in self.shown)

    @property
    def bytes(self) -> int:
        return sum(OVERHEAD + len(show.whole.encode()) * (2 if show.is_last else 1) for _, show in self.sent)


def same(shown: str, passage: str) -> bool:
    """Whether one is the other; what is blank at the ends needs no place."""
    return shown.strip() == passage.strip()


PARAGRAPH = "The first cut comes with the kick, then the skyline, then the sea at night. " * 4
PIECES = [
    *(
        PARAGRAPH,
        "\n\n",
        "\n",
        "  ",
        "- item\n",
        "```python\n",
        "```\n",
        "~~~\n",
        "|a|b|\n|-|-|\n",
        "|1|2|\n",
        "é",
        "a",
    ),
    *(
        "    code\n",
        "x" * 1200,
        "字" * 900,
        "👩🏽\u200d🚀" * 40,
        "\x1b[31m",
        "$5 ",
        "> quoted\n",
        "1. one\n",
        "# Title\n",
    ),
]
MARKED = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@settings(max_examples=300)
@given(MARKED, st.data())
def test_replace__leaves_just_the_passage_whatever_the_pieces_were(passage: str, data: st.DataObject) -> None:
    page = Page()
    for begin, end in spans(len(passage), data.draw(st.lists(st.integers(0, max(1, len(passage))), max_size=20))):
        page.feed(passage[begin:end], data.draw(st.sampled_from([0.0, 0.1, 0.3])))
    page.wait(data.draw(st.sampled_from([0, 0.5, 3])))
    page.replace(passage)
    assert same(page.text, passage)
    assert all(show.is_last for show in page.shown)


@settings(max_examples=300)
@given(MARKED, MARKED, st.integers(0, 4000))
def test_replace__with_another_passage_loses_and_doubles_nothing(said: str, meant: str, common: int) -> None:
    page = Page()
    meant = said[:common] + meant
    for begin in range(0, len(said), 97):
        page.feed(said[begin : begin + 97], 0.02)
    page.replace(meant)
    assert same(page.text, meant)
    page.feed("and on", 1)
    page.end()
    assert page.text.strip().endswith("and on")
    assert page.text.count("and on") == 1


@settings(max_examples=200)
@given(MARKED, st.integers(1, 300))
def test_end__shows_all_that_came(passage: str, step: int) -> None:
    page = Page()
    for begin in range(0, len(passage), step):
        page.feed(passage[begin : begin + step], 0.01)
        if begin % 7 == 0:
            page.take(page.passages.part(page.now_s))
    page.end()
    assert re.sub(r"\s", "", page.text) == re.sub(r"\s", "", passage)
    assert max((len(show.text) for show in page.shown), default=0) <= 6_400 + 256


@settings(max_examples=200)
@given(MARKED)
@example("```\n" + "code\n" * 2000 + "```\nend")
@example("~~~python\n" + "x" * 9000)
def test_places__read_by_themselves(passage: str) -> None:
    page = Page()
    page.replace(passage)
    for show in page.shown[:-1]:
        assert not is_open(show.whole.split("\n")), show


def spans(length: int, cuts: list[int]) -> Iterable[tuple[int, int]]:
    edges = sorted({0, length, *(cut for cut in cuts if cut <= length)})
    return itertools.pairwise(edges)


def is_open(lines: list[str]) -> bool:
    """Whether a fence is open behind these lines."""
    fence: Fence | None = None
    for line in lines:
        if fence is None:
            fence = Fence.read(line)
        elif fence.is_closed_by(line):
            fence = None
    return fence is not None


def test_first_words__are_shown_at_once() -> None:
    page = Page()
    page.feed("Hello")
    assert [show.text for show in page.shown] == ["Hello"]


def test_updates__come_at_most_four_times_a_second() -> None:
    page = Page()
    for _ in range(300):
        page.feed("word ", 0.01)
    times = [at for at, show in page.sent if not show.is_last]
    assert 4 <= len(times) <= 13
    assert min(b - a for a, b in itertools.pairwise(times)) >= 0.25 - 1e-9


def test_a_pause__shows_what_has_come() -> None:
    page = Page()
    page.feed("One")
    page.feed(" two", 0.01)
    assert page.text == "One"
    page.wait(0.4)
    assert page.text == "One two"
    count = len(page.sent)
    page.wait(60)
    assert len(page.sent) == count


@pytest.mark.parametrize("every_s", [0.002, 0.01, 0.05, 0.3, 1.1])
def test_text__is_never_older_than_two_seconds(every_s: float) -> None:
    page = Page()
    arrived: list[tuple[float, int]] = []
    fed = 0
    for n in range(1500):
        piece = "word " if n % 40 else "end.\n\n"
        fed += len(piece)
        page.feed(piece, every_s)
        arrived.append((page.now_s, fed))
        if every_s > 0.1:
            page.wait(0.1)
        old = max((count for at, count in arrived if at <= page.now_s - 2.1 - every_s), default=0)
        assert len(page.text) >= old


@pytest.mark.parametrize("tokens", [200, 2_000, 20_000])
@pytest.mark.parametrize("per_s", [50, 100, 400, 5_000])
def test_what_is_sent__stays_in_proportion_to_the_reply(tokens: int, per_s: int) -> None:
    page, length = Page(), 0
    for n in range(tokens):
        piece = "words \n\n" if n % 70 == 69 else "words " if n % 9 else "字幕 "
        length += len(piece.encode())
        page.feed(piece, 1 / per_s)
    page.end()
    assert page.bytes <= 8 * length + 8_000


def test_a_finished_paragraph__is_sealed_and_never_sent_again() -> None:
    page = Page()
    for word in f"{PARAGRAPH}{PARAGRAPH}{PARAGRAPH}\n\nNext one".split(" "):
        page.feed(f"{word} ", 0.01)
    page.wait(0.3)
    first, second = page.shown
    assert first.is_last
    assert second.text.startswith("Next")
    page.feed(PARAGRAPH)
    page.wait(3)
    assert [show.place for _, show in page.sent if show.is_last] == [0]


@pytest.mark.parametrize(
    "gap",
    [
        "\n\n  goes on in the item",
        "\n\n    code",
        "\n|a|b|\n|-|-|\n|1|2|\n",
        "\n```\n\ncode\n\nmore\n",
        "\n> quoted\n>\n> on\n",
    ],
)
def test_a_block__is_not_cut_in_its_middle(gap: str) -> None:
    page = Page()
    page.feed(f"- {PARAGRAPH}{PARAGRAPH}{PARAGRAPH}{gap}")
    page.feed("\nand on")
    assert len(page.shown) == 1


def test_long_code__is_closed_and_opened_again() -> None:
    page = Page()
    page.replace("Look:\n\n```python title\n" + "print('a line of code')\n" * 400 + "```\nDone.")
    assert len(page.shown) > 2
    assert [show.closing for show in page.shown[1:-1]] == ["```"] * (len(page.shown) - 2)
    assert [show.opening for show in page.shown[2:]] == ["```python title\n"] * (len(page.shown) - 2)
    assert page.shown[-1].whole.endswith("```\nDone.")


def test_long_table__keeps_its_head() -> None:
    page = Page()
    page.replace("| name | start |\n|---|--:|\n" + "| Urban Dreams | 3.5 |\n" * 400 + "\nDone.")
    assert len(page.shown) > 2
    assert all(show.whole.startswith("| name | start |\n|---|--:|\n| Urban") for show in page.shown[:-1])


def test_a_passage_that_differs__takes_the_old_places() -> None:
    page = Page()
    first = f"{PARAGRAPH}{PARAGRAPH}{PARAGRAPH}\n\n"
    page.feed(first + first.lower() + first.upper() + "rest")
    page.wait(0.3)
    assert len(page.shown) == 4
    page.replace(first + "Another end.")
    assert [show.place for show in page.shown] == [0, 1]
    assert page.text == first + "Another end."
    assert sum(show.place == 0 for _, show in page.sent) == 1


def test_a_long_reply__fits_into_what_a_cell_shows() -> None:
    page = Page()
    page.replace(f"{PARAGRAPH}\n\n" * 400)
    assert len(page.text) > 120_000
    assert len(page.shown) <= 46


def test_nothing__shows_nothing() -> None:
    page = Page()
    page.feed("")
    page.feed(" \n\n ")
    page.wait(3)
    page.replace("")
    page.end()
    assert page.sent == []


def test_an_empty_passage__takes_back_the_pieces() -> None:
    page = Page()
    page.feed("I will")
    page.replace("")
    assert page.shown == []


@pytest.mark.parametrize("piece", ["x" * 1_000_000, "\n" * 1_000_000, "`" * 1_000_000, " " * 1_000_000, "| " * 500_000])
def test_a_megabyte__is_quick_and_in_small_places(piece: str) -> None:
    begun_s = time.process_time()
    page = Page()
    page.feed(piece)
    page.replace(piece)
    assert time.process_time() - begun_s < 3
    assert same(page.text, piece)
    assert max((len(show.text) for show in page.shown), default=0) <= 6_656


def test_many_small_pieces__take_linear_time() -> None:
    def seconds(count: int) -> float:
        begun_s, page = time.process_time(), Page()
        for _ in range(count):
            page.feed("x", 0.0001)
        return time.process_time() - begun_s

    assert seconds(100_000) < 30 * max(seconds(10_000), 0.05)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("a" * 50 + "\n" + "b c. " * 30, "\n"),
        ("word word. " * 30, ". "),
        ("字字字。" * 40, "。"),
        ("word " * 40, " "),
        ("x" * 200, "x"),
    ],
)
def test_best_cut__is_where_it_reads_best(text: str, ends: str) -> None:
    cut = best_cut(text, 100)
    assert 25 <= cut <= 100
    assert text[:cut].endswith(ends)


@pytest.mark.parametrize("whole", ["👩🏽‍🚀", "e\u0301", "❤️"])
def test_best_cut__leaves_what_is_one_character_whole(whole: str) -> None:
    text = whole * 100
    for longest in range(60, 70):
        assert best_cut(text, longest) % len(whole) == 0


def test_best_cut__does_not_cut_a_terminal_code() -> None:
    assert best_cut("x" * 98 + "\x1b[31m" + "y" * 50, 100) == 98
