"""Films for platforms: another shape, a part where no more is taken, and nothing of it in the session's own draft."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path
from typing import Any

import pytest
from cases import cases
from fake_service import Rendering, sse

from nemo_notebook import errors
from nemo_notebook.film.timeline import SoundAnalysis, Sounds, Timeline
from nemo_notebook.film.tracks import read_tracks
from nemo_notebook.session.exports import excerpt, reshaped, strongest_ms
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.presets import PRESETS, check_duration, choose_preset
from nemo_notebook.session.results import Video


def film(length_ms: int = 20_000) -> dict[str, Any]:
    """Shots of four seconds, a song and a title, as the local engine writes them, and something that nobody knows."""
    shots = [
        {"id": f"s{n}", "s": 4000 * n, "d": 4000, "v": 0, "x": n, "m": {"role": "clip", "media": "c", "in_ms": 100 * n}}
        for n in range(length_ms // 4000)
    ]
    shots[1]["m"] |= {"speed": 2.0, "transition": {"kind": "slide", "ms": 400}, "fade_in_ms": 300}
    song = {"id": "a", "s": 0, "d": length_ms, "v": 1, "m": {"role": "song", "media": "a", "fade_out_ms": 2000}}
    title = {"id": "t", "s": 0, "d": 3000, "m": {"role": "title", "text": "Hi"}}
    return {
        "d": length_ms,
        "other": [1, {"k": 2}],
        "m": {"width": 1920, "height": 1080, "fps": 30, "title": "My Song", "fade_out_ms": 1000},
        "t": [
            {"id": "1", "tt": 0, "m": {"name": "Video"}, "sg": shots},
            {"id": "2", "tt": 1, "sg": [song]},
            {"id": "3", "tt": 7, "sg": [title]},
        ],
    }


@pytest.mark.parametrize("name", PRESETS)
def test_reshaped__is_a_copy_in_the_platforms_shape(name: str) -> None:
    draft, preset = film(), PRESETS[name]
    before = copy.deepcopy(draft)
    made = reshaped(draft, preset)
    assert draft == before
    assert (made["m"]["width"], made["m"]["height"]) == (preset.width, preset.height)
    assert made["m"].get("fit") == (None if name == "youtube" else "crop")
    assert made["other"] == draft["other"]
    if name != "canvas":
        assert made["t"] == draft["t"]
        assert made["m"]["fade_out_ms"] == 1000


def test_fit__that_was_chosen_stays() -> None:
    draft = film()
    draft["m"]["fit"] = "blur"
    assert reshaped(draft, PRESETS["tiktok"])["m"]["fit"] == "blur"


def test_canvas__is_eight_seconds_that_loop() -> None:
    made = reshaped(film(), PRESETS["canvas"], 5000)
    assert made["d"] == 8000
    assert made["m"]["loop_ms"] > 0
    assert "fade_out_ms" not in made["m"]
    tracks = read_tracks(made)
    assert [[(s.id, s.start_ms, s.duration_ms) for s in track.segments] for track in tracks] == [
        [("s1", 0, 3000), ("s2", 3000, 4000), ("s3", 7000, 1000)],
        [("a", 0, 8000)],
    ]


def test_canvas__of_a_short_film_is_the_whole_of_it() -> None:
    draft = film(4000 * 2)
    made = reshaped(draft, PRESETS["canvas"], 3000)
    assert (made["d"], made["t"]) == (8000, draft["t"])


@pytest.mark.parametrize("role", ["song", "speech"])
def test_excerpt__shows_and_plays_the_same_at_the_same_moment(role: str) -> None:
    draft = film()
    draft["t"][1]["sg"][0]["m"]["role"] = role
    made = excerpt(draft, 5000, 8000)
    first, *others = made["t"][0]["sg"]
    assert first["m"] == {"role": "clip", "media": "c", "in_ms": 100 + 2 * 1000, "speed": 2.0}
    assert [segment["m"] for segment in others] == [segment["m"] for segment in film()["t"][0]["sg"][2:4]]
    assert [segment["x"] for segment in (first, *others)] == [1, 2, 3]
    (song,) = made["t"][1]["sg"]
    assert song["m"] == {"role": role, "media": "a", "in_ms": 5000}
    assert made["t"][0]["m"] == {"name": "Video"}


def test_excerpt__of_keys_as_another_service_writes_them() -> None:
    segments = [{"start": 0, "end": 3000.0, "text": "a"}, {"start": 3000, "end": 9000.0, "text": "b"}, "noise"]
    made = excerpt({"duration": 9.0e3, "tracks": [None, {"type": 7, "segments": segments}]}, 2000, 4000)
    assert made["duration"] == 4000
    assert made["tracks"] == [
        None,
        {
            "type": 7,
            "segments": [
                {"start": 0, "end": 1000.0, "text": "a"},
                {"start": 1000, "end": 4000.0, "text": "b"},
                "noise",
            ],
        },
    ]


def test_strongest__is_the_posters_shot_else_the_loudest_bar_else_the_beginning() -> None:
    draft = film()
    assert strongest_ms(Timeline(draft), 8000) == 0
    loud = SoundAnalysis(
        downbeats_ms=(0, 2000, 9500, 12_000), peaks=(20,) * 10 + (90,) * 8 + (20,) * 2, duration_ms=20_000
    )
    known = Sounds({("hash", "a"): loud})
    assert strongest_ms(Timeline(draft, sounds=known), 8000) == 9500
    draft["t"][1]["sg"][0]["v"] = 0
    assert strongest_ms(Timeline(draft, sounds=known), 8000) == 0
    draft["m"]["poster_ms"] = 6000
    assert strongest_ms(Timeline(draft, sounds=known), 8000) == 4000


@cases
def test_length__is_told_of(name: str, duration_s: float, words: str) -> None:
    told = " ".join(check_duration(PRESETS[name], duration_s))
    assert words in told if words else told == ""


@pytest.mark.parametrize(("name", "duration_s"), [("canvas", 2.5), ("tiktok", 3700), ("reels", 1), ("youtube", 50_000)])
def test_length__that_a_platform_refuses_is_an_error(name: str, duration_s: float) -> None:
    with pytest.raises(errors.UsageError) as caught:
        check_duration(PRESETS[name], duration_s)
    assert caught.value.hint


def test_preset__that_there_is_not_is_told_with_those_that_are() -> None:
    with pytest.raises(errors.UsageError) as caught:
        choose_preset("myspace")
    assert all(name in caught.value.hint for name in PRESETS)


def exported(fake: Rendering, path: Path | None = None, **how: Any) -> Video:
    return asyncio.run(fake.session().export(path, **how))


def test_export__sends_the_reshaped_copy_and_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fake = Rendering(sse(), [film()])
    video = exported(fake, preset="canvas")
    (body,) = fake.submitted
    assert body["output"] == {"format": "mp4", "quality": "high"}
    assert (body["draft"]["d"], body["draft"]["m"]["width"]) == (8000, 1080)
    assert (video.path.name, video.duration) == ("my-song-canvas.mp4", 8.0)
    assert "8 s of the film's 20 s" in video.notes[0]
    shown = video._repr_mimebundle_()
    assert video.notes[0] in shown["text/plain"]
    assert "film&#x27;s 20 s" in shown["text/html"]


def test_options__go_before_the_preset(tmp_path: Path) -> None:
    fake = Rendering(sse(), [film()])
    exported(fake, tmp_path / "film.mov", preset="tiktok", quality="low", resolution="720p")
    assert fake.submitted[0]["output"] == {"format": "mov", "quality": "low", "resolution": "720p"}
    assert Journal().jobs()[0].detail["output"] == {"quality": "low", "resolution": "720p", "preset": "tiktok"}
    exported(fake, tmp_path / "film.webm", preset="tiktok", format="webm")
    assert fake.submitted[1]["output"] == {"format": "webm", "quality": "high"}


def test_refused_film__is_not_begun(tmp_path: Path) -> None:
    draft = film(8000)
    draft["d"] = 2000
    fake = Rendering(sse(), [draft])
    with pytest.raises(errors.UsageError):
        exported(fake, tmp_path / "a.mp4", preset="canvas")
    assert fake.submitted == []
    assert Journal().jobs() == []
