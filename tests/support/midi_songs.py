"""Songs whose beats a MIDI file says: charts of games with recordings, and files that fluidsynth plays. Needs mido.

The files are those of Debian: the charts of `fretsonfire-songs-sectoid` and `fretsonfire-songs-muldjord`, the music in
the WADs of `freedoom`, of `openttd-openmsx` and of `planetblupi-music-midi`, with `timgm6mb-soundfont` and
`fluid-soundfont-gm`.
"""

from __future__ import annotations

import io
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import mido
import numpy as np
from songs import RATE, Song

CHARTS = Path("/usr/share/games/fretsonfire/data/songs")
WADS = Path("/usr/share/games/doom")
FOLDERS = (Path("/usr/share/games/openttd/baseset/openmsx"), Path("/usr/share/planetblupi/music"))
_TRACKS = ("song.ogg", "guitar.ogg", "rhythm.ogg")


def read_sound(path: Path) -> np.ndarray:
    """Mono samples at 22 050 Hz."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)] + resampler.resample(
            None
        )
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


def chart_songs(folder: Path) -> Iterator[tuple[str, Song]]:
    """Each chart below a folder, by name; all its tracks mixed."""
    for chart in sorted(folder.rglob("notes.mid")):
        tracks = [read_sound(chart.with_name(name)) for name in _TRACKS if chart.with_name(name).exists()]
        sound = np.zeros(max(map(len, tracks)), np.float32)
        for track in tracks:
            sound[: len(track)] += track
        beats, downbeats = beat_times(mido.MidiFile(chart), len(sound) / RATE)
        sound /= max(1.0, float(np.abs(sound).max()))
        yield chart.parent.name, Song(sound, 60 / float(np.median(np.diff(beats))), beats, downbeats, ())


def beat_times(midi: mido.MidiFile, length_s: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Beats and downbeats in seconds by the tempo map, from the first note to the last or to `length_s`."""
    events = list(mido.merge_tracks(midi.tracks))
    changes, metres, notes, tick = [(0, 500_000)], [(0, 4, 1.0)], [], 0
    for event in events:
        tick += event.time
        if event.type == "set_tempo":
            changes.append((tick, event.tempo))
        elif event.type == "time_signature":
            metres.append((tick, event.numerator, 4 / event.denominator))
        elif event.type == "note_on" and event.velocity:
            notes.append(tick)
    at = np.array([change[0] for change in changes], np.float64)
    s_per_tick = np.array([change[1] for change in changes]) / 1e6 / midi.ticks_per_beat
    starts_s = np.concatenate([[0.0], np.cumsum(np.diff(at) * s_per_tick[:-1])])

    def seconds(ticks: np.ndarray) -> np.ndarray:
        piece = np.searchsorted(at, ticks, "right") - 1
        return starts_s[piece] + (ticks - at[piece]) * s_per_tick[piece]

    last = notes[-1] if length_s is None else (length_s - starts_s[-1]) / s_per_tick[-1] + at[-1]
    beats = np.arange(0, last, midi.ticks_per_beat, dtype=np.float64)
    bars = []
    for (start, count, unit), end in zip(metres, [metre[0] for metre in metres[1:]] + [last], strict=True):
        bars.append(np.arange(start, end, count * unit * midi.ticks_per_beat))
    first = 0 if length_s is not None else notes[0] - 1
    return seconds(beats[beats >= first]), seconds(np.concatenate(bars)[np.concatenate(bars) >= first])


def on_grid(midi: mido.MidiFile) -> float:
    """Share of notes within a 24th of a beat of an eighth note: a file that was played freely has a third."""
    tick, notes = 0, []
    for event in mido.merge_tracks(midi.tracks):
        tick += event.time
        if event.type == "note_on" and event.velocity:
            notes.append(tick)
    away = np.abs((np.array(notes) * 2 / midi.ticks_per_beat + 0.5) % 1 - 0.5)
    return float((away < 1 / 12).mean()) if notes else 0.0


def midi_files() -> Iterator[tuple[str, bytes]]:
    """Files of music by name, from the WADs and the folders that are there; no two alike."""
    seen: set[bytes] = set()
    found = [lump for wad in sorted(WADS.glob("*.wad")) for lump in _lumps(wad)]
    found += [(f.name, f.read_bytes()) for folder in FOLDERS for f in sorted(folder.rglob("*.mid*"))]
    for name, content in found:
        if content[:4] == b"MThd" and content not in seen:
            seen.add(content)
            yield name, content


def _lumps(wad: Path) -> Iterator[tuple[str, bytes]]:
    content = wad.read_bytes()
    count, table = struct.unpack_from("<ii", content, 4)
    for place in range(count):
        start, size, name = struct.unpack_from("<ii8s", content, table + 16 * place)
        yield wad.stem + name.rstrip(b"\0").decode("ascii", "replace"), content[start : start + size]


def render(content: bytes, soundfont: Path) -> np.ndarray:
    """What fluidsynth plays of a MIDI file, mono at 22 050 Hz."""
    with tempfile.TemporaryDirectory() as folder:
        midi, wave = Path(folder, "a.mid"), Path(folder, "a.wav")
        midi.write_bytes(content)
        command = ["fluidsynth", "-ni", "-g", "0.5", "-r", str(RATE), "-F", str(wave), str(soundfont), str(midi)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return read_sound(wave)


def open_midi(content: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(content))
