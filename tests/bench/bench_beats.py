"""Beats against librosa's tracker, on synthetic songs: `python tests/bench/bench_beats.py`.

F is the F-measure of `mir_eval` at 70 ms; "any" also lets beats be read at twice or half the tempo. The error is the
median distance of a beat to the true one; "octave" is the share of songs that are read at another octave. The octave's
constants were chosen on seeds below 400; the default seeds are others. Needs mir_eval; librosa where it is installed.
"""

from __future__ import annotations

import sys
import time
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from options import read_options

from nemo_notebook.media.beats import track_beats

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from songs import RATE, Song, make_song, speech

try:
    import mir_eval
except ImportError:
    sys.exit("This bench measures with mir_eval: pip install mir_eval")

Tracker = Callable[[np.ndarray], np.ndarray]
TEMPI_BPM = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def song_of(pattern: str, seed: int) -> Song:
    """Half a minute at some tempo; some swing, drift, noise, silence before it and talk over it."""
    rng = np.random.default_rng(seed)
    bpm = float(rng.uniform(*TEMPI_BPM[pattern]))
    swing = 1.0 if pattern == "shuffle" else float(rng.choice([0, 0, 0.5])) if bpm < 130 else 0.0
    song = make_song(
        bpm,
        max(6, round(30 * bpm / 240)),
        pattern=pattern,
        swing=swing,
        drift=float(rng.choice([0, 0, 0.004, 0.01])),
        noise=float(rng.choice([0, 0, 0.01, 0.05, 0.12])),
        start_s=float(rng.choice([0, 0.5, 1.3])),
        pickup=int(rng.integers(0, 4)),
        seed=seed,
    )
    if rng.random() < 0.4:
        talk = speech(len(song.samples) / RATE, seed)
        song.samples[: len(talk)] += 0.5 * talk
    return song


def ours(samples: np.ndarray) -> np.ndarray:
    return np.array(track_beats(samples, RATE).beats_s)


def librosas() -> Tracker | None:
    try:
        import librosa
    except ImportError:
        return None
    warnings.filterwarnings("ignore")
    librosa.beat.beat_track(y=np.zeros(RATE, np.float32), sr=RATE)  # compiles what it needs
    return lambda samples: librosa.beat.beat_track(y=samples, sr=RATE, units="time")[1]


def f_measure(expected: np.ndarray, found: np.ndarray) -> float:
    return mir_eval.beat.f_measure(mir_eval.beat.trim_beats(expected), mir_eval.beat.trim_beats(found))


def figures(track: Tracker, song: Song) -> tuple[float, float, float, float, float]:
    """F, any-level F, median error in ms, whether at another octave, CPU seconds."""
    begun_s = time.process_time()
    found = np.asarray(track(song.samples), np.float64)
    spent_s = time.process_time() - begun_s
    if len(found) < 3:
        return 0.0, 0.0, np.nan, 1.0, spent_s
    beats = song.beats_s
    levels = (beats, np.sort(np.concatenate([beats, (beats[1:] + beats[:-1]) / 2])), beats[::2], beats[1::2])
    error = np.abs(found[:, None] - beats).min(axis=1)
    octaves = abs(np.log2(np.median(np.diff(found)) / np.median(np.diff(beats))))
    near = error[error < 0.07]
    return (
        f_measure(beats, found),
        max(f_measure(level, found) for level in levels),
        1000 * float(np.median(near)) if len(near) else np.nan,
        float(octaves > 0.4),
        spent_s,
    )


def main() -> None:
    options = read_options(__doc__, songs=12, seed=10_000)  # so many songs of each pattern
    trackers = {name: track for name, track in (("ours", ours), ("librosa", librosas())) if track}
    print(f"{options.songs} songs of each pattern, half a minute each")
    heads = ("F", "any", "error ms", "octave", "CPU s")
    print(f"{'pattern':<10}{'tracker':>10}" + "".join(f"{head:>10}" for head in heads))
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in trackers}
    for row, pattern in enumerate(TEMPI_BPM):
        songs = [song_of(pattern, options.seed + 1000 * row + number) for number in range(options.songs)]
        for name, track in trackers.items():
            measured = [figures(track, song) for song in songs]
            rows[name] += measured
            show(pattern, name, measured)
    for name, measured in rows.items():
        show("all", name, measured)


def show(pattern: str, name: str, measured: list[tuple[float, ...]]) -> None:
    means = np.nanmean(np.array(measured), axis=0)
    print(f"{pattern:<10}{name:>10}" + "".join(f"{mean:>10.3f}" for mean in means), flush=True)


if __name__ == "__main__":
    main()
