"""Written MIDI files, read back."""

from __future__ import annotations

from collections import Counter

import pytest
from music_measures import read_midi

from nemo_notebook.music import MOODS, compose, make_recipe, write_midi

CUTS = (1_700, 4_100, 6_350, 8_800)


@pytest.mark.parametrize("mood", MOODS)
def test_midi_holds_every_note_at_its_time_though_the_tempo_bends(mood, tmp_path):
    recipe = make_recipe(mood, 12_000, 4, cuts_ms=CUTS)
    write_midi(recipe, tmp_path / "track.mid")
    kind, tracks = read_midi((tmp_path / "track.mid").read_bytes())
    assert kind == 1
    score = compose(recipe)
    read = [note for track in tracks for note in track.notes]
    assert len(read) == len(score.notes)
    starts = sorted(note[0] for note in read)
    assert max(abs(a - b.start_s) for a, b in zip(starts, score.notes, strict=True)) < 0.0015
    pitched = [note for note in read if note[2] != 9]
    wanted = Counter(note.pitch for note in score.notes if note.part != "drums")
    assert Counter(note[3] for note in pitched) == wanted


def test_midi_has_a_track_a_part_with_its_program_and_drums_on_channel_ten(tmp_path):
    recipe = make_recipe("rock", 16_000, 2)
    write_midi(recipe, tmp_path / "track.mid")
    _, tracks = read_midi((tmp_path / "track.mid").read_bytes())
    assert not tracks[0].notes
    assert {track.name.split(":")[0] for track in tracks[1:]} == {n.part for n in compose(recipe).notes}
    for track in tracks[1:]:
        channels = {note[2] for note in track.notes}
        assert channels == ({9} if track.name == "drums" else channels - {9})
        assert len(channels) == 1
        assert len(track.programs) == (0 if track.name == "drums" else 1)
        assert all(1 <= note[4] <= 127 and note[1] > note[0] for note in track.notes)
    assert any(30 in track.programs for track in tracks)  # distorted guitar


def test_same_recipe_writes_the_same_bytes(tmp_path):
    for name in ("a.mid", "b.mid"):
        write_midi(make_recipe("jazz", 9_000, 7), tmp_path / name)
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
