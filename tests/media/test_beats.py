from __future__ import annotations

import numpy as np
import pytest
from cases import cases
from media_files import RATE, clicks, drums, write_sound
from songs import FULL, Part, make_song, speech

from nemo_notebook.media.analysis import mono
from nemo_notebook.media.beats import track_beats


def f_measure(found, expected, within_s):
    away = np.abs(np.asarray(found)[:, None] - np.asarray(expected)[None, :])
    precision, recall = (away.min(axis=1) <= within_s).mean(), (away.min(axis=0) <= within_s).mean()
    return 2 * precision * recall / max(precision + recall, 1e-9)


def lags_s(found, expected):
    return np.array([(beat - expected)[np.abs(beat - expected).argmin()] for beat in found])


@pytest.mark.parametrize("start_s", [0.0, 0.37])
@pytest.mark.parametrize("bpm", [60, 75, 90, 110, 120.5, 140, 160, 174, 190])
def test_clicks__every_beat_is_found_within_20_ms(bpm, start_s):
    sound, times = clicks(bpm, 20, start_s)
    beats = track_beats(sound, RATE)
    assert beats.tempo == pytest.approx(bpm, rel=0.005)
    assert np.abs(lags_s(beats.beats_s, times)).max() < 0.02
    assert f_measure(beats.beats_s, times, 0.02) > 0.99


@pytest.mark.parametrize("bpm", [84, 100, 120.5, 128, 150, 174])
def test_drums__every_beat_is_found_within_20_ms(bpm):
    sound, times = drums(bpm, 20, 0.2)
    beats = track_beats(sound, RATE)
    assert beats.tempo == pytest.approx(bpm, rel=0.005)
    assert f_measure(beats.beats_s, times, 0.02) > 0.99


@pytest.mark.parametrize("bpm", [60, 67, 75])
def test_drums__slow_with_hats_on_eighths_are_not_read_at_twice_their_tempo(bpm):
    sound, times = drums(bpm, 30)
    beats = track_beats(sound, RATE)
    assert beats.tempo == pytest.approx(bpm, rel=0.005)
    assert f_measure(beats.beats_s, times, 0.02) > 0.99


