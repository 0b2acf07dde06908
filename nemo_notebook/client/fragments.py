"""Where a fragmented MP4 can be cut: what a player has to read first, and the pieces that it can begin with.

The boxes are those of ISO/IEC 14496-12 (file format), 14496-15 (`avcC`) and 14496-1 and -3 (`esds`); how codecs are
named is in RFC 6381. The bytes come from outside: whatever is not as it should be is a `ProtocolError`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from nemo_notebook.errors import ProtocolError

_MOST_PIECES: Final = 100_000
_MOST_INDEX_BYTES: Final = 4 << 20  # of the boxes that are read; those with pictures and sound are only passed
_LONGEST_S: Final = 86_400.0
_PASSED: Final = frozenset({b"free", b"skip", b"styp", b"sidx", b"prft", b"emsg", b"mfra"})
_PICTURES: Final = frozenset({b"avc1", b"avc3"})
_PICTURE_ENTRY_BYTES: Final = 78  # of a sample entry, before the boxes in it
_SOUND_ENTRY_BYTES: Final = 28
_AAC: Final = 0x40  # MPEG-4 audio, by the registration authority's table of object types

# Flags of `tfhd` and `trun`, each with the bytes that it adds.
_TFHD_BEFORE_DURATION: Final = ((0x1, 8), (0x2, 4))
_TFHD_DURATION: Final = 0x8
_TRUN_BEFORE_SAMPLES: Final = ((0x1, 4), (0x4, 4))
_TRUN_DURATION: Final = 0x100
_TRUN_OF_A_SAMPLE: Final = (0x100, 0x200, 0x400, 0x800)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a film that can be played without those before it.

    Attributes:
        start_s: When its first picture is shown, in seconds.
        offset: Where it begins in the file, in bytes.
        size: Its bytes.
    """

    start_s: float
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Fragments:
    """What a player has to know of a fragmented MP4.

    Attributes:
        head_bytes: So many bytes at the beginning initialise a player.
        pieces: In time order; they follow one another without a gap in time.
        codecs: Such as `avc1.64001E, mp4a.40.2`.
        width: Pixels across.
        height: Pixels down.
        fps: Pictures a second.
        duration_s: Length in seconds.
    """

    head_bytes: int
    pieces: tuple[Piece, ...]
    codecs: str
    width: int
    height: int
    fps: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class _Track:
    """The pictures, as `moov` describes them; `sample` is the length of a picture where a fragment says nothing."""

    id: int
    timescale: int
    width: int
    height: int
    sample: int


def read_fragments(path: Path) -> Fragments:
    """Read where a fragmented MP4 can be cut.

    Raises:
        ProtocolError: It is none, or it is damaged or cut short.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        try:
            return _read(file, path.stat().st_size)
        except (struct.error, IndexError, OverflowError) as error:
            raise _unreadable("a box is too short") from error


def _read(file: BinaryIO, size: int) -> Fragments:
    track, codecs, head_bytes = None, "", 0
    pieces: list[Piece] = []
    open_at, start, end, sample = -1, 0, 0, 0
    for kind, offset, length in _outer(file, size):
        if kind == b"moov" and track is None:
            track, codecs = _film(_content(file, length))
        elif kind == b"moof" and track is not None and open_at < 0:
            fragment = _content(file, length)
            start, lasts, sample_now = _span(fragment, track)
            if start != end:
                raise _unreadable("its pieces do not follow one another")
            head_bytes, sample = head_bytes or offset, sample or sample_now
            open_at, end = offset, start + lasts
        elif kind == b"mdat" and track is not None and open_at >= 0:
            pieces.append(Piece(start / track.timescale, open_at, offset + length - open_at))
            open_at = -1
        elif (kind != b"ftyp" or offset) and kind not in _PASSED:
            raise _unreadable("it is not made of pieces")
        if len(pieces) > _MOST_PIECES:
            raise _unreadable("it has too many pieces")
    if track is None or not pieces or open_at >= 0 or not sample:
        raise _unreadable("it is not whole")
    duration_s = end / track.timescale
    if not 0 < duration_s <= _LONGEST_S:
        raise _unreadable("its length cannot be meant")
    return Fragments(head_bytes, tuple(pieces), codecs, track.width, track.height, track.timescale / sample, duration_s)


def _outer(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """The outermost boxes: kind, offset and length; the file stands behind the box's header."""
    offset = 0
    while offset < size:
        file.seek(offset)
        length, kind = struct.unpack(">I4s", file.read(8))
        least = 8
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
            least = 16
        if not least <= length <= size - offset:
            raise _unreadable("a box is not whole")
        yield kind, offset, length
        offset += length


