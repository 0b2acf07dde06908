from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hostile_replies import REPLIES
from hypothesis import given, strategies as st
from planted import PLANTED
from tape_parts import HEADER, ITEMS, jsons, to_value

from nemo_notebook.tapes.scan import Finding, findings, findings_in_media

CAPTURES = Path(__file__).parents[1] / "client" / "data"
KEY = "abcDEF0123456789abcDEF0123456789abcDEF01"  # in no form of its own
TEXT = (Path(__file__).parent / "data" / "scan.json").read_text(encoding="utf-8")
DATA = json.loads(TEXT.replace("{KEY}", KEY).replace("{PLANTED}", PLANTED))
PLANTED_SECRETS = [(what, text) for what, all_texts in DATA["secrets"].items() for text in all_texts]


@pytest.mark.parametrize(("what", "text"), PLANTED_SECRETS, ids=range(len(PLANTED_SECRETS)))
def test_planted_secrets__are_found_wherever_they_stand(what: str, text: str) -> None:
    for value, where in (
        (text, ""),
        ({"a": [{"b": f"see {text} there"}]}, "a[0].b"),
        ({"events": [[1.0, "data: " + json.dumps({"text": text}) + "\n\n"]]}, "events[0][1]"),
        ({"a": {text: 1}}, "a"),
        *(() if {"%", "\\"} & set(text) else (({"a": "\u200b".join(text)}, "a"), ({"a": quote(text)}, "a"))),
    ):
        found = findings(value)
        assert Finding(what, where) in found
        assert not any(KEY in repr(finding) or PLANTED in repr(finding) for finding in found)


@pytest.mark.parametrize("value", DATA["named after secrets"], ids=range(len(DATA["named after secrets"])))
def test_values_named_after_secrets__are_found(value: dict[str, Any]) -> None:
    assert any(finding.what == "the value of a secret" for finding in findings(value))


@pytest.mark.parametrize("value", DATA["passing"], ids=range(len(DATA["passing"])))
def test_placeholders_and_plain_words__pass(value: Any) -> None:
    assert findings(value) == []


def test_whole_lines__pass() -> None:
    assert findings([to_value(item) for item in (HEADER, *ITEMS)]) == []


@pytest.mark.parametrize("capture", sorted(CAPTURES.glob("*.sse")), ids=lambda path: path.stem)
def test_real_streams__pass(capture: Path) -> None:
    text = capture.read_text(encoding="utf-8")
    assert findings({"events": [[0, block + "\n\n"] for block in text.split("\n\n")]}) == []


# Pictures from elsewhere and plain markup are not brought to life by any display of ours.
CALM = [
    reply
    for reply in REPLIES
    if reply.startswith(("![t]", "\\![t]", "[![x]", "<https://a.test/!", "costs", "`code`", "a~~~", "<?php"))
]


@pytest.mark.parametrize("reply", [reply for reply in REPLIES if reply not in CALM], ids=ascii)
def test_active_content__is_found_as_text_and_in_a_stream(reply: str) -> None:
    for value in (
        {"text": reply},
        {"events": [[0, "data: " + json.dumps({"content": {"parts": [{"text": reply}]}}) + "\n\n"]]},
        {"json": {"title": f"before {reply} after"}},
        {"json": {reply: 1}},
    ):
        found = [finding for finding in findings(value) if not finding.is_secret]
        assert found
        assert reply not in repr(found)


def test_few_replies__are_calm() -> None:
    assert len(CALM) < len(REPLIES) / 5


@pytest.mark.parametrize("text", DATA["active in disguise"], ids=range(len(DATA["active in disguise"])))
def test_active_content__is_found_in_disguise(text: str) -> None:
    assert [finding for finding in findings(text) if not finding.is_secret]


def deltas(text: str, cut: int) -> dict[str, Any]:
    pieces = [text[at : at + cut] for at in range(0, len(text), cut)]
    return {"events": [[0, f"data: {json.dumps({'content': {'parts': [{'text': piece}]}})}\n\n"] for piece in pieces]}


