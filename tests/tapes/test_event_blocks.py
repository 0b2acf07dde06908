from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import example, given, strategies as st

from nemo_notebook.client.events import EventStreamDecoder
from nemo_notebook.tapes.names import Names
from nemo_notebook.tapes.recorder import EventBlocks, shown_block

_STREAMS = st.lists(
    st.sampled_from(
        ["data: a", "data: 纸\u2028灯", ": ping", "id: 7", "event: x", "", "\n", "\r", "\r\n", "\n\n", "\ufeff"]
    ),
    max_size=20,
).map("".join)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[start:stop] for start, stop in itertools.pairwise(places)]


def blocks_of(pieces: list[bytes]) -> list[str]:
    blocks = EventBlocks()
    return [block for piece in pieces for block in blocks.feed(piece)] + blocks.feed(b"", is_last=True)


@given(stream=_STREAMS, at=st.lists(st.integers(0, 200), max_size=6))
def test_blocks__are_the_same_whatever_the_pieces(stream: str, at: list[int]) -> None:
    data = stream.encode()
    assert blocks_of(cut(data, at)) == blocks_of([data])


@example(stream="\ufeff\ufeffdata: a\n\n", at=[3])
@given(stream=_STREAMS, at=st.lists(st.integers(0, 200), max_size=6))
def test_blocks__say_the_same_as_the_stream(stream: str, at: list[int]) -> None:
    data = stream.encode()
    ours = EventStreamDecoder()
    told = [event for block in blocks_of(cut(data, at)) for event in ours.feed(block.encode())]
    assert told == EventStreamDecoder().feed(data)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_block__is_there_as_soon_as_it_ends(end: str) -> None:
    blocks = EventBlocks()
    assert blocks.feed(f"data: a{end}".encode()) == []
    assert blocks.feed(end[:1].encode()) == ["data: a\n\n"]


def test_block__that_nothing_has_ended_is_left_at_the_end() -> None:
    blocks = EventBlocks()
    assert blocks.feed(b"data: a\n\ndata: b") == ["data: a\n\n"]
    assert blocks.feed(b"", is_last=True) == ["data: b"]
    assert blocks.feed(b"", is_last=True) == []


def test_shown__names_ids_within_escaped_json() -> None:
    names = Names()
    names.placeholder("session", "s/123-456")
    block = 'id: 3\ndata: {"a": "in s\\/123-456", "sum": 1e400}\n\n'
    named = shown_block(block, names)
    assert named.startswith("id: 3\ndata: ")
    assert named.endswith("\n\n")
    assert json.loads(named.split("data: ")[1])["a"] == "in session-tape-1"


def test_shown__learns_ids_of_the_stream() -> None:
    names = Names()
    block = 'data: {"session_id": "abc-def-ghi", "text": "abc-def-ghi it is"}\n\n'
    assert "session-tape-1 it is" in shown_block(block, names)


@pytest.mark.parametrize(
    "block", ["data: plain\n\n", ": ping 12:00\n\n", 'data: {"a": [1.50, "x"]}\n\n', "data: {broken\n\n"]
)
def test_shown__leaves_a_block_without_names_as_it_is(block: str) -> None:
    assert shown_block(block, Names()) == block


def test_shown__of_data_in_several_lines_is_one_line() -> None:
    names = Names()
    names.placeholder("task", "task-1234")
    block = 'data: {"a":\ndata: "task-1234"}\n\n'
    assert shown_block(block, names) == 'data: {"a": "task-tape-1"}\n\n'
