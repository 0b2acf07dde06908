"""Every type of file that is taken, as one table: what it is, what reads it, and what it is converted to first.

The service takes some types as they are; the others are converted, where the engine is installed. What the first bytes
of a file say goes before the ending of its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

_HEAD_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class FileType:
    """One type of file.

    Attributes:
        kind: `video`, `image` or `audio`.
        mime: Its MIME type.
        readers: FFmpeg's names of what reads it; Pillow's, in capitals, of a still picture.
        target: The type that it is converted to first; empty where the service takes it as it is.
    """

    kind: str
    mime: str
    readers: tuple[str, ...]
    target: str = ""


def _types(endings: str, kind: str, mime: str, readers: str, target: str = "") -> dict[str, FileType]:
    return dict.fromkeys(endings.split(), FileType(kind, f"{kind}/{mime}", tuple(readers.split()), target))


TYPES: Final[Mapping[str, FileType]] = {
    **_types("mp4", "video", "mp4", "mov"),
    **_types("mov", "video", "quicktime", "mov"),
    **_types("avi", "video", "x-msvideo", "avi"),
    **_types("webm", "video", "webm", "matroska"),
    **_types("mkv", "video", "x-matroska", "matroska"),
    **_types("jpg", "image", "jpeg", "JPEG"),
    **_types("png", "image", "png", "PNG"),
    **_types("gif", "image", "gif", "gif"),
    **_types("webp", "image", "webp", "WEBP"),
    **_types("mp3", "audio", "mpeg", "mp3"),
    **_types("wav", "audio", "wav", "wav"),
    **_types("m4a", "audio", "mp4", "mov"),
    **_types("aac", "audio", "aac", "aac"),
    **_types("flac", "audio", "flac", "flac", "wav"),
    **_types("aiff aif aifc", "audio", "aiff", "aiff", "wav"),
    **_types("wv", "audio", "x-wavpack", "wv", "wav"),
    **_types("caf", "audio", "x-caf", "caf", "wav"),
    **_types("au", "audio", "basic", "au", "wav"),
    **_types("w64", "audio", "x-w64", "w64", "wav"),
    **_types("tta", "audio", "x-tta", "tta", "wav"),
    **_types("ogg oga opus", "audio", "ogg", "ogg", "m4a"),
    **_types("wma", "audio", "x-ms-wma", "asf", "m4a"),
    **_types("amr", "audio", "amr", "amr", "m4a"),
    **_types("ac3", "audio", "ac3", "ac3 eac3", "m4a"),
    **_types("mp2", "audio", "mpeg", "mp3", "m4a"),
    **_types("mka", "audio", "x-matroska", "matroska", "m4a"),
    **_types("m4v", "video", "x-m4v", "mov m4v", "mp4"),
    **_types("3gp", "video", "3gpp", "mov", "mp4"),
    **_types("3g2", "video", "3gpp2", "mov", "mp4"),
    **_types("mpg mpeg mpe vob", "video", "mpeg", "mpeg mpegvideo", "mp4"),
    **_types("ts m2ts mts", "video", "mp2t", "mpegts", "mp4"),
    **_types("wmv asf", "video", "x-ms-asf", "asf", "mp4"),
    **_types("flv", "video", "x-flv", "flv", "mp4"),
    **_types("f4v", "video", "x-f4v", "mov", "mp4"),
    **_types("ogv", "video", "ogg", "ogg", "mp4"),
    **_types("heic heif hif", "image", "heic", "HEIF", "png"),
    **_types("avif", "image", "avif", "AVIF", "png"),
    **_types("tif tiff", "image", "tiff", "TIFF", "png"),
    **_types("bmp", "image", "bmp", "BMP", "png"),
    **_types("jp2", "image", "jp2", "JPEG2000", "png"),
    **_types("ico", "image", "x-icon", "ICO", "png"),
    **_types("tga", "image", "x-tga", "TGA", "png"),
    **_types("ppm", "image", "x-portable-pixmap", "PPM", "png"),
}
"""By the ending of its name. A `gif` may move, in which case it is a video for whoever looks into it."""

ACCEPTED: Final = tuple(ending for ending, found in TYPES.items() if not found.target)
CONVERTIBLE: Final[Mapping[str, str]] = {ending: found.target for ending, found in TYPES.items() if found.target}

# How files begin, and the endings that fit: the first for a file whose name has none of them. A TGA has no signature.
_SIGNATURES: Final = tuple(
    (re.compile(pattern, re.DOTALL), tuple(endings.split()))
    for endings, pattern in {
        "jpg": rb"\xff\xd8\xff",
        "png": rb"\x89PNG\r\n\x1a\n",
        "gif": rb"GIF8",
        "webp": rb"RIFF....WEBP",
        "wav": rb"(?:RIFF|RF64|BW64)....WAVE",
        "avi": rb"RIFF....AVI ",
        "heic heif hif": rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)",
        "avif": rb"....ftypavi[fs]",
        "mp4 mov m4a m4v 3gp 3g2 f4v": rb"....(?:ftyp|moov|mdat)|\0...(?:wide|free|skip|pnot)",
        "mkv webm mka": rb"\x1aE\xdf\xa3",
        "ogg oga opus ogv": rb"OggS",
        "mp3 mp2 aac flac aiff aif aifc wav tta ac3": rb"ID3",
        "aac mp3 mp2": rb"ADIF|\xff[\xf0\xf1\xf8\xf9]",
        "mp3 mp2 aac": rb"\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd]",
        "flac": rb"fLaC",
        "aiff aif aifc": rb"FORM....AIF[FC]",
        "wma wmv asf": rb"0&\xb2u\x8ef\xcf\x11",
        "flv": rb"FLV\x01",
        "mpg mpeg mpe vob": rb"\0\0\x01[\xb3\xba]",
        "ts m2ts mts": rb"(?:....)?G.{187}(?:....)?G",
        "tif tiff": rb"II\*\0|MM\0\*",
        "bmp": rb"BM....\0\0\0\0",
        "jp2": rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51",
    }.items()
)


def extension(name: str) -> str:
    """The file type that a name ends in, lower case and without the dot; `jpeg` is `jpg`."""
    suffix = PurePath(name).suffix.lower().lstrip(".")
    return "jpg" if suffix == "jpeg" else suffix


def kind(name: str) -> str:
    """`video`, `image` or `audio` by the file's name, `other` where it is none that can be used."""
    found = TYPES.get(extension(name))
    return found.kind if found else "other"


