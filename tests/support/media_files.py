"""Small media, made for a test: pictures that move, drums of a known tempo."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 22050


def write_video(path: Path, *, frames=30, fps=30, codec="libx264", container=None, sound_s=0.0, tags=(), **options):
    with av.open(str(path), "w", format=container, options=options) as out:
        out.metadata.update(dict(tags))
        stream = out.add_stream(codec, rate=fps)
        stream.width, stream.height = 160, 96
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        audio = out.add_stream("aac", rate=48000, layout="mono") if sound_s else None
        for index in range(frames):
            picture = np.full((96, 160, 3), 40 + index % 100, np.uint8)
            picture[:, index % 140 : index % 140 + 20] = (255, 0, 0)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode())
        if audio:
            _encode(out, audio, np.zeros(int(sound_s * 48000), np.float32), 48000)


def write_sound(path: Path, samples, rate=44100, *, codec, container=None, tags=()):
    with av.open(str(path), "w", format=container) as out:
        out.metadata.update(dict(tags))
        _encode(out, out.add_stream(codec, rate=rate, layout="mono"), samples, rate)


def _encode(out, stream, samples, rate):
    resampler = av.AudioResampler(format=stream.codec_context.format.name, layout="mono", rate=rate)
    for first in range(0, len(samples), 4096):
        block = np.ascontiguousarray(samples[None, first : first + 4096], np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
        for part in resampler.resample(frame):
            out.mux(stream.encode(part))
    for part in resampler.resample(None):
        out.mux(stream.encode(part))
    out.mux(stream.encode())


def clicks(bpm, length_s, start_s=0.0, rate=RATE):
    """Bursts of noise on the beat, and their times."""
    times = np.arange(start_s, length_s - 0.05, 60 / bpm)
    t = np.arange(int(0.04 * rate)) / rate
    burst = np.random.default_rng(0).standard_normal(len(t)) * np.exp(-t * 120)
    return _placed([(time, burst, 0.5) for time in times], length_s, rate), times


def drums(bpm, length_s, start_s=0.0, rate=RATE, off_beat_hat=0.5):
    """Kick and snare in turn, hats on eighths, and the times of the beats."""
    t = np.arange(int(0.2 * rate)) / rate
    noise = np.random.default_rng(1).standard_normal(len(t) + 1)
    kick = np.sin(2 * np.pi * np.cumsum(48 + 110 * np.exp(-t * 38)) / rate) * np.exp(-t * 14)
    snare, hat = noise[1:] * np.exp(-t * 25) * 0.5, np.diff(noise) * np.exp(-t * 80) * 0.2
    times = np.arange(start_s, length_s - 0.05, 60 / bpm)
    hits = []
    for number, time in enumerate(times):
        hits += [(time, kick if number % 2 == 0 else snare, 0.8), (time, hat, 0.8)]
        hits.append((time + 30 / bpm, hat, off_beat_hat))
    return _placed(hits, length_s, rate), times


def _placed(hits, length_s, rate):
    sound = np.zeros(int(length_s * rate) + rate, np.float32)
    for time, shape, gain in hits:
        first = round(time * rate)
        sound[first : first + len(shape)] += (gain * shape).astype(np.float32)
    return sound[: int(length_s * rate)]
