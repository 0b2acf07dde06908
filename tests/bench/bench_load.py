"""How long `%load_ext nemo_notebook` keeps a notebook waiting, over a bare cell of the same kernel.

Each run is a fresh kernel: an empty cell first, then the timed bare cell, then the timed `%load_ext`.
Limit: at most 60 ms over the bare cell (median).
"""

from __future__ import annotations

import statistics
import time

from jupyter_client.manager import KernelManager

RUNS = 7
LIMIT_MS = 60


def cell_ms(client: object, code: str) -> float:
    begun = time.perf_counter()
    client.execute_interactive(code, timeout=60, output_hook=lambda _: None)  # type: ignore[attr-defined]
    return 1000 * (time.perf_counter() - begun)


def run() -> tuple[float, float, float]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    try:
        cell_ms(client, "pass")
        return cell_ms(client, "pass"), cell_ms(client, "%load_ext nemo_notebook"), cell_ms(client, "import pandas")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main() -> None:
    rows = [run() for _ in range(RUNS)]
    bare, load, pandas = (statistics.median(column) for column in zip(*rows, strict=True))
    over = statistics.median(row[1] - row[0] for row in rows)
    print(f"{'cell':<28}{'median ms':>12}")
    for name, value in (("pass", bare), ("%load_ext nemo_notebook", load), ("import pandas (to compare)", pandas)):
        print(f"{name:<28}{value:>12.1f}")
    print(f"%load_ext over a bare cell: {over:.1f} ms (limit {LIMIT_MS} ms): {'ok' if over <= LIMIT_MS else 'MISSED'}")


if __name__ == "__main__":
    main()
