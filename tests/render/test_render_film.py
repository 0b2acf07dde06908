"""Whole films: counts, time stamps, sound in step, cache, progress."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image

from nemo_notebook.errors import FileMissing, RenderFailed, UnsupportedMedia
from nemo_notebook.render import FilmReport, make_plan, muxing, output_for, render_film
from nemo_notebook.render.layers import as_json
from nemo_notebook.render.operations import OPERATIONS
from nemo_notebook.render.progress import ProgressMeter
from nemo_notebook.settings import engine_workers


def cuts_of(kit, frames_each, media="a"):
    """One shot after another, of the given numbers of frames."""
    at, made = 0, []
    for frames in frames_each:
        start, end = round(at * 1000 / 30), round((at + frames) * 1000 / 30)
        made.append(kit.segment("clip", start, end - start, 0, media=media, in_ms=100))
        at += frames
    return round(at * 1000 / 30), made


def song_draft(studio, kit, lengths):
    studio.clip("a", 36)
    length_ms, shots = cuts_of(kit, lengths)
    samples = kit.tone(length_ms / 1000 + 0.1)
    studio.song("song", samples)
    return kit.draft_of(length_ms, (0, shots), (1, [kit.segment("song", 0, length_ms, 0.5, media="song")]))


@pytest.mark.parametrize("format", ["mp4", "mov", "mkv"])
def test_every_frame_of_many_cuts_arrives_at_its_time(studio, kit, format):  # noqa: A002
    lengths = [1, 2, 3, 13, 1, 30, 7, 5, 19, 1, 26]
    path, report = studio.film(song_draft(studio, kit, lengths), format)
    expected = [3 + k for count in lengths for k in range(count)]
    assert [kit.number_of(p.y) for p in kit.pictures(path)] == [min(35, k) for k in expected]
    assert report == FilmReport(path, sum(lengths), 11, 9, path.stat().st_size)  # three shots of one frame are one
    with av.open(str(path)) as film:
        packets = [p for p in film.demux(film.streams.video[0]) if p.size]
        clock = packets[0].time_base
    shown = sorted(p.pts * clock for p in packets)
    assert shown[0] == 0
    assert all(abs(float(time) - k / 30) <= 0.0006 for k, time in enumerate(shown))
    decoded = [p.dts for p in packets if p.dts is not None]
    assert all(a < b for a, b in pairwise(decoded))
    assert all(p.dts is None or p.dts <= p.pts for p in packets)


def test_a_gap_is_black_and_silent(studio, kit):
    studio.clip("a", 30)
    draft = kit.draft_of(
        1000, (0, [kit.segment("clip", 0, 300, 0, media="a"), kit.segment("clip", 600, 400, 0, media="a")])
    )
    path, _ = studio.film(draft)
    bright = [float(p.y.mean()) for p in kit.pictures(path)]
    assert [b < 18 for b in bright] == [False] * 9 + [True] * 9 + [False] * 12
    assert np.abs(kit.hear(path)).max() < 1e-4


def test_an_edit_renders_only_what_it_touches(studio, kit):
    draft = song_draft(studio, kit, [10, 12, 14, 16])
    studio.film(draft)
    assert [op for op, _ in studio.calls].count("render_shot") == 4
    _, again = studio.film(draft)
    assert again.shots_rendered == 0
    draft["t"][0]["sg"][2]["m"]["in_ms"] = 200
    _, edited = studio.film(draft)
    assert (edited.shots_rendered, edited.shots) == (1, 4)
    draft["t"][1]["sg"][0]["v"] = 0.2
    _, quieter = studio.film(draft)
    assert quieter.shots_rendered == 0


def test_progress_is_told_frame_by_frame_and_never_goes_back(studio, kit, monkeypatch):
    monkeypatch.setattr("nemo_notebook.settings.engine_workers", lambda: 1)  # as here: one step after the other
    studio.film(song_draft(studio, kit, [10, 20, 30]))
    assert studio.progress == sorted(studio.progress)
    assert studio.progress[-1] == 1
    assert len(studio.progress) > 60
    assert max(b - a for a, b in pairwise(studio.progress)) < 0.1


def test_a_missing_source_ends_the_film_with_its_name_and_no_file(studio, kit):
    draft = song_draft(studio, kit, [10, 20])
    studio.media["a"].path.unlink()
    for segment in draft["t"][0]["sg"]:
        segment["m"]["source"] = "holiday.mp4"
    with pytest.raises(FileMissing, match=r"holiday\.mp4"):
        studio.film(draft)
    assert not list(studio.folder.glob("film*"))
    assert not list((studio.folder / "cache").rglob("*.part"))


def test_a_shot_in_the_cache_of_another_length_is_made_again(studio, kit):
    draft = song_draft(studio, kit, [10, 20])
    path, _ = studio.film(draft)
    good = path.read_bytes()
    first, second = sorted((studio.folder / "cache" / "shots").iterdir(), key=lambda p: p.stat().st_size)
    first.write_bytes(second.read_bytes())
    path, report = studio.film(draft)
    assert (path.read_bytes(), report.shots_rendered) == (good, 1)


def test_the_first_error_cancels_the_rest(studio, kit):
    draft = song_draft(studio, kit, [10, 12, 14])
    plan = make_plan(draft, studio.media, output_for(draft))
    started, cancelled = [], []

    async def run(op, args, on_progress=None):
        if op == "mix_sound":
            await asyncio.sleep(0)
            raise UnsupportedMedia("no")
        started.append(args["path"])
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(args["path"])
            raise

    with pytest.raises(UnsupportedMedia, match="no"):
        asyncio.run(
            render_film(
                plan, run=run, cache_dir=studio.folder, out_path=studio.folder / "f.mp4", on_progress=lambda done: None
            )
        )
    assert len(started) == 3
    assert sorted(started) == sorted(cancelled)


def test_the_longest_shots_begin_first_and_no_export_takes_all_the_workers(studio, kit):
    draft = song_draft(studio, kit, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    plan = make_plan(draft, studio.media, output_for(draft))
    begun, waiting, most = [], 0, 0

    async def run(op, args, on_progress=None):
        nonlocal waiting, most
        if op == "render_shot":
            begun.append(args["shot"]["frames"])
            waiting += 1
            most = max(most, waiting)
            await asyncio.sleep(0)
            waiting -= 1
        return OPERATIONS[op](args, lambda done: None)

    film = studio.folder / "f.mp4"
    asyncio.run(render_film(plan, run=run, cache_dir=studio.folder, out_path=film, on_progress=lambda done: None))
    assert begun == sorted(begun, reverse=True)
    assert len(begun) == 10
    assert most <= engine_workers() + 1


def test_a_volume_edit_leaves_the_picture_alone_even_where_it_is_drawn_from_the_sound(studio, kit):
    studio.song("song", kit.tone(1, peak=0.9))
    draft = kit.draft_of(
        1000,
        (0, [kit.segment("backdrop", 0, 1000, palette="aurora")]),
        (0, [kit.segment("visualizer", 0, 1000, style="bars", palette="aurora")]),
        (1, [kit.segment("song", 0, 1000, 0.9, media="song")]),
    )
    studio.film(draft)
    draft["t"][2]["sg"][0]["v"] = 0.37
    path, report = studio.film(draft)
    assert report.shots_rendered == 0
    assert [op for op, _ in studio.calls] == ["mix_sound", "write_track", "join_film"]
    assert np.abs(kit.hear(path)).max() == pytest.approx(0.37 * 0.9, rel=0.05)
    seen = kit.pictures(path)
    assert float(np.abs(seen[15].y.astype(int) - seen[0].y).mean()) > 0.1


def test_a_poster_of_the_frame_that_was_asked_for_lies_beside_the_film(studio, kit):
    draft = song_draft(studio, kit, [10, 20])
    draft["m"]["poster_ms"] = 500
    studio.film(draft)
    with Image.open(studio.folder / "film.poster.jpg") as poster:
        assert poster.size == (kit.WIDTH, kit.HEIGHT)
        level = np.asarray(poster.convert("L"), float)[24:40, 40:56].mean()
    assert level == pytest.approx((kit.level_of(8) - 16) * 255 / 219, abs=2)  # frame 15, the clip's eighth


def test_the_poster_of_a_sound_is_its_waveform(studio, kit):
    draft = song_draft(studio, kit, [60])
    draft["t"][1]["sg"][0]["m"]["fade_out_ms"] = 2000
    studio.film(draft, "mp3")
    with Image.open(studio.folder / "film.poster.jpg") as poster:
        bars = np.asarray(poster.convert("L"), float) > 150  # the bars are lighter than what they stand on
    heights = bars.sum(axis=0)
    first, last = (heights[part].max() for part in (slice(0, 160), slice(480, 640)))
    assert first > 2 * last > 0


def test_a_film_that_is_cut_off_by_a_full_disk_is_noticed(studio, kit, monkeypatch):
    draft = song_draft(studio, kit, [10, 20])

    def cut(film, *rest):
        return whole(film, *rest) + 100_000  # more was written than has arrived

    whole = muxing._interleave
    monkeypatch.setattr(muxing, "_interleave", cut)
    with pytest.raises(RenderFailed, match="not written to its end"):
        studio.film(draft)
    assert not (studio.folder / "film.mp4").exists()


def peak_memory_kb(studio, kit, clips: int) -> int:
    """Of a worker that renders a shot of each clip, one after another."""
    size = 640, 360
    for k in range(clips):
        studio.clip(f"c{k}", 4, size=size)
    segments = [kit.segment("clip", 100 * k, 100, 0, media=f"c{k}", in_ms=10) for k in range(clips)]
    draft = kit.draft_of(100 * clips, (0, segments), width=size[0], height=size[1])
    plan = make_plan(draft, studio.media, output_for(draft))
    tasks = [
        {
            "shot": as_json(shot),
            "output": as_json(plan.output),
            "path": str(studio.folder / f"{k}.mp4"),
            "spectrum": None,
        }
        for k, shot in enumerate(plan.shots)
    ]
    code = (
        "import json, resource, sys\n"
        "from nemo_notebook.render.operations import OPERATIONS\n"
        "for task in json.load(sys.stdin):\n"
        "    OPERATIONS['render_shot'](task, lambda done: None)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(tasks), capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
def test_forty_clips_take_no_more_memory_than_four(studio, kit):
    few, many = peak_memory_kb(studio, kit, 4), peak_memory_kb(studio, kit, 40)
    assert many < 1.1 * few


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-0.5, 1.5)), max_size=60))
def test_progress_never_goes_back_and_ends_at_one(steps):
    told = []
    meter = ProgressMeter(told.append)
    parts = [meter.part(str(k), weight) for k, weight in enumerate((0.0, 1.0, 2.0, 30.0, 4.0))]
    for number, fraction in steps:
        if fraction > 1.4:
            meter.leave_out(str(number))
        else:
            parts[number](fraction)
    meter.finish()
    assert told == sorted(told)
    assert told[-1] == 1
    assert all(0 <= done <= 1 for done in told)


def drawn_film(studio, kit):
    """Two shots, one of them drawn from a song."""
    studio.clip("a", 36)
    studio.song("song", kit.tone(1.1))
    drawn = [kit.segment("backdrop", 500, 500), kit.segment("clip", 0, 500, 0, media="a")]
    sung = [kit.segment("song", 0, 1000, 0.5, media="song")]
    return kit.draft_of(1000, (0, drawn), (0, [kit.segment("visualizer", 500, 500)]), (1, sung))


def emptied(path):
    path.write_bytes(b"")


def halved(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeroed(path):
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize("format", ["mp4", "mkv", "webm", "avi", "gif", "png", "mp3"])
@pytest.mark.parametrize("damage", [emptied, halved, zeroed])
def test_what_is_damaged_in_the_cache_is_made_again(studio, kit, format, damage):  # noqa: A002
    draft = drawn_film(studio, kit)
    path, _ = studio.film(draft, format)
    good = path.read_bytes()
    kept = [p for p in sorted((studio.folder / "cache").rglob("*")) if p.is_file()]
    assert kept
    for each in kept:
        if each.suffix == ".f32" and damage is zeroed:
            continue  # silence is as good a sound as any
        damage(each)
        path, _ = studio.film(draft, format)
        assert path.read_bytes() == good, each.name


def test_a_source_that_fails_is_not_tried_twice(studio, kit):
    draft = song_draft(studio, kit, [10, 12])
    studio.film(draft)
    draft["t"][0]["sg"][1]["m"]["in_ms"] = 300
    studio.media["a"].path.write_bytes(b"no video")
    with pytest.raises(UnsupportedMedia):
        studio.film(draft)
    assert [op for op, _ in studio.calls].count("render_shot") == 1
