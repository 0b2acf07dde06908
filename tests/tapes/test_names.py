from __future__ import annotations

import json
import re
import time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given, strategies as st
from planted import PLANTED
from tape_parts import jsons

from nemo_notebook import errors
from nemo_notebook.client.transport import check_asset_url
from nemo_notebook.tapes.names import PLACEHOLDER, Names
from nemo_notebook.tapes.scan import findings

SESSION, TASK, USER = "1234567890123456789", "task_0a1b2c3d", "anon_0123456789abcdef"
IDS = {"session_id": SESSION, "task_id": TASK, "user_id": USER}
SERVICE = "https://api.test"


@pytest.fixture
def names() -> Names:
    return Names([SERVICE])


def test_placeholders__are_counted_by_kind_and_stay(names: Names) -> None:
    assert names.placeholder("session", SESSION) == "session-tape-1"
    assert names.placeholder("session", "another-session") == "session-tape-2"
    assert names.placeholder("task", TASK) == "task-tape-1"
    assert names.placeholder("user", USER) == "user-tape-1"
    assert names.placeholder("client", "0b8f7a52-client") == "client-tape-1"
    assert names.placeholder("token", PLANTED) == "nmv_usr_tape_1"
    assert names.placeholder("claim", "clm_0123456789") == "clm_tape_1"
    assert names.placeholder("session", SESSION) == "session-tape-1"
    assert names.placeholder("session", "session-tape-1") == "session-tape-1"


@pytest.mark.parametrize("short", ["", "me", "101", "a b c d", 'x"yzuvw'])
def test_what_is_no_id__keeps_its_own_name(names: Names, short: str) -> None:
    assert names.placeholder("session", short) == short
    names.learn("/x", {"session_id": short})
    assert names.shown({"session_id": short, "say": f"take {short} now"}) == {
        "session_id": short,
        "say": f"take {short} now",
    }


def test_learn__finds_ids_in_answers_in_bodies_and_in_paths(names: Names) -> None:
    names.learn(
        "/api/tasks", {"code": 0, "data": [{"sessionId": SESSION, "more": {"task_id": TASK}}, {"user_id": USER}]}
    )
    assert names.shown([SESSION, TASK, USER]) == ["session-tape-1", "task-tape-1", "user-tape-1"]
    names.learn("/api/state/nemo_agent/me/other%2Dsession/latest", None)
    names.learn("/api/render/proxy/lambda/render_17_ab", None)
    names.learn("/api/render/proxy/render_18_cd/download", None)
    assert names.shown("other-session render_17_ab render_18_cd") == "session-tape-2 render_tape_1 render_tape_2"


def test_number_as_an_id__becomes_a_name(names: Names) -> None:
    value = {"session_id": int(SESSION), "n": int(SESSION), "user_id": 7, "ok": True}
    names.learn("/x", value)
    assert names.shown(value) == {"session_id": "session-tape-1", "n": int(SESSION), "user_id": 7, "ok": True}


def test_whole_ids__are_shown_wherever_they_stand(names: Names) -> None:
    names.learn("/x", IDS)
    text = f"in {SESSION}: /me/{SESSION}/latest?bind={USER}, «{TASK}» 会话{SESSION}。"
    named = "in session-tape-1: /me/session-tape-1/latest?bind=user-tape-1, «task-tape-1» 会话"
    assert names.shown(text).startswith(named)
    assert names.real(names.shown(text)) == text
    assert names.shown({SESSION: [{"deep": SESSION}]}) == {"session-tape-1": [{"deep": "session-tape-1"}]}


def test_parts_of_words__stay(names: Names) -> None:
    names.learn("/x", IDS)
    for text in (f"{SESSION}0", f"0{SESSION}", f"x{TASK}", f"{TASK}_2", SESSION[:-1]):
        assert names.shown(text) == text
    for text in ("session-tape-12", "xsession-tape-1", "session-tape-1a", "session-tape-9", "render_tape_x"):
        assert names.real(text) == text


def test_longer_ids__go_first(names: Names) -> None:
    for real in ("abcdef", "abcdef-ghi", "abcdef-ghi-jkl"):
        names.placeholder("session", real)
    assert names.shown("abcdef-ghi abcdef-ghi-jkl abcdef") == "session-tape-2 session-tape-3 session-tape-1"


def test_names__stay_names_also_where_they_are_not_known(names: Names) -> None:
    for name in ("session-tape-2", "render_tape_7", "https://media.tape/3/a.mp4", "https://given.tape/1/a.mp4"):
        assert names.placeholder("session", name) == name
        names.learn(f"/api/state/nemo_agent/me/{quote(name, safe='')}/latest", {"session_id": name})
        assert names.shown({"session_id": name}) == {"session_id": name}
    assert names.placeholder("session", SESSION) == "session-tape-1"


ADDRESSES = [
    ("http://127.0.0.1:8123/files/0123456789abcdefghij/film.mp4", "https://media.tape/1/film.mp4"),
    ("http://localhost:8123/x/", "https://media.tape/1/file"),
    (f"{SERVICE}/files/a.mp4", "https://media.tape/1/a.mp4"),
    ("https://cdn.test/a/film.mp4?X-Amz-Signature=0123456789", "https://media.tape/1/film.mp4"),
    ("https://cdn.test/%E7%89%87%20a.mp4?sig=0123456789", "https://media.tape/1/_a.mp4"),
    ("https://cdn.test/..%2F..%2Fpasswd?sig=0123456789", "https://media.tape/1/_.._passwd"),
    ("https://me:secret@cdn.test/film.mp4", "https://media.tape/1/film.mp4"),
    ("https://cdn.test/" + "a" * 5000, "https://media.tape/1/" + "a" * 60),
]


