"""A turn of chat from its first note in the journal to the words that tell what it has done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from nemo_notebook import errors, settings
from nemo_notebook.client.dialects import TurnReader
from nemo_notebook.client.events import Begun, Event, Notice, TextFinal
from nemo_notebook.outside import redact
from nemo_notebook.session.core import Core, State
from nemo_notebook.session.language.words import say
from nemo_notebook.session.records import Job
from nemo_notebook.session.recovery import second_stage, settled
from nemo_notebook.session.results import Reply
from nemo_notebook.session.turn import readable, spoken, ticking
from nemo_notebook.timeline.timeline import Timeline

OnEvent = Callable[[Event], None]

_GRACE_S: Final = 60.0  # for looking at what a turn has done, after its end


@dataclass(slots=True)
class _Turn:
    """A turn that is under way."""

    job: Job
    message: str
    before: State
    reader: TurnReader = field(default_factory=TurnReader)
    heard: list[Event] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether a whole passage was heard, and nothing after it was left open."""
        finals = [event for event in self.heard if isinstance(event, TextFinal) and event.text.strip()]
        return bool(finals) and not self.reader.was_cut


class Conversation:
    """The turns of one session, one at a time.

    Args:
        core: The session's shared middle.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._speaker: asyncio.Task[Any] | None = None

    async def stream(self, message: str) -> AsyncIterator[Event]:
        """One turn, event by event; what it has done is for the caller to look at.

        Raises:
            NetworkError: The stream broke.
        """
        async with self.one_at_a_time():
            turn, notices = await self._begin(message)
            for notice in notices:
                yield notice
            try:
                async for event in self._events(turn):
                    yield event
            except errors.NemoError as error:
                told = await self._unfinished(turn, error)
                raise told from (error.__cause__ if told is error else error)
            if turn.reader.was_cut and turn.reader.failed is None:
                raise await self._unfinished(turn, errors.NetworkError("The reply broke off."))
            await self._settle(turn, "failed" if turn.reader.failed else "done", await self._core.balance())

    async def chat(self, message: str, on_event: OnEvent | None = None) -> Reply:
        """One turn: send, listen, then tell what it did to the timeline; see `AsyncSession.chat`."""

        def tell(event: Event) -> None:
            if on_event:
                on_event(event)

        async with self.one_at_a_time():
            turn, notices = await self._begin(message)
            for notice in notices:
                tell(notice)
            broken = await self._listen(turn, tell)
            return await self._conclude(turn, broken, lambda words: tell(Notice(words)))

    async def come_back(self, job: Job, tell: Callable[[str], None]) -> Reply:
        """What a turn has done that was not seen to its end."""
        core = self._core
        if not job.is_open:
            raise errors.UsageError(f"{job.id} is over: {job.state}.", hint="`%nemo status` shows the timeline.")
        core.listen(job.title)
        before = Timeline(job.detail.get("before") or None, core.language)
        async with self.one_at_a_time():
            state, certain = await settled(core, before, tell)
            changes = state.timeline.diff(before)
            if changes or certain:
                job = await core.note(core.journal.settle, job, "done", before=None)
            timeline = core.meet(state, job.title)
            text = f"{changes}\n{self._say('no answer kept')}" if changes else str(changes)
            return Reply(_with(text, core.told_lost()), changes, timeline, job=job.id)

    @asynccontextmanager
    async def one_at_a_time(self) -> AsyncIterator[None]:
        """Wait until no other turn of this session runs here.

        Raises:
            UsageError: One does, for longer than a turn may take, or in this very task.
        """
        busy = errors.UsageError("A turn of this session is running.", hint="Let it end, or open another session.")
        if self._speaker is not None and self._speaker is asyncio.current_task():
            raise busy  # it would wait for itself
        try:
            await asyncio.wait_for(self._core.turn.acquire(), settings.chat_s() + _GRACE_S)
        except TimeoutError:
            raise busy from None
        self._speaker = asyncio.current_task()
        try:
            yield
        finally:
            self._speaker = None
            self._core.turn.release()

    def _say(self, what: str, **values: str) -> str:
        return say(what, chinese=self._core.is_chinese, **values)

    async def _begin(self, message: str) -> tuple[_Turn, list[Event]]:
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
            too_old = before.turns_running is None and time.time() - job.begun_s > settings.chat_s()
            if before.turns_running == 0 or too_old or (changes and not before.turns_running):
                await core.note(core.journal.settle, job, "done", before=None)
        detail = {"before": before.timeline.draft, "credits_before": balance}
        job = await core.note(core.journal.begin, "turn", core.id, message, detail)
        core.meet(before)
        if lost := core.told_lost():
            notices.append(Notice(lost))
        if core.seen.is_edited:
            notices.append(Notice(self._say("editor blind")))
        return _Turn(job, message, before), [*notices, Begun(job.id)]

    async def _events(self, turn: _Turn) -> AsyncIterator[Event]:
        events = self._core.service.chat(self._core.id, turn.message, turn.reader)
        async for event in readable(ticking(events, settings.notice_s(), settings.chat_s())):
            turn.heard.append(event)
            yield event

    async def _listen(self, turn: _Turn, tell: OnEvent) -> errors.NemoError | None:
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
            told = await self._refused(turn, error)
            raise told from (error.__cause__ if told is error else error)
        if turn.reader.was_cut and turn.reader.failed is None:
            return errors.NetworkError("The reply broke off.")
        return None

    async def _refused(self, turn: _Turn, error: errors.NemoError) -> errors.NemoError:
        """The error that a message is told with of which the service has taken nothing."""
        await self._settle(turn, "failed")
        if isinstance(error, errors.OutOfCredits):
            error.hint = self._registration() or error.hint
        if isinstance(error, errors.SessionNotFound):
            return errors.SessionNotFound(await self._core.renew(error), hint=self._say("say again"))
        return error

    async def _unfinished(self, turn: _Turn, error: errors.NemoError) -> errors.NemoError:
        """The error that a stream ends with whose turn was not heard to its end."""
        if not error.may_have_acted:
            return await self._refused(turn, error)
        broken = error if isinstance(error, errors.NetworkError) else errors.NetworkError(error.message)
        broken.hint = self._say("look again", job=turn.job.id)
        return broken

    def _registration(self) -> str:
        user = self._core.ids.user_id
        if not (self._core.service.anonymous and user):
            return ""
        return f"Register at {settings.web_url()}/?bind={user}, or work free and offline with --backend local."

    async def _conclude(self, turn: _Turn, broken: errors.NemoError | None, tell: Callable[[str], None]) -> Reply:
        core, before = self._core, turn.before.timeline
        state: State | None = None
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
            state = await second_stage(core, turn.before, state, lambda words: tell(f"{self._say('first')}\n{words}"))
        changes = (before if state is None else state.timeline).diff(before)
        timeline = core.meet(turn.before if state is None else state, turn.message)
        after = await core.balance()
        failure = None if changes else self._failure(turn, broken, certain=certain)
        ended = "failed" if failure is not None else "done"
        turn.job = await self._settle(turn, ended if (certain and state is not None) or changes else "open", after)
        if failure is not None:
            raise failure
        told = "\n".join(f"- {sentence}" for sentence in changes.words)
        text = self._text(turn, broken, told)
        spent = turn.job.detail.get("credits_before")
        cost = None if after is None or not isinstance(spent, (int, float)) else spent - after
        shown = bool(text) and text == spoken(turn.heard)
        if lost := core.told_lost():
            tell(lost)
        text = _with(text or str(changes), lost)
        return Reply(text, changes, timeline, tuple(turn.heard), shown, job=turn.job.id, cost=cost)

    def _text(self, turn: _Turn, broken: errors.NemoError | None, told: str) -> str:
        failed = turn.reader.failed
        if turn.is_whole or (broken is None and failed is None):
            return spoken(turn.heard) or told
        if failed is not None:
            return f"{self._say('failed, done', reason=self._reason(failed.message))}\n{told}"
        return f"{self._say('broke, done')}\n{told}"

    def _failure(self, turn: _Turn, broken: errors.NemoError | None, *, certain: bool) -> errors.NemoError | None:
        """The error that an unchanged timeline is told with, if the turn is to end in one."""
        failed = turn.reader.failed
        if turn.is_whole or (broken is None and failed is None):
            return None
        if failed is not None:
            code = int(failed.code) if failed.code.isascii() and failed.code.isdigit() and len(failed.code) < 6 else 0
            words = self._say("failed", reason=self._reason(failed.message))
            error = errors.from_code(code, words)
            if isinstance(error, errors.OutOfCredits):
                error.hint = self._registration() or error.hint
            elif type(error) is errors.ServiceError:
                error.hint = self._say("say again")
            return error
        assert broken is not None
        error = self._nothing_known(turn, certain=certain)
        error.__cause__ = broken
        return error

    def _nothing_known(self, turn: _Turn, *, certain: bool) -> errors.NetworkError:
        """The error that a broken turn is told with of which no change is seen."""
        hint = self._say("say again") if certain else self._say("look again", job=turn.job.id)
        return errors.NetworkError(self._say("broke, nothing" if certain else "broke, unclear"), hint=hint)

    def _reason(self, message: str) -> str:
        return redact(message) or self._say("no reason")

    async def _settle(self, turn: _Turn, state: str, credits_after: float | None = None) -> Job:
        core = self._core
        more = {} if state == "open" else {"before": None}
        return await core.note(core.journal.settle, turn.job, state, credits_after=credits_after, **more)


def _with(text: str, more: str) -> str:
    return f"{text}\n\n{more}" if more else text
