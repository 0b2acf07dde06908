"""JSON in and out: how requests are read, how answers and refusals are written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nemo_notebook import errors

_MAX_JSON_BYTES: Final = 32 << 20
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_MOST_PROBLEMS: Final = 100
_STATUS: Final = {4003: 422, 1001: 401, 1002: 404, 402: 402, 400: 400, 409: 409, 429: 429, 4002: 413}


async def read_json(request: Request) -> Mapping[str, Any]:
    """The object in a request; empty where there is no body.

    Raises:
        HTTPException: 413, 415 or 422: it is too large, not said to be JSON, or no object.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_JSON_BYTES:
            raise HTTPException(413, "The request is too large.")
    if body and kind != "application/json":  # a page of another site can send any other without asking
        raise HTTPException(415, "The request needs the header Content-Type: application/json.")
    try:
        value = json.loads(body or b"{}")
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a character can be kept nowhere
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, "The request is not JSON.") from error
    if not isinstance(value, dict):
        raise HTTPException(422, "The request is not a JSON object.")
    return value


def answer(data: Mapping[str, Any]) -> Response:
    """Success, in the service's envelope."""
    return JSONResponse({"code": 0, "message": "success", "data": data})


async def refuse(_: Request, error: Exception) -> Response:
    """An error that a user can do something about, in the service's envelope."""
    assert isinstance(error, errors.NemoError)
    code = error.code or 5000
    body: dict[str, Any] = {"code": code, "message": error.message, "hint": error.hint, "data": None}
    if isinstance(error, errors.InvalidEdit):
        body["problems"] = [asdict(problem) for problem in error.problems[:_MOST_PROBLEMS]]
    wait_s = error.retry_after_s if isinstance(error, errors.ServiceError) else None
    headers = {} if wait_s is None else {"Retry-After": str(math.ceil(wait_s))}
    return JSONResponse(body, _STATUS.get(code, 200), headers)


async def refuse_storage(_: Request, error: Exception) -> Response:
    """A failure of the database."""
    return JSONResponse({"code": 5000, "message": f"The engine's store failed: {error}.", "data": None})


async def refuse_http(_: Request, error: Exception) -> Response:
    """What HTTP itself has a status for."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code)


async def hang_up(_: Request, __: Exception) -> Response:
    """The client went away while it was sending: nobody hears this."""
    return Response(status_code=400)
