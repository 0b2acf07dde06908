"""A bad network before a real engine: at every event boundary and at 200 random places of a chat, an upload, a poll and
a download something breaks. Nothing may be sent twice, stay untold, be left half, hang, or fail in a foreign way.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import random
import time
import wave
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import faults
import pytest
from engine_server import Serving, serving
from fault_proxy import FaultProxy
from offsets import event_boundaries, random_offsets

from nemo_notebook import errors, settings, skills
from nemo_notebook.client.events import Event, Notice
from nemo_notebook.client.service import Service
from nemo_notebook.outside import Secret
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.core import Core
from nemo_notebook.session.project import AsyncSession

PLACES = 200
DEADLINE_S = 15.0
SILENCE_S = 0.4
JSON = (("content-type", "application/json"),)
ANYWHERE: tuple[faults.Fault, ...] = (
    faults.Slice(1),
    faults.SlowHeaders(),
    faults.HeadersOnly(),
    faults.Refuse(),
    faults.Status(502, (), b"<html>bad gateway</html>"),
    faults.Status(503, (("retry-after", "0"),), b"{}"),
    faults.Status(429, (*JSON, ("retry-after", "0")), b'{"code": 429}'),
    faults.StatusAfter(502, (), b"<html>bad gateway</html>"),
    faults.StatusAfter(200, JSON, b'{"garbage'),
    faults.StatusAfter(500, JSON, b'{"detail": "boom"}'),
)


@dataclass
class Counts:
    """What went wrong that may not, over one campaign."""

    runs: int = 0
    errors: int = 0
    wrong: list[str] = field(default_factory=list)

    async def bounded(self, fault: faults.Fault, work: Awaitable[object]) -> object:
        """Run some work to its end or its error, and note what may not be."""
        self.runs += 1
        begun_s = time.monotonic()
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(settings, "STREAM_IDLE_TIMEOUT_S", SILENCE_S)
                patch.setattr(settings, "READ_TIMEOUT_S", SILENCE_S)
                return await asyncio.wait_for(work, DEADLINE_S)
        except errors.NemoError as error:
            self.errors += 1
            return error
        except TimeoutError:
            self.wrong.append(f"past the deadline: {fault}")
        except Exception as error:
            self.wrong.append(f"foreign: {fault}: {error!r}")
        finally:
            if time.monotonic() - begun_s > DEADLINE_S:
                self.wrong.append(f"past the deadline: {fault}")
        return None


@dataclass
class Place:
    """An engine, the proxy before it, and sessions through the proxy."""

    engine: Serving
    proxy: FaultProxy
    folder: Path

    async def session(self) -> AsyncSession:
        skill = skills.load("from-music")
        service = Service(self.proxy.url, skill, token=Secret(self.engine.token))
        ids = await service.create_session("en")
        return AsyncSession(Core(service, Backend(self.proxy.url, is_local=False), skill, ids))

    def media(self, session: AsyncSession) -> list[tuple[str, str]]:
        return [(row.filename, row.hash) for row in self.engine.store.media(session.id)]

    def draft(self, session: AsyncSession) -> object:
        _, draft = self.engine.store.drafts.now(session.id)
        return draft or {}

    async def film(self) -> AsyncSession:
        """A session with a short film on its timeline."""
        session = await self.session()
        write_song(self.folder / "base.wav", 0)
        await session.upload(self.folder / "base.wav")
        await session.chat("make a music video with a visualizer")
        return session


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(settings, "CONNECT_TIMEOUT_S", 2.0)
    monkeypatch.setenv("NEMO_POLL_SECONDS", "0.01")
    with serving(tmp_path / "engine") as engine, FaultProxy(engine.url) as proxy:
        yield Place(engine, proxy, tmp_path)


def somewhere(offsets: list[int], seed: int, *, request: bool = False) -> Iterator[faults.Fault]:
    """A fault of a random kind at each of these places, then those that have no place."""
    chance = random.Random(seed)
    side = "request" if request else "response"
    for at in offsets:
        kinds: list[Callable[[], faults.Fault]] = [
            lambda at=at: faults.Cut(at, side),
            lambda at=at: faults.Reset(at, side),
        ]
        if not request:
            kinds.append(lambda at=at: faults.Garbage(at, chance.randbytes(chance.randrange(1, 60))))
        kinds *= 3
        kinds.append(lambda at=at: faults.Stall(at, side))  # a stall costs a timeout: fewer of these
        yield chance.choice(kinds)()
    yield from ANYWHERE


def check(campaign: Coroutine[Any, Any, None], counts: Counts) -> None:
    """Run a campaign: nothing goes wrong, at enough places."""
    asyncio.run(campaign)
    assert counts.wrong == []
    assert counts.runs >= PLACES


async def _idle(place: Place, session: AsyncSession) -> None:
    """Until the engine is done with the session's turns."""
    while (await session._core.look()).turns_running:  # noqa: ASYNC110 - what is waited for is in another thread
        await asyncio.sleep(0.005)


