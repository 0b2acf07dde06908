"""Who asks, whether they may, and for what of theirs: what stands before every endpoint."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from nemo_notebook import errors
from nemo_notebook.engine.accounts import Balance
from nemo_notebook.engine.engine import Engine
from nemo_notebook.engine.jobs import JobRow
from nemo_notebook.engine.middleware import has_body_of
from nemo_notebook.engine.policy import Policy, Prices
from nemo_notebook.engine.rates import RateLimiter, limited
from nemo_notebook.engine.store import SessionRow

LOCAL: Final = "local"
"""The user who has the launch token."""

_TOUCHED_S: Final = 3600.0  # the use of a session is noted so often
_TOUCHES: Final = 10  # or so many times before its end
_EXPORT_WAIT_S: Final = 10.0
_BODY_WAIT_S: Final = 2.0
_FREE: Final = Prices()  # the balance that a free server tells of


class Gate:
    """Holds requests against the policy.

    Args:
        engine: What knows users, sessions and exports.
        policy: Whom to let in, and to what.
    """

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine = engine
        self._store = engine.store
        self._policy = policy
        self._rates = RateLimiter(policy.rates)
        self._bodies: Counter[str] = Counter()

    def user(self, request: Request) -> str:
        """Who asks.

        Raises:
            AuthError: Nobody that is known.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            mine = self._policy.token
            user = LOCAL if mine and secrets.compare_digest(token.encode(), mine.encode()) else None
            user = user or self._store.token_user(digest(token))
            if user:
                request.state.user = user
                return user
        raise errors.AuthError("The token is invalid or has expired.")

    @contextlib.contextmanager
    def counted(self, route: str, request: Request) -> Iterator[None]:
        """Count a request to a route, and as long as it is answered its body.

        Raises:
            RateLimited: It is one too many.
        """
        most, most_of_all = self._policy.quotas.bodies, self._policy.quotas.all_bodies
        has_body = has_body_of(request.scope) and not (most is None and most_of_all is None)
        if not has_body and route not in self._policy.rates:
            yield
            return
        try:
            who = self.user(request)
        except errors.AuthError:
            who = address(request)
        self._rates.take(route, who)
        if has_body and (
            (most is not None and self._bodies[who] >= most)
            or (most_of_all is not None and self._bodies.total() >= most_of_all)
        ):
            raise limited("Too many requests are still being sent.", _BODY_WAIT_S)
        self._bodies[who] += has_body
        try:
            yield
        finally:
            self._bodies[who] -= has_body
            self._bodies += Counter()  # forgets those who have none

    def session(self, request: Request, session_id: object) -> SessionRow:
        """A session of the user who asks; its use is noted.

        Raises:
            SessionNotFound: There is none of that id, it is another user's, or it was idle for too long.
        """
        user, name = self.user(request), str(session_id or "")
        session = self._store.session(name, user)
        if session is None and self._store.owns(name, user):
            hint = f"`%nemo sessions --restore {name}` brings it back within a week."
            raise errors.SessionNotFound("This project was removed.", hint=hint)
        idle_s = 0.0 if session is None else time.time() - session.touched_s
        longest_s = self._policy.session_idle_s
        if session is None or (longest_s is not None and idle_s > longest_s):
            raise errors.SessionNotFound("Session not found.")
        if idle_s > min(_TOUCHED_S, _TOUCHED_S if longest_s is None else longest_s / _TOUCHES):
            self._engine.housework.note_use(session)
        return session

    def job(self, request: Request) -> JobRow:
        """An export of the user who asks, by the request's path.

        Raises:
            HTTPException: 404: there is none.
        """
        user = self.user(request)
        job = self._store.jobs.find(request.path_params["job_id"])
        if job is None or self._store.session(job.session_id, user) is None:
            raise HTTPException(404, "There is no such export.")
        return job

    def may_begin_session(self, user: str) -> None:
        """Refuse a session over the quota."""
        most = self._policy.quotas.sessions
        if most is not None and self._store.session_count(user) >= most:
            raise errors.InputError(
                f"You have {most} sessions, which is the most.",
                hint="Go on in one of them (`%nemo sessions`), or let some go with `%nemo sessions --remove ID`.",
            )

    def may_export(self, user: str) -> None:
        """Refuse an export without a subscription, or over the quota."""
        subscribers, most = self._policy.subscribers, self._policy.quotas.exports
        if subscribers is not None and user not in subscribers:
            raise errors.PlanRequired("Export is not part of the free plan.")
        if most is not None and self._store.jobs.open_count(user) >= most:
            raise limited(f"{most} of your exports are under way, which is the most at a time.", _EXPORT_WAIT_S)

    def may_keep(self, user: str, sizes: dict[str, int]) -> None:
        """Refuse what would be over the quota: uploads, together with what the user's drafts take.

        Args:
            user: Whose they are.
            sizes: What they take, by content.
        """
        most = self._policy.quotas.bytes
        if most is None:
            return
        kept = self._store.media_bytes(user, but=list(sizes)) + self._store.drafts.bytes_of(user)
        if kept + sum(sizes.values()) > most:
            raise errors.MediaTooLarge(
                f"Your uploads and timelines would take more than {most / 1e9:g} GB, which is the most.",
                hint="Go on with what is uploaded; what is removed counts for a week more, while it can come back.",
            )

    def hold(self, session: SessionRow) -> str | None:
        """Hold back what a turn may cost; gives the hold's name, None on a free server.

        Raises:
            OutOfCredits: There is less than that.
        """
        prices = self._policy.prices
        if prices is None:
            return None
        amount = prices.edit if self._store.draft(session.id)[0] else prices.generation
        held = self._store.accounts.hold(session.user_id, amount, prices.start)
        if held is None:
            raise errors.OutOfCredits("There are not enough credits left.")
        return held

    def balance(self, user: str) -> Balance:
        """A user's credits."""
        prices = self._policy.prices
        return Balance(_FREE.start, 0.0) if prices is None else self._store.accounts.balance(user, prices.start)


def digest(text: str) -> str:
    """What a secret is known by."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def address(request: Request) -> str:
    """From where a request comes."""
    return request.client.host if request.client else ""
