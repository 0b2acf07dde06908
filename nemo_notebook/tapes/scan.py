"""Scan for what no tape may hold: secrets, and active content such as scripts. The rules are in `scan.toml`."""

from __future__ import annotations

import base64
import html
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
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


def _forms(secrets: Iterable[str]) -> set[str]:
    """The secrets, and how they look in addresses and headers."""
    known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
    packed = {form for secret in known for form in _packed(secret.encode("utf-8", "replace"))}
    return known | {quote(secret, safe="", errors="replace") for secret in known} | packed


def _in(text: str, known: set[str]) -> Iterator[tuple[str, bool]]:
    if len(text) < _SHORTEST and not known:
        return
    faces = {PLACEHOLDER.sub("…", face) for face in (text, _unveiled(text))}
    if any(secret in face for secret in known for face in faces):
        yield "a secret of this session", True
    for what, rule, is_secret in _rules():
        if any(rule.search(face) for face in faces):
            yield what, is_secret


@cache
def _rules() -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    """Name, pattern and whether it is a secret, of each rule in `scan.toml`."""
    table = tomllib.loads(Path(__file__).with_name("scan.toml").read_text("utf-8"))
    parts = {**table["parts"], "packed": "|".join(sorted(_packed(b"nmv_usr_")))}

    def compiled(rule: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{([a-z]+)\}", lambda found: parts[found[1]], rule))

    secrets = [(what, compiled(rule), True) for what, rule in table["secrets"].items()]
    return (*secrets, *((what, compiled(rule), False) for what, rule in table["alive"].items()))


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
