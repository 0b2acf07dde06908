from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook import errors
from nemo_notebook.client import events
from nemo_notebook.client.events import EventStreamDecoder, ServerEvent

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


@pytest.mark.parametrize("case", [case for case in CASES if "retry" in case], ids=lambda case: case["name"])
def test_standard_cases__reconnection_time_is_read(case: dict[str, object]) -> None:
    decoder = EventStreamDecoder()
    decoder.feed(bytes_of(case))
    assert decoder.retry_ms == case["retry"]


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


def test_comments__give_no_event() -> None:
    assert decode(b": one\n\n:two\n\n") == []


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


def test_short_way__is_not_taken_in_the_middle_of_an_event() -> None:
    assert decode(b"event: e\n", b"data: 1\n\ndata: 2\n\n") == [ServerEvent("1", "e"), ServerEvent("2")]
    assert decode(b"data: 1\n", b"data: 2\n\n") == [ServerEvent("1\n2")]
    assert decode(b"id: 7\n\ndata: 1\n\n") == [ServerEvent("1", id="7")]


def test_captures__are_all_there() -> None:
    assert len(CASES) == 27
    assert len(CAPTURES) == 17


def test_event_without_end__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_EVENT_CHARS", 1000)
    decoder = EventStreamDecoder()
    assert decoder.feed(b"data: x\n" * 400) == []
    with pytest.raises(errors.ProtocolError):
        decoder.feed(b"data: x\n" * 200)


def test_line_without_end__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_LINE_BYTES", 1000)
    decoder = EventStreamDecoder()
    assert decoder.feed(b"x" * 900) == []
    with pytest.raises(errors.ProtocolError):
        decoder.feed(b"x" * 200)
