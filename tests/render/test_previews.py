"""The film of a preview: made of pieces that a player can begin with, and only what an edit touches is rendered."""

from __future__ import annotations

import asyncio
import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from cases import cases

from nemo_notebook.render import FilmReport, make_plan, output_for, render_film
from nemo_notebook.render.formats import preview_for
from nemo_notebook.render.operations import OPERATIONS
from nemo_notebook.session.previews import read_preview


def preview(studio, draft) -> tuple[Path, FilmReport]:
    async def run(op, args, on_progress=None):
        return OPERATIONS[op](args, on_progress or (lambda done: None))

    path = studio.folder / "preview.mp4"
    plan = make_plan(draft, studio.media, preview_for(draft))
    work = render_film(plan, run=run, cache_dir=studio.folder / "cache", out_path=path, on_progress=lambda done: None)
    return path, asyncio.run(work)


@pytest.fixture
def draft(studio, kit):
    """Seven seconds of two clips with a title and a song."""
    studio.clip("one", 36)
    studio.clip("two", 36)
    studio.song("song", np.full((48_000 * 7, 2), 0.1, np.float32))
    shots = [kit.segment("clip", 0, 4000, 0, media="one"), kit.segment("clip", 4000, 3000, 0, media="two")]
    song, words = kit.segment("song", 0, 7000, 1, media="song"), kit.segment("title", 0, 2500, text="Hi")
    return kit.draft_of(7000, (0, shots), (1, [song]), (7, [words]))


def test_every_piece__can_be_begun_with(studio, draft):
    path, _ = preview(studio, draft)
    found, content = read_preview(path), path.read_bytes()
    assert found.duration_s == 7.0
    assert found.fps == 30
    assert (found.width, found.height) == (preview_for(draft).width, preview_for(draft).height)
    assert found.pieces[0].start_s == 0
    ends_s = [each.start_s for each in found.pieces[1:]] + [found.duration_s]
    assert all(0.4 < end_s - each.start_s <= 2.5 for each, end_s in zip(found.pieces, ends_s, strict=True))
    for each, end_s in zip(found.pieces, ends_s, strict=True):
        alone = content[: found.head_bytes] + content[each.offset : each.offset + each.size]
        with av.open(io.BytesIO(alone)) as part:
            times_s = sorted(float(frame.pts * frame.time_base) for frame in part.decode(video=0))
        # FFmpeg counts from the first decoding time; browsers, from which a picture is shown.
        assert times_s[0] - 2 / 30 == pytest.approx(each.start_s, abs=1e-3)
        assert len(times_s) == round(30 * (end_s - each.start_s))


def test_sound_of_a_piece__begins_with_its_picture(studio, draft):
    path, _ = preview(studio, draft)
    found, content = read_preview(path), path.read_bytes()
    for each in found.pieces:
        alone = content[: found.head_bytes] + content[each.offset : each.offset + each.size]
        with av.open(io.BytesIO(alone)) as part:
            first = next(packet for packet in part.demux(audio=0) if packet.size)
            begins_s = float((first.pts or 0) * Fraction(first.time_base))
        assert each.start_s - 0.1 < begins_s <= each.start_s + 1e-3


def test_whole_file__plays_as_any_other(studio, draft):
    path, _ = preview(studio, draft)
    with av.open(str(path)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 210
    with av.open(str(path)) as film:
        samples = sum(frame.samples for frame in film.decode(audio=0))
    assert abs(samples - 7 * 48_000) <= 2048


def test_edit__renders_only_what_it_touches(studio, draft):
    _, first = preview(studio, draft)
    assert first.shots_rendered == first.shots
    assert preview(studio, draft)[1].shots_rendered == 0
    draft["t"][2]["sg"][0]["m"]["text"] = "Yo"
    _, again = preview(studio, draft)
    assert 0 < again.shots_rendered < again.shots
    draft["t"][0]["sg"][1]["d"] -= 500
    draft["d"] -= 500
    assert preview(studio, draft)[1].shots_rendered == 1


@cases
def test_long_film__is_smaller(canvas, length_ms, size):
    draft = {"d": length_ms, "m": {"width": canvas[0], "height": canvas[1]}}
    made = preview_for(draft)
    assert (made.width, made.height) == size
    assert (made.quality, made.in_pieces) == ("preview", True)
    assert output_for(draft, quality="preview").in_pieces is False
