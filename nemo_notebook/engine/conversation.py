"""Turns of chat: from a message to a kept draft, told as an event stream."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from nemo_notebook import errors
from nemo_notebook.agent.history import Outcome, Redo
from nemo_notebook.agent.turn import explain, respond
from nemo_notebook.engine.analyses import Analyses
from nemo_notebook.engine.drafts import Around
from nemo_notebook.engine.jobs import Heartbeat
from nemo_notebook.engine.pool import WorkerPool
from nemo_notebook.engine.store import MediaRow, SessionRow, Store
from nemo_notebook.film.edit import to_json, touched_by
from nemo_notebook.film.model import MediaItem, Situation, Version, clean_prompt
from nemo_notebook.film.tracks import Json, read_segments
from nemo_notebook.outside import redact
from nemo_notebook.settings import ModelAddress

_WORDS: Final = re.compile(r"\S+\s*|[\u3000-\u9fff]")
_HEARTBEAT_S: Final = 10.0
_LAST_TURNS_S: Final = 1.0
_TRIES: Final = 3
_LONGEST_TOLD: Final = 300  # characters of a reply that the history keeps
_NO_FONT: Final = {
    "en": " No font on this machine has {missing}; it shows as boxes. Install one that does, such as Noto Sans CJK.",
    "zh": "这台机器上没有包含“{missing}”的字体，会显示成方框。请安装字体，例如 Noto Sans CJK。",
}


class Conversations:
    """The turns that this engine works on, one at a time for each session.

    Args:
        store: Where drafts are kept.
        analyses: What is known about uploads.
        quick: Does what a turn needs of media.
    """

    def __init__(self, store: Store, analyses: Analyses, quick: WorkerPool) -> None:
        self._store = store
        self._analyses = analyses
        self._quick = quick
        self._turns: dict[str, asyncio.Lock] = {}
        self._asked: dict[str, tuple[str, ...]] = {}  # by session: what a question was about, choices
        self._working: Counter[str] = Counter()
        self._running: set[asyncio.Task[Any]] = set()
        self._heartbeat = Heartbeat(self._beat)

    async def finish(self) -> None:
        """Give the turns a second to end, then end them."""
        if self._running:
            await asyncio.wait(self._running, timeout=_LAST_TURNS_S)
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Give no more signs of life."""
        await self._heartbeat.stop()

    def begin(self, session: SessionRow, message: str, model: ModelAddress | None = None) -> AsyncIterator[bytes]:
        """Begin a turn; gives its event stream. It goes to its end, also when nobody listens any more.

        A language model is only waited for while somebody listens.

        Args:
            session: Whose turn it is.
            message: What was said.
            model: A language model that reads what is unclear.
        """
        listener = Listener(model)
        self._working[session.id] += 1
        task = asyncio.create_task(self._turn(session, message, listener))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._heartbeat.wake()
        return _stream(listener)

    async def explain(self, session: SessionRow, message: str) -> dict[str, Any]:
        """How a message would be read; see `agent.explanation`."""
        situation = await asyncio.to_thread(self._situation, session)
        return await asyncio.to_thread(explain, message, situation)

    def _situation(self, session: SessionRow) -> Situation:
        around, rows = self._store.drafts.around(session.id), self._store.media(session.id)
        return situation_of(session, around, self._analyses.items(rows), self._asked.get(session.id, ()))

    def running(self, session_id: str) -> int:
        """How many turns of a session are being worked on, here or by other engines."""
        return self._working[session_id] + self._store.running_turns.elsewhere(session_id)

    async def _beat(self) -> bool:
        await self._store.in_thread(self._store.running_turns.touch)
        return bool(self._running)

    async def _turn(self, session: SessionRow, message: str, listener: Listener) -> None:
        events, writer, noted = listener.events, EventWriter(), ""
        try:
            noted = await self._store.in_thread(self._store.running_turns.begin, session.id)
            async with self._turns.setdefault(session.id, asyncio.Lock()):
                async for event in self._answer(session, message, writer, listener):
                    events.put_nowait(event)
        except errors.NemoError as error:
            events.put_nowait(writer.error(f"{error.message} {error.hint}".strip()))
        except Exception:
            events.put_nowait(writer.error("The engine failed inside; its log says how."))
            raise
        finally:
            self._working[session.id] -= 1
            events.put_nowait(None)
            if noted:
                await self._store.in_thread(self._store.running_turns.end, noted)

    async def _answer(
        self, session: SessionRow, message: str, writer: EventWriter, listener: Listener
    ) -> AsyncIterator[bytes]:
        rows = self._store.media(session.id)
        if waiting := self._analyses.of(rows):
            yield writer.call("listen", {"files": len(waiting)}, "listen")
            await asyncio.wait(waiting)
            yield writer.answer("listen", {"status": "ok"}, "listen")
        situation, outcome, version = await self._respond(session, message, rows, writer, listener)
        self._asked.pop(session.id, None)
        if outcome.asks:
            self._asked[session.id] = (message, *outcome.choices)
        for number, (name, args) in enumerate(_calls(outcome), start=1):
            call_id = f"edit-{version}-{number}"
            yield writer.call(name, args, call_id)
            yield writer.answer(name, {"status": "ok"}, call_id, {"draft_version": version})
        warning = await self._font_warning(session, situation.draft, outcome)
        for event in writer.text(f"{outcome.reply}{warning}"):
            yield event
            await asyncio.sleep(0)

    async def _respond(
        self, session: SessionRow, message: str, rows: Sequence[MediaRow], writer: EventWriter, listener: Listener
    ) -> tuple[Situation, Outcome, int]:
        """What comes of a message, kept. If the draft has been changed elsewhere meanwhile, it is read once more."""
        for _ in range(_TRIES):
            around = await asyncio.to_thread(self._store.drafts.around, session.id)
            situation = situation_of(session, around, self._analyses.items(rows), self._asked.get(session.id, ()))
            outcome = await asyncio.to_thread(respond, message, situation)
            if listener.model is not None and outcome.is_unsure:
                listener.events.put_nowait(writer.call("ask_model", {"model": str(listener.model)}, "model"))
                outcome, tokens = await listener.ask(message, situation, outcome)
                listener.events.put_nowait(writer.answer("ask_model", {"tokens": tokens}, "model"))
            if outcome.draft == situation.draft:
                return situation, outcome, around.version
            version = await self._keep(session, around.version, _made(message, outcome, situation), outcome)
            if version is not None:
                return situation, outcome, version
        raise _edited_elsewhere()

    async def _keep(self, session: SessionRow, version: int, made: Version, outcome: Outcome) -> int | None:
        drafts, draft = self._store.drafts, outcome.draft
        if not outcome.moves:
            return await self._store.in_thread(drafts.add, session.id, draft, version, made)
        forward = isinstance(outcome.moves[-1], Redo)
        return await self._store.in_thread(drafts.go_where, session.id, draft, version, made, forward=forward)

    async def _font_warning(self, session: SessionRow, before: Json, outcome: Outcome) -> str:
        """What to tell if a new title has characters that no font of this machine has; usually nothing."""
        titles = {s.text for s in read_segments(outcome.draft)} - {s.text for s in read_segments(before)}
        text = "".join(sorted(titles))
        if text.isascii():
            return ""  # every font has these
        found = await self._quick.run("missing_characters", {"text": text}, who=session.user_id)
        if not found["missing"]:
            return ""
        return _NO_FONT.get(outcome.language, _NO_FONT["en"]).format(missing=found["missing"][:20])


