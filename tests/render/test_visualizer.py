from __future__ import annotations

import numpy as np
import pytest
from grey_picture import grey

from nemo_notebook.errors import UsageError
from nemo_notebook.render import spectrum as features
from nemo_notebook.render.drawing import PALETTES, backdrop, palette_of, to_yuv
from nemo_notebook.render.planes import Planes
from nemo_notebook.render.spectrum import BANDS, WAVE_POINTS, Spectrum
from nemo_notebook.render.visualizers import STYLES, draw

RATE, FPS = 48000, 30
CANVASES = [(640, 360), (360, 640), (360, 360), (64, 36), (1920, 1080)]


def strided(width, height):
    """A picture whose rows are longer than its width, as FFmpeg's are."""
    wide = grey(width + 32, height)
    return Planes(wide.y[:, :width], wide.u[:, : width // 2], wide.v[:, : width // 2])


def tone(hz, length_s, gain=0.5):
    wave = (gain * np.sin(2 * np.pi * hz * np.arange(int(length_s * RATE)) / RATE)).astype(np.float32)
    return np.stack([wave, wave], axis=1)


@pytest.fixture(scope="module")
def song():
    """Two seconds of silence, then a bass that beats twice a second under noise."""
    t = np.arange(4 * RATE) / RATE
    mono = 0.5 * np.sin(2 * np.pi * 60 * t) * np.exp(-6 * (t % 0.5))
    mono = mono + 0.02 * np.random.default_rng(0).standard_normal(len(t))
    return features.measure_spectrum(
        np.concatenate([np.zeros(2 * RATE), mono]).astype(np.float32)[:, None].repeat(2, 1), RATE, FPS
    )


def rows(level, count=3):
    bands = np.full((count, BANDS), level, np.float32)
    return Spectrum(bands, np.full(count, level, np.float32), np.zeros((count, WAVE_POINTS), np.int8))


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_measure__gives_one_row_a_film_frame_within_bounds(song):
    assert song.bands.shape == (180, BANDS)
    assert song.level.shape == (180,)
    assert song.wave.shape == (180, WAVE_POINTS)
    assert song.bands.min() >= 0
    assert 0.8 < song.bands.max() <= 1


def test_measure__silence_is_still_and_music_moves(song):
    assert song.bands[:55].max() < 0.05
    assert song.level[:55].max() < 0.05
    assert song.bands[70:170, :6].std() > 0.05


@pytest.mark.parametrize("hz", [60, 250, 1000, 4000, 10000])
def test_measure__a_tone_stands_in_its_band(hz):
    noise = np.random.default_rng(0).standard_normal((RATE, 2)).astype(np.float32) * 0.0005
    found = features.measure_spectrum(tone(hz, 1.0) + noise, RATE, FPS).bands[15].argmax()
    expected = np.log(hz / 40) / np.log(14000 / 40) * (BANDS + 1) - 1
    assert abs(found - expected) <= 1.5


def test_measure__does_not_depend_on_the_volume():
    sound = tone(200, 1.0, 0.4) + tone(3000, 1.0, 0.1)
    loud, quiet = features.measure_spectrum(sound, RATE, FPS), features.measure_spectrum(sound * 0.3, RATE, FPS)
    assert np.abs(loud.bands - quiet.bands).max() < 0.02


@pytest.mark.parametrize("samples", [0, 1, 100, 1599])
def test_measure__of_less_than_a_frame_is_one_frame(samples):
    assert features.measure_spectrum(np.full((samples, 2), 0.1, np.float32), RATE, FPS).bands.shape == (1, BANDS)


def test_spectrum__comes_back_from_its_file(song, tmp_path):
    song.save(tmp_path / "a.spectrum")
    again = Spectrum.load(tmp_path / "a.spectrum")
    assert again.digest() == song.digest()
    assert np.array_equal(again.bands, song.bands)


def test_slice__reaches_beyond_the_end_with_the_last_row(song):
    part = song.slice(170, 20)
    assert len(part.level) == 20
    assert np.array_equal(part.bands[-1], song.bands[-1])


def test_digest__tells_equal_stretches_from_others(song):
    assert song.slice(100, 20).digest() == song.slice(100, 20).digest()
    assert song.slice(100, 20).digest() != song.slice(101, 20).digest()


@pytest.mark.parametrize("palette", PALETTES)
def test_backdrop__is_dark_legal_and_without_bands(palette):
    planes = backdrop(320, 180, palette)
    assert (planes.y.shape, planes.u.shape, planes.y.dtype) == ((180, 320), (90, 160), np.uint8)
    assert planes.y.min() >= 15
    assert planes.y.max() < 110
    row = planes.y[90].astype(int)
    assert (np.diff(row) != 0).mean() > 0.3  # dithered: no long runs of one level
    assert same(planes, backdrop(320, 180, palette))


@pytest.mark.parametrize("over_picture", [False, True])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("width", "height"), CANVASES)
def test_draw__shows_something_from_the_first_frame_on_every_canvas(style, width, height, over_picture):
    planes = grey(width, height) if over_picture else backdrop(width, height, "neon")
    before = planes.copy()
    draw(planes, style, "neon", rows(0.0), 0, over_picture)
    assert (np.abs(planes.y.astype(int) - before.y) > 20).sum() >= 20


@pytest.mark.parametrize("style", [style for style in STYLES if style != "circular"])
@pytest.mark.parametrize("light", [16, 235])
def test_draw__over_a_picture_stands_out_and_leaves_its_upper_part_alone(style, light, song):
    planes = grey(640, 360, light)
    draw(planes, style, "sunset", song, 75, True)
    assert (planes.y[:180] == light).all()
    foot = planes.y[240:].astype(int)
    assert foot.max() - foot.min() > 60
    assert np.abs(planes.u.astype(int) - 128).max() > 15


def test_ring__stands_in_the_middle_of_a_picture_and_leaves_its_edges_alone(song):
    planes = grey(640, 360, 150)
    draw(planes, "circular", "sunset", song, 75, True)
    touched = np.argwhere(planes.y != 150)
    assert abs(touched[:, 0].mean() - 180) < 20
    assert abs(touched[:, 1].mean() - 320) < 6
    assert (planes.y[:, :150] == 150).all()
    assert planes.y[180, 320] > 75  # the subject is seen through it


@pytest.mark.parametrize("style", ["bars", "waveform", "circular", "spectrum"])
def test_draw__is_taller_for_louder_bands(style):
    lit = []
    for level in (0.1, 0.5, 1.0):
        planes = grey(640, 360, 16)
        draw(planes, style, "mono", rows(level), 0, False)
        lit.append(int((planes.y > 120).sum()))
    assert lit[0] * 1.1 < lit[1] < lit[2] * 0.9


@pytest.mark.parametrize("style", STYLES)
def test_draw__a_part_looks_like_the_whole_film_there(style, song):
    """A shot is drawn from its slice alone: what it shows of the moments before must not depend on where it begins."""
    whole, part = backdrop(640, 360, "gold"), backdrop(640, 360, "gold")
    draw(whole, style, "gold", song, 95, False)
    draw(part, style, "gold", song.slice(90, 20), 5, False)
    assert same(whole, part)


def test_waveform__runs_outwards():
    level = np.zeros(30, np.float32)
    level[10] = 1.0
    pulse = Spectrum(np.zeros((30, BANDS), np.float32), level, np.zeros((30, WAVE_POINTS), np.int8))
    reach = []
    for index in (10, 16, 22):
        planes = grey(640, 360, 16)
        draw(planes, "waveform", "mono", pulse, index, False)
        tall = np.flatnonzero((planes.y > 120).sum(axis=0) > 60)
        assert abs(tall.min() + tall.max() - 639) <= 12  # both ways alike
        reach.append(tall.max() - 320)
    assert reach[0] < reach[1] < reach[2]


def test_spectrum__the_ridge_of_a_moment_ago_stands_behind():
    bands = np.full((20, BANDS), 0.1, np.float32)
    bands[4] = 1.0
    gone = Spectrum(bands, np.zeros(20, np.float32), np.zeros((20, WAVE_POINTS), np.int8))
    now, later = grey(640, 360, 16), grey(640, 360, 16)
    draw(now, "spectrum", "mono", gone, 10, False)
    draw(later, "spectrum", "mono", gone, 19, False)
    assert now.y[:180].max() > later.y[:180].max() + 20


@pytest.mark.parametrize("style", STYLES)
def test_draw__colours_of_ones_own_go_before_the_palette(style, song):
    red, named = grey(640, 360, 16), grey(640, 360, 16)
    draw(red, style, "aurora", song, 95, False, ("#400000", "#a01010", "#ff4040"))
    draw(named, style, "aurora", song, 95, False, ("#400000", "red"))  # no three colours: the palette's
    lit = red.y[::2, ::2] > 60
    assert (red.v[lit] > 140).mean() > 0.9
    assert (named.v[named.y[::2, ::2] > 60] > 140).mean() < 0.6


@pytest.mark.parametrize("colors", [("#000000",) * 3, ("#0000ff", "#101010", "#ffffff"), ("#331100",) * 3])
def test_palette__dark_colours_are_drawn_lighter(colors):
    palette = palette_of("aurora", colors)
    light = to_yuv(np.array(palette.bright, float))[:, 0]
    assert light.min() > 95
    assert to_yuv(np.array(palette.dark, float))[:, 0].max() < 70


def test_line__follows_the_wave():
    wave = np.zeros((1, WAVE_POINTS), np.int8)
    wave[0] = np.round(120 * np.sin(np.linspace(0, 4 * np.pi, WAVE_POINTS)))
    planes = grey(640, 360, 16)
    draw(planes, "line", "mono", Spectrum(np.zeros((1, BANDS), np.float32), np.ones(1, np.float32), wave), 0, False)
    assert planes.y[:, 240].argmax() > 190  # three eighths along, the second trough is below the middle
    assert planes.y[:, 400].argmax() < 170


@pytest.mark.parametrize("over_picture", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_draw__into_rows_with_a_stride_is_the_same(style, over_picture, song):
    plain, with_stride = grey(640, 360), strided(640, 360)
    for planes in (plain, with_stride):
        draw(planes, style, "aurora", song, 90, over_picture)
    assert same(plain, with_stride)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("palette", PALETTES)
def test_draw__stays_in_legal_levels(style, palette, song):
    for index in (0, 75, 120):
        planes = backdrop(640, 360, palette)
        draw(planes, style, palette, song, index, False)
        assert planes.y.max() <= 236
        assert planes.y.min() >= 14
        assert min(planes.u.min(), planes.v.min()) >= 15
        assert max(planes.u.max(), planes.v.max()) <= 241


def test_draw__unknown_style_or_palette_names_what_there_is():
    with pytest.raises(UsageError, match="'lava'") as caught:
        draw(grey(64, 36), "lava", "neon", rows(0.5), 0, False)
    assert "bars" in caught.value.hint
    with pytest.raises(UsageError, match="'beige'"):
        draw(grey(64, 36), "bars", "beige", rows(0.5), 0, False)
