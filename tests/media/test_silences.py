"""Silent stretches of sounds whose pauses are known."""

from __future__ import annotations

import numpy as np
import pytest
from media_files import write_sound, write_video
from songs import make_song
from voices import RATE, make_speech

from nemo_notebook.media.analysis import find_silences, hear_video

PAUSES_S = (0.9, 0.5, 1.4, 0.6, 2.0)


def room(count, dbfs, seed=0, slope=0.5):
    """The noise of a room: most of it low; with a slope of 1, rumble."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    spectrum /= np.maximum(np.fft.rfftfreq(count, 1 / RATE), 40) ** slope
    noise = np.fft.irfft(spectrum, count)
    return (10 ** (dbfs / 20) * noise / noise.std()).astype(np.float32)


@pytest.mark.parametrize("floor_dbfs", [None, -60, -45, -35])
@pytest.mark.parametrize(("seed", "slope"), [(1, 0.0), (2, 0.5), (3, 1.0), (4, 1.0)])
def test_pauses_in_speech_are_found_to_30_ms_whatever_the_room(floor_dbfs, seed, slope):
    samples, pauses_ms = make_speech(PAUSES_S, seed=seed)
    if floor_dbfs is not None:
        samples = samples + room(len(samples), floor_dbfs, seed, slope)
    found = find_silences(samples, RATE)
    assert np.array(found) == pytest.approx(np.array(pauses_ms), abs=30)
    assert all(isinstance(edge_ms, int) for stretch in found for edge_ms in stretch)


def test_pauses_under_400_ms_are_none():
    found = find_silences(make_speech((0.2, 0.3, 0.36, 0.6), seed=1)[0], RATE)
    assert [round((end_ms - start_ms) / 1000, 1) for start_ms, end_ms in found] == [0.6]


def test_a_click_does_not_end_a_silence():
    samples, pauses_ms = make_speech((0.9, 2.0, 0.0), seed=1)
    at = int((pauses_ms[1][0] / 1000 + 1) * RATE)
    samples[at : at + 150] = 0.1
    assert len(find_silences(samples, RATE)) == 2


def test_the_end_of_a_fade_is_silent_and_its_start_is_not():
    t = np.arange(10 * RATE) / RATE
    samples = (10 ** (-8 * t / 20) * 0.5 * np.sin(2 * np.pi * 330 * t)).astype(np.float32)  # 8 dB a second
    ((start_ms, end_ms),) = find_silences(samples, RATE)
    assert 4000 < start_ms < 8000
    assert end_ms == 10_000


@pytest.mark.parametrize("dbfs", [None, -75])
def test_a_silent_file_is_silent_as_a_whole(dbfs):
    samples = np.zeros(3 * RATE, np.float32) if dbfs is None else room(3 * RATE, dbfs)
    assert find_silences(samples, RATE) == [[0, 3000]]


@pytest.mark.parametrize("samples", [0, 1, RATE // 100, RATE // 5])
def test_what_is_shorter_than_a_silence_has_none(samples):
    assert find_silences(np.zeros(samples, np.float32), RATE) == []
    assert find_silences(room(RATE, -20)[:samples], RATE) == []


def test_steady_noise_alone_is_no_silence():
    assert find_silences(room(5 * RATE, -35), RATE) == []


def test_quiet_music_is_no_silence_and_a_break_is():
    loud = make_song(120, 4, seed=1).samples[: 6 * RATE]
    t = np.arange(2 * RATE) / RATE
    quiet = 0.01 * sum(np.sin(2 * np.pi * hz * t) for hz in (262, 330, 392, 523, 1046))
    samples = np.concatenate([loud, quiet, loud, np.zeros(RATE), loud]).astype(np.float32)
    for room_noise in (True, False):
        found = find_silences(samples, RATE, room_noise=room_noise)
        assert np.array(found) == pytest.approx(np.array([[14_000, 15_000]]), abs=250)


def test_the_sound_of_a_video_is_listened_to(tmp_path):
    write_video(tmp_path / "clip.mp4", frames=60, sound_s=2.0)
    found = hear_video(tmp_path / "clip.mp4", "clip.mp4")
    ((start_ms, end_ms),) = found["silences_ms"]
    assert (found["sound"], found["voices"]) == ([0.0] * 3, [0.0] * 3)  # its codec adds a little
    assert start_ms == 0
    assert end_ms == pytest.approx(2000, abs=60)


def test_a_video_without_sound_has_no_silences(tmp_path):
    write_video(tmp_path / "mute.mp4", frames=10)
    assert hear_video(tmp_path / "mute.mp4", "mute.mp4") == {"silences_ms": [], "sound": [], "voices": []}


def test_a_video_whose_sound_is_of_an_unknown_type_has_no_silences(tmp_path):
    write_video(tmp_path / "a.avi", frames=10, codec="mpeg4", sound_s=1.0)
    data = bytearray((tmp_path / "a.avi").read_bytes())
    form = data.index(b"strf", data.index(b"auds")) + 8
    data[form : form + 2] = b"\x77\x77"
    (tmp_path / "a.avi").write_bytes(data)
    assert hear_video(tmp_path / "a.avi", "a.avi")["silences_ms"] == []


def test_silences_survive_an_encoder(tmp_path):
    samples, pauses_ms = make_speech(PAUSES_S, seed=1)
    write_sound(tmp_path / "voice.mp3", samples, RATE, codec="libmp3lame")
    found = hear_video(tmp_path / "voice.mp3", "voice.mp3")
    assert np.array(found["silences_ms"]) == pytest.approx(np.array(pauses_ms), abs=60)
