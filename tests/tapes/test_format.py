from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from msgspec.structs import replace
from tape_parts import FILM, HEADER, ITEMS, LONG_FILM, SAID, exchanges, headers, media, to_value

from nemo_notebook import errors
from nemo_notebook.tapes import format as tape_format
from nemo_notebook.tapes.format import (
    ANSWER_HEADERS,
    MAX_KEEP_BYTES,
    REQUEST_HEADERS,
    Medium,
    TapeAnswer,
    check_version,
    kept_headers,
    line_schema,
    new_header,
    seal,
    unseal,
)

FIRST = ""


def from_value(value: Any) -> Any:
    """The item of a line with a checksum that is right."""
    body = msgspec.json.encode(value)
    own = tape_format.hashlib.sha256(body).hexdigest()[:16]
    return unseal(body[:-1] + f',"sum":"{own}"}}\n'.encode(), FIRST)[0]


def through_json(item: Any) -> Any:
    return json.loads(msgspec.json.encode(item))


@given(headers | exchanges | media)
def test_items__come_back_the_same(item: Any) -> None:
    line, own = seal(item, "before")
    again, value, sealed = unseal(line, "before")
    assert (again, sealed) == (item, own)
    assert seal(again, "before")[0] == line  # 1 is not 1.0 here
    assert value == to_value(item)
    with pytest.raises(errors.TapeError, match="was changed, or a line before it is missing"):
        unseal(line, "other")


def test_words__are_readable_in_the_file() -> None:
    assert "标题".encode() in seal(SAID, "")[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace(b'":"', b'": "', 1),
        lambda line: line.replace(b'"kind"', b'"k\\u0069nd"', 1),
        lambda line: line.replace(b'{"kind"', b'{"cell":"clm_0123456789","kind"', 1),
        lambda line: line.rstrip(b"\n"),
        lambda line: b"[" * 5000 + b"\n",
        lambda line: b"{}\n",
    ],
    ids=["space", "escape", "key twice", "no end", "deep", "empty"],
)
def test_line__written_in_another_way_is_refused(change: Any) -> None:
    line = change(seal(SAID, "")[0])
    body = line.rpartition(b',"sum"')[0] + b"}"
    own = tape_format.hashlib.sha256(body).hexdigest()[:16].encode()
    resealed = body[:-1] + b',"sum":"' + own + b'"}\n' if line.endswith(b'"}\n') else line
    for each in (line, resealed):
        with pytest.raises(errors.TapeError):
            unseal(each, "")


def test_line__that_would_take_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_format, "MAX_VALUES", 10)
    with pytest.raises(errors.TapeError, match="larger than any"):
        tape_format.parse_line(b'{"a":[' + b"0," * 20 + b"0]}\n")


def test_unknown_keys__are_left_out() -> None:
    value = through_json(SAID)
    value["later"] = 1
    value["answer"]["headers"]["set-cookie"] = "a=b"
    value["request"]["later"] = {}
    assert from_value(value) == SAID


@pytest.mark.parametrize(
    ("item", "key"), [(HEADER, "package"), (HEADER, "title"), (SAID, "cell"), (LONG_FILM, "name"), (LONG_FILM, "note")]
)
def test_what_people_see__moves_no_terminal_and_turns_no_line(item: Any, key: str) -> None:
    read = from_value({**to_value(item), key: "a \x9b2Jb\x7f\u202ec \u2067d"})
    assert getattr(read, key) == "a 2Jbc d"
    if key != "name":
        assert getattr(from_value({**to_value(item), key: "a\x1b[2J\nb\x1b]0;c\x07"}), key) == "a b"


@pytest.mark.parametrize("version", [3, 99, 1 << 60])
def test_newer_version__is_told_with_the_way_to_update(version: int) -> None:
    value = {**to_value(HEADER), "version": version, "backend": ["elsewhere"]}
    with pytest.raises(errors.TapeError, match=f"newer version, {version}; .* plays tapes of version 2") as caught:
        check_version(value)
    assert "pip install -U nemo-notebook" in caught.value.hint
    with pytest.raises(errors.TapeError, match="older version, 1; "):
        check_version({**value, "version": 1})


