"""A whole film: the sound and the shots side by side, then the join; what is in the cache is not done again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from nemo_notebook.engine.render.layers import Shot, shot_key, to_json
from nemo_notebook.engine.render.plan import FilmPlan

COMMENT: Final = "Made with nemo-notebook"
_MIX_SHARE: Final = 0.06  # of the frames, measured: what the mix and the join take beside them
_JOIN_SHARE: Final = 0.02


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
        path: The film.
        frames: Its length.
        shots: How many it is joined from.
        shots_rendered: How many of them were not in the cache.
        bytes: Its size.
    """

    path: Path
    frames: int
    shots: int
    shots_rendered: int
    bytes: int


class _Meter:
    """Adds up the progress of parts of different weight; what is told never goes back."""

    def __init__(self, whole: float, tell: Callable[[float], None]) -> None:
        self._whole = whole
        self._tell = tell
        self._done: dict[str, float] = {}
        self._told = -1.0

    def part(self, name: str, weight: float) -> Callable[[float], None]:
        def update(fraction: float) -> None:
            self._done[name] = max(self._done.get(name, 0.0), weight * min(1.0, fraction))
            now = min(1.0, sum(self._done.values()) / self._whole)
            if now > self._told:
                self._told = now
                self._tell(now)

        return update


async def render_film(
    plan: FilmPlan, *, run: Run, cache_dir: Path, out_path: Path, on_progress: Callable[[float], None]
) -> FilmReport:
    """Renders a film.

    Args:
        plan: From `make_plan`.
        run: Executes operations in worker processes.
        cache_dir: Where shots and mixes are kept by the hash of what they show or sound like.
        out_path: The film; it is there only when it is whole.
        on_progress: Called with the fraction done, which never goes back and ends at 1.

    Raises:
        NemoError: A source is missing or unreadable, or the disk is full.
    """
    mix_weight, join_weight = _MIX_SHARE * plan.frames, _JOIN_SHARE * plan.frames
    meter = _Meter(plan.frames + mix_weight + join_weight, on_progress)
    shots = _ShotRuns(plan, run, cache_dir / "shots", meter)
    spectral = [shot for shot in plan.shots if shot.needs_spectrum]
    args = {
        "sound": to_json(plan.sound),
        "cache_dir": str(cache_dir / "sounds"),
        "fps": plan.output.fps,
        "slices": [[shot.first_frame, shot.frames] for shot in spectral],
    }
    mixed = meter.part("mix", mix_weight)

    async def sound_then_its_shots() -> dict[str, Any]:
        mix = await run("mix_sound", args, mixed)
        mixed(1.0)
        digests = zip(spectral, mix["digests"], strict=True)
        await _together(*(shots.render(shot, mix["spectrum"], digest) for shot, digest in digests))
        return mix

    mix, *_ = await _together(
        sound_then_its_shots(), *(shots.render(shot, None, "") for shot in plan.shots if not shot.needs_spectrum)
    )
    joined = meter.part("join", join_weight)
    film = await run(
        "join_film",
        {
            "shots": [[str(shots.paths[shot.first_frame]), shot.frames] for shot in plan.shots],
            "aac": mix["aac"],
            "output": to_json(plan.output),
            "metadata": {"title": plan.title, "artist": plan.artist, "comment": COMMENT},
            "path": str(out_path),
        },
        joined,
    )
    joined(1.0)
    return FilmReport(out_path, plan.frames, len(plan.shots), shots.rendered, film["bytes"])


class _ShotRuns:
    """Renders each distinct shot once, however often it is seen."""

    def __init__(self, plan: FilmPlan, run: Run, folder: Path, meter: _Meter) -> None:
        self.paths: dict[int, Path] = {}
        self.rendered = 0
        self._plan = plan
        self._run = run
        self._folder = folder
        self._meter = meter
        self._under_way: dict[str, asyncio.Event] = {}

    async def render(self, shot: Shot, spectrum: str | None, digest: str) -> None:
        key = shot_key(shot, self._plan.output, digest)
        path = self.paths[shot.first_frame] = self._folder / f"{key}.mp4"
        progress = self._meter.part(f"shot {shot.first_frame}", shot.frames)
        if key in self._under_way:
            await self._under_way[key].wait()
        elif not path.is_file():
            self._under_way[key] = asyncio.Event()
            args = {"shot": to_json(shot), "output": to_json(self._plan.output), "path": str(path)}
            await self._run("render_shot", {**args, "spectrum": spectrum}, progress)
            self.rendered += 1
            self._under_way[key].set()
        progress(1.0)


async def _together(*work: Awaitable[Any]) -> list[Any]:
    """Awaits all; the first error cancels the others and is raised as it is."""
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
