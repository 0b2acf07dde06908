"""200 MB dropped on the uploader in a real JupyterLab, against a plain `fetch` of the same bytes from the same page.

The plain one goes to a small server on loopback that writes what it is sent, so it has neither the notebook's server
nor the kernel's connection on its way, and holds nothing against a hash. The peers take turns; the ratio is ours over
the plain one's. Memory is the resident growth of the kernel and of the tab while a file comes in. Aims: memory flat
(less than 60 MB of the kernel), the first row painted within 100 ms of the drop.

Nothing watches the page meanwhile: who drives a browser is told of every message of a WebSocket, which costs much of
the speed. The end is seen by the page's title.

What limits: a piece is read by the browser's own process, hashed, copied into a message, copied by the notebook's
server to the kernel's socket, and acknowledged by the same way. All of that waits for a core; what the hash takes of
it is told in the last line.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Page, Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from chromium import chromium

MB = 1_000_000
TOKEN = "for-this-bench"
CELL = """import os, nemo_notebook as nemo
from nemo_notebook.notebook.widgets.uploader import Uploader
session = nemo.connect(skill="music-to-a", backend="local")
print(f"pid={os.getpid()}.")
Uploader(session)"""

PICK = """() => {
  const input = Object.assign(document.createElement("input"), { type: "file", id: "bench" });
  document.body.append(input);
}"""

# Drops the file; gives when a row was painted, when the kernel had it whole, and when it was in the session, in ms.
DROP = """async () => {
  const file = document.getElementById("bench").files[0];
  const part = document.querySelector(".nemo-uploader");
  const rows = (list) => [...part.querySelectorAll(`.nemo-files-${list} > li`)];
  const before = rows("media").length;
  const data = { types: ["Files"], items: [{}], files: [file] };
  const event = Object.defineProperty(new DragEvent("drop", { bubbles: true, cancelable: true }), "dataTransfer", {
    value: data,
  });
  const frame = () => new Promise(requestAnimationFrame);
  const begun = performance.now();
  const since = () => performance.now() - begun;
  part.querySelector(".nemo-drop").dispatchEvent(event);
  while (!rows("transfers").length) await frame();
  await frame();
  const painted = since();
  const until = (isSo) => new Promise((done) => {
    const look = () => isSo() && (watcher.disconnect(), done(since()));
    const watcher = new MutationObserver(look);
    watcher.observe(part, { subtree: true, childList: true, characterData: true });
    look();
  });
  const taken = await until(() => rows("media").length > before || part.textContent.includes("Handing it"));
  const there = await until(() => rows("media").length > before && !rows("transfers").length);
  return { painted, taken, there };
}"""

FETCH = """async (address) => {
  const file = new Blob([document.getElementById("bench").files[0]]);
  const begun = performance.now();
  await fetch(address, { method: "POST", mode: "no-cors", body: file });
  return performance.now() - begun;
}"""

HASH = """async () => {
  const data = new Uint8Array(1 << 20);
  const begun = performance.now();
  for (let piece = 0; piece < 100; piece += 1) await crypto.subtle.digest("SHA-256", data);
  return (performance.now() - begun) / 100;
}"""


WORK = """(argument) => {
  clearInterval(window.telling);
  document.title = "bench-begun";
  setTimeout(async () => {
    window.told = await (FUNCTION)(argument);
    window.telling = setInterval(() => (document.title = "bench-done"), 100); // JupyterLab has titles of its own
  }, 1500); // by then nobody watches
}"""


@dataclass
class Peer:
    """What the runs of one way took."""

    seconds: list[float] = field(default_factory=list)
    kernel_bytes: int = 0
    tab_bytes: int = 0


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
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError):  # not on Linux, or gone
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class Memory:
    """The most that some processes take, beyond what they took at first."""

    def __init__(self, *pids: int) -> None:
        self._first = {pid: resident_bytes(pid) for pid in pids}
        self.growth = dict.fromkeys(pids, 0)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(0.05):
            for pid, first in self._first.items():
                self.growth[pid] = max(self.growth[pid], resident_bytes(pid) - first)


@contextlib.contextmanager
def lab(folder: Path) -> Iterator[str]:
    """A JupyterLab; gives the address of a notebook with the uploader's cell."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "lab" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)], metadata=kernel)
    (folder / "work").mkdir()
    nbformat.write(notebook, folder / "work" / "upload.ipynb")
    env = {**os.environ, "NEMO_HOME": str(folder / "nemo"), "JUPYTER_CONFIG_DIR": str(folder)}
    env["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "lab")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--port-retries=0"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder / 'work'}"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, env=env, stdout=log, stderr=log) as server:
        try:
            for _ in range(600):
                with contextlib.suppress(urllib.error.URLError, ConnectionError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={TOKEN}", timeout=5).close()
                    break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/lab/tree/upload.ipynb?token={TOKEN}&reset"
        finally:
            server.terminate()


class Tab:
    """The page, which is left alone while it works."""

    def __init__(self, playwright: Playwright, port: int) -> None:
        self._playwright = playwright
        self._port = port

    @contextlib.contextmanager
    def held(self) -> Iterator[Page]:
        browser = self._playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{self._port}")
        yield browser.contexts[0].pages[0]
        browser.close()

    def process(self) -> int:
        browser = self._playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{self._port}")
        told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        browser.close()
        return max((each["id"] for each in told if each["type"] == "renderer"), key=resident_bytes)

    def pick(self, path: Path) -> None:
        """Choose a file, of any size, in the field that the bench has made."""
        with self.held() as page:
            devtools = page.context.new_cdp_session(page)
            field = devtools.send("Runtime.evaluate", {"expression": "document.getElementById('bench')"})
            chosen = {"files": [str(path)], "objectId": field["result"]["objectId"]}
            devtools.send("DOM.setFileInputFiles", chosen)

    def work(self, function: str, argument: object = None) -> Any:
        """What a function of the page gives, with nobody watching while it runs."""
        with self.held() as page:
            page.evaluate(WORK.replace("FUNCTION", function), argument)
        while "bench-done" not in self._titles():
            time.sleep(0.1)
        with self.held() as page:
            return page.evaluate("window.told")

    def _titles(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/json/list", timeout=30) as answer:
            return str(answer.read())


@contextlib.contextmanager
def chrome(folder: Path) -> Iterator[int]:
    """A browser of its own; gives the port that it is driven by."""
    command = [
        chromium(),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--window-size=1200,900",
    ]
    command += ["--remote-debugging-port=0", f"--user-data-dir={folder / 'browser'}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        told = folder / "browser" / "DevToolsActivePort"
        try:
            while not (told.exists() and told.read_text(encoding="ascii").strip()):
                time.sleep(0.1)
            yield int(told.read_text(encoding="ascii").split()[0])
        finally:
            browser.terminate()


def opened(page: Page, address: str) -> int:
    """Open the notebook and run its cell; gives the kernel's process."""
    page.goto(address)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for(timeout=90_000)
    part = page.locator(".nemo-uploader")
    for _ in range(10):
        page.locator(".cm-content").first.click()
        page.keyboard.press("Control+Enter")
        with contextlib.suppress(Exception):
            part.wait_for(timeout=20_000)
            break
    page.get_by_text("pid=").last.wait_for()
    page.evaluate(PICK)
    return int(page.locator(".jp-OutputArea-output", has_text="pid=").inner_text().split("=")[1].split(".")[0])


def sound(path: Path, size_bytes: int, seed: int) -> Path:
    """A WAV of noise: nothing on its way can make it smaller, and each is another."""
    noise = random.Random(seed)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        for _ in range(size_bytes // MB):
            file.writeframesraw(noise.randbytes(MB))
    return path


def run(tab: Tab, kernel: int, folder: Path, options: argparse.Namespace) -> None:
    sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    plain, ours, whole = Peer(), Peer(), Peer()
    painted_ms: list[float] = []
    process = tab.process()
    for number in range(options.runs + 1):
        path = sound(folder / f"sound{number}.wav", options.mb * MB, number)
        tab.pick(path)
        with Memory(kernel, process) as memory:
            fetched_ms = tab.work(FETCH, f"http://127.0.0.1:{sink.server_address[1]}/")
        plain.tab_bytes = max(plain.tab_bytes, memory.growth[process])
        with Memory(kernel, process) as memory:
            told = tab.work(DROP)
        path.unlink()
        if not number:
            continue  # once for nothing: caches, imports
        plain.seconds.append(fetched_ms / 1000)
        ours.seconds.append(told["taken"] / 1000)
        whole.seconds.append(told["there"] / 1000)
        painted_ms.append(told["painted"])
        ours.kernel_bytes = max(ours.kernel_bytes, memory.growth[kernel])
        ours.tab_bytes = max(ours.tab_bytes, memory.growth[process])
    sink.shutdown()
    heads = ("best s", "median s", "MB/s", "ratio", "kernel MB", "tab MB")
    print(f"{'way':<34}" + "".join(f"{head:>11}" for head in heads))
    for name, peer in (("fetch", plain), ("uploader, into the kernel", ours), ("uploader, into the session", whole)):
        median_s = statistics.median(peer.seconds)
        figures = [min(peer.seconds), median_s, options.mb / median_s, statistics.median(plain.seconds) / median_s]
        memory_mb = [peer.kernel_bytes / MB, peer.tab_bytes / MB] if peer is not whole else []
        print(f"{name:<34}" + "".join(f"{figure:>11.2f}" for figure in [*figures, *memory_mb]))
    print(f"From the drop to the first row painted: {max(painted_ms):.0f} ms at most.")
    print(f"SHA-256 of 1 MiB in the browser: {tab.work(HASH):.1f} ms.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        address = stack.enter_context(lab(folder))
        tab = Tab(stack.enter_context(sync_playwright()), stack.enter_context(chrome(folder)))
        with tab.held() as page:
            kernel = opened(page, address)
        run(tab, kernel, folder, options)


if __name__ == "__main__":
    main()
