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
from nemo_notebook.agent.steps import Outcome
from nemo_notebook.agent.turn import explain, respond
from nemo_notebook.engine.analyses import Analyses
from nemo_notebook.engine.pool import WorkerPool, end_tasks
from nemo_notebook.engine.store import Around, MediaRow, SessionRow, Store
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

    async def close(self) -> None:
        """Give the turns a second to end, then end them."""
        if self._running:
            await asyncio.wait(self._running, timeout=_LAST_TURNS_S)
        await end_tasks(self._running)

    def begin(
        self, session: SessionRow, message: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[bytes]:
        """Begin a turn; gives its event stream. It goes to its end, also when nobody listens any more.

        A language model is only waited for while somebody listens.

        Args:
            session: Whose turn it is.
            message: What was said.
            headers: Those that may name a language model, which reads what is unclear.
        """
        events = TurnEvents(headers or {})
        self._working[session.id] += 1
        task = asyncio.create_task(self._turn(session, message, events))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return events.stream()

    async def explain(self, session: SessionRow, message: str) -> dict[str, Any]:
        """How a message would be read; see `agent.explanation`."""
        situation = await asyncio.to_thread(self._situation, session)
        return await asyncio.to_thread(explain, message, situation)

    def _situation(self, session: SessionRow) -> Situation:
        around, rows = self._store.drafts.around(session.id), self._store.media(session.id)
        return situation_of(session, around, self._analyses.items(rows), self._asked.get(session.id, ()))

    def running(self, session_id: str) -> int:
        """How many turns of a session are being worked on here."""
        return self._working[session_id]

    async def _turn(self, session: SessionRow, message: str, events: TurnEvents) -> None:
        try:
            async with self._turns.setdefault(session.id, asyncio.Lock()):
                await self._answer(session, message, events)
        except errors.NemoError as error:
            events.fail(f"{error.message} {error.hint}".strip())
        except Exception:
            events.fail("The engine failed inside; its log says how.")
            raise
        finally:
            self._working[session.id] -= 1
            events.end()

    async def _answer(self, session: SessionRow, message: str, events: TurnEvents) -> None:
        rows = self._store.media(session.id)
        if waiting := self._analyses.of(rows):
            events.call("listen", {"files": len(waiting)}, "listen")
            await asyncio.wait(waiting)
            events.answer("listen", {"status": "ok"}, "listen")
        situation, outcome, version = await self._respond(session, message, rows, events)
        self._asked.pop(session.id, None)
        if outcome.asks:
            self._asked[session.id] = (message, *outcome.choices)
        for number, (name, args) in enumerate(_calls(outcome), start=1):
            call_id = f"edit-{version}-{number}"
            events.call(name, args, call_id)
            events.answer(name, {"status": "ok"}, call_id, {"draft_version": version})
        events.text(f"{outcome.reply}{await self._font_warning(session, situation.draft, outcome)}")

    async def _respond(
        self, session: SessionRow, message: str, rows: Sequence[MediaRow], events: TurnEvents
    ) -> tuple[Situation, Outcome, int]:
        """What comes of a message, kept. If the draft has been changed elsewhere meanwhile, it is read once more."""
        for _ in range(_TRIES):
            around = await asyncio.to_thread(self._store.drafts.around, session.id)
            situation = situation_of(session, around, self._analyses.items(rows), self._asked.get(session.id, ()))
            outcome = await asyncio.to_thread(respond, message, situation)
            if outcome.is_unsure and events.headers:
                outcome = await events.ask_model(message, situation, outcome)
            if outcome.draft == situation.draft:
                return situation, outcome, around.version
            version = await self._keep(session, around.version, _made(message, outcome, situation), outcome)
            if version is not None:
                return situation, outcome, version
        raise errors.ServiceError(
            "The project is being edited elsewhere at this moment; nothing was changed.", hint="Say it again."
        )

    async def _keep(self, session: SessionRow, version: int, made: Version, outcome: Outcome) -> int | None:
        drafts, draft = self._store.drafts, outcome.draft
        if not outcome.moves:
            return await self._store.in_thread(drafts.add, session.id, draft, version, made)
        forward = outcome.moves[-1].is_forward
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
        yield "redo" if move.is_forward else "undo", {"steps": move.count}
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


class TurnEvents:
    """The events of one turn, for whoever listens, and the language model that works for nobody else.

    Args:
        headers: Those that may name the model.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers
        self._turn = f"e-{uuid.uuid4()}"
        self._written: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._asking: asyncio.Task[tuple[Outcome, int]] | None = None

    def text(self, text: str) -> None:
        """Write a reply: its words one after another, then the whole."""
        for word in _WORDS.findall(text):
            self._write({"text": word}, partial=True)
        self._write({"text": text}, partial=False)

    def call(self, name: str, args: Json, call_id: str) -> None:
        """Write the use of a tool."""
        self._write({"functionCall": {"id": call_id, "name": name, "args": args}})

    def answer(self, name: str, response: Json, call_id: str, state: Json | None = None) -> None:
        """Write the answer of a tool, and what it changed in the state."""
        self._write({"functionResponse": {"id": call_id, "name": name, "response": response}}, "user", state)

    def _write(self, part: Json, role: str = "model", state: Json | None = None, **more: object) -> None:
        self._put(
            {
                "content": {"parts": [part], "role": role},
                **more,
                "invocationId": self._turn,
                "author": "nemo_agent",
                "actions": {"stateDelta": state or {}, "artifactDelta": {}},
                "id": str(uuid.uuid4()),
                "timestamp": time.time(),
            }
        )

    def _put(self, event: Json) -> None:
        self._written.put_nowait(b"data: " + json.dumps(event, ensure_ascii=False).encode("utf-8") + b"\n\n")

    def fail(self, message: str) -> None:
        """Write a failure in the middle of the turn: the last event."""
        self._put({"error": message})

    def end(self) -> None:
        """End the stream."""
        self._written.put_nowait(None)

    async def ask_model(self, message: str, situation: Situation, outcome: Outcome) -> Outcome:
        """Let the language model read a message, if there is one; gives what comes of it."""
        model = ModelAddress.from_headers(self.headers)
        if model is None:
            return outcome
        from nemo_notebook.agent.language_model import read_by_model  # an HTTP client is seldom needed here

        self.call("ask_model", {"model": str(model)}, "model")
        self._asking = asyncio.create_task(read_by_model(model, message, situation, outcome))
        await asyncio.wait([self._asking])
        nothing = outcome.unchanged(situation.draft), 0
        outcome, tokens = nothing if self._asking.cancelled() else self._asking.result()
        self.answer("ask_model", {"tokens": tokens}, "model")
        return outcome

    async def stream(self) -> AsyncIterator[bytes]:
        """The events as they are written, with signs of life; who leaves stops what the model does."""
        try:
            while True:
                try:
                    event = await asyncio.wait_for(self._written.get(), _HEARTBEAT_S)
                except TimeoutError:
                    yield b": still at work\n\n"
                    continue
                if event is None:
                    return
                yield event
        finally:
            if self._asking is not None:
                self._asking.cancel()
