from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tape_parts import jsons

from nemo_notebook import errors
from nemo_notebook.tapes import lines


@given(st.dictionaries(st.text(), jsons))
def test_canonical__is_json_in_one_way_only(value: dict[str, object]) -> None:
    written = lines.canonical(value)
    assert json.loads(written) == value
    assert b"\n" not in written
    assert lines.canonical(dict(reversed(value.items()))) == written


@given(st.text(st.characters(exclude_categories=())))
def test_canonical__writes_halves_of_characters_and_joins_those_that_belong_together(text: str) -> None:
    written = lines.canonical(text)
    again = json.loads(written.decode())
    assert lines.canonical(again) == written
    assert again.encode("utf-16-le", "surrogatepass") == text.encode("utf-16-le", "surrogatepass")


def test_canonical__keeps_words_readable() -> None:
    assert lines.canonical({"b": 1, "a": "做个视频 🎬"}) == '{"a":"做个视频 🎬","b":1}'.encode()


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: 2}, {"a": {None: 1}}, nested(101), object(), b"x"])
def test_canonical__refuses_what_would_not_come_back_the_same(value: object) -> None:
    with pytest.raises(errors.TapeError):
        lines.canonical(value)
    assert lines.canonical(nested(99))


@given(st.dictionaries(st.text(), jsons).filter(lambda value: "sum" not in value), st.text("0123456789abcdef"))
def test_chained__comes_back_with_its_sum(value: dict[str, object], before: str) -> None:
    line, own = lines.chained(value, before)
    assert lines.unchained(line, before) == (value, own)
    assert own == hashlib.sha256(before.encode() + lines.canonical(value)).hexdigest()[:16]
    with pytest.raises(errors.TapeError, match="is not as it was recorded"):
        lines.unchained(line, before + "0")


LINE, SUM = lines.chained({"a": 1.5, "b": "é"}, "")


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(b'"a":1.5', b'"a": 1.5'),
        LINE.replace(b'"a":1.5', b'"a":1.50'),
        LINE.replace(b'"a":1.5', b'"a":0,"a":1.5'),
        LINE.replace("é".encode(), b"\\u00e9"),
        LINE.replace(b"\n", b"\r\n"),
        b" " + LINE,
    ],
    ids=["space", "digit", "twice", "escape", "CRLF", "before"],
)
def test_unchained__refuses_the_same_value_written_in_another_way(line: bytes) -> None:
    assert lines.unchained(LINE, "") == ({"a": 1.5, "b": "é"}, SUM)
    with pytest.raises(errors.TapeError, match="is not as it was recorded"):
        lines.unchained(line, "")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"\0" * 40,
        b"[1]",
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b"[" * 1_000_000,
    ],
    ids=["empty", "open", "no UTF-8", "zeros", "list", "NaN", "infinite", "long", "deep", "deeper"],
)
def test_unchained__refuses_what_is_no_line(line: bytes) -> None:
    with pytest.raises(errors.TapeError):
        lines.unchained(line + b"\n", "")


def test_unchained__refuses_what_would_take_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    line, _ = lines.chained({"a": [[]] * 50}, "")
    monkeypatch.setattr(lines, "MAX_VALUES", 51)
    assert lines.unchained(line, "")[0] == {"a": [[]] * 50}
    monkeypatch.setattr(lines, "MAX_VALUES", 50)
    with pytest.raises(errors.TapeError, match="is larger than any"):
        lines.unchained(line, "")
    monkeypatch.undo()
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", len(line) - 1)
    with pytest.raises(errors.TapeError, match="is larger than any"):
        lines.unchained(line, "")