PARTS = {"header": HEADER, "exchange": SAID, "film": FILM, "last": ITEMS[-1]}
WRONG = json.loads((Path(__file__).parent / "data" / "wrong_values.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("item", "where", "wrong"),
    [
        pytest.param(PARTS[part], where, wrong, id=f"{part} {where} {at}")
        for part, fields in WRONG.items()
        for where, all_wrong in fields.items()
        for at, wrong in enumerate(all_wrong)
    ],
)
def test_wrong_values__are_refused_with_their_place(item: Any, where: str, wrong: object) -> None:
    value = through_json(item)
    *steps, last = where.split(".")
    inner = value
    for step in steps:
        inner = inner[step]
    inner[last] = wrong
    with pytest.raises(errors.TapeError, match=r"^cannot be read: ") as caught:
        from_value(value)
    has_no_place = "at most length" in caught.value.message  # of all that msgspec refuses, this alone
    assert steps == [] or has_no_place or steps[0] in caught.value.message


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, {"kind": []}])
def test_no_line_at_all__is_refused(value: object) -> None:
    with pytest.raises(errors.TapeError):
        from_value(value)


def test_headers__are_kept_by_an_allow_list_when_made_written_and_read() -> None:
    sent = {"Authorization": "Bearer x", "Cookie": "a=b", "Accept": "*/*", "X-Client-Id": "u", "X-Skill-Source": "s"}
    assert kept_headers(sent, REQUEST_HEADERS) == {"accept": "*/*", "x-skill-source": "s"}
    multipart = {"Content-Type": "multipart/form-data; boundary=nemo-123"}
    assert kept_headers(multipart, REQUEST_HEADERS) == {"content-type": "multipart/form-data"}
    got = {"set-cookie": "a=b", "content-type": "video/mp4", "retry-after": "3\x00"}
    assert kept_headers(got, ANSWER_HEADERS) == {"content-type": "video/mp4"}
    leaky = replace(SAID, request=replace(SAID.request, headers=sent), answer=TapeAnswer(200, got))
    value = to_value(leaky)
    assert value["request"]["headers"] == {"accept": "*/*", "x-skill-source": "s"}
    assert value["answer"]["headers"] == {"content-type": "video/mp4"}


def test_new_header__is_in_whole_seconds_with_an_id_of_its_own() -> None:
    made = [new_header(now_s=5.75, package="1", backend="cloud", title="t" * 300, keep_bytes=1 << 40) for _ in range(2)]
    assert made[0].id != made[1].id
    for header in made:
        assert (header.version, header.recorded_s, len(header.title)) == (tape_format.VERSION, 5.0, 200)
        assert from_value(through_json(header)) == header


def test_schema__is_made_of_the_structs() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(line_schema())
    names = set(line_schema()["$defs"])
    assert {"Header", "Exchange", "Medium", "End"} <= names


def test_documentation__tells_the_headers_and_limits_there_are() -> None:
    page = resources.files("nemo_notebook.tapes").joinpath("README.md").read_text(encoding="utf-8")
    for name in REQUEST_HEADERS | ANSWER_HEADERS:
        assert f"`{name}`" in page
    assert f"{tape_format.MAX_TAPE_BYTES >> 20} MiB, {tape_format.MAX_VALUES // 1_000_000} million values" in page
    assert f"{tape_format.MAX_TAPE_LINE_BYTES >> 20} MiB" in page
    assert f"{tape_format.MAX_KEEP_BYTES >> 20} MiB" in page


@pytest.mark.parametrize(("size_bytes", "keep_mb"), [(2_000_001, 3), (MAX_KEEP_BYTES, 68), (MAX_KEEP_BYTES + 1, 0)])
def test_medium_that_was_not_kept__knows_the_room_that_would_have_done(size_bytes: int, keep_mb: int) -> None:
    film = Medium("a" * 64, size_bytes, "video/mp4", "film.mp4", None, "larger than 1.0 MB: not kept")
    assert (film.keep_mb, film.is_too_large) == (keep_mb, True)
    assert not Medium("a" * 64, 500, "video/mp4", "page.svg", None, "a token: not kept").is_too_large
