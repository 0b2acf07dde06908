"""Values and words from outside, made fit to use: nothing in them is trusted to be of its type or harmless."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Mapping
from typing import Any, Final, Never

_LARGEST: Final = 1e15
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_BEGUN_CODE: Final = re.compile(r"\x1b(?:\[[0-?]{0,200}[ -/]{0,200}|\][^\x07\x1b]{0,200}\x1b?)?\Z")
# Marks of the direction of writing, of use only behind letters that go from right to left.
_MARKS: Final = re.compile("[\u061c\u200e\u200f]")
_LEFTWARD: Final = re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_HIDDEN: Final = "…"
# Where a value in running text ends: punctuation behind it belongs to the sentence.
_NEVER: Final = r"\s\"'&<>\\`，。、；：！？（）【】“”‘’「」《》"
_RUN: Final = rf"[^{_NEVER},;(){{}}\[\]]*[^{_NEVER},;(){{}}\[\].:!?]"
_QUOTED: Final = (
    r"(?:(?P<open>\\{1,3}[\"'])(?:(?!(?P=open))[^\n])++"
    r"|(?P<double>\")(?:[^\"\\\n]|\\.)++"
    r"|(?P<single>')(?:[^'\\\n]|\\.)++"
)
_IS: Final = r"\\{0,3}[\"']?\s{0,8}[:=]\s{0,8}(?:b(?=[\"']))?"
_IN_PAIR: Final = r"[\"']\s{0,8},\s{0,8}b?"  # as headers are logged: (b'Set-Cookie', b'…')
_HEADERS: Final = re.compile(
    rf"(?i)(?P<name>(?:authorization|x-api-key|x-auth-token|set-cookie)(?:{_IS}|{_IN_PAIR})"
    rf"|cookie(?:{_IS}|{_IN_PAIR})(?=[\"']?[^\s=;\"']{{1,80}}=))"
    rf"{_QUOTED}|(?P<scheme>(?:basic|bearer|token|apikey)\s{{1,8}})[^\s\"'<>,;]++|[^\n\r\"'<>]++)"
)
_NAMED: Final = re.compile(
    r"(?i)(?P<name>(?:token|secret|passw(?:or)?d|passphrase|(?<!x-)(?:api|access|private|secret)[-_]?key)"
    rf"{_IS}|(?:signature|credential|key-pair-id)(?:=|[\"']\s{{0,8}}:\s{{0,8}}))"
    rf"{_QUOTED}|(?!(?:null|none|true|false)\b){_RUN})"
)
_USERINFO: Final = re.compile(r"(?:(?<=://)|(?<=:\\/\\/))[^\s/?#\"'<>\\]*@")
_QUERY: Final = re.compile(
    r"(?i)(?P<name>(?:&amp;|\\u0026|[?&#]|%3F|%26)(?P<key>(?:[\w.~\[\]-]|%(?!3D|3F|26)){1,64}+)(?:=|%3D))"
    rf"(?P<value>[^{_NEVER}#|]*(?<![.,;:!?)\]}}*_]))"
)
_HARMLESS: Final = frozenset("bind format hl id lang language page quality t tab v version".split())
_LONGEST_HARMLESS: Final = 40  # a UUID and a little more
_BEARER: Final = re.compile(rf"(?P<name>(?i:bearer)\s{{1,8}})(?![a-z]{{1,14}}(?:[\s.,;:!?)\"']|$)){_RUN}")
_BORDER: Final = r"(?:(?<![^\W_])|(?<=\\[nrt]))"
_TOKEN: Final = re.compile(r"(?a:(?:nmv_usr_|clm_)(?:[\w~+/=%-]|\.(?=\w))++)")
_KEY: Final = re.compile(rf"(?a:{_BORDER}sk-[\w-]{{6,}}+)")
# From where its word begins, once it is known that a dot follows: so each word is looked at once.
_SIGNED: Final = re.compile(
    rf"(?a:(?<![\w-])(?=[\w-]++\.[\w-])(?P<name>[\w-]*?){_BORDER}eyJ[\w-]{{6,}}+(?:\.[\w-]++)+)"
)
_PROXY_AUTH: Final = re.compile(r"(?P<name>\bauth=\()(?=b?[\"']).*")  # httpcore logs what it sends to a SOCKS proxy
# The key opens a file of the local engine without a token.
_FILE_KEY: Final = re.compile(r"(?P<name>://[^\s/]{1,80}/files/)[\w-]{16,}+(?=/)")

# httpcore logs response headers, httpx the address of each request.
_LOGGERS: Final = (
    "httpx",
    "httpcore",
    *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
)


class Secret:
    """A secret on its way: shown by nothing but `reveal`, which is called where it is sent."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> Never:
        raise TypeError("A secret is not written anywhere.")


def finite(value: object) -> float | None:
    """A number that can be worked with, or None: no truth value, no NaN, no infinity, nothing absurdly large."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -_LARGEST < value < _LARGEST else None


def as_text(value: object) -> str:
    """A text; empty if the value is none."""
    return value if isinstance(value, str) else ""


def as_mapping(value: object) -> Mapping[str, Any]:
    """A mapping; empty if the value is none."""
    return value if isinstance(value, Mapping) else {}


def plain(text: str) -> str:
    """Without terminal codes, control characters, lone surrogates and marks that turn the direction of writing."""
    text = _CONTROL.sub("", _ANSI.sub("", text.replace("\r\n", "\n")))
    if not _MARKS.search(text):
        return text
    found = _LEFTWARD.search(text)
    at = found.start() if found else len(text)
    return _MARKS.sub("", text[:at]) + text[at:]


class PlainText:
    """A text that comes in pieces, made plain: a terminal code that is cut between two of them is held back."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take the next piece; give what can be shown by now."""
        coming = self._held + piece
        begun = _BEGUN_CODE.search(coming)
        at = begun.start() if begun else len(coming)
        self._held = coming[at:]
        return plain(coming[:at])


def strike(text: str) -> str:
    """The same text with every secret replaced by `…`, all else untouched; any length, in linear time.

    Secrets are tokens (`nmv_usr_…`, `clm_…`, `sk-…`, JWTs), what follows `Bearer`, the values of headers, keys and
    variables that are named after a secret, the user and password of an address, and the values of its query and
    fragment, except for a few harmless ones such as `?bind=…`, the registration link's.
    """
    text = _QUERY.sub(_in_query, text)
    for rule in (_HEADERS, _NAMED, _BEARER, _SIGNED, _KEY, _TOKEN, _PROXY_AUTH, _FILE_KEY):
        text = rule.sub(_named, text)
    return _USERINFO.sub(f"{_HIDDEN}@", text)


def _named(found: re.Match[str]) -> str:
    """What goes before a secret, up to an opening quote, and the secret's place."""
    kept = found.groupdict()
    return "".join([*(kept.get(part) or "" for part in ("name", "open", "double", "single", "scheme")), _HIDDEN])


def _in_query(found: re.Match[str]) -> str:
    value = found["value"]
    if not value or (found["key"].lower() in _HARMLESS and len(value) <= _LONGEST_HARMLESS):
        return found[0]
    return f"{found['name']}{_HIDDEN}"


def redact(text: str, limit: int = 300) -> str:
    """What a service said, on one line, cut where it is long, without anything that looks like a secret."""
    line = " ".join(strike(plain(text)).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def quiet_logs() -> None:
    """From now on, what the HTTP libraries log holds no secrets, at any level. A second call changes nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_strike_record)


def _strike_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = strike(record.getMessage()), ()
    return True
