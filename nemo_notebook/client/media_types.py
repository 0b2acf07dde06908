"""Which files the service takes, and which can be made into such, told by their names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

VIDEO: Final = ("mp4", "mov", "avi", "webm", "mkv")
IMAGE: Final = ("jpg", "png", "gif", "webp")
AUDIO: Final = ("mp3", "wav", "m4a", "aac")
ACCEPTED: Final = VIDEO + IMAGE + AUDIO
CONVERTIBLE: Final[Mapping[str, str]] = {
    **dict.fromkeys("flac aiff aif aifc wv caf au w64 tta".split(), "wav"),
    **dict.fromkeys("ogg oga opus wma amr ac3 mp2 mka".split(), "m4a"),
    **dict.fromkeys("m4v mpg mpeg mpe ts m2ts mts wmv flv 3gp 3g2 ogv vob f4v asf".split(), "mp4"),
    **dict.fromkeys("tif tiff bmp avif jp2 ico tga ppm".split(), "png"),
}
"""What the engine can read and the service does not take, and the type that it is made into first."""

_MIME: Final = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
}


def extension(name: str) -> str:
    """The file type that a name ends in, lower case and without the dot; `jpeg` is `jpg`."""
    suffix = PurePath(name).suffix.lower().lstrip(".")
    return "jpg" if suffix == "jpeg" else suffix


def kind(name: str) -> str:
    """`video`, `image` or `audio` by the file's name, `other` where it is none that is accepted."""
    ending = extension(name)
    groups = (("video", VIDEO), ("image", IMAGE), ("audio", AUDIO))
    return next((label for label, endings in groups if ending in endings), "other")


def convertible_to(name: str) -> str | None:
    """The type that a file of that name is made into before it is sent; None where it cannot be or need not be."""
    return CONVERTIBLE.get(extension(name))


def mime(name: str) -> str:
    """The MIME type to send for a file of that name."""
    return _MIME.get(extension(name), "application/octet-stream")
