"""Every file type that can be exported, as one table: what is in it, how it is written, and what it is served as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["video", "animation", "still", "sound", "score"]


@dataclass(frozen=True, slots=True)
class Format:
    """One file type.

    Attributes:
        kind: `video` (pictures and sound), `animation` (pictures that loop), `still`, `sound`, or `score` (notes).
        mime: What it is served as.
        pictures: A name in `codecs.PICTURE_CODECS`: how its shots are kept; empty where none are seen.
        sound: A name in `codecs.SOUND_CODECS`; empty where nothing is heard.
        muxer: FFmpeg's name of the container; empty where FFmpeg does not write it.
        options: The muxer's options.
        cover: How a cover is put in: `picture` as a stream of one picture, `file` as an attached file, or not at all.
    """

    kind: Kind
    mime: str
    pictures: str = ""
    sound: str = ""
    muxer: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    cover: Literal["picture", "file", ""] = ""


_INDEX_FIRST: Final = {"movflags": "+faststart"}  # a player can start before it has the whole file
_NO_CHANCE: Final = {"fflags": "+bitexact"}  # Matroska would have numbers by chance: the same film, other bytes

FORMATS: Final[Mapping[str, Format]] = {
    "mp4": Format("video", "video/mp4", "h264", "aac", "mp4", _INDEX_FIRST, "picture"),
    "mov": Format("video", "video/quicktime", "h264", "aac", "mov", _INDEX_FIRST),
    "mkv": Format(
        "video", "video/x-matroska", "h264", "aac", "matroska", {"avoid_negative_ts": "disabled"} | _NO_CHANCE, "file"
    ),
    "webm": Format("video", "video/webm", "vp9", "opus", "webm", {"cues_to_front": "1"} | _NO_CHANCE),
    "avi": Format("video", "video/x-msvideo", "mpeg4", "mp3", "avi"),
    "gif": Format("animation", "image/gif", "master", muxer="gif", options={"loop": "0"}),
    "jpg": Format("still", "image/jpeg", "master"),
    "png": Format("still", "image/png", "master"),
    "webp": Format("still", "image/webp", "master"),
    "mp3": Format("sound", "audio/mpeg", sound="mp3", muxer="mp3", cover="picture"),
    "wav": Format("sound", "audio/wav", sound="pcm", muxer="wav"),
    "m4a": Format(
        "sound", "audio/mp4", sound="aac", muxer="mp4", options=_INDEX_FIRST | {"brand": "M4A "}, cover="picture"
    ),
    "aac": Format("sound", "audio/aac", sound="aac", muxer="adts", options={"write_id3v2": "1"}),
    "mid": Format("score", "audio/midi"),
}
# What a player can begin with anywhere: each fragment stands alone, with its pictures and its sound, and begins with a
# picture that needs no other. Without an edit list, which not every player of pieces heeds, pictures begin at 0.
IN_PIECES: Final[Mapping[str, str]] = {
    "movflags": "+frag_keyframe+empty_moov+default_base_moof+negative_cts_offsets+skip_trailer",
    "min_frag_duration": "500000",  # microseconds: a film with many cuts need not have as many pieces
}
OTHER_NAMES: Final[Mapping[str, str]] = {"jpeg": "jpg", "midi": "mid"}
QUALITIES: Final = ("preview", "low", "medium", "high")


def format_name(name: str) -> str:
    """The name under which a format is in the table, if it is: lower case, without a dot."""
    plain = name.strip().lower().lstrip(".")
    return OTHER_NAMES.get(plain, plain)
