"""Times a 1080p film against decoding and encoding the same frames alone: `python tests/bench/bench_render.py`."""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from large_media import CLIP_S, FPS, HEIGHT, WIDTH, make_clip, write_song
from options import read_options

from nemo_notebook.render import MediaFile, Output, make_plan, output_for, render_film
from nemo_notebook.render.layers import Clip
from nemo_notebook.render.operations import OPERATIONS
from nemo_notebook.render.shot import Encoder
from nemo_notebook.render.sources import clip_frames


def draft_of(length_s: int, drawn: bool) -> dict:
    """Two-second shots over the clips in turn, a song, and with `drawn` bars and a title."""
    rng = np.random.default_rng(3)
    metas = [
        {"role": "clip", "media": f"clip{k % 3}", "in_ms": int(rng.integers(0, 5900))} for k in range(length_s // 2)
    ]
    shots = [{"s": k * 2000, "d": 2000, "v": 0, "m": meta} for k, meta in enumerate(metas)]
    tracks = [{"tt": 0, "sg": shots}]
    if drawn:
        look = {"role": "visualizer", "style": "bars", "palette": "aurora"}
        tracks.append({"tt": 0, "sg": [{"s": 0, "d": length_s * 1000, "m": look}]})
    tracks.append({"tt": 1, "sg": [{"s": 0, "d": length_s * 1000, "v": 1, "m": {"role": "song", "media": "song"}}]})
    if drawn:
        tracks.append({"tt": 7, "sg": [{"s": 0, "d": 3000, "m": {"role": "title", "text": "Paper Lanterns"}}]})
    return {"d": length_s * 1000, "m": {"width": WIDTH, "height": HEIGHT, "fps": FPS}, "t": tracks}


def work(op: str, args: dict) -> dict:
    return OPERATIONS[op](args, lambda done: None)


async def film(plan, folder: Path, workers: int) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        loop = asyncio.get_running_loop()

        async def run(op, args, on_progress=None):
            return await loop.run_in_executor(pool, functools.partial(work, op, args))

        await render_film(
            plan, run=run, cache_dir=folder / "cache", out_path=folder / "film.mp4", on_progress=lambda done: None
        )


def alone(plan, folder: Path, output: Output) -> None:
    """The same stretches decoded and encoded in this one process, nothing else."""
    with Encoder(folder / "alone.mp4", output) as encoder:
        for shot in plan.shots:
            clip = next(layer for layer in shot.layers if isinstance(layer, Clip))
            for frame, _ in clip_frames(clip, FPS, shot.frames):
                encoder.add(frame)


def timed(job: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds, ended children included."""
    before, start = os.times(), time.perf_counter()
    job()
    wall, after = time.perf_counter() - start, os.times()
    return wall, sum(after[:4]) - sum(before[:4])


def one_run(draft: dict, media: dict[str, MediaFile], folder: Path, workers: int) -> list[float]:
    """Wall and CPU seconds of the film, then of decoding and encoding alone."""
    folder.mkdir()
    output = output_for(draft)
    plan = make_plan(draft, media, output)
    return [
        *timed(lambda: asyncio.run(film(plan, folder, workers))),
        *timed(lambda: alone(plan, folder, output)),
    ]


def main() -> None:
    options = read_options(__doc__, seconds=24, runs=3, workers=os.cpu_count() or 2)
    seconds = options.seconds
    heads = ("film", "run", "wall s", "CPU s", "× time", "alone s", "its CPU s", "wall ratio", "CPU ratio")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        media = {}
        for key in ("clip0", "clip1", "clip2"):
            make_clip(folder / f"{key}.mp4", int(key[-1]))
            media[key] = MediaFile(key, folder / f"{key}.mp4", "video", CLIP_S * 1000, WIDTH, HEIGHT)
        write_song(folder / "song.mp3", seconds)
        media["song"] = MediaFile("song", folder / "song.mp3", "audio", seconds * 1000, has_audio=True)
        print(f"{seconds} s of {WIDTH}×{HEIGHT} at {FPS}, a cut every 2 s, {options.workers} workers")
        print(f"{heads[0]:<20}" + "".join(f"{head:>11}" for head in heads[1:]))
        for what, drawn in (("cuts", False), ("cuts, bars, title", True)):
            for index in range(options.runs):
                run_folder = folder / f"{what} {index}"
                wall, cpu, base, base_cpu = one_run(draft_of(seconds, drawn), media, run_folder, options.workers)
                figures = (wall, cpu, seconds / wall, base, base_cpu, wall / base, cpu / base_cpu)
                print(f"{what:<20}{index + 1:>11}" + "".join(f"{figure:>11.2f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
