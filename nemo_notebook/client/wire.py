"""Requests and answers: headers, what is sent again, and what never is."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx

from nemo_notebook import clock, errors, settings, skills
from nemo_notebook.client import endpoints, retry, tokens
from nemo_notebook.client.connections import bare, network_errors, new_client
from nemo_notebook.client.endpoints import Endpoint
from nemo_notebook.client.hook import FILES, UNRECORDED, Hook
from nemo_notebook.client.payloads import Body, is_stream, json_body, read_whole
from nemo_notebook.client.refusals import Json, unwrap
from nemo_notebook.outside import Secret

_ANSWER_DEADLINES: Final = 2  # in longest silences


@dataclass(frozen=True, slots=True)
class _Sending:
    """What is to be sent, and how its answer is to be taken.

    Attributes:
        whole: Whether the answer's body is read at once; else only a refusal's is.
        timeout_s: Longest silence; `settings.READ_TIMEOUT_S` if None.
        deadline_s: How long one try may take in all, if there is a limit.
    """

    endpoint: Endpoint
    body: Body
    whole: bool
    headers: Mapping[str, str | Secret]
    timeout_s: float | None
    deadline_s: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a backend is.

    Attributes:
        url: Its address, without a trailing slash.
        token: The bearer token for it, if it is known from the start.
    """

    url: str
    token: Secret | None = field(default=None, repr=False)


Successor = Callable[[str], Awaitable[Place | None]]
"""Asked when the backend at an address cannot be reached: where another is that took its place, if it has ended."""


