"""What a state tells of the sounds of its draft, from the sound to the picture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from media_files import RATE, drums, write_sound
from talk import Talk
from visitor import Visitor

from nemo_notebook.engine.analyses import told_sounds
from nemo_notebook.engine.store import MediaRow
from nemo_notebook.film.timeline import Timeline, read_sounds
from nemo_notebook.media.analysis import peaks_of
from nemo_notebook.music import RATE as MUSIC_RATE, Recipe, beat_times_ms, synthesize

HEARD = {
    "beats_s": [0.13, 0.63, 1.13, 1.63, 2.13],
    "first_downbeat": 1,
    "tempo": 120.0,
    "peaks": [5, 100],
    "length_s": 20.0,
}
SONG = MediaRow("s", "s1", "my_song_final.mp3", "key", {"kind": "audio"})
OTHER = MediaRow("s", "s2", "other.mp3", "key", {"kind": "audio"})


def test_songs__that_the_draft_plays_are_told_and_no_others() -> None:
    draft = Talk("song+clips", "make a music video").draft
    (told,) = told_sounds(draft, [SONG, OTHER, SONG], {"s1": HEARD, "s2": HEARD}.get)
    assert told == {
        "hash": "s1",
        "filename": "my_song_final.mp3",
        "duration_ms": 20_000,
        "tempo": 120.0,
        "beats_ms": [130, 630, 1130, 1630, 2130],
        "downbeats_ms": [630],
        "peaks": [5, 100],
    }


def test_a_voice_over__has_a_waveform_and_no_beats() -> None:
    segment = {"id": "v", "s": 0, "d": 9000, "m": {"role": "speech", "media": "s1", "source": "my_song_final.mp3"}}
    draft = {"d": 9000, "t": [{"tt": 1, "sg": [segment]}]}
    (told,) = told_sounds(draft, [SONG], {"s1": HEARD}.get)
    assert (told["peaks"], told["beats_ms"], told["downbeats_ms"], told["tempo"]) == ([5, 100], [], [], None)
    picture = Timeline(draft, sounds=read_sounds([told])).plot().svg
    assert len(picture) > len(Timeline(draft).plot().svg) + 100
    draft["t"].append({"tt": 1, "sg": [{**segment, "id": "s", "m": {**segment["m"], "role": "song"}}]})
    assert told_sounds(draft, [SONG], {"s1": HEARD}.get)[0]["beats_ms"]


def test_songs__of_others_or_not_yet_listened_to_are_not_told() -> None:
    draft = Talk("song+clips", "make a music video").draft
    assert told_sounds(draft, [OTHER], {"s1": HEARD}.get) == []
    assert told_sounds(draft, [SONG], {}.get) == []


def test_composed_music__is_told_with_the_beats_that_it_will_have() -> None:
    talk = Talk("clips", "make a music video, cut on the beat")
    (told,) = told_sounds(talk.draft, [], {}.get)
    segment = talk.music
    recipe = Recipe.from_json(segment.raw["m"]["music"], round(segment.duration_ms))
    assert told["segment"] == segment.id
    assert told["beats_ms"] == [round(beat) for beat in beat_times_ms(recipe)]
    assert told["downbeats_ms"] == told["beats_ms"][::4]
    cuts = [shot.start_ms for shot in talk.kind("video")][1:]
    assert all(min(abs(cut - beat) for beat in told["beats_ms"]) < 40 for cut in cuts)


@pytest.mark.parametrize("mood", ["upbeat", "jazz", "epic"])
def test_composed_music__has_a_waveform_like_its_sound(mood: str) -> None:
    meta = {"music": {"mood": mood, "bpm": 110, "seed": 3}}
    (told,) = told_sounds({"t": [{"tt": 1, "sg": [{"id": "a", "d": 12_000, "m": meta}]}]}, [], {}.get)
    sound = synthesize(Recipe.from_json(meta["music"], 12_000))
    heard = peaks_of(np.abs(sound).max(axis=1), MUSIC_RATE)
    assert (len(told["peaks"]), max(told["peaks"])) == (len(heard), 100)
    assert np.corrcoef(told["peaks"], heard)[0, 1] > 0.6


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(["upbeat", "s1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["t", "tt", "sg", "m", "d", "id", "media", "music", "mood", "bpm", "seed", "cuts_ms"]),
            inner,
        )
    ),
    max_leaves=15,
)


@given(values, values, values)
def test_any_draft__is_told_of_or_passed_over(music: object, length: object, other: object) -> None:
    segments = [{"id": "a", "d": length, "m": {"music": music}}, {"id": "b", "d": 9000, "m": {"music": music}}, other]
    for draft in ({"t": [{"tt": 1, "sg": segments}]}, {"t": other}, {"t": [{"tt": 1, "sg": other}]}):
        read_sounds(json.loads(json.dumps(told_sounds(draft, [SONG], {"s1": HEARD}.get))))


def test_composed_music__with_more_cuts_than_anybody_makes_is_passed_over() -> None:
    music = {"mood": "upbeat", "bpm": 120, "seed": 7, "cuts_ms": list(range(0, 600_000, 100))}
    assert told_sounds({"t": [{"tt": 1, "sg": [{"id": "a", "d": 600_000, "m": {"music": music}}]}]}, [], {}.get) == []


def test_peaks__follow_the_loudness_ten_a_second() -> None:
    sound = np.concatenate([np.full(2 * RATE, 0.05), np.full(2 * RATE, -0.5)]).astype(np.float32)
    assert peaks_of(sound, RATE) == [10] * 20 + [100] * 20
    assert peaks_of(np.zeros(RATE, np.float32), RATE) == [0] * 10
    assert peaks_of(sound[:3], RATE) == [100]
    assert peaks_of(sound[:0], RATE) == []
    assert len(peaks_of(np.ones(400 * 100, np.float32), 100)) == 2000


def test_state__tells_what_the_picture_shows(http: Visitor, session_id: str, tmp_path: Path) -> None:
    samples, _ = drums(120, 12)
    write_sound(tmp_path / "song.wav", samples, RATE, codec="pcm_s16le")
    assert http.state(session_id)["video_analyses"] == []
    http.upload(session_id, (tmp_path / "song.wav").read_bytes(), "song.wav")
    http.say(session_id, "make a music video")
    now = http.state(session_id)
    (told,) = now["video_analyses"]
    assert (told["filename"], len(told["peaks"]), told["tempo"]) == ("song.wav", 120, pytest.approx(120, rel=0.01))
    assert told["hash"] == now["video_infos"][0]["hash"]
    line = Timeline(now["draft"], sounds=read_sounds(now["video_analyses"]))
    assert len(line.plot().svg) > len(Timeline(now["draft"]).plot().svg) + 500
