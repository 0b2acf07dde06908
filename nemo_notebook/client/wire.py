"""Requests and answers: headers, envelopes, and the one place where httpx's errors become ours."""

from __future__ import annotations

import asyncio
import json as jsonlib
import math
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from nemo_notebook import errors, settings, skills
from nemo_notebook.client import tokens
from nemo_notebook.outside import finite, redact

# Where an HTTP status stands in for a code; 404 and 400 mean too many things for that.
_BY_STATUS = {401: 1001, 402: 402, 413: 4002, 415: 4001, 429: 429}


@contextmanager
def network_errors(doing: str) -> Iterator[None]:
    """Translate the transport's failures into `NetworkError`; `doing` completes "… while …"."""
    try:
        yield
    except httpx.ConnectError as error:
        raise errors.NetworkError(f"The service could not be reached while {doing}.") from error
    except httpx.TimeoutException as error:
        raise errors.DeadlineExceeded(f"The service did not answer in time while {doing}.") from error
    except httpx.LocalProtocolError:
        raise errors.UsageError("A setting holds characters that cannot be sent.", hint="See the README.") from None
    except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
        raise errors.NetworkError(f"The connection broke while {doing}.") from error
    except UnicodeError:
        # No cause: it would show the header, and with it the token.
        raise errors.UsageError("A setting holds characters that cannot be sent.", hint="See the README.") from None
    except httpx.InvalidURL as error:
        raise errors.UsageError(
            "The address of the backend is not a URL.", hint="Use one like https://host."
        ) from error


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request that can be sent more than once, since it is made anew each time."""

    content: Any
    headers: Mapping[str, str]


class Wire:
    """Speaks with one backend as one skill.

    Args:
        base_url: Where the service is, without a trailing slash.
        skill: Fills the attribution headers.
        token: The bearer token, if it is known from the start.
        use_proxy: Whether the environment's proxies count.
        transport: For tests: what answers instead of the network.
    """

    def __init__(
        self,
        base_url: str,
        skill: skills.Skill,
        *,
        token: str | None = None,
        use_proxy: bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = base_url
        self.skill = skill
        remembered = tokens.kept(base_url)
        self._tokens = tokens.TokenHolder(token, remembered.token if remembered else None, self._anonymous_token)
        timeout = httpx.Timeout(settings.READ_TIMEOUT_S, connect=settings.CONNECT_TIMEOUT_S)
        with network_errors("connecting"):
            self._http = httpx.AsyncClient(base_url=base_url, timeout=timeout, transport=transport, trust_env=use_proxy)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @property
    def anonymous(self) -> bool:
        """Whether the token is one of the free anonymous ones."""
        return self._tokens.renewable

    async def call(
        self,
        method: str,
        path: str,
        *,
        doing: str,
        json: object = None,
        body: Body | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Send a request; give the `data` of its answer.

        An expired anonymous token is renewed once, and a 429 is waited for once: in both cases nothing was done yet.

        Raises:
            NemoError: The network failed, or the service refused; the class tells how.
        """
        async with self.open(method, path, doing=doing, json=json, body=body, timeout_s=timeout_s) as response:
            with network_errors(doing):
                await response.aread()
            return unwrap(response)

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        *,
        doing: str,
        json: object = None,
        body: Body | None = None,
        timeout_s: float | None = None,
        accept: str = "application/json",
    ) -> AsyncIterator[httpx.Response]:
        """Send a request; give the answer with its body still unread, once it is known not to be a refusal."""
        if self._http.is_closed:
            raise errors.UsageError("This session is closed.", hint="Connect again, with its id to come back to it.")
        refused: str | None = None
        waited = False
        while True:
            token = await self._tokens.get(refused)
            request = self._request(method, path, token, json=json, body=body, timeout_s=timeout_s, accept=accept)
            with network_errors(doing):
                response = await self._http.send(request, stream=True)
            try:
                error = await self._refusal(response, doing)
                if error is None:
                    yield response
                    return
            finally:
                await response.aclose()
            if isinstance(error, errors.AuthError) and refused is None and self._tokens.renewable:
                refused = token
            elif isinstance(error, errors.RateLimited) and not waited:
                waited = True
                await asyncio.sleep(
                    settings.retry_s() if error.retry_after_s is None else min(error.retry_after_s, 60.0)
                )
            else:
                raise error

    def _request(
        self,
        method: str,
        path: str,
        token: str,
        *,
        json: object,
        body: Body | None,
        timeout_s: float | None,
        accept: str,
    ) -> httpx.Request:
        headers = {"Authorization": f"Bearer {token}", "Accept": accept, **self._attribution()}
        timeout = httpx.Timeout(timeout_s or settings.READ_TIMEOUT_S, connect=settings.CONNECT_TIMEOUT_S)
        with network_errors("preparing a request"):
            if body is None:
                content = None if json is None else json_bytes(json)
                kind = {} if json is None else {"Content-Type": "application/json"}
                return self._http.build_request(
                    method, path, headers={**headers, **kind}, content=content, timeout=timeout
                )
            return self._http.build_request(
                method, path, headers={**headers, **body.headers}, content=body.content(), timeout=timeout
            )

    def _attribution(self) -> dict[str, str]:
        return {
            "X-Skill-Source": self.skill.name,
            "X-Skill-Version": self.skill.version,
            "X-Skill-Platform": skills.platform(),
        }

    async def _refusal(self, response: httpx.Response, doing: str) -> errors.NemoError | None:
        is_json = "json" in response.headers.get("content-type", "")
        if response.is_success and not is_json:
            return None
        with network_errors(doing):
            await response.aread()
        try:
            unwrap(response)
        except errors.NemoError as error:
            return error
        return None

    async def _anonymous_token(self) -> str:
        with network_errors("getting an anonymous token"):
            response = await self._http.post(
                "/api/auth/anonymous-token", headers={"X-Client-Id": tokens.client_id(), **self._attribution()}
            )
        data = unwrap(response)
        token = data.get("token")
        if not isinstance(token, str) or not token:
            raise errors.ProtocolError("The service gave no token.")
        tokens.keep(self.base_url, tokens.Anonymous(token, tokens.expiry_s(data.get("expires_at"))))
        return token


