"""Small files of every type that can be converted, with a click and a flash at known times."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 44100
CLICKS_S = (0.0, 1.0, 2.5)
SOUNDS = {
    "flac": ("flac", None, "s16"),
    "aiff": ("pcm_s16be", "aiff", None),
    "aif": ("pcm_s24be", "aiff", None),
    "aifc": ("pcm_f32be", "aiff", None),
    "wv": ("wavpack", None, "s16p"),
    "caf": ("alac", None, "s16p"),
    "au": ("pcm_s16be", None, None),
    "w64": ("pcm_s24le", None, None),
    "tta": ("tta", None, "s16"),
    "ogg": ("vorbis", "ogg", None),
    "oga": ("flac", "ogg", None),
    "opus": ("libopus", "ogg", None),
    "wma": ("wmav2", "asf", None),
    "amr": ("libopencore_amrnb", "amr", None),
    "ac3": ("ac3", None, None),
    "mp2": ("mp2", None, None),
    "mka": ("libopus", "matroska", None),
}
TWENTY_FOUR_BITS = {"aif", "aifc", "w64"}
RATES = {"opus": 48000, "mka": 48000, "amr": 8000}
BIT_RATES = {"amr": 12200, "wma": 128000}

FILMS = {
    "m4v": ("libx264", "aac", "mp4"),
    "mpg": ("mpeg2video", "mp2", None),
    "mpeg": ("mpeg1video", "mp2", "mpeg"),
    "mpe": ("mpeg1video", "mp2", "mpeg"),
    "ts": ("libx264", "aac", "mpegts"),
    "m2ts": ("libx264", "ac3", "mpegts"),
    "mts": ("mpeg2video", "ac3", "mpegts"),
    "wmv": ("wmv2", "wmav2", "asf"),
    "flv": ("flv", "libmp3lame", None),
    "3gp": ("mpeg4", "aac", "3gp"),
    "3g2": ("libx264", "aac", "3g2"),
    "ogv": ("libvpx", "vorbis", "ogg"),
    "vob": ("mpeg2video", "ac3", "vob"),
    "f4v": ("libx264", "aac", "f4v"),
    "asf": ("msmpeg4v3", "mp2", "asf"),
}
COPIED = {"m4v", "ts", "3g2", "f4v"}

PICTURES = {
    "heic": "HEIF",
    "heif": "HEIF",
    "hif": "HEIF",
    "tif": "TIFF",
    "tiff": "TIFF",
    "bmp": "BMP",
    "avif": "AVIF",
    "jp2": "JPEG2000",
    "ico": "ICO",
    "tga": "TGA",
    "ppm": "PPM",
}


def clicking(rate: int = RATE, length_s: float = 3.0) -> np.ndarray:
    samples = np.zeros(int(length_s * rate), np.float32)
    for time_s in CLICKS_S:
        samples[int(time_s * rate) : int(time_s * rate) + 40] = 0.8
    return samples


def write_sound(path: Path, ending: str, samples=None, *, tags=()) -> None:
    codec, container, sample_format = SOUNDS[ending]
    rate = RATES.get(ending, RATE)
    layout = "stereo" if codec in {"vorbis", "wmav2"} else "mono"
    with av.open(str(path), "w", format=container) as out:
        out.metadata.update(dict(tags))
        stream = out.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
        if ending in BIT_RATES:
            stream.bit_rate = BIT_RATES[ending]
        if sample_format:
            stream.codec_context.format = sample_format
        out.mux(sound_packets(stream, clicking(rate) if samples is None else samples, rate))


def write_film(path: Path, ending: str, *, fps=Fraction(30), frames=60, size=(160, 96), sound=True, late_s=0.0, **more):
    """A film whose picture turns white in the middle, with a click at that moment; its top left corner is red."""
    codec, sound_codec, container = FILMS[ending]
    packets = []
    middle = frames // 2
    with av.open(str(path), "w", format=container, options=more.get("options", {})) as out:
        out.metadata.update({"title": "Sea side"})
        stream = out.add_stream(codec, rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = more.get("pix_fmt", "yuv420p")
        stream.codec_context.sample_aspect_ratio = more.get("pixel", Fraction(1))
        if "turn" in more:
            stream.set_display_rotation(more["turn"])
        audio = sound_stream(out, sound_codec) if sound else None
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


def sound_stream(out, codec):
    layout = "stereo" if codec in {"vorbis", "wmav2"} else "mono"
    stream = out.add_stream(codec, rate=48000, layout=layout, options={"strict": "experimental"})
    stream.bit_rate = 128000
    return stream


def sound_packets(stream, samples, rate, first=0):
    packets = []
    for start in range(first, len(samples), 4096):
        block = np.ascontiguousarray(samples[None, start : start + 4096])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        packets += stream.encode(frame)
    return packets + stream.encode(None)
