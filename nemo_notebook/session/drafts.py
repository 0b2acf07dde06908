"""The timeline edited as a table, and the way back and forth through its drafts.

Where the backend keeps drafts, which the `draft_version` of its state tells, they are stored there. Elsewhere an edited
draft stays in this session and goes out with the export: see `seen.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook import errors
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit, apply_edits, to_json, to_python
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.table import MARK
from nemo_notebook.film.telling import tell
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import finite, redact
from nemo_notebook.session.chatting import Conversation
from nemo_notebook.session.core import Core, State
from nemo_notebook.session.language.words import say
from nemo_notebook.session.records import History, Step
from nemo_notebook.session.results import Media, Reply
from nemo_notebook.session.seen import same

if TYPE_CHECKING:
    import pandas as pd

_MOST_STEPS: Final = 1000
_CELL: Final = 300
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
            told, after = await self._make(edits, before, state)
            table.attrs[MARK] = _mark(after.frame)  # it may be edited further, and applied again
            words = _listed(after.diff(before).words) or told
            return self._reply(f"{words}\n\n{self._as_python(edits)}", before, after, self._kept(state))

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
            told, after = await self._make(edits, before, state)
            return self._reply(told, before, after, self._kept(state))

    async def undo(self) -> Reply:
        """Take the last edit back; see `AsyncSession.undo`."""
        core = self._core
        async with self._talk.one_at_a_time():
            state = await self._look()
            if state.version is not None:
                return await self._go(state, forward=False)
            before = core.with_edits(state)
            if core.seen.lost:
                raise errors.Conflict(core.told_lost(), hint=self._say("see history"))
            if core.seen.step(-1):
                return self._moved("undone", before, core.meet(state))
        return await self._talk.chat("撤销" if core.is_chinese else "undo")

    async def redo(self) -> Reply:
        """Make an edit that was taken back once more; see `AsyncSession.redo`."""
        core = self._core
        async with self._talk.one_at_a_time():
            state = await self._look()
            if state.version is not None:
                return await self._go(state, forward=True)
            before = core.with_edits(state)
            if not core.seen.step(1):
                raise errors.UsageError(self._say("nothing redone"), hint=self._say("redo by chat"))
            return self._moved("redone", before, core.meet(state))

    async def restore(self, number: int) -> Reply:
        """Go to a version of the history; see `AsyncSession.restore`."""
        core = self._core
        async with self._talk.one_at_a_time():
            state = await self._look()
            if state.version is not None:
                return await self._go_to(state, number)
            before, seen = core.with_edits(state), core.seen
            if not 0 <= number < len(seen.entries):
                raise errors.UsageError(self._say("no version", number=str(number)), hint=self._say("see history"))
            seen.edit(seen.entries[number].draft)
            return self._moved("back to", before, core.meet(state), number=number)

    async def history(self) -> History:
        """The drafts of the session, the newest first."""
        core = self._core
        state = await self._look()
        if state.version is not None:
            return _history(await core.service.drafts(core.id))
        core.with_edits(state)
        seen = core.seen
        steps = [
            Step(
                number,
                each.made_s,
                each.origin,
                each.said,
                " ".join(Timeline(each.draft, core.language).diff(Timeline(seen.before(number))).words)[:_CELL],
                is_current=number == seen.at,
            )
            for number, each in enumerate(seen.entries)
        ]
        return History(reversed(steps))

    # On a backend that keeps drafts

    async def _sent(self, request: Awaitable[Any], version: int) -> tuple[Any, Timeline]:
        """The answer to an edit of a version, None where it was lost on the way; and the timeline as it is then."""
        core, answer = self._core, None
        try:
            answer = await request
        except (errors.NetworkError, errors.ServiceError) as error:
            if not error.may_have_acted:
                raise
            seen = await self._seen_after(core.look(), error)
            if seen.version == version:
                error.hint = self._say("apply again")
                raise
            return None, core.meet(seen)
        return answer, core.meet(await core.look())

    async def _go(self, state: State, *, forward: bool) -> Reply:
        core = self._core
        answer = await core.service.drafts(core.id)
        steps = _history(answer)[::-1]
        at = next((i for i, step in enumerate(steps) if step.is_current), -1)
        target = at + 1 if forward else at - 1
        if at < 0 or not 0 <= target < len(steps):
            raise errors.UsageError(self._say("nothing redone" if forward else "nothing undone"), hint="")
        version = finite(answer.get("draft_version"))
        if version is None or version != state.version:
            raise errors.Conflict(self._say("changed meanwhile"))
        after = await self._point_to(steps[target].number, int(version))
        told = steps[target if forward else at].told
        return self._moved("redone" if forward else "undone", state.timeline, after, told)

    async def _go_to(self, state: State, number: int) -> Reply:
        history = _history(await self._core.service.drafts(self._core.id))
        if number not in {step.number for step in history}:
            raise errors.UsageError(self._say("no version", number=str(number)), hint=self._say("see history"))
        after = await self._point_to(number, state.version or 0)
        return self._moved("back to", state.timeline, after, number=number)

    async def _point_to(self, number: int, version: int) -> Timeline:
        """Make a kept draft the one that holds; gives the timeline as it is then."""
        core = self._core
        try:
            await core.service.go_to_draft(core.id, number, version)
        except errors.NemoError as error:
            if error.may_have_acted:
                error.hint = self._say("see history")
            raise
        return core.meet(await core.look())

    async def _seen_after(self, look: Awaitable[State], error: errors.NemoError) -> State:
        """The state after a request whose answer was lost; if it cannot be read either, that error."""
        try:
            return await look
        except errors.NemoError:
            error.hint = self._say("see history")
            raise error from None

    # What both have in common

    async def _look(self) -> State:
        try:
            return await self._core.look()
        except errors.SessionNotFound as ended:
            raise errors.SessionNotFound(await self._core.renew(ended), hint=self._say("new session")) from ended

    async def _make(self, edits: Sequence[Edit], before: Timeline, state: State) -> tuple[str, Timeline]:
        """Make edits where the draft is kept; give what was done in words, and the timeline afterwards."""
        core = self._core
        if state.version is not None:
            request = core.service.edit(core.id, [to_json(edit) for edit in edits], state.version, core.language)
            told, after = await self._sent(request, state.version)
            return " ".join(told or after.diff(before).words), after
        situation = Situation(before.draft, _uploads_of(state), language=core.language, is_foreign=True)
        done = await asyncio.to_thread(apply_edits, before.draft, edits, situation)
        after = Timeline(done.draft, core.language, state.timeline.sounds)
        core.seen.edit(core.moved(after).draft)
        return tell(done.told, core.language), after

    async def _put_back(self, earlier: Timeline, before: Timeline, state: State) -> Reply:
        core = self._core
        after = Timeline(earlier.draft, core.language, state.timeline.sounds)
        if after.draft == before.draft:
            return self._reply(str(after.diff(before)), before, before)
        if state.version is not None:
            request = core.service.store_draft(core.id, after.draft, state.version, core.language)
            after = (await self._sent(request, state.version))[1]
        else:
            core.seen.edit(core.moved(after).draft)
        words = _listed(after.diff(before).words) or self._say("applied")
        return self._reply(words, before, after, self._kept(state))

    def _kept(self, state: State) -> str:
        """Where the edits of this session are, if not at the backend."""
        return "" if state.version is not None else self._say("kept here")

    def _as_python(self, edits: Sequence[Edit]) -> str:
        rest = len(edits) - _EDITS_SHOWN
        more = [self._say("more edits", n=str(rest))] if rest > 0 else []
        return "\n".join([*map(to_python, edits[:_EDITS_SHOWN]), *more])

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


def _history(answer: Mapping[str, Any]) -> History:
    """The history of an answer, the newest first; what is no step is passed over."""
    drafts, current = answer.get("drafts"), answer.get("current")
    given = drafts[-_MOST_STEPS:] if isinstance(drafts, list) else []
    steps = []
    for each in given:
        number = each.get("number") if isinstance(each, Mapping) else None
        if isinstance(number, int) and not isinstance(number, bool):
            origin, said, told = (redact(str(each.get(key) or ""), _CELL) for key in ("origin", "said", "told"))
            steps.append(Step(number, finite(each.get("made_s")) or 0.0, origin, said, told, number == current))
    return History(reversed(steps))


def _sources_of(state: State) -> tuple[MediaItem, ...]:
    """The uploads that a draft names as its sources: those of an engine."""
    return _uploads_of(state) if state.version is not None else ()


def _uploads_of(state: State) -> tuple[MediaItem, ...]:
    """The uploads of a session as edits know them, as far as the service tells."""
    found = [Media.read(record) for record in state.media]
    known = [media for media in found if media.kind in ("video", "image", "audio")]
    return tuple(
        MediaItem(media.hash or media.filename, media.filename, media.kind, round(1000 * media.duration_s))  # type: ignore[arg-type]
        for media in known
    )


def _listed(words: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in words)
