from __future__ import annotations

from typing import Any

import pytest

from nemo_notebook.errors import TapeMismatch
from nemo_notebook.tapes.format import Answer, Exchange, Request, SentFile
from nemo_notebook.tapes.matching import Missing, mismatch


def told_of(now: Request, cell: str, due: Exchange | None, **more: Any) -> TapeMismatch:
    return mismatch(now, cell, Missing(due, **more))


def chat(words: str, session: str = "session-tape-1") -> Request:
    return Request(
        "POST", "/run_sse", {}, {}, json={"session_id": session, "new_message": {"parts": [{"text": words}]}}
    )


def due(request: Request, cell: str = "In [3]") -> Exchange:
    return Exchange(1, cell, 0, 0.0, 0.0, request, Answer(200, {}))


def upload(*files: SentFile) -> Request:
    return Request("POST", "/api/upload-video/nemo_agent/me/session-tape-1", {}, {}, files=files)


def test_message__is_shown_beside_the_recorded_one() -> None:
    told = told_of(chat("make it blue"), "In [4]", due(chat("make it red"))).message.splitlines()
    assert told == [
        "In [4] asks for a message that is another than the recorded one (In [3]):",
        "  message now:  make it blue",
        "  recorded: make it red",
    ]


def test_long_message__is_shown_where_it_differs() -> None:
    same = "word " * 200
    told = told_of(chat(f"{same}one"), "In [4]", due(chat(f"{same}two"))).message
    assert "…" in told
    assert "one" in told
    assert "two" in told
    assert max(map(len, told.splitlines())) < 120


def test_other_deed__is_told_by_name() -> None:
    told = told_of(Request("POST", "/api/render/proxy/lambda", {}, {}), "In [4]", due(chat("go"))).message
    assert told == "In [4] asks for an export; on the tape, a message is next (In [3])."


def test_end__is_told() -> None:
    assert told_of(chat("go"), "", None).message == "This asks for a message, and the tape is at its end."


def test_what_was_played_already__is_told_so() -> None:
    told = told_of(chat("go"), "In [4]", due(chat("stop"), "In [5]"), played=due(chat("go")))
    assert told.message == "In [4] asks again for a message that was played already (In [3])."
    assert "from the top, where `%nemo tape replay` begins it anew" in told.hint


def test_export__that_never_ends_is_told_so() -> None:
    status = Request("GET", "/api/render/proxy/lambda/render_tape_1", {}, {})
    told = told_of(status, "In [4]", None, waits_in_vain=True)
    assert told.message == "In [4] waits for an export, but the recording ended before the export did."
    assert "that far" in told.hint
    state = Request("GET", "/api/state/nemo_agent/me/session-tape-1/latest", {}, {})
    assert "looks for the timeline again and again" in told_of(state, "", None, waits_in_vain=True).message


def test_files__are_told_by_name_size_and_hash() -> None:
    told = told_of(
        upload(SentFile("a.mp3", 10, "a" * 64), SentFile("b.mp4", 5, "b" * 64)),
        "In [4]",
        due(upload(SentFile("a.mp3", 12, "c" * 64))),
    ).message
    assert "file 1 now:  a.mp3, 10 bytes, SHA-256 aaaaaaaaaaaa…" in told
    assert "recorded: a.mp3, 12 bytes, SHA-256 cccccccccccc…" in told
    assert "file 2 now:  b.mp4, 5 bytes" in told
    assert "recorded: none" in told


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (upload(SentFile("a.mp3", 10, "a" * 64)), upload(SentFile("a.mp3", 12, "c" * 64))),
        (upload(SentFile("b.mp3", 10, "a" * 64)), chat("go")),
        (chat("go"), upload(SentFile("a.mp3", 12, "c" * 64))),
    ],
)
def test_uploads__have_to_be_the_same_files(now: Request, then: Request) -> None:
    assert "the same files, byte for byte" in told_of(now, "In [4]", due(then)).hint
    assert "byte for byte" not in told_of(chat("go"), "In [4]", due(chat("stop"))).hint


def test_json__is_told_by_the_first_places_that_differ() -> None:
    def export(draft: object) -> Request:
        return Request("POST", "/api/render/proxy/lambda", {}, {}, json={"draft": draft})

    told = told_of(export([{"d": 1}, {"d": 2}, 3, 4, 5]), "In [4]", due(export([{"d": 1}, {"d": 9}, 0, 0, 0]))).message
    assert "  draft[1].d now:  2\n  recorded: 9" in told
    assert told.endswith("  … 1 more differences")


def test_nothing_that_looks_like_a_secret__is_told() -> None:
    told = told_of(chat("use nmv_usr_abcdef123456"), "In [4]", due(chat("use nothing")))
    assert "abcdef" not in told.message
