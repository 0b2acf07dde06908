from __future__ import annotations

import json

import numpy as np
import pytest
from cases import cases
from clips import joined, shown, texture, write_clip
from hostile_media import gif_of
from media_files import drums, write_sound

from nemo_notebook.errors import UnsupportedMedia
from nemo_notebook.media import scenes
from nemo_notebook.media.scenes import find_scenes, watch

FPS = 30


def found(luma, **how):
    return find_scenes(np.arange(len(luma)) / FPS, luma, **how)


@cases
def test_every_cut_is_found_at_its_frame_and_nothing_else(light, how):
    luma, cuts = joined(*[shown(texture(seed, light=light), 25 + 3 * seed, seed=seed, **how) for seed in range(6)])
    assert found(luma).scenes_s == pytest.approx(cuts / FPS, abs=1e-3)


def test_cuts_a_third_of_a_second_apart_are_all_found():
    luma, cuts = joined(*[shown(texture(seed), 10, seed=seed) for seed in range(50, 56)])
    assert found(luma).scenes_s == pytest.approx(cuts / FPS, abs=1e-3)


def flashes():
    gain = np.ones(90)
    gain[[20, 21, 50, 51, 52, 70]] = 3
    return shown(texture(60), 90, gain=gain)


def fades():
    return shown(texture(61), 80, gain=np.concatenate([np.linspace(0, 1, 20), np.ones(40), np.linspace(1, 0, 20)]))


def dissolve():
    one, other = shown(texture(62), 60, seed=1), shown(texture(63), 60, seed=2)
    way = np.linspace(0, 1, 60)[:, None, None]
    return one * (1 - way) + other * way


@pytest.mark.parametrize("picture", [flashes, fades, dissolve])
def test_flashes_fades_and_dissolves_are_no_cuts(picture):
    assert found(joined(picture())[0]).scenes_s == ()


def test_motion_and_brightness_are_those_of_each_second():
    calm, busy = shown(texture(1, light=(10, 60)), 60), shown(texture(2, light=(120, 250)), 60, pan=4)
    result = found(joined(calm, busy)[0])
    assert len(result.motion) == len(result.brightness) == 4
    assert max(result.motion[:2]) < 0.15 < 2 * min(result.motion[2:])
    assert max(result.brightness[:2]) < 0.3
    assert min(result.brightness[2:]) > 0.6
    assert all(0 <= value <= 1 for value in (*result.motion, *result.brightness))


def test_motion_does_not_depend_on_how_many_frames_were_looked_at():
    luma, _ = joined(shown(texture(3), 60, pan=1))
    half = find_scenes(np.arange(0, 60, 2) / FPS, luma[::2])
    assert np.mean(half.motion) == pytest.approx(np.mean(found(luma).motion), rel=0.5)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_very_short_videos_have_no_cuts_and_one_second(count):
    result = found(joined(shown(texture(4), count))[0])
    assert (result.scenes_s, len(result.motion), len(result.brightness)) == ((), 1, 1)


@pytest.mark.parametrize("options", [{}, {"g": "250", "bf": "3"}], ids=["usual", "many B frames"])
def test_cuts_of_an_encoded_video_are_found_within_two_frames(tmp_path, options):
    luma, cuts = joined(*[shown(texture(seed), 40, seed=seed) for seed in range(4)])
    write_clip(tmp_path / "clip.mp4", luma, **options)
    result = watch(tmp_path / "clip.mp4", "clip.mp4")
    assert result.scenes_s == pytest.approx(cuts / FPS, abs=2.1 / FPS)
    assert json.loads(json.dumps(result.to_json()))["scenes_s"] == list(result.scenes_s)
    assert result == watch(tmp_path / "clip.mp4", "clip.mp4")


def test_of_a_long_video_only_some_keyframes_are_decoded(tmp_path, monkeypatch):
    luma, cuts = joined(*[shown(texture(seed), 90, seed=seed) for seed in range(3)])
    write_clip(tmp_path / "long.mp4", luma, g="15", sc_threshold="0")
    monkeypatch.setattr(scenes, "_ALL_PIXELS", 1)
    decoded, small = [], scenes._small
    monkeypatch.setattr(scenes, "_small", lambda scaler, frame: decoded.append(frame.key_frame) or small(scaler, frame))
    result = watch(tmp_path / "long.mp4", "long.mp4")
    assert decoded == [True] * 9
    assert result.scenes_s == pytest.approx(cuts / FPS, abs=1.0)
    assert len(result.motion) == len(result.brightness) == 9


def test_of_many_frames_only_so_many_are_looked_at_however_small_they_are(tmp_path, monkeypatch):
    (tmp_path / "many.gif").write_bytes(gif_of(500))
    monkeypatch.setattr(scenes, "_ALL_FRAMES", 100)
    seen, small = [], scenes._small
    monkeypatch.setattr(scenes, "_small", lambda scaler, frame: seen.append(1) or small(scaler, frame))
    watch(tmp_path / "many.gif", "many.gif")  # it says how many it has: some are chosen
    assert len(seen) < 100
    seen.clear()
    monkeypatch.setattr(scenes, "_keyframes_apart_s", lambda *_: 0.0)
    watch(tmp_path / "many.gif", "many.gif")  # as a file would that does not say it
    assert len(seen) == 100


def test_frames_are_scaled_by_one_scaler(tmp_path, monkeypatch):
    (tmp_path / "some.gif").write_bytes(gif_of(20))
    scalers, small = [], scenes._small
    monkeypatch.setattr(scenes, "_small", lambda scaler, frame: scalers.append(scaler) or small(scaler, frame))
    watch(tmp_path / "some.gif", "some.gif")
    assert (len(scalers), len(set(map(id, scalers)))) == (20, 1)


def test_a_song_cannot_be_watched(tmp_path):
    write_sound(tmp_path / "song.mp3", drums(120, 2, rate=44100)[0], codec="libmp3lame")
    with pytest.raises(UnsupportedMedia, match="no picture"):
        watch(tmp_path / "song.mp3", "song.mp3")


def test_a_video_that_is_cut_off_is_watched_as_far_as_it_goes(tmp_path):
    luma, cuts = joined(*[shown(texture(seed), 60, seed=seed) for seed in range(2)])
    write_clip(tmp_path / "clip.mkv", luma)
    whole = (tmp_path / "clip.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) * 9 // 10])
    assert watch(tmp_path / "cut.mkv", "cut.mkv").scenes_s == pytest.approx(cuts / FPS, abs=2.1 / FPS)
