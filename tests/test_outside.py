from __future__ import annotations

import logging
import pickle
import re
import threading
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from cases import cases, tables
from hypothesis import given, strategies as st

from nemo_notebook.outside import Secret, plain, quiet_logs, redact, strike

SECRET = "SECRETxyz_123"  # in no form that the search over the whole run looks for
LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11")


@cases
def test_strike__hides_the_secret_and_nothing_else(text: str, shown: str) -> None:
    assert SECRET in text
    assert strike(text) == shown


@cases
def test_strike__leaves_harmless_text_as_it_is(text: str) -> None:
    assert strike(text) == text


PIECES = tables(Path(__file__).with_suffix(".toml"))["pieces"]


@given(st.lists(st.sampled_from([*PIECES, " ", "\n", ": ", "', b'"]), max_size=12).map("".join) | st.text())
def test_strike__twice_is_once(text: str) -> None:
    assert strike(strike(text)) == strike(text)


@cases
def test_strike__takes_linear_time(piece: str) -> None:
    piece = piece.replace("{dots}", "." * 5000).replace("{letters}", "a" * 64)

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
