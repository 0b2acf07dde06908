"""200 MB dropped on the uploader in a real JupyterLab, against a plain `fetch` of the same bytes from the same page.

The plain one goes to a small server on loopback that writes what it is sent, so it passes neither the notebook's server
nor the kernel's connection, and computes no checksum. The peers take turns; the ratio is ours over the plain one's.
Memory is the resident growth of the kernel and of the tab while all files come in. Aims: less than 60 MB of the kernel,
and the first row painted within 100 ms of the drop.

Nobody watches the page while it works: a browser that is driven reports every message of a WebSocket to its driver,
which costs much of the speed. The end is seen by the page's title, which the browser lists without being driven.

What limits: a piece is read by the browser's own process, copied into a message, copied by the notebook's server to the
kernel's socket, and acknowledged by the same way.
"""

from __future__ import annotations

import contextlib
import http.server
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from lab import run_cell
from options import read_options
from playwright.sync_api import Page, Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from chromium import chromium
from lab_server import lab_server

MB = 1_000_000
CELL = """import os, nemo_notebook as nemo
from nemo_notebook.notebook.widgets.uploader import Uploader
session = nemo.connect(skill="music-to-a", backend="local")
print(f"pid={os.getpid()}.")
Uploader(session)"""
PICK = """() => document.body.append(
  Object.assign(document.createElement("input"), { type: "file", id: "bench", multiple: true }))"""

WORK = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


class Sink(http.server.BaseHTTPRequestHandler):
    """Writes what it is sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        left = int(self.headers["Content-Length"])
        with tempfile.TemporaryFile() as file:
            while left:
                piece = self.rfile.read(min(left, 1 << 20))
                file.write(piece)
                left -= len(piece)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def resident_bytes(pid: int) -> int:
    with contextlib.suppress(psutil.Error):  # it is gone
        return psutil.Process(pid).memory_info().rss
    return 0


@contextlib.contextmanager
def chrome(folder: Path) -> Iterator[int]:
    """A browser of its own; gives the port that it is driven by."""
    command = [chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--window-size=1200,900", "--remote-debugging-port=0"]
    command += [f"--user-data-dir={folder / 'browser'}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        port = folder / "browser" / "DevToolsActivePort"
        try:
            while not (port.exists() and port.read_text(encoding="ascii").strip()):
                time.sleep(0.1)
            yield int(port.read_text(encoding="ascii").split()[0])
        finally:
            browser.terminate()


@contextlib.contextmanager
def held_page(playwright: Playwright, port: int) -> Iterator[Page]:
    """Drive the browser's page; it goes on undriven afterwards."""
    browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
    yield browser.contexts[0].pages[0]
    browser.close()


def pick(page: Page, paths: list[Path]) -> int:
    """Choose files of any size in the page's field; gives the process of the tab."""
    page.evaluate(PICK)
    devtools = page.context.new_cdp_session(page)
    field = devtools.send("Runtime.evaluate", {"expression": "document.getElementById('bench')"})
    chosen = {"files": [str(path) for path in paths], "objectId": field["result"]["objectId"]}
    devtools.send("DOM.setFileInputFiles", chosen)
    about = page.context.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return max((each["id"] for each in about if each["type"] == "renderer"), key=resident_bytes)


def memory_growth(port: int, *pids: int) -> dict[int, int]:
    """The most that processes take beyond what they have now, in bytes, until the page says that it is done."""
    first, growth = {pid: resident_bytes(pid) for pid in pids}, dict.fromkeys(pids, 0)
    for turn in range(1 << 30):
        for pid in pids:
            growth[pid] = max(growth[pid], resident_bytes(pid) - first[pid])
        time.sleep(0.05)
        if turn % 10 == 0:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
                if b"bench-done" in answer.read():
                    break
    return growth


def write_noise(path: Path, size_bytes: int, seed: int) -> Path:
    """A WAV of noise: nothing on its way can make it smaller, and each is another."""
    noise = random.Random(seed)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        for _ in range(size_bytes // MB):
            file.writeframesraw(noise.randbytes(MB))
    return path


def report(runs: list[dict[str, float]], size_mb: int, kernel_mb: float, tab_mb: float) -> None:
    ways = {"fetch": "fetched", "uploader, into the kernel": "taken", "uploader, into the session": "there"}
    medians_s = {way: statistics.median(run[key] / 1000 for run in runs) for way, key in ways.items()}
    print(f"{'way':<30}{'median s':>10}{'MB/s':>10}{'ratio':>10}")
    for way, median_s in medians_s.items():
        print(f"{way:<30}{median_s:>10.2f}{size_mb / median_s:>10.1f}{medians_s['fetch'] / median_s:>10.2f}")
    print(f"memory: {kernel_mb:.0f} MB more of the kernel (aim 60), {tab_mb:.0f} MB more of the tab")
    print(f"from the drop to the first row painted: {max(run['painted'] for run in runs):.0f} ms at most (aim 100)")


def main() -> None:
    options = read_options(__doc__, mb=200, runs=3)
    sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        (work := folder / "work").mkdir()
        url = stack.enter_context(lab_server(work, folder / "home"))
        playwright, port = stack.enter_context(sync_playwright()), stack.enter_context(chrome(folder))
        paths = [write_noise(folder / f"sound{n}.wav", options.mb * MB, n) for n in range(options.runs + 1)]
        with held_page(playwright, port) as page:
            run_cell(page, url, work, CELL, ".nemo-uploader")
            output = page.locator(".jp-OutputArea-output", has_text="pid=").inner_text()
            kernel, tab = int(output.split("=")[1].split(".")[0]), pick(page, paths)
            page.evaluate(WORK, f"http://127.0.0.1:{sink.server_address[1]}/")
        growth = memory_growth(port, kernel, tab)
        with held_page(playwright, port) as page:
            runs = page.evaluate("window.runs")
    # the first run is not counted: caches, imports
    report(runs[1:], options.mb, growth[kernel] / MB, growth[tab] / MB)


if __name__ == "__main__":
    main()
