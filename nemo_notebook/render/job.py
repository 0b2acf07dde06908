"""A whole export: sound and shots side by side, then what puts them together; nothing cached is done again."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from nemo_notebook import settings
from nemo_notebook.errors import NemoError, UnsupportedMedia
from nemo_notebook.files import mark_used
from nemo_notebook.film.provenance import Provenance
from nemo_notebook.render.cache import Mix, shot_key, sound_key
from nemo_notebook.render.formats import FORMATS, LAST_STEPS, QUALITIES, SOUND_CODECS, codec_for, poster_frame
from nemo_notebook.render.layers import Shot, Sound, as_json
from nemo_notebook.render.plan import FilmPlan, one_frame
from nemo_notebook.render.progress import ProgressMeter, last_step_s, mix_s, shot_s, track_s


class Run(Protocol):
    """Runs an operation of `OPERATIONS` in a worker process; many may be awaited at once."""

    def __call__(
        self, op: str, args: dict[str, Any], on_progress: Callable[[float], None] | None = None
    ) -> Awaitable[dict[str, Any]]:
        """Returns the operation's result; raises its error."""


@dataclass(frozen=True, slots=True)
class FilmReport:
    """What was made.

    Attributes:
        path: The file.
        frames: Its length.
        shots: How many it is made of.
        shots_rendered: How many of them were not in the cache.
        bytes: Its size.
    """

    path: Path
    frames: int
    shots: int
    shots_rendered: int
    bytes: int


def check(plan: FilmPlan) -> None:
    """Sees that a plan has what its format is made of.

    Raises:
        UnsupportedMedia: A sound file of a draft without sound, or a score of one without composed music.
    """
    kind = FORMATS[plan.output.format].kind
    if kind == "sound" and not plan.sound.sounds:
        raise UnsupportedMedia(
            f"There is nothing to hear in this timeline that could go into a {plan.output.format}.",
            hint="Add music or a song first, or export a video.",
        )
    if kind == "score" and _score(plan) is None:
        raise UnsupportedMedia(
            "There are no notes to export: only music that was composed here has a score.",
            hint="Ask for music first, for example: %nemo chat add calm background music",
        )


async def render_film(
    plan: FilmPlan,
    *,
    run: Run,
    cache_dir: Path,
    out_path: Path,
    on_progress: Callable[[float], None],
    poster_path: Path | None = None,
    poster: int | None = None,
    clip_path: Path | None = None,
    made: Provenance | None = None,
) -> FilmReport:
    """Renders an export of any format; only what the format needs.

    Args:
        plan: From `make_plan`.
        run: Executes operations in worker processes.
        cache_dir: Where shots and mixes are kept by the hash of what they show or sound like.
        out_path: The file; it is there only when it is whole.
        on_progress: Called with the fraction done, which never goes back and ends at 1.
        poster_path: Where a small JPEG goes: of a frame, or of the waveform of a sound; a score has none.
        poster: The frame that stands for the film, and that a still shows; without one, that at 40 % of it.
        clip_path: Where a small clip of a film's first seconds goes.
        made: What it is made of, for its metadata; its form and what draws it are filled in.

    Raises:
        NemoError: A source is missing or unreadable, the disk is full, or `check` fails.
    """
    check(plan)
    frame = (
        poster if poster is not None and 0 <= poster < plan.frames else poster_frame(None, plan.frames, plan.output.fps)
    )
    meter = ProgressMeter(on_progress, settings.engine_workers())
    film = _Film(plan, run, cache_dir, out_path, poster_path, frame, clip_path, made or Provenance(), meter)
    await film.make()
    return FilmReport(out_path, plan.frames, len(film.shots), film.rendered, out_path.stat().st_size)