@cases
def test_songs__are_read_at_their_own_octave_with_beats_within_10_ms_and_bars_where_they_are(pattern, bpm):
    song = make_song(bpm, max(6, bpm // 10), pattern=pattern, pickup=1, start_s=0.3, seed=11)
    beats = track_beats(song.samples, RATE)
    assert beats.tempo == pytest.approx(bpm, rel=0.005)
    assert np.median(np.abs(lags_s(beats.beats_s, song.beats_s))) < 0.01
    assert f_measure(beats.beats_s, song.beats_s, 0.03) > 0.95
    assert f_measure(beats.downbeats_s, song.downbeats_s, 0.03) > 0.9


@pytest.mark.parametrize("swing", [0.0, 0.6, 1.0])
def test_swing__does_not_move_the_beats(swing):
    song = make_song(104, 12, pattern="boom bap", swing=swing, seed=3)
    assert np.abs(np.median(lags_s(track_beats(song.samples, RATE).beats_s, song.beats_s))) < 0.005


def test_drift__is_followed():
    song = make_song(110, 16, drift=0.01, noise=0.02, seed=8)
    assert f_measure(track_beats(song.samples, RATE).beats_s, song.beats_s, 0.03) > 0.95


def test_a_breakdown__of_another_rhythm_keeps_the_beat():
    parts = (Part(4, FULL), Part(6, frozenset({"pad", "notes"}), 0.6), Part(8, FULL))
    song = make_song(118, pattern="house", form=parts, seed=4)
    assert f_measure(track_beats(song.samples, RATE).beats_s, song.beats_s, 0.04) > 0.9


def test_song_without_drums__has_its_beats():
    song = make_song(96, 12, pattern="none", seed=2)
    assert f_measure(track_beats(song.samples, RATE).beats_s, song.beats_s, 0.03) > 0.9


def test_drums__loud_off_beat_hats_do_not_draw_the_beats_to_them():
    t = np.arange(int(0.25 * RATE)) / RATE
    kick = 0.6 * np.sin(2 * np.pi * np.cumsum(48 + 110 * np.exp(-t * 38)) / RATE) * np.exp(-t * 14)
    hat = 0.9 * np.random.default_rng(3).standard_normal(len(t)) * np.exp(-t * 12)
    hat -= np.convolve(hat, np.ones(8) / 8, "same")
    times = np.arange(0, 19.9, 0.5)
    sound = np.zeros(20 * RATE + RATE)
    for time in times:
        for at, shape in ((time, kick), (time + 0.25, hat)):
            sound[round(at * RATE) : round(at * RATE) + len(t)] += shape
    beats = track_beats(sound[: 20 * RATE].astype(np.float32), RATE)
    assert f_measure(beats.beats_s, times, 0.03) > 0.95


def test_beats__reach_from_the_first_sound_to_the_last():
    sound, times = drums(120, 12)
    quiet = np.zeros(3 * RATE, np.float32)
    beats = track_beats(np.concatenate([quiet, sound, quiet]), RATE)
    assert beats.beats_s[0] == pytest.approx(3.0, abs=0.02)
    assert beats.beats_s[-1] == pytest.approx(3.0 + times[-1], abs=0.02)


def test_beats__go_on_through_a_pause_within_the_song():
    sound, times = drums(120, 16)
    sound[round(6.9 * RATE) : round(8.9 * RATE)] = 0
    beats = track_beats(sound, RATE)
    assert np.diff(beats.beats_s).max() < 0.6
    assert f_measure(beats.beats_s, times, 0.03) > 0.95


@pytest.mark.parametrize("phase", [0, 1, 3])
def test_downbeats__start_where_the_bass_is_loudest(phase):
    sound, times = clicks(110, 20, 0.3)
    t = np.arange(int(0.3 * RATE)) / RATE
    accent = (0.9 * np.sin(2 * np.pi * 60 * t) * np.exp(-t * 9)).astype(np.float32)
    for time in times[phase::4]:
        part = sound[round(time * RATE) :][: len(t)]
        part += accent[: len(part)]
    beats = track_beats(sound, RATE)
    assert beats.downbeats_s[1] == pytest.approx(times[phase + 4], abs=0.02)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0),
        np.zeros(RATE * 5),
        np.full(RATE * 5, 0.5),
        np.random.default_rng(1).standard_normal(RATE * 20) * 0.3,
        np.sin(np.arange(RATE * 10) * 0.1),
        drums(120, 0.5)[0],
        speech(8, seed=1),
        speech(25, seed=2),
    ],
    ids=["nothing", "silence", "dc", "noise", "tone", "half a second", "short speech", "speech"],
)
def test_sound_without_rhythm__has_no_beats(sound):
    beats = track_beats(sound.astype(np.float32), RATE)
    assert (beats.beats_s, beats.tempo) == ((), 0.0)


@pytest.mark.parametrize(("name", "codec", "container"), [("s.mp3", "libmp3lame", None), ("s.m4a", "aac", "mp4")])
def test_encoded_song__has_its_beats_where_they_were(tmp_path, name, codec, container):
    sound, times = drums(120, 12, rate=44100)
    write_sound(tmp_path / name, sound, codec=codec, container=container)
    beats = track_beats(mono(tmp_path / name, name), RATE)
    assert abs(np.median(lags_s(beats.beats_s, times))) < 0.008
    assert f_measure(beats.beats_s, times, 0.02) > 0.97


def test_beats__are_the_same_every_time():
    sound, _ = drums(96, 8)
    first, second = track_beats(sound, RATE), track_beats(sound, RATE)
    assert first == second
    assert all(isinstance(beat, float) for beat in first.beats_s)
