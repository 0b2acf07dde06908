"""The films of `bench_films` as one FFmpeg command and as MoviePy make them, and VMAF; needs imageio-ffmpeg, moviepy.

Cuts come from the engine's own draft. Bars and title are as near to the engine's as each peer's own means draw them,
on a plain ground, which is less work than the engine's.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

from large_media import FPS, HEIGHT, WIDTH

import nemo_notebook.engine

FONT = Path(nemo_notebook.engine.__file__).parent / "fonts" / "NotoSansCJKsc-Bold.subset.otf"
BARS = HEIGHT // 3
CODE = "-c:v libx264 -preset veryfast -crf 21 -pix_fmt yuv420p -c:a aac -b:a 192k".split()
MOVIEPY = """
import json, sys
import numpy as np
from moviepy import AudioFileClip, ColorClip, CompositeVideoClip, TextClip, VideoClip, VideoFileClip
from moviepy import concatenate_videoclips

shots, folder, seconds, bars, title, font, width, height, fps, preset = json.loads(sys.argv[1])
sound = AudioFileClip(f"{folder}/song.mp3").subclipped(0, seconds)
if shots:
    clips = {name: VideoFileClip(f"{folder}/{name}") for name in {s[0] for s in shots}}
    parts = [clips[name].subclipped(at, min(at + count / fps, clips[name].duration)) for name, at, count in shots]
    film = concatenate_videoclips(parts)
else:
    film = ColorClip((width, height), color=(16, 16, 48), duration=seconds)