class Wire:
    """Speaks with one backend as one skill.

    Args:
        base_url: Where the service is, without a trailing slash.
        skill: Fills the attribution headers.
        token: The bearer token, if it is known from the start.
        use_proxy: Whether the environment's proxies count.
        successor: Finds the backend again after its end, if that can be.
        transport: For tests: what answers instead of the network.
        hook: Answers instead of the network, such as a tape.
    """

    def __init__(
        self,
        base_url: str,
        skill: skills.Skill,
        *,
        token: Secret | None = None,
        use_proxy: bool = True,
        successor: Successor | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        hook: Hook | None = None,
    ) -> None:
        self.base_url = base_url
        self.skill = skill
        self.clock = hook.clock if hook else clock.current()
        self._tokens = tokens.holder(token, base_url, self._ask_for_token, hook)
        self._hook = hook
        self._successor = successor
        self._moving = asyncio.Lock()
        self._http = new_client(base_url, use_proxy=use_proxy, transport=transport, hook=hook)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @property
    def anonymous(self) -> bool:
        """Whether the token is one of the free anonymous ones."""
        return self._tokens.renewable

    async def token(self) -> Secret:
        """The token that requests go out with; an anonymous one is asked for if there is none yet."""
        return await self._tokens.get()

    async def call(
        self,
        endpoint: Endpoint,
        *,
        json: object = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        deadline_s: float | None = None,
    ) -> Json:
        """Send a request; give the `data` of its answer.

        Where the endpoint allows it, a request whose answer was lost is repeated, with growing waits. Any other is sent
        again only after a refusal that says that nothing was done: an expired anonymous token, and once a 429.

        Raises:
            NemoError: The network failed, or the service refused; the class tells how.
        """
        deadline_s = deadline_s or _ANSWER_DEADLINES * settings.READ_TIMEOUT_S
        sending = _Sending(endpoint, body or json_body(json), True, headers or {}, timeout_s, deadline_s)
        waits = retry.waits() if endpoint.repeats else iter(())
        end_s = self.clock.monotonic_s() + deadline_s
        while True:
            try:
                _, data = await self._exchange(sending)
            except (errors.NetworkError, errors.ServiceError) as error:
                wait_s = retry.next_wait_s(error, waits)
                if wait_s is None or self.clock.monotonic_s() + wait_s > end_s:
                    raise
            else:
                return data
            await self.clock.sleep(wait_s)

    @asynccontextmanager
    async def open(
        self,
        endpoint: Endpoint,
        *,
        json: object = None,
        headers: Mapping[str, str | Secret] | None = None,
        timeout_s: float | None = None,
        accept: str,
    ) -> AsyncIterator[httpx.Response]:
        """Send a request; give the answer with its body still unread, once it is known not to be a refusal."""
        sending = _Sending(endpoint, json_body(json), False, {"Accept": accept, **(headers or {})}, timeout_s)
        response, _ = await self._exchange(sending)
        try:
            yield response
        finally:
            await response.aclose()

    async def _ask_for_token(self, client_id: str) -> Json:
        return await self.call(endpoints.TOKEN, headers={"X-Client-Id": client_id})

    async def _exchange(self, sending: _Sending) -> tuple[httpx.Response, Json]:
        """An answer that is no refusal, and its data if it was read whole."""
        if self._hook is not None:
            self._hook.check_in_use()
        if self._http.is_closed:
            raise errors.UsageError("This session is closed.", hint="Connect again, with its id to come back to it.")
        outer = sys.exception()
        try:
            return await self._reach(sending)
        except BaseException as error:  # whatever it is: the frames below hold the header with the token
            bare(error, outer)
            raise

    async def _reach(self, sending: _Sending) -> tuple[httpx.Response, Json]:
        """The same, from another backend if this one has ended: whatever is not lost with it is asked of that one."""
        url = self.base_url
        try:
            return await self._negotiate(sending)
        except errors.NetworkError as error:
            if not await self._moved(url) or (error.may_have_acted and not sending.endpoint.repeats):
                raise
        return await self._negotiate(sending)

    async def _moved(self, url: str) -> bool:
        """Whether the backend is not at that address any more, but at another, which is spoken with from now on."""
        if self._successor is None:
            return False
        async with self._moving:
            if self.base_url == url and (place := await self._successor(url)) is not None:
                self.base_url, self._http.base_url = place.url, httpx.URL(place.url)
                self._tokens = tokens.TokenHolder(place.token, place.url, self._ask_for_token)
        return self.base_url != url

    async def _negotiate(self, sending: _Sending) -> tuple[httpx.Response, Json]:
        refused: Secret | None = None
        waited = False
        while True:
            token = None if sending.endpoint is endpoints.TOKEN else await self._token(refused)
            response, found = await self._send(sending, token)
            if not isinstance(found, errors.NemoError):
                return response, found
            if isinstance(found, errors.AuthError) and token and refused is None and self._tokens.renewable:
                refused = token
                continue
            if not isinstance(found, errors.RateLimited) or waited:
                raise found
            wait_s = settings.retry_s() if found.retry_after_s is None else found.retry_after_s
            if wait_s > settings.RETRY_AFTER_MAX_S:
                raise found
            waited = True
            await self.clock.sleep(wait_s)

    async def _token(self, refused: Secret | None) -> Secret:
        try:
            return await self._tokens.get(refused)
        except errors.NemoError as error:
            error.may_have_acted = False  # the request that the token is for was not sent
            raise

    async def _send(self, sending: _Sending, token: Secret | None) -> tuple[httpx.Response, Json | errors.NemoError]:
        """One try: the answer, and what it says, if it was read."""
        endpoint = sending.endpoint
        async with retry.within(sending.deadline_s, endpoint.doing):
            with network_errors(endpoint.doing):
                auth = tokens.Bearer(token) if token else None
                response = await self._http.send(self._request(sending), stream=True, auth=auth)
                if not sending.whole and is_stream(response):
                    return response, {}
                try:
                    found = unwrap(await read_whole(response), endpoint)
                finally:
                    await response.aclose()
        if not sending.whole and not isinstance(found, errors.NemoError):
            found = errors.ProtocolError(f"The service sent something else than was due while {endpoint.doing}.")
        return response, found

    def _request(self, sending: _Sending) -> httpx.Request:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "X-Skill-Source": self.skill.name,
            "X-Skill-Version": self.skill.version,
            "X-Skill-Platform": skills.platform(),
            **sending.body.headers,
            **{name: value if isinstance(value, str) else value.reveal() for name, value in sending.headers.items()},
        }
        timeout = httpx.Timeout(sending.timeout_s or settings.READ_TIMEOUT_S, connect=settings.CONNECT_TIMEOUT_S)
        endpoint, content = sending.endpoint, sending.body.content()
        extensions = {FILES: sending.body.files, UNRECORDED: endpoint is endpoints.TOKEN}
        return self._http.build_request(
            endpoint.method, endpoint.path, headers=headers, content=content, timeout=timeout, extensions=extensions
        )
