"""What worker processes do for a film: plain functions of JSON values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from nemo_notebook.engine.render.files import whole_file
from nemo_notebook.engine.render.join import join_film
from nemo_notebook.engine.render.layers import SOUND_RATE, from_json, sound_key
from nemo_notebook.engine.render.shot import render_shot
from nemo_notebook.engine.render.sound import Mix, mix_sound

Args = Mapping[str, Any]
Progress = Callable[[float], None]


def mix_sound_op(args: Args, progress: Progress) -> dict[str, Any]:
    """Mixes the sound and, where shots are drawn from it, measures it.

    Args:
        args: `sound` (SoundPlan), `cache_dir`, `fps`, `slices`: [[first frame, frames], …] of the shots drawn from it.
        progress: Called with the fraction done.

    Returns:
        `aac`, `raw` and `spectrum` (paths; the last is None without slices), `digests` of the slices.
    """
    plan, folder = from_json(args["sound"]), Path(args["cache_dir"])
    key = sound_key(plan)
    mix = Mix.at(folder, key)
    mix_sound(plan, mix, progress)
    found: dict[str, Any] = {"aac": str(mix.aac), "raw": str(mix.raw), "spectrum": None, "digests": []}
    if args["slices"]:
        from nemo_notebook.engine.render.spectrum import Spectrum, measure

        path = folder / f"{key}-{args['fps']}.npz"
        if not path.is_file():
            with whole_file(path) as part:
                measure(mix.samples(), SOUND_RATE, args["fps"]).save(part)
        spectrum = Spectrum.load(path)
        found["spectrum"] = str(path)
        found["digests"] = [spectrum.slice(first, count).digest() for first, count in args["slices"]]
    return found


def render_shot_op(args: Args, progress: Progress) -> dict[str, Any]:
    """Renders one shot.

    Args:
        args: `shot` (Shot), `output` (Output), `path` to write, `spectrum` (path or None).
        progress: Called with the fraction done.

    Returns:
        `frames`: how many it has.
    """
    shot = from_json(args["shot"])
    spectrum = None
    if args["spectrum"]:
        from nemo_notebook.engine.render.spectrum import Spectrum

        spectrum = Spectrum.load(Path(args["spectrum"]))
    render_shot(
        shot, from_json(args["output"]), Path(args["path"]), spectrum, lambda done: progress(done / shot.frames)
    )
    return {"frames": shot.frames}


def join_film_op(args: Args, progress: Progress) -> dict[str, Any]:
    """Joins shots and sound.

    Args:
        args: `shots`: [[path, frames], …], `aac` (path), `output` (Output), `metadata`, `path` to write.
        progress: Called with the fraction done.

    Returns:
        `bytes`: size of the film.
    """
    shots = [(Path(path), count) for path, count in args["shots"]]
    film = Path(args["path"])
    join_film(shots, Path(args["aac"]), from_json(args["output"]), args["metadata"], film, progress)
    return {"bytes": film.stat().st_size}


OPERATIONS: Final[Mapping[str, Callable[[Args, Progress], dict[str, Any]]]] = {
    "mix_sound": mix_sound_op,
    "render_shot": render_shot_op,
    "join_film": join_film_op,
}
