"""A turn of chat: noted in the journal before it is sent, streamed, recovered after a broken stream, concluded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, cast

from nemo_notebook import errors, settings
from nemo_notebook.client.events import Begun, Event, Heartbeat, Notice, Text, TextFinal, TurnReader
from nemo_notebook.errors import DeadlineExceeded, NemoError
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import redact
from nemo_notebook.session.core import Answered, Core, Heard, Said, SessionPart, SessionState, reports_of
from nemo_notebook.session.language import PhraseFilter, translate
from nemo_notebook.session.records import Job, Turn
from nemo_notebook.session.results import Reply


async def ticking(events: AsyncGenerator[Event], every_s: float, longest_s: float) -> AsyncGenerator[Event]:
    """The same events, with a heartbeat of our own where none comes for a while.

    Raises:
        DeadlineExceeded: They go on for longer than `longest_s`.
    """
    coming: asyncio.Future[Event] | None = None
    end_s = time.monotonic() + longest_s
    async with aclosing(events):
        try:
            while True:
                left_s = end_s - time.monotonic()
                if left_s <= 0:
                    raise DeadlineExceeded("The turn took too long.")
                coming = coming or asyncio.ensure_future(anext(events))
                done, _ = await asyncio.wait({coming}, timeout=max(min(every_s, left_s), 0.01))
                if not done:
                    yield Heartbeat()
                    continue
                try:
                    event = coming.result()
                except StopAsyncIteration:
                    return
                coming = None
                yield event
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)


async def readable(events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """The same events, with phrases about the service's web page put into our words."""
    phrases = PhraseFilter()
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Text):
                if shown := phrases.feed(event.text):
                    yield Text(shown)
            elif isinstance(event, TextFinal):
                phrases = PhraseFilter()
                yield replace(event, text=translate(event.text))
            else:
                yield event
        if rest := phrases.flush():
            yield Text(rest)


def spoken(events: Sequence[Event]) -> str:
    """The reply's text: final passages where there are some, and the pieces that no final one replaced."""
    passages: list[str] = []
    pieces: list[str] = []
    for event in events:
        if isinstance(event, TextFinal):
            passages.append(event.text)
            pieces.clear()
        elif isinstance(event, Text):
            pieces.append(event.text)
    return "\n\n".join(text.strip() for text in (*passages, "".join(pieces)) if text.strip())


KEPT: Final = 20_000  # characters of a message, and of what was shown of its reply, in the journal


@dataclass(slots=True)
class RunningTurn:
    """One turn.

    Attributes:
        core: What the parts of its session share.
        job: As it is noted in the journal.
        message: What was said.
        before: How things stood before it.
        reader: Reads what comes.
        heard: What came.
    """

    core: Core
    job: Job
    message: str
    before: SessionState
    reader: TurnReader = field(default_factory=TurnReader)
    heard: list[Event] = field(default_factory=list)
    _is_noted: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether a whole passage was heard, and nothing after it was left open."""
        finals = [event for event in self.heard if isinstance(event, TextFinal) and event.text.strip()]
        return bool(finals) and not self.reader.was_cut

    def shown(self, failure: NemoError | None = None) -> str:
        """What the user was shown: what was heard, and why it went no further."""
        return _joined(spoken(self.heard), failure.message if failure else "")

    async def settle(self, state: str, shown: str, credits_after: float | None = None) -> Job:
        """Note how it stands, and what the user was shown of it."""
        self._is_noted = True
        more = {} if state == "open" else {"before": None}
        what = {"reply": shown[:KEPT], "credits_after": credits_after, **more}
        self.job = await self.core.note(self.core.journal.settle, self.job, state, **what)
        return self.job

    async def conclude(self, reply: Awaitable[Reply]) -> Reply:
        """Await what comes of it; tell the watchers of its beginning and, however it comes about, of its end."""
        tell = self.core.watchers.tell
        tell(Said(self.job.id, self.message))
        try:
            found = await reply
        except BaseException as error:
            failure = error if isinstance(error, NemoError) else None
            try:
                if not self._is_noted:
                    await self.settle("open", self.shown(failure))
            finally:
                tell(Answered(self.job.id, error=failure))
            raise
        tell(Answered(self.job.id, found))
        return found


def _joined(*texts: str) -> str:
    """Texts one below the other, those that are empty left out."""
    return "\n\n".join(text for text in texts if text)


_Tell = Callable[[str], None]

_LOOKS: Final = 5
_STAGE_LOOKS: Final = 2
_IDLE_LOOKS: Final = 2
_QUICK_S: Final = (0.1, 0.2, 0.5)


def waits() -> Iterator[float]:
    """Seconds before each further look: the service's documents say 30, then every 60, five in all."""
    first = settings.recover_s()
    yield first
    for _ in range(_LOOKS - 1):
        yield 2 * first


