from __future__ import annotations

from typing import Any

from nemo_notebook.tapes.format import Answer, Exchange, Request
from nemo_notebook.tapes.matching import Matcher, Missing

_STATE = "/api/state/nemo_agent/me/session-tape-1/latest"


def look(path: str = _STATE, **headers: str) -> Request:
    return Request("GET", path, {}, headers)


def deed(words: object = "go", path: str = "/run_sse") -> Request:
    return Request("POST", path, {}, {}, json={"words": words})


def exchange(request: Request, turn: int, at_ms: float, took_ms: float = 10.0, answer: Any = None) -> Exchange:
    return Exchange(int(at_ms), "In [1]", turn, at_ms, took_ms, request, Answer(200, {}, json=answer))


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


def test_look__that_was_left_is_left_once() -> None:
    left = Exchange(2, "In [1]", 0, 200, 0.0, look(), Answer(0, {}, error="broken", was_left=True))
    matcher = Matcher([exchange(look(), 0, 100), left])
    assert [played(matcher, look()) for _ in range(4)] == [100, 200, 100, 100]
    later = Matcher([exchange(look(), 0, 100), left, exchange(deed(), 0, 300)])
    played(later, deed())
    assert played(later, look()) == 100


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
    matcher = Matcher([exchange(look(), 0, 100)], lambda: 0.0)
    found = [matcher.find(look()) for _ in range(1002)]
    assert not any(isinstance(each, Missing) for each in found[:-1])
    assert isinstance(found[-1], Missing)
    assert found[-1].waits_in_vain
    assert played(matcher, look()) == 100  # whoever asks only once is answered


def test_looks__for_what_never_comes_end_after_some_seconds_also_side_by_side() -> None:
    now_s = 0.0
    matcher = Matcher([exchange(look(), 0, 100), exchange(look("/other"), 0, 101)], lambda: now_s)
    rounds = 0
    while not any(isinstance(matcher.find(look(path)), Missing) for path in (_STATE, "/other")):
        rounds, now_s = rounds + 1, now_s + 0.1
    assert 4 < now_s < 7
    assert rounds > 20


def test_looks__now_and_then_wait_for_nothing() -> None:
    now_s = 0.0
    matcher = Matcher([exchange(look(), 0, 100)], lambda: now_s)
    for _ in range(15):
        assert played(matcher, look()) == 100
        now_s += 60.0


def test_looks__that_bring_something_new_are_counted_anew() -> None:
    now_s = 0.0
    tape = [exchange(look(), 0, 100), *(exchange(deed(at), at, 200.0 + at) for at in range(5))]
    matcher = Matcher(tape, lambda: now_s)
    for at in range(5):
        for _ in range(18):
            assert played(matcher, look()) == 100
            now_s += 0.5
        assert played(matcher, deed(at)) == 200.0 + at
