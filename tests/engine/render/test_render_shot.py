"""Shots: exact frames, any source onto the canvas, true colours, cached whole or not at all."""

from __future__ import annotations

import errno

import av
import numpy as np
import pytest
from PIL import Image as Pictures

from nemo_notebook.engine.render.files import whole_file
from nemo_notebook.engine.render.fit import fit
from nemo_notebook.engine.render.layers import Clip, Image, Output, Shot, TitleLayer
from nemo_notebook.engine.render.picture import Planes
from nemo_notebook.engine.render.shot import render_shot, title_alpha
from nemo_notebook.engine.render.still import image_frames
from nemo_notebook.errors import FileMissing, RenderFailed, UnsupportedMedia

SMALL = Output("mp4", "high", 96, 64, 30)


def shot_of(studio, kit, name, frames, output=SMALL, in_ms=0.0, skip=0):
    clip = Clip(name, str(studio.media[name].path), f"{name}.mp4", in_ms, skip)
    path = studio.folder / "shot.mp4"
    render_shot(Shot(0, frames, (clip,)), output, path, None, lambda done: None)
    return kit.pictures(path)


def numbers(studio, kit, *args, **how):
    return [kit.number_of(picture.y) for picture in shot_of(studio, kit, *args, **how)]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov", "avi"])
def test_a_shot_starts_at_its_in_point_and_counts_frames(studio, kit, suffix):
    studio.clip("a", 30, suffix=suffix)
    assert numbers(studio, kit, "a", 10, in_ms=433) == list(range(13, 23))  # 433 ms is frame 13, between keyframes
    assert numbers(studio, kit, "a", 4, in_ms=333, skip=7) == [17, 18, 19, 20]


def test_the_last_frame_is_held_where_the_source_ends(studio, kit):
    studio.clip("a", 12)
    assert numbers(studio, kit, "a", 6, in_ms=300) == [9, 10, 11, 11, 11, 11]
    assert numbers(studio, kit, "a", 2, in_ms=60_000) == [11, 11]


def test_a_source_of_varying_rate_shows_its_last_frame_at_or_before_each_time(studio, kit):
    studio.clip("a", 6, pts_ms=[0, 100, 110, 400, 420, 700])
    seen = numbers(studio, kit, "a", 24)
    assert seen == [
        max(k for k, ms in enumerate([0, 100, 110, 400, 420, 700]) if ms <= f * 1000 / 30 + 2) for f in range(24)
    ]
    assert numbers(studio, kit, "a", 3, in_ms=390) == [2, 4, 4]


@pytest.mark.parametrize(("rate", "expected"), [(15, [0, 0, 1, 1, 2, 2]), (60, [0, 2, 4, 6, 8, 10])])
def test_other_rates_are_repeated_or_dropped_evenly(studio, kit, rate, expected):
    studio.clip("a", 24, rate=rate)
    assert numbers(studio, kit, "a", 6) == expected


