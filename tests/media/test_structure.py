from __future__ import annotations

import json

import numpy as np
import pytest
from media_files import write_sound
from songs import FULL, RATE, Part, make_song

from nemo_notebook.media.analysis import listen
from nemo_notebook.media.beats import measure_onsets, track_beats
from nemo_notebook.media.structure import find_structure, measure_energy

QUIET = frozenset({"pad", "notes"})
VERSE = frozenset({"kick", "snare", "hat", "bass"})
CLUB = (Part(8, QUIET, 0.7), Part(8, FULL), Part(4, QUIET, 0.6), Part(8, FULL), Part(4, QUIET, 0.6))
SONG = (Part(4, frozenset({"notes"}), 0.6), Part(8, VERSE, 0.7), Part(8, FULL), Part(4, QUIET, 0.5))


def structure_of(samples):
    onsets = measure_onsets(samples, RATE)
    return find_structure(samples, RATE, onsets, track_beats(samples, RATE, onsets).downbeats_s)


@pytest.mark.parametrize(
    ("bpm", "pattern", "form", "drops"),
    [(124, "house", CLUB, (1, 3)), (96, "rock", CLUB, (1, 3)), (112, "rock", SONG, (2,)), (90, "boom bap", SONG, (2,))],
)
def test_sections_and_drops_are_those_of_the_song_within_a_bar(bpm, pattern, form, drops):
    song = make_song(bpm, pattern=pattern, form=form, start_s=0.4, seed=5)
    found = structure_of(song.samples)
    starts_s = [start_s for start_s, _ in found.sections]
    bar_s = 240 / bpm
    assert starts_s[0] == 0
    assert starts_s[1:] == pytest.approx(song.parts_s[1:], abs=bar_s)
    assert found.drops_s == pytest.approx([song.parts_s[part] for part in drops], abs=bar_s)


def test_sections_start_on_downbeats_and_are_no_shorter_than_six_seconds():
    song = make_song(100, form=CLUB, seed=2)
    onsets = measure_onsets(song.samples, RATE)
    downbeats_s = track_beats(song.samples, RATE, onsets).downbeats_s
    found = find_structure(song.samples, RATE, onsets, downbeats_s)
    starts_s = [start_s for start_s, _ in found.sections]
    assert min(np.diff(starts_s)) >= 6
    for at_s in (*starts_s[1:], *found.drops_s):
        assert np.abs(np.asarray(downbeats_s) - at_s).min() < 0.002


@pytest.mark.parametrize("pattern", ["rock", "house", "eighths", "ballad"])
def test_a_song_of_one_part_has_one_section_and_no_drop(pattern):
    found = structure_of(make_song(110, 24, pattern=pattern, seed=1).samples)
    assert ([start_s for start_s, _ in found.sections], found.drops_s) == ([0.0], ())


def test_a_louder_section_is_said_to_be_louder():
    loudness = [loud for _, loud in structure_of(make_song(120, form=CLUB, seed=3).samples).sections]
    assert len(loudness) == 5
    assert min(loudness[1], loudness[3]) > 2 * max(loudness[0], loudness[2], loudness[4])
    assert all(0 <= loud <= 1 for loud in loudness)


def test_energy_follows_the_loudness_of_each_second():
    samples = make_song(120, 6, seed=4).samples[: 10 * RATE].copy()
    samples[: 5 * RATE] *= 0.25
    energy = measure_energy(samples, RATE)
    assert len(energy) == 10
    assert max(energy[:5]) < 0.35
    assert min(energy[5:]) > 0.6
    assert max(energy) <= 1


@pytest.mark.parametrize("length_s", [0, 0.01, 1, 3, 20])
@pytest.mark.parametrize("level", [0.0, 0.2])
def test_sound_without_form_has_one_section_at_most(length_s, level):
    samples = (level * np.random.default_rng(0).standard_normal(int(length_s * RATE))).astype(np.float32)
    found = find_structure(samples, RATE, measure_onsets(samples, RATE), ())
    assert len(found.sections) == (1 if len(samples) else 0)
    assert found.drops_s == ()
    assert len(found.energy) == int(np.ceil(length_s))


def test_without_beats_sections_start_where_the_sound_changes():
    rng = np.random.default_rng(1)
    hiss = rng.standard_normal(15 * RATE) * 0.05
    tone = 0.5 * np.sin(2 * np.pi * 110 * np.arange(15 * RATE) / RATE)
    samples = np.concatenate([hiss, tone]).astype(np.float32)
    found = find_structure(samples, RATE, measure_onsets(samples, RATE), ())
    assert [start_s for start_s, _ in found.sections] == pytest.approx([0, 15], abs=0.5)


def test_listening_gives_all_that_is_known_as_json(tmp_path):
    song = make_song(120, form=CLUB, start_s=0.3, seed=6)
    write_sound(tmp_path / "song.mp3", song.samples, rate=RATE, codec="libmp3lame")
    found = json.loads(json.dumps(listen(tmp_path / "song.mp3", "song.mp3")))
    assert set(found) == {
        "beats_s", "first_downbeat", "tempo", "energy", "sections", "drops_s", "cover_colors", "lufs",
        "peaks", "length_s", "content", "silences_ms",
    }  # fmt: skip
    assert found["tempo"] == pytest.approx(120, rel=0.005)
    assert found["beats_s"][found["first_downbeat"]] == pytest.approx(song.downbeats_s[0], abs=0.03)
    assert len(found["sections"]) == 5
    assert found["cover_colors"] == []
    assert found["content"] == "music"
    assert found["silences_ms"] == [[pytest.approx(64_300, abs=50), pytest.approx(1000 * found["length_s"], abs=1)]]
    assert -30 < found["lufs"] < 0
