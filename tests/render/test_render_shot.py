"""Shots: exact frames, any source onto the canvas, true colours, cached whole or not at all."""

from __future__ import annotations

import errno
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from cases import cases
from covers import encoded
from hostile_media import jpeg_of
from picture_hash import Fingerprint, colour_card, fingerprint, look_alike
from PIL import Image as Pictures

from nemo_notebook.errors import DiskFull, FileMissing, MediaTooLarge, UnsupportedMedia
from nemo_notebook.render import sources
from nemo_notebook.render.cache import whole_file
from nemo_notebook.render.fit import Fitter, fit_size, focus_of
from nemo_notebook.render.formats import Output
from nemo_notebook.render.layers import Backdrop, Blend, Camera, Clip, Fade, Image, Look, Shot
from nemo_notebook.render.planes import Planes
from nemo_notebook.render.shot import fade_light, render_shot
from nemo_notebook.render.sources import cover_backdrop, cover_box

GOLDEN = json.loads((Path(__file__).parent / "golden_pictures.json").read_text(encoding="utf-8"))
SMALL = Output("mp4", "high", 96, 64, 30)


def image_frames(*args):
    """The frames of a photo, each with memory of its own."""
    return (Planes.of_frame(frame).copy() for frame in sources.image_frames(*args))


def clip_of(studio, name, in_ms=0.0, skip=0, **how):
    return Clip(name, str(studio.media[name].path), f"{name}.mp4", in_ms, skip, **how)


def drawn(studio, kit, frames, *layers, output=SMALL):
    path = studio.folder / "shot.mp4"
    render_shot(Shot(0, frames, layers), output, path, None, lambda done: None)
    return kit.pictures(path)


def shot_of(studio, kit, name, frames, output=SMALL, in_ms=0.0, skip=0, **how):
    return drawn(studio, kit, frames, clip_of(studio, name, in_ms, skip, **how), output=output)


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


@cases
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_speed_steps_through_the_source(studio, kit, speed, expected, suffix):
    studio.clip("a", 36, suffix=suffix)
    assert numbers(studio, kit, "a", 6, speed=speed) == [*expected]
    assert numbers(studio, kit, "a", 4, speed=speed, skip=2) == [*expected[2:]]


def test_speed_counts_from_the_in_point(studio, kit):
    studio.clip("a", 36)
    assert numbers(studio, kit, "a", 4, in_ms=200, speed=3.0, skip=1) == [9, 12, 15, 18]


def test_a_fast_clip_decodes_only_what_is_seen_and_what_it_needs(studio, kit, monkeypatch):
    from nemo_notebook.render import sources

    studio.clip("a", 36)
    made = []
    frames = sources._frames
    monkeypatch.setattr(sources, "_frames", lambda *packet: made.append(1) or frames(*packet))
    skipped = []
    decoded = sources._decoded

    def counting(container, stream, times):
        for item in decoded(container, stream, times):
            skipped.append(stream.codec_context.skip_frame)
            yield item

    monkeypatch.setattr(sources, "_decoded", counting)
    assert numbers(studio, kit, "a", 4, speed=8.0) == [0, 8, 16, 24]
    assert len(skipped) < 0.8 * len(made)


def test_before_a_clips_start_its_first_frame_stays_and_before_its_in_point_it_runs_up(studio, kit):
    studio.clip("a", 20)
    assert numbers(studio, kit, "a", 6, skip=-3) == [0, 0, 0, 0, 1, 2]
    assert numbers(studio, kit, "a", 6, in_ms=200, skip=-3) == [3, 4, 5, 6, 7, 8]
    assert numbers(studio, kit, "a", 4, in_ms=200, skip=-8, speed=2.0) == [0, 0, 0, 0]


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


@cases
def test_cropped_where_little_is_lost(source, fills):
    found = fit_size(*source, 1920, 1080)
    assert found.fills is fills
    assert (found.width >= 1920 and found.height >= 1080) if fills else (found.width <= 1920 and found.height <= 1080)
    assert found.width / found.height == pytest.approx(source[0] / source[1], rel=0.01)


CANVASES = {"16:9": (320, 180), "9:16": (180, 320), "1:1": (240, 240), "4:5": (240, 300)}


@pytest.mark.parametrize("how", ["auto", "crop", "blur", "pad"])
@pytest.mark.parametrize("aspect", CANVASES)
@pytest.mark.parametrize("source", [(320, 180), (180, 320)])
def test_every_fit_looks_as_it_was_drawn(how, aspect, source):
    canvas = Planes.black(*CANVASES[aspect])
    Fitter(*CANVASES[aspect], how).place(colour_card(*source).to_video_frame(), 1.0, canvas)
    seen = fingerprint(canvas)
    assert look_alike(seen, Fingerprint(*GOLDEN[f"fit {how} {aspect} {source[0]}x{source[1]}"])), seen


