"""Meters of our own for composed music, independent of the package's: loudness, true peak, onsets, MIDI."""

from __future__ import annotations

from dataclasses import dataclass

import av
import av.filter
import numpy as np

RATE = 48_000


def ebur128(sound: np.ndarray) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP of (n, 2) samples, by FFmpeg's meter."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="stereo", time_base="1/48000")
    meter, sink = graph.add("ebur128", "peak=true:metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    told: dict[str, str] = {}
    for first in range(0, sound.shape[0], 4800):
        samples = np.ascontiguousarray(sound[first : first + 4800]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="stereo")
        frame.sample_rate, frame.pts = RATE, first
        source.push(frame)
        while True:
            try:
                told = dict(sink.pull().metadata) or told
            except (BlockingIOError, av.error.EOFError):
                break
    return float(told["lavfi.r128.I"]), 20 * np.log10(float(told["lavfi.r128.true_peak"]))


def onset_strength(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much appears in the spectrum, every 5 ms, and the times of these values in milliseconds."""
    mono = sound.mean(axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(mono, 1024)[::240] * np.hanning(1024).astype(np.float32)
    levels = np.log1p(100 * np.abs(np.fft.rfft(windows, axis=1)))
    rise = np.maximum(0, np.diff(levels, axis=0)).sum(axis=1)
    return rise, (np.arange(rise.size) + 1) * 5 + 1024 / 2 / 48


def resampled(sound: np.ndarray, rate: int) -> np.ndarray:
    """The mono sum at a lower rate."""
    mono = sound.mean(axis=1)
    size = round(mono.size * rate / RATE)
    return (np.fft.irfft(np.fft.rfft(mono)[: size // 2 + 1], size) * size / mono.size).astype(np.float32)


@dataclass(frozen=True)
class MidiTrack:
    """A track as read: its notes as (start s, end s, channel, key, velocity), its name and its programs."""

    name: str
    notes: tuple[tuple[float, float, int, int, int], ...]
    programs: tuple[int, ...]


def read_midi(data: bytes) -> tuple[int, list[MidiTrack]]:
    """Format and tracks of a Standard MIDI File, times by its own tempo map."""
    assert data[:8] == b"MThd\x00\x00\x00\x06"
    kind, count, division = (int.from_bytes(data[at : at + 2], "big") for at in (8, 10, 12))
    at, tracks = 14, []
    for _ in range(count):
        assert data[at : at + 4] == b"MTrk"
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        tracks.append(_events(data[at + 8 : at + 8 + size]))
        at += 8 + size
    assert at == len(data)
    tempi = [(tick, int.from_bytes(body, "big")) for tick, status, body in tracks[0] if status == 0xFF51]
    ticks = np.array([tick for tick, _ in tempi])
    micros = np.array([micro for _, micro in tempi]) / division
    starts = np.concatenate(([0.0], np.cumsum(np.diff(ticks) * micros[:-1])))

    def seconds(tick: int) -> float:
        place = int(np.searchsorted(ticks, tick, "right")) - 1
        return float(starts[place] + (tick - ticks[place]) * micros[place]) / 1e6

    return kind, [_track(events, seconds) for events in tracks]


def _track(events, seconds) -> MidiTrack:
    name, programs, open_notes, notes = "", [], {}, []
    for tick, status, body in events:
        if status == 0xFF03:
            name = body.decode()
        elif status < 0x100 and status >> 4 == 0xC:
            programs.append(body[0])
        elif status < 0x100 and status >> 4 == 0x9:
            assert (status, body[0]) not in open_notes
            open_notes[status & 15, body[0]] = tick, body[1]
        elif status < 0x100 and status >> 4 == 0x8:
            start, velocity = open_notes.pop((status & 15, body[0]))
            notes.append((seconds(start), seconds(tick), status & 15, body[0], velocity))
    assert not open_notes
    return MidiTrack(name, tuple(sorted(notes)), tuple(programs))


def _events(data: bytes) -> list[tuple[int, int, bytes]]:
    events, at, tick = [], 0, 0
    while at < len(data):
        delta, at = _variable(data, at)
        tick += delta
        status = data[at]
        if status == 0xFF:
            size, body = _variable(data, at + 2)
            events.append((tick, 0xFF00 | data[at + 1], data[body : body + size]))
            at = body + size
        else:
            size = 1 if status >> 4 == 0xC else 2
            events.append((tick, status, data[at + 1 : at + 1 + size]))
            at += 1 + size
    assert events[-1][1] == 0xFF2F
    return events


def _variable(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            return value, at
