"""Frames per second on a timeline of 2,000 segments, against plain nodes of a page: `python tests/bench/bench_drag.py`.

A mouse drags a segment, zooms and scrolls for some seconds while the page notes when each of its frames comes. The peer
is what a simple widget does: an element for each segment, of which all are set anew when the scale changes. "Throttled"
is a processor four times as slow. The last line is the time from an edit to the answer of the local engine.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from options import read_options
from playwright.sync_api import Page, sync_playwright

from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets.part import read_message
from nemo_notebook.notebook.widgets.timeline_view import TimelineView, describe_lanes

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from chromium import chromium
from page_scripts import scripts
from part_page import PartPage
from part_stand import DraftSession

STEP_MS = 500
JS = scripts(__file__)


def film(segments: int) -> dict[str, Any]:
    """Shots end to end with a title at every fourth, and a song."""
    shots = segments * 4 // 5
    titles = segments - shots - 1
    song = {"id": "song", "s": 0, "d": shots * STEP_MS, "v": 0.8, "m": {"media": "h"}}
    words = [{"id": f"t{k}", "s": 4 * STEP_MS * k, "d": STEP_MS, "text": f"Title {k}"} for k in range(titles)]
    pictures = [_shot(k, f"clip {k % 20}.mp4") for k in range(shots)]
    return {"t": [{"tt": 0, "sg": pictures}, {"tt": 1, "sg": [song]}, {"tt": 7, "sg": words}]}


def _shot(number: int, source: str) -> dict[str, Any]:
    return {"id": f"c{number}", "s": STEP_MS * number, "d": STEP_MS, "m": {"source": source, "name": source}}


def sound(segments: int) -> dict[str, Any]:
    beats = [STEP_MS * k for k in range(segments)]
    song = {"hash": "h", "duration_ms": 900_000, "beats_ms": beats, "downbeats_ms": beats[::4]}
    return {**song, "peaks": [(37 * k) % 100 for k in range(2000)]}


@contextmanager
def ours(page: Page, segments: int) -> Iterator[None]:
    with PartPage(page, TimelineView(DraftSession(film(segments), sound(segments)))):
        page.locator("canvas").wait_for()
        zoom(page, 800, 150, -500)
        yield


@contextmanager
def peer(page: Page, segments: int) -> Iterator[None]:
    page.set_content("<main id=here></main>")
    page.evaluate(JS.peer, describe_lanes(Timeline(film(segments))))
    yield


def zoom(page: Page, x: float, y: float, by: float) -> None:
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, by)
    page.keyboard.up("Control")
    page.wait_for_timeout(200)


def measured(page: Page, work: Callable[[int], None], seconds: float) -> list[float]:
    """The milliseconds between frames while some work is done over and over."""
    page.evaluate(JS.watch)
    until_s, step = time.monotonic() + seconds, 0
    while time.monotonic() < until_s:
        work(step)
        step += 1
    frames = page.evaluate(JS.seen)
    return [after - before for before, after in pairwise(frames)]


def drag(page: Page, lane_y: float, seconds: float) -> list[float]:
    page.mouse.move(700, lane_y)
    page.mouse.down()
    frames = measured(page, lambda step: page.mouse.move(700 + 300 * ((step % 60) / 60), lane_y + step % 2), seconds)
    page.mouse.up()
    page.wait_for_timeout(300)
    return frames


def zooming(page: Page, lane_y: float, seconds: float) -> list[float]:
    page.mouse.move(700, lane_y)
    page.keyboard.down("Control")
    frames = measured(page, lambda step: page.mouse.wheel(0, -60 if step % 40 < 20 else 60), seconds)
    page.keyboard.up("Control")
    return frames


def scrolling(page: Page, lane_y: float, seconds: float) -> list[float]:
    page.mouse.move(700, lane_y)
    return measured(page, lambda step: page.mouse.wheel(80 if step % 80 < 40 else -80, 0), seconds)


def show(what: str, who: str, frames_ms: list[float]) -> None:
    ordered = sorted(frames_ms)
    median, p95 = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    figures = (1000 * len(ordered) / sum(ordered), median, p95, ordered[-1])
    print(f"{what:<22}{who:>8}" + "".join(f"{figure:>10.1f}" for figure in figures), flush=True)


def acknowledged(segments: int, edits: int) -> list[float]:
    """Milliseconds from what the page asks to its answer, with so many titles in the engine's draft."""
    import pandas as pd

    import nemo_notebook as nemo
    from nemo_notebook import examples

    media = examples.folder() / "media"
    session = nemo.connect(backend="local")
    session.upload(media / "song.mp3", media / "city.mp4")
    session.chat("make a 10 second music video")
    frame = session.timeline().frame
    titles = pd.DataFrame({"segment": [f"t{k}" for k in range(segments)], "start_s": [k // 4 for k in range(segments)]})
    titles = titles.assign(kind="text", text="Title", duration_s=0.5, track=frame.track.max() + 1 + titles.index % 4)
    session.apply(pd.concat([frame, titles]))
    part = TimelineView(session)

    def ask(what: str, **content: Any) -> Any:
        handler = getattr(part, f"do_{what}")
        return session.begin(handler(**read_message(handler.__func__, content, ()))).result()

    revision = ask("look")["revision"]
    times_ms: list[float] = []
    for number in range(edits):
        begun_s = time.monotonic()
        changes = [{"segment": f"t{number}", "start_s": number // 4 + 0.25}]
        revision = ask("edit", revision=revision, changes=changes)["revision"]
        times_ms.append(1000 * (time.monotonic() - begun_s))
    session.close()
    return times_ms


def main() -> None:
    options = read_options(__doc__, segments=2000, seconds=3.0)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"{options.segments} segments, {options.seconds:g} s each; {load}")
    print(f"{'':<22}{'':>8}" + "".join(f"{head:>10}" for head in ("fps", "median ms", "p95 ms", "worst ms")))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        for rate in (1, 4):
            for who, make, lane in (("ours", ours, 150), ("nodes", peer, 90)):
                page = browser.new_page(viewport={"width": 1400, "height": 600})
                with make(page, options.segments):
                    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
                    more = ", throttled" if rate > 1 else ""
                    show(f"drag a shot{more}", who, drag(page, lane, options.seconds))
                    show(f"zoom{more}", who, zooming(page, lane, options.seconds))
                    show(f"scroll{more}", who, scrolling(page, lane, options.seconds))
                page.close()
        browser.close()
    with tempfile.TemporaryDirectory() as home:
        os.environ["NEMO_HOME"] = home
        times = sorted(acknowledged(options.segments, 10))
        print(f"edit to answer of the engine: median {statistics.median(times):.0f} ms, worst {times[-1]:.0f} ms")


if __name__ == "__main__":
    main()
