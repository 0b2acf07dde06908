"""What the server's endpoints do, apart from HTTP: sessions, uploads, turns of chat, exports."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.engine import agent
from nemo_notebook.engine.agent.edits import Undo
from nemo_notebook.engine.exports import Exports
from nemo_notebook.engine.housework import Housework
from nemo_notebook.engine.manners import Silence, first_of
from nemo_notebook.engine.policy import PLAIN, Manner
from nemo_notebook.engine.pool import WorkerPool
from nemo_notebook.engine.presence import Pulse
from nemo_notebook.engine.receive import Received
from nemo_notebook.engine.store import MediaRow, SessionRow, Store
from nemo_notebook.engine.sweep import mark_used
from nemo_notebook.engine.turns import EventWriter
from nemo_notebook.timeline.draft import Json, read_segments

SEED: Final = 1  # the same media and the same words give the same draft, in any session
_LISTEN_TIMEOUT_S: Final = 600.0
_ANALYSES: Final = {"audio": "listen", "video": "watch"}
_ANALYSIS_VERSION: Final = 2  # raise it when listening or watching finds something else: it is done again then
_HEARTBEAT_S: Final = 10.0
_LAST_TURNS_S: Final = 1.0
_TRIES: Final = 3
_log: Final = logging.getLogger(__name__)
_NO_FONT: Final = {
    "en": " No font on this machine has {missing}; it shows as boxes. Install one that does, such as Noto Sans CJK.",
    "zh": "这台机器上没有包含“{missing}”的字体，会显示成方框。请安装字体，例如 Noto Sans CJK。",
}


class Engine:
    """The embedded backend.

    Args:
        store: What it keeps.
    """

    def __init__(self, store: Store) -> None:
        cores = os.cpu_count() or 2
        self.store = store
        self.quick = WorkerPool(1)
        self.heavy = WorkerPool(max(1, cores), low_priority=True)
        self.exports = Exports(store, self.heavy)
        self._listening: dict[str, asyncio.Task[None]] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._working: Counter[str] = Counter()
        self._silence = Silence()
        self.housework = Housework(store)
        self._running: set[asyncio.Task[Any]] = set()
        self._pulse = Pulse(self._beat)

    async def close(self) -> None:
        """End all work: turns have a second to finish, exports are left to the next engine."""
        if self._running:
            await asyncio.wait(self._running, timeout=_LAST_TURNS_S)
        tasks = [*self._listening.values(), *self._running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.housework.close()
        await self._pulse.stop()
        await self.exports.close()
        try:
            await self.store.in_thread(self.store.release)
        except sqlite3.Error as error:
            _log.warning("What was not finished is not released, and waits some seconds longer: %s", error)
        await self.quick.close()
        await self.heavy.close()
        await asyncio.to_thread(self.store.close)

    async def _beat(self) -> bool:
        await self.store.in_thread(self.store.working.touch)
        await self.store.in_thread(self.store.accounts.touch)
        return bool(self._running)

    # Uploads

    async def take(self, session: SessionRow, received: Sequence[Received]) -> list[MediaRow]:
        """Look into files that came in and keep them, all or none.

        Raises:
            InputError: One of them is no media that can be used.
        """
        try:
            infos = [await self._probe(session, each) for each in received]
            for each in received:
                await asyncio.to_thread(_keep, each.path, self.store.media_path(each.hash))
        finally:
            for each in received:
                each.path.unlink(missing_ok=True)
        rows = [
            await self.store.in_thread(self.store.add_media, session.id, each.hash, each.filename, info)
            for each, info in zip(received, infos, strict=True)
        ]
        for row in rows:
            self._listen(row)
        return rows

    async def _probe(self, session: SessionRow, received: Received) -> dict[str, Any]:
        args = {"path": str(received.path), "filename": received.filename}
        return await self.quick.run("probe", args, who=session.user_id)

    def _listen(self, row: MediaRow) -> None:
        """Begin to listen to a song or to watch a video, so that the first prompt finds it done."""
        if row.info["kind"] not in _ANALYSES or row.hash in self._listening or self._found(row.hash) is not None:
            return
        task = self._listening[row.hash] = asyncio.create_task(self._analyse(row))
        task.add_done_callback(lambda _: self._listening.pop(row.hash, None))

    async def _analyse(self, row: MediaRow) -> None:
        """Listen or watch, and keep what was found: nothing, if it fails, and no turn fails or waits for it again."""
        args = {"path": str(self.store.media_path(row.hash)), "filename": row.filename}
        try:
            found = await self.heavy.run(_ANALYSES[row.info["kind"]], args, timeout_s=_LISTEN_TIMEOUT_S)
        except errors.NemoError as error:
            _log.warning("%s is used without having been analysed: %s", row.filename, error)
            found = {}
        await self.store.in_thread(self.store.add_analysis, row.hash, {**found, "version": _ANALYSIS_VERSION})

    def _found(self, content_hash: str) -> Json | None:
        """What listening or watching has found, unless an older version did it."""
        found = self.store.analysis(content_hash)
        return found if found is not None and found.get("version") == _ANALYSIS_VERSION else None

    # Chat

    def turn(
        self, session: SessionRow, message: str, manner: Manner = PLAIN, held: str | None = None
    ) -> AsyncIterator[bytes]:
        """Begin a turn; gives its event stream. It goes to its end, also when nobody listens any more.

        Args:
            session: Whose turn it is.
            message: What was said.
            manner: How it is answered.
            held: The name of the credits that are held for it; they are spent if it changes the draft.
        """
        events: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._working[session.id] += 1
        task = asyncio.create_task(self._turn(session, message, manner, held, events))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._pulse.wake()
        return _stream(events)

    async def _turn(
        self,
        session: SessionRow,
        message: str,
        manner: Manner,
        held: str | None,
        events: asyncio.Queue[bytes | None],
    ) -> None:
        writer, noted, before = EventWriter(), "", self.store.draft(session.id)[0]
        try:
            noted = await self.store.in_thread(self.store.working.begin, session.id)
            async with self._turns.setdefault(session.id, asyncio.Lock()):
                before = self.store.draft(session.id)[0]
                async for event in self._answer(session, message, manner, writer):
                    events.put_nowait(event)
        except errors.NemoError as error:
            events.put_nowait(writer.error(f"{error.message} {error.hint}".strip()))
        except Exception:
            events.put_nowait(writer.error("The engine failed inside; its log says how."))
            raise
        finally:
            self._working[session.id] -= 1
            if held:
                charge = self.store.draft(session.id)[0] != before
                await self.store.in_thread(self.store.accounts.settle, held, charge=charge)
            events.put_nowait(None)
            if noted:
                await self.store.in_thread(self.store.working.end, noted)

    async def _answer(
        self, session: SessionRow, message: str, manner: Manner, writer: EventWriter
    ) -> AsyncIterator[bytes | None]:
        """The events of a turn; None closes the stream, and the turn goes on unheard."""
        rows = self.store.media(session.id)
        for row in rows:
            self._listen(row)  # what was uploaded to an engine that ended before it had listened, or that failed
        waiting = [self._listening[row.hash] for row in rows if row.hash in self._listening]
        if waiting:
            yield writer.call("listen", {"files": len(waiting)}, "listen")
            await asyncio.wait(waiting)
            yield writer.answer("listen", {"status": "ok"}, "listen")
        situation, outcome, version = await self._respond(session, message, rows, manner)
        if first := first_of(situation.draft, outcome.draft, manner):
            for event in writer.stage(version, outcome.language):
                yield event
            if manner.stages == "after":
                yield None
            await asyncio.sleep(manner.stage_pause_s)
            version = await self._second_stage(session, first, outcome.draft)
        for number, edit in enumerate(outcome.edits, start=1):
            name, call_id = type(edit).__name__, f"edit-{version}-{number}"
            yield writer.call(name, {"version": version}, call_id)
            yield writer.answer(name, {"status": "ok"}, call_id, {"draft_version": version})
        is_edit = bool(situation.draft) and outcome.draft != situation.draft
        if is_edit and self._silence.is_due(session.id, manner):
            return
        warning = await self._font_warning(situation.draft, outcome)
        for event in writer.text(f"{outcome.reply}{warning}"):
            yield event
            await asyncio.sleep(0)

    async def _second_stage(self, session: SessionRow, first: Json, whole: Json) -> int:
        version = await self.store.in_thread(self.store.add_draft, session.id, whole, first)
        if version is None:  # somebody has gone on with the pictures meanwhile
            raise _edited_elsewhere()
        return version

    async def _respond(
        self, session: SessionRow, message: str, rows: Sequence[MediaRow], manner: Manner
    ) -> tuple[agent.Situation, agent.Outcome, int]:
        """What comes of a message, kept. If another engine has changed the draft meanwhile, it is read once more."""
        for _ in range(_TRIES):
            drafts = await asyncio.to_thread(self.store.drafts, session.id)
            situation = agent.Situation(
                draft=drafts[-1] if drafts else {},
                media=tuple(self._items(rows)),
                earlier=tuple(drafts[:-1]),
                language=session.language,
                seed=SEED,
            )
            outcome = await asyncio.to_thread(agent.respond, message, situation)
            if outcome.draft == situation.draft:
                return situation, outcome, self.store.draft(session.id)[0]
            goes_back = any(isinstance(edit, Undo) for edit in outcome.edits)
            keep = self.store.go_back if goes_back else self.store.add_draft
            now = first_of(situation.draft, outcome.draft, manner) or outcome.draft
            version = await self.store.in_thread(keep, session.id, now, situation.draft)
            if version is not None:
                return situation, outcome, version
        raise _edited_elsewhere()

    async def _font_warning(self, before: Json, outcome: agent.Outcome) -> str:
        """What to tell if a new title has characters that no font of this machine has; usually nothing."""
        titles = {s.text for s in read_segments(outcome.draft)} - {s.text for s in read_segments(before)}
        if not titles:
            return ""
        found = await self.quick.run("missing_characters", {"text": "".join(sorted(titles))})
        if not found["missing"]:
            return ""
        return _NO_FONT[outcome.language].format(missing=found["missing"][:20])

    def _items(self, rows: Iterable[MediaRow]) -> Iterable[agent.MediaItem]:
        for row in rows:
            yield _item(row, self._found(row.hash) or {})

    # State

    def state(self, session: SessionRow, manner: Manner = PLAIN) -> dict[str, Any]:
        """The session's state in the service's form; `turns_running` tells how many turns are being worked on."""
        # Counted before the draft is read: where nothing more is to come, nothing is missed.
        running = self._working[session.id] + self.store.working.elsewhere(session.id)
        version, draft = self.store.draft(session.id)
        meta = draft.get("m", {})
        return {
            "draft": draft or None,
            "draft_version": version,
            "video_infos": [dict(row.info, **file_record(row)) for row in self.store.media(session.id)],
            "generated_media": [] if manner.stages == "one" or not draft else [{"type": "video"}],
            "canvas_config": {key: meta[key] for key in ("width", "height") if key in meta},
            "video_analyses": [],
            "turns_running": running,
            "read_at": time.time(),
        }


async def _stream(events: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while True:
        try:
            event = await asyncio.wait_for(events.get(), _HEARTBEAT_S)
        except TimeoutError:
            yield EventWriter.heartbeat()
            continue
        if event is None:
            return
        yield event


def _edited_elsewhere() -> errors.ServiceError:
    return errors.ServiceError(
        "The project is being edited elsewhere at this moment; nothing was changed.", hint="Say it again."
    )


def _keep(part: Path, target: Path) -> None:
    """Give a file its place; where the same content has it already, there may be readers of it."""
    if target.is_file() and target.stat().st_size == part.stat().st_size:
        part.unlink()
        mark_used([target])  # until it is noted whose it is, its age alone keeps it
    else:
        part.replace(target)


def file_record(row: MediaRow) -> dict[str, Any]:
    """An upload in the service's words; `duration` in seconds."""
    info = row.info
    return {
        "filename": row.filename,
        "file_type": info["kind"],
        "duration": info["duration_s"],
        "width": info["width"],
        "height": info["height"],
        "fps": info["fps"],
        "hash": row.hash,
    }


