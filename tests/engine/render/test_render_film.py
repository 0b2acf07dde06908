"""Whole films: counts, time stamps, sound in step, cache, progress."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import av
import numpy as np
import pytest

from nemo_notebook.engine.render import FilmReport, make_plan, output_for, render_film
from nemo_notebook.errors import FileMissing, RenderFailed, UnsupportedMedia


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


@pytest.mark.parametrize("format", ["mp4", "mov", "mkv"])
def test_picture_and_sound_start_and_end_together(studio, kit, format):  # noqa: A002
    studio.clip("a", 36)
    samples = np.zeros((96000, 2), np.float32)
    samples[48000:48020] = 0.8
    studio.song("click", samples)
    shots = [kit.segment("clip", 0, 1000, 0, media="a"), kit.segment("clip", 1000, 1000, 0, media="a", in_ms=900)]
    song = kit.segment("song", 0, 2000, 1, media="click")
    path, _ = studio.film(kit.draft_of(2000, (0, shots), (1, [song])), format)
    heard = kit.hear(path)
    numbers = [kit.number_of(p.y) for p in kit.pictures(path)]
    cut_s = next(k for k, (a, b) in enumerate(pairwise(numbers), start=1) if b < a) / 30
    assert int(np.abs(heard[:, 0]).argmax()) / 48000 == pytest.approx(cut_s, abs=0.002)
    assert len(heard) / 48000 == pytest.approx(2.0, abs=0.03)
    with av.open(str(path)) as film:
        assert film.duration / 1e6 == pytest.approx(2.0, abs=0.05)


def test_an_mp4_has_its_index_in_front_and_says_what_it_is(studio, kit):
    draft = song_draft(studio, kit, [10])
    draft["m"] |= {"title": "夏天 & <b>", "artist": "Someone"}
    path, _ = studio.film(draft)
    data = path.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as film:
        assert film.metadata["title"] == "夏天 & <b>"
        assert film.metadata["artist"] == "Someone"
        assert "nemo-notebook" in film.metadata["comment"]
        assert (film.streams.video[0].codec_context.color_primaries, film.streams.video[0].average_rate) == (1, 30)


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


def test_shots_that_look_alike_are_rendered_once(studio, kit):
    studio.clip("a", 30)
    length_ms, shots = cuts_of(kit, [10, 10, 10])
    _, report = studio.film(kit.draft_of(length_ms, (0, shots)))
    assert (report.shots, report.shots_rendered) == (3, 1)


def test_progress_is_told_frame_by_frame_and_never_goes_back(studio, kit):
    studio.film(song_draft(studio, kit, [10, 20, 30]))
    assert studio.progress == sorted(studio.progress)
    assert studio.progress[-1] == 1
    assert len(studio.progress) > 60
    assert max(b - a for a, b in pairwise(studio.progress)) < 0.1


def test_a_missing_source_ends_the_film_with_its_name_and_no_file(studio, kit):
    draft = song_draft(studio, kit, [10, 20])
    studio.media["a"].path.unlink()
    draft["t"][0]["sg"][0]["m"]["source"] = "holiday.mp4"
    with pytest.raises(FileMissing, match=r"holiday\.mp4|a"):
        studio.film(draft)
    assert not list(studio.folder.glob("film*"))
    assert not list((studio.folder / "cache").rglob("*.part"))


def test_a_damaged_shot_in_the_cache_is_noticed(studio, kit):
    draft = song_draft(studio, kit, [10, 20])
    studio.film(draft)
    first, second = sorted((studio.folder / "cache" / "shots").iterdir(), key=lambda p: p.stat().st_size)
    first.write_bytes(second.read_bytes())
    with pytest.raises(RenderFailed, match="frames instead of"):
        studio.film(draft, name="second")
    assert not (studio.folder / "second.mp4").exists()


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
    assert started == cancelled


def test_bars_and_a_title_are_drawn_from_the_sound(studio, kit):
    studio.song("song", kit.tone(1, peak=0.9))
    draft = kit.draft_of(
        1000,
        (0, [kit.segment("backdrop", 0, 1000, palette="aurora")]),
        (0, [kit.segment("visualizer", 0, 1000, style="bars", palette="aurora")]),
        (1, [kit.segment("song", 0, 1000, 1, media="song")]),
        (7, [kit.segment("title", 0, 1000, text="HI")]),
        width=320,
        height=180,
    )
    path, report = studio.film(draft)
    seen = kit.pictures(path)
    assert len(seen) == report.frames == 30
    assert float(seen[15].y.max()) > 150
    assert float(np.abs(seen[15].y.astype(int) - seen[0].y).mean()) > 0.5
    assert studio.film(draft)[1].shots_rendered == 0
