from __future__ import annotations

import av
import numpy as np
import pytest
from clips import joined, shown, texture, write_clip
from PIL import Image, ImageFilter

from nemo_notebook.media import scenes, thumbnails
from nemo_notebook.media.moments import HEIGHT, WIDTH, MomentMeter, edge_sharpness
from nemo_notebook.media.scenes import watch

FPS = 15


def planes(luma):
    """Grey pictures as `yuv420p`."""
    return np.pad(np.rint(luma).astype(np.uint8), ((0, 0), (0, HEIGHT // 2), (0, 0)), constant_values=128)


def measured(luma, *, aspect=9 / 16, quarters=0):
    meter = MomentMeter(aspect, quarters)
    for number, picture in enumerate(planes(luma)):
        meter.see(number / FPS, picture, None if number % 5 else picture[:HEIGHT])
    return meter.moments((), -(-len(luma) // FPS))


def along(ways, seed=3):
    """A picture with details of all sizes, as photos have them, seen moved by ways (n, 2) in pixels right and down."""
    size = (8 * 80, 8 * 140)
    details = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None])
    details[0, 0] = 1
    large = np.fft.irfft2(np.fft.rfft2(np.random.default_rng(seed).standard_normal(size)) / details, size)
    large = np.clip(120 + 40 * large / large.std(), 16, 235)
    return np.stack([_window(large, 8 * x, 8 * y) for x, y in ways])


def _window(large, x, y):
    left, top = round(8 * 38 - x), round(8 * 22 - y)
    return large[top : top + 8 * HEIGHT, left : left + 8 * WIDTH].reshape(HEIGHT, 8, WIDTH, 8).mean(axis=(1, 3))


def ways(*, pan=(0.0, 0.0), shake=0.0, frames=45):
    line = (np.arange(frames)[:, None] - frames / 2) * np.array(pan)
    return line + shake * np.random.default_rng(5).standard_normal((frames, 2))


@pytest.mark.parametrize("pan", [(0.5, 0.0), (-0.7, 0.25), (0.0, -0.375)])
def test_a_pan_is_told_with_its_speed_and_is_steady(pan):
    found = measured(along(ways(pan=pan)))
    right, down = pan[0] * FPS / WIDTH, pan[1] * FPS / HEIGHT
    assert np.array(found.pan) == pytest.approx(np.array([[right, down]] * 3), abs=0.012)
    assert min(found.steadiness) > 0.8


def test_the_more_a_hand_shakes_the_less_steady_it_is():
    worse = [min(measured(along(ways(shake=shake))).steadiness) for shake in (0.0, 0.1, 0.3, 1.0)]
    assert worse == sorted(worse, reverse=True)
    assert worse[0] > 0.99
    assert worse[2] < 0.4


def test_edges_are_the_sharper_the_less_they_are_blurred_whatever_their_contrast():
    rng = np.random.default_rng(1)
    blocks = np.kron(rng.integers(30, 220, (18, 32)), np.ones((20, 20))).astype(np.uint8)
    blurred = [np.asarray(Image.fromarray(blocks).filter(ImageFilter.GaussianBlur(size))) for size in (0, 1, 2, 4)]
    values = [edge_sharpness(picture) for picture in blurred]
    assert values == sorted(values, reverse=True)
    assert values[0] == 1.0
    assert values[3] < 0.3
    assert edge_sharpness(blurred[1] // 2) == pytest.approx(values[1], abs=0.08)
    assert edge_sharpness(np.full((360, 640), 90, np.uint8)) == 0.0


@pytest.mark.parametrize(
    ("quarters", "expected"), [(0, (0.77, 0.31)), (1, (0.31, 0.23)), (2, (0.23, 0.69)), (3, (0.69, 0.77))]
)
def test_the_eye_goes_to_what_moves_as_it_is_shown(quarters, expected):
    luma = np.full((30, HEIGHT, WIDTH), 90.0) + texture(2, (HEIGHT, WIDTH)) / 12
    for number, picture in enumerate(luma):
        left = 46 + number % 3
        picture[8:14, left : left + 5] = 200
    assert measured(luma, quarters=quarters).focus[0] == pytest.approx(expected, abs=0.07)


def test_where_nothing_stands_out_the_eye_stays_in_the_middle():
    assert measured(np.full((15, HEIGHT, WIDTH), 90.0)).focus == ((0.5, 0.5),)


def test_each_second_of_a_video_is_told_and_of_a_long_one_what_keyframes_tell(tmp_path, monkeypatch):
    luma, _ = joined(*[shown(texture(seed), 45, seed=seed) for seed in range(2)])
    write_clip(tmp_path / "clip.mp4", luma, g="15")
    found = watch(tmp_path / "clip.mp4", "clip.mp4")
    series = (found.sharpness, found.steadiness, found.focus, found.pan, found.colors)
    assert {len(each) for each in series} == {3}
    assert max(found.colors) < 0.01
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        keys = [float(p.pts * p.time_base) for p in clip.demux(video=0) if p.is_keyframe and p.pts is not None]
    assert found.keyframes_s == pytest.approx(keys, abs=0.001)
    assert all(0 <= value <= 1 for value in (*found.sharpness, *found.steadiness, *sum(found.focus, ())))
    monkeypatch.setattr(scenes, "_ALL_PIXELS", 1)
    long = watch(tmp_path / "clip.mp4", "clip.mp4")
    assert (len(long.sharpness), len(long.focus), long.steadiness, long.pan) == (3, 3, (), ())


def test_the_place_in_a_picture_file_is_that_of_the_picture_upright(tmp_path):
    picture = Image.new("RGB", (640, 480), "#405060")
    picture.paste("#f0c0a0", (480, 100, 560, 180))
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter clockwise
    picture.save(tmp_path / "a.jpg", exif=exif)
    assert thumbnails.look_at(tmp_path / "a.jpg", "a.jpg") == pytest.approx((1 - 140 / 480, 520 / 640), abs=0.06)
