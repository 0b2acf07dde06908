"""Songs with cover art."""

from __future__ import annotations

import io

import numpy as np
from media_files import clicks, write_sound
from PIL import Image

SUNSET = ((20, 10, 60), (220, 60, 120), (255, 190, 90))


def gradient(*stops, size=120):
    way = np.linspace(0, len(stops) - 1, size)
    rows = np.stack([np.interp(way, range(len(stops)), [stop[part] for stop in stops]) for part in range(3)], axis=-1)
    return Image.fromarray(np.repeat(rows[:, None], size, axis=1).astype(np.uint8))


def encoded(picture, kind="PNG", **how):
    data = io.BytesIO()
    picture.save(data, kind, **how)
    return data.getvalue()


def song_with(path, art, mime="image/png"):
    """An MP3 with a front cover."""
    write_sound(path, clicks(120, 2, rate=44100)[0], codec="libmp3lame")
    put_cover(path, art, mime)
    return path


def put_cover(path, art, mime="image/jpeg"):
    """Put a front cover before an MP3, in an ID3v2.3 tag of its own (APIC, id3.org/id3v2.3.0 §4.15)."""
    body = b"\0" + mime.encode() + b"\0\x03\0" + art
    frame = b"APIC" + len(body).to_bytes(4, "big") + b"\0\0" + body
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\x03\0\0" + size + frame + path.read_bytes())