def mime(name: str) -> str:
    """The MIME type to send for a file of that name."""
    found = TYPES.get(extension(name))
    return found.mime if found else "application/octet-stream"


def is_accepted(name: str) -> bool:
    """Whether the service takes a file of that name as it is."""
    return extension(name) in ACCEPTED


def convertible_to(name: str) -> str | None:
    """The type that a file of that name is converted to before it is sent; None where it cannot be or need not be."""
    return CONVERTIBLE.get(extension(name))


def sniff(head: bytes) -> tuple[str, ...]:
    """The endings that fit how a file begins; empty where that is like no known type."""
    for begin in (head, head.lstrip(b"\0")):  # an MP3 may be led by zeros
        for pattern, endings in _SIGNATURES:
            if pattern.match(begin):
                return endings
    return ()


def target_of(name: str, head: bytes) -> str | None:
    """As `convertible_to`, but what the content shows goes before the ending where the two disagree."""
    fitting, ending = sniff(head), extension(name)
    if ending in TYPES and fitting and ending not in fitting and (target := CONVERTIBLE.get(fitting[0])):
        return target
    return CONVERTIBLE.get(ending)


def readers(endings: Iterable[str], *, stills: bool) -> list[str]:
    """What reads types of these endings: Pillow's formats of still pictures, else FFmpeg's of films and sound."""
    return [*dict.fromkeys(each for ending in endings for each in TYPES[ending].readers if each.isupper() == stills)]


def read_head(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)