@dataclass
class _Film:
    """One export. Each distinct shot is rendered once, however often it is seen."""

    plan: FilmPlan
    run: Run
    cache: Path
    path: Path
    poster_path: Path | None
    poster: int
    clip_path: Path | None
    made: Provenance
    meter: ProgressMeter
    rendered: int = 0

    def __post_init__(self) -> None:
        self._form = FORMATS[self.plan.output.format]
        self._shot_dir, self._sound_dir = self.cache / "shots", self.cache / "sounds"
        self._files: dict[int, Path] = {}
        self._under_way: dict[str, asyncio.Event] = {}
        # No more of one export are asked for at once, so that exports of several sessions take turns.
        self._lanes = asyncio.Semaphore(settings.engine_workers() + 1)
        self.shots: tuple[Shot, ...] = self.plan.shots if self._form.pictures else ()
        if self._form.kind == "still":
            self.shots = (one_frame(self.plan, self.poster),)
        costs_s = {shot.first_frame: shot_s(shot, self.plan.output) for shot in self.shots}
        self._told = {first: self.meter.part(f"shot {first}", cost_s) for first, cost_s in costs_s.items()}
        alone = {
            LAST_STEPS[self._form.kind],
            *(["mix_sound"] if any(shot.needs_spectrum for shot in self.shots) else []),
        }
        others = self._other_costs_s().items()
        self._told_of = {name: self.meter.part(name, cost_s, is_alone=name in alone) for name, cost_s in others}

    async def make(self) -> None:
        """Does all that is needed; what turns out to be damaged in the cache is made again, once."""
        try:
            await self._make()
        except NemoError:
            if not await self._drop_damaged():
                raise
            self._under_way.clear()
            await self._make()

    async def _drop_damaged(self) -> int:
        """How many files of the cache were damaged and are gone now."""
        track = self._track() if self._form.kind == "video" else None
        mixed = Mix.of(self.plan.sound, self._sound_dir).peaks.exists()
        if not (self._files or mixed or (track and track.exists())):
            return 0
        args = {"shots": self._shot_files(), "track": str(track) if track else None, **self._sound_args()}
        return int((await self.run("drop_damaged", args))["dropped"])

    async def _make(self) -> None:
        spectral = [shot for shot in self.shots if shot.needs_spectrum]
        # The longest first, so that all cores end together.
        others = sorted((s for s in self.shots if not s.needs_spectrum), key=lambda shot: shot.frames, reverse=True)
        work = [self._render(shot, None, "") for shot in others]
        if self._form.sound or spectral:
            work.append(self._mix(spectral))
        await _together(*work)
        name, args = self._last_step()
        await self.run(name, {**args, "path": str(self.path)}, self._told_of[name])
        self.meter.finish()

    async def _mix(self, spectral: Sequence[Shot]) -> None:
        slices = [[shot.first_frame, shot.frames] for shot in spectral]
        args = {**self._sound_args(), "fps": self.plan.output.fps, "slices": slices}
        mixed = await self.run("mix_sound", args, self._told_of["mix_sound"])
        self._told_of["mix_sound"](1.0)
        found = sorted(zip(spectral, mixed["digests"], strict=True), key=lambda f: f[0].frames, reverse=True)
        work = [self._render(shot, mixed["spectrum"], digest) for shot, digest in found]
        if self._form.kind == "video":
            work.append(self._write_track())
        await _together(*work)

    async def _write_track(self) -> None:
        told, path = self._told_of["write_track"], self._track()
        if path.is_file():
            mark_used([path])
        else:
            args = {**self._sound_args(), "output": as_json(self.plan.output), "path": str(path)}
            await self.run("write_track", args, told)
        told(1.0)

    async def _render(self, shot: Shot, spectrum: str | None, digest: str) -> None:
        codec, told = codec_for(self.plan.output), self._told[shot.first_frame]
        key = shot_key(shot, self.plan.output, digest)
        path = self._shot_dir / f"{key}{codec.suffix}"
        if key in self._under_way:
            self.meter.leave_out(f"shot {shot.first_frame}")
            await self._under_way[key].wait()
        elif path.is_file():
            mark_used([path])  # the cache keeps what was used last
            self.meter.leave_out(f"shot {shot.first_frame}")
        else:
            self._under_way[key] = asyncio.Event()
            args = {"shot": as_json(shot), "output": as_json(self.plan.output), "path": str(path)}
            async with self._lanes:
                await self.run("render_shot", {**args, "spectrum": spectrum}, told)
            self.rendered += 1
            self._under_way[key].set()
        self._files[shot.first_frame] = path
        told(1.0)

    def _last_step(self) -> tuple[str, dict[str, Any]]:
        """The operation that writes the file, without its path."""
        plan, kind = self.plan, self._form.kind
        about = {
            "output": as_json(plan.output),
            "metadata": {"title": plan.title, "artist": plan.artist},
            "made": replace(self.made, output=plan.output.words).to_json(),
        }
        if kind == "sound":
            poster = str(self.poster_path) if self.poster_path else None
            return "write_sound", {**about, **self._sound_args(), "poster": poster}
        if kind == "score":
            score = _score(plan)
            return "write_score", {**about, "recipe": as_json(dict(score.recipe)) if score else {}}
        still = None if plan.output.in_pieces else self._poster_args()
        pictures = {**about, "shots": self._shot_files(), "poster": still}
        if kind == "video":
            clip = str(self.clip_path) if self.clip_path else None
            return LAST_STEPS[kind], {**pictures, "track": str(self._track()), "clip": clip}
        return LAST_STEPS[kind], pictures

    def _shot_files(self) -> list[list[Any]]:
        """Those that are done, in order."""
        found = ((self._files.get(shot.first_frame), shot.frames) for shot in self.shots)
        return [[str(path), frames] for path, frames in found if path is not None]

    def _poster_args(self) -> dict[str, Any]:
        shot = self.shots[bisect_right([s.first_frame for s in self.shots], self.poster) - 1]
        return {
            "path": str(self.poster_path) if self.poster_path else None,
            "shot": str(self._files[shot.first_frame]),
            "frame": self.poster - shot.first_frame,
        }

    def _sound_args(self) -> dict[str, Any]:
        return {"sound": as_json(self.plan.sound), "cache_dir": str(self._sound_dir)}

    def _track(self) -> Path:
        name = self._form.sound
        codec = SOUND_CODECS[name]
        kbits_per_s = codec.kbits_per_s[QUALITIES.index(self.plan.output.quality)]
        return self._sound_dir / f"{sound_key(self.plan.sound)}-{name}{kbits_per_s}{codec.track[1]}"

    def _other_costs_s(self) -> dict[str, float]:
        """What is to be done beside the shots, with its weight."""
        plan, costs_s = self.plan, dict[str, float]()
        if self._form.sound or any(shot.needs_spectrum for shot in self.shots):
            costs_s["mix_sound"] = 0.0 if Mix.of(plan.sound, self._sound_dir).exists else mix_s(plan)
        if self._form.kind == "video":
            costs_s["write_track"] = 0.0 if self._track().is_file() else track_s(plan)
        return {**costs_s, LAST_STEPS[self._form.kind]: last_step_s(plan)}


def _score(plan: FilmPlan) -> Sound | None:
    """The longest of the music that was composed here."""
    return max((s for s in plan.sound.sounds if s.recipe), key=lambda sound: sound.samples, default=None)


async def _together(*work: Awaitable[Any]) -> None:
    """Awaits all; the first error cancels the others and is raised as it is."""
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
