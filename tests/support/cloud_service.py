"""The engine with the manners of the paid service: credits, rates, generations in two stages, silent edits."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from nemo_notebook import errors
from nemo_notebook.agent.steps import Outcome
from nemo_notebook.engine.api import Api
from nemo_notebook.engine.conversation import Conversations, TurnEvents
from nemo_notebook.engine.store import MediaRow, SessionRow, Store
from nemo_notebook.film.model import Situation, Version
from nemo_notebook.film.tracks import VIDEO, Json

_EFFECTS = frozenset({"filter", "adjust", "transition", "zoom", "fade_in_ms", "fade_out_ms", "loop_ms"})
_FIRST = "The pictures are ready; music and titles follow."


@dataclass(frozen=True, slots=True)
class Manners:
    """How a service behaves; by default free and unlimited.

    Attributes:
        private_urls: Whether uploads may be fetched from private addresses.
        max_upload_bytes: The largest file.
        credits: What every user has at first; None where everything is free.
        generation: What a turn costs that makes the first draft of a session.
        edit: What a turn costs that changes a draft.
        turn_every_s: How long a user has to wait from one turn to the next.
        stages: `one`: a generation is kept whole. `within`: first its pictures alone are kept and told, then all of it,
            in the same turn. `after`: likewise, but the stream ends after the pictures.
        stage_pause_s: Seconds between the two.
        silent_every: Every so manieth edit of a session closes the stream without a text; 0 for none, 1 for all.
    """

    private_urls: bool = True
    max_upload_bytes: int | None = None
    credits: float | None = None
    generation: float = 100.0
    edit: float = 50.0
    turn_every_s: float = 0.0
    stages: Literal["one", "within", "after"] = "one"
    stage_pause_s: float = 0.0
    silent_every: int = 0


class CloudApi(Api):
    """The engine's API with other manners; it gives out anonymous tokens, too."""

    def __init__(self, store: Store, token: str, manners: Manners) -> None:
        super().__init__(store, token, anonymous=True, max_upload_bytes=manners.max_upload_bytes)
        self.private_urls = manners.private_urls
        self._manners = manners
        self._turns: dict[str, float] = {}  # of each user, when there may be another
        self.turns = self.conversations = CloudConversations(self, manners)

    def balance(self, user: str) -> dict[str, float]:
        return super().balance(user) if self._manners.credits is None else self.turns.balance(user)

    async def state(self, request: Request, session: SessionRow) -> Mapping[str, Any]:
        state = dict((await super().state(request, session))["state"])
        if self._manners.stages != "one" and state["draft"]:
            state["generated_media"] = [{"type": "video"}]
        return {"state": state}

    async def chat(self, request: Request) -> Response:
        user, now_s = self.user(request), time.monotonic()
        if (wait_s := self._turns.get(user, 0.0) - now_s) > 0:
            raise HTTPException(429, "Too many requests.", {"Retry-After": str(math.ceil(wait_s))})
        self._turns[user] = now_s + self._manners.turn_every_s
        return await super().chat(request)


class CloudConversations(Conversations):
    """Turns that cost credits, come in two stages, or end without a word."""

    def __init__(self, api: Api, manners: Manners) -> None:
        super().__init__(api.store, api.analyses, api.quick)
        self._manners = manners
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._held: defaultdict[str, float] = defaultdict(float)
        self._edits: Counter[str] = Counter()
        self._costs: dict[str, deque[float]] = {}  # by session: of its turns, in their order
        self._second: dict[str, Version] = {}  # by session: the film whose pictures are kept

    def balance(self, user: str) -> dict[str, float]:
        """A user's credits."""
        total = (self._manners.credits or 0.0) - self._spent[user]
        return {"available": total - self._held[user], "frozen": self._held[user], "total": total}

    def _cost(self, session: SessionRow) -> float:
        if self._manners.credits is None:
            return 0.0
        return self._manners.edit if self._store.drafts.now(session.id)[0] else self._manners.generation

    def begin(
        self, session: SessionRow, message: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[bytes]:
        cost = self._cost(session)
        if cost and cost > self.balance(session.user_id)["available"]:
            raise errors.OutOfCredits("There are not enough credits left.")
        self._held[session.user_id] += cost
        self._costs.setdefault(session.id, deque()).append(cost)
        return super().begin(session, message, headers)

    async def _answer(self, session: SessionRow, message: str, events: TurnEvents) -> None:
        before, cost = self._store.drafts.now(session.id), self._costs[session.id].popleft()
        say = events.text
        events.text = lambda text: None if self._is_silent(session.id, before[1]) else say(text)  # type: ignore[method-assign]
        try:
            await super()._answer(session, message, events)
        finally:
            self._held[session.user_id] -= cost
            if self._store.drafts.now(session.id)[0] != before[0]:
                self._spent[session.user_id] += cost

    def _is_silent(self, session_id: str, before: Json) -> bool:
        if not before or self._store.drafts.now(session_id)[1] == before:
            return False
        self._edits[session_id] += 1
        return bool(self._manners.silent_every) and self._edits[session_id] % self._manners.silent_every == 0

    async def _keep(self, session: SessionRow, version: int, made: Version, outcome: Outcome) -> int | None:
        is_new = not outcome.moves and not self._store.drafts.now(session.id)[1]
        first = first_of(outcome.draft) if is_new and self._manners.stages != "one" else None
        if first is None:
            return await super()._keep(session, version, made, outcome)
        self._second[session.id] = replace(made, draft=outcome.draft)
        return await super()._keep(session, version, replace(made, draft=first), replace(outcome, draft=first))

    async def _respond(
        self, session: SessionRow, message: str, rows: Sequence[MediaRow], events: TurnEvents
    ) -> tuple[Situation, Outcome, int]:
        situation, outcome, version = await super()._respond(session, message, rows, events)
        if second := self._second.pop(session.id, None):
            call_id = f"generate-{version}"
            events.call("generate_video", {"version": version}, call_id)
            events.answer("generate_video", {"status": "ok"}, call_id, {"draft_version": version})
            events.text(_FIRST)
            if self._manners.stages == "after":
                events.end()
            await asyncio.sleep(self._manners.stage_pause_s)
            add = self._store.drafts.add
            newest = await self._store.in_thread(add, session.id, outcome.draft, version, second)
            if newest is None:  # somebody has gone on with the pictures meanwhile
                raise errors.ServiceError("The project is being edited elsewhere at this moment.")
            version = newest
        return situation, outcome, version


def first_of(draft: Json) -> Json | None:
    """The first stage of a generation, its pictures without effects; None if there is no more to it."""
    pictures = [_plain(track) for track in draft["t"] if track.get("tt") == VIDEO and track.get("sg")]
    pictures = [{**track, "sg": [_plain(segment) for segment in track["sg"]]} for track in pictures]
    first = {**_plain(draft), "t": pictures}
    return first if pictures and json.dumps(first) != json.dumps(draft) else None


def _plain(part: Json) -> dict[str, Any]:
    meta = part.get("m")
    return {**part, "m": {key: value for key, value in meta.items() if key not in _EFFECTS}} if meta else dict(part)
