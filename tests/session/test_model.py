"""A language model behind the chat: a scripted server, the real engine between, and what a user sees of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loopback import head, listening, response
from media_files import write_video

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.session.sync import shared_bridge

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
        self.was_asked, self.was_left = threading.Event(), threading.Event()

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


Connect = Callable[[Model], nemo.Session]


@pytest.fixture(scope="module")
def module_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def one_engine(own_home: Path, module_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests of this module have one home, and so one engine."""
    monkeypatch.setenv("NEMO_HOME", str(module_home))


@pytest.fixture
def serve() -> Iterator[Callable[[Model], str]]:
    """Runs a model's server; gives its address."""
    bridge, stack = shared_bridge(), contextlib.AsyncExitStack()
    yield lambda model: bridge.run(stack.enter_async_context(listening(model.talk)))
    bridge.run(stack.aclose())


@pytest.fixture
def connect(serve: Callable[[Model], str]) -> Iterator[Connect]:
    """Opens a session at the local engine with a model behind it."""
    with contextlib.ExitStack() as stack:
        how = {"backend": "local", "model_name": "small"}
        yield lambda model: stack.enter_context(nemo.connect(model=serve(model), **how))


def test_model__reads_what_is_unclear_and_nothing_else(
    serve: Callable[[Model], str], tmp_path: Path, module_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model(LARGER)
    monkeypatch.setenv("NEMO_MODEL_URL", serve(model))
    monkeypatch.setenv("NEMO_MODEL_KEY", KEY)
    write_video(tmp_path / "street.mp4")
    with nemo.connect(backend="local", model_name="small") as session:
        assert any("small at 127.0.0.1" in note and "never media" in note for note in session.notes)
        assert "small at 127.0.0.1" in repr(session)
        session.upload(tmp_path / "street.mp4")
        session.chat('add a title "Hi" for 3 seconds')
        assert model.asked == []
        reply = session.chat(UNCLEAR)
        assert [asked["model"] for asked in model.asked] == ["small"]
        assert f"authorization: bearer {KEY}" in model.heads[0].lower()
        assert UNCLEAR in model.asked[0]["messages"][-1]["content"]
        assert "Razzle dazzle" in reply.text
        assert "Razzle dazzle" in list(reply.timeline.frame.text)
        asked = [event for event in reply.events if getattr(event, "name", "") == "ask_model"]
        assert asked[-1].response == {"tokens": 42}
        assert KEY not in repr(reply) + repr(session) + str(session.notes)
        assert "Razzle" in str(session.history().frame.to_dict())
    assert KEY not in (module_home / "engine" / "engine.log").read_text(encoding="utf-8")


def test_model__that_refuses_leaves_the_reader_its_answer(connect: Connect) -> None:
    for status in ("401 Unauthorized", "429 Too Many Requests", "500 Internal Server Error"):
        reply = connect(Model(status=status)).chat(UNCLEAR)
        assert "language model could not help" in reply.text
        assert status[:3] in reply.text
        assert not reply.changes


def test_explain__shows_how_a_message_is_read_and_does_nothing(tmp_path: Path) -> None:
    write_video(tmp_path / "street.mp4")
    with nemo.connect(backend="local") as session:
        session.upload(tmp_path / "street.mp4")
        found = session.explain('add a title "Hi" and wibble the gizmo')
        assert [clause["read_as"] for clause in found.clauses] == ["titles.add", ""]
        assert found.edits[-1]["edit"] == "add_title"
        assert "wibble" in found.frame.unread[1]
        assert "gizmo" in str(found)
        assert not session.timeline().frame.shape[0]


def test_stop__ends_the_question_within_a_second(connect: Connect) -> None:
    model = Model(is_endless=True)
    session = connect(model)
    turn = session.begin(session.asynchronous.chat(UNCLEAR))
    assert model.was_asked.wait(20)
    turn.cancel()
    assert model.was_left.wait(1)
    assert not session.timeline().frame.shape[0]


def test_key__goes_to_its_own_address_only(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(LARGER)
    monkeypatch.setenv("NEMO_MODEL_URL", "https://models.example/v1")
    monkeypatch.setenv("NEMO_MODEL_KEY", KEY)
    connect(model).chat(UNCLEAR)
    assert KEY not in model.heads[0]


def test_cloud__has_no_model_of_the_users() -> None:
    with pytest.raises(errors.UsageError, match="Only the local engine"):
        nemo.connect(backend="http://127.0.0.1:9", model="ollama")
