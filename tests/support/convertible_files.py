"""Small files of every type in `convertible_files.toml`, with a click and a flash at known times."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 44100
CLICKS_S = (0.0, 1.0, 2.5)
_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SOUNDS, FILMS, PICTURES = _TABLES["sounds"], _TABLES["films"], _TABLES["pictures"]


def clicking(rate: int = RATE, length_s: float = 3.0) -> np.ndarray:
    samples = np.zeros(int(length_s * rate), np.float32)
    for time_s in CLICKS_S:
        samples[int(time_s * rate) : int(time_s * rate) + 40] = 0.8
    return samples


def write_sound(path: Path, ending: str, samples=None, *, tags=()) -> None:
    form = SOUNDS[ending]
    rate = form.get("rate", RATE)
    with av.open(str(path), "w", format=form.get("container")) as out:
        out.metadata.update(dict(tags))
        stream = sound_stream(out, form["codec"], rate, form.get("bit_rate"))
        if "format" in form:
            stream.codec_context.format = form["format"]
        out.mux(sound_packets(stream, clicking(rate) if samples is None else samples, rate))


def write_film(path: Path, ending: str, *, fps=Fraction(30), frames=60, size=(160, 96), sound=True, late_s=0.0, **more):
    """A film whose picture turns white in the middle, with a click at that moment; its top left corner is red."""
    form = FILMS[ending]
    packets = []
    middle = frames // 2
    with av.open(str(path), "w", format=form.get("container"), options=more.get("options", {})) as out:
        out.metadata.update({"title": "Sea side"})
        stream = out.add_stream(form["codec"], rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = more.get("pix_fmt", "yuv420p")
        stream.codec_context.sample_aspect_ratio = more.get("pixel", Fraction(1))
        if "turn" in more:
            stream.set_display_rotation(more["turn"])
        audio = sound_stream(out, form["sound"], 48000, 128000) if sound else None
        for index in range(frames):
            picture = np.full((size[1], size[0], 3), 30 if index < middle else 220, np.uint8)
            picture[:24, :24] = (255, 0, 0)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, 1 / fps
            packets += stream.encode(frame)
        packets += stream.encode(None)
        if audio:
            samples = np.zeros(int(frames / fps * 48000), np.float32)
            click = int(middle / fps * 48000)
            samples[click : click + 40] = 0.8
            packets += sound_packets(audio, samples, 48000, int(late_s * 48000))
        for packet in sorted(packets, key=lambda p: (p.pts if p.dts is None else p.dts) * p.time_base):
            out.mux(packet)


def sound_stream(out, codec, rate, bit_rate):
    layout = "stereo" if codec in {"vorbis", "wmav2"} else "mono"
    stream = out.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
    if bit_rate:
        stream.bit_rate = bit_rate
    return stream


def sound_packets(stream, samples, rate, first=0):
    packets = []
    for start in range(first, len(samples), 4096):
        block = np.ascontiguousarray(samples[None, start : start + 4096])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        packets += stream.encode(frame)
    return packets + stream.encode(None)
