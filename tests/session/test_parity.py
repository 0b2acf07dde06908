"""The API without `await` is the one with it: the same calls, the same results, wherever it is called from."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_service import TITLE, Fake, sse, text

from nemo_notebook import errors
from nemo_notebook.client.events import Begun, Event, TextFinal
from nemo_notebook.session import sync
from nemo_notebook.session.project import AsyncClient, AsyncSession
from nemo_notebook.session.sync import Session, connect


def public(kind: type) -> dict[str, object]:
    return {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}


def test_session__has_every_call_of_the_asynchronous_one_with_the_same_arguments() -> None:
    sync, asynchronous = public(Session), public(AsyncSession)
    assert set(asynchronous) <= set(sync)
    assert set(sync) - set(asynchronous) == {"begin", "close", "leave", "runs_on"}
    for name, value in asynchronous.items():
        if inspect.isfunction(value):
            ours, theirs = (inspect.signature(each).parameters for each in (sync[name], value))
            assert list(ours.values()) == list(theirs.values()), name
            assert not inspect.iscoroutinefunction(sync[name]), name
        else:
            assert isinstance(value, property)
            assert isinstance(sync[name], property)
        has_its_own = name in {"film", "watch"}
        assert (inspect.getdoc(sync[name]) == inspect.getdoc(value)) is not has_its_own, name


def test_signatures__say_what_is_given_back() -> None:
    told = {name: inspect.signature(getattr(Session, name)).return_annotation for name in ("chat", "stream", "upload")}
    assert told == {"chat": "Reply", "stream": "Iterator[Event]", "upload": "MediaList"}


def test_connect__takes_what_the_client_takes() -> None:
    ours = inspect.signature(connect).parameters
    client = inspect.signature(AsyncClient.connect).parameters
    assert set(ours) == {*client, "backend"} - {"self"}
    assert all(ours[name].default == client[name].default for name in client if name != "self")


def session(fake: Fake) -> Session:
    return Session(fake.session(), AsyncClient("http://127.0.0.1:9"), sync.shared_bridge())


def turn(fake: Fake) -> tuple[str, list[str], list[Event], int]:
    """A turn through the bridge: what came of it, and on which thread it was told."""
    told: list[Event] = []
    threads: set[int] = set()

    def tell(event: Event) -> None:
        told.append(event)
        threads.add(threading.get_ident())

    reply = session(fake).chat("add a title", tell)
    assert len(threads) == 1
    return reply.text, list(reply.changes.words), told, threads.pop()


def check_turn() -> None:
    reply, changes, told, thread = turn(Fake(sse(text("Done.")), [TITLE]))
    assert reply == "Done."
    assert changes == ['Title added: "Urban Dreams" (0-3s)']
    assert [type(event) for event in told] == [Begun, TextFinal]
    assert thread == threading.get_ident()


def test_turn__within_a_running_loop() -> None:
    async def cell() -> None:
        check_turn()  # as a notebook's cell does: the loop stands still meanwhile

    asyncio.run(cell())


def test_turns__of_many_threads_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(check_turn) for _ in range(24)]:
            done.result()


def test_turns_of_one_session__wait_for_each_other() -> None:
    running: list[int] = []
    most: list[int] = []

    class Slow(Fake):
        def __call__(self, request):
            if request.url.path == "/run_sse":
                running.append(1)
                most.append(len(running))
                answer = super().__call__(request)
                running.pop()
                return answer
            return super().__call__(request)

    one = session(Slow(sse(text("Done.")), [TITLE]))
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: one.chat("add a title"), range(8)))
    assert {reply.text for reply in replies} == {"Done."}
    assert len({reply.job for reply in replies}) == 8
    assert max(most) == 1


def test_stream__comes_piece_by_piece_and_can_be_left() -> None:
    events = session(Fake(sse(text("One."), text("Two.")), [TITLE])).stream("say something")
    assert isinstance(next(events), Begun)
    assert next(events) == TextFinal("One.")
    events.close()


def test_errors__are_the_same_and_callbacks_may_raise() -> None:
    with pytest.raises(errors.UsageError):
        session(Fake(sse(), [TITLE])).chat(" ")

    def tell(event: Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        session(Fake(sse(text("Done.")), [TITLE])).chat("add a title", tell)


def test_journal__is_listed_without_contacting_anything_also_within_a_loop() -> None:
    asyncio.run(_begin())
    show = "print([s.id for s in nemo.sessions()], len(nemo.jobs()))"
    code = f"import asyncio, nemo_notebook as nemo\nasync def main(): {show}\nasyncio.run(main())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['7'] 1"


async def _begin() -> None:
    one = Fake(sse(text("Done.")), [TITLE]).session()
    await one._core.note_session()
    await one.chat("add a title")
