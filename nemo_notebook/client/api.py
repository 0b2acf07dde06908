"""The service's HTTP API: its endpoints, the errors that its answers are, and requests with what is sent again.

An answer is an envelope `{"code", "message", "data"}`, `{"success", "data"}`, or a bare object; a refusal is a non-zero
code (as a number or in digits, also under HTTP 200), `"success": false`, an `error` object, or an HTTP status. What a
code means depends on the endpoint.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import httpx

from nemo_notebook import clock, errors, settings, skills
from nemo_notebook.client.hook import FILES, UNRECORDED, Hook
from nemo_notebook.client.tokens import Bearer, TapeTokens, TokenHolder
from nemo_notebook.client.transport import (
    Answer,
    Body,
    backoff_waits,
    check_asset_url,
    check_coding,
    deadline,
    is_loopback,
    json_body,
    network_errors,
    new_client,
    next_wait_s,
    read_whole,
    retry_after_s,
    strip_traceback,
    wait_words,
)
from nemo_notebook.errors import NemoError
from nemo_notebook.outside import Secret, finite, quiet_logs, redact

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Attributes:
        name: What it is called here.
        method: The HTTP method.
        path: Its path, with ids in braces.
        doing: What a request to it does; completes "… while …".
        repeats: Whether a request is idempotent, so that it may be sent again when its answer was lost.
        errors: What codes and HTTP statuses mean here, where that differs from other endpoints.
    """

    name: str
    method: str
    path: str
    doing: str
    repeats: bool = False
    errors: Mapping[int, type[NemoError]] = field(default_factory=dict)

    def at(self, **ids: str) -> Endpoint:
        """The same endpoint with its ids filled in, quoted so that each stays one step of the path."""
        quoted = {name: quote(value, safe="").replace(".", "%2E") for name, value in ids.items()}
        return replace(self, path=self.path.format(**quoted))


_RENDERS: Final = "/api/render/proxy/lambda"
_DRAFTS: Final = "/api/drafts/nemo_agent/me/{session}"
_EDITS: Final = "/api/edits/nemo_agent/me/{session}"
_UPLOADS: Final = "/api/upload-video/nemo_agent/me/{session}"
_STATES: Final = "/api/state/nemo_agent/me/{session}/latest"
_JOB: Final = {404: errors.JobNotFound}
_EDITED: Final = {409: errors.Conflict}
_UPLOADED: Final = {404: errors.SessionNotFound, 413: errors.MediaTooLarge, 415: errors.UnsupportedMedia}

TOKEN: Final = Endpoint(
    "token",
    "POST",
    "/api/auth/anonymous-token",
    "getting an anonymous token",
    repeats=True,
    errors={400: errors.MissingClientId},
)
CLAIM: Final = Endpoint("claim", "POST", "/api/auth/claim-token", "asking for a link", repeats=True)
SESSION: Final = Endpoint("session", "POST", "/api/tasks/me/with-session/nemo_agent", "starting a session")
CHAT: Final = Endpoint("chat", "POST", "/run_sse", "waiting for the reply")
SEND_FILES: Final = Endpoint("upload", "POST", _UPLOADS, "uploading", errors=_UPLOADED)
CREDITS: Final = Endpoint("credits", "GET", "/api/credits/balance/simple", "reading the credits", repeats=True)
STATE: Final = Endpoint(
    "state", "GET", _STATES, "reading the timeline", repeats=True, errors={404: errors.SessionNotFound}
)
# Beyond the contract, where the state tells a `draft_version`: the drafts are kept there.
EDIT: Final = Endpoint("edit", "POST", _EDITS, "editing the timeline", errors=_EDITED)
READ_EDITS: Final = Endpoint("edits", "GET", _EDITS, "reading the edits", repeats=True)
EXPLAIN: Final = Endpoint(
    "explain", "POST", "/api/explain/nemo_agent/me/{session}", "reading the message", repeats=True
)
DRAFTS: Final = Endpoint("drafts", "GET", _DRAFTS, "reading the history", repeats=True)
STORE_DRAFT: Final = Endpoint("store draft", "POST", f"{_DRAFTS}/edit", "editing the timeline", errors=_EDITED)
GO_TO_DRAFT: Final = Endpoint("go to draft", "POST", f"{_DRAFTS}/go", "going through the history", errors=_EDITED)
CHECK_UPLOAD: Final = Endpoint("check upload", "GET", f"{_UPLOADS}/{{hash}}", "checking an upload", repeats=True)
STORAGE: Final = Endpoint("storage", "GET", "/api/storage/me?session={session}", "reading the room", repeats=True)
TRASH: Final = Endpoint("trash", "POST", "/api/storage/me/{session}/trash", "removing a project", repeats=True)
SUBMIT: Final = Endpoint("submit", "POST", _RENDERS, "starting the export", errors={402: errors.PlanRequired})
STATUS: Final = Endpoint("status", "GET", f"{_RENDERS}/{{render}}", "following the export", repeats=True, errors=_JOB)
CANCEL: Final = Endpoint(
    "cancel", "POST", f"{_RENDERS}/{{render}}/cancel", "cancelling the export", repeats=True, errors=_JOB
)
DOWNLOAD: Final = Endpoint(
    "download", "GET", "/api/render/proxy/{render}/download", "downloading the film", repeats=True, errors=_JOB
)