async def settled(core: Core, before: Timeline, tell: _Tell) -> tuple[SessionState, bool]:
    """The state once nothing more is to be expected of the turn.

    The first change is told at once, since more may follow: a film comes before its music and titles.

    Returns:
        The last state that was read, and whether it is certain that the turn is over.

    Raises:
        NemoError: The state could not be read at all.
    """
    state = await _look(core)
    if state is not None and state.turns_running is not None:
        return await _until_idle(core, state, before)
    told = before
    for wait_s in waits():
        if state is not None:
            if changes := state.timeline.diff(told):
                tell("\n".join(changes.words))
            elif told is not before:
                return state, False  # it has changed, and now it does so no more
            told = state.timeline if changes else told
        await core.clock.sleep(wait_s)
        state = await _look(core) or state
    return (state if state is not None else await core.look()), False


async def _until_idle(core: Core, state: SessionState, before: Timeline) -> tuple[SessionState, bool]:
    """The state once the service says that no turn runs any more.

    It is certain only if the last look has succeeded, and if a second one agrees that nothing was done: the message may
    have been on its way still.
    """
    deadline_s = core.clock.monotonic_s() + settings.chat_s()
    pauses = iter(_QUICK_S)
    misses = idle = 0
    while misses < _LOOKS and core.clock.monotonic_s() < deadline_s:
        idle = 0 if state.turns_running else idle + 1
        if not misses and idle and (idle == _IDLE_LOOKS or state.timeline.diff(before)):
            return state, True
        pause_s = next(pauses, 1.0)
        await core.clock.sleep(min(pause_s, settings.recover_s()) if idle else pause_s)
        seen = await _look(core)
        misses = 0 if seen else misses + 1
        state = seen or state
    return state, False


async def _look(core: Core) -> SessionState | None:
    try:
        return await core.look()
    except (errors.NetworkError, errors.RateLimited, errors.ProtocolError):
        return None  # what broke the stream may still last; there is another look


OnEvent = Callable[[Event], None]


