from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from timelines import SONG, line

from nemo_notebook.film.timeline import NOTHING, read_sounds


def test_sounds__are_found_by_hash_then_segment_then_name() -> None:
    composed = {"segment": "m", "filename": "composed", "beats_ms": [1]}
    known = read_sounds([SONG, composed, {"filename": "cloud.mp3", "beats_ms": [2]}])
    segments = [{"id": "a", "m": {"media": "h1"}}, {"id": "m"}, {"id": "z", "m": {"source": "cloud.mp3"}}, {"id": "-"}]
    found = [known.of(segment) for segment in line(segments, 1).tracks[0].segments]
    assert [sound and sound.beats_ms[:2] for sound in found] == [(0, 500), (1,), (2,), None]


@pytest.mark.parametrize("value", [None, 5, "x", {}, [5, None, []], [{"hash": 7, "beats_ms": "no"}]])
def test_sounds__of_what_is_none_are_nothing(value: object) -> None:
    assert read_sounds(value) == NOTHING


def test_sounds__are_limited_in_number_and_length() -> None:
    huge = {"beats_ms": list(range(10**5)), "peaks": [50] * 10**5, "downbeats_ms": [True, "1", -1, float("nan"), 3, 2]}
    known = read_sounds([{"hash": str(k), **huge} for k in range(300)])
    assert len(known.known) == 100
    sound = known.known["hash", "0"]
    assert (len(sound.beats_ms), len(sound.peaks), sound.downbeats_ms) == (10_000, 2_000, (2, 3))


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_sounds__anything_can_be_read(value: object) -> None:
    read_sounds(value)
    read_sounds([{"hash": "a", "beats_ms": value, "peaks": value, "duration_ms": value}])
