"""Films a minute of a batch: one worker against two, one engine against one in each process, and a local Dask cluster.

    python tests/bench/bench_batch.py [--songs 40] [--seconds 8] [--rounds 3] [--resolution 720p]

Each run is a program of its own with an empty home, so that nothing is cached; the way into and out of it (imports,
engines, clusters) counts, and weighs the more the fewer songs there are. The ways take turns, and the median of the
rounds is told. "by hand" is the loop that one would write without a batch: upload, chat, export, one song after
another. Films of all ways are the same, to the byte.
Limit: on two idle cores, two workers make at least 1.25 times as many films a minute as one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from large_media import write_song
from options import read_options

PROMPT = "make a music video with a visualizer"
WAYS = {
    "by hand": "nothing",
    "1 worker": "av",
    "2 workers": "av",
    "2 processes, an engine each": "av",
    "Dask, 2 workers": "distributed",
}
LIMIT = 1.25


def make(way: str, songs: Path, out: Path, resolution: str) -> None:
    """One way to make all films, in this process."""
    import nemo_notebook as nemo

    form = {"quality": "medium", "resolution": resolution}
    if way == "by hand":
        out.mkdir()
        for song in sorted(songs.iterdir()):
            with nemo.connect(backend="local") as session:
                session.upload(song)
                session.chat(PROMPT)
                session.export(out / f"{song.stem}.mp4", **form)
        return

    def run(workers: int, executor: object = None) -> None:
        films = nemo.batch(f"{songs}/*", prompt=PROMPT, out=out, workers=workers, executor=executor, **form).wait()
        assert not films.failures, films.summary

    if way.startswith("Dask"):
        from distributed import Client, LocalCluster

        how = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "local_directory": str(out)}
        with LocalCluster(**how) as cluster, Client(cluster) as client:
            run(2, client)
    elif "processes" in way:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            run(2, pool)
    else:
        run(int(way[0]))


def measure(way: str, songs: Path, folder: Path, resolution: str) -> tuple[float, float, str]:
    """Seconds by the clock and of computing, and what the films' bytes come to."""
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as scratch:
        out = Path(scratch) / "films"
        command = [sys.executable, __file__, "--one", way, "--resolution", resolution]
        command += ["--source", str(songs), "--target", str(out)]
        before_s, begun_s = computed_s(), time.monotonic()
        subprocess.run(command, check=True, env={**os.environ, "NEMO_HOME": str(Path(scratch) / "home")})
        took_s = time.monotonic() - begun_s
        bytes_ = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(out.glob("*.mp4"))))
        return took_s, computed_s() - before_s, bytes_.hexdigest()


def computed_s() -> float:
    """What all processes that have ended here have computed, in seconds; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0.0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    options = read_options(__doc__, songs=40, seconds=8, rounds=3, resolution="720p", one="", source="", target="")
    if options.one:
        make(options.one, Path(options.source), Path(options.target), options.resolution)
        return
    ways = [way for way, needed in WAYS.items() if needed == "nothing" or importlib.util.find_spec(needed)]
    found: dict[str, list[tuple[float, float, str]]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        songs = Path(folder) / "songs"
        songs.mkdir()
        for number in range(options.songs):
            write_song(songs / f"song{number:02d}.wav", options.seconds, number)
        for _ in range(options.rounds):
            for way in ways:
                found[way].append(measure(way, songs, Path(folder), options.resolution))
    print(f"{options.songs} songs of {options.seconds} s, {options.resolution}, {os.cpu_count()} cores")
    print(f"{'way':<30}{'films/min':>10}{'seconds':>10}{'CPU s':>8}")
    took = {way: statistics.median(each[0] for each in rows) for way, rows in found.items()}
    for way, rows in found.items():
        cpu_s = statistics.median(each[1] for each in rows)
        print(f"{way:<30}{60 * options.songs / took[way]:>10.1f}{took[way]:>10.1f}{cpu_s:>8.1f}")
    for way in [way for way in WAYS if way not in ways]:
        print(f"{way:<30}{'not installed':>28}")
    same = len({each[2] for rows in found.values() for each in rows}) == 1
    gain = took["1 worker"] / took["2 workers"]
    print(f"all ways make the same bytes: {'ok' if same else 'MISSED'}")
    print(f"two workers over one: {gain:.2f} (limit {LIMIT}): {'ok' if gain >= LIMIT else 'MISSED'}")


if __name__ == "__main__":
    main()
