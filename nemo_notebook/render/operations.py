"""What worker processes do for a film: plain functions of JSON values."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from nemo_notebook.errors import NemoError
from nemo_notebook.music import Recipe, write_midi
from nemo_notebook.render.audio import mix_sound
from nemo_notebook.render.cache import Mix, whole_file
from nemo_notebook.render.formats import FORMATS, SOUND_CODECS
from nemo_notebook.render.images import clip_of, poster_of, save_still, waveform_of, write_gif
from nemo_notebook.render.layers import SOUND_RATE, SoundPlan, from_json
from nemo_notebook.render.muxing import MOST_MISSING_S, UNDECODED, join_film, metadata
from nemo_notebook.render.shot import render_shot
from nemo_notebook.render.sound_file import Container, write_sound
from nemo_notebook.render.spectrum import Spectrum, measure_spectrum


def drop_damaged(shots: Sequence[tuple[Path, int]], track: Path | None, mix: Mix) -> int:
    """Removes those files of an export that do not hold what they should, so that they are made again.

    Args:
        shots: Files of `render_shot` with their numbers of frames; one that is gone counts as removed.
        track: The sound as it is joined, or None.
        mix: The mix, beside which its spectra are.

    Returns:
        How many were removed.
    """
    dropped = sum(_drop_unless(path, partial(_has_frames, path, count)) for path, count in shots)
    if track is not None and track.exists():
        dropped += _drop_unless(track, partial(_lasts, track, Fraction(mix.length, SOUND_RATE)))
    if mix.peaks.exists():
        dropped += _drop_unless(mix.peaks, lambda: mix.exists and np.load(mix.peaks, allow_pickle=False).ndim == 1)
    spectra = sorted(mix.raw.parent.glob(f"{mix.raw.stem}-*.npz"))
    return dropped + sum(_drop_unless(path, partial(_is_whole_archive, path)) for path in spectra)


def _drop_unless(path: Path, holds: Callable[[], bool]) -> int:
    """1 if the file was damaged or gone, else 0."""
    with contextlib.suppress(av.error.FFmpegError, OSError, ValueError, EOFError, zipfile.BadZipFile):
        if holds():
            return 0
    with contextlib.suppress(OSError):  # another export was quicker
        path.unlink()
    return 1


def _has_frames(path: Path, count: int) -> bool:
    with av.open(str(path), stream_options=[UNDECODED]) as shot:  # type: ignore[list-item]  # the stubs are wrong
        return sum(1 for packet in shot.demux(video=0) if packet.size) == count


def _lasts(path: Path, length_s: Fraction) -> bool:
    with av.open(str(path)) as track:
        ends = [(packet.pts or 0) * packet.time_base for packet in track.demux(audio=0) if packet.size]
    return max(ends, default=Fraction(0)) >= length_s - MOST_MISSING_S


def _is_whole_archive(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return archive.testzip() is None


Args = Mapping[str, Any]
_Progress = Callable[[float], None]


def mix_sound_op(args: Args, progress: _Progress) -> dict[str, Any]:
    """Mixes the sound and, where shots are drawn from it, measures it.

    Args:
        args: `sound` (SoundPlan), `cache_dir`, `fps`, `slices`: [[first frame, frames], …] of the shots drawn from it.
        progress: Called with the fraction done.

    Returns:
        `spectrum` (path, None without slices), `digests` of the slices.
    """
    folder = Path(args["cache_dir"])
    mix = mix_sound(from_json(args["sound"]), folder, progress)
    if not args["slices"]:
        return {"spectrum": None, "digests": []}
    path = folder / f"{mix.raw.stem}-{args['fps']}.npz"
    if not path.is_file():
        with whole_file(path) as part:
            measure_spectrum(mix.samples(), SOUND_RATE, args["fps"]).save(part)
    spectrum = Spectrum.load(path)
    return {
        "spectrum": str(path),
        "digests": [spectrum.slice(first, count).digest() for first, count in args["slices"]],
    }


def write_track_op(args: Args, progress: _Progress) -> dict[str, Any]:
    """Encodes the mix, which is there, as the track of a film.

    Args:
        args: `sound` (SoundPlan), `cache_dir`, `output` (Output), `path` to write.
        progress: Called with the fraction done.
    """
    output, mix = from_json(args["output"]), Mix.of(from_json(args["sound"]), Path(args["cache_dir"]))
    codec = SOUND_CODECS[FORMATS[output.format].sound]
    muxer, _, options = codec.track
    with whole_file(Path(args["path"])) as part:
        write_sound(mix, codec, output.quality, part, Container(muxer, options, codec.says_delay), progress)
    return {}


def write_sound_op(args: Args, progress: _Progress) -> dict[str, Any]:
    """Encodes the mix, which is there, as a file of its own, with the cover art of the song that is heard first.

    Args:
        args: `sound` (SoundPlan), `cache_dir`, `output` (Output), `metadata`, `made`, `path` to write, `poster`: the
            path to write its waveform to, or None.
        progress: Called with the fraction done.
    """
    output, plan = from_json(args["output"]), from_json(args["sound"])
    form = FORMATS[output.format]
    cover = _cover_art(plan) if form.cover else b""
    into = Container(form.muxer, form.options, form.muxer != "adts", _metadata(args), cover)
    with whole_file(Path(args["path"])) as part:
        mix = Mix.of(plan, Path(args["cache_dir"]))
        write_sound(mix, SOUND_CODECS[form.sound], output.quality, part, into, progress)
    if args["poster"]:
        with whole_file(Path(args["poster"])) as part:
            part.write_bytes(waveform_of(np.load(mix.peaks, allow_pickle=False)))
    return {}


def _cover_art(plan: SoundPlan) -> bytes:
    from nemo_notebook.media.thumbnails import cover_art

    songs = sorted((s for s in plan.sounds if s.path and not s.voice), key=lambda sound: sound.start)
    try:
        found = (cover_art(Path(song.path), song.name) for song in songs)
        return next((art for art in found if art), b"")
    except NemoError:
        return b""  # an ornament


def render_shot_op(args: Args, progress: _Progress) -> dict[str, Any]:
    """Renders one shot.

    Args:
        args: `shot` (Shot), `output` (Output), `path` to write, `spectrum` (path or None).
        progress: Called with the fraction done.

    Returns:
        `frames`: how many it has.
    """
    shot = from_json(args["shot"])
    spectrum = Spectrum.load(Path(args["spectrum"])) if args["spectrum"] else None
    render_shot(shot, from_json(args["output"]), _target(args), spectrum, lambda done: progress(done / shot.frames))
    return {"frames": shot.frames}


def join_film_op(args: Args, progress: _Progress) -> dict[str, Any]:
    """Joins shots and their track to a film.

    Args:
        args: `shots`: [[path, frames], …], `track` (path), `output` (Output), `metadata`, `made` (see `muxing.py`),
            `path` to write, `poster`: {path to write, shot, frame in it}, or None; `clip`: where a small one of its
            first seconds goes, or None.
        progress: Called with the fraction done.
    """
    cover = _write_poster(args)
    join_film(
        _shots(args), Path(args["track"]), from_json(args["output"]), _metadata(args), cover, _target(args), progress
    )
    if args["clip"]:
        with whole_file(Path(args["clip"])) as part:
            part.write_bytes(clip_of(_target(args)))
    return {}


def write_animation_op(args: Args, progress: _Progress) -> dict[str, Any]:
    """Makes shots into an animation; arguments as of `join_film_op`, without `track`."""
    _write_poster(args)
    with whole_file(_target(args)) as part:
        write_gif(_shots(args), from_json(args["output"]), _metadata(args), part, progress)
    return {}


def save_still_op(args: Args, progress: _Progress) -> dict[str, Any]:
    """Makes the one frame of the one shot into a picture; arguments as of `write_animation_op`."""
    _write_poster(args)
    with whole_file(_target(args)) as part:
        save_still(_shots(args)[0][0], from_json(args["output"]), _metadata(args), part)
    progress(1.0)
    return {}


def write_score_op(args: Args, progress: _Progress) -> dict[str, Any]:
    """Writes composed music as notes.

    Args:
        args: `recipe` (of the music, as JSON), `metadata`, `made`, `path` to write.
        progress: Called with the fraction done.
    """
    with whole_file(_target(args)) as part:
        write_midi(Recipe.from_json(args["recipe"]), part, _metadata(args)["comment"])
    progress(1.0)
    return {}


def drop_damaged_op(args: Args, progress: _Progress) -> dict[str, Any]:
    """Removes what of an export is damaged in the cache.

    Args:
        args: `shots`: [[path, frames], …], `track` (path or None), `sound` (SoundPlan), `cache_dir`.
        progress: Called with the fraction done.

    Returns:
        `dropped`: how many files.
    """
    mix = Mix.of(from_json(args["sound"]), Path(args["cache_dir"]))
    dropped = drop_damaged(_shots(args), Path(args["track"]) if args["track"] else None, mix)
    progress(1.0)
    return {"dropped": dropped}


def _metadata(args: Args) -> dict[str, str]:
    return metadata(args["metadata"], args["made"])


def _target(args: Args) -> Path:
    return Path(args["path"])


def _shots(args: Args) -> list[tuple[Path, int]]:
    return [(Path(path), count) for path, count in args["shots"]]


def _write_poster(args: Args) -> bytes:
    wanted = args["poster"]
    if wanted is None:
        return b""
    poster = poster_of(Path(wanted["shot"]), wanted["frame"])
    if wanted["path"]:
        with whole_file(Path(wanted["path"])) as part:
            part.write_bytes(poster)
    return poster


OPERATIONS: Final[Mapping[str, Callable[[Args, _Progress], dict[str, Any]]]] = {
    "mix_sound": mix_sound_op,
    "write_track": write_track_op,
    "write_sound": write_sound_op,
    "render_shot": render_shot_op,
    "join_film": join_film_op,
    "write_animation": write_animation_op,
    "save_still": save_still_op,
    "write_score": write_score_op,
    "drop_damaged": drop_damaged_op,
}