@pytest.mark.parametrize(("real", "name"), ADDRESSES, ids=range(len(ADDRESSES)))
def test_addresses__get_names_that_say_nothing_of_where_they_are(names: Names, real: str, name: str) -> None:
    assert names.shown({"url": real}) == {"url": name}
    assert names.url(real) == name == names.url(name)
    assert names.shown(f"see {real}, please") == f"see {name}, please"
    assert names.real(f"see {name}, please") == f"see {real}, please"
    assert PLACEHOLDER.fullmatch(name)
    check_asset_url(name, loopback_ok=False)
    assert not findings(name)


def test_harmless_addresses__stay_but_for_their_ids(names: Names) -> None:
    names.learn("/x", IDS)
    assert names.shown(f"https://nemovideo.com/?bind={USER}") == "https://nemovideo.com/?bind=user-tape-1"
    assert names.shown("https://x.test/watch?v=abc&t=90s") == "https://x.test/watch?v=abc&t=90s"


def test_addresses_that_the_user_gives__get_the_same_names_whatever_came_before(names: Names) -> None:
    came, given, plain = "http://127.0.0.1/a.mp4", "https://x.test/song.mp3?sig=0123456789", "https://x.test/b.mp3"
    assert names.shown({"url": came}) == {"url": "https://media.tape/1/a.mp4"}
    asked = {"urls": [given, plain, came]}
    named = {"urls": ["https://given.tape/1/song.mp3", plain, "https://media.tape/1/a.mp4"]}
    assert names.shown(asked, asked=True) == named
    assert names.real(named) == asked
    assert Names().shown({"urls": [given, plain]}, asked=True) == {"urls": named["urls"][:2]}
    assert names.shown(f"from {given}") == "from https://given.tape/1/song.mp3"
    assert not findings(named)


def test_address_in_json_text__is_the_same_as_in_json(names: Names) -> None:
    real = "https://cdn.test/film.mp4?a=1&sig=0123456789"
    for written in (real, real.replace("&", "\\u0026"), real.replace("/", "\\/")):
        assert names.shown(f'data: {{"url":"{written}"}}') == 'data: {"url":"https://media.tape/1/film.mp4"}'
    assert names.real("https://media.tape/1/film.mp4") == real


def test_file_name_in_an_address__holds_no_id(names: Names) -> None:
    names.learn("/x", IDS)
    assert names.url(f"http://127.0.0.1/{SESSION}.mp4") == "https://media.tape/1/session-tape-1.mp4"


def test_tokens_of_the_services_form__are_named_unasked(names: Names) -> None:
    shown = names.shown({"t": PLANTED, "c": "?ct=clm_0123456789.", "n": "nmv_usr_… clm_x nmv_usr_tape_1"})
    assert shown == {"t": "nmv_usr_tape_1", "c": "?ct=clm_tape_1.", "n": "nmv_usr_… clm_x nmv_usr_tape_1"}
    assert names.real(shown) == {**shown, "c": "?ct=clm_0123456789."}  # whoever gets a request has no use for a token
    assert set(names.secrets()) == {PLANTED, "clm_0123456789"}
    assert not findings(shown, names.secrets())


def test_own_token_of_any_form__is_named(names: Names) -> None:
    names.learn("/api/auth/anonymous-token", {"data": {"token": "swordfish-7"}})
    assert names.shown("it is swordfish-7") == "it is nmv_usr_tape_1"
    assert names.secrets() == ("swordfish-7",)


def test_render_ids__are_named_first_and_made_when_they_are_sent(names: Names) -> None:
    assert [names.new_render_id() for _ in range(2)] == ["render_tape_1", "render_tape_2"]
    real = names.real({"id": "render_tape_2"})["id"]
    assert re.fullmatch(r"render_\d{10,}_[0-9a-f]{8}", real)
    assert names.real("/lambda/render_tape_2/cancel") == f"/lambda/{real}/cancel"
    assert names.shown({"id": real}) == {"id": "render_tape_2"}
    assert names.real("render_tape_5") == "render_tape_5"


@given(jsons, st.lists(st.sampled_from([SESSION, TASK, USER, ADDRESSES[0][0], ADDRESSES[3][0]]), max_size=4))
def test_any_value__comes_back(value: Any, reals: list[str]) -> None:
    plain = json.dumps(value)
    assume(not PLACEHOLDER.search(plain) and "http" not in plain and not findings(value))
    names = Names()
    names.learn("/x", IDS)
    whole = {"value": value, "reals": reals, "said": " ".join(reals), **dict.fromkeys(reals)}
    shown = names.shown(whole)
    assert not any(real in json.dumps(shown) for real in reals)
    assert names.real(shown) == whole
    assert names.shown(shown) == shown


def test_endless_nesting__is_refused(names: Names) -> None:
    value: object = SESSION
    for _ in range(100_000):
        value = [value]
    names.learn("/x", value)
    with pytest.raises(errors.TapeError, match="nested too deep"):
        names.shown(value)


@pytest.mark.parametrize(
    "piece", ["https://", "https://....", "://", "nmv_usr_", "clm_abc", "-eyJaaaaaa", "\\u0026", "a?sig="]
)
def test_hostile_text__takes_linear_time(piece: str) -> None:
    def spent_s(length: int) -> float:
        text = "https://x.test/?a=" + (piece * (length // len(piece) + 1))[:length]
        begun_s = time.perf_counter()
        Names().shown(text)
        return time.perf_counter() - begun_s

    short_s = min(spent_s(10_000) for _ in range(3))
    assert spent_s(200_000) < 20 * short_s * 6 + 0.2  # in quadratic time it would be 400 times as long
