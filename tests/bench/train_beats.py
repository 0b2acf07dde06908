"""Train the network of `nemo_notebook.media.activation`: `python tests/bench/train_beats.py --folder SONGS`.

Its songs are those that `midi_songs` renders, the synthetic ones of `songs` and of the composer, saved in a folder as
npz files of samples, beats and downbeats by `save_songs.py`. Each is heard as it is and changed: faster or slower, with
distorted guitars, talk, noise or a filter. Every fourth song is held out. Needs jax; charts of games are never used.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from options import read_options

from nemo_notebook.media.activation import LAYERS, TAPS, measure_rises, run_network
from nemo_notebook.media.beats import measure_onsets

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from songs import RATE, speech

CHANNELS, PAIRS, BATCH = 16, 1024, 16
INPUTS = 24
FRAMES_S = RATE / 256
_WEIGHTS = Path("nemo_notebook/media/activation.npz")


def is_held_out(name: str) -> bool:
    return sum(name.encode()) % 4 == 0


def guitars(beats: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    """Distorted power chords on some sixteenths of each bar, a root each bar; some are muted with the palm."""
    sound = np.zeros(length, np.float32)
    pattern = rng.random(16) < rng.choice([0.3, 0.5, 1.0])
    pattern[::2] |= rng.random() < 0.5
    steps = np.interp(np.arange(0, len(beats) - 1, 0.25), np.arange(len(beats)), beats)
    steps = np.append(steps, beats[-1])
    roots = 82.4 * 2 ** (rng.integers(0, 12, 8) / 12)
    struck = [number for number in range(len(steps) - 1) if pattern[number % 16]]
    for number, after in zip(struck, [*struck[1:], len(steps) - 1], strict=True):
        first, end = (min(int(steps[place] * RATE), length) for place in (number, after))
        t = np.arange(end - first) / RATE
        root = roots[number // 16 % 8]
        wave = sum(np.sin(2 * np.pi * root * ratio * t + rng.uniform(0, 6)) for ratio in (1, 1.5, 2, 2.01))
        sound[first:end] = np.tanh(6 * wave * np.exp(-t * rng.choice([1, 1, 12])))
    return sound


def changed(samples: np.ndarray, beats: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Another mix of a song, and how much slower it is."""
    level = float(np.sqrt((samples**2).mean())) + 1e-6
    sound = samples.copy()
    if rng.random() < 0.5:
        sound += rng.uniform(0.5, 2.5) * level * guitars(beats, len(sound), rng)
    if rng.random() < 0.25:
        talk = speech(len(sound) / RATE, int(rng.integers(1 << 30)))
        sound[: len(talk)] += 6 * level * rng.uniform(0.3, 1.5) * talk
    if rng.random() < 0.4:
        sound = np.tanh(sound / level * rng.uniform(0.5, 3)) * level
    if rng.random() < 0.3:
        sound += level * rng.uniform(0.02, 0.3) * rng.standard_normal(len(sound)).astype(np.float32)
    if rng.random() < 0.4:
        sound[1:] -= rng.uniform(-0.6, 0.9) * sound[:-1]
    slower = float(rng.uniform(0.8, 1.25))
    return np.interp(np.arange(0, len(sound) - 1, 1 / slower), np.arange(len(sound)), sound).astype(np.float32), slower


