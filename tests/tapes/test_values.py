from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from tape_parts import FILM, HEADER, ITEMS, LONG_FILM, SAID, exchanges, headers, media, write

from nemo_notebook import errors
from nemo_notebook.tapes import format as tape_format
from nemo_notebook.tapes import lines, tape_file
from nemo_notebook.tapes.format import ANSWER_HEADERS, REQUEST_HEADERS, Answer, kept_headers, new_header
from nemo_notebook.tapes.values import check_version, from_value, to_value

SCHEMA = json.loads(resources.files("nemo_notebook.tapes").joinpath("schema.json").read_text(encoding="utf-8"))


def through_json(item: Any) -> Any:
    return json.loads(lines.canonical(to_value(item)))


@given(headers | exchanges | media)
def test_values__come_back_the_same(item: Any) -> None:
    again = from_value(through_json(item))
    assert again == item
    assert lines.canonical(to_value(again)) == lines.canonical(to_value(item))  # 1 is not 1.0 here


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


@pytest.mark.parametrize("version", [2, 99, 1 << 60])
def test_newer_version__is_told_with_the_way_to_update(version: int) -> None:
    value = {**to_value(HEADER), "version": version, "backend": ["elsewhere"]}
    with pytest.raises(errors.TapeError, match=f"newer version, {version}; .* up to version 1") as caught:
        check_version(value)
    assert "pip install -U nemo-notebook" in caught.value.hint
    with pytest.raises(errors.TapeError, match="newer"):
        from_value(value)


WRONG = [
    (HEADER, "version", [0, -1, True, 1.0, "1", None]),
    (HEADER, "recorded", ["2026-11-22", "2026-13-22T06:00:00Z", "２026-11-22T06:00:00Z", 5, None]),
    (HEADER, "backend", ["moon", "", None]),
    (HEADER, "title", ["x" * 201, 5, None]),
    (HEADER, "keep_bytes", [-1, 1 << 40, True, 1.5]),
    (HEADER, "id", ["../../etc/passwd", "5E1F0C2A9B7D4433", ""]),
    (HEADER, "anonymous", [None, 0, "no"]),
    (SAID, "kind", ["end", "film", None, []]),
    (SAID, "number", [0, True, 1.0, 1 << 60]),
    (SAID, "turn", [-1, None]),
    (SAID, "at_ms", [-1, 1e300, "1", True, None]),
    (SAID, "cell", ["x" * 201, None]),
    (SAID, "request.method", ["get", "G T", "", None]),
    (SAID, "request.path", ["x", "ftp://x", "/a b", "/a\nb", "file:///etc/passwd", "/" + "a" * 3000, None]),
    (SAID, "request.query", [[], {"a": 1}, None, {str(i): "" for i in range(65)}]),
    (SAID, "request.headers", [[], {"accept": None}, {"accept": "x" * 2001}]),
    (SAID, "request.files", [{}, [1], [{"name": "a", "bytes": 1}], [{"name": "a", "bytes": -1, "sha256": "a" * 64}]]),
    (SAID, "request", [None, [], "x"]),
    (SAID, "answer", [None, [], {}, {"error": "other"}, {"error": ""}, {"status": 200}]),
    (SAID, "answer.status", [0, 99, 600, True, "200"]),
    (SAID, "answer.json", [1]),
    (SAID, "answer.text", [""]),
    (SAID, "answer.events", [{}, [1], [[1]], [[1, "a", 2]], [["1", "a"]], [[1, 2]], [[-1, "a"]]]),
    (SAID, "answer.cut", [None, 1, "yes"]),
    (ITEMS[-1], "answer.cut", [None, 0]),
    (ITEMS[-1], "answer.media", [[], {}, {"sha256": "x", "bytes": 1}, {"sha256": "a" * 64, "bytes": "1"}]),
    (FILM, "sha256", ["a" * 64, "A" * 64, "../x", None]),
    (FILM, "bytes", [3, 5, -1, None]),
    (FILM, "data", ["", "ZmlsbQ", "ZmlsbQ==\n", "!!!!", "aaaa", 5, "é"]),
    (FILM, "type", ["video", "video/mp4; x", "a/b/c", None]),
    (FILM, "name", ["a/b", "..\\b", "a\0", "a\nb", None, "x" * 500]),
    (FILM, "preview", ["x", 5]),
    (FILM, "note", [5, "x" * 300]),
]