async def _chat(place: Place, counts: Counts) -> None:
    session = await place.film()
    await session.chat('add a title "First" for the first 3 seconds')
    body = place.proxy.last_body("/run_sse")
    boundaries = event_boundaries(body)
    assert len(boundaries) > 5
    places = [*boundaries, *random_offsets(len(body), PLACES, seed=1)]
    extra = [faults.Flip(at, 0x41) for at in random_offsets(len(body), 20, seed=2)]
    numbers = itertools.count()
    for fault in itertools.chain(somewhere(places, 3), extra):
        number = next(numbers)
        if number % 40 == 0:
            session = await place.film()  # drafts that grow without end would only slow this down
        before, passed = place.draft(session), place.proxy.passed("/run_sse")
        told: list[Event] = []
        place.proxy.plan(fault, "/run_sse")
        message = f'add a title "Title {number}" for the first 3 seconds'
        reply = await counts.bounded(fault, session.chat(message, told.append))
        place.proxy.clear()
        await _idle(place, session)
        if place.proxy.passed("/run_sse") - passed > 1:
            counts.wrong.append(f"sent twice: {fault}")
        words = f"{getattr(reply, 'text', '')} {getattr(reply, 'changes', '')}"
        words += " ".join(event.text for event in told if isinstance(event, Notice))
        changed = place.draft(session) != before
        if changed and isinstance(reply, errors.NetworkError) and f"Title {number}" not in words:
            found = await session.resume()  # on a busy machine no look may have come through: a later one tells
            words += f"{getattr(found, 'text', '')} {getattr(found, 'changes', '')}"
        if changed and f"Title {number}" not in words:
            counts.wrong.append(f"untold: {fault}: {reply!r}")
        if not changed and not isinstance(reply, errors.NemoError):
            counts.wrong.append(f"untold that nothing was done: {fault}: {reply!r}")


def test_chat__through_a_bad_network(place: Place) -> None:
    counts = Counts()
    check(_chat(place, counts), counts)


def write_song(path: Path, number: int) -> str:
    """A short sound unlike any other; gives the hash of its bytes."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(random.Random(number).randbytes(24_000))
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def _upload(place: Place, counts: Counts) -> None:
    session = await place.session()
    song = place.folder / "song.wav"
    write_song(song, -1)
    await session.upload(song)
    length = next(each.request_bytes for each in place.proxy.log if "/api/upload" in each.path)
    reply = place.proxy.last_body("/api/upload")
    faults = itertools.chain(
        somewhere(random_offsets(length, PLACES, seed=4), 5, request=True),
        somewhere(random_offsets(len(reply), PLACES // 4, seed=6), 7),
    )
    for number, fault in enumerate(faults):
        if number % 40 == 0:
            session = await place.session()
        digest = write_song(song, number)
        place.proxy.plan(fault, "/api/upload")
        media = await counts.bounded(fault, session.upload(song))
        place.proxy.clear()
        kept = Counter(place.media(session))["song.wav", digest]
        if kept > 1:
            counts.wrong.append(f"sent twice: {fault}")
        if not isinstance(media, errors.NemoError) and kept != 1:
            counts.wrong.append(f"untold that it is not there: {fault}: {media!r}")
        again = await session.upload(song)
        if Counter(place.media(session))["song.wav", digest] != 1 or again[0].hash != digest:
            counts.wrong.append(f"sent twice, or not at all, when repeated: {fault}")
        if not isinstance(media, errors.NemoError) and not again[0].was_there:
            counts.wrong.append(f"sent twice when repeated: {fault}")
    counts.wrong.extend(f"partial: {path}" for path in (place.folder / "engine").rglob("*.part"))


def test_upload__through_a_bad_network(place: Place) -> None:
    counts = Counts()
    check(_upload(place, counts), counts)


async def _exported(place: Place) -> tuple[AsyncSession, str, bytes]:
    """A session with a short film that is rendered."""
    session = await place.film()
    await session.chat('add a title "The film"')
    video = await session.export(place.folder / "film.mp4", quality="low", resolution="720p")
    job = (await session.jobs())[0]
    return session, job.id, video.path.read_bytes()


async def _save(place: Place, counts: Counts, path: str, seed: int) -> None:
    session, job, film = await _exported(place)
    body = place.proxy.last_body(path)
    target = place.folder / "film.mp4"
    for fault in somewhere(random_offsets(len(body), PLACES, seed=seed), seed):
        target.unlink(missing_ok=True)
        place.proxy.plan(fault, path)
        found = await counts.bounded(fault, session.resume(job))
        place.proxy.clear()
        if target.exists() and target.read_bytes() != film:
            counts.wrong.append(f"partial: {fault}")
        if not target.exists() and not isinstance(found, errors.NemoError):
            counts.wrong.append(f"untold that there is no film: {fault}: {found!r}")
        if left := [each.name for each in place.folder.glob("*.part*")]:
            counts.wrong.append(f"partial: {fault}: {left}")
    assert counts.errors < counts.runs / 10  # the network is bad, and yet nearly all come through


@pytest.mark.parametrize(("path", "seed"), [("/lambda/", 8), ("/files/", 9)], ids=["poll", "download"])
def test_export__through_a_bad_network(place: Place, path: str, seed: int) -> None:
    counts = Counts()
    check(_save(place, counts, path, seed), counts)
