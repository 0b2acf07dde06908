"""Clips in 1080p and songs, made for the benchmarks."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av import AudioFrame, VideoFrame

from nemo_notebook.music import RATE, make_recipe, synthesize

WIDTH, HEIGHT, FPS, CLIP_S = 1920, 1080, 30, 8


def make_clip(path: Path, seed: int) -> None:
    """A busy picture: a large noise texture with soft shapes, panned and rippling."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (34, 60, 3), dtype=np.uint8)
    wide = VideoFrame.from_ndarray(coarse, "rgb24").reformat(
        WIDTH + 512, HEIGHT + 288, "rgb24", interpolation="BICUBIC"
    )
    texture = np.clip(wide.to_ndarray() + rng.normal(0, 6, (HEIGHT + 288, WIDTH + 512, 1)), 0, 255).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "20", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for k in range(CLIP_S * FPS):
            x, y = 2 * k % 512, int(144 + 140 * np.sin(k / 40 + seed))
            part = np.ascontiguousarray(texture[y : y + HEIGHT, x : x + WIDTH])
            container.mux(stream.encode(VideoFrame.from_ndarray(part, "rgb24")))
        container.mux(stream.encode(None))


def write_song(path: Path, seconds: int, seed: int = 5) -> None:
    """A composed song as MP3 or WAV, another one for each seed."""
    samples = np.ascontiguousarray(synthesize(make_recipe("house", seconds * 1000, seed)).T)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mp3" if path.suffix == ".mp3" else "pcm_s16le", rate=RATE, layout="stereo")
        frame = AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate = RATE
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
