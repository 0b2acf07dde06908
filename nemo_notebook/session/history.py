"""Edits of the timeline and its versions: kept by the engine, or client-side for a backend without versioning."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from nemo_notebook import errors
from nemo_notebook.film.edit import Edit, apply_edits, is_built_in, parse_all, to_json, to_python
from nemo_notebook.film.film import Film
from nemo_notebook.film.model import MediaItem, Situation, Version
from nemo_notebook.film.table import MARK
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.film.tracks import Json
from nemo_notebook.film.wording import tell
from nemo_notebook.outside import finite, redact
from nemo_notebook.session.chat import ChatPart
from nemo_notebook.session.core import Core, SessionPart, SessionState, same
from nemo_notebook.session.records import History, Step, Versions
from nemo_notebook.session.results import Media, Reply

if TYPE_CHECKING:
    import pandas as pd

_MOST_STEPS: Final = 1000
_CELL: Final = 300


class EngineVersions(SessionPart):
    """The versions that the engine keeps.

    Attributes:
        note: What a reply tells of where an edit is kept; empty where it is at the backend.

    Args:
        core: What the parts of the session share.
        state: The session as it was last read.
        version: The version of its draft, which changes are made for.
    """

    note = ""

    def __init__(self, core: Core, state: SessionState, version: int) -> None:
        super().__init__(core)
        self._state = state
        self._version = version

    async def steps(self) -> list[Step]:
        """How each version came about; what is none is passed over."""
        return list(_read_steps(await self._core.service.drafts(self._core.id)))

    async def edit(self, edits: Sequence[Edit], before: Timeline) -> tuple[str, Timeline]:
        """Make edits; those from outside this package, which no engine knows, are made here, and the draft is sent."""
        core, values = self._core, [to_json(edit) for edit in edits]
        if not all(map(is_built_in, edits)):
            situation = Situation(before.draft, uploads_of(self._state), language=core.language)
            done = await asyncio.to_thread(apply_edits, before.draft, edits, situation)
            after = Timeline(done.draft, core.language, self._state.timeline.sounds)
            return tell(done.told, core.language), await self.put(after)
        told, after = await self._sent(core.service.edit(core.id, values, self._version, core.language))
        return " ".join(told or after.diff(before).words), after

    async def put(self, after: Timeline) -> Timeline:
        """Put a whole timeline in the place of the one that holds."""
        core = self._core
        return (await self._sent(core.service.store_draft(core.id, after.draft, self._version, core.language)))[1]

    async def beside(self, by: Literal[-1, 1]) -> tuple[int, str] | None:
        """The version before or after."""
        core = self._core
        answer = await core.service.drafts(core.id)
        steps = list(_read_steps(answer))
        at = next((place for place, step in enumerate(steps) if step.is_current), -1)
        if at < 0 or not 0 <= at + by < len(steps):
            raise errors.UsageError(self._say("nothing redone" if by > 0 else "nothing undone"), hint="")
        if finite(answer.get("draft_version")) != self._version:
            raise errors.Conflict(self._say("changed meanwhile"))
        return steps[at + by].number, steps[max(at, at + by)].told

    async def go(self, number: int) -> Timeline:
        """Make a version the one that holds."""
        core = self._core
        if number not in {step.number for step in await self.steps()}:
            raise errors.UsageError(self._say("no version", number=str(number)), hint=self._say("see history"))
        try:
            await core.service.go_to_draft(core.id, number, self._version)
        except errors.NemoError as error:
            if error.may_have_acted:
                error.hint = self._say("see history")
            raise
        return core.show(await core.look())

    async def _sent(self, request: Awaitable[Any]) -> tuple[Any, Timeline]:
        """The answer to an edit, None where it was lost on the way; and the timeline as it is then."""
        core, answer = self._core, None
        try:
            answer = await request
        except (errors.NetworkError, errors.ServiceError) as error:
            if not error.may_have_acted:
                raise
            error.hint = self._say("see history")
            try:
                seen = await core.look()
            except errors.NemoError:
                raise error from None
            if seen.version == self._version:
                error.hint = self._say("apply again")
                raise
            return None, core.show(seen)
        return answer, core.show(await core.look())


class LocalVersions(SessionPart):
    """The client-side versions of a backend that keeps none; see `LocalDrafts`.

    Args:
        core: What the parts of the session share.
        state: The session as it was last read.
    """

    def __init__(self, core: Core, state: SessionState) -> None:
        super().__init__(core)
        self._state = state
        self.note = self._say("kept here")

    async def steps(self) -> list[Step]:
        """How each version came about."""
        return await asyncio.to_thread(lambda: list(self._steps()))

    async def edit(self, edits: Sequence[Edit], before: Timeline) -> tuple[str, Timeline]:
        """Make edits."""
        core, uploads = self._core, uploads_of(self._state)
        situation = Situation(before.draft, uploads, language=core.language, is_foreign=True)
        done = await asyncio.to_thread(apply_edits, before.draft, edits, situation)
        values, told = [to_json(edit) for edit in done.edits], tell(done.told, core.language)
        return told, self._keep(Version("edit", "", told, values, len(uploads), core.language, done.draft))

    async def put(self, after: Timeline) -> Timeline:
        """Put a whole timeline in the place of the one that holds."""
        return self._keep(Version("table", draft=after.draft))

    async def beside(self, by: Literal[-1, 1]) -> tuple[int, str] | None:
        """The version before or after, if it was edited here."""
        core, seen = self._core, self._core.seen
        if by < 0 and seen.lost:
            raise errors.Conflict(core.take_lost_notice(), hint=self._say("see history"))
        crossed = seen.at if by < 0 else seen.at + 1
        return (seen.at + by, seen.entries[crossed].told) if seen.is_own(crossed) else None

    async def go(self, number: int) -> Timeline:
        """Make a version the one that holds."""
        core, seen = self._core, self._core.seen
        if not 0 <= number < len(seen.entries):
            raise errors.UsageError(self._say("no version", number=str(number)), hint=self._say("see history"))
        seen.go(number)
        return core.show(self._state)

    def _steps(self) -> Iterator[Step]:
        seen, language = self._core.seen, self._core.language
        for number, each in enumerate(seen.entries):
            changes = Timeline(each.draft, language).diff(Timeline(seen.before(number))).words
            told = redact(" ".join(changes) or each.told, _CELL)
            yield Step(number, each.made_s, each.origin, each.said, told, number == seen.at, each.edits)

    def _keep(self, version: Version) -> Timeline:
        core = self._core
        core.seen.put(version)
        return core.moved(Timeline(version.draft, core.language, self._state.timeline.sounds))


def uploads_of(state: SessionState) -> tuple[MediaItem, ...]:
    """The uploads of a session as edits know them, as far as the service tells."""
    found = [Media.read(record) for record in state.media]
    known = [media for media in found if media.kind in ("video", "image", "audio")]
    return tuple(
        MediaItem(media.hash or media.filename, media.filename, media.kind, round(1000 * media.duration_s))  # type: ignore[arg-type]
        for media in known
    )


def _read_steps(answer: Mapping[str, Any]) -> Iterator[Step]:
    drafts, current = answer.get("drafts"), answer.get("current")
    for each in drafts[-_MOST_STEPS:] if isinstance(drafts, list) else []:
        number = each.get("number") if isinstance(each, Mapping) else None
        if isinstance(number, int) and not isinstance(number, bool):
            origin, said, told = (redact(str(each.get(key) or ""), _CELL) for key in ("origin", "said", "told"))
            edits = each.get("edits")
            known = tuple(one for one in edits if isinstance(one, Mapping)) if isinstance(edits, list) else ()
            yield Step(number, finite(each.get("made_s")) or 0.0, origin, said, told, number == current, known)


_EDITS_SHOWN: Final = 20

Plan = Callable[[Json, Sequence[MediaItem]], Sequence[Edit]]
"""Gives the edits of a draft, where what is asked for depends on it and on the uploads."""


def _mark(table: Any) -> Any:
    """From which state of the timeline a table was taken, if it still says so."""
    attrs = getattr(table, "attrs", None)
    return attrs.get(MARK) if isinstance(attrs, Mapping) else None


class EditPart(ChatPart):
    """The edits of one session's film, and its versions."""

    async def timeline(self) -> Timeline:
        """The timeline as it is now."""
        return self._core.show(await self._core.look())

    async def apply(self, frame: pd.DataFrame | Timeline) -> Reply:
        """Put an edited table back into the timeline, or a whole earlier timeline in its place.

        It is taken as an edit of the timeline that was seen last: of `timeline()`, or of the last reply. What a table
        changes is made by typed edits, which the reply lists. The local engine stores the result; elsewhere it is kept
        in this session, and goes out with the export.

        Args:
            frame: `Timeline.frame` after edits with pandas: rows changed, sorted, dropped or appended.

        Raises:
            InvalidTimeline: Rows of it cannot be; all of them are told at once.
            InvalidEdit: An edit that it asks for cannot be made: parts would overlap, or a file is too short.
            Conflict: The timeline has been changed elsewhere since.
        """
        core = self._core
        async with self._core.turn:
            state = await self._look_or_renew()
            if not same(state.timeline.draft, core.known.draft):
                raise errors.Conflict(self._say("changed meanwhile"), hint=self._say("take the frame"))
            before = core.with_edits(state)
            if isinstance(frame, Timeline):
                return await self._put_back(frame, before, state)
            if _mark(frame) not in {None, _mark(before.frame)}:
                raise errors.Conflict(self._say("changed meanwhile"), hint=self._say("take the frame"))
            from nemo_notebook.film.table_edits import edits_from_table

            edits = await asyncio.to_thread(edits_from_table, before.draft, frame, _sources_of(state))
            if not edits:
                return self._reply(str(before.diff(before)), before, before)
            kept = self._kept(state)
            told, after = await kept.edit(edits, before)
            frame.attrs[MARK] = _mark(after.frame)  # it may be edited further, and applied again
            words = _listed(after.diff(before).words) or told
            return self._reply(f"{words}\n\n{self._as_python(edits, state)}", before, after, kept.note)

    async def edit(self, what: str | Mapping[str, Any] | Sequence[Any] | Plan, /, **fields: Any) -> Reply:
        """Change the film by typed edits: all of them as one step of the history, or none.

        Args:
            what: The name of an edit, whose fields follow; or one or several edits, as `{"edit": "add_title", …}` or as
                objects of the classes in `nemo_notebook.film.edits`; or a function that gives such objects when it is
                called with the draft and the uploads that it can show.
            fields: The fields of the edit.

        Returns:
            What was done, what has changed, and the timeline afterwards.

        Raises:
            InvalidEdit: An edit is none, or cannot be made; it names edit, field, value and what is allowed.
            Conflict: The timeline was changed elsewhere at this moment.
        """
        if isinstance(what, str):
            what = {"edit": what, **fields}
        if callable(what):
            return await self._edit(what)
        several = [what] if isinstance(what, (Mapping, Edit)) else what
        return await self._edit(parse_all(several))

    @property
    def film(self) -> Film[Awaitable[Reply]]:
        """The film as an object, as it was last looked at; its methods are awaited."""

        async def do(edits: Sequence[Edit], base: Mapping[str, Any]) -> Reply:
            return await self._edit(edits, base)

        async def history() -> Versions[Awaitable[Reply]]:
            return Versions(await self.history(), self.restore)

        return Film(lambda: self._core.now.draft, do, history)

    async def _edit(self, edits: Sequence[Edit] | Plan, base: Mapping[str, Any] | None = None) -> Reply:
        """Make typed edits, all of them or none.

        Args:
            edits: The edits, in order; or what gives them.
            base: The draft that they were meant for; where it is another by now, nothing is done.
        """
        core = self._core
        async with self._core.turn:
            state = await self._look_or_renew()
            before = core.with_edits(state)
            if base is not None and not same(before.draft, base):
                core.show(state)
                raise errors.Conflict(self._say("changed meanwhile"), hint=self._say("edit again"))
            if callable(edits):
                edits = await asyncio.to_thread(edits, before.draft, _sources_of(state))
            kept = self._kept(state)
            told, after = await kept.edit(edits, before)
            return self._reply(told, before, after, kept.note)

    async def undo(self) -> Reply:
        """Take the last edit back, whether it was said or made in the table; the reply tells what it was.

        Raises:
            UsageError: There is none.
        """
        reply = await self._step(-1)
        return reply or await self.chat("撤销" if self._core.is_chinese else "undo")

    async def redo(self) -> Reply:
        """Make an edit that was taken back once more.

        Raises:
            UsageError: None was taken back since the last edit.
        """
        reply = await self._step(1)
        if reply is None:
            raise errors.UsageError(self._say("nothing redone"), hint=self._say("redo by chat"))
        return reply

    async def restore(self, number: int) -> Reply:
        """Go to a version of the history, an earlier or a later one, by its number.

        Raises:
            UsageError: The history has none of that number.
            Conflict: The timeline was changed elsewhere at this moment.
        """
        async with self._core.turn:
            state = await self._look_or_renew()
            before = self._core.with_edits(state)
            after = await self._kept(state).go(number)
            return self._moved("back to", before, after, number=number)

    async def history(self) -> History:
        """The drafts of this session, the newest first, and which of them holds now."""
        state = await self._look_or_renew()
        self._core.with_edits(state)
        return History(reversed(await self._kept(state).steps()))

    async def _step(self, by: Literal[-1, 1]) -> Reply | None:
        """Go a version back or forth; None where only the service itself could."""
        async with self._core.turn:
            state = await self._look_or_renew()
            kept, before = self._kept(state), self._core.with_edits(state)
            beside = await kept.beside(by)
            if beside is None:
                return None
            number, told = beside
            return self._moved("undone" if by < 0 else "redone", before, await kept.go(number), told)

    def _kept(self, state: SessionState) -> EngineVersions | LocalVersions:
        """Where the drafts of this session are kept."""
        if state.version is None:
            return LocalVersions(self._core, state)
        return EngineVersions(self._core, state, state.version)

    async def _look_or_renew(self) -> SessionState:
        try:
            return await self._core.look()
        except errors.SessionNotFound as ended:
            raise errors.SessionNotFound(await self._core.renew(ended), hint=self._say("new session")) from ended

    async def _put_back(self, earlier: Timeline, before: Timeline, state: SessionState) -> Reply:
        after = Timeline(earlier.draft, self._core.language, state.timeline.sounds)
        if after.draft == before.draft:
            return self._reply(str(after.diff(before)), before, before)
        kept = self._kept(state)
        after = await kept.put(after)
        return self._reply(_listed(after.diff(before).words) or self._say("applied"), before, after, kept.note)

    def _as_python(self, edits: Sequence[Edit], state: SessionState) -> str:
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
        text = "\n\n".join(part for part in (text, more, self._core.take_lost_notice()) if part)
        return Reply(text, after.diff(before), after)


def _sources_of(state: SessionState) -> tuple[MediaItem, ...]:
    """The uploads that a draft names as its sources: those of an engine."""
    return uploads_of(state) if state.version is not None else ()


def _listed(words: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in words)
