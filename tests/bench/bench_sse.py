"""Reading event streams, against httpx-sse: small and large events, with and without decoding their JSON.

Both are fed the same chunks, as a socket gives them; httpx-sse as it is used, as an `EventSource` over a response of
httpx. JSON is decoded with `json.loads` by both, or by us as turns are read and by them with `json.loads` ("own").
The peers take turns within one run; the ratio is of the best runs. Aims, JSON included: twice as fast with small
events, as fast with large ones. httpx-sse is no dependency of the package.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator

import httpx
from options import read_options

from nemo_notebook.client.events import EventStreamDecoder, parse_json

try:
    from httpx_sse import EventSource
except ImportError:
    sys.exit("This bench compares with httpx-sse: pip install httpx-sse")

HEADERS = {"content-type": "text/event-stream"}
Decode = Callable[[str], object]


def stream_of(count: int, size_bytes: int) -> bytes:
    """Events of that size, line ends included, that a typed dialect could send; some of the text is not ASCII."""
    event = json.dumps({"type": "text", "content": ""}, separators=(",", ":"))
    room = size_bytes - len(f"data: {event}\n\n") - 2
    text = (("beat drop, then cut to the skyline. " * (room // 36 + 1))[:room]) + "é"
    event = json.dumps({"type": "text", "content": text}, separators=(",", ":"), ensure_ascii=False)
    return f"data: {event}\n\n".encode() * count


def chunks_of(stream: bytes, chunk_bytes: int) -> list[bytes]:
    return [stream[at : at + chunk_bytes] for at in range(0, len(stream), chunk_bytes)]


def ours(chunks: list[bytes], decode: Decode) -> int:
    decoder, count = EventStreamDecoder(), 0
    for chunk in chunks:
        for event in decoder.feed(chunk):
            decode(event.data)
            count += 1
    return count


def theirs(chunks: list[bytes], decode: Decode) -> int:
    def body() -> Iterator[bytes]:
        yield from chunks

    count = 0
    for event in EventSource(httpx.Response(200, headers=HEADERS, content=body())).iter_sse():
        decode(event.data)
        count += 1
    return count


def timed(read: Callable[[list[bytes], Decode], int], chunks: list[bytes], decode: Decode, count: int) -> float:
    begun_s = time.perf_counter()
    if read(chunks, decode) != count:
        sys.exit("Not all events were read.")
    return time.perf_counter() - begun_s


def main() -> None:
    runs = read_options(__doc__, runs=5).runs
    print(f"{'events':<18}{'chunk KiB':>10}{'JSON':>6}{'ours s':>9}{'httpx-sse s':>13}{'ratio':>7}{'events/s':>12}")
    for count, size_bytes in ((200_000, 60), (2_000, 64 << 10)):
        stream = stream_of(count, size_bytes)
        for chunk_kib in (16, 64):
            chunks = chunks_of(stream, chunk_kib << 10)
            for label, own, other in (("no", len, len), ("loads", *2 * [json.loads]), ("own", parse_json, json.loads)):
                peers = ((ours, own), (theirs, other))
                walls = [[timed(read, chunks, decode, count) for read, decode in peers] for _ in range(runs)]
                own_s, other_s = (min(column) for column in zip(*walls, strict=True))
                print(f"{f'{count:,} x {size_bytes:,}':<18}{chunk_kib:>10}{label:>6}", end="")
                print(f"{own_s:>9.3f}{other_s:>13.3f}{other_s / own_s:>7.2f}{count / own_s:>12,.0f}", flush=True)


if __name__ == "__main__":
    main()