@pytest.mark.parametrize(
    ("item", "where", "wrong"), [(item, where, wrong) for item, where, all_wrong in WRONG for wrong in all_wrong]
)
def test_wrong_values__are_refused_with_their_place(item: Any, where: str, wrong: object) -> None:
    value = through_json(item)
    *steps, last = where.split(".")
    inner = value
    for step in steps:
        inner = inner[step]
    inner[last] = wrong
    with pytest.raises(errors.TapeError, match=r"^(cannot be read: its `|holds a medium that is not)") as caught:
        from_value(value)
    assert steps == [] or f"`{steps[0]}" in caught.value.message


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
    leaky = replace(SAID, request=replace(SAID.request, headers=sent), answer=Answer(200, got))
    value = to_value(leaky)
    assert value["request"]["headers"] == {"accept": "*/*", "x-skill-source": "s"}
    assert value["answer"]["headers"] == {"content-type": "video/mp4"}


def test_new_header__is_in_whole_seconds_with_an_id_of_its_own() -> None:
    made = [new_header(now_s=5.75, package="1", backend="cloud", title="t" * 300, keep_bytes=1 << 40) for _ in range(2)]
    assert made[0].id != made[1].id
    for header in made:
        assert (header.version, header.recorded_s, len(header.title)) == (tape_format.VERSION, 5.0, 200)
        assert from_value(through_json(header)) == header


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def test_schema__fits_every_line_that_is_written(validator: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "a.nemotape")
    for line in path.read_text(encoding="utf-8").splitlines():
        validator.validate(json.loads(line))


@given(headers | exchanges | media)
def test_schema__fits_whatever_can_be_written(validator: Any, item: Any) -> None:
    validator.validate({**through_json(item), "sum": "0" * 16})


@pytest.mark.parametrize(
    ("item", "where", "wrong"),
    [
        (item, where, wrong)
        for item, where, all_wrong in WRONG
        for wrong in all_wrong
        if not (isinstance(wrong, float) and wrong.is_integer())  # to a schema 1.0 is a whole number
        and (where not in {"sha256", "bytes", "data"} or wrong in (None, -1, "A" * 64, "../x"))  # cannot reckon hashes
        and wrong not in ("2026-13-22T06:00:00Z", 1 << 60)  # and knows no calendar
    ],
)
def test_schema__refuses_what_the_reader_refuses(validator: Any, item: Any, where: str, wrong: object) -> None:
    value = {**through_json(item), "sum": "0" * 16}
    assert validator.is_valid(value)
    *steps, last = where.split(".")
    inner = value
    for step in steps:
        inner = inner[step]
    inner[last] = wrong
    assert not validator.is_valid(value)


def test_schema__names_every_key_and_header_that_is_written() -> None:
    for item in (HEADER, *ITEMS):
        value = through_json(item)
        assert value.keys() <= SCHEMA["$defs"][value["kind"]]["properties"].keys()
    request, answer = SCHEMA["$defs"]["request"]["properties"], SCHEMA["$defs"]["answer"]["oneOf"][1]["properties"]
    assert set(request["headers"]["propertyNames"]["enum"]) == REQUEST_HEADERS
    assert set(answer["headers"]["propertyNames"]["enum"]) == ANSWER_HEADERS
    assert SCHEMA["$defs"]["tape"]["properties"]["version"]["const"] == tape_format.VERSION
    assert SCHEMA["$defs"]["tape"]["properties"]["keep_bytes"]["maximum"] == tape_format.MAX_KEEP_BYTES


def test_documentation__tells_the_headers_and_limits_there_are() -> None:
    page = resources.files("nemo_notebook.tapes").joinpath("README.md").read_text(encoding="utf-8")
    for name in REQUEST_HEADERS | ANSWER_HEADERS:
        assert f"`{name}`" in page
    assert f"{tape_file.reading.MAX_TAPE_BYTES >> 20} MiB, {lines.MAX_VALUES // 1_000_000} million values" in page
    assert f"{lines.MAX_LINE_BYTES >> 20} MiB, nested 100 deep" in page
    assert f"{tape_format.MAX_KEEP_BYTES >> 20} MiB" in page
