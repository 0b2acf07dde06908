"""What a film was made of and by: kept in the file itself, and read from it again.

The record is one line of JSON in ASCII behind a few words for people, in the place that a format has for a comment:

    mp4 mov m4a mkv webm avi wav    the metadata `comment`, as FFmpeg writes it
    mp3 aac                         `comment` in the ID3 tag that they begin with
    jpg png webp                    Exif's `UserComment`
    gif                             a comment extension, the last block
    mid                             a text event, the first of the first track

It is read as XMP packets are: by looking for how it begins, whatever it stands in. So nothing is decoded, it needs no
extra, and it is still there after a copy into another container. What stands in the place of a comment goes before what
stands elsewhere, such as in a title. Nothing in it depends on when, where or as whom a film was made, or films would
differ that are the same.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, Self

import nemo_notebook
from nemo_notebook.errors import FileMissing, ProtocolError
from nemo_notebook.film.model import CHARS_OF_EDIT, LONGEST_NAME, MOST_SAID, clean_edits, cut_edit, cut_text
from nemo_notebook.film.tracks import items
from nemo_notebook.outside import finite, plain, strike

MADE_WITH: Final = "Made with nemo-notebook"
_BEGIN: Final = f"{MADE_WITH}: {{"
_BEGINNING: Final = re.compile(re.escape(_BEGIN.encode("ascii")))
# What goes before a comment: MP4 and MOV, Matroska, AVI and WAV, ID3, Exif, GIF, MIDI.
_IN_PLACE: Final = re.compile(
    rb"(\xa9cmt(.{4}data\0{3}\x01\0{4}|.{4})|COMMENTD\x87.{1,8}|ICMT.{4}|TXXX.{7}comment\0|ASCII\0{3}|!\xfe.|\xff\x01.{1,4})\Z",
    re.DOTALL,
)
_LOOKED_BACK_BYTES: Final = 24
_MOST_TRIED: Final = 1000  # beginnings of a file, in places of comments and elsewhere
_MOST_BYTES: Final = 32_000  # of a record: an Exif block has 64 kB, and so has a comment in a MOV
_SHORTER: Final = ((MOST_SAID, 200), (500, 100), (100, 50), (40, 20))  # characters and items, until it fits
_LOOKED_AT_BYTES: Final = 32 << 20  # at either end of a file
_DIGITS: Final = 16  # of a hash, as shown
_EDITS_SHOWN: Final = 20
MOST_EDITS_TOLD: Final = _SHORTER[0][1]  # that are kept

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Provenance:
    """What a film or a timeline was made of.

    Attributes:
        package: The version of nemo-notebook.
        libraries: What drew it, each with its version; empty of a timeline, and of a film from elsewhere.
        skill: As which skill it was asked for.
        media: The uploads that it shows or plays, each with its SHA-256, in the order in which they came.
        prompts: What was said, in order, without what was undone; an edit of the table as what it changed, after
            `(table)`.
        edits: The typed edits that made it, as JSON, in order: the first ones, where they are many.
        edits_left_out: How many more there were.
        draft_sha256: Of the draft; see `hash_of`.
        output: The form of the film: `format`, `quality`, `size` in pixels, `fps`.
    """

    package: str = nemo_notebook.__version__
    libraries: Pairs = ()
    skill: str = ""
    media: Pairs = ()
    prompts: tuple[str, ...] = ()
    edits: tuple[Mapping[str, Any], ...] = ()
    edits_left_out: int = 0
    draft_sha256: str = ""
    output: Pairs = ()

    @classmethod
    def from_json(cls, value: object) -> Self | None:
        """From JSON values, whatever is wrong with them; None where there is no record at all."""
        if not isinstance(value, Mapping):
            return None
        read = cls(
            package=_words(value.get("package")),
            libraries=_pairs(value.get("libraries")),
            skill=_words(value.get("skill")),
            media=_pairs(value.get("media")),
            prompts=tuple(_words(each, MOST_SAID) for each in _items(value.get("prompts"))),
            edits=clean_edits(_items(value.get("edits"))),
            edits_left_out=int(max(0, finite(value.get("edits_left_out")) or 0)),
            draft_sha256=_words(value.get("draft_sha256")),
            output=_pairs(value.get("output")),
        )
        return read if any(asdict(read).values()) else None

    def to_json(self) -> dict[str, Any]:
        """As JSON values; `from_json` reads them back."""
        return asdict(self)

    @property
    def comment(self) -> str:
        """The line that is written into a file: ASCII, 32 kB at most. What is longer is cut, and ends in `…`."""
        for most_chars, most_items in _SHORTER:
            text = json.dumps(asdict(self._cut(most_chars, most_items)), separators=(",", ":"))
            if len(text) <= _MOST_BYTES:
                break
        return f"{MADE_WITH}: {text}"

    def _cut(self, most_chars: int, most_items: int) -> Provenance:
        said = [cut_text(each, most_chars) for each in self.prompts[:most_items]]
        said += ["…"] if len(self.prompts) > most_items else []
        return replace(
            self,
            media=tuple(
                (cut_text(name, most_chars), cut_text(digest, LONGEST_NAME)) for name, digest in self.media[:most_items]
            ),
            prompts=tuple(said),
            edits=tuple(cut_edit(each, CHARS_OF_EDIT * most_chars) for each in self.edits[:most_items]),
            edits_left_out=self.edits_left_out + max(0, len(self.edits) - most_items),
        )

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """What is known, for people: a heading and its lines."""
        known = {
            "made with": [f"nemo-notebook {self.package}" if self.package else ""],
            "drawn with": [", ".join(map(" ".join, self.libraries))],
            "skill": [self.skill],
            "media": [f"{name} ({_digits(digest)})" for name, digest in self.media],
            "prompts": [f"{number}. {prompt}" for number, prompt in enumerate(self.prompts, start=1)],
            "edits": _told_edits(self.edits, self.edits_left_out),
            "draft": [_digits(self.draft_sha256)],
            "form": [", ".join(f"{value} fps" if name == "fps" else value for name, value in self.output)],
        }
        return [(heading, [" ".join(line.split()) for line in lines]) for heading, lines in known.items() if any(lines)]

    def __repr__(self) -> str:
        below = "\n" + 12 * " "
        return "\n".join(f"{heading:<12}{below.join(lines)}" for heading, lines in self.rows)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        rows = "".join(
            f'<tr><th style="text-align:left;vertical-align:top">{heading}</th>'
            f'<td style="text-align:left">{"<br>".join(html.escape(line) for line in lines)}</td></tr>'
            for heading, lines in self.rows
        )
        return {"text/plain": repr(self), "text/html": f"<table>{rows}</table>"}


def provenance(path: str | os.PathLike[str]) -> Provenance | None:
    """What a file that the local engine wrote was made of, as it says itself; nothing vouches for that.

    Args:
        path: A file of any of the formats that can be exported, also one that was copied into another container.

    Returns:
        The record; None where the file has none.

    Raises:
        FileMissing: It cannot be read, or is no ordinary file.
    """
    name = Path(path).name
    try:
        known = Path(path).expanduser()
        if not stat.S_ISREG(known.stat().st_mode):  # a pipe or a device might never end
            raise FileMissing(f"{name} is no ordinary file.", hint="Name a film, or another file of an export.")
        with known.open("rb") as file:
            ends = [file.read(_LOOKED_AT_BYTES)]
            if (length := file.seek(0, os.SEEK_END)) > _LOOKED_AT_BYTES:
                file.seek(max(_LOOKED_AT_BYTES - 2 * _MOST_BYTES, length - _LOOKED_AT_BYTES))
                ends.append(file.read(_LOOKED_AT_BYTES))
    except (OSError, ValueError, RuntimeError) as error:
        raise FileMissing(f"{name} cannot be read.", hint="Check that it is still there.") from error
    is_gif = ends[0].startswith(b"GIF8")
    found = (each for in_place in (True, False) for end in ends for each in _found(end, in_place, is_gif))
    return next(found, None)


def unclaiming(text: str) -> str:
    """Words for another place of a file: nothing in them begins like a record."""
    return text.replace(_BEGIN, f"{MADE_WITH}… {{")


def hash_of(value: object) -> str:
    """What some JSON is known by: the SHA-256 of it, with its keys sorted.

    Raises:
        ProtocolError: It is nested too deeply to be read.
    """
    try:
        text = json.dumps(value, sort_keys=True)
    except RecursionError as error:
        raise ProtocolError("The timeline is nested too deeply.") from error
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _told_edits(edits: Sequence[Mapping[str, Any]], left_out: int) -> list[str]:
    lines = []
    for number, edit in enumerate(edits[:_EDITS_SHOWN], start=1):
        fields = [(name, cut_text(json.dumps(value, ensure_ascii=False), LONGEST_NAME)) for name, value in edit.items()]
        told = ", ".join(name if name == "…" else f"{name}={value}" for name, value in fields if name != "edit")
        lines.append(f"{number}. {edit['edit']}({told})")
    more = left_out + max(0, len(edits) - _EDITS_SHOWN)
    return [*lines, f"… and {more} more"] if more else lines


def _found(data: bytes, in_place: bool, is_gif: bool) -> Iterator[Provenance]:
    """The records in a part of a file, those in the place of a comment or the others."""
    hits = (each.start() for each in _BEGINNING.finditer(data))
    wanted = (at for at in hits if in_place == bool(_IN_PLACE.search(data[max(0, at - _LOOKED_BACK_BYTES) : at])))
    for at in islice(wanted, _MOST_TRIED):
        text = _in_blocks(data, at - 1) if is_gif else data[at : at + 2 * _MOST_BYTES]
        try:
            value, _ = json.JSONDecoder().raw_decode(text[len(_BEGIN) - 1 :].decode("ascii", "replace"))
        except (ValueError, RecursionError):
            continue
        if record := Provenance.from_json(value):
            yield record


def _in_blocks(data: bytes, at: int) -> bytes:
    """What a GIF has in blocks, each after its length, up to an empty one."""
    parts: list[bytes] = []
    while at < len(data) and data[at] and sum(map(len, parts)) < 2 * _MOST_BYTES:
        parts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(parts)


def _items(value: object) -> Sequence[Any]:
    return items(value)[: _SHORTER[0][1] + 1]


def _pairs(value: object) -> Pairs:
    pairs = (pair for pair in map(items, _items(value)) if len(pair) == 2)
    return tuple((_words(name), _words(told)) for name, told in pairs)


def _words(value: object, most: int = LONGEST_NAME) -> str:
    return cut_text(plain(strike(value[: 4 * most])), most) if isinstance(value, str) else ""


def _digits(digest: str) -> str:
    return f"SHA-256 {digest[:_DIGITS]}…" if len(digest) > _DIGITS else digest
