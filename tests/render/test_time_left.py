"""How well the time that is left is told: exports whose steps were measured, replayed without waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cases import cases

from nemo_notebook.render import MediaFile, make_plan, output_for, render_film
from nemo_notebook.render.cache import shot_key
from nemo_notebook.render.formats import codec_for
from nemo_notebook.render.layers import Blend, from_json
from nemo_notebook.render.plan import FilmPlan
from nemo_notebook.render.progress import TimeLeft

SLOWER = 10  # times as slow as the machine that the steps were measured on, or as long a film
START_S = 1.0  # until a worker that was not there is ready
MORE = 0.65  # of a core is what another one brings, where both are at work: as measured with two threads of one
LOOKS_S = 0.5
MEANS_NOTHING_S = 2.0
WITHIN = 1.5
MEDIA = {
    "city": MediaFile("city", Path("city.mp4"), "video", 9000, 1920, 1080),
    "song": MediaFile("song", Path("song.mp3"), "audio", 24_000, has_audio=True),
}


def draft(*tracks: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = (0, 0, 1) if len(tracks) == 3 else (0, 1)
    return {"d": 8000, "m": {"fps": 30}, "t": [{"tt": k, "sg": each} for k, each in zip(kinds, tracks, strict=True)]}


def segment(role: str, start: int, length: int, **meta: Any) -> dict[str, Any]:
    return {"s": start, "d": length, "v": 0.5, "m": {"role": role, **meta}}


def cuts(**meta: Any) -> list[dict[str, Any]]:
    spans = [(0, 2000), (2000, 2000), (4000, 1000), (5000, 1000), (6000, 1000), (7000, 1000)]
    return [segment("clip", start, length, media="city", in_ms=start % 7000, **meta) for start, length in spans]


SONG = [segment("song", 0, 8000, media="song")]
MUSIC = [segment("bgm", 0, 8000, music={"mood": "upbeat", "bpm": 120, "seed": 1})]
DRAWN = [segment("backdrop", 0, 8000, palette="aurora")]
FILMS = {
    "cut": draft(cuts(), SONG),
    "crossed": draft(cuts(transition={"kind": "dissolve", "ms": 500}), SONG),
    "bars": draft(DRAWN, [segment("visualizer", 0, 8000, style="bars", palette="aurora")], SONG),
    "composed": draft([segment("clip", 0, 8000, media="city")], MUSIC),
}


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time goes on to what comes next as soon as there is nothing else to do."""

    now_s = 0.0

    def time(self) -> float:
        return self.now_s

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now_s = max(self.now_s, self._scheduled[0]._when)  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


class Workers:
    """Does the steps of a film in the time that was measured, on so many cores."""

    def __init__(self, plan: FilmPlan, seconds: Mapping[str, float], count: int, out: Path) -> None:
        self.plan, self.seconds, self.out = plan, seconds, out
        self.slower = count / (1 + MORE * (count - 1))
        self.idle: asyncio.LifoQueue[float] = asyncio.LifoQueue()
        for _ in range(count):
            self.idle.put_nowait(START_S)

    async def __call__(
        self, op: str, args: dict[str, Any], on_progress: Callable[[float], None] | None = None
    ) -> dict[str, Any]:
        took_s = SLOWER * self.seconds[op]
        if op == "render_shot":
            shot = from_json(args["shot"])
            each_s = self.seconds["render_shot"] if Blend not in map(type, shot.layers) else self.seconds["blend"]
            took_s = SLOWER * each_s * shot.frames
        if op in {"render_shot", "write_track"}:
            took_s *= self.slower
        await asyncio.sleep(await self.idle.get())
        for step in range(1, 101):
            await asyncio.sleep(took_s / 100)
            if on_progress:
                on_progress(step / 100)
        self.idle.put_nowait(0.0)
        self.out.touch()
        return {"spectrum": "", "digests": [str(at) for at, _ in enumerate(args.get("slices", ()))]}


async def replayed(plan: FilmPlan, workers: Workers, cache: Path) -> list[tuple[float, float, float | None]]:
    """An export from afar: time, share done and seconds left at each look; the last is its end."""
    loop, looks = asyncio.get_running_loop(), list[tuple[float, float, float | None]]()
    left, done = None, 0.0

    def tell(now: float) -> None:
        nonlocal left, done
        left = left or (TimeLeft(loop.time(), now) if now > 0.01 else None)
        done = now

    film = asyncio.ensure_future(
        render_film(plan, run=workers, cache_dir=cache, out_path=workers.out, on_progress=tell)
    )
    while not film.done():
        await asyncio.wait([film], timeout=LOOKS_S)
        looks.append((loop.time(), done, left.look(done, loop.time()) if left else None))
    await film
    return looks


@pytest.mark.parametrize("cores", [1, 2, 4])
@pytest.mark.parametrize("is_warm", [False, True], ids=["cold", "warm"])
@cases
def test_time_left__is_right_within_a_half_after_the_first_tenth(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    film: str,
    kind: str,
    size: str | None,
    seconds: dict[str, float],
    is_warm: bool,
    cores: int,
) -> None:
    monkeypatch.setattr("nemo_notebook.settings.engine_workers", lambda: cores)
    made = FILMS[film]
    plan = make_plan(made, MEDIA, output_for(made, kind, "high", size))
    if is_warm and kind != "mp3":  # some shots are there already
        (tmp_path / "shots").mkdir()
        for shot in plan.shots[1:-2]:
            (tmp_path / "shots" / f"{shot_key(shot, plan.output, '')}{codec_for(plan.output).suffix}").touch()
    loop = Clock()
    try:
        looks = loop.run_until_complete(replayed(plan, Workers(plan, seconds, cores, tmp_path / "film"), tmp_path))
    finally:
        loop.close()
    end_s = looks[-1][0]
    after = [(end_s - now_s, left_s) for now_s, done, left_s in looks if done >= 0.1 and end_s - now_s > 1]
    told = [(true_s, left_s) for true_s, left_s in after if left_s is not None]
    wrong = [(a, b) for a, b in told if not a / WITHIN <= b <= a * WITHIN and abs(a - b) > MEANS_NOTHING_S]
    assert len(after) - len(told) <= 4
    assert not wrong, f"{len(wrong)} of {len(after)}: {wrong[:5]} … {wrong[-3:]}"
