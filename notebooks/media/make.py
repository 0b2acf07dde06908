"""Makes the song and the clips of the notebooks: `python notebooks/media/make.py` (a few minutes).

Everything is drawn and composed from seeds, so that a second run shows and plays the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import _city
import _dance
import _lanterns
import _ride
import _sea
import av
import numpy as np
from _draw import FPS, HEIGHT, WIDTH, finish
from av.video.reformatter import ColorRange, Colorspace

from nemo_notebook.music import RATE, make_recipe, synthesize

HERE = Path(__file__).parent
SONG_MS, SONG_BPM, SONG_SEED = 24_000, 120.0, 8
BT709 = 1
CLIPS = {
    "city": (_city.frames, 6.5, 32),
    "sea": (_sea.frames, 7.0, 31),
    "lanterns": (_lanterns.frames, 6.5, 32),
    "ride": (_ride.frames, 6.0, 33),
    "dance": (_dance.frames, 6.0, 34),
}


def song(path: Path) -> None:
    """Writes the song as MP3 with its tags."""
    sound = synthesize(make_recipe("upbeat", SONG_MS, SONG_SEED, SONG_BPM))
    with av.open(str(path), "w", options={"id3v2_version": "3"}) as out:
        out.metadata.update({"title": "Paper Lanterns", "artist": "nemo-notebook"})
        stream = out.add_stream("libmp3lame", rate=RATE, layout="stereo")
        stream.bit_rate = 160_000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        fifo = av.AudioFifo()
        fifo.write(frame)
        while piece := fifo.read(1152, partial=True):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))


def clip(path: Path, pictures: Iterator[np.ndarray], crf: int) -> None:
    """Writes a silent H.264 clip: a keyframe a second, index at the front, colours marked as BT.709."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {
            "crf": str(crf),
            "preset": "slow",
            "tune": "animation",
            "g": str(FPS),
            "x264-params": "aq-mode=1:aq-strength=0.9:bframes=5:scenecut=0:deblock=2,2",
        }
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = context.color_range = BT709
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(finish(picture), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def main(names: list[str]) -> None:
    """Makes what is named, or all."""
    if not names or "song" in names:
        song(HERE / "song.mp3")
    for name, (frames, seconds, crf) in CLIPS.items():
        if not names or name in names:
            clip(HERE / f"{name}.mp4", frames(seconds), crf)
    for path in sorted(HERE.glob("*.mp[34]")):
        print(f"{path.name}  {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
