"""A turn of chat that is under way: what was heard of it, what is noted of it, and what those who watch are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from nemo_notebook.client.dialects import TurnReader
from nemo_notebook.client.events import Event, TextFinal
from nemo_notebook.errors import NemoError
from nemo_notebook.session.core import Core, State
from nemo_notebook.session.news import Answered, Heard, Said
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Reply
from nemo_notebook.session.turn import spoken

KEPT: Final = 20_000  # characters of a message, and of what was shown of its reply, in the journal


@dataclass(slots=True)
class UnderWay:
    """One turn.

    Attributes:
        core: What the parts of its session share.
        job: As it is noted in the journal.
        message: What was said.
        before: How things stood before it.
        reader: Reads what comes.
        heard: What came.
        reply: What came of it in the end.
        failure: Why nothing came of it, where that is not raised.
    """

    core: Core
    job: Job
    message: str
    before: State
    reader: TurnReader = field(default_factory=TurnReader)
    heard: list[Event] = field(default_factory=list)
    reply: Reply | None = None
    failure: NemoError | None = None
    _is_noted: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether a whole passage was heard, and nothing after it was left open."""
        finals = [event for event in self.heard if isinstance(event, TextFinal) and event.text.strip()]
        return bool(finals) and not self.reader.was_cut

    def tell(self, event: Event) -> Event:
        """Tell the watchers of an event; gives it back."""
        self.core.watchers.tell(Heard(self.job.id, event))
        return event

    def shown(self, failure: NemoError | None = None) -> str:
        """What the user was shown: what was heard, and why it went no further."""
        return joined(spoken(self.heard), failure.message if failure else "")

    async def settle(self, state: str, shown: str, credits_after: float | None = None) -> Job:
        """Note how it stands, and what the user was shown of it."""
        self._is_noted = True
        more = {} if state == "open" else {"before": None}
        what = {"reply": shown[:KEPT], "credits_after": credits_after, **more}
        self.job = await self.core.note(self.core.journal.settle, self.job, state, **what)
        return self.job

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Tell the watchers of its beginning and, however it comes about, of its end; what was heard is noted then."""
        tell = self.core.watchers.tell
        tell(Said(self.job.id, self.message))
        try:
            yield
        except BaseException as error:
            failure = error if isinstance(error, NemoError) else None
            try:
                if not self._is_noted:
                    await self.settle("open", self.shown(failure))
            finally:
                tell(Answered(self.job.id, error=failure))
            raise
        tell(Answered(self.job.id, self.reply, self.failure))

    async def look(self) -> None:
        """See what came of it, for those who watch: whoever streams a turn looks for himself."""
        if not self.core.watchers:
            return
        try:
            state = await self.core.look()
        except NemoError:
            return
        changes = state.timeline.diff(self.before.timeline)
        timeline = self.core.moved(self.core.with_edits(state, self.message))
        if self.failure is None:
            self.reply = Reply(
                spoken(self.heard) or str(changes), changes, timeline, tuple(self.heard), job=self.job.id
            )


def joined(*texts: str) -> str:
    """Texts one below the other, those that are empty left out."""
    return "\n\n".join(text for text in texts if text)
