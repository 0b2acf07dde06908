"""The index of a fragmented MP4: what initialises a player, and the pieces that it can begin with.

The boxes are those of ISO/IEC 14496-12 (file format) and 14496-15 (`avcC`); how codecs are named is in RFC 6381. Films
hold H.264 and AAC-LC, as the local engine encodes them. The bytes are untrusted: whatever is not as it should be is a
`ProtocolError`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from nemo_notebook.errors import ProtocolError

_MOST_PIECES: Final = 100_000
_MOST_INDEX_BYTES: Final = 4 << 20  # of the boxes that are read; those with pictures and sound are skipped
_LONGEST_S: Final = 86_400.0
_VIDEO: Final = b"avc1"
_VIDEO_ENTRY_BYTES: Final = 78  # of a sample entry, before the boxes in it
_AAC_LC: Final = "mp4a.40.2"

# Fields of `tfhd` and `trun` that are there only with their flag: flag and size, in the order of the file.
_TFHD_BEFORE_DURATION: Final = ((0x1, 8), (0x2, 4))
_TFHD_DURATION: Final = 0x8
_TRUN_FIELDS: Final = ((0x1, 4), (0x4, 4))
_TRUN_DURATION: Final = 0x100
_TRUN_SAMPLE_FIELDS: Final = ((0x100, 4), (0x200, 4), (0x400, 4), (0x800, 4))


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
class _Film:
    """What `moov` says of a film: its codecs, and the track of its pictures."""

    codecs: str
    track: int
    timescale: int
    width: int
    height: int


def read_fragments(path: Path) -> Fragments:
    """Read the index of a fragmented MP4.

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
    film, head_bytes = None, 0
    pieces: list[Piece] = []
    open_at, start, end, picture = -1, 0, 0, 0
    for kind, offset, length in _file_boxes(file, size):
        if kind == b"moov" and film is None:
            film = _film(_content(file, length))
        elif kind == b"moof" and film is not None and open_at < 0:
            start, duration, first = _span(_content(file, length), film.track)
            if start != end:
                raise _unreadable("its pieces do not follow one another")
            head_bytes, picture = head_bytes or offset, picture or first
            open_at, end = offset, start + duration
        elif kind == b"mdat" and film is not None and open_at >= 0:
            pieces.append(Piece(start / film.timescale, open_at, offset + length - open_at))
            open_at = -1
        elif kind in (b"moof", b"mdat"):
            raise _unreadable("it is not made of pieces")
        if len(pieces) > _MOST_PIECES:
            raise _unreadable("it has too many pieces")
    if film is None or not pieces or open_at >= 0:
        raise _unreadable("it is not whole")
    duration_s = end / film.timescale
    if duration_s > _LONGEST_S:
        raise _unreadable("its length cannot be meant")
    fps = film.timescale / picture
    return Fragments(head_bytes, tuple(pieces), film.codecs, film.width, film.height, fps, duration_s)


def _file_boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, offset and length of the outermost boxes; the file is then at the content of the box."""
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
    """Read the content of a box whose header, of the short form, was just read."""
    if length > _MOST_INDEX_BYTES:
        raise _unreadable("its index is too large")
    return file.read(length - 8)


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of the boxes within a box."""
    at = 0
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if not 8 <= length <= len(content) - at:
            raise _unreadable("a box is not whole")
        yield kind, content[at + 8 : at + length]
        at += length


def _all(content: bytes, wanted: bytes) -> list[bytes]:
    """Return the contents of the boxes of a kind within a box."""
    return [inner for kind, inner in _boxes(content) if kind == wanted]


def _box(content: bytes, *path: bytes) -> bytes:
    """Return the content of the first box on a path of kinds."""
    for wanted in path:
        found = _all(content, wanted)
        if not found:
            raise _unreadable(f"it has no {wanted.decode('ascii')}")
        content = found[0]
    return content


def _film(moov: bytes) -> _Film:
    """Read the track of the pictures, and the codecs of all tracks."""
    films: list[_Film] = []
    entries: list[bytes] = []
    for trak in _all(moov, b"trak"):
        kind, entry = next(_boxes(_box(trak, b"mdia", b"minf", b"stbl", b"stsd")[8:]), (b"", b""))
        entries.append(kind)
        if kind == _VIDEO:
            profile = _box(entry[_VIDEO_ENTRY_BYTES:], b"avcC")[1:4]
            tkhd, mdhd = _box(trak, b"tkhd"), _box(trak, b"mdia", b"mdhd")
            (track,) = struct.unpack_from(">I", tkhd, 20 if tkhd[0] == 1 else 12)
            (timescale,) = struct.unpack_from(">I", mdhd, 20 if mdhd[0] == 1 else 12)
            width, height = (side >> 16 for side in struct.unpack(">II", tkhd[-8:]))
            if len(profile) < 3 or not (timescale and width and height):
                raise _unreadable("it has no size")
            films.append(_Film(f"avc1.{profile.hex().upper()}", track, timescale, width, height))
    if len(films) != 1 or sorted(entries) not in ([_VIDEO], [_VIDEO, b"mp4a"]):
        raise _unreadable("it has other tracks than expected")
    (film,) = films
    codecs = film.codecs if len(entries) == 1 else f"{film.codecs}, {_AAC_LC}"
    return _Film(codecs, film.track, film.timescale, film.width, film.height)


def _span(moof: bytes, track: int) -> tuple[int, int, int]:
    """Return when the pictures of a fragment begin, how long they last, and how long its first one does."""
    for traf in _all(moof, b"traf"):
        tfhd = _box(traf, b"tfhd")
        flags, number = struct.unpack_from(">II", tfhd)
        if number != track:
            continue
        tfdt = _box(traf, b"tfdt")
        (start,) = struct.unpack_from(">Q" if tfdt[0] == 1 else ">I", tfdt, 4)
        usual = 0
        if flags & _TFHD_DURATION:
            (usual,) = struct.unpack_from(">I", tfhd, 8 + _added_bytes(flags, _TFHD_BEFORE_DURATION))
        runs = [_durations(trun, usual) for trun in _all(traf, b"trun")]
        duration, first = sum(total for total, _ in runs), runs[0][1]
        if not (duration and first):
            raise _unreadable("a piece has no length")
        return start, duration, first
    raise _unreadable("a piece has no pictures")


def _durations(trun: bytes, usual: int) -> tuple[int, int]:
    """Return the duration of a run and of its first sample; `usual` is that of each where the run says nothing."""
    flags, count = struct.unpack_from(">II", trun)
    if not flags & _TRUN_DURATION:
        return count * usual, usual
    step = _added_bytes(flags, _TRUN_SAMPLE_FIELDS)
    at = 8 + _added_bytes(flags, _TRUN_FIELDS)
    if len(trun) - at < count * step:
        raise _unreadable("a box is too short")
    durations = [struct.unpack_from(">I", trun, at + step * index)[0] for index in range(count)]
    return sum(durations), durations[0]


def _added_bytes(flags: int, fields: tuple[tuple[int, int], ...]) -> int:
    """Return how many bytes the fields take whose flags are set."""
    return sum(size for flag, size in fields if flags & flag)


def _unreadable(why: str) -> ProtocolError:
    return ProtocolError(f"The preview cannot be read in pieces: {why}.", hint="Ask for it again.")
