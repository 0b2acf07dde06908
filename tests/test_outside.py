from __future__ import annotations

import json
import logging
import pickle
import re
import threading
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from hypothesis import given, strategies as st

from nemo_notebook.outside import Secret, plain, quiet_logs, redact, strike

SECRET = "SECRETxyz_123"  # in no form that the search over the whole run looks for
LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11")

HIDDEN = [
    (f"nmv_usr_{SECRET} and clm_{SECRET}.", "… and …."),
    (f"key sk-{SECRET}, again", "key …, again"),
    (f"jwt eyJhbGciOiJI.eyJzdWIiOiIx.{SECRET}!", "jwt …!"),
    (f"sent Bearer {SECRET}, refused", "sent Bearer …, refused"),
    (f"Authorization: Basic {SECRET}== failed", "Authorization: Basic … failed"),
    (f"Authorization: Custom a b {SECRET}\nnext line", "Authorization: …\nnext line"),
    (f"curl -H 'X-Api-Key: {SECRET}' http://x.test", "curl -H 'X-Api-Key: …' http://x.test"),
    (f"Cookie: a={SECRET}; b={SECRET}", "Cookie: …"),
    (f"[(b'Set-Cookie', b'sid={SECRET}; Path=/')]", "[(b'Set-Cookie', b'…')]"),
    (f"https://me:{SECRET}@x.test/a", "https://…@x.test/a"),
    (f"https:\\/\\/me:{SECRET}@x.test\\/a?sig={SECRET}\\u0026b={SECRET}", "https:\\/\\/…@x.test\\/a?sig=…\\u0026b=…"),
    (f"see https://x.test/a?X-Amz-Signature={SECRET}&t=5.", "see https://x.test/a?X-Amz-Signature=…&t=5."),
    (f"https://x.test/a?se=2030&sp=r&sv={SECRET}&sr=b#token={SECRET}", "https://x.test/a?se=…&sp=…&sv=…&sr=…#token=…"),
    (f'<a href="/a?v=1&amp;Policy={SECRET}">', '<a href="/a?v=1&amp;Policy=…">'),
    (f"/workspace/claim?ct={SECRET})", "/workspace/claim?ct=…)"),
    (f"to=https%3A%2F%2Fx.test%3Fsig%3D{SECRET}%26t%3D5", "to=https%3A%2F%2Fx.test%3Fsig%3D…"),
    (f"链接 https://x.test/a?sig={SECRET}。请重试", "链接 https://x.test/a?sig=…。请重试"),
    (f"https://x.test/?id={SECRET * 4}", "https://x.test/?id=…"),
    (json.dumps({"token": f'a b"{SECRET}', "n": None}), '{"token": "…", "n": null}'),
    (json.dumps(json.dumps({"api_key": SECRET})), '"{\\"api_key\\": \\"…\\"}"'),
    (f"{{'client_secret': '{SECRET}'}}", "{'client_secret': '…'}"),
    (f"password={SECRET} user=me", "password=… user=me"),
    (f"host='x' auth=(b'me', b'{SECRET}')", "host='x' auth=(…"),
    (f"GET http://127.0.0.1:80/files/{SECRET}4567/film.mp4", "GET http://127.0.0.1:80/files/…/film.mp4"),
]
HARMLESS = [
    "https://nemovideo.com/?bind=anon_0123456789abcdef",
    "https://x.test/watch?v=abc&t=90s&lang=en&page=2#part-3",
    "a task-force in sk-SK uses scikit: sk-learn",
    "the bearer of news; a bearer token is missing",
    "time signature: 4/4, 2 tokens: one and two",
    '{"token": null, "tokens": 5, "key": "C major"}',
    "Fortune cookie: be happy\n\n\tindented   and  spaced\r\n",
    "/home/me/files/aaaaaaaaaaaaaaaaaaaa/film.mp4",
    "me@x.test wrote 3/4 @ noon: why? 1+1=2",
    "",
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN, ids=range(len(HIDDEN)))
def test_strike__hides_the_secret_and_nothing_else(text: str, shown: str) -> None:
    assert SECRET in text
    assert strike(text) == shown


@pytest.mark.parametrize("text", HARMLESS, ids=range(len(HARMLESS)))
def test_strike__leaves_harmless_text_as_it_is(text: str) -> None:
    assert strike(text) == text


