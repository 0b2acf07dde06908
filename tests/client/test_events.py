"""Server-sent events by the HTML Standard, and the events of a turn in both dialects."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from cases import cases
from hypothesis import given, strategies as st

from nemo_notebook import errors
from nemo_notebook.client import events as stream_events
from nemo_notebook.client.events import (
    APOLOGY,
    ApologyFilter,
    Artifact,
    Event,
    EventStreamDecoder,
    Heartbeat,
    ServerEvent,
    StateChange,
    StreamError,
    Text,
    TextFinal,
    ToolCall,
    ToolResult,
    TurnReader,
    parse_json,
)

DATA = Path(__file__).parent / "data"
CASES = json.loads((DATA / "eventsource_cases.json").read_text(encoding="utf-8"))
CAPTURES = sorted(DATA.glob("*.sse"))


def decode(*chunks: bytes) -> list[ServerEvent]:
    decoder = EventStreamDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def bytes_of(case: dict[str, object]) -> bytes:
    return str(case["stream"]).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_standard_cases__asserted_fields_agree_at_every_cut(case: dict[str, object]) -> None:
    stream = bytes_of(case)
    fields = [field for field in str(case["asserted"]).split(",") if field != "retry"] or ["data"]
    wanted = [{field: event[field] for field in fields} for event in case["expected"]]  # type: ignore[union-attr]
    whole = decode(stream)
    assert [{field: getattr(event, field) for field in fields} for event in whole] == wanted
    for cut in range(len(stream) + 1):
        assert decode(stream[:cut], stream[cut:]) == whole
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == whole


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_captures__same_events_at_every_cut_and_byte_by_byte(path: Path) -> None:
    stream = path.read_bytes()
    whole = decode(stream)
    for cut in range(len(stream) + 1):
        assert decode(stream[:cut], stream[cut:]) == whole
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == whole


@given(
    st.lists(
        st.sampled_from([b"data:x", b"data", b":", b"\r", b"\n", b"\r\n", b"id:1", b"event:e", b"\xff", b"\xe2\x80"])
    )
)
def test_any_bytes__cuts_do_not_matter(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == decode(stream)


@given(
    st.lists(
        st.sampled_from([*"abé☃\U0001f3b5", "data: ", "data:", "\n", "\r", "\r\n", "\n\n", "id: 1\n", "event: e\n"])
    )
)
def test_any_text__reads_the_same_line_by_line(pieces: list[str]) -> None:
    stream = "".join(pieces)
    data, kind, ident, wanted = [], "", "", []
    lines = stream.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in lines[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            wanted += [ServerEvent("\n".join(data), kind or "message", ident)] if data else []
            data, kind = [], ""
        elif field == "data":
            data.append(value)
        elif field == "event":
            kind = value
        elif field == "id":
            ident = value
    assert decode(stream.encode()) == wanted


@given(st.binary(max_size=60))
def test_any_bytes__in_one_line_read_as_replaced_utf_8(line: bytes) -> None:
    line = line.replace(b"\r", b"").replace(b"\n", b"")
    for head in (b"data: ", b":\ndata: "):
        assert [event.data for event in decode(head + line + b"\n\n")] == [line.decode("utf-8", "replace")]


def test_event_without_end__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_events, "MAX_EVENT_CHARS", 1000)
    decoder = EventStreamDecoder()
    assert decoder.feed(b"data: x\n" * 400) == []
    with pytest.raises(errors.ProtocolError):
        decoder.feed(b"data: x\n" * 200)


def test_line_without_end__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_events, "MAX_LINE_BYTES", 1000)
    decoder = EventStreamDecoder()
    assert decoder.feed(b"x" * 900) == []
    with pytest.raises(errors.ProtocolError):
        decoder.feed(b"x" * 200)


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
    (text,) = [event.text for event in events if isinstance(event, TextFinal)]
    assert "\u2028" in text
    assert "\x85" not in text  # it is a control character


HOSTILE = "\x1b[31mred\x1b[0m \x9b1m\x00\x07 \u202egnp.exe\u2066 \u200ea\r\n\tb 👩\u200d🎤❤\ufe0f"


@pytest.mark.parametrize("cut", range(len(HOSTILE)))
def test_text__holds_no_control_characters_and_turns_no_direction(cut: int) -> None:
    pieces = (HOSTILE[:cut], HOSTILE[cut:])
    shown = "red 1m gnp.exe a\n\tb 👩\u200d🎤❤\ufe0f"
    for events, reader in (
        read(*(part(piece, partial=True) for piece in pieces)),
        read(*({"type": "text", "content": piece} for piece in pieces)),
        read(part(HOSTILE)),
    ):
        events += reader.finish()
        assert "".join(event.text for event in events if isinstance(event, (Text, TextFinal))) == shown


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


def test_typed_dialect__reads_all_its_kinds() -> None:
    events, _ = read(
        {"type": "text", "content": "hi"},
        {"type": "tool_call", "name": "cut", "args": {"at": 1}},
        {"type": "tool_result", "name": "cut", "result": "ok"},
        {"type": "heartbeat"},
    )
    assert [type(event) for event in events] == [Text, ToolCall, ToolResult, Heartbeat]


def test_typed_dialect__a_call_without_its_result_is_a_cut() -> None:
    call = {"type": "tool_call", "name": "cut", "args": {}}
    assert read(call)[1].was_cut
    assert read(call, call, {"type": "tool_result", "name": "cut"})[1].was_cut
    assert not read(call, call, *2 * [{"type": "tool_result", "name": "cut"}])[1].was_cut
    assert not read(call, {"type": "tool_result", "result": "ok"})[1].was_cut
    assert not read({"type": "text", "content": "Done."})[1].was_cut


def test_calls__are_paired_by_id_and_those_that_answer_later_are_not_awaited() -> None:
    def call(ident: str) -> dict[str, object]:
        return {"functionCall": {"id": ident, "name": "trim", "args": {}}}

    def answer(ident: str) -> dict[str, object]:
        return {"content": {"parts": [{"functionResponse": {"id": ident, "name": "trim", "response": {}}}]}}

    both = {"content": {"parts": [call("1"), call("2")]}}
    assert read(both, answer("2"))[1].was_cut
    assert not read(both, answer("2"), answer("1"))[1].was_cut
    assert not read({**both, "longRunningToolIds": ["1"]}, answer("2"))[1].was_cut


def test_snake_case__is_read_like_camel_case() -> None:
    camel = {
        "content": {"parts": [{"text": "Cut."}, {"functionCall": {"id": "1", "name": "cut", "args": {"at": 1}}}]},
        "actions": {"stateDelta": {"k": 1}, "artifactDelta": {"a.mp4": 0}},
    }
    answer = {"content": {"parts": [{"functionResponse": {"id": "1", "name": "cut", "response": {"ok": True}}}]}}
    snake = ("functionCall", "function_call"), ("functionResponse", "function_response"), ("Delta", "_delta")
    texts = [json.dumps(camel), json.dumps(answer)]
    wanted, _ = read(*texts)
    for old, new in snake:
        texts = [text.replace(old, new) for text in texts]
    assert "state_delta" in texts[0]
    assert "function_response" in texts[1]
    events, reader = read(*texts)
    assert events == wanted
    assert [type(event) for event in events] == [TextFinal, ToolCall, StateChange, Artifact, ToolResult]
    assert not reader.was_cut


@cases
def test_errors__are_known_in_all_their_forms(payload: object, code: str, message: str) -> None:
    events, reader = read(payload)
    assert events == [StreamError(code, message)]
    assert reader.failed == events[0]


@cases
def test_errors__are_seen_in_nothing_else(payload: object) -> None:
    assert read(payload)[1].failed is None


def test_errors__what_was_said_with_one_is_shown() -> None:
    events, _ = read(part("Half a", errorCode="MAX_TOKENS"))
    assert events == [TextFinal("Half a"), StreamError("MAX_TOKENS", "")]


@pytest.mark.parametrize("odd", [None, 7, 1.5, True, [], ["x"], {"a": 1}])
def test_values_of_other_types__are_no_words(odd: object) -> None:
    events, reader = read(
        part(odd),  # type: ignore[arg-type]
        part(odd, partial=True),  # type: ignore[arg-type]
        {"type": "text", "content": odd},
        {"content": {"parts": [{"functionCall": {"name": odd, "args": odd, "id": odd}}]}},
        {"content": {"parts": [{"functionResponse": {"name": odd, "id": odd}}]}},
        {"content": {"parts": odd}, "actions": odd},
    )
    assert not [event for event in events if isinstance(event, (Text, TextFinal, StreamError))]
    assert not reader.was_cut


@cases
@pytest.mark.parametrize("cut_every", [1, 2, 3, 7, 1000])
def test_apology_after_a_reply__is_hidden_in_both_dialects(apology: str, cut_every: int) -> None:
    whole = f"Done. The film is 3 s long.{apology}"
    pieces = [whole[at : at + cut_every] for at in range(0, len(whole), cut_every)]
    for payloads in (
        [{"type": "text", "content": piece} for piece in pieces],
        [*(part(piece, partial=True) for piece in pieces), part(whole)],
        [part(whole[:27]), *(part(piece, partial=True) for piece in pieces_of(apology, cut_every)), part(apology)],
    ):
        assert shown(*payloads).strip() == "Done. The film is 3 s long."
        assert "encountered" not in "".join(event.text for event in heard(*payloads))


@cases
def test_text_that_only_begins_like_the_apology__is_shown_whole(reply: str) -> None:
    for size in (1, 5, 1000):
        pieces = pieces_of(reply, size)
        assert shown(*({"type": "text", "content": piece} for piece in pieces)) == reply
        assert shown(*(part(piece, partial=True) for piece in pieces), part(reply)) == reply


def test_apology_after_a_reply__is_hidden_where_a_message_of_its_own_follows_without_a_gap() -> None:
    assert shown({"type": "text", "content": "Clip 1 is shorter"}, {"type": "text", "content": APOLOGY}) == (
        "Clip 1 is shorter"
    )


def test_apology__a_text_of_any_length_is_filtered_in_linear_time() -> None:
    apology = ApologyFilter(has_reply=True)
    total = sum(len(apology.feed("I I encountered a temp \n" * 4)) for _ in range(5000))
    assert total + len(apology.finish()) == 5000 * 4 * 24
    assert len(apology.feed(APOLOGY + " " * 1000) + apology.finish()) == len(APOLOGY) + 1000


def heard(*payloads: object) -> list[Text | TextFinal]:
    events, reader = read(*payloads)
    return [event for event in (*events, *reader.finish()) if isinstance(event, (Text, TextFinal))]


def shown(*payloads: object) -> str:
    """What is on the screen at the end: pieces go behind one another, and finals replace them."""
    finals, pieces = "", ""
    for event in heard(*payloads):
        if isinstance(event, TextFinal):
            finals, pieces = finals + event.text, ""
        else:
            pieces += event.text
    return finals + pieces


def pieces_of(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


shown_as_said = st.characters(exclude_categories=["Cc", "Cf"])
passages = st.lists(
    st.one_of(
        st.text(shown_as_said, max_size=6),
        st.sampled_from(["Done. ", "I ", "I encountered a", " temporary", "\n", "\u2028", "Please"]),
    ),
    min_size=1,
    max_size=6,
).filter(lambda pieces: APOLOGY not in "".join(pieces) and "".join(pieces).strip())
beside = st.sampled_from(
    [
        "",
        {"actions": {"stateDelta": {"k": 1}}},
        {"content": {"parts": [{"text": "hm", "thought": True}]}, "partial": True},
        {"content": {"parts": [{"inlineData": {"data": "AAAA"}}]}},
        {"type": "heartbeat"},
        {"content": {"parts": [{"functionCall": {"id": "7", "name": "x"}}]}, "partial": True},
    ]
)


def wire_form(payloads: list[object]) -> bytes:
    texts = [text if isinstance(text := p, str) else json.dumps(p, ensure_ascii=False) for p in payloads]
    return "".join(f"data: {text}\n\n" for text in texts).encode("utf-8", "replace")


def read_bytes(stream: bytes, size: int) -> tuple[list[Event], TurnReader]:
    decoder, reader = EventStreamDecoder(), TurnReader()
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    events = [event for chunk in chunks for each in decoder.feed(chunk) for event in reader.read(each)]
    return [*events, *reader.finish()], reader


@given(st.lists(passages, min_size=1, max_size=3), st.lists(beside, max_size=8), st.booleans(), st.integers(1, 40))
def test_any_reply__is_shown_as_it_was_said(
    reply: list[list[str]], between: list[object], is_typed: bool, chunk_bytes: int
) -> None:
    payloads: list[object] = []
    others = iter(between)
    for pieces in reply:
        for piece in pieces:
            payloads += [{"type": "text", "content": piece} if is_typed else part(piece, partial=True)]
            payloads += [other for other in (next(others, None),) if other is not None]
        payloads += [] if is_typed else [part("".join(pieces))]
    events, reader = read_bytes(wire_form(payloads), chunk_bytes)
    assert (events, reader.was_cut) == (read_bytes(wire_form(payloads), 1 << 20)[0], False)
    finals, now = "", ""
    for event in events:
        finals, now = (finals + event.text, "") if isinstance(event, TextFinal) else (finals, now)
        now += event.text if isinstance(event, Text) else ""
    wanted = "".join("".join(pieces) for pieces in reply)
    assert finals + now == wanted.encode("utf-8", "replace").decode()


keys = st.sampled_from(
    """content parts text type error partial actions stateDelta state_delta artifactDelta functionCall function_call
    functionResponse function_response id name args thought code message errorCode error_message longRunningToolIds
    """.split()
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["text", "tool_call", "tool_result", "error", "1001", APOLOGY]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=16,
)


def check_events(events: list[Event]) -> None:
    for event in events:
        assert isinstance(event, Event)
        if isinstance(event, (Text, TextFinal)):
            assert isinstance(event.text, str)
        elif isinstance(event, StreamError):
            assert (type(event.code), type(event.message)) == (str, str)
            assert event.code
        elif isinstance(event, (ToolCall, ToolResult)):
            assert (type(event.name), type(event.id)) == (str, str)
        elif isinstance(event, (StateChange, Artifact)):
            assert isinstance(event.delta, dict)


@given(st.lists(json_values | st.text(max_size=20), max_size=6))
def test_any_payload__gives_only_events_of_ours(payloads: list[object]) -> None:
    events, reader = read(*payloads)
    check_events([*events, *reader.finish()])


@given(
    st.lists(
        st.binary(max_size=12) | st.sampled_from([b"data: ", b"\n\n", b'{"error"', b'{"type":"text"}']), max_size=8
    )
)
def test_any_bytes__give_only_events_of_ours(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    whole, _ = read_bytes(stream, 1 << 20)
    check_events(whole)
    assert read_bytes(stream, 1)[0] == whole


@pytest.mark.parametrize("text", ["[" * 100_000, '{"error":' + "[" * 100_000, '{"a":' * 50_000, "9" * 5000, '{"a":1}x'])
def test_payloads_that_break_parsers__are_read(text: str) -> None:
    events, reader = read(text)
    assert len(events) == 1
    assert (reader.failed is not None) == text.startswith('{"error"')


@given(json_values)
def test_json__is_read_as_by_the_standard_library(value: object) -> None:
    text = json.dumps(value)
    assert repr(parse_json(text)) == repr(json.loads(text))
    with pytest.raises(json.JSONDecodeError):
        parse_json(f"{text} }}")


def mutated(stream: bytes, chance: random.Random) -> bytes:
    """One to four bits flipped, stretches left out, doubled or moved, or the rest cut off."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(stream) + 1)
        until = min(len(stream), at + chance.choice([1, 2, 10, 300]))
        kind = chance.randrange(5)
        if kind == 0 and at < len(stream):
            stream = stream[:at] + bytes([stream[at] ^ 1 << chance.randrange(8)]) + stream[at + 1 :]
        elif kind == 1:
            stream = stream[:at] + stream[until:]
        elif kind == 2:
            stream = stream[:until] + stream[at:]
        elif kind == 3:
            to = chance.randrange(len(stream) + 1)
            stream = stream[:to] + stream[at:until] + stream[to:]
        else:
            stream = stream[:at]
    return stream


def test_damaged_captures__give_events_or_errors_of_ours() -> None:
    chance = random.Random(20_261_121)
    streams = [path.read_bytes() for path in sorted(DATA.glob("*.sse"))]
    assert len(streams) == 17
    kinds = Counter[type[Event]]()
    for _ in range(4000):
        stream = mutated(chance.choice(streams), chance)
        events, _ = read_bytes(stream, chance.choice([7, 100, 1 << 20]))
        check_events(events)
        kinds.update(map(type, events))
    assert set(kinds) == {Text, TextFinal, ToolCall, ToolResult, StateChange, Artifact, Heartbeat, StreamError}
