"""Save the songs that `train_beats.py` learns from: `python tests/bench/save_songs.py --folder SONGS`.

Files of MIDI whose notes lie on the grid, played with either soundfont; synthetic songs; the composer's moods. Needs
mido, scipy, fluidsynth and the Debian packages that `midi_songs` names.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import numpy as np
from options import read_options
from scipy.signal import resample_poly

from nemo_notebook.music import MOODS, beat_times_ms, make_recipe, synthesize

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from midi_songs import beat_times, midi_files, on_grid, open_midi, render
from songs import RATE, make_song

SOUNDFONTS = [Path("/usr/share/sounds/sf2", name) for name in ("TimGM6mb.sf2", "FluidR3_GM.sf2")]
TEMPI_BPM = tomllib.loads(Path(__file__).with_name("bench_beats.toml").read_text(encoding="utf-8"))
_LONGEST_S = 110


def save(path: Path, sound: np.ndarray, beats: np.ndarray, downbeats: np.ndarray) -> None:
    end_s = len(sound) / RATE - 0.1
    samples = (sound / np.abs(sound).max() * 32000).astype(np.int16)
    np.savez(path, s=samples, b=beats[beats < end_s], d=downbeats[downbeats < end_s])


def save_midi(folder: Path) -> None:
    for number, (name, content) in enumerate(midi_files()):
        try:
            midi = open_midi(content)
            beats, downbeats = beat_times(midi)
        except (OSError, ValueError, IndexError) as error:
            print(f"{name}: {error}")
            continue
        if on_grid(midi) > 0.5 and 50 < len(beats) < 1000:
            sound = render(content, SOUNDFONTS[number // 2 % 2])[: _LONGEST_S * RATE]
            save(folder / f"midi_{name}.npz", sound, beats, downbeats)


def save_synthetic(folder: Path, rng: np.random.Generator) -> None:
    for number in range(9):
        for pattern, (slowest, fastest) in TEMPI_BPM.items():
            bpm = float(rng.uniform(max(55, 0.9 * slowest), min(200, 1.05 * fastest)))
            song = make_song(
                bpm,
                max(6, round(50 * bpm / 240)),
                pattern=pattern,
                swing=1.0 if pattern == "shuffle" else float(rng.choice([0, 0, 0.5])),
                drift=float(rng.choice([0, 0, 0.004, 0.01])),
                noise=float(rng.choice([0, 0.02, 0.1])),
                start_s=float(rng.choice([0, 0.7])),
                pickup=int(rng.integers(0, 4)),
                seed=int(rng.integers(0, 390)),
            )
            save(folder / f"syn_{pattern.replace(' ', '')}{number}.npz", song.samples, song.beats_s, song.downbeats_s)


def save_moods(folder: Path) -> None:
    for seed in range(3):
        for mood in MOODS:
            recipe = make_recipe(mood, 45_000, 1000 + seed)
            beats = np.array(beat_times_ms(recipe)) / 1000
            save(
                folder / f"mood_{mood}{seed}.npz",
                resample_poly(synthesize(recipe).mean(1), 147, 320),
                beats,
                beats[::4],
            )


def main() -> None:
    folder = Path(read_options(__doc__, folder="songs").folder)
    folder.mkdir(exist_ok=True)
    save_synthetic(folder, np.random.default_rng(5))
    save_moods(folder)
    save_midi(folder)


if __name__ == "__main__":
    main()