def test_much_cropping_keeps_what_there_is_to_see():
    picture = Planes.black(192, 64)
    picture.y[...] = 60
    picture.y[16:48:4, 150:170] = 220
    across, _ = focus_of(picture, 64, 64)
    left = across * (192 - 64)
    assert left + 12 <= 150 <= 170 <= left + 64
    plain = Planes.black(192, 64)
    assert focus_of(plain, 64, 64)[0] == pytest.approx(0.5, abs=0.02)


def test_all_shots_of_a_clip_are_cropped_alike(studio, kit):
    def wandering(k, width, height):
        planes = Planes.black(width, height)
        planes.y[...] = 60
        at = 20 if k < 4 else width - 60
        planes.y[8 : height - 8 : 4, at : at + 40] = 220
        return planes

    studio.clip("a", 8, size=(288, 64), paint=wandering)
    first = shot_of(studio, kit, "a", 8, fit="crop")
    second = shot_of(studio, kit, "a", 4, skip=4, fit="crop")
    assert float(first[1].y.std()) > 20  # what is seen first is in it
    assert all(np.abs(a.y.astype(int) - b.y).mean() < 2 for a, b in zip(first[4:], second, strict=True))


@pytest.mark.parametrize("pixels", ["rgba", "yuva420p", "yuva444p10le"])
def test_what_is_transparent_is_black(pixels):
    rgba = np.full((64, 96, 4), (250, 250, 250, 0), np.uint8)
    rgba[:, 48:, 3] = 255
    frame = av.VideoFrame.from_ndarray(rgba, "rgba").reformat(format=pixels)
    canvas = Planes.black(96, 64)
    Fitter(96, 64).place(frame, 1.0, canvas)
    assert canvas.y[:, :44].max() <= 18
    assert canvas.y[:, 52:].min() >= 220
    assert abs(canvas.u[:, :20].astype(int) - 128).max() <= 2


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_a_transparent_webm_lies_on_black(studio, kit, codec):
    path = studio.folder / "clear.webm"
    rgba = np.full((64, 96, 4), (250, 250, 250, 0), np.uint8)
    rgba[:, 48:, 3] = 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30, options={"auto-alt-ref": "0", "cpu-used": "8"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuva420p"
        stream.metadata["alpha_mode"] = "1"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgba, "rgba").reformat(format="yuva420p")))
        container.mux(stream.encode(None))
    seen = drawn(studio, kit, 3, Clip("clear", str(path), "clear.webm", 0.0, 0))
    assert all(picture.y[:, :40].max() <= 24 for picture in seen)
    assert all(picture.y[:, 56:].min() >= 215 for picture in seen)


@pytest.mark.parametrize("transfer", [16, 18, 2])
def test_ten_bits_and_hdr_come_to_eight_in_plausible_light(transfer):
    frame = av.VideoFrame(96, 64, "yuv420p10le")
    for plane, level in zip(frame.planes, (600, 512, 512), strict=True):
        np.frombuffer(memoryview(plane), np.uint16)[:] = level
    frame.color_trc = transfer
    canvas = Planes.black(96, 64)
    Fitter(96, 64).place(frame, 1.0, canvas)
    assert 120 <= int(canvas.y.min()) <= int(canvas.y.max()) <= 235
    assert abs(canvas.u.astype(int) - 128).max() <= 2


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


def test_a_look_is_seen_on_clips_and_photos_alike(studio, kit):
    studio.clip("a", 2, paint=lambda k, width, height: colour_card(width, height))
    studio.image("p", gradient())
    photo = Image("p", str(studio.media["p"].path), "p.png", look=Look("bw"), camera=Camera(end=(0.5, 0.5, 1.1), of=9))
    for layer in (clip_of(studio, "a", look=Look("bw")), photo):
        seen = drawn(studio, kit, 2, layer)[1]
        assert abs(seen.u.astype(int) - 128).max() <= 2
        assert float(seen.y.std()) > 20


@pytest.mark.parametrize("kind", ["dissolve", "push", "black", "circle"])
def test_a_blend_runs_from_one_clip_to_the_other(studio, kit, kind):
    studio.clip("a", 20, paint=lambda k, width, height: _flat(width, height, 60))
    studio.clip("b", 20, paint=lambda k, width, height: _flat(width, height, 200))
    under, over = clip_of(studio, "a", skip=4), clip_of(studio, "b", skip=-5)
    seen = [float(p.y.mean()) for p in drawn(studio, kit, 10, Blend(kind, under, over, 0, 10))]
    assert seen[0] == pytest.approx(60, abs=20)
    assert seen[-1] == pytest.approx(200, abs=20)
    rest = [float(p.y.mean()) for p in drawn(studio, kit, 4, Blend(kind, under, over, 6, 10))]
    assert rest == pytest.approx(seen[6:], abs=1.5)