over = []
if bars:
    rate, size = 44100, 2048
    mono = sound.to_soundarray(fps=rate).mean(axis=1)
    edges = np.geomspace(2, size // 2, 65).astype(int)

    def levels(t):
        part = mono[int(t * rate) : int(t * rate) + size]
        power = np.abs(np.fft.rfft(np.pad(part, (0, size - len(part))) * np.hanning(size)))
        loudest = [power[a : max(b, a + 1)].max() + 1e-3 for a, b in zip(edges, edges[1:])]
        return np.clip(np.log10(loudest) / 3 + 0.3, 0, 1)

    def mask(t):
        tall = np.repeat(levels(t), width // 64) * bars
        return (np.arange(bars)[::-1, None] < tall[None, :]).astype(float)

    ink = ColorClip((width, bars), color=(120, 220, 255), duration=seconds)
    over.append(ink.with_mask(VideoClip(mask, is_mask=True, duration=seconds)).with_position((0, height - bars)))
if title:
    words, begin_s, long_s = title
    text = TextClip(font=font, text=words, font_size=96, color="white", duration=min(long_s, seconds))
    over.append(text.with_position("center").with_start(min(begin_s, max(0, seconds - long_s))))
film = CompositeVideoClip([film, *over]) if over else film
film.with_audio(sound).with_duration(seconds).write_videofile(
    f"{folder}/by moviepy.mp4", fps=fps, preset=preset, logger=None
)
"""


def shots_of(draft: dict, seconds: float) -> list[tuple[str, float, int]]:
    """The clips of a draft as (file, in-point in seconds, frames), as far as they begin within `seconds`."""
    shots = [s for t in draft["t"] for s in t["sg"] if s["m"].get("role") == "clip" and s["s"] < seconds * 1000]
    frames = [round((s["s"] + s["d"]) * FPS / 1000) - round(s["s"] * FPS / 1000) for s in shots]
    return [(s["m"]["source"], s["m"]["in_ms"] / 1000, count) for s, count in zip(shots, frames, strict=True)]


def has_bars(draft: dict) -> bool:
    return any(s["m"].get("role") == "visualizer" for t in draft["t"] for s in t["sg"])


def title_of(draft: dict) -> tuple[str, float, float] | None:
    """The first title as (words, start in seconds, length in seconds)."""
    titles = (s for t in draft["t"] if t["tt"] == 7 for s in t["sg"])
    return next(((s["m"]["text"], s["s"] / 1000, s["d"] / 1000) for s in titles), None)


def ffmpeg() -> str:
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


def timed(*command: str) -> tuple[float, str]:
    """Wall seconds of a command, and what it said."""
    begun = time.perf_counter()
    done = subprocess.run([*command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return time.perf_counter() - begun, done.stderr


def joined_clips(shots: list[tuple[str, float, int]], folder: Path) -> tuple[list[str], str]:
    """FFmpeg's inputs, and the graph that puts them one after another as [cut]."""
    inputs: list[str] = []
    for name, at_s, count in shots:
        inputs += ["-ss", f"{at_s:.3f}", "-t", f"{count / FPS + 0.2:.3f}", "-i", str(folder / name)]
    each = [
        f"[{n}:v]fps={FPS},trim=end_frame={count},setpts=PTS-STARTPTS[v{n}]" for n, (_, _, count) in enumerate(shots)
    ]
    joined = "".join(f"[v{n}]" for n in range(len(shots))) + f"concat=n={len(shots)}:v=1:a=0[cut]"
    return inputs, ";".join([*each, joined])


def by_ffmpeg(draft: dict, folder: Path, seconds: float) -> tuple[float, Path]:
    """Wall seconds of one command for the whole film, and the file."""
    shots, title = shots_of(draft, seconds), title_of(draft)
    if shots:
        inputs, graph = joined_clips(shots, folder)
        song = len(shots)
    else:
        inputs, graph, song = [], f"color=c=0x101030:s={WIDTH}x{HEIGHT}:r={FPS}:d={seconds}[cut]", 0
    picture, sound = "[cut]", f"{song}:a"
    if has_bars(draft):
        graph += (
            f";[{song}:a]asplit[heard][seen];[seen]showfreqs=s={WIDTH}x{BARS}:r={FPS}:mode=bar:fscale=log:ascale=log:"
            f"colors=0x78dcff,format=rgba[bars];[cut][bars]overlay=0:{HEIGHT - BARS}:shortest=1[barred]"
        )
        picture, sound = "[barred]", "[heard]"
    if title is not None:
        words, begin_s, long_s = title
        graph += (
            f";{picture}drawtext=fontfile={FONT}:text={words}:fontsize=96:fontcolor=white:x=(w-tw)/2:y=(h-th)/2:"
            f"enable='between(t,{begin_s},{begin_s + long_s})'[titled]"
        )
        picture = "[titled]"
    target = folder / "by ffmpeg.mp4"
    inputs += ["-t", str(seconds), "-i", str(folder / "song.mp3")]
    maps = ["-filter_complex", graph, "-map", picture, "-map", sound, "-t", str(seconds)]
    return timed(ffmpeg(), "-y", *inputs, *maps, *CODE, str(target))[0], target


def by_moviepy(draft: dict, folder: Path, seconds: float, preset: str) -> float:
    """Wall seconds for the first `seconds` of the film; MoviePy's own preset is `medium`."""
    shots, bars = shots_of(draft, seconds), BARS if has_bars(draft) else 0
    told = json.dumps([shots, str(folder), seconds, bars, title_of(draft), str(FONT), WIDTH, HEIGHT, FPS, preset])
    return timed(sys.executable, "-c", MOVIEPY, told)[0]


def vmaf(film: Path, draft: dict, folder: Path, seconds: float) -> float:
    """VMAF of a film of cuts against the clips themselves, over its first shots."""
    shots = shots_of(draft, seconds)
    inputs, graph = joined_clips(shots, folder)
    frames = sum(each[2] for each in shots)
    # Told to be what they are, or FFmpeg would convert the colours of the one that says so and not of the other.
    same = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    made = f"[{len(shots)}:v]trim=end_frame={frames},setpts=PTS-STARTPTS,{same}[made]"
    compare = f"{graph};{made};[cut]{same}[seen];[made][seen]libvmaf=n_threads=2"
    said = timed(ffmpeg(), *inputs, "-i", str(film), "-filter_complex", compare, "-f", "null", "-")[1]
    found = re.search(r"VMAF score: ([\d.]+)", said)
    assert found is not None, said[-500:]
    return float(found[1])