class ChatPart(SessionPart):
    """The turns of one session, one at a time."""

    async def stream(self, message: str) -> AsyncIterator[Event]:
        """One turn of chat, event by event: a `chat` whose events are given as they come.

        Leaving it early leaves the turn, which stays open; `resume` comes back to it.
        """
        async with aclosing(reports_of(partial(self.chat, message))) as events:
            async for event in events:
                yield event

    async def chat(self, message: str, on_event: OnEvent | None = None) -> Reply:
        """One turn of chat: send, listen, then read what it did to the timeline.

        Args:
            message: What to say. It is sent once and never again.
            on_event: Told of every event as it comes.

        Raises:
            NetworkError: The stream broke and the timeline has not changed.
            ServiceError: The service refused the turn, or failed in it.
        """
        async with self._core.turn:
            turn, notices = await self._begin_turn(message)

            def tell(event: Event) -> None:
                self._core.watchers.tell(Heard(turn.job.id, event))
                if on_event:
                    on_event(event)

            return await turn.conclude(self._reply_to(turn, notices, tell))

    async def _resume_turn(self, job: Job, tell: Callable[[str], None]) -> Reply:
        """What a turn has done that was not seen to its end."""
        core = self._core
        if not job.is_open:
            raise errors.UsageError(f"{job.id} is over: {job.state}.", hint="`%nemo status` shows the timeline.")
        core.listen(job.title)
        before = Timeline(job.detail.get("before") or None, core.language)

        def told(words: str) -> None:
            core.watchers.tell(Heard(job.id, Notice(words)))
            tell(words)

        async with self._core.turn:
            state, certain = await settled(core, before, told)
            changes = state.timeline.diff(before)
            timeline = core.show(state, job.title)
            text = f"{changes}\n{self._say('no answer kept')}" if changes else str(changes)
            text = _joined(text, core.take_lost_notice())
            if changes or certain:
                shown = _joined(str(job.detail.get("reply") or ""), text)[:KEPT]
                job = await core.note(core.journal.settle, job, "done", before=None, reply=shown)
            reply = Reply(text, changes, timeline, job=job.id)
            core.watchers.tell(Answered(job.id, reply))
            return reply

    async def _begin_turn(self, message: str) -> tuple[RunningTurn, list[Event]]:
        """Look at how things stand, tell what came since the last look, and note the turn before it is sent."""
        if not isinstance(message, str) or not message.strip():
            raise errors.UsageError("There is nothing to say.", hint=f"Try: %nemo chat {self._core.skill.example}")
        core = self._core
        core.listen(message)
        notices: list[Event] = []
        try:
            before, balance = await asyncio.gather(core.look(), core.balance())
        except errors.SessionNotFound as ended:
            notices.append(Notice(await core.renew(ended)))
            before, balance = await core.look(), await core.balance()
        if changes := before.timeline.diff(core.known):
            notices.append(Notice("\n".join((self._say("meanwhile"), *(f"- {words}" for words in changes.words)))))
        for job in await core.note(core.journal.jobs, core.id, kind="turn", only_open=True):
            too_old = before.turns_running is None and core.clock.now_s() - job.begun_s > settings.chat_s()
            if before.turns_running == 0 or too_old or (changes and not before.turns_running):
                await core.note(core.journal.settle, job, "done", before=None)
        detail = {"before": before.timeline.draft, "credits_before": balance, "said": message[:KEPT]}
        job = await core.note(core.journal.begin, "turn", core.id, message, detail)
        core.show(before)
        if lost := core.take_lost_notice():
            notices.append(Notice(lost))
        if core.seen.is_edited:
            notices.append(Notice(self._say("editor blind")))
        return RunningTurn(core, job, message, before), [*notices, Begun(job.id)]

    async def _reply_to(self, turn: RunningTurn, notices: Sequence[Event], tell: OnEvent) -> Reply:
        for notice in notices:
            tell(notice)
        try:
            broken = await self._listen(turn, tell)
            return await self._conclude(turn, broken, lambda words: tell(Notice(words)))
        except errors.OutOfCredits as error:
            user, web = self._core.ids.user_id, settings.web_url()
            if self._core.service.anonymous and user:
                error.hint = f"Register at {web}/?bind={user}, or work free and offline with --backend local."
            raise

    async def _events(self, turn: RunningTurn) -> AsyncIterator[Event]:
        model = self._core.model
        headers = model.headers() if model is not None else None
        events = self._core.service.chat(self._core.id, turn.message, turn.reader, headers)
        ticked = ticking(cast("AsyncGenerator[Event]", events), settings.notice_s(), settings.chat_s())
        async for event in readable(ticked):
            turn.heard.append(event)
            yield event
        if turn.reader.lacks_final and not turn.reader.was_cut and turn.reader.failed is None:
            yield Notice(self._say("no final"))

    async def _listen(self, turn: RunningTurn, tell: OnEvent) -> errors.NemoError | None:
        """Send the message and gather what comes; gives what broke the stream, if something did.

        Raises:
            NemoError: The message was refused, or never left: nothing was done.
        """
        try:
            async for event in self._events(turn):
                tell(event)
        except errors.NemoError as error:
            if error.may_have_acted:
                return error
            await turn.settle("failed", turn.shown(error))
            if isinstance(error, errors.SessionNotFound):
                words = await self._core.renew(error)
                raise errors.SessionNotFound(words, hint=self._say("say again")) from error
            raise
        if turn.reader.was_cut and turn.reader.failed is None:
            return errors.NetworkError("The reply broke off.")
        return None

    async def _conclude(self, turn: RunningTurn, broken: errors.NemoError | None, tell: Callable[[str], None]) -> Reply:
        core, before = self._core, turn.before.timeline
        state: SessionState | None = None
        certain = True
        if broken is None:
            try:
                state = await core.look()
            except errors.NemoError:
                if not spoken(turn.heard):
                    raise
                tell(self._say("unread"))  # the turn stays open in the journal: what it did is told later
        else:
            tell(self._say("broke"))
            try:
                state, certain = await settled(core, before, tell)
            except errors.NemoError as error:
                raise self._nothing_known(turn, certain=False) from error
        if state is not None and turn.reader.failed is None:
            state = await self._second_stage(turn, state, tell)
        changes = (before if state is None else state.timeline).diff(before)
        timeline = core.show(turn.before if state is None else state, turn.message)
        after = await core.balance()
        is_over = (certain and state is not None) or bool(changes)
        failed = turn.reader.failed
        is_heard = turn.is_whole or (broken is None and failed is None)
        if not is_heard and not changes:
            failure = self._failure(turn, certain=certain)
            await turn.settle("failed" if is_over else "open", turn.shown(failure), after)
            raise failure from broken
        told = "\n".join(f"- {sentence}" for sentence in changes.words)
        if is_heard:
            text = spoken(turn.heard) or told
        elif failed is not None:
            text = f"{self._say('failed, done', reason=self._reason(failed.message))}\n{told}"
        else:
            text = f"{self._say('broke, done')}\n{told}"
        shown = bool(text) and text == spoken(turn.heard)
        if lost := core.take_lost_notice():
            tell(lost)
        text = _joined(text or str(changes), lost)
        job = await turn.settle("done" if is_over else "open", text, after)
        return Reply(text, changes, timeline, tuple(turn.heard), shown, job=job.id, cost=Turn.read(job).cost)

    async def _second_stage(self, turn: RunningTurn, state: SessionState, tell: Callable[[str], None]) -> SessionState:
        """The state after a generation whose film has come without sound or titles: these may follow.

        The film is told at once; then the state is looked at again, twice at most, until something has followed.
        """
        core, before = self._core, turn.before
        kinds = {track.kind for track in state.timeline.tracks if track.segments}
        if state.generated <= before.generated or kinds != {"video"}:
            return state
        core.moved(core.with_edits(state, turn.message))
        words = "\n".join(state.timeline.diff(before.timeline).words) or state.timeline.summary
        tell(f"{self._say('first')}\n{words}")
        for wait_s in list(waits())[:_STAGE_LOOKS]:
            await core.clock.sleep(wait_s)
            later = await _look(core)
            if later is not None and later.timeline.diff(state.timeline):
                return later
        return state

    def _failure(self, turn: RunningTurn, *, certain: bool) -> errors.NemoError:
        """The error for a turn that left the timeline unchanged."""
        failed = turn.reader.failed
        if failed is None:
            return self._nothing_known(turn, certain=certain)
        code = int(failed.code) if failed.code.isascii() and failed.code.isdigit() and len(failed.code) < 6 else 0
        error = errors.from_code(code, self._say("failed", reason=self._reason(failed.message)))
        if type(error) is errors.ServiceError:
            error.hint = self._say("say again")
        return error

    def _nothing_known(self, turn: RunningTurn, *, certain: bool) -> errors.NetworkError:
        """Error for an interrupted turn with no observable effect."""
        hint = self._say("say again") if certain else self._say("look again", job=turn.job.id)
        return errors.NetworkError(self._say("broke, nothing" if certain else "broke, unclear"), hint=hint)

    def _reason(self, message: str) -> str:
        return redact(message) or self._say("no reason")