def _flat(width, height, level):
    planes = Planes.black(width, height)
    planes.y[...] = level
    return planes


def test_a_blend_with_nothing_comes_out_of_black(studio, kit):
    studio.clip("a", 20, paint=lambda k, width, height: _flat(width, height, 200))
    seen = [float(p.y.mean()) for p in drawn(studio, kit, 9, Blend("dissolve", None, clip_of(studio, "a"), 0, 9))]
    assert seen == sorted(seen)
    assert seen[0] < 26 < 190 < seen[-1]


@pytest.mark.parametrize("out", [False, True])
def test_a_fade_takes_all_the_light_and_its_clip_with_it(studio, kit, out):
    studio.clip("a", 4, paint=lambda k, width, height: _flat(width, height, 200))
    seen = [float(p.y.mean()) for p in drawn(studio, kit, 8, clip_of(studio, "a"), Fade(out, 0, 8))]
    seen = seen[::-1] if out else seen
    assert seen[0] == pytest.approx(16, abs=0.5)
    assert seen == sorted(seen)
    assert seen[-1] > 170


def test_a_fade_goes_on_over_shots():
    whole = [fade_light(Fade(True, 0, 12), k) for k in range(12)]
    assert [fade_light(Fade(True, 5, 12), k) for k in range(7)] == whole[5:]


def art(rgb=(200, 40, 40), size=300):
    return encoded(Pictures.new("RGB", (size, size), rgb))


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (240, 240), (240, 300), (2, 2)])
@pytest.mark.parametrize("style", ["", "bars", "circular", "line"])
def test_a_cover_lies_whole_on_the_canvas(size, style):
    left, top, wide, high = cover_box(*size, style)
    assert 0 <= left <= left + wide <= size[0]
    assert 0 <= top <= top + high <= size[1]
    assert [side % 2 for side in (left, top, wide, high)] == [0] * 4


def test_a_cover_is_sharp_and_bright_before_its_own_dim_blur():
    seen = cover_backdrop(art(), 320, 180, "bars")
    left, top, wide, high = cover_box(320, 180, "bars")
    inside = seen.y[top + 8 : top + high - 8, left + 8 : left + wide - 8]
    assert float(inside.std()) < 1
    assert float(inside.mean()) > float(seen.y[:, :40].mean()) + 25
    assert float(seen.v[:, :20].mean()) > 140  # the ground has its colour
    assert top + high < 0.66 * 180  # the foot is left to the bars


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", art()[:60], b"<svg/>"])
def test_a_cover_that_is_no_picture_leaves_the_palette(studio, kit, monkeypatch, data):
    monkeypatch.setitem(sys.modules, "nemo_notebook.media.thumbnails", SimpleNamespace(cover_art=lambda *_: data))
    plain = drawn(studio, kit, 1, Backdrop("aurora"))[0]
    assert np.array_equal(drawn(studio, kit, 1, Backdrop("aurora", (), "s", "s.mp3"))[0].y, plain.y)
    assert np.array_equal(drawn(studio, kit, 1, Backdrop("no such"))[0].y, plain.y)


