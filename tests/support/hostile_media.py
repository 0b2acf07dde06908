"""Files that are made to harm whoever opens them: by what they name, by what they claim, and by being broken."""

from __future__ import annotations

import ctypes
import os
import random
import struct
import sys
import tomllib
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from engine_server import stub_serving
from media_files import write_sound, write_video
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CLAIMS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["claims"]
_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}
_OPENED, _READ = 0x20, 0x01  # IN_OPEN and IN_ACCESS of inotify(7)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file: what it is called where it is uploaded, and what it holds."""

    name: str
    data: bytes


# What it could reach


@contextmanager
def trap() -> Iterator[tuple[str, list[str]]]:
    """An HTTP server on loopback; gives its address, and the list of what it was asked for."""
    asked: list[str] = []

    async def refuse(request: Request) -> Response:
        asked.append(request.url.path)
        return Response(status_code=404)

    with stub_serving(Starlette(routes=[Route("/{path:path}", refuse)])) as url:
        yield url, asked


@contextmanager
def watched(path: Path) -> Iterator[Callable[[], int]]:
    """Counts how often a file was opened or read since the last count; only Linux tells, elsewhere it is 0."""
    if not sys.platform.startswith("linux"):
        yield lambda: 0
        return
    libc = ctypes.CDLL(None)
    handle = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(handle, os.fsencode(path), _OPENED | _READ)

    def count() -> int:
        try:
            return len(os.read(handle, 65536)) // 16
        except BlockingIOError:
            return 0

    try:
        yield count
    finally:
        os.close(handle)


# The corpus


def naming(secret: Path, trap_url: str) -> list[Hostile]:
    """Files whose content or name leads to another file or to the network."""
    found = []
    for target in (str(secret), f"file://{secret}", f"{trap_url}/a.mp4"):
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n"
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><image href="{target}"/></svg>'
        manifest = (
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
            'mediaPresentationDuration="PT5S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" '
            f'bandwidth="1"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>'
        )
        subtitles = f"[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: {target}\n"
        texts = (playlist, f"ffconcat version 1.0\nfile '{target}'\n", svg, manifest, subtitles)
        names = ("list.m3u8", "list.mp4", "drawing.png", "manifest.mp4", "words.mkv")
        found += [Hostile(name, text.encode()) for name, text in zip(names, texts, strict=True)]
    picture = _png(16, 16)
    for name in (
        "%03d.png",
        f"concat:{secret}|{secret}.mp4",
        f"subfile,,start,0,end,0,,:{secret}",
        f"{trap_url}/x.png",
        f"file:{secret}",
        "../../../engine.sqlite",
        "..\\..\\engine.sqlite",
        "-i.png",
        "pipe:0",
        "a" * 5000 + ".png",
        "CON.png",
        "\u202egnp.exe",
    ):
        found.append(Hostile(name, picture))
    return found


