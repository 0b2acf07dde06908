"""What comes of arithmetic that must not depend on the kind of CPU: prints JSON, a hash of each thing by its name."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from nemo_notebook.engine.music import make_recipe, synthesize
from nemo_notebook.engine.music.drums import DRUMS, hit
from nemo_notebook.engine.music.instruments import VOICES
from nemo_notebook.engine.render.gif import _nearest

MOODS = ("house", "lofi", "rock")  # with a riser, with dust and drive, with guitars


def digest(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def main() -> None:
    palettes = np.random.default_rng(1).integers(0, 256, (8, 255, 3), np.uint8)
    done = {
        **{f"mood {mood}": digest(synthesize(make_recipe(mood, 20_000, 12345))) for mood in MOODS},
        **{f"voice {name}": digest(voice.play(220.0, 1.0)) for name, voice in VOICES.items()},
        **{f"drum {name}": digest(hit(name, 1.0)) for name in sorted(DRUMS)},
        **{f"colours {number}": digest(_nearest(palette)) for number, palette in enumerate(palettes)},
    }
    print(json.dumps(done))


if __name__ == "__main__":
    main()
