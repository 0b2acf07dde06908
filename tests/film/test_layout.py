"""Taking a stretch of time out of what is heard."""

from __future__ import annotations

import pytest

from nemo_notebook.film.draft import editable
from nemo_notebook.film.layout import cut_out


@pytest.mark.parametrize("role", ["song", "speech"])
def test_what_plays_a_file__goes_on_where_the_stretch_ends(role: str) -> None:
    meta = {"role": role, "media": "h", "in_ms": 500, "fade_in_ms": 200, "fade_out_ms": 300}
    draft = editable({"t": [{"tt": 1, "sg": [{"id": "a", "s": 1000, "d": 8000, "m": meta}]}]})
    cut_out(draft, 90, 120)
    first, rest = draft["t"][0]["sg"]
    assert [(s["s"], s["d"], s["m"]["in_ms"]) for s in (first, rest)] == [(1000, 2000, 500), (3000, 5000, 3500)]
    assert [(s["m"]["fade_in_ms"], s["m"]["fade_out_ms"]) for s in (first, rest)] == [(200, 0), (0, 300)]


def test_a_voice__whose_end_is_taken_away_is_not_faded() -> None:
    draft = editable({"t": [{"tt": 1, "sg": [{"id": "a", "s": 0, "d": 8000, "m": {"role": "speech", "media": "h"}}]}]})
    cut_out(draft, 150, 300)
    (left,) = draft["t"][0]["sg"]
    assert (left["d"], "fade_out_ms" in left["m"]) == (5000, False)