PIECES = r"""
    nmv_usr_ clm_ sk- eyJabcdefgh Bearer basic Authorization X-Api-Key set-cookie cookie https:// http://u: /files/
    auth=( token password Signature abc 1 null sig t … . : = @ ? & # , ; ( ) < > / ， - _ \ " ' b' aaaaaaaaaaaaaaaaaaaa
    %3F %3D %26 \u0026 &amp;
""".split()


@given(st.lists(st.sampled_from([*PIECES, " ", "\n", ": ", "', b'"]), max_size=12).map("".join) | st.text())
def test_strike__twice_is_once(text: str) -> None:
    assert strike(strike(text)) == strike(text)


HOSTILE = [
    *("x", "?a=", "?a=.", "?a=b" + "." * 5000, "&" + "a" * 64, "%3F", "://a@", "/files/", "eyJ", "eyJaaaaaaa."),
    *("bearer ", "bearer " + "." * 5000, 'token":"', "passw", "\\", "cookie:", "authorization='", "auth=(b'"),
    *("-eyJaaaaaa", "_-eyJaaaaaa", "-eyJaaaaaa.", "-eyJaaaaaa.-", "\\neyJaaaaaa"),
]


@pytest.mark.parametrize("piece", HOSTILE, ids=range(len(HOSTILE)))
def test_strike__takes_linear_time(piece: str) -> None:
    def spent_s(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        begun_s = time.perf_counter()
        strike(text)
        return time.perf_counter() - begun_s

    short_s = min(spent_s(10_000) for _ in range(3))
    assert spent_s(200_000) < 20 * short_s * 6 + 0.2  # in quadratic time it would be 400 times as long


def test_redact__gives_one_line_and_strikes_before_it_cuts() -> None:
    assert redact(f"a\n\tb \x1b[31mnmv_usr_\x00{SECRET}\x1b[0m c") == "a b … c"
    cut = redact("x" * 295 + f" nmv_usr_{SECRET}")
    assert cut == "x" * 295 + " …"
    assert len(redact("x" * 999)) == 300


def test_secret__is_shown_by_nothing_but_reveal() -> None:
    secret = Secret(SECRET)
    assert secret.reveal() == SECRET
    assert SECRET not in f"{secret} {secret!r} {[secret]}"
    assert secret == Secret(SECRET) != Secret("other")
    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    try:
        raise ValueError
    except ValueError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert "Secret(…)" in "".join(shown.format())


class Answers(BaseHTTPRequestHandler):
    """Answers with a redirect to a signed address and a cookie."""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", f"https://x.test/film?X-Amz-Signature={SECRET}")
        self.send_header("Set-Cookie", f"sid={SECRET}; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/film?sig={SECRET}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """The HTTP libraries' loggers as they are before anybody has quietened them, at the lowest level."""
    before = {name: logging.getLogger(name).filters[:] for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).filters.clear()
        caplog.set_level(logging.DEBUG, name)
    yield caplog
    for name, filters in before.items():
        logging.getLogger(name).filters[:] = filters


def test_quiet_logs__strikes_what_httpx_and_httpcore_log(loud: pytest.LogCaptureFixture, address: str) -> None:
    httpx.get(address, headers={"Authorization": f"Bearer nmv_usr_{SECRET}"}, trust_env=False)
    assert loud.text.count(SECRET) >= 3  # the address, the redirect, the cookie
    loud.clear()
    quiet_logs()
    httpx.get(address, headers={"Authorization": f"Bearer nmv_usr_{SECRET}"}, trust_env=False)
    assert SECRET not in loud.text
    for kept in ("HTTP Request: GET http://127.0.0.1", "302", "Set-Cookie", "https://x.test/film", "receive_response"):
        assert kept in loud.text


def test_quiet_logs__twice_is_once(loud: pytest.LogCaptureFixture) -> None:
    quiet_logs()
    quiet_logs()
    assert [len(logging.getLogger(name).filters) for name in LOGGERS] == [1, 1, 1]
    logging.getLogger("httpx").info("100 %% of %s", f"nmv_usr_{SECRET}")
    assert loud.messages == ["100 % of …"]


@pytest.mark.parametrize("hostile", ["\x1b[31mred\x1b[0m", "\x1b]0;title\x07x", "a\x00b\x08c", "\u202egnp.exe"])
def test_plain__has_no_control_codes(hostile: str) -> None:
    assert not re.search(r"[\x00-\x08\x1b\u202e]", plain(hostile))


def test_plain__keeps_marks_of_direction_behind_letters_that_need_them() -> None:
    assert plain("\u200fsong\u200e.mp3") == "song.mp3"
    assert plain("\u200eשלום!\u200f") == "שלום!\u200f"
