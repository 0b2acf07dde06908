"""Fragmented films made up byte by byte, by ISO/IEC 14496-12: two tracks, and pieces of one second."""

from __future__ import annotations

import struct

SCALE = 15360
SAMPLE = 512  # 30 pictures a second


def box(kind: str, *content: bytes) -> bytes:
    """A box."""
    inner = b"".join(content)
    return struct.pack(">I4s", 8 + len(inner), kind.encode("ascii")) + inner


def film(pieces: int = 3, *, width: int = 96, height: int = 54, tail: bytes = b"") -> bytes:
    """A film of so many seconds; `tail` comes after it."""
    return head(width, height) + b"".join(piece(number) for number in range(pieces)) + tail


def head(width: int = 96, height: int = 54) -> bytes:
    """What initialises a player."""
    avc = bytes(78) + box("avcC", bytes((1, 0x64, 0, 0x1E, 0xFF)))
    config = b"\x05\x02\x11\x90"
    decoder = b"\x04" + bytes((13 + len(config),)) + b"\x40" + bytes(12) + config
    esds = bytes(4) + b"\x03" + bytes((3 + len(decoder),)) + bytes(3) + decoder
    pictures = _trak(1, SCALE, box("avc1", avc), width, height)
    sound = _trak(2, 48_000, box("mp4a", bytes(28), box("esds", esds)), 0, 0)
    trex = (
        box("trex", struct.pack(">IIIIII", 0, track, 1, sample, 0, 0)) for track, sample in ((1, SAMPLE), (2, 1024))
    )
    moov = box("moov", box("mvhd", bytes(100)), pictures, sound, box("mvex", *trex))
    return box("ftyp", b"isom", bytes(4)) + moov


def piece(number: int, seconds: int = 1) -> bytes:
    """The piece that begins at so many seconds."""
    size = struct.pack(">I", 10)
    run = struct.pack(">II", 0x200, 30 * seconds) + size * (30 * seconds)
    pictures = _traf(1, 0x38, struct.pack(">III", SAMPLE, 0, 0), number * SCALE, run)
    lengths = struct.pack(">II", 0x101, 2) + bytes(4) + struct.pack(">II", 1024, 1024)
    sound = _traf(2, 0x20000, b"", number * 48_000, lengths)
    return box("moof", box("mfhd", bytes(8)), sound, pictures) + box("mdat", bytes(320))


def _trak(number: int, scale: int, entry: bytes, width: int, height: int) -> bytes:
    tkhd = box("tkhd", struct.pack(">IIII", 0, 0, 0, number), bytes(60), struct.pack(">II", width << 16, height << 16))
    mdhd = box("mdhd", struct.pack(">IIIII", 0, 0, 0, scale, 0), bytes(4))
    stsd = box("stsd", struct.pack(">II", 0, 1), entry)
    return box("trak", tkhd, box("mdia", mdhd, box("minf", box("stbl", stsd))))


def _traf(number: int, flags: int, defaults: bytes, start: int, run: bytes) -> bytes:
    tfhd = box("tfhd", struct.pack(">II", flags, number), defaults)
    return box("traf", tfhd, box("tfdt", struct.pack(">IQ", 1 << 24, start)), box("trun", run))
