"""The demo's wall time against encoding the very same frames alone.

The demo is a whole process with an empty home: it starts the engine, uploads, listens, chats, renders, saves. "Alone"
is x264 with the engine's own setting on the demo's own decoded frames and nothing else, its time spread over all cores.
There is no limit yet: this is the first figure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_films import encode_alone

RUNS = 3


def demo(folder: Path) -> tuple[float, Path]:
    env = {**os.environ, "NEMO_HOME": str(folder / "home")}
    begun = time.perf_counter()
    command = [sys.executable, "-m", "nemo_notebook", "demo", "--out", str(folder / "out")]
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun, next((folder / "out").glob("*.mp4"))


def main() -> None:
    print(f"{'run':<6}{'demo s':>10}{'encode s':>10}{'cores':>7}{'demo / encode':>15}{'x real time':>13}")
    for run in range(1, RUNS + 1):
        with tempfile.TemporaryDirectory() as folder:
            wall, film = demo(Path(folder))
            alone, frames = encode_alone(film, Path(folder) / "alone.mp4")
        cores = os.cpu_count() or 1
        ratio, speed = wall / (alone / cores), frames / 30 / wall
        print(f"{run:<6}{wall:>10.1f}{alone:>10.1f}{cores:>7}{ratio:>15.2f}{speed:>13.2f}")
    print("encode s is CPU time of one thread; demo / encode takes it as spread over all cores.")


if __name__ == "__main__":
    main()
