"""Three-minute films at 1080p, by chat and export through the real engine, beside what else can make them.

    python tests/bench/bench_films.py [--seconds 180] [--peers]

Each film is asked for in words. Timed are the first reply after an upload, a prompt that changes the draft, the export
and the one after another edit. Limits: every export within 90 s on two idle cores, its re-render within a tenth of
it, replies within 1 s (3 s before the song was listened to), workers within 1 GB.

With `--peers` (needs imageio-ffmpeg and moviepy) the film of cuts is made by one hand-written FFmpeg command, preset
veryfast, and by MoviePy, too; VMAF tells how near each comes to the clips themselves.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import av
import numpy as np
from bench_render import FPS, HEIGHT, WIDTH, make_clip

import nemo_notebook as nemo
from nemo_notebook.engine.music import RATE, make_recipe, synthesize
from nemo_notebook.engine.render.encode import Encoder
from nemo_notebook.engine.render.layers import Output

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
PEER_S = 12  # what the slow ones are timed on; seconds of CPU for a second of film are what is compared
EXPORT_LIMIT_S, RERENDER_LIMIT, MEMORY_LIMIT_MB = 90.0, 0.1, 1000


def write_song(path: Path, seconds: int) -> None:
    """A composed song as MP3."""
    samples = synthesize(make_recipe("house", seconds * 1000, 5))
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mp3", rate=RATE, layout="stereo")
        stream.bit_rate = 192_000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


class Watch:
    """The largest resident memory of any one process below this one, in MB, while it is open (Linux only)."""

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
            for status in Path("/proc").glob("[0-9]*/status"):
                try:
                    text = status.read_text()
                    command = (status.parent / "cmdline").read_text()
                except OSError:
                    continue
                if "nemo_notebook.engine.worker" in command and (found := re.search(r"VmRSS:\s+(\d+)", text)):
                    self.most_mb = max(self.most_mb, int(found[1]) / 1024)


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


def encode_alone(film: Path, target: Path) -> float:
    """CPU seconds that the engine's own encoder takes for the film's frames, and nothing else."""
    spent = 0.0
    with av.open(str(film)) as source, Encoder(target, Output("mp4", "high", WIDTH, HEIGHT, FPS)) as encoder:
        for frame in source.decode(video=0):
            begun = time.thread_time()
            encoder.add(frame)
            spent += time.thread_time() - begun
    return spent


def shots_of(draft: dict, seconds: float) -> list[tuple[str, float, int]]:
    """The clips of a draft as (file, in-point in seconds, frames), as far as they begin within `seconds`."""
    shots = [s for t in draft["t"] for s in t["sg"] if s["m"].get("role") == "clip" and s["s"] < seconds * 1000]
    frames = [round((s["s"] + s["d"]) * FPS / 1000) - round(s["s"] * FPS / 1000) for s in shots]
    return [(s["m"]["source"], s["m"]["in_ms"] / 1000, count) for s, count in zip(shots, frames, strict=True)]


def graph_of(shots: list[tuple[str, float, int]], folder: Path) -> tuple[list[str], str, int]:
    """FFmpeg's inputs and the graph that puts them one after another; and how many there are."""
    inputs: list[str] = []
    for name, at_s, count in shots:
        inputs += ["-ss", f"{at_s:.3f}", "-t", f"{count / FPS + 0.2:.3f}", "-i", str(folder / name)]
    each = [
        f"[{n}:v]fps={FPS},trim=end_frame={count},setpts=PTS-STARTPTS[v{n}]" for n, (_, _, count) in enumerate(shots)
    ]
    joined = "".join(f"[v{n}]" for n in range(len(shots))) + f"concat=n={len(shots)}:v=1:a=0[out]"
    return inputs, ";".join([*each, joined]), len(shots)


def ffmpeg() -> str:
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


def cpu_of(*command: str) -> tuple[float, float, str]:
    """Wall and CPU seconds of a command, and what it said."""
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run([*command], check=True, capture_output=True, text=True)
    after = os.times()
    return time.perf_counter() - begun, sum(after[2:4]) - sum(before[2:4]), done.stderr


def by_ffmpeg(draft: dict, folder: Path, seconds: float) -> tuple[float, float, Path]:
    inputs, graph, count = graph_of(shots_of(draft, seconds), folder)
    target = folder / "by ffmpeg.mp4"
    sound = ["-t", str(seconds), "-i", str(folder / "song.mp3")]
    code = [
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "21",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-b:a",
        "192k",
    ]
    maps = ["-filter_complex", graph, "-map", "[out]", "-map", f"{count}:a"]
    wall, cpu, _ = cpu_of(ffmpeg(), "-y", *inputs, *sound, *maps, *code, str(target))
    return wall, cpu, target