def test_a_songs_cover_is_on_its_backdrop(studio, kit, monkeypatch):
    asked = []
    module = SimpleNamespace(cover_art=lambda path, name: asked.append((path, name)) or art())
    monkeypatch.setitem(sys.modules, "nemo_notebook.media.thumbnails", module)
    seen = drawn(studio, kit, 1, Backdrop("aurora", (), "s", "/uploads/s.mp3"))[0]
    assert float(seen.v[seen.v.shape[0] // 2, seen.v.shape[1] // 2]) > 180
    assert asked == [(Path("/uploads/s.mp3"), "s.mp3")]


def gradient():
    across, down = np.meshgrid(np.linspace(0, 1, 1152), np.linspace(0, 1, 768))
    return np.stack([255 * across, 255 * down, 128 + 0 * down], axis=2).astype(np.uint8)


CLOSER = (0.5, 0.5, 1.2)


@pytest.mark.parametrize("camera", [Camera(end=CLOSER, of=60), Camera(start=CLOSER, of=60)])
def test_a_camera_zooms_evenly_around_the_middle(studio, camera):
    studio.image("p", gradient())
    image = Image("p", str(studio.media["p"].path), "p.png", camera=camera)
    seen = list(image_frames(image, 768, 512, 60))
    left = np.array([float(p.y[160:352, :32].mean()) for p in seen])
    steps = np.diff(left) * (1 if camera.end == CLOSER else -1)  # inwards, the left edge shows ever brighter columns
    assert steps.min() > 0
    assert steps.std() < 0.4 * steps.mean()
    middles = [float(p.y[240:272, 368:400].mean()) for p in seen]
    assert max(middles) - min(middles) < 1.5


def test_a_photo_goes_on_where_the_shot_before_left_it(studio):
    studio.image("p", gradient())
    image = Image("p", str(studio.media["p"].path), "p", camera=Camera(end=(0.2, 0.5, 1.1), of=20))
    whole = list(image_frames(image, 96, 64, 20))
    rest = list(image_frames(replace(image, camera=replace(image.camera, skip=12)), 96, 64, 8))
    assert all(np.array_equal(a.y, b.y) for a, b in zip(whole[12:], rest, strict=True))


def test_a_photo_is_turned_as_its_exif_says_and_transparency_is_black(studio, kit):
    exif = Pictures.Exif()
    exif[0x0112] = 6  # turn clockwise by a quarter
    rgb = np.zeros((96, 64, 3), np.uint8)
    rgb[:48] = 255  # top half white: it comes to lie on the right
    studio.image("p", rgb, exif=exif)
    seen = next(image_frames(Image("p", str(studio.media["p"].path), "p"), 96, 64, 1))
    assert seen.y[:, 60:].min() > 220
    assert seen.y[:, :36].max() < 30
    studio.image("t", np.zeros((64, 96, 4), np.uint8) + np.uint8([255, 255, 255, 0]))
    clear = next(image_frames(Image("t", str(studio.media["t"].path), "t"), 96, 64, 1))
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
    (studio.folder / "scans.jpg").write_bytes(jpeg_of(600))
    for name, reason in (("big.png", "9000×100 pixels"), ("scans.jpg", "more than 100 scans")):
        with pytest.raises(MediaTooLarge, match=reason):
            next(image_frames(Image("b", str(studio.folder / name), name), 96, 64, 1))
    assert not list(studio.folder.glob("shot*"))


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    def write():
        with whole_file(tmp_path / "x.mp4") as part:
            part.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull, match=r"disk is full.* needs at least 0 kB, and .* are free") as caught:
        write()
    assert str(tmp_path) in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_a_file_keeps_its_old_content_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "x"
    path.write_text("old", encoding="utf-8")
    with whole_file(path) as part:
        part.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_title_and_a_visualizer_are_drawn_over_a_copy_of_the_picture(studio, kit, monkeypatch):
    from nemo_notebook.render import shot as module

    def mark(planes, index):
        planes.y[:8, :8] = 16 + 20 * index

    monkeypatch.setattr(module, "_draws", lambda *_: [mark])
    studio.clip("a", 8, rate=10)  # each frame is seen three times: what was drawn before must be gone
    seen = shot_of(studio, kit, "a", 9)
    assert [kit.number_of(p.y) for p in seen] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert [round(float(p.y[2:6, 2:6].mean()) - 16) // 20 for p in seen] == pytest.approx(list(range(9)), abs=1)
    assert all(abs(float(p.y[24:, 40:].std())) < 3 for p in seen)


def levels(pictures):
    return [round(float(picture.y.mean())) for picture in pictures]


def test_backwards__shows_the_same_frames_the_other_way_round_in_every_piece(studio, kit):
    studio.clip("a", 34)
    there = levels(shot_of(studio, kit, "a", 30, in_ms=100))
    back = {"reverse": True, "of": 30, "in_ms": 100}
    assert levels(shot_of(studio, kit, "a", 30, **back)) == there[::-1]
    pieces = [levels(shot_of(studio, kit, "a", frames, skip=skip, **back)) for skip, frames in ((0, 18), (18, 12))]
    assert pieces[0] + pieces[1] == there[::-1]


def test_a_ramp_and_a_frozen_frame__show_what_their_times_say(studio, kit):
    studio.clip("a", 34)
    there = levels(shot_of(studio, kit, "a", 34))
    ramp = levels(shot_of(studio, kit, "a", 24, speed=0.5, end_speed=2.0, of=24))
    assert ramp == [there[int(0.5 * k + 1.5 / 48 * k * k + 0.06)] for k in range(24)]
    assert levels(shot_of(studio, kit, "a", 5, in_ms=500, speed=0.0)) == [there[15]] * 5