def _content(file: BinaryIO, length: int) -> bytes:
    """What is in the box whose header was just read; one that is read whole has a short header."""
    if length > _MOST_INDEX_BYTES:
        raise _unreadable("its index is too large")
    content = file.read(length - 8)
    if len(content) != length - 8:
        raise _unreadable("it was cut short")
    return content


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes within a box: kind and content."""
    at = 0
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if not 8 <= length <= len(content) - at:
            raise _unreadable("a box is not whole")
        yield kind, content[at + 8 : at + length]
        at += length


def _box(content: bytes, *path: bytes) -> bytes:
    """The content of the first box on a path of kinds."""
    for wanted in path:
        found = next((inner for kind, inner in _boxes(content) if kind == wanted), None)
        if found is None:
            raise _unreadable(f"it has no {wanted.decode('ascii')}")
        content = found
    return content


def _film(moov: bytes) -> tuple[_Track, str]:
    """The pictures' track, and the codecs of all tracks."""
    tracks: list[_Track] = []
    codecs: list[str] = []
    samples = {
        track: sample
        for kind, trex in _boxes(_box(moov, b"mvex"))
        if kind == b"trex"
        for track, _, sample in [struct.unpack_from(">III", trex, 4)]
    }
    for kind, trak in _boxes(moov):
        if kind != b"trak":
            continue
        entry_kind, entry = next(_boxes(_box(trak, b"mdia", b"minf", b"stbl", b"stsd")[8:]), (b"", b""))
        if entry_kind in _PICTURES:
            tracks.append(_track(trak, samples))
            profile = _box(entry[_PICTURE_ENTRY_BYTES:], b"avcC")[1:4]
            if len(profile) < 3:
                raise _unreadable("a box is too short")
            codecs.insert(0, f"{entry_kind.decode('ascii')}.{profile.hex().upper()}")
        elif entry_kind == b"mp4a":
            codecs.append(f"mp4a.40.{_audio_type(_box(entry[_SOUND_ENTRY_BYTES:], b'esds')[4:])}")
        else:
            raise _unreadable("it has a codec that is not expected")
    if len(tracks) != 1 or len(codecs) > 2:
        raise _unreadable("it has other tracks than expected")
    return tracks[0], ", ".join(codecs)


def _track(trak: bytes, samples: dict[int, int]) -> _Track:
    tkhd, mdhd = _box(trak, b"tkhd"), _box(trak, b"mdia", b"mdhd")
    (track,) = struct.unpack_from(">I", tkhd, 20 if tkhd[0] == 1 else 12)
    (timescale,) = struct.unpack_from(">I", mdhd, 20 if mdhd[0] == 1 else 12)
    width, height = (side >> 16 for side in struct.unpack(">II", tkhd[-8:]))
    if not (timescale and width and height):
        raise _unreadable("it has no size")
    return _Track(track, timescale, width, height, samples.get(track, 0))


def _audio_type(descriptors: bytes) -> int:
    """The audio object type within an elementary stream's descriptors: 2 is AAC-LC."""
    body = _descriptor(descriptors, 3)
    flags = body[2]
    skipped = 3 + (2 if flags & 0x80 else 0) + (1 + body[3] if flags & 0x40 else 0) + (2 if flags & 0x20 else 0)
    config = _descriptor(body[skipped:], 4)
    if config[0] != _AAC:
        raise _unreadable("it has a codec that is not expected")
    return _descriptor(config[13:], 5)[0] >> 3


def _descriptor(content: bytes, tag: int) -> bytes:
    """The body of the descriptor that begins here; its length is written in steps of seven bits."""
    if content[0] != tag:
        raise _unreadable("it has no description of its sound")
    length, at = 0, 1
    while True:
        length, more = length << 7 | content[at] & 0x7F, content[at] & 0x80
        at += 1
        if not more or at > 4:
            break
    if more or length > len(content) - at:
        raise _unreadable("a box is not whole")
    return content[at : at + length]


def _span(moof: bytes, track: _Track) -> tuple[int, int, int]:
    """When the pictures of a fragment begin, how long they last, and how long its first one does, in track time."""
    for kind, traf in _boxes(moof):
        if kind != b"traf":
            continue
        tfhd = _box(traf, b"tfhd")
        flags, number = struct.unpack_from(">II", tfhd)
        if number != track.id:
            continue
        tfdt = _box(traf, b"tfdt")
        (start,) = struct.unpack_from(">Q" if tfdt[0] == 1 else ">I", tfdt, 4)
        sample = track.sample
        if flags & _TFHD_DURATION:
            (sample,) = struct.unpack_from(">I", tfhd, 8 + _added(flags, _TFHD_BEFORE_DURATION))
        lengths = [_lengths(trun, sample) for inner, trun in _boxes(traf) if inner == b"trun"]
        lasts, first = sum(total for total, _ in lengths), lengths[0][1]
        if not (lasts and first):
            raise _unreadable("a piece has no length")
        return start, lasts, first
    raise _unreadable("a piece has no pictures")


def _lengths(trun: bytes, sample: int) -> tuple[int, int]:
    """How long all samples of a run last, and the first."""
    flags, count = struct.unpack_from(">II", trun)
    if not flags & _TRUN_DURATION:
        return (count * sample, sample) if count else (0, 0)
    step = 4 * sum(bool(flags & each) for each in _TRUN_OF_A_SAMPLE)
    at = 8 + _added(flags, _TRUN_BEFORE_SAMPLES)
    if len(trun) - at < count * step:
        raise _unreadable("a box is too short")
    lengths = [struct.unpack_from(">I", trun, at + step * index)[0] for index in range(count)]
    return sum(lengths), lengths[0]


def _added(flags: int, fields: tuple[tuple[int, int], ...]) -> int:
    return sum(size for flag, size in fields if flags & flag)


def _unreadable(why: str) -> ProtocolError:
    return ProtocolError(f"The preview cannot be read in pieces: {why}.", hint="Ask for it again.")
