"""What is told of a request that a tape does not answer: who asks, what was recorded, and where the two differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from nemo_notebook.errors import TapeMismatch
from nemo_notebook.outside import redact
from nemo_notebook.tapes.format import Exchange, Request, SentFile
from nemo_notebook.tapes.matching import Missing

_SHOWN: Final = 3  # differences
_WIDE: Final = 72  # characters of what differs
_AROUND: Final = 20  # that is shown before the first difference
_NAMED: Final = 8
_FILES: Final = "The tape needs the same files, byte for byte."
_EXPORT: Final = "how an export stands"
# What people do, by method and path: the notebook's words, not the service's.
_DEEDS: Final = (
    ("POST", r"/run_sse", "a message"),
    ("POST", r"/api/upload-video/.*", "an upload"),
    ("POST", r"/api/tasks/.*", "a new session"),
    ("POST", r"/api/render/proxy/lambda", "an export"),
    ("POST", r"/api/render/proxy/.*/cancel", "the end of an export"),
    ("GET", r"/api/render/proxy/lambda/.*", _EXPORT),
    ("GET", r"/api/render/proxy/.*/download|https://.*", "a file"),
    ("GET", r"/api/state/.*", "the timeline"),
    ("GET", r"/api/credits/.*", "the credits"),
    ("GET", r"/api/drafts/.*", "the history"),
    ("POST", r"/api/drafts/.*/edit", "an edit of the table"),
    ("POST", r"/api/drafts/.*/go", "a step through the history"),
    ("POST", r"/api/auth/claim-token", "a link"),
)
_ONCE: Final = (
    "A tape plays each once: run the notebook from the top, where `%nemo tape replay` begins it anew, or record it "
    "again with `%nemo tape record`."
)
_VAIN: Final = "The tape goes only that far: record it anew, and end it when all that was begun has ended."


def mismatch(request: Request, cell: str, missing: Missing) -> TapeMismatch:
    """The error of a request that a tape does not answer.

    Args:
        request: What is asked.
        cell: Which cell asks.
        missing: What the tape has instead.
    """
    who, what, due = cell or "This", _deed(request), missing.due
    if missing.waits_in_vain:
        return _in_vain(request, who)
    if missing.played:
        before = f"that was played already ({missing.played.cell or 'the recording'})"
        error = TapeMismatch(f"{who} asks again for {what} {before}{'' if due else ', and the tape is at its end'}.")
        error.hint = _ONCE
        return error
    if due is None:
        return TapeMismatch(f"{who} asks for {what}, and the tape is at its end.")
    there = due.cell or "the recording"
    if _deed(due.request) != what:
        error = TapeMismatch(f"{who} asks for {what}; on the tape, {_deed(due.request)} is next ({there}).")
    else:
        differences = _told(request, due.request)
        told = [f"{who} asks for {what} that is another than the recorded one ({there}):", *differences]
        error = TapeMismatch("\n".join(told))
    if request.files or due.request.files:
        error.hint = needed_files([due])
    return error


def needed_files(exchanges: Iterable[Exchange]) -> str:
    """Which files have to be there for uploads that are played, a sentence."""
    names = list(dict.fromkeys(file.name for exchange in exchanges for file in exchange.request.files))
    if not names:
        return _FILES
    more = f" … ({len(names) - _NAMED} more)" if len(names) > _NAMED else ""
    named = ", ".join(redact(name, _WIDE) for name in names[:_NAMED])
    return f"{_FILES[:-1]}, as were uploaded to it: {named}{more}."


def _in_vain(request: Request, who: str) -> TapeMismatch:
    what = _deed(request)
    if what == _EXPORT:
        error = TapeMismatch(f"{who} waits for an export, but the recording ended before the export did.")
    else:
        error = TapeMismatch(
            f"{who} looks for {what} again and again, but the recording ended before anything changed."
        )
    error.hint = _VAIN
    return error


def _deed(request: Request) -> str:
    for method, path, words in _DEEDS:
        if request.method == method and re.fullmatch(path, request.path):
            return words
    return f"{request.method} {redact(request.path, _WIDE)}"


def _told(now: Request, then: Request) -> list[str]:
    found = list(_differences(now, then))
    more = len(found) - _SHOWN
    return [line for lines in found[:_SHOWN] for line in lines] + ([f"  … {more} more differences"] if more > 0 else [])


def _differences(now: Request, then: Request) -> Iterator[list[str]]:
    """The differences, each as lines."""
    if now.path != then.path:
        yield _pair("path", now.path, then.path)
    if now.query != then.query:
        yield _pair("query", _text(now.query), _text(then.query))
    if now.files != then.files:
        yield from _files(now.files, then.files)
    said, was_said = _said(now.json), _said(then.json)
    if said is not None and was_said is not None and said != was_said:
        yield _pair("message", said, was_said)
    else:
        yield from (_pair(where, _text(new), _text(old)) for where, new, old in _values(now.json, then.json, ""))


def _files(now: Sequence[SentFile], then: Sequence[SentFile]) -> Iterator[list[str]]:
    for at in range(max(len(now), len(then))):
        new, old = (files[at] if at < len(files) else None for files in (now, then))
        if new != old:
            yield _pair(f"file {at + 1}", _file(new), _file(old))


def _file(file: SentFile | None) -> str:
    return "none" if file is None else f"{file.name}, {file.size_bytes:,} bytes, SHA-256 {file.sha256[:12]}…"


def _said(body: Any) -> str | None:
    """The words of a message."""
    parts = body.get("new_message") if isinstance(body, Mapping) else None
    parts = parts.get("parts") if isinstance(parts, Mapping) else None
    text = parts[0].get("text") if isinstance(parts, Sequence) and parts and isinstance(parts[0], Mapping) else None
    return text if isinstance(text, str) else None


def _values(new: Any, old: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    """The places of two JSON values where they differ, with what stands there."""
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        for key in sorted({*new, *old}):
            yield from _values(new.get(key), old.get(key), f"{where}.{key}" if where else str(key))
    elif isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        for at, (left, right) in enumerate(zip(new, old, strict=True)):
            yield from _values(left, right, f"{where}[{at}]")
    elif new != old:
        yield where or "body", new, old


def _text(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _pair(what: str, new: str, old: str) -> list[str]:
    """Two texts, from shortly before they begin to differ."""
    is_long = max(len(new), len(old)) > _WIDE
    start = max(0, _same(new, old) - _AROUND) if is_long else 0
    dots = "…" if start else ""
    return [f"  {what} now:  {dots}{redact(new[start:], _WIDE)}", f"  recorded: {dots}{redact(old[start:], _WIDE)}"]


def _same(new: str, old: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(new, old, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(new), len(old)))