def by_moviepy(draft: dict, folder: Path, seconds: float) -> tuple[float, float]:
    script = (
        "import sys, json\n"
        "from moviepy import AudioFileClip, VideoFileClip, concatenate_videoclips\n"
        "shots, folder, seconds = json.loads(sys.argv[1]), sys.argv[2], float(sys.argv[3])\n"
        "clips = {name: VideoFileClip(f'{folder}/{name}') for name in {s[0] for s in shots}}\n"
        "parts = [clips[name].subclipped(a, min(a + c / 30, clips[name].duration)) for name, a, c in shots]\n"
        "film = concatenate_videoclips(parts)\n"
        "film = film.with_audio(AudioFileClip(f'{folder}/song.mp3').subclipped(0, seconds))\n"
        "film.write_videofile(f'{folder}/by moviepy.mp4', fps=30, preset='veryfast', logger=None)\n"
    )
    shots = json.dumps(shots_of(draft, seconds))
    wall, cpu, _ = cpu_of(sys.executable, "-c", script, shots, str(folder), str(seconds))
    return wall, cpu


def vmaf(film: Path, draft: dict, folder: Path, seconds: float) -> float:
    """VMAF of a film of cuts against the clips themselves, over its first shots."""
    shots = shots_of(draft, seconds)
    inputs, graph, count = graph_of(shots, folder)
    frames = sum(each[2] for each in shots)
    # Told to be what they are, or FFmpeg would convert the colours of the one that says so and not of the other.
    same = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    made = f"[{count}:v]trim=end_frame={frames},setpts=PTS-STARTPTS,{same}[made]"
    compare = f"{graph};{made};[out]{same}[seen];[made][seen]libvmaf=n_threads=2"
    said = cpu_of(ffmpeg(), *inputs, "-i", str(film), "-filter_complex", compare, "-f", "null", "-")[2]
    found = re.search(r"VMAF score: ([\d.]+)", said)
    assert found is not None, said[-500:]
    return float(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--peers", action="store_true", help="FFmpeg, MoviePy and VMAF as well")
    options = parser.parse_args()
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
                print(
                    f"{'film':<20}{'cuts':>6}"
                    + "".join(f"{head:>13}" for head in (*figures, "alone CPU s", "of alone"))
                )
            alone = encode_alone(path, folder / "alone.mp4")
            share = alone / (os.cpu_count() or 1) / figures["export s"]
            row = (*figures.values(), alone, share)
            print(
                f"{film:<20}{max(0, len(shots_of(draft, 1e9)) - 1):>6}" + "".join(f"{v:>13.2f}" for v in row),
                flush=True,
            )
        for film, (figures, _, _) in made.items():
            over = [
                text
                for text, wrong in (
                    (
                        f"export over {EXPORT_LIMIT_S:.0f} s",
                        figures["export s"] > EXPORT_LIMIT_S * options.seconds / 180,
                    ),
                    ("re-render over a tenth", figures["again ratio"] > RERENDER_LIMIT),
                    ("a reply over 1 s", figures["edit s"] > 1.0),
                    ("the first reply over 3 s", figures["1st reply s"] > 3.0),
                    (f"memory over {MEMORY_LIMIT_MB} MB", figures["worker MB"] > MEMORY_LIMIT_MB),
                )
                if wrong
            ]
            print(f"{film}: {'; '.join(over) or 'within every limit'}")
        if options.peers:
            peers(made["cuts"], folder, options.seconds)


def peers(made: tuple[dict[str, float], Path, dict], folder: Path, seconds: int) -> None:
    figures, ours, draft = made
    wall, cpu, theirs = by_ffmpeg(draft, folder, seconds)
    print(f"one FFmpeg command: {wall:.1f} s wall, {cpu:.1f} s CPU, ours is {wall / figures['export s']:.2f} × as fast")
    print(
        f"VMAF: ours {vmaf(ours, draft, folder, 20):.1f}, FFmpeg veryfast crf 21 {vmaf(theirs, draft, folder, 20):.1f}"
    )
    print(f"size: ours {ours.stat().st_size / 1e6:.1f} MB, FFmpeg {theirs.stat().st_size / 1e6:.1f} MB")
    if importlib.util.find_spec("moviepy"):
        wall, cpu = by_moviepy(draft, folder, PEER_S)
        per_s = wall / PEER_S
        print(
            f"MoviePy: {per_s:.2f} s a second of film, ours is {per_s / (figures['export s'] / seconds):.1f} × as fast"
        )


if __name__ == "__main__":
    main()
