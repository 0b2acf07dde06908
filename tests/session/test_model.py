"""A language model behind the chat: a scripted server, the real engine between, and what a user sees of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from loopback import head, listening, response
from media_files import write_video

from nemo_notebook import errors
from nemo_notebook.session.project import AsyncClient

UNCLEAR = "do the twinkly thing with the gizmo"
LARGER = {"edits": [{"edit": "add_title", "text": "Razzle dazzle"}]}
KEY = "sk-planted-key-of-the-model"


class Model:
    """A server of language models that gives one answer to whatever it is asked.

    Attributes:
        heads: The heads of the requests.
        asked: Their bodies.
        was_asked: Set when an endless answer has begun.
        was_left: Set when the other side has left it.
    """

    def __init__(self, answer: object = None, *, status: str = "200 OK", is_endless: bool = False) -> None:
        text = json.dumps(answer) if answer is not None else ""
        self._answer = json.dumps({"choices": [{"message": {"content": text}}], "usage": {"total_tokens": 42}})
        self._status = status
        self._is_endless = is_endless
        self.heads: list[str] = []
        self.asked: list[dict] = []
        self.was_asked, self.was_left = asyncio.Event(), asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        start = (await head(reader)).decode()
        self.heads.append(start)
        length = next(int(line.split(":")[1]) for line in start.splitlines() if line.lower().startswith("content-len"))
        self.asked.append(json.loads(await reader.readexactly(length)))
        if self._is_endless:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            await writer.drain()
            self.was_asked.set()
            await reader.read()  # until the other side leaves
            self.was_left.set()
            return
        writer.write(response(self._answer.encode(), self._status))
        await writer.drain()


def with_model(model: Model, use: Callable[[AsyncClient, str], Awaitable[None]]) -> None:
    async def run() -> None:
        async with listening(model.talk) as url, AsyncClient("local") as client:
            await use(client, url)

    asyncio.run(run())


def test_model__reads_what_is_unclear_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(LARGER)
    write_video(tmp_path / "street.mp4")

    async def use(client: AsyncClient, url: str) -> None:
        monkeypatch.setenv("NEMO_MODEL_URL", url)
        monkeypatch.setenv("NEMO_MODEL_KEY", KEY)
        session = await client.connect(model_name="small")
        assert any("small at 127.0.0.1" in note and "never media" in note for note in session.notes)
        assert "small at 127.0.0.1" in repr(session)
        await session.upload(tmp_path / "street.mp4")
        await session.chat('add a title "Hi" for 3 seconds')
        assert model.asked == []
        reply = await session.chat(UNCLEAR)
        assert [asked["model"] for asked in model.asked] == ["small"]
        assert f"authorization: bearer {KEY}" in model.heads[0].lower()
        assert UNCLEAR in model.asked[0]["messages"][-1]["content"]
        assert "Razzle dazzle" in reply.text
        assert "Razzle dazzle" in list(reply.timeline.frame.text)
        asked = [event for event in reply.events if getattr(event, "name", "") == "ask_model"]
        assert asked
        assert asked[-1].response == {"tokens": 42}
        assert KEY not in repr(reply) + repr(session) + str(session.notes)
        history = await session.history()
        assert "Razzle" in str(history.frame.to_dict())

    with_model(model, use)
    for file in tmp_path.parent.rglob("engine.log"):
        assert KEY not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("status", ["401 Unauthorized", "429 Too Many Requests", "500 Internal Server Error"])
def test_model__that_refuses_leaves_the_reader_its_answer(status: str) -> None:
    async def use(client: AsyncClient, url: str) -> None:
        session = await client.connect(model=url, model_name="small")
        reply = await session.chat(UNCLEAR)
        assert "language model could not help" in reply.text
        assert status[:3] in reply.text
        assert not reply.changes

    with_model(Model(status=status), use)


def test_explain__shows_how_a_message_is_read_and_does_nothing(tmp_path: Path) -> None:
    write_video(tmp_path / "street.mp4")

    async def use(client: AsyncClient, _: str) -> None:
        session = await client.connect()
        await session.upload(tmp_path / "street.mp4")
        found = await session.explain('add a title "Hi" and wibble the gizmo')
        assert [clause["read_as"] for clause in found.clauses] == ["titles.add", ""]
        assert found.edits[-1]["edit"] == "add_title"
        assert "wibble" in found.frame.unread[1]
        assert "gizmo" in str(found)
        assert not (await session.timeline()).frame.shape[0]

    with_model(Model(), use)


def test_stop__ends_the_question_within_a_second() -> None:
    model = Model(is_endless=True)

    async def use(client: AsyncClient, url: str) -> None:
        session = await client.connect(model=url, model_name="small")
        turn = asyncio.create_task(session.chat(UNCLEAR))
        await model.was_asked.wait()
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        await asyncio.wait_for(model.was_left.wait(), 1)
        assert not (await session.timeline()).frame.shape[0]

    with_model(model, use)


def test_key__goes_to_its_own_address_only(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(LARGER)

    async def use(client: AsyncClient, url: str) -> None:
        monkeypatch.setenv("NEMO_MODEL_URL", "https://models.example/v1")
        monkeypatch.setenv("NEMO_MODEL_KEY", KEY)
        session = await client.connect(model=url, model_name="small")
        await session.chat(UNCLEAR)
        assert KEY not in model.heads[0]

    with_model(model, use)


def test_cloud__has_no_model_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with AsyncClient("http://127.0.0.1:9") as client:
            await client.connect(model="ollama")

    with pytest.raises(errors.UsageError, match="Only the local engine"):
        asyncio.run(run())
