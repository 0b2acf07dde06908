"""Two short clips under a long song: what comes again does not look the same, moves, and follows the song."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from picture_hash import Fingerprint, fingerprint, look_alike

from nemo_notebook import examples
from nemo_notebook.film.draft import SHOTS, editable
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.render.formats import output_for
from nemo_notebook.render.placement import MediaFile
from nemo_notebook.render.plan import make_plan, one_frame
from nemo_notebook.render.planes import Planes
from nemo_notebook.render.sources import source_frames

LENGTH_S, BPM = 300, 124
PARTS = (
    (20, 0.2),
    (40, 0.5),
    (16, 0.6),
    (44, 0.95),
    (30, 0.25),
    (40, 0.55),
    (10, 0.6),
    (60, 1.0),
    (40, 0.2),
)  # s, loudness
CLIPS_S = {"city": 5, "lanterns": 10}
IN_A_ROW = 10


def uploads() -> tuple[MediaItem, ...]:
    starts_ms = [1000 * at for at in itertools.accumulate((seconds for seconds, _ in PARTS), initial=0)][:-1]
    beats = tuple(round(200 + k * 60_000 / BPM) for k in range(int((LENGTH_S - 0.2) * BPM / 60)))
    song = MediaItem(
        *("s", "song.mp3", "audio", 1000 * LENGTH_S),
        has_audio=True,
        beats_ms=beats,
        downbeats_ms=beats[::4],
        tempo=float(BPM),
        energy=tuple(level for seconds, level in PARTS for _ in range(seconds)),
        sections=tuple(zip(starts_ms, (level for _, level in PARTS), strict=True)),
        drops_ms=(starts_ms[3], starts_ms[7]),
    )
    clips = (MediaItem(name, f"{name}.mp4", "video", 1000 * s, 1920, 1080) for name, s in CLIPS_S.items())
    return (song, *clips)


@pytest.fixture(scope="module")
def shots():
    media = uploads()
    draft = apply_edits({}, [parse({"edit": "make_video"})], Situation({}, media)).draft
    film = editable(draft)
    film.meta.update(width=160, height=90)
    return film, film.segments(*SHOTS)


def small_copy(source: Path, target: Path, length_s: int) -> None:
    """A bundled clip, small, as long as is wanted, and of keyframes alone."""
    with av.open(str(source)) as clip, av.open(str(target), "w") as copy:
        rate = Fraction(clip.streams.video[0].frames, length_s).limit_denominator(1000)
        stream = copy.add_stream("libx264", rate=rate, options={"g": "1", "preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number, frame in enumerate(clip.decode(video=0)):
            small = frame.reformat(320, 180, "yuv420p")
            small.pts, small.time_base = number, 1 / rate
            copy.mux(stream.encode(small))
        copy.mux(stream.encode(None))


@pytest.fixture(scope="module")
def prints(shots, tmp_path_factory):
    film, segments = shots
    folder, bundled = tmp_path_factory.mktemp("clips"), examples.folder() / "media"
    files = {"s": MediaFile("s", bundled / "song.mp3", "audio", 1000 * LENGTH_S, has_audio=True)}
    for name, length_s in CLIPS_S.items():
        small_copy(bundled / f"{name}.mp4", folder / f"{name}.mp4", length_s)
        files[name] = MediaFile(name, folder / f"{name}.mp4", "video", 1000 * length_s, 320, 180)
    output = output_for(film)
    plan = make_plan(film, files, output)
    found = []
    for segment in segments:
        frames = segment.first + 1, (segment.first + segment.last) // 2, segment.last - 2
        found.append([_print(plan, frame, output) for frame in frames])
    return found


def _print(plan, frame, output) -> Fingerprint:
    layer = one_frame(plan, frame).layers[0]
    picture = getattr(layer, "over", layer)  # in a blend, the picture that comes
    return fingerprint(Planes.of_frame(next(source_frames(picture, output, 1))))


def test_no_two_of_ten_shots_in_a_row_look_alike(prints):
    pairs = [(i, j) for j in range(len(prints)) for i in range(max(0, j - IN_A_ROW + 1), j)]
    alike = [
        (i, j)
        for i, j in pairs
        if all(look_alike(a, b, bits=6, levels=6) for a, b in zip(prints[i], prints[j], strict=True))
    ]
    assert len(pairs) > 1000
    assert not alike


def test_something_moves_most_of_the_time(shots):
    _, segments = shots
    moving = [shot["d"] for shot in segments if shot.meta["camera"]["from"] != shot.meta["camera"]["to"]]
    assert sum(moving) >= 0.7 * 1000 * LENGTH_S


def test_shots_are_longer_where_the_song_is_calm(shots):
    _, segments = shots
    song = uploads()[0]
    level = np.array(song.energy)[[min(LENGTH_S - 1, int(shot["s"] / 1000)) for shot in segments]]
    lengths = np.array([shot["d"] for shot in segments])
    assert lengths[level <= 0.25].mean() >= 1.5 * lengths[level >= 0.95].mean()


def test_cuts_lie_on_beats(shots):
    _, segments = shots
    beats = np.array(uploads()[0].beats_ms)
    off_ms = [np.abs(beats - shot["s"]).min() for shot in segments[1:]]
    assert np.mean(np.array(off_ms) <= 40) >= 0.95