def _calls(outcome: Outcome) -> Iterator[tuple[str, Json]]:
    """What a turn did, as tool calls: the typed edits by name with their fields, and steps through the history."""
    for move in outcome.moves:
        yield type(move).__name__.lower(), {"steps": move.steps}
    for edit in outcome.made:
        yield edit.tag, {key: value for key, value in to_json(edit).items() if key != "edit"}


def _made(message: str, outcome: Outcome, situation: Situation) -> Version:
    """The history's entry for a turn, with its draft where the edits alone do not lead to it."""
    whole = outcome.draft if outcome.is_whole else None
    told, edits = redact(outcome.reply, _LONGEST_TOLD), [to_json(edit) for edit in outcome.made]
    return Version("chat", clean_prompt(message), told, edits, len(situation.media), outcome.language, whole)


def situation_of(
    session: SessionRow, around: Around, media: Iterable[MediaItem], asked: tuple[str, ...] = ()
) -> Situation:
    """What words and edits may refer to."""
    before = around.earlier[-1] if around.earlier else {}
    return Situation(
        draft=around.draft,
        media=tuple(media),
        earlier=around.earlier,
        later=around.later,
        language=session.language,
        asked=asked,
        touched=touched_by(before, around.draft),
        recent=around.recent,
    )


class EventWriter:
    """Writes the events of one turn as lines of an event stream."""

    def __init__(self) -> None:
        self._turn = f"e-{uuid.uuid4()}"

    def event(
        self, content: Mapping[str, Any] | None = None, state: Mapping[str, Any] | None = None, **more: Any
    ) -> bytes:
        """One event."""
        payload = {
            **({"content": content} if content else {}),
            **more,
            "invocationId": self._turn,
            "author": "nemo_agent",
            "actions": {"stateDelta": state or {}, "artifactDelta": {}},
            "id": str(uuid.uuid4()),
            "timestamp": time.time(),
        }
        return b"data: " + json.dumps(payload, ensure_ascii=False).encode("utf-8") + b"\n\n"

    def text(self, text: str) -> Iterator[bytes]:
        """A reply: its words one after another, then the whole."""
        for word in _WORDS.findall(text):
            yield self.event({"parts": [{"text": word}], "role": "model"}, partial=True)
        yield self.event({"parts": [{"text": text}], "role": "model"}, partial=False)

    def call(self, name: str, args: Mapping[str, Any], call_id: str) -> bytes:
        """The use of a tool."""
        return self.event({"parts": [{"functionCall": {"id": call_id, "name": name, "args": args}}], "role": "model"})

    def answer(
        self, name: str, response: Mapping[str, Any], call_id: str, state: Mapping[str, Any] | None = None
    ) -> bytes:
        """The answer of a tool."""
        part = {"functionResponse": {"id": call_id, "name": name, "response": response}}
        return self.event({"parts": [part], "role": "user"}, state)

    def error(self, message: str) -> bytes:
        """A failure in the middle of the turn: the last frame."""
        return b"data: " + json.dumps({"error": message}, ensure_ascii=False).encode("utf-8") + b"\n\n"

    @staticmethod
    def heartbeat() -> bytes:
        """A sign of life."""
        return b": still at work\n\n"


