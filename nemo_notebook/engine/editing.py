"""The timeline edited from outside: whole drafts that come in, and steps through those that are kept."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any, Final

import msgspec

from nemo_notebook import errors
from nemo_notebook.engine.analyses import Analyses
from nemo_notebook.engine.conversation import situation_of
from nemo_notebook.engine.exports import Exports
from nemo_notebook.engine.store import SessionRow, Store, uploads_in
from nemo_notebook.film.edit import Applied, Edit, apply_edits, parse_all, to_json
from nemo_notebook.film.model import Situation, Version, clean_prompt
from nemo_notebook.film.timeline import compare
from nemo_notebook.film.tracks import Json, duration_ms, read_tracks
from nemo_notebook.film.wording import tell
from nemo_notebook.outside import redact

MAX_DRAFT_BYTES: Final = 8 << 20  # ten thousand segments, which are the most, take three
_DEEPEST: Final = 32
_TRIES: Final = 3
_LONGEST_SAID: Final = 200  # characters of a message that the history tells
_LONGEST_TOLD: Final = 300

# What `film/tracks.py` documents, as far as something depends on its type; a null is as good as nothing.
_Number = Annotated[float, msgspec.Meta(gt=-1e15, lt=1e15)]
_FIELDS: Final = {
    "_Number": "s d v in_ms speed end_speed turn duck fade_in_ms fade_out_ms loop_ms width height fps seed",
    "str": (
        "id role name text source media cover position size color style animate_in animate_out fit filter palette flip "
        "title artist kind"
    ),
    "_Part": "m adjust transition music pace camera own_style",
    "list[_Part]": "t tracks sg segments",
    "list": "colors cuts_ms effects box",
}
_Part = msgspec.defstruct(
    "_Part",
    [(name, f"{kind} | None", None) for kind, names in _FIELDS.items() for name in names.split()],
    module=__name__,
)


class Editing:
    """What the endpoints of drafts do.

    Args:
        store: Where drafts are kept.
        exports: Tell whether a draft can be rendered.
        analyses: What is known of uploads.
    """

    def __init__(self, store: Store, exports: Exports, analyses: Analyses) -> None:
        self._store = store
        self._exports = exports
        self._analyses = analyses

    async def history(self, session: SessionRow) -> dict[str, Any]:
        """The drafts of a session that can be gone to, without the drafts themselves."""
        history = await asyncio.to_thread(self._store.drafts.history, session.id)
        return {"draft_version": history.version, "current": history.current, "drafts": _listed(history.entries)}

    async def store(self, session: SessionRow, body: Json) -> dict[str, Any]:
        """Keep a draft after the one that holds; gives the new version. One that changes nothing is not kept.

        Raises:
            InputError: It is no draft, or one that cannot be rendered.
            Conflict: The draft has changed since.
        """
        version, draft = _number(body, "draft_version"), draft_of(body.get("draft"))
        language = str(body.get("language") or session.language)[:20]
        told = await asyncio.to_thread(self._checked, session, draft, version, language)
        if told is None:
            return {"draft_version": version}
        made = Version("table", told=told, draft=draft)
        return _done(await self._store.in_thread(self._store.drafts.add, session.id, draft, version, made))

    async def edit(self, session: SessionRow, body: Json) -> dict[str, Any]:
        """Make typed edits, all or none; gives the new version, and what was done in words.

        Raises:
            InvalidEdit: Some are none, or cannot be made to this film.
            Conflict: The draft has changed since the version that was named.
        """
        edits = await asyncio.to_thread(parse_all, body.get("edits"))
        rows = self._store.media(session.id)
        if waiting := self._analyses.of(rows):
            await asyncio.wait(waiting)
        version = _number(body, "draft_version") if body.get("draft_version") is not None else None
        language = str(body.get("language") or session.language)[:20]
        for _ in range(_TRIES):
            around = await asyncio.to_thread(self._store.drafts.around, session.id)
            if version is not None and around.version != version:
                raise _conflict()
            situation = situation_of(replace(session, language=language), around, self._analyses.items(rows))
            done = await asyncio.to_thread(self._applied, session, edits, situation)
            told = await asyncio.to_thread(_told, done, language)
            if done.draft == around.draft:
                return {"draft_version": around.version, "told": told}
            words, values = " ".join(told)[:_LONGEST_TOLD], [to_json(edit) for edit in done.edits]
            made = Version(
                "edit", clean_prompt(str(body.get("said") or "")), words, values, len(situation.media), language
            )
            newest = await self._store.in_thread(self._store.drafts.add, session.id, done.draft, around.version, made)
            if newest is not None:
                return {"draft_version": newest, "told": told}
        raise _conflict()

    async def edits(self, session: SessionRow) -> dict[str, Any]:
        """How the draft that holds was made: its versions with their edits."""
        versions = await asyncio.to_thread(self._store.drafts.versions, session.id)
        return {"draft_version": self._store.drafts.now(session.id)[0], "versions": _listed(versions)}

    def _applied(self, session: SessionRow, edits: Sequence[Edit], situation: Situation) -> Applied:
        """The draft after some edits, which can be rendered."""
        done = apply_edits(situation.draft, edits, situation)
        check_shape(done.draft)
        if duration_ms(done.draft) > 0:
            self._exports.plan(session.id, done.draft, {})
        return done

    async def go(self, session: SessionRow, body: Json) -> dict[str, Any]:
        """Undo and redo: make a kept draft the one that holds; gives the new version.

        Raises:
            InputError: There is no draft of that number.
            Conflict: The draft has changed since.
        """
        version, number = _number(body, "draft_version"), _number(body, "number")
        try:
            return _done(await self._store.in_thread(self._store.drafts.go, session.id, number, version))
        except LookupError as error:
            raise errors.InputError(f"The history has no draft {number}.", hint="Look at the history again.") from error

    def _checked(self, session: SessionRow, draft: Json, version: int, language: str) -> str | None:
        """What a draft changes, in words; None if nothing."""
        check_shape(draft)
        now, before = self._store.drafts.now(session.id)
        if now != version:
            raise _conflict()
        if draft == before:
            return None
        mine = {row.hash for row in self._store.media(session.id)}
        for name in uploads_in(draft):
            if name not in mine:
                raise errors.FileMissing("The timeline uses a file that is not among the uploads.")
        if any(track.segments for track in read_tracks(draft)):
            self._exports.plan(session.id, draft, {})
        return redact(" ".join(compare(read_tracks(before), read_tracks(draft), language).words), _LONGEST_TOLD)


def _told(done: Applied, language: str) -> list[str]:
    return [redact(tell(each, language), _LONGEST_TOLD) for each in done.told]


def check_shape(draft: Json) -> None:
    """See that a draft from outside is none that something here would stumble over; unknown keys may hold anything.

    Raises:
        InputError: It is too large or too deep, holds what is no number, or something of a wrong type.
    """
    for key, value, depth in _values(draft):
        if depth > _DEEPEST:
            raise errors.InputError("The draft is nested too deep.", hint=f"{_DEEPEST} levels are the most.")
        if isinstance(value, float) and not math.isfinite(value):
            raise errors.InputError(f"The draft has a number at {redact(key, 40)!r} that is none.")
    if len(json.dumps(draft, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MAX_DRAFT_BYTES:
        raise errors.InputError(f"The draft is larger than {MAX_DRAFT_BYTES >> 20} MB.", hint="Make longer cuts.")
    try:
        msgspec.convert(draft, _Part)
    except (msgspec.ValidationError, OverflowError) as error:
        raise errors.InputError(f"The draft has something that does not belong there. {redact(str(error))}") from error


def _values(draft: Json) -> Iterator[tuple[str, object, int]]:
    """All that a draft holds, with its key and how deep it is; without recursion, as it may be of any depth."""
    left: list[tuple[str, object, int]] = [("", draft, 0)]
    while left:
        key, value, depth = left.pop()
        yield key, value, depth
        if isinstance(value, Mapping):
            left.extend((name, each, depth + 1) for name, each in value.items())
        elif isinstance(value, list):
            left.extend((key, each, depth + 1) for each in value)


def _listed(versions: Iterable[Version]) -> list[dict[str, Any]]:
    return [asdict(each) | {"said": redact(each.said, _LONGEST_SAID)} for each in versions]


def _number(body: Json, key: str) -> int:
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        raise errors.InputError(f"The request has no whole number at {key!r}.")
    return value


def _done(version: int | None) -> dict[str, Any]:
    if version is None:
        raise _conflict()
    return {"draft_version": version}


def _conflict() -> errors.Conflict:
    return errors.Conflict("The timeline has changed since it was read; nothing was done.")


def draft_of(value: object) -> Json:
    """A draft that came in a request.

    Raises:
        InputError: It is none.
    """
    if not isinstance(value, Mapping):
        raise errors.InputError("The request holds no draft.")
    return value
