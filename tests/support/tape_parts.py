"""Tapes to test with: a small one that has something of everything, others at random, and forged lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from nemo_notebook.outside import plain
from nemo_notebook.tapes.file import Writer
from nemo_notebook.tapes.format import (
    ANSWER_HEADERS,
    REQUEST_HEADERS,
    EventBlock,
    Exchange,
    Header,
    Medium,
    Request,
    SentFile,
    TapeAnswer,
)

HEADER = Header(2, 1_795_330_800.0, "0.1.0", "local", "Paper Lanterns · 纸灯笼", 8 << 20, "5e1f0c2a9b7d4433")


def medium(data: bytes, *, kept: bool = True, note: str = "") -> Medium:
    """A film with these bytes."""
    sha256 = hashlib.sha256(data).hexdigest()
    return Medium(sha256, len(data), "video/mp4", "film.mp4", data if kept else None, note)


FILM, LONG_FILM = medium(b"film"), medium(b"a long film", kept=False, note="too large")
_LINES = Path(__file__).with_suffix(".jsonl").read_bytes().splitlines()
_EXCHANGES = tuple(msgspec.json.decode(line, type=Exchange) for line in _LINES)
SAID = _EXCHANGES[1]
ITEMS: tuple[Exchange | Medium, ...] = (*_EXCHANGES[:5], FILM, LONG_FILM, _EXCHANGES[5])


def write(path: Path, items: Iterable[Exchange | Medium] = ITEMS, header: Header = HEADER) -> Path:
    """A tape in a file."""
    writer = Writer(path, header)
    for item in items:
        writer.add(item)
    writer.finish()
    return path


def to_value(item: Any) -> Any:
    """The JSON value that a part of a tape is written as."""
    return msgspec.json.decode(msgspec.json.encode(item))


def forged(*values: dict[str, Any], end: bool = True) -> bytes:
    """A tape with these lines after the header, each with the right sum: as somebody writes who means harm."""
    before, written = "", b""
    all_values = [to_value(HEADER), *values]
    for value in [*all_values, {"kind": "end", "lines": len(all_values) + 1}] if end else all_values:
        body = msgspec.json.encode(value)
        before = hashlib.sha256(before.encode() + body).hexdigest()[:16]
        written += body[:-1] + f',"sum":"{before}"}}\n'.encode()
    return written


def exchange_value(**parts: Any) -> dict[str, Any]:
    """The value of an exchange; `parts` replace those of its request and answer by name."""
    value = to_value(ITEMS[0])
    return {**value, **parts}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
shown_texts = texts.map(lambda text: " ".join(plain(text).split()))
ascii_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
times_ms = st.floats(0, 1e11)
counts = st.integers(0, 1 << 50)
jsons = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)


def _headers(allowed: frozenset[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(sorted(allowed)), ascii_texts.filter(lambda text: "boundary" not in text))


media = st.builds(medium, st.binary(max_size=40).map(b"film".__add__), kept=st.booleans(), note=shown_texts)
requests = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "DELETE"]),
    st.text("/abc-%20?=", max_size=20).map("/".__add__),
    st.dictionaries(texts, texts, max_size=3),
    _headers(REQUEST_HEADERS),
    jsons,
    st.lists(st.builds(SentFile, texts, counts, media.map(lambda file: file.sha256)), max_size=2).map(tuple),
)
statuses, answer_headers = st.integers(100, 599), _headers(ANSWER_HEADERS)
answers = st.one_of(
    st.builds(TapeAnswer, statuses, answer_headers, json=jsons),
    st.builds(TapeAnswer, statuses, answer_headers, text=texts),
    st.builds(
        TapeAnswer,
        statuses,
        answer_headers,
        events=st.lists(st.builds(EventBlock, times_ms, texts), max_size=3).map(tuple),
        was_cut=st.booleans(),
    ),
    st.builds(TapeAnswer, st.just(0), st.just({}), error=st.sampled_from(["connect", "timeout", "broken"])),
)
exchanges = st.builds(Exchange, st.integers(1, 1 << 50), shown_texts, counts, times_ms, times_ms, requests, answers)
headers = st.builds(
    Header,
    st.just(2),
    st.integers(0, 4_000_000_000).map(float),
    shown_texts,
    st.sampled_from(["local", "cloud"]),
    shown_texts,
    st.integers(0, 64 << 20),
    st.text("0123456789abcdef", min_size=16, max_size=16),
    st.booleans(),
)
tapes = st.tuples(
    headers,
    st.lists(media, max_size=3, unique_by=lambda file: file.sha256),
    st.lists(exchanges, max_size=4, unique_by=lambda exchange: exchange.number),
)