def json_bytes(value: object) -> bytes:
    """JSON that any server reads: ASCII, so that lone surrogates pass, and null for what JSON has no number for."""
    try:
        return jsonlib.dumps(value, allow_nan=False).encode("ascii")
    except ValueError:
        return jsonlib.dumps(_without_nan(value), allow_nan=False).encode("ascii")


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def unwrap(response: httpx.Response) -> Any:
    """The `data` of an answer in any of its forms: the envelope, `{"success": true, "data"}`, or a bare object.

    Raises:
        NemoError: The answer is a refusal: a non-zero code (also under HTTP 200), an HTTP error, or no JSON at all.
    """
    try:
        payload = response.json()
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        if response.is_success:
            raise errors.ProtocolError("The service gave an answer that is not JSON.")
        raise _refusal_of(response, _BY_STATUS.get(response.status_code, 0), "")
    message = payload.get("message") or payload.get("detail") or payload.get("error") or ""
    code = _code(payload.get("code"))
    if code not in (0, 200):
        raise _refusal_of(response, code, message, payload.get("hint"))
    if response.status_code == 404 and "session" in str(message).lower():
        raise _refusal_of(response, 1002, message)
    if not response.is_success or payload.get("success") is False:
        raise _refusal_of(response, _BY_STATUS.get(response.status_code, 0), message)
    data = payload.get("data")
    return data if isinstance(data, dict) else payload


def _code(value: object) -> int:
    """A code in any of its forms; 0 where there is none."""
    if isinstance(value, str) and value.strip().lstrip("-").isdigit() and len(value) < 10:
        return int(value)
    number = finite(value)
    return 0 if number is None else int(number)


_PLAIN = {
    1001: "The token is invalid or has expired.",
    1002: "The session has ended at the service.",
    2001: "There are no credits left.",
    4001: "The service does not take this type of file.",
    4002: "The file is too large for the service.",
    400: "The client id is missing.",
    402: "Export is not part of the free plan (credits have nothing to do with it).",
    429: "Too many requests.",
}


def _refusal_of(response: httpx.Response, code: int, message: object, hint: object = None) -> errors.NemoError:
    said = redact(message) if isinstance(message, str) else ""
    error = errors.from_code(code, said or _PLAIN.get(code, f"The service failed (HTTP {response.status_code})."))
    if isinstance(hint, str) and hint:
        error.hint = redact(hint)
    if isinstance(error, errors.RateLimited):
        error.retry_after_s = _retry_after_s(response.headers.get("retry-after", ""))
    return error


def _retry_after_s(value: str) -> float | None:
    return float(value) if value.isdigit() and len(value) < 6 else None
