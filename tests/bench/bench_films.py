"""Three-minute films at 1080p, by chat and export through the real engine, beside what else can make them.

    python tests/bench/bench_films.py [--seconds 180] [--peers]

Each film is asked for in words. Timed are the first reply after an upload, a prompt that changes the draft, the export
and the one after another edit. Limits: every export within 90 s on two idle cores, its re-render within a tenth of
it, replies within 1 s (3 s before the song was listened to), workers within 1 GB.

With `--peers` (needs imageio-ffmpeg and moviepy) each film is made by one hand-written FFmpeg command, preset
veryfast, and by MoviePy, too; VMAF tells how near each comes to the clips themselves.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from pathlib import Path

import av
import psutil
from film_peers import by_ffmpeg, by_moviepy, shots_of, vmaf
from large_media import FPS, HEIGHT, WIDTH, make_clip, write_song
from options import read_options

import nemo_notebook as nemo
from nemo_notebook.render.formats import Output
from nemo_notebook.render.shot import Encoder

CLIPS = 4
CUTS = "make a music video from all my clips, cut on the beat"
FILMS = {
    "visualizer": (["song.mp3"], "make a video with a bars visualizer", 'add a title "Late" for the last 3 seconds'),
    "cuts": (["song.mp3", "clip*.mp4"], CUTS, 'add a title "Late" for the last 3 seconds'),
    "cuts, bars, title": (
        ["song.mp3", "clip*.mp4"],
        f'{CUTS}, with a visualizer and a title "Paper Lanterns" for the first 3 seconds',
        'change the title to "Late"',
    ),
}
PEER_S = 12  # what MoviePy, the slow one, is timed on; seconds for a second of film are what is compared
LIMITS = {"export s": 90.0, "again ratio": 0.1, "edit s": 1.0, "1st reply s": 3.0, "worker MB": 1000.0}
LIMITS_FOR_S = 180  # the limit of the export grows with the film


class Watch:
    """The largest resident memory of any one process below this one, in MB, while it is open."""

    def __init__(self) -> None:
        self.most_mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            for process in psutil.process_iter(["cmdline", "memory_info"]):
                if process.info["memory_info"] and "nemo_notebook.engine.worker" in (process.info["cmdline"] or ()):
                    self.most_mb = max(self.most_mb, process.info["memory_info"].rss / (1 << 20))


def one_film(name: str, folder: Path, seconds: int) -> tuple[dict[str, float], Path, dict]:
    patterns, prompt, edit = FILMS[name]
    session = nemo.connect(backend="local", name=name)
    begun = time.perf_counter()
    session.upload(*(str(folder / pattern) for pattern in patterns))
    uploaded = time.perf_counter()
    session.chat(prompt)
    replied = time.perf_counter()
    draft = json.loads(json.dumps(session.timeline().draft))
    target = folder / f"{name}.mp4"
    with Watch() as watch:
        first = time.perf_counter()
        session.export(str(target), quality="high")
        exported = time.perf_counter()
    again = time.perf_counter()
    session.chat(edit)
    edited = time.perf_counter()
    session.export(str(folder / f"{name} again.mp4"), quality="high")
    done = time.perf_counter()
    session.close()
    return (
        {
            "upload s": uploaded - begun,
            "1st reply s": replied - uploaded,
            "edit s": edited - again,
            "export s": exported - first,
            "× time": seconds / (exported - first),
            "again s": done - edited,
            "again ratio": (done - edited) / (exported - first),
            "worker MB": watch.most_mb,
        },
        target,
        draft,
    )


def encode_alone(film: Path, target: Path) -> tuple[float, int]:
    """CPU seconds that the engine's own encoder takes for the film's frames, and how many these are."""
    spent_s, frames = 0.0, 0
    with av.open(str(film)) as source:
        stream = source.streams.video[0]
        with Encoder(target, Output("mp4", "high", stream.width, stream.height, FPS)) as encoder:
            for frame in source.decode(stream):
                begun_s = time.thread_time()
                encoder.add(frame)
                spent_s += time.thread_time() - begun_s
                frames += 1
    return spent_s, frames


def main() -> None:
    options = read_options(__doc__, seconds=180, peers=False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["NEMO_HOME"] = str(folder / "home")
        for number in range(CLIPS):
            make_clip(folder / f"clip{number + 1}.mp4", number)
        write_song(folder / "song.mp3", options.seconds)
        made = {}
        for index, film in enumerate(FILMS):
            figures, path, draft = one_film(film, folder, options.seconds)
            made[film] = (figures, path, draft)
            if index == 0:
                print(f"{options.seconds} s of {WIDTH}×{HEIGHT} at {FPS}, quality high, {os.cpu_count()} cores")
                heads = (*figures, "alone CPU s", "of alone")
                print(f"{'film':<20}{'cuts':>6}" + "".join(f"{head:>13}" for head in heads))
            alone, _ = encode_alone(path, folder / "alone.mp4")
            row = (*figures.values(), alone, alone / (os.cpu_count() or 1) / figures["export s"])
            cuts = max(0, len(shots_of(draft, 1e9)) - 1)
            print(f"{film:<20}{cuts:>6}" + "".join(f"{figure:>13.2f}" for figure in row), flush=True)
        for film, (figures, _, _) in made.items():
            limits = {**LIMITS, "export s": LIMITS["export s"] * options.seconds / LIMITS_FOR_S}
            over = [f"{name} over {limit:g}" for name, limit in limits.items() if figures[name] > limit]
            print(f"{film}: {'; '.join(over) or 'within every limit'}")
        if options.peers:
            for film, (figures, path, draft) in made.items():
                peers(film, figures["export s"], path, draft, folder, options.seconds)


def peers(film: str, export_s: float, ours: Path, draft: dict, folder: Path, seconds: int) -> None:
    wall, theirs = by_ffmpeg(draft, folder, seconds)
    print(
        f"{film}: one FFmpeg command {wall:.1f} s, ours is {wall / export_s:.2f} × as fast (goal: over 1)", flush=True
    )
    for preset in ("veryfast", "medium"):
        slow = by_moviepy(draft, folder, PEER_S, preset) * seconds / PEER_S
        print(f"  MoviePy, {preset}: {slow:.0f} s, ours is {slow / export_s:.1f} × as fast (goal: 8)", flush=True)
    print(f"  size: ours {ours.stat().st_size / 1e6:.1f} MB, FFmpeg {theirs.stat().st_size / 1e6:.1f} MB", flush=True)
    if film == "cuts":
        marks = [vmaf(made, draft, folder, 20) for made in (ours, theirs)]
        print(f"  VMAF: ours {marks[0]:.1f}, FFmpeg veryfast crf 21 {marks[1]:.1f} (goal: ours 94 and no less than it)")


if __name__ == "__main__":
    main()
