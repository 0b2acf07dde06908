"""How long a turn of chat takes through the local engine: `python tests/bench/bench_turns.py`.

Messages of people (`tests/people/open`) are said one after another to a real engine, over HTTP, in a film that is made
anew for every fortieth. A turn's time is from the request to the end of its stream. The peer is a request that only
reads the state. Then hostile texts of 4,000 characters are read without a server. Aims: half of the turns within 30 ms,
95 of 100 within 100 ms, and each hostile text within 0.3 s.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from nemo_notebook import AsyncClient
from nemo_notebook.agent.turn import respond
from nemo_notebook.client import api
from nemo_notebook.client.events import EventStreamDecoder
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import MediaItem, Situation

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from media_files import write_video

HERE = Path(__file__).resolve().parent.parent
COUNT, FRESH = 400, 40
AIMS_MS = {"median": 30.0, "95 %": 100.0, "hostile": 300.0}
LENGTH = 4_000
HOSTILE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def messages() -> Iterator[str]:
    for file in sorted((HERE / "people" / "open").glob("*.toml")):
        for conversation in tomllib.loads(file.read_text(encoding="utf-8"))["conversation"]:
            yield from (turn["say"] for turn in conversation["turn"])


async def through_the_engine(folder: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of turns, and of requests that only read the state."""
    turns, states = [], []
    for n in range(3):
        write_video(folder / f"clip{n}.mp4", frames=90)
    async with AsyncClient("local") as client:
        for at, message in enumerate(islice(messages(), COUNT)):
            if at % FRESH == 0:
                session = await client.connect()
                await session.upload(str(folder / "*.mp4"))
                await session.chat('make a video with upbeat music and the title "Hi"')
                service = session._core.service
            begun_s = time.perf_counter()
            await service.state(session.id)
            states.append(1000 * (time.perf_counter() - begun_s))
            turns.append(await _turn_ms(service, session.id, message))
    return turns, states


async def _turn_ms(service, session_id: str, message: str) -> float:
    body = {"app_name": "nemo_agent", "user_id": "me", "session_id": session_id}
    begun_s = time.perf_counter()
    decoder = EventStreamDecoder()
    turn = service.open(
        api.CHAT, json={**body, "new_message": {"parts": [{"text": message}]}}, accept="text/event-stream"
    )
    async with turn as response:
        async for chunk in response.aiter_bytes():
            decoder.feed(chunk)
    return 1000 * (time.perf_counter() - begun_s)


def hostile_ms() -> dict[str, float]:
    """Milliseconds in which each hostile text is read."""
    media = (MediaItem("a1", "beach.mp4", "video", 8_000, 1920, 1080),)
    draft: dict = {}
    for edit in ({"edit": "make_video"}, {"edit": "add_title", "text": "Hi"}):
        draft = apply_edits(draft, [parse(edit)], Situation(draft, media)).draft
    situation = Situation(draft, media)
    respond("make the title bigger", situation)  # the words are read from their files once
    return {
        name: _best_ms(lambda text=(piece * LENGTH)[:LENGTH]: respond(text, situation))
        for name, piece in HOSTILE.items()
    }


def _best_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        begun_s = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begun_s))
    return min(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        turns, states = asyncio.run(through_the_engine(Path(folder)))
    print(f"{'':<24}{'median':>10}{'95 %':>10}")
    found: dict[str, float] = {}
    for name, times in (("a turn", turns), ("reading the state", states)):
        median, most = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"{name:<24}{median:>7.1f} ms{most:>7.1f} ms")
        if name == "a turn":
            found = {"median": median, "95 %": most}
    for name, took in hostile_ms().items():
        print(f"{LENGTH} of {name:<16}{took:>7.1f} ms")
        found["hostile"] = max(found.get("hostile", 0.0), took)
    for name, aim in AIMS_MS.items():
        print(f"{name}: {found[name]:.0f} ms (aim {aim:.0f}): {'ok' if found[name] <= aim else 'MISSED'}")
    if any(found[name] > aim for name, aim in AIMS_MS.items()):
        sys.exit("A turn takes longer than it should.")


if __name__ == "__main__":
    main()
