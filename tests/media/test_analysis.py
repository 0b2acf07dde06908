"""When the engine listens and watches, and what it does if that fails."""

from __future__ import annotations

import asyncio

import pytest

from nemo_notebook import errors
from nemo_notebook.engine import analyses
from nemo_notebook.engine.analyses import Analyses
from nemo_notebook.engine.store import Store

INFO = {
    "duration_s": 8.0, "width": 640, "height": 360, "has_audio": True, "title": "", "artist": "", "fps": 30,
}  # fmt: skip
HEARD = {
    "beats_s": [0.5, 1.0, 1.5, 2.0, 2.5],
    "first_downbeat": 1,
    "tempo": 120.0,
    "energy": [0.2, 1.0],
    "sections": [[0.0, 0.4], [6.5, 0.9]],
    "drops_s": [6.5],
    "cover_colors": ["#203040", "#8090a0", "#d0e0f0"],
    "content": "speech",
    "silences_ms": [[0, 480], [7_000, 8_000]],
}
SEEN = {
    "scenes_s": [1.5, 4.0],
    "motion": [0.1, 0.3],
    "brightness": [0.5, 0.6],
    "sharpness": [0.7, 0.8],
    "steadiness": [0.9, 1.0],
    "focus": [[0.2, 0.4], [0.5, 0.5]],
    "pan": [[-0.1, 0.0], [0.0, 0.0]],
    "sound": [0.3, 1.0],
    "voices": [0.0, 0.8],
    "silences_ms": [[2_000, 3_500]],
}
LOOKED = {"focus": [[0.3, 0.6]]}


class Workers:
    """Stands in for worker processes: gives answers, or fails."""

    def __init__(self, answers):
        self.answers, self.ran = answers, []

    async def run(self, op, args, **_):
        self.ran.append(op)
        answer = self.answers[op]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def items_of(folder, answers, kinds, old=None):
    """What the engine knows of uploads of these kinds after listening and watching, and what it ran for that."""
    store = Store(folder)
    workers = Workers(answers)
    found = Analyses(store, workers)
    session = store.create_session("local", "en")
    rows = [store.add_media(session.id, f"hash{kind}", f"file.{kind}", INFO | {"kind": kind}) for kind in kinds]
    if old is not None:
        store.add_analysis(rows[0].hash, old)
    for _ in range(2):
        await asyncio.gather(*found.of(rows))
    items = list(found.items(rows))
    await found.close()
    store.close()
    return items, workers.ran


def test_songs_are_listened_to_videos_watched_and_pictures_looked_at_once(tmp_path):
    answers = {"listen": HEARD, "watch": SEEN, "look": LOOKED}
    items, ran = asyncio.run(items_of(tmp_path, answers, ("audio", "video", "image")))
    song, video, image = items
    assert sorted(ran) == ["listen", "look", "watch"]
    assert song.beats_ms == (500, 1000, 1500, 2000, 2500)
    assert song.downbeats_ms == (1000,)
    assert song.sections == ((0, 0.4), (6500, 0.9))
    assert (song.tempo, song.drops_ms, song.cover_colors) == (120.0, (6500,), tuple(HEARD["cover_colors"]))
    assert (song.content, song.silences_ms) == ("speech", ((0, 480), (7_000, 8_000)))
    assert (video.content, video.silences_ms) == ("", ((2_000, 3_500),))
    assert image.focus == ((0.3, 0.6),)
    assert (video.focus, video.pan) == (((0.2, 0.4), (0.5, 0.5)), ((-0.1, 0.0), (0.0, 0.0)))
    assert (video.sharpness, video.steadiness) == ((0.7, 0.8), (0.9, 1.0))
    assert (video.sound, video.voices) == ((0.3, 1.0), (0.0, 0.8))
    assert (video.scenes_ms, video.motion, video.brightness) == ((1500, 4000), (0.1, 0.3), (0.5, 0.6))


@pytest.mark.parametrize("error", [errors.UnsupportedMedia("broken"), errors.EngineError("it ended")])
def test_a_song_that_cannot_be_listened_to_has_no_beat_and_nobody_waits_for_it_again(tmp_path, error):
    (song,), ran = asyncio.run(items_of(tmp_path, {"listen": error}, ("audio",)))
    assert ran == ["listen"]
    assert (song.beats_ms, song.tempo, song.sections) == ((), None, ())


@pytest.mark.parametrize("version", [None, 1, [1], [*analyses.version()[:1], "av 1.0"]])
def test_what_an_older_version_or_another_library_found_is_found_anew(tmp_path, version):
    old = {"beats_s": [9.0], "tempo": 60.0, "version": version}
    (song,), ran = asyncio.run(items_of(tmp_path, {"listen": HEARD}, ("audio",), old))
    assert ran == ["listen"]
    assert song.tempo == 120.0


def test_what_this_version_found_before_is_kept(tmp_path):
    old = HEARD | {"version": analyses.version()}
    (song,), ran = asyncio.run(items_of(tmp_path, {}, ("audio",), old))
    assert ran == []
    assert song.beats_ms[0] == 500
