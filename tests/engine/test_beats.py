from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from nemo_notebook.engine.media.beats import track_beats
from nemo_notebook.engine.media.decode import mono

sys.path.insert(0, str(Path(__file__).parent))
from media_files import RATE, clicks, drums, write_sound


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
def test_drums__slow_with_hats_on_eighths_are_found_at_one_octave_or_the_other(bpm):
    sound, _ = drums(bpm, 20)
    assert track_beats(sound, RATE).tempo / bpm in (pytest.approx(1, rel=0.005), pytest.approx(2, rel=0.005))


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


def test_energy__follows_the_loudness_of_each_second():
    sound, _ = drums(120, 10)
    sound[: 5 * RATE] *= 0.25
    energy = track_beats(sound, RATE).energy
    assert len(energy) == 10
    assert max(energy[:5]) < 0.35
    assert min(energy[5:]) > 0.8
    assert max(energy) <= 1


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0),
        np.zeros(RATE * 5),
        np.full(RATE * 5, 0.5),
        np.random.default_rng(1).standard_normal(RATE * 20) * 0.3,
        np.sin(np.arange(RATE * 10) * 0.1),
        drums(120, 0.5)[0],
    ],
    ids=["nothing", "silence", "dc", "noise", "tone", "half a second"],
)
def test_sound_without_rhythm__has_no_beats(sound):
    beats = track_beats(sound.astype(np.float32), RATE)
    assert (beats.beats_s, beats.tempo) == ((), 0.0)
    assert beats.duration_s == pytest.approx(len(sound) / RATE, abs=1e-3)


@pytest.mark.parametrize(("name", "codec", "container"), [("s.mp3", "libmp3lame", None), ("s.m4a", "aac", "mp4")])
def test_encoded_song__has_its_beats_where_they_were(tmp_path, name, codec, container):
    sound, times = drums(120, 12, rate=44100)
    write_sound(tmp_path / name, sound, codec=codec, container=container)
    beats = track_beats(mono(tmp_path / name, name), RATE)
    assert abs(np.median(lags_s(beats.beats_s, times))) < 0.008
    assert f_measure(beats.beats_s, times, 0.02) > 0.97


def test_beats__are_json_and_the_same_every_time():
    sound, _ = drums(96, 8)
    first, second = track_beats(sound, RATE), track_beats(sound, RATE)
    assert first == second
    assert json.loads(json.dumps(first.to_json()))["beats_s"] == list(first.beats_s)
