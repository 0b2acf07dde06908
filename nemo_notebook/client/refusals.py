"""What an answer says: its data, or the error that it is. Keyed by endpoint and code, as codes mean different things.

An answer is an envelope `{"code", "message", "data"}`, `{"success", "data"}`, or a bare object; a refusal is a non-zero
code (as a number or in digits, also under HTTP 200), `"success": false`, an `error` object, or an HTTP status.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.client import endpoints, retry
from nemo_notebook.client.endpoints import Endpoint
from nemo_notebook.client.payloads import Answer
from nemo_notebook.outside import finite, redact

Json = Mapping[str, Any]

_JOBS: Final = frozenset({endpoints.STATUS.name, endpoints.CANCEL.name, endpoints.DOWNLOAD.name})
_EDITS: Final = frozenset({endpoints.EDIT.name, endpoints.STORE_DRAFT.name, endpoints.GO_TO_DRAFT.name})
_SESSIONS: Final = frozenset({endpoints.STATE.name, endpoints.UPLOAD.name})

# Codes whose meaning hangs on where they come from are in `_kind`; an HTTP status stands for these everywhere.
_CODE_OF_STATUS: Final = {401: 1001, 429: 429}
_CODES: Final = frozenset({1001, 1002, 2001, 4001, 4002, 429, 507})

_WORDS: Final[dict[type[errors.NemoError], str]] = {
    errors.AuthError: "The token is invalid or has expired.",
    errors.SessionNotFound: "The session has ended at the service.",
    errors.OutOfCredits: "There are not enough credits left.",
    errors.DiskFull: "The disk of the service is full.",
    errors.UnsupportedMedia: "The service does not take this type of file.",
    errors.MediaTooLarge: "The file is too large for the service.",
    errors.MissingClientId: "The service misses the client id.",
    errors.PlanRequired: "Export is not part of the free plan (credits have nothing to do with it).",
    errors.RateLimited: "Too many requests.",
    errors.JobNotFound: "The service knows no such export.",
    errors.Conflict: "The timeline has changed since it was read.",
}
_PLAIN: Final = {
    400: "The service did not understand the request",
    403: "The service does not allow this",
    404: "The service does not know what was asked for",
    405: "The service does not know this request",
    409: "The service has this already",
    413: "The request is too large for the service",
    422: "The service did not understand the request",
}


def unwrap(answer: Answer, endpoint: Endpoint) -> Json | errors.NemoError:
    """The `data` of an answer in any of its forms, or the error that the answer is.

    The error is given, not raised: so no frame of a traceback holds the answer.
    """
    succeeded = 200 <= answer.status < 300
    if answer.status == 204:
        return {}
    try:
        payload = json.loads(answer.body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        if succeeded:
            return errors.ProtocolError(f"The service gave an answer that cannot be read while {endpoint.doing}.")
        return _refusal(answer, endpoint, 0, "")
    inner = _inner(payload)
    code = _code(payload.get("code"))
    failed = not succeeded or payload.get("success") is False or _is_error(payload)
    if failed:
        code = code or _code(inner.get("code"))
    if failed or code not in (0, 200):
        if code == errors.InvalidEdit.code and (problems := _problems(payload.get("problems"))):
            return errors.InvalidEdit(problems)
        error = _refusal(answer, endpoint, 0 if code == 200 else code, _message(payload, inner))
        hint = payload.get("hint")
        if isinstance(hint, str) and hint.strip():
            error.hint = redact(hint)
        return error
    data = payload.get("data")
    return data if isinstance(data, dict) else payload


def _inner(payload: Json) -> Json:
    """The object that holds code and message in answers such as `{"error": {…}}`."""
    return next((value for key in ("error", "detail") if isinstance(value := payload.get(key), dict)), {})


def _is_error(payload: Json) -> bool:
    """Whether an object without a code is a refusal; one that tells how a job stands may well hold an `error`."""
    says_so = payload.get("error") or isinstance(payload.get("detail"), dict)
    return bool(says_so) and not payload.keys() & {"data", "status", "state"}


def _message(payload: Json, inner: Json) -> str:
    said = [payload.get(key) for key in ("message", "msg", "detail", "error")]
    said += [inner.get(key) for key in ("message", "msg", "detail")]
    detail = payload.get("detail")
    if isinstance(detail, list):  # a list of what is wrong with each field
        said += [item.get("msg") for item in detail if isinstance(item, dict)]
    return next((text for text in said if isinstance(text, str) and text.strip()), "")


def _problems(value: object) -> list[errors.EditProblem]:
    """What an engine found wrong with edits; whatever is no such thing is passed over."""
    found = []
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            texts = {key: redact(str(each.get(key) or "")) for key in ("edit", "field", "words", "value", "allowed")}
            found.append(errors.EditProblem(_code(each.get("at")), **texts))
    return found


def _code(value: object) -> int:
    """A code in any of its forms; 0 where there is none."""
    if isinstance(value, str) and len(value) < 10 and value.isascii() and value.strip().removeprefix("-").isdigit():
        return int(value)
    number = finite(value)
    return 0 if number is None else int(number)


def _kind(endpoint: Endpoint, code: int, message: str) -> type[errors.NemoError]:
    """What a code, or an HTTP status in its place, means at an endpoint."""
    name = endpoint.name
    if code == 400 and name == endpoints.TOKEN.name:
        return errors.MissingClientId
    if code == 402:
        return errors.PlanRequired if name == endpoints.SUBMIT.name else errors.OutOfCredits
    if code == 404 and name in _JOBS:
        return errors.JobNotFound
    if code == 404 and (name in _SESSIONS or "session" in message.lower()):
        return errors.SessionNotFound
    if code == 409 and name in _EDITS:
        return errors.Conflict
    if code in (413, 415) and name == endpoints.UPLOAD.name:
        return errors.MediaTooLarge if code == 413 else errors.UnsupportedMedia
    code = _CODE_OF_STATUS.get(code, code)
    return type(errors.from_code(code, "")) if code in _CODES else errors.ServiceError


def _refusal(answer: Answer, endpoint: Endpoint, code: int, message: str) -> errors.NemoError:
    kind = _kind(endpoint, code, message)
    if kind is errors.ServiceError:
        kind = _kind(endpoint, answer.status, message)  # a code that tells nothing: perhaps the status does
    number = code or (None if kind.code else answer.status)
    said = redact(message)
    plain = _WORDS.get(kind) or _PLAIN.get(code or answer.status)
    if kind is not errors.ServiceError:
        error = kind(said or _WORDS[kind], code=number)
    elif plain:
        error = kind(f"{plain}: {said}" if said else f"{plain}.", code=number)
    else:
        error = kind(said or _failure(answer.status, endpoint), code=number)
    if isinstance(error, errors.ServiceError):
        unknown = kind is errors.ServiceError and endpoint.name == endpoints.CHAT.name and answer.status < 400
        error.may_have_acted = answer.status >= 500 or unknown
        error.retry_after_s = retry.retry_after_s(answer.retry_after, time.time())
        if error.retry_after_s:
            error.hint = f"Run it again in {retry.in_words(error.retry_after_s)}."
    return error


def _failure(status: int, endpoint: Endpoint) -> str:
    if 300 <= status < 400:
        return f"The service sends elsewhere (HTTP {status}) while {endpoint.doing}; that is not followed."
    return f"The service failed (HTTP {status}) while {endpoint.doing}."
