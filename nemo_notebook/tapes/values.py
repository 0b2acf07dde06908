"""The parts of a tape as JSON values, and back from values that anybody may have written."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.outside import plain
from nemo_notebook.tapes.fields import Field
from nemo_notebook.tapes.format import (
    ANSWER_HEADERS,
    MAX_KEEP_BYTES,
    REQUEST_HEADERS,
    VERSION,
    Answer,
    Exchange,
    Header,
    MediaRef,
    Medium,
    Piece,
    Request,
    SentFile,
    kept_headers,
)

_HASH: Final = r"[0-9a-f]{64}"
_TYPE: Final = r"(?a:[\w.+-]{1,80}/[\w.+-]{1,80})|"
_MOMENT: Final = r"(?a:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
_MOST_MS: Final = 1e12
_MOST: Final = 1 << 53
_BODIES: Final = ("json", "text", "events", "media", "error")


def to_value(item: Header | Exchange | Medium) -> dict[str, Any]:
    """The JSON value that a part of a tape is written as."""
    if isinstance(item, Header):
        return {
            "kind": "tape",
            "version": item.version,
            "recorded": datetime.fromtimestamp(item.recorded_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "package": item.package,
            "backend": item.backend,
            "title": item.title,
            "keep_bytes": item.keep_bytes,
            "id": item.id,
            "anonymous": item.anonymous,
        }
    if isinstance(item, Exchange):
        return {
            "kind": "exchange",
            "number": item.number,
            "cell": item.cell,
            "turn": item.turn,
            "at_ms": _short(item.at_ms),
            "took_ms": _short(item.took_ms),
            "request": _request_value(item.request),
            "answer": _answer_value(item.answer),
        }
    value = {"kind": "media", "sha256": item.sha256, "bytes": item.size_bytes, "type": item.type, "name": item.name}
    if item.data is not None:
        value["data"] = base64.b64encode(item.data).decode("ascii")
    return value | {key: text for key, text in (("note", item.note), ("preview", item.preview)) if text}


def from_value(value: object) -> Header | Exchange | Medium:
    """The part of a tape that a JSON value stands for; keys that are not known are left out.

    Raises:
        TapeError: It is none; the message completes "Line 7 of film.nemotape …".
    """
    line = Field(value)
    kind = line["kind"].value
    if kind == "tape":
        return _header(line)
    if kind == "exchange":
        return _exchange(line)
    if kind == "media":
        return _medium(line)
    return line["kind"].wrong()


def _short(time_ms: float) -> float:
    return int(time_ms) if float(time_ms).is_integer() else time_ms


def _request_value(request: Request) -> dict[str, Any]:
    value: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "headers": kept_headers(request.headers, REQUEST_HEADERS),
    }
    if request.json is not None:
        value["json"] = request.json
    if request.files:
        value["files"] = [{"name": x.name, "bytes": x.size_bytes, "sha256": x.sha256} for x in request.files]
    return value


def _answer_value(answer: Answer) -> dict[str, Any]:
    if answer.error:
        return {"error": answer.error} | ({"left": True} if answer.was_left else {})
    value: dict[str, Any] = {"status": answer.status, "headers": kept_headers(answer.headers, ANSWER_HEADERS)}
    if answer.json is not None:
        value["json"] = answer.json
    if answer.text is not None:
        value["text"] = answer.text
    if answer.events is not None:
        value["events"] = [[_short(piece.at_ms), piece.text] for piece in answer.events]
        value["cut"] = answer.was_cut
        if answer.was_left:
            value["left"] = True
    if answer.media is not None:
        value["media"] = {"sha256": answer.media.sha256, "bytes": answer.media.size_bytes}
        value["cut"] = answer.was_cut
    return value


def check_version(value: object) -> None:
    """Refuse the first line of a tape that a newer package has recorded; any other passes.

    Raises:
        TapeError: It is; the message completes "Line 1 of film.nemotape …".
    """
    version = Field(value)["version"].value
    if type(version) is int and version > VERSION:
        told = f"is of a newer version, {version}; this package plays tapes up to version {VERSION}."
        raise errors.TapeError(told, hint="Update the package: pip install -U nemo-notebook")


def _header(line: Field) -> Header:
    check_version(line.value)
    return Header(
        line["version"].whole(VERSION, VERSION),
        _moment_s(line["recorded"]),
        _shown(line["package"], longest=40),
        line["backend"].text("local|cloud"),
        _shown(line["title"], longest=200),
        line["keep_bytes"].whole(0, MAX_KEEP_BYTES),
        line["id"].text("[0-9a-f]{16}"),
        line["anonymous"].flag(),
    )


def _shown(text: Field, pattern: str = "", *, longest: int) -> str:
    """A text that people see: on one line, without what a terminal would act on."""
    return " ".join(plain(text.text(pattern, longest)).split())


def _moment_s(recorded: Field) -> float:
    try:
        return datetime.fromisoformat(recorded.text(_MOMENT)).timestamp()
    except ValueError:
        recorded.wrong()


def _exchange(line: Field) -> Exchange:
    return Exchange(
        line["number"].whole(1, _MOST),
        _shown(line["cell"], longest=200),
        line["turn"].whole(0, _MOST),
        line["at_ms"].number(_MOST_MS),
        line["took_ms"].number(_MOST_MS),
        _request(line["request"]),
        _answer(line["answer"]),
    )


def _request(request: Field) -> Request:
    return Request(
        request["method"].text("[A-Z]{1,10}"),
        request["path"].text(r"(?:/|https?://)[!-~]*"),
        request["query"].texts(),
        kept_headers(request["headers"].texts(), REQUEST_HEADERS),
        request["json"].value,
        tuple(_sent_file(file) for file in request["files"].items()) if request["files"].is_there else (),
    )


def _sent_file(file: Field) -> SentFile:
    return SentFile(file["name"].text(longest=400), file["bytes"].whole(0, _MOST), file["sha256"].text(_HASH))


def _answer(answer: Field) -> Answer:
    if sum(answer[key].is_there for key in _BODIES) > 1:
        answer.wrong()
    if answer["error"].is_there:
        error = answer["error"].text("connect|timeout|broken")
        return Answer(0, {}, error=error, was_left=_is_left(answer))
    events, media, text = answer["events"], answer["media"], answer["text"]
    return Answer(
        answer["status"].whole(100, 599),
        kept_headers(answer["headers"].texts(), ANSWER_HEADERS),
        answer["json"].value,
        text.text(longest=None) if text.is_there else None,
        tuple(_piece(event) for event in events.items()) if events.is_there else None,
        answer["cut"].flag() if events.is_there or media.is_there else False,
        MediaRef(media["sha256"].text(_HASH), media["bytes"].whole(0, _MOST)) if media.is_there else None,
        was_left=_is_left(answer) if events.is_there else False,
    )


def _is_left(answer: Field) -> bool:
    return answer["left"].is_there and answer["left"].flag()


def _piece(event: Field) -> Piece:
    parts = event.items()
    if len(parts) != 2:
        event.wrong()
    return Piece(parts[0].number(_MOST_MS), parts[1].text(longest=None))


def _medium(line: Field) -> Medium:
    sha256, size_bytes = line["sha256"].text(_HASH), line["bytes"].whole(0, _MOST)
    data = _data(line["data"]) if line["data"].is_there else None
    if data is not None and (len(data) != size_bytes or hashlib.sha256(data).hexdigest() != sha256):
        raise errors.TapeError("holds a medium that is not the one that was recorded: its hash is another.")
    return Medium(
        sha256,
        size_bytes,
        line["type"].text(_TYPE),
        _shown(line["name"], r"[^/\\\x00-\x1f]*", longest=400),
        data,
        _shown(line["note"], longest=200) if line["note"].is_there else "",
        line["preview"].text(_HASH) if line["preview"].is_there else "",
    )


def _data(data: Field) -> bytes:
    try:
        return base64.b64decode(data.text(longest=None), validate=True)
    except ValueError:
        data.wrong()