_WORDS: Final[dict[type[NemoError], str]] = {
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
_CODE_OF_STATUS: Final = {401: errors.AuthError.code, 402: errors.OutOfCredits.code}
_CODES: Final = frozenset({1001, 1002, 2001, 4001, 4002, 429, 507})
_PLAIN: Final = {
    400: "The service did not understand the request",
    403: "The service does not allow this",
    404: "The service does not know what was asked for",
    405: "The service does not know this request",
    409: "The service has this already",
    413: "The request is too large for the service",
    422: "The service did not understand the request",
}


def unwrap(answer: Answer, endpoint: Endpoint) -> JsonObject | NemoError:
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


def _inner(payload: JsonObject) -> JsonObject:
    """The object that holds code and message in answers such as `{"error": {…}}`."""
    return next((value for key in ("error", "detail") if isinstance(value := payload.get(key), dict)), {})


def _is_error(payload: JsonObject) -> bool:
    """Whether an object without a code is a refusal; one that tells how a job stands may well hold an `error`."""
    says_so = payload.get("error") or isinstance(payload.get("detail"), dict)
    return bool(says_so) and not payload.keys() & {"data", "status", "state"}


def _message(payload: JsonObject, inner: JsonObject) -> str:
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


def _error_class(endpoint: Endpoint, code: int, message: str) -> type[NemoError]:
    """Return what a code, or an HTTP status in its place, means at an endpoint."""
    if code in endpoint.errors:
        return endpoint.errors[code]
    if code == 404 and "session" in message.lower():
        return errors.SessionNotFound
    code = _CODE_OF_STATUS.get(code) or code
    return type(errors.from_code(code, "")) if code in _CODES else errors.ServiceError


def _refusal(answer: Answer, endpoint: Endpoint, code: int, message: str) -> NemoError:
    kind = _error_class(endpoint, code, message)
    if kind is errors.ServiceError:
        kind = _error_class(endpoint, answer.status, message)  # an unknown code: perhaps the status is known
    said = redact(message)
    plain = _PLAIN.get(code or answer.status)
    if kind is not errors.ServiceError:
        words = said or _WORDS[kind]
    elif plain:
        words = f"{plain}: {said}" if said else f"{plain}."
    else:
        words = said or _failure(answer.status, endpoint)
    error = kind(words, code=code or (None if kind.code else answer.status))
    if isinstance(error, errors.ServiceError):
        unknown = kind is errors.ServiceError and endpoint.name == CHAT.name and answer.status < 400
        error.may_have_acted = answer.status >= 500 or unknown
        error.retry_after_s = retry_after_s(answer.retry_after, time.time())
        if error.retry_after_s:
            error.hint = f"Run it again in {wait_words(error.retry_after_s)}."
    return error


def _failure(status: int, endpoint: Endpoint) -> str:
    if 300 <= status < 400:
        return f"The service sends elsewhere (HTTP {status}) while {endpoint.doing}; that is not followed."
    return f"The service failed (HTTP {status}) while {endpoint.doing}."


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
class BackendPlace:
    """Where a backend is.

    Attributes:
        url: Its address, without a trailing slash.
        token: The bearer token for it, if it is known from the start.
    """

    url: str
    token: Secret | None = field(default=None, repr=False)


Successor = Callable[[str], Awaitable[BackendPlace | None]]
"""Asked when the backend at an address cannot be reached: where another is that took its place, if it has ended."""


class ApiClient:
    """Requests to one backend as one skill: authorised, attributed, and repeated where that is safe.

    Args:
        base_url: Where the service is, without a trailing slash.
        skill: Fills the attribution headers.
        token: The bearer token, if it is known from the start.
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
        successor: Successor | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        hook: Hook | None = None,
    ) -> None:
        quiet_logs()
        self.base_url = base_url
        self.skill = skill
        self.clock = hook.clock if hook else clock.current_clock()
        self._tokens: TapeTokens | TokenHolder = (
            TapeTokens(renewable=hook.is_anonymous)
            if hook is not None and not hook.is_recording
            else TokenHolder(token, base_url, self._ask_for_token)
        )
        self.hook = hook
        self._successor = successor
        self._moving = asyncio.Lock()
        self._is_near = is_loopback(base_url)  # then the environment's proxies do not count
        client = partial(new_client, use_proxy=not self._is_near, transport=transport, hook=hook)
        self._http = client(base_url)
        self._assets = client(check_url=partial(check_asset_url, loopback_ok=self._is_near))

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        await self._assets.aclose()

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
    ) -> JsonObject:
        """Send a request; give the `data` of its answer.

        Where the endpoint allows it, a request whose answer was lost is repeated, with growing waits. Any other is sent
        again only after a refusal that says that nothing was done: an expired anonymous token, and once a 429.

        Raises:
            NemoError: The network failed, or the service refused; the class tells how.
        """
        deadline_s = deadline_s or _ANSWER_DEADLINES * settings.READ_TIMEOUT_S
        sending = _Sending(endpoint, body or json_body(json), True, headers or {}, timeout_s, deadline_s)
        waits = backoff_waits() if endpoint.repeats else iter(())
        end_s = self.clock.monotonic_s() + deadline_s
        while True:
            try:
                _, data = await self._exchange(sending)
            except (errors.NetworkError, errors.ServiceError) as error:
                wait_s = next_wait_s(error, waits)
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
            check_coding(response)
            yield response
        finally:
            await response.aclose()

    async def _ask_for_token(self, client_id: str) -> JsonObject:
        return await self.call(TOKEN, headers={"X-Client-Id": client_id})

    async def _exchange(self, sending: _Sending) -> tuple[httpx.Response, JsonObject]:
        """Return an answer that is no refusal, and its data if it was read whole.

        Where the backend has moved, a request that is not lost with the old one is sent to the new one.
        """
        if self.hook is not None:
            self.hook.check_in_use()
        if self._http.is_closed:
            raise errors.UsageError("This session is closed.", hint="Connect again, with its id to come back to it.")
        outer, url = sys.exception(), self.base_url
        try:
            try:
                return await self._negotiate(sending)
            except errors.NetworkError as error:
                if not await self._moved(url) or (error.may_have_acted and not sending.endpoint.repeats):
                    raise
            return await self._negotiate(sending)
        except BaseException as error:  # whatever it is: the frames below hold the header with the token
            strip_traceback(error, outer)
            raise

    async def _moved(self, url: str) -> bool:
        """Whether the backend is not at that address any more, but at another, which is spoken with from now on."""
        if self._successor is None:
            return False
        async with self._moving:
            if self.base_url == url and (place := await self._successor(url)) is not None:
                self.base_url, self._http.base_url = place.url, httpx.URL(place.url)
                self._tokens = TokenHolder(place.token, place.url, self._ask_for_token)
        return self.base_url != url

    async def _negotiate(self, sending: _Sending) -> tuple[httpx.Response, JsonObject]:
        refused: Secret | None = None
        waited = False
        while True:
            token = None if sending.endpoint is TOKEN else await self._token(refused)
            response, found = await self._send(sending, token)
            if not isinstance(found, NemoError):
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
        except NemoError as error:
            error.may_have_acted = False  # the request that the token is for was not sent
            raise

    async def _send(self, sending: _Sending, token: Secret | None) -> tuple[httpx.Response, JsonObject | NemoError]:
        """One try: the answer, and what it says, if it was read."""
        endpoint = sending.endpoint
        async with deadline(sending.deadline_s, endpoint.doing):
            with network_errors(endpoint.doing):
                auth = Bearer(token) if token else None
                response = await self._http.send(self._request(sending), stream=True, auth=auth)
                if not sending.whole and _is_stream(response):
                    return response, {}
                try:
                    found = unwrap(await read_whole(response, settings.MAX_ANSWER_BYTES), endpoint)
                finally:
                    await response.aclose()
        if not sending.whole and not isinstance(found, NemoError):
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
        extensions = {FILES: sending.body.files, UNRECORDED: endpoint is TOKEN}
        return self._http.build_request(
            endpoint.method, endpoint.path, headers=headers, content=content, timeout=timeout, extensions=extensions
        )


def _is_stream(response: httpx.Response) -> bool:
    """Whether an answer is what was asked for as a stream: no refusal, no data, and no page for people."""
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        return True  # a download begins anew then
    kind = response.headers.get("content-type", "").lower()
    return response.is_success and "json" not in kind and "html" not in kind
