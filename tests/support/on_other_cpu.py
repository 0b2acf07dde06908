"""What comes of arithmetic that must not depend on the kind of CPU: prints JSON, a hash of each thing by its name."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from nemo_notebook.music import RATE, make_recipe, synthesize, weighted_power
from nemo_notebook.music.drums import DRUMS, hit
from nemo_notebook.music.instruments import VOICES
from nemo_notebook.render.audio import gain_to, true_peaks
from nemo_notebook.render.drawing import backdrop
from nemo_notebook.render.images import _nearest
from nemo_notebook.render.spectrum import Spectrum, measure_spectrum
from nemo_notebook.render.visualizers import STYLES, draw

MOODS = ("house", "lofi", "rock")  # with a riser, with dust and drive, with guitars


def digest(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def drawn(style: str, spectrum: Spectrum) -> str:
    ground, seen = backdrop(480, 270, "neon"), []
    for frame in range(0, 600, 23):
        planes = ground.copy()
        draw(planes, style, "neon", spectrum, frame, False)
        seen += [planes.y.copy(), planes.u.copy(), planes.v.copy()]
    return digest(np.concatenate([plane.ravel() for plane in seen]))


def gain_of(sound: np.ndarray) -> str:
    """What brings a sound that is too loud for its peaks back to a loudness."""
    power, peaks = weighted_power(sound), true_peaks(sound, 0.8)
    return repr(gain_to((-10.0, -10.0), power, peaks, 0.8) + gain_to((-14.0, -14.0), power / 4, peaks, 0.8))


def main() -> None:
    sounds = {mood: synthesize(make_recipe(mood, 20_000, 12345)) for mood in MOODS}
    spectrum = measure_spectrum(sounds["house"], RATE, 30)
    palettes = np.random.default_rng(1).integers(0, 256, (8, 255, 3), np.uint8)
    done = {
        **{f"mood {mood}": digest(sound) for mood, sound in sounds.items()},
        **{f"voice {name}": digest(voice.play(220.0, 1.0)) for name, voice in VOICES.items()},
        **{f"drum {name}": digest(hit(name, 1.0)) for name in sorted(DRUMS)},
        **{f"visualizer {style}": drawn(style, spectrum) for style in STYLES},
        "true peaks": digest(true_peaks(sounds["rock"], 0.5)),
        "gain": gain_of(sounds["rock"]),
        "wave": digest(spectrum.wave),
        **{f"colours {number}": digest(_nearest(palette)) for number, palette in enumerate(palettes)},
    }
    print(json.dumps(done))


if __name__ == "__main__":
    main()