class Listener:
    """Who hears of a turn, and the language model that works for nobody else.

    Args:
        model: Where it is, if there is one.
    """

    def __init__(self, model: ModelAddress | None) -> None:
        self.events: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.model = model
        self._asking: asyncio.Task[tuple[Outcome, int]] | None = None

    async def ask(self, message: str, situation: Situation, outcome: Outcome) -> tuple[Outcome, int]:
        """Let the model read a message; gives what comes of it, and the tokens that it took."""
        from nemo_notebook.agent.language_model import read_by_model  # an HTTP client is seldom needed here

        assert self.model is not None
        self._asking = asyncio.create_task(read_by_model(self.model, message, situation, outcome))
        await asyncio.wait([self._asking])
        return (outcome.unchanged(situation.draft), 0) if self._asking.cancelled() else self._asking.result()

    def leave(self) -> None:
        """Ask no more: nobody hears it."""
        if self._asking is not None:
            self._asking.cancel()


async def _stream(listener: Listener) -> AsyncIterator[bytes]:
    try:
        while True:
            try:
                event = await asyncio.wait_for(listener.events.get(), _HEARTBEAT_S)
            except TimeoutError:
                yield EventWriter.heartbeat()
                continue
            if event is None:
                return
            yield event
    finally:
        listener.leave()


def _edited_elsewhere() -> errors.ServiceError:
    return errors.ServiceError(
        "The project is being edited elsewhere at this moment; nothing was changed.", hint="Say it again."
    )
