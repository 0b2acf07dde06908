"""Beats against librosa's tracker: `python tests/bench/bench_beats.py`.

Synthetic songs of each pattern, and the charts of a game (`--charts FOLDER`), which are measured and never tuned on:
real recordings whose tempo map is exact. F is the F-measure of `mir_eval` at 70 ms, CMLt its continuity at the right
metrical level; "any" also lets beats be read at twice or half the tempo. The error is the median distance of a beat to
the true one; "octave" is the share of songs that are read at another octave. "Cuts" is the share of a film's cuts
within 40 ms of a true beat, over the songs with an F of 0.9 and more. The octave's constants were chosen on seeds below
400; the default seeds are others. Needs mir_eval, and mido for the charts; librosa where it is installed.
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

from nemo_notebook.film.cutting import USUAL_PACE, Rhythm, cut_points
from nemo_notebook.film.model import FPS
from nemo_notebook.media.beats import track_beats

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from midi_songs import CHARTS, chart_songs
from songs import RATE, Song, make_song, speech

try:
    import mir_eval
except ImportError:
    sys.exit("This bench measures with mir_eval: pip install mir_eval")

Tracker = Callable[[np.ndarray], np.ndarray]
_HEADS = ("F", "CMLt", "any", "error ms", "octave", "cuts", "CPU s/min")
_NEAR_CUT_S = 0.04
_FOUND_F = 0.9
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


def cuts_on_beats(expected: np.ndarray, found: np.ndarray) -> float:
    """Share of the cuts of a film to the found beats that lie within 40 ms of a true beat."""
    frames = int(expected[-1] * FPS)
    cuts = np.array(cut_points(Rhythm.of(list(1000 * found)), frames, USUAL_PACE)[1:-1]) / FPS
    cuts = cuts[cuts >= expected[0]]
    return float((np.abs(cuts[:, None] - expected).min(axis=1) <= _NEAR_CUT_S).mean()) if len(cuts) else np.nan


def figures(track: Tracker, song: Song) -> tuple[float, ...]:
    """What `_HEADS` says, of one song."""
    begun_s = time.process_time()
    found = np.asarray(track(song.samples), np.float64)
    spent_s = (time.process_time() - begun_s) * 60 * RATE / len(song.samples)
    if len(found) < 3:
        return 0.0, 0.0, 0.0, np.nan, 1.0, np.nan, spent_s
    beats = song.beats_s
    levels = (beats, np.sort(np.concatenate([beats, (beats[1:] + beats[:-1]) / 2])), beats[::2], beats[1::2])
    error = np.abs(found[:, None] - beats).min(axis=1)
    octaves = abs(np.log2(np.median(np.diff(found)) / np.median(np.diff(beats))))
    near = error[error < 0.07]
    measure = f_measure(beats, found)
    return (
        measure,
        mir_eval.beat.continuity(mir_eval.beat.trim_beats(beats), mir_eval.beat.trim_beats(found))[1],
        max(f_measure(level, found) for level in levels),
        1000 * float(np.median(near)) if len(near) else np.nan,
        float(octaves > 0.4),
        cuts_on_beats(beats, found) if measure >= _FOUND_F else np.nan,
        spent_s,
    )


def main() -> None:
    options = read_options(__doc__, songs=12, seed=10_000, charts=str(CHARTS))  # so many songs of each pattern
    trackers = {name: track for name, track in (("ours", ours), ("librosa", librosas())) if track}
    print(f"{options.songs} songs of each pattern, half a minute each")
    print(f"{'pattern':<10}{'tracker':>10}" + "".join(f"{head:>10}" for head in _HEADS))
    everything: list[Song] = []
    for row, pattern in enumerate(TEMPI_BPM if options.songs else ()):
        songs = [song_of(pattern, options.seed + 1000 * row + number) for number in range(options.songs)]
        compare(pattern, trackers, songs)
        everything += songs
    if everything:
        compare("all", trackers, everything)
    charts = [song for _, song in chart_songs(Path(options.charts))]
    if charts:
        compare("charts", trackers, charts)
    else:
        print(f"No charts below {options.charts}: install fretsonfire-songs-sectoid and fretsonfire-songs-muldjord.")


def compare(name: str, trackers: dict[str, Tracker], songs: list[Song]) -> None:
    for tracker, track in trackers.items():
        means = np.nanmean(np.array([figures(track, song) for song in songs]), axis=0)
        print(f"{name:<10}{tracker:>10}" + "".join(f"{mean:>10.3f}" for mean in means), flush=True)


if __name__ == "__main__":
    main()
