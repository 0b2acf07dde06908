from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook.client.dialects import TurnReader
from nemo_notebook.client.events import (
    Artifact,
    Event,
    Heartbeat,
    StateChange,
    StreamError,
    Text,
    TextFinal,
    ToolCall,
    ToolResult,
)
from nemo_notebook.client.sse import EventStreamDecoder, ServerEvent

DATA = Path(__file__).parent / "data"


def read(*payloads: object) -> tuple[list[Event], TurnReader]:
    reader = TurnReader()
    texts = [p if isinstance(p, str) else json.dumps(p) for p in payloads]
    return [event for text in texts for event in reader.read(ServerEvent(text))], reader


def captured(name: str) -> tuple[list[Event], TurnReader]:
    reader = TurnReader()
    server_events = EventStreamDecoder().feed((DATA / f"{name}.sse").read_bytes())
    return [event for each in server_events for event in reader.read(each)], reader


def part(text: str, **more: object) -> dict[str, object]:
    return {"content": {"parts": [{"text": text}], "role": "model"}, **more}


def test_partial__deltas_come_and_the_final_repeats_them() -> None:
    events, reader = captured("partial")
    pieces = [event.text for event in events if isinstance(event, Text)]
    finals = [event.text for event in events if isinstance(event, TextFinal)]
    assert len(pieces) == 4
    assert finals == ["".join(pieces)]
    assert not reader.was_cut


def test_thoughts__are_hidden() -> None:
    events, _ = captured("thought")
    assert [event.text for event in events if isinstance(event, (Text, TextFinal))] == ["Done.", "Done."]


def test_tools__call_and_result_are_paired() -> None:
    events, reader = captured("tools")
    assert [type(event) for event in events] == [TextFinal, ToolCall, ToolResult]
    assert not reader.was_cut


def test_llm_streaming__a_call_that_comes_twice_counts_once() -> None:
    events, _ = captured("llm_streaming")
    assert len([event for event in events if isinstance(event, ToolCall)]) == 1
    assert [event.text for event in events if isinstance(event, TextFinal)] == ["Let me trim it.", "Cut is ready."]


def test_state_and_artifact__are_told() -> None:
    assert any(isinstance(event, StateChange) and event.delta["draft_version"] == 7 for event in captured("state")[0])
    assert any(isinstance(event, Artifact) and "cut.mp4" in event.delta for event in captured("artifact")[0])


def test_line_separators_in_json__stay_in_the_text() -> None:
    events, _ = captured("linesep")
    assert any("\u2028" in event.text and "\x85" in event.text for event in events if isinstance(event, TextFinal))


def test_error_event__ends_the_turn_as_failed() -> None:
    events, reader = captured("error")
    assert reader.failed is not None
    assert reader.failed.code == "RESOURCE_EXHAUSTED"
    assert isinstance(events[-1], StreamError)


def test_raise__last_error_frame_is_an_error_and_its_text_is_not_in_the_repr() -> None:
    events, reader = captured("raise")
    assert reader.failed is not None
    assert "sk-SECRET" not in repr(events)


def test_old_servers__an_error_frame_that_is_no_json_is_an_error() -> None:
    _, reader = read('{"error": "RuntimeError: "boom""}')
    assert reader.failed is not None
    assert reader.failed.code == "error"


@pytest.mark.parametrize("name", ["server_dies", "raise"])
def test_cut_streams__are_recognised(name: str) -> None:
    assert captured(name)[1].was_cut


def test_state_event_between_deltas__does_not_end_the_passage() -> None:
    events, reader = read(part("a", partial=True), {"actions": {"stateDelta": {"k": 1}}}, part("ab"))
    assert [event.text for event in events if isinstance(event, TextFinal)] == ["ab"]
    assert not reader.was_cut


def test_open_call__is_a_cut() -> None:
    _, reader = read({"content": {"parts": [{"functionCall": {"id": "1", "name": "trim", "args": {}}}]}})
    assert reader.was_cut


def test_typed_dialect__reads_all_its_kinds() -> None:
    events, _ = read(
        {"type": "text", "content": "hi"},
        {"type": "tool_call", "name": "cut", "args": {"at": 1}},
        {"type": "tool_result", "name": "cut", "result": "ok"},
        {"type": "heartbeat"},
    )
    assert [type(event) for event in events] == [Text, ToolCall, ToolResult, Heartbeat]


def test_empty_data__is_a_heartbeat() -> None:
    assert read("")[0] == [Heartbeat()]


def test_apology_after_a_reply__is_hidden_also_while_it_streams() -> None:
    apology = "I encountered a temporary issue. Please retry."
    events, _ = read(
        part("Done."), part("I encountered", partial=True), part(" a temporary issue", partial=True), part(apology)
    )
    assert "".join(event.text for event in events if isinstance(event, (Text, TextFinal))) == "Done."


def test_apology_alone__is_shown() -> None:
    events, _ = read(part("I encountered a temporary issue."))
    assert events == [TextFinal("I encountered a temporary issue.")]


def test_text_that_begins_like_the_apology__is_shown_whole() -> None:
    events, _ = read(
        part("Done."), part("I en", partial=True), part("joy this cut.", partial=True), part("I enjoy this cut.")
    )
    assert [event.text for event in events if isinstance(event, Text)] == ["I enjoy this cut."]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["content", "parts", "text", "type", "error", "partial", "actions", "stateDelta", "functionCall", "id"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.lists(json_values | st.text(max_size=20), max_size=6))
def test_any_payload__is_read_without_an_exception(payloads: list[object]) -> None:
    read(*payloads)
