"""Tiny media, and a way to run a whole film in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from PIL import Image

from nemo_notebook.errors import EngineError, NemoError
from nemo_notebook.film.provenance import Provenance
from nemo_notebook.render import FilmReport, MediaFile, make_plan, output_for, render_film
from nemo_notebook.render.formats import poster_frame
from nemo_notebook.render.operations import OPERATIONS
from nemo_notebook.render.planes import Planes

RATE = 48_000
WIDTH, HEIGHT = 96, 64


def level_of(index: int) -> int:
    """Brightness by which a frame of `Studio.clip` tells its number."""
    return 30 + 6 * index


def number_of(luma: np.ndarray) -> int:
    """The number of the frame whose middle is seen."""
    height, width = luma.shape
    middle = luma[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4]
    return round((float(middle.mean()) - 30) / 6)


@dataclass
class Studio:
    """Makes media in a folder and renders drafts over them."""

    folder: Path
    media: dict[str, MediaFile] = field(default_factory=dict)
    calls: list[tuple[str, dict]] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)

    def clip(
        self,
        name: str,
        count: int = 30,
        size: tuple[int, int] = (WIDTH, HEIGHT),
        pts_ms: Sequence[int] | None = None,
        rotation: int = 0,
        paint: Callable[[int, int, int], Planes] | None = None,
        tone: np.ndarray | None = None,
        suffix: str = "mp4",
        gop: int = 12,
        rate: int = 30,
    ) -> str:
        """A clip whose frame k has the brightness `level_of(k)`, or whatever `paint(k, width, height)` gives."""
        path = self.folder / f"{name}.{suffix}"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=rate, options={"crf": "5", "preset": "fast", "g": str(gop)})
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.codec_context.time_base = Fraction(1, 1000) if pts_ms else Fraction(1, rate)
            stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
            if rotation:
                stream.set_display_rotation(rotation)
            sound = container.add_stream("aac", rate=RATE, layout="stereo") if tone is not None else None
            for k in range(count):
                picture = (paint or _grey)(k, *size)
                frame = picture.to_video_frame()
                frame.pts, frame.time_base = (pts_ms[k] if pts_ms else k), stream.codec_context.time_base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
            if sound is not None:
                container.mux([*sound.encode(_audio(tone)), *sound.encode(None)])
        self.media[name] = MediaFile(name, path, "video", count * 1000 / rate, *size, tone is not None, rotation)
        return name

    def song(self, name: str, samples: np.ndarray, suffix: str = "wav") -> str:
        """Stereo sound of shape (n, 2) at 48 kHz."""
        path = self.folder / f"{name}.{suffix}"
        with av.open(str(path), "w") as container:
            stream = container.add_stream({"wav": "pcm_s16le", "mp3": "mp3", "m4a": "aac"}[suffix], rate=RATE)
            container.mux([*stream.encode(_audio(samples)), *stream.encode(None)])
        self.media[name] = MediaFile(name, path, "audio", len(samples) / 48, has_audio=True)
        return name

    def image(self, name: str, rgb: np.ndarray, **how: object) -> str:
        """A PNG of uint8 RGB."""
        path = self.folder / f"{name}.png"
        Image.fromarray(rgb).save(path, **how)
        self.media[name] = MediaFile(name, path, "image", 0, rgb.shape[1], rgb.shape[0])
        return name

    def film(
        self,
        draft: dict,
        format: str = "mp4",  # noqa: A002
        name: str = "film",
        quality: str = "high",
        made: Provenance | None = None,
    ) -> tuple[Path, FilmReport]:
        """Renders a draft; operations run in this process."""
        self.calls.clear()
        self.progress.clear()
        path = self.folder / f"{name}.{format}"
        plan = make_plan(draft, self.media, output_for(draft, format, quality))

        async def run(op: str, args: dict, on_progress: Callable[[float], None] | None = None) -> dict:
            self.calls.append((op, args))
            try:
                return OPERATIONS[op](args, on_progress or (lambda done: None))
            except NemoError:
                raise
            except Exception as error:  # as the pool tells it
                raise EngineError(f"The engine failed inside ({type(error).__name__}).") from error

        report = asyncio.run(
            render_film(
                plan,
                run=run,
                cache_dir=self.folder / "cache",
                out_path=path,
                on_progress=self.progress.append,
                poster_path=self.folder / f"{name}.poster.jpg",
                poster=poster_frame(draft, plan.frames, plan.output.fps),
                made=made,
            )
        )
        return path, report


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def draft_of(length_ms: int, *tracks: tuple[int, list[dict]], width: int = WIDTH, height: int = HEIGHT) -> dict:
    return {
        "d": length_ms,
        "m": {"title": "Test", "width": width, "height": height, "fps": 30},
        "t": [{"tt": kind, "sg": segments} for kind, segments in tracks],
    }


def segment(role: str, start_ms: int, length_ms: int, volume: float | None = None, **meta: object) -> dict:
    made = {"s": start_ms, "d": length_ms, "m": {"role": role, **meta}}
    return made if volume is None else {**made, "v": volume}


def pictures(path: Path) -> list[Planes]:
    """All frames of a film."""
    with av.open(str(path)) as container:
        return [Planes.of_frame(frame).copy() for frame in container.decode(video=0)]


def hear(path: Path) -> np.ndarray:
    """The sound of a film from time 0 on, shape (n, 2)."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
        early = max(0, round(-float(frames[0].time) * RATE))
        return np.concatenate([frame.to_ndarray() for frame in frames], axis=1).T[early:]


def tone(length_s: float, hz: float = 440.0, peak: float = 0.5) -> np.ndarray:
    wave = peak * np.sin(2 * np.pi * hz * np.arange(round(length_s * RATE)) / RATE)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def _grey(k: int, width: int, height: int) -> Planes:
    planes = Planes.black(width, height)
    planes.y[...] = level_of(k)
    return planes


def _audio(samples: np.ndarray) -> AudioFrame:
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples.T, np.float32), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    return frame


@pytest.fixture
def kit() -> object:
    """The helpers above, for tests that cannot import this file."""
    import types

    names = (draft_of, segment, pictures, hear, tone, number_of, level_of)
    return types.SimpleNamespace(
        **{item.__name__: item for item in names}, WIDTH=WIDTH, HEIGHT=HEIGHT, RATE=RATE, Planes=Planes
    )