def spread(text: str, cut: int) -> dict[str, Any]:
    """The same with the JSON of each event on several lines."""
    events = deltas(text, cut)["events"]
    values = [json.dumps(json.loads(block.removeprefix("data: ")), indent=1) for _, block in events]
    return {"events": [[0, "".join(f"data: {line}\n" for line in value.split("\n")) + "\n"] for value in values]}


CUT = [f"it is {PLANTED}", f"see https://x.test/a?X-Amz-Signature={KEY}", "<script>a()</script>"]


@pytest.mark.parametrize("cut", [1, 3, 7])
@pytest.mark.parametrize("said", [deltas, spread])
@pytest.mark.parametrize("text", CUT, ids=range(len(CUT)))
def test_what_a_stream_says_in_pieces__is_found(text: str, said: Callable[[str, int], Any], cut: int) -> None:
    assert [finding for finding in findings({"answer": said(text, cut)}) if finding.where == "answer.events"]


def test_known_secrets__are_found_in_every_spelling() -> None:
    secret = "sword fish+7"
    packed = [base64.b64encode(before + secret.encode() + b"??>>").decode() for before in (b"", b":", b"me")]
    packed += [text.translate(str.maketrans("+/", "-_")) for text in packed]
    twice = quote(quote(secret, safe=""), safe="")
    for text in (secret, quote(secret, safe=""), twice, *packed, secret.encode().hex(), f"x{secret}y"):
        assert findings({"a": text}, [secret]) == [Finding("a secret of this session", "a")]
    assert findings({"a": "sword"}, [secret, "", "abc"]) == []


@pytest.mark.parametrize("before", ["", ":", "me"])
def test_token__that_is_packed_is_found(before: str) -> None:
    packed = base64.b64encode(f"{before}{PLANTED}".encode()).decode()
    assert findings({"a": f"Basic is {packed}."})
    assert findings({"a": f"{before}{PLANTED}".encode().hex()})


def test_number_of_a_character__that_there_is_not_is_no_obstacle() -> None:
    huge = f"&#{'9' * 5000};"
    assert findings({"a": huge}) == []
    assert findings({"a": f"{huge} &lt;script&gt; {PLANTED}"})


def test_places__show_no_secret_and_no_end() -> None:
    found = findings({f"key {PLANTED}": {"k" * 500: PLANTED}})
    assert [finding.where for finding in found] == ["", f"key ….{'k' * 39}…"]
    assert PLANTED not in repr(found)


MEDIA = [
    ("video/mp4", b"\0\0\0<ftypisom", []),
    ("image/jpeg", b"\xff\xd8\xff\xe0", []),
    ("", b"anything", []),
    ("video/mp4", None, []),
    ("text/html", b"x", [False]),
    ("application/xhtml+xml", b"x", [False]),
    ("image/svg+xml", b"x", [False]),
    ("video/mp4", b"\n<script>", [False]),
    ("video/mp4", b"\xff\xfe<\0s\0", [False]),
    ("video/mp4", b"\0" * 99 + PLANTED.encode(), [True]),
    ("image/png", b"-----BEGIN RSA PRIVATE KEY-----", [True]),
    ("video/mp4", b"xxswordfishxx", [True]),
]


@pytest.mark.parametrize(("kind", "data", "found"), MEDIA, ids=range(len(MEDIA)))
def test_media__are_searched(kind: str, data: bytes | None, found: list[bool]) -> None:
    assert [finding.is_secret for finding in findings_in_media(kind, data, ["swordfish"])] == found


@given(jsons, st.lists(st.text()))
def test_any_value__can_be_searched(value: Any, secrets: list[str]) -> None:
    assert all(isinstance(finding, Finding) for finding in findings(value, secrets))


@pytest.mark.parametrize("piece", DATA["slow to search"], ids=range(len(DATA["slow to search"])))
def test_search__takes_linear_time(piece: str) -> None:
    def spent_s(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        begun_s = time.perf_counter()
        findings(text)
        return time.perf_counter() - begun_s

    short_s = min(spent_s(10_000) for _ in range(3))
    assert spent_s(200_000) < 20 * short_s * 6 + 0.3  # in quadratic time it would be 400 times as long
