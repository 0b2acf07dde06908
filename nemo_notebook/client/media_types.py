"""Which files the service takes, told by their names."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

VIDEO: Final = ("mp4", "mov", "avi", "webm", "mkv")
IMAGE: Final = ("jpg", "png", "gif", "webp")
AUDIO: Final = ("mp3", "wav", "m4a", "aac")
ACCEPTED: Final = VIDEO + IMAGE + AUDIO

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


def mime(name: str) -> str:
    """The MIME type to send for a file of that name."""
    return _MIME.get(extension(name), "application/octet-stream")