def corners(k, width, height):
    """Bright at the top left, dark elsewhere."""
    planes = Planes.black(width, height)
    planes.y[...] = 40
    planes.y[: height // 2, : width // 2] = 200
    return planes


@pytest.mark.parametrize(("rotation", "bright"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
def test_rotation_is_honoured(studio, kit, rotation, bright):
    size = (96, 64) if rotation % 180 == 0 else (64, 96)
    studio.clip("a", 3, size=size, rotation=rotation, paint=corners)
    picture = shot_of(studio, kit, "a", 1)[0].y
    with av.open(str(studio.media["a"].path)) as container:
        turn = next(container.decode(video=0)).rotation % 360
    assert turn == rotation  # counterclockwise
    quarters = [[float(picture[16 + 32 * row, 24 + 48 * column]) for column in (0, 1)] for row in (0, 1)]
    found = np.unravel_index(int(np.argmax(quarters)), (2, 2))
    assert tuple(int(side) for side in found) == bright
    assert sorted(quarters[0] + quarters[1])[2] < 60  # the three others are dark: nothing was fitted in beside it


@pytest.mark.parametrize("size", [(50, 34), (98, 66), (200, 120), (66, 64), (34, 98), (320, 64)])
def test_any_size_comes_onto_the_canvas_whole_frames_and_numbers(studio, kit, size):
    studio.clip("a", 6, size=size)
    assert numbers(studio, kit, "a", 6) == [0, 1, 2, 3, 4, 5]


def test_an_odd_size_and_another_pixel_format_come_onto_the_canvas(studio, kit):
    path = studio.folder / "odd.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = 97, 63, "yuv444p"
        grey = av.VideoFrame.from_ndarray(np.full((63, 97, 3), 128, np.uint8), "rgb24")
        container.mux([*stream.encode(grey), *stream.encode(None)])
    studio.clip("a", 1)
    clip = Clip("odd", str(path), "odd.mkv", 0.0, 0)
    render_shot(Shot(0, 1, (clip,)), SMALL, studio.folder / "s.mp4", None, lambda done: None)
    picture = kit.pictures(studio.folder / "s.mp4")[0]
    assert abs(picture.y.astype(int) - 126).max() <= 3


def test_a_tall_clip_lies_whole_before_a_blurred_copy_of_itself(studio, kit):
    studio.clip("a", 2, size=(36, 64), paint=corners)
    picture = shot_of(studio, kit, "a", 1)[0].y.astype(int)
    assert abs(picture[16, 39] - 200) < 12  # the middle 36 columns are the picture
    assert abs(picture[48, 57] - 40) < 12
    assert picture[:, :24].mean() != pytest.approx(16, abs=3)  # the sides are no black bars
    assert np.abs(np.diff(picture[8:-8, 4:24], axis=0)).max() < 40  # and blurred


@pytest.mark.parametrize(
    ("source", "fills"), [((1920, 1080), True), ((1440, 1080), True), ((1080, 1080), False), ((1080, 1920), False)]
)
def test_cropped_where_little_is_lost(source, fills):
    found = fit(*source, 1920, 1080)
    assert found.fills is fills
    assert (found.width >= 1920 and found.height >= 1080) if fills else (found.width <= 1920 and found.height <= 1080)
    assert found.width / found.height == pytest.approx(source[0] / source[1], rel=0.01)


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", [1, 5])
@pytest.mark.parametrize("rgb", [(255, 0, 0), (128, 128, 128), (20, 160, 220)])
def test_a_colour_comes_back_within_three_levels(studio, kit, rgb, matrix, full_range):
    path = studio.folder / "colour.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=30, options={"crf": "1", "color_range": "pc" if full_range else "tv"}
        )
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.colorspace, stream.codec_context.color_range = matrix, 2 if full_range else 1
        flat = av.VideoFrame.from_ndarray(np.full((48, 64, 3), rgb, np.uint8), "rgb24")
        frame = flat.reformat(format="yuv420p", dst_colorspace=matrix, dst_color_range=2 if full_range else 1)
        container.mux([*stream.encode(frame), *stream.encode(None)])
    shot = Shot(0, 1, (Clip("c", str(path), "colour.mkv", 0.0, 0),))
    render_shot(shot, SMALL, studio.folder / "s.mp4", None, lambda done: None)
    with av.open(str(studio.folder / "s.mp4")) as container:
        seen = next(container.decode(video=0))
        assert (seen.colorspace, seen.color_range) == (1, 1)
        back = seen.reformat(format="rgb24", src_colorspace=1, src_color_range=1, dst_color_range=2).to_ndarray()
    assert np.abs(back[20:40, 20:60].astype(int) - rgb).max() <= 3


def test_no_layer_is_black(studio, kit):
    render_shot(Shot(0, 4, ()), SMALL, studio.folder / "s.mp4", None, lambda done: None)
    seen = kit.pictures(studio.folder / "s.mp4")
    assert len(seen) == 4
    assert {(int(p.y.max()), int(p.u.max()), int(p.v.min())) for p in seen} == {(16, 128, 128)}


def gradient():
    across, down = np.meshgrid(np.linspace(0, 1, 384), np.linspace(0, 1, 256))
    return np.stack([255 * across, 255 * down, 128 + 0 * down], axis=2).astype(np.uint8)


@pytest.mark.parametrize("zoom", [1.2, 1 / 1.2])
def test_a_photo_zooms_evenly_around_its_middle(studio, zoom):
    studio.image("p", gradient())
    image = Image("p", str(studio.media["p"].path), "p.png", zoom, 0, 60)
    seen = [p.copy() for p in image_frames(image, 192, 128, 60)]
    left = np.array([float(p.y[40:88, :8].mean()) for p in seen])
    steps = np.diff(left) * (1 if zoom > 1 else -1)  # inwards, the left edge shows ever brighter columns
    assert steps.min() > 0
    assert steps.std() < 0.4 * steps.mean()
    middles = [float(p.y[60:68, 92:100].mean()) for p in seen]
    assert max(middles) - min(middles) < 1.5


def test_a_photo_goes_on_where_the_shot_before_left_it(studio):
    studio.image("p", gradient())
    path = str(studio.media["p"].path)
    whole = [p.copy() for p in image_frames(Image("p", path, "p", 1.1, 0, 20), 96, 64, 20)]
    rest = [p.copy() for p in image_frames(Image("p", path, "p", 1.1, 12, 20), 96, 64, 8)]
    assert all(np.array_equal(a.y, b.y) for a, b in zip(whole[12:], rest, strict=True))


def test_a_photo_is_turned_as_its_exif_says_and_transparency_is_black(studio, kit):
    exif = Pictures.Exif()
    exif[0x0112] = 6  # turn clockwise by a quarter
    rgb = np.zeros((96, 64, 3), np.uint8)
    rgb[:48] = 255  # top half white: it comes to lie on the right
    studio.image("p", rgb, exif=exif)
    seen = next(image_frames(Image("p", str(studio.media["p"].path), "p", 1.0, 0, 1), 96, 64, 1))
    assert seen.y[:, 60:].min() > 220
    assert seen.y[:, :36].max() < 30
    studio.image("t", np.zeros((64, 96, 4), np.uint8) + np.uint8([255, 255, 255, 0]))
    clear = next(image_frames(Image("t", str(studio.media["t"].path), "t", 1.0, 0, 1), 96, 64, 1))
    assert clear.y.max() == 16


def test_unreadable_sources_are_named_and_leave_nothing(studio, kit):
    studio.clip("a", 3)
    studio.media["a"].path.write_bytes(b"#EXTM3U\nfile.mp4\n")
    with pytest.raises(UnsupportedMedia, match=r"a\.mp4"):
        shot_of(studio, kit, "a", 3)
    studio.media["a"].path.unlink()
    with pytest.raises(FileMissing, match=r"a\.mp4"):
        shot_of(studio, kit, "a", 3)
    big = studio.folder / "big.png"
    Pictures.new("1", (9000, 100)).save(big)
    with pytest.raises(UnsupportedMedia, match="too large"):
        next(image_frames(Image("b", str(big), "big.png", 1.0, 0, 1), 96, 64, 1))
    assert not list(studio.folder.glob("shot*"))


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    def write():
        with whole_file(tmp_path / "x.mp4") as part:
            part.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(RenderFailed, match="disk is full") as caught:
        write()
    assert str(tmp_path) in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_file_keeps_its_old_content_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "x"
    path.write_text("old", encoding="utf-8")
    with whole_file(path) as part:
        part.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_titles_fade_goes_on_over_a_cut():
    whole = [title_alpha(TitleLayer("t", "center", "medium", "#ffffff", 0, 20, 4), k) for k in range(20)]
    second = [title_alpha(TitleLayer("t", "center", "medium", "#ffffff", 2, 20, 4), k) for k in range(18)]
    assert whole[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])
    assert whole[::-1] == pytest.approx(whole)
    assert second == whole[2:]


def test_a_title_and_a_visualizer_are_drawn_over_a_copy_of_the_picture(studio, kit, monkeypatch):
    from nemo_notebook.engine.render import shot as module

    def mark(planes, index):
        planes.y[:8, :8] = 16 + 20 * index

    monkeypatch.setattr(module, "_draws", lambda *_: [mark])
    studio.clip("a", 8, rate=10)  # each frame is seen three times: what was drawn before must be gone
    seen = shot_of(studio, kit, "a", 9)
    assert [kit.number_of(p.y) for p in seen] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert [round(float(p.y[2:6, 2:6].mean()) - 16) // 20 for p in seen] == pytest.approx(list(range(9)), abs=1)
    assert all(abs(float(p.y[24:, 40:].std())) < 3 for p in seen)
