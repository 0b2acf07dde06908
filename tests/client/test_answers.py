"""Endpoints, and the data or the errors that their answers are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cases import cases
from hypothesis import example, given, strategies as st
from planted import PLANTED

from nemo_notebook import errors
from nemo_notebook.client import api
from nemo_notebook.client.api import Endpoint, unwrap
from nemo_notebook.client.transport import Answer

ALL = [value for value in vars(api).values() if isinstance(value, Endpoint)]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
KEYS = ("code", "success", "message", "msg", "detail", "error", "hint", "data", "status", "state")
answers = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, json_values))


def answer(payload: object, status: int = 200, retry_after: str = "") -> Answer:
    return Answer(status, json.dumps(payload).encode(), retry_after)


def refusal(payload: object, endpoint: Endpoint = api.CREDITS, status: int = 200) -> errors.NemoError:
    found = unwrap(answer(payload, status), endpoint)
    assert isinstance(found, errors.NemoError)
    return found


@cases
def test_data__is_found_in_every_form(payload: object, data: object) -> None:
    assert unwrap(answer(payload), api.STATUS) == data


def test_no_content__is_an_empty_answer() -> None:
    assert unwrap(Answer(204, b""), api.CANCEL) == {}


def test_data__that_is_no_object_leaves_the_answer_as_it_is() -> None:
    assert unwrap(answer({"data": [1]}), api.STATUS) == {"data": [1]}


@pytest.mark.parametrize(
    "form",
    [
        lambda code: {"code": code, "message": "said", "data": None},
        lambda code: {"code": str(code), "message": "said"},
        lambda code: {"code": float(code), "msg": "said"},
        lambda code: {"error": {"code": code, "message": "said"}},
        lambda code: {"success": False, "error": {"code": str(code), "message": "said"}},
        lambda code: {"detail": {"code": code, "message": "said"}},
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 500])
@cases
def test_codes__mean_the_same_in_every_form_and_under_any_status(form: Any, status: int, code: int, kind: str) -> None:
    error = refusal(form(code), status=status)
    assert (type(error).__name__, error.code, str(error)) == (kind, code, "said")
    assert error.hint


@cases
def test_numbers__mean_what_they_mean_at_their_endpoint(number: int, endpoint: str, kind: str) -> None:
    place = getattr(api, endpoint)
    by_code, by_status = refusal({"code": number}, place), refusal({}, place, status=number)
    page = unwrap(Answer(number, b"<html>no</html>"), place)
    assert type(by_code) is type(by_status) is type(page) is getattr(errors, kind)
    assert by_code.code == number
    assert by_status.code == (getattr(errors, kind).code or number)
    assert "HTTP" not in str(by_status) or number == 500


@pytest.mark.parametrize("endpoint", [api.CHAT, api.SUBMIT, api.CLAIM])
def test_404__that_speaks_of_a_session_means_it(endpoint: Endpoint) -> None:
    error = refusal({"detail": "Session not found: 7"}, endpoint, 404)
    assert type(error) is errors.SessionNotFound
    assert error.code == 1002


def test_a_code_that_tells_nothing__leaves_it_to_the_status() -> None:
    error = refusal({"code": 777, "message": "said"}, api.STATE, 404)
    assert (type(error), error.code) == (errors.SessionNotFound, 777)


def test_validation__is_told_in_words() -> None:
    error = refusal({"detail": [{"loc": ["body"], "msg": "field required"}]}, api.CHAT, 422)
    assert str(error) == "The service did not understand the request: field required"


@pytest.mark.parametrize(
    "payload", [{"success": False, "message": "no"}, {"success": False}, {"error": "no"}, {"error": {"message": "no"}}]
)
def test_refusals_without_a_code__are_errors_under_200_too(payload: object) -> None:
    assert type(refusal(payload)) is errors.ServiceError


@pytest.mark.parametrize("body", [b"", b"hello", b"[1]", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' + b"9" * 5000])
def test_garbage__is_a_protocol_error_that_may_hide_a_deed(body: bytes) -> None:
    found = unwrap(Answer(200, body), api.CHAT)
    assert isinstance(found, errors.ProtocolError)
    assert found.may_have_acted


@pytest.mark.parametrize(("status", "acted"), [(200, True), (404, False), (422, False), (500, True), (503, True)])
def test_failures_inside_and_codes_that_nobody_knows__may_hide_a_deed(status: int, acted: bool) -> None:
    error = refusal({"code": 777}, api.CHAT, status)
    assert isinstance(error, errors.ServiceError)
    assert error.may_have_acted is acted


def test_redirect__is_told_as_such() -> None:
    assert "elsewhere" in str(unwrap(Answer(302, b""), api.CREDITS))


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after__is_kept_and_said(status: int) -> None:
    found = unwrap(answer({}, status, "7200"), api.CREDITS)
    assert isinstance(found, errors.ServiceError)
    assert found.retry_after_s == 7200
    assert found.hint == "Run it again in 2 hours."


def test_what_a_service_says__is_redacted() -> None:
    error = refusal({"code": 777, "message": f"bad {PLANTED}\nx", "hint": f"Bearer {PLANTED} here"})
    assert PLANTED not in f"{error} {error.hint} {error!r}"
    assert "bad" in str(error)
    assert "here" in error.hint


def test_answers__show_nothing_of_their_body() -> None:
    assert PLANTED not in repr(answer({"data": {"token": PLANTED}}))


@given(json_values | answers, st.integers(100, 599), st.sampled_from(ALL), st.text(max_size=30))
@example({"code": float("nan")}, 200, api.CHAT, "")
@example({"code": 10**400}, 200, api.CHAT, "")
@example({"code": "²"}, 200, api.CHAT, "")
@example({"error": {"message": [1]}, "hint": 3}, 500, api.CHAT, "1e9")
def test_any_answer__is_data_or_an_error_of_ours(
    payload: object, status: int, endpoint: Endpoint, retry_after: str
) -> None:
    found = unwrap(answer(payload, status, retry_after), endpoint)
    assert isinstance(found, (dict, errors.NemoError))
    if isinstance(found, errors.NemoError):
        assert str(found)
        assert found.hint


@given(st.binary(max_size=200), st.integers(100, 599), st.sampled_from(ALL))
def test_any_bytes__are_data_or_an_error_of_ours(body: bytes, status: int, endpoint: Endpoint) -> None:
    assert isinstance(unwrap(Answer(status, body), endpoint), (dict, errors.NemoError))


def test_ids__stay_one_step_of_the_path() -> None:
    assert api.STATE.at(session="123").path == "/api/state/nemo_agent/me/123/latest"
    for hostile in ("../../x", "..", "a/b", "a?b#c", "é"):
        path = api.STATUS.at(render=hostile).path
        assert path.count("/") == api.STATUS.path.count("/")
        assert not set(path.rpartition("/")[2]) & set("./?#é")


def test_repeating__is_for_what_does_nothing_twice() -> None:
    table = [value for value in vars(api).values() if isinstance(value, Endpoint)]
    assert {one.name for one in table if not one.repeats} == {
        *("session", "chat", "upload", "submit", "store draft", "go to draft", "edit")
    }
    assert len({one.name for one in table}) == len(table) == 20
