"""A recipe's score as a Standard MIDI File (format 1): the tempo map, then a track for each part."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from nemo_notebook.music.compose import compose
from nemo_notebook.music.drums import DRUMS, drum
from nemo_notebook.music.instruments import VOICES
from nemo_notebook.music.recipe import Recipe
from nemo_notebook.music.score import Note, Score
from nemo_notebook.music.tempo import TempoMap

TICKS_PER_BEAT: Final = 960
_DRUM_CHANNEL: Final = 9  # the tenth, counted from 0
_DRUM_S: Final = 0.1
_PARTS: Final = ("chords", "pad", "bass", "arp", "lead", "double", "drone", "drums")
_PAN: Final = 10
_MIDDLE: Final = 64

_Event = tuple[int, int, bytes]  # tick, order within it, message


def write_midi(recipe: Recipe, path: Path, comment: str = "") -> None:
    """Writes the notes of a recipe, at the times at which they sound, as a file that any sequencer reads.

    Drums are on channel 10; the others have the General MIDI programs that come nearest.

    Args:
        recipe: The track.
        path: The file.
        comment: What the file says about itself, in ASCII.

    Raises:
        OSError: The file cannot be written.
    """
    path.write_bytes(midi_bytes(compose(recipe), comment))


def midi_bytes(score: Score, comment: str = "") -> bytes:
    """The file's bytes; equal scores give equal bytes."""
    tracks = [_track([*_text(comment), *_tempi(score.tempo)])]
    for number, part in enumerate(_PARTS):
        for name in sorted({n.voice for n in score.notes if n.part == part}) if part != "drums" else ["drums"]:
            notes = [n for n in score.notes if n.part == part and name in (n.voice, part)]
            if notes:
                tracks.append(_track(_part(notes, score.tempo, part, name, number)))
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), TICKS_PER_BEAT)
    return header + b"".join(tracks)


def _text(comment: str) -> list[_Event]:
    text = comment.encode("ascii", "replace")
    return [(0, -1, b"\xff\x01" + _variable(len(text)) + text)] if text else []


def _tempi(tempo: TempoMap) -> list[_Event]:
    """Four quarters a bar, and a tempo for each stretch between knots."""
    events: list[_Event] = [(0, 0, b"\xff\x58\x04\x04\x02\x18\x08")]
    for beat in tempo.beats[:-2]:
        micros = round(60_000_000 / tempo.bpm_at(beat))
        events.append((round(beat * TICKS_PER_BEAT), 1, b"\xff\x51\x03" + micros.to_bytes(3, "big")))
    return events


def _part(notes: list[Note], tempo: TempoMap, part: str, name: str, number: int) -> list[_Event]:
    drums = part == "drums"
    channel = _DRUM_CHANNEL if drums else number
    title = (part if drums else f"{part}: {name}").encode("ascii")
    events: list[_Event] = [(0, 0, b"\xff\x03" + _variable(len(title)) + title)]
    if not drums:
        events.append((0, 1, bytes((0xC0 | channel, VOICES[name].program))))
        pan = round(_MIDDLE + 60 * sum(n.pan for n in notes) / len(notes))
        events.append((0, 2, bytes((0xB0 | channel, _PAN, min(127, max(0, pan))))))
    for key, start, end, velocity in _spans(notes, tempo):
        events.append((start, 4, bytes((0x90 | channel, key, velocity))))
        events.append((end, 3, bytes((0x80 | channel, key, 0))))
    return events


def _spans(notes: Iterable[Note], tempo: TempoMap) -> list[tuple[int, int, int, int]]:
    """Notes as (key, first tick, last tick, velocity); a key is let go before it is struck again."""
    struck: dict[int, int] = {}
    spans: list[tuple[int, int, int, int]] = []
    for note in sorted(notes, key=lambda n: n.start_s, reverse=True):
        key = drum(note.voice).key if note.voice in DRUMS else note.pitch
        start = _tick(note.start_s, tempo)
        end = _tick(note.start_s + (_DRUM_S if note.voice in DRUMS else note.duration_s), tempo)
        end = max(start + 1, min(end, struck.get(key, end)))
        struck[key] = start
        spans.append((key, start, end, min(127, max(1, round(127 * note.velocity)))))
    return spans[::-1]


def _tick(time_s: float, tempo: TempoMap) -> int:
    return round(tempo.beat_at(time_s * 1000.0) * TICKS_PER_BEAT)


def _track(events: list[_Event]) -> bytes:
    body, now = bytearray(), 0
    for tick, _, message in sorted(events):
        body += _variable(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    return struct.pack(">4sI", b"MTrk", len(body)) + bytes(body)


def _variable(value: int) -> bytes:
    """A number in groups of seven bits, all but the last marked."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))