def claiming(folder: Path, secret: Path, trap_url: str) -> list[Hostile]:
    """Files that claim to be larger or longer than they are, or to have parts elsewhere."""
    write_video(folder / "base.mov", frames=20)
    write_video(folder / "live.mkv", frames=20, container="matroska", live="1")
    write_sound(folder / "base.mp3", np.sin(np.arange(22050) / 9).astype(np.float32), codec="libmp3lame")
    mov, mkv, mp3 = ((folder / name).read_bytes() for name in ("base.mov", "live.mkv", "base.mp3"))
    found = [Hostile("nothing.mp4", b"")]
    for target in (str(secret), trap_url):
        reference = struct.pack(">I4sI", 12 + len(target) + 1, b"url ", 0) + target.encode() + b"\0"
        found.append(Hostile("elsewhere.mov", _with_box(mov, b"dref", struct.pack(">II", 0, 1) + reference)))
        alias = struct.pack(">I4sI", 12 + 150, b"alis", 0) + target.encode()[:150].ljust(150, b"\0")
        found.append(Hostile("alias.mov", _with_box(mov, b"dref", struct.pack(">II", 0, 1) + alias)))
        linked = _ebml(0x1549A966, _ebml(0x3E83BB, target.encode()) + _ebml(0x3C83AB, target.encode()))
        kept = _ebml(0x466E, target.encode()) + _ebml(0x4660, b"image/svg+xml") + _ebml(0x465C, b"<svg/>" * 99)
        found.append(Hostile("linked.mkv", mkv + linked + _ebml(0x1941A469, _ebml(0x61A7, kept))))
    for number, size in enumerate((0, 0x7FFFFFFF, 0xFFFFFFFF)):
        for rate, channels in ((44100, 2), (0xFFFFFFFF, 2), (1, 1), (44100, 65535), (0, 0)):
            found.append(Hostile(f"claims{number}.wav", _wav(size, rate, channels)))
    found.append(Hostile("claims.wav", _rf64(1 << 60)))
    found.append(Hostile("claims.mp4", _aiff(0x7FFFFFFF)))
    found += [Hostile("claims.mp4", data) for data in _claiming_boxes(mov)]
    found.append(Hostile("cover.mp3", _id3(_png(20000, 20000), None) + mp3))
    found.append(Hostile("cover.mp3", _id3(b"x" * 3_000_000, None) + mp3))
    found.append(Hostile("cover.mp3", _id3(b"short", 0x0FFFFFFF) + mp3))
    return [*found, *_bombs()]


