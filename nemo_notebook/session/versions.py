"""Where the versions of a film are kept: at the engine, or in this session for a backend that keeps none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, Protocol

from nemo_notebook import errors
from nemo_notebook.film.edit import Edit, apply_edits, is_built_in, to_json
from nemo_notebook.film.model import MediaItem, Situation, Version
from nemo_notebook.film.telling import tell
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.outside import finite, redact
from nemo_notebook.session.core import Core, State
from nemo_notebook.session.language.words import say
from nemo_notebook.session.records import Step
from nemo_notebook.session.results import Media

_MOST_STEPS: Final = 1000
_CELL: Final = 300


class Versions(Protocol):
    """The versions of one session's film, at one look at it.

    Attributes:
        note: What a reply tells of where an edit is kept; empty where it is at the backend.
    """

    note: str

    async def steps(self) -> list[Step]:
        """How each version came about, the oldest first."""

    async def edit(self, edits: Sequence[Edit], before: Timeline) -> tuple[str, Timeline]:
        """Make edits, all or none; give what was done in words, and the timeline afterwards."""

    async def put(self, after: Timeline) -> Timeline:
        """Put a whole timeline in the place of the one that holds; give it as it is then."""

    async def beside(self, by: Literal[-1, 1]) -> tuple[int, str] | None:
        """The number of the version before or after, and what lies between in words; None if only the chat goes there.

        Raises:
            UsageError: There is none.
        """

    async def go(self, number: int) -> Timeline:
        """Make a version the one that holds; give the timeline as it is then.

        Raises:
            UsageError: There is none of that number.
        """


class AtEngine:
    """The versions that the engine keeps.

    Args:
        core: The session's shared middle.
        state: How the session was when it was looked at.
        version: The version of its draft, which changes are made for.
    """

    note = ""

    def __init__(self, core: Core, state: State, version: int) -> None:
        self._core = core
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
            raise errors.UsageError(_say(core, "nothing redone" if by > 0 else "nothing undone"), hint="")
        if finite(answer.get("draft_version")) != self._version:
            raise errors.Conflict(_say(core, "changed meanwhile"))
        return steps[at + by].number, steps[max(at, at + by)].told

    async def go(self, number: int) -> Timeline:
        """Make a version the one that holds."""
        core = self._core
        if number not in {step.number for step in await self.steps()}:
            raise errors.UsageError(_say(core, "no version", number=str(number)), hint=_say(core, "see history"))
        try:
            await core.service.go_to_draft(core.id, number, self._version)
        except errors.NemoError as error:
            if error.may_have_acted:
                error.hint = _say(core, "see history")
            raise
        return core.meet(await core.look())

    async def _sent(self, request: Awaitable[Any]) -> tuple[Any, Timeline]:
        """The answer to an edit, None where it was lost on the way; and the timeline as it is then."""
        core, answer = self._core, None
        try:
            answer = await request
        except (errors.NetworkError, errors.ServiceError) as error:
            if not error.may_have_acted:
                raise
            error.hint = _say(core, "see history")
            seen = await self._look_after(error)
            if seen.version == self._version:
                error.hint = _say(core, "apply again")
                raise
            return None, core.meet(seen)
        return answer, core.meet(await core.look())

    async def _look_after(self, error: errors.NemoError) -> State:
        """The state after a request whose answer was lost; if it cannot be read either, that error."""
        try:
            return await self._core.look()
        except errors.NemoError:
            raise error from None


class Here:
    """The versions that were seen or made in this session; see `seen.py`.

    Args:
        core: The session's shared middle.
        state: How the session was when it was looked at.
    """

    def __init__(self, core: Core, state: State) -> None:
        self._core = core
        self._state = state
        self.note = _say(core, "kept here")

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
            raise errors.Conflict(core.told_lost(), hint=_say(core, "see history"))
        crossed = seen.at if by < 0 else seen.at + 1
        return (seen.at + by, seen.entries[crossed].told) if seen.is_own(crossed) else None

    async def go(self, number: int) -> Timeline:
        """Make a version the one that holds."""
        core, seen = self._core, self._core.seen
        if not 0 <= number < len(seen.entries):
            raise errors.UsageError(_say(core, "no version", number=str(number)), hint=_say(core, "see history"))
        seen.go(number)
        return core.meet(self._state)

    def _steps(self) -> Iterator[Step]:
        seen, language = self._core.seen, self._core.language
        for number, each in enumerate(seen.entries):
            changes = Timeline(each.draft, language).diff(Timeline(seen.before(number))).words
            told = redact(" ".join(changes) or each.told, _CELL)
            yield Step(number, each.made_s, each.origin, each.said, told, number == seen.at, each.edits)

    def _keep(self, version: Version) -> Timeline:
        core = self._core
        core.seen.edit(version)
        return core.moved(Timeline(version.draft, core.language, self._state.timeline.sounds))


def uploads_of(state: State) -> tuple[MediaItem, ...]:
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


def _say(core: Core, what: str, **values: str) -> str:
    return say(what, chinese=core.is_chinese, **values)
