"""Small moving pictures, made for a test: scenes with movement whose cuts are known."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

SIZE = (36, 64)


def texture(seed, size=(72, 128), light=(20, 220)):
    """A soft random picture, larger than what is shown of it; the mean is the same for all seeds."""
    rng = np.random.default_rng(seed)
    height, width = size
    y, x = np.mgrid[0:height, 0:width] / 12
    waves = rng.uniform(-1.2, 1.2, (10, 2))
    picture = sum(np.sin(a * x + b * y + phase) for (a, b), phase in zip(waves, rng.uniform(0, 6, 10), strict=True))
    picture = (picture - picture.mean()) / picture.std()
    low, high = light
    return np.clip((low + high) / 2 + picture * (high - low) / 5, 0, 255)


def shown(picture, frames, *, pan=0.3, shake=0.0, gain=1.0, seed=0):
    """A window that pans over a picture by `pan` pixels a frame and shakes, with some noise; shape (frames, 36, 64)."""
    rng = np.random.default_rng(seed)
    height, width = SIZE
    room_y, room_x = picture.shape[0] - height, picture.shape[1] - width
    gains = np.broadcast_to(gain, frames)
    out = np.empty((frames, height, width))
    for k in range(frames):
        x = abs((pan * k + room_x / 2 + shake * rng.standard_normal()) % (2 * room_x) - room_x)
        y = abs((pan * k / 3 + room_y / 2 + shake * rng.standard_normal()) % (2 * room_y) - room_y)
        part = picture[int(y) : int(y) + height, int(x) : int(x) + width]
        out[k] = part * gains[k] + rng.normal(0, 1.5, (height, width))
    return out


def joined(*parts):
    """The parts one after the other as luma in limited range, and the indices of the first frame of each but one."""
    frames = np.concatenate(parts)
    return np.clip(16 + frames * 219 / 255, 16, 235).astype(np.uint8), np.cumsum([len(part) for part in parts])[:-1]


def write_clip(path: Path, luma, *, fps=30, size=(320, 180), codec="libx264", **options):
    """Pictures of luma as a grey video."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for picture in luma:
            planes = np.full((picture.shape[0] * 3 // 2, picture.shape[1]), 128, np.uint8)
            planes[: picture.shape[0]] = picture
            frame = av.VideoFrame.from_ndarray(planes, "yuv420p").reformat(*size)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