def broken(folder: Path, count: int = 200) -> list[Hostile]:
    """Good files that were cut off, and such with bytes that were changed; the same at each call."""
    write_video(folder / "a.mp4", frames=20, sound_s=0.5, movflags="faststart")
    write_video(folder / "a.webm", frames=12, codec="libvpx")
    write_video(folder / "a.gif", frames=6, fps=10, codec="gif")
    write_video(folder / "a.avi", frames=12, codec="mpeg4")
    sound = np.sin(np.arange(22050) / 9).astype(np.float32)
    write_sound(folder / "a.mp3", sound, codec="libmp3lame")
    write_sound(folder / "a.m4a", sound, codec="aac", container="mp4")
    write_sound(folder / "a.wav", sound, codec="pcm_s16le")
    for name in ("a.jpg", "a.png", "a.webp"):
        Image.effect_noise((90, 60), 80).save(folder / name)
    names = sorted(path.name for path in folder.glob("a.*"))
    whole = {name: (folder / name).read_bytes() for name in names}
    mp4 = whole["a.mp4"]
    found = [Hostile("cut.mp4", mp4[: len(mp4) * part // 21]) for part in range(1, 21)]
    chance = random.Random(7)
    for number in range(count):
        name = names[number % len(names)]
        data = bytearray(whole[name])
        early = chance.random() < 0.7  # what is at the front is read by more code
        for _ in range(chance.choice((1, 3, 12, 40))):
            data[chance.randrange(min(len(data), 1500) if early else len(data))] = chance.randrange(256)
        found.append(Hostile(f"flipped{name[1:]}", bytes(data)))
    return found


def jpeg_of(scans: int) -> bytes:
    """A small progressive JPEG whose last scan is there again and again."""
    jpeg = BytesIO()
    Image.effect_noise((64, 64), 80).save(jpeg, "JPEG", progressive=True)
    data = jpeg.getvalue()
    last, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    return data[:last] + data[last:end] * (scans - data.count(b"\xff\xda") + 1) + data[end:]


def gif_of(frames: int, side: int = 4) -> bytes:
    """A GIF of many small frames of one colour, at 50 a second."""
    size = struct.pack("<HH", side, side)
    frame = b"\x21\xf9\x04\0\x02\0\0\0" + b"\x2c\0\0\0\0" + size + b"\0" + b"\x02\x03\x84\x6f\x05\0"
    return b"GIF89a" + size + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + frame * frames + b"\x3b"


def _bombs() -> list[Hostile]:
    """Small files of giant pictures."""
    jpeg = BytesIO()
    Image.new("L", (64, 64)).save(jpeg, "JPEG")
    grown = bytearray(jpeg.getvalue())
    at = grown.index(b"\xff\xc0") + 5
    grown[at : at + 4] = struct.pack(">HH", 65500, 65500)
    gif = BytesIO()
    Image.new("P", (64, 64)).save(gif, "GIF")
    screen = bytearray(gif.getvalue())
    screen[6:10] = struct.pack("<HH", 65535, 65535)
    frame = bytearray(screen)
    at = frame.index(b",", 13)
    frame[at + 5 : at + 9] = struct.pack("<HH", 65535, 65535)
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + b"\xff\x3f\x00\xff\x3f\x00"
    webp = b"RIFF" + struct.pack("<I", 4 + len(canvas)) + b"WEBP" + canvas
    return [
        Hostile("bomb.png", _png(15000, 15000)),
        Hostile("bomb.mp4", _png(60000, 60000, rows=10)),
        Hostile("bomb.jpg", bytes(grown)),
        Hostile("bomb.gif", bytes(screen)),
        Hostile("bomb.gif", bytes(frame)),
        Hostile("bomb.webp", webp),
    ]


def _png(width: int, height: int, rows: int | None = None) -> bytes:
    packer = zlib.compressobj(9)
    line = b"\0" * (1 + (width + 7) // 8)
    pixels = b"".join(packer.compress(line) for _ in range(height if rows is None else rows)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _wav(size: int, rate: int, channels: int) -> bytes:
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2 & 0xFFFFFFFF, channels * 2 & 0xFFFF, 16)
    head = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + head + b"\1\2" * 4000


def _rf64(size: int) -> bytes:
    sizes = b"ds64" + struct.pack("<IQQQI", 28, size, size, size, 0)
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 2, 48000, 192000, 4, 16)
    return b"RF64\xff\xff\xff\xffWAVE" + sizes + form + b"data\xff\xff\xff\xff" + b"\1\2" * 4000


def _aiff(size: int) -> bytes:
    common = b"COMM" + struct.pack(">IhIh", 18, 2, size, 16) + b"\x40\x0e\xac\x44" + bytes(6)
    return b"FORM" + struct.pack(">I", size) + b"AIFF" + common + b"SSND" + struct.pack(">III", size, 0, 0) + bytes(999)


def _id3(picture: bytes, claimed: int | None) -> bytes:
    body = b"\x00image/png\x00\x03\x00" + picture
    frame = b"APIC" + struct.pack(">IH", len(body), 0) + body
    size = len(frame) if claimed is None else claimed
    return b"ID3\x03\x00\x00" + bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0)) + frame


def _ebml(name: int, data: bytes) -> bytes:
    """An element of Matroska, with a length of eight bytes (RFC 8794)."""
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + (len(data) | 1 << 56).to_bytes(8, "big") + data


def _with_box(data: bytes, kind: bytes, content: bytes) -> bytes:
    """An MP4 with the content of each box of a kind replaced; its samples lie before them and stay where they are."""
    out, at = b"", 0
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        if size < 8:
            return out + data[at:]
        inner = data[at + 8 : at + size]
        if name in _BOXES:
            inner = _with_box(inner, kind, content)
        elif name == kind:
            inner = content
        out += struct.pack(">I4s", 8 + len(inner), name) + inner
        at += size
    return out


def _claiming_boxes(mov: bytes) -> Iterator[bytes]:
    """An MP4 with absurd numbers: lengths, scales, sizes, counts."""
    for kind, offset, digits in CLAIMS:
        value = bytes.fromhex(digits)
        at = mov.find(kind.encode())
        if at >= 0:
            data = bytearray(mov)
            data[at + 4 + offset : at + 4 + offset + len(value)] = value
            yield bytes(data)
