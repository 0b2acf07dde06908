from __future__ import annotations

from typing import Any

from cases import cases

from nemo_notebook.film.tracks import count_segments, read_segments


@cases
def test_reader__knows_the_candidate_names(segment: dict[str, Any], start: float, length: float) -> None:
    (found,) = read_segments({"t": [{"tt": 0, "sg": [segment]}]})
    assert (found.start_ms, found.duration_ms) == (start, length)


def test_reader__segments_without_a_start_follow_one_another() -> None:
    found = read_segments({"t": [{"tt": 1, "sg": [{"d": 100}, {"d": 50, "vol": 0.5}, {"d": 25, "m": {"volume": 1}}]}]})
    assert [(s.start_ms, s.volume) for s in found] == [(0, None), (100, 0.5), (150, 1)]


def test_count__is_at_least_what_is_read() -> None:
    draft = {"t": [{"sg": [{"d": 1}, {"d": 2}, 5]}, {"segments": [{}]}, {"sg": "no"}, None]}
    assert (count_segments(draft), len(read_segments(draft))) == (4, 3)
    assert count_segments(None) == count_segments({"t": 5}) == 0
