"""The timeline edited, also as a table, and the way back and forth through its versions.

Where the backend keeps drafts, which the `draft_version` of its state tells, they are stored there. Elsewhere an edited
draft stays in this session and goes out with the export: see `versions.py`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from nemo_notebook import errors
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit, to_python
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.table import MARK
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.session.chatting import Conversation
from nemo_notebook.session.core import Core, State
from nemo_notebook.session.language.words import say
from nemo_notebook.session.records import History
from nemo_notebook.session.results import Reply
from nemo_notebook.session.seen import same
from nemo_notebook.session.versions import AtEngine, Here, Versions, uploads_of

if TYPE_CHECKING:
    import pandas as pd

_EDITS_SHOWN: Final = 20

Plan = Callable[[Json, Sequence[MediaItem]], Sequence[Edit]]
"""Gives the edits of a draft, where what is asked for depends on it and on the uploads."""


def _mark(table: Any) -> Any:
    """From which state of the timeline a table was taken, if it still says so."""
    attrs = getattr(table, "attrs", None)
    return attrs.get(MARK) if isinstance(attrs, Mapping) else None


class Drafts:
    """The drafts of one session.

    Args:
        core: The session's shared middle.
        talk: Its turns, which edits take turns with.
    """

    def __init__(self, core: Core, talk: Conversation) -> None:
        self._core = core
        self._talk = talk

    async def timeline(self) -> Timeline:
        """The timeline as it is now, with what was edited here."""
        return self._core.meet(await self._core.look())

    async def apply(self, table: pd.DataFrame | Timeline) -> Reply:
        """Put an edited table, or a whole earlier timeline, in the place of the timeline; see `AsyncSession.apply`."""
        core = self._core
        async with self._talk.one_at_a_time():
            state = await self._look()
            if not same(state.timeline.draft, core.known.draft):
                raise errors.Conflict(self._say("changed meanwhile"), hint=self._say("take the frame"))
            before = core.with_edits(state)
            if isinstance(table, Timeline):
                return await self._put_back(table, before, state)
            if _mark(table) not in {None, _mark(before.frame)}:
                raise errors.Conflict(self._say("changed meanwhile"), hint=self._say("take the frame"))
            from nemo_notebook.film.table_edits import edits_from_table

            edits = await asyncio.to_thread(edits_from_table, before.draft, table, _sources_of(state))
            if not edits:
                return self._reply(str(before.diff(before)), before, before)
            kept = self._kept(state)
            told, after = await kept.edit(edits, before)
            table.attrs[MARK] = _mark(after.frame)  # it may be edited further, and applied again
            words = _listed(after.diff(before).words) or told
            return self._reply(f"{words}\n\n{self._as_python(edits, state)}", before, after, kept.note)

    async def edit(self, edits: Sequence[Edit] | Plan, base: Mapping[str, Any] | None = None) -> Reply:
        """Make typed edits, all of them or none; see `AsyncSession.edit`.

        Args:
            edits: The edits, in order; or what gives them.
            base: The draft that they were meant for; where it is another by now, nothing is done.
        """
        core = self._core
        async with self._talk.one_at_a_time():
            state = await self._look()
            before = core.with_edits(state)
            if base is not None and not same(before.draft, base):
                core.meet(state)
                raise errors.Conflict(self._say("changed meanwhile"), hint=self._say("edit again"))
            if callable(edits):
                edits = await asyncio.to_thread(edits, before.draft, _sources_of(state))
            kept = self._kept(state)
            told, after = await kept.edit(edits, before)
            return self._reply(told, before, after, kept.note)

    async def undo(self) -> Reply:
        """Take the last edit back; see `AsyncSession.undo`."""
        reply = await self._step(-1)
        return reply or await self._talk.chat("撤销" if self._core.is_chinese else "undo")

    async def redo(self) -> Reply:
        """Make an edit that was taken back once more; see `AsyncSession.redo`."""
        reply = await self._step(1)
        if reply is None:
            raise errors.UsageError(self._say("nothing redone"), hint=self._say("redo by chat"))
        return reply

    async def restore(self, number: int) -> Reply:
        """Go to a version of the history; see `AsyncSession.restore`."""
        async with self._talk.one_at_a_time():
            state = await self._look()
            before = self._core.with_edits(state)
            after = await self._kept(state).go(number)
            return self._moved("back to", before, after, number=number)

    async def history(self) -> History:
        """The drafts of the session, the newest first."""
        state = await self._look()
        self._core.with_edits(state)
        return History(reversed(await self._kept(state).steps()))

    async def _step(self, by: Literal[-1, 1]) -> Reply | None:
        """Go a version back or forth; None where only the service itself could."""
        async with self._talk.one_at_a_time():
            state = await self._look()
            kept, before = self._kept(state), self._core.with_edits(state)
            beside = await kept.beside(by)
            if beside is None:
                return None
            number, told = beside
            return self._moved("undone" if by < 0 else "redone", before, await kept.go(number), told)

    def _kept(self, state: State) -> Versions:
        """Where the drafts of this session are kept."""
        return AtEngine(self._core, state, state.version) if state.version is not None else Here(self._core, state)

    async def _look(self) -> State:
        try:
            return await self._core.look()
        except errors.SessionNotFound as ended:
            raise errors.SessionNotFound(await self._core.renew(ended), hint=self._say("new session")) from ended

    async def _put_back(self, earlier: Timeline, before: Timeline, state: State) -> Reply:
        after = Timeline(earlier.draft, self._core.language, state.timeline.sounds)
        if after.draft == before.draft:
            return self._reply(str(after.diff(before)), before, before)
        kept = self._kept(state)
        after = await kept.put(after)
        return self._reply(_listed(after.diff(before).words) or self._say("applied"), before, after, kept.note)

    def _as_python(self, edits: Sequence[Edit], state: State) -> str:
        uploads = uploads_of(state)
        names = Counter(item.filename for item in uploads)
        files = {item.id: item.filename for item in uploads if names[item.filename] == 1}
        rest = len(edits) - _EDITS_SHOWN
        more = [self._say("more edits", n=str(rest))] if rest > 0 else []
        return "\n".join([*(to_python(edit, files) for edit in edits[:_EDITS_SHOWN]), *more])

    def _moved(self, how: str, before: Timeline, after: Timeline, told: str = "", number: int = 0) -> Reply:
        """The reply to a step, which tells what the edit had done that it took back, or made once more."""
        done = before.diff(after) if how == "undone" else after.diff(before)
        changes = _listed(done.words) or told or self._say("look only")
        return self._reply(f"{self._say(how, number=str(number))}\n{changes}", before, after)

    def _reply(self, text: str, before: Timeline, after: Timeline, more: str = "") -> Reply:
        text = "\n\n".join(part for part in (text, more, self._core.told_lost()) if part)
        return Reply(text, after.diff(before), after)

    def _say(self, what: str, **values: str) -> str:
        return say(what, chinese=self._core.is_chinese, **values)


def _sources_of(state: State) -> tuple[MediaItem, ...]:
    """The uploads that a draft names as its sources: those of an engine."""
    return uploads_of(state) if state.version is not None else ()


def _listed(words: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in words)