def example(samples: np.ndarray, beats: np.ndarray, downbeats: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the network sees, and what it should say: 1 at a beat, less beside it."""
    bands = measure_onsets(np.asarray(samples * 0.8 / (np.abs(samples).max() + 1e-9), np.float32), RATE).bands
    rises = measure_rises(bands)
    wanted = np.zeros((len(rises) * 2, 2), np.float32)
    for column, times in enumerate((beats, downbeats)):
        for offset, weight in ((-1, 0.4), (1, 0.6), (0, 1.0)):
            at = np.round(times * FRAMES_S).astype(int) + offset
            wanted[at[(at >= 0) & (at < len(wanted))], column] = weight
    pairs = wanted.reshape(-1, 2, 2)
    return rises, np.concatenate([pairs[:, :, 0], pairs[:, :, 1].max(axis=1)[:, None]], axis=1)


def examples(folder: Path, versions: int) -> list[tuple[np.ndarray, np.ndarray]]:
    made = []
    for path in sorted(folder.glob("*.npz")):
        if is_held_out(path.stem):
            continue
        rng = np.random.default_rng(sum(path.stem.encode()))
        with np.load(path) as table:
            samples, beats, downbeats = table["s"].astype(np.float32) / 32768, table["b"], table["d"]
        for version in range(versions):
            sound, slower = changed(samples, beats, rng) if version else (samples, 1.0)
            made.append(example(sound, beats * slower, downbeats * slower))
    return [(rises, wanted) for rises, wanted in made if len(rises) > PAIRS]


def first_weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    def normal(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) * np.sqrt(1.5 / np.prod(shape[:-1]))).astype(np.float32)

    weights = {"first": normal(TAPS, INPUTS, CHANNELS), "first_bias": np.zeros(CHANNELS, np.float32)}
    for layer in range(LAYERS):
        weights |= {
            f"wide{layer}": normal(TAPS, CHANNELS, CHANNELS),
            f"wide_bias{layer}": np.zeros(CHANNELS, np.float32),
            f"mix{layer}": 0.5 * normal(CHANNELS, CHANNELS),
            f"skip{layer}": np.ones(CHANNELS, np.float32),
        }
    return weights | {"last": normal(CHANNELS, 3), "last_bias": np.full(3, -2.5, np.float32)}


def loss(weights, rises, wanted):
    logits = run_network(rises, weights, jnp)
    return (jax.nn.softplus(logits) - wanted * logits).mean()


@jax.jit
def step(weights, moments, rises, wanted, rate, number):
    value, slopes = jax.value_and_grad(loss)(weights, rises, wanted)
    moments = jax.tree.map(
        lambda m, g: (0.9 * m[0] + 0.1 * g, 0.99 * m[1] + 0.01 * g * g),
        moments,
        slopes,
        is_leaf=lambda leaf: isinstance(leaf, tuple),
    )

    def moved(weight, moment):
        mean, square = moment[0] / (1 - 0.9**number), moment[1] / (1 - 0.99**number)
        return weight - rate * mean / (jnp.sqrt(square) + 1e-8)

    return {name: moved(weights[name], moments[name]) for name in weights}, moments, value


def main() -> None:
    options = read_options(__doc__, folder="songs", steps=1500, versions=2, seconds=200, resume=False)
    table = examples(Path(options.folder), options.versions)
    print(f"{len(table)} examples", flush=True)
    rng = np.random.default_rng(1)
    weights = first_weights(rng)
    if options.resume:
        with np.load(_WEIGHTS) as table_before:
            weights = {name: table_before[name].astype(np.float32) for name in weights}
    moments = {name: (np.zeros_like(value), np.zeros_like(value)) for name, value in weights.items()}
    begun_s, losses = time.monotonic(), []
    for number in range(1, options.steps + 1):
        drawn = [table[place] for place in rng.integers(0, len(table), BATCH)]
        starts = [rng.integers(0, len(rises) - PAIRS) for rises, _ in drawn]
        rises, wanted = (
            np.stack([song[part][start : start + PAIRS] for song, start in zip(drawn, starts, strict=True)])
            for part in (0, 1)
        )
        done = max(number / options.steps, (time.monotonic() - begun_s) / options.seconds)
        rate = 0.006 * max(0.02, 1 - done) * min(1, number / 40)
        weights, moments, value = step(weights, moments, rises, wanted, rate, number)
        losses.append(float(value))
        if number % 50 == 0:
            print(number, round(float(np.mean(losses[-50:])), 4), round(time.monotonic() - begun_s), flush=True)
        if done >= 1:
            break
    kept = {name: np.asarray(value, np.float16) for name, value in weights.items()}
    np.savez_compressed(_WEIGHTS, **kept)


if __name__ == "__main__":
    main()
