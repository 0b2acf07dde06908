"""The bundled song and clips are what the notebooks promise."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

MEDIA = Path(__file__).parents[2] / "notebooks" / "media"
CLIPS = ("city", "dance", "lanterns", "ride", "sea")


def test_all_files_together_stay_small():
    sizes = [path.stat().st_size for path in MEDIA.glob("*.mp[34]")]
    assert len(sizes) == 6
    assert sum(sizes) < 5_000_000


def test_song_is_24_seconds_of_tagged_stereo():
    with av.open(str(MEDIA / "song.mp3")) as song:
        stream = song.streams.audio[0]
        assert song.metadata["title"] == "Paper Lanterns"
        assert song.metadata["artist"] == "nemo-notebook"
        assert (stream.rate, stream.channels) == (48_000, 2)
        assert song.duration / av.time_base == pytest.approx(24.0, abs=0.1)


@pytest.mark.parametrize("name", CLIPS)
def test_clip_is_full_hd_with_a_keyframe_a_second_and_its_index_in_front(name):
    path = MEDIA / f"{name}.mp4"
    head = path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt, context.width, context.height) == ("h264", "yuv420p", 1920, 1080)
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        assert stream.average_rate == 30
        assert 180 <= stream.frames <= 240
        keys = sorted(p.pts * p.time_base * 30 for p in clip.demux(stream) if p.is_keyframe and p.pts is not None)
        assert keys == list(range(0, stream.frames, 30))


@pytest.mark.parametrize("name", CLIPS)
def test_clip_moves(name):
    with av.open(str(MEDIA / f"{name}.mp4")) as clip:
        stream = clip.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        grey = [f.to_ndarray(format="gray").astype(float)[::4, ::4] for f in clip.decode(stream)]
    assert min(np.abs(a - b).mean() for a, b in pairwise(grey)) > 1.0