def _item(row: MediaRow, found: Mapping[str, Any]) -> agent.MediaItem:
    info = row.info
    beats = tuple(round(1000 * beat) for beat in found.get("beats_s", ()))
    return agent.MediaItem(
        id=row.hash,
        filename=row.filename,
        kind=info["kind"],
        duration_ms=round(1000 * info["duration_s"]),
        width=info["width"],
        height=info["height"],
        has_audio=info["has_audio"],
        beats_ms=beats,
        downbeats_ms=beats[found.get("first_downbeat", 0) :: 4],
        tempo=found.get("tempo") or None,
        energy=tuple(found.get("energy", ())),
        title=info["title"],
        artist=info["artist"],
        sections=tuple((round(1000 * start_s), loudness) for start_s, loudness in found.get("sections", ())),
        drops_ms=tuple(round(1000 * drop) for drop in found.get("drops_s", ())),
        scenes_ms=tuple(round(1000 * scene) for scene in found.get("scenes_s", ())),
        motion=tuple(found.get("motion", ())),
        brightness=tuple(found.get("brightness", ())),
        cover_colors=tuple(found.get("cover_colors", ())),
    )


def draft_of(value: object) -> Json:
    """A draft that came in a request.

    Raises:
        InputError: It is none.
    """
    if not isinstance(value, Mapping):
        raise errors.InputError("The request holds no draft.")
    return value
