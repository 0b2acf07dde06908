"""Requests and answers: headers, envelopes, and the one place where httpx's errors become ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from nemo_notebook import errors, settings, skills
from nemo_notebook.client import tokens

_BY_STATUS = {401: 1001, 402: 402, 404: 1002, 413: 4002, 415: 4001, 429: 429}


@contextmanager
def network_errors(doing: str) -> Iterator[None]:
    """Translate the transport's failures into `NetworkError`; `doing` completes "… while …"."""
    try:
        yield
    except httpx.ConnectError as error:
        raise errors.NetworkError(f"The service could not be reached while {doing}.") from error
    except httpx.TimeoutException as error:
        raise errors.DeadlineExceeded(f"The service did not answer in time while {doing}.") from error
    except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
        raise errors.NetworkError(f"The connection broke while {doing}.") from error
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
        self._tokens = tokens.TokenHolder(token, self._anonymous_token)
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
                return self._http.build_request(method, path, headers=headers, json=json, timeout=timeout)
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
        token = unwrap(response).get("token")
        if not isinstance(token, str) or not token:
            raise errors.ProtocolError("The service gave no token.")
        return token


def unwrap(response: httpx.Response) -> Any:
    """The `data` of an answer in any of its forms: the envelope, `{"success": true, "data"}`, or a bare object.

    Raises:
        NemoError: The answer is a refusal: a non-zero code (also under HTTP 200), an HTTP error, or no JSON at all.
    """
    try:
        payload = response.json()
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        if response.is_success:
            raise errors.ProtocolError("The service gave an answer that is not JSON.")
        raise _refusal_of(response, _BY_STATUS.get(response.status_code, response.status_code), "")
    code = payload.get("code", 0)
    message = payload.get("message") or payload.get("detail") or payload.get("error") or ""
    if isinstance(code, int) and not isinstance(code, bool) and code not in (0, 200):
        raise _refusal_of(response, code, message)
    if not response.is_success:
        raise _refusal_of(response, _BY_STATUS.get(response.status_code, response.status_code), message)
    if payload.get("success") is False:
        raise _refusal_of(response, response.status_code, message)
    data = payload.get("data")
    return data if isinstance(data, dict) else payload


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


def _refusal_of(response: httpx.Response, code: int, message: object) -> errors.NemoError:
    said = message if isinstance(message, str) else ""
    error = errors.from_code(code, said[:300] or _PLAIN.get(code, f"The service failed (HTTP {response.status_code})."))
    if isinstance(error, errors.RateLimited):
        error.retry_after_s = _retry_after_s(response.headers.get("retry-after", ""))
    return error


def _retry_after_s(value: str) -> float | None:
    return float(value) if value.isdigit() and len(value) < 6 else None
