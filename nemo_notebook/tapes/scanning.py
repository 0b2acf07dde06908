"""What no tape may hold: secrets, and content that would come to life where it is shown."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from nemo_notebook.outside import redact
from nemo_notebook.tapes.names import PLACEHOLDER

_SHORTEST: Final = 6
_SHORTEST_SECRET: Final = 4
_PATH_CHARS: Final = 40
_LAYERS: Final = 3  # of escapes in escapes
_HIDING: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef\\]"
)
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_LONG_NUMBER: Final = re.compile(r"&#0*([0-9]{1,8})[0-9]*")  # of a character; none has more digits


def _packed(data: bytes, shortest: int = 6) -> Iterator[str]:
    """How bytes look in base64 and as digits, wherever they stand in what was packed."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + data).decode()
        sure = text[-(-8 * shift // 6) : 8 * (shift + len(data)) // 6]  # these hang on nothing that is around them
        if len(sure) >= shortest:
            yield from {sure, sure.translate(_FOR_ADDRESSES)}
    yield from (data.hex(), data.hex().upper())


_FOR_ADDRESSES: Final = str.maketrans("+/", "-_")

# Each begins where a word or an element begins, or has a bound, or looks once from there on: so all take linear time.
_VALUE: Final = r"[\"']?\s{0,8}[:=]\s{0,8}[\"']?"
_SIGNED: Final = (
    r"x-(?:amz|goog|oss|cos)-(?:signature|credential|security-token)|q-signature|signature|sig|hmac"
    r"|(?:access_?|auth_?|id_|refresh_|session_|security_)?token|jwt|ct|key-pair-id|policy|api_?key|secret|password"
    r"|(?:oss|aws)accesskeyid"
)
_SECRETS: Final = {
    "a token of the service": (
        rf"nmv_usr_[\w~+/=%-]{{4}}|(?a:(?:{'|'.join(sorted(_packed(b'nmv_usr_')))})[\w+/-]{{5}})"
    ),
    "a claim token": r"(?a:(?<![A-Za-z0-9])clm_[\w~+/=%-]{6})",
    "a bearer token": r"(?i:bearer)\s{1,8}(?![a-z]{1,14}(?:[\s.,;:!?)\"']|$))[\w~+/.=-]{6}",
    "a signed token (JWT)": r"(?a:(?<![\w-])eyJ[\w-]{6,}\.[\w-]{4})",
    "a key of a cloud service": (
        r"(?a:(?<![\w-])(?:(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}|sk-(?=[\w-]{0,100}\d)[\w-]{20}|gh[pousr]_\w{30}"
        r"|github_pat_\w{20}|xox[abeprs]-[\w-]{10}|glpat-[\w-]{20}|hf_[A-Za-z0-9]{30}|npm_[A-Za-z0-9]{30}"
        r"|[rsp]k_(?:live|test)_\w{10}|ya29\.[\w-]{20}|SG\.[\w-]{20})|AccountKey=[\w+/]{20})"
    ),
    "a private key": r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY",
    "a signed address": rf"(?i)(?:[?&#;]|%3F|%26|\\u0026)(?:{_SIGNED})(?:=|%3D)[^\s&\"'<>…]{{4}}",
    "an address with a password": r"://[^\s/?#\"'<>\\@:…]{0,200}:[^\s/?#\"'<>\\@…]{1,200}@",
    "the key of a file": r"(?a:://[^\s/]{1,80}/files/[\w-]{16})",
    "the value of a header": (
        rf"(?i)\b(?:authorization{_VALUE}(?:basic|token|apikey|digest)\s{{1,8}}[\w~+/.=-]{{6}}"
        rf"|(?:x-api-key|x-auth-token){_VALUE}[\w~+/.=-]{{8}}|set-cookie{_VALUE}[^\s=;\"']{{1,80}}=[^\s;\"']{{4}})"
    ),
    "a password or key": (
        rf"(?i)(?:passw(?:or)?d|passphrase|(?:api|access|private|secret)[-_]?key|client[-_]?secret"
        rf"|(?:access|auth|refresh|id)[-_]?token){_VALUE}(?=[^\s\"']{{0,100}}\d)[^\s\"'…]{{8}}"
    ),
}
_HANDLER: Final = (
    r"on(?:animation|before|blur|change|click|error|focus|input|key|load|mouse|pointer|scroll|submit|toggle|touch"
    r"|transition|wheel)[a-z]{0,20}\s{0,8}="
)
_ALIVE: Final = {
    "a script": r"(?i)<\s{0,8}/?script|(?:java|vb)script:\S|[\[({\"'=<]\s{0,8}(?:java|vb)script\s{0,8}:",
    "an element that runs or loads something": (
        r"(?i)<\s{0,8}(?:iframe|frame|frameset|object|embed|applet|svg|math|meta|base|link|form|style|template)\b"
        r"|(?s:\A(?>.*?<(?:img|video|audio|source|track|input)\b).*?[\s/\"'](?:src|srcset|poster)\s{0,8}=)"
    ),
    "an element that reacts to events": (
        r"(?i)<[a-z][^<]{0,500}?[\s/\"']on[a-z]{3,40}\s{0,8}=|<[a-z][^<>]*?[\s/\"']on[a-z]{3,40}\s{0,8}="
        rf"|[\"']\s{{0,8}}{_HANDLER}|(?s:\A(?>.*?<[a-z]).*?[\s/\"']{_HANDLER})"
    ),
    "a page inside an address": r"(?i)\bdata:\s{0,8}(?:text/|image/svg|application/(?:xhtml|xml|javascript))",
    "a link that runs a command": r"(?i)\]\(\s{0,8}<?command:",
}
_SECRET_RULES: Final = tuple((what, re.compile(rule)) for what, rule in _SECRETS.items())
_ALIVE_RULES: Final = tuple((what, re.compile(rule)) for what, rule in _ALIVE.items())
_SECRET_KEYS: Final = re.compile(
    r"(?i)(?:(?:access|auth|bearer|claim|id|refresh|session|user)[-_]?)?token|authorization|(?:set-)?cookie"
    r"|passw(?:or)?d|passphrase|(?:client[-_]?)?secret|(?:x-)?(?:api|access|private|secret)[-_]?key"
)
_SECRET_VALUE: Final = re.compile(r"(?=\D{0,200}\d)[!-~]{8,}|[!-~]{20,}|(?i:basic|bearer|token) [!-~]{6,}")
_IN_BYTES: Final = re.compile(rb"nmv_usr_\w{6}|-----BEGIN [A-Z ]{0,40}PRIVATE KEY")
_PAGE_TYPES: Final = re.compile(r"(?i)text/|.*(?:html|xml|svg|script|pdf)")
_PAGE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|(?:\xff\xfe|\xfe\xff)[\s\x00]*<")
_SPOKEN: Final = frozenset({"text", "content"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that no tape may hold.

    Attributes:
        what: What it looks like, such as `a bearer token`; never the thing itself.
        where: The place in the value, such as `request.json.parts[0].text`.
        is_secret: Whether it is a secret; else it is active content.
    """

    what: str
    where: str
    is_secret: bool = True


def findings(value: Any, secrets: Iterable[str] = ()) -> list[Finding]:
    """What a JSON value holds that no tape may hold; placeholders are none of that.

    Args:
        value: A line of a tape, or any part of one.
        secrets: What is known to be secret, whatever it looks like.
    """
    known = _forms(secrets)
    found = []
    for where, key, text in _texts(value):
        found += [Finding(what, where, is_secret) for what, is_secret in _in(text, known)]
        if _SECRET_KEYS.fullmatch(key) and _SECRET_VALUE.fullmatch(PLACEHOLDER.sub("…", text)):
            found.append(Finding("the value of a secret", where))
    return found


def findings_in_media(kind: str, data: bytes | None, secrets: Iterable[str] = ()) -> list[Finding]:
    """What a medium is or holds that no tape may hold.

    Args:
        kind: Its MIME type.
        data: Its bytes, if they were kept.
        secrets: What is known to be secret.
    """
    found = []
    if data is not None and (_PAGE_TYPES.match(kind) or _PAGE.match(data)):
        found.append(Finding("a page or a picture that can hold scripts", "data", is_secret=False))
    if data is not None and (_IN_BYTES.search(data) or any(known.encode() in data for known in _forms(secrets))):
        found.append(Finding("a token", "data"))
    return found


def holds_known(value: Any, data: bytes | None, secrets: Iterable[str]) -> bool:
    """Whether a JSON value, or a medium's bytes, hold something that is known to be secret."""
    if not (known := _forms(secrets)):
        return False
    if data is not None and any(secret.encode("utf-8", "replace") in data for secret in known):
        return True
    return any(secret in face for _, _, text in _texts(value) for face in _faces(text) for secret in known)


def _forms(secrets: Iterable[str]) -> set[str]:
    """The secrets, and how they look in addresses and headers."""
    known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
    packed = {form for secret in known for form in _packed(secret.encode("utf-8", "replace"))}
    return known | {quote(secret, safe="", errors="replace") for secret in known} | packed


def _in(text: str, known: set[str]) -> Iterator[tuple[str, bool]]:
    if len(text) < _SHORTEST and not known:
        return
    faces = _faces(text)
    if any(secret in face for secret in known for face in faces):
        yield "a secret of this session", True
    for rules, is_secret in ((_SECRET_RULES, True), (_ALIVE_RULES, False)):
        for what, rule in rules:
            if any(rule.search(face) for face in faces):
                yield what, is_secret


def _faces(text: str) -> set[str]:
    return {PLACEHOLDER.sub("…", face) for face in (text, _unveiled(text))}


def _unveiled(text: str) -> str:
    """The same text without what could hide something from a search: escapes, entities and invisible characters."""
    for _ in range(_LAYERS):
        plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "\\u" in text else text
        plain = _HIDING.sub("", unquote(html.unescape(_LONG_NUMBER.sub(r"&#\1", plain))))
        if plain == text or not {"&", "%"} & set(plain):
            return plain
        text = plain
    return text


def _texts(value: Any) -> Iterator[tuple[str, str, str]]:
    """Every text of a value with its place and its key; what a stream says in pieces comes as a whole too."""
    waiting: list[tuple[str, str, Any]] = [("", "", value)]
    while waiting:
        where, key, item = waiting.pop()
        if isinstance(item, str):
            yield where, key, item
        elif isinstance(item, Mapping):
            for name, below in item.items():
                yield where, "", str(name)
                step = redact(str(name), _PATH_CHARS)
                waiting.append((f"{where}.{step}" if where else step, str(name), below))
            if isinstance(item.get("events"), list):
                yield f"{where}.events", "", _spoken(item["events"])
        elif isinstance(item, (list, tuple)):
            waiting += ((f"{where}[{index}]", key, below) for index, below in enumerate(item))


def _spoken(events: list[Any]) -> str:
    """What the blocks of an event stream say, joined: a secret can be cut in two by their borders."""
    blocks = (event[-1] for event in events if isinstance(event, (list, tuple)) and event)
    stream = re.sub(r"\r\n?", "\n", "".join(block for block in blocks if isinstance(block, str)))
    words: list[str] = []
    for block in stream.split("\n\n"):
        data = [line.removeprefix("data:") for line in block.split("\n") if line.startswith("data:")]
        waiting = _values("\n".join(data)) or [value for line in data for value in _values(line)]
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                words += (said for name, said in item.items() if name in _SPOKEN and isinstance(said, str))
                waiting += reversed(list(item.values()))
            elif isinstance(item, list):
                waiting += reversed(item)
    return "".join(words)


def _values(text: str) -> list[Any]:
    """The value of a text, if it is JSON."""
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        return []
