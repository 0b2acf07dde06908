"""The chat in a real JupyterLab while a reply streams: keys, clicks and bytes: `python tests/bench/bench_chat.py`.

A service made up for this sends a hundred words a second, and a keyboard types into the prompt meanwhile. A key's time
is from its event to the frame that shows the letter; its peer is a bare field on the same page while nothing streams.
A click's time is from the click on Send to the frame that shows what was said. Bytes are all that the page received on
its websockets from the first to the last word, against the reply's own length. "Throttled" is a processor four times as
slow. Aims: half of the keys within 50 ms, 99 of 100 within 200 ms, and no more than 25 bytes for each of the reply's.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from lab import run_cell
from options import read_options
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from chromium import chromium
from lab_server import lab_server
from page_scripts import scripts
from stage import Stage, Turn

PER_S = 100
AIMS = {"median": 50.0, "99 %": 200.0, "bytes": 25.0}
CELL = """import nemo_notebook as nemo
from nemo_notebook.notebook.widgets.chat_panel import Chat
Chat(nemo.connect(backend={url!r}))"""
JS = scripts(__file__)


def say(turn: Turn, words: int) -> str:
    """Say so many words, a hundred a second; gives them all."""
    begun_s, whole = time.monotonic(), ""
    for n in range(words):
        word = f"word{n:05d}{'.' if n % 12 == 11 else ''}{chr(10) * 2 if n % 72 == 71 else ' '}"
        time.sleep(max(0.0, begun_s + n / PER_S - time.monotonic()))
        turn.say(word)
        whole += word
    return whole


def typed(page: Page, field: str, keys: int) -> list[float]:
    """How long each key took, in milliseconds."""
    page.locator(field).focus()
    page.evaluate("window.keys_ms.length = 0")
    page.keyboard.type("the quick brown fox " * (keys // 20), delay=40)
    page.wait_for_timeout(500)
    return [float(each) for each in page.evaluate("window.keys_ms")]


def told(name: str, times_ms: list[float]) -> tuple[float, float]:
    median, most = statistics.median(times_ms), statistics.quantiles(times_ms, n=100, method="inclusive")[98]
    print(f"{name:<44}{len(times_ms):>6}{median:>9.1f}{most:>9.1f}{max(times_ms):>9.1f}")
    return median, most


def stream(page: Page, stage: Stage, message: str, words: int, keys: int) -> tuple[list[float], float]:
    """Type while a reply streams; gives the keys' times, and the bytes received for each of the reply's."""
    page.locator(".nemo-prompt").fill(message)
    page.locator(".nemo-prompt").press("Enter")
    turn = stage.turn(message)
    said: list[str] = []
    speaker = threading.Thread(target=lambda: said.append(say(turn, words)))
    before = page.evaluate("window.received")
    speaker.start()
    times_ms = typed(page, ".nemo-prompt", keys)
    speaker.join()
    page.wait_for_timeout(1_000)
    received = page.evaluate("window.received") - before
    turn.end(said[0])
    page.locator(".nemo-entry").last.locator(".nemo-work").wait_for(state="hidden")
    page.locator(".nemo-prompt").fill("")
    return times_ms, received / len(said[0])


def main() -> None:
    keys = 100 if read_options(__doc__, quick=False).quick else 400
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        Stage() as stage,
        lab_server(Path(name), Path(name) / ".home") as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.add_init_script(f"({JS.count})()")
        run_cell(page, url, Path(name), CELL.format(url=stage.url), ".nemo-prompt")
        page.evaluate(JS.watch)
        client = page.context.new_cdp_session(page)
        print(f"{'from … to the screen, ms':<44}{'count':>6}{'median':>9}{'99 %':>9}{'worst':>9}")
        told("key, a bare field, nothing streams", typed(page, "#bare", keys))
        told("key, the prompt, nothing streams", typed(page, ".nemo-prompt", keys))
        words = max(600, keys * 6)
        times_ms, share = stream(page, stage, "stream", words, keys)
        median, most = told("key, the prompt, 100 words a second", times_ms)
        client.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        told("key, the same, throttled", stream(page, stage, "throttled", words, keys)[0])
        client.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        page.evaluate("window.clicks_ms.length = 0")
        for n in range(10):
            page.locator(".nemo-prompt").fill(f"click {n}")
            page.locator(".nemo-send").click()
            stage.turn(f"click {n}").end("Done.")
            page.locator(".nemo-entry").last.locator(".nemo-work").wait_for(state="hidden")
            page.wait_for_timeout(500)
        told("click on Send", page.evaluate("window.clicks_ms"))
        browser.close()
    print(f"bytes received for each of a reply of {words:,} words: {share:.1f}")
    is_met = median <= AIMS["median"] and most <= AIMS["99 %"] and share <= AIMS["bytes"]
    print(f"aims ({', '.join(f'{name} {aim:g}' for name, aim in AIMS.items())}): {'ok' if is_met else 'MISSED'}")


if __name__ == "__main__":
    main()
