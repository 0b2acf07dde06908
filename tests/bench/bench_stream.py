"""A reply of `%nemo chat` on its way to the browser: bytes on IOPub and delay, against plain ways to show it.

A service made up for this sends words one by one to a real kernel. All that the kernel publishes for a cell is counted,
with every header, the live line and the reply's last, whole form. Aims: at most 12 times the reply's own length, and no
more for a long reply than for a short one.

The peers run in the same kernel against the same service: a loop over httpx's lines that shows each word by itself, and
one that shows the whole text again for each word (with 20,000 words that is only computed). The delay of a word is from
its bytes going out on the service's socket to the first message that shows it; half of a quarter of a second is meant.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from jupyter_client.manager import KernelManager
from options import read_options
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from stage import Stage

LIMIT = 12
WORD = re.compile(r"w(\d{6})")
EACH = """
import httpx, json
from IPython.display import display
with httpx.stream("POST", "{url}/run_sse", json={{"message": "{message}"}}, timeout=None) as response:
    for line in response.iter_lines():
        if line.startswith("data:") and (event := json.loads(line[5:])).get("partial"):
            display({{"text/plain": event["content"]["parts"][0]["text"]}}, raw=True)
"""
WHOLE = """
import httpx, json
from IPython.display import Markdown, display
text, shown = "", display(Markdown(""), display_id=True)
with httpx.stream("POST", "{url}/run_sse", json={{"message": "{message}"}}, timeout=None) as response:
    for line in response.iter_lines():
        if line.startswith("data:") and (event := json.loads(line[5:])).get("partial"):
            text += event["content"]["parts"][0]["text"]
            shown.update(Markdown(text))
"""


def words_of(count: int) -> list[str]:
    """Words of a reply with paragraphs; each can be told from the others."""
    return [f"w{n:06d}{'.' if n % 12 == 11 else ''}{chr(10) * 2 if n % 72 == 71 else ' '}" for n in range(count)]


class Service(Stage):
    """Answers a message `2000 at 100` with so many words, so many a second (0: as fast as it goes)."""

    def __init__(self) -> None:
        super().__init__({})
        self.sent_s: list[float] = []

    async def _chat(self, request: Request) -> Response:
        found = re.search(rb"(\d+) at (\d+)", await request.body())
        assert found is not None
        return StreamingResponse(self.events(int(found[1]), int(found[2])), media_type="text/event-stream")

    async def events(self, count: int, per_s: int) -> AsyncIterator[bytes]:
        self.sent_s, words, begun_s = [], words_of(count), time.monotonic()
        for n, word in enumerate(words):
            if per_s and (wait_s := begun_s + n / per_s - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
            self.sent_s.append(time.monotonic())
            yield event(word, partial=True)
        yield event("".join(words), partial=False)


def event(text: str, *, partial: bool) -> bytes:
    payload = {"content": {"parts": [{"text": text}], "role": "model"}, "partial": partial, "author": "nemo"}
    return f"data: {json.dumps(payload)}\n\n".encode()


class Kernel:
    """A real kernel, all of whose published bytes are counted."""

    def __init__(self, home: str) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env={**os.environ, "NEMO_HOME": home, "IPYTHONDIR": f"{home}/ipython"})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str) -> tuple[int, int, dict[int, float], float]:
        """Bytes and messages that a cell published, when each word was first shown, and how long the cell took."""
        begun_s = time.monotonic()
        request = self.client.execute(code)
        size = count = newest = 0
        seen_s: dict[int, float] = {}
        while True:
            frames = self.client.iopub_channel.socket.recv_multipart()
            now_s = time.monotonic()
            _, parts = self.client.session.feed_identities(frames)
            message = self.client.session.deserialize(parts)
            if message["parent_header"].get("msg_id") != request:
                continue
            size, count = size + sum(map(len, frames)), count + 1
            content = message["content"]
            if message["msg_type"] == "error":
                sys.exit("\n".join(content["traceback"]))
            data = content.get("data")
            if isinstance(data, dict):
                text = data.get("text/markdown") or data.get("text/html") or data.get("text/plain", "")
                if found := WORD.findall(text[-40:]):
                    for n in range(newest, int(found[-1]) + 1):
                        seen_s[n] = now_s
                    newest = max(newest, int(found[-1]) + 1)
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                return size, count, seen_s, time.monotonic() - begun_s

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def delays_ms(service: Service, seen_s: dict[int, float]) -> tuple[float, float, float]:
    """Of the first word, the median, and what 99 of 100 words stay under."""
    if len(seen_s) != len(service.sent_s):
        sys.exit(f"{len(seen_s)} of {len(service.sent_s)} words were seen.")
    each = [1000 * (seen_s[n] - sent) for n, sent in enumerate(service.sent_s)]
    return each[0], statistics.median(each), statistics.quantiles(each, n=100, method="inclusive")[98]


def whole_bytes(count: int, message_bytes: float) -> float:
    """What it would take to send the whole text again for each word."""
    total = length = 0.0
    for word in words_of(count):
        length += len(word)
        total += length + message_bytes
    return total


def load_ms(kernel: Kernel) -> tuple[float, float]:
    kernel.run("pass")
    return 1000 * kernel.run("pass")[3], 1000 * kernel.run("%load_ext nemo_notebook")[3]


def main() -> None:
    rates = [0] if read_options(__doc__, quick=False).quick else [100, 1000, 0]  # 0: as fast as it goes
    worst: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as home, Service() as service:
        kernel = Kernel(home)
        try:
            bare, load = load_ms(kernel)
            kernel.run(f"%nemo connect --backend {service.url}\n%nemo chat 10 at 0")
            print(f"{'words':>6} {'a second':>8}  {'shown by':<22}{'x reply':>8}{'messages':>9}{'first ms':>9}", end="")
            print(f"{'median':>8}{'99 %':>8}{'s':>7}")
            for count, per_s in [(count, rate) for count in (2_000, 20_000) for rate in rates]:
                if count / (per_s or 1e9) > 30:
                    continue
                length = len("".join(words_of(count)))
                message = f"{count} at {per_s}"
                ways = {
                    "%nemo chat": f"%nemo chat {message}",
                    "httpx, each word": EACH.format(url=service.url, message=message),
                }
                if count == 2_000:
                    ways["httpx, whole each time"] = WHOLE.format(url=service.url, message=message)
                for way, code in ways.items():
                    size, messages, seen_s, took_s = kernel.run(code)
                    first, median, most = delays_ms(service, seen_s)
                    print(f"{count:>6} {per_s or 'fast':>8}  {way:<22}{size / length:>8.1f}{messages:>9}", end="")
                    print(f"{first:>9.0f}{median:>8.0f}{most:>8.0f}{took_s:>7.1f}")
                    if way == "%nemo chat":
                        worst[count] = max(worst.get(count, 0.0), size / length)
                if count == 20_000:
                    times = whole_bytes(count, 600) / length
                    print(f"{count:>6} {per_s or 'fast':>8}  {'httpx, whole each time':<22}{times:>8.0f}  (computed)")
        finally:
            kernel.close()
    print(f"%load_ext over a bare cell: {load - bare:.1f} ms")
    is_met = max(worst.values()) <= LIMIT and worst[20_000] <= 1.25 * worst[2_000]
    told = ", ".join(f"{times:.1f} x with {count} words" for count, times in worst.items())
    print(f"bytes on IOPub: {told} (limit {LIMIT}, not growing): {'ok' if is_met else 'MISSED'}")


if __name__ == "__main__":
    main()
