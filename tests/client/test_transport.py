from __future__ import annotations

import asyncio

import pytest
from cases import cases
from hypothesis import given, strategies as st

from nemo_notebook import errors, settings
from nemo_notebook.client import transport

NOW_S = 1_800_000_000.0


def test_waits__double_up_to_a_cap_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "backoff_s", lambda: 6.0)
    assert list(transport.backoff_waits(lambda: 0.0)) == [6.0, 12.0, 20.0, 20.0]
    assert list(transport.backoff_waits(lambda: 0.5)) == [4.5, 9.0, 15.0, 15.0]


def test_waits__begin_with_half_a_second_or_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEMO_RETRY_SECONDS")
    assert list(transport.backoff_waits(lambda: 0.0)) == [0.5, 1.0, 2.0, 4.0]
    assert all(0.25 <= next(transport.backoff_waits()) <= 0.5 for _ in range(50))


@cases
def test_retry_after__is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert transport.retry_after_s(header, NOW_S) == seconds


@given(st.text())
def test_retry_after__of_any_text_is_never_negative(header: str) -> None:
    seconds = transport.retry_after_s(header, NOW_S)
    assert seconds is None or 0 <= seconds < 1e12


@cases
def test_waiting__is_told_in_words(seconds: float, words: str) -> None:
    assert transport.wait_words(seconds) == words


def failing(asked_s: float | None, *, may_have_acted: bool = True) -> errors.ServiceError:
    error = errors.ServiceError("x")
    error.may_have_acted, error.retry_after_s = may_have_acted, asked_s
    return error


@pytest.mark.parametrize(
    ("error", "wait_s"),
    [
        (errors.NetworkError("x"), 2.0),
        (errors.ProtocolError("x"), 2.0),
        (failing(None), 2.0),
        (failing(9.0), 9.0),
        (failing(1.0), 2.0),
        (failing(settings.RETRY_AFTER_MAX_S + 1), None),
        (failing(1.0, may_have_acted=False), None),
        (errors.InputError("x"), None),
    ],
)
def test_next_wait__is_the_longer_of_ours_and_theirs(error: errors.NemoError, wait_s: float | None) -> None:
    assert transport.next_wait_s(error, iter([2.0])) == wait_s


def test_next_wait__is_none_when_all_are_used_up() -> None:
    assert transport.next_wait_s(errors.NetworkError("x"), iter(())) is None


def test_within__turns_its_own_timeout_into_ours_and_no_other() -> None:
    async def too_long() -> None:
        async with transport.deadline(0.01, "resting"):
            await asyncio.sleep(60)

    async def another() -> None:
        async with transport.deadline(60, "resting"):
            raise TimeoutError

    with pytest.raises(errors.DeadlineExceeded, match="resting"):
        asyncio.run(too_long())
    with pytest.raises(TimeoutError):
        asyncio.run(another())
