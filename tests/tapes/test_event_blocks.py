from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, strategies as st

from nemo_notebook.client.events import EventStreamDecoder, ServerEvent
from nemo_notebook.tapes.names import Names
from nemo_notebook.tapes.recorder import shown_block

_STREAMS = st.lists(
    st.sampled_from(["data: a", "data: 纸\u2028灯", ": ping", "id: 7", "event: x", "", "\n", "\r", "\r\n", "\n\n"]),
    max_size=20,
).map("".join)


@given(stream=_STREAMS)
def test_blocks__say_the_same_as_the_stream(stream: str) -> None:
    events = EventStreamDecoder().feed(stream.encode())
    ours = EventStreamDecoder()
    told = [ours.feed(shown_block(event, Names()).encode()) for event in events]
    assert list(itertools.chain(*told)) == events
    assert all(len(each) == 1 for each in told)


def test_shown__names_ids_within_escaped_json() -> None:
    names = Names()
    names.placeholder("session", "s/123-456")
    named = shown_block(ServerEvent('{"a": "in s\\/123-456", "sum": 1e400}', id="3"), names)
    assert named.startswith("id: 3\ndata: ")
    assert named.endswith("\n\n")
    assert json.loads(named.split("data: ")[1])["a"] == "in session-tape-1"


def test_shown__learns_ids_of_the_stream() -> None:
    event = ServerEvent('{"session_id": "abc-def-ghi", "text": "abc-def-ghi it is"}')
    assert "session-tape-1 it is" in shown_block(event, Names())


@pytest.mark.parametrize("data", ["plain", '{"a": [1.50, "x"]}', "{broken"])
def test_shown__leaves_data_without_names_as_it_is(data: str) -> None:
    assert shown_block(ServerEvent(data), Names()) == f"data: {data}\n\n"


def test_shown__of_data_in_several_lines_is_one_line() -> None:
    names = Names()
    names.placeholder("task", "task-1234")
    assert shown_block(ServerEvent('{"a":\n"task-1234"}'), names) == 'data: {"a": "task-tape-1"}\n\n'
