from __future__ import annotations

from typing import Any

import pytest

from nemo_notebook.errors import TapeMismatch
from nemo_notebook.tapes.format import Exchange, Request, SentFile, TapeAnswer
from nemo_notebook.tapes.matching import Matcher, Missing, mismatch

_STATE = "/api/state/nemo_agent/me/session-tape-1/latest"


def look(path: str = _STATE, **headers: str) -> Request:
    return Request("GET", path, {}, headers)


def deed(words: object = "go", path: str = "/run_sse") -> Request:
    return Request("POST", path, {}, {}, json={"words": words})


def exchange(request: Request, turn: int, at_ms: float, took_ms: float = 10.0, answer: Any = None) -> Exchange:
    return Exchange(int(at_ms), "In [1]", turn, at_ms, took_ms, request, TapeAnswer(200, {}, json=answer))


def played(matcher: Matcher, request: Request) -> object:
    """When what answers it was recorded; None where nothing does."""
    found = matcher.find(request)
    if isinstance(found, Missing):
        return None
    matcher.end(found)
    return found.at_ms


def test_deeds__are_played_once_and_in_order() -> None:
    matcher = Matcher([exchange(deed(), 0, 100), exchange(deed(), 1, 200), exchange(deed("b"), 2, 300)])
    assert [played(matcher, deed()), played(matcher, deed()), played(matcher, deed())] == [100, 200, None]
    assert played(matcher, deed("b")) == 300
    assert matcher.due is None


def test_deeds__that_come_too_early_may_come_later() -> None:
    matcher = Matcher([exchange(deed("a"), 0, 100), exchange(deed("b"), 1, 200)])
    found = matcher.find(deed("b"))
    assert isinstance(found, Missing)
    assert found.may_come
    assert found.due is not None
    assert found.due.at_ms == 100
    assert played(matcher, deed("a")) == 100
    assert played(matcher, deed("b")) == 200


def test_deeds__that_ran_side_by_side_come_in_any_order() -> None:
    matcher = Matcher([exchange(deed("a"), 0, 100, 500), exchange(deed("b"), 1, 200), exchange(deed("c"), 2, 205)])
    assert [played(matcher, deed(words)) for words in "cba"] == [205, 200, 100]


def test_deed__that_differs_never_comes() -> None:
    found = Matcher([exchange(deed("a"), 0, 100)]).find(deed("z"))
    assert found == Missing(exchange(deed("a"), 0, 100))


def test_looks__come_in_order_and_then_again() -> None:
    matcher = Matcher([exchange(look(), 0, at) for at in (100, 200, 300)])
    assert [played(matcher, look()) for _ in range(5)] == [100, 200, 300, 300, 300]


def test_looks__of_a_turn_are_not_those_of_another() -> None:
    tape = [exchange(look(), 0, 100), exchange(deed(), 0, 200), exchange(look(), 1, 300), exchange(look("/x"), 2, 900)]
    matcher = Matcher(tape)
    assert played(matcher, look()) == 100
    assert played(matcher, look()) == 100
    assert played(matcher, deed()) == 200
    assert played(matcher, look()) == 300


def test_look__without_an_answer_in_this_turn_gets_that_of_an_earlier_one() -> None:
    matcher = Matcher([exchange(look(), 0, 100), exchange(deed(), 0, 200), exchange(deed(), 1, 300)])
    played(matcher, deed())
    played(matcher, deed())
    assert played(matcher, look()) == 100


def test_look__at_what_is_yet_to_come_is_told_so() -> None:
    matcher = Matcher([exchange(deed(), 0, 100), exchange(look(), 1, 200)])
    found = matcher.find(look())
    assert isinstance(found, Missing)
    assert found.may_come
    assert not matcher.find(look("/never")).may_come  # type: ignore[union-attr]


def test_look__never_goes_back_behind_what_was_played() -> None:
    tape = [exchange(deed(), 0, 100, 5000), *(exchange(look(), 1, at) for at in (1000, 2000, 5200, 5400))]
    matcher = Matcher(tape)
    played(matcher, deed())
    assert [played(matcher, look()), played(matcher, look())] == [5200, 5400]


def test_looks__that_ran_side_by_side_are_both_found() -> None:
    matcher = Matcher([exchange(look(), 0, 100.0, 40), exchange(look("/credits"), 0, 100.2, 5)])
    assert [played(matcher, look()), played(matcher, look("/credits"))] == [100.0, 100.2]


def test_headers__do_not_count_but_for_the_range() -> None:
    tape = [exchange(look("/film", range="bytes=5-"), 0, 100), exchange(look("/film"), 0, 50)]
    matcher = Matcher(tape)
    assert played(matcher, look("/film", accept="*/*")) == 50
    assert played(matcher, look("/film", range="bytes=5-")) == 100


def test_look__for_what_never_comes_ends() -> None:
    matcher = Matcher([exchange(look(), 0, 100), exchange(look("/other"), 0, 101)])
    for path in (_STATE, "/other"):  # also side by side
        assert played(matcher, look(path)) is not None
    for _ in range(99):
        assert played(matcher, look()) == 100
        assert played(matcher, look("/other")) == 101
    assert played(matcher, look()) == 100
    found = matcher.find(look())
    assert isinstance(found, Missing)
    assert found.is_stuck
    assert played(matcher, look()) == 100  # whoever asks only once is answered


def test_looks__that_bring_something_new_are_counted_anew() -> None:
    matcher = Matcher([exchange(look(), 0, 100), *(exchange(deed(at), at, 200.0 + at) for at in range(5))])
    for at in range(5):
        for _ in range(90):
            assert played(matcher, look()) == 100
        assert played(matcher, deed(at)) == 200.0 + at


# What is told of a request that nothing answers


def told_of(now: Request, cell: str, due: Exchange | None, **more: Any) -> TapeMismatch:
    return mismatch(now, cell, Missing(due, **more))


def chat(words: str, session: str = "session-tape-1") -> Request:
    return Request(
        "POST", "/run_sse", {}, {}, json={"session_id": session, "new_message": {"parts": [{"text": words}]}}
    )


def due(request: Request, cell: str = "In [3]") -> Exchange:
    return Exchange(1, cell, 0, 0.0, 0.0, request, TapeAnswer(200, {}))


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
    told = told_of(status, "In [4]", None, is_stuck=True)
    assert told.message == "In [4] waits for an export, but the recording ended before the export did."
    assert "that far" in told.hint
    state = Request("GET", "/api/state/nemo_agent/me/session-tape-1/latest", {}, {})
    assert "looks for the timeline again and again" in told_of(state, "", None, is_stuck=True).message


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
