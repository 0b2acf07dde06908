"""512 MiB up and down on loopback, against curl: speed, memory, and how long the event loop is kept from others.

The peers take turns within one run, and the ratio is ours over curl's. The server is a process of its own that only
moves bytes between sockets and memory. Aims: at least 0.8 of curl, less than 16 MiB more memory, less than 20 ms late.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import psutil
from options import read_options

from nemo_notebook import skills
from nemo_notebook.client.service import Service
from nemo_notebook.client.transfers import asset_opener, download
from nemo_notebook.outside import Secret

ANSWER = b'{"code": 0, "data": {"files": []}}'
PIECE_BYTES = 1 << 20
PROCESS = psutil.Process()


@dataclass(frozen=True, slots=True)
class Run:
    """What one transfer took."""

    wall_s: float
    growth_bytes: int = 0
    late_s: tuple[float, ...] = ()


def serve(film: Path, tell: Connection) -> None:
    """Answer every GET with the film, and take every POST."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tell.send(listener.getsockname()[1])
        while True:
            threading.Thread(target=answer, args=(listener.accept()[0], film), daemon=True).start()


def answer(peer: socket.socket, film: Path) -> None:
    with peer:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (piece := peer.recv(PIECE_BYTES)):
                return
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        if head.startswith(b"GET"):
            peer.sendall(head_of(film.stat().st_size, b"video/mp4"))
            with film.open("rb") as file:
                peer.sendfile(file)
        else:
            lines = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
            if b"expect" in lines:
                peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            left, buffer = int(lines[b"content-length"]) - len(body), bytearray(PIECE_BYTES)
            while left and (count := peer.recv_into(buffer)):
                left -= count
            peer.sendall(head_of(len(ANSWER), b"application/json") + ANSWER)


def head_of(length: int, kind: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (kind, length)


async def watched(work: Coroutine[object, object, object]) -> Run:
    """Run it beside a ticker that wants to wake every millisecond."""
    before = most = PROCESS.memory_info().rss
    late_s: list[float] = []

    async def tick() -> None:
        nonlocal most
        while True:
            due_s = time.perf_counter() + 0.001
            await asyncio.sleep(0.001)
            late_s.append(max(0.0, time.perf_counter() - due_s))
            if len(late_s) % 16 == 0:
                most = max(most, PROCESS.memory_info().rss)

    ticker = asyncio.create_task(tick())
    begun_s = time.perf_counter()
    await work
    wall_s = time.perf_counter() - begun_s
    ticker.cancel()
    return Run(wall_s, most - before, tuple(late_s))


async def plain_get(url: str, target: Path) -> None:
    """What httpx alone does: the limit for a download that goes through it."""
    async with httpx.AsyncClient(trust_env=False) as http, http.stream("GET", url) as response:
        with target.open("wb", buffering=0) as file:
            async for chunk in response.aiter_raw():
                file.write(chunk)


async def our_download(url: str, target: Path) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        await download(asset_opener(http, url, loopback_ok=True), target, lambda done, total: None)


async def our_upload(url: str, film: Path) -> None:
    service = Service(url, skills.all_skills()[0], token=Secret("a-token-of-the-bench"))
    try:
        await service.upload("1", [film], lambda done, total: None)
    finally:
        await service.close()


def curl(*arguments: str) -> Run:
    begun_s = time.perf_counter()
    subprocess.run(["curl", "--silent", "--fail", "--noproxy", "*", *arguments], check=True, stdout=subprocess.DEVNULL)
    return Run(time.perf_counter() - begun_s)


def peers(url: str, film: Path, target: Path) -> dict[str, Callable[[], Run]]:
    return {
        "down  curl": lambda: curl("-o", str(target), f"{url}/film.mp4"),
        "down  ours": lambda: asyncio.run(watched(our_download(f"{url}/film.mp4", target))),
        "down  httpx alone": lambda: asyncio.run(watched(plain_get(f"{url}/film.mp4", target))),
        "up    curl": lambda: curl("-F", f"files=@{film}", f"{url}/upload"),
        "up    ours": lambda: asyncio.run(watched(our_upload(url, film))),
    }


def report(runs: dict[str, list[Run]], size_bytes: int) -> None:
    heads = ("best s", "median s", "MiB/s", "best ratio", "med. ratio", "memory MiB", "late 99% ms", "late max ms")
    print(f"{'peer':<20}" + "".join(f"{head:>13}" for head in heads))
    for peer, done in runs.items():
        baseline = [run.wall_s for run in runs[f"{peer[:6]}curl"]]
        walls = [run.wall_s for run in done]
        best, median = min(walls), statistics.median(walls)
        figures = [best, median, size_bytes / median / (1 << 20), min(baseline) / best]
        figures.append(statistics.median(theirs / own for theirs, own in zip(baseline, walls, strict=True)))
        if late_s := sorted(late for run in done for late in run.late_s):
            figures.append(max(run.growth_bytes for run in done) / (1 << 20))
            figures += [1000 * late_s[int(0.99 * len(late_s))], 1000 * late_s[-1]]
        print(f"{peer:<20}" + "".join(f"{figure:>13.2f}" for figure in figures))


def main() -> None:
    options = read_options(__doc__, mib=512, runs=5)
    if shutil.which("curl") is None:
        sys.exit("This bench compares with curl, which is not installed here.")
    with tempfile.TemporaryDirectory() as name:
        film, target = Path(name) / "film.mp4", Path(name) / "got.mp4"
        with film.open("wb") as file:
            for _ in range(options.mib):
                file.write(os.urandom(1 << 20))
        ours, theirs = multiprocessing.Pipe()
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(film, theirs), daemon=True)
        server.start()
        theirs.close()
        url = f"http://127.0.0.1:{ours.recv()}"
        table = peers(url, film, target)
        runs: dict[str, list[Run]] = {peer: [] for peer in table}
        for transfer in table.values():  # once for nothing: caches, imports
            transfer()
        for _ in range(options.runs):
            for peer, transfer in table.items():
                target.unlink(missing_ok=True)
                runs[peer].append(transfer())
                if peer.startswith("down") and target.stat().st_size != film.stat().st_size:
                    sys.exit(f"{peer}: the film is not whole.")
        report(runs, film.stat().st_size)
        idle = sorted(asyncio.run(watched(asyncio.sleep(2))).late_s)
        late, latest = 1000 * idle[int(0.99 * len(idle))], 1000 * idle[-1]
        print(f"The ticker alone, with nothing to transfer: late 99% {late:.2f} ms, max {latest:.2f} ms")
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
