"""The chat: what was said in a session and what came of it, a prompt below, and a Stop that is heard at once.

Both ways: a turn that a cell says streams here too, and what is said here is in the session. Everything runs on the
session's loop, also what a page asks, so that nothing here needs a lock.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Coroutine
from typing import Any, Final
from weakref import WeakKeyDictionary

import traitlets

from nemo_notebook import errors
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets.chat_log import BUSY, ChatEntry, ChatLog, EntryState
from nemo_notebook.notebook.widgets.part import PanelPart
from nemo_notebook.notebook.widgets.suggestions import suggest
from nemo_notebook.session.core import Answered, Heard, Moved, Said
from nemo_notebook.session.language import Intent, classify
from nemo_notebook.session.project import AsyncSession
from nemo_notebook.session.sync import Session

_EVERY_S: Final = 0.25  # between two messages about text
_AT_ONCE: Final = 32_000  # characters in one: Jupyter's server drops what comes faster than a megabyte a second
_LONGEST: Final = 100_000  # characters of a message
_KEY: Final = re.compile(r"[\w.-]{1,64}")

# What the chats of a session wait for, with its entry and, once known, its turn: a panel opened anew can stop it too.
_waited_for: Final[WeakKeyDictionary[AsyncSession, dict[asyncio.Task[Any], tuple[str, str]]]] = WeakKeyDictionary()


class Chat(PanelPart, files=("chat_panel",)):
    """The chat of a session.

    Args:
        session: The session that is talked in; a new one without.

    Attributes:
        draft: What stands in the prompt.
    """

    draft = traitlets.Unicode().tag(sync=True)
    examples: traitlets.List[str] = traitlets.List().tag(sync=True)  # English, Chinese

    def __init__(self, session: Session | None = None, **traits: Any) -> None:
        self._log = ChatLog()
        self._timeline: Timeline | None = None
        self._suggested: tuple[str, ...] = ()
        self._flushing: asyncio.TimerHandle | None = None
        self._flushed_s = 0.0
        super().__init__(session, **traits)
        self._waited_for = _waited_for.setdefault(self.session.asynchronous, {})
        self._suggested = self._suggest()
        self.examples = [suggest(self.session.skill, None, language)[0] for language in ("en", "zh")]
        self._loaded = self.begin(self._load())

    # From the page

    def do_hello(self, language: str | None = None) -> None:
        """A page shows this part: suggestions are made in its language."""
        super().do_hello(language)
        self.begin(self._propose_again())

    async def do_log(self, before: str = "") -> dict[str, Any]:
        """The newest entries, or those before one."""
        await asyncio.shield(asyncio.wrap_future(self._loaded))
        self._flush(None)  # what comes next goes on from what is given here
        return {**self._log.window(before), "suggestions": self._suggested}

    async def do_entry(self, key: str) -> dict[str, Any] | None:
        """One entry, whole."""
        self._flush(None)
        return self._log.whole(self._log[key]) if key in self._log else None

    async def do_say(self, text: str, key: str = "") -> str:
        """Say something; gives the key of its entry.

        Raises:
            UsageError: It says nothing or too much, or what was said here before is still being worked on.
        """
        if not text.strip():
            raise errors.UsageError("There is nothing to say.")
        if len(text) > _LONGEST:
            raise errors.UsageError(self.word("too long"), hint=self.word("shorter"))
        if self._waited_for:
            raise errors.UsageError(self.word("one at a time"))
        if not _KEY.fullmatch(key) or key in self._log:
            key = uuid.uuid4().hex
        self.tell_trouble(None)
        entry = self._log.begin(key, text)
        intent = classify(text)
        is_turn = intent.action == "chat"
        self._start(entry, self.session.asynchronous.chat(text) if is_turn else self._act(entry, intent))
        return key

    async def do_stop(self) -> bool:
        """Wait no longer for what was said here; gives whether there was something. The backend goes on with it."""
        for task in self._waited_for:
            task.cancel()
        return bool(self._waited_for)

    async def do_look(self, key: str) -> None:
        """See what came of a turn whose end was not seen.

        Raises:
            UsageError: There is no such turn, or another one is being worked on.
        """
        if self._waited_for:
            raise errors.UsageError(self.word("one at a time"))
        if key not in self._log or not self._log[key].turn:
            raise errors.UsageError("There is no such turn.")
        entry = self._log[key]
        self._log.run(entry, is_mine=True)
        self._start(entry, self.session.asynchronous.resume(entry.turn))

    # From the session

    def on_said(self, news: Said) -> None:
        """A turn has begun, here or in a cell."""
        here = asyncio.current_task()
        key = ""
        if here is not None and here in self._waited_for:
            key, _ = self._waited_for[here]
            self._waited_for[here] = key, news.turn
        entry = self._log.said(news.turn, news.message, key, chinese=self.is_chinese)
        if key:
            self._log.run(entry, is_mine=True)
        self._propose()

    def on_heard(self, news: Heard) -> None:
        """Something came in a turn."""
        self._log.heard(news.turn, news.event)
        self._soon()

    def on_answered(self, news: Answered) -> None:
        """A turn is over."""
        self._log.answered(news.turn, news.reply, news.error)
        if news.reply is not None:
            self._timeline = news.reply.timeline
        self._propose()

    def on_moved(self, news: Moved) -> None:
        """The timeline is another one."""
        self._timeline = news.timeline
        self._propose()

    # Work

    def _start(self, entry: ChatEntry, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._waited_for[task] = entry.key, entry.turn
        task.add_done_callback(lambda _: self._over(entry, task))
        self._soon()

    def _over(self, entry: ChatEntry, task: asyncio.Task[Any]) -> None:
        del self._waited_for[task]
        error = None if task.cancelled() else task.exception()
        if error is not None and entry.state in BUSY:  # else the news have told it already
            self._log.fail(entry, error)
        if isinstance(error, Exception) and not isinstance(error, errors.NemoError):
            self._fail(error)
        if task.cancelled() and entry.state in BUSY:
            if not entry.turn:
                self._log.add(entry, self.word("not sent"), "note")
                entry.can_repeat = True
            self._log.end(entry, EntryState.STOPPED)
        self._soon()

    async def _act(self, entry: ChatEntry, intent: Intent) -> None:
        """What is no matter for the editor."""
        session = self.session.asynchronous
        self._log.run(entry)
        self._soon()
        if intent.action == "export":
            self._log.add(entry, self.word("exporting"), "note")
            self.begin(self._export(entry, intent))  # no turn waits for it
        elif intent.action == "credits":
            self._log.add(entry, str(await session.credits()))
        elif intent.action == "upload":
            self._log.add(entry, (await session.upload(*intent.arguments)).words, "note")
        else:
            self._log.add(entry, (await session.timeline()).summary, "note")
        self._log.end(entry, EntryState.DONE)

    async def _export(self, entry: ChatEntry, intent: Intent) -> None:
        try:
            video = await self.session.asynchronous.export(
                intent.path, format=intent.format, resolution=intent.resolution
            )
            self._log.add(entry, self.word("exported").format(video=video), "note")
        except errors.NemoError as error:
            self._log.fail(entry, error)
        finally:
            self._soon()

    async def _load(self) -> None:
        self._log.recall(await self.session.asynchronous.turns())
        for _, turn in self._waited_for.values():
            if entry := self._log.find(turn):
                self._log.run(entry, is_mine=True)
        self._timeline = await self.session.asynchronous.timeline()
        self._propose()

    async def _propose_again(self) -> None:
        self._propose()

    # To the pages

    def _suggest(self) -> tuple[str, ...]:
        return suggest(self.session.skill, self._timeline, self.spoken, self._log.last_reply)

    def _propose(self) -> None:
        suggested = self._suggest()
        if suggested != self._suggested:
            self._suggested = suggested
            self.tell({"say": "suggestions", "suggestions": suggested})
        self._soon()

    def _soon(self) -> None:
        """Tell the pages what is due: at once after a pause, else four times a second."""
        if self._flushing is not None or not self._log.is_due:
            return
        loop = asyncio.get_running_loop()
        wait_s = max(0.0, self._flushed_s + _EVERY_S - loop.time())
        self._flushing = loop.call_later(wait_s, self._flush, _AT_ONCE)

    def _flush(self, limit: int | None) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        for message in self._log.drain(limit):
            self.tell(message)
        self._flushed_s = asyncio.get_running_loop().time()
        self._soon()
